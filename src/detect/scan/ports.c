/* ports.c - ports of a device that are tried, in whatever way: by openings, by TCP
 * packets that belong to no session, by datagrams. */
#include "detect/scan/tracks.h"

#include <stdio.h>

#include "base/cursor.h"

#define EPHEMERAL	32768u	/* ports that servers hand out as they like begin here */
#define WELL_KNOWN	1024u
#define SPREAD		4u	/* from so many ports of one host on, it is more than its use */
#define TRIES		3u	/* packets of one try, the repeated ones too */
#define TCP_FLAGS	(TCP_FIN | TCP_SYN | TCP_RST | TCP_PSH | TCP_ACK | TCP_URG)

enum way { WAY_SYN, WAY_ODD, WAY_UDP };

static const struct rate_settings *
limit_of(const struct scan *d, enum way w)
{
	return w == WAY_SYN ? &d->s->ports : w == WAY_ODD ? &d->s->ports_odd : &d->s->ports_udp;
}

/* A port of `dst` was tried: many ports of one host, or some of each of many. */
static bool
tried(struct scan *d, enum way w, const struct addr *src, const struct addr *dst, uint16_t port,
    uint64_t ts_ns, uint32_t *n, bool *spread)
{
	static const enum track_kind of_one[] = { TRACK_PORTS, TRACK_PORTS_ODD, TRACK_PORTS_UDP };
	static const enum track_kind of_many[] = { TRACK_SPREAD, TRACK_SPREAD_ODD, TRACK_SPREAD_UDP };
	const struct rate_settings *r = limit_of(d, w);
	struct track_set *t = slots_get(&d->sets, track_pair(d, of_one[w], src, dst), ts_ns);
	bool reached;

	*n = distinct_add(&t->seen, hash_bytes(d->env.key ^ 0, &port, sizeof(port)), ts_ns, r->within_s);
	*spread = false;
	reached = track_reached(t, *n, r->n);
	if (reached || *n < SPREAD || *n >= r->n || !t->seen.fresh)
		return reached;
	*spread = true;
	return track_different(d, track_pair(d, of_many[w], src, NULL), hash_bytes(d->env.key ^ port, dst, sizeof(*dst)),
	    ts_ns, r, n);
}

static void
report(struct scan *d, struct finding *f, enum way w, const char *how, uint32_t n, bool spread)
{
	f->what = how;
	if (spread && how != NULL) {
		(void)snprintf(d->text[0], sizeof(d->text[0]), "and of others, %s", how);
		f->what = d->text[0];
	} else if (spread)
		f->what = "and of others,";
	f->any_dst = spread;
	f->key = (uint64_t)w;
	track_emit(d, f, n, limit_of(d, w));
}

/* What a server's end sends when the capture began behind the question. */
static bool
may_be_answer(uint16_t sport, uint16_t dport)
{
	return dport >= EPHEMERAL || (sport < WELL_KNOWN && dport >= WELL_KNOWN);
}

static bool
is_group(const struct packet *p)
{
	return p->ip_v == 4 ? p->dst.b[12] >= 224 || p->dst.b[15] == 255 : p->dst.b[0] == 0xff;
}

/* ---- TCP ---------------------------------------------------------------------------- */

void
ports_opening(struct scan *d, const struct packet *p, struct flow *flow, enum flow_dir dir)
{
	struct finding f;
	uint32_t n;
	bool spread;

	/* High ports count only when nothing is there: servers hand them out. */
	if (p->dport >= EPHEMERAL || !tried(d, WAY_SYN, &p->src, &p->dst, p->dport, p->ts_ns, &n, &spread))
		return;
	f = finding_from_packet(ALERT_PORT_SCAN, p, flow, dir);
	report(d, &f, WAY_SYN, NULL, n, spread);
}

static const char *
odd_words(uint8_t flags)
{
	switch (flags & TCP_FLAGS) {
	case 0:				return "without any flag (NULL scan),";
	case TCP_FIN:			return "with FIN alone (FIN scan),";
	case TCP_FIN | TCP_PSH | TCP_URG: return "with FIN, PSH and URG (Xmas scan),";
	case TCP_ACK:			return "with ACK out of nowhere (ACK scan),";
	case TCP_FIN | TCP_ACK:		return "with FIN and ACK out of nowhere,";
	default:			return "with flags that no session has,";
	}
}

/* RFC 9293, 3.10.7.4: behind the first packet each one has ACK, but for RST. */
void
ports_odd(struct scan *d, const struct packet *p, struct flow *flow, enum flow_dir dir)
{
	struct finding f;
	uint32_t n;
	bool spread;

	if (!tried(d, WAY_ODD, &p->src, &p->dst, p->dport, p->ts_ns, &n, &spread))
		return;
	f = finding_from_packet(ALERT_PORT_SCAN, p, flow, dir);
	report(d, &f, WAY_ODD, odd_words(p->tcp_flags), n, spread);
}

