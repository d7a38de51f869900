#include "capture/timeline.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>

#include "base/log.h"
#include "base/str.h"
#include "capture/capfile.h"
#include "capture/dirlist.h"

#define WINDOW		(1u << 16)	/* read buffer of a file; stays in the second-level cache */
#define WINDOW_PEEK	(1u << 16)	/* to see the first frame */
#define MANY_FILES	16u
#define STRANGE_NAMED	20u	/* files that are no captures and are named one by one */
#define MAX_FILES	65535u		/* frame->source has 16 bits */

#define FOLLOW_WAIT_NS	100000000L
/* Growing files are looked at again after this many frames from others. */
#define FOLLOW_FRAMES	4096u

struct entry {
	char		*path;		/* owned */
	struct capfile	*file;		/* owned; NULL while closed */
	struct frame	 head;		/* its next frame; while closed only the time counts */
	uint64_t	 size;		/* bytes; 0 unknown */
	uint64_t	 number;	/* of its last frame that was given */
	uint64_t	 untimed;	/* frames without a time that were counted */
	uint64_t	 dropped;	/* packets that the file says are missing, that were counted */
	uint16_t	 index;
	bool		 regular;
	bool		 growing;	/* --follow: end of file is not the end */
	bool		 done;
};

struct timeline {
	struct counters	*counters;
	struct entry	*entries;	/* owned */
	unsigned	 n;
	struct entry   **heap;		/* owned; oldest head first; without `current` */
	unsigned	 n_heap;
	struct entry   **waiting;	/* owned; open, without a complete frame for now */
	unsigned	 n_waiting;
	struct entry	*current;	/* gave the last frame */
	uint64_t	 number;
	uint64_t	 total, finished;	/* bytes, for progress */
	bool		 progress_known;
	bool		 follow;
	bool		 filter_wrong;	/* said once is enough */
	bool		 failed;	/* a source turned out to be no capture */
	unsigned	 n_strange;	/* files of folders that are no captures */
	unsigned	 n_begun;	/* files that gave a frame */
	struct err	 strangers;	/* named files that are no captures */
	size_t		 window;
	unsigned	 since_look;	/* frames since the waiting files were asked */
};

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

static void
entry_close(struct entry *e)
{
	if (e->file != NULL) {
		capfile_close(e->file);
		free(e->file);
		e->file = NULL;
	}
}

