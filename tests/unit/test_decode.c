/* Unit tests of decode: every encapsulation, flush against a guard page. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "decode/decode.h"
#include "guard.h"

#define MS UINT64_C(1000000)

/* ---- what came out ---- */

struct seen {
	unsigned	packets, anomalies;
	struct packet	p;		/* the last one; its pointers are dead */
	uint8_t		payload[70000];
	uint8_t		mac_src[6];
	enum anomaly_id	ids[64];
};

static struct seen seen;
static struct counters counters;

static void
on_packet(void *arg, const struct packet *p)
{
	struct seen *s = arg;
	volatile uint8_t sum = 0;

	s->packets++;
	s->p = *p;
	assert_true(p->payload_wire >= p->payload_len);
	if (p->payload_len > 0)
		memcpy(s->payload, p->payload, p->payload_len);
	for (uint32_t i = 0; i < p->l3_len; i++)
		sum = (uint8_t)(sum + p->l3[i]);
	if (p->mac_src != NULL)
		memcpy(s->mac_src, p->mac_src, 6);
}

static void
on_anomaly(void *arg, const struct anomaly *a)
{
	struct seen *s = arg;

	if (s->anomalies < 64)
		s->ids[s->anomalies] = a->id;
	s->anomalies++;
	assert_true(a->id > ANOM_NONE && a->id < ANOMALY_COUNT);
	assert_non_null(a->packet);
}

static struct decoder *
open_with(struct decode_settings s)
{
	struct decode_sink sink = { on_packet, on_anomaly, &seen };
	struct decoder *d;

	memset(&seen, 0, sizeof(seen));
	memset(&counters, 0, sizeof(counters));
	d = decode_open(&s, &sink, &counters);
	assert_non_null(d);
	return d;
}

static struct decoder *
open_plain(void)
{
	return open_with((struct decode_settings){ .checksums = CHECKSUM_NONE,
	    .defrag_datagrams = 4, .defrag_timeout_s = 30 });
}

static struct decoder *
open_dedup(void)
{
	return open_with((struct decode_settings){ .checksums = CHECKSUM_NONE, .dedup = true,
	    .dedup_window_us = 2000, .dedup_slots = 64, .defrag_datagrams = 4,
	    .defrag_timeout_s = 30 });
}

/* ---- frames are built from the inside out ---- */

struct buf {
	uint8_t	b[70000];
	size_t	n;
};

static void
put(struct buf *f, const void *data, size_t n)	/* in front of what is there */
{
	assert_true(f->n + n <= sizeof(f->b));
	memmove(f->b + n, f->b, f->n);
	memcpy(f->b, data, n);
	f->n += n;
}

static void
add(struct buf *f, const void *data, size_t n)	/* behind it */
{
	assert_true(f->n + n <= sizeof(f->b));
	memcpy(f->b + f->n, data, n);
	f->n += n;
}

#define PUT(f, ...) do {						\
		const uint8_t put_b[] = { __VA_ARGS__ };		\
		put(f, put_b, sizeof(put_b));				\
	} while (0)
#define ADD(f, ...) do {						\
		const uint8_t add_b[] = { __VA_ARGS__ };		\
		add(f, add_b, sizeof(add_b));				\
	} while (0)
#define HI(x) (uint8_t)((x) >> 8)
#define LO(x) (uint8_t)(x)

static uint16_t
sum16(uint32_t sum, const uint8_t *b, size_t n)
{
	for (size_t i = 0; i < n; i++)
		sum += i % 2 == 0 ? (uint32_t)b[i] << 8 : b[i];
	while (sum >> 16 != 0)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)~sum;
}

static const uint8_t modbus[] = { 0, 1, 0, 0, 0, 6, 1, 3, 0, 100, 0, 10 };

static void
tcp_seq(struct buf *f, uint8_t seq)
{
	uint16_t s;

	f->n = 0;
	add(f, modbus, sizeof(modbus));
	PUT(f, 0xc0, 0x00, 1, 246, 0, 0, 0, seq, 0, 0, 0, 9, 0x50, 0x18, 0x20, 0, 0, 0, 0, 0);
	s = sum16(6 + (uint32_t)f->n + 0x0a00 + 1 + 0x0a00 + 2, f->b, f->n);
	f->b[16] = HI(s);
	f->b[17] = LO(s);
}

static void
ip4(struct buf *f, uint8_t proto, uint16_t id, uint16_t frag, uint8_t ttl)
{
	size_t n = f->n + 20;
	uint16_t s;

	PUT(f, 0x45, 0, HI(n), LO(n), HI(id), LO(id), HI(frag), LO(frag), ttl, proto, 0, 0,
	    10, 0, 0, 1, 10, 0, 0, 2);
	s = sum16(0, f->b, 20);
	f->b[10] = HI(s);
	f->b[11] = LO(s);
}

static void
ip6(struct buf *f, uint8_t next)
{
	size_t n = f->n;

	PUT(f, 0x60, 0, 0, 0, HI(n), LO(n), next, 64,
	    0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1,
	    0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2);
}

static void
udp(struct buf *f, uint16_t dport)
{
	size_t n = f->n + 8;

	PUT(f, 0xc0, 0x01, HI(dport), LO(dport), HI(n), LO(n), 0, 0);
}

static void
type(struct buf *f, uint16_t t)
{
	PUT(f, HI(t), LO(t));
}

static void
macs(struct buf *f)
{
	PUT(f, 0x02, 0, 0, 0, 0, 2, 0x02, 0, 0, 0, 0, 1);
}

static void
ether(struct buf *f, uint16_t t)
{
	type(f, t);
	macs(f);
}

static void
tag(struct buf *f, uint16_t inner, uint16_t vid)
{
	type(f, inner);
	PUT(f, HI(vid), LO(vid));
}

/* The sample: Modbus over TCP over IPv4, without a link header. */
static void
plain(struct buf *f)
{
	tcp_seq(f, 7);
	ip4(f, 6, 0x1234, 0x4000, 64);
}

