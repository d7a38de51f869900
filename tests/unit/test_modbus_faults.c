/* Modbus messages whose framing, ids or company are wrong: servers execute them, so
 * they are read, with an anomaly, from the first one of a session on. */
#include "modbus_kit.h"

#define N(a) (sizeof(a) / sizeof((a)[0]))

static const struct pair {
	const char *request, *answer, *said;
} pairs[] = {
	{ "06 0031 07D2", "06 0031 07D2", "holding 49+1 = 2002" },
	{ "05 0009 FF00", "05 0009 FF00", "coil 9+1 = 1" },
	{ "10 0020 0002 04 0A0B 0C0D", "10 0020 0002", "holding 32+2 = 2571,3085" },
	{ "0F 0004 000A 02 5A01", "0F 0004 000A", "coil 4+10 = 0,1,0,1,1,0,1,0,1,0" },
	{ "03 0008 0002", "03 04 0102 0304", "holding 8+2 = 258,772" },
};

static void
poll(struct kit *k)
{
	kit_mbap(k, DIR_FROM_0, "03 0000 0001");
	kit_mbap(k, DIR_FROM_1, "03 02 0000");
	k->transaction++;
	(void)kit_said(k);
}

/* An ADU whose length field says something else. */
static size_t
adu_with(struct kit *k, const char *pdu, uint16_t length, uint8_t *to)
{
	size_t n = kit_adu(k, pdu, to);

	to[4] = (uint8_t)(length >> 8);
	to[5] = (uint8_t)length;
	return n;
}

/* The same in pieces of at most `cut` bytes; 0: whole. */
static void
send_cut(struct kit *k, enum flow_dir dir, const uint8_t *b, size_t n, size_t cut)
{
	for (size_t at = 0; at < n; at += cut) {
		if (cut == 0)
			cut = n;
		kit_send(k, dir, b + at, n - at < cut ? n - at : cut);
	}
}

static bool
accounted(const struct kit *k)
{
	for (int e = 0; e < 2; e++)
		if (k->flow.read[e] + k->flow.blind[e] + k->flow.unclaimed[e] != k->flow.payload[e])
			return false;
	return true;
}

static void
wrong_lengths_are_read_wherever_they_stand(void **unused)
{
	uint8_t b[600];

	(void)unused;
	for (size_t i = 0; i < N(pairs); i++)
		for (int wrong = 0; wrong < 8; wrong++)
			for (int later = 0; later < 4; later++)
				for (int who = 0; who < 2; who++) {
					struct kit k;
					const char *bad = who == 0 ? pairs[i].request : pairs[i].answer;
					const char *other = who == 0 ? pairs[i].answer : pairs[i].request;
					size_t n = kit_adu(&(struct kit){ .unit = 1 }, bad, b) - 6;
					size_t its = kit_adu(&(struct kit){ .unit = 1 }, other, b) - 6;
					const uint16_t each[] = { 0, 1, (uint16_t)(n + 1), (uint16_t)(n - 1),
					    (uint16_t)its, (uint16_t)(n << 8), 65535, (uint16_t)(n + 90) };
					const char *t;

					if (each[wrong] == n)
						continue;
					kit_open(&k, 502);
					for (int p = 0; p < later; p++)
						poll(&k);
					if (who == 1)
						kit_mbap(&k, DIR_FROM_0, pairs[i].request);
					n = adu_with(&k, bad, each[wrong], b);
					kit_send(&k, who == 0 ? DIR_FROM_0 : DIR_FROM_1, b, n);
					if (who == 0)
						kit_mbap(&k, DIR_FROM_1, pairs[i].answer);
					t = kit_said(&k);
					assert_non_null(strstr(t, "answered"));
					assert_non_null(strstr(t, pairs[i].said));
					assert_non_null(strstr(t, "invalid_length"));
					assert_null(strstr(t, "trailing_bytes"));
					k.transaction++;
					kit_mbap(&k, DIR_FROM_0, "06 0001 0002");
					kit_mbap(&k, DIR_FROM_1, "06 0001 0002");
					assert_non_null(strstr(kit_said(&k), "answered [>holding 1+1 = 2]"));
					assert_true(accounted(&k));
					kit_close(&k);
				}
}

