#include "output/writer.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "output/losses.h"

#define MS		UINT64_C(1000000)
#define NAP_MS		100u		/* lines wait at most so long */
#define NAP_LEAST_MS	1u
#define RETRY_NS	(1000 * MS)	/* between tries of a broken target, where nothing is set */
#define FOLLOW_NS	(1000 * MS)	/* a line waits for a spool to have it at most so long */
#define STACK_RELAY	(512u * 1024)	/* of a thread that parses, or speaks with a network by a library */
#define WAIT_MS		100u		/* a putter that waits looks at the deadline so often */
#define PATIENCE	(5000 * MS)	/* a receiver that takes nothing for so long is not waited for at the end of a */
#define GOES_ON		(64u << 10)	/* bytes: so much was taken from the queue, so it moves */
#define PATIENCE_LIVE	(500 * MS)	/* replay, and of a live sensor, where a spool keeps its lines */
#define REPORT_NS		(5000 * MS)	/* a wait that is worth a message */
/* Bytes that are worth waking the thread for.  Live fewer, so that there is space left for as
 * long as a busy machine lets the thread wait for its turn. */
#define BATCH		OUTPUT_LINE_MAX
#define BATCH_LIVE	(OUTPUT_LINE_MAX / 4)

const uint8_t writer_sixteenths[QUEUE_CLASSES] = {
	[QUEUE_OPERATION] = 8, [QUEUE_FLOW] = 9, [QUEUE_ANOMALY] = 10,
	[QUEUE_STATS] = 11, [QUEUE_LOW] = 12, [QUEUE_ALERT] = 16,
};

struct writer {
	struct queue		 q;
	const struct transport	*t;
	void			*handle;	/* the transport's own */
	struct relay		*relay;		/* owned; NULL: bytes go as they lie in the queue */
	char			*name, *target;	/* owned; for messages */
	struct counters		*counters;	/* borrowed; the putter's */
	const _Atomic uint64_t	*deadline_ns;	/* borrowed, or NULL */
	uint64_t		 retry_ns;
	size_t			 batch, longest;
	struct bell		 wake, back;	/* to the thread, to who waits for it */
	struct thread		 thread;

	/* The putter's, on cache lines of its own. */
	char			 apart[QUEUE_CACHE_LINE];
	bool			 lossless, pieces;
	bool			 live, spooled;	/* the thread's, too: they do not change */
	struct writer		*first[WRITER_FIRST];	/* borrowed; the same */
	unsigned		 n_first;
	bool			 may_wake;	/* for much that gathered: once a tick */
	size_t			 since_wake;	/* bytes put since the thread was woken for them */
	uint64_t		 patience_ns;	/* so long it may still wait for space */
	uint64_t		 lines;		/* put */
	struct losses		 losses;
	char			 apart_too[QUEUE_CACHE_LINE];

	atomic_flag		 carrying;	/* whoever calls the transport holds it */
	/* From the putter to the thread. */
	atomic_bool		 urgent, reopen, stop;
	atomic_bool		 grave;		/* an alert of severity 1 or 2 was put */
	atomic_bool		 waiting;	/* somebody waits for space, or for the end */
	/* From the thread to the putter. */
	atomic_bool		 broken;	/* CARRY_FAILED: do not wait for space */
	atomic_bool		 scarce;	/* alerts only */
	_Atomic uint64_t	 rounds;	/* of the thread; all seen is carried or has failed */
	_Atomic uint64_t	 bytes, failures;	/* away; times that it began to fail */
	struct transport_counters own;		/* the transport's */
};

/* ---- the thread ------------------------------------------------------------ */

static bool
hold(struct writer *w)
{
	return !atomic_flag_test_and_set_explicit(&w->carrying, memory_order_acquire);
}

static void
let_go(struct writer *w)
{
	atomic_flag_clear_explicit(&w->carrying, memory_order_release);
}

static void
add(_Atomic uint64_t *to, uint64_t n)
{
	/* Written by who holds the transport alone. */
	atomic_store_explicit(to, atomic_load_explicit(to, memory_order_relaxed) + n, memory_order_relaxed);
}

static void
look_at_space(struct writer *w)
{
	if (w->t->scarce != NULL)
		atomic_store(&w->scarce, w->t->scarce(w->handle));
}

