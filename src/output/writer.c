/* writer.c - see writer.h.  The machine's clock is read here: it paces the writing
 * and has no part in what is written. */
#include "output/writer.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"

#define MS		UINT64_C(1000000)
#define NAP_MS		100u		/* lines wait at most so long */
#define RETRY_NS	(1000 * MS)	/* between tries of a broken target */
#define WAIT_MS		100u		/* a putter that waits looks at the deadline so often */
#define GRACE_NS	(200 * MS)	/* for a thread that was told that time is over */
#define TOLD_NS		(5000 * MS)	/* a wait that is worth a message */
/* Bytes that are written without waiting for the nap.  Live fewer, so that there is room
 * left for as long as a busy machine lets the thread wait for its turn. */
#define BATCH		OUTPUT_LINE_MAX
#define BATCH_LIVE	(OUTPUT_LINE_MAX / 4)
#ifdef TW_SANITIZED
#define STACK_SIZE	(512u * 1024)
#else
#define STACK_SIZE	(64u * 1024)
#endif

struct writer {
	struct queue		 q;
	const struct transport	*t;
	void			*way;		/* the transport's own */
	char			*target;	/* owned; for messages */
	struct counters		*counters;	/* borrowed; the putter's */
	const _Atomic uint64_t	*deadline_ns;	/* borrowed, or NULL */
	size_t			 batch;
	int			 wake, back;	/* eventfds: to the thread, to who waits for it */
	pthread_t		 thread;
	bool			 running;
	atomic_flag		 carrying;	/* whoever calls the transport holds it */

	/* The putter's. */
	bool			 lossless, pieces;
	size_t			 since_wake;	/* bytes put since the thread was woken for them */
	bool			 losing;	/* told */
	uint64_t		 lost_before;	/* this trouble */

	/* From the putter to the thread. */
	atomic_bool		 urgent, reopen, stop;
	atomic_bool		 waiting;	/* somebody waits for room, or for the end */
	_Atomic uint64_t	 lost[QUEUE_CLASSES];	/* lines */
	/* From the thread to the putter. */
	atomic_bool		 asleep, ended;
	atomic_bool		 broken;	/* CARRY_FAILED: do not wait for room */
	atomic_bool		 scarce;	/* alerts only */
	_Atomic uint64_t	 rounds;	/* of the thread; all seen is carried or has failed */
};

static const struct { enum counter_id id; const char *what; } classes[QUEUE_CLASSES] = {
	[QUEUE_OPERATION] = { CNT_OUT_LOST_OPERATIONS, "operations" },
	[QUEUE_FLOW] = { CNT_OUT_LOST_FLOWS, "flows" },
	[QUEUE_ANOMALY] = { CNT_OUT_LOST_ANOMALIES, "anomalies" },
	[QUEUE_STATS] = { CNT_OUT_LOST_STATS, "statistics" },
	[QUEUE_LOW] = { CNT_OUT_LOST_LOW, "alerts of severity 3 and 4" },
	[QUEUE_ALERT] = { CNT_OUT_LOST_ALERTS, "alerts of severity 1 and 2" },
};

uint64_t
writer_now(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000 * MS + (uint64_t)t.tv_nsec;
}

static bool
too_late(const struct writer *w)
{
	uint64_t end = w->deadline_ns != NULL ? atomic_load(w->deadline_ns) : 0;

	return end != 0 && writer_now() >= end;
}

static void
ring(int fd)
{
	const uint64_t one = 1;

	/* A counter that is full has been rung often enough. */
	if (write(fd, &one, sizeof(one)) < 0)
		return;
}

/* Until the bell rings, `fd` (where there is one) can be written, or time is up. */
static void
doze(int bell, int fd, unsigned ms)
{
	struct pollfd p[2] = { { .fd = bell, .events = POLLIN }, { .fd = fd, .events = POLLOUT } };
	uint64_t n;

	if (poll(p, fd >= 0 ? 2 : 1, (int)ms) > 0 && (p[0].revents & POLLIN) != 0 &&
	    read(bell, &n, sizeof(n)) < 0)
		return;
}

