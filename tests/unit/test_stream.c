/* Unit tests of stream: TCP order, gaps, overlaps. */
#include "stream_fake.h"

static void
bytes_in_order_pass_at_once(void **unused)
{
	struct fake k;

	(void)unused;
	fake_open(&k, NULL);
	handshake(&k);
	SAYS(&k, "");
	seg(&k, 0, TCP_PSH, 1000, 5000, "req");
	SAYS(&k, "0:req ");
	assert_int_equal(k.last_frame, 4);
	assert_int_equal(k.flow->role_source, ROLE_SYN);
	assert_int_equal(k.flow->client_end, 0);
	assert_int_equal(k.flow->state, FLOW_ESTABLISHED);
	assert_false(k.flow->midstream);
	seg(&k, 1, TCP_PSH, 5000, 1003, "answer");
	SAYS(&k, "1:answer ");
	seg(&k, 0, TCP_FIN, 1003, 5006, "");
	seg(&k, 1, TCP_FIN, 5006, 1004, "");
	seg(&k, 0, 0, 1004, 5007, "");
	SAYS(&k, "");
	assert_int_equal(k.flow->state, FLOW_CLOSED);
	pass(&k, 11 * (uint64_t)S);
	SAYS(&k, "X0 ");
	assert_int_equal(k.c.v[CNT_TCP_GAPS], 0);
	assert_int_equal(k.c.v[CNT_FLOW_ACTIVE], 0);
	fake_close(&k);
}

/* All 24 orders of 4 segments, at every place of the sequence space that matters. */
static void
every_order_of_four_segments_gives_the_same_bytes(void **unused)
{
	static const uint32_t bases[] = { 1000, 0xfffffffau, 0xfffffffeu, 0x7ffffffcu };
	static const char *const part[] = { "ab", "cde", "f", "ghij" };
	static const uint32_t at[] = { 0, 2, 5, 6 };
	struct fake k;

	(void)unused;
	for (unsigned b = 0; b < COUNTOF(bases); b++)
		for (unsigned n = 0; n < 256; n++) {
			unsigned o[4] = { n & 3, n >> 2 & 3, n >> 4 & 3, n >> 6 & 3 }, mask = 0;
			char all[64] = "", *log;

			for (unsigned i = 0; i < 4; i++)
				mask |= 1u << o[i];
			if (mask != 15)
				continue;
			fake_open(&k, NULL);
			seg(&k, 0, TCP_SYN, bases[b] - 1, 0, "");
			for (unsigned i = 0; i < 4; i++)
				seg(&k, 0, 0, bases[b] + at[o[i]], 1, part[o[i]]);
			/* Pieces may have been merged: compare the bytes alone. */
			log = k.text;
			for (char *w = strtok(log, " "); w != NULL; w = strtok(NULL, " ")) {
				assert_memory_equal(w, "0:", 2);
				strcat(all, w + 2);
			}
			assert_string_equal(all, "abcdefghij");
			assert_int_equal(k.c.v[CNT_TCP_GAPS], 0);
			fake_close(&k);
		}
}

static void
retransmissions_are_counted_and_not_repeated(void **unused)
{
	struct fake k;

	(void)unused;
	fake_open(&k, NULL);
	handshake(&k);
	seg(&k, 0, 0, 1000, 5000, "abcd");
	seg(&k, 0, 0, 1000, 5000, "abcd");
	SAYS(&k, "0:abcd ");
	assert_int_equal(k.c.v[CNT_TCP_RETRANSMIT], 1);
	seg(&k, 0, 0, 1002, 5000, "cdef");
	SAYS(&k, "0:ef ");
	assert_int_equal(k.c.v[CNT_TCP_OVERLAP], 1);
	assert_int_equal(k.anomalies[ANOM_STR_OVERLAP_DIFF], 0);
	fake_close(&k);
}

