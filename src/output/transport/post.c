#include "output/transport/post.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "base/thread.h"

#define SECOND		UINT64_C(1000000000)
#define PAUSE_MOST_NS	(60 * SECOND)	/* between tries, unless `retry` is longer */
#define GZIP_LEVEL	3		/* JSON is a tenth of itself then; more takes twice the time for little */

void
post_done(struct post *p, unsigned i)
{
	p->lines[i].done = true;
}

void
post_reject(struct post *p, unsigned i, const char *reason)
{
	p->lines[i].done = true;
	p->s.host->reject(p->s.host->arg, p->lines[i].number, reason);
}

/* Lines that are done leave; what is left begins the next batch. */
static void
compact(struct post *p)
{
	struct text *t = &p->text;
	size_t len = 0;
	unsigned n = 0;

	for (unsigned i = 0; i < p->n; i++) {
		struct post_line *l = &p->lines[i];

		if (l->done)
			continue;
		memmove(t->bytes + len, t->bytes + l->at, l->len);
		l->at = len;
		len += l->len;
		p->lines[n++] = *l;
	}
	p->n = n;
	t->len = len;
}

static void
pause_for(struct post *p, uint64_t now, uint64_t wish_s, const char *why)
{
	uint64_t pause = net_backoff_next(&p->backoff);

	net_trouble(&p->health, why);
	if (wish_s * SECOND > pause)
		pause = wish_s * SECOND;
	p->pause_ns = now + pause;
}

/* ---- requests ---------------------------------------------------------------------------- */

static bool
pack(const struct text *from, struct text *to)
{
	z_stream z = { .next_in = (Bytef *)from->bytes, .avail_in = (uInt)from->len };
	uLong most;
	char *at;
	bool good;

	to->len = 0;
	to->cut = false;
	if (deflateInit2(&z, GZIP_LEVEL, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) != Z_OK)
		return false;
	most = deflateBound(&z, (uLong)from->len);
	at = text_space(to, most);
	z.next_out = (Bytef *)at;
	z.avail_out = (uInt)most;
	good = at != NULL && deflate(&z, Z_FINISH) == Z_STREAM_END;
	to->len = good ? z.total_out : 0;
	(void)deflateEnd(&z);
	return good;
}

static bool
begin(struct post *p, struct http_request *r, uint64_t now)
{
	unsigned i = 0;

	r->body = p->body.bytes != NULL ? p->body.bytes : "";
	r->n = p->body.len;
	if (p->kind->gzip && p->s.gzip && r->n > 512 && pack(&p->body, &p->packed)) {
		while (r->headers[i] != NULL)
			i++;
		r->headers[i] = "Content-Encoding: gzip";
		r->body = p->packed.bytes;
		r->n = p->packed.len;
	}
	if (!p->body.cut && http_begin(p->http, r))
		return true;
	pause_for(p, now, 0, "no memory for a request");
	return false;
}

/* Is there something to send, and is it time? */
static bool
is_due(const struct post *p, uint64_t now)
{
	return p->n > 0 && now >= p->pause_ns && (p->kind->full == NULL || !p->kind->full(p)) && (p->hurry || p->ended || p->n >= p->limit || p->text.len >= p->s.batch_bytes ||
	    now - p->first_ns >= p->s.batch_ns);
}

static void
begin_lines(struct post *p, uint64_t now)
{
	struct http_request r = { .path = "" };
	unsigned n = p->n < p->limit ? p->n : p->limit;

	p->body.len = 0;
	p->body.cut = false;
	p->kind->make(p, n, &p->body, &r);
	p->sent = begin(p, &r, now) ? n : 0;
}

static void
begin_question(struct post *p, uint64_t now)
{
	struct http_request r = { .path = "" };

	if (p->kind->ask == NULL || now < p->pause_ns)
		return;
	p->body.len = 0;
	p->body.cut = false;
	p->asking = p->kind->ask(p, now, &p->body, &r) && begin(p, &r, now);
}

/* ---- answers -------------------------------------------------------------------------------- */

