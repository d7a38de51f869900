/* operations.c - rules against operations, side by side, and against anomalies that
 * belong to none.
 *
 * Raw options of rules that are also about an operation wait for the bytes of its
 * PDU, which come right behind it.
 */
#include "detect/match/match.h"

#include "base/hash.h"

static void
wait_for_bytes(struct match *d, uint32_t rule, const struct match_case *k)
{
	if (d->n_waiting == d->waiting_room) {
		count(d->env.counters, CNT_RULES_WAITING_DROPPED);
		return;
	}
	d->waiting[d->n_waiting].rule = rule;
	d->waiting[d->n_waiting].tx = k->tx;
	d->waiting[d->n_waiting++].to_client = k->to_client;
	d->waiting_flow = k->flow;
}

/* The flow is lent const with an operation; what is remembered of it is not in it. */
static struct match_case
case_of(struct match *d, const struct operation *op, bool answer, bool to_client)
{
	const struct op_side *side = answer ? &op->response : &op->request;
	struct match_case k = { .op = op, .answer = answer, .over = op->phase == OP_FINISHED,
	    .tx = op->id, .ts_ns = side->ts_ns, .frame = side->frame };
	struct flow *f = (struct flow *)(uintptr_t)op->flow;

	match_case_ends(&k, f, to_client ? flow_server(f) : flow_client(f));
	k.source = f->source;
	k.head = d->head.frame == side->frame ? &d->head : NULL;
	return k;
}

static void
run_op(struct match *d, const struct operation *op)
{
	const struct match_set *s = d->set;
	bool answer = op->phase == OP_FINISHED && op->response.seen;
	struct match_case k = case_of(d, op, answer, false), back;

	if (answer)
		back = case_of(d, op, answer, true);

	for (uint32_t i = 0; i < d->n_cand; i++) {
		const struct match_rule *m = &s->of[d->cand[i]];
		const struct match_case *c = NULL;

		if (!match_is_time(m, op))
			continue;
		if (m->message_side) {
			c = answer ? match_holds(d, m, &back, false) ? &back : NULL :
			    match_holds(d, m, &k, false) ? &k : NULL;
		} else {
			/* The operation is the client's; its answer went the other way.  Who speaks to
			 * whom an answer alone shows too; what was asked it does not. */
			c = ((m->flow & RFLOW_TO_SERVER) == 0 || op->request.seen || m->n_tx == 0) && match_holds(d, m, &k, false) ? &k :
			    answer && match_holds(d, m, &back, false) ? &back : NULL;
			if (c != NULL && m->when == WHEN_EITHER && !memory_first(d->memory,
			    hash_mix(op->flow->id ^ m->name * 0x9e3779b97f4a7c15u, op->id * 2 + 1) | 1))
				c = NULL;
		}
		if (c == NULL)
			continue;
		if (m->raw) {
			wait_for_bytes(d, d->cand[i], answer ? &back : &k);
			continue;
		}
		if (match_matched(d, m, c))
			return;
	}
}

static __attribute__((noinline)) void
run_shape(struct match *d, const struct shape_rules *e, const struct operation *op)
{
	if (d->set->needs_marks && match_passed(d, &(struct match_case){ .flow = (struct flow *)(uintptr_t)op->flow,
	    .frame = op->request.frame }))
		return;
	match_take_by_op(d, e, op);
	if (d->n_cand > 0) {
		d->shape = e;
		run_op(d, op);
		d->shape = NULL;
	}
}

void
match_operation(void *arg, const struct operation *op)
{
	struct match *d = arg;
	const struct shape_rules *e;

	if (!d->set->any_op)
		return;
	if (op->n_anomalies > OP_ANOMALIES && op->phase == OP_FINISHED)
		count(d->env.counters, CNT_RULES_ANOMALIES_CUT);
	e = match_shape(d, op);
	if (!shape_has_none(e) || op->n_anomalies > 0)
		run_shape(d, e, op);
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
		match_case_ends(&k, (struct flow *)(uintptr_t)a->flow, a->from_end);
	else if (a->packet != NULL && a->packet->ip_v != 0) {
		const struct packet *p = a->packet;

		k.src = &p->src;
		k.dst = &p->dst;
		k.sport = p->sport;
		k.dport = p->dport;
		k.proto = p->proto;
		k.ip_v = p->ip_v;
	} else
		k.src = k.dst = &nobody;	/* a frame that ends before it says who speaks */
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