/* ---- the thread ------------------------------------------------------------ */

static uint64_t
lost_lines(const struct writer *w)
{
	uint64_t n = 0;

	for (int i = 0; i < QUEUE_CLASSES; i++)
		n += atomic_load_explicit(&w->lost[i], memory_order_relaxed);
	return n;
}

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

/* Carry what is there.  Returns how that went. */
static enum carry
carry(struct writer *w)
{
	struct iovec at[2];
	enum carry how;
	size_t done = 0;

	if (queue_peek(&w->q, at) == 0)
		return CARRY_DONE;
	how = w->t->carry(w->way, at, &done);
	queue_take(&w->q, done);
	atomic_store(&w->scarce, w->t->scarce(w->way));
	atomic_store(&w->broken, how == CARRY_FAILED);
	return how;
}

static void
answer(struct writer *w)
{
	atomic_fetch_add(&w->rounds, 1);
	if (atomic_load(&w->waiting) &&
	    (queue_fill(&w->q) <= w->q.size / 4 || atomic_load(&w->broken))) {
		atomic_store(&w->waiting, false);
		ring(w->back);
	}
}

/* Until the nap is over or somebody rings. */
static void
rest(struct writer *w, enum carry how)
{
	int busy_fd = how == CARRY_BUSY ? w->t->busy_fd(w->way) : -1;

	atomic_store(&w->asleep, true);
	/* What came before the putter could see that we sleep. */
	if (how != CARRY_DONE || (!atomic_exchange(&w->urgent, false) && !atomic_load(&w->stop) &&
	    queue_fill(&w->q) < w->batch))
		doze(w->wake, busy_fd, NAP_MS);
	atomic_store(&w->asleep, false);
	atomic_store(&w->urgent, false);
}

/* When what is due, of the thread. */
struct times {
	uint64_t	check_ns, retry_ns;
	enum carry	how;	/* the last time */
};

/* Everything that is due now. */
static void
work(struct writer *w, struct times *t, uint64_t now, bool stop)
{
	bool again = atomic_exchange(&w->reopen, false);

	if (again) {
		(void)carry(w);
		w->t->reopen(w->way);
	}
	if (now >= t->check_ns) {
		w->t->check(w->way, now);
		atomic_store(&w->scarce, w->t->scarce(w->way));
		t->check_ns = now + NAP_MS * MS / 2;
	}
	if (t->how != CARRY_FAILED || now >= t->retry_ns || again || stop || atomic_load(&w->waiting)) {
		t->how = carry(w);
		t->retry_ns = now + RETRY_NS;
	}
}

static void *
run(void *arg)
{
	struct writer *w = arg;
	struct times t = { .how = CARRY_DONE };

	for (;;) {
		bool stop = atomic_load(&w->stop), mine = hold(w);

		if (mine) {
			work(w, &t, writer_now(), stop);
			let_go(w);
		}
		answer(w);
		if (stop && mine && (queue_fill(&w->q) == 0 || t.how == CARRY_FAILED || too_late(w)))
			break;
		/* While the putter carries there is nothing to do, however much there is. */
		if (!mine)
			rest(w, CARRY_FAILED);
		else if (t.how != CARRY_MORE)
			rest(w, t.how);
	}
	atomic_store(&w->ended, true);
	ring(w->back);
	return NULL;
}

/* ---- the putter ------------------------------------------------------------ */

static void
wake(struct writer *w)
{
	w->since_wake = 0;
	if (atomic_exchange(&w->asleep, false))
		ring(w->wake);
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

	if (!w->lossless || w->t->direct == NULL || atomic_load(&w->broken) || !hold(w))
		return false;
	if (w->t->direct(w->way)) {
		(void)carry(w);
		queue_rewind(&w->q);
		w->since_wake = 0;
		done = true;
	}
	let_go(w);
	return done;
}