static struct frame
frame_of(const struct buf *f, uint16_t link, uint64_t ts_ns)
{
	static uint64_t number;

	return (struct frame){ .ts_ns = ts_ns, .number = ++number, .data = guard(f->b, f->n),
	    .cap_len = (uint32_t)f->n, .wire_len = (uint32_t)f->n, .link = link };
}

static void
feed_at(struct decoder *d, const struct buf *f, uint16_t link, uint64_t ts_ns)
{
	struct frame fr = frame_of(f, link, ts_ns);

	decode_frame(d, &fr);
}

static void
is_the_sample(void)
{
	assert_int_equal(seen.packets, 1);
	assert_int_equal(seen.anomalies, 0);
	assert_int_equal(seen.p.proto, IP_TCP);
	assert_int_equal(seen.p.sport, 0xc000);
	assert_int_equal(seen.p.dport, 502);
	assert_int_equal(seen.p.seq, 7);
	assert_int_equal(seen.p.ack, 9);
	assert_int_equal(seen.p.window, 0x2000);
	assert_int_equal(seen.p.tcp_flags, TCP_ACK | TCP_PSH);
	assert_int_equal(seen.p.payload_len, sizeof(modbus));
	assert_int_equal(seen.p.payload_wire, sizeof(modbus));
	assert_memory_equal(seen.payload, modbus, sizeof(modbus));
}

/* The frame gives the sample; none of its prefixes, as the whole frame or as
 * one cut by the snap length, reads too far or gives two packets. */
static void
gives_the_sample(const struct buf *f, uint16_t link)
{
	struct decoder *d = open_plain();
	struct counters first;
	struct seen whole;

	feed_at(d, f, link, 0);
	is_the_sample();
	whole = seen;
	first = counters;
	for (size_t n = 0; n < f->n; n++) {
		struct buf part = { .n = n };
		struct frame fr;

		memcpy(part.b, f->b, n);
		for (int cut = 0; cut < 2; cut++) {
			memset(&seen, 0, sizeof(seen));
			fr = frame_of(&part, link, 0);
			if (cut)
				fr.wire_len = (uint32_t)f->n;
			decode_frame(d, &fr);
			assert_true(seen.packets <= 1);
			if (cut)
				assert_int_equal(seen.anomalies, 0);
		}
	}
	decode_close(d);
	seen = whole;
	counters = first;
}

/* ---- links and tags ---- */

static void
every_link_type_leads_to_ip(void **unused)
{
	static const uint16_t raw[] = { 101, 12, 14, 228 };
	static const uint8_t families[] = { 24, 28, 30, 10 };
	struct buf f;

	(void)unused;
	plain(&f);
	ether(&f, 0x0800);
	gives_the_sample(&f, LINK_ETHERNET);
	assert_int_equal(seen.p.ether_type, 0x0800);
	assert_int_equal(seen.mac_src[5], 1);
	assert_int_equal(seen.p.ip_id, 0x1234);
	for (size_t i = 0; i < 4; i++) {
		plain(&f);
		gives_the_sample(&f, raw[i]);
	}
	plain(&f);
	PUT(&f, 2, 0, 0, 0);
	gives_the_sample(&f, LINK_NULL);
	plain(&f);
	PUT(&f, 0, 0, 0, 2);
	gives_the_sample(&f, LINK_NULL);
	plain(&f);
	PUT(&f, 0, 0, 0, 2);
	gives_the_sample(&f, LINK_LOOP);
	for (size_t i = 0; i < sizeof(families); i++) {
		tcp_seq(&f, 7);
		ip6(&f, 6);
		PUT(&f, families[i], 0, 0, 0);
		gives_the_sample(&f, LINK_NULL);
	}
	tcp_seq(&f, 7);
	ip6(&f, 6);
	gives_the_sample(&f, LINK_IPV6);
	assert_int_equal(seen.p.ip_v, 6);
	plain(&f);
	PUT(&f, 0, 0, 0, 1, 0, 6, 2, 0, 0, 0, 0, 1, 0, 0, 8, 0);
	gives_the_sample(&f, LINK_SLL);
	assert_int_equal(seen.mac_src[5], 1);
	plain(&f);
	PUT(&f, 8, 0, 0, 0, 0, 0, 0, 3, 0, 1, 0, 6, 2, 0, 0, 0, 0, 1, 0, 0);
	gives_the_sample(&f, LINK_SLL2);
	plain(&f);
	PUT(&f, 0xff, 3, 0, 0x21);
	gives_the_sample(&f, LINK_PPP);
	plain(&f);
	PUT(&f, 0x21);
	gives_the_sample(&f, LINK_PPP);
}

static void
an_unknown_link_type_is_counted_and_told_once(void **unused)
{
	struct decoder *d = open_plain();
	struct buf f;

	(void)unused;
	plain(&f);
	feed_at(d, &f, 147, 0);
	feed_at(d, &f, 147, 0);
	assert_int_equal(counters.v[CNT_DEC_UNKNOWN_LINK], 2);
	assert_int_equal(seen.anomalies, 1);
	assert_int_equal(seen.ids[0], ANOM_DEC_LINK_UNKNOWN);
	decode_close(d);
}

static void
tags_are_followed_and_the_first_three_kept(void **unused)
{
	static const uint16_t types[] = { 0x8100, 0x88a8, 0x9100, 0x9200 };
	struct buf f;

	(void)unused;
	for (size_t i = 0; i < 4; i++) {
		plain(&f);
		tag(&f, 0x0800, 0x2064);
		ether(&f, types[i]);
		gives_the_sample(&f, LINK_ETHERNET);
		assert_int_equal(seen.p.n_vlan, 1);
		assert_int_equal(seen.p.vlan[0], 0x64);
		assert_int_equal(counters.v[CNT_DEC_VLAN], 1);
	}
	plain(&f);
	tag(&f, 0x0800, 4);
	tag(&f, 0x8100, 3);
	tag(&f, 0x8100, 2);
	tag(&f, 0x8100, 1);
	tag(&f, 0x8100, 0);	/* a priority tag has no VLAN */
	ether(&f, 0x88a8);
	gives_the_sample(&f, LINK_ETHERNET);
	assert_int_equal(seen.p.n_vlan, 3);
	assert_int_equal(seen.p.vlan[0], 1);
	assert_int_equal(seen.p.vlan[2], 3);
	assert_int_equal(counters.v[CNT_DEC_QINQINQ], 1);
}

