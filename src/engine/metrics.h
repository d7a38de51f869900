/* metrics.h - the sensor's figures for Prometheus, over HTTP (metrics.listen).
 *
 * A thread of libmicrohttpd answers out of a copy, which the packet thread makes once a second and which it never
 * waits for: where the copy is being read, it is made a second later.  Names come from counters.def and sink_counts.def.
 */
#ifndef ENGINE_METRICS_H
#define ENGINE_METRICS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/err.h"
#include "engine/snapshot.h"
#include "engine/worker.h"
#include "record/settings.h"

struct metrics;		/* opaque */

/* What is wrong with the settings. */
void	metrics_check(const struct metrics_settings *s, struct err *e);

/* Listen, as the settings say; the thread comes later.  NULL without a problem: nobody wants any. */
struct metrics *metrics_open(const struct metrics_settings *s, const struct net_watched *watched, struct err *e);
/* False with the problem in `e`; `m` may be NULL, here and below. */
bool	metrics_start(struct metrics *m, struct err *e);
void	metrics_close(struct metrics *m);

struct metrics_view {
	struct snapshot	snapshot;
	uint64_t	delay_ns;	/* the longest of the last second between a frame's time and its being read; 0: none came */
	uint64_t	start_s;	/* of the sensor, seconds since 1970 */
};

/* On the packet thread: a frame of this time was read; now and then: a copy, once a second.  now_ns: thread_now(). */
void	metrics_frame(struct metrics *m, uint64_t frame_ns);
void	metrics_publish(struct metrics *m, struct worker *w, uint64_t now_ns);

/* The text form of version 0.0.4. */
void	metrics_print(const struct metrics_view *v, FILE *to);

#endif
