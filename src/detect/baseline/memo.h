/* memo.h - operations of which all facts are known, by their class (op_class.h): an ordinary poll is found here
 * and costs one look, however many facts there are.  What was counted here goes to its facts at
 * memo_flush(). */
#ifndef DETECT_BASELINE_MEMO_H
#define DETECT_BASELINE_MEMO_H

#include "detect/baseline/facts.h"

#define MEMO_FACTS 10u	/* of one operation; one with more is looked up each time */

struct memo_entry {
	uint64_t	op_class;		/* 0: free */
	uint64_t	last_ns;
	uint32_t	epoch;		/* of the facts, its lower half */
	uint32_t	hits;		/* since the last flush */
	uint32_t	facts[MEMO_FACTS];	/* numbers; FACTS_NO_FACT behind the last */
};
_Static_assert(sizeof(struct memo_entry) == 64, "an entry is a cache line");

struct memo {
	struct memo_entry	*all;
	uint32_t		*dirty;
	uint32_t		 mask, n_dirty;
	struct facts		*facts;
};

/* n: a power of two.  0 or -1. */
int	 memo_open(struct memo *m, uint32_t n, struct facts *facts);
void	 memo_close(struct memo *m);
size_t	 memory_of_memo(const struct memo *m);

void	 memo_put(struct memo *m, uint64_t op_class, const uint32_t *facts, unsigned n);
void	 memo_flush(struct memo *m);

/* It is known, and was counted. */
static inline bool
memo_hit(struct memo *m, uint64_t op_class, uint64_t now_ns)
{
	struct memo_entry *e = &m->all[(uint32_t)(op_class >> 8) & m->mask];

	if (e->op_class != op_class || e->epoch != (uint32_t)facts_epoch(m->facts))
		return false;
	if (e->hits++ == 0)
		m->dirty[m->n_dirty++] = (uint32_t)(e - m->all);
	e->last_ns = now_ns;
	return true;
}

#endif
