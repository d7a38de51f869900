/* splunk.c - the HTTP Event Collector of Splunk, with acknowledgement.
 *
 * The target is the address of the collector (https://splunk.example.org:8088).  Where the token's "indexer
 * acknowledgement" is on, an answer brings a number; the collector is asked for it until it says that all events are
 * indexed, and lines whose number is not confirmed in time are sent again.  Without it an answer of 200 is all there is.
 */
#include "output/transport/transport.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/json.h"
#include "base/log.h"
#include "base/thread.h"
#include "output/transport/post.h"

#define WAITS_MAX	64u				/* batches that are not confirmed */
#define ASK_LEAST_NS	UINT64_C(200000000)		/* between questions; doubles while nothing is confirmed */
#define ASK_MOST_NS	UINT64_C(5000000000)
#define CONFIRM_TIMES	10u				/* times `timeout` until a number is given up, */
#define CONFIRM_PART	3u				/* or this part of it where the connection is another one since */

struct wait {
	json_int_t	id;
	uint64_t	next;		/* number behind its last line */
	uint64_t	since_ns;
	uint64_t	connections;	/* that there had been by then */
	bool		confirmed;
};

struct splunk {
	char		path[128], ask_path[128], login[4200];
	struct wait	waits[WAITS_MAX];
	unsigned	n;
	uint64_t	acked;		/* of what is not in waits */
	uint64_t	ask_ns, between_ns;
	bool		none_reported;	/* that nothing is acknowledged */
};

/* A channel is a number of our own choice, in the form of a GUID; numbers of batches are its own. */
static void
new_channel(struct splunk *k)
{
	uint64_t a = hash_key(), b = hash_key();

	(void)snprintf(k->path, sizeof(k->path), "/services/collector/event?channel=%08x-%04x-4%03x-8%03x-%012" PRIx64,
	    (unsigned)(a >> 32), (unsigned)(a & 0xffff), (unsigned)(a >> 16 & 0xfff), (unsigned)(b >> 52), b & 0xffffffffffff);
	(void)snprintf(k->ask_path, sizeof(k->ask_path), "/services/collector/ack%s", strchr(k->path, '?'));
}

/* Whatever is not confirmed goes once more. */
static void
send_again(struct post *p)
{
	struct splunk *k = p->own;

	net_trouble(&p->health, "what was sent is not confirmed as indexed; it is sent again");
	k->n = 0;
	new_channel(k);
	p->next = p->n > 0 ? p->lines[p->n - 1].number + 1 : p->next;
	p->again = true;
}

static bool
splunk_open(struct post *p, struct err *e)
{
	struct splunk *k = calloc(1, sizeof(*k));

	if (k == NULL) {
		err_add(e, NULL, 0, 0, "no memory for the output %s", p->s.name);
		return false;
	}
	p->own = k;
	k->between_ns = ASK_LEAST_NS;
	new_channel(k);
	if (http_secret(p->http)[0] != '\0')
		return true;
	err_add(e, NULL, 0, 0, "outputs.sinks: %s: Splunk wants a token: put it into a file and name that (secret-file)", p->s.name);
	return false;
}

static void
splunk_close(struct post *p)
{
	struct splunk *k = p->own;

	explicit_bzero(k->login, sizeof(k->login));
	free(k);
}

static void
headers(struct post *p, struct http_request *r)
{
	struct splunk *k = p->own;

	(void)snprintf(k->login, sizeof(k->login), "Authorization: Splunk %s", http_secret(p->http));
	r->headers[0] = "Content-Type: application/json";
	r->headers[1] = k->login;
}

static void
put_text(struct text *body, const char *key, const char *text, size_t n)
{
	json_t *j = json_stringn(text, n);
	char *out = j != NULL ? json_dumps(j, JSON_ENCODE_ANY) : NULL;

	text_printf(body, "\"%s\":%s,", key, out != NULL ? out : "\"\"");
	free(out);
	json_decref(j);
}

static void
splunk_make(struct post *p, unsigned n, struct text *body, struct http_request *r)
{
	struct splunk *k = p->own;
	bool json = p->s.content_type == NULL || strcmp(p->s.content_type, "application/json") == 0;

	for (unsigned i = 0; i < n; i++) {
		const struct post_line *l = &p->lines[i];
		const char *line = p->text.bytes + l->at;

		/* The source type is that of the token. */
		text_printf(body, "{\"time\":%" PRIu64 ".%06u,\"source\":\"thermowell\",",
		    l->head.ts_ns / UINT64_C(1000000000), (unsigned)(l->head.ts_ns % UINT64_C(1000000000) / 1000));
		if (p->s.sensor != NULL)
			put_text(body, "host", p->s.sensor, strlen(p->s.sensor));
		if (p->s.index != NULL)
			put_text(body, "index", p->s.index, strlen(p->s.index));
		if (json) {
			text_str(body, "\"event\":");
			text_put(body, line, l->len);
		} else {
			put_text(body, "event", line, l->len);
			body->len--;
		}
		text_str(body, "}\n");
	}
	r->path = k->path;
	headers(p, r);
}

