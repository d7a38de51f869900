/* endpoints.c - addresses and ports, flows and packet headers. */
#include "detect/match/case.h"

#include <string.h>

#include "base/cursor.h"

void
header_of(struct match_header *h, const struct packet *p)
{
	struct cursor c = cur_of(p->l3, p->l3_len);

	*h = (struct match_header){ .frame = p->frame, .seq = p->seq, .ack = p->ack,
	    .window = p->window, .ip_id = p->ip_id, .flags = p->flags, .tcp_flags = p->tcp_flags,
	    .ttl = p->ttl, .tos = p->tos, .proto = p->proto, .icmp_type = p->icmp_type,
	    .icmp_code = p->icmp_code, .fragoffset = p->ip_frag & IP_FRAG_OFFSET };
	if (p->ip_v == 4) {
		uint8_t first = cur_u8(&c);

		cur_skip(&c, 7);
		h->fragbits = (uint8_t)(p->ip_frag >> 13 & 7u);
		if (p->proto == IP_ICMP) {
			cur_skip(&c, (size_t)(first & 15u) * 4 - 8 + 4);
			h->icmp_id = cur_be16(&c);
			h->icmp_seq = cur_be16(&c);
			h->has_icmp_id = cur_ok(&c) && (p->icmp_type == 8 || p->icmp_type == 0 ||
			    (p->icmp_type >= 13 && p->icmp_type <= 18));
		}
	} else if (p->proto == IP_ICMPV6 && p->l3_len >= 48) {
		cur_skip(&c, 44);
		h->icmp_id = cur_be16(&c);
		h->icmp_seq = cur_be16(&c);
		h->has_icmp_id = cur_ok(&c) && (p->icmp_type == 128 || p->icmp_type == 129);
	}
}

/* ---- endpoints ----------------------------------------------------------- */

/* nDPI's names have parts: "tls.teamviewer" is both, and itself. */
static bool
name_is(const char *app, const char *wanted, size_t n)
{
	if (app == NULL || (strncmp(app, wanted, n) == 0 && app[n] == '\0'))
		return app != NULL;
	for (const char *part = app; part != NULL; part = strchr(part, '.')) {
		part += *part == '.';
		if (strncmp(part, wanted, n) == 0 && (part[n] == '.' || part[n] == '\0'))
			return true;
	}
	return false;
}

/* Any of several, blank between. */
static bool
names_are(const char *app, const char *wanted)
{
	while (*wanted != '\0') {
		size_t n = strcspn(wanted, " ");

		if (name_is(app, wanted, n))
			return true;
		wanted += n;
		wanted += strspn(wanted, " ");
	}
	return false;
}

static bool
proto_is(const struct rule *r, const struct match_case *k)
{
	const struct flow *f = k->flow;

	if (r->ip_v != 0 && r->ip_v != k->ip_v)
		return false;
	switch (r->proto) {
	case RULE_IP:
		return k->ip_v != 0 || k->anomaly != NULL;
	case RULE_TCP:
	case RULE_TCP_PKT:
	case RULE_TCP_STREAM:
		return k->proto == IP_TCP;
	case RULE_UDP:
		return k->proto == IP_UDP;
	case RULE_ICMP:
		return k->proto == IP_ICMP || k->proto == IP_ICMPV6;
	case RULE_PLANT:
		return f != NULL && f->protocol != NULL && (r->of & PROTO_BIT(f->protocol->proto)) != 0;
	case RULE_APP:
		return f != NULL && (k->name_open || (f->protocol == NULL && names_are(f->app_proto, r->app.names)));
	default:
		return false;
	}
}

static bool
one_way(const struct rule *r, const struct addr *src, uint16_t sport, const struct addr *dst,
    uint16_t dport)
{
	return (r->sport.any || rule_port_is(&r->sport, sport)) &&
	    (r->dport.any || rule_port_is(&r->dport, dport)) &&
	    (r->src.any || rule_addr_is(&r->src, src)) && (r->dst.any || rule_addr_is(&r->dst, dst));
}

bool
match_endpoints(const struct match_rule *m, const struct match_case *k)
{
	const struct rule *r = m->r;

	if (!proto_is(r, k))
		return false;
	return one_way(r, k->src, k->sport, k->dst, k->dport) ||
	    (r->both_ways && one_way(r, k->dst, k->dport, k->src, k->sport));
}

__attribute__((noinline)) void
match_filters(const struct match_set *s, const struct flow *f, struct flow_rules *of)
{
	uint32_t keyed = 0, n;

	for (unsigned i = 0; i < 4 && (index_has(&s->ops, KEY_SRC) || index_has(&s->ops, KEY_DST)); i++)
		if (index_find(&s->ops, i < 2 ? KEY_SRC : KEY_DST, 0, key_of_addr(&f->addr[i % 2]), &n) != NULL)
			keyed = ENDPOINTS_KEYED;
	for (unsigned end = 0; end < 2; end++) {
		const struct addr *src = &f->addr[end], *dst = &f->addr[end ^ 1u];
		uint16_t sport = f->port[end], dport = f->port[end ^ 1u];

		of->endpoints[end] = keyed;
		for (uint32_t i = 0; i < s->n_filters; i++) {
			const struct rule *r = s->filters[i];

			if (one_way(r, src, sport, dst, dport) || (r->both_ways && one_way(r, dst, dport, src, sport)))
				of->endpoints[end] |= 1u << i;
		}
	}
	of->mark = s->mark;
}

/* ---- flow ----------------------------------------------------------- */