/* What a status means where the kind has nothing to say of it. */
static enum post_verdict
of_status(const struct http_answer *a, char *why, size_t why_size)
{
	const char *body = a->body;
	size_t n = strcspn(body, "\r\n");
	const char *what;

	switch (a->status) {
	case 400:
	case 422:
		what = "the receiver does not accept it";
		break;
	case 413:
		what = "it is too large for the receiver";
		break;
	case 401:
	case 403:
		what = "the receiver does not accept user and secret-file, or they may not write";
		break;
	case 404:
	case 405:
		what = "the receiver has nothing that takes lines at this URL";
		break;
	case 429:
		what = "the receiver is full and asks to wait";
		break;
	case 507:
		what = "the receiver has no space left";
		break;
	default:
		what = a->status >= 300 && a->status < 400 ? "the receiver points elsewhere, which is not followed; set the target to where it points" :
		    a->status >= 500 ? "the receiver failed" : "the receiver refuses it";
	}
	(void)snprintf(why, why_size, "%s (status %ld%s%.*s)", what, a->status, n > 0 ? ": " : "", (int)(n < 160 ? n : 160), body);
	return a->status == 400 || a->status == 422 || a->status == 413 ? POST_SMALLER : POST_WAIT;
}

static void
in_parts(struct post *p, unsigned n, uint64_t now, const char *why)
{
	if (n > 1) {
		p->limit = n / 2;
		p->pause_ns = now;
		return;
	}
	post_reject(p, 0, why);
	p->limit = p->limit < p->max / 2 ? 2 * p->limit : p->max;
}

static void
lines_answered(struct post *p, uint64_t now)
{
	const struct http_answer *a = http_answer(p->http);
	char why[NET_WHY_MAX] = "";
	unsigned n = p->sent, before = p->n;
	enum post_verdict v;

	p->sent = 0;
	v = a->status >= 200 && a->status < 300 ? p->kind->answer(p, n, a, why, sizeof(why)) :
	    p->kind->refusal != NULL ? p->kind->refusal(p, n, a, why, sizeof(why)) : POST_AS_USUAL;
	if (v == POST_AS_USUAL)
		v = of_status(a, why, sizeof(why));
	if (v == POST_SMALLER)
		in_parts(p, n, now, why);
	compact(p);
	if (v == POST_WAIT || (v == POST_FINE && why[0] != '\0')) {
		/* Some went through: those that did not wait, and the pause does not grow. */
		if (p->n < before)
			net_backoff_reset(&p->backoff);
		pause_for(p, now, a->retry_after_s, why);
	} else if (v == POST_FINE) {
		net_backoff_reset(&p->backoff);
		net_well(&p->health, p->s.target);
		p->limit = p->limit < p->max / 2 ? 2 * p->limit : p->max;
	}
	if (p->n == 0)
		p->hurry = false;
}

void
post_work(void *t, uint64_t now_ns)
{
	struct post *p = t;
	enum http_state state = http_work(p->http);

	if (state == HTTP_OVER || state == HTTP_FAILED)
		atomic_store_explicit(&p->s.counters->certificate_until_s, http_until(p->http), memory_order_relaxed);
	if (state == HTTP_FAILED) {
		if (p->asking)
			p->kind->asked(p, now_ns, NULL);
		if (!p->asking)
			atomic_fetch_add_explicit(&p->s.counters->repeated, p->sent, memory_order_relaxed);
		p->asking = false;
		p->sent = 0;
		pause_for(p, now_ns, 0, http_why(p->http));
	} else if (state == HTTP_OVER && p->asking) {
		p->asking = false;
		p->kind->asked(p, now_ns, http_answer(p->http));
	} else if (state == HTTP_OVER)
		lines_answered(p, now_ns);
	if (state == HTTP_RUNS)
		return;
	if (is_due(p, now_ns))
		begin_lines(p, now_ns);
	else
		begin_question(p, now_ns);
}

/* ---- lines ------------------------------------------------------------------------------------ */