static void
an_overlap_that_differs_is_reported_and_the_first_wins(void **unused)
{
	struct fake k;

	(void)unused;
	fake_open(&k, NULL);
	handshake(&k);
	seg(&k, 0, 0, 1000, 5000, "abcd");
	seg(&k, 0, 0, 1002, 5000, "XXef");	/* against delivered bytes */
	SAYS(&k, "0:abcd 0:ef ");
	assert_int_equal(k.anomalies[ANOM_STR_OVERLAP_DIFF], 1);
	seg(&k, 0, 0, 1008, 5000, "ij");	/* kept: 1006 is missing */
	seg(&k, 0, 0, 1007, 5000, "hYY");	/* against kept bytes */
	assert_int_equal(k.anomalies[ANOM_STR_OVERLAP_DIFF], 2);
	seg(&k, 0, 0, 1006, 5000, "g");
	SAYS(&k, "0:g 0:h 0:ij ");
	assert_int_equal(k.c.v[CNT_TCP_OVERLAP_DIFF], 2);
	fake_close(&k);
}

static void
last_wins_by_setting_for_bytes_not_yet_delivered(void **unused)
{
	struct stream_settings set = fake_settings();
	struct fake k;

	(void)unused;
	set.overlap_last_wins = true;
	fake_open(&k, &set);
	handshake(&k);
	seg(&k, 0, 0, 1001, 5000, "bcd");
	seg(&k, 0, 0, 1002, 5000, "XY");
	seg(&k, 0, 0, 1000, 5000, "a");
	SAYS(&k, "0:a 0:bXY ");
	assert_int_equal(k.anomalies[ANOM_STR_OVERLAP_DIFF], 1);
	fake_close(&k);
}

static void
a_segment_over_several_kept_ones_fills_what_is_between(void **unused)
{
	struct fake k;

	(void)unused;
	fake_open(&k, NULL);
	handshake(&k);
	seg(&k, 0, 0, 1002, 5000, "c");
	seg(&k, 0, 0, 1005, 5000, "f");
	seg(&k, 0, 0, 1001, 5000, "bcdefgh");
	SAYS(&k, "");
	seg(&k, 0, 0, 1000, 5000, "a");
	SAYS(&k, "0:a 0:b 0:cde 0:fgh ");
	assert_int_equal(k.anomalies[ANOM_STR_OVERLAP_DIFF], 0);
	fake_close(&k);
}

static void
keep_alives_and_window_probes_are_no_data(void **unused)
{
	struct fake k;

	(void)unused;
	fake_open(&k, NULL);
	handshake(&k);
	seg(&k, 0, 0, 1000, 5000, "abcd");
	seg(&k, 1, 0, 5000, 1004, "");
	seg(&k, 0, 0, 1003, 5000, "");		/* keep-alive without a byte */
	seg(&k, 0, 0, 1003, 5000, "Z");		/* with a byte of garbage */
	assert_int_equal(k.anomalies[ANOM_STR_OVERLAP_DIFF], 0);
	assert_int_equal(k.c.v[CNT_TCP_RETRANSMIT], 0);
	seg(&k, 0, 0, 1004, 5000, "e");		/* probe of a closed window: the real byte */
	seg(&k, 0, 0, 1004, 5000, "e");
	seg(&k, 0, 0, 1004, 5000, "efgh");	/* the window opened */
	SAYS(&k, "0:abcd 0:e 0:fgh ");
	assert_int_equal(k.anomalies[ANOM_STR_OVERLAP_DIFF], 0);
	assert_int_equal(k.c.v[CNT_TCP_GAPS], 0);
	fake_close(&k);
}

static void
a_lost_segment_becomes_a_gap_soon_after_it_was_acknowledged(void **unused)
{
	struct fake k;

	(void)unused;
	fake_open(&k, NULL);
	handshake(&k);
	seg(&k, 0, 0, 1000, 5000, "r1");
	seg(&k, 1, 0, 5000, 1002, "a1");
	/* "r2" is lost; its answer waits, because it may only have been overtaken */
	seg(&k, 1, 0, 5002, 1004, "a2");
	SAYS(&k, "0:r1 1:a1 ");
	k.now_ns += 50 * MS;
	seg(&k, 0, 0, 1004, 5004, "r3");
	SAYS(&k, "0:-2 1:a2 0:r3 ");	/* r3 acknowledges a2, so a2 goes first */
	seg(&k, 1, 0, 5004, 1006, "a3");
	SAYS(&k, "1:a3 ");
	assert_int_equal(k.anomalies[ANOM_STR_GAP], 1);
	assert_int_equal(k.c.v[CNT_TCP_GAP_BYTES], 2);
	assert_int_equal(k.flow->gaps[0], 1);
	assert_int_equal(k.flow->lost[0], 2);
	fake_close(&k);
}

