#include "base/hmap.h"

#include <stdlib.h>

int
hmap_open(struct hmap *m, uint32_t max)
{
	uint32_t slots = 16;

	if (max > UINT32_MAX / 4)
		return -1;
	while (slots < max * 2)
		slots *= 2;
	*m = (struct hmap){ .mask = slots - 1, .max = max };
	m->slots = calloc(slots, sizeof(*m->slots));
	return m->slots != NULL ? 0 : -1;
}

void
hmap_close(struct hmap *m)
{
	free(m->slots);
	*m = (struct hmap){ 0 };
}

bool
hmap_put(struct hmap *m, uint64_t hash, uint32_t value)
{
	uint32_t at = (uint32_t)hash & m->mask;

	if (m->n >= m->max)
		return false;
	while (m->slots[at].value != 0)
		at = (at + 1) & m->mask;
	m->slots[at] = (struct hmap_slot){ .tag = (uint32_t)hash, .value = value + 1 };
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
	return ((size_t)m->mask + 1) * sizeof(*m->slots);
}