static void
wrong_lengths_are_read_in_pieces_and_in_company(void **unused)
{
	uint8_t b[900];
	const char *t;

	(void)unused;
	for (size_t i = 0; i < N(pairs); i++)
		for (size_t cut = 0; cut < 12; cut += 3) {
			struct kit k;
			size_t n;

			kit_open(&k, 502);
			n = adu_with(&k, pairs[i].request, 0xffff, b);
			send_cut(&k, DIR_FROM_0, b, n, cut);
			kit_mbap(&k, DIR_FROM_1, pairs[i].answer);
			t = kit_said(&k);
			assert_non_null(strstr(t, pairs[i].said));
			assert_non_null(strstr(t, "answered"));
			/* Two in one segment, the first one wrong. */
			k.transaction = 8;
			n = adu_with(&k, pairs[i].request, 1, b);
			k.transaction = 9;
			n += kit_adu(&k, "05 0001 0000", b + n);
			kit_send(&k, DIR_FROM_0, b, n);
			t = kit_said(&k);
			assert_non_null(strstr(t, "5 Write Single Coil, write, pending"));
			assert_non_null(strstr(t, "!invalid_length"));
			assert_true(accounted(&k));
			kit_close(&k);
		}
}

static void
what_a_length_announced_and_comes_later_is_trailing(void **unused)
{
	struct kit k;
	uint8_t b[600];
	size_t n;

	(void)unused;
	kit_open(&k, 502);
	n = adu_with(&k, "06 0031 07D2", 7, b);
	kit_send(&k, DIR_FROM_0, b, n);
	assert_non_null(strstr(kit_said(&k), "holding 49+1 = 2002"));
	k.transaction++;
	b[0] = 0xee;
	n = 1 + kit_adu(&k, "05 0001 0000", b + 1);
	kit_send(&k, DIR_FROM_0, b, n);
	assert_non_null(strstr(kit_said(&k), "Write Single Coil"));
	assert_true(accounted(&k));
	kit_close(&k);
}

static void
answers_with_other_ids_belong_to_the_request_they_fit(void **unused)
{
	static const uint16_t wrong[] = { 0, 0x4242, 0x0a0c, 0x0b0a, 0x7001 };

	(void)unused;
	for (size_t i = 0; i < N(wrong); i++) {
		struct kit k;

		kit_open(&k, 502);
		for (size_t p = 0; p < N(pairs); p++) {
			const char *t;

			k.transaction = (uint16_t)(0x0a0b + 16 * p);
			kit_mbap(&k, DIR_FROM_0, pairs[p].request);
			k.transaction = (uint16_t)(wrong[i] + (i < 2 ? 0 : 16 * p));
			kit_mbap(&k, DIR_FROM_1, pairs[p].answer);
			t = kit_said(&k);
			assert_non_null(strstr(t, "answered"));
			assert_non_null(strstr(t, pairs[p].said));
			assert_non_null(strstr(t, "wrong_transaction_id"));
			assert_null(strstr(t, "unsolicited"));
		}
		kit_close(&k);
	}
}

static void
of_two_that_fit_nobody_is_chosen(void **unused)
{
	struct kit k;

	(void)unused;
	kit_open(&k, 502);
	poll(&k);
	k.transaction = 20;
	kit_mbap(&k, DIR_FROM_0, "03 0008 0002");
	k.transaction = 21;
	kit_mbap(&k, DIR_FROM_0, "03 0018 0002");
	(void)kit_said(&k);
	k.transaction = 99;
	kit_mbap(&k, DIR_FROM_1, "03 04 0102 0304");
	assert_non_null(strstr(kit_said(&k), "one-sided [holding = 258,772] !unsolicited_response"));
	/* A write says where, so that one of two fits. */
	k.transaction = 22;
	kit_mbap(&k, DIR_FROM_0, "06 0001 0005");
	k.transaction = 23;
	kit_mbap(&k, DIR_FROM_0, "06 0002 0005");
	(void)kit_said(&k);
	k.transaction = 99;
	kit_mbap(&k, DIR_FROM_1, "06 0001 0005");
	assert_non_null(strstr(kit_said(&k), "answered [>holding 1+1 = 5] !wrong_transaction_id"));
	kit_close(&k);
}

