#include "detect/baseline/memo.h"

#include <stdlib.h>

int
memo_open(struct memo *m, uint32_t n, struct facts *facts)
{
	*m = (struct memo){ .dirty = calloc(n, sizeof(*m->dirty)), .facts = facts };
	/* Nothing is lost with one that is evicted, and so it is not counted. */
	if (m->dirty != NULL && dense_open(&m->all, n, sizeof(struct memo_entry), NULL, CNT_COUNT) == 0)
		return 0;
	memo_close(m);
	return -1;
}

void
memo_close(struct memo *m)
{
	dense_close(&m->all);
	free(m->dirty);
	*m = (struct memo){ 0 };
}

size_t
memory_of_memo(const struct memo *m)
{
	return dense_memory(&m->all) + m->all.n * sizeof(*m->dirty);
}

static void
flush_one(struct memo *m, struct memo_entry *e)
{
	bool good = e->epoch == (uint32_t)facts_epoch(m->facts);

	for (unsigned i = 0; good && i < MEMO_FACTS && e->facts[i] != FACTS_NO_FACT; i++) {
		struct fact *f = facts_at(m->facts, e->facts[i]);

		if (f != NULL)
			facts_seen(m->facts, f, e->hits, e->row.last_ns);
	}
	e->hits = 0;
}

void
memo_flush(struct memo *m)
{
	for (uint32_t i = 0; i < m->n_dirty; i++)
		flush_one(m, dense_at(&m->all, m->dirty[i]));
	m->n_dirty = 0;
}

struct op_notes *
memo_put(struct memo *m, uint64_t op_class, const uint32_t *facts, unsigned n, uint64_t now_ns)
{
	struct memo_entry *e = dense_find(&m->all, op_class);

	/* An entry stands on the list of dirty ones at most once, and none that is on it goes. */
	if (e != NULL ? e->hits > 0 : m->all.used == m->all.n)
		memo_flush(m);
	if (e == NULL)
		e = dense_get(&m->all, op_class, now_ns);
	e->epoch = (uint32_t)facts_epoch(m->facts);
	for (unsigned i = 0; i < MEMO_FACTS; i++)
		e->facts[i] = i < n ? facts[i] : FACTS_NO_FACT;
	return &e->notes;
}
