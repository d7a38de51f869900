/* restored.c - facts out of the store into their table, at start.
 *
 * A hundred thousand of them are spread over megabytes of maps: each would wait for the memory of its slots.  So a row
 * is written, and entered into the maps only when some others were written, too; its slots were asked for meanwhile. */
#include "detect/baseline/facts_table.h"

#define AHEAD 16u	/* rows that are written and not in the maps: their slots are on the way, */
#define HEADS 8u	/* and of those that have waited for so long, the head of the family */

static void
ask_for_slots(const struct facts *fs, const struct row *r)
{
	__builtin_prefetch(&fs->exact.slots[r->prev & fs->exact.mask], 1);
	__builtin_prefetch(&fs->families.slots[(uint32_t)r->family & fs->families.mask], 1);
}

static void
ask_for_head(const struct facts *fs, const struct row *r)
{
	uint32_t at = hmap_first(&fs->families, r->family);

	if (at != HMAP_END)
		__builtin_prefetch(&fs->rows[hmap_value(&fs->families, at)].family, 1);
}

static void
enter(struct facts *fs)
{
	struct row *r = &fs->rows[fs->linked];

	(void)hmap_put(&fs->exact, r->prev, fs->linked);
	join(fs, r);
	fs->linked++;
}

void
facts_restored(struct facts *fs)
{
	while (fs->linked < fs->used)
		enter(fs);
}

void
facts_restore(struct facts *fs, const struct fact *f)
{
	struct row *r = &fs->rows[fs->used];

	if (f->key.kind >= FACT_KIND_COUNT || f->state == FACT_NONE || f->state >= FACT_STATES)
		return;
	if (fs->free != NONE || fs->used == fs->n) {
		facts_restored(fs);
		facts_restore_into_full(fs, f);
		return;
	}
	r->f = *f;
	r->f.counted = false;
	r->family = family_of(fs, &f->key);
	r->prev = (uint32_t)hash_key_of(fs, &f->key);
	r->changed = UNCHANGED;
	fs->of_kind[f->key.kind]++;
	fs->used++;
	ask_for_slots(fs, r);
	if (fs->used - fs->linked > AHEAD) {
		enter(fs);
		ask_for_head(fs, &fs->rows[fs->linked + HEADS]);
	}
}