/* A gap hides requests, whose answers come all the same, and answers, whose requests wait on: what
 * an answer fits by its shape alone is not its request. */
static void
after_a_gap_an_answer_that_nobody_asked_for_stays_alone(void **unused)
{
	struct kit k;

	(void)unused;
	/* Requests ahead of their answers, one of them lost. */
	kit_open(&k, 502);
	poll(&k);
	k.transaction = 20;
	kit_mbap(&k, DIR_FROM_0, "03 0008 0001");
	dissect_gap(k.dissect, &k.flow, DIR_FROM_0, 12, k.now_ns, k.frame, 0);
	k.transaction = 22;
	kit_mbap(&k, DIR_FROM_0, "03 0018 0002");
	k.transaction = 20;
	kit_mbap(&k, DIR_FROM_1, "03 02 0102");
	(void)kit_said(&k);
	k.transaction = 21;
	kit_mbap(&k, DIR_FROM_1, "03 04 0A0B 0C0D");
	assert_non_null(strstr(kit_said(&k), "one-sided [holding = 2571,3085]"));
	k.transaction = 22;
	kit_mbap(&k, DIR_FROM_1, "03 04 0102 0304");
	assert_non_null(strstr(kit_said(&k), "answered [holding 24+2 = 258,772]"));
	kit_close(&k);

	/* A request whose answer was lost, and an answer that comes twice. */
	kit_open(&k, 502);
	poll(&k);
	k.transaction = 30;
	kit_mbap(&k, DIR_FROM_0, "03 0008 0002");
	dissect_gap(k.dissect, &k.flow, DIR_FROM_1, 13, k.now_ns, k.frame, 0);
	k.transaction = 31;
	kit_mbap(&k, DIR_FROM_0, "03 0018 0002");
	kit_mbap(&k, DIR_FROM_1, "03 04 0102 0304");
	(void)kit_said(&k);
	kit_mbap(&k, DIR_FROM_1, "03 04 0102 0304");
	assert_non_null(strstr(kit_said(&k), "one-sided [holding = 258,772]"));
	kit_close(&k);

	/* Answers that were alone because their requests were lost say nothing of the device's ids, when
	 * others since had theirs. */
	kit_open(&k, 502);
	poll(&k);
	k.transaction = 40;
	for (int i = 0; i < 2; i++) {
		dissect_gap(k.dissect, &k.flow, DIR_FROM_0, 12, k.now_ns, k.frame, 0);
		kit_mbap(&k, DIR_FROM_1, "03 04 0A0B 0C0D");
		k.transaction++;
		poll(&k);
		kit_mbap(&k, DIR_FROM_0, "03 0008 0002");
		dissect_gap(k.dissect, &k.flow, DIR_FROM_1, 13, k.now_ns, k.frame, 0);
		dissect_gap(k.dissect, &k.flow, DIR_FROM_0, 12, k.now_ns, k.frame, 0);
		(void)kit_said(&k);
		k.transaction++;
		kit_mbap(&k, DIR_FROM_1, "03 04 0102 0304");
		assert_non_null(strstr(kit_said(&k), "one-sided [holding = 258,772]"));
		k.transaction++;
	}
	kit_close(&k);
}

static void
another_unit_is_told(void **unused)
{
	struct kit k;

	(void)unused;
	kit_open(&k, 502);
	kit_mbap(&k, DIR_FROM_0, "05 0009 FF00");
	k.unit = 7;
	kit_mbap(&k, DIR_FROM_1, "05 0009 FF00");
	assert_non_null(strstr(kit_said(&k), "unit 1 5 Write Single Coil, write, answered"
	    " [>coil 9+1 = 1] !wrong_unit_id"));
	kit_close(&k);
}

