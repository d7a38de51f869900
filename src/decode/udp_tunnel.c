/* udp_tunnel.c - packets inside UDP datagrams.
 *
 * The datagram is complete in w->p when one of these looks at it.  Each looks ahead and
 * takes a step only when the header and what follows it are those of the tunnel: on a
 * port of the tunnel the inside must look like a packet, on any other it must prove to
 * be one (its checksum, its exact length).  What is no tunnel goes out as the datagram
 * that it is; what is one, with an inside that cannot be followed, is counted too.
 */
#include "decode/walk.h"

#include "decode/ethertype.h"

#define VXLAN_VNI	0x08u	/* the I flag: the identifier is there */
#define VXLAN_GPE	0x04u	/* the P flag: the next protocol is said */

/* ---- from here on inside ---- */

static enum step
enter(struct decoder *d, struct walk *w, const struct cursor *inside, enum counter_id counter,
    enum step next)
{
	w->c = *inside;
	count(d->counters, counter);
	return walk_inside(d, w, next);
}

/* A tunnel it is, but not one to be followed. */
static enum step
closed(struct decoder *d, enum counter_id counter)
{
	count(d->counters, counter);
	return STEP_OUT;
}

static uint32_t
wire_of(const struct walk *w, const struct cursor *c)
{
	return (uint32_t)cur_left(c) + w->missing;
}

static bool
ip_here(const struct walk *w, const struct cursor *c, bool known)
{
	return known ? like_ip(*c, wire_of(w, c)) : surely_ip(*c, wire_of(w, c));
}

/* ---- VXLAN, Geneve ---- */

/* RFC 7348, 5; draft-ietf-nvo3-vxlan-gpe.  Receivers ignore the reserved bits, so they
 * do not hide a frame that is plain to see. */
static enum step
vxlan(struct decoder *d, struct walk *w, enum tunnel_kind kind)
{
	struct cursor in = w->c;
	unsigned flags = cur_u8(&in), next, reserved;
	bool clean;

	cur_skip(&in, 2);
	next = cur_u8(&in);
	cur_skip(&in, 3);
	reserved = cur_u8(&in);
	if (!cur_ok(&in) || (flags & VXLAN_VNI) == 0)
		return STEP_OUT;
	if ((flags & VXLAN_GPE) != 0 && kind != TUNNEL_NONE && reserved == 0) {
		struct walk look = { .type = 0 };
		enum step step = walk_next_protocol(&look, next);

		w->type = look.type;
		if ((step == STEP_IP4 || step == STEP_IP6) && !ip_here(w, &in, true))
			return STEP_OUT;
		if (step == STEP_ETHER && cur_left(&in) < 14)
			return STEP_OUT;
		return step != STEP_DROP ? enter(d, w, &in, CNT_DEC_VXLAN, step) :
		    closed(d, CNT_DEC_TUNNEL_OTHER);
	}
	clean = reserved == 0 && cur_left(&in) >= 14 && kind != TUNNEL_NONE;
	if (clean || surely_ether(in, wire_of(w, &in)))
		return enter(d, w, &in, CNT_DEC_VXLAN, STEP_ETHER);
	return STEP_OUT;
}

/* RFC 8926, 3.4. */
static enum step
geneve(struct decoder *d, struct walk *w, bool known)
{
	struct cursor in = w->c;
	unsigned first = cur_u8(&in), flags = cur_u8(&in);
	uint16_t type = cur_be16(&in);

	cur_skip(&in, 3);
	flags = (flags & 0x3fu) | cur_u8(&in);		/* reserved */
	cur_skip(&in, (size_t)(first & 0x3f) * 4);
	if (!cur_ok(&in) || first >> 6 != 0)
		return STEP_OUT;
	if (!known)
		return type == ETHER_TEB && flags == 0 && surely_ether(in, wire_of(w, &in)) ?
		    enter(d, w, &in, CNT_DEC_GENEVE, STEP_ETHER) : STEP_OUT;
	switch (type) {
	case ETHER_TEB:
		return enter(d, w, &in, CNT_DEC_GENEVE, STEP_ETHER);
	case ETHER_IPV4:
	case ETHER_IPV6:
	case ETHER_MPLS:
	case ETHER_NSH:
		return enter(d, w, &in, CNT_DEC_GENEVE, walk_next(w, type));
	default:
		return flags == 0 && type > ETHER_LEN_MAX ? closed(d, CNT_DEC_TUNNEL_OTHER) : STEP_OUT;
	}
}

