/* sight.h - what a run saw and did not see, for who reads the database (KEEP_SIGHT). */
#ifndef ENGINE_SIGHT_H
#define ENGINE_SIGHT_H

#include "engine/worker.h"

/* Once a minute of capture time, and when the run ends (`last`): rows of what changed. */
void	sight_tick(struct worker *w, bool last);

#endif
