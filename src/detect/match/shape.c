/* shape.c - which rules an operation could be of interest to. */
#include "detect/match/shape.h"

#include "detect/match/match.h"

_Static_assert(KEY_GROUP < 16 && KEY_SPACE < 16, "a bit each of shape_rules.wide and .narrow");

#define THERE_MAX	32u	/* rules under one kind of thing that are looked at one by one */

/* ---- what hangs on the shape ---- */

static void
take_by_shape(struct match *d, const struct operation *op)
{
	const struct match_index *ix = &d->set->ops;
	const struct dnp3_detail *dnp3 = op->proto == OP_DNP3 ? op->detail : NULL;
	const struct modbus_detail *mb = op->proto == OP_MODBUS ? op->detail : NULL;
	uint32_t scope = (uint32_t)op->proto << 24;

	if (index_has(ix, KEY_ALL))
		match_take_key(d, ix, KEY_ALL, scope, 0);
	if (!index_has(ix, KEY_FUNCTION))
		return;
	match_take_key(d, ix, KEY_FUNCTION, scope, op->function);
	if (dnp3 != NULL) {
		if (dnp3->request.present)
			match_take_key(d, ix, KEY_FUNCTION, scope | SCOPE_MESSAGE, dnp3->request.function);
		if (dnp3->response.present)
			match_take_key(d, ix, KEY_FUNCTION, scope | SCOPE_MESSAGE, dnp3->response.function);
	} else if (mb != NULL)
		match_take_key(d, ix, KEY_FUNCTION, scope | SCOPE_MESSAGE, op->function);
	match_take_key(d, ix, KEY_FUNCTION, scope | SCOPE_INTENT, op->intent);
	match_take_key(d, ix, KEY_FUNCTION, scope | SCOPE_OUTCOME, op->outcome);
}

/* Does what the client (or the server) sends fit the rule's head, going this way? */
static bool
side_could(const struct match_rule *m, uint32_t ends, bool to_client)
{
	return (m->head == SET_HEADS || (ends >> m->head & 1u) != 0) &&
	    (m->flow & (to_client ? (uint32_t)RFLOW_TO_SERVER : (uint32_t)RFLOW_TO_CLIENT)) == 0;
}

/* Could this rule match an operation of this shape?  True is no promise. */
static bool
could(const struct match_rule *m, const struct operation *op, const struct shape *sh)
{
	struct match_case k = { .op = op, .over = op->phase == OP_FINISHED };
	bool asking = side_could(m, (uint32_t)sh->ends, false);
	bool answering = side_could(m, (uint32_t)(sh->ends >> 32), true);

	k.answer = k.over && op->response.seen;
	return match_is_time(m, op) &&
	    (m->message_side ? (k.answer ? answering : asking) : asking || (k.answer && answering)) &&
	    match_tx_could(m, &k, (sh->what >> 56 & SHAPE_SLOW) != 0);
}

/* Kinds of things under which some rule could match, within a scope. */
static uint16_t
kinds_there(const struct match *d, const struct operation *op, const struct shape *sh, uint32_t scope)
{
	static const uint8_t kinds[] = { KEY_DST, KEY_SRC, KEY_UNIT, KEY_CELL, KEY_NUMBER, KEY_GROUP,
	    KEY_SPACE };
	const struct match_index *ix = &d->set->ops;
	unsigned found = 0;

	if (!index_has(ix, KEY_THERE))
		return 0;
	for (unsigned i = 0; i < sizeof(kinds); i++) {
		uint32_t n;
		const uint32_t *r = index_find(ix, key_of(KEY_THERE, scope, kinds[i]), &n);
		bool some = n > THERE_MAX;

		if ((kinds[i] == KEY_DST || kinds[i] == KEY_SRC) && (sh->ends & ENDS_KEYED) == 0)
			continue;
		if (kinds[i] == KEY_UNIT && (sh->what >> 56 & SHAPE_UNIT) == 0)
			continue;
		for (uint32_t k = 0; k < n && !some; k++)
			some = could(&d->set->of[r[k]], op, sh);
		found |= (unsigned)some << kinds[i];
	}
	return (uint16_t)found;
}

static __attribute__((noinline)) void
fill(struct match *d, const struct operation *op, const struct shape *sh, struct shape_rules *e)
{
	uint32_t scope = (uint32_t)op->proto << 24, n = 0;

	match_begin(d);
	take_by_shape(d, op);
	match_put_in_order(d);
	for (uint32_t i = 0; i < d->n_cand && n < SHAPE_MANY; i++)
		if (could(&d->set->of[d->cand[i]], op, sh)) {
			if (n < SHAPE_RULES)
				e->rules[n] = d->cand[i];
			n++;
		}
	e->of = *sh;
	e->n = n;
	e->wide = kinds_there(d, op, sh, scope | 0xffffu);
	e->narrow = kinds_there(d, op, sh, scope | (op->function & 0xffffu));
}

