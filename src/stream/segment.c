/* segment.c - what a TCP header says beyond what decode has read: options, the urgent
 * pointer, whether its checksum is right. */
#include "stream/room.h"

#include "base/cursor.h"
#include "base/inet_sum.h"

#define IP6_HEADER 40u
#define OPT_END 0
#define OPT_NOP 1
#define OPT_WSCALE 3
#define WSCALE_MAX 14	/* RFC 7323, 2.3 */

/* From the TCP header to the end of the IP packet; nothing when the header cannot be
 * reached (IPv6 extension headers). */
static struct cursor
tcp_of(const struct packet *p)
{
	struct cursor c = cur_of(p->l3, p->l3_len);
	uint8_t first = cur_u8(&c);

	if (first >> 4 == 4)
		cur_skip(&c, (size_t)(first & 15u) * 4 - 1);
	else {
		cur_skip(&c, 5);
		if (cur_u8(&c) != IP_TCP)
			return cur_of(NULL, 0);
		cur_skip(&c, IP6_HEADER - 7);
	}
	return c;
}

bool
segment_window_scale(const struct packet *p, uint8_t *scale)
{
	struct cursor c = tcp_of(p), opt;
	uint8_t kind, len;

	cur_skip(&c, 12);
	len = (uint8_t)(cur_u8(&c) >> 4);
	cur_skip(&c, 7);
	opt = cur_take(&c, len > 5 ? (size_t)(len - 5) * 4 : 0);
	while (cur_left(&opt) > 0 && cur_ok(&opt)) {
		kind = cur_u8(&opt);
		if (kind == OPT_END)
			break;
		if (kind == OPT_NOP)
			continue;
		len = cur_u8(&opt);
		if (kind == OPT_WSCALE && len == 3) {
			*scale = cur_u8(&opt);
			*scale = *scale > WSCALE_MAX ? WSCALE_MAX : *scale;
			return cur_ok(&opt);
		}
		if (len < 2)
			break;
		cur_skip(&opt, len - 2u);
	}
	return false;
}

uint16_t
segment_urgent(const struct packet *p)
{
	struct cursor c = tcp_of(p);
	uint16_t urgent;

	cur_skip(&c, 18);
	urgent = cur_be16(&c);
	return cur_ok(&c) ? urgent : 0;
}

/* In an IPv4 packet without options the addresses stand before the TCP header: one sum of
 * both, which is what nearly every segment costs. */
static bool
plainly_good(const struct packet *p)
{
	struct cursor c = cur_of(p->l3, p->l3_len);
	const uint8_t *h = cur_bytes(&c, 12), *sent;
	size_t n = cur_left(&c);
	uint8_t rest[4] = { 0, IP_TCP };

	if (h == NULL || h[0] != 0x45 || (h[2] | h[3]) == 0 || p->payload_len != p->payload_wire ||
	    n < 28 + (size_t)p->payload_len || n > UINT16_MAX)
		return false;
	sent = cur_bytes(&c, n);
	rest[2] = (uint8_t)((n - 8) >> 8);
	rest[3] = (uint8_t)(n - 8);
	return inet_fold(inet_sum(inet_sum(0, rest, sizeof(rest)), sent, n)) == UINT16_MAX;
}

/*
 * A card may compute the sum of what its host sends, or join what it receives, so what
 * a capture on the host shows is not what the wire had.  Then the field holds the sum of
 * the pseudo header alone, not complemented: that says nothing.
 */
enum segment_sum
segment_sum(const struct packet *p)
{
	struct cursor c = tcp_of(p);
	const uint8_t *tcp, *field;
	uint8_t rest[4] = { 0, IP_TCP };
	size_t n = cur_left(&c);
	uint64_t head;
	uint16_t have;

	if (plainly_good(p))
		return SUM_GOOD;
	/* An IP length of 0 is a card's, too. */
	if (p->payload_len != p->payload_wire || n < 20 + (size_t)p->payload_len || n > UINT16_MAX ||
	    (p->ip_v == 4 && p->l3[2] == 0 && p->l3[3] == 0))
		return SUM_UNKNOWN;
	tcp = cur_bytes(&c, n);
	field = tcp + 16;
	head = p->ip_v == 4 ? inet_sum(inet_sum(0, p->src.b + 12, 4), p->dst.b + 12, 4) :
	    inet_sum(inet_sum(0, p->src.b, 16), p->dst.b, 16);
	rest[2] = (uint8_t)(n >> 8);
	rest[3] = (uint8_t)n;
	head = inet_sum(head, rest, sizeof(rest));
	if (inet_fold(inet_sum(head, tcp, n)) == UINT16_MAX)
		return SUM_GOOD;
	memcpy(&have, field, 2);
	return have == inet_fold(head) ? SUM_UNKNOWN : SUM_BAD;
}