static void
more_layers_than_are_followed_end_in_an_anomaly(void **unused)
{
	struct decoder *d = open_plain();
	struct buf f;

	(void)unused;
	plain(&f);
	tag(&f, 0x0800, 5);
	for (int i = 0; i < 40; i++)
		tag(&f, 0x8100, 5);
	ether(&f, 0x8100);
	feed_at(d, &f, LINK_ETHERNET, 0);
	plain(&f);
	for (int i = 0; i < 40; i++)
		ip4(&f, 4, 1, 0, 64);
	feed_at(d, &f, LINK_RAW, 0);
	f.n = 0;
	for (int i = 0; i < 200; i++)
		ADD(&f, 0, 0, 0x10, 64);
	ether(&f, 0x8847);
	feed_at(d, &f, LINK_ETHERNET, 0);
	assert_int_equal(seen.packets, 0);
	assert_int_equal(seen.anomalies, 3);
	for (int i = 0; i < 3; i++)
		assert_int_equal(seen.ids[i], ANOM_DEC_TOO_DEEP);
	decode_close(d);
}

static void
llc_and_snap_are_told_from_ethernet_ii(void **unused)
{
	struct decoder *d;
	struct buf f;

	(void)unused;
	plain(&f);
	type(&f, 0x0800);
	PUT(&f, 0xaa, 0xaa, 3, 0, 0, 0);
	ether(&f, (uint16_t)f.n);
	gives_the_sample(&f, LINK_ETHERNET);
	f.n = 0;
	ADD(&f, 0x42, 0x42, 3, 0, 0, 0, 0);	/* spanning tree */
	ether(&f, (uint16_t)f.n);
	d = open_plain();
	feed_at(d, &f, LINK_ETHERNET, 0);
	assert_int_equal(seen.packets, 1);
	assert_int_equal(seen.p.ip_v, 0);
	assert_int_equal(seen.p.ether_type, 0);
	decode_close(d);
}

static void
what_is_not_ip_goes_on_with_its_type(void **unused)
{
	static const uint16_t types[] = { 0x0806, 0x88cc, 0x88b8, 0x8892, 0x88fb };
	struct decoder *d = open_plain();
	struct buf f;

	(void)unused;
	for (size_t i = 0; i < 5; i++) {
		f.n = 0;
		ADD(&f, 1, 2, 3, 4);
		ether(&f, types[i]);
		feed_at(d, &f, LINK_ETHERNET, 0);
		assert_int_equal(seen.packets, i + 1);
		assert_int_equal(seen.p.ip_v, 0);
		assert_int_equal(seen.p.ether_type, types[i]);
		assert_non_null(seen.p.mac_src);
		assert_null(seen.p.payload);
	}
	assert_int_equal(counters.v[CNT_DEC_ARP], 1);
	assert_int_equal(counters.v[CNT_DEC_UNKNOWN_TYPE], 3);
	assert_int_equal(counters.v[CNT_DEC_SUPERVISION], 1);
	decode_close(d);
}

static void
prp_trailers_are_taken_off_only_when_the_size_fits(void **unused)
{
	static const uint8_t zeros[40];
	struct decoder *d;
	struct buf f;
	size_t size;

	(void)unused;
	for (int fcs = 0; fcs < 2; fcs++) {
		plain(&f);
		f.b[2] = f.b[3] = 0;	/* length 0: the frame's end counts */
		size = f.n + 6;
		ADD(&f, 0, 9, (uint8_t)(0xa0 | size >> 8), LO(size), 0x88, 0xfb);
		if (fcs)
			ADD(&f, 1, 2, 3, 4);
		ether(&f, 0x0800);
		gives_the_sample(&f, LINK_ETHERNET);
		assert_true(seen.p.flags & PKT_PRP_A);
		assert_int_equal(counters.v[CNT_DEC_PRP], 1);
	}
	/* Tagged, then lane B; the size leaves the tag out, or counts it. */
	for (unsigned counted = 0; counted < 2; counted++) {
		plain(&f);
		f.b[2] = f.b[3] = 0;
		size = f.n + 6 + 4 * counted;
		ADD(&f, 0, 9, (uint8_t)(0xb0 | size >> 8), LO(size), 0x88, 0xfb);
		tag(&f, 0x0800, 5);
		ether(&f, 0x8100);
		gives_the_sample(&f, LINK_ETHERNET);
		assert_true(seen.p.flags & PKT_PRP_B);
	}
	/* Padded behind the trailer. */
	f.n = 0;
	ADD(&f, 1, 2, 3, 4);
	ip4(&f, 99, 1, 0, 64);
	f.b[2] = f.b[3] = 0;
	size = f.n + 6;
	ADD(&f, 0, 9, 0xa0, LO(size), 0x88, 0xfb);
	add(&f, zeros, 46 - f.n);
	ether(&f, 0x0800);
	d = open_plain();
	feed_at(d, &f, LINK_ETHERNET, 0);
	assert_int_equal(seen.packets, 1);
	assert_int_equal(seen.p.payload_len, 4);
	assert_true(seen.p.flags & PKT_PRP_A);
	/* A wrong size: payload that only looks like it. */
	f.n = 0;
	ADD(&f, 0, 9, 0xa0, 99, 0x88, 0xfb);
	ip4(&f, 99, 1, 0, 64);
	ether(&f, 0x0800);
	feed_at(d, &f, LINK_ETHERNET, 0);
	assert_int_equal(seen.p.payload_len, 6);
	assert_false(seen.p.flags & PKT_PRP_A);
	decode_close(d);
}