/* What lies in the queue lies in a spool, too, where there is one: who finds an alert in eve.json after a crash finds
 * it at the receiver. */
static void
let_spools_go_first(struct writer *w)
{
	size_t to[WRITER_FIRST];
	uint64_t end = 0;

	for (unsigned i = 0; i < w->n_first; i++)
		to[i] = queue_put_to(&w->first[i]->q);
	for (unsigned i = 0; i < w->n_first; i++)
		while (relay_safe_to(w->first[i]->relay) < to[i] && !atomic_load(&w->first[i]->thread.ended)) {
			if (end == 0)
				end = thread_now() + FOLLOW_NS;
			if (thread_now() >= end || thread_too_late(w->deadline_ns))
				return;
			atomic_store(&w->first[i]->urgent, true);
			bell_wake(&w->first[i]->wake);
			(void)poll(NULL, 0, 1);
		}
}

/* Carry what is there.  Returns how that went; *done: bytes that are away. */
static enum carry
carry(struct writer *w, size_t *done)
{
	struct iovec at[2];
	enum carry how;
	/* Before the look at the queue: what is grave lies in it then. */
	bool grave = w->t->sync != NULL && atomic_exchange(&w->grave, false);
	size_t before = queue_peek(&w->q, at);

	*done = 0;
	if (w->relay != NULL) {
		how = relay_run(w->relay, &w->q, thread_now(), atomic_load(&w->stop));
		*done = before - queue_peek(&w->q, at);
		*done = *done <= before ? *done : 0;
	} else if (before == 0) {
		if (grave)
			w->t->sync(w->handle);
		if (w->live)
			queue_give_back(&w->q);
		return CARRY_DONE;
	} else {
		let_spools_go_first(w);
		how = w->t->carry(w->handle, at, done);
		queue_take(&w->q, *done);
	}
	add(&w->bytes, *done);
	if (grave && how != CARRY_DONE)
		atomic_store(&w->grave, true);
	else if (grave)
		w->t->sync(w->handle);
	look_at_space(w);
	if (how == CARRY_FAILED && !atomic_load(&w->broken))
		add(&w->failures, 1);
	atomic_store(&w->broken, how == CARRY_FAILED);
	if (w->live)
		queue_give_back(&w->q);
	return how;
}

static void
answer(struct writer *w)
{
	atomic_fetch_add(&w->rounds, 1);
	if (atomic_load(&w->waiting) &&
	    (queue_fill(&w->q) <= w->q.size / 4 || atomic_load(&w->broken))) {
		atomic_store(&w->waiting, false);
		bell_ring(&w->back);
	}
}

/* When what is due, of the thread. */
struct times {
	uint64_t	check_ns, retry_ns;
	enum carry	how;	/* the last time */
	unsigned	nap_ms;
	uint64_t	progress, progress_ns;	/* of the relay at the end, and when it was last seen to move */
};

/* Until the nap is over or somebody rings. */
static void
rest(struct writer *w, enum carry how, unsigned nap_ms)
{
	struct pollfd more[TRANSPORT_FDS];
	unsigned n = 0;

	if (w->relay != NULL)
		n = relay_poll(w->relay, how, more, thread_now(), &nap_ms);
	else if (how == CARRY_BUSY && w->t->busy_fd != NULL)
		more[n++] = (struct pollfd){ .fd = w->t->busy_fd(w->handle), .events = POLLOUT };
	atomic_store(&w->wake.asleep, true);
	/* What came before the putter could see that we sleep; at the end only a receiver is waited for. */
	if (how != CARRY_DONE || (!atomic_exchange(&w->urgent, false) && (!atomic_load(&w->stop) || w->relay != NULL) &&
	    queue_fill(&w->q) < w->batch))
		bell_poll(&w->wake, more, n, nap_ms);
	atomic_store(&w->wake.asleep, false);
	atomic_store(&w->urgent, false);
}

