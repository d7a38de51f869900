/* keeping.c - facts and lives out of the store at start, and what changed of them into it at ticks. */
#include "detect/baseline/inside.h"

#include <string.h>

#define ROWS_A_TICK 8192u	/* so that a tick is short; the rest has its turn a second later */

static void
one_fact(void *to, const void *row)
{
	struct baseline *b = to;
	const struct fact *f = row;

	facts_restore(b->facts, f);
	b->last_kept_ns = f->last_ns > b->last_kept_ns ? f->last_ns : b->last_kept_ns;
}

static void
one_life(void *to, const void *row)
{
	struct baseline *b = to;
	struct life l, *own;

	if (baseline_watched_from(b, row) || !life_from(row, &l))
		return;
	own = lives_get(b->lives, &l.owner, l.kind, l.since_ns);
	if (own != NULL)
		*own = l;
}

int
baseline_restore(struct baseline *b, const struct keep *keep, struct err *e)
{
	if (keep == NULL)
		return 0;
	facts_keep(b->facts, false);
	if (keep_load(keep, KEEP_FACT, one_fact, b, e) != 0)
		return -1;
	facts_restored(b->facts);
	if (keep_load(keep, KEEP_LIFE, one_life, b, e) != 0)
		return -1;
	facts_keep(b->facts, true);
	b->alive_ns = b->last_kept_ns;
	return 0;
}

static bool
put_fact(const struct keep *keep, const struct fact *f)
{
	return f->state == FACT_NONE ? keep_drop(keep, KEEP_FACT, f, sizeof(*f)) : keep_put(keep, KEEP_FACT, f, sizeof(*f));
}

static void
put_lives(struct baseline *b, const struct keep *keep, uint64_t now_ns)
{
	struct life *l;

	for (uint32_t i = 0; (l = lives_at(b->lives, i)) != NULL; i++) {
		struct keep_life row;

		if (!l->changed)
			continue;
		life_row(l, &row, now_ns);
		if (!keep_put(keep, KEEP_LIFE, &row, sizeof(row)))
			return;
		l->changed = false;
	}
	b->lives_changed = false;
}

bool
baseline_save(struct baseline *b, const struct keep *keep, uint64_t now_ns, bool all)
{
	const struct fact *f;

	if (keep == NULL)
		return true;
	for (uint32_t n = 0; (f = facts_changed(b->facts)) != NULL; n++) {
		if ((n == ROWS_A_TICK && !all) || !put_fact(keep, f))
			return false;
		facts_saved(b->facts);
	}
	if (!baseline_put_watched(b, keep))
		return false;
	if (b->lives_changed && (all || now_ns >= b->lives_ns || b->lives_ns - now_ns > 20 * SECOND)) {
		b->lives_ns = now_ns + 10 * SECOND;
		put_lives(b, keep, now_ns);
	}
	return true;
}
