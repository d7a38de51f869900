/* Unit tests of stream: bytes in any order, repeated and overlapping, are one text. */
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
		cmocka_unit_test(data_with_syn_and_with_fin_counts),
		cmocka_unit_test(any_cutting_in_any_order_gives_exactly_the_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
