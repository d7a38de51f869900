/* rules.c - the detector that runs rules.
 *
 * Each packet, each run of bytes and each side of an operation asks the index for
 * the rules that could match it, and holds those against it in the set's order.
 * Raw options of rules that are also about an operation wait for the bytes of its
 * PDU, which come right behind it.
 */
#include "detect/match/rules.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/log.h"
#include "detect/match/case.h"
#include "detect/match/memory.h"
#include "detect/match/tails.h"
#include "record/dnp3.h"

#define WAITING 64u	/* rules of one PDU whose bytes are still to come */

struct match {
	struct detect_env	 env;
	struct match_set	*set;
	struct match_set	*_Atomic next;	/* prepared by whoever, taken by the packet thread */
	struct match_memory	*memory;
	struct tails		*tails;
	uint8_t			 joined[TAIL_LEN + TAIL_AHEAD];
	struct match_header	 head;		/* of the last packet, if the set needs it */

	/* Candidates of what is looked at; room for every rule of the set. */
	uint32_t		*cand;		/* owned */
	uint32_t		 n_cand;
	uint32_t		*stamp;		/* owned; turn in which a rule was last taken */
	uint32_t		 turn;

	/* Let go by a pass rule: the rest of this packet. */
	const struct flow	*passed_flow;
	uint64_t		 passed_frame;

	/* Let go for good, but with this message. */
	const struct flow	*marked_flow;
	uint64_t		 marked_frame;

	struct { uint32_t rule; uint64_t tx; bool to_client; } waiting[WAITING];
	uint32_t		 n_waiting;
	const struct flow	*waiting_flow;
	struct bytes_run	 run;
};

/* ---- candidates ------------------------------------------------------ */

static void
take(void *arg, uint32_t rule)
{
	struct match *d = arg;

	if (d->stamp[rule] == d->turn)
		return;
	d->stamp[rule] = d->turn;
	d->cand[d->n_cand++] = rule;
}

static void
take_key(struct match *d, const struct match_index *ix, enum key_kind kind, uint32_t scope, uint64_t value)
{
	uint32_t n;
	const uint32_t *r = index_find(ix, key_of(kind, scope, value), &n);

	for (uint32_t i = 0; i < n; i++)
		take(d, r[i]);
}

static void
begin(struct match *d)
{
	d->n_cand = 0;
	if (++d->turn == 0) {
		memset(d->stamp, 0, d->set->n * sizeof(*d->stamp));
		d->turn = 1;
	}
}

/* Into the set's order: a few, nearly always. */
static void
put_in_order(struct match *d)
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

		take_key(d, ix, KEY_APP, 0, key_of_name(part, n));
		part = part[n] == '.' ? part + n + 1 : NULL;
	}
	if (f->ot_proto == NULL)
		return;
	take_key(d, ix, KEY_APP, 0, key_of_name(f->ot_proto, strlen(f->ot_proto)));
	if (strncmp(f->ot_proto, "s7comm", 6) == 0)
		take_key(d, ix, KEY_APP, 0, key_of_name("s7comm", 6));
}

static void
take_by_ends(struct match *d, const struct match_index *ix, const struct match_case *k)
{
	if (index_has(ix, KEY_ALL))
		take_key(d, ix, KEY_ALL, 0, 0);
	if (index_has(ix, KEY_DPORT))
		take_key(d, ix, KEY_DPORT, 0, k->dport);
	if (index_has(ix, KEY_SPORT))
		take_key(d, ix, KEY_SPORT, 0, k->sport);
	if (index_has(ix, KEY_DST))
		take_key(d, ix, KEY_DST, 0, key_of_addr(k->dst));
	if (index_has(ix, KEY_SRC))
		take_key(d, ix, KEY_SRC, 0, key_of_addr(k->src));
	if (index_has(ix, KEY_FLAGS) && k->head != NULL)
		take_key(d, ix, KEY_FLAGS, 0, k->head->tcp_flags);
	if (index_has(ix, KEY_APP) && k->flow != NULL)
		take_by_name(d, ix, k->flow);
	if (index_has(ix, KEY_RISK) && k->flow != NULL && k->flow->app_risks != 0)
		take_key(d, ix, KEY_RISK, 0, 0);
}

/* ---- state ------------------------------------------------------------- */