/* ---- TZSP ---- */

#define TZSP_END	1u
#define TZSP_PADDING	0u
#define TZSP_ETHERNET	1u

/* Version, type, protocol, tagged fields up to the end tag. */
static enum step
tzsp(struct decoder *d, struct walk *w)
{
	struct cursor in = w->c;
	unsigned version = cur_u8(&in), type = cur_u8(&in), protocol = cur_be16(&in), tag;

	/* 0: received, 1: to be sent; others keep the session alive. */
	if (!cur_ok(&in) || version != 1 || type > 1)
		return STEP_OUT;
	while ((tag = cur_u8(&in)) != TZSP_END && cur_ok(&in))
		if (tag != TZSP_PADDING)
			cur_skip(&in, cur_u8(&in));
	if (!cur_ok(&in))
		return STEP_OUT;
	if (protocol != TZSP_ETHERNET)		/* 802.11 and others */
		return closed(d, CNT_DEC_TUNNEL_OTHER);
	return like_ether(in) ? enter(d, w, &in, CNT_DEC_TZSP, STEP_ETHER) : STEP_OUT;
}

/* ---- L2TP ---- */

#define L2TP_CONTROL	0x8000u
#define L2TP_LENGTH	0x4000u
#define L2TP_SEQUENCE	0x0800u
#define L2TP_OFFSET	0x0200u

/* PPP, with address and control or without: IP in it must be IP. */
static bool
ppp_here(const struct walk *w, struct cursor c, bool sure)
{
	struct cursor look = c;
	unsigned protocol;

	if (cur_be16(&look) == 0xff03)
		c = look;
	protocol = cur_u8(&c);
	if ((protocol & 1) == 0)
		protocol = protocol << 8 | cur_u8(&c);
	if (!cur_ok(&c))
		return false;
	switch (protocol) {
	case 0x0021:
	case 0x0057:
		return ip_here(w, &c, !sure);
	case 0x00fd:				/* compressed */
	case 0x003d:				/* multilink */
	case 0xc021:				/* link control, and the control of IP */
	case 0xc023:
	case 0xc223:
	case 0x8021:
	case 0x8057:
	case 0x80fd:
		return !sure;
	default:
		return false;
	}
}

/* Behind the session identifier of version 3: a cookie of 0, 4 or 8 bytes, perhaps a
 * sublayer of 4, and a frame or PPP; the two ends have agreed on which.  RFC 3931, 4.1. */
static enum step
pseudowire(struct decoder *d, struct walk *w, const struct cursor *session)
{
	for (unsigned skip = 0; skip <= 12; skip += 4) {
		struct cursor in = *session;

		cur_skip(&in, skip);
		if (!cur_ok(&in))
			break;
		if (surely_ether(in, wire_of(w, &in)))
			return enter(d, w, &in, CNT_DEC_L2TP, STEP_ETHER);
		if (ppp_here(w, in, true))
			return enter(d, w, &in, CNT_DEC_L2TP, STEP_PPP);
		if (surely_ip(in, wire_of(w, &in)))
			return enter(d, w, &in, CNT_DEC_L2TP, STEP_IP);
	}
	return closed(d, CNT_DEC_TUNNEL_OTHER);
}

/* RFC 2661, 3.1. */
static enum step
l2tp2(struct decoder *d, struct walk *w, unsigned flags, struct cursor in)
{
	if ((flags & L2TP_LENGTH) != 0 && cur_be16(&in) > walk_wire(w))
		return STEP_OUT;
	cur_skip(&in, 4);				/* tunnel, session */
	if ((flags & L2TP_SEQUENCE) != 0)
		cur_skip(&in, 4);
	if ((flags & L2TP_OFFSET) != 0)
		cur_skip(&in, cur_be16(&in));
	if (!cur_ok(&in) || !ppp_here(w, in, false))
		return STEP_OUT;
	return enter(d, w, &in, CNT_DEC_L2TP, STEP_PPP);
}

