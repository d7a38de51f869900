/* link.c - link types, Ethernet with its tags and trailers, MPLS, PPP. */
#include "decode/walk.h"

#include "decode/ethertype.h"

/* ---- link types ---- */

static enum step
link_ether(struct decoder *d, struct walk *w)
{
	(void)d;
	(void)w;
	return STEP_ETHER;
}

static enum step
link_raw(struct decoder *d, struct walk *w)
{
	(void)w;
	count(d->counters, CNT_DEC_RAW);
	return STEP_IP;
}

static enum step
link_ppp(struct decoder *d, struct walk *w)
{
	(void)d;
	(void)w;
	return STEP_PPP;
}

/* An address family, as BSD and its children number them. */
static enum step
family(struct decoder *d, struct walk *w, uint32_t af)
{
	if (!cur_ok(&w->c))
		return walk_short(d, w, "loopback header");
	count(d->counters, CNT_DEC_NULL);
	switch (af) {
	case 2:			/* AF_INET everywhere */
		return STEP_IP4;
	case 10:		/* AF_INET6: Linux */
	case 24:		/* NetBSD, OpenBSD, BSD/OS */
	case 28:		/* FreeBSD */
	case 30:		/* Darwin */
		return STEP_IP6;
	default:
		return walk_other(d, CNT_DEC_UNKNOWN_TYPE);
	}
}

/* The family is in the byte order of the machine that wrote the file. */
static enum step
link_null(struct decoder *d, struct walk *w)
{
	struct cursor look = w->c;
	uint32_t le = cur_le32(&look), be = cur_be32(&w->c);

	return family(d, w, be < le ? be : le);
}

static enum step
link_loop(struct decoder *d, struct walk *w)
{
	return family(d, w, cur_be32(&w->c));
}

/* The tail of both cooked headers: who sent it, and what is inside. */
static enum step
cooked(struct decoder *d, struct walk *w, uint16_t type, const uint8_t *mac, unsigned mac_len)
{
	if (!cur_ok(&w->c))
		return walk_short(d, w, "Linux cooked header");
	if (mac_len == 6)
		w->p.mac_src = mac;
	w->p.ether_type = type;
	if (type == 4) {	/* 802.2 LLC */
		w->type = ETHER_LEN_MAX;
		return walk_type(d, w);
	}
	/* 1: Novell 802.3, others of Linux' own. */
	return type <= ETHER_LEN_MAX ? walk_other(d, CNT_DEC_LLC) : walk_next(w, type);
}

static enum step
link_sll(struct decoder *d, struct walk *w)
{
	struct cursor *c = &w->c;
	unsigned mac_len;
	const uint8_t *mac;
	uint16_t type;

	count(d->counters, CNT_DEC_SLL);
	cur_skip(c, 4);		/* packet type, ARPHRD type */
	mac_len = cur_be16(c);
	mac = cur_bytes(c, 8);
	type = cur_be16(c);
	return cooked(d, w, type, mac, mac_len);
}

static enum step
link_sll2(struct decoder *d, struct walk *w)
{
	struct cursor *c = &w->c;
	unsigned mac_len;
	const uint8_t *mac;
	uint16_t type;

	count(d->counters, CNT_DEC_SLL2);
	type = cur_be16(c);
	cur_skip(c, 9);		/* reserved, interface index, ARPHRD type, packet type */
	mac_len = cur_u8(c);
	mac = cur_bytes(c, 8);
	return cooked(d, w, type, mac, mac_len);
}

struct link_row {
	uint16_t	 number;	/* LINKTYPE_, tcpdump.org/linktypes */
	const char	*name;
	enum step	(*walk)(struct decoder *, struct walk *);
};

/* The commonest first: the table is searched from the top for each frame. */
static const struct link_row links[] = {
	{ LINK_ETHERNET,	"Ethernet",		link_ether },
	{ LINK_SLL,		"Linux cooked",		link_sll },
	{ LINK_SLL2,		"Linux cooked 2",	link_sll2 },
	{ LINK_RAW,		"raw IP",		link_raw },
	{ LINK_RAW_BSD,		"raw IP (BSD)",		link_raw },
	{ LINK_RAW_OPENBSD,	"raw IP (OpenBSD)",	link_raw },
	{ LINK_IPV4,		"raw IPv4",		link_raw },
	{ LINK_IPV6,		"raw IPv6",		link_raw },
	{ LINK_NULL,		"BSD loopback",		link_null },
	{ LINK_LOOP,		"OpenBSD loopback",	link_loop },
	{ LINK_PPP,		"PPP",			link_ppp },
};

