/* pace.h - between which periods a poll went, in the last number of its fact. */
#ifndef DETECT_BASELINE_PACE_H
#define DETECT_BASELINE_PACE_H

#include "detect/baseline/period.h"
#include "record/fact.h"

#define PACE_NUMBER 5u	/* of a fact of a poll */

/* What is known: what was learned and, of a fact that was accepted, what deviated. */
struct pace pace_of(const struct fact *f);
/* Is that what the fact has as learned?  Make it so. */
bool	 pace_is_kept(const struct fact *f, struct pace p);
void	 pace_keep(struct fact *f, struct pace p);
/* This median deviates. */
void	 pace_note_beyond(struct fact *f, uint64_t median_ns);

#endif
