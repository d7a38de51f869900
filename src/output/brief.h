/* brief.h - an operation cut to what an alert has space for.
 *
 * A poll of a whole outstation has thousands of points; an alert about it must stay
 * short enough for what carries alerts (syslog, queues, consoles).  Kept are first the
 * items that were written or refused, then the first of the others.
 */
#ifndef OUTPUT_BRIEF_H
#define OUTPUT_BRIEF_H

#include "record/operation.h"

#define BRIEF_LEVELS 4u		/* 0: everything; then less and less */
#define BRIEF_ITEMS 64u
#define BRIEF_PARAMS 32u
#define BRIEF_FACTS 32u

struct brief {
	struct operation op;	/* the copy; what it points to lives as long as the original or here */
	struct op_item	 items[BRIEF_ITEMS];
	struct op_param	 params[BRIEF_PARAMS];
	struct op_fact	 facts[BRIEF_FACTS];
	uint64_t	 items_left, values_left, fields_left;	/* how many were left out, or cut */
};

/* level 1 to BRIEF_LEVELS - 1. */
void brief_make(struct brief *b, const struct operation *op, unsigned level);

#endif
