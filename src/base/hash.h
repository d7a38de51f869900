/* hash.h - one keyed 64-bit hash for every table.
 *
 * The key comes from the system at start, so that nobody on the wire can choose
 * colliding flows.  It must never show in the output: tables are searched by
 * hash, but nothing is ever emitted in hash order.
 */
#ifndef BASE_HASH_H
#define BASE_HASH_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/wide.h"

/* Finalizer of a multiply-fold hash: both halves of a 128-bit product. */
static inline uint64_t
hash_mix(uint64_t a, uint64_t b)
{
	const struct wide m = wide_mul(a, b);

	return m.low ^ m.high;
}

/* Hash n bytes of our own memory (a key struct without padding, or a payload). */
static inline uint64_t
hash_bytes(uint64_t key, const void *data, size_t n)
{
	const uint8_t *p = data;
	uint64_t h = key ^ (n * 0x9e3779b97f4a7c15u), a, b;

	while (n >= 16) {
		memcpy(&a, p, 8);
		memcpy(&b, p + 8, 8);
		h = hash_mix(a ^ 0xa0761d6478bd642fu ^ h, b ^ 0xe7037ed1a0b428dbu ^ key);
		p += 16;
		n -= 16;
	}
	a = b = 0;
	if (n >= 8) {
		memcpy(&a, p, 8);
		memcpy(&b, p + n - 8, 8);
	} else if (n > 0)
		memcpy(&a, p, n);
	h = hash_mix(a ^ 0x8ebc6af09c88c6e3u ^ h, b ^ 0x589965cc75374cc3u ^ key);
	return hash_mix(h, 0x1d8e4e27c47d124fu ^ key);
}

/* For tables whose evictions can be seen in the output: a replay uses this one, so that it
 * gives the same output each time; a live sensor a key of the system. */
#define HASH_REPLAY_KEY 0x6a09e667f3bcc908u

/* A key from the system's randomness. */
uint64_t hash_key(void);

#endif