enum step
walk_link(struct decoder *d, struct walk *w)
{
	for (size_t i = 0; i < sizeof(links) / sizeof(links[0]); i++)
		if (links[i].number == w->f->link)
			return links[i].walk(d, w);
	/* All frames of a file have it: one report is enough. */
	if (!d->told || d->told_link != w->f->link) {
		d->told = true;
		d->told_link = w->f->link;
		walk_report(d, w, ANOM_DEC_LINK_UNKNOWN, NULL);
	}
	return walk_drop(d, CNT_DEC_UNKNOWN_LINK);
}

/* ---- Ethernet ---- */

static bool
is_tag(uint16_t type)
{
	return type == ETHER_VLAN || type == ETHER_QINQ || type == ETHER_QINQ_OLD1 ||
	    type == ETHER_QINQ_OLD2 || type == ETHER_QINQ_OLD3;
}

/* The PRP redundancy control trailer, IEC 62439-3, 4.2.7: sequence number, LAN
 * (a or b) with the size of what it ends, 88fb.  It is the last thing in the
 * frame, but a switch that takes a tag off may have padded the frame after it,
 * and a capture may hold the FCS.  Only the fitting size makes it a trailer:
 * it counts from after the EtherType (tags excluded; some senders count them)
 * up to and with the trailer. */
#define RCT_LEN		6u
#define RCT_PAD_MAX	50u	/* a padded frame has 60 bytes, or 64 with FCS */
#define FCS_LEN		4u

static bool
trailer_at(struct walk *w, size_t lsdu, size_t end)
{
	struct cursor c = w->c;
	unsigned lan, size, suffix;

	if (end < RCT_LEN || end > cur_left(&c))
		return false;
	cur_skip(&c, end - RCT_LEN + 2);
	size = cur_be16(&c);
	suffix = cur_be16(&c);
	if (suffix != ETHER_PRP)
		return false;
	lan = size >> 12;
	size &= 0x0fff;
	if (lan != 0xa && lan != 0xb)
		return false;
	/* From without the tags to with all of them. */
	if (size + lsdu < end || size + 2 > end || (end - size - 2) % 4 != 0)
		return false;
	w->p.flags |= lan == 0xa ? PKT_PRP_A : PKT_PRP_B;
	return true;
}

static void
take_trailer(struct decoder *d, struct walk *w)
{
	size_t left = cur_left(&w->c), end = left, lsdu = 0;
	struct cursor look = w->c;
	const uint8_t *tail;
	uint16_t type;

	if (w->missing > 0 || left < 2 + RCT_LEN)
		return;
	/* Nearly every frame: no trailer at its end or before an FCS, no padding. */
	cur_skip(&look, left - RCT_LEN);
	tail = cur_bytes(&look, RCT_LEN);
	if (be16_of(tail + 4) != ETHER_PRP && be16_of(tail) != ETHER_PRP &&
	    (left > RCT_PAD_MAX + FCS_LEN || tail[5] != 0))
		return;
	look = w->c;
	type = cur_be16(&look);
	for (lsdu = 2; is_tag(type) && lsdu + 4 <= left; lsdu += 4) {
		cur_skip(&look, 2);
		type = cur_be16(&look);
	}
	look = w->c;
	cur_skip(&look, left - 2);
	if (cur_be16(&look) == ETHER_PRP) {
		if (!trailer_at(w, lsdu, end))
			return;
	} else if (trailer_at(w, lsdu, left - FCS_LEN)) {
		end = left - FCS_LEN;
	} else {
		/* Back over zero padding, in frames short enough to have any. */
		look = w->c;
		cur_skip(&look, left - 1);
		if (left > RCT_PAD_MAX + FCS_LEN || cur_u8(&look) != 0)
			return;
		for (end = left; end > lsdu + RCT_LEN; end--) {
			look = w->c;
			cur_skip(&look, end - 1);
			if (cur_u8(&look) != 0)
				break;
		}
		if (!trailer_at(w, lsdu, end))
			return;
	}
	count(d->counters, CNT_DEC_PRP);
	(void)walk_limit(w, (uint32_t)(end - RCT_LEN));
}

enum step
walk_ether(struct decoder *d, struct walk *w)
{
	struct cursor *c = &w->c;
	const uint8_t *mac = cur_bytes(c, 12);
	uint16_t type;

	if (mac != NULL && cur_left(c) >= 2)
		take_trailer(d, w);
	type = cur_be16(c);
	if (!cur_ok(c))
		return walk_short(d, w, "Ethernet header");
	count(d->counters, CNT_DEC_ETHERNET);
	w->p.mac_dst = mac;
	w->p.mac_src = mac + 6;
	w->p.ether_type = type;
	return walk_next(w, type);
}

