#include "capture/capture.h"

#include <signal.h>
#include <stdlib.h>

#include "capture/filter.h"
#include "capture/live.h"
#include "capture/timeline.h"

struct capture {
	volatile sig_atomic_t	 stop;
	struct timeline		*files;		/* owned; NULL when live */
	struct live		*live;		/* owned; NULL when reading files */
	struct filter		*filter;	/* owned; NULL none */
};

static struct capture *
open_common(const struct capture_settings *s, struct err *e)
{
	struct capture *cap = calloc(1, sizeof(*cap));

	if (cap != NULL && !filter_is_empty(s->filter)) {
		cap->filter = filter_open(s->filter, s->widen_filter, s->tunnels);
		if (cap->filter == NULL) {
			free(cap);
			cap = NULL;
		}
	}
	if (cap == NULL)
		err_add(e, NULL, 0, 0, "no memory to capture");
	return cap;
}

struct capture *
capture_open_files(const struct capture_settings *s, const char *const *paths, unsigned n,
    struct counters *c, struct err *e)
{
	struct capture *cap = open_common(s, e);

	if (cap == NULL)
		return NULL;
	cap->files = timeline_open(s, paths, n, cap->filter, c, e);
	if (cap->files == NULL) {
		capture_close(cap);
		return NULL;
	}
	return cap;
}

struct capture *
capture_open_live(const struct capture_settings *s, const char *const *ifaces, unsigned n,
    struct counters *c, struct err *e)
{
	struct capture *cap = open_common(s, e);

	if (cap == NULL)
		return NULL;
	cap->live = live_open(s, ifaces, n, cap->filter, c, e);
	if (cap->live == NULL) {
		capture_close(cap);
		return NULL;
	}
	return cap;
}

bool
capture_start(struct capture *cap, struct err *e)
{
	return cap->live == NULL || live_start(cap->live, e);
}

unsigned
capture_fds(const struct capture *cap, int fds[CAPTURE_FDS])
{
	return cap->live != NULL ? live_fds(cap->live, fds) : 0;
}

enum capture_step
capture_next(struct capture *cap, struct frame *frame)
{
	enum capture_step step;

	if (cap->files != NULL && cap->filter == NULL && !cap->stop)
		return timeline_next(cap->files, frame);
	do {
		if (cap->stop)
			return cap->live != NULL ? live_last(cap->live, frame) : CAPTURE_END;
		if (cap->files == NULL)		/* the kernel has filtered */
			return live_next(cap->live, frame);
		step = timeline_next(cap->files, frame);
	} while (step == CAPTURE_FRAME && cap->filter != NULL && !filter_pass(cap->filter, frame));
	return step;
}

unsigned
capture_ready(struct capture *cap, struct frame *frames, unsigned max)
{
	return cap->files != NULL && cap->filter == NULL && !cap->stop ?
	    timeline_ready(cap->files, frames, max) : 0;
}

void
capture_stop(struct capture *cap)
{
	cap->stop = 1;
}

void
capture_ended(struct capture *cap)
{
	if (cap->live != NULL)
		live_ended(cap->live);
}

void
capture_update_counters(struct capture *cap)
{
	if (cap->live != NULL)
		live_update_counters(cap->live);
	else
		timeline_update_counters(cap->files);
}

bool
capture_is_live(const struct capture *cap)
{
	return cap->live != NULL;
}

const char *
capture_source_name(const struct capture *cap, uint16_t source)
{
	return cap->live != NULL ? live_name(cap->live, source) : timeline_name(cap->files, source);
}

unsigned
capture_sources(const struct capture *cap)
{
	return cap->live != NULL ? live_sources(cap->live) : timeline_sources(cap->files);
}

double
capture_progress(const struct capture *cap)
{
	return cap->live != NULL ? -1 : timeline_progress(cap->files);
}

void
capture_close(struct capture *cap)
{
	if (cap == NULL)
		return;
	timeline_close(cap->files);
	live_close(cap->live);
	filter_close(cap->filter);
	free(cap);
}