/* Replay: wait until half of the queue is free.  false: it will not be. */
static bool
wait_for_room(struct writer *w)
{
	uint64_t since = writer_now();
	bool told = false;

	while (queue_fill(&w->q) > w->q.size / 2) {
		if (atomic_load(&w->broken) || too_late(w))
			return false;
		if (!told && writer_now() - since > TOLD_NS) {
			log_note("output", "%s: waiting for its reader", w->target);
			told = true;
		}
		atomic_store(&w->waiting, true);
		writer_nudge(w);
		doze(w->back, -1, WAIT_MS);
	}
	return true;
}

static void
lose(struct writer *w, enum queue_class class)
{
	uint64_t n = atomic_load_explicit(&w->lost[class], memory_order_relaxed);

	atomic_store_explicit(&w->lost[class], n + 1, memory_order_relaxed);
	count(w->counters, CNT_OUT_LOST);
	count(w->counters, classes[class].id);
	/* What is broken has said so itself. */
	if (w->losing || w->pieces)
		return;
	w->losing = true;
	w->lost_before = lost_lines(w) - 1;
	if (!atomic_load(&w->broken) && !atomic_load(&w->scarce))
		log_warn("output", "%s: its reader or its disk is too slow; what does not fit in memory is "
		    "left out, the least important first, until it keeps up again", w->target);
}

/* Room again after lines were lost. */
static void
recovered(struct writer *w)
{
	char text[256] = "";
	size_t len = 0;

	if (queue_fill(&w->q) > w->q.size / 8 || atomic_load(&w->broken) || atomic_load(&w->scarce))
		return;
	w->losing = false;
	for (int i = QUEUE_CLASSES - 1; i >= 0; i--) {
		uint64_t n = atomic_load_explicit(&w->lost[i], memory_order_relaxed);
		int k = n > 0 ? snprintf(text + len, sizeof(text) - len, "%s%" PRIu64 " %s",
		    len > 0 ? ", " : "", n, classes[i].what) : 0;

		if (k > 0 && (size_t)k < sizeof(text) - len)
			len += (size_t)k;
	}
	log_note("output", "%s: lines are written again; %" PRIu64 " were lost (since the start: %s)",
	    w->target, lost_lines(w) - w->lost_before, text);
}

bool
writer_put(struct writer *w, enum queue_class class, const char *line, size_t n)
{
	bool all = !atomic_load_explicit(&w->scarce, memory_order_relaxed) || class >= QUEUE_LOW;
	/* Who waits loses nothing, whatever it is. */
	enum queue_class as = w->lossless ? QUEUE_ALERT : class;

	while (!all || !queue_put(&w->q, as, line, n)) {
		if (!all || !w->lossless || !wait_for_room(w)) {
			lose(w, class);
			return false;
		}
	}
	count(w->counters, CNT_OUT_RECORDS);
	w->since_wake += n;
	if (class == QUEUE_ALERT && !w->lossless && !w->pieces) {
		atomic_store(&w->urgent, true);
		wake(w);
	} else if (w->since_wake >= w->batch && !carry_here(w))
		wake(w);
	if (w->losing)
		recovered(w);
	return true;
}

void
writer_reopen(struct writer *w)
{
	atomic_store(&w->reopen, true);
	writer_nudge(w);
}

void
writer_lossless(struct writer *w)
{
	w->lossless = true;
}

bool
writer_wait(struct writer *w, uint64_t wait_ms)
{
	uint64_t end = writer_now() + wait_ms * MS, rounds = atomic_load(&w->rounds);

	/* Two rounds that began after now: all that was put was offered. */
	while (queue_fill(&w->q) > 0 || atomic_load(&w->reopen)) {
		if (too_late(w) || writer_now() >= end ||
		    (atomic_load(&w->broken) && atomic_load(&w->rounds) >= rounds + 2))
			return false;
		atomic_store(&w->waiting, true);
		writer_nudge(w);
		doze(w->back, -1, 10);
	}
	return true;
}

/* ---- life -------------------------------------------------------------------- */

