/* sum.c - MD5 and SHA-256, by libcrypto. */
#include "base/sum.h"

#include <string.h>

/* EVP_DigestInit_ex() of OpenSSL 3.0 allocates at each use, which the packet
 * path may not; the older functions work on a struct of the caller's. */
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/md5.h>
#include <openssl/sha.h>

void
sum_md5(const uint8_t *p, size_t n, uint8_t to[SUM_MD5])
{
	MD5_CTX c;

	if (MD5_Init(&c) != 1 || MD5_Update(&c, p, n) != 1 || MD5_Final(to, &c) != 1)
		memset(to, 0, SUM_MD5);
}

void
sum_sha256(const uint8_t *p, size_t n, uint8_t to[SUM_SHA256])
{
	SHA256_CTX c;

	if (SHA256_Init(&c) != 1 || SHA256_Update(&c, p, n) != 1 || SHA256_Final(to, &c) != 1)
		memset(to, 0, SUM_SHA256);
}

void
sum_hmac_sha256(const void *key, size_t key_len, const void *a, size_t a_len, const void *b, size_t b_len,
    uint8_t to[SUM_SHA256])
{
	uint8_t block[SHA256_CBLOCK] = { 0 }, inner[SUM_SHA256];
	SHA256_CTX c;

	if (key_len > sizeof(block))
		sum_sha256(key, key_len, block);
	else
		memcpy(block, key, key_len);
	for (size_t i = 0; i < sizeof(block); i++)
		block[i] ^= 0x36;
	(void)SHA256_Init(&c);
	(void)SHA256_Update(&c, block, sizeof(block));
	(void)SHA256_Update(&c, a, a_len);
	(void)SHA256_Update(&c, b, b_len);
	(void)SHA256_Final(inner, &c);
	for (size_t i = 0; i < sizeof(block); i++)
		block[i] ^= 0x36 ^ 0x5c;
	(void)SHA256_Init(&c);
	(void)SHA256_Update(&c, block, sizeof(block));
	(void)SHA256_Update(&c, inner, sizeof(inner));
	(void)SHA256_Final(to, &c);
}
