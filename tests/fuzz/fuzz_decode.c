/* Fuzz decode: a row of frames through one decoder, so that reassembly and the
 * search for duplicates have a past.
 *
 * Byte 0 selects the link type, byte 1 the settings; then comes frame after
 * frame: length (2, big-endian), bytes cut from the end by a snap length (1),
 * milliseconds since the last one (1), the bytes.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/cursor.h"
#include "decode/decode.h"
#include "decode/walk.h"

static const uint16_t links[] = {
	LINK_ETHERNET, LINK_SLL, LINK_SLL2, LINK_RAW, LINK_NULL, LINK_LOOP, LINK_PPP, LINK_RAW_BSD,
	LINK_RAW_OPENBSD, LINK_IPV4, LINK_IPV6, 147
};

struct check {
	unsigned		 packets;	/* of this frame */
	uint64_t		 ip;		/* of all frames, those with IP */
	const struct frame	*f;
	uint8_t			 sum;
};

/* Every byte that a packet offers must be there to read. */
static void
touch(struct check *k, const uint8_t *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		k->sum = (uint8_t)(k->sum + p[i]);
}

static void
require(int what)
{
	if (!what)
		abort();
}

static void
look(struct check *k, const struct packet *p)
{
	require(p->frame <= k->f->number && p->n_vlan <= PACKET_VLANS);
	for (unsigned i = 0; i < p->n_vlan; i++)
		require(p->vlan[i] >= 1 && p->vlan[i] <= 4095);
	require(p->ip_v == 0 || p->ip_v == 4 || p->ip_v == 6);
	require(p->payload_len <= p->payload_wire);
	if (p->payload_len > 0 && (p->flags & PKT_TRUNCATED) == 0)
		require(p->payload_len == p->payload_wire);
	require(p->ip_v != 0 || (p->l3 == NULL && p->payload == NULL && p->proto == 0));
	if (p->l3 != NULL && p->payload != NULL)
		require(p->payload >= p->l3 && p->payload + p->payload_len <= p->l3 + p->l3_len);
	require(p->ip_v == 0 || p->l2_len == 0);
	touch(k, p->l2, p->l2_len);
	touch(k, p->l3, p->l3_len);
	touch(k, p->payload, p->payload_len);
	if (p->mac_src != NULL)
		touch(k, p->mac_src, 6);
	if (p->mac_dst != NULL)
		touch(k, p->mac_dst, 6);
}

static void
on_packet(void *arg, const struct packet *p)
{
	struct check *k = arg;

	require(++k->packets == 1);
	k->ip += p->ip_v != 0;
	require(p->frame == k->f->number);
	look(k, p);
}

static void
on_anomaly(void *arg, const struct anomaly *a)
{
	struct check *k = arg;

	require(a->id > ANOM_NONE && a->id < ANOMALY_COUNT && a->packet != NULL);
	require(anomaly_row(a->id)->layer == LAYER_DECODE);
	require(a->offset <= 70000);
	require(a->packet->n_vlan <= PACKET_VLANS);
	touch(k, a->packet->l3, a->packet->l3_len);
}

/* ---- the short way and the long one ---- */

static void
keep_packet(void *arg, const struct packet *p)
{
	*(struct packet *)arg = *p;
}

static void
no_anomaly(void *arg, const struct anomaly *a)
{
	(void)arg, (void)a;
	abort();
}

/* What plain_read() takes must come out of the loop over layers as the same: a
 * priority tag makes the frame go there, and leaves no trace in the packet. */
