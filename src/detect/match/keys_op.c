/* keys_op.c - keys of rules by what an operation must have. */
#include "detect/match/keys.h"

#include <string.h>

/* The few single numbers that a test allows; 0: too many, or not to be listed. */
static uint32_t
singles(const struct rule_numbers *t, uint32_t most, uint64_t *out)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < t->n; i++) {
		const struct rule_range *r = &t->of[i];

		if (r->negated || r->real || r->test != TEST_RANGE || r->lo < 0 || r->hi < r->lo ||
		    r->hi - r->lo >= most || n + (uint64_t)(r->hi - r->lo) + 1 > most)
			return 0;
		for (int64_t v = r->lo; v <= r->hi; v++)
			out[n++] = (uint64_t)v;
	}
	return n;
}

/* The same of cells of 1 << shift numbers each; `less` is taken off every number. */
static uint32_t
cells(const struct rule_numbers *t, int64_t less, unsigned shift, uint64_t *out)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < t->n; i++) {
		const struct rule_range *r = &t->of[i];
		int64_t lo = r->lo > less ? r->lo - less : 0, hi = r->hi;

		if (r->negated || r->real || r->test != TEST_RANGE || hi < less || hi > UINT32_MAX)
			return 0;
		hi -= less;
		if (hi < lo || (hi >> shift) - (lo >> shift) >= FEW)
			return 0;
		for (int64_t c = lo >> shift; c <= hi >> shift; c++) {
			if (n == FEW)
				return 0;
			out[n++] = (uint64_t)c;
		}
	}
	return n;
}

/* The functions that read or write a table of Modbus at an address. */
static uint32_t
accessing(uint16_t access, uint64_t *v)
{
	static const struct { uint16_t access; uint8_t n, functions[4]; } tables[] = {
		{ RMB_READ | RMB_COILS, 1, { 1 } }, { RMB_READ | RMB_DISCRETES, 1, { 2 } },
		{ RMB_READ | RMB_INPUT, 1, { 4 } }, { RMB_READ | RMB_HOLDING, 3, { 3, 23, 24 } },
		{ RMB_WRITE | RMB_COILS, 2, { 5, 15 } }, { RMB_WRITE | RMB_HOLDING, 4, { 6, 16, 22, 23 } },
	};

	for (unsigned i = 0; i < sizeof(tables) / sizeof(tables[0]); i++)
		if (tables[i].access == access) {
			for (unsigned k = 0; k < tables[i].n; k++)
				v[k] = tables[i].functions[k];
			return tables[i].n;
		}
	return 0;
}