static void
an_answer_seen_before_its_question_waits_for_it(void **unused)
{
	struct fake k;

	(void)unused;
	fake_open(&k, NULL);
	handshake(&k);
	seg(&k, 1, 0, 5000, 1002, "a1");
	SAYS(&k, "");
	seg(&k, 0, 0, 1000, 5000, "r1");
	SAYS(&k, "0:r1 1:a1 ");
	seg(&k, 0, 0, 1002, 5002, "r2");
	seg(&k, 1, 0, 5002, 1004, "a2");
	SAYS(&k, "0:r2 1:a2 ");
	assert_int_equal(k.c.v[CNT_TCP_GAPS], 0);
	fake_close(&k);
}

static void
what_waited_behind_a_hole_keeps_its_frame(void **unused)
{
	struct fake k;

	(void)unused;
	fake_open(&k, NULL);
	handshake(&k);
	k.frames = true;
	seg(&k, 0, TCP_PSH, 1000, 5000, "r1");		/* 4 */
	SAYS(&k, "0:r1@4 ");
	seg(&k, 0, TCP_PSH, 1004, 5000, "r3");		/* 5: r2 is lost */
	seg(&k, 0, TCP_PSH, 1006, 5000, "r4");		/* 6 */
	seg(&k, 1, 0, 5000, 1008, "");			/* 7: acknowledged all the same */
	k.now_ns += 60 * (uint64_t)S;
	stream_tick(k.st, k.now_ns);
	SAYS(&k, "0:-2 0:r3@5 0:r4@6 ");
	fake_close(&k);
}

static void
a_lost_tail_is_found_by_the_clock_and_then_not_waited_for(void **unused)
{
	struct fake k;

	(void)unused;
	fake_open(&k, NULL);
	handshake(&k);
	seg(&k, 1, 0, 5000, 1010, "a1");	/* 10 bytes of the client never seen */
	pass(&k, 500 * MS);
	SAYS(&k, "");
	pass(&k, 600 * MS);
	SAYS(&k, "0:-10 1:a1 ");
	/* The client stays invisible: its answers pass at once, its bytes add up. */
	seg(&k, 1, 0, 5002, 1020, "a2");
	seg(&k, 1, 0, 5004, 1030, "a3");
	SAYS(&k, "1:a2 1:a3 ");
	seg(&k, 0, 0, 1030, 5006, "r4");
	SAYS(&k, "0:-20 0:r4 ");
	assert_int_equal(k.flow->lost[0], 30);
	/* and from here on order is kept again */
	seg(&k, 1, 0, 5006, 1034, "a5");
	seg(&k, 0, 0, 1032, 5006, "r5");
	SAYS(&k, "0:r5 1:a5 ");
	fake_close(&k);
}

static void
bytes_not_acknowledged_are_waited_for_longer(void **unused)
{
	struct fake k;

	(void)unused;
	fake_open(&k, NULL);
	handshake(&k);
	seg(&k, 0, 0, 1002, 5000, "cd");
	pass(&k, 1500 * MS);
	seg(&k, 1, 0, 5000, 1000, "");		/* the receiver misses them too */
	pass(&k, 1500 * MS);
	SAYS(&k, "");
	seg(&k, 0, 0, 1000, 5000, "ab");
	SAYS(&k, "0:ab 0:cd ");
	seg(&k, 0, 0, 1006, 5000, "gh");
	pass(&k, 30 * (uint64_t)S);
	SAYS(&k, "0:-2 0:gh ");
	fake_close(&k);
}

