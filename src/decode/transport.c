/* transport.c - what an IP protocol number says: TCP, UDP, ICMP, SCTP, or
 * another layer to go through. */
#include "decode/walk.h"

#include "base/checksum.h"
#include "decode/ethertype.h"

#define TCP_HEADER	20u
#define UDP_HEADER	8u
#define ICMP_HEADER	8u
#define SCTP_HEADER	12u

#define PROTO_ESP	50u
#define PROTO_AH	51u

/* What is left is the payload. */
static enum step
payload(struct walk *w)
{
	struct packet *p = &w->p;

	p->payload = w->c.p;
	p->payload_len = (uint32_t)cur_left(&w->c);
	p->payload_wire = p->payload_len + w->missing;
	p->flags &= (uint16_t)~PKT_TRUNCATED;		/* what an outer layer said */
	if (w->missing > 0) {
		p->flags |= PKT_TRUNCATED;
		w->sum_possible = false;
	}
	return STEP_OUT;
}

/* RFC 9293, 3.1. */
static enum step
tcp(struct decoder *d, struct walk *w)
{
	struct cursor *c = &w->c;
	struct packet *p = &w->p;
	uint32_t wire = walk_wire(w);
	const uint8_t *h = cur_bytes(c, TCP_HEADER);
	unsigned header;

	if (h == NULL)
		return walk_short(d, w, "TCP header");
	p->sport = be16_of(h);
	p->dport = be16_of(h + 2);
	p->seq = be32_of(h + 4);
	p->ack = be32_of(h + 8);
	header = (h[12] >> 4) * 4u;
	p->tcp_flags = h[13];
	p->window = be16_of(h + 14);
	if (header < TCP_HEADER || header > wire)
		return walk_bad(d, w, ANOM_DEC_TCP_HEADER_LEN, NULL);
	count(d->counters, CNT_DEC_TCP);
	if (header - TCP_HEADER > cur_left(c)) {
		/* The snap length fell into the options: no payload was captured. */
		w->missing -= (uint32_t)(header - TCP_HEADER - cur_left(c));
		cur_skip(c, cur_left(c));
		w->sum_possible = false;
	} else
		cur_skip(c, header - TCP_HEADER);
	return payload(w);
}

/* RFC 768. */
static enum step
udp(struct decoder *d, struct walk *w)
{
	struct cursor *c = &w->c;
	struct packet *p = &w->p;
	uint32_t wire = walk_wire(w);
	unsigned len;

	p->sport = cur_be16(c);
	p->dport = cur_be16(c);
	len = cur_be16(c);
	cur_skip(c, 2);
	if (!cur_ok(c))
		return walk_short(d, w, "UDP header");
	/* A datagram has an end of its own, so here the doubt is only about the rest of it. */
	if ((p->flags & PKT_LONG) != 0 && len > wire) {
		w->missing += len - wire;
		wire = len;
	}
	/* Length 0: a jumbogram (RFC 2675, 4) or a segment the card would cut. */
	if (len != 0 && (len < UDP_HEADER || len > wire))
		return walk_bad(d, w, ANOM_DEC_UDP_LEN, NULL);
	count(d->counters, CNT_DEC_UDP);
	if (len != 0)
		(void)walk_limit(w, len - UDP_HEADER);
	else
		w->sum_possible = false;
	(void)payload(w);
	/* What was cut is looked at layer by layer, as far as it goes. */
	return p->payload_len >= 4 && tunnels_maybe(&d->tunnels, p->sport, p->dport, p->payload,
	    p->payload_len >= TUNNEL_PAYLOAD_MIN ? p->payload_wire : 0) ? STEP_UDP_TUNNEL : STEP_OUT;
}

/* RFC 792, RFC 4443: type, code, checksum, and four bytes that differ. */
static enum step
icmp(struct decoder *d, struct walk *w, enum counter_id counter)
{
	struct cursor *c = &w->c;
	struct packet *p = &w->p;
	size_t left = cur_left(c);

	p->icmp_type = cur_u8(c);
	p->icmp_code = cur_u8(c);
	cur_skip(c, 2);
	if (!cur_ok(c))
		return walk_short(d, w, "ICMP header");
	count(d->counters, counter);
	if (left >= ICMP_HEADER)
		cur_skip(c, ICMP_HEADER - 4);
	else {
		uint32_t missing = (uint32_t)(ICMP_HEADER - left);

		cur_skip(c, left - 4);
		w->missing -= missing < w->missing ? missing : w->missing;
		w->sum_possible = w->sum_possible && w->l4_len == w->l4_wire;
	}
	return payload(w);
}

