#include "output/relay.h"

#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "output/rejected.h"
#include "output/stage.h"
#include "output/writer.h"

#define LINES_MIN	4096u	/* that wait in memory, beside their bytes */
#define AT_ONCE		128u	/* messages in one call */
#define PROBLEM_MAX	sizeof(((struct sink_counts *)0)->problem)

/* A line on its way from one place to the next. */
struct held {
	bool			 is;
	struct line_head	 head;
	const char		*line;		/* into the relay's own memory */
	uint64_t		 record;
};

struct relay {
	const struct transport	*t;
	void			*handle;
	const struct converter	*converter;
	void			*own;		/* the converter's */
	struct spool		*spool;		/* owned, or NULL */
	struct stage		 stage;
	struct rejected		 rejected;
	struct transport_host	 host;
	size_t			 longest;	/* that the transport takes */
	char			*name;		/* owned */
	char			*raw;		/* owned; a line as it came from the queue */
	char			*read;		/* owned; a line as it came from the spool */
	struct text		 out;		/* a line that was converted */
	struct held		 coming, stored;	/* from the queue; from the spool */
	uint64_t		 retry_ns, next_ns;
	bool			 failed;	/* CARRY_FAILED: give again at next_ns */
	bool			 finished;	/* the transport knows that nothing more comes */
	bool			 bad_line;	/* one could not be converted; said once */

	/* Written by the thread, read by anybody. */
	_Atomic bool		 settled, arrived_all;
	_Atomic bool		 drop;		/* to the thread: relay_drop() */
	_Atomic uint64_t	 dropped;	/* for that */
	_Atomic size_t		 safe_to;
	_Atomic uint64_t	 sent, repeated, arrived, n_rejected, not_mine, unconverted;
	_Atomic uint64_t	 staged_lines, staged_bytes, oldest_ns;
	atomic_flag		 saying;	/* whoever touches `problem` holds it */
	char			 problem[PROBLEM_MAX];
};

static void
add(_Atomic uint64_t *to, uint64_t n)
{
	/* Written by who holds the transport alone. */
	atomic_store_explicit(to, atomic_load_explicit(to, memory_order_relaxed) + n, memory_order_relaxed);
}

static void
set(_Atomic uint64_t *to, uint64_t n)
{
	atomic_store_explicit(to, n, memory_order_relaxed);
}

/* ---- what the transport says ------------------------------------------------------- */

static void
host_reject(void *arg, uint64_t number, const char *reason)
{
	struct relay *r = arg;
	struct stage *s = &r->stage;
	const struct staged *l;

	if (number < s->first || number - s->first >= s->n)
		return;
	l = stage_at(s, (unsigned)(number - s->first));
	add(&r->n_rejected, 1);
	rejected_put(&r->rejected, &l->head, s->bytes + l->at, l->len - 1, reason);
}

static void
host_problem(void *arg, const char *text)
{
	struct relay *r = arg;

	while (atomic_flag_test_and_set_explicit(&r->saying, memory_order_acquire))
		continue;	/* who reads it copies it, no more */
	(void)snprintf(r->problem, sizeof(r->problem), "%s", text != NULL ? text : "");
	atomic_flag_clear_explicit(&r->saying, memory_order_release);
}

/* ---- from the queue ------------------------------------------------------------------ */

static void
copy_out(const struct iovec at[2], size_t from, void *to, size_t n)
{
	struct iovec v[2];
	char *p = to;
	int k = queue_part(at, from, n, v);

	for (int i = 0; i < k; p += v[i].iov_len, i++)
		memcpy(p, v[i].iov_base, v[i].iov_len);
}

/* A line that its converter cannot write is lost; the record still stands in EVE. */
static void
not_converted(struct relay *r, enum convert_result how)
{
	add(&r->unconverted, 1);
	if (!r->bad_line)
		log_warn("output", "%s: a record %s; more of them are only counted", r->name,
		    how == CONVERT_TOO_LONG ? "is too long for this format and was left out" : "could not be written in this format");
	r->bad_line = true;
}

