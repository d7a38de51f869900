/* live.h - frames from network interfaces, through libpcap. */
#ifndef CAPTURE_LIVE_H
#define CAPTURE_LIVE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "capture/capture.h"
#include "capture/filter.h"

#define LIVE_BLOCK_MS	100	/* the kernel gives up a block that is not full */

struct live;

/* See capture_open_live().  `filter` may be NULL and stays the caller's. */
struct live	*live_open(const struct capture_settings *s, const char *const *ifaces, unsigned n,
		    struct filter *filter, struct counters *c, struct err *e);
/* Start the helper that watches the interfaces.  false with the problem in `e`. */
bool		 live_start(struct live *l, struct err *e);
unsigned	 live_fds(const struct live *l, int fds[CAPTURE_FDS]);	/* see capture_fds() */
void		 live_close(struct live *l);	/* NULL is ignored */
enum capture_step live_next(struct live *l, struct frame *frame);
/* The same after a stop: what had come before the first call, and then CAPTURE_END.  Takes
 * up to 250 ms longer than reading it does. */
enum capture_step live_last(struct live *l, struct frame *frame);
/* See capture_ended(). */
void		 live_ended(struct live *l);
void		 live_update_counters(struct live *l);
const char	*live_name(const struct live *l, uint16_t source);
unsigned	 live_sources(const struct live *l);

#endif