/* RFC 9260, 3.1. */
static enum step
sctp(struct decoder *d, struct walk *w)
{
	struct cursor *c = &w->c;
	struct packet *p = &w->p;

	p->sport = cur_be16(c);
	p->dport = cur_be16(c);
	cur_skip(c, SCTP_HEADER - 4);
	if (!cur_ok(c))
		return walk_short(d, w, "SCTP header");
	count(d->counters, CNT_DEC_SCTP);
	return payload(w);
}

/* RFC 4302, in IPv4; in IPv6 it was passed with the extension headers. */
static enum step
ah(struct decoder *d, struct walk *w)
{
	uint8_t next = cur_u8(&w->c);
	unsigned len = cur_u8(&w->c);

	cur_skip(&w->c, (len + 2) * 4 - 2);
	if (!cur_ok(&w->c))
		return walk_short(d, w, "authentication header");
	w->p.proto = next;
	return STEP_PROTO;
}

/* What routers say to each other, and IPv6's "nothing follows": no conversation of hosts. */
static bool
is_routing(uint8_t proto)
{
	switch (proto) {
	case 3:		/* GGP */
	case 8:		/* EGP */
	case 9:		/* IGRP */
	case 46:	/* RSVP */
	case 59:	/* nothing */
	case 88:	/* EIGRP */
	case 89:	/* OSPF */
	case 103:	/* PIM */
	case 112:	/* VRRP */
	case 124:	/* IS-IS */
		return true;
	default:
		return false;
	}
}

enum step
walk_proto(struct decoder *d, struct walk *w)
{
	w->l4 = w->c.p;
	w->l4_len = (uint32_t)cur_left(&w->c);
	w->l4_wire = walk_wire(w);
	switch (w->p.proto) {
	case IP_TCP:
		return tcp(d, w);
	case IP_UDP:
		return udp(d, w);
	case IP_ICMP:
		return icmp(d, w, CNT_DEC_ICMP4);
	case IP_ICMPV6:
		return icmp(d, w, CNT_DEC_ICMP6);
	case IP_SCTP:
		return sctp(d, w);
	case IP_IGMP:
		count(d->counters, CNT_DEC_IGMP);
		return payload(w);
	case IP_GRE:
		(void)payload(w);
		return walk_gre(d, w);
	case IP_IPIP:
		(void)payload(w);
		return walk_inside(d, w, STEP_IP4);
	case IP_IPV6:
		(void)payload(w);
		return walk_inside(d, w, STEP_IP6);
	case IP_IPIP_KA9Q:
	case IP_ENCAP:
		(void)payload(w);
		return walk_inside(d, w, STEP_IP);
	case IP_ETHERIP:
		(void)payload(w);
		return walk_etherip(d, w);
	case IP_L2TP:
		(void)payload(w);
		return walk_l2tp3(d, w);
	case IP_MPLS:
		(void)payload(w);
		return walk_inside(d, w, walk_next(w, ETHER_MPLS));
	case PROTO_AH:
		return ah(d, w);
	case PROTO_ESP:
		count(d->counters, CNT_DEC_ESP);
		return payload(w);
	default:
		if (!is_routing(w->p.proto)) {
			count(d->counters, CNT_DEC_IP_PROTO);
			unfollowed_add(&d->unfollowed, true, w->p.proto);
		}
		return payload(w);
	}
}

bool
walk_l4_sum_ok(const struct walk *w)
{
	const struct packet *p = &w->p;
	uint64_t sum = (uint64_t)p->proto + w->l4_len;
	struct cursor look = cur_of(w->l4, w->l4_len);
	uint32_t len = w->l4_len;

	switch (p->proto) {
	case IP_ICMP:
		return sum_fold(sum_add(0, w->l4, len)) == 0;
	case IP_UDP:
		cur_skip(&look, 4);
		len = cur_be16(&look);
		if (cur_be16(&look) == 0)
			return true;	/* the sender did not compute one */
		if (len > w->l4_len)
			return true;
		sum = (uint64_t)p->proto + len;
		break;
	case IP_TCP:
	case IP_ICMPV6:
		break;
	default:
		return true;
	}
	/* The pseudo header; the zeros and ones of a mapped address must not count. */
	if (p->ip_v == 4) {
		sum = sum_add(sum, p->src.b + 12, 4);
		sum = sum_add(sum, p->dst.b + 12, 4);
	} else {
		sum = sum_add(sum, p->src.b, 16);
		sum = sum_add(sum, p->dst.b, 16);
	}
	return sum_fold(sum_add(sum, w->l4, len)) == 0;
}
