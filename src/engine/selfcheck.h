/* selfcheck.h - the health of the sensor itself, said as alerts: frames that it loses, one direction only, its
 * clock, its disks, outputs that do not keep up, certificates that expire, rules that failed.
 *
 * Each condition is reported once, and again when it comes back after it was over.  Whether frames
 * come at all, and whether tables are flooded, is the detector `sensor`'s, which a replay has, too.
 */
#ifndef ENGINE_SELFCHECK_H
#define ENGINE_SELFCHECK_H

#include <stdbool.h>
#include <stdint.h>

#include "output/output.h"
#include "record/counters.h"
#include "record/finding.h"
#include "record/operation.h"

struct surroundings;

/* What is looked at; borrowed for the call. */
struct selfcheck_view {
	uint64_t		 now_ns;
	const struct counters	*counters;
	const uint64_t		*outcomes;	/* OP_OUTCOME_COUNT: of all operations until now */
	const struct sink_counts *sinks;	/* n_sinks */
	unsigned		 n_sinks;
	const struct surroundings *surroundings;
	unsigned		 rules_bad;	/* rules with problems in the set that runs */
	unsigned		 reloads_failed;	/* times that rules were read again and not taken over */
};

struct selfcheck;		/* opaque */

/* NULL: no memory. */
struct selfcheck	*selfcheck_open(const struct finding_sink *sink);

/* Once a second. */
bool			 selfcheck_due(const struct selfcheck *c, uint64_t now_ns);
void			 selfcheck_look(struct selfcheck *c, const struct selfcheck_view *v);

void			 selfcheck_close(struct selfcheck *c);	/* NULL is ignored */

#endif
