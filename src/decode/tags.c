/* tags.c - what switches put between the MAC addresses and the packet, besides VLANs.
 *
 *	VN-Tag    8926, 4 bytes                       Cisco, before 802.1BR
 *	E-Tag     893f, 6 bytes                       802.1BR, 7.2
 *	MetaData  8909, version, length in words, options   Cisco TrustSec
 *	MACsec    88e5, SecTAG of 6 or 14 bytes       802.1AE, 9.3
 *	I-TAG     88e7, 4 bytes, then a whole frame   802.1ah, 9.7
 *	NSH       894f, length in words               RFC 8300, 2.2
 */
#include "decode/walk.h"

#include "decode/ethertype.h"

#define MACSEC_VERSION	0x80u
#define MACSEC_SC	0x20u		/* the secure channel's identifier is there */
#define MACSEC_E	0x08u		/* encrypted */
#define MACSEC_C	0x04u		/* changed in some other way */
#define MACSEC_ICV	16u		/* integrity check value of all cipher suites there are */

/* A tag of n bytes and the EtherType that it displaced. */
static enum step
fixed(struct decoder *d, struct walk *w, size_t n, enum counter_id counter)
{
	uint16_t type;

	cur_skip(&w->c, n);
	type = cur_be16(&w->c);
	if (!cur_ok(&w->c))
		return walk_short(d, w, "tag");
	count(d->counters, counter);
	w->p.ether_type = type;
	return walk_next(w, type);
}

static enum step
metadata(struct decoder *d, struct walk *w)
{
	unsigned version = cur_u8(&w->c), words = cur_u8(&w->c);

	if (cur_ok(&w->c) && version != 1)
		return walk_unknown_type(d, ETHER_CMD);
	return fixed(d, w, words * (size_t)4, CNT_DEC_CMD);
}

/* Integrity without confidentiality leaves all that it protects readable. */
static enum step
macsec(struct decoder *d, struct walk *w)
{
	struct cursor *c = &w->c;
	unsigned tci = cur_u8(c), len = cur_u8(c) & 0x3fu;
	uint32_t wire;
	uint16_t type;

	cur_skip(c, (tci & MACSEC_SC) != 0 ? 12 : 4);	/* packet number, SCI */
	if (!cur_ok(c))
		return walk_short(d, w, "MACsec header");
	count(d->counters, CNT_DEC_MACSEC);
	if ((tci & (MACSEC_VERSION | MACSEC_E | MACSEC_C)) != 0)
		return walk_other(d, CNT_DEC_MACSEC_ENCRYPTED);
	/* The length is that of short frames, which may be padded behind the check value. */
	wire = walk_wire(w);
	if (len >= 2 && len + MACSEC_ICV <= wire)
		(void)walk_limit(w, len);
	else if (wire >= 2 + MACSEC_ICV)
		(void)walk_limit(w, wire - MACSEC_ICV);
	type = cur_be16(c);
	if (!cur_ok(c))
		return walk_short(d, w, "MACsec payload");
	w->p.ether_type = type;
	return walk_next(w, type);
}

/* The backbone's addresses were those before; the customer's frame follows. */
static enum step
backbone(struct decoder *d, struct walk *w)
{
	cur_skip(&w->c, 4);
	if (!cur_ok(&w->c))
		return walk_short(d, w, "I-TAG");
	count(d->counters, CNT_DEC_PBB);
	return STEP_ETHER;
}

/* What the next-protocol field of VXLAN-GPE and NSH says; STEP_DROP: nothing known. */
enum step
walk_next_protocol(struct walk *w, unsigned next)
{
	switch (next) {
	case 1:
		return STEP_IP4;
	case 2:
		return STEP_IP6;
	case 3:
		return STEP_ETHER;
	case 4:
		return walk_next(w, ETHER_NSH);
	case 5:
		return walk_next(w, ETHER_MPLS);
	default:
		return STEP_DROP;
	}
}

static enum step
service_header(struct decoder *d, struct walk *w)
{
	struct cursor look = w->c;
	unsigned words = cur_be16(&look) & 0x3fu, next;
	enum step step;

	cur_skip(&look, 1);
	next = cur_u8(&look);
	/* In NSH the service path follows at once: 4 of its bytes are before the rest. */
	cur_skip(&w->c, words * (size_t)4);
	if (!cur_ok(&look) || !cur_ok(&w->c) || words < 2)
		return words < 2 && cur_ok(&look) ? walk_bad(d, w, ANOM_DEC_TUNNEL, "NSH length") :
		    walk_short(d, w, "network service header");
	count(d->counters, CNT_DEC_NSH);
	step = next == 4 ? STEP_DROP : walk_next_protocol(w, next);	/* 4 is NSH itself */
	return step != STEP_DROP ? step : walk_unknown_type(d, ETHER_NSH);
}

enum step
walk_tag(struct decoder *d, struct walk *w)
{
	switch (w->type) {
	case ETHER_VNTAG:
		return fixed(d, w, 4, CNT_DEC_VNTAG);
	case ETHER_ETAG:
		return fixed(d, w, 6, CNT_DEC_ETAG);
	case ETHER_CMD:
		return metadata(d, w);
	case ETHER_MACSEC:
		return macsec(d, w);
	case ETHER_PBB:
		return backbone(d, w);
	default:
		return service_header(d, w);
	}
}