static void
one_direction_alone_keeps_flowing(void **unused)
{
	struct fake k;

	(void)unused;
	fake_open(&k, NULL);
	/* The server's side only, joined midway. */
	seg(&k, 1, 0, 7000, 3000, "a1");
	seg(&k, 1, 0, 7002, 3012, "a2");
	seg(&k, 1, 0, 7006, 3036, "a4");	/* a3 lost */
	SAYS(&k, "0:a1 0:a2 ");	/* end 0 was seen first */
	assert_int_equal(k.flow->client_end, 1);	/* port 502 serves */
	pass(&k, 1100 * MS);
	SAYS(&k, "0:-2 0:a4 ");
	assert_int_equal(k.c.v[CNT_TCP_MIDSTREAM], 1);
	stream_finish(k.st, k.now_ns);
	SAYS(&k, "X3 ");
	assert_int_equal(k.c.v[CNT_TCP_GAPS], 1);
	fake_close(&k);
}

static void
joining_midway_invents_no_gap(void **unused)
{
	struct fake k;

	(void)unused;
	fake_open(&k, NULL);
	seg(&k, 0, 0, 2000, 6000, "r9");
	seg(&k, 0, 0, 1998, 6000, "r8");	/* from before the join */
	seg(&k, 1, 0, 6000, 2002, "a9");
	SAYS(&k, "0:r9 1:a9 ");
	fake_close(&k);

	/* An ACK was seen first: two segments after it in the wrong order. */
	fake_open(&k, NULL);
	seg(&k, 1, 0, 6000, 2000, "");
	seg(&k, 0, 0, 2002, 6000, "cd");
	seg(&k, 0, 0, 2000, 6000, "ab");
	SAYS(&k, "1:ab 1:cd ");
	fake_close(&k);

	/* What lies between the ACK and the first bytes passed before the join. */
	fake_open(&k, NULL);
	seg(&k, 1, 0, 6000, 2000, "");
	seg(&k, 0, 0, 2100, 6000, "cd");
	pass(&k, 20 * (uint64_t)S);
	SAYS(&k, "1:cd ");
	assert_int_equal(k.c.v[CNT_TCP_GAPS], 0);
	fake_close(&k);

	/* A keep-alive is the first thing seen. */
	fake_open(&k, NULL);
	seg(&k, 1, 0, 6000, 2000, "");
	seg(&k, 0, 0, 1999, 6000, "Z");
	seg(&k, 0, 0, 2000, 6000, "ab");
	SAYS(&k, "1:ab ");
	fake_close(&k);
}

static void
a_cut_segment_is_bytes_and_then_a_gap(void **unused)
{
	struct fake k;
	struct packet p;

	(void)unused;
	fake_open(&k, NULL);
	handshake(&k);
	for (unsigned i = 0; i < 2; i++) {
		/* the second comes first */
		p = fake_packet(&k, 0, IP_TCP);
		p.tcp_flags = TCP_ACK;
		p.ack = 5000;
		p.seq = i == 0 ? 1010 : 1000;
		p.payload = guard(i == 0 ? "kl" : "ab", 2);
		p.payload_len = 2;
		p.payload_wire = 10;
		p.flags = PKT_TRUNCATED;
		stream_packet(k.st, &p);
	}
	SAYS(&k, "0:ab 0:-8 0:kl 0:-8 ");
	seg(&k, 0, 0, 1020, 5000, "uv");
	SAYS(&k, "0:uv ");
	fake_close(&k);
}

static void
data_with_syn_and_with_fin_counts(void **unused)
{
	struct fake k;

	(void)unused;
	fake_open(&k, NULL);
	seg(&k, 0, TCP_SYN, 999, 0, "tfo");
	seg(&k, 1, TCP_SYN, 4999, 1003, "");
	seg(&k, 0, TCP_FIN, 1003, 5000, "end");
	seg(&k, 1, 0, 5000, 1007, "bye");
	seg(&k, 1, TCP_FIN, 5003, 1007, "");
	SAYS(&k, "0:tfo 0:end 1:bye ");
	assert_int_equal(k.flow->state, FLOW_CLOSED);
	assert_int_equal(k.c.v[CNT_TCP_GAPS], 0);
	fake_close(&k);
}