static bool
app_is(const struct match_case *k, const struct rule_app *a)
{
	const struct flow *f = k->flow;
	const char *app = f->app_proto;
	bool is;

	if (strcmp(a->name, "unknown") == 0)
		return !match_is_named(f) != a->negated;
	if (k->name_open)
		return true;
	if (strcmp(a->name, "failed") == 0)
		return (f->protocol == NULL && app == NULL && match_is_named(f)) != a->negated;
	/* It may still turn out to be one of ours. */
	if (!match_is_named(f))
		return false;
	is = f->protocol != NULL ? (a->of & PROTO_BIT(f->protocol->proto)) != 0 : names_are(app, a->names);
	return is != a->negated;
}

/* Bytes that an end has sent, of which the last are those at hand. */
static bool
stream_size_is(const struct match_case *k, const struct rule_stream_size *t)
{
	bool is[2];

	if (k->proto != IP_TCP)
		return false;
	for (unsigned end = 0; end < 2; end++)
		is[end] = rule_number_is(&t->value, (int64_t)(k->flow->payload[end] + k->flow->lost[end])) != t->not_equal;
	switch (t->side) {
	case SIDE_CLIENT:
		return is[flow_client(k->flow)];
	case SIDE_SERVER:
		return is[flow_server(k->flow)];
	case SIDE_BOTH:
		return is[0] && is[1];
	default:
		return is[0] || is[1];
	}
}

/* `want`: enum rule_flow_bits, not 0. */
static bool
flow_bits_hold(uint32_t want, const struct match_case *k)
{
	const uint32_t is = (k->to_client ? RFLOW_TO_CLIENT : RFLOW_TO_SERVER) |
	    (k->established ? RFLOW_ESTABLISHED : RFLOW_NOT_ESTABLISHED) | (k->stream ? RFLOW_ONLY_STREAM : 0u);
	const uint32_t asked = RFLOW_TO_SERVER | RFLOW_TO_CLIENT | RFLOW_ESTABLISHED | RFLOW_NOT_ESTABLISHED | RFLOW_ONLY_STREAM;
	bool rebuilt;

	if ((want & asked & ~is) != 0)
		return false;
	if ((want & ~(uint32_t)(RFLOW_STATELESS | RFLOW_ONLY_FRAG | RFLOW_NO_FRAG)) != 0 && k->flow == NULL)
		return false;
	if ((want & (RFLOW_ONLY_FRAG | RFLOW_NO_FRAG)) == 0)
		return true;
	/* Of fragments: each of them, and what was put together. */
	rebuilt = k->header != NULL && (k->header->flags & (PKT_REBUILT | PKT_FRAGMENT)) != 0;
	return rebuilt == ((want & RFLOW_ONLY_FRAG) != 0);
}

bool
match_flow(const struct match_rule *m, const struct match_case *k)
{
	if (m->flow != 0 && !flow_bits_hold(m->flow, k))
		return false;
	for (uint32_t i = 0; i < m->flows.n; i++) {
		const struct rule_opt *o = m->flows.of[i];

		if (k->flow == NULL)
			return false;
		if (o->word == RW_APP_PROTOCOL) {
			if (!app_is(k, &o->app))
				return false;
		} else if (o->word == RW_STREAM_SIZE) {
			if (!stream_size_is(k, &o->stream_size))
				return false;
		} else if (!k->name_open && ((k->flow->app_risks & o->words.mask) != 0) == o->words.negated)
			return false;
	}
	return true;
}

/* ---- packet headers ------------------------------------------------- */

static bool
packet_opt(const struct rule_opt *o, const struct match_case *k)
{
	const struct match_header *h = k->header;

	switch (o->word) {
	case RW_DSIZE:
		return (k->proto == IP_TCP || k->proto == IP_UDP || k->p != NULL || k->packet != NULL) &&
		    rule_number_is(&o->numbers, k->dsize);
	case RW_SAMEIP:
		return addr_same(k->src, k->dst);
	case RW_IP_PROTO:
		return rule_number_is(&o->numbers, k->proto);
	default:
		break;
	}
	if (h == NULL)
		return false;	/* the packet of these bytes went by before */
	switch (o->word) {
	case RW_FLAGS:
		return h->proto == IP_TCP && rule_flags_are(&o->flags, h->tcp_flags);
	case RW_SEQ:
		return h->proto == IP_TCP && rule_number_is(&o->numbers, h->seq);
	case RW_ACK:
		return h->proto == IP_TCP && rule_number_is(&o->numbers, h->ack);
	case RW_WINDOW:
		return h->proto == IP_TCP && rule_number_is(&o->numbers, h->window);
	case RW_TTL:
		return rule_number_is(&o->numbers, h->ttl);
	case RW_TOS:
		return rule_number_is(&o->numbers, h->tos);
	case RW_ID:
		return k->ip_v == 4 && rule_number_is(&o->numbers, h->ip_id);
	case RW_FRAGBITS:
		return k->ip_v == 4 && rule_flags_are(&o->flags, h->fragbits);
	case RW_FRAGOFFSET:
		return rule_number_is(&o->numbers, h->fragoffset);
	case RW_ITYPE:
		return (h->proto == IP_ICMP || h->proto == IP_ICMPV6) &&
		    rule_number_is(&o->numbers, h->icmp_type);
	case RW_ICODE:
		return (h->proto == IP_ICMP || h->proto == IP_ICMPV6) &&
		    rule_number_is(&o->numbers, h->icmp_code);
	case RW_ICMP_ID:
		return h->has_icmp_id && rule_number_is(&o->numbers, h->icmp_id);
	case RW_ICMP_SEQ:
		return h->has_icmp_id && rule_number_is(&o->numbers, h->icmp_seq);
	default:
		return false;
	}
}

bool
match_packet_opts(const struct match_rule *m, const struct match_case *k)
{
	for (uint32_t i = 0; i < m->packet.n; i++)
		if (!packet_opt(m->packet.of[i], k))
			return false;
	return true;
}