static void
hsr_tags_are_taken_out(void **unused)
{
	struct buf f;

	(void)unused;
	plain(&f);
	type(&f, 0x0800);
	PUT(&f, 0x10, 0x40, 0, 1);
	ether(&f, 0x892f);
	gives_the_sample(&f, LINK_ETHERNET);
	assert_true(seen.p.flags & PKT_HSR);
	assert_int_equal(seen.p.ether_type, 0x0800);
	assert_int_equal(counters.v[CNT_DEC_HSR], 1);
}

static void
mpls_carries_ip_or_ethernet(void **unused)
{
	struct buf f;

	(void)unused;
	plain(&f);
	PUT(&f, 0, 1, 0x11, 64);
	PUT(&f, 0, 1, 0x00, 64);
	ether(&f, 0x8847);
	gives_the_sample(&f, LINK_ETHERNET);
	tcp_seq(&f, 7);
	ip6(&f, 6);
	PUT(&f, 0, 1, 0x11, 64);
	ether(&f, 0x8848);
	gives_the_sample(&f, LINK_ETHERNET);
	for (int word = 0; word < 2; word++)
		for (unsigned first = 0; first < 0x70; first += 2) {
			plain(&f);
			ether(&f, 0x0800);
			f.b[0] = (uint8_t)first;	/* MAC addresses that look like IP */
			f.b[1] = 0x1b;
			if (word)
				PUT(&f, 0, 0, 0, 5);
			PUT(&f, 0, 1, 0x11, 64);
			ether(&f, 0x8847);
			gives_the_sample(&f, LINK_ETHERNET);
			assert_int_equal(counters.v[CNT_DEC_ETHERNET], 2);
		}
}

static void
pppoe_sessions_are_followed(void **unused)
{
	struct buf f;
	size_t n;

	(void)unused;
	plain(&f);
	PUT(&f, 0, 0x21);
	n = f.n;
	PUT(&f, 0x11, 0, 0, 1, HI(n), LO(n));
	ADD(&f, 0, 0, 0);	/* padding */
	ether(&f, 0x8864);
	gives_the_sample(&f, LINK_ETHERNET);
	assert_int_equal(counters.v[CNT_DEC_PPPOE], 1);
}

/* ---- tunnels ---- */

static void
gre_is_followed_with_all_its_fields(void **unused)
{
	struct buf f;
	size_t n;

	(void)unused;
	for (unsigned bits = 0; bits < 8; bits++) {
		plain(&f);
		if (bits & 1)
			PUT(&f, 0, 0, 0, 1);	/* sequence */
		if (bits & 2)
			PUT(&f, 0, 0, 0, 2);	/* key */
		if (bits & 4)
			PUT(&f, 0, 0, 0, 0);	/* checksum */
		type(&f, 0x0800);
		PUT(&f, (uint8_t)((bits & 1) << 4 | (bits & 2) << 4 | (bits & 4) << 5), 0);
		ip4(&f, 47, 1, 0, 64);
		gives_the_sample(&f, LINK_RAW);
		assert_true(seen.p.flags & PKT_TUNNELLED);
		assert_int_equal(counters.v[CNT_DEC_GRE], 1);
	}
	plain(&f);		/* PPTP */
	PUT(&f, 0xff, 3, 0, 0x21);
	n = f.n;
	PUT(&f, 0x30, 0x81, 0x88, 0x0b, HI(n), LO(n), 0, 1, 0, 0, 0, 1, 0, 0, 0, 1);
	ip4(&f, 47, 1, 0, 64);
	gives_the_sample(&f, LINK_RAW);
	plain(&f);		/* NVGRE */
	ether(&f, 0x0800);
	PUT(&f, 0x20, 0, 0x65, 0x58, 0, 0, 1, 0);
	ip4(&f, 47, 1, 0, 64);
	gives_the_sample(&f, LINK_RAW);
}

static void
erspan_of_all_types_is_followed(void **unused)
{
	struct buf f;

	(void)unused;
	plain(&f);
	ether(&f, 0x0800);
	PUT(&f, 0, 0, 0x88, 0xbe);
	ip4(&f, 47, 1, 0, 64);
	gives_the_sample(&f, LINK_RAW);
	plain(&f);
	ether(&f, 0x0800);
	PUT(&f, 0x10, 0x64, 0, 1, 0, 0, 0, 1);
	PUT(&f, 0x10, 0, 0x88, 0xbe, 0, 0, 0, 1);
	ip4(&f, 47, 1, 0, 64);
	gives_the_sample(&f, LINK_RAW);
	assert_int_equal(seen.p.n_vlan, 1);
	assert_int_equal(seen.p.vlan[0], 0x64);
	assert_int_equal(counters.v[CNT_DEC_ERSPAN], 1);
	for (int sub = 0; sub < 2; sub++) {
		plain(&f);
		ether(&f, 0x0800);
		if (sub)
			PUT(&f, 1, 2, 3, 4, 5, 6, 7, 8);
		PUT(&f, 0x20, 0x64, 0, 1, 0, 0, 0, 1, 0, 0, 0, (uint8_t)sub);
		PUT(&f, 0x10, 0, 0x22, 0xeb, 0, 0, 0, 1);
		ip4(&f, 47, 1, 0, 64);
		gives_the_sample(&f, LINK_RAW);
	}
}

static void
tunnels_over_udp_are_followed(void **unused)
{
	struct decoder *d;
	struct buf f;

	(void)unused;
	plain(&f);
	ether(&f, 0x0800);
	PUT(&f, 8, 0, 0, 0, 0, 0, 5, 0);
	udp(&f, 4789);
	ip4(&f, 17, 1, 0, 64);
	gives_the_sample(&f, LINK_RAW);
	assert_int_equal(counters.v[CNT_DEC_VXLAN], 1);
	plain(&f);
	ether(&f, 0x0800);
	PUT(&f, 1, 2, 0, 1, 9, 9, 9, 9);	/* an option */
	PUT(&f, 2, 0, 0x65, 0x58, 0, 0, 5, 0);
	udp(&f, 6081);
	ip4(&f, 17, 1, 0, 64);
	gives_the_sample(&f, LINK_RAW);
	assert_int_equal(counters.v[CNT_DEC_GENEVE], 1);
	/* The port alone does not make a tunnel. */
	f.n = 0;
	ADD(&f, 'h', 'e', 'l', 'l', 'o', 0, 0, 0);
	udp(&f, 4789);
	ip4(&f, 17, 1, 0, 64);
	d = open_plain();
	feed_at(d, &f, LINK_RAW, 0);
	assert_int_equal(seen.packets, 1);
	assert_int_equal(seen.p.dport, 4789);
	assert_int_equal(seen.p.payload_len, 8);
	decode_close(d);
}