static enum post_verdict
splunk_answer(struct post *p, unsigned n, const struct http_answer *a, char *why, size_t why_size)
{
	struct splunk *k = p->own;
	json_t *j = a->cut ? NULL : json_loadb(a->body, a->n, 0, NULL), *id = json_object_get(j, "ackId"),
	    *code = json_object_get(j, "code");
	bool begun_anew = false;

	if (!json_is_integer(code) || json_integer_value(code) != 0) {
		(void)snprintf(why, why_size, "what answers is no HTTP Event Collector of Splunk");
		json_decref(j);
		return POST_WAIT;
	}
	if (json_is_integer(id) && k->n < WAITS_MAX) {
		uint64_t now = thread_now();
		json_int_t number = json_integer_value(id);

		/* Numbers that begin anew: whoever confirmed the old ones was started again, and they mean nothing now. */
		begun_anew = k->n > 0 && number <= k->waits[k->n - 1].id;
		k->waits[k->n++] = (struct wait){ .id = number, .next = p->lines[n - 1].number + 1, .since_ns = now,
		    .connections = http_connections(p->http) };
		k->between_ns = ASK_LEAST_NS;
		k->ask_ns = now + k->between_ns;
	} else if (!json_is_integer(id)) {
		if (!k->none_reported)
			log_note("output", "%s: the token has no indexer acknowledgement: lines count as arrived when the collector took them",
			    p->s.name);
		k->none_reported = true;
		/* Behind batches that wait to be confirmed these have not arrived before those have. */
		if (k->n > 0)
			k->waits[k->n - 1].next = p->lines[n - 1].number + 1;
		else
			k->acked = p->lines[n - 1].number + 1;
	}
	for (unsigned i = 0; i < n; i++)
		post_done(p, i);
	json_decref(j);
	if (begun_anew)
		send_again(p);
	return POST_FINE;
}

/* Of a batch with an event that it does not take the collector says which one, and takes none behind it. */
static enum post_verdict
splunk_refusal(struct post *p, unsigned n, const struct http_answer *a, char *why, size_t why_size)
{
	json_t *j = a->status == 400 && !a->cut ? json_loadb(a->body, a->n, 0, NULL) : NULL;
	json_t *which = json_object_get(j, "invalid-event-number");
	enum post_verdict v = POST_AS_USUAL;
	json_int_t code = j != NULL ? json_number_of(j, "code") : 0;

	if (json_is_integer(which) && json_integer_value(which) >= 0 && json_integer_value(which) < n) {
		post_reject(p, (unsigned)json_integer_value(which), json_text_of(j, "text"));
		v = POST_FINE;
	} else if (code == 7 || code == 10 || code == 11) {
		/* An index that the token may not use, channels: no line's fault. */
		(void)snprintf(why, why_size, "the collector refuses what is set (code %d: %.160s)", (int)code, json_text_of(j, "text"));
		v = POST_WAIT;
	}
	json_decref(j);
	return v;
}

static bool
splunk_ask(struct post *p, uint64_t now, struct text *body, struct http_request *r)
{
	struct splunk *k = p->own;

	if (k->n == 0 || now < k->ask_ns)
		return false;
	text_str(body, "{\"acks\":[");
	for (unsigned i = 0; i < k->n; i++)
		text_printf(body, "%s%" JSON_INTEGER_FORMAT, i > 0 ? "," : "", k->waits[i].id);
	text_str(body, "]}");
	r->path = k->ask_path;
	headers(p, r);
	return true;
}

/* Those in front that are confirmed have arrived. */
static void
forget_confirmed(struct splunk *k)
{
	unsigned n = 0;

	while (n < k->n && k->waits[n].confirmed)
		k->acked = k->waits[n++].next;
	memmove(k->waits, k->waits + n, (k->n - n) * sizeof(k->waits[0]));
	k->n -= n;
}

static void
splunk_asked(struct post *p, uint64_t now, const struct http_answer *a)
{
	struct splunk *k = p->own;
	json_t *j = a != NULL && a->status == 200 ? json_loadb(a->body, a->n, 0, NULL) : NULL, *acks = json_object_get(j, "acks");
	unsigned before = k->n;

	for (unsigned i = 0; i < k->n; i++) {
		char id[32];

		(void)snprintf(id, sizeof(id), "%" JSON_INTEGER_FORMAT, k->waits[i].id);
		k->waits[i].confirmed |= json_is_true(json_object_get(acks, id));
	}
	json_decref(j);
	forget_confirmed(k);
	k->between_ns = k->n < before ? ASK_LEAST_NS : 2 * k->between_ns < ASK_MOST_NS ? 2 * k->between_ns : ASK_MOST_NS;
	k->ask_ns = now + k->between_ns;
	if (a == NULL || k->n == 0)
		return;
	/* It forgets its numbers when it is started again. */
	if (now - k->waits[0].since_ns >= CONFIRM_TIMES * p->s.timeout_ns || (k->waits[0].connections != http_connections(p->http) &&
	    now - k->waits[0].since_ns >= p->s.timeout_ns / CONFIRM_PART))
		send_again(p);
}

static bool
splunk_full(const struct post *p)
{
	const struct splunk *k = p->own;

	return k->n == WAITS_MAX;
}

static uint64_t
splunk_ask_ns(const struct post *p)
{
	const struct splunk *k = p->own;

	return k->n > 0 ? k->ask_ns : UINT64_MAX;
}

static uint64_t
splunk_acked(const struct post *p)
{
	const struct splunk *k = p->own;

	return k->acked;
}

static const struct post_kind splunk = {
	.name = "splunk",
	.gzip = true,
	.open = splunk_open,
	.close = splunk_close,
	.make = splunk_make,
	.answer = splunk_answer,
	.refusal = splunk_refusal,
	.ask = splunk_ask,
	.asked = splunk_asked,
	.ask_ns = splunk_ask_ns,
	.full = splunk_full,
	.acked = splunk_acked,
};

static void *
open_splunk(const struct transport_settings *s, struct err *e)
{
	return post_open(&splunk, s, e);
}

const struct transport transport_splunk = POST_TRANSPORT("splunk", open_splunk);