static void
a_rst_counts_inside_the_window_only(void **unused)
{
	struct fake k;

	(void)unused;
	fake_open(&k, NULL);
	handshake(&k);
	seg(&k, 0, 0, 1000, 5000, "ab");
	seg(&k, 1, 0, 5000, 1002, "");
	seg(&k, 0, TCP_RST, 900, 0, "");
	seg(&k, 0, TCP_RST, 0x70000000, 0, "");
	assert_int_equal(k.anomalies[ANOM_STR_RST_OUTSIDE], 2);
	assert_int_equal(k.flow->state, FLOW_ESTABLISHED);
	seg(&k, 0, 0, 1002, 5000, "cd");
	seg(&k, 0, TCP_RST, 1004, 0, "");
	assert_int_equal(k.flow->state, FLOW_CLOSED);
	SAYS(&k, "0:ab 0:cd ");
	/* The sender goes on: the RST was not its own. */
	seg(&k, 0, 0, 1004, 5000, "ef");
	SAYS(&k, "0:ef ");
	assert_int_equal(k.flow->state, FLOW_ESTABLISHED);
	assert_int_equal(k.anomalies[ANOM_STR_DATA_AFTER_CLOSE], 1);
	fake_close(&k);
}

static void
a_refused_connection_is_closed(void **unused)
{
	struct fake k;

	(void)unused;
	fake_open(&k, NULL);
	seg(&k, 0, TCP_SYN, 999, 0, "");
	seg(&k, 1, TCP_RST, 0, 1000, "");
	assert_int_equal(k.anomalies[ANOM_STR_RST_OUTSIDE], 0);
	pass(&k, 11 * (uint64_t)S);
	SAYS(&k, "X0 ");
	fake_close(&k);
}

static void
a_far_jump_is_followed_when_it_repeats(void **unused)
{
	struct fake k;

	(void)unused;
	fake_open(&k, NULL);
	handshake(&k);
	seg(&k, 0, 0, 1000, 5000, "ab");
	seg(&k, 0, 0, 0x20000000, 5000, "zz");	/* forged, or of another session */
	seg(&k, 0, 0, 1002, 5000, "cd");
	SAYS(&k, "0:ab 0:cd ");
	/* The receiver goes on where it was: so do we, or real bytes could be hidden. */
	for (uint32_t i = 0; i < 40; i++) {
		seg(&k, 0, 0, 0x20000000 + 2 * i, 5000, "mn");
		if (i % 8 == 7)
			seg(&k, 1, 0, 5000, 1004, "");
	}
	seg(&k, 0, 0, 1004, 5000, "ef");
	SAYS(&k, "0:ef ");
	/* It acknowledges the jump. */
	seg(&k, 0, 0, 0x30000000, 5000, "op");
	seg(&k, 1, 0, 5000, 0x30000002, "");
	seg(&k, 0, 0, 0x30000002, 5000, "qr");
	SAYS(&k, "0:-1 0:qr ");
	seg(&k, 0, 0, 0x30000004, 5000, "st");
	SAYS(&k, "0:st ");
	/* It says nothing. */
	for (uint32_t i = 0; i < 16; i++)
		seg(&k, 0, 0, 0x50000000 + 2 * i, 5000, "uv");
	SAYS(&k, "0:-1 0:uv ");
	fake_close(&k);
}

static void
a_far_jump_is_followed_sooner_when_nobody_answers(void **unused)
{
	struct fake k;

	(void)unused;
	fake_open(&k, NULL);
	seg(&k, 0, 0, 1000, 5000, "ab");
	SAYS(&k, "0:ab ");
	seg(&k, 0, 0, 0x20000000, 5000, "mn");
	seg(&k, 0, 0, 0x20000002, 5000, "op");
	seg(&k, 0, 0, 0x20000004, 5000, "qr");
	SAYS(&k, "0:-1 0:qr ");
	assert_int_equal(k.c.v[CNT_TCP_OUT_OF_WINDOW], 2);
	fake_close(&k);
}

