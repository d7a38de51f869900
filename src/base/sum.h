/* sum.h - MD5 and SHA-256 of a buffer, without allocation. */
#ifndef BASE_SUM_H
#define BASE_SUM_H

#include <stddef.h>
#include <stdint.h>

#define SUM_MD5		16u
#define SUM_SHA256	32u

/* For look-ups in lists of sums; MD5 proves nothing. */
void	sum_md5(const uint8_t *p, size_t n, uint8_t to[SUM_MD5]);
void	sum_sha256(const uint8_t *p, size_t n, uint8_t to[SUM_SHA256]);

#endif