static uint64_t
key_of_ends(const struct match_case *k, uint8_t track, uint64_t what)
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

	return key_of_ends(k, b->track, hash_bytes(0x7862697473u, name, strlen(name)));
}

static bool
bit_is(const struct match *d, const struct rule_opt *o, uint32_t i, const struct match_case *k)
{
	if (o->word == RW_XBITS)
		return memory_tagged(d->memory, xbit_key(d, &o->bits, i, k), k->ts_ns);
	return memory_marked(d->memory, k->flow, o->bits.of[i]);
}

static bool
bits_hold(const struct match *d, const struct match_rule *m, const struct match_case *k)
{
	for (uint32_t i = 0; i < m->n_state; i++) {
		const struct rule_opt *o = m->state[i];
		const struct rule_bits *b = &o->bits;
		uint32_t held = 0;
		bool set = b->what == BIT_ISSET;

		if ((o->word != RW_FLOWBITS && o->word != RW_XBITS) ||
		    (b->what != BIT_ISSET && b->what != BIT_ISNOTSET) || b->n == 0)
			continue;
		for (uint32_t j = 0; j < b->n; j++)
			held += bit_is(d, o, j, k) == set;
		if (b->all ? held < b->n : held == 0)
			return false;
	}
	return true;
}

static void
bits_change(struct match *d, const struct match_rule *m, const struct match_case *k)
{
	for (uint32_t i = 0; i < m->n_state; i++) {
		const struct rule_opt *o = m->state[i];
		const struct rule_bits *b = &o->bits;

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

/* May this match be told?  Fills in how often it was. */
static enum match_count
counted(struct match *d, const struct match_rule *m, const struct match_case *k, struct finding *f)
{
	enum match_count all = COUNT_TELL, one;

	for (uint32_t i = 0; i < m->n_state; i++) {
		const struct rule_opt *o = m->state[i];
		const struct rule_threshold *t = &o->threshold;
		uint64_t n = 0;

		if (o->word != RW_THRESHOLD && o->word != RW_DETECTION_FILTER)
			continue;
		one = memory_count(d->memory, key_of_ends(k, t->track, m->name * 4 + t->type), t,
		    t->unique_on == UNIQUE_SRC_PORT ? k->sport : k->dport, k->ts_ns, &n);
		if (one == COUNT_NO || all == COUNT_NO)
			all = COUNT_NO;
		else if (one == COUNT_SILENT)
			all = COUNT_SILENT;
		if (f->n_numbers + 3 <= FINDING_NUMBERS) {
			f->numbers[f->n_numbers++] = (struct finding_number){ "count",
			    (int64_t)(n != 0 ? n : t->count) };
			f->numbers[f->n_numbers++] = (struct finding_number){ "limit", t->count };
			f->numbers[f->n_numbers++] = (struct finding_number){ "window_s", t->seconds };
		}
	}
	return all;
}

/* ---- a match ------------------------------------------------------------- */

/* Same object, same alert, as far as a rule can say. */
static uint64_t
object_of(const struct operation *op)
{
	uint64_t key;

	if (op == NULL)
		return 0;
	key = hash_mix(op->unit * 2u + 1, 0xa0761d6478bd642fu) ^ op->function;
	if (op->n_items > 0)
		key = hash_mix(key ^ op->items[0].number, ((uint64_t)op->items[0].first << 8 |
		    op->items[0].space) * 2 + 1);
	return key;
}

static bool
passed(const struct match *d, const struct match_case *k)
{
	return d->set->needs_marks && ((d->passed_flow != NULL && d->passed_flow == k->flow &&
	    d->passed_frame == k->frame) || memory_marked(d->memory, k->flow, MARK_PASSED));
}

/* The rule holds: do what it says.  True when the rest is let go. */
static bool
matched(struct match *d, const struct match_rule *m, const struct match_case *k)
{
	struct finding f = { .type = ALERT_RULE, .rule = &m->r->card, .ts_ns = k->ts_ns,
	    .frame = k->frame, .source = k->source, .tx = k->tx, .src = *k->src, .dst = *k->dst,
	    .sport = k->sport, .dport = k->dport, .proto = k->proto, .flow = k->flow,
	    .packet = k->packet, .op = k->op, .anomaly = k->anomaly, .to_client = k->to_client,
	    .in_response = k->answer, .key = object_of(k->op) };
	enum match_count how = COUNT_TELL;

	bits_change(d, m, k);
	if (m->counts)
		how = counted(d, m, k, &f);
	if (how == COUNT_NO)
		return false;
	if (m->r->action == RULE_PASS) {
		/* A match in a stream or an operation lets the whole flow go. */
		if (k->op != NULL || k->stream || m->once_a_flow)
			memory_mark(d->memory, k->flow, MARK_PASSED, true);
		if (k->op != NULL) {
			/* The bytes of this very message are still to come, and are packets of
			 * their own to whoever wrote the rule. */
			d->marked_flow = k->flow;
			d->marked_frame = k->frame;
		}
		m->r->hits += how != COUNT_SILENT;
		if (how == COUNT_SILENT || k->op != NULL)
			return how != COUNT_SILENT;
		d->passed_flow = k->flow;
		d->passed_frame = k->frame;
		return true;
	}
	if (m->r->noalert || how == COUNT_SILENT)
		return false;
	m->r->hits++;
	count(d->env.counters, CNT_RULES_MATCHES);
	d->env.sink.finding(d->env.sink.arg, &f);
	return false;
}

static bool
lists_match(struct match *d, const struct match_rule *m, const struct match_case *k, bool raw)
{
	for (uint32_t i = 0; i < m->n_lists; i++) {
		const struct match_list *l = &m->lists[i];

		if (!raw && l->buffer == BUFFER_PAYLOAD)
			continue;
		if (!match_buffer(l->buffer, k, &d->run.p, &d->run.n) ||
		    !bytes_match(&d->run, l->steps, l->n))
			return false;
	}
	return true;
}

static bool
holds(struct match *d, const struct match_rule *m, const struct match_case *k, bool raw)
{
	return match_ends(m, k) && match_flow(m, k) && match_packet_opts(m, k) && match_tx(m, k) &&
	    bits_hold(d, m, k) && lists_match(d, m, k, raw) && match_lists(m, k);
}

/* ---- packets ---------------------------------------------------------------- */

static void
run_bytes(struct match *d, const struct match_case *k, bool raw)
{
	const struct match_set *s = d->set;

	begin(d);
	take_by_ends(d, &s->bytes, k);
	for (uint32_t i = 0; i < s->n_fixed; i++) {
		const struct set_fixed *x = &s->fixed[i];
		uint64_t v = 0;

		if ((uint32_t)x->at + x->n > k->n)
			continue;
		for (uint32_t j = 0; j < x->n; j++)
			v = v << 8 | k->p[x->at + j];
		take_key(d, &s->bytes, KEY_FIXED, (uint32_t)x->at << 8 | x->n, v);
	}
	if (s->patterns != NULL && raw && set_in_scope(&s->scope, k->sport, k->dport))
		patterns_scan(s->patterns, k->p, k->n, take, d);
	if (d->n_cand == 0)
		return;
	put_in_order(d);
	for (uint32_t i = 0; i < d->n_cand; i++) {
		const struct match_rule *m = &s->of[d->cand[i]];

		if (k->named_late && !m->has_app)
			continue;
		/* What went by as pieces was searched then. */
		if ((!raw && (m->n_lists > 0 || m->n_packet > 0)) || !holds(d, m, k, true))
			continue;
		if (matched(d, m, k))
			return;
	}
}

static void
on_packet(void *arg, const struct packet *p, struct flow *f, enum flow_dir dir)
{
	struct match *d = arg;
	const struct match_set *s = d->set;
	struct match_case k;
	bool carried = f != NULL && (p->proto == IP_TCP || p->proto == IP_UDP);

	if (p->ip_v == 0 || (!s->any_packet && !s->needs_header && !(s->any_bytes && !carried)))
		return;
	header_of(&d->head, p);
	if (!s->any_packet && (carried || !s->any_bytes))
		return;
	k = (struct match_case){ .src = &p->src, .dst = &p->dst, .sport = p->sport, .dport = p->dport,
	    .proto = p->proto, .ip_v = p->ip_v, .flow = f, .packet = p, .head = &d->head,
	    .dsize = p->payload_wire, .ts_ns = p->ts_ns, .frame = p->frame, .source = p->source };
	if (f != NULL) {
		k.to_client = (unsigned)dir != f->client_end;
		k.established = f->state != FLOW_NEW ||
		    (p->proto == IP_TCP && (p->tcp_flags & (TCP_SYN | TCP_RST)) == 0);
	}
	if (passed(d, &k))
		return;
	if (s->any_packet) {
		begin(d);
		take_by_ends(d, &s->packets, &k);
		put_in_order(d);
		for (uint32_t i = 0; i < d->n_cand; i++) {
			const struct match_rule *m = &s->of[d->cand[i]];

			/* Payload is looked at when it is in order. */
			if (((m->sites & SITE_BYTES) != 0 && carried && p->payload_wire > 0) ||
			    (m->once_a_flow && f != NULL && f->packets[dir] > 1) ||
			    !holds(d, m, &k, true))
				continue;
			if (matched(d, m, &k))
				return;
		}
	}
	if (!carried && s->any_bytes && p->payload_len > 0) {
		k.p = p->payload;
		k.n = p->payload_len;
		run_bytes(d, &k, true);
	}
}

/* ---- bytes ------------------------------------------------------------------- */

static void
ends_of(struct match_case *k, struct flow *f, unsigned from)
{
	k->flow = f;
	k->src = &f->addr[from];
	k->dst = &f->addr[from ^ 1u];
	k->sport = f->port[from];
	k->dport = f->port[from ^ 1u];
	k->proto = f->proto;
	k->ip_v = f->ip_v;
	k->to_client = from != f->client_end;
	k->stream = f->proto == IP_TCP;
	k->established = f->proto == IP_TCP || f->state == FLOW_ESTABLISHED;
}

/* Rules about the operations of this PDU that ask for its bytes too. */
static void
run_waiting(struct match *d, struct match_case *k)
{
	bool to_client = k->to_client;

	for (uint32_t i = 0; i < d->n_waiting; i++) {
		const struct match_rule *m = &d->set->of[d->waiting[i].rule];

		k->tx = d->waiting[i].tx;
		if (d->waiting[i].to_client != to_client && m->flow != 0)
			continue;
		for (uint32_t j = 0; j < m->n_lists; j++)
			if (m->lists[j].buffer == BUFFER_PAYLOAD) {
				d->run.p = k->p;
				d->run.n = k->n;
				if (bytes_match(&d->run, m->lists[j].steps, m->lists[j].n))
					(void)matched(d, m, k);
			}
	}
	k->tx = 0;
	d->n_waiting = 0;
}

static bool
list_matches(struct match *d, const struct match_rule *m, const uint8_t *p, uint32_t n)
{
	d->run.p = p;
	d->run.n = n;
	return bytes_match(&d->run, m->lists[0].steps, m->lists[0].n);
}

/* What begins in the last piece and ends in this one, and was in neither. */
static void
run_across(struct match *d, const struct match_case *whole, enum flow_dir dir)
{
	const struct match_set *s = d->set;
	struct match_case k = *whole;
	uint32_t n, add = k.n < TAIL_AHEAD ? k.n : TAIL_AHEAD;
	const uint8_t *tail = tails_get(d->tails, k.flow, dir, &n);

	if (tail != NULL && set_in_scope(&s->scope, k.sport, k.dport)) {
		memcpy(d->joined, tail, n);
		memcpy(d->joined + n, whole->p, add);
		begin(d);
		patterns_scan(s->patterns, d->joined, n + add, take, d);
		put_in_order(d);
		k.p = d->joined;
		k.n = n + add;
		for (uint32_t i = 0; i < d->n_cand; i++) {
			const struct match_rule *m = &s->of[d->cand[i]];

			if (!m->spans || !holds(d, m, &k, true) || list_matches(d, m, tail, n) ||
			    list_matches(d, m, whole->p, whole->n))
				continue;
			if (matched(d, m, &k))
				break;
		}
	}
	tails_keep(d->tails, k.flow, dir, whole->p, whole->n);
}

static void
on_bytes(void *arg, const struct detect_bytes *b)
{
	struct match *d = arg;
	const struct match_set *s = d->set;
	struct match_case k = { .p = b->p, .n = b->n, .dsize = b->n, .ts_ns = b->ts_ns,
	    .frame = b->frame, .source = b->source };

	if (!s->any_bytes)
		return;
	ends_of(&k, b->flow, b->dir);
	b->flow->app_judged = b->flow->app_proto;
	b->flow->risks_judged = b->flow->app_risks;
	k.head = d->head.frame == b->frame ? &d->head : NULL;
	if (d->n_waiting > 0) {
		if (b->pdu && d->waiting_flow == b->flow)
			run_waiting(d, &k);
		d->n_waiting = 0;
	}
	if (!passed(d, &k) || (d->marked_flow == b->flow && d->marked_frame == b->frame))
		run_bytes(d, &k, !b->late);
	if (s->any_spans && s->patterns != NULL && k.stream && !b->pdu && b->flow->ot_proto == NULL &&
	    !passed(d, &k))
		run_across(d, &k, b->dir);
}

/* What a flow is, and what it is not, is certain at its end at the latest. */
static void
on_flow_end(void *arg, struct flow *f, enum flow_end_reason why)
{
	struct match *d = arg;
	bool named = f->app_judged != f->app_proto || f->risks_judged != f->app_risks;

	(void)why;
	if (d->set->any_bytes && f->ot_proto == NULL && (f->ot_maybe || named) &&
	    f->payload[0] + f->payload[1] > 0) {
		struct match_case k = { .ts_ns = f->last_ns, .named_late = !f->ot_maybe };

		f->ot_maybe = false;
		for (unsigned from = 0; from < 2; from++)
			if (f->payload[from] > 0) {
				ends_of(&k, f, from);
				if (!passed(d, &k))
					run_bytes(d, &k, false);
			}
	}
	if (d->set->needs_marks)
		memory_flow_end(d->memory, f);
	if (d->passed_flow == f)
		d->passed_flow = NULL;
	if (d->waiting_flow == f)
		d->n_waiting = 0;
}

/* ---- operations ----------------------------------------------------------------- */

static void
take_thing(struct match *d, enum key_kind kind, const struct operation *op, uint64_t value)
{
	uint32_t scope = (uint32_t)op->proto << 24;

	if ((d->set->ops.wide >> kind & 1u) != 0)
		take_key(d, &d->set->ops, kind, scope | 0xffffu, value);
	if ((d->set->ops.narrow >> kind & 1u) != 0)
		take_key(d, &d->set->ops, kind, scope | (op->function & 0xffffu), value);
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

static void
take_by_op(struct match *d, const struct operation *op)
{
	const struct match_index *ix = &d->set->ops;
	const struct dnp3_detail *dnp3 = op->proto == OP_DNP3 ? op->detail : NULL;
	const struct modbus_detail *mb = op->proto == OP_MODBUS ? op->detail : NULL;
	uint32_t scope = (uint32_t)op->proto << 24;

	begin(d);
	if (index_has(ix, KEY_ALL))
		take_key(d, ix, KEY_ALL, scope, 0);
	if (index_has(ix, KEY_FUNCTION)) {
		take_key(d, ix, KEY_FUNCTION, scope, op->function);
		if (dnp3 != NULL) {
			if (dnp3->request.present)
				take_key(d, ix, KEY_FUNCTION, scope | SCOPE_MESSAGE, dnp3->request.function);
			if (dnp3->response.present)
				take_key(d, ix, KEY_FUNCTION, scope | SCOPE_MESSAGE, dnp3->response.function);
		} else if (mb != NULL)
			take_key(d, ix, KEY_FUNCTION, scope | SCOPE_MESSAGE, op->function);
		take_key(d, ix, KEY_FUNCTION, scope | SCOPE_INTENT, op->intent);
		take_key(d, ix, KEY_FUNCTION, scope | SCOPE_OUTCOME, op->outcome);
		for (uint32_t i = 0; i < op->n_anomalies && i < OP_ANOMALIES; i++)
			take_key(d, ix, KEY_FUNCTION, scope | SCOPE_EVENT, op->anomalies[i].id);
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
	put_in_order(d);
}

static void
wait_for_bytes(struct match *d, uint32_t rule, const struct match_case *k)
{
	if (d->n_waiting == WAITING)
		return;
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

	ends_of(&k, f, to_client ? flow_server(f) : flow_client(f));
	k.source = f->source;
	k.head = d->head.frame == side->frame ? &d->head : NULL;
	return k;
}

static void
run_op(struct match *d, const struct operation *op)
{
	const struct match_set *s = d->set;
	bool over = op->phase == OP_FINISHED, asked = over && op->request.seen;
	bool answer = over && op->response.seen;
	struct match_case k = case_of(d, op, answer, false), back = case_of(d, op, answer, true);

	for (uint32_t i = 0; i < d->n_cand; i++) {
		const struct match_rule *m = &s->of[d->cand[i]];
		const struct match_case *c = NULL;

		if ((!over && m->when == WHEN_ANSWER) || (asked && m->when == WHEN_REQUEST && !m->message_side) ||
		    (asked && !answer && m->when != WHEN_ANSWER) || (m->once_a_flow && (asked || op->id > 1)))
			continue;
		if (m->message_side) {
			c = answer ? holds(d, m, &back, false) ? &back : NULL :
			    holds(d, m, &k, false) ? &k : NULL;
		} else {
			/* The operation is the client's; its answer went the other way. */
			c = holds(d, m, &k, false) ? &k : answer && holds(d, m, &back, false) ? &back : NULL;
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
		if (matched(d, m, c))
			return;
	}
}

static void
on_operation(void *arg, const struct operation *op)
{
	struct match *d = arg;
	struct match_case k = { .flow = (struct flow *)(uintptr_t)op->flow, .frame = op->request.frame };

	if (!d->set->any_op || passed(d, &k))
		return;
	take_by_op(d, op);
	if (d->n_cand > 0)
		run_op(d, op);
}

static void
on_anomaly(void *arg, const struct anomaly *a)
{
	struct match *d = arg;
	struct match_case k = { .anomaly = a, .ts_ns = a->ts_ns, .frame = a->frame, .source = a->source };

	/* Those of operations come with them. */
	if (!d->set->any_event || a->operation != 0)
		return;
	if (a->flow != NULL)
		ends_of(&k, (struct flow *)(uintptr_t)a->flow, a->from_end);
	else if (a->packet != NULL && a->packet->ip_v != 0) {
		const struct packet *p = a->packet;

		k.src = &p->src;
		k.dst = &p->dst;
		k.sport = p->sport;
		k.dport = p->dport;
		k.proto = p->proto;
		k.ip_v = p->ip_v;
	} else
		return;
	k.packet = a->packet;
	if (passed(d, &k))
		return;
	begin(d);
	take_key(d, &d->set->events, KEY_ALL, 0, 0);
	take_key(d, &d->set->events, KEY_EVENT, 0, a->id);
	put_in_order(d);
	for (uint32_t i = 0; i < d->n_cand; i++) {
		const struct match_rule *m = &d->set->of[d->cand[i]];

		if (holds(d, m, &k, false) && matched(d, m, &k))
			return;
	}
}

/* ---- life, and reading again ----------------------------------------------------- */

static void
say(const struct err *e, enum log_level level)
{
	for (const struct err_item *it = e->first; it != NULL; it = it->next)
		log_msg(level, "rules", "%s:%d:%d: %s", it->file != NULL ? it->file : "rules", it->line,
		    it->column, it->text);
}

/* Are rule files named, or only those that may have come with the program? */
static bool
has_files(const struct settings *s)
{
	return s->rules.files != NULL && s->rules.files[0] != '\0' && strcmp(s->rules.files, "auto") != 0 &&
	    strcmp(s->rules.files, "none") != 0;
}

/* All rule files as they are now.  NULL: problems in `e`, which one rule that does
 * not load is only when `strict`: at start the others run. */
static struct match_set *
load(const struct detect_env *env, bool strict, struct err *e)
{
	struct rule_set set = { 0 };
	struct err notes = { 0 }, problems = { 0 };
	const struct rules_from from = { .settings = &env->settings->rules, .lookup = env->names };
	bool ok = rules_load_settings(&set, &from, strict ? e : &problems, &notes);
	char summary[128];

	say(&notes, LOG_NOTE);
	/* Where nothing is left to run, they are why. */
	if (set.n_rules > 0)
		say(&problems, LOG_WARN);
	else
		for (const struct err_item *it = problems.first; it != NULL; it = it->next)
			err_add(e, it->file, it->line, it->column, "%s", it->text);
	if (set.n_rules + set.n_bad + set.n_skipped > 0) {
		rule_set_summary(&set, summary, sizeof(summary));
		log_note("rules", "%s", summary);
	}
	ok &= !strict || e->n == 0;
	/* Files that give no rule at all are no mistake in one of them. */
	if (problems.n > 0 && set.n_rules == 0) {
		err_add(e, NULL, 0, 0, "no rule could be loaded; thermowell rules check FILE reads rules alone");
		ok = false;
	}
	err_free(&notes);
	err_free(&problems);
	if (!ok) {
		if (e->n == 0)
			err_add(e, NULL, 0, 0, "not enough memory for the rules");
		rule_set_free(&set);
		return NULL;
	}
	return match_set_open(&set, e);
}

static int
make_room(struct match *d, struct match_set *s)
{
	uint32_t *cand = calloc(s->n + 1, sizeof(*cand)), *stamp = calloc(s->n + 1, sizeof(*stamp));
	uint32_t *to = NULL, n_old = d->set != NULL ? d->set->rules.n_flowbits : 0;
	int r = 0;

	if (cand == NULL || stamp == NULL || (n_old > 0 && (to = calloc(n_old, sizeof(*to))) == NULL))
		r = -1;
	for (uint32_t i = 0; r == 0 && i < n_old; i++) {
		to[i] = UINT32_MAX;
		for (uint32_t k = 0; k < s->rules.n_flowbits; k++)
			if (strcmp(d->set->rules.flowbits[i], s->rules.flowbits[k]) == 0)
				to[i] = k;
	}
	if (r == 0 && s->needs_marks)
		r = memory_names(d->memory, s->rules.n_flowbits, to, n_old);
	free(to);
	if (r != 0) {
		free(cand);
		free(stamp);
		return -1;
	}
	free(d->cand);
	free(d->stamp);
	d->cand = cand;
	d->stamp = stamp;
	d->turn = 0;
	d->n_waiting = 0;
	return 0;
}

static void
match_close(void *arg)
{
	struct match *d = arg;

	match_set_close(d->set);
	match_set_close(atomic_load(&d->next));
	memory_close(d->memory);
	tails_close(d->tails);
	free(d->cand);
	free(d->stamp);
	free(d);
}

static void *
match_open(const struct detect_env *env, struct err *e)
{
	struct match *d = calloc(1, sizeof(*d));
	struct match_set *s;

	if (d == NULL)
		return NULL;
	d->env = *env;
	d->memory = memory_open(env->counters);
	d->tails = tails_open();
	s = d->memory != NULL && d->tails != NULL ? load(env, false, e) : NULL;
	if (s == NULL || make_room(d, s) != 0) {
		match_set_close(s);
		match_close(d);
		return NULL;
	}
	d->set = s;
	env->counters->v[CNT_RULES_LOADED] = s->rules.n_rules;
	return d;
}

static int
match_prepare(void *arg, struct err *e)
{
	struct match *d = arg;
	struct match_set *s = load(&d->env, true, e);

	if (s == NULL)
		return -1;
	match_set_close(atomic_exchange(&d->next, s));
	return 0;
}

static bool
match_swap(void *arg)
{
	struct match *d = arg;
	struct match_set *s = atomic_exchange(&d->next, NULL);

	if (s == NULL)
		return false;
	if (make_room(d, s) != 0) {
		match_set_close(s);
		return false;
	}
	match_set_close(d->set);
	d->set = s;
	d->env.counters->v[CNT_RULES_LOADED] = s->rules.n_rules;
	count(d->env.counters, CNT_RULES_RELOADS);
	return true;
}

static bool
match_idle(const void *arg)
{
	const struct match *d = arg;

	return d->set->n == 0 && !has_files(d->env.settings);
}

static size_t
match_memory_size(const void *arg)
{
	const struct match *d = arg;

	return sizeof(*d) + d->set->memory + memory_size(d->memory) + tails_memory() + 2 * d->set->n * sizeof(*d->cand);
}

const struct detector rules_detector = {
	.name = "rules",
	.open = match_open,
	.packet = on_packet,
	.bytes = on_bytes,
	.operation = on_operation,
	.anomaly = on_anomaly,
	.flow_end = on_flow_end,
	.idle = match_idle,
	.prepare = match_prepare,
	.swap = match_swap,
	.memory = match_memory_size,
	.close = match_close,
};

const struct rule_set *
rules_of(const void *detector)
{
	const struct match *d = detector;

	return &d->set->rules;
}
