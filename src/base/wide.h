/* wide.h - products of 64-bit numbers, whole: small processors have no 128-bit integers. */
#ifndef BASE_WIDE_H
#define BASE_WIDE_H

#include <stdint.h>

struct wide {
	uint64_t	high, low;
};

/* The same by 32-bit halves, for where there are none; anywhere for its test. */
static inline struct wide
wide_mul_halves(uint64_t a, uint64_t b)
{
	uint64_t a0 = (uint32_t)a, a1 = a >> 32, b0 = (uint32_t)b, b1 = b >> 32;
	uint64_t low = a0 * b0, middle = a1 * b0 + (low >> 32), other = a0 * b1 + (uint32_t)middle;

	return (struct wide){ a1 * b1 + (middle >> 32) + (other >> 32), other << 32 | (uint32_t)low };
}

static inline struct wide
wide_mul(uint64_t a, uint64_t b)
{
#ifdef __SIZEOF_INT128__
	__extension__ typedef unsigned __int128 u128;
	u128 m = (u128)a * b;

	return (struct wide){ (uint64_t)(m >> 64), (uint64_t)m };
#else
	return wide_mul_halves(a, b);
#endif
}

/* The lower half of w / 2^n. */
static inline uint64_t
wide_shifted(struct wide w, unsigned n)
{
	return n == 0 ? w.low : n < 64 ? w.high << (64 - n) | w.low >> n : n < 128 ? w.high >> (n - 64) : 0;
}

#endif
