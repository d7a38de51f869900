/* losses.h - the lines of one sink that found no space in its queue; the putter's. */
#ifndef OUTPUT_LOSSES_H
#define OUTPUT_LOSSES_H

#include "output/writer.h"

struct losses {
	uint64_t	of[QUEUE_CLASSES];	/* since the start */
	bool		losing;
	uint64_t	before;		/* of them before this trouble */
};

uint64_t losses_sum(const struct losses *l);

/* One more.  `target` is told once for each trouble; NULL: somebody else has said what is wrong, or it is no line. */
void	 losses_add(struct losses *l, struct counters *c, enum queue_class class, const char *target);

/* There is space again. */
void	 losses_end(struct losses *l, const char *target);

#endif
