/* community_id.c - one name for a conversation in every tool.
 *
 * community-id-spec 1.0 (github.com/corelight/community-id-spec): "1:" and the
 * base64 of SHA-1 over seed, ends in order, protocol, zero, ports in order. */
#include "stream/internal.h"

#include <string.h>

/* EVP_DigestInit_ex() of OpenSSL 3.0 allocates at each use, which the packet
 * path may not; the older functions work on a struct of the caller's. */
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/evp.h>
#include <openssl/sha.h>

bool
icmp_answer(unsigned v, uint8_t type, uint8_t *answer)
{
	/* Pairs of question and answer, as the specification lists them. */
	static const uint8_t v4[][2] = { { 0, 8 }, { 9, 10 }, { 13, 14 }, { 15, 16 }, { 17, 18 } };
	static const uint8_t v6[][2] = { { 128, 129 }, { 130, 131 }, { 133, 134 }, { 135, 136 },
	    { 139, 140 }, { 144, 145 } };
	const uint8_t (*t)[2] = v == 4 ? v4 : v6;
	size_t n = v == 4 ? sizeof(v4) / sizeof(v4[0]) : sizeof(v6) / sizeof(v6[0]);

	for (size_t i = 0; i < n; i++)
		for (unsigned k = 0; k < 2; k++)
			if (t[i][k] == type) {
				*answer = t[i][k ^ 1];
				return true;
			}
	return false;
}

static size_t
put16(uint8_t *to, uint16_t v)
{
	to[0] = (uint8_t)(v >> 8);
	to[1] = (uint8_t)v;
	return 2;
}

void
stream_community_id(const struct flow *f, uint16_t seed, char to[COMMUNITY_ID_MAX])
{
	uint8_t in[2 + 16 + 16 + 2 + 4], sha[SHA_DIGEST_LENGTH], answer;
	uint16_t port[2] = { f->port[0], f->port[1] };
	size_t skip = f->ip_v == 4 ? 12 : 0, len = 16 - skip, n = 0;
	bool ordered = true, ports = false;
	SHA_CTX ctx;
	unsigned lo;
	int order;

	switch (f->proto) {
	case IP_TCP:
	case IP_UDP:
	case IP_SCTP:
		ports = true;
		break;
	case IP_ICMP:
	case IP_ICMPV6:
		ports = true;
		if (icmp_answer(f->proto == IP_ICMP ? 4 : 6, (uint8_t)port[0], &answer))
			port[1] = answer;
		else
			ordered = false;	/* a message without an answer has one direction */
		break;
	default:
		port[0] = port[1] = 0;
		break;
	}
	order = memcmp(f->addr[0].b + skip, f->addr[1].b + skip, len);
	lo = ordered && (order > 0 || (order == 0 && port[0] > port[1]));
	n += put16(in + n, seed);
	memcpy(in + n, f->addr[lo].b + skip, len);
	n += len;
	memcpy(in + n, f->addr[lo ^ 1].b + skip, len);
	n += len;
	in[n++] = f->proto;
	in[n++] = 0;
	if (ports) {
		n += put16(in + n, port[lo]);
		n += put16(in + n, port[lo ^ 1]);
	}
	if (SHA1_Init(&ctx) != 1 || SHA1_Update(&ctx, in, n) != 1 || SHA1_Final(sha, &ctx) != 1)
		return;
	memcpy(to, "1:", 2);
	(void)EVP_EncodeBlock((unsigned char *)to + 2, sha, sizeof(sha));
}
