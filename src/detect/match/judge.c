/* judge.c - does one rule hold, and what it does when it does. */
#include "detect/match/match.h"

#include "base/hash.h"

void
match_case_endpoints(struct match_case *k, struct flow *f, unsigned from)
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

/* Same object, same alert, as far as a rule can say. */
static uint64_t
object_of(const struct match *d, const struct operation *op)
{
	uint64_t key;

	if (op == NULL)
		return 0;
	key = hash_mix(d->env.key ^ op->unit, 0xa0761d6478bd642fu) ^ op->function;
	if (op->n_items > 0)
		key = hash_mix(key ^ op->items[0].number, ((uint64_t)op->items[0].first << 8 |
		    op->items[0].space) * 2 + 1);
	return key;
}

bool
match_passed(const struct match *d, const struct match_case *k)
{
	return d->set->needs_marks && ((d->passed_flow != NULL && d->passed_flow == k->flow &&
	    d->passed_frame == k->frame) || memory_marked(d->memory, k->flow, MARK_PASSED));
}

/* By threshold.config: the rule does its work and raises nothing. */
static bool
is_suppressed(const struct rule *r, const struct match_case *k)
{
	for (uint32_t i = 0; i < r->n_suppress; i++) {
		const struct rule_suppress *s = &r->suppress[i];

		if (s->always || (s->side != SIDE_DST && rule_addr_is(&s->ip, k->src)) ||
		    (s->side != SIDE_SRC && rule_addr_is(&s->ip, k->dst)))
			return true;
	}
	return false;
}

bool
match_bytes_hold(struct match *d, const struct match_rule *m, const struct match_case *k)
{
	const struct match_known known = { d->memory, d->env.geoip, d->env.assets, d->env.ask };

	for (uint32_t i = 0; i < m->n_lists; i++)
		if (m->lists[i].buffer == BUFFER_PAYLOAD && !match_steps(d, &m->lists[i], k->p, k->n))
			return false;
	return m->lists_by.n == 0 || match_lists(&known, m, k, LISTS_OF_PAYLOAD);
}

/* A pass rule holds: let go this packet, or the whole flow. */
static bool
pass(struct match *d, const struct match_rule *m, const struct match_case *k, enum match_count how)
{
	/* A match in a stream or an operation lets the whole flow go. */
	if (k->op != NULL || k->stream || m->once_a_flow)
		memory_mark(d->memory, k->flow, MARK_PASSED, true);
	if (k->op != NULL) {
		/* The bytes of this very message are still to come, and are packets of
		 * their own to whoever wrote the rule. */
		d->marked_flow = k->flow;
		d->marked_frame = k->frame;
	}
	d->hits[m->r->index] += how != COUNT_SILENT;
	if (how == COUNT_SILENT || k->op != NULL)
		return how != COUNT_SILENT;
	d->passed_flow = k->flow;
	d->passed_frame = k->frame;
	return true;
}

static __attribute__((noinline)) void
emit(struct match *d, const struct match_rule *m, const struct match_case *k, const uint64_t *matches)
{
	struct finding f = { .type = ALERT_RULE, .rule = &m->r->meta, .ts_ns = k->ts_ns,
	    .frame = k->frame, .source = k->source, .tx = k->tx, .src = *k->src, .dst = *k->dst,
	    .sport = k->sport, .dport = k->dport, .proto = k->proto, .flow = k->flow,
	    .packet = k->packet, .op = k->op, .anomaly = k->anomaly, .to_client = k->to_client,
	    .in_response = k->answer, .key = object_of(d, k->op) };

	if (m->counts)
		match_count_numbers(m, matches, &f);
	d->hits[m->r->index]++;
	count(d->env.counters, CNT_RULES_MATCHES);
	d->env.sink.finding(d->env.sink.arg, &f);
}

bool
match_matched(struct match *d, const struct match_rule *m, const struct match_case *k)
{
	uint64_t matches[MATCH_COUNTS];
	enum match_count how = COUNT_REPORT;

	if (m->marks)
		match_bits_change(d, m, k);
	if (m->counts)
		how = match_counted(d, m, k, matches);
	if (how == COUNT_NO)
		return false;
	if (m->r->action == RULE_PASS)
		return pass(d, m, k, how);
	if (!m->r->noalert && how != COUNT_SILENT && (m->r->n_suppress == 0 || !is_suppressed(m->r, k)))
		emit(d, m, k, matches);
	return false;
}

bool
match_steps(struct match *d, const struct match_list *l, const uint8_t *p, uint32_t n)
{
	bool is;

	d->run.p = p;
	d->run.n = n;
	is = bytes_match(&d->run, l->steps, l->n);
	if (d->run.given_up)
		count(d->env.counters, CNT_RULES_SEARCH_LIMITS);
	return is;
}

/* The message that a buffer is about has passed, and its bytes were not kept. */
static bool
is_gone(const struct match_case *k)
{
	const struct op_side *s = k->op == NULL ? NULL : k->answer ? &k->op->response : &k->op->request;

	return s != NULL && s->seen && s->bytes == NULL;
}

static bool
lists_match(struct match *d, const struct match_rule *m, const struct match_case *k, bool raw)
{
	const uint8_t *p;
	uint32_t n;

	for (uint32_t i = 0; i < m->n_lists; i++) {
		const struct match_list *l = &m->lists[i];

		if (!raw && l->buffer == BUFFER_PAYLOAD)
			continue;
		if (!match_buffer(l->buffer, k, &p, &n)) {
			if (l->buffer != BUFFER_PAYLOAD && is_gone(k))
				count(d->env.counters, CNT_RULES_BYTES_GONE);
			return false;
		}
		if (!match_steps(d, l, p, n))
			return false;
	}
	return true;
}

bool
match_holds(struct match *d, const struct match_rule *m, const struct match_case *k, bool raw)
{
	const struct match_known known = { d->memory, d->env.geoip, d->env.assets, d->env.ask };

	if (!match_endpoints(m, k) || !match_flow(m, k))
		return false;
	/* The packet of these bytes went by before. */
	if (m->needs_header && k->header == NULL) {
		count(d->env.counters, CNT_RULES_HEADERS_GONE);
		return false;
	}
	return match_packet_opts(m, k) && match_tx(m, k) &&
	    (!m->marks || match_bits_hold(d, m, k)) && lists_match(d, m, k, raw) &&
	    (m->lists_by.n == 0 || match_lists(&known, m, k, raw ? LISTS_ALL : LISTS_WITHOUT_PAYLOAD));
}