/* The line in r->raw in the sink's own form.  false: there is none. */
static bool
convert(struct relay *r)
{
	struct held *c = &r->coming;
	enum convert_result how;

	c->line = r->raw;
	if (r->converter != NULL) {
		r->out.len = 0;
		r->out.cut = false;
		how = r->converter->convert(r->own, r->raw, c->head.len - 1, &r->out);
		if (how == CONVERT_OK && r->out.cut)
			how = CONVERT_TOO_LONG;
		if (how == CONVERT_NOT_MINE)
			add(&r->not_mine, 1);
		else if (how == CONVERT_OK)
			text_put(&r->out, "\n", 1);
		if (how == CONVERT_OK && r->out.cut)
			how = CONVERT_TOO_LONG;
		if (how == CONVERT_TOO_LONG || how == CONVERT_FAILED)
			not_converted(r, how);
		if (how != CONVERT_OK)
			return false;
		c->line = r->out.bytes;
		c->head.len = (uint32_t)r->out.len;
	}
	if (c->head.len <= r->longest)
		return true;
	add(&r->n_rejected, 1);
	rejected_put(&r->rejected, &c->head, c->line, c->head.len - 1, "it is longer than its transport carries");
	return false;
}

/* The next line of the queue into r->coming.  false: the queue is empty. */
static bool
fetch(struct relay *r, struct queue *q)
{
	struct held *c = &r->coming;
	struct iovec at[2];

	while (!c->is && queue_peek(q, at) >= sizeof(c->head)) {
		copy_out(at, 0, &c->head, sizeof(c->head));
		copy_out(at, sizeof(c->head), r->raw, c->head.len);
		/* From now on it is ours, and not yet anywhere. */
		atomic_store(&r->settled, false);
		atomic_store(&r->arrived_all, false);
		queue_take(q, sizeof(c->head) + c->head.len);
		c->record = 0;
		c->is = convert(r);
	}
	return c->is;
}

static bool
into_stage(struct relay *r, struct held *l)
{
	if (l->is && !stage_put(&r->stage, &l->head, l->line, l->head.len, l->record))
		return false;
	l->is = false;
	return true;
}

/* Everything in the spool was given to the stage: a line that cannot be spooled may follow it. */
static bool
may_pass_by(const struct relay *r)
{
	return r->spool == NULL || (!r->stored.is && spool_caught_up(r->spool));
}

/* What waits in the queue goes where it is safe.  *grave: there was one of severity 1 or 2.  Returns whether the
 * queue was emptied. */
static bool
take(struct relay *r, struct queue *q, bool *grave)
{
	while (fetch(r, q)) {
		bool alert = r->coming.head.class == QUEUE_ALERT;

		if (r->spool != NULL && spool_put(r->spool, &r->coming.head, r->coming.line))
			r->coming.is = false;
		else if (!may_pass_by(r) || !into_stage(r, &r->coming))
			return false;
		*grave |= alert;
	}
	return true;
}

/* From the spool into the stage, as much as there is space for. */
static void
load(struct relay *r)
{
	struct held *l = &r->stored;

	while (r->spool != NULL && into_stage(r, l)) {
		l->is = spool_next(r->spool, &l->head, r->read, OUTPUT_LINE_MAX, &l->record);
		l->line = r->read;
		if (!l->is)
			break;
	}
}

/* ---- to the transport ------------------------------------------------------------------ */

static void
count_given(struct relay *r, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		struct staged *l = stage_at(&r->stage, r->stage.given++);

		add(&r->sent, 1);
		add(&r->repeated, l->repeated);
	}
}

