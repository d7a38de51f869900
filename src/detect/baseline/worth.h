/* worth.h - which fact goes first from a full table; private to facts.c. */
#ifndef DETECT_BASELINE_WORTH_H
#define DETECT_BASELINE_WORTH_H

#include "record/fact.h"

/* Higher goes first. */
enum { WORTH_LEARNED = 2, WORTH_ONCE = 3, WORTH_EXPIRED = 4 };

static inline unsigned
fact_worthless(const struct fact *f)
{
	switch (f->state) {
	case FACT_OPEN:		return 5;
	case FACT_EXPIRED:	return WORTH_EXPIRED;
	case FACT_LEARNED:	return f->count < 2 ? WORTH_ONCE : WORTH_LEARNED;
	case FACT_REJECTED:	return 1;
	default:		return 0;
	}
}

#endif
