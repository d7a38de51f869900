#include "store/store.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/queue.h"
#include "base/thread.h"
#include "store/parts.h"

#define MS		UINT64_C(1000000)
#define EVERY_NS	(900 * MS)	/* between two transactions: a tick of those who put is a second */
#define NAP_MS		100u
#define WAIT_MS		100u		/* a putter that waits looks at the deadline so often */
#define RETRY_NS	(1000 * MS)	/* between tries while it fails */
#define STACK		(512u * 1024)	/* SQLite's parser and trees */
#define ROWS_AT_ONCE	20000u		/* of one transaction, so that its log stays small */
#define REPLAY_QUEUE	(1024u * 1024)

/* In front of each row in the queue. */
struct head {
	uint32_t	n;		/* bytes of the row */
	uint8_t		kind, drop, unused[2];
};

/* From what is lost first; see class_of(). */
enum { CLASS_STATE, CLASS_ONCE, CLASSES };
static const uint8_t sixteenths[CLASSES] = { [CLASS_STATE] = 10, [CLASS_ONCE] = 16 };

struct store {
	struct databases	 dbs;
	struct keep		 keep;
	struct counters		*counters;	/* the packet thread's */
	const _Atomic uint64_t	*deadline_ns;
	bool			 live;
	struct queue		 q;
	struct bell		 wake, back;
	struct thread		 thread;
	bool			 opened;	/* bells and queue */

	/* The putter's. */
	bool			 lossless;
	uint64_t		 lost, full_seen, failed_seen;

	atomic_bool		 stop, waiting;
	/* From the thread to the putter. */
	atomic_bool		 failing, full;
	_Atomic uint64_t	 rows, transactions, n_full, n_failed;
};

static void
add(_Atomic uint64_t *to, uint64_t n)
{
	/* Only the thread writes them. */
	atomic_store_explicit(to, atomic_load_explicit(to, memory_order_relaxed) + n, memory_order_relaxed);
}

/* ---- the thread ------------------------------------------------------------------ */

static void
copy_out(const struct iovec at[2], size_t from, void *to, size_t n)
{
	struct iovec part[2];
	int pieces = queue_part(at, from, n, part);
	size_t done = 0;

	for (int i = 0; i < pieces; i++) {
		memcpy((uint8_t *)to + done, part[i].iov_base, part[i].iov_len);
		done += part[i].iov_len;
	}
}

/* Bytes of a row in the queue. */
static size_t
whole(size_t n)
{
	return sizeof(struct head) + (n + 7) / 8 * 8;
}

/* Write what is there into an open transaction.  *done: bytes of rows that are in it. */
static int
write_rows(struct store *s, const struct iovec at[2], size_t n, size_t *done, uint64_t *rows)
{
	_Alignas(16) uint8_t row[ROW_MAX];
	struct head h;
	int rc = SQLITE_OK;

	for (*rows = 0, *done = 0; rc == SQLITE_OK && *done + sizeof(h) <= n && *rows < ROWS_AT_ONCE; ++*rows) {
		copy_out(at, *done, &h, sizeof(h));
		copy_out(at, *done + sizeof(h), row, h.n);
		rc = databases_write(&s->dbs, (enum keep_kind)h.kind, row, h.drop != 0);
		*done += whole(h.n);
	}
	return rc;
}

/* It begins to fail, or goes on to: say so once. */
static void
failed(struct store *s, int rc)
{
	bool full = (rc & 0xff) == SQLITE_FULL;

	if (!atomic_load(&s->failing)) {
		log_error("store", full ? "%s: its disk is full; what is learned stays in memory until there is space" :
		    "%s: cannot be written: %s; what is learned stays in memory", s->dbs.failed, sqlite3_errstr(rc));
		add(full ? &s->n_full : &s->n_failed, 1);
	}
	atomic_store(&s->full, full);
	atomic_store(&s->failing, true);
}