static void
an_rtu_frame_beats_the_header_it_looks_like(void **unused)
{
	struct kit k;
	uint8_t b[32];
	size_t n;

	(void)unused;
	for (int port = 0; port < 2; port++) {
		kit_open(&k, port == 0 ? 502 : 4001);
		n = kit_hex("01 03 0000 0002 C40B", b);
		kit_send(&k, DIR_FROM_0, b, n);
		assert_non_null(strstr(kit_said(&k), "3 Read Holding Registers, read, pending"
		    " [holding 0+2]"));
		kit_close(&k);
	}
}

/* Behind a frame with a wrong CRC the place is lost.  A segment that begins with a good frame gives it back, whatever
 * stands behind that frame. */
static void
a_good_crc_where_a_segment_begins_ends_a_search(void **unused)
{
	struct kit k;
	uint8_t ask[32], b[32];
	size_t n_ask, n;

	(void)unused;
	kit_open(&k, 4001);
	n_ask = kit_hex("01 03 0064 0002 85D4", ask);
	for (int i = 0; i < 3; i++) {
		kit_send(&k, DIR_FROM_0, ask, n_ask);
		n = kit_hex(i < 2 ? "01 03 04 1234 5678 8107" : "01 03 04 1234 5678 8147", b);
		kit_send(&k, DIR_FROM_1, b, n);
	}
	kit_send(&k, DIR_FROM_0, ask, n_ask);
	(void)kit_said(&k);
	n = kit_hex("01 03 04 1234 5678 8107 00 FF 00", b);
	kit_send(&k, DIR_FROM_1, b, n);
	assert_non_null(strstr(kit_said(&k), "answered [holding 100+2 = 4660,22136]"));
	kit_close(&k);
}

static void
an_echo_is_told_from_the_answer(void **unused)
{
	struct kit k;
	uint8_t b[64];
	size_t n;
	const char *t;

	(void)unused;
	kit_open(&k, 4002);
	n = kit_hex("01 04 0000 0002 71CB", b);
	kit_send(&k, DIR_FROM_0, b, n);
	(void)kit_said(&k);
	n += kit_hex("01 04 04 0000 0007 BA46", b + n);
	kit_send(&k, DIR_FROM_1, b, n);
	t = kit_said(&k);
	assert_non_null(strstr(t, "request_echoed"));
	assert_non_null(strstr(t, "answered [input 0+2 = 0,7]"));
	/* A write and its answer are alike: it is known by now that the first is the echo. */
	n = kit_hex("01 06 0000 0002 080B", b);
	kit_send(&k, DIR_FROM_0, b, n);
	(void)kit_said(&k);
	kit_send(&k, DIR_FROM_1, b, n);
	t = kit_said(&k);
	assert_non_null(strstr(t, "request_echoed"));
	assert_null(strstr(t, "answered"));
	kit_send(&k, DIR_FROM_1, b, n);
	assert_non_null(strstr(kit_said(&k), "answered [>holding 0+1 = 2]"));
	kit_close(&k);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(wrong_lengths_are_read_wherever_they_stand),
		cmocka_unit_test(wrong_lengths_are_read_in_pieces_and_in_company),
		cmocka_unit_test(what_a_length_announced_and_comes_later_is_trailing),
		cmocka_unit_test(answers_with_other_ids_belong_to_the_request_they_fit),
		cmocka_unit_test(of_two_that_fit_nobody_is_chosen),
		cmocka_unit_test(after_a_gap_an_answer_that_nobody_asked_for_stays_alone),
		cmocka_unit_test(another_unit_is_told),
		cmocka_unit_test(an_rtu_frame_beats_the_header_it_looks_like),
		cmocka_unit_test(a_good_crc_where_a_segment_begins_ends_a_search),
		cmocka_unit_test(an_echo_is_told_from_the_answer),
	};

	return cmocka_run_group_tests_name("modbus_faults", tests, NULL, NULL);
}
