/* keys_op.c - keys of rules by what an operation must have.
 *
 * Which options can supply one follows from their rows in words.def: `reads` and `lists`.
 */
#include "detect/match/keys.h"

#include <string.h>

/* The few numbers, in groups of 1 << shift, that a test allows, `less` taken off each of
 * them; 0: too many, or not to be listed. */
static uint32_t
few_numbers(const struct rule_numbers *t, int64_t less, unsigned shift, uint64_t *v)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < t->n; i++) {
		const struct rule_range *r = &t->of[i];
		int64_t lo = r->lo > less ? r->lo - less : 0, hi = r->hi;

		if (r->negated || r->real || r->test != TEST_RANGE || hi < less || hi > UINT32_MAX)
			return 0;
		hi -= less;
		if (hi < lo || (hi >> shift) - (lo >> shift) >= (int64_t)(FEW - n))
			return 0;
		for (int64_t c = lo >> shift; c <= hi >> shift; c++)
			v[n++] = (uint64_t)c;
	}
	return n;
}

/* The bits that are set, if they are few. */
static uint32_t
few_bits(uint64_t mask, uint64_t *v)
{
	uint32_t n = 0;

	for (unsigned bit = 0; bit < 64; bit++)
		if ((mask >> bit & 1u) != 0) {
			if (n == FEW)
				return 0;
			v[n++] = bit;
		}
	return n;
}

/* An object of DNP3 is number group << 8 | variation. */
static uint32_t
few_objects(const struct rule_obj *o, unsigned shift, uint64_t *v)
{
	uint64_t x[FEW];
	uint32_t n = few_numbers(&o->group, 0, 0, v), n_x;

	if (shift == GROUP_SHIFT || n != 1)
		return shift == GROUP_SHIFT ? n : 0;
	n_x = few_numbers(&o->variation, 0, 0, x);
	for (uint32_t i = n_x; i-- > 0;)
		v[i] = v[0] << 8 | x[i];
	return n_x;
}

/* What an item must have to hold a value.  Of numbers only that of a block: points have several groups. */
static uint32_t
few_of_value(const struct rule_value *x, unsigned reads, unsigned shift, uint64_t *v)
{
	const struct op_place *at = &x->tag.place;

	if (reads == READS_NUMBER && shift == 0 && at->number != 0 && protocols[x->tag.proto]->values->address_bits(at->space) != 0)
		v[0] = at->number;
	else if (reads == READS_ADDRESS)
		v[0] = at->first >> shift;
	else if (reads == READS_SPACE)
		v[0] = at->space;
	else
		return 0;
	return 1;
}

/* The few values of one thing that is read of an operation (READS_*) that an option allows;
 * 0: it allows any, or many. */
static uint32_t
few_of(const struct rule_opt *o, unsigned reads, unsigned shift, uint64_t *v)
{
	const struct rule_word_row *w = rule_word_row((enum rule_word)o->word);

	if ((w->reads & reads) == 0)
		return 0;
	switch (w->operand) {
	case OPERAND_NUMBERS:
		return w->lists == reads ? few_numbers(&o->numbers, 0, shift, v) : 0;
	case OPERAND_WORDS:
		return w->lists == reads ? few_bits(o->words.mask, v) : 0;
	case OPERAND_EVENT:
		if (w->lists != reads || o->event.negated || o->event.n > FEW)
			return 0;
		for (uint32_t i = 0; i < o->event.n; i++)
			v[i] = o->event.of[i];
		return o->event.n;
	case OPERAND_MODBUS:
		/* Addresses of rules begin at 1. */
		return reads == READS_ADDRESS ? few_numbers(&o->modbus.address, 1, shift, v) :
		    few_numbers(reads == READS_UNIT ? &o->modbus.unit : &o->modbus.function, 0, shift, v);
	case OPERAND_OBJ:
		return few_objects(&o->obj, shift, v);
	case OPERAND_VALUE:
		return few_of_value(&o->value, reads, shift, v);
	case OPERAND_AREA:
		return reads == READS_SPACE && !o->area.negated && o->area.wire.n == 0 ?
		    few_bits(o->area.spaces, v) : 0;
	default:
		return 0;
	}
}

static uint32_t
few_of_any(const struct match_rule *m, unsigned reads, unsigned shift, uint64_t *v)
{
	uint32_t n = 0;

	for (uint32_t i = 0; n == 0 && i < m->r->n_opts; i++)
		n = few_of(&m->r->opts[i], reads, shift, v);
	return n;
}

/* The narrowest thing that an operation must have, if it must have one of few. */
static uint32_t
narrowest(const struct match_rule *m, enum key_kind *kind, uint64_t *v)
{
	static const struct { uint8_t kind, shift; uint16_t reads; uint32_t of; } by[] = {
		{ KEY_EVENT, 0, READS_ANOMALIES, OF_OPERATIONS },
		/* Items of the others may have no range, or a very long one. */
		{ KEY_CELL, CELL_SHIFT, READS_ADDRESS, OF_MODBUS },
		{ KEY_DST, 0, 0, OF_OPERATIONS }, { KEY_SRC, 0, 0, OF_OPERATIONS },
		{ KEY_NUMBER, 0, READS_NUMBER, OF_OPERATIONS },
		{ KEY_GROUP, GROUP_SHIFT, READS_NUMBER, OF_OPERATIONS },
		{ KEY_SPACE, 0, READS_SPACE, OF_OPERATIONS },
		{ KEY_UNIT, 0, READS_UNIT, OF_OPERATIONS },
	};
	uint32_t n = 0;

	for (size_t i = 0; n == 0 && i < COUNTOF(by); i++) {
		if ((m->protos & ~by[i].of) != 0)
			continue;
		*kind = by[i].kind;
		if (by[i].reads != 0)
			n = few_of_any(m, by[i].reads, by[i].shift, v);
		else if (!m->r->both_ways)
			n = keys_of_addrs(by[i].kind == KEY_DST ? &m->r->dst : &m->r->src, v);
	}
	return n;
}

int
keys_by_op(struct match_index *ix, struct match_rule *m, uint32_t i)
{
	uint64_t f[FEW], v[FEW];
	uint32_t n_f = few_of_any(m, READS_FUNCTION, 0, f), n;
	enum key_kind kind;

	n = narrowest(m, &kind, v);
	m->filed = (uint8_t)(n > 0 ? kind : KEY_CLASS);
	if (keys_add(ix, kind, 0, v, n, i) != 0)
		return -1;
	/* By protocol and function, for who fills in a class. */
	kind = n > 0 ? KEY_CLASS_THINGS : KEY_CLASS;
	for (uint32_t p = 0; p < OP_PROTO_COUNT; p++)
		if ((m->protos >> p & 1u) != 0 && (n_f > 0 ? keys_add(ix, kind, p, f, n_f, i) :
		    index_add(ix, kind, p, ANY_FUNCTION, i)) != 0)
			return -1;
	return 0;
}

int
keys_by_event(struct match_index *ix, const struct match_rule *m, uint32_t i)
{
	uint64_t v[FEW];
	uint32_t n = few_of_any(m, READS_ANOMALIES, 0, v);

	return n > 0 ? keys_add(ix, KEY_EVENT, 0, v, n, i) : index_add(ix, KEY_ALL, 0, 0, i);
}
