/* taken.c - a session that goes through somebody else.
 *
 * Each end of a session has its MAC, or its router's, and keeps it.  When ARP has given the
 * addresses of a session to another MAC, and the packets of both ends come from that one from then
 * on, who has it stands between them.  A router on the way to both sends for both from the
 * beginning, and no ARP gives their addresses to it; a device that changes to its second network
 * card changes one end alone.
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
