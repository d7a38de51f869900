/* candidates.c - which rules could match what is looked at: the index is asked for
 * every key that it has.
 */
#include "detect/match/match.h"

#include <string.h>

#include "record/dnp3.h"

void
match_take(void *arg, uint32_t rule)
{
	struct match *d = arg;

	if (d->stamp[rule] == d->turn)
		return;
	d->stamp[rule] = d->turn;
	d->cand[d->n_cand++] = rule;
}

void
match_take_key(struct match *d, const struct match_index *ix, enum key_kind kind, uint32_t scope, uint64_t value)
{
	uint32_t n;
	const uint32_t *r = index_find(ix, key_of(kind, scope, value), &n);

	for (uint32_t i = 0; i < n; i++)
		match_take(d, r[i]);
}

void
match_begin(struct match *d)
{
	d->n_cand = 0;
	if (++d->turn == 0) {
		memset(d->stamp, 0, d->set->n * sizeof(*d->stamp));
		d->turn = 1;
	}
}

/* Into the set's order: a few, nearly always. */
void
match_put_in_order(struct match *d)
{
	uint32_t gap = 1;

	while (gap < d->n_cand / 3)
		gap = 3 * gap + 1;
	for (; gap > 0; gap /= 3)
		for (uint32_t i = gap; i < d->n_cand; i++) {
			uint32_t v = d->cand[i], k = i;

			for (; k >= gap && d->cand[k - gap] > v; k -= gap)
				d->cand[k] = d->cand[k - gap];
			d->cand[k] = v;
		}
}

/* By each part of the flow's name, as "tls.teamviewer" has two (ends.c). */
static void
take_by_name(struct match *d, const struct match_index *ix, const struct flow *f)
{
	const char *part = f->app_proto;

	while (part != NULL) {
		size_t n = strcspn(part, ".");

		match_take_key(d, ix, KEY_APP, 0, key_of_name(part, n));
		part = part[n] == '.' ? part + n + 1 : NULL;
	}
	if (f->ot_proto == NULL)
		return;
	match_take_key(d, ix, KEY_APP, 0, key_of_name(f->ot_proto, strlen(f->ot_proto)));
	if (strncmp(f->ot_proto, "s7comm", 6) == 0)
		match_take_key(d, ix, KEY_APP, 0, key_of_name("s7comm", 6));
}

void
match_take_by_ends(struct match *d, const struct match_index *ix, const struct match_case *k)
{
	if (index_has(ix, KEY_ALL))
		match_take_key(d, ix, KEY_ALL, 0, 0);
	if (index_has(ix, KEY_DPORT))
		match_take_key(d, ix, KEY_DPORT, 0, k->dport);
	if (index_has(ix, KEY_SPORT))
		match_take_key(d, ix, KEY_SPORT, 0, k->sport);
	if (index_has(ix, KEY_DST))
		match_take_key(d, ix, KEY_DST, 0, key_of_addr(k->dst));
	if (index_has(ix, KEY_SRC))
		match_take_key(d, ix, KEY_SRC, 0, key_of_addr(k->src));
	if (index_has(ix, KEY_FLAGS) && k->head != NULL)
		match_take_key(d, ix, KEY_FLAGS, 0, k->head->tcp_flags);
	if (index_has(ix, KEY_APP) && k->flow != NULL)
		take_by_name(d, ix, k->flow);
	if (index_has(ix, KEY_RISK) && k->flow != NULL && k->flow->app_risks != 0)
		match_take_key(d, ix, KEY_RISK, 0, 0);
}

static void
take_thing(struct match *d, enum key_kind kind, const struct operation *op, uint64_t value)
{
	uint32_t scope = (uint32_t)op->proto << 24;

	if ((d->set->ops.wide >> kind & 1u) != 0)
		match_take_key(d, &d->set->ops, kind, scope | 0xffffu, value);
	if ((d->set->ops.narrow >> kind & 1u) != 0)
		match_take_key(d, &d->set->ops, kind, scope | (op->function & 0xffffu), value);
}

static void
take_objects(struct match *d, const struct operation *op, const struct dnp3_message *m)
{
	uint64_t last = UINT64_MAX;

	for (uint32_t i = 0; m->present && i < m->n_objects; i++) {
		uint64_t v = (uint64_t)m->objects[i].group << 8 | m->objects[i].variation;

		if (v != last)
			take_thing(d, KEY_NUMBER, op, v);
		last = v;
	}
}

void
match_take_by_op(struct match *d, const struct operation *op)
{
	const struct match_index *ix = &d->set->ops;
	const struct dnp3_detail *dnp3 = op->proto == OP_DNP3 ? op->detail : NULL;
	const struct modbus_detail *mb = op->proto == OP_MODBUS ? op->detail : NULL;
	uint32_t scope = (uint32_t)op->proto << 24;

	match_begin(d);
	if (index_has(ix, KEY_ALL))
		match_take_key(d, ix, KEY_ALL, scope, 0);
	if (index_has(ix, KEY_FUNCTION)) {
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
		for (uint32_t i = 0; i < op->n_anomalies && i < OP_ANOMALIES; i++)
			match_take_key(d, ix, KEY_FUNCTION, scope | SCOPE_EVENT, op->anomalies[i].id);
	}
	if (index_has(ix, KEY_UNIT))
		take_thing(d, KEY_UNIT, op, op->unit);
	if (index_has(ix, KEY_DST) || index_has(ix, KEY_SRC))
		for (unsigned i = 0; i < 2; i++) {
			uint64_t a = key_of_addr(&op->flow->addr[i]);

			if (index_has(ix, KEY_DST))
				take_thing(d, KEY_DST, op, a);
			if (index_has(ix, KEY_SRC))
				take_thing(d, KEY_SRC, op, a);
		}
	if (index_has(ix, KEY_NUMBER)) {
		uint64_t last = UINT64_MAX;

		for (uint32_t i = 0; i < op->n_items; i++) {
			if (op->items[i].number != last)
				take_thing(d, KEY_NUMBER, op, op->items[i].number);
			last = op->items[i].number;
		}
		if (dnp3 != NULL) {
			take_objects(d, op, &dnp3->request);
			take_objects(d, op, &dnp3->response);
		}
	}
	if (index_has(ix, KEY_CELL) && op->proto == OP_MODBUS)
		for (uint32_t i = 0; i < op->n_items; i++) {
			const struct op_item *it = &op->items[i];
			uint64_t end = (uint64_t)it->first + (it->count > 0 ? it->count : 1) - 1;

			for (uint64_t c = it->first >> CELL_SHIFT; it->ranged && c <= end >> CELL_SHIFT; c++)
				take_thing(d, KEY_CELL, op, c);
		}
	match_put_in_order(d);
}