static enum step
l2tp(struct decoder *d, struct walk *w)
{
	struct cursor in = w->c;
	unsigned flags = cur_be16(&in);

	if (!cur_ok(&in) || (flags & L2TP_CONTROL) != 0)
		return STEP_OUT;
	if ((flags & 15) == 2)
		return l2tp2(d, w, flags, in);
	if (flags != 3 || cur_be16(&in) != 0 || cur_be32(&in) == 0 || !cur_ok(&in))
		return STEP_OUT;
	return pseudowire(d, w, &in);
}

/* Version 3 straight over IP; session 0 is control. */
enum step
walk_l2tp3(struct decoder *d, struct walk *w)
{
	struct cursor in = w->c;

	if (cur_be32(&in) == 0 || !cur_ok(&in))
		return STEP_OUT;
	return pseudowire(d, w, &in);
}

/* ---- GTP-U ---- */

#define GTP_PT		0x10u	/* GTP, not GTP' */
#define GTP_EXTENSION	0x04u
#define GTP_OPTIONS	0x07u
#define GTP_PACKET	0xffu
#define GTP_EXT_MAX	16u

/* 3GPP TS 29.281, 5.1 and 5.2. */
static enum step
gtpu(struct decoder *d, struct walk *w, bool known)
{
	struct cursor in = w->c;
	unsigned flags = cur_u8(&in), type = cur_u8(&in), len = cur_be16(&in), next = 0;

	cur_skip(&in, 4);
	if (!cur_ok(&in) || flags >> 5 != 1 || (flags & GTP_PT) == 0 || type != GTP_PACKET ||
	    len > walk_wire(w) - 8)
		return STEP_OUT;
	if ((flags & GTP_OPTIONS) != 0) {
		cur_skip(&in, 3);		/* sequence, N-PDU */
		next = cur_u8(&in);
		if ((flags & GTP_EXTENSION) == 0)
			next = 0;
	}
	for (unsigned n = 0; next != 0; n++) {
		unsigned words = cur_u8(&in);

		cur_skip(&in, words > 0 ? words * (size_t)4 - 2 : 0);
		next = cur_u8(&in);
		if (!cur_ok(&in) || words == 0 || n == GTP_EXT_MAX)
			return STEP_OUT;
	}
	if (!cur_ok(&in))
		return STEP_OUT;
	if (ip_here(w, &in, known))
		return enter(d, w, &in, CNT_DEC_GTPU, STEP_IP);
	if (surely_ether(in, wire_of(w, &in)))
		return enter(d, w, &in, CNT_DEC_GTPU, STEP_ETHER);
	if (ppp_here(w, in, true))
		return enter(d, w, &in, CNT_DEC_GTPU, STEP_PPP);
	return known ? closed(d, CNT_DEC_TUNNEL_OTHER) : STEP_OUT;
}

/* ---- IP, MPLS and GRE in UDP ---- */

/* RFC 4380, 5.1.1: authentication and origin may stand before the packet. */
static enum step
teredo(struct decoder *d, struct walk *w)
{
	struct cursor in = w->c, look = in;
	unsigned kind = cur_be16(&look);

	if (kind == 1) {
		unsigned id = cur_u8(&look), value = cur_u8(&look);

		cur_skip(&look, (size_t)id + value + 9);	/* nonce, confirmation */
		in = look;
		kind = cur_be16(&look);
	}
	if (kind == 0) {
		cur_skip(&look, 6);
		in = look;
	}
	if (!cur_ok(&in) || !like_ip(in, wire_of(w, &in)))
		return STEP_OUT;
	look = in;
	return cur_u8(&look) >> 4 == 6 ? enter(d, w, &in, CNT_DEC_TEREDO, STEP_IP6) : STEP_OUT;
}

