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

/* HMAC (RFC 2104) of a text in two pieces: proof that it comes from who has the key. */
void	sum_hmac_sha256(const void *key, size_t key_len, const void *a, size_t a_len, const void *b, size_t b_len,
	    uint8_t to[SUM_SHA256]);

#endif
