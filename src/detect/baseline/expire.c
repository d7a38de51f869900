/* expire.c - what was learned of what clients do, and did not come for very long, is no longer normal (baseline.expire).
 *
 * Time counts while something is seen: a sensor that was off for a month, or a mirror port that was, makes nothing old.
 * So it is known since when the plant is watched without a day in which nothing came; that is kept
 * with the lives, as one of nobody.  What a device is (its addresses, identity, services, values) does not expire: it is said
 * seldom, and what asks for it is a fact of its own. */
#include "detect/baseline/inside.h"

#include <string.h>

#define A_TICK	2048u		/* facts looked at in a second: all of them within a minute or so */
#define PAUSE_NS 86400000000000ull
static const char watching[] = "watching";

/* false: nothing has come since the last tick. */
static bool
is_alive(struct baseline *b, uint64_t now_ns)
{
	if (!b->alive)
		return false;
	b->alive = false;
	if (b->watched_ns == 0 || now_ns >= b->alive_ns + PAUSE_NS || now_ns + PAUSE_NS < b->alive_ns) {
		b->watched_ns = now_ns;
		b->watched_changed = true;
	}
	b->alive_ns = now_ns;
	return true;
}

static bool
can_expire(const struct fact *f)
{
	const struct fact_row *row = fact_row(f->key.kind);

	return f->state == FACT_LEARNED && row->model == FACT_MODEL_STRUCTURE && (row->fields & FACT_HAS(CLIENT)) != 0;
}

/* Counts of the memo are in the facts: a tick begins with that. */
void
baseline_expire(struct baseline *b, uint64_t now_ns)
{
	const uint64_t term_ns = b->s->expire_days * PAUSE_NS;

	if (term_ns == 0 || !is_alive(b, now_ns))
		return;
	for (uint32_t i = 0; i < A_TICK && i < facts_ceiling(b->facts); i++) {
		struct fact *f;
		uint64_t since_ns;

		b->expire_at = b->expire_at + 1 < facts_ceiling(b->facts) ? b->expire_at + 1 : 0;
		f = facts_at(b->facts, b->expire_at);
		if (f == NULL || !can_expire(f))
			continue;
		since_ns = f->last_ns > b->watched_ns ? f->last_ns : b->watched_ns;
		if (now_ns <= since_ns || now_ns - since_ns <= term_ns)
			continue;
		(void)facts_set_state(b->facts, f, FACT_EXPIRED);
		count(b->env.counters, CNT_BASELINE_EXPIRED);
	}
}

bool
baseline_watched_from(struct baseline *b, const struct keep_life *row)
{
	if (row->fact[0] != '\0' || strcmp(row->stage, watching) != 0)
		return false;
	b->watched_ns = row->since_ns;
	return true;
}

bool
baseline_put_watched(struct baseline *b, const struct keep *keep)
{
	struct keep_life row;

	if (!b->watched_changed)
		return true;
	memset(&row, 0, sizeof(row));
	memcpy(row.stage, watching, sizeof(watching));
	row.since_ns = b->watched_ns;
	b->watched_changed = !keep_put(keep, KEEP_LIFE, &row, sizeof(row));
	return !b->watched_changed;
}
