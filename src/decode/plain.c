/* plain.c - the frame that nearly all frames are: Ethernet without tags, IPv4
 * without options and in one piece, TCP or UDP, all of it captured.
 *
 * It is read here in a straight line, with one bound for all its headers.  What
 * differs in any way, or would be reported, is left to the loop over layers, which
 * gives the same for what is read here. */
#include "decode/ethertype.h"
#include "decode/walk.h"

#define ETHER_HEADER	14u
#define TCP_HEADER	20u
#define UDP_HEADER	8u
#define HEADERS		(ETHER_HEADER + PLAIN_IP_HEADER + TCP_HEADER)

#define IP_DONT_FRAGMENT 0x4000u

void
plain_open(struct packet *p)
{
	static const uint8_t zero[4];

	/* All that is not set for each packet. */
	*p = (struct packet){ .ip_v = 4, .ether_type = ETHER_IPV4, .src = addr_v4(zero),
	    .dst = addr_v4(zero) };
}

/* May there be a PRP trailer?  It ends in 88fb, before an FCS or padding perhaps. */
static bool
may_be_prp(const uint8_t *frame, uint32_t len)
{
	const uint8_t *end = frame + len;

	if (be16_of(end - 2) == ETHER_PRP || be16_of(end - 6) == ETHER_PRP)
		return true;
	if (end[-1] != 0 || len > 66)	/* long frames have no padding, see link.c */
		return false;
	while (end > frame + ETHER_HEADER && end[-1] == 0)
		end--;
	return be16_of(end - 2) == ETHER_PRP;
}

bool
plain_read(struct packet *p, const struct frame *f, const struct tunnels *tunnels)
{
	struct cursor c = cur_of(f->data, f->cap_len);
	const uint8_t *h = cur_bytes(&c, HEADERS), *ip, *t;
	uint32_t len, header, wire;

	if (h == NULL || f->link != LINK_ETHERNET || f->wire_len != f->cap_len)
		return false;
	ip = h + ETHER_HEADER;
	len = be16_of(ip + 2);
	if (be16_of(h + 12) != ETHER_IPV4 || ip[0] != 0x45 ||
	    (be16_of(ip + 6) & ~IP_DONT_FRAGMENT & 0xffffu) != 0 ||
	    len < PLAIN_IP_HEADER + TCP_HEADER || len > f->cap_len - ETHER_HEADER ||
	    may_be_prp(h, f->cap_len))
		return false;
	t = ip + PLAIN_IP_HEADER;
	wire = len - PLAIN_IP_HEADER;
	if (ip[9] == IP_TCP) {
		header = (t[12] >> 4) * 4u;
		if (header < TCP_HEADER || header > wire)
			return false;
		p->seq = be32_of(t + 4);
		p->ack = be32_of(t + 8);
		p->tcp_flags = t[13];
		p->window = be16_of(t + 14);
		p->payload_len = p->payload_wire = wire - header;
	} else if (ip[9] == IP_UDP) {
		uint32_t udp = be16_of(t + 4);

		header = UDP_HEADER;
		if (udp < UDP_HEADER || udp > wire || tunnels_maybe(tunnels, be16_of(t),
		    be16_of(t + 2), t + UDP_HEADER, udp - UDP_HEADER))
			return false;
		p->seq = p->ack = 0;
		p->tcp_flags = 0;
		p->window = 0;
		p->payload_len = p->payload_wire = udp - UDP_HEADER;
	} else
		return false;
	p->ts_ns = f->ts_ns;
	p->frame = f->number;
	p->source = f->source;
	p->wire_len = f->wire_len;
	p->mac_dst = h;
	p->mac_src = h + 6;
	p->tos = ip[1];
	p->ip_id = be16_of(ip + 4);
	p->ip_frag = be16_of(ip + 6);
	p->ttl = ip[8];
	p->proto = ip[9];
	memcpy(p->src.b + 12, ip + 12, 4);
	memcpy(p->dst.b + 12, ip + 16, 4);
	p->sport = be16_of(t);
	p->dport = be16_of(t + 2);
	p->l3 = ip;
	p->l3_len = len;
	p->payload = t + header;
	return true;
}
