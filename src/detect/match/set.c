/* set.c - a rule set made ready: rules in order, under their keys. */
#include "detect/match/set.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "detect/match/keys.h"

/* ---- order ---- */

/* Those that set a mark before those that read one. */
static int
marks_order(const struct rule *r)
{
	bool set = false, read = false;

	for (uint32_t i = 0; i < r->n_opts; i++)
		if (r->opts[i].word == RW_FLOWINT) {
			set |= r->opts[i].flowint.what <= INT_SUB;
			read |= r->opts[i].flowint.what > INT_SUB;
		} else if (r->opts[i].word == RW_FLOWBITS || r->opts[i].word == RW_XBITS) {
			uint8_t what = r->opts[i].bits.what;

			set |= what == BIT_SET || what == BIT_UNSET || what == BIT_TOGGLE;
			read |= what == BIT_ISSET || what == BIT_ISNOTSET;
		}
	return set ? (read ? 1 : 0) : read ? 2 : 3;
}

static int
in_order(const void *a, const void *b)
{
	const struct rule *x = *(struct rule *const *)a, *y = *(struct rule *const *)b;
	int d = (x->action != RULE_PASS) - (y->action != RULE_PASS);

	if (d == 0)
		d = marks_order(x) - marks_order(y);
	if (d == 0)
		d = (int)x->meta.severity - (int)y->meta.severity;
	return d != 0 ? d : x->index < y->index ? -1 : x->index > y->index;
}

/* ---- what many rules share ---- */

static bool
same_addrs(const struct rule_addrs *a, const struct rule_addrs *b)
{
	return a->any == b->any && a->n == b->n && (a->n == 0 || memcmp(a->of, b->of, a->n * sizeof(*a->of)) == 0);
}

static bool
same_ports(const struct rule_ports *a, const struct rule_ports *b)
{
	return a->any == b->any && a->n == b->n && (a->n == 0 || memcmp(a->of, b->of, a->n * sizeof(*a->of)) == 0);
}

uint8_t
set_filter(struct match_set *s, const struct rule *r)
{
	for (uint32_t i = 0; i < s->n_filters; i++) {
		const struct rule *h = s->filters[i];

		if (r->both_ways == h->both_ways && same_addrs(&r->src, &h->src) &&
		    same_addrs(&r->dst, &h->dst) && same_ports(&r->sport, &h->sport) &&
		    same_ports(&r->dport, &h->dport))
			return (uint8_t)i;
	}
	if (s->n_filters == SET_FILTERS)
		return SET_FILTERS;
	s->filters[s->n_filters] = r;
	return (uint8_t)s->n_filters++;
}

/* The shortest latency that a rule asks for. */
static uint64_t
shortest(const struct match_set *s)
{
	uint64_t least = UINT64_MAX;

	for (uint32_t i = 0; i < s->n; i++)
		for (uint32_t k = 0; k < s->of[i].tx.n; k++) {
			const struct rule_numbers *t = &s->of[i].tx.of[k]->numbers;

			if (s->of[i].tx.of[k]->word != RW_OT_LATENCY)
				continue;
			for (uint32_t j = 0; j < t->n; j++)
				if (t->of[j].test != TEST_RANGE || t->of[j].negated || t->of[j].real || t->of[j].lo <= 0)
					least = 0;
				else if ((uint64_t)t->of[j].lo < least)
					least = (uint64_t)t->of[j].lo;
		}
	return least;
}

/* ---- all rules ---- */

static int
fill_indexes(struct match_set *s, struct err *e)
{
	struct key_patterns fill = { .of = calloc(s->n > 0 ? s->n : 1, sizeof(*fill.of)) };
	const char *why = NULL;
	int r = fill.of != NULL ? 0 : -1;

	for (uint32_t i = 0; r == 0 && i < s->n; i++) {
		struct match_rule *m = &s->of[i];

		m->filter = m->sites & SITE_OP ? set_filter(s, m->r) : SET_FILTERS;
		if (m->sites & SITE_PACKET)
			r |= keys_by_endpoints(&s->packets, m, i);
		if (m->sites & SITE_BYTES)
			r |= keys_by_bytes(s, &fill, m, i);
		if (m->sites & SITE_OP)
			r |= keys_by_op(&s->ops, m, i);
		if (m->sites & SITE_EVENT)
			r |= keys_by_event(&s->events, m, i);
	}
	if (r == 0)
		r = index_seal(&s->packets) | index_seal(&s->bytes) | index_seal(&s->ops) |
		    index_seal(&s->events);
	if (r == 0 && fill.n > 0) {
		s->patterns = patterns_open(fill.of, fill.n, &why);
		if (s->patterns == NULL) {
			if (why != NULL)
				err_add(e, NULL, 0, 0, "%s", why);
			r = -1;
		}
	}
	free(fill.of);
	return r;
}

