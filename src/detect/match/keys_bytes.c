/* keys_bytes.c - keys and patterns of rules by the bytes that must be there. */
#include "detect/match/keys.h"

#define FIXED_MAX	4u	/* bytes of a key at a fixed offset */

/* Where the content must lie, if only one offset is possible. */
static bool
fixed_at(const struct rule_content *c, uint64_t *at)
{
	if (c->negated || c->nocase || c->has_distance || c->has_within || c->n == 0)
		return false;
	if (c->startswith) {
		*at = 0;
		return true;
	}
	if (!c->has_depth || c->depth.is_var || c->offset.is_var || c->depth.v != (int64_t)c->n ||
	    (c->has_offset && (c->offset.v < 0 || c->offset.v > 255)))
		return false;
	*at = c->has_offset ? (uint64_t)c->offset.v : 0;
	return true;
}

static uint64_t
worth(const struct rule_content *c)
{
	uint64_t at, w = c->n < 64 ? c->n * 2u : 128u;

	/* Runs of one byte, as 00 00, are everywhere. */
	for (uint32_t i = 1; i < c->n; i++)
		if (c->p[i] != c->p[0])
			return w + 1 + (fixed_at(c, &at) ? 1 : 0);
	return c->n > 0 ? 1 + (fixed_at(c, &at) ? 1 : 0) : 0;
}

static const struct rule_content *
best_content(const struct match_rule *m)
{
	const struct rule_content *best = NULL;

	for (uint32_t i = 0; i < m->n_lists; i++) {
		const struct match_list *l = &m->lists[i];

		if (l->buffer != BUFFER_PAYLOAD)
			continue;
		for (uint32_t k = 0; k < l->n; k++) {
			const struct rule_content *c = &l->steps[k].o->content;

			if (l->steps[k].o->word != RW_CONTENT || c->negated || c->n == 0)
				continue;
			if (c->fast_pattern)
				return c;
			if (best == NULL || worth(c) > worth(best))
				best = c;
		}
	}
	return best;
}

int
keys_by_bytes(struct match_set *s, struct key_patterns *fill, const struct match_rule *m, uint32_t i)
{
	const struct rule_content *c = best_content(m);
	uint64_t at;

	if (c == NULL)
		return keys_by_endpoints(&s->bytes, m, i);
	if (fixed_at(c, &at) && (c->n <= FIXED_MAX || at == 0)) {
		uint32_t n = c->n < FIXED_MAX ? c->n : FIXED_MAX;
		uint64_t v = 0;

		for (uint32_t k = 0; k < n; k++)
			v = v << 8 | c->p[k];
		for (uint32_t k = 0; k < s->n_fixed; k++)
			if (s->fixed[k].at == at && s->fixed[k].n == n)
				return index_add(&s->bytes, KEY_FIXED, (uint32_t)(at << 8 | n), v, i);
		if (s->n_fixed < SET_FIXED_MAX) {
			s->fixed[s->n_fixed++] = (struct set_fixed){ (uint16_t)at, (uint8_t)n };
			return index_add(&s->bytes, KEY_FIXED, (uint32_t)(at << 8 | n), v, i);
		}
	}
	fill->of[fill->n] = (struct pattern){ .p = c->p, .n = c->n, .nocase = c->nocase, .rule = i };
	if (c->fast_pattern && c->fast_len > 0 && (uint32_t)c->fast_offset + c->fast_len <= c->n) {
		fill->of[fill->n].p += c->fast_offset;
		fill->of[fill->n].n = c->fast_len;
	}
	fill->n++;
	set_scope_add(&s->scope, m->r);
	return 0;
}

/* ---- scope: ports that patterns are for ---- */

static void
mark_ports(uint64_t *map, const struct rule_ports *g)
{
	for (uint32_t i = 0; i < g->n; i++)
		for (uint32_t v = g->of[i].lo; v <= g->of[i].hi; v++)
			map[v / 64] |= (uint64_t)1 << v % 64;
}

void
set_scope_add(struct set_scope *s, const struct rule *r)
{
	if (r->dport.any && r->sport.any) {
		s->any = true;
		return;
	}
	if (!r->dport.any) {
		mark_ports(s->dport, &r->dport);
		if (r->both_ways)
			mark_ports(s->sport, &r->dport);
	} else {
		mark_ports(s->sport, &r->sport);
		if (r->both_ways)
			mark_ports(s->dport, &r->sport);
	}
}
