/* brief.h - the items of an operation that an alert has space for.
 *
 * A poll of a whole outstation has thousands of points; an alert about it must stay
 * short enough for what carries alerts (syslog, queues, consoles).  Kept are first the
 * items that were written or refused, then the first of the others.
 */
#ifndef OUTPUT_BRIEF_H
#define OUTPUT_BRIEF_H

#include "record/operation.h"

#define BRIEF_ITEMS 64u

struct brief {
	struct operation op;	/* the copy; what it points to lives as long as the original or here */
	struct op_item	 items[BRIEF_ITEMS];
	uint64_t	 items_all, values_all;		/* of the original */
};

void brief_make(struct brief *b, const struct operation *op);

#endif