/* 0, or -1 with the reason in `why`. */
static int
entry_open(struct entry *e, size_t window, char *why, size_t why_len)
{
	e->file = malloc(sizeof(*e->file));
	if (e->file == NULL) {
		(void)snprintf(why, why_len, "no memory");
		return -1;
	}
	if (capfile_open(e->file, e->path, window) != 0) {
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
	if (entry_open(e, t->window, why, sizeof(why)) != 0) {
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

static void
wait_for(struct timeline *t, struct entry *e)
{
	t->waiting[t->n_waiting++] = e;
}

/* The time of a closed file has come. */
static void
open_in_turn(struct timeline *t, struct entry *e)
{
	char why[256];

	if (entry_open(e, t->window, why, sizeof(why)) != 0) {
		log_error("capture", "%s: %s; its frames are missing", e->path, why);
		count(t->counters, CNT_CAP_ERRORS);
		t->finished += e->size;
		e->done = true;
		return;
	}
	switch (entry_advance(t, e)) {
	case CAPFILE_FRAME:
		heap_put(t, e);
		break;
	case CAPFILE_AGAIN:
		wait_for(t, e);
		break;
	default:
		break;
	}
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

/* ---- opening ---------------------------------------------------------- */

/* A word alone is more often a capture's name with a mistake in it: arguments
 * that do not exist are taken for the filter. */
static const char *
no_file(const char *expr)
{
	return strpbrk(expr, " \t()") == NULL ? "; a capture of that name does not exist either" : "";
}

static void
check_filter(struct timeline *t, struct filter *filter, const struct entry *e, struct err *err)
{
	char why[256];

	if (filter == NULL || t->filter_wrong ||
	    filter_prepare(filter, e->head.link, why, sizeof(why)) == 0)
		return;
	t->filter_wrong = true;
	err_add(err, NULL, 0, 0, "the filter \"%s\" does not fit the frames of %s: %s%s",
	    filter_given(filter), e->path, why, no_file(filter_given(filter)));
}

/* Does its name say that it is a capture? */
static bool
named_like_a_capture(const char *path)
{
	const char *name = strrchr(path, '/');

	name = name != NULL ? name + 1 : path;
	return strstr(name, ".pcap") != NULL || strstr(name, ".cap") != NULL;
}

/* It is no capture and is left out.  Where that is no mistake of who gave its name, it
 * may be one of who wrote the file. */
static void
leave_out(struct timeline *t, struct entry *e, bool named, const char *what)
{
	e->done = true;
	entry_close(e);
	if (named) {
		count(t->counters, CNT_CAP_SKIPPED);
		err_add(&t->strangers, e->path, 0, 0, "%s", what);
		return;
	}
	if (named_like_a_capture(e->path)) {
		count(t->counters, CNT_CAP_SKIPPED);
		log_warn("capture", "%s: %s; left out", e->path, what);
	} else if (t->n_strange++ < STRANGE_NAMED)
		log_note("capture", "%s is no capture and was left out", e->path);
	else
		log_debug("capture", "%s is no capture and was left out", e->path);
}

/* Look at a file for the first time. */
static void
first_look(struct timeline *t, struct entry *e, bool named, bool keep, struct filter *filter,
    struct err *err)
{
	enum capfile_step step;
	char why[256];

	if (entry_open(e, keep ? t->window : WINDOW_PEEK, why, sizeof(why)) != 0) {
		leave_out(t, e, named, why);
		return;
	}
	if (!e->regular) {	/* nothing may have been written yet: do not wait here */
		t->progress_known = false;
		wait_for(t, e);
		return;
	}
	e->size = e->file->src.file_size;
	t->total += e->size;
	step = capfile_identify(e->file);
	if (step == CAPFILE_BAD || (step == CAPFILE_EOF && !e->growing)) {
		(void)snprintf(why, sizeof(why), "%s", step == CAPFILE_BAD ? e->file->bad :
		    e->size == 0 ? "empty file: there is no capture in it" :
		    "too short for a capture file: its header is not complete");
		t->total -= e->size;
		e->size = 0;
		leave_out(t, e, named, why);
		return;
	}
	switch (entry_advance(t, e)) {
	case CAPFILE_FRAME:
		check_filter(t, filter, e, err);
		if (!keep)
			entry_close(e);
		heap_put(t, e);
		break;
	case CAPFILE_AGAIN:
		wait_for(t, e);
		break;
	default:
		break;
	}
}

/* Descriptors for many files that overlap in time. */
static void
raise_descriptors(unsigned n)
{
	struct rlimit r;

	if (getrlimit(RLIMIT_NOFILE, &r) != 0 || r.rlim_cur >= (rlim_t)n + 64)
		return;
	r.rlim_cur = r.rlim_max;
	(void)setrlimit(RLIMIT_NOFILE, &r);
}

/* Give each listed file its entry; 0 or -1 without memory. */
static int
take_list(struct timeline *t, struct dirlist *list)
{
	t->entries = calloc(list->n + 1, sizeof(*t->entries));
	t->heap = calloc(list->n + 1, sizeof(struct entry *));
	t->waiting = calloc(list->n + 1, sizeof(struct entry *));
	if (t->entries == NULL || t->heap == NULL || t->waiting == NULL)
		return -1;
	t->n = list->n;
	for (unsigned i = 0; i < list->n; i++) {
		t->entries[i].path = list->items[i].path;
		list->items[i].path = NULL;
		t->entries[i].index = (uint16_t)i;
		t->entries[i].growing = t->follow && list->items[i].may_grow;
	}
	return 0;
}

/* What was named and is no capture: the others are read all the same, and the run fails at
 * its end.  Where there are no others it does not begin. */
static void
strangers(struct timeline *t, bool others_fail, struct err *err)
{
	bool any = false;

	for (unsigned i = 0; i < t->n; i++)
		any = any || !t->entries[i].done || t->entries[i].size > 0;
	for (const struct err_item *it = t->strangers.first; it != NULL; it = it->next)
		if (any && !others_fail)
			log_error("capture", "%s: %s; left out", it->file, it->text);
		else
			err_add(err, it->file, 0, 0, "%s", it->text);
	t->failed = t->failed || t->strangers.n > 0;
	err_free(&t->strangers);
}

struct timeline *
timeline_open(const struct capture_settings *s, const char *const *paths, unsigned n,
    struct filter *filter, struct counters *c, struct err *err)
{
	struct timeline *t = calloc(1, sizeof(*t));
	struct dirlist list = { 0 };
	int before_errors = err->n;
	char why[256];

	if (t == NULL) {
		err_add(err, NULL, 0, 0, "no memory to open capture files");
		return NULL;
	}
	t->counters = c;
	t->follow = s->follow;
	t->progress_known = !s->follow;
	dirlist_add(&list, paths, n, err);
	if (list.n > MAX_FILES)
		err_add(err, NULL, 0, 0, "%u capture files, more than the %u that one run can take",
		    list.n, MAX_FILES);
	else if (take_list(t, &list) != 0)
		err_add(err, NULL, 0, 0, "no memory for %u capture files", list.n);
	t->window = WINDOW;
	if (t->n > MANY_FILES)
		raise_descriptors(t->n);
	for (unsigned i = 0; i < t->n; i++)
		first_look(t, &t->entries[i], list.items[i].named,
		    t->n == 1 || t->entries[i].growing, filter, err);
	if (t->n_strange > STRANGE_NAMED)
		log_note("capture", "%u more files are no captures and were left out; -vv names them",
		    t->n_strange - STRANGE_NAMED);
	strangers(t, err->n > before_errors, err);
	if (err->n == before_errors && t->n_heap == 0 && t->n_waiting == 0) {
		bool any = false;

		for (unsigned i = 0; i < t->n; i++)
			any = any || t->entries[i].size > 0;
		if (!any)
			err_add(err, n > 0 ? paths[0] : NULL, 0, 0,
			    "no capture file there (pcap or pcapng, plain or gzip)");
	}
	/* Nothing seen yet (a pipe): at least the expression's grammar is checked. */
	if (filter != NULL && t->n_heap == 0 && !t->filter_wrong &&
	    filter_prepare(filter, LINK_ETHERNET, why, sizeof(why)) != 0)
		err_add(err, NULL, 0, 0, "the filter \"%s\" is wrong: %s%s",
		    filter_given(filter), why, no_file(filter_given(filter)));
	dirlist_free(&list);
	if (err->n > before_errors) {
		timeline_close(t);
		return NULL;
	}
	return t;
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