void *
writer_way(const struct writer *w)
{
	return w->way;
}

size_t
writer_memory(const struct writer *w)
{
	return sizeof(*w) + w->q.size + STACK_SIZE;
}

static bool
start(struct writer *w)
{
	pthread_attr_t attr;
	sigset_t all, old;

	if (pthread_attr_init(&attr) != 0)
		return false;
	(void)pthread_attr_setstacksize(&attr, STACK_SIZE);
	/* Signals are the packet thread's. */
	(void)sigfillset(&all);
	(void)pthread_sigmask(SIG_SETMASK, &all, &old);
	w->running = pthread_create(&w->thread, &attr, run, w) == 0;
	(void)pthread_sigmask(SIG_SETMASK, &old, NULL);
	(void)pthread_attr_destroy(&attr);
	return w->running;
}

static void
give_back(struct writer *w)
{
	if (w->wake >= 0)
		(void)close(w->wake);
	if (w->back >= 0)
		(void)close(w->back);
	queue_close(&w->q);
	free(w->target);
	free(w);
}

struct writer *
writer_open(const struct transport *t, const struct transport_settings *target,
    const struct writer_settings *s, struct counters *c, struct err *e)
{
	struct writer *w = calloc(1, sizeof(*w));

	if (w != NULL)
		atomic_flag_clear(&w->carrying);
	if (w == NULL || (w->target = strdup(target->target)) == NULL ||
	    queue_open(&w->q, s->queue < 2 * OUTPUT_LINE_MAX ? 2 * OUTPUT_LINE_MAX : s->queue) != 0) {
		err_add(e, NULL, 0, 0, "no memory for the output %s", target->target);
		if (w != NULL)
			free(w->target);
		free(w);
		return NULL;
	}
	w->t = t;
	w->counters = c;
	w->lossless = s->lossless;
	w->pieces = s->pieces;
	w->batch = s->lossless ? BATCH : BATCH_LIVE;
	w->deadline_ns = s->deadline_ns;
	w->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	w->back = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	w->way = t->open(target, e);
	if (w->way == NULL) {
		give_back(w);
		return NULL;
	}
	if (w->wake < 0 || w->back < 0 || !start(w)) {
		err_add(e, NULL, 0, 0, "no thread to write %s: %s", target->target, strerror(errno));
		(void)t->close(w->way);
		give_back(w);
		return NULL;
	}
	return w;
}

static uint64_t
lines_left(struct writer *w)
{
	struct iovec at[2];
	uint64_t n = 0;

	(void)queue_peek(&w->q, at);
	for (int i = 0; i < 2; i++) {
		const char *p = at[i].iov_base, *end = p + at[i].iov_len;

		while (p < end && (p = memchr(p, '\n', (size_t)(end - p))) != NULL) {
			n++;
			p++;
		}
	}
	return n;
}

/* Wait for the thread's end.  false: it hangs. */
static bool
join(struct writer *w)
{
	uint64_t late_ns = 0;

	while (!atomic_load(&w->ended)) {
		if (late_ns == 0 && too_late(w))
			late_ns = writer_now();
		if (late_ns != 0 && writer_now() - late_ns > GRACE_NS)
			return false;
		writer_nudge(w);
		doze(w->back, -1, 20);
	}
	(void)pthread_join(w->thread, NULL);
	return true;
}

int
writer_close(struct writer *w)
{
	uint64_t left;
	bool joined;
	int rc;

	if (w == NULL)
		return 0;
	atomic_store(&w->stop, true);
	joined = join(w);
	left = w->pieces ? 0 : lines_left(w);
	count_n(w->counters, CNT_OUT_LOST, left);
	rc = joined && w->t->close(w->way) != 0 ? -1 : 0;
	if (lost_lines(w) + left > 0 && !w->pieces) {
		log_error("output", "%s: %" PRIu64 " lines were lost", w->target, lost_lines(w) + left);
		rc = -1;
	}
	if (joined)
		give_back(w);
	return rc;
}
