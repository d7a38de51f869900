/* inet_sum.h - the Internet checksum (RFC 1071) of many bytes, eight at a time.
 *
 * In the machine's byte order, on which the sum does not depend (RFC 1071, 2 B): a range
 * with its right checksum sums to 0xffff either way.
 */
#ifndef BASE_INET_SUM_H
#define BASE_INET_SUM_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Add n bytes to a sum.  A range that is followed by another must have an even length. */
static inline uint64_t
inet_sum(uint64_t sum, const uint8_t *p, size_t n)
{
	uint64_t w, rest = 0;
	uint32_t four;
	uint16_t two;

	for (; n >= 8; p += 8, n -= 8) {
		memcpy(&w, p, 8);
		sum += w;
		sum += sum < w;		/* end-around carry */
	}
	if ((n & 4) != 0) {
		memcpy(&four, p, 4);
		rest = four;
		p += 4;
	}
	if ((n & 2) != 0) {
		memcpy(&two, p, 2);
		rest += two;
		p += 2;
	}
	if ((n & 1) != 0) {
		two = 0;
		memcpy(&two, p, 1);
		rest += two;
	}
	sum += rest;
	return sum + (sum < rest);
}

/* Add a number as it would stand in the bytes. */
static inline uint64_t
inet_sum16(uint64_t sum, uint16_t v)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	v = (uint16_t)(v << 8 | v >> 8);
#endif
	sum += v;
	return sum + (sum < v);
}

/* Down to 16 bits, not complemented. */
static inline uint16_t
inet_fold(uint64_t sum)
{
	sum = (sum & 0xffffffffu) + (sum >> 32);
	sum = (sum & 0xffffffffu) + (sum >> 32);
	sum = (sum & 0xffffu) + (sum >> 16);
	sum = (sum & 0xffffu) + (sum >> 16);
	return (uint16_t)((sum & 0xffffu) + (sum >> 16));
}

#endif
