/* hosts.c - packets that open something: address scans, port scans, sessions,
 * floods, pings. */
#include "detect/scan/tracks.h"

#include <stdio.h>

#define EPHEMERAL	32768u	/* ports that servers hand out as they like begin here */
#define SPREAD		4u	/* from so many ports of one host on, it is more than its use */

/* Openings towards many addresses of one network: /16, or /64. */
static void
net_scan(struct scan *d, const struct packet *p, struct flow *flow, enum flow_dir dir, const char *how)
{
	const struct rate_settings *fast = &d->s->addresses, *slow = &d->s->addresses_slow;
	uint64_t longest = slow->within_s > fast->within_s ? slow->within_s : fast->within_s;
	struct addr net = p->dst;
	struct track_set *t;
	struct finding f;
	uint32_t all, quick;
	bool is_fast;

	if (p->ip_v == 4 ? p->dst.b[12] >= 224 : p->dst.b[0] == 0xff)
		return;
	memset(net.b + (p->ip_v == 4 ? 14 : 8), 0, p->ip_v == 4 ? 2 : 8);
	t = slots_get(&d->sets, track_pair(TRACK_NET, &p->src, &net), p->ts_ns);
	all = distinct_add(&t->seen, track_hash(&p->dst), p->ts_ns, longest);
	quick = distinct_within(&t->seen, p->ts_ns, fast->within_s);
	is_fast = quick >= fast->n;
	/* A quick scan goes on as a quick one: its last addresses are no slow scan. */
	if (!track_reached(t, is_fast ? quick : distinct_within(&t->seen, p->ts_ns, slow->within_s),
	    is_fast ? fast->n : slow->n))
		return;
	f = say_packet(is_fast ? ALERT_ADDRESS_SCAN : ALERT_ADDRESS_SCAN_SLOW, p, flow, dir);
	f.what = how;
	f.any_dst = true;	/* it goes on at other addresses */
	f.key = track_hash(&net);
	track_say(d, &f, is_fast ? quick : all, is_fast ? fast : slow);
}

static const char *
port_words(struct scan *d, const char *of, unsigned port)
{
	(void)snprintf(d->text[0], sizeof(d->text[0]), "%s %u", of, port);
	return d->text[0];
}

/* A port of `dst` was tried: many ports of one host, or some of each of many. */
static bool
port_scan(struct scan *d, const struct addr *src, const struct addr *dst, uint16_t port, uint64_t ts_ns,
    uint32_t *n, bool *spread)
{
	const struct rate_settings *r = &d->s->ports;
	struct track_set *t = slots_get(&d->sets, track_pair(TRACK_PORTS, src, dst), ts_ns);
	bool reached;

	*n = distinct_add(&t->seen, hash_bytes(0, &port, sizeof(port)), ts_ns, r->within_s);
	*spread = false;
	reached = track_reached(t, *n, r->n);
	if (reached || *n < SPREAD || *n >= r->n || !t->seen.fresh)
		return reached;
	*spread = true;
	return track_different(d, track_pair(TRACK_SPREAD, src, NULL), hash_bytes(port, dst, sizeof(*dst)),
	    ts_ns, r, n);
}

static void
say_ports(struct scan *d, struct finding *f, uint32_t n, bool spread)
{
	f->what = spread ? "and of others," : NULL;
	f->any_dst = spread;
	track_say(d, f, n, &d->s->ports);
}

/* So many that it is not a matter of who: of one host, or of all towards a device. */
static void
flood(struct scan *d, const struct packet *p, struct flow *flow, enum flow_dir dir)
{
	const struct rate_settings *r = &d->s->flood;
	struct finding f = say_packet(ALERT_FLOOD, p, flow, dir);
	uint32_t n;

	if (track_often(d, track_pair(TRACK_FLOOD, &p->src, &p->dst), p->ts_ns, r, &n))
		track_say(d, &f, n, r);
	else if (internet_is_member(d, &p->dst) &&
	    track_often(d, track_pair(TRACK_FLOODED, &p->dst, NULL), p->ts_ns, r, &n)) {
		f.what = "with many others,";
		track_say(d, &f, n, r);
	}
}

void
hosts_opening(struct scan *d, const struct packet *p, struct flow *flow, enum flow_dir dir)
{
	struct finding f;
	uint32_t n;
	bool spread;

	arp_check_sender(d, p, flow, dir);
	net_scan(d, p, flow, dir, port_words(d, "port", p->dport));
	if (p->dport < EPHEMERAL && port_scan(d, &p->src, &p->dst, p->dport, p->ts_ns, &n, &spread)) {
		f = say_packet(ALERT_PORT_SCAN, p, flow, dir);
		say_ports(d, &f, n, spread);
	}
	flood(d, p, flow, dir);
	internet_packet(d, p, flow, dir);
}

/* The server took the session. */
void
hosts_opened(struct scan *d, const struct packet *p, struct flow *flow, enum flow_dir dir)
{
	struct finding f;
	uint32_t n;

	arp_check_sender(d, p, flow, dir);
	if (!track_often(d, track_pair(TRACK_SESSIONS, &p->dst, &p->src), p->ts_ns, &d->s->sessions, &n))
		return;
	f = track_turned(ALERT_SESSIONS, p, flow, dir);
	track_say(d, &f, n, &d->s->sessions);
}

/* High ports count only when nothing is there: servers hand them out. */
void
hosts_refused(struct scan *d, const struct packet *p, struct flow *flow, enum flow_dir dir)
{
	struct finding f;
	uint32_t n;
	bool spread;

	if (flow == NULL || p->sport < EPHEMERAL || flow->packets[dir] != 1 || flow->packets[dir ^ 1] == 0 ||
	    flow->payload[0] + flow->payload[1] != 0 || (flow->tcp_flags[dir ^ 1] & TCP_SYN) == 0 ||
	    !port_scan(d, &p->dst, &p->src, p->sport, p->ts_ns, &n, &spread))
		return;
	f = track_turned(ALERT_PORT_SCAN, p, flow, dir);
	say_ports(d, &f, n, spread);
}

void
hosts_datagram(struct scan *d, const struct packet *p, struct flow *flow, enum flow_dir dir)
{
	arp_check_sender(d, p, flow, dir);
	net_scan(d, p, flow, dir, port_words(d, "UDP port", p->dport));
	internet_packet(d, p, flow, dir);
}

void
hosts_ping(struct scan *d, const struct packet *p, struct flow *flow, enum flow_dir dir)
{
	/* One a second is what monitoring does. */
	const struct rate_settings more = { d->s->icmp.n + 1, d->s->icmp.within_s };
	struct finding f;
	uint32_t n;

	net_scan(d, p, flow, dir, "by ping");
	if (!track_often(d, track_pair(TRACK_ICMP, &p->src, &p->dst), p->ts_ns, &more, &n))
		return;
	f = say_packet(ALERT_ICMP_FLOOD, p, flow, dir);
	track_say(d, &f, n, &d->s->icmp);
}