/* 802.1Q and its relatives: the tag is 2 bytes, then comes another type. */
static enum step
tag(struct decoder *d, struct walk *w)
{
	uint16_t tci = cur_be16(&w->c);
	uint16_t type = cur_be16(&w->c);

	if (!cur_ok(&w->c))
		return walk_short(d, w, "VLAN tag");
	walk_vlan(w, tci & 0x0fff);
	w->tags++;
	w->p.ether_type = type;
	return walk_next(w, type);
}

/* HSR, IEC 62439-3, 5.7: path and size, sequence number, the type it displaced. */
static enum step
hsr(struct decoder *d, struct walk *w)
{
	uint16_t type;

	cur_skip(&w->c, 4);
	type = cur_be16(&w->c);
	if (!cur_ok(&w->c))
		return walk_short(d, w, "HSR tag");
	count(d->counters, CNT_DEC_HSR);
	w->p.flags |= PKT_HSR;
	w->p.ether_type = type;
	return walk_next(w, type);
}

/* Service access points of bridges, routers and stations that ask each other whether
 * they are there; what is beneath them is no plant's. */
static bool
llc_is_control(unsigned dsap, unsigned control)
{
	return dsap == 0x42 ||			/* spanning tree, 802.1D */
	    dsap == 0xfe ||			/* IS-IS and its kin, ISO 9577 */
	    (control & 0xefu) == 0xaf ||	/* XID */
	    (control & 0xefu) == 0xe3;		/* TEST */
}

/* IEEE 802.3: the type is a length, then LLC, then perhaps SNAP. */
static enum step
llc(struct decoder *d, struct walk *w)
{
	struct cursor *c = &w->c;
	struct cursor look;
	unsigned dsap, ssap, control, oui;
	uint16_t type;

	(void)walk_limit(w, w->type);
	w->p.ether_type = 0;
	look = *c;
	dsap = cur_u8(&look);
	ssap = cur_u8(&look);
	control = cur_u8(&look);
	if (!cur_ok(&look))
		return w->missing > 0 ? walk_short(d, w, "LLC header") : walk_other(d, CNT_DEC_LLC);
	if (llc_is_control(dsap, control))
		return walk_other(d, CNT_DEC_CONTROL);
	if (dsap != ssap || control != 0x03)
		return walk_other(d, CNT_DEC_LLC);
	if (dsap == 0x06) {		/* IP straight over LLC */
		*c = look;
		return STEP_IP4;
	}
	oui = cur_be24(&look);
	type = cur_be16(&look);
	if (cur_ok(&look) && dsap == 0xaa && oui == 0x00000c)	/* CDP, VTP, DTP, UDLD, PVST+ */
		return walk_other(d, CNT_DEC_CONTROL);
	if (!cur_ok(&look) || dsap != 0xaa || (oui != 0 && oui != 0x0000f8))
		return walk_other(d, CNT_DEC_LLC);
	*c = look;
	w->p.ether_type = type;
	return type <= ETHER_LEN_MAX ? walk_unknown_type(d, type) : walk_next(w, type);
}

/* ---- MPLS ---- */

/* RFC 3032; pseudowires RFC 4448, control word RFC 4385.  The label stack does
 * not say what follows it. */
static enum step
mpls(struct decoder *d, struct walk *w)
{
	struct cursor *c = &w->c, look;
	uint32_t label, word;

	count(d->counters, CNT_DEC_MPLS);
	do {
		label = cur_be32(c);
		if (++w->labels > WALK_LAYERS)
			return walk_too_deep(d, w, "MPLS labels");
	} while (cur_ok(c) && (label & 0x100) == 0);	/* S: bottom of the stack */
	look = *c;
	word = cur_be32(&look);
	if (!cur_ok(&look))
		return walk_short(d, w, "MPLS label stack");
	if (like_ip(*c, walk_wire(w)))
		return STEP_IP;
	if (word >> 28 == 0 && like_ether(look) && (word >> 16 == 0 || !like_ether(*c))) {
		*c = look;	/* control word: 0, flags, length, sequence */
		return STEP_ETHER;
	}
	if (like_ether(*c))
		return STEP_ETHER;
	return walk_other(d, CNT_DEC_MPLS_OTHER);
}

/* ---- PPP ---- */