/* The functions that an operation must have, as codes of the operation. */
static uint32_t
functions_of(const struct match_rule *m, uint64_t *v)
{
	for (uint32_t k = 0; k < m->n_tx; k++) {
		const struct rule_opt *o = m->tx[k];
		uint32_t n = 0;

		switch (o->word) {
		case RW_MODBUS:
			n = singles(&o->modbus.function, FEW, v);
			if (n == 0 && o->modbus.address.n > 0)
				n = accessing(o->modbus.access, v);
			break;
		case RW_OT_FUNCTION:
		case RW_S7_FUNCTION:
			n = singles(&o->numbers, FEW, v);
			break;
		default:
			break;
		}
		if (n > 0)
			return n;
	}
	return 0;
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

/* The narrowest single thing that an operation must have. */
static uint32_t
thing_of(const struct match_rule *m, enum key_kind *kind, uint64_t *v)
{
	const struct rule *r = m->r;
	uint32_t n;

	*kind = KEY_CELL;
	for (uint32_t k = 0; k < m->n_tx; k++) {
		const struct rule_opt *o = m->tx[k];

		if (o->word == RW_MODBUS && (n = cells(&o->modbus.address, 1, CELL_SHIFT, v)) > 0)
			return n;
		if (o->word == RW_OT_ADDRESS && m->protos == OF_MODBUS &&
		    (n = cells(&o->numbers, 0, CELL_SHIFT, v)) > 0)
			return n;
	}
	if (!r->both_ways) {
		*kind = KEY_DST;
		if ((n = keys_of_addrs(&r->dst, v)) > 0)
			return n;
		*kind = KEY_SRC;
		if ((n = keys_of_addrs(&r->src, v)) > 0)
			return n;
	}
	*kind = KEY_NUMBER;
	for (uint32_t k = 0; k < m->n_tx; k++) {
		const struct rule_opt *o = m->tx[k];

		if ((o->word == RW_OT_NUMBER || o->word == RW_S7_DB) && (n = singles(&o->numbers, FEW, v)) > 0)
			return n;
		if (o->word == RW_DNP3_OBJ) {
			uint64_t g[FEW], x[FEW];
			uint32_t n_g = singles(&o->obj.group, FEW, g), n_x = singles(&o->obj.variation, FEW, x);

			if (n_g == 1 && n_x > 0) {
				for (uint32_t j = 0; j < n_x; j++)
					v[j] = g[0] << 8 | x[j];
				return n_x;
			}
		}
	}
	*kind = KEY_GROUP;
	for (uint32_t k = 0; k < m->n_tx; k++) {
		const struct rule_opt *o = m->tx[k];

		if (((o->word == RW_OT_NUMBER || o->word == RW_S7_DB) &&
		    (n = cells(&o->numbers, 0, GROUP_SHIFT, v)) > 0) ||
		    (o->word == RW_DNP3_OBJ && (n = singles(&o->obj.group, FEW, v)) > 0))
			return n;
	}
	*kind = KEY_SPACE;
	for (uint32_t k = 0; k < m->n_tx; k++) {
		const struct rule_opt *o = m->tx[k];

		if ((o->word == RW_OT_SPACE && (n = few_bits(o->words.mask, v)) > 0) ||
		    (o->word == RW_S7_AREA && !o->area.negated && o->area.wire.n == 0 &&
		    (n = few_bits(o->area.spaces, v)) > 0))
			return n;
	}
	*kind = KEY_UNIT;
	for (uint32_t k = 0; k < m->n_tx; k++) {
		const struct rule_opt *o = m->tx[k];

		if ((o->word == RW_MODBUS && (n = singles(&o->modbus.unit, FEW, v)) > 0) ||
		    (o->word == RW_OT_UNIT && (n = singles(&o->numbers, FEW, v)) > 0))
			return n;
	}
	return 0;
}

/* Suricata's dnp3_func is the function of one message. */
static uint32_t
message_functions(const struct match_rule *m, uint64_t *v)
{
	for (uint32_t k = 0; k < m->n_tx; k++)
		if (m->tx[k]->word == RW_DNP3_FUNC || m->tx[k]->word == RW_MODBUS_FUNC)
			return singles(&m->tx[k]->numbers, FEW, v);
	return 0;
}

/* What an operation does, how it ended, or what is wrong with it. */
static uint32_t
bits_of(const struct match_rule *m, uint32_t *scope, uint64_t *v)
{
	for (uint32_t k = 0; k < m->n_tx; k++) {
		const struct rule_opt *o = m->tx[k];
		uint32_t n = 0;

		if (o->word == RW_OT_EXCEPTION) {
			*scope = SCOPE_OUTCOME;
			v[0] = OUTCOME_EXCEPTION;
			return 1;
		}
		if ((o->word == RW_APP_EVENT || o->word == RW_OT_ANOMALY || o->word == RW_STREAM_EVENT ||
		    o->word == RW_DECODE_EVENT) && !o->event.negated && o->event.n > 0 &&
		    o->event.n <= 64) {
			*scope = SCOPE_EVENT;
			for (; n < o->event.n; n++)
				v[n] = o->event.of[n];
			return n;
		}
		if (o->word != RW_OT_INTENT && o->word != RW_OT_OUTCOME)
			continue;
		*scope = o->word == RW_OT_INTENT ? SCOPE_INTENT : SCOPE_OUTCOME;
		for (unsigned bit = 0; bit < 64; bit++)
			if ((o->words.mask >> bit & 1u) != 0)
				v[n++] = bit;
		return n;
	}
	return 0;
}

/* Under things within a scope, and who is there at all. */
static int
add_things(struct match_index *ix, enum key_kind kind, uint32_t scope, const uint64_t *v, uint32_t n,
    uint32_t i)
{
	if (keys_add(ix, kind, scope, v, n, i) != 0 || index_add(ix, KEY_THERE, scope, kind, i) != 0)
		return -1;
	return kind == KEY_DST || kind == KEY_SRC ? keys_add(ix, KEY_END, 0, v, n, i) : 0;
}

int
keys_by_op(struct match_set *s, const struct match_rule *m, uint32_t i)
{
	struct match_index *ix = &s->ops;
	uint64_t f[FEW], v[FEW], b[64];
	uint32_t n_f = functions_of(m, f), n_v, n_b, scope;
	enum key_kind kind;

	n_v = thing_of(m, &kind, v);
	for (uint32_t k = 0; kind == KEY_UNIT && k < n_v; k++)
		s->units |= (uint64_t)1 << (v[k] & 63);
	for (uint32_t p = 0; p < OP_PROTO_COUNT; p++) {
		uint32_t any = p << 24 | 0xffffu;

		if ((m->protos >> p & 1u) == 0)
			continue;
		if (n_v > 0) {
			if (n_f == 0 && add_things(ix, kind, any, v, n_v, i) != 0)
				return -1;
			for (uint32_t k = 0; k < n_f; k++)
				if (add_things(ix, kind, p << 24 | (uint32_t)(f[k] & 0xffff), v, n_v, i) != 0)
					return -1;
		} else if (n_f > 0) {
			if (keys_add(ix, KEY_FUNCTION, p << 24, f, n_f, i) != 0)
				return -1;
		} else if ((n_f = message_functions(m, f)) > 0) {
			if (keys_add(ix, KEY_FUNCTION, p << 24 | SCOPE_MESSAGE, f, n_f, i) != 0)
				return -1;
			n_f = 0;
		} else if ((n_b = bits_of(m, &scope, b)) > 0) {
			if (keys_add(ix, KEY_FUNCTION, p << 24 | scope, b, n_b, i) != 0)
				return -1;
		} else if (index_add(ix, KEY_ALL, p << 24, 0, i) != 0)
			return -1;
	}
	return 0;
}

int
keys_by_event(struct match_index *ix, const struct match_rule *m, uint32_t i)
{
	for (uint32_t k = 0; k < m->n_tx; k++) {
		const struct rule_event *e = &m->tx[k]->event;

		if (!e->negated && e->n > 0) {
			for (uint32_t j = 0; j < e->n; j++)
				if (index_add(ix, KEY_EVENT, 0, e->of[j], i) != 0)
					return -1;
			return 0;
		}
	}
	return index_add(ix, KEY_ALL, 0, 0, i);
}
