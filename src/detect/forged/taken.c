/* taken.c - a session that goes through somebody else.
 *
 * Each end of a session has its MAC, or its router's, and keeps it.  When ARP has given the
 * addresses of a session to another MAC, and the packets of both ends come from that one from then
 * on, who has it stands between them.  A router on the way to both sends for both from the
 * beginning, and no ARP gives their addresses to it; a device that changes to its second network
 * card changes one end alone.
 *
 * A session may go on for months, and its addresses with it, without any ARP.  When ARP then says, unasked, that an
 * address is another's, its next packet from where it always came from contradicts that.  Where the router of both
 * ends, or a copy for each of its ports, is on the mirror the packets that were passed on are taken for copies, and this is
 * what remains to be seen.
 */
#include "detect/forged/marks.h"

#include <string.h>

/* Did ARP give the address of this end to the MAC? */
static bool
claimed(const struct forged *d, const struct packet *p, const struct flow *f, unsigned end, const uint8_t *mac)
{
	struct asset *x = asset_of(f, end);
	const struct asset_port *port = x != NULL ? asset_port(x, packet_vlan(p), p->source) : NULL;

	(void)d;
	return port != NULL && memcmp(port->mac, mac, sizeof(port->mac)) == 0;
}

#define ANSWER_NS	(5 * SECOND)	/* so long after the question a reply is an answer */

void
taken_arp(struct forged *d, const struct packet *p)
{
	const bool announces = addr_same(&p->arp_src, &p->arp_dst);
	struct device_marks *x;
	struct asset *of;

	if (d->of_device == 0)
		return;
	of = assets_find(d->env.assets, p->arp_op == 1 && !announces ? &p->arp_dst : &p->arp_src, packet_vlan(p));
	if (of == NULL)
		return;
	x = asset_slot(of, d->of_device);
	if (p->arp_op == 1 && !announces)
		x->asked_ns = p->ts_ns;
	else if (announces || x->asked_ns == 0 || p->ts_ns - x->asked_ns > ANSWER_NS)
		d->claims++;
}

void
taken_claimed(struct forged *d, const struct packet *p, struct flow *f, enum flow_dir dir)
{
	struct end_marks *e = &marks_of(d, f)->end[dir];
	struct asset *of = asset_of(f, dir);
	const struct asset_port *port = of != NULL ? asset_port(of, packet_vlan(p), p->source) : NULL;
	struct finding x;

	e->claims = d->claims;
	if (p->ip_v != 4 || p->mac_src == NULL || port == NULL || (p->flags & PKT_TUNNELLED) != 0 || !ttl_is_first_hop(p->ttl))
		return;
	if (memcmp(port->mac, p->mac_src, sizeof(port->mac)) == 0) {
		e->claim_reported = false;
		return;
	}
	if (e->claim_reported)
		return;
	e->claim_reported = true;
	x = finding_from_packet(ALERT_ARP_SPOOF, p, f, dir);
	x.dst = p->src;		/* one alert with what ARP says of this address */
	x.dport = x.sport;
	x.what = marks_mac_words(d->text[0], sizeof(d->text[0]), port->mac);
	x.expected = marks_mac_words(d->text[1], sizeof(d->text[1]), p->mac_src);
	emit(&d->env, &x);
}

void
taken_packet(struct forged *d, const struct packet *p, struct flow *f, enum flow_dir dir)
{
	struct session_marks *s = marks_of(d, f);
	struct end_marks *e = &s->end[dir], *peer = &s->end[dir ^ 1];
	struct finding x;

	if (p->ip_v != 4 || p->mac_src == NULL || (p->flags & PKT_TUNNELLED) != 0)
		return;
	e->moved = true;
	memcpy(e->mac_now, p->mac_src, sizeof(e->mac_now));
	if (s->taken_reported || !peer->moved || memcmp(peer->mac_now, e->mac_now, sizeof(e->mac_now)) != 0 ||
	    memcmp(e->mac, peer->mac, sizeof(e->mac)) == 0)
		return;
	if (!claimed(d, p, f, dir, e->mac_now) && !claimed(d, p, f, dir ^ 1u, e->mac_now))
		return;
	s->taken_reported = true;
	x = finding_from_packet(ALERT_SESSION_TAKEN, p, f, dir);
	x.what = marks_mac_words(d->text[0], sizeof(d->text[0]), e->mac_now);
	x.expected = marks_mac_words(d->text[1], sizeof(d->text[1]), e->mac);
	emit(&d->env, &x);
}
