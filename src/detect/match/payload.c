/* payload.c - rules against packets, PDUs, datagrams and pieces of streams. */
#include "detect/match/match.h"

#include <string.h>

/* Rules on bytes that these could match. */
static void
take_by_bytes(struct match *d, const struct match_case *k, bool raw)
{
	const struct match_set *s = d->set;

	match_begin(d);
	match_take_by_endpoints(d, &s->bytes, k);
	for (uint32_t i = 0; i < s->n_fixed; i++) {
		const struct set_fixed *x = &s->fixed[i];
		uint64_t v = 0;

		if ((uint32_t)x->at + x->n > k->n)
			continue;
		for (uint32_t j = 0; j < x->n; j++)
			v = v << 8 | k->p[x->at + j];
		match_take_key(d, &s->bytes, KEY_FIXED, (uint32_t)x->at << 8 | x->n, v);
	}
	if (s->patterns != NULL && raw && set_in_scope(&s->scope, k->sport, k->dport))
		patterns_scan(s->patterns, d->scratch, k->p, k->n, match_take, d);
	match_put_in_order(d);
}

static void
run_bytes(struct match *d, const struct match_case *whole, bool raw)
{
	const struct match_set *s = d->set;
	struct match_case k = *whole;
	const bool open = k.flow != NULL && !match_is_named(k.flow);

	take_by_bytes(d, &k, raw);
	for (uint32_t i = 0; i < d->n_cand; i++) {
		const struct match_rule *m = &s->of[d->cand[i]];

		if (k.named_late && !m->has_app)
			continue;
		/* What went by as pieces was searched then. */
		if ((!raw && (m->n_lists > 0 || m->packet.n > 0)) || (open && m->waits_name && m->n_lists == 0 &&
		    m->packet.n == 0 && m->lists_by.n == 0))
			continue;
		k.name_open = open && m->waits_name;
		if (!match_holds(d, m, &k, true))
			continue;
		if (k.name_open)
			match_unnamed_wait(d, m, &k);
		else if (match_matched(d, m, &k))
			return;
	}
}

/* What payload of its own a packet has is looked at in order, as bytes of its flow. */
static bool
is_carried(const struct packet *p, const struct flow *f)
{
	return f != NULL && (p->proto == IP_TCP || p->proto == IP_UDP);
}

/* Rules on headers.  True when a pass rule lets the packet go. */
static bool
run_headers(struct match *d, const struct match_case *k, enum flow_dir dir)
{
	const struct packet *p = k->packet;
	const bool later = is_carried(p, k->flow) && p->payload_wire > 0;

	match_begin(d);
	match_take_by_endpoints(d, &d->set->packets, k);
	match_put_in_order(d);
	for (uint32_t i = 0; i < d->n_cand; i++) {
		const struct match_rule *m = &d->set->of[d->cand[i]];

		/* Payload is looked at when it is in order. */
		if (((m->sites & SITE_BYTES) != 0 && later) || (m->once_a_flow && k->flow != NULL && k->flow->packets[dir] > 1))
			continue;
		if (match_holds(d, m, k, true) && match_matched(d, m, k))
			return true;
	}
	return false;
}

static __attribute__((noinline)) void
run_packet(struct match *d, const struct packet *p, struct flow *f, enum flow_dir dir)
{
	const struct match_set *s = d->set;
	struct match_case k;
	bool carried = is_carried(p, f);

	header_of(&d->header, p);
	if (!s->any_packet && (carried || !s->any_bytes))
		return;
	k = (struct match_case){ .src = &p->src, .dst = &p->dst, .sport = p->sport, .dport = p->dport,
	    .proto = p->proto, .ip_v = p->ip_v, .flow = f, .packet = p, .header = &d->header,
	    .dsize = p->payload_wire, .ts_ns = p->ts_ns, .frame = p->frame, .source = p->source };
	if (f != NULL) {
		k.to_client = (unsigned)dir != f->client_end;
		k.established = f->state != FLOW_NEW ||
		    (p->proto == IP_TCP && (p->tcp_flags & (TCP_SYN | TCP_RST)) == 0);
	}
	if (match_passed(d, &k) || (s->any_packet && run_headers(d, &k, dir)))
		return;
	if (!carried && s->any_bytes && p->payload_len > 0) {
		k.p = p->payload;
		k.n = p->payload_len;
		run_bytes(d, &k, true);
	}
}

/* With most rule files this has nothing to do for nearly every packet. */
void
match_packet(void *arg, const struct packet *p, struct flow *f, enum flow_dir dir)
{
	struct match *d = arg;
	const struct match_set *s = d->set;

	if (p->ip_v != 0 && (s->any_packet || s->needs_header || (s->any_bytes && !is_carried(p, f))))
		run_packet(d, p, f, dir);
}

/* A fragment, or what carries a tunnel: no flow, and of a fragment no payload either - what is
 * put together of it comes as a packet of its own. */
void
match_header(void *arg, const struct packet *p)
{
	struct match *d = arg;
	const struct match_set *s = d->set;
	struct packet of = *p;

	if ((p->flags & PKT_FRAGMENT) != 0)
		of.payload_len = 0;
	if (p->ip_v != 0 && (s->any_packet || (s->any_bytes && of.payload_len > 0)))
		run_packet(d, &of, NULL, DIR_FROM_0);
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
		if (match_bytes_hold(d, m, k))
			(void)match_matched(d, m, k);
	}
	k->tx = 0;
	d->n_waiting = 0;
}

