/* stream_fake.h - a sink that writes down what it is told, and packets made of
 * numbers, for the tests of the stream room. */
#ifndef TESTS_STREAM_FAKE_H
#define TESTS_STREAM_FAKE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/str.h"
#include "guard.h"
#include "stream/stream.h"

#define MS 1000000u
#define S (1000u * MS)
#define T0 1000u	/* seconds: when every test begins */

/* A log like "0:GET 1:OK 0:-5 " (bytes, gaps), with "X1 " for an ending. */
struct fake {
	struct stream		*st;
	struct counters		 c;
	struct stream_settings	 set;
	struct strbuf		 log;
	char			 text[1 << 16];
	unsigned		 anomalies[ANOMALY_COUNT];
	unsigned		 ended[4];
	unsigned		 begun;	/* flows that were told of when they began */
	uint64_t		 now_ns, frame;
	uint64_t		 last_id, last_frame;
	const struct flow	*flow;		/* of the last callback but closed */
	void			*claim;		/* hung on every flow that has data */
	const struct protocol	*protocol;
	bool			 quiet;		/* do not log bytes */
	bool			 frames;	/* log the frame with the bytes: "0:GET@4 " */
};

static inline void
fake_data(void *arg, struct flow *f, enum flow_dir dir, const uint8_t *p, uint32_t n,
    const struct stream_at *at)
{
	struct fake *k = arg;

	assert_true(n > 0);
	k->flow = f;
	k->last_id = f->id;
	k->last_frame = at->frame;
	if (k->claim != NULL)
		f->dissection = k->claim;
	if (k->protocol != NULL)
		f->protocol = k->protocol;
	if (!k->quiet)
		strbuf_printf(&k->log, "%d:%.*s", dir, (int)n, (const char *)p);
	if (k->frames)
		strbuf_printf(&k->log, "@%u", (unsigned)at->frame);
	if (!k->quiet)
		strbuf_printf(&k->log, " ");
}

static inline void
fake_gap(void *arg, struct flow *f, enum flow_dir dir, uint64_t lost, const struct stream_at *at)
{
	struct fake *k = arg;

	(void)at;
	k->flow = f;
	strbuf_printf(&k->log, "%d:-%llu ", dir, (unsigned long long)lost);
}

static inline void
fake_datagram(void *arg, struct flow *f, enum flow_dir dir, const uint8_t *p, uint32_t n, bool cut,
    const struct stream_at *at)
{
	struct fake *k = arg;

	(void)at;
	k->flow = f;
	k->last_id = f->id;
	if (k->claim != NULL)
		f->dissection = k->claim;
	if (k->protocol != NULL)
		f->protocol = k->protocol;
	strbuf_printf(&k->log, "%d:<%.*s%s> ", dir, (int)n, (const char *)p, cut ? "..." : "");
}

static inline void
fake_begun(void *arg, struct flow *f)
{
	struct fake *k = arg;

	(void)f;
	k->begun++;
}

static inline void
fake_closed(void *arg, struct flow *f, enum flow_end_reason why, uint64_t now_ns)
{
	struct fake *k = arg;

	(void)now_ns;
	f->dissection = NULL;
	k->ended[why]++;
	k->last_id = f->id;
	strbuf_printf(&k->log, "X%d ", why);
}

static inline void
fake_anomaly(void *arg, const struct anomaly *a)
{
	struct fake *k = arg;

	k->anomalies[a->id]++;
}

static inline struct stream_settings
fake_settings(void)
{
	return (struct stream_settings){ .max_flows = 64, .segment_memory_mib = 1,
	    .flow_window_kib = 128, .gap_wait_ms = 1000, .tcp_timeout_s = 3600,
	    .tcp_new_timeout_s = 60, .tcp_closed_timeout_s = 10, .udp_timeout_s = 300,
	    .udp_new_timeout_s = 30, .other_timeout_s = 60 };
}

static inline void
fake_open(struct fake *k, const struct stream_settings *set)
{
	const struct stream_sink sink = { .data = fake_data, .gap = fake_gap, .datagram = fake_datagram,
	    .closed = fake_closed, .anomaly = fake_anomaly, .arg = k, .begun = fake_begun };

	memset(k, 0, sizeof(*k));
	k->set = set != NULL ? *set : fake_settings();
	k->log = strbuf_on(k->text, sizeof(k->text));
	k->now_ns = (uint64_t)T0 * S;
	k->st = stream_open(&k->set, &sink, &k->c);
	assert_non_null(k->st);
}

static inline void
fake_close(struct fake *k)
{
	stream_close(k->st);
	k->st = NULL;
}

/* What was logged since the last time. */
static inline const char *
fake_log(struct fake *k)
{
	static char copy[1 << 16];

	memcpy(copy, k->text, sizeof(copy));
	k->log = strbuf_on(k->text, sizeof(k->text));
	return copy;
}

#define SAYS(k, text) assert_string_equal(fake_log(k), text)

/* Ends of the usual conversation: client 10.0.0.1:40000, server 10.0.0.2:502. */
static inline struct packet
fake_packet(struct fake *k, unsigned end, uint8_t proto)
{
	static const uint8_t ip[2][4] = { { 10, 0, 0, 1 }, { 10, 0, 0, 2 } };
	static const uint16_t port[2] = { 40000, 502 };

	return (struct packet){ .ts_ns = k->now_ns, .frame = ++k->frame, .wire_len = 60,
	    .src = addr_v4(ip[end]), .dst = addr_v4(ip[end ^ 1]), .sport = port[end],
	    .dport = port[end ^ 1], .ip_v = 4, .proto = proto, .window = 8192 };
}

/* One segment; `ack` 0: no ACK flag.  Time moves on by 1 ms first. */
static inline void
seg(struct fake *k, unsigned end, uint8_t flags, uint32_t seq, uint32_t ack, const char *bytes)
{
	struct packet p;

	k->now_ns += MS;
	p = fake_packet(k, end, IP_TCP);
	p.tcp_flags = (uint8_t)(flags | (ack != 0 ? TCP_ACK : 0));
	p.seq = seq;
	p.ack = ack;
	p.payload_len = p.payload_wire = (uint32_t)strlen(bytes);
	p.payload = guard(bytes, p.payload_len);
	stream_packet(k->st, &p);
}

/* Handshake with client ISN 999 and server ISN 4999: bytes begin at 1000, 5000. */
static inline void
handshake(struct fake *k)
{
	seg(k, 0, TCP_SYN, 999, 0, "");
	seg(k, 1, TCP_SYN, 4999, 1000, "");
	seg(k, 0, 0, 1000, 5000, "");
}

static inline void
pass(struct fake *k, uint64_t ns)
{
	k->now_ns += ns;
	stream_tick(k->st, k->now_ns);
}

#endif