/* Is all that this end sent a try or two, of a session that was never opened? */
static bool
is_probe(const struct flow *flow, unsigned end)
{
	return flow->midstream && flow->packets[end] > 0 && flow->packets[end] <= TRIES &&
	    (flow->tcp_flags[end] & (TCP_SYN | TCP_RST | TCP_ACK)) == TCP_ACK &&
	    !may_be_answer(flow->port[end], flow->port[end ^ 1]);
}

void
ports_refused(struct scan *d, const struct packet *p, struct flow *flow, enum flow_dir dir)
{
	struct finding f;
	const char *how;
	enum way w;
	uint32_t n;
	bool spread;

	if (flow == NULL || flow->packets[dir] != 1 || flow->packets[dir ^ 1] == 0 ||
	    flow->payload[0] + flow->payload[1] != 0)
		return;
	if ((flow->tcp_flags[dir ^ 1] & TCP_SYN) != 0 && p->sport >= EPHEMERAL)
		w = WAY_SYN;
	else if (is_probe(flow, dir ^ 1u))
		w = WAY_ODD;
	else
		return;
	if (!tried(d, w, &p->dst, &p->src, p->sport, p->ts_ns, &n, &spread))
		return;
	how = w == WAY_SYN ? NULL : odd_words(flow->tcp_flags[dir ^ 1]);
	f = track_turned(ALERT_PORT_SCAN, p, flow, dir);
	report(d, &f, w, how, n, spread);
}

/* A filter swallowed it: nobody answered until the flow was given up. */
void
ports_unanswered(struct scan *d, struct flow *flow)
{
	struct finding f;
	uint32_t n;
	bool spread;

	if (flow->proto != IP_TCP || flow->packets[1] != 0 || flow->payload[0] != 0 || !is_probe(flow, 0) ||
	    !tried(d, WAY_ODD, &flow->addr[0], &flow->addr[1], flow->port[1], flow->last_ns, &n, &spread))
		return;
	f = (struct finding){ .type = ALERT_PORT_SCAN, .ts_ns = flow->last_ns, .frame = flow->first_frame,
	    .source = flow->source, .src = flow->addr[0], .dst = flow->addr[1], .sport = flow->port[0],
	    .dport = flow->port[1], .proto = flow->proto, .flow = flow };
	report(d, &f, WAY_ODD, odd_words(flow->tcp_flags[0]), n, spread);
}

/* ---- UDP ---------------------------------------------------------------------------- */

void
ports_datagram(struct scan *d, const struct packet *p, struct flow *flow, enum flow_dir dir)
{
	struct finding f;
	uint32_t n;
	bool spread;

	if (is_group(p) || may_be_answer(p->sport, p->dport) ||
	    !tried(d, WAY_UDP, &p->src, &p->dst, p->dport, p->ts_ns, &n, &spread))
		return;
	f = finding_from_packet(ALERT_PORT_SCAN, p, flow, dir);
	report(d, &f, WAY_UDP, "by UDP,", n, spread);
}

/* The UDP port of the packet that could not be delivered; 0: none.  RFC 792, RFC 4443, 3.1. */
static uint16_t
quoted_port(const struct packet *p)
{
	struct cursor c = cur_of(p->payload, p->payload_len);
	uint8_t first = cur_u8(&c);

	if (p->ip_v == 4 && first >> 4 == 4) {
		cur_skip(&c, 8);
		if (cur_u8(&c) != IP_UDP)
			return 0;
		cur_skip(&c, 10 + ((first & 15u) > 5 ? (first & 15u) - 5 : 0) * 4);
	} else if (p->ip_v == 6 && first >> 4 == 6) {
		cur_skip(&c, 5);
		if (cur_u8(&c) != IP_UDP)
			return 0;
		cur_skip(&c, 33);
	} else
		return 0;
	cur_skip(&c, 2);
	return cur_be16(&c);
}

/* High ports count when the device itself says that nothing is there; from 33434 on a
 * few of them are the end of a traceroute. */
void
ports_unreachable(struct scan *d, const struct packet *p)
{
	uint16_t port = quoted_port(p);
	struct finding f;
	uint32_t n;
	bool spread;

	if (port < EPHEMERAL || !tried(d, WAY_UDP, &p->dst, &p->src, port, p->ts_ns, &n, &spread))
		return;
	f = track_turned(ALERT_PORT_SCAN, p, NULL, DIR_FROM_0);
	report(d, &f, WAY_UDP, "by UDP,", n, spread);
}