static bool
list_matches(struct match *d, const struct match_rule *m, const uint8_t *p, uint32_t n)
{
	return match_steps(d, &m->lists[0], p, n);
}

/* What begins in the last pieces and ends in this one, and was in none of them: anywhere
 * in the stream, or, of rules that ask where, from where this end began to speak. */
static void
run_across(struct match *d, const struct match_case *whole, enum flow_dir dir)
{
	const struct match_set *s = d->set;
	struct match_case k = *whole;
	uint32_t n, burst, add = k.n < TAIL_AHEAD ? k.n : TAIL_AHEAD;
	const uint8_t *tail = stream_tail(&d->tails, k.flow, dir, &n, &burst);
	const bool open = !match_is_named(k.flow);

	for (unsigned anchored = 0; tail != NULL && anchored < 2; anchored++) {
		if (anchored != 0 && burst > n)
			break;
		if (anchored != 0) {
			tail += n - burst;
			n = burst;
		}
		if (n == 0)
			break;
		if (!(anchored != 0 ? s->any_anchored : s->any_spans))
			continue;
		memcpy(d->joined, tail, n);
		memcpy(d->joined + n, whole->p, add);
		k.p = d->joined;
		k.n = n + add;
		take_by_bytes(d, &k, true);
		for (uint32_t i = 0; i < d->n_cand; i++) {
			const struct match_rule *m = &s->of[d->cand[i]];

			if (!(anchored != 0 ? m->anchored : m->spans))
				continue;
			k.name_open = open && m->waits_name;
			if (!match_holds(d, m, &k, true) || list_matches(d, m, tail, n) ||
			    list_matches(d, m, whole->p, whole->n))
				continue;
			if (k.name_open)
				match_unnamed_wait(d, m, &k);
			else if (match_matched(d, m, &k))
				break;
		}
	}
	stream_tail_keep(&d->tails, k.flow, dir, whole->p, whole->n, whole->ts_ns);
}

static void
run_piece(struct match *d, const struct flow_bytes *b)
{
	const struct match_set *s = d->set;
	struct match_case k = { .p = b->p, .n = b->n, .dsize = b->n, .ts_ns = b->ts_ns,
	    .frame = b->frame, .source = b->source };

	match_case_endpoints(&k, b->flow, b->dir);
	k.header = d->header.frame == b->frame ? &d->header : NULL;
	if (d->n_waiting > 0) {
		if (b->pdu && d->waiting_flow == b->flow)
			run_waiting(d, &k);
		d->n_waiting = 0;
	}
	if (!match_passed(d, &k) || (d->marked_flow == b->flow && d->marked_frame == b->frame))
		run_bytes(d, &k, !b->late);
	if ((s->any_spans || s->any_anchored) && k.stream && !b->pdu && b->flow->protocol == NULL &&
	    !match_passed(d, &k))
		run_across(d, &k, b->dir);
}

static __attribute__((noinline)) void
look_at(struct match *d, const struct flow_bytes *b)
{
	struct flow *f = b->flow;
	struct flow_rules *r = match_flow_rules(d, f);

	r->app_judged = f->app_proto;
	r->ot_judged = f->protocol;
	r->risks_judged = f->app_risks;
	r->open = !match_is_named(f);
	if (r->unnamed > 0 && !r->open)
		match_unnamed_judge(d, f);
	r->quiet = d->set->named_bytes && !match_named(d, f) ? d->set->mark : 0;
	if (r->quiet == 0 || d->n_waiting > 0)
		run_piece(d, b);
}

void
match_bytes(void *arg, const struct flow_bytes *b)
{
	struct match *d = arg;
	const struct match_set *s = d->set;
	const struct flow *f = b->flow;
	const struct flow_rules *r = match_flow_rules(d, f);

	if (s->any_bytes && (r->quiet != s->mark || r->app_judged != f->app_proto ||
	    r->ot_judged != f->protocol || r->risks_judged != f->app_risks || r->unnamed > 0 || d->n_waiting > 0))
		look_at(d, b);
}

/* What a flow is, and what it is not, is certain at its end at the latest. */
void
match_flow_end(void *arg, struct flow *f, enum flow_end_reason why)
{
	struct match *d = arg;
	const struct flow_rules *r = match_flow_rules(d, f);
	bool named = r->app_judged != f->app_proto || r->risks_judged != f->app_risks;

	(void)why;
	f->app_maybe = f->ot_maybe = false;
	if (r->unnamed > 0)
		match_unnamed_judge(d, f);
	if (d->set->any_bytes && f->protocol == NULL && (r->open || named) &&
	    f->payload[0] + f->payload[1] > 0) {
		struct match_case k = { .ts_ns = f->last_ns, .frame = f->first_frame,
		    .source = f->source, .named_late = true };

		for (unsigned from = 0; from < 2; from++)
			if (f->payload[from] > 0) {
				match_case_endpoints(&k, f, from);
				if (!match_passed(d, &k))
					run_bytes(d, &k, false);
			}
	}
	if (d->set->rules.n_flowints > 0)
		match_numbers_end(d, f);
	if (d->set->any_spans || d->set->any_anchored)
		stream_tail_forget(&d->tails, f);
	if (d->set->needs_marks)
		memory_flow_end(d->memory, f);
	if (d->passed_flow == f)
		d->passed_flow = NULL;
	if (d->waiting_flow == f)
		d->n_waiting = 0;
}
