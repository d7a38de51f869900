/* rate.h - how many bytes a flow carries in ten seconds.
 *
 * The largest window while learning is a fact of client, server and port; three times as much, and more than
 * a floor, is a deviation, in the moment in which it gets there.  A flow keeps when its window ends and how much
 * is too much: a packet costs two comparisons. */
#ifndef DETECT_BASELINE_RATE_H
#define DETECT_BASELINE_RATE_H

#include "detect/baseline/model.h"

/* Of a flow. */
struct flow_rate {
	uint64_t	end_ns;		/* of the window; 0: none yet */
	uint64_t	begun;		/* bytes when it began */
	uint64_t	most;		/* bytes at which it is too much; UINT64_MAX: it is learned, or was reported in this window */
};

static inline bool
rate_is_due(const struct flow_rate *r, const struct flow *f, uint64_t now_ns)
{
	return now_ns >= r->end_ns || f->payload[0] + f->payload[1] > r->most;
}

/* It is due: another window, or it deviates.  k: FACT_KIND_RATE of this flow.  true: report `d`. */
bool	 rate_look(struct baseline *b, struct flow_rate *r, const struct flow *f, const struct fact_key *k, uint64_t now_ns,
	    struct deviation *d);

/* What is known of it: learned, or deviated and accepted. */
uint64_t rate_largest(const struct fact *f);

#endif
