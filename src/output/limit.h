/* limit.h - a broken device repeats its mistake with every poll; the log must
 * show it a few times and then count.
 *
 * Per flow and anomaly id up to `max` records pass; the rest is counted and
 * handed out when the flow ends.  Anomalies below the flow get `max` per id and
 * minute of capture time.  Memory is fixed: a flow's entries share one set,
 * chosen by the flow's id; the entry that was quiet longest is evicted, and its
 * anomaly then starts again from zero.  The choice does not depend on a random
 * key, because the same capture must give the same records.
 */
#ifndef OUTPUT_LIMIT_H
#define OUTPUT_LIMIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "record/anomaly.h"
#include "record/counters.h"

struct limit;		/* opaque */

/* `max` 0 lets everything pass.  NULL when there is no memory. */
struct limit	*limit_open(uint64_t max, struct counters *c);
void		 limit_close(struct limit *l);
size_t		 limit_memory(void);	/* bytes of one */

/* May this one be written?  `*suppressed` is set to how many of the same kind were
 * suppressed in the minute that has just ended (anomalies without a flow). */
bool		 limit_pass(struct limit *l, const struct anomaly *a, uint64_t *suppressed);

/* A flow ends: how many of each anomaly it had, written or not, as far as the
 * table remembers.  False, and `n` untouched, when it had none. */
bool		 limit_flow_end(struct limit *l, uint64_t flow_id, uint64_t n[ANOMALY_COUNT]);

#endif
