/* account.h - arithmetic that shows that nothing is lost uncounted.
 *
 * For each flow and direction: the bytes that it delivered are those that a
 * dissector read, those that were counted as not dissected, and those that no dissector wanted.
 * For all frames: each reached a flow, or it ended in a counter that is marked FRAME
 * in counters.def.  What is left over is `accounting.*.unexplained`; in builds for
 * tests (TW_SANITIZED) it ends the program with the numbers.
 */
#ifndef ENGINE_ACCOUNT_H
#define ENGINE_ACCOUNT_H

#include "record/counters.h"
#include "record/flow.h"

/* A flow ended, and the dissectors have finished with it.  `plant_port`: one of its ports
 * belongs to a protocol of ours. */
void	account_flow(struct counters *c, const struct flow *f, bool plant_port);

/* Between two frames: set accounting.frames.* from the other counters. */
void	account_frames(struct counters *c);

#endif
