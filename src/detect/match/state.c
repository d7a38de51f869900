/* state.c - what rules ask of the past: flowbits, xbits, thresholds. */
#include "detect/match/match.h"

#include <string.h>

#include "base/hash.h"

static bool
rule_counts(const struct rule_opt *o)
{
	return o->word == RW_THRESHOLD || o->word == RW_DETECTION_FILTER;
}

static uint64_t
key_of_endpoints(const struct match_case *k, uint8_t track, uint64_t what)
{
	uint64_t a = key_of_addr(k->src), b = key_of_addr(k->dst);

	switch (track) {
	case TRACK_SRC:
		what = hash_mix(what ^ 0xff51afd7ed558ccdu, a | 1);
		break;
	case TRACK_DST:
		what = hash_mix(what ^ 0xff51afd7ed558ccdu, b | 1);
		break;
	case TRACK_BOTH:
		/* A pair, whoever speaks. */
		what = hash_mix(what ^ 0xff51afd7ed558ccdu, (a + b) | 1);
		break;
	case TRACK_FLOW:
		what = hash_mix(what ^ 0xff51afd7ed558ccdu, (k->flow != NULL ? k->flow->id : a ^ b) * 2 + 1);
		break;
	default:
		what = hash_mix(what ^ 0xff51afd7ed558ccdu, 0x9e3779b97f4a7c15u);
		break;
	}
	return what | 1;
}

/* Names of xbits outlive their numbers when rules are read again. */
static uint64_t
xbit_key(const struct match *d, const struct rule_bits *b, uint32_t i, const struct match_case *k)
{
	const char *name = d->set->rules.xbits[b->of[i]];

	return key_of_endpoints(k, b->track, hash_bytes(0x7862697473u, name, strlen(name)));
}

static bool
bit_is(const struct match *d, const struct rule_opt *o, uint32_t i, const struct match_case *k)
{
	if (o->word == RW_XBITS)
		return memory_tagged(d->memory, xbit_key(d, &o->bits, i, k), k->ts_ns);
	return memory_marked(d->memory, k->flow, o->bits.of[i]);
}

/* ---- flowint ---- */

static uint64_t
name_key(const struct match *d, uint32_t name)
{
	const char *text = d->set->rules.flowints[name];

	return hash_bytes(0x666c6f77696e74u, text, strlen(text));
}

/* The number that stands in the rule, or that of another name; false: there is none. */
static bool
operand(const struct match *d, const struct rule_int *t, const struct match_case *k, uint32_t *v)
{
	*v = t->value;
	return !t->is_name || memory_number(d->memory, k->flow, name_key(d, t->value), v);
}

static bool
int_holds(const struct match *d, const struct rule_int *t, const struct match_case *k)
{
	uint32_t have, with;
	bool is;

	if (k->flow == NULL)
		return false;
	is = memory_number(d->memory, k->flow, name_key(d, t->of), &have);
	switch (t->what) {
	case INT_SET: case INT_ADD: case INT_SUB:
		return true;
	case INT_ISSET:
		return is;
	case INT_NOTSET:
		return !is;
	default:
		break;
	}
	if (!is || !operand(d, t, k, &with))
		return false;
	switch (t->what) {
	case INT_LT:	return have < with;
	case INT_LE:	return have <= with;
	case INT_EQ:	return have == with;
	case INT_NE:	return have != with;
	case INT_GE:	return have >= with;
	default:	return have > with;
	}
}

static void
int_changes(struct match *d, const struct rule_int *t, const struct match_case *k)
{
	uint32_t have, with;
	bool is;

	if (k->flow == NULL || t->what > INT_SUB || !operand(d, t, k, &with))
		return;
	is = memory_number(d->memory, k->flow, name_key(d, t->of), &have);
	/* What was not there is set to the number, as Suricata does. */
	if (is && t->what == INT_ADD)
		with = have + with >= have ? have + with : UINT32_MAX;
	else if (is && t->what == INT_SUB)
		with = have >= with ? have - with : 0;
	memory_set_number(d->memory, k->flow, name_key(d, t->of), with, k->ts_ns);
}