/* RFC 2516, 4. */
static enum step
pppoe(struct decoder *d, struct walk *w)
{
	struct cursor *c = &w->c;
	unsigned version = cur_u8(c), code = cur_u8(c), len;

	cur_skip(c, 2);		/* session */
	len = cur_be16(c);
	if (!cur_ok(c))
		return walk_short(d, w, "PPPoE header");
	if (version != 0x11 || code != 0)
		return walk_bad(d, w, ANOM_DEC_TUNNEL, "PPPoE version or code");
	if (!walk_limit(w, len) && !w->shortened)
		return walk_bad(d, w, ANOM_DEC_TUNNEL, "PPPoE length");
	count(d->counters, CNT_DEC_PPPOE);
	return STEP_PPP;
}

/* RFC 1661, 2 and 6.5; RFC 1662, 3.1.  Address and control may be left out, and
 * the first byte of the protocol when it is 0. */
enum step
walk_ppp(struct decoder *d, struct walk *w)
{
	struct cursor *c = &w->c, look = *c;
	unsigned protocol;

	if (cur_be16(&look) == 0xff03)
		*c = look;
	protocol = cur_u8(c);
	if ((protocol & 1) == 0)
		protocol = protocol << 8 | cur_u8(c);
	if (!cur_ok(c))
		return walk_short(d, w, "PPP header");
	count(d->counters, CNT_DEC_PPP);
	switch (protocol) {
	case 0x0021:
		return STEP_IP4;
	case 0x0057:
		return STEP_IP6;
	case 0x0281:
	case 0x0283:
		return walk_next(w, ETHER_MPLS);
	default:
		/* From 8000: what sets the link and its protocols up, RFC 1661, 2. */
		return walk_other(d, protocol >= 0x8000 ? CNT_DEC_CONTROL : CNT_DEC_PPP_OTHER);
	}
}

/* ---- what an EtherType says ---- */

/* ARP for IPv4 over Ethernet (RFC 826); any other is only counted. */
static void
arp(struct walk *w)
{
	struct cursor c = w->c;
	uint16_t hardware = cur_be16(&c), protocol = cur_be16(&c), lengths = cur_be16(&c);
	uint16_t op = cur_be16(&c);
	const uint8_t *sha = cur_bytes(&c, 6), *spa = cur_bytes(&c, 4), *tpa;

	cur_skip(&c, 6);	/* target's hardware address */
	tpa = cur_bytes(&c, 4);
	if (!cur_ok(&c) || hardware != 1 || protocol != ETHER_IPV4 || lengths != 0x0604)
		return;
	w->p.arp_op = op;
	w->p.arp_mac = sha;
	w->p.arp_src = addr_v4(spa);
	w->p.arp_dst = addr_v4(tpa);
}

enum step
walk_type(struct decoder *d, struct walk *w)
{
	switch (w->type) {
	case ETHER_IPV4:
		return STEP_IP4;
	case ETHER_IPV6:
		return STEP_IP6;
	case ETHER_VLAN:
	case ETHER_QINQ:
	case ETHER_QINQ_OLD1:
	case ETHER_QINQ_OLD2:
	case ETHER_QINQ_OLD3:
		return tag(d, w);
	case ETHER_VNTAG:
	case ETHER_ETAG:
	case ETHER_CMD:
	case ETHER_MACSEC:
	case ETHER_PBB:
	case ETHER_NSH:
		return walk_tag(d, w);
	case ETHER_MPLS:
	case ETHER_MPLS_UP:
		return mpls(d, w);
	case ETHER_PPPOE:
		return pppoe(d, w);
	case ETHER_HSR:
		return hsr(d, w);
	case ETHER_ARP:
		arp(w);
		return walk_other(d, CNT_DEC_ARP);
	case ETHER_PRP:
		return walk_other(d, CNT_DEC_SUPERVISION);
	case ETHER_WAKE:
	case ETHER_RARP:
	case ETHER_PAUSE:
	case ETHER_SLOW:
	case ETHER_PPPOE_DISC:
	case ETHER_EAPOL:
	case ETHER_LLDP:
	case ETHER_LLTD:
	case ETHER_MRP:
	case ETHER_MVRP:
	case ETHER_MMRP:
	case ETHER_PTP:
	case ETHER_CFM:
	case ETHER_LOOPTEST:
	case ETHER_DLR:
		return walk_other(d, CNT_DEC_CONTROL);
	default:
		return w->type <= ETHER_LEN_MAX ? llc(d, w) : walk_unknown_type(d, w->type);
	}
}
