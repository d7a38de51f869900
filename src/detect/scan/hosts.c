/* hosts.c - packets that open something: address scans, sessions, floods, pings. */
#include "detect/scan/tracks.h"

#include <stdio.h>

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
	t = slots_get(&d->sets, track_pair(d, TRACK_NET, &p->src, &net), p->ts_ns);
	all = distinct_add(&t->seen, track_hash(d, &p->dst), p->ts_ns, longest);
	quick = distinct_within(&t->seen, p->ts_ns, fast->within_s);
	is_fast = quick >= fast->n;
	/* A quick scan goes on as a quick one: its last addresses are no slow scan. */
	if (!track_reached(t, is_fast ? quick : distinct_within(&t->seen, p->ts_ns, slow->within_s),
	    is_fast ? fast->n : slow->n))
		return;
	f = finding_from_packet(is_fast ? ALERT_ADDRESS_SCAN : ALERT_ADDRESS_SCAN_SLOW, p, flow, dir);
	f.what = how;
	f.any_dst = true;	/* it goes on at other addresses */
	f.key = track_hash(d, &net);
	track_emit(d, &f, is_fast ? quick : all, is_fast ? fast : slow);
}

static const char *
port_words(struct scan *d, const char *of, unsigned port)
{
	(void)snprintf(d->text[0], sizeof(d->text[0]), "%s %u", of, port);
	return d->text[0];
}

/* So many that it is not a matter of who: of one host, or of all towards a device. */
static void
flood(struct scan *d, const struct packet *p, struct flow *flow, enum flow_dir dir)
{
	const struct rate_settings *r = &d->s->flood;
	struct finding f = finding_from_packet(ALERT_FLOOD, p, flow, dir);
	uint32_t n;

	if (track_often(d, track_pair(d, TRACK_FLOOD, &p->src, &p->dst), p->ts_ns, r, &n))
		track_emit(d, &f, n, r);
	else if (internet_is_member(assets_receiver(d->env.assets, p, flow, dir)) &&
	    track_often(d, track_pair(d, TRACK_FLOODED, &p->dst, NULL), p->ts_ns, r, &n)) {
		f.what = "with many others,";
		track_emit(d, &f, n, r);
	}
}

void
hosts_opening(struct scan *d, const struct packet *p, struct flow *flow, enum flow_dir dir)
{
	arp_check_sender(d, p, flow, dir);
	net_scan(d, p, flow, dir, port_words(d, "port", p->dport));
	ports_opening(d, p, flow, dir);
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
	if (!track_often_new(d, track_pair(d, TRACK_SESSIONS, &p->dst, &p->src), p->ts_ns, &d->s->sessions, &n))
		return;
	f = track_turned(ALERT_SESSIONS, p, flow, dir);
	track_emit(d, &f, n, &d->s->sessions);
}

/* No opening, and no part of a session. */
void
hosts_odd(struct scan *d, const struct packet *p, struct flow *flow, enum flow_dir dir)
{
	arp_check_sender(d, p, flow, dir);
	net_scan(d, p, flow, dir, port_words(d, "port", p->dport));
	ports_odd(d, p, flow, dir);
	internet_packet(d, p, flow, dir);
}

void
hosts_datagram(struct scan *d, const struct packet *p, struct flow *flow, enum flow_dir dir)
{
	arp_check_sender(d, p, flow, dir);
	net_scan(d, p, flow, dir, port_words(d, "UDP port", p->dport));
	ports_datagram(d, p, flow, dir);
	internet_packet(d, p, flow, dir);
}

/* RFC 792 has more questions than the echo; whoever looks for hosts asks them too. */
void
hosts_icmp_ask(struct scan *d, const struct packet *p, struct flow *flow, enum flow_dir dir)
{
	net_scan(d, p, flow, dir, "by an ICMP question other than ping");
}

void
hosts_ping(struct scan *d, const struct packet *p, struct flow *flow, enum flow_dir dir)
{
	/* One a second is what monitoring does. */
	const struct rate_settings more = { d->s->icmp.n + 1, d->s->icmp.within_s };
	struct finding f;
	uint32_t n;

	net_scan(d, p, flow, dir, "by ping");
	if (!track_often(d, track_pair(d, TRACK_ICMP, &p->src, &p->dst), p->ts_ns, &more, &n))
		return;
	f = finding_from_packet(ALERT_ICMP_FLOOD, p, flow, dir);
	track_emit(d, &f, n, &d->s->icmp);
}
