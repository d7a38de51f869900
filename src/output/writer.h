/* writer.h - a thread that takes lines from a queue and gives them to a transport.
 *
 * The packet thread puts a line and goes on.  The writer looks ten times a second, more
 * often while there is much to carry, and is woken for an alert of severity 1 or 2 and,
 * once a tick at most, when much has gathered: so a line is with the kernel within a
 * tenth of a second at any rate, and waking costs the packet thread next to nothing.
 *
 * A full queue: live, the line is lost, least important first (queue.h), counted
 * and reported.  In a replay (`lossless`) the putter waits for the writer instead, so
 * that the same capture gives the same bytes; nothing is waited for once the
 * deadline has come, or while the target is broken.
 */
#ifndef OUTPUT_WRITER_H
#define OUTPUT_WRITER_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "output/output.h"
#include "base/queue.h"
#include "base/thread.h"
#include "output/relay.h"
#include "output/transport/transport.h"
#include "record/counters.h"

struct writer;		/* opaque */

/* From what is lost first to what is lost last. */
enum queue_class {
	QUEUE_OPERATION,
	QUEUE_FLOW,
	QUEUE_ANOMALY,
	QUEUE_STATS,		/* statistics and visibility */
	QUEUE_LOW,		/* alerts of severity 3 and 4 */
	QUEUE_ALERT,		/* alerts of severity 1 and 2 */
	QUEUE_CLASSES
};
/* How full a queue may be for each, in 1/16. */
extern const uint8_t writer_sixteenths[QUEUE_CLASSES];

struct writer_settings {
	const char		*name;		/* of the sink, for messages; borrowed for the call */
	size_t			 queue;		/* bytes */
	bool			 lossless;
	bool			 pieces;	/* no lines: they are not counted, nor reported */
	const struct relay_settings *relay;	/* lines are converted, spooled or acknowledged: relay.h; borrowed
						 * for the call; NULL: bytes go as they lie in the queue */
	/* Borrowed; monotonic ns at which all waiting ends; 0: not yet known.  NULL: never. */
	const _Atomic uint64_t	*deadline_ns;
};

/* Open the target.  `c` is borrowed: written and lost lines are counted there by
 * writer_put() and writer_close().  NULL with a problem in `e`. */
struct writer	*writer_open(const struct transport *t, const struct transport_settings *target,
		    const struct writer_settings *s, struct counters *c, struct err *e);

/* Start the thread; lines may be put before.  false with a problem in `e`. */
bool		 writer_start(struct writer *w, struct err *e);

/* One whole line with its newline: it is copied, or counted as lost (false). */
bool		 writer_put_line(struct writer *w, const struct line_head *h, const char *line, size_t n);

static inline bool
writer_put(struct writer *w, enum queue_class class, const char *line, size_t n)
{
	return writer_put_line(w, &(const struct line_head){ .class = (uint8_t)class }, line, n);
}

/* Lines of `w` wait until those that were put into `first` before them stand in its spool, as far as that can be
 * written, at most a second.  Each line must be put into `first` before it is put into `w`.  At most
 * WRITER_FIRST of them; before writer_start(). */
#define WRITER_FIRST 16u
void		 writer_follow(struct writer *w, struct writer *first);
bool		 writer_is_spooled(const struct writer *w);

/* What waits in its spool and was not given is dropped soon. */
void		 writer_drop(struct writer *w);

/* Look now. */
void		 writer_nudge(struct writer *w);

/* Write what is there, then find the target again by name. */
void		 writer_reopen(struct writer *w);

/* A tenth of a second has passed. */
void		 writer_tick(struct writer *w);

/* From now on writer_put() waits for space: the wire is no longer listened to.  All its waits
 * together in which nothing moves are at most so long. */
void		 writer_lossless(struct writer *w, uint64_t patience_ns);

/* For who asks how it fares; called by the packet thread.  `format` is the caller's to set. */
void		 writer_counts(const struct writer *w, struct sink_counts *to);

/* A target that failed is tried again; wait until everything is written, at most until the deadline and at most
 * `wait_ms`.  false: it is not. */
bool		 writer_wait(struct writer *w, uint64_t wait_ms);

/* The transport's own, as its open() gave it. */
void		*writer_handle(const struct writer *w);

size_t		 writer_memory(const struct writer *w);

/* Nothing more will be put: the thread writes what is left and ends.  Returns at once. */
void		 writer_stop(struct writer *w);

/* Write what is left, at most until the deadline, and free.  0, or -1 when lines
 * were lost since open.  A thread that hangs in the kernel is left behind with its
 * memory. */
int		 writer_close(struct writer *w);	/* NULL is ignored */

#endif
