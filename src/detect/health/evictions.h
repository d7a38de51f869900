/* evictions.h - is something pushing the sensor's memory out?
 *
 * Every table has a ceiling and a counter.  Whoever wants to hide an operation can try
 * to fill the table that it would be seen by: halves of messages, new conversations,
 * made-up addresses.  Such a flood is itself an alert, once a minute for each table.
 */
#ifndef DETECT_HEALTH_EVICTIONS_H
#define DETECT_HEALTH_EVICTIONS_H

#include "detect/detector.h"

#define EVICTION_TABLES 11u

struct evictions {
	struct {
		uint64_t	seen;		/* the counter, then */
		uint64_t	n, since_ns;	/* in this minute; 0: none began */
	}	table[EVICTION_TABLES];
};

/* At each tick of capture time. */
void evictions_tick(struct evictions *x, const struct detect_env *env, uint64_t now_ns);

#endif
