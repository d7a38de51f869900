/* timeline_open.c - which files a timeline has: each is looked at once. */
#include "capture/timeline_parts.h"

#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "base/log.h"
#include "capture/dirlist.h"

#define MANY_FILES	16u
#define STRANGE_NAMED	20u	/* files that are no captures and are named one by one */
#define MAX_FILES	65535u		/* frame->source has 16 bits */

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
		err_add(&t->not_captures, e->path, 0, 0, "%s", what);
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

	if (entry_open(e, why, sizeof(why)) != 0) {
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
	if (entry_queue(t, e) == CAPFILE_FRAME) {
		check_filter(t, filter, e, err);
		if (!keep)
			entry_close(e);
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
not_captures(struct timeline *t, bool others_fail, struct err *err)
{
	bool any = false;

	for (unsigned i = 0; i < t->n; i++)
		any = any || !t->entries[i].done || t->entries[i].size > 0;
	for (const struct err_item *it = t->not_captures.first; it != NULL; it = it->next)
		if (any && !others_fail)
			log_error("capture", "%s: %s; left out", it->file, it->text);
		else
			err_add(err, it->file, 0, 0, "%s", it->text);
	t->failed = t->failed || t->not_captures.n > 0;
	err_free(&t->not_captures);
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
	if (t->n > MANY_FILES)
		raise_descriptors(t->n);
	for (unsigned i = 0; i < t->n; i++)
		first_look(t, &t->entries[i], list.items[i].named,
		    t->n == 1 || t->entries[i].growing, filter, err);
	if (t->n_strange > STRANGE_NAMED)
		log_note("capture", "%u more files are no captures and were left out; -vv names them",
		    t->n_strange - STRANGE_NAMED);
	not_captures(t, err->n > before_errors, err);
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
