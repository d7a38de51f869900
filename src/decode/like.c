/* like.c - what do these bytes look like?
 *
 * Some carriers do not say what is inside them, and some are recognised by nothing
 * else than what is inside. */
#include "decode/walk.h"

#include "base/checksum.h"
#include "decode/ethertype.h"

static bool
is_tag(uint16_t type)
{
	return type == ETHER_VLAN || type == ETHER_QINQ || type == ETHER_QINQ_OLD1 ||
	    type == ETHER_QINQ_OLD2 || type == ETHER_QINQ_OLD3;
}

/* Does a known EtherType stand where that of an Ethernet header would? */
static bool
known_type(struct cursor c)
{
	uint16_t type;

	cur_skip(&c, 12);
	type = cur_be16(&c);
	return is_tag(type) || type == ETHER_IPV4 || type == ETHER_IPV6 || type == ETHER_ARP ||
	    type == ETHER_MPLS || type == ETHER_PPPOE || type == ETHER_HSR || type == ETHER_PRP ||
	    type == ETHER_LLDP || type == ETHER_GOOSE || type == ETHER_PROFINET ||
	    type == ETHER_VNTAG || type == ETHER_ETAG || type == ETHER_CMD || type == ETHER_MACSEC;
}

bool
like_ether(struct cursor c)
{
	struct cursor look = c;
	uint16_t type;

	cur_skip(&look, 12);
	type = cur_be16(&look);
	return known_type(c) || (cur_ok(&look) && type >= 3 && type <= ETHER_LEN_MAX &&
	    type <= cur_left(&look));
}

/* Its first nibble may as well be that of a MAC address: then the length hardly fits,
 * and for IPv4 the checksum does not. */
bool
like_ip(struct cursor c, uint32_t wire)
{
	struct cursor look = c;
	unsigned first = cur_u8(&look), len, header = (first & 15) * 4;
	const uint8_t *h;

	if (first >> 4 == 4) {
		cur_skip(&look, 1);
		len = cur_be16(&look);
		h = cur_bytes(&c, header);
		return h != NULL && header >= 20 && len <= wire &&
		    (!known_type(cur_of(h, header)) || sum_fold(sum_add(0, h, header)) == 0);
	}
	if (first >> 4 == 6) {
		cur_skip(&look, 3);
		len = cur_be16(&look);
		return cur_ok(&look) && len + 40 <= wire && !known_type(c);
	}
	return false;
}

/* IPv6 has no checksum of its own, and its header is easily met: the first bytes of a DNS
 * query can be one.  Behind it comes a checksum that counts its addresses. */
static bool
surely_ip6(struct cursor c, uint32_t wire)
{
	const uint8_t *h = cur_bytes(&c, 40), *l4;
	uint32_t len;

	if (h == NULL || cur_left(&c) + 40 != wire || be16_of(h + 4) + 40u != wire)
		return false;
	len = (uint32_t)cur_left(&c);
	l4 = cur_bytes(&c, len);
	return l4 != NULL && len >= 8 && (h[6] == IP_TCP || h[6] == IP_UDP || h[6] == IP_ICMPV6) &&
	    sum_fold(sum_add(sum_add((uint64_t)h[6] + len, h + 8, 32), l4, len)) == 0;
}

bool
surely_ip(struct cursor c, uint32_t wire)
{
	struct cursor look = c;
	unsigned first = cur_u8(&look), len, header = (first & 15) * 4;
	const uint8_t *h;

	cur_skip(&look, 1);
	len = cur_be16(&look);
	if (first >> 4 == 4) {
		h = cur_bytes(&c, header);
		return h != NULL && header >= 20 && len >= header && len <= wire &&
		    sum_fold(sum_add(0, h, header)) == 0;
	}
	return first >> 4 == 6 && surely_ip6(c, wire);
}

bool
surely_ether(struct cursor c, uint32_t wire)
{
	struct cursor look = c;
	uint32_t len = wire - (uint32_t)cur_left(&c);	/* beyond what was captured */
	uint16_t type;

	cur_skip(&look, 12);
	type = cur_be16(&look);
	for (unsigned n = 0; is_tag(type) && n < PACKET_VLANS; n++) {
		cur_skip(&look, 2);
		type = cur_be16(&look);
	}
	len += (uint32_t)cur_left(&look);
	switch (type) {
	case ETHER_IPV4:
		return surely_ip(look, len);
	case ETHER_IPV6:		/* padding may follow */
		return cur_be32(&look) >> 28 == 6 && cur_be16(&look) + 40u <= len && cur_ok(&look);
	case ETHER_ARP:
		return cur_be16(&look) == 1 && cur_be16(&look) == ETHER_IPV4 && cur_ok(&look);
	default:
		return cur_ok(&look) && known_type(c);
	}
}
