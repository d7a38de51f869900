/* fuzz_answers.c - what receivers answer: _bulk of Elasticsearch, the collector of Splunk and its acknowledgements, webhooks.
 *
 * This is their http.h: requests are thrown away, answers come from the input.  The first byte: which of them.  Then answers, each
 * status (two bytes, the lower first; 0: the connection was lost, 1: not yet), flags, length (two bytes) and text.
 *
 * Whatever is answered, what has arrived never grows less nor beyond what was given, and a line is rejected only while it is not
 * known to have arrived, with a reason. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/thread.h"
#include "output/transport/post.h"

#define LINES	64u
#define BATCH	8u
#define ROUNDS	400u
#define STEP_NS	UINT64_C(400000000)
#define HEAD	5u	/* bytes before the text of an answer */

enum { CUT = 1, ANEW = 2, BUSY = 4 };	/* flags: it was too long; on a new connection; the receiver asks to wait */

int	LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

struct http {
	const uint8_t	*p;		/* answers that are left: [0, n) */
	size_t		 n;
	bool		 runs;
	struct http_answer a;
	char		*body;		/* owned, of `a`: as long as it is, so that a read behind it is seen */
	uint64_t	 connections;
};

static struct http fake;

struct http *
http_open(const struct transport_settings *s, const char *schemes, struct err *e)
{
	(void)s;
	(void)schemes;
	(void)e;
	return &fake;
}

void
http_close(struct http *h)
{
	free(h->body);
	h->body = NULL;
}

const char *
http_secret(const struct http *h)
{
	(void)h;
	return "secret";
}

bool
http_reread(struct http *h, char *why, size_t why_size)
{
	(void)h;
	(void)why;
	(void)why_size;
	return true;
}

bool
http_begin(struct http *h, const struct http_request *r)
{
	if (h->runs || r->n == 0)
		abort();
	h->runs = true;
	return true;
}

bool
http_begin_mail(struct http *h, const struct http_mail *m)
{
	(void)h;
	(void)m;
	return false;
}

enum http_state
http_work(struct http *h)
{
	unsigned status, flags;
	size_t n;

	if (!h->runs)
		return HTTP_IDLE;
	if (h->n < HEAD) {
		h->n = 0;
		return HTTP_RUNS;
	}
	status = h->p[0] | (unsigned)h->p[1] << 8;
	flags = h->p[2];
	n = h->p[3] | (size_t)h->p[4] << 8;
	h->p += HEAD;
	h->n -= HEAD;
	n = n < h->n ? n : h->n;
	if (status == 1)
		return HTTP_RUNS;
	h->connections += (flags & ANEW) != 0;
	h->runs = false;
	if (status == 0)
		return HTTP_FAILED;
	free(h->body);
	h->body = malloc(n + 1);
	if (h->body == NULL)
		abort();
	memcpy(h->body, h->p, n);
	h->body[n] = '\0';
	h->p += n;
	h->n -= n;
	h->a = (struct http_answer){ .status = (long)status, .body = h->body, .n = n, .cut = (flags & CUT) != 0,
	    .retry_after_s = (flags & BUSY) != 0 ? 5 : 0 };
	return HTTP_OVER;
}

const struct http_answer *
http_answer(const struct http *h)
{
	return &h->a;
}

const char *
http_why(const struct http *h)
{
	(void)h;
	return "the connection was lost";
}

uint64_t
http_until(const struct http *h)
{
	(void)h;
	return 0;
}

uint64_t
http_connections(const struct http *h)
{
	return h->connections;
}

unsigned
http_fds(struct http *h, struct pollfd *to, unsigned most)
{
	(void)h;
	(void)to;
	(void)most;
	return 0;
}

uint64_t
http_due(const struct http *h)
{
	(void)h;
	return UINT64_MAX;
}

/* ---- the writer ---------------------------------------------------------------------------- */

struct writer_side {
	const struct transport *t;
	void		*open;
	uint64_t	 given, acked;
};

static void
on_reject(void *arg, uint64_t number, const char *reason)
{
	const struct writer_side *w = arg;

	if (number < w->acked || number >= LINES || reason == NULL || memchr(reason, '\0', 1u << 16) == NULL)
		abort();
}

static void
on_problem(void *arg, const char *text)
{
	(void)arg;
	(void)text;
}

static void
give(struct writer_side *w)
{
	static const char line[] = "{\"event_type\":\"alert\",\"n\":1}";
	struct message m[BATCH];
	struct line_head head = { .ts_ns = 1, .len = sizeof(line), .severity = 3 };
	unsigned n = 0, done = 0;

	for (; n < BATCH && w->given + n < LINES; n++)
		m[n] = (struct message){ .text = line, .len = sizeof(line) - 1, .number = w->given + n, .head = &head };
	if (n > 0)
		(void)w->t->send(w->open, m, n, &done);
	if (done > n)
		abort();
	w->given += done;
}

static void
look(struct writer_side *w)
{
	uint64_t acked = w->t->acked(w->open);

	if (acked < w->acked || acked > w->given)
		abort();
	w->acked = acked;
	if (w->t->again(w->open))
		w->given = w->acked;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static const struct transport *const all[] = { &transport_elasticsearch, &transport_splunk, &transport_webhook };
	struct transport_counters counters = { 0 };
	struct writer_side w = { 0 };
	const struct transport_host host = { .reject = on_reject, .problem = on_problem, .arg = &w };
	const struct transport_settings s = { .name = "f", .target = "https://receiver.example", .sensor = "s", .retry_ns = 1,
	    .counters = &counters, .host = &host, .timeout_ns = UINT64_C(1000000000), .batch_lines = BATCH, .batch_bytes = 65536 };
	struct err e = { 0 };
	uint64_t now;

	if (n < 1)
		return 0;
	log_level_set(LOG_ERROR);
	fake = (struct http){ .p = data + 1, .n = n - 1 };
	w.t = all[data[0] % (sizeof(all) / sizeof(all[0]))];
	w.open = w.t->open(&s, &e);
	if (w.open == NULL)
		abort();
	now = thread_now();
	for (unsigned i = 0; i < ROUNDS && (fake.n > 0 || !fake.runs); i++, now += STEP_NS) {
		give(&w);
		look(&w);
		w.t->reopen(w.open);	/* no pause */
		w.t->work(w.open, now);
		look(&w);
	}
	(void)w.t->close(w.open);
	return 0;
}
