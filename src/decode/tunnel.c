/* tunnel.c - GRE and what it carries; EtherIP. */
#include "decode/walk.h"

#include "decode/ethertype.h"

#define GRE_CHECKSUM	0x8000u
#define GRE_ROUTING	0x4000u
#define GRE_KEY		0x2000u
#define GRE_SEQUENCE	0x1000u
#define GRE_ACK		0x0080u	/* version 1 */
#define GRE_VERSION	0x0007u

enum step
walk_inside(struct decoder *d, struct walk *w, enum step next)
{
	walk_show(d, w, PKT_OUTER);
	w->p.flags |= PKT_TUNNELLED;
	return next;
}

/* The port's VLAN stands in the ERSPAN header when the mirrored frame came
 * without its tag. */
static enum step
mirrored(struct decoder *d, struct walk *w, uint16_t vid)
{
	struct cursor look = w->c;
	uint16_t type;

	cur_skip(&look, 12);
	type = cur_be16(&look);
	if (cur_ok(&look) && type != ETHER_VLAN && type != ETHER_QINQ)
		walk_vlan(w, vid);
	count(d->counters, CNT_DEC_ERSPAN);
	return walk_inside(d, w, STEP_ETHER);
}

/* draft-foschiano-erspan-03, 4.2 and 4.3; type I is GRE and the frame alone. */
static enum step
erspan(struct decoder *d, struct walk *w, bool has_sequence, unsigned version)
{
	struct cursor *c = &w->c;
	unsigned first, session, flags = 0;

	if (!has_sequence && version == 1)
		return mirrored(d, w, 0);
	first = cur_be16(c);
	session = cur_be16(c);
	if (version == 1)
		cur_skip(c, 4);		/* index of the port */
	else {
		cur_skip(c, 6);		/* time stamp, security group */
		flags = cur_be16(c);
		if ((flags & 1) != 0)
			cur_skip(c, 8);	/* platform subheader */
	}
	if (!cur_ok(c))
		return walk_short(d, w, "ERSPAN header");
	if (first >> 12 != version)
		return walk_bad(d, w, ANOM_DEC_TUNNEL, "ERSPAN version");
	if ((session & 0x0400) != 0) {	/* T: the switch cut the mirrored frame */
		count(d->counters, CNT_DEC_MIRROR_CUT);
		w->shortened = true;
	}
	if (version == 2 && (flags >> 10 & 31) == 2) {	/* FT: an IP packet */
		count(d->counters, CNT_DEC_ERSPAN);
		return walk_inside(d, w, STEP_IP);
	}
	return mirrored(d, w, first & 0x0fff);
}

static enum step
not_followed(struct decoder *d)
{
	count(d->counters, CNT_DEC_TUNNEL_OTHER);
	return STEP_OUT;
}

/* RFC 2784, RFC 2890; version 1: RFC 2637, 4.1.  The IP packet that carries it
 * is already complete, and goes out when what is inside is not followed. */
enum step
walk_gre(struct decoder *d, struct walk *w)
{
	struct cursor *c = &w->c;
	unsigned flags = cur_be16(c), version = flags & GRE_VERSION, key_len = 0;
	uint16_t type = cur_be16(c);

	if ((flags & (GRE_CHECKSUM | GRE_ROUTING)) != 0)
		cur_skip(c, 4);
	if ((flags & GRE_KEY) != 0) {
		key_len = cur_be16(c);	/* version 1: the payload's length */
		cur_skip(c, 2);
	}
	if ((flags & GRE_SEQUENCE) != 0)
		cur_skip(c, 4);
	if (version == 1 && (flags & GRE_ACK) != 0)
		cur_skip(c, 4);
	if (!cur_ok(c))
		return walk_short(d, w, "GRE header");
	if (version > 1 || (version == 1 && (type != ETHER_PPP_GRE || (flags & GRE_KEY) == 0)))
		return walk_bad(d, w, ANOM_DEC_TUNNEL, "GRE version");
	count(d->counters, CNT_DEC_GRE);
	if (version == 1) {
		if ((flags & GRE_SEQUENCE) == 0)
			return STEP_OUT;	/* an acknowledgement alone */
		if (!walk_limit(w, key_len) && !w->shortened)
			return walk_bad(d, w, ANOM_DEC_TUNNEL, "GRE payload length");
		return walk_inside(d, w, STEP_PPP);
	}
	if ((flags & GRE_ROUTING) != 0)
		return not_followed(d);	/* source routes, RFC 1701 */
	switch (type) {
	case ETHER_ERSPAN:
		return erspan(d, w, (flags & GRE_SEQUENCE) != 0, 1);
	case ETHER_ERSPAN3:
		return erspan(d, w, true, 2);
	case ETHER_TEB:
		return walk_inside(d, w, STEP_ETHER);
	case ETHER_PPP_GRE:
		return walk_inside(d, w, STEP_PPP);
	case ETHER_IPV4:
	case ETHER_IPV6:
	case ETHER_MPLS:
	case ETHER_MPLS_UP:
	case ETHER_VLAN:
	case ETHER_QINQ:
	case ETHER_NSH:
		return walk_inside(d, w, walk_next(w, type));
	case 0:		/* keeps the tunnel alive */
		return STEP_OUT;
	default:
		return not_followed(d);
	}
}

/* RFC 3378, 3: version 3 and twelve reserved bits. */
enum step
walk_etherip(struct decoder *d, struct walk *w)
{
	unsigned first = cur_be16(&w->c);

	if (!cur_ok(&w->c))
		return walk_short(d, w, "EtherIP header");
	if (first >> 12 != 3)
		return not_followed(d);
	count(d->counters, CNT_DEC_ETHERIP);
	return walk_inside(d, w, STEP_ETHER);
}