/* Everything that is due now. */
static void
work(struct writer *w, struct times *t, uint64_t now, bool stop)
{
	bool again = atomic_exchange(&w->reopen, false);
	size_t done;

	if (again) {
		(void)carry(w, &done);
		if (w->t->reopen != NULL)
			w->t->reopen(w->handle);
	}
	if (now >= t->check_ns) {
		if (w->t->check != NULL)
			w->t->check(w->handle, now);
		look_at_space(w);
		t->check_ns = now + NAP_MS * MS / 2;
	}
	if (w->relay != NULL || t->how != CARRY_FAILED || now >= t->retry_ns || again || stop || atomic_load(&w->waiting)) {
		t->how = carry(w, &done);
		t->retry_ns = now + w->retry_ns;
		/* Who has much to carry looks more often, so that the putter need not wake it. */
		t->nap_ms = done >= w->batch / 2 ? t->nap_ms / 2 : 2 * t->nap_ms;
		t->nap_ms = t->nap_ms < NAP_LEAST_MS ? NAP_LEAST_MS : t->nap_ms > NAP_MS ? NAP_MS : t->nap_ms;
	}
}

/* Nothing is left to do, or nothing more can be done, of a thread that shall end.  With a spool what it holds is
 * safe; it is delivered all the same while that goes on. */
static bool
may_end(struct writer *w, struct times *t, uint64_t now)
{
	if (thread_too_late(w->deadline_ns))
		return true;
	if (w->relay == NULL || t->how == CARRY_FAILED)
		return t->how == CARRY_FAILED || queue_fill(&w->q) == 0;
	if (queue_fill(&w->q) > 0)
		return false;
	if (relay_arrived(w->relay))
		return true;
	if (relay_progress(w->relay) != t->progress || t->progress_ns == 0) {
		t->progress = relay_progress(w->relay);
		t->progress_ns = now;
	}
	return w->spooled && relay_settled(w->relay) && now - t->progress_ns > (w->live ? PATIENCE_LIVE : PATIENCE);
}

static void *
run(void *arg)
{
	struct writer *w = arg;
	struct times t = { .how = CARRY_DONE, .nap_ms = NAP_MS };

	for (;;) {
		bool stop = atomic_load(&w->stop), mine = hold(w);

		if (mine) {
			work(w, &t, thread_now(), stop);
			let_go(w);
		}
		answer(w);
		if (stop && mine && may_end(w, &t, thread_now()))
			break;
		/* While the putter carries there is nothing to do, however much there is. */
		if (!mine)
			rest(w, CARRY_FAILED, NAP_MS);
		else if (t.how != CARRY_MORE)
			rest(w, t.how, t.how == CARRY_DONE ? t.nap_ms : NAP_MS);
	}
	atomic_store(&w->thread.ended, true);
	bell_ring(&w->back);
	return NULL;
}

/* ---- the putter ------------------------------------------------------------ */

static void
wake(struct writer *w)
{
	w->since_wake = 0;
	bell_wake(&w->wake);
}

void
writer_nudge(struct writer *w)
{
	atomic_store(&w->urgent, true);
	wake(w);
}

/* Replay: a switch of threads for each batch costs more than the write. */
static bool
carry_here(struct writer *w)
{
	bool done = false;
	size_t n;

	if (!w->lossless || w->t->direct == NULL || atomic_load(&w->broken) || !hold(w))
		return false;
	if (w->t->direct(w->handle)) {
		(void)carry(w, &n);
		queue_rewind(&w->q);
		w->since_wake = 0;
		done = true;
	}
	let_go(w);
	return done;
}

/* Wait until half of the queue is free.  false: it will not be, or not in the time that there is. */
static bool
wait_for_space(struct writer *w)
{
	uint64_t since = thread_now(), waited = 0, away = atomic_load(&w->bytes);
	bool reported = false, space;

	while (!(space = queue_fill(&w->q) <= w->q.size / 2) && waited < w->patience_ns) {
		if (atomic_load(&w->broken) || thread_too_late(w->deadline_ns))
			break;
		if (!reported && waited > REPORT_NS) {
			log_note("output", "%s: waiting for its reader", w->target);
			reported = true;
		}
		atomic_store(&w->waiting, true);
		writer_nudge(w);
		bell_wait(&w->back, -1, WAIT_MS);
		/* One that goes on is no trouble: the deadline is for that. */
		if (atomic_load(&w->bytes) - away >= GOES_ON) {
			away = atomic_load(&w->bytes);
			since = thread_now();
		}
		waited = thread_now() - since;
	}
	if (w->patience_ns != UINT64_MAX)
		w->patience_ns -= waited < w->patience_ns ? waited : w->patience_ns;
	return space;
}