static enum carry
give_messages(struct relay *r)
{
	struct stage *s = &r->stage;
	enum carry how = CARRY_DONE;

	while (s->given < s->n) {
		struct message m[AT_ONCE];
		unsigned n = 0, done = 0;

		for (; n < AT_ONCE && s->given + n < s->n; n++) {
			const struct staged *l = stage_at(s, s->given + n);

			m[n] = (struct message){ .text = s->bytes + l->at, .len = l->len - 1,
			    .number = s->first + s->given + n, .head = &l->head };
		}
		how = r->t->send(r->handle, m, n, &done);
		count_given(r, done);
		if (how == CARRY_BUSY || how == CARRY_FAILED || done == 0)
			return how;
	}
	return how;
}

static enum carry
give_bytes(struct relay *r)
{
	struct stage *s = &r->stage;
	size_t from, done = 0;
	unsigned n = 0;
	enum carry how;

	if (s->given == s->n)
		return CARRY_DONE;
	from = stage_at(s, s->given)->at;
	how = r->t->carry(r->handle, (const struct iovec[2]){ { s->bytes + from, s->to - from }, { s->bytes, 0 } }, &done);
	while (done > 0) {
		done -= stage_at(s, s->given + n)->len;
		n++;
	}
	count_given(r, n);
	return how;
}

static enum carry
give(struct relay *r, uint64_t now_ns)
{
	enum carry how;

	if (r->failed && now_ns < r->next_ns)
		return CARRY_FAILED;
	how = r->t->send != NULL ? give_messages(r) : give_bytes(r);
	r->failed = how == CARRY_FAILED;
	r->next_ns = now_ns + r->retry_ns;
	return how;
}

/* What has arrived goes away here, and in the spool. */
static void
forget(struct relay *r)
{
	struct stage *s = &r->stage;
	uint64_t acked = r->t->acked != NULL ? r->t->acked(r->handle) : s->first + s->given, record = 0;
	unsigned of_spool = 0;
	unsigned n = acked <= s->first ? 0 : acked - s->first < s->n ? (unsigned)(acked - s->first) : s->n;

	for (unsigned i = 0; i < n; i++)
		if (stage_at(s, i)->record != 0) {
			record = stage_at(s, i)->record;
			of_spool++;
		}
	stage_drop(s, n);
	add(&r->arrived, n);
	if (record != 0)
		spool_forget(r->spool, record, of_spool);
}

/* What was given may still arrive. */
static void
drop_waiting(struct relay *r)
{
	uint64_t n = stage_drop_rest(&r->stage) + r->stored.is;

	r->stored.is = false;
	n = spool_drop_all(r->spool, n, r->stage.n == 0);
	add(&r->dropped, n);
	log_note("output", "%s: %" PRIu64 " lines that waited were dropped, as an operator asked", r->name, n);
}

static void
publish(struct relay *r, const struct queue *q)
{
	const struct stage *s = &r->stage;
	bool in_memory = r->coming.is;

	/* Those of the spool stand there first, those of memory behind them. */
	if (s->n > 0)
		in_memory |= stage_at(s, s->n - 1)->record == 0;
	set(&r->staged_lines, s->n + r->coming.is);
	set(&r->staged_bytes, s->to - s->from);
	set(&r->oldest_ns, s->n > 0 ? stage_at(s, 0)->head.ts_ns : 0);
	if (r->spool != NULL && atomic_load(&spool_count(r->spool)->failing))
		atomic_store(&r->safe_to, SIZE_MAX);
	else if (!r->coming.is)
		atomic_store(&r->safe_to, queue_taken_to(q));
	atomic_store(&r->settled, !in_memory);
	atomic_store(&r->arrived_all, s->n == 0 && !r->coming.is && !r->stored.is &&
	    (r->spool == NULL || spool_caught_up(r->spool)));
}