static void
sum_up(struct match_set *s)
{
	static _Atomic uint32_t sets;

	do
		s->mark = atomic_fetch_add(&sets, 1) + 1;
	while (s->mark == 0);
	s->slow_ns = shortest(s);
	for (uint32_t i = 0; i < s->n; i++) {
		const struct match_rule *m = &s->of[i];

		s->any_spans |= m->spans;
		s->any_anchored |= m->anchored;
		s->n_ops += (m->sites & SITE_OP) != 0;
		s->n_waiters += (m->sites & SITE_OP) != 0 && m->raw;
		s->any_packet |= (m->sites & SITE_PACKET) != 0;
		s->any_bytes |= (m->sites & SITE_BYTES) != 0 || ((m->sites & SITE_OP) != 0 && m->raw);
		s->any_op |= (m->sites & SITE_OP) != 0;
		s->any_event |= (m->sites & SITE_EVENT) != 0;
		s->needs_header |= (m->sites & (SITE_BYTES | SITE_OP)) != 0 && (m->packet.n > 0 ||
		    (m->flow & (RFLOW_ONLY_FRAG | RFLOW_NO_FRAG)) != 0);
		s->needs_marks |= m->r->action == RULE_PASS;
		for (uint32_t k = 0; k < m->state.n; k++)
			s->needs_marks |= m->state.of[k]->word == RW_FLOWBITS;
		for (uint32_t k = 0; k < m->n_lists; k++)
			s->memory += m->lists[k].n * sizeof(struct match_step);
		s->memory += RULE_BUFFER_COUNT * sizeof(struct match_list);
	}
	s->named_bytes = s->n_fixed == 0 && s->patterns == NULL;
	for (unsigned kind = 0; kind < KEY_KINDS; kind++)
		s->named_bytes &= kind == KEY_APP || kind == KEY_RISK || !index_has(&s->bytes, (enum key_kind)kind);
	s->memory += sizeof(*s) + s->rules.memory + s->n * sizeof(*s->of) + index_memory(&s->packets) +
	    index_memory(&s->bytes) + index_memory(&s->ops) + index_memory(&s->events) +
	    patterns_memory(s->patterns);
}

struct match_set *
match_set_open(struct rule_set *rules, struct err *e)
{
	struct match_set *s = calloc(1, sizeof(*s));
	struct rule **by = calloc(rules->n_rules > 0 ? rules->n_rules : 1, sizeof(*by));
	uint32_t n_opts = 0, at = 0;
	int before = e->n;

	for (uint32_t i = 0; i < rules->n_rules; i++)
		n_opts += rules->rules[i].n_opts;
	if (s == NULL || by == NULL)
		goto no_memory;
	s->of = calloc(rules->n_rules > 0 ? rules->n_rules : 1, sizeof(*s->of));
	s->opts = calloc(n_opts > 0 ? n_opts : 1, sizeof(*s->opts));
	if (s->of == NULL || s->opts == NULL)
		goto no_memory;
	s->rules = *rules;
	*rules = (struct rule_set){ 0 };
	for (uint32_t i = 0; i < s->rules.n_rules; i++)
		by[i] = &s->rules.rules[i];
	qsort(by, s->rules.n_rules, sizeof(*by), in_order);
	for (uint32_t i = 0; i < s->rules.n_rules; i++) {
		int r = match_rule_open(s, &s->of[s->n], by[i], &at, e);

		if (r < 0 && e->n == before)
			goto no_memory;
		if (r == 0)
			s->n++;
		else
			match_rule_close(&s->of[s->n]);
	}
	if (e->n != before || fill_indexes(s, e) != 0) {
		if (e->n == before)
			goto no_memory;
		goto failed;
	}
	sum_up(s);
	free(by);
	return s;
no_memory:
	err_add(e, NULL, 0, 0, "not enough memory for the rules");
failed:
	free(by);
	rule_set_free(rules);
	match_set_close(s);
	return NULL;
}

void
match_set_close(const struct match_set *set)
{
	/* Constant for its users, of whom there is none any more. */
	struct match_set *s = (struct match_set *)(uintptr_t)set;

	if (s == NULL)
		return;
	for (uint32_t i = 0; i < s->n; i++)
		match_rule_close(&s->of[i]);
	index_close(&s->packets);
	index_close(&s->bytes);
	index_close(&s->ops);
	index_close(&s->events);
	patterns_close(s->patterns);
	free(s->of);
	free(s->opts);
	rule_set_free(&s->rules);
	free(s);
}
