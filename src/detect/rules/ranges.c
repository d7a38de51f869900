/* ranges.c - sets of addresses and ports: sorted ranges that do not touch each other. */
#include "detect/rules/vars.h"

#include <stdlib.h>
#include <string.h>

bool
range_step(struct addr *a, bool up)
{
	for (int i = 15; i >= 0; i--) {
		a->b[i] = (uint8_t)(a->b[i] + (up ? 1 : 0xff));
		if (a->b[i] != (up ? 0 : 0xff))
			return true;
	}
	return false;	/* wrapped around */
}

int
range_order(const struct addr *a, const struct addr *b)
{
	return memcmp(a->b, b->b, sizeof(a->b));
}

static int
by_lo(const void *a, const void *b)
{
	return range_order(&((const struct rule_addr_range *)a)->lo, &((const struct rule_addr_range *)b)->lo);
}

void
range_add(struct rule_memory *m, struct group *g, struct rule_addr_range r)
{
	struct rule_addr_range *of = rule_grow(m, g->of, g->n, &g->capacity, sizeof(*of));

	if (of == NULL)
		return;
	g->of = of;
	g->of[g->n++] = r;
}

void
ranges_add_all(struct rule_memory *m, struct group *g, const struct group *of)
{
	for (uint32_t i = 0; i < of->n; i++)
		range_add(m, g, of->of[i]);
}

/* Sort, and join what overlaps or touches. */
void
ranges_tidy(struct group *g)
{
	uint32_t n = 0;

	if (g->n > 1)
		qsort(g->of, g->n, sizeof(*g->of), by_lo);
	for (uint32_t i = 0; i < g->n; i++) {
		struct addr behind = n > 0 ? g->of[n - 1].hi : (struct addr){ { 0 } };

		if (n > 0 && (!range_step(&behind, true) || range_order(&g->of[i].lo, &behind) <= 0)) {
			if (range_order(&g->of[i].hi, &g->of[n - 1].hi) > 0)
				g->of[n - 1].hi = g->of[i].hi;
		} else
			g->of[n++] = g->of[i];
	}
	g->n = n;
}

/* a without b; both tidy. */
struct group
ranges_without(struct rule_memory *m, const struct group *a, const struct group *b)
{
	struct group out = { 0 };

	for (uint32_t i = 0; i < a->n; i++) {
		struct rule_addr_range r = a->of[i];
		bool left = true;

		for (uint32_t k = 0; k < b->n && left; k++) {
			const struct rule_addr_range *cut = &b->of[k];

			if (range_order(&cut->hi, &r.lo) < 0)
				continue;
			if (range_order(&cut->lo, &r.hi) > 0)
				break;
			if (range_order(&cut->lo, &r.lo) > 0) {
				struct rule_addr_range front = { r.lo, cut->lo };

				(void)range_step(&front.hi, false);
				range_add(m, &out, front);
			}
			r.lo = cut->hi;
			left = range_step(&r.lo, true) && range_order(&r.lo, &r.hi) <= 0;
		}
		if (left)
			range_add(m, &out, r);
	}
	return out;
}

bool
rule_addr_is(const struct rule_addrs *g, const struct addr *a)
{
	uint32_t lo = 0, hi = g->n;

	if (g->any)
		return true;
	while (lo < hi) {
		uint32_t mid = lo + (hi - lo) / 2;

		if (range_order(&g->of[mid].hi, a) < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < g->n && range_order(&g->of[lo].lo, a) <= 0;
}

bool
rule_port_is(const struct rule_ports *g, uint16_t port)
{
	if (g->any)
		return true;
	for (uint32_t i = 0; i < g->n && g->of[i].lo <= port; i++)
		if (port <= g->of[i].hi)
			return true;
	return false;
}

bool
rule_flags_are(const struct rule_flags *t, uint8_t v)
{
	uint8_t of = (uint8_t)(v & ~t->ignore), bits = (uint8_t)(t->bits & ~t->ignore);

	switch (t->how) {
	case FLAGS_ALL:
		return (of & bits) == bits;
	case FLAGS_ANY:
		return (of & bits) != 0;
	case FLAGS_NOT:
		return (of & bits) != bits;
	default:
		return of == bits;
	}
}
