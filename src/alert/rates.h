/* rates.h - how many alerts of one type, or one rule, in this minute.
 *
 * A minute begins with the first alert.  Types have a place each; rules share a
 * table in which the one whose minute began first gives way, and is told off.
 */
#ifndef ALERT_RATES_H
#define ALERT_RATES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "record/counters.h"
#include "record/finding.h"

struct rates;	/* opaque */

/* What was held back: enough of the last finding to say so. */
struct rates_held {
	uint64_t	 n;
	struct finding	 last;	/* op, packet, anomaly, flow, what and expected are NULL */
};

/* Called when a minute with held findings ends. */
struct rates_sink {
	void	(*held)(void *arg, const struct rates_held *h);
	void	*arg;
};

/* limit 0: everything passes.  NULL when there is no memory. */
struct rates	*rates_open(uint64_t limit, const struct rates_sink *sink, struct counters *c);
/* May this finding become an alert?  Else it is held back and counted. */
bool		 rates_pass(struct rates *r, const struct finding *f);
/* End minutes that are over; all of them when `all`. */
void		 rates_tick(struct rates *r, uint64_t now_ns, bool all);
size_t		 rates_memory(const struct rates *r);
void		 rates_close(struct rates *r);

#endif
