#include "detect/baseline/memo.h"

#include <stdlib.h>

int
memo_open(struct memo *m, uint32_t n, struct facts *facts)
{
	*m = (struct memo){ .all = calloc(n, sizeof(*m->all)), .dirty = calloc(n, sizeof(*m->dirty)), .mask = n - 1,
	    .facts = facts };
	if (m->all != NULL && m->dirty != NULL)
		return 0;
	memo_close(m);
	return -1;
}

void
memo_close(struct memo *m)
{
	free(m->all);
	free(m->dirty);
	*m = (struct memo){ 0 };
}

size_t
memory_of_memo(const struct memo *m)
{
	return m->all != NULL ? ((size_t)m->mask + 1) * (sizeof(*m->all) + sizeof(*m->dirty)) : 0;
}

static void
flush_one(struct memo *m, struct memo_entry *e)
{
	bool good = e->epoch == (uint32_t)facts_epoch(m->facts);

	for (unsigned i = 0; good && i < MEMO_FACTS && e->facts[i] != FACTS_NO_FACT; i++) {
		struct fact *f = facts_at(m->facts, e->facts[i]);

		if (f != NULL)
			facts_seen(m->facts, f, e->hits, e->last_ns);
	}
	e->hits = 0;
}

void
memo_flush(struct memo *m)
{
	for (uint32_t i = 0; i < m->n_dirty; i++)
		flush_one(m, &m->all[m->dirty[i]]);
	m->n_dirty = 0;
}

void
memo_put(struct memo *m, uint64_t op_class, const uint32_t *facts, unsigned n)
{
	struct memo_entry *e = &m->all[(uint32_t)(op_class >> 8) & m->mask];

	/* It stays on the list of dirty ones at most once. */
	if (e->hits > 0)
		memo_flush(m);
	*e = (struct memo_entry){ .op_class = op_class, .epoch = (uint32_t)facts_epoch(m->facts) };
	for (unsigned i = 0; i < MEMO_FACTS; i++)
		e->facts[i] = i < n ? facts[i] : FACTS_NO_FACT;
}