static void
ip_in_ip_is_followed(void **unused)
{
	struct buf f;

	(void)unused;
	plain(&f);
	ip4(&f, 4, 1, 0, 64);
	gives_the_sample(&f, LINK_RAW);
	tcp_seq(&f, 7);
	ip6(&f, 6);
	ip4(&f, 41, 1, 0, 64);
	gives_the_sample(&f, LINK_RAW);
	plain(&f);
	ip6(&f, 4);
	gives_the_sample(&f, LINK_RAW);
}

/* ---- IP ---- */

static void
padding_ends_with_the_ip_length(void **unused)
{
	struct buf f;

	(void)unused;
	plain(&f);
	ADD(&f, 0xde, 0xad, 0xbe, 0xef, 1, 2, 3);
	ether(&f, 0x0800);
	gives_the_sample(&f, LINK_ETHERNET);
	plain(&f);
	f.b[2] = f.b[3] = 0;	/* TSO */
	ether(&f, 0x0800);
	gives_the_sample(&f, LINK_ETHERNET);
}

static void
ipv6_extension_headers_are_passed(void **unused)
{
	struct decoder *d;
	struct buf f;

	(void)unused;
	tcp_seq(&f, 7);
	PUT(&f, 6, 4, 0, 0, 0, 0, 0, 1, 0, 0, 0, 1, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1, 2);	/* AH */
	PUT(&f, 51, 0, 0, 0, 0, 0, 0, 7);		/* atomic fragment */
	PUT(&f, 44, 0, 1, 4, 0, 0, 0, 0);		/* destination options */
	PUT(&f, 60, 0, 0, 0, 0, 0, 0, 0);		/* routing */
	PUT(&f, 43, 0, 5, 2, 0, 0, 1, 0);		/* hop-by-hop */
	ip6(&f, 0);
	gives_the_sample(&f, LINK_RAW);
	assert_int_equal(seen.p.ip_v, 6);
	d = open_plain();
	tcp_seq(&f, 7);
	PUT(&f, 6, 0, 1, 4, 0, 0, 0, 0);
	for (int i = 0; i < 20; i++)
		PUT(&f, 60, 0, 1, 4, 0, 0, 0, 0);
	ip6(&f, 60);
	feed_at(d, &f, LINK_RAW, 0);
	assert_int_equal(seen.packets, 0);
	assert_int_equal(seen.ids[0], ANOM_DEC_IP6_EXT);
	decode_close(d);
}

static void
a_header_without_payload_ends_where_it_ends(void **unused)
{
	struct decoder *d = open_plain();
	struct buf f;

	(void)unused;
	f.n = 0;
	ip4(&f, 99, 1, 0, 64);
	feed_at(d, &f, LINK_RAW, 0);
	assert_int_equal(seen.packets, 1);
	assert_int_equal(seen.p.l3_len, 20);
	assert_int_equal(seen.p.payload_len, 0);
	f.n = 0;
	ip6(&f, 59);
	feed_at(d, &f, LINK_RAW, 0);
	assert_int_equal(seen.packets, 2);
	assert_int_equal(seen.p.l3_len, 40);
	decode_close(d);
}

static void
impossible_headers_are_reported(void **unused)
{
	static const struct {
		unsigned	at;
		uint8_t		value;
		enum anomaly_id	id;
	} t[] = {
		{ 0, 0x55, ANOM_DEC_IP_VERSION },
		{ 0, 0x44, ANOM_DEC_IP_HEADER_LEN },
		{ 3, 19, ANOM_DEC_IP_LEN },
		{ 32, 0x40, ANOM_DEC_TCP_HEADER_LEN },
		{ 32, 0xf0, ANOM_DEC_TCP_HEADER_LEN },
	};
	struct decoder *d;
	struct buf f;

	(void)unused;
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		d = open_plain();
		plain(&f);
		f.b[t[i].at] = t[i].value;
		feed_at(d, &f, LINK_RAW, 0);
		assert_int_equal(seen.packets, 0);
		assert_int_equal(seen.anomalies, 1);
		assert_int_equal(seen.ids[0], t[i].id);
		assert_int_equal(counters.v[CNT_DEC_INVALID], 1);
		decode_close(d);
	}
	d = open_plain();
	f.n = 0;
	ADD(&f, 1, 2, 3, 4);
	udp(&f, 502);
	f.b[5] = 99;
	ip4(&f, 17, 1, 0, 64);
	feed_at(d, &f, LINK_RAW, 0);
	assert_int_equal(seen.ids[0], ANOM_DEC_UDP_LEN);
	decode_close(d);
}

static void
a_frame_cut_by_the_snap_length_keeps_its_wire_length(void **unused)
{
	struct decoder *d = open_plain();
	struct frame fr;
	struct buf f;

	(void)unused;
	plain(&f);
	f.n -= 5;
	fr = frame_of(&f, LINK_RAW, 0);
	fr.wire_len += 5;
	decode_frame(d, &fr);
	assert_int_equal(seen.packets, 1);
	assert_int_equal(seen.anomalies, 0);
	assert_int_equal(seen.p.payload_len, sizeof(modbus) - 5);
	assert_int_equal(seen.p.payload_wire, sizeof(modbus));
	assert_int_equal(seen.p.wire_len, f.n + 5);
	assert_true(seen.p.flags & PKT_CUT);
	assert_int_equal(counters.v[CNT_DEC_CUT], 1);
	/* The same without a snap length: the IP length is a lie, and said to be. */
	fr.wire_len -= 5;
	decode_frame(d, &fr);
	assert_int_equal(seen.packets, 2);
	assert_int_equal(seen.anomalies, 1);
	assert_int_equal(seen.ids[0], ANOM_DEC_IP_LEN);
	assert_int_equal(seen.p.payload_wire, sizeof(modbus));
	decode_close(d);
}