static bool
put(struct writer *w, enum queue_class as, const struct line_head *h, const char *line, size_t n)
{
	struct line_head whole;

	if (w->relay == NULL)
		return queue_put(&w->q, as, line, n);
	whole = *h;
	whole.len = (uint32_t)n;
	return queue_put_behind(&w->q, as, &whole, sizeof(whole), line, n);
}

bool
writer_put_line(struct writer *w, const struct line_head *h, const char *line, size_t n)
{
	enum queue_class class = h->class;
	bool all = n <= w->longest &&
	    (!atomic_load_explicit(&w->scarce, memory_order_relaxed) || class >= QUEUE_LOW);
	/* Who waits loses nothing, whatever it is. */
	enum queue_class as = w->lossless ? QUEUE_ALERT : class;

	while (!all || !put(w, as, h, line, n)) {
		if (!all || !w->lossless || !wait_for_space(w)) {
			losses_add(&w->losses, w->counters, class, w->pieces || atomic_load(&w->broken) || atomic_load(&w->scarce) ?
			    NULL : w->target);
			return false;
		}
	}
	count(w->counters, CNT_OUT_RECORDS);
	w->lines++;
	w->since_wake += n;
	if (class == QUEUE_ALERT && w->t->sync != NULL)
		atomic_store_explicit(&w->grave, true, memory_order_release);
	if (class == QUEUE_ALERT && !w->lossless && !w->pieces) {
		atomic_store(&w->urgent, true);
		wake(w);
	} else if (w->since_wake >= w->batch && !carry_here(w) && (w->lossless || w->may_wake)) {
		w->may_wake = false;
		wake(w);
	}
	if (w->losses.losing && !w->pieces && queue_fill(&w->q) <= w->q.size / 8 && !atomic_load(&w->broken) &&
	    !atomic_load(&w->scarce))
		losses_end(&w->losses, w->target);
	return true;
}

void
writer_follow(struct writer *w, struct writer *first)
{
	if (w->n_first < WRITER_FIRST)
		w->first[w->n_first++] = first;
}

bool
writer_is_spooled(const struct writer *w)
{
	return w->spooled;
}

void
writer_drop(struct writer *w)
{
	relay_drop(w->relay);
	writer_nudge(w);
}

void
writer_tick(struct writer *w)
{
	w->may_wake = true;
}

void
writer_reopen(struct writer *w)
{
	atomic_store(&w->reopen, true);
	writer_nudge(w);
}

void
writer_lossless(struct writer *w, uint64_t patience_ns)
{
	w->lossless = true;
	w->patience_ns = patience_ns;
}

bool
writer_wait(struct writer *w, uint64_t wait_ms)
{
	uint64_t end = thread_now() + wait_ms * MS, rounds = atomic_load(&w->rounds);

	/* Two rounds that began after now: all that was put was offered. */
	while (queue_fill(&w->q) > 0 || atomic_load(&w->reopen) || (w->relay != NULL && !relay_settled(w->relay))) {
		if (thread_too_late(w->deadline_ns) || thread_now() >= end ||
		    (atomic_load(&w->broken) && atomic_load(&w->rounds) >= rounds + 2))
			return false;
		atomic_store(&w->waiting, true);
		writer_nudge(w);
		bell_wait(&w->back, -1, 10);
	}
	return true;
}

void
writer_counts(const struct writer *w, struct sink_counts *to)
{
	*to = (struct sink_counts){ .transport = w->t->name };
	(void)snprintf(to->name, sizeof(to->name), "%s", w->name);
	to->lines = w->lines;
	to->lost = losses_sum(&w->losses);
	to->lost_alerts = w->losses.of[QUEUE_ALERT] + w->losses.of[QUEUE_LOW];
	to->bytes = atomic_load(&w->bytes);
	to->waiting = queue_fill(&w->q);
	to->failures = atomic_load(&w->failures) + atomic_load(&w->own.failures);
	to->reconnects = atomic_load(&w->own.reconnects);
	to->certificate_until_s = atomic_load(&w->own.certificate_until_s);
	if (w->relay != NULL)
		relay_counts(w->relay, to);
	to->repeated += atomic_load(&w->own.repeated);
}

/* ---- life -------------------------------------------------------------------- */

void *
writer_handle(const struct writer *w)
{
	return w->handle;
}

