#include "output/chain.h"

#include <inttypes.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"

#define DIGEST		32u
#define ENDS		"}}"		/* of "ot", and of the record */
#define LINK_MAX	256u

static const char link_key[] = ",\"chain\":{\"n\":", prev_key[] = ",\"prev\":\"", hash_key[] = "\",\"hash\":\"";
static const char head_key[] = "\"chain\":{\"n\":", head_hash_key[] = ",\"hash\":\"";
static const char heartbeat_key[] = "\"event_type\":\"heartbeat\"";

struct chain {
	EVP_MD_CTX		*sum;		/* owned; made once, so that adding a link allocates nothing */
	struct chain_link	 last;
};

static void
zeros(char hex[CHAIN_HEX])
{
	memset(hex, '0', CHAIN_HEX - 1);
	hex[CHAIN_HEX - 1] = '\0';
}

struct chain *
chain_open(void)
{
	struct chain *c = calloc(1, sizeof(*c));

	if (c == NULL)
		return NULL;
	c->sum = EVP_MD_CTX_new();
	if (c->sum == NULL || EVP_DigestInit_ex(c->sum, EVP_sha256(), NULL) != 1) {
		chain_close(c);
		return NULL;
	}
	zeros(c->last.prev);
	zeros(c->last.hash);
	return c;
}

void
chain_close(struct chain *c)
{
	if (c == NULL)
		return;
	EVP_MD_CTX_free(c->sum);
	free(c);
}

void
chain_resume(struct chain *c, const struct chain_link *last)
{
	c->last = *last;
}

const struct chain_link *
chain_last(const struct chain *c)
{
	return &c->last;
}

/* Over `prev` and the two pieces of a record that stand around its link. */
static bool
digest(struct chain *c, const char *prev, const char *a, size_t n_a, const char *b, size_t n_b, char hex[CHAIN_HEX])
{
	static const char digits[] = "0123456789abcdef";
	uint8_t md[EVP_MAX_MD_SIZE];

	if (EVP_DigestInit_ex(c->sum, NULL, NULL) != 1 || EVP_DigestUpdate(c->sum, prev, CHAIN_HEX - 1) != 1 ||
	    EVP_DigestUpdate(c->sum, a, n_a) != 1 || EVP_DigestUpdate(c->sum, b, n_b) != 1 ||
	    EVP_DigestFinal_ex(c->sum, md, NULL) != 1)
		return false;
	for (unsigned i = 0; i < DIGEST; i++) {
		hex[2 * i] = digits[md[i] >> 4];
		hex[2 * i + 1] = digits[md[i] & 15];
	}
	hex[CHAIN_HEX - 1] = '\0';
	return true;
}

bool
chain_add(struct chain *c, struct line *to)
{
	const size_t ends = sizeof(ENDS) - 1;
	struct chain_link next = { .n = c->last.n + 1 };
	char text[LINK_MAX];
	struct strbuf s = strbuf_on(text, sizeof(text));
	char *at;

	if (to->len < ends || memcmp(to->text + to->len - ends, ENDS, ends) != 0)
		return false;
	memcpy(next.prev, c->last.hash, CHAIN_HEX);
	if (!digest(c, next.prev, to->text, to->len, NULL, 0, next.hash))
		return false;
	strbuf_printf(&s, "%s%" PRIu64 "%s%s%s%s\"}", link_key, next.n, prev_key, next.prev, hash_key, next.hash);
	if (s.cut || to->size - to->len < s.len)
		return false;
	at = to->text + to->len - ends;
	memcpy(at, text, s.len);
	memcpy(at + s.len, ENDS, ends);
	to->len += s.len;
	c->last = next;
	return true;
}

/* ---- reading ------------------------------------------------------------------- */

struct reader {
	const char	*p, *end;
	bool		 bad;
};

static void
expect(struct reader *r, const char *text)
{
	size_t n = strlen(text);

	if (r->bad || (size_t)(r->end - r->p) < n || memcmp(r->p, text, n) != 0)
		r->bad = true;
	else
		r->p += n;
}

static uint64_t
number(struct reader *r)
{
	uint64_t v = 0;
	unsigned digits = 0;

	for (; !r->bad && r->p < r->end && *r->p >= '0' && *r->p <= '9' && digits < 19; digits++)
		v = v * 10 + (uint64_t)(*r->p++ - '0');
	r->bad |= digits == 0;
	return v;
}

static void
hex(struct reader *r, char to[CHAIN_HEX])
{
	if (r->bad || strspn(r->p, "0123456789abcdef") < CHAIN_HEX - 1) {	/* a NUL ends it */
		r->bad = true;
		return;
	}
	memcpy(to, r->p, CHAIN_HEX - 1);
	to[CHAIN_HEX - 1] = '\0';
	r->p += CHAIN_HEX - 1;
}

/* Where `key` stands for the last time in the last LINK_MAX bytes; NULL: nowhere. */
static const char *
last_of(const char *p, size_t n, const char *key)
{
	size_t len = strlen(key), most = n < LINK_MAX ? n : LINK_MAX;

	for (size_t back = len; back <= most; back++)
		if (memcmp(p + n - back, key, len) == 0)
			return p + n - back;
	return NULL;
}

static size_t
without_newline(const char *p, size_t n)
{
	while (n > 0 && (p[n - 1] == '\n' || p[n - 1] == '\r'))
		n--;
	return n;
}

/* With a NUL behind it. */
static bool
copy_end(const char *p, size_t n, char to[LINK_MAX + 1])
{
	if (n > LINK_MAX)
		return false;
	memcpy(to, p, n);
	to[n] = '\0';
	return true;
}

bool
chain_read(const char *record, size_t n, struct chain_link *to)
{
	char text[LINK_MAX + 1];
	struct reader r = { text, text, false };
	const char *at;

	n = without_newline(record, n);
	at = last_of(record, n, link_key);
	if (at == NULL || !copy_end(at, (size_t)(record + n - at), text))
		return false;
	r.end = text + strlen(text);
	memset(to, 0, sizeof(*to));
	expect(&r, link_key);
	to->n = number(&r);
	expect(&r, prev_key);
	hex(&r, to->prev);
	expect(&r, hash_key);
	hex(&r, to->hash);
	expect(&r, "\"}" ENDS);
	return !r.bad && r.p == r.end && to->n > 0;
}

bool
chain_holds(struct chain *c, const char *record, size_t n, const struct chain_link *link)
{
	const size_t ends = sizeof(ENDS) - 1;
	char is[CHAIN_HEX];
	const char *at;

	n = without_newline(record, n);
	at = last_of(record, n, link_key);
	return at != NULL && n >= ends &&
	    digest(c, link->prev, record, (size_t)(at - record), record + n - ends, ends, is) && strcmp(is, link->hash) == 0;
}

bool
chain_read_head(const char *record, size_t n, struct chain_link *to)
{
	char text[LINK_MAX + 1];
	struct reader r = { text, text, false };
	const char *at;

	n = without_newline(record, n);
	if (memmem(record, n, heartbeat_key, sizeof(heartbeat_key) - 1) == NULL)
		return false;
	at = last_of(record, n, head_key);
	if (at == NULL || !copy_end(at, (size_t)(record + n - at), text))
		return false;
	r.end = text + strlen(text);
	memset(to, 0, sizeof(*to));
	expect(&r, head_key);
	to->n = number(&r);
	expect(&r, head_hash_key);
	hex(&r, to->hash);
	expect(&r, "\"}}" ENDS);
	zeros(to->prev);
	return !r.bad && r.p == r.end;
}