static void
wrong_checksums_are_dropped_when_asked_for(void **unused)
{
	struct decode_settings s = { .checksums = CHECKSUM_ALL, .defrag_datagrams = 4,
	    .defrag_timeout_s = 30 };
	struct decoder *d = open_with(s);
	struct buf f;

	(void)unused;
	plain(&f);
	feed_at(d, &f, LINK_RAW, 0);
	is_the_sample();
	f.b[8]++;
	feed_at(d, &f, LINK_RAW, 0);
	assert_int_equal(seen.packets, 1);
	assert_int_equal(seen.ids[0], ANOM_DEC_IP_SUM);
	plain(&f);
	f.b[f.n - 1]++;
	feed_at(d, &f, LINK_RAW, 0);
	assert_int_equal(seen.packets, 1);
	assert_int_equal(seen.ids[1], ANOM_DEC_L4_SUM);
	assert_int_equal(counters.v[CNT_DEC_IP_SUM], 1);
	assert_int_equal(counters.v[CNT_DEC_L4_SUM], 1);
	decode_close(d);
	d = open_plain();
	feed_at(d, &f, LINK_RAW, 0);
	assert_int_equal(seen.packets, 1);
	assert_int_equal(seen.anomalies, 0);
	decode_close(d);
}

/* ---- fragments ---- */

static void
piece(struct buf *f, const struct buf *whole, size_t from, size_t to, bool more, uint16_t id)
{
	f->n = 0;
	add(f, whole->b + from, to - from);
	ip4(f, 6, id, (uint16_t)(from / 8 | (more ? 0x2000 : 0)), 64);
}

static void
piece6(struct buf *f, const struct buf *whole, size_t from, size_t to, bool more)
{
	f->n = 0;
	add(f, whole->b + from, to - from);
	PUT(f, 6, 0, HI(from), (uint8_t)(LO(from) | (more ? 1 : 0)), 0, 0, 0, 77);
	ip6(f, 44);
}

static void
fragments_in_any_order_give_the_datagram(void **unused)
{
	static const unsigned orders[6][3] = { { 0, 1, 2 }, { 0, 2, 1 }, { 1, 0, 2 }, { 1, 2, 0 },
	    { 2, 0, 1 }, { 2, 1, 0 } };
	static const size_t cuts[4] = { 0, 8, 24, 32 };
	struct buf whole, f;

	(void)unused;
	tcp_seq(&whole, 7);
	for (unsigned o = 0; o < 6; o++)
		for (unsigned v = 4; v <= 6; v += 2) {
			struct decoder *d = open_with((struct decode_settings){
			    .checksums = CHECKSUM_ALL, .defrag_datagrams = 4,
			    .defrag_timeout_s = 30 });

			for (unsigned i = 0; i < 3; i++) {
				unsigned k = orders[o][i];

				if (v == 4)
					piece(&f, &whole, cuts[k], cuts[k + 1], k < 2, 5);
				else
					piece6(&f, &whole, cuts[k], cuts[k + 1], k < 2);
				assert_int_equal(seen.packets, 0);
				feed_at(d, &f, LINK_RAW, i);
			}
			if (v == 6) {	/* the checksum is that of the IPv4 sample */
				assert_int_equal(counters.v[CNT_DEC_L4_SUM], 1);
				assert_int_equal(counters.v[CNT_DEFRAG_V6_DONE], 1);
				decode_close(d);
				continue;
			}
			assert_int_equal(seen.packets, 1);
			assert_true(seen.p.flags & PKT_REBUILT);
			assert_memory_equal(seen.payload, modbus, sizeof(modbus));
			assert_int_equal(seen.p.dport, 502);
			assert_int_equal(seen.p.l3_len, 52);
			assert_int_equal(counters.v[CNT_DEFRAG_V4_DONE], 1);
			assert_int_equal(counters.v[CNT_DEFRAG_V4], 3);
			decode_close(d);
		}
}

static void
contradictory_fragments_are_reported_and_the_first_wins(void **unused)
{
	struct decoder *d = open_plain();
	struct buf whole, f;

	(void)unused;
	tcp_seq(&whole, 7);
	piece(&f, &whole, 0, 24, true, 5);
	feed_at(d, &f, LINK_RAW, 0);
	feed_at(d, &f, LINK_RAW, 0);		/* the same again contradicts nothing */
	assert_int_equal(seen.anomalies, 0);
	assert_int_equal(counters.v[CNT_DEFRAG_OVERLAP], 1);
	memset(whole.b + 20, 0xee, 4);
	piece(&f, &whole, 16, 32, false, 5);
	feed_at(d, &f, LINK_RAW, 0);
	assert_int_equal(seen.packets, 1);
	assert_int_equal(seen.anomalies, 1);
	assert_int_equal(seen.ids[0], ANOM_DEC_FRAG_OVERLAP);
	assert_memory_equal(seen.payload, modbus, sizeof(modbus));
	decode_close(d);
}

static void
a_second_end_is_a_contradiction(void **unused)
{
	struct decoder *d = open_plain();
	struct buf whole, f;

	(void)unused;
	tcp_seq(&whole, 7);
	piece(&f, &whole, 24, 32, false, 5);
	feed_at(d, &f, LINK_RAW, 0);
	piece(&f, &whole, 8, 16, false, 5);
	feed_at(d, &f, LINK_RAW, 0);
	piece(&f, &whole, 0, 24, true, 5);
	feed_at(d, &f, LINK_RAW, 0);
	assert_int_equal(seen.packets, 1);
	assert_memory_equal(seen.payload, modbus, sizeof(modbus));
	decode_close(d);
}

