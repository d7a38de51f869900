/* writer.h - a thread that takes lines from a queue and gives them to a transport.
 *
 * The packet thread puts a line and goes on.  The writer looks ten times a second
 * and is woken for an alert of severity 1 or 2 and when much has gathered, so that
 * a line is with the kernel within a tenth of a second at any rate.
 *
 * A full queue: live, the line is lost, least important first (queue.h), counted
 * and told.  In a replay (`lossless`) the putter waits for the writer instead, so
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
#include "output/queue.h"
#include "output/transport.h"
#include "record/counters.h"

struct writer;		/* opaque */

struct writer_settings {
	size_t			 queue;		/* bytes */
	bool			 lossless;
	bool			 pieces;	/* no lines: they are not counted, nor told of */
	/* Borrowed; monotonic ns at which all waiting ends; 0: not yet known.  NULL: never. */
	const _Atomic uint64_t	*deadline_ns;
};

/* Open the target and start the thread.  `c` is borrowed: written and lost lines are
 * counted there by writer_put() and writer_close().  NULL with a problem in `e`. */
struct writer	*writer_open(const struct transport *t, const struct transport_settings *target,
		    const struct writer_settings *s, struct counters *c, struct err *e);

/* One whole line with its newline: it is copied, or counted as lost (false). */
bool		 writer_put(struct writer *w, enum queue_class class, const char *line, size_t n);

/* Look now. */
void		 writer_nudge(struct writer *w);

/* Write what is there, then find the target again by name. */
void		 writer_reopen(struct writer *w);

/* From now on writer_put() waits for room: the wire is no longer listened to. */
void		 writer_lossless(struct writer *w);

/* A target that failed is tried again; wait until everything is written, at most until the deadline and at most
 * `wait_ms`.  false: it is not. */
bool		 writer_wait(struct writer *w, uint64_t wait_ms);

/* The transport's own, as its open() gave it. */
void		*writer_way(const struct writer *w);

size_t		 writer_memory(const struct writer *w);

/* Write what is left, at most until the deadline, and free.  0, or -1 when lines
 * were lost since open.  A thread that hangs in the kernel is left behind with its
 * memory. */
int		 writer_close(struct writer *w);	/* NULL is ignored */

/* The clock of deadlines: monotonic, ns. */
uint64_t	 writer_now(void);

#endif
