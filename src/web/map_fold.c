/* map_fold.c - which devices share a box: those of a level with more than fits fold step by step, until it does. */
#include "web/map_parts.h"

#include <stdio.h>
#include <string.h>

/* What still stands alone, the quietest folded first. */
enum step {
	STEP_ALL,	/* each device */
	STEP_WRITERS,	/* who writes, who attacks and what is attacked; the others by zone or network and role */
	STEP_MARKED,	/* attackers and what they attacked */
	STEP_ZONES,	/* the same, the others by zone or network alone */
	STEP_ATTACKERS,	/* attackers */
	STEP_NONE,	/* nobody, and what still finds no place is one box */
	STEPS
};

static bool
is_alone(const struct map_device *d, enum step step)
{
	return step == STEP_ALL || (step == STEP_WRITERS && d->writes) || (step <= STEP_ZONES && d->attacked) ||
	    (step <= STEP_ATTACKERS && d->attacker);
}

static void
group_of(const struct map_device *d, enum step step, struct map_group *g)
{
	char net[ADDR_TEXT_MAX];
	struct addr a = addr_prefix(&d->addr, addr_is_v4(&d->addr) ? 120 : 64);

	*g = (struct map_group){ .attacker = d->attacker, .attacked = d->attacked };
	if (is_alone(d, step)) {
		(void)addr_print(&d->addr, g->place);
		return;
	}
	if (step < STEP_ZONES)
		(void)snprintf(g->role, sizeof(g->role), "%s", d->row->role);
	if (d->row->zone[0] != '\0')
		(void)snprintf(g->place, sizeof(g->place), "%s", d->row->zone);
	else if (d->outside)
		(void)snprintf(g->place, sizeof(g->place), "internet");
	else if (addr_is_mac(&d->addr))
		(void)snprintf(g->place, sizeof(g->place), "Ethernet");
	else {
		(void)addr_print(&a, net);
		(void)snprintf(g->place, sizeof(g->place), "%s%s", net, addr_is_v4(&a) ? "/24" : "/64");
	}
}

static bool
is_same(const struct map_group *a, const struct map_group *b)
{
	return a->attacker == b->attacker && a->attacked == b->attacked && strcmp(a->place, b->place) == 0 && strcmp(a->role, b->role) == 0;
}

/* The box of a group, among those from `first` on; NULL: there is no more space. */
static struct map_box *
box_of(struct map *m, uint32_t first, unsigned band, const struct map_group *g, uint32_t most)
{
	struct map_box *b;

	for (uint32_t i = first; i < m->n_boxes; i++)
		if (!m->boxes[i].more && is_same(&m->boxes[i].group, g))
			return &m->boxes[i];
	if (m->n_boxes - first >= most)
		return NULL;
	b = &m->boxes[m->n_boxes++];
	*b = (struct map_box){ .band = band, .group = *g, .zone = "" };
	return b;
}

static void
put_in(struct map *m, struct map_box *b, struct map_device *d)
{
	if (b->n++ == 0) {
		b->first = d;
		b->zone = b->more ? "" : d->row->zone;
	}
	d->box = (uint32_t)(b - m->boxes);
}

/* False: they need more boxes than a band has. */
static bool
put_band(struct map *m, uint32_t first, unsigned band, enum step step)
{
	for (uint32_t i = 0; i < m->n_devices; i++) {
		struct map_device *d = &m->devices[i];
		struct map_group g;
		struct map_box *b;

		if (d->band != band)
			continue;
		group_of(d, step, &g);
		if ((b = box_of(m, first, band, &g, MAP_BAND_BOXES)) == NULL)
			return false;
		put_in(m, b, d);
	}
	return true;
}

/* What matters most gets the boxes; the last one is for all others. */
static void
put_most(struct map *m, uint32_t first, unsigned band)
{
	struct map_box *more = NULL;

	for (unsigned rank = 0; rank < 5; rank++)
		for (uint32_t i = 0; i < m->n_devices; i++) {
			struct map_device *d = &m->devices[i];
			unsigned is = d->attacker ? 0 : d->attacked ? 1 : d->writes ? 2 : d->plant ? 3 : 4;
			struct map_group g;
			struct map_box *b;

			if (d->band != band || is != rank)
				continue;
			group_of(d, STEP_NONE, &g);
			b = box_of(m, first, band, &g, MAP_BAND_BOXES - (more == NULL));
			if (b == NULL && more == NULL) {
				more = b = &m->boxes[m->n_boxes++];
				*b = (struct map_box){ .band = band, .more = true, .zone = "" };
			} else if (b == NULL)
				b = more;
			b->group.attacker |= d->attacker;
			b->group.attacked |= d->attacked;
			put_in(m, b, d);
		}
}

static void
fold_band(struct map *m, unsigned band, enum step step)
{
	const uint32_t first = m->n_boxes;
	struct map_block blocks[MAP_BLOCKS];
	unsigned n;

	for (; step < STEP_NONE; step++) {
		m->n_boxes = first;
		if (put_band(m, first, band, step) && (map_blocks(m, band, blocks, &n) > 0 || n == 0))
			return;
	}
	m->n_boxes = first;
	put_most(m, first, band);
}

void
map_fold(struct map *m)
{
	for (unsigned band = 0; band < MAP_BANDS; band++)
		fold_band(m, band, m->n_devices <= MAP_ALONE ? STEP_ALL : STEP_WRITERS);
	for (uint32_t i = 0; i < m->n_boxes; i++)
		m->folded += m->boxes[i].n > 1 ? m->boxes[i].n : 0;
}