static void
the_window_of_a_flow_and_the_memory_of_all_are_limits(void **unused)
{
	struct stream_settings set = fake_settings();
	static uint8_t bytes[8000];
	struct packet p;
	struct fake k;
	size_t before;
	uint64_t lost;

	(void)unused;
	set.flow_window_kib = 80;
	fake_open(&k, &set);
	before = stream_memory(k.st);
	handshake(&k);
	k.quiet = true;
	for (unsigned i = 0; i < 40; i++) {	/* 320,000 bytes behind a hole */
		k.now_ns += MS;
		p = fake_packet(&k, 0, IP_TCP);
		p.tcp_flags = TCP_ACK;
		p.ack = 5000;
		p.seq = 1010 + i * 8000;
		p.payload = guard(bytes, sizeof(bytes));
		p.payload_len = p.payload_wire = sizeof(bytes);
		stream_packet(k.st, &p);
	}
	SAYS(&k, "0:-10 ");
	assert_int_equal(k.flow->payload[0], 320000);
	/* Many flows with a hole each: the longest waiting give way. */
	for (unsigned f = 0; f < 60; f++)
		for (unsigned i = 0; i < 6; i++) {
			p = fake_packet(&k, 0, IP_TCP);
			p.tcp_flags = TCP_ACK;
			p.ack = 5000;
			p.sport = (uint16_t)(41000 + f);
			p.seq = i == 0 ? 1000 : 1010 + i * 8000;
			p.payload = guard(bytes, sizeof(bytes));
			p.payload_len = p.payload_wire = sizeof(bytes);
			stream_packet(k.st, &p);
		}
	lost = k.c.v[CNT_TCP_GAPS];
	assert_true(lost > 1 && lost < 61);
	assert_int_equal(k.c.v[CNT_TCP_SEGMENT_DROP], 0);
	stream_finish(k.st, k.now_ns);
	assert_int_equal(k.c.v[CNT_TCP_GAPS], 61);
	assert_int_equal(stream_memory(k.st), before);
	fake_close(&k);
}

/* ---- any cutting, any order: exactly the bytes ---- */

struct cut { uint32_t at, n; unsigned dir; };
struct taker { uint8_t got[2][4096]; uint32_t n[2]; };

static void
take_data(void *arg, struct flow *f, enum flow_dir dir, const uint8_t *p, uint32_t n,
    const struct stream_at *at)
{
	struct taker *t = arg;

	(void)f, (void)at;
	assert_true(t->n[dir] + n <= sizeof(t->got[dir]));
	memcpy(t->got[dir] + t->n[dir], p, n);
	t->n[dir] += n;
}

static void
take_gap(void *arg, struct flow *f, enum flow_dir dir, uint64_t lost, const struct stream_at *at)
{
	(void)arg, (void)f, (void)dir, (void)lost, (void)at;
	fail();
}

static void take_closed(void *arg, struct flow *f, enum flow_end_reason w, uint64_t n)
{
	(void)arg, (void)f, (void)w, (void)n;
}

static void take_anomaly(void *arg, const struct anomaly *a)
{
	(void)arg, (void)a;
}

static uint32_t
next_random(uint64_t *seed)
{
	*seed = *seed * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(*seed >> 33);
}

