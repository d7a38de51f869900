/* window.h - how much of something comes in ten seconds, and what would be too much.
 *
 * Pure arithmetic.  Windows lie on the clock, one after the other, so that counting costs one
 * comparison; what counts is the largest of them while learning, times a factor: a threshold
 * that traffic reaches by itself is no threshold.  Below a floor nothing is a flood, however
 * quiet it was before.
 */
#ifndef DETECT_BASELINE_WINDOW_H
#define DETECT_BASELINE_WINDOW_H

#include <stdbool.h>
#include <stdint.h>

#define WINDOW_NS	10000000000u
#define WINDOW_FACTOR	3u

/* What is counted of a client and a server. */
enum volume {
#define VOLUME(id, text, floor) VOLUME_##id,
#include "detect/baseline/volumes.def"
	VOLUMES
};

struct window {
	uint64_t	number;		/* of the window, by the clock */
	uint32_t	n[VOLUMES];	/* in it */
};

/* Begin another window if this one is over.  True: it did; `over` (may be NULL) is what was in the
 * last one. */
bool	 window_turn(struct window *w, uint64_t now_ns, struct window *over);

/* Above how many in one window it is too much, with at most `learned` while learning. */
uint64_t window_limit(enum volume what, uint64_t learned);

/* Is it so much that it does harm, and not only much?  More than three times the limit. */
bool	 window_floods(uint64_t n, uint64_t limit);

const char *volume_name(enum volume what);	/* "writes" */

#endif
