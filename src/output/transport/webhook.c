/* webhook.c - lines by POST to whatever takes them.
 *
 * One line goes as what it is, several as lines (application/x-ndjson).  Where the format has a scheme for it the secret is a token in the
 * header Authorization (InfluxDB).  Else, with a secret and no user, each request is signed:
 * X-Thermowell-Timestamp has the second, X-Thermowell-Signature "sha256=" and the HMAC-SHA256 of that number, a dot, and
 * the body.  An answer of 2xx means that all lines arrived.
 */
#include "output/transport/transport.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/sum.h"
#include "base/thread.h"
#include "output/transport/post.h"
#include "output/transport/secret.h"

struct webhook {
	char	type[128], stamp[64], signature[64 + 2 * SUM_SHA256];
	char	login[SECRET_MAX + 64];
};

static bool
webhook_open(struct post *p, struct err *e)
{
	p->own = calloc(1, sizeof(struct webhook));
	if (p->own == NULL)
		err_add(e, NULL, 0, 0, "no memory for the output %s", p->s.name);
	return p->own != NULL;
}

static void
webhook_close(struct post *p)
{
	free(p->own);
}

static void
webhook_make(struct post *p, unsigned n, struct text *body, struct http_request *r)
{
	struct webhook *k = p->own;
	const char *secret = http_secret(p->http);
	uint8_t sum[SUM_SHA256];
	char second[32];
	size_t at;

	for (unsigned i = 0; i < n; i++) {
		text_put(body, p->text.bytes + p->lines[i].at, p->lines[i].len);
		if (n > 1)
			text_str(body, "\n");
	}
	(void)snprintf(k->type, sizeof(k->type), "Content-Type: %.100s", n > 1 ? p->s.lines_type != NULL ? p->s.lines_type : "application/x-ndjson" :
	    p->s.content_type != NULL ? p->s.content_type : "application/json");
	r->headers[0] = k->type;
	r->login = true;
	if (p->s.auth != NULL && secret[0] != '\0' && p->s.user == NULL) {
		(void)snprintf(k->login, sizeof(k->login), "Authorization: %s %s", p->s.auth, secret);
		r->headers[1] = k->login;
		return;
	}
	if (secret[0] == '\0' || p->s.user != NULL || body->bytes == NULL)
		return;
	at = (size_t)snprintf(second, sizeof(second), "%" PRIu64 ".", thread_wall() / UINT64_C(1000000000));
	sum_hmac_sha256(secret, strlen(secret), second, at, body->bytes, body->len, sum);
	second[at - 1] = '\0';
	(void)snprintf(k->stamp, sizeof(k->stamp), "X-Thermowell-Timestamp: %s", second);
	at = (size_t)snprintf(k->signature, sizeof(k->signature), "X-Thermowell-Signature: sha256=");
	for (unsigned b = 0; b < SUM_SHA256; b++)
		(void)snprintf(k->signature + at + 2 * b, 3, "%02x", sum[b]);
	r->headers[1] = k->stamp;
	r->headers[2] = k->signature;
}

static enum post_verdict
webhook_answer(struct post *p, unsigned n, const struct http_answer *a, char *why, size_t why_size)
{
	(void)a;
	(void)why;
	(void)why_size;
	for (unsigned i = 0; i < n; i++)
		post_done(p, i);
	return POST_FINE;
}

static const struct post_kind webhook = {
	.name = "webhook",
	.open = webhook_open,
	.close = webhook_close,
	.make = webhook_make,
	.answer = webhook_answer,
};

static void *
open_webhook(const struct transport_settings *s, struct err *e)
{
	return post_open(&webhook, s, e);
}

const struct transport transport_webhook = POST_TRANSPORT("webhook", open_webhook);
