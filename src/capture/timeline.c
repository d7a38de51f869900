#include "capture/timeline_parts.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "base/log.h"

#define WINDOW		(1u << 16)	/* read buffer of a file: stays near the processor */
#define FOLLOW_WAIT_NS	100000000L
/* Growing files are looked at again after this many frames from others. */
#define FOLLOW_FRAMES	4096u

/* ---- the heap: by time, then by the order of the arguments ------------ */

static bool
before(const struct entry *a, const struct entry *b)
{
	if (a->head.ts_ns != b->head.ts_ns)
		return a->head.ts_ns < b->head.ts_ns;
	return a->index < b->index;
}

static void
heap_put(struct timeline *t, struct entry *e)
{
	unsigned i = t->n_heap++;

	for (; i > 0 && before(e, t->heap[(i - 1) / 2]); i = (i - 1) / 2)
		t->heap[i] = t->heap[(i - 1) / 2];
	t->heap[i] = e;
}

static struct entry *
heap_take(struct timeline *t)
{
	struct entry *top = t->heap[0], *last = t->heap[--t->n_heap];
	unsigned i = 0, child;

	for (; (child = 2 * i + 1) < t->n_heap; i = child) {
		if (child + 1 < t->n_heap && before(t->heap[child + 1], t->heap[child]))
			child++;
		if (!before(t->heap[child], last))
			break;
		t->heap[i] = t->heap[child];
	}
	if (t->n_heap > 0)
		t->heap[i] = last;
	return top;
}

/* ---- one file --------------------------------------------------------- */

void
entry_close(struct entry *e)
{
	if (e->file != NULL) {
		capfile_close(e->file);
		free(e->file);
		e->file = NULL;
	}
}

/* 0, or -1 with the reason in `why`. */
int
entry_open(struct entry *e, char *why, size_t why_len)
{
	e->file = malloc(sizeof(*e->file));
	if (e->file == NULL) {
		(void)snprintf(why, why_len, "no memory");
		return -1;
	}
	if (capfile_open(e->file, e->path, WINDOW) != 0) {
		(void)snprintf(why, why_len, "%s", e->file->bad);
		free(e->file);
		e->file = NULL;
		return -1;
	}
	e->regular = e->file->src.regular;
	return 0;
}

/* Count what the file itself says is missing, and the frames without a time that it gave,
 * since the last call. */
static void
count_missing(struct timeline *t, struct entry *e)
{
	char when[32];
	time_t s;
	struct tm tm;

	if (e->file == NULL)
		return;
	count_n(t->counters, CNT_CAP_FILE_DROPS, e->file->dropped - e->dropped);
	e->dropped = e->file->dropped;
	if (e->file->untimed == e->untimed)
		return;
	if (e->untimed == 0) {
		s = (time_t)(e->head.ts_ns / UINT64_C(1000000000));
		if (gmtime_r(&s, &tm) == NULL || strftime(when, sizeof(when), "%F %T UTC", &tm) == 0)
			when[0] = '\0';
		log_warn("capture", "%s: its packets have no time (simple packet blocks): those before the "
		    "first one with a time are dated by the file's last change, all others like the one "
		    "before them, here %s; order is kept, no duration means anything", e->path, when);
	}
	count_n(t->counters, CNT_CAP_NO_TIME, e->file->untimed - e->untimed);
	e->untimed = e->file->untimed;
}

/* The file gives no more: say why if it did not end well, and count it. */
static void
entry_finish(struct timeline *t, struct entry *e, enum capfile_step step)
{
	const struct capfile *f = e->file;

	count_missing(t, e);
	if (step == CAPFILE_BAD) {
		count(t->counters, CNT_CAP_ERRORS);
		if (f->format == FORMAT_UNKNOWN)
			t->failed = true;
		log_error("capture", "%s: at byte %llu: %s", e->path,
		    (unsigned long long)source_offset(&f->src), f->bad);
	} else if (f->format == FORMAT_UNKNOWN && step == CAPFILE_EOF) {
		log_error("capture", "%s: ended before the header of a capture was complete", e->path);
		count(t->counters, CNT_CAP_CUT_FILES);
		t->failed = true;
	} else if (step == CAPFILE_EOF && source_partial(&f->src)) {
		count(t->counters, CNT_CAP_CUT_FILES);
		log_warn("capture", "%s: ends inside a record that begins at byte %llu%s; everything "
		    "before it was read", e->path, (unsigned long long)source_offset(&f->src),
		    f->src.z != NULL ? " of the unpacked data" : "");
	}
	if (f->skipped > 0) {
		count_n(t->counters, CNT_CAP_ERRORS, f->skipped);
		log_warn("capture", "%s: %llu packet blocks name an interface that does not exist "
		    "or claim more bytes than they have; they were left out", e->path,
		    (unsigned long long)f->skipped);
	}
	t->finished += e->size;
	e->done = true;
	entry_close(e);
}

