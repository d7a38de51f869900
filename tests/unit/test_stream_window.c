/* Unit tests of stream: numbers outside the window (resets, jumps), and how much a window may hold. */
#include "stream_fake.h"

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

/* Bytes that came in its name and that the other end has: it goes on before them. */
static void
an_end_that_does_not_know_what_it_sent(void **unused)
{
	static const struct { uint32_t first, second, acked; unsigned want; } rows[] = {
		{ 1002, 1002, 1010, 1 },
		{ 1002, 1010, 1010, 0 },	/* once: it was overtaken */
		{ 1009, 1009, 1010, 0 },	/* keep-alives */
		{ 1008, 1008, 1010, 1 },
		{ 1002, 1002, 1002, 0 },	/* nobody has them yet: it may be that it goes back itself */
		{ 1002, 1002, 1003, 0 },
		{ 1002, 1002, 1004, 1 },
	};

	(void)unused;
	for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct fake k;

		fake_open(&k, NULL);
		handshake(&k);
		seg(&k, 0, 0, 1000, 5000, "ab");
		seg(&k, 1, 0, 5000, 1002, "");
		seg(&k, 0, 0, 1002, 5000, "injected");
		seg(&k, 1, 0, 5000, rows[i].acked, "");
		seg(&k, 0, 0, rows[i].first, 5000, "");
		assert_int_equal(k.anomalies[ANOM_STR_BEHIND], 0);
		seg(&k, 0, 0, rows[i].second, 5000, "");
		assert_int_equal(k.anomalies[ANOM_STR_BEHIND], rows[i].want);
		for (unsigned n = 0; n < 5; n++)
			seg(&k, 0, 0, rows[i].second, 5000, "");
		assert_true(k.anomalies[ANOM_STR_BEHIND] <= 1);		/* once an end */
		fake_close(&k);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_rst_counts_inside_the_window_only),
		cmocka_unit_test(a_refused_connection_is_closed),
		cmocka_unit_test(a_far_jump_is_followed_when_it_repeats),
		cmocka_unit_test(an_end_that_does_not_know_what_it_sent),
		cmocka_unit_test(a_far_jump_is_followed_sooner_when_nobody_answers),
		cmocka_unit_test(the_window_of_a_flow_and_the_memory_of_all_are_limits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
