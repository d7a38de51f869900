#include "base/hmap.h"

#include <stdlib.h>

#define SMALL_OF	16u	/* it begins with so many slots less */
#define LARGE		8192u	/* if it has so many */

int
hmap_open(struct hmap *m, uint32_t max)
{
	uint32_t slots = 16, small;

	if (max > UINT32_MAX / 4)
		return -1;
	while (slots < max * 2)
		slots *= 2;
	small = slots >= LARGE ? slots / SMALL_OF : 0;
	*m = (struct hmap){ .mask = (small > 0 ? small : slots) - 1, .room = small > 0 ? small / 2 : max, .max = max,
		.whole = slots - 1 };
	m->block = calloc((size_t)slots + small, sizeof(*m->block));
	m->slots = small > 0 && m->block != NULL ? m->block + slots : m->block;
	return m->block != NULL ? 0 : -1;
}

void
hmap_close(struct hmap *m)
{
	free(m->block);
	*m = (struct hmap){ 0 };
}

static void
put(struct hmap *m, uint32_t tag, uint32_t value)
{
	uint32_t at = tag & m->mask;

	while (m->slots[at].value != 0)
		at = (at + 1) & m->mask;
	m->slots[at] = (struct hmap_slot){ .tag = tag, .value = value };
}

/* Once in its life, and a few thousand entries.  From behind an empty slot on, so that those of one hash keep their order. */
static void
use_all(struct hmap *m)
{
	const struct hmap_slot *small = m->slots;
	const uint32_t mask = m->mask;
	uint32_t empty = 0;

	while (small[empty].value != 0)
		empty++;
	m->slots = m->block;
	m->mask = m->whole;
	m->room = m->max;
	for (uint32_t i = 1; i <= mask; i++)
		if (small[(empty + i) & mask].value != 0)
			put(m, small[(empty + i) & mask].tag, small[(empty + i) & mask].value);
}

bool
hmap_put(struct hmap *m, uint64_t hash, uint32_t value)
{
	if (m->n >= m->room) {
		if (m->n >= m->max)
			return false;
		use_all(m);
	}
	put(m, (uint32_t)hash, value + 1);
	m->n++;
	return true;
}

bool
hmap_remove(struct hmap *m, uint64_t hash, uint32_t value)
{
	uint32_t at = hmap_first(m, hash), hole;

	while (at != HMAP_END && hmap_value(m, at) != value)
		at = hmap_next(m, hash, at);
	if (at == HMAP_END)
		return false;
	/* Shift back each entry of the probe chain that the hole would separate from its preferred slot. */
	hole = at;
	for (at = (at + 1) & m->mask; m->slots[at].value != 0; at = (at + 1) & m->mask) {
		uint32_t from_home = (at - m->slots[at].tag) & m->mask;
		uint32_t from_hole = (at - hole) & m->mask;

		if (from_home >= from_hole) {
			m->slots[hole] = m->slots[at];
			hole = at;
		}
	}
	m->slots[hole].value = 0;
	m->n--;
	return true;
}

size_t
hmap_memory(const struct hmap *m)
{
	const size_t slots = (size_t)m->whole + 1;

	return (slots + (slots >= LARGE ? slots / SMALL_OF : 0)) * sizeof(*m->block);
}
