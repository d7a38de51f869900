/* rates.h - how many alerts of one type, or one rule, in this minute, and about whom.
 *
 * A limit is there to keep a flood out of the log, not to let a flood hide what it
 * is meant to hide.  So it goes by target: the device that an alert is about (its
 * address and unit; of a scan, whoever scans).  `limit` alerts of a type pass in a
 * minute whoever they are about; after that each other target still has a share of
 * its own, up to a ceiling that keeps a disk from being filled with made-up
 * targets.  What came from a conversation that answers, or at least was taken up,
 * counts apart from what anybody can forge: neither uses up the other's share.
 *
 * A minute begins with the first alert.  Types have an entry each; rules share a
 * table in which the one whose minute began first is evicted, with its report.
 */
#ifndef ALERT_RATES_H
#define ALERT_RATES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "record/alert.h"
#include "record/counters.h"
#include "record/finding.h"

struct rates;	/* opaque */

struct rates_settings {
	uint64_t	limit;		/* of types and of rules that came with the program; 0: none */
	uint64_t	own_limit;	/* of the user's own rules; 0: none */
	uint64_t	key;		/* of the hash */
};

/* What was suppressed: enough of the last finding to report it, and whom it was about. */
struct rates_suppressed {
	uint64_t	 n;
	uint64_t	 n_targets;	/* different ones, as far as they were told apart */
	uint32_t	 n_named;
	struct alert_target named[ALERT_TARGETS];
	struct finding	 last;	/* op, packet, anomaly, flow, what and expected are NULL */
};

/* Called when a minute with suppressed findings ends. */
struct rates_sink {
	void	(*suppressed)(void *arg, const struct rates_suppressed *h);
	void	*arg;
};

/* NULL when there is no memory. */
struct rates	*rates_open(const struct rates_settings *s, const struct rates_sink *sink,
		    struct counters *c);
/* May this finding become an alert?  Else it is suppressed and counted.  `proven`: its
 * conversation was answered or taken up. */
bool		 rates_pass(struct rates *r, const struct finding *f, uint8_t severity, bool proven);
/* End minutes that are over; all of them when `all`. */
void		 rates_tick(struct rates *r, uint64_t now_ns, bool all);
/* The rules go away: end their minutes. */
void		 rates_forget_rules(struct rates *r);
size_t		 rates_memory(const struct rates *r);
void		 rates_close(struct rates *r);

/* Whom a finding is about. */
struct alert_target rates_target(const struct finding *f);

#endif