static void
any_cutting_in_any_order_gives_exactly_the_bytes(void **unused)
{
	static uint8_t text[2][2000];
	static struct taker t;
	static struct fake k;	/* for its packets */
	struct stream_settings set = fake_settings();
	const struct stream_sink sink = { .data = take_data, .gap = take_gap, .closed = take_closed,
	    .anomaly = take_anomaly, .arg = &t };
	uint64_t seed = 7;

	(void)unused;
	set.flow_window_kib = 1024;	/* a block for each piece, however small */
	set.segment_memory_mib = 4;
	for (unsigned round = 0; round < 3000; round++) {
		struct cut cut[512];
		uint32_t base[2] = { next_random(&seed), next_random(&seed) };
		unsigned n = 0, reach = 1 + next_random(&seed) % 40;
		struct stream *st;

		if (round % 3 == 0)
			base[0] = (uint32_t)0 - next_random(&seed) % 2000;
		k.now_ns = (uint64_t)T0 * S;
		st = stream_open(&set, &sink, &k.c);
		memset(&t, 0, sizeof(t));
		for (unsigned d = 0; d < 2; d++) {
			for (unsigned i = 0; i < sizeof(text[d]); i++)
				text[d][i] = (uint8_t)next_random(&seed);
			for (uint32_t at = 0; at < sizeof(text[d]);) {
				uint32_t len = 1 + next_random(&seed) % 60, back = 0;

				len = len < sizeof(text[d]) - at ? len : (uint32_t)sizeof(text[d]) - at;
				if (next_random(&seed) % 4 == 0)	/* overlaps the one before */
					back = next_random(&seed) % (at + 1 < 50 ? at + 1 : 50);
				if (n == 500)
					len = (uint32_t)sizeof(text[d]) - at;
				cut[n].at = at - back;
				cut[n].n = len + back;
				cut[n++].dir = d;
				at += len;
			}
		}
		for (unsigned i = 0; i + 1 < n; i++) {
			unsigned j = i + next_random(&seed) % reach;

			if (j < n) {
				struct cut c = cut[i];

				cut[i] = cut[j];
				cut[j] = c;
			}
		}
		for (unsigned i = 0; i < 2; i++) {
			struct packet p = fake_packet(&k, i, IP_TCP);

			p.tcp_flags = i == 0 ? TCP_SYN : TCP_SYN | TCP_ACK;
			p.seq = base[i] - 1;
			p.ack = base[i ^ 1];
			stream_packet(st, &p);
		}
		for (unsigned i = 0; i < n; i++) {
			struct packet p = fake_packet(&k, cut[i].dir, IP_TCP);

			p.tcp_flags = TCP_ACK;
			p.seq = base[cut[i].dir] + cut[i].at;
			/* End 1 may acknowledge what is still to be shown of end 0. */
			p.ack = base[cut[i].dir ^ 1] +
			    next_random(&seed) % (t.n[cut[i].dir ^ 1] + 1 + (reach < 8 && cut[i].dir == 1 ? 200 : 0));
			if (p.ack - base[cut[i].dir ^ 1] > sizeof(text[0]))
				p.ack = base[cut[i].dir ^ 1] + (uint32_t)sizeof(text[0]);
			p.payload = guard(text[cut[i].dir] + cut[i].at, cut[i].n);
			p.payload_len = p.payload_wire = cut[i].n;
			stream_packet(st, &p);
		}
		for (unsigned d = 0; d < 2; d++) {
			assert_int_equal(t.n[d], sizeof(text[d]));
			assert_memory_equal(t.got[d], text[d], sizeof(text[d]));
		}
		stream_close(st);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bytes_in_order_pass_at_once),
		cmocka_unit_test(every_order_of_four_segments_gives_the_same_bytes),
		cmocka_unit_test(retransmissions_are_counted_and_not_repeated),
		cmocka_unit_test(an_overlap_that_differs_is_reported_and_the_first_wins),
		cmocka_unit_test(last_wins_by_setting_for_bytes_not_yet_delivered),
		cmocka_unit_test(a_segment_over_several_kept_ones_fills_what_is_between),
		cmocka_unit_test(keep_alives_and_window_probes_are_no_data),
		cmocka_unit_test(a_lost_segment_becomes_a_gap_soon_after_it_was_acknowledged),
		cmocka_unit_test(an_answer_seen_before_its_question_waits_for_it),
		cmocka_unit_test(what_waited_behind_a_hole_keeps_its_frame),
		cmocka_unit_test(a_lost_tail_is_found_by_the_clock_and_then_not_waited_for),
		cmocka_unit_test(bytes_not_acknowledged_are_waited_for_longer),
		cmocka_unit_test(one_direction_alone_keeps_flowing),
		cmocka_unit_test(joining_midway_invents_no_gap),
		cmocka_unit_test(a_cut_segment_is_bytes_and_then_a_gap),
		cmocka_unit_test(data_with_syn_and_with_fin_counts),
		cmocka_unit_test(a_rst_counts_inside_the_window_only),
		cmocka_unit_test(a_refused_connection_is_closed),
		cmocka_unit_test(a_far_jump_is_followed_when_it_repeats),
		cmocka_unit_test(a_far_jump_is_followed_sooner_when_nobody_answers),
		cmocka_unit_test(the_window_of_a_flow_and_the_memory_of_all_are_limits),
		cmocka_unit_test(any_cutting_in_any_order_gives_exactly_the_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
