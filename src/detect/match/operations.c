/* operations.c - rules against operations, side by side, and against anomalies that
 * belong to none.
 *
 * Raw options of rules that are also about an operation wait for the bytes of its
 * PDU, which come right behind it.
 */
#include "detect/match/match.h"

#include "base/hash.h"
#include "record/dnp3.h"

/* ---- what its class leaves, and what does not hang on it ------------------------ */

/* The rules under one thing that the operation has. */
static void
take_thing(struct match *d, const struct op_class *c, enum key_kind kind, uint64_t value)
{
	uint32_t n;
	const uint32_t *r = index_find(&d->set->ops, kind, 0, value, &n);

	for (uint32_t i = 0; i < n; i++)
		if (class_allows(&d->set->of[r[i]], c))
			match_take(d, r[i]);
}

/* One number, and the group that it is in, unless the last one was the same. */
static void
take_number(struct match *d, const struct class_rules *e, uint64_t v, uint64_t *last)
{
	if (v == *last)
		return;
	if ((e->keys & 1u << KEY_NUMBER) != 0)
		take_thing(d, &e->of, KEY_NUMBER, v);
	if ((e->keys & 1u << KEY_GROUP) != 0 && v >> GROUP_SHIFT != *last >> GROUP_SHIFT)
		take_thing(d, &e->of, KEY_GROUP, v >> GROUP_SHIFT);
	*last = v;
}

static void
take_objects(struct match *d, const struct class_rules *e, const struct dnp3_message *m, uint64_t *last)
{
	for (uint32_t i = 0; m->present && i < m->n_objects; i++)
		take_number(d, e, (uint64_t)m->objects[i].group << 8 | m->objects[i].variation, last);
}

static void
take_numbers(struct match *d, const struct class_rules *e, const struct operation *op)
{
	const struct dnp3_detail *dnp3 = op->proto == OP_DNP3 ? op->detail : NULL;
	uint64_t last = UINT64_MAX;

	for (uint32_t i = 0; i < op->n_items; i++)
		take_number(d, e, op->items[i].number, &last);
	if (dnp3 != NULL) {
		take_objects(d, e, &dnp3->request, &last);
		take_objects(d, e, &dnp3->response, &last);
	}
}

static void
take_things(struct match *d, const struct class_rules *e, const struct operation *op)
{
	const struct op_class *c = &e->of;
	const unsigned keys = e->keys;
	unsigned space = OP_SPACE_COUNT;

	if ((keys & 1u << KEY_UNIT) != 0)
		take_thing(d, c, KEY_UNIT, op->unit);
	if ((keys & (1u << KEY_DST | 1u << KEY_SRC)) != 0)
		for (unsigned i = 0; i < 2; i++) {
			uint64_t a = key_of_addr(&op->flow->addr[i]);

			take_thing(d, c, KEY_DST, a);
			take_thing(d, c, KEY_SRC, a);
		}
	if ((keys & (1u << KEY_NUMBER | 1u << KEY_GROUP)) != 0)
		take_numbers(d, e, op);
	for (uint32_t i = 0; (keys & 1u << KEY_SPACE) != 0 && i < op->n_items; i++) {
		if (op->items[i].space != space)
			take_thing(d, c, KEY_SPACE, op->items[i].space);
		space = op->items[i].space;
	}
	for (uint32_t i = 0; (keys & 1u << KEY_CELL) != 0 && i < op->n_items; i++) {
		const struct op_item *it = &op->items[i];
		uint64_t end = it->first + op_item_span(it) - 1;

		for (uint64_t cell = it->first >> CELL_SHIFT; it->ranged && cell <= end >> CELL_SHIFT; cell++)
			take_thing(d, c, KEY_CELL, cell);
	}
	for (uint32_t i = 0; (keys & 1u << KEY_EVENT) != 0 && i < op->n_anomalies && i < OP_ANOMALIES; i++)
		take_thing(d, c, KEY_EVENT, op->anomalies[i].id);
}

const uint32_t *
match_take_by_op(struct match *d, const struct class_rules *e, const struct operation *op, uint32_t *n)
{
	*n = e->n;
	if (e->keys == 0)
		return d->classes.pool + e->at;
	match_begin(d);
	for (uint32_t i = 0; i < e->n; i++)
		match_take(d, d->classes.pool[e->at + i]);
	take_things(d, e, op);
	match_put_in_order(d);
	*n = d->n_cand;
	return d->cand;
}

/* ---- one after the other --------------------------------------------------- */

static void
wait_for_bytes(struct match *d, uint32_t rule, const struct match_case *k)
{
	if (d->n_waiting == d->waiting_max) {
		count(d->env.counters, CNT_RULES_WAITING_DROPPED);
		return;
	}
	d->waiting[d->n_waiting].rule = rule;
	d->waiting[d->n_waiting].tx = k->tx;
	d->waiting[d->n_waiting++].to_client = k->to_client;
	d->waiting_flow = k->flow;
}