size_t
writer_memory(const struct writer *w)
{
	return sizeof(*w) + w->q.size + (w->relay != NULL ? STACK_RELAY + relay_memory(w->relay) : THREAD_STACK);
}

static void
give_back(struct writer *w)
{
	bell_close(&w->wake);
	bell_close(&w->back);
	relay_close(w->relay);
	queue_close(&w->q);
	free(w->target);
	free(w->name);
	free(w);
}

struct writer *
writer_open(const struct transport *t, const struct transport_settings *target,
    const struct writer_settings *s, struct counters *c, struct err *e)
{
	struct writer *w = calloc(1, sizeof(*w));
	struct transport_settings given = *target;

	if (w != NULL) {
		atomic_flag_clear(&w->carrying);
		w->wake.fd = w->back.fd = -1;
		w->target = strdup(target->target);
		w->name = strdup(s->name != NULL ? s->name : "");
	}
	if (w == NULL || w->target == NULL || w->name == NULL ||
	    queue_open(&w->q, s->queue < 2 * OUTPUT_LINE_MAX ? 2 * OUTPUT_LINE_MAX : s->queue,
	    writer_sixteenths, QUEUE_CLASSES) != 0) {
		err_add(e, NULL, 0, 0, "no memory for the output %s", target->target);
		if (w != NULL)
			give_back(w);
		return NULL;
	}
	w->t = t;
	w->live = !s->lossless;
	w->counters = c;
	w->lossless = s->lossless;
	w->patience_ns = UINT64_MAX;
	w->pieces = s->pieces;
	w->batch = s->lossless ? BATCH : BATCH_LIVE;
	w->deadline_ns = s->deadline_ns;
	w->retry_ns = target->retry_ns != 0 ? target->retry_ns : RETRY_NS;
	given.counters = &w->own;
	if (s->relay != NULL) {
		w->relay = relay_open(s->relay, e);
		if (w->relay == NULL) {
			give_back(w);
			return NULL;
		}
		w->thread.stack = STACK_RELAY;
		w->spooled = s->relay->spool != NULL;
		given.host = relay_host(w->relay);
	}
	w->handle = t->open(&given, e);
	if (w->handle != NULL && w->relay != NULL)
		relay_join(w->relay, t, w->handle);
	if (w->handle != NULL && bell_open(&w->wake) && bell_open(&w->back)) {
		w->longest = t->longest != NULL && w->relay == NULL ? t->longest(w->handle) : SIZE_MAX;
		return w;
	}
	if (w->handle != NULL) {
		err_add(e, NULL, 0, 0, "no bell for the writer of %s: %s", target->target, strerror(errno));
		(void)t->close(w->handle);
	}
	give_back(w);
	return NULL;
}

bool
writer_start(struct writer *w, struct err *e)
{
	if (!thread_start(&w->thread, run, w))
		err_add(e, NULL, 0, 0, "no thread to write %s: %s", w->target, strerror(errno));
	return w->thread.running;
}

static uint64_t
lines_left(struct writer *w)
{
	struct iovec at[2];
	uint64_t n = 0;

	(void)queue_look(&w->q, at);
	for (int i = 0; i < 2; i++) {
		const char *p = at[i].iov_base, *end = p + at[i].iov_len;

		while (p < end && (p = memchr(p, '\n', (size_t)(end - p))) != NULL) {
			n++;
			p++;
		}
	}
	return n;
}

void
writer_stop(struct writer *w)
{
	atomic_store(&w->stop, true);
	writer_nudge(w);
}

int
writer_close(struct writer *w)
{
	uint64_t left;
	bool joined;
	int rc;

	if (w == NULL)
		return 0;
	writer_stop(w);
	joined = thread_join(&w->thread, &w->wake, w->deadline_ns);
	left = w->pieces ? 0 : w->relay != NULL ? relay_queued(&w->q) : lines_left(w);
	if (w->relay != NULL && joined)
		left += relay_left(w->relay);
	count_n(w->counters, CNT_OUT_LOST, left);
	rc = joined && w->t->close(w->handle) != 0 ? -1 : 0;
	if (losses_sum(&w->losses) + left > 0 && !w->pieces) {
		log_error("output", "%s: %" PRIu64 " lines were lost", w->target, losses_sum(&w->losses) + left);
		rc = -1;
	}
	if (joined)
		give_back(w);
	return rc;
}