static void
too_large_and_tiny_fragments_are_reported(void **unused)
{
	struct decoder *d = open_plain();
	struct buf f;

	(void)unused;
	f.n = 0;
	ADD(&f, 1, 2, 3, 4, 5, 6, 7, 8);
	ip4(&f, 17, 5, 0x1fff, 64);
	feed_at(d, &f, LINK_RAW, 0);
	assert_int_equal(seen.ids[0], ANOM_DEC_FRAG_TOO_BIG);
	f.n = 0;
	ADD(&f, 1, 2, 3, 4, 5, 6, 7, 8);
	ip4(&f, 6, 6, 0x2000, 64);
	feed_at(d, &f, LINK_RAW, 0);
	assert_int_equal(seen.ids[1], ANOM_DEC_FRAG_TINY);
	decode_close(d);
}

static void
the_largest_datagram_fits(void **unused)
{
	static struct buf whole, f;
	struct decoder *d = open_plain();
	size_t n = 65535 - 20, step = 1480;

	(void)unused;
	for (whole.n = 0; whole.n < n; whole.n++)
		whole.b[whole.n] = (uint8_t)(whole.n * 7);
	for (size_t at = 0; at < n; at += step) {
		f.n = 0;
		add(&f, whole.b + at, n - at < step ? n - at : step);
		ip4(&f, 99, 5, (uint16_t)(at / 8 | (n - at > step ? 0x2000 : 0)), 64);
		feed_at(d, &f, LINK_RAW, 0);
	}
	assert_int_equal(seen.packets, 1);
	assert_int_equal(seen.p.payload_len, n);
	assert_memory_equal(seen.payload, whole.b, n);
	decode_close(d);
}

static void
incomplete_datagrams_time_out_and_make_room(void **unused)
{
	struct decoder *d = open_plain();
	struct buf whole, f;

	(void)unused;
	tcp_seq(&whole, 7);
	for (uint16_t id = 0; id < 6; id++) {
		piece(&f, &whole, 0, 24, true, id);
		feed_at(d, &f, LINK_RAW, id);
	}
	assert_int_equal(counters.v[CNT_DEFRAG_EVICTED], 2);
	piece(&f, &whole, 24, 32, false, 2);	/* 0 and 1 had to go, 2 is still there */
	feed_at(d, &f, LINK_RAW, 7);
	assert_int_equal(seen.packets, 1);
	decode_tick(d, 30000 * MS);
	assert_int_equal(counters.v[CNT_DEFRAG_TIMEOUT], 0);
	decode_tick(d, 30001 * MS);
	assert_int_equal(counters.v[CNT_DEFRAG_TIMEOUT], 3);
	assert_int_equal(seen.anomalies, 3);
	assert_int_equal(seen.ids[0], ANOM_DEC_FRAG_TIMEOUT);
	decode_close(d);
}

static void
a_fragmented_tunnel_may_carry_fragments(void **unused)
{
	struct decoder *d = open_plain();
	struct buf whole, inner, f;

	(void)unused;
	tcp_seq(&whole, 7);
	for (unsigned half = 0; half < 2; half++) {
		piece(&inner, &whole, half == 0 ? 0 : 24, half == 0 ? 24 : 32, half == 0, 5);
		for (unsigned part = 0; part < 2; part++) {
			f.n = 0;
			add(&f, inner.b + part * 16, part == 0 ? 16 : inner.n - 16);
			ip4(&f, 4, (uint16_t)(9 + half), part == 0 ? 0x2000 : 2, 64);
			feed_at(d, &f, LINK_RAW, 0);
		}
	}
	assert_int_equal(seen.packets, 1);
	assert_memory_equal(seen.payload, modbus, sizeof(modbus));
	assert_int_equal(counters.v[CNT_DEFRAG_V4_DONE], 3);
	decode_close(d);
}

/* ---- frames seen twice ---- */

static void
copies_by_vlan_router_prp_and_mirror_are_dropped(void **unused)
{
	struct decoder *d = open_dedup();
	struct buf f;
	size_t size;

	(void)unused;
	plain(&f);
	ether(&f, 0x0800);
	feed_at(d, &f, LINK_ETHERNET, 100 * MS);
	feed_at(d, &f, LINK_ETHERNET, 100 * MS + 5000);		/* both directions */
	plain(&f);
	tag(&f, 0x0800, 7);
	ether(&f, 0x8100);
	feed_at(d, &f, LINK_ETHERNET, 100 * MS + 6000);		/* another VLAN */
	tcp_seq(&f, 7);
	ip4(&f, 6, 0x1234, 0x4000, 63);
	PUT(&f, 2, 9, 9, 9, 9, 2, 2, 9, 9, 9, 9, 1, 8, 0);
	feed_at(d, &f, LINK_ETHERNET, 101 * MS);		/* routed */
	assert_int_equal(seen.packets, 1);
	assert_int_equal(counters.v[CNT_DEC_DUPLICATES], 3);
	for (unsigned lan = 0xa; lan <= 0xb; lan++) {		/* PRP twins, 15 ms apart */
		tcp_seq(&f, 8);
		ip4(&f, 6, 0x1235, 0x4000, 64);
		size = f.n + 6;
		ADD(&f, 0, 9, (uint8_t)(lan << 4 | size >> 8), LO(size), 0x88, 0xfb);
		ether(&f, 0x0800);
		feed_at(d, &f, LINK_ETHERNET, 200 * MS + (lan - 0xa) * 15 * MS);
	}
	assert_int_equal(seen.packets, 2);
	assert_int_equal(counters.v[CNT_DEC_DUPLICATES], 4);
	decode_close(d);
}