/* Write what waits.  false: it could not be, and still waits. */
static bool
carry(struct store *s)
{
	struct iovec at[2];
	size_t n = queue_peek(&s->q, at), done = 0;
	uint64_t rows = 0;
	int rc;

	if (n == 0)
		return true;
	rc = databases_begin(&s->dbs);
	if (rc == SQLITE_OK)
		rc = write_rows(s, at, n, &done, &rows);
	if (rc == SQLITE_OK)
		rc = databases_commit(&s->dbs);
	if (rc != SQLITE_OK) {
		databases_rollback(&s->dbs);
		failed(s, rc);
		return false;
	}
	queue_take(&s->q, done);
	add(&s->rows, rows);
	add(&s->transactions, 1);
	if (atomic_exchange(&s->failing, false))
		log_note("store", "%s: is written again", s->dbs.failed);
	return true;
}

static void
answer(struct store *s)
{
	if (atomic_load(&s->waiting) && (queue_fill(&s->q) <= s->q.size / 2 || atomic_load(&s->failing))) {
		atomic_store(&s->waiting, false);
		bell_ring(&s->back);
	}
}

static void *
run(void *arg)
{
	struct store *s = arg;
	uint64_t next_ns = 0;

	for (;;) {
		bool stop = atomic_load(&s->stop);
		uint64_t now = thread_now();
		bool good = true;

		if (stop || now >= next_ns || (!atomic_load(&s->failing) &&
		    (atomic_load(&s->waiting) || queue_fill(&s->q) > s->q.size / 2))) {
			if (queue_fill(&s->q) > 0) {
				good = carry(s);
				next_ns = now + (good ? EVERY_NS : RETRY_NS);
			}
			if (good)
				databases_history(&s->dbs);
			if (good && s->live)
				databases_retain(&s->dbs, now);
			if (good && !stop)
				databases_repack(&s->dbs);
		}
		answer(s);
		if (stop && (queue_fill(&s->q) == 0 || (!good && thread_too_late(s->deadline_ns)) || (!good && !s->live)))
			break;
		atomic_store(&s->wake.asleep, true);
		if (!atomic_load(&s->stop) && !atomic_load(&s->waiting))
			bell_wait(&s->wake, -1, NAP_MS);
		else if (!good)
			bell_wait(&s->wake, -1, NAP_MS);
		atomic_store(&s->wake.asleep, false);
	}
	atomic_store(&s->thread.ended, true);
	return NULL;
}

/* ---- the packet thread ------------------------------------------------------------ */

static unsigned
class_of(enum keep_kind k)
{
	/* What is put once; all else is put again as long as it was not taken. */
	return k == KEEP_ALERT || k == KEEP_INCIDENT || k == KEEP_MEMBER || k == KEEP_ACTION ? CLASS_ONCE : CLASS_STATE;
}

static bool
wait_for_space(struct store *s)
{
	while (queue_fill(&s->q) > s->q.size / 2) {
		if (atomic_load(&s->failing) || thread_too_late(s->deadline_ns) || !s->thread.running)
			return false;
		atomic_store(&s->waiting, true);
		bell_ring(&s->wake);
		bell_wait(&s->back, -1, WAIT_MS);
	}
	return true;
}

static bool
put_row(struct store *s, enum keep_kind kind, const void *row, size_t n, bool drop)
{
	struct { struct head h; uint8_t row[ROW_MAX]; } line;
	unsigned class = class_of(kind);

	if (kind >= KEEP_KINDS || store_tables[kind].name == NULL || n != store_tables[kind].row)
		return true;	/* nobody keeps it */
	line.h = (struct head){ .n = (uint32_t)n, .kind = (uint8_t)kind, .drop = drop };
	memcpy(line.row, row, n);
	memset(line.row + n, 0, (8 - n % 8) % 8);
	while (!queue_put(&s->q, s->lossless ? CLASS_ONCE : class, &line, whole(n))) {
		if (s->lossless && wait_for_space(s))
			continue;
		count(s->counters, class == CLASS_ONCE ? CNT_STORE_LOST : kind == KEEP_VALUE ? CNT_STORE_VALUES_LOST : CNT_STORE_WAITED);
		s->lost += class == CLASS_ONCE;
		return false;
	}
	count(s->counters, CNT_STORE_ROWS);
	return true;
}

static bool
put(void *arg, enum keep_kind kind, const void *row, size_t n)
{
	return put_row(arg, kind, row, n, false);
}

