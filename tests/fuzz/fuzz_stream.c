/* fuzz_stream.c - any packets of a few flows: the promises of stream.h hold.
 *
 * The input is a list of instructions of 8 bytes and more; each makes one
 * packet or moves the clock.  Sequence numbers stay near those of the flow
 * most of the time, because random ones never meet.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/cursor.h"
#include "stream/stream.h"

#define FLOWS 12u
#define CHECK(x) do { if (!(x)) abort(); } while (0)

/* What a flow's dissection stands for here. */
struct seen {
	uint64_t	delivered[2], lost[2];
	const struct flow *flow;
	int		open;
};

struct check {
	struct seen	seen[4 * FLOWS];
	struct counters	c;
	uint64_t	gaps;
	struct stream	*st;
};

/* A flow must not be named after its end, nor come back under its struct
 * without a new beginning. */
static struct seen *
seen_of(struct check *k, struct flow *f)
{
	struct seen *s = f->dissection;

	if (s == NULL) {
		for (s = k->seen; s->open; s++)
			CHECK(s < k->seen + 4 * FLOWS - 1);
		memset(s, 0, sizeof(*s));
		s->open = 1;
		s->flow = f;
		f->dissection = s;
	}
	CHECK(s->open && s->flow == f);
	return s;
}

static void
on_data(void *arg, struct flow *f, enum flow_dir dir, const uint8_t *p, uint32_t n,
    const struct stream_at *at)
{
	struct check *k = arg;
	struct seen *s = seen_of(k, f);
	char id[COMMUNITY_ID_MAX];
	volatile uint8_t sum = 0;

	(void)at;
	CHECK(n > 0 && f->proto == IP_TCP);
	for (uint32_t i = 0; i < n; i++)
		sum = (uint8_t)(sum + p[i]);
	s->delivered[dir] += n;
	CHECK(s->delivered[dir] == f->payload[dir]);
	stream_community_id(f, 0, id);
	if (n == 7)
		f->protocol = protocols[OP_MODBUS];
}

static void
on_gap(void *arg, struct flow *f, enum flow_dir dir, uint64_t lost, const struct stream_at *at)
{
	struct check *k = arg;
	struct seen *s = seen_of(k, f);

	(void)at;
	CHECK(lost > 0);
	s->lost[dir] += lost;
	/* What only an ACK says is told at once and counted later, or never. */
	CHECK(s->lost[dir] >= f->lost[dir]);
	k->gaps++;
}

static void
on_datagram(void *arg, struct flow *f, enum flow_dir dir, const uint8_t *p, uint32_t n, bool cut,
    const struct stream_at *at)
{
	(void)p, (void)n, (void)cut, (void)at, (void)dir;
	CHECK(f->proto == IP_UDP);
	(void)seen_of(arg, f);
}

static void
on_closed(void *arg, struct flow *f, enum flow_end_reason why, uint64_t now_ns)
{
	struct seen *s = f->dissection;

	(void)arg, (void)why, (void)now_ns;
	if (s != NULL) {
		CHECK(s->open && s->flow == f);
		CHECK(s->lost[0] >= f->lost[0] && s->lost[1] >= f->lost[1]);
		s->open = 0;
	}
	f->dissection = NULL;
}

static void
on_anomaly(void *arg, const struct anomaly *a)
{
	(void)arg;
	CHECK(a->id < ANOMALY_COUNT && a->flow != NULL && a->from_end < 2);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static struct check k;
	const struct stream_sink sink = { .data = on_data, .gap = on_gap, .datagram = on_datagram,
	    .closed = on_closed, .anomaly = on_anomaly, .arg = &k };
	struct stream_settings set = { .max_flows = FLOWS, .segment_memory_mib = 1,
	    .flow_window_kib = 64, .gap_wait_ms = 100, .tcp_timeout_s = 60, .tcp_new_timeout_s = 5,
	    .tcp_closed_timeout_s = 2, .udp_timeout_s = 10, .udp_new_timeout_s = 4, .other_timeout_s = 3 };
	struct cursor c = cur_of(data, len);
	uint32_t seq[16][2] = { { 0 } };
	uint64_t now = 1000000000000u, frame = 0;
	size_t memory;

	memset(&k, 0, sizeof(k));
	set.overlap_last_wins = (cur_u8(&c) & 1) != 0;
	k.st = stream_open(&set, &sink, &k.c);
	CHECK(k.st != NULL);
	memory = stream_memory(k.st);
	while (cur_left(&c) >= 8) {
		uint8_t what = cur_u8(&c), flags = cur_u8(&c), far = cur_u8(&c), step = cur_u8(&c);
		int16_t off = (int16_t)cur_be16(&c), ack = (int16_t)cur_be16(&c);
		unsigned flow = what & 15, end = what >> 4 & 1, n = step & 63;
		uint8_t ip[2][4] = { { 10, 0, 0, 1 }, { 10, 0, 0, 2 } };
		struct packet p = { .frame = ++frame, .ip_v = 4, .proto = IP_TCP, .wire_len = 60 };
		uint8_t *own;

		if ((what & 0x60) == 0x60)
			p.proto = (what & 0x80) != 0 ? IP_UDP : IP_ICMP;
		now += (uint64_t)(step >> 6) * ((flags & 0x80) != 0 ? 300000000u : 1000000u);
		if (far == 0xff)
			stream_tick(k.st, now);
		if (far == 0xfe)
			n *= 1000;	/* larger than a segment can be, even */
		p.ts_ns = (what & 0x80) != 0 && now > 5000000 ? now - 5000000 : now;
		p.src = addr_v4(ip[end]);
		p.dst = addr_v4(ip[end ^ 1]);
		p.sport = (uint16_t)(end == 0 ? 4000 + flow : 502);
		p.dport = (uint16_t)(end == 0 ? 502 : 4000 + flow);
		p.tcp_flags = flags & 0x37;
		p.icmp_type = far & 15;
		p.seq = seq[flow][end] + (uint32_t)(off / 16);
		p.ack = seq[flow][end ^ 1] + (uint32_t)(ack / 16);
		if (far > 0xf0 && far < 0xfd)
			p.seq += (uint32_t)far << 24 | (uint32_t)off << 8;
		p.window = (uint16_t)(ack * 3);
		n = n < cur_left(&c) || far == 0xfe ? n : (unsigned)cur_left(&c);
		own = malloc(n > 0 ? n : 1);
		CHECK(own != NULL);
		memset(own, far, n);
		if (far != 0xfe)
			cur_copy(&c, own, n);
		p.payload = own;
		p.payload_len = n;
		p.payload_wire = n + (far >= 0xe0 && far < 0xe8 ? far & 7u : 0);
		if (off >= -64 && off <= 64)
			seq[flow][end] += p.payload_wire + ((flags & (TCP_SYN | TCP_FIN)) != 0);
		stream_packet(k.st, &p);
		free(own);
		CHECK(k.c.v[CNT_FLOW_ACTIVE] <= FLOWS);
	}
	stream_finish(k.st, now + 1);
	CHECK(k.c.v[CNT_FLOW_ACTIVE] == 0);
	for (unsigned i = 0; i < 4 * FLOWS; i++)
		CHECK(!k.seen[i].open);
	CHECK(k.gaps >= k.c.v[CNT_TCP_GAPS]);
	CHECK(stream_memory(k.st) == memory);
	stream_close(k.st);
	return 0;
}
