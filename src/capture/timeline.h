/* timeline.h - several capture files as one sequence of frames.
 *
 * A merge by time: of the open files, the one whose next frame is oldest goes
 * first, on a tie the one given first.  Each file is looked at once at the
 * start for the time of its first frame and opened again when that time has
 * come, so that thousands of rotated files need few descriptors.  Inside one
 * file the order of the file is kept, even where its time goes backwards.
 */
#ifndef CAPTURE_TIMELINE_H
#define CAPTURE_TIMELINE_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "capture/capture.h"
#include "capture/filter.h"

struct timeline;

/* See capture_open_files().  `filter` may be NULL and stays the caller's; it is
 * prepared for every link type seen while opening. */
struct timeline	*timeline_open(const struct capture_settings *s, const char *const *paths,
		    unsigned n, struct filter *filter, struct counters *c, struct err *e);
void		 timeline_close(struct timeline *t);	/* NULL is ignored */

/* The next frame before filtering, numbered. */
enum capture_step timeline_next(struct timeline *t, struct frame *frame);

/* See capture_ready(). */
unsigned	 timeline_ready(struct timeline *t, struct frame *frames, unsigned max);

const char	*timeline_name(const struct timeline *t, uint16_t source);
unsigned	 timeline_sources(const struct timeline *t);
double		 timeline_progress(const struct timeline *t);

/* Bring the counters up to date that are not counted frame by frame. */
void		 timeline_update_counters(struct timeline *t);

#endif
