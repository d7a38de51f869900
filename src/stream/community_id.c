/* community_id.c - one name for a conversation in every tool.
 *
 * community-id-spec 1.0 (github.com/corelight/community-id-spec): "1:" and the
 * base64 of SHA-1 over seed, ends in order, protocol, zero, ports in order. */
#include "stream/room.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>

struct community {
	EVP_MD_CTX	*ctx;	/* owned; set up once, so that later use allocates nothing */
};

#define SHA1_LEN 20

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

struct community *
community_open(void)
{
	struct community *c = calloc(1, sizeof(*c));

	if (c == NULL)
		return NULL;
	c->ctx = EVP_MD_CTX_new();
	if (c->ctx == NULL || EVP_DigestInit_ex(c->ctx, EVP_sha1(), NULL) != 1) {
		community_close(c);
		return NULL;
	}
	return c;
}

void
community_close(struct community *c)
{
	if (c == NULL)
		return;
	EVP_MD_CTX_free(c->ctx);
	free(c);
}

static size_t
put16(uint8_t *to, uint16_t v)
{
	to[0] = (uint8_t)(v >> 8);
	to[1] = (uint8_t)v;
	return 2;
}

void
community_make(struct community *c, struct flow *f, uint16_t seed)
{
	uint8_t in[2 + 16 + 16 + 2 + 4], sha[EVP_MAX_MD_SIZE], answer;
	uint16_t port[2] = { f->port[0], f->port[1] };
	size_t skip = f->ip_v == 4 ? 12 : 0, len = 16 - skip, n = 0;
	bool ordered = true, ports = false;
	unsigned lo, sha_len = 0;
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
	/* NULL: the digest chosen at the start, without fetching it again. */
	if (EVP_DigestInit_ex(c->ctx, NULL, NULL) != 1 || EVP_DigestUpdate(c->ctx, in, n) != 1 ||
	    EVP_DigestFinal_ex(c->ctx, sha, &sha_len) != 1 || sha_len != SHA1_LEN)
		return;
	memcpy(f->community_id, "1:", 2);
	(void)EVP_EncodeBlock((unsigned char *)f->community_id + 2, sha, SHA1_LEN);
}