enum carry
post_send(void *t, const struct message *m, unsigned n, unsigned *done)
{
	struct post *p = t;
	uint64_t now = thread_now();

	/* A batch that is on its way, or waits for another try, is not added to. */
	for (*done = 0; *done < n && p->sent == 0 && now >= p->pause_ns && p->n < p->limit &&
	    (p->n == 0 || p->text.len + m[*done].len <= p->s.batch_bytes); ++*done) {
		const struct message *one = &m[*done];

		if (p->n == 0)
			p->first_ns = now;
		p->lines[p->n] = (struct post_line){ .number = one->number, .head = *one->head, .at = p->text.len, .len = one->len };
		text_put(&p->text, one->text, one->len);
		if (p->text.cut) {
			p->text.cut = false;
			break;
		}
		p->n++;
		p->next = one->number + 1;
		p->hurry |= one->head->severity == 1 || one->head->severity == 2;
	}
	post_work(p, now);
	return *done == n ? CARRY_DONE : CARRY_BUSY;
}

uint64_t
post_acked(void *t)
{
	const struct post *p = t;
	uint64_t least = p->kind->acked != NULL ? p->kind->acked(p) : p->next;

	return p->n > 0 && p->lines[0].number < least ? p->lines[0].number : least;
}

bool
post_again(void *t)
{
	struct post *p = t;
	bool again = p->again;

	if (!again)
		return false;
	p->again = false;
	atomic_fetch_add_explicit(&p->s.counters->repeated, p->next - post_acked(p), memory_order_relaxed);
	p->next = post_acked(p);
	p->n = 0;
	p->text.len = 0;
	return true;
}

unsigned
post_fds(void *t, struct pollfd *to, unsigned most)
{
	return http_fds(((struct post *)t)->http, to, most);
}

uint64_t
post_due(void *t)
{
	const struct post *p = t;
	uint64_t due = http_due(p->http), at;

	if (p->sent > 0 || p->asking)
		return due;
	if (p->n > 0 && (p->kind->full == NULL || !p->kind->full(p))) {
		at = p->hurry || p->ended ? 0 : p->first_ns + p->s.batch_ns;
		at = at > p->pause_ns ? at : p->pause_ns;
		due = at < due ? at : due;
	}
	if (p->kind->ask_ns != NULL) {
		at = p->kind->ask_ns(p);
		at = at > p->pause_ns ? at : p->pause_ns;
		due = at < due ? at : due;
	}
	return due;
}

void
post_finish(void *t)
{
	((struct post *)t)->ended = true;
}

void
post_reopen(void *t)
{
	struct post *p = t;
	char why[NET_WHY_MAX];

	if (!http_reread(p->http, why, sizeof(why)))
		net_trouble(&p->health, why);
	p->pause_ns = 0;
	net_backoff_reset(&p->backoff);
}

/* ---- life --------------------------------------------------------------------------------------- */

static void
release(struct post *p)
{
	if (p->kind->close != NULL && p->own != NULL)
		p->kind->close(p);
	http_close(p->http);
	text_free(&p->text);
	text_free(&p->body);
	text_free(&p->packed);
	free(p->lines);
	free(p->name);
	free(p->target);
	free(p);
}

int
post_close(void *t)
{
	struct post *p = t;
	int rc = post_acked(p) == p->next ? 0 : -1;

	release(p);
	return rc;
}

void *
post_open(const struct post_kind *kind, const struct transport_settings *s, struct err *e)
{
	struct post *p = calloc(1, sizeof(*p));

	if (p != NULL) {
		*p = (struct post){ .kind = kind, .s = *s, .max = (unsigned)s->batch_lines, .limit = (unsigned)s->batch_lines };
		p->s.name = p->name = strdup(s->name);
		p->s.target = p->target = strdup(s->target);
		p->lines = calloc(p->max, sizeof(*p->lines));
		p->health.s = &p->s;
		p->backoff = (struct net_backoff){ .least_ns = s->retry_ns, .most_ns = s->retry_ns > PAUSE_MOST_NS ? s->retry_ns : PAUSE_MOST_NS };
		p->text.most = (size_t)s->batch_bytes + OUTPUT_LINE_MAX;
		/* What a kind puts around each line, and a line of bytes that are written as a text. */
		p->body.most = p->packed.most = 2 * p->text.most + (size_t)p->max * 512;
	}
	if (p == NULL || p->name == NULL || p->target == NULL || p->lines == NULL)
		err_add(e, NULL, 0, 0, "no memory for the output %s", s->name);
	else if ((p->http = http_open(&p->s, "http,https", e)) != NULL && (kind->open == NULL || kind->open(p, e)))
		return p;
	if (p != NULL)
		release(p);
	return NULL;
}
