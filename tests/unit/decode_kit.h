/* decode_kit.h - frames built from the inside out, fed to decode flush against a
 * guard page, and what came out of them. */
#ifndef TESTS_DECODE_KIT_H
#define TESTS_DECODE_KIT_H

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
static uint64_t ip_packets;	/* since the decoder was opened */

/* Frames that did not become a packet of IP. */
static inline uint64_t
ended(const struct counters *c)
{
	uint64_t n = 0;

	for (unsigned i = 0; i < CNT_COUNT; i++)
		if (counter_row((enum counter_id)i)->marks & COUNTER_FRAME)
			n += c->v[i];
	return n;
}

static void
on_packet(void *arg, const struct packet *p)
{
	struct seen *s = arg;
	volatile uint8_t sum = 0;

	s->packets++;
	ip_packets += p->ip_v != 0;
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

static inline struct decoder *
open_with(struct decode_settings s)
{
	struct decode_sink sink = { .packet = on_packet, .anomaly = on_anomaly, .arg = &seen };
	struct decoder *d;

	memset(&seen, 0, sizeof(seen));
	memset(&counters, 0, sizeof(counters));
	ip_packets = 0;
	d = decode_open(&s, &sink, &counters);
	assert_non_null(d);
	return d;
}

static inline struct decoder *
open_plain(void)
{
	return open_with((struct decode_settings){ .checksums = CHECKSUM_NONE,
	    .defrag_datagrams = 4, .defrag_timeout_s = 30 });
}

static inline struct decoder *
open_dedup(void)
{
	return open_with((struct decode_settings){ .checksums = CHECKSUM_NONE, .dedup = true,
	    .dedup_window_us = 2000, .dedup_slots = 64, .defrag_datagrams = 4,
	    .defrag_timeout_s = 30 });
}

/* Every frame that went in has come to exactly one end. */
static inline void
close_decoder(struct decoder *d)
{
	decode_finish(d, 0);
	assert_int_equal(counters.v[CNT_DEC_PACKETS], ended(&counters) + ip_packets);
	decode_close(d);
}

/* ---- frames are built from the inside out ---- */

struct buf {
	uint8_t	b[70000];
	size_t	n;
};

static inline void
put(struct buf *f, const void *data, size_t n)	/* in front of what is there */
{
	assert_true(f->n + n <= sizeof(f->b));
	memmove(f->b + n, f->b, f->n);
	memcpy(f->b, data, n);
	f->n += n;
}

static inline void
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

static inline uint16_t
sum16(uint32_t sum, const uint8_t *b, size_t n)
{
	for (size_t i = 0; i < n; i++)
		sum += i % 2 == 0 ? (uint32_t)b[i] << 8 : b[i];
	while (sum >> 16 != 0)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)~sum;
}

static const uint8_t modbus[] = { 0, 1, 0, 0, 0, 6, 1, 3, 0, 100, 0, 10 };

static inline void
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

static inline void
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

static inline void
ip6(struct buf *f, uint8_t next)
{
	size_t n = f->n;

	PUT(f, 0x60, 0, 0, 0, HI(n), LO(n), next, 64,
	    0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1,
	    0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2);
}

static inline void
udp(struct buf *f, uint16_t dport)
{
	size_t n = f->n + 8;

	PUT(f, 0xc0, 0x01, HI(dport), LO(dport), HI(n), LO(n), 0, 0);
}

static inline void
type(struct buf *f, uint16_t t)
{
	PUT(f, HI(t), LO(t));
}

static inline void
macs(struct buf *f)
{
	PUT(f, 0x02, 0, 0, 0, 0, 2, 0x02, 0, 0, 0, 0, 1);
}

static inline void
ether(struct buf *f, uint16_t t)
{
	type(f, t);
	macs(f);
}

static inline void
tag(struct buf *f, uint16_t inner, uint16_t vid)
{
	type(f, inner);
	PUT(f, HI(vid), LO(vid));
}

/* The sample: Modbus over TCP over IPv4, without a link header. */
static inline void
plain(struct buf *f)
{
	tcp_seq(f, 7);
	ip4(f, 6, 0x1234, 0x4000, 64);
}

static inline struct frame
frame_of(const struct buf *f, uint16_t link, uint64_t ts_ns)
{
	static uint64_t number;

	return (struct frame){ .ts_ns = ts_ns, .number = ++number, .data = guard(f->b, f->n),
	    .cap_len = (uint32_t)f->n, .wire_len = (uint32_t)f->n, .link = link };
}

static inline void
feed_at(struct decoder *d, const struct buf *f, uint16_t link, uint64_t ts_ns)
{
	struct frame fr = frame_of(f, link, ts_ns);

	decode_frame(d, &fr);
}

static inline void
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
static inline void
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
	close_decoder(d);
	seen = whole;
	counters = first;
}

/* An IPv4 fragment: the bytes from..to of `whole`. */
static inline void
piece(struct buf *f, const struct buf *whole, size_t from, size_t to, bool more, uint16_t id)
{
	f->n = 0;
	add(f, whole->b + from, to - from);
	ip4(f, 6, id, (uint16_t)(from / 8 | (more ? 0x2000 : 0)), 64);
}

#endif