static void
compare_ways(const struct frame *f)
{
	static const uint8_t tag[4] = { 0x81, 0x00 };
	struct decode_settings s = { .checksums = CHECKSUM_NONE };
	struct counters counters = { { 0 } };
	struct packet p, q = { 0 };
	static struct tunnels tunnels;
	struct decode_sink sink = { .packet = keep_packet, .anomaly = no_anomaly, .arg = &q };
	struct frame tagged = *f;
	struct decoder *d;
	uint8_t *copy;

	plain_open(&p);
	tunnels_open(&tunnels, &s.tunnels);
	if (!plain_read(&p, f, &tunnels))
		return;
	copy = malloc(f->cap_len + sizeof(tag));
	d = decode_open(&s, &sink, &counters);
	require(copy != NULL && d != NULL);
	memcpy(copy, f->data, 12);
	memcpy(copy + 12, tag, sizeof(tag));
	memcpy(copy + 16, f->data + 12, f->cap_len - 12);
	tagged.data = copy;
	tagged.cap_len = tagged.wire_len = f->cap_len + (uint32_t)sizeof(tag);
	decode_frame(d, &tagged);
	require(q.l3 != NULL && q.l3 - copy == p.l3 - f->data + 4 && q.l3_len == p.l3_len);
	require(q.payload - copy == p.payload - f->data + 4);
	require(q.mac_dst == copy && q.mac_src == copy + 6 && p.mac_dst == f->data &&
	    p.mac_src == f->data + 6);
	require(memcmp(&p.src, &q.src, sizeof(p.src)) == 0 && memcmp(&p.dst, &q.dst, sizeof(p.dst)) == 0);
	require(p.ts_ns == q.ts_ns && p.frame == q.frame && p.source == q.source && p.flags == q.flags);
	require(p.sport == q.sport && p.dport == q.dport && p.ip_v == q.ip_v && p.proto == q.proto &&
	    p.ttl == q.ttl && p.tos == q.tos && p.ip_id == q.ip_id && p.ip_frag == q.ip_frag);
	require(p.tcp_flags == q.tcp_flags && p.window == q.window && p.seq == q.seq && p.ack == q.ack &&
	    p.icmp_type == q.icmp_type && p.icmp_code == q.icmp_code);
	require(p.n_vlan == q.n_vlan && p.ether_type == q.ether_type && p.arp_op == q.arp_op);
	require(p.payload_len == q.payload_len && p.payload_wire == q.payload_wire);
	decode_close(d);
	free(copy);
}

int	LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct cursor c = cur_of(data, len);
	uint8_t link = cur_u8(&c), flags = cur_u8(&c);
	struct decode_settings s = { .checksums = flags & 1 ? CHECKSUM_ALL : CHECKSUM_NONE,
	    .dedup = (flags & 2) == 0, .dedup_window_us = 2000, .dedup_slots = 64,
	    .defrag_datagrams = flags & 4 ? 1 : 3, .defrag_timeout_s = 1 };
	struct frame f = { .link = links[link % (sizeof(links) / sizeof(links[0]))] };
	struct counters counters = { { 0 } };
	struct check k = { .f = &f };
	struct decode_sink sink = { .packet = on_packet, .anomaly = on_anomaly, .arg = &k };
	struct decoder *d = decode_open(&s, &sink, &counters);

	require(d != NULL);
	while (cur_ok(&c) && cur_left(&c) > 0) {
		uint32_t n = cur_be16(&c), cut = cur_u8(&c);
		uint8_t *copy;

		f.ts_ns += cur_u8(&c) * UINT64_C(250000);
		if (n > cur_left(&c))
			n = (uint32_t)cur_left(&c);
		f.number++;
		f.cap_len = n;
		f.wire_len = n + cut;
		copy = malloc(n > 0 ? n : 1);
		require(copy != NULL);
		cur_copy(&c, copy, n);
		f.data = copy;
		k.packets = 0;
		decode_frame(d, &f);
		compare_ways(&f);
		decode_tick(d, f.ts_ns);
		free(copy);
	}
	require(counters.v[CNT_DEC_PACKETS] == f.number);
	decode_finish(d, f.ts_ns);
	for (unsigned i = 0; i < CNT_COUNT; i++)
		if (counter_row((enum counter_id)i)->marks & COUNTER_FRAME)
			k.ip += counters.v[i];
	require(counters.v[CNT_DEC_PACKETS] == k.ip);
	decode_close(d);
	return 0;
}