/* A followed file was replaced or cut short under its name: start over. */
static void
reopen_if_replaced(struct timeline *t, struct entry *e)
{
	const struct source *src = &e->file->src;
	struct stat st;
	char why[256];

	if (stat(e->path, &st) != 0)
		return;	/* between the two steps of a rotation: the new one will come */
	if ((uint64_t)st.st_dev == src->dev && (uint64_t)st.st_ino == src->ino &&
	    (uint64_t)st.st_size >= src->raw)
		return;
	if (source_partial(src))
		count(t->counters, CNT_CAP_CUT_FILES);
	log_note("capture", "%s: replaced or cut short; reading it from its beginning", e->path);
	count_missing(t, e);
	entry_close(e);
	e->number = e->untimed = e->dropped = 0;
	if (entry_open(e, why, sizeof(why)) != 0) {
		log_error("capture", "%s: %s", e->path, why);
		count(t->counters, CNT_CAP_ERRORS);
		e->done = true;
	}
}

/* What capfile_next() said of a file.  CAPFILE_FRAME: it has a frame; CAPFILE_AGAIN:
 * keep it and ask later; CAPFILE_EOF: the file is done and closed. */
static enum capfile_step
entry_step(struct timeline *t, struct entry *e, enum capfile_step step)
{
	if (step == CAPFILE_FRAME || step == CAPFILE_AGAIN)
		return step;
	if (step == CAPFILE_EOF && e->growing && e->file->src.z == NULL)
		return CAPFILE_AGAIN;
	entry_finish(t, e, step);
	return CAPFILE_EOF;
}

/* Read the next frame into e->head. */
static enum capfile_step
entry_advance(struct timeline *t, struct entry *e)
{
	return entry_step(t, e, capfile_next(e->file, &e->head));
}

/* ---- the sequence ----------------------------------------------------- */

void
wait_for(struct timeline *t, struct entry *e)
{
	t->waiting[t->n_waiting++] = e;
}

enum capfile_step
entry_queue(struct timeline *t, struct entry *e)
{
	enum capfile_step step = entry_advance(t, e);

	if (step == CAPFILE_FRAME)
		heap_put(t, e);
	else if (step == CAPFILE_AGAIN)
		wait_for(t, e);
	return step;
}

/* The time of a closed file has come. */
static void
open_in_turn(struct timeline *t, struct entry *e)
{
	char why[256];

	if (entry_open(e, why, sizeof(why)) != 0) {
		log_error("capture", "%s: %s; its frames are missing", e->path, why);
		count(t->counters, CNT_CAP_ERRORS);
		t->finished += e->size;
		e->done = true;
		return;
	}
	(void)entry_queue(t, e);
}

/* Ask the waiting files again; those with a frame join the heap. */
static void
look_again(struct timeline *t)
{
	unsigned kept = 0;

	t->since_look = 0;
	for (unsigned i = 0; i < t->n_waiting; i++) {
		struct entry *e = t->waiting[i];
		enum capfile_step step = entry_advance(t, e);

		if (step == CAPFILE_AGAIN && e->growing) {
			reopen_if_replaced(t, e);
			if (e->done)
				continue;
			step = entry_advance(t, e);
		}
		if (step == CAPFILE_FRAME)
			heap_put(t, e);
		else if (step == CAPFILE_AGAIN)
			t->waiting[kept++] = e;
	}
	t->n_waiting = kept;
}

/* A pipe whose next frame is not known holds the others back, or the order would
 * depend on who is quicker; a file that merely grows does not. */
static bool
must_wait(const struct timeline *t)
{
	for (unsigned i = 0; i < t->n_waiting; i++)
		if (!t->waiting[i]->growing && !t->follow)
			return true;
	return false;
}

static void
rest(const struct timeline *t)
{
	struct timespec pause = { 0, FOLLOW_WAIT_NS };

	/* Pipes have spent the time in poll(); files return at once. */
	for (unsigned i = 0; i < t->n_waiting; i++)
		if (!t->waiting[i]->regular)
			return;
	(void)nanosleep(&pause, NULL);
}

