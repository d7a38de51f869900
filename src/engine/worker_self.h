/* worker_self.h - what a live sensor says of itself: signs of life, and alerts when it does not fare well;
 * private to engine.
 */
#ifndef ENGINE_WORKER_SELF_H
#define ENGINE_WORKER_SELF_H

#include "engine/worker.h"

/* Findings go to `sink`.  Problems are added to `e`. */
void	worker_open_selfcheck(struct worker *w, const struct settings *s, const struct finding_sink *sink, struct err *e);

/* At each tick. */
void	worker_selfcheck(struct worker *w);

/* Write one. */
void	worker_heartbeat(struct worker *w);

#endif