static bool
drop(void *arg, enum keep_kind kind, const void *row, size_t n)
{
	return put_row(arg, kind, row, n, true);
}

static int
load(void *arg, enum keep_kind kind, void (*each)(void *to, const void *row), void *to, struct err *e)
{
	struct store *s = arg;

	return databases_load(&s->dbs, kind, each, to, e);
}

void
store_tick(struct store *s)
{
	uint64_t full = atomic_load_explicit(&s->n_full, memory_order_relaxed);
	uint64_t bad = atomic_load_explicit(&s->n_failed, memory_order_relaxed);

	count_n(s->counters, CNT_STORE_FULL, full - s->full_seen);
	count_n(s->counters, CNT_STORE_FAILED, bad - s->failed_seen);
	s->full_seen = full;
	s->failed_seen = bad;
}

void
store_last(struct store *s)
{
	s->lossless = true;
}

const struct keep *
store_keep(struct store *s)
{
	return s != NULL ? &s->keep : NULL;
}

/* ---- life -------------------------------------------------------------------------- */

bool
store_wanted(const struct store_settings *s, const struct baseline_settings *b)
{
	return (s->file != NULL && s->file[0] != '\0') || (b->file != NULL && b->file[0] != '\0');
}

static void
give_back(struct store *s)
{
	databases_close(&s->dbs);
	bell_close(&s->wake);
	bell_close(&s->back);
	queue_close(&s->q);
	free(s);
}

struct store *
store_open(const struct store_want *w, struct err *e)
{
	struct store *s = calloc(1, sizeof(*s));
	size_t size = w->live ? (size_t)w->store->queue_kib * 1024 : REPLAY_QUEUE;

	if (s == NULL) {
		err_add(e, NULL, 0, 0, "not enough memory");
		return NULL;
	}
	s->wake.fd = s->back.fd = -1;
	s->keep = (struct keep){ put, drop, load, s };
	s->counters = w->counters;
	s->deadline_ns = w->deadline_ns;
	s->live = w->live;
	s->lossless = !w->live;
	s->thread.stack = STACK;
	if (queue_open(&s->q, size, sixteenths, CLASSES) != 0 || !bell_open(&s->wake) || !bell_open(&s->back)) {
		err_add(e, NULL, 0, 0, "no memory for the queue of the database: lower store.queue");
		give_back(s);
		return NULL;
	}
	if (!databases_open(&s->dbs, w->store, w->baseline, w->socket, e)) {
		give_back(s);
		return NULL;
	}
	return s;
}

bool
store_start(struct store *s, struct err *e)
{
	if (!thread_start(&s->thread, run, s))
		err_add(e, NULL, 0, 0, "no thread for the database");
	return s->thread.running;
}

void
store_state(const struct store *s, struct store_state *to)
{
	const struct store *own = s;

	*to = (struct store_state){
		.file = own->dbs.all.file,
		.baseline_file = own->dbs.baseline.file,
		.rows = atomic_load(&own->rows),
		.waiting = queue_fill(&own->q),
		.transactions = atomic_load(&own->transactions),
		.failures = atomic_load(&own->n_full) + atomic_load(&own->n_failed),
		.failing = atomic_load(&own->failing),
		.full = atomic_load(&own->failing) && atomic_load(&own->full),
	};
}

size_t
store_memory(const struct store *s)
{
	return sizeof(*s) + s->q.size + STACK + databases_memory(&s->dbs);
}

int
store_close(struct store *s)
{
	bool joined;
	size_t left;
	int rc;

	if (s == NULL)
		return 0;
	atomic_store(&s->stop, true);
	bell_ring(&s->wake);
	joined = thread_join(&s->thread, &s->wake, s->deadline_ns);
	left = queue_fill(&s->q);
	rc = s->lost > 0 || (left > 0 && s->counters != NULL && s->counters->v[CNT_STORE_ROWS] > 0) ? -1 : 0;
	if (left > 0)
		log_error("store", "%s: %zu bytes of rows could not be written", s->dbs.all.file, left);
	/* What hangs in the kernel is left behind. */
	if (joined) {
		databases_finish(&s->dbs, s->live);
		give_back(s);
	}
	return rc;
}