const struct shape_rules *
match_shape(struct match *d, const struct operation *op)
{
	struct flow *f = (struct flow *)(uintptr_t)op->flow;
	struct shape_rules *e;
	struct shape sh;

	if (f->rules_mark != d->set->mark)
		match_heads(d->set, f);
	sh = shape_of(d->set, op);
	e = &d->shapes[shape_place(&sh)];
	if (shape_same(&e->of, &sh))
		return e;
	if (shape_same(&e[1].of, &sh))
		return &e[1];
	e[1] = e[0];
	fill(d, op, &sh, e);
	return e;
}

/* ---- what does not ---- */

static void
take_thing(struct match *d, const struct shape_rules *e, enum key_kind kind, const struct operation *op,
    uint64_t value)
{
	uint32_t scope = (uint32_t)op->proto << 24;

	if ((e->wide >> kind & 1u) != 0)
		match_take_key(d, &d->set->ops, kind, scope | 0xffffu, value);
	if ((e->narrow >> kind & 1u) != 0)
		match_take_key(d, &d->set->ops, kind, scope | (op->function & 0xffffu), value);
}

/* One number, and the group that it is in, unless the last one was the same. */
static void
take_number(struct match *d, const struct shape_rules *e, const struct operation *op, uint64_t v,
    uint64_t *last)
{
	if (v == *last)
		return;
	if (((e->wide | e->narrow) >> KEY_NUMBER & 1u) != 0)
		take_thing(d, e, KEY_NUMBER, op, v);
	if (v >> GROUP_SHIFT != *last >> GROUP_SHIFT)
		take_thing(d, e, KEY_GROUP, op, v >> GROUP_SHIFT);
	*last = v;
}

static void
take_objects(struct match *d, const struct shape_rules *e, const struct operation *op,
    const struct dnp3_message *m, uint64_t *last)
{
	for (uint32_t i = 0; m->present && i < m->n_objects; i++)
		take_number(d, e, op, (uint64_t)m->objects[i].group << 8 | m->objects[i].variation, last);
}

static void
take_numbers(struct match *d, const struct shape_rules *e, const struct operation *op)
{
	const struct dnp3_detail *dnp3 = op->proto == OP_DNP3 ? op->detail : NULL;
	uint64_t last = UINT64_MAX;

	for (uint32_t i = 0; i < op->n_items; i++)
		take_number(d, e, op, op->items[i].number, &last);
	if (dnp3 != NULL) {
		take_objects(d, e, op, &dnp3->request, &last);
		take_objects(d, e, op, &dnp3->response, &last);
	}
}

static void
take_spaces(struct match *d, const struct shape_rules *e, const struct operation *op)
{
	unsigned last = OP_SPACE_COUNT;

	for (uint32_t i = 0; i < op->n_items; i++) {
		if (op->items[i].space != last)
			take_thing(d, e, KEY_SPACE, op, op->items[i].space);
		last = op->items[i].space;
	}
}

static void
take_by_things(struct match *d, const struct shape_rules *e, const struct operation *op)
{
	unsigned kinds = e->wide | e->narrow;

	if ((kinds & 1u << KEY_UNIT) != 0)
		take_thing(d, e, KEY_UNIT, op, op->unit);
	if ((kinds & (1u << KEY_DST | 1u << KEY_SRC)) != 0)
		for (unsigned i = 0; i < 2; i++) {
			uint64_t a = key_of_addr(&op->flow->addr[i]);

			take_thing(d, e, KEY_DST, op, a);
			take_thing(d, e, KEY_SRC, op, a);
		}
	if ((kinds & (1u << KEY_NUMBER | 1u << KEY_GROUP)) != 0)
		take_numbers(d, e, op);
	if ((kinds & 1u << KEY_SPACE) != 0)
		take_spaces(d, e, op);
	if ((kinds & 1u << KEY_CELL) != 0)
		for (uint32_t i = 0; i < op->n_items; i++) {
			const struct op_item *it = &op->items[i];
			uint64_t end = it->first + op_item_span(it) - 1;

			for (uint64_t c = it->first >> CELL_SHIFT; it->ranged && c <= end >> CELL_SHIFT; c++)
				take_thing(d, e, KEY_CELL, op, c);
		}
}

void
match_take_by_op(struct match *d, const struct shape_rules *e, const struct operation *op)
{
	uint32_t scope = (uint32_t)op->proto << 24;

	match_begin(d);
	if (e->n == SHAPE_MANY)
		take_by_shape(d, op);
	else
		for (uint32_t i = 0; i < e->n; i++)
			match_take(d, e->rules[i]);
	for (uint32_t i = 0; i < op->n_anomalies && i < OP_ANOMALIES; i++)
		match_take_key(d, &d->set->ops, KEY_FUNCTION, scope | SCOPE_EVENT, op->anomalies[i].id);
	if ((e->wide | e->narrow) != 0)
		take_by_things(d, e, op);
	match_put_in_order(d);
}
