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