enum carry
relay_run(struct relay *r, struct queue *q, uint64_t now_ns, bool finish)
{
	bool grave = false, emptied;
	enum carry how;

	if (r->t->work != NULL)
		r->t->work(r->handle, now_ns);
	forget(r);
	if (r->t->again != NULL && r->t->again(r->handle))
		(void)stage_again(&r->stage);
	if (atomic_exchange(&r->drop, false) && r->spool != NULL)
		drop_waiting(r);
	emptied = take(r, q, &grave);
	load(r);
	how = give(r, now_ns);
	if (finish && emptied && !r->finished && r->t->finish != NULL && r->stage.given == r->stage.n) {
		r->finished = true;
		r->t->finish(r->handle);
	}
	forget(r);
	if (r->spool != NULL)
		spool_tick(r->spool, now_ns, grave);
	publish(r, q);
	/* Given all that was staged: there may be more behind it, unless it must arrive first. */
	if (how == CARRY_DONE && (!emptied || r->stored.is))
		how = r->stage.given < r->stage.n || r->stage.n == 0 ? CARRY_MORE : CARRY_BUSY;
	/* The lines are safe, whatever the receiver does. */
	if (how == CARRY_FAILED && r->spool != NULL && emptied)
		how = CARRY_BUSY;
	return how;
}

unsigned
relay_poll(struct relay *r, enum carry how, struct pollfd *to, uint64_t now_ns, unsigned *ms)
{
	uint64_t due = r->t->due_ns != NULL ? r->t->due_ns(r->handle) : UINT64_MAX;
	unsigned n = r->t->fds != NULL ? r->t->fds(r->handle, to, TRANSPORT_FDS) : 0;
	int busy = how == CARRY_BUSY && r->t->busy_fd != NULL && n < TRANSPORT_FDS ? r->t->busy_fd(r->handle) : -1;

	if (busy >= 0)
		to[n++] = (struct pollfd){ .fd = busy, .events = POLLOUT };
	if (due <= now_ns)
		*ms = 0;
	else if (due - now_ns < *ms * UINT64_C(1000000))
		*ms = (unsigned)((due - now_ns + 999999) / 1000000);
	return n;
}

void
relay_drop(struct relay *r)
{
	atomic_store(&r->drop, true);
}

/* ---- who asks -------------------------------------------------------------------------- */

bool
relay_settled(const struct relay *r)
{
	return atomic_load(&r->settled);
}

bool
relay_arrived(const struct relay *r)
{
	return atomic_load(&r->arrived_all);
}

size_t
relay_safe_to(const struct relay *r)
{
	return atomic_load(&r->safe_to);
}

uint64_t
relay_progress(const struct relay *r)
{
	return atomic_load(&r->sent) + atomic_load(&r->arrived) + atomic_load(&r->n_rejected);
}

uint64_t
relay_left(const struct relay *r)
{
	uint64_t n = r->coming.is;

	for (unsigned i = 0; i < r->stage.n; i++)
		n += stage_at(&r->stage, i)->record == 0;
	return n;
}

static uint64_t
get(const _Atomic uint64_t *from)
{
	return atomic_load_explicit(from, memory_order_relaxed);
}

void
relay_counts(const struct relay *r, struct sink_counts *to)
{
	struct relay *w = (struct relay *)(uintptr_t)r;

	to->relayed = true;
	to->sent = get(&r->sent);
	to->repeated = get(&r->repeated);
	to->arrived = get(&r->arrived);
	to->rejected = get(&r->n_rejected);
	to->not_mine = get(&r->not_mine);
	to->dropped_format = get(&r->unconverted);
	to->waiting_lines = get(&r->staged_lines);
	to->waiting_bytes = get(&r->staged_bytes);
	to->oldest_ns = get(&r->oldest_ns);
	to->problem[0] = '\0';
	/* The packet thread waits for nobody: it is told the next time. */
	if (!atomic_flag_test_and_set_explicit(&w->saying, memory_order_acquire)) {
		(void)snprintf(to->problem, sizeof(to->problem), "%s", r->problem);
		atomic_flag_clear_explicit(&w->saying, memory_order_release);
	}
	if (r->spool != NULL) {
		const struct spool_counts *c = spool_count(r->spool);

		to->spooled = true;
		to->dropped_asked = get(&r->dropped);
		to->spool_failing = atomic_load(&c->failing);
		/* Lines of the stage stand in the spool, too, unless it failed. */
		if (get(&c->lines) > 0 || !to->spool_failing) {
			to->waiting_lines = get(&c->lines);
			to->waiting_bytes = get(&c->bytes);
		}
		to->dropped_full = get(&c->dropped[SPOOL_FULL]);
		to->dropped_old = get(&c->dropped[SPOOL_OLD]);
		to->dropped_damaged = get(&c->dropped[SPOOL_DAMAGED]);
		to->dropped_format += get(&c->dropped[SPOOL_TOO_LONG]);
	}
}