void
match_numbers_end(struct match *d, const struct flow *f)
{
	for (uint32_t i = 0; i < d->set->rules.n_flowints; i++)
		memory_forget_number(d->memory, f, name_key(d, i));
}

bool
match_bits_hold(const struct match *d, const struct match_rule *m, const struct match_case *k)
{
	for (uint32_t i = 0; i < m->state.n; i++) {
		const struct rule_opt *o = m->state.of[i];
		const struct rule_bits *b = &o->bits;
		uint32_t n = 0;
		bool set = b->what == BIT_ISSET;

		if (o->word == RW_FLOWINT && !int_holds(d, &o->flowint, k))
			return false;
		if (o->word == RW_OT_TIME && !rule_time_is(&o->time, zone_local(&d->set->rules.zone,
		    (int64_t)(k->ts_ns / 1000000000u))))
			return false;
		if ((o->word != RW_FLOWBITS && o->word != RW_XBITS) ||
		    (b->what != BIT_ISSET && b->what != BIT_ISNOTSET) || b->n == 0)
			continue;
		for (uint32_t j = 0; j < b->n; j++)
			n += bit_is(d, o, j, k) == set;
		if (b->all ? n < b->n : n == 0)
			return false;
	}
	return true;
}

void
match_bits_change(struct match *d, const struct match_rule *m, const struct match_case *k)
{
	for (uint32_t i = 0; i < m->state.n; i++) {
		const struct rule_opt *o = m->state.of[i];
		const struct rule_bits *b = &o->bits;

		if (o->word == RW_FLOWINT)
			int_changes(d, &o->flowint, k);
		if ((o->word != RW_FLOWBITS && o->word != RW_XBITS) ||
		    (b->what != BIT_SET && b->what != BIT_UNSET && b->what != BIT_TOGGLE))
			continue;
		for (uint32_t j = 0; j < b->n; j++) {
			bool on = b->what == BIT_SET || (b->what == BIT_TOGGLE && !bit_is(d, o, j, k));

			if (o->word == RW_XBITS)
				memory_tag(d->memory, xbit_key(d, b, j, k), on, b->expire_s, k->ts_ns);
			else
				memory_mark(d->memory, k->flow, b->of[j], on);
		}
	}
}

enum match_count
match_counted(struct match *d, const struct match_rule *m, const struct match_case *k, uint64_t matches[MATCH_COUNTS])
{
	enum match_count all = COUNT_REPORT, one;
	uint32_t at = 0;

	for (uint32_t i = 0; i < m->state.n; i++) {
		const struct rule_threshold *t = &m->state.of[i]->threshold;
		uint64_t n = 0;

		if (!rule_counts(m->state.of[i]))
			continue;
		one = memory_count(d->memory, key_of_endpoints(k, t->track, m->name * 4 + t->type), t,
		    t->unique_on == UNIQUE_SRC_PORT ? k->sport : k->dport, k->ts_ns, &n);
		if (one == COUNT_NO || all == COUNT_NO)
			all = COUNT_NO;
		else if (one == COUNT_SILENT)
			all = COUNT_SILENT;
		if (at < MATCH_COUNTS)
			matches[at++] = n != 0 ? n : t->count;
	}
	return all;
}

void
match_count_numbers(const struct match_rule *m, const uint64_t matches[MATCH_COUNTS], struct finding *f)
{
	uint32_t at = 0;

	for (uint32_t i = 0; i < m->state.n && at < MATCH_COUNTS; i++) {
		const struct rule_threshold *t = &m->state.of[i]->threshold;

		if (!rule_counts(m->state.of[i]))
			continue;
		f->numbers[f->n_numbers++] = (struct finding_number){ "count", (int64_t)matches[at++] };
		f->numbers[f->n_numbers++] = (struct finding_number){ "limit", t->count };
		f->numbers[f->n_numbers++] = (struct finding_number){ "window_s", t->seconds };
	}
}
