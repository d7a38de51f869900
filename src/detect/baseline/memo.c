#include "detect/baseline/memo.h"

#include <stdlib.h>
#include <string.h>

#define LARGE_OF 16u	/* one with many facts for so many with few, and */
#define LARGE	256u	/* so many at least */

/* Nothing is lost with an entry that is evicted, and so it is not counted. */
static int
open_table(struct memo_table *t, uint32_t n, uint32_t facts)
{
	const size_t size = (sizeof(struct memo_entry) + facts * sizeof(uint32_t) + 7) / 8 * 8;

	t->dirty = calloc(n, sizeof(*t->dirty));
	return t->dirty != NULL ? dense_open(&t->all, n, size, NULL, CNT_COUNT) : -1;
}

int
memo_open(struct memo *m, uint32_t n, struct facts *facts)
{
	const uint32_t large = n / LARGE_OF > LARGE ? n / LARGE_OF : LARGE;

	*m = (struct memo){ .facts = facts };
	if (open_table(&m->of[MEMO_SMALL], n, MEMO_FEW) == 0 && open_table(&m->of[MEMO_LARGE], large, MEMO_FACTS) == 0)
		return 0;
	memo_close(m);
	return -1;
}

void
memo_close(struct memo *m)
{
	for (unsigned i = 0; i < MEMO_TABLES; i++) {
		dense_close(&m->of[i].all);
		free(m->of[i].dirty);
	}
	*m = (struct memo){ 0 };
}

size_t
memory_of_memo(const struct memo *m)
{
	size_t n = 0;

	for (unsigned i = 0; i < MEMO_TABLES; i++)
		n += dense_memory(&m->of[i].all) + m->of[i].all.n * sizeof(*m->of[i].dirty);
	return n;
}

static void
flush_one(struct memo *m, struct memo_entry *e)
{
	bool good = e->epoch == (uint32_t)facts_known_epoch(m->facts);

	for (uint32_t i = 0; good && i < e->n; i++) {
		struct fact *f = facts_at(m->facts, e->facts[i]);

		if (f != NULL)
			facts_seen(m->facts, f, e->hits, e->row.last_ns);
	}
	e->hits = 0;
}

void
memo_flush(struct memo *m)
{
	for (unsigned i = 0; i < MEMO_TABLES; i++) {
		struct memo_table *t = &m->of[i];

		for (uint32_t j = 0; j < t->n_dirty; j++)
			flush_one(m, dense_at(&t->all, t->dirty[j]));
		t->n_dirty = 0;
	}
}

struct op_notes *
memo_put(struct memo *m, uint64_t op_class, const uint32_t *facts, unsigned n, uint64_t now_ns)
{
	struct memo_table *t = &m->of[n <= MEMO_FEW ? MEMO_SMALL : MEMO_LARGE];
	struct memo_entry *e = dense_find(&t->all, op_class);

	/* An entry stands on the list of dirty ones at most once, and none that is on it goes. */
	if (e != NULL ? e->hits > 0 : t->all.used == t->all.n)
		memo_flush(m);
	if (e == NULL)
		e = dense_get(&t->all, op_class, now_ns);
	e->epoch = (uint32_t)facts_known_epoch(m->facts);
	e->n = n;
	memcpy(e->facts, facts, n * sizeof(*facts));
	return &e->notes;
}