uint64_t
relay_queued(struct queue *q)
{
	struct line_head h;
	struct iovec at[2];
	size_t n = queue_look(q, at), from = 0;
	uint64_t lines = 0;

	for (; n - from >= sizeof(h); lines++) {
		copy_out(at, from, &h, sizeof(h));
		from += sizeof(h) + h.len;
	}
	return lines;
}

size_t
relay_memory(const struct relay *r)
{
	return sizeof(*r) + r->stage.size + r->stage.max * sizeof(*r->stage.of) + 2 * (size_t)OUTPUT_LINE_MAX +
	    (r->spool != NULL ? spool_memory(r->spool) : 0);
}

/* ---- life ---------------------------------------------------------------------------------- */

const struct transport_host *
relay_host(struct relay *r)
{
	return &r->host;
}

void
relay_join(struct relay *r, const struct transport *t, void *handle)
{
	r->t = t;
	r->handle = handle;
	r->longest = t->longest != NULL ? t->longest(handle) : SIZE_MAX;
}

struct relay *
relay_open(const struct relay_settings *s, struct err *e)
{
	struct relay *r = calloc(1, sizeof(*r));
	size_t bytes = 4 * s->batch_bytes > 2 * OUTPUT_LINE_MAX ? (size_t)(4 * s->batch_bytes) : 2 * OUTPUT_LINE_MAX;
	unsigned lines = 2 * s->batch_lines > LINES_MIN ? (unsigned)(2 * s->batch_lines) : LINES_MIN;

	if (r == NULL || (r->name = strdup(s->name)) == NULL || (r->raw = malloc(OUTPUT_LINE_MAX)) == NULL ||
	    (s->spool != NULL && (r->read = malloc(OUTPUT_LINE_MAX)) == NULL) || !stage_open(&r->stage, bytes, lines) ||
	    !rejected_open(&r->rejected, s->rejected, s->rejected_bytes)) {
		err_add(e, NULL, 0, 0, "no memory for the output %s", s->name);
		relay_close(r);
		return NULL;
	}
	atomic_flag_clear(&r->saying);
	atomic_store(&r->settled, true);
	r->out.most = OUTPUT_LINE_MAX;
	r->retry_ns = s->retry_ns;
	r->host = (struct transport_host){ host_reject, host_problem, r };
	r->converter = s->converter;
	r->own = s->converter != NULL ? s->converter->open(&s->convert, e) : NULL;
	r->spool = s->spool != NULL ? spool_open(s->spool, e) : NULL;
	if ((s->converter != NULL && r->own == NULL) || (s->spool != NULL && r->spool == NULL)) {
		relay_close(r);
		return NULL;
	}
	atomic_store(&r->arrived_all, s->spool == NULL);
	return r;
}

void
relay_close(struct relay *r)
{
	if (r == NULL)
		return;
	if (r->own != NULL)
		r->converter->close(r->own);
	spool_close(r->spool);
	rejected_close(&r->rejected);
	stage_close(&r->stage);
	text_free(&r->out);
	free(r->read);
	free(r->raw);
	free(r->name);
	free(r);
}
