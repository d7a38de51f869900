/* alerts.h - from findings to alerts: merged, limited, in words, with evidence.
 *
 * The first finding of a kind on the same objects is an alert at once.  While
 * its window (alerts.merge) is open, more of them only count; at the window's end one
 * update says how many there were.  A type that says more than alerts.limit in a
 * minute is held back and counted, and one record says how many: nothing is
 * dropped uncounted.
 */
#ifndef ALERT_ALERTS_H
#define ALERT_ALERTS_H

#include "record/counters.h"
#include "record/alert.h"
#include "record/settings.h"

struct alerts;		/* opaque; one per worker */

struct alerts	*alerts_open(const struct settings *s, const struct alert_sink *sink, struct counters *c);
void		 alerts_finding(struct alerts *a, const struct finding *f);
void		 alerts_tick(struct alerts *a, uint64_t now_ns);
void		 alerts_finish(struct alerts *a, uint64_t now_ns);	/* close every window */
size_t		 alerts_memory(const struct alerts *a);
void		 alerts_close(struct alerts *a);	/* NULL is ignored */

#endif
