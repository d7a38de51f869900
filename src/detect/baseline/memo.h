/* memo.h - operations of which all facts are known, by their class (op_class.h): an ordinary poll is found here
 * and costs one look, however many facts there are.  What was counted here goes to its facts at
 * memo_flush(), and models note here where they have what they keep of it. */
#ifndef DETECT_BASELINE_MEMO_H
#define DETECT_BASELINE_MEMO_H

#include "detect/baseline/dense.h"
#include "detect/baseline/facts.h"
#include "detect/baseline/model.h"

#define MEMO_FEW 10u	/* facts of an ordinary operation */
#define MEMO_FACTS 100u	/* of one; one with more is looked up each time */

struct memo_entry {
	struct dense_row row;		/* its key is the class */
	uint32_t	epoch;		/* of the facts that are known, its lower half */
	uint32_t	hits;		/* since the last flush */
	struct op_notes	notes;
	uint32_t	n, facts[];	/* numbers, as many as its table has space for */
};

/* Classes with few facts, and with many. */
enum { MEMO_SMALL, MEMO_LARGE, MEMO_TABLES };

struct memo {
	struct memo_table {
		struct dense	 all;
		uint32_t	*dirty;
		uint32_t	 n_dirty;
	}		 of[MEMO_TABLES];
	struct facts	*facts;
};

/* n: how many with few facts at most.  0 or -1. */
int	 memo_open(struct memo *m, uint32_t n, struct facts *facts);
void	 memo_close(struct memo *m);
size_t	 memory_of_memo(const struct memo *m);

/* What models note of it. */
struct op_notes	*memo_put(struct memo *m, uint64_t op_class, const uint32_t *facts, unsigned n, uint64_t now_ns);
void	 memo_flush(struct memo *m);

/* It is known, and was counted; NULL: it is not. */
static inline struct op_notes *
memo_hit(struct memo *m, uint64_t op_class, uint64_t now_ns)
{
	struct memo_table *t = &m->of[MEMO_SMALL];
	struct memo_entry *e = dense_find(&t->all, op_class);

	if (e == NULL || e->epoch != (uint32_t)facts_known_epoch(m->facts)) {
		t = &m->of[MEMO_LARGE];
		e = dense_find(&t->all, op_class);
	}
	if (e == NULL || e->epoch != (uint32_t)facts_known_epoch(m->facts))
		return NULL;
	if (e->hits++ == 0)
		t->dirty[t->n_dirty++] = dense_place(&t->all, e);
	e->row.last_ns = now_ns;
	return &e->notes;
}

#endif
