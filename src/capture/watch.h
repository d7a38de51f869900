/* watch.h - the interfaces of a live capture and the helper beside the packet thread; private
 * to capture.
 *
 * Once a second the helper asks the kernel how each interface fares: is it up, is it still
 * the same one, what did it drop.  One that came back it joins with the handle that it had
 * before, which needs no right (iface.h), and hands that over.  Between the two threads only atomic pointers
 * and numbers pass: the packet thread gives a handle up and gets another one, and never
 * opens, closes or asks.
 */
#ifndef CAPTURE_WATCH_H
#define CAPTURE_WATCH_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "capture/iface.h"
#include "record/counters.h"
#include "record/frame.h"

struct iface {
	/* The packet thread's. */
	struct handle		*handle;	/* NULL while it is away */
	bool			 held;		/* `head` is a frame that was not given yet */
	struct frame		 head;
	uint64_t		 told[4];	/* of the counts and downs: in the counters already */

	/* Between the two. */
	_Atomic(struct handle *) offered, returned;
	atomic_bool		 gone;		/* the helper asks for the handle back */
	atomic_bool		 down;		/* taken down or gone; was logged and counted */
	struct iface_counts	 counts;
	_Atomic uint64_t	 downs;

	/* The helper's; the packet thread's before it starts and after it ended. */
	char			*name;		/* owned */
	struct handle		*open;		/* what was handed over */
	struct handle		*parked;	/* waits for the interface to come back */
	bool			 other;		/* it came back as another kind of link; was logged */
};

struct watch;		/* opaque */

/* Open all interfaces.  One that is down is waited for; any other problem is added to `e`,
 * and NULL. */
struct watch	*watch_open(const struct capture_settings *s, struct filter *filter, const char *const *names,
		    unsigned n, struct iface **ifaces, struct err *e);

bool		 watch_start(struct watch *w, struct err *e);	/* false with the problem in `e` */

/* The helper ends; from here on the packet thread asks itself. */
void		 watch_stop(struct watch *w);

/* What is new goes to `c`, as of the helper's last look. */
void		 watch_counts(struct watch *w, struct counters *c);

void		 watch_close(struct watch *w);

/* ---- the packet thread, without a system call ---- */

/* Did the helper bring something, or want something back? */
void		 watch_look(struct iface *i);

/* Hand the handle back, with the frame that lies in its buffer. */
void		 watch_give_up(struct iface *i);

/* Say and count it, once. */
void		 watch_went_away(struct iface *i, const char *why);

#endif