/* GRE in UDP: RFC 8086. */
static bool
gre_here(const struct walk *w, struct cursor c)
{
	unsigned flags = cur_be16(&c), type = cur_be16(&c);

	if ((flags & 0x4fffu) != 0)		/* routing, reserved bits, version 0 */
		return false;
	cur_skip(&c, ((flags >> 15) + (flags >> 13 & 1) + (flags >> 12 & 1)) * (size_t)4);
	if (!cur_ok(&c))
		return false;
	if (type == ETHER_IPV4 || type == ETHER_IPV6)
		return like_ip(c, wire_of(w, &c));
	return (type == ETHER_TEB && like_ether(c)) || type == ETHER_MPLS;
}

static enum step
fou(struct decoder *d, struct walk *w)
{
	if (ip_here(w, &w->c, true))
		return enter(d, w, &w->c, CNT_DEC_IP_IN_UDP, STEP_IP);
	if (!gre_here(w, w->c))
		return STEP_OUT;
	count(d->counters, CNT_DEC_IP_IN_UDP);
	return walk_gre(d, w);
}

#define GUE_CONTROL	0x20u

/* draft-ietf-intarea-gue, 3.  Version 1 is IP itself, by its first bits. */
static enum step
gue(struct decoder *d, struct walk *w)
{
	struct cursor in = w->c;
	unsigned first = cur_u8(&in), proto = cur_u8(&in);

	if (!cur_ok(&in) || first >> 6 == 1)
		return cur_ok(&in) ? fou(d, w) : STEP_OUT;
	cur_skip(&in, 2 + (size_t)(first & 0x1f) * 4);
	if (!cur_ok(&in) || first >> 6 != 0 || (first & GUE_CONTROL) != 0)
		return STEP_OUT;
	switch (proto) {
	case IP_IPIP:
	case IP_IPV6:
		return like_ip(in, wire_of(w, &in)) ? enter(d, w, &in, CNT_DEC_IP_IN_UDP, STEP_IP) :
		    STEP_OUT;
	case IP_GRE:
		if (!gre_here(w, in))
			return STEP_OUT;
		w->c = in;
		count(d->counters, CNT_DEC_IP_IN_UDP);
		return walk_gre(d, w);
	case IP_ETHERIP:
		cur_skip(&in, 2);
		return surely_ether(in, wire_of(w, &in)) ?
		    enter(d, w, &in, CNT_DEC_ETHERIP, STEP_ETHER) : STEP_OUT;
	default:
		return STEP_OUT;
	}
}

/* RFC 7510.  What follows the labels must be IP or a frame. */
static enum step
mpls(struct decoder *d, struct walk *w)
{
	struct cursor in = w->c, after;
	uint32_t label;
	unsigned n = 0;

	do {
		label = cur_be32(&in);
	} while (cur_ok(&in) && (label & 0x100) == 0 && ++n < WALK_LAYERS);
	after = in;
	cur_skip(&after, 4);
	if (!cur_ok(&in) || (!ip_here(w, &in, true) && !surely_ether(in, wire_of(w, &in)) &&
	    !surely_ether(after, wire_of(w, &after))))
		return STEP_OUT;
	return enter(d, w, &w->c, CNT_DEC_IP_IN_UDP, walk_next(w, ETHER_MPLS));
}

/* ---- what is encrypted ---- */

static bool
is_wireguard(struct cursor c, uint32_t wire)
{
	switch (cur_le32(&c)) {		/* a type, and three zeros */
	case 1:
		return wire == 148;
	case 2:
		return wire == 92;
	case 3:
		return wire == 64;
	case 4:
		return wire >= 32 && wire % 16 == 0;
	default:
		return false;
	}
}

/* RFC 3948, 2: four zeros are key exchange, a single ff keeps the way open; everything
 * else begins with a security parameter index, which is 256 or more. */
static bool
is_ipsec(struct cursor c, uint32_t wire)
{
	return wire >= 20 && cur_be32(&c) >= 256;
}

