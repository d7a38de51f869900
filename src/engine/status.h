/* status.h - the status line at the bottom of a terminal. */
#ifndef ENGINE_STATUS_H
#define ENGINE_STATUS_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/worker.h"
#include "output/console.h"

struct status {
	struct console	*console;	/* borrowed; NULL: no terminal */
	uint64_t	 next_ns;	/* when to show it again, wall clock */
	uint64_t	 last_frame_ns;	/* its time; 0: none came */
	uint64_t	 before_ns, before_packets;	/* when it was last shown */
	uint32_t	 calls;	/* since the clock was last looked at */
};

/* Live: packets a second, operations, drops, alerts, age of the last frame.  In a
 * replay: how far it is.  `idle`: no frame came.  Only while there is a console. */
void	status_live(struct status *s, struct worker *w, uint64_t frame_ns, bool idle);
void	status_replay(struct status *s, const struct worker *w);

/* Remove it. */
void	status_end(struct status *s);

#endif