static void
retransmissions_are_not_copies(void **unused)
{
	struct decoder *d = open_dedup();
	struct buf f;

	(void)unused;
	tcp_seq(&f, 7);
	ip4(&f, 6, 1, 0x4000, 64);
	ether(&f, 0x0800);
	feed_at(d, &f, LINK_ETHERNET, 100 * MS);
	tcp_seq(&f, 7);			/* the same segment has another identification */
	ip4(&f, 6, 2, 0x4000, 64);
	ether(&f, 0x0800);
	feed_at(d, &f, LINK_ETHERNET, 100 * MS + 1000);
	assert_int_equal(seen.packets, 2);
	feed_at(d, &f, LINK_ETHERNET, 103 * MS);	/* the window is over */
	assert_int_equal(seen.packets, 3);
	tcp_seq(&f, 7);			/* no identification: a quarter of the window */
	ip4(&f, 6, 0, 0x4000, 64);
	ether(&f, 0x0800);
	feed_at(d, &f, LINK_ETHERNET, 200 * MS);
	feed_at(d, &f, LINK_ETHERNET, 200 * MS + 400000);
	assert_int_equal(seen.packets, 4);
	feed_at(d, &f, LINK_ETHERNET, 201 * MS);
	assert_int_equal(seen.packets, 5);
	assert_int_equal(counters.v[CNT_DEC_DUPLICATES], 1);
	decode_close(d);
}

static void
copies_of_fragments_do_not_begin_datagrams(void **unused)
{
	struct decoder *d = open_dedup();
	struct buf whole, f;

	(void)unused;
	tcp_seq(&whole, 7);
	for (unsigned half = 0; half < 2; half++) {
		piece(&f, &whole, half == 0 ? 0 : 24, half == 0 ? 24 : 32, half == 0, 5);
		feed_at(d, &f, LINK_RAW, MS);
		feed_at(d, &f, LINK_RAW, MS + 9000);
	}
	decode_tick(d, 99000 * MS);
	assert_int_equal(seen.packets, 1);
	assert_int_equal(seen.anomalies, 0);
	assert_int_equal(counters.v[CNT_DEC_DUPLICATES], 2);
	decode_close(d);
}

static void
a_full_table_forgets_the_oldest_and_says_so(void **unused)
{
	struct decoder *d = open_dedup();
	struct buf f;

	(void)unused;
	for (uint16_t id = 1; id <= 200; id++) {
		tcp_seq(&f, 7);
		ip4(&f, 6, id, 0x4000, 64);
		feed_at(d, &f, LINK_RAW, MS + id);
	}
	assert_int_equal(seen.packets, 200);
	assert_true(counters.v[CNT_DEC_DEDUP_FULL] >= 136);
	decode_close(d);
}

/* The key of the prints is another in every run; what is counted is not. */
static void
a_nearly_full_table_forgets_the_same_in_every_run(void **unused)
{
	uint64_t first = 0;

	(void)unused;
	for (unsigned run = 0; run < 8; run++) {
		struct decoder *d = open_dedup();
		struct buf f;

		for (uint16_t id = 1; id <= 60; id++) {
			tcp_seq(&f, (uint8_t)id);
			ip4(&f, 6, id, 0x4000, 64);
			feed_at(d, &f, LINK_RAW, MS + id);
		}
		if (run == 0)
			first = counters.v[CNT_DEC_DEDUP_FULL];
		assert_in_range(first, 1, 30);
		assert_int_equal(counters.v[CNT_DEC_DEDUP_FULL], first);
		decode_close(d);
	}
}

static void
memory_is_bounded_and_told(void **unused)
{
	struct decoder *d = open_with((struct decode_settings){ .dedup = true,
	    .dedup_window_us = 2000, .dedup_slots = 16384, .defrag_datagrams = 64,
	    .defrag_timeout_s = 30 });

	(void)unused;
	assert_true(decode_memory(d) > 64 * 65536u);
	assert_true(decode_memory(d) < 8u << 20);
	decode_close(d);
	decode_close(NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_link_type_leads_to_ip),
		cmocka_unit_test(an_unknown_link_type_is_counted_and_told_once),
		cmocka_unit_test(tags_are_followed_and_the_first_three_kept),
		cmocka_unit_test(more_layers_than_are_followed_end_in_an_anomaly),
		cmocka_unit_test(llc_and_snap_are_told_from_ethernet_ii),
		cmocka_unit_test(what_is_not_ip_goes_on_with_its_type),
		cmocka_unit_test(prp_trailers_are_taken_off_only_when_the_size_fits),
		cmocka_unit_test(hsr_tags_are_taken_out),
		cmocka_unit_test(mpls_carries_ip_or_ethernet),
		cmocka_unit_test(pppoe_sessions_are_followed),
		cmocka_unit_test(gre_is_followed_with_all_its_fields),
		cmocka_unit_test(erspan_of_all_types_is_followed),
		cmocka_unit_test(tunnels_over_udp_are_followed),
		cmocka_unit_test(ip_in_ip_is_followed),
		cmocka_unit_test(padding_ends_with_the_ip_length),
		cmocka_unit_test(ipv6_extension_headers_are_passed),
		cmocka_unit_test(a_header_without_payload_ends_where_it_ends),
		cmocka_unit_test(impossible_headers_are_reported),
		cmocka_unit_test(a_frame_cut_by_the_snap_length_keeps_its_wire_length),
		cmocka_unit_test(wrong_checksums_are_dropped_when_asked_for),
		cmocka_unit_test(fragments_in_any_order_give_the_datagram),
		cmocka_unit_test(contradictory_fragments_are_reported_and_the_first_wins),
		cmocka_unit_test(a_second_end_is_a_contradiction),
		cmocka_unit_test(too_large_and_tiny_fragments_are_reported),
		cmocka_unit_test(the_largest_datagram_fits),
		cmocka_unit_test(incomplete_datagrams_time_out_and_make_room),
		cmocka_unit_test(a_fragmented_tunnel_may_carry_fragments),
		cmocka_unit_test(copies_by_vlan_router_prp_and_mirror_are_dropped),
		cmocka_unit_test(retransmissions_are_not_copies),
		cmocka_unit_test(copies_of_fragments_do_not_begin_datagrams),
		cmocka_unit_test(a_full_table_forgets_the_oldest_and_says_so),
		cmocka_unit_test(a_nearly_full_table_forgets_the_same_in_every_run),
		cmocka_unit_test(memory_is_bounded_and_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