static bool
is_answered(const struct operation *op)
{
	return op->phase == OP_FINISHED && op->response.seen;
}

/* The operation as the client sends it, and as the server answers: made when asked for. */
struct sides {
	struct match_case	of[2];
	bool			made[2];
};

static const struct match_case *
side_of(struct match *d, struct sides *s, const struct operation *op, bool to_client)
{
	struct flow *f = op->flow;
	const struct op_side *side = is_answered(op) ? &op->response : &op->request;
	struct match_case *k = &s->of[to_client];

	if (s->made[to_client])
		return k;
	*k = (struct match_case){ .op = op, .tags = d->env.tags, .answer = is_answered(op), .over = op->phase == OP_FINISHED,
	    .tx = op->id, .ts_ns = side->ts_ns, .frame = side->frame, .source = f->source };
	match_case_endpoints(k, f, to_client ? flow_server(f) : flow_client(f));
	k->header = d->header.frame == side->frame ? &d->header : NULL;
	s->made[to_client] = true;
	return k;
}

/* The side of the operation of which the rule holds; NULL: it does not, or was reported before. */
static const struct match_case *
holding_side(struct match *d, const struct match_rule *m, struct sides *s, const struct operation *op)
{
	const bool answered = is_answered(op);
	/* The operation is the client's; its answer went the other way.  Who speaks to whom an
	 * answer alone shows too; what was asked it does not. */
	const bool by_client = m->message_side ? !answered :
	    (m->flow & RFLOW_TO_SERVER) == 0 || op->request.seen || !m->about_op;
	const struct match_case *k = NULL;

	if (by_client && match_holds(d, m, side_of(d, s, op, false), false))
		k = side_of(d, s, op, false);
	else if (answered && match_holds(d, m, side_of(d, s, op, true), false))
		k = side_of(d, s, op, true);
	/* What either side may show is reported once. */
	return k != NULL && m->when == WHEN_EITHER && !m->message_side && !memory_first(d->memory,
	    hash_mix(op->flow->id ^ m->name * 0x9e3779b97f4a7c15u, op->id * 2 + 1) | 1) ? NULL : k;
}

static void
run_op(struct match *d, const struct operation *op, const uint32_t *rules, uint32_t n)
{
	struct sides s;

	s.made[0] = s.made[1] = false;
	for (uint32_t i = 0; i < n; i++) {
		const struct match_rule *m = &d->set->of[rules[i]];
		const struct match_case *k = holding_side(d, m, &s, op);

		if (k == NULL)
			continue;
		if (m->raw)
			wait_for_bytes(d, rules[i], side_of(d, &s, op, is_answered(op)));
		else if (match_matched(d, m, k))
			return;
	}
}

static __attribute__((noinline)) void
run_class(struct match *d, const struct class_rules *e, const struct operation *op)
{
	const uint32_t *rules;
	uint32_t n;

	if (d->set->needs_marks && match_passed(d, &(struct match_case){ .flow = op->flow,
	    .frame = op->request.frame }))
		return;
	rules = match_take_by_op(d, e, op, &n);
	if (n > 0)
		run_op(d, op, rules, n);
}

void
match_operation(void *arg, const struct operation *op)
{
	struct match *d = arg;
	const struct class_rules *e;

	/* Rules have addresses and ports: none is about what has no flow. */
	if (op->flow == NULL)
		return;
	if (op->n_anomalies > OP_ANOMALIES && op->phase == OP_FINISHED)
		count(d->env.counters, CNT_RULES_ANOMALIES_CUT);
	e = match_class(d, op);
	if ((e->n | e->keys) != 0)
		run_class(d, e, op);
}

void
match_anomaly(void *arg, const struct anomaly *a)
{
	static const struct addr nobody;
	struct match *d = arg;
	struct match_case k = { .anomaly = a, .ts_ns = a->ts_ns, .frame = a->frame, .source = a->source };

	/* Those of operations come with them. */
	if (!d->set->any_event || a->operation != 0)
		return;
	if (a->flow != NULL)
		match_case_endpoints(&k, a->flow, a->from_end);
	else if (a->packet != NULL && a->packet->ip_v != 0) {
		const struct packet *p = a->packet;

		k.src = &p->src;
		k.dst = &p->dst;
		k.sport = p->sport;
		k.dport = p->dport;
		k.proto = p->proto;
		k.ip_v = p->ip_v;
	} else
		k.src = k.dst = &nobody;	/* a frame that is cut off before its addresses */
	k.packet = a->packet;
	if (match_passed(d, &k))
		return;
	match_begin(d);
	match_take_key(d, &d->set->events, KEY_ALL, 0, 0);
	match_take_key(d, &d->set->events, KEY_EVENT, 0, a->id);
	match_put_in_order(d);
	for (uint32_t i = 0; i < d->n_cand; i++) {
		const struct match_rule *m = &d->set->of[d->cand[i]];

		if (match_holds(d, m, &k, false) && match_matched(d, m, &k))
			return;
	}
}
