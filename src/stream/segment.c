/* segment.c - what a TCP header says beyond what decode has read: options, the urgent
 * pointer, whether its checksum is right. */
#include "stream/internal.h"

#include "base/cursor.h"
#include "base/inet_sum.h"

#define IP4_HEADER 20u
#define IP6_HEADER 40u
#define TCP_HEADER 20u
#define TCP_HEADER_MAX 60u
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

/*
 * A card may compute the sum of what its host sends, or join what it receives, so what
 * a capture on the host shows is not what the wire had.  Then the field holds the sum of
 * the pseudo header alone, not complemented: that says nothing.
 */
static enum segment_sum
judge(uint64_t head, const uint8_t *tcp, size_t n)
{
	uint16_t have;

	head = inet_sum16(inet_sum16(head, IP_TCP), (uint16_t)n);
	if (inet_fold(inet_sum(head, tcp, n)) == UINT16_MAX)
		return SUM_GOOD;
	memcpy(&have, tcp + 16, 2);
	return have == inet_fold(head) ? SUM_UNKNOWN : SUM_BAD;
}

static __attribute__((noinline)) enum segment_sum
judge_ip6(const struct packet *p)
{
	struct cursor c = tcp_of(p);
	size_t n = cur_left(&c);

	return n < TCP_HEADER + (size_t)p->payload_len ? SUM_UNKNOWN :
	    judge(inet_sum(inet_sum(0, p->src.b, 16), p->dst.b, 16), cur_bytes(&c, n), n);
}

enum segment_sum
segment_sum(const struct packet *p)
{
	struct cursor c = cur_of(p->l3, p->l3_len);
	const uint8_t *ip = cur_bytes(&c, p->l3_len);
	size_t header;

	if (ip == NULL || p->payload_len != p->payload_wire || p->l3_len > UINT16_MAX ||
	    p->l3_len < IP4_HEADER + TCP_HEADER + (size_t)p->payload_len)
		return SUM_UNKNOWN;
	if (p->ip_v != 4)
		return judge_ip6(p);
	header = (ip[0] & 15u) * 4u;
	/* An IP length of 0 is a card's, too. */
	if (header < IP4_HEADER || p->l3_len < header + TCP_HEADER || (ip[2] == 0 && ip[3] == 0))
		return SUM_UNKNOWN;
	return judge(inet_sum(0, ip + 12, 8), ip + header, p->l3_len - header);
}

void
segment_remember_any(struct segment_head *h, const struct packet *p)
{
	uint32_t header = p->l3_len - p->payload_len - IP4_HEADER;

	h->data = 0;
	/* An IP length of 0 is a card's: its checksum says nothing. */
	if (p->l3 == NULL || p->l3[0] != 0x45 || header > TCP_HEADER_MAX || header < TCP_HEADER ||
	    (p->l3[2] | p->l3[3]) == 0)
		return;
	h->sum = inet_sum(0, p->l3 + IP4_HEADER, header);
	h->header = header;
	h->data = p->payload_len;
}

bool
segment_was_bad(const struct flow *f, const struct segment_head *h, uint64_t sum)
{
	/* The order of the two addresses does not matter to a sum. */
	sum = inet_sum(inet_sum(sum, f->addr[0].b + 12, 4), f->addr[1].b + 12, 4);
	sum = inet_sum16(inet_sum16(sum, IP_TCP), (uint16_t)(h->data + h->header));
	/* What is folded stands in the order of the bytes already. */
	return h->data != 0 && inet_fold((uint64_t)inet_fold(sum) + inet_fold(h->sum)) != UINT16_MAX;
}
