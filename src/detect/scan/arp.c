/* arp.c - who asks for addresses, and who claims them.
 *
 * Only ARP says whose an address is.  A frame with another MAC is believed to be
 * forged when no router has touched it, which its time to live tells, and when
 * its MAC is not known to carry the packets of several addresses.
 */
#include "detect/scan/tracks.h"

#define CLAIM_NS	(300 * SECOND)	/* so long a claim stands without being seen again */
#define ANSWER_NS	(5 * SECOND)	/* so long after the question a reply is an answer */

/* An address means one device only within a segment. */
static uint64_t
segment_key(const struct scan *d, enum track_kind kind, const struct packet *p, const void *of, size_t n)
{
	const uint16_t segment[2] = { packet_vlan(p), p->source };

	return hash_bytes(track_key(d, kind, of, n, NULL), segment, sizeof(segment)) | 1;
}

/* Does this MAC send for several addresses?  Then it is a router, or like one. */
static bool
carries_many(struct scan *d, const struct packet *p, const uint8_t *mac, const struct addr *a)
{
	struct track_mac *h = slots_get(&d->macs, segment_key(d, TRACK_CARRIED, p, mac, 6), p->ts_ns);
	uint32_t who = (uint32_t)track_hash(d, a) | 1;
	unsigned i = 0;

	while (i < TRACK_CARRIES && h->carries[i] != 0 && h->carries[i] != who)
		i++;
	if (i == TRACK_CARRIES)
		return true;
	h->carries[i] = who;
	return i + 1 == TRACK_CARRIES;
}

static void
emit_conflict(struct scan *d, struct finding *f, const uint8_t *now, const uint8_t *before)
{
	f->what = track_mac_words(d->text[0], sizeof(d->text[0]), now);
	f->expected = track_mac_words(d->text[1], sizeof(d->text[1]), before);
	emit(&d->env, f);
}

/* Times of two cards' frames may be a little out of order. */
static bool
stands(const struct asset_port *port, uint64_t now_ns)
{
	return port->seen_ns != 0 && (now_ns < port->seen_ns || now_ns - port->seen_ns < CLAIM_NS);
}

/* A reply is an answer when somebody has just asked for its address. */
static bool
is_answer(struct scan *d, const struct packet *p)
{
	uint64_t key = segment_key(d, TRACK_ASKED, p, &p->arp_src, sizeof(p->arp_src));
	const struct track_asked *a = slots_find(&d->asked, key);

	return a != NULL && (p->ts_ns < a->head.last_ns || p->ts_ns - a->head.last_ns < ANSWER_NS);
}

static void
claims(struct scan *d, const struct packet *p)
{
	struct assets *all = d->env.assets;
	struct asset *x = assets_get(all, &p->arp_src, packet_vlan(p), p->ts_ns);
	struct asset_port *port = assets_port(all, x, packet_vlan(p), p->source);

	if (stands(port, p->ts_ns) && memcmp(port->mac, p->arp_mac, sizeof(port->mac)) != 0) {
		struct finding f = finding_from_packet(ALERT_ARP_SPOOF, p, NULL, DIR_FROM_0);

		f.dst = p->arp_src;
		emit_conflict(d, &f, p->arp_mac, port->mac);
	}
	memcpy(port->mac, p->arp_mac, sizeof(port->mac));
	port->seen_ns = p->ts_ns;
	/* Somebody had asked for it. */
	if (p->arp_op == 2 && is_answer(d, p))
		assets_prove(all, x);
}

/* As systems send it: nobody has passed it on. */
static bool
is_first_hop(uint8_t ttl)
{
	return ttl == 30 || ttl == 32 || ttl == 60 || ttl == 64 || ttl == 128 || ttl == 255;
}

void
arp_check_sender(struct scan *d, const struct packet *p, struct flow *flow, enum flow_dir dir)
{
	struct asset *x;
	struct asset_port *port;
	struct finding f;
	bool many;

	if (p->mac_src == NULL || p->ip_v != 4 || (p->flags & PKT_TUNNELLED) != 0)
		return;
	many = carries_many(d, p, p->mac_src, &p->src);
	x = assets_sender(d->env.assets, p, flow, dir);
	port = x != NULL ? asset_port(x, packet_vlan(p), p->source) : NULL;
	if (port == NULL || !stands(port, p->ts_ns))
		return;
	if (memcmp(port->mac, p->mac_src, sizeof(port->mac)) == 0) {
		port->seen_ns = p->ts_ns;
		return;
	}
	if (many || !is_first_hop(p->ttl))
		return;
	f = finding_from_packet(ALERT_ARP_SPOOF, p, flow, dir);
	f.dst = p->src;		/* one alert with what ARP says of this address */
	f.dport = f.sport;
	emit_conflict(d, &f, p->mac_src, port->mac);
}

void
arp_packet(struct scan *d, const struct packet *p)
{
	static const struct addr none = { { [10] = 0xff, [11] = 0xff } };	/* 0.0.0.0 */
	bool announces = addr_same(&p->arp_src, &p->arp_dst);
	bool asks = p->arp_op == 1 && !announces, reached;
	const struct rate_settings *r = asks ? &d->s->arp : &d->s->arp_announced;
	struct finding f;
	uint32_t n;

	/* RFC 5227: a probe without an address asks whether one is free. */
	if (!addr_same(&p->arp_src, &none))
		claims(d, p);
	if (asks) {
		(void)slots_get(&d->asked, segment_key(d, TRACK_ASKED, p, &p->arp_dst, sizeof(p->arp_dst)), p->ts_ns);
		reached = track_different(d, segment_key(d, TRACK_ARP, p, p->arp_mac, 6), track_hash(d, &p->arp_dst),
		    p->ts_ns, r, &n);
	} else if (announces || (p->arp_op == 2 && !is_answer(d, p)))
		reached = track_often(d, segment_key(d, TRACK_ANNOUNCED, p, p->arp_mac, 6), p->ts_ns, r, &n);
	else
		return;
	if (!reached)
		return;
	f = finding_from_packet(asks ? ALERT_ARP_SCAN : ALERT_ARP_FLOOD, p, NULL, DIR_FROM_0);
	f.what = track_mac_words(d->text[0], sizeof(d->text[0]), p->arp_mac);
	f.any_dst = true;
	track_emit(d, &f, n, r);
}