/* Opcode and key number: data of version 1 and 2. */
static bool
is_openvpn(struct cursor c, uint32_t wire)
{
	unsigned opcode = cur_u8(&c) >> 3;

	return wire >= 24 && (opcode == 6 || opcode == 9);
}

/* RFC 5415, 4.1 and 4.3: version 0, no DTLS, and a header of at least 8 bytes. */
static bool
is_capwap(struct cursor c, uint32_t wire)
{
	unsigned first = cur_u8(&c), words = cur_u8(&c) >> 3;

	return wire > 8 && first <= 1 && (first == 1 || (words >= 2 && words * 4 < wire));
}

/* ---- the choice ---- */

/* No port says what it is, but it begins as a tunnel does. */
static enum step
by_content(struct decoder *d, struct walk *w)
{
	struct cursor look = w->c;
	uint32_t first = cur_be32(&look);

	if (!cur_ok(&look) || walk_wire(w) < TUNNEL_PAYLOAD_MIN)
		return STEP_OUT;
	if (first == 0x08000000)
		return vxlan(d, w, TUNNEL_NONE);
	if ((first & 0xf0ff0000) == 0x30ff0000)
		return gtpu(d, w, false);
	if ((first & 0xffff) == 0x6558)
		return geneve(d, w, false);
	if (surely_ip(w->c, walk_wire(w)) && (first >> 28 == 6 || (first & 0xffff) == walk_wire(w)))
		return enter(d, w, &w->c, CNT_DEC_IP_IN_UDP, STEP_IP);
	return STEP_OUT;
}

/* Tunnels whose answers come from the port that was asked; the others are one-way, and a
 * source port means nothing. */
static bool
both_ways(enum tunnel_kind kind)
{
	return kind == TUNNEL_L2TP || kind == TUNNEL_TEREDO || kind == TUNNEL_IPSEC ||
	    kind == TUNNEL_WIREGUARD || kind == TUNNEL_OPENVPN || kind == TUNNEL_CAPWAP;
}

static enum step
by_port(struct decoder *d, struct walk *w, enum tunnel_kind kind)
{
	switch (kind) {
	case TUNNEL_VXLAN:
	case TUNNEL_VXLAN_GPE:
		return vxlan(d, w, kind);
	case TUNNEL_GENEVE:
		return geneve(d, w, true);
	case TUNNEL_TZSP:
		return tzsp(d, w);
	case TUNNEL_L2TP:
		return l2tp(d, w);
	case TUNNEL_GTPU:
		return gtpu(d, w, true);
	case TUNNEL_TEREDO:
		return teredo(d, w);
	case TUNNEL_GUE:
		return gue(d, w);
	case TUNNEL_FOU:
		return fou(d, w);
	case TUNNEL_MPLS:
		return mpls(d, w);
	case TUNNEL_CAPWAP:
		return is_capwap(w->c, walk_wire(w)) ? closed(d, CNT_DEC_TUNNEL_OTHER) : STEP_OUT;
	case TUNNEL_IPSEC:
		return is_ipsec(w->c, walk_wire(w)) ? closed(d, CNT_DEC_ENCRYPTED) : STEP_OUT;
	case TUNNEL_WIREGUARD:
		return is_wireguard(w->c, walk_wire(w)) ? closed(d, CNT_DEC_ENCRYPTED) : STEP_OUT;
	case TUNNEL_OPENVPN:
		return is_openvpn(w->c, walk_wire(w)) ? closed(d, CNT_DEC_ENCRYPTED) : STEP_OUT;
	case TUNNEL_NONE:
	case TUNNEL_KINDS:
		break;
	}
	return STEP_OUT;
}

enum step
walk_udp_tunnel(struct decoder *d, struct walk *w)
{
	enum tunnel_kind kind = tunnels_of(&d->tunnels, w->p.dport);

	if (kind == TUNNEL_NONE) {
		kind = tunnels_of(&d->tunnels, w->p.sport);
		if (!both_ways(kind))
			kind = TUNNEL_NONE;
	}
	return kind != TUNNEL_NONE ? by_port(d, w, kind) : by_content(d, w);
}