static inline enum capture_step
number(struct timeline *t, struct entry *e, struct frame *frame)
{
	t->number++;
	if (__builtin_expect(e->number++ == 0, 0) && t->n_begun++ > 0)
		count(t->counters, CNT_CAP_FURTHER);
	frame->number = frame_number(e->index, e->number);
	frame->source = e->index;
	return CAPTURE_FRAME;
}

static enum capture_step
give(struct timeline *t, struct entry *e, struct frame *frame)
{
	t->current = e;
	*frame = e->head;
	return number(t, e, frame);
}

/* The slow side: the current file has no next frame, or is not the oldest. */
static enum capture_step
choose(struct timeline *t, struct frame *frame)
{
	if (t->n_waiting > 0 && (t->n_heap == 0 || must_wait(t) ||
	    ++t->since_look >= FOLLOW_FRAMES)) {
		look_again(t);
		if (t->n_waiting > 0 && (t->n_heap == 0 || must_wait(t))) {
			rest(t);
			return CAPTURE_IDLE;
		}
	}
	while (t->n_heap > 0) {
		struct entry *e = heap_take(t);

		if (e->file != NULL)
			return give(t, e, frame);
		open_in_turn(t, e);
		if (must_wait(t))
			return CAPTURE_IDLE;
	}
	if (t->n_waiting > 0)
		return CAPTURE_IDLE;
	return t->failed ? CAPTURE_FAILED : CAPTURE_END;
}

/* The current file gave `step`, with the frame in its head: is that the next one? */
static __attribute__((noinline)) enum capture_step
go_on(struct timeline *t, enum capfile_step step, struct frame *frame)
{
	struct entry *e = t->current;

	if (step == CAPFILE_FRAME) {
		if (t->n_waiting == 0 && (t->n_heap == 0 || before(e, t->heap[0])))
			return give(t, e, frame);
		heap_put(t, e);
	} else if (entry_step(t, e, step) == CAPFILE_AGAIN)
		wait_for(t, e);
	t->current = NULL;
	return choose(t, frame);
}

enum capture_step
timeline_next(struct timeline *t, struct frame *frame)
{
	struct entry *e = t->current;
	enum capfile_step step;

	if (e == NULL)
		return choose(t, frame);
	/* Only now: the caller has used the last frame's bytes until here. */
	if (t->n_heap + t->n_waiting > 0)
		return go_on(t, capfile_next(e->file, &e->head), frame);
	/* The only file, or the last one: straight to the caller. */
	step = capfile_next(e->file, frame);
	if (step != CAPFILE_FRAME)
		return go_on(t, step, frame);
	return number(t, e, frame);
}

unsigned
timeline_ready(struct timeline *t, struct frame *frames, unsigned max)
{
	struct entry *e = t->current;
	unsigned n;

	if (e == NULL || t->n_heap + t->n_waiting > 0)
		return 0;
	n = capfile_ready(e->file, frames, max);
	t->number += n;
	for (unsigned i = 0; i < n; i++) {
		frames[i].number = frame_number(e->index, ++e->number);
		frames[i].source = e->index;
	}
	return n;
}

void
timeline_update_counters(struct timeline *t)
{
	for (unsigned i = 0; i < t->n; i++)
		count_missing(t, &t->entries[i]);
}

void
timeline_close(struct timeline *t)
{
	if (t == NULL)
		return;
	for (unsigned i = 0; i < t->n; i++) {
		entry_close(&t->entries[i]);
		free(t->entries[i].path);
	}
	free(t->entries);
	free(t->heap);
	free(t->waiting);
	free(t);
}

const char *
timeline_name(const struct timeline *t, uint16_t source)
{
	return source < t->n ? t->entries[source].path : "";
}

unsigned
timeline_sources(const struct timeline *t)
{
	return t->n;
}

static uint64_t
consumed(const struct entry *e)
{
	return e != NULL && e->file != NULL ? source_consumed(&e->file->src) : 0;
}

double
timeline_progress(const struct timeline *t)
{
	uint64_t done = t->finished + consumed(t->current);

	if (!t->progress_known)
		return -1;
	for (unsigned i = 0; i < t->n_heap; i++)
		done += consumed(t->heap[i]);
	if (t->total == 0 || done >= t->total)
		return 1;
	return (double)done / (double)t->total;
}
