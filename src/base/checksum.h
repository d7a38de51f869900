/* checksum.h - the Internet checksum, RFC 1071. */
#ifndef BASE_CHECKSUM_H
#define BASE_CHECKSUM_H

#include <stddef.h>
#include <stdint.h>

#include "base/cursor.h"

/* Add n bytes to a running sum.  A range that is followed by another one must
 * have an even length. */
static inline uint64_t
sum_add(uint64_t sum, const uint8_t *data, size_t n)
{
	struct cursor c = cur_of(data, n);

	while (cur_left(&c) >= 4)
		sum += cur_be32(&c);
	if (cur_left(&c) >= 2)
		sum += cur_be16(&c);
	if (cur_left(&c) == 1)
		sum += (uint64_t)cur_u8(&c) << 8;
	return sum;
}

/* The sum over data that includes its checksum: 0 when that is right. */
static inline uint16_t
sum_fold(uint64_t sum)
{
	while (sum >> 16 != 0)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)~sum;
}

#endif
