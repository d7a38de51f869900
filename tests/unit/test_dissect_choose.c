/* Unit tests of claims: what is recognised, when, and what never is. */
#include "dissect_kit.h"

static bool
claimed(const struct kit *k)
{
	return k->flow.protocol != NULL;
}

static void
one_legal_pdu_is_enough_on_the_protocols_port(void **unused)
{
	struct kit *k = kit_open(9600);
	uint8_t b[300];

	(void)unused;
	kit_send(k, DIR_FROM_0, b, ex_read(b, 1));
	assert_true(claimed(k));
	assert_int_equal(k->flow.client_end, 0);
	kit_close(k);
}

static void
elsewhere_a_request_alone_is_not(void **unused)
{
	struct kit *k = kit_open(12345);
	uint8_t b[300];

	(void)unused;
	kit_send(k, DIR_FROM_0, b, ex_read(b, 1));
	assert_false(claimed(k));
	assert_int_equal(k->n_ops, 0);
	kit_send(k, DIR_FROM_1, b, ex_answer(b, 1));
	assert_true(claimed(k));
	/* Nothing was lost meanwhile. */
	assert_int_equal(k->n_ops, 2);
	assert_int_equal(k->op[0].req_frame, 1);
	assert_int_equal(k->op[1].rsp_frame, 2);
	kit_close(k);
}

static void
an_answer_to_something_else_does_not_agree(void **unused)
{
	struct kit *k = kit_open(12345);
	uint8_t b[300];

	(void)unused;
	kit_send(k, DIR_FROM_0, b, ex_read(b, 1));
	kit_send(k, DIR_FROM_1, b, ex_answer(b, 2));
	assert_false(claimed(k));
	kit_close(k);
}

static void
two_requests_from_both_sides_do_not_agree(void **unused)
{
	struct kit *k = kit_open(12345);
	uint8_t b[300];

	(void)unused;
	kit_send(k, DIR_FROM_0, b, ex_read(b, 1));
	kit_send(k, DIR_FROM_1, b, ex_read(b, 1));
	assert_false(claimed(k));
	kit_close(k);
}

static void
one_direction_alone_takes_three(void **unused)
{
	struct kit *k = kit_open(12345);
	uint8_t b[300];

	(void)unused;
	for (uint8_t i = 1; i <= 3; i++) {
		assert_false(claimed(k));
		kit_send(k, DIR_FROM_0, b, ex_read(b, i));
	}
	assert_true(claimed(k));
	assert_int_equal(k->n_ops, 3);
	kit_close(k);
}

static void
one_direction_needs_more_when_the_other_speaks_something_else(void **unused)
{
	struct kit *k = kit_open(12345);
	uint8_t b[300];

	(void)unused;
	kit_send(k, DIR_FROM_1, "220 ready\r\n", 11);
	for (uint8_t i = 1; i <= 7; i++) {
		kit_send(k, DIR_FROM_0, b, ex_read(b, i));
		assert_false(claimed(k));
	}
	kit_send(k, DIR_FROM_0, b, ex_read(b, 8));
	assert_true(claimed(k));
	kit_close(k);
}

static void
another_protocol_on_the_port_is_waited_out(void **unused)
{
	struct kit *k = kit_open(9600);
	uint8_t b[300];

	(void)unused;
	for (int i = 0; i < 200; i++)
		kit_send(k, DIR_FROM_0, "GET / HTTP/1.1\r\n", 16);
	assert_false(claimed(k));
	kit_send(k, DIR_FROM_0, b, ex_read(b, 1));
	assert_true(claimed(k));
	assert_int_equal(k->n_ops, 1);
	kit_close(k);
}

static void
elsewhere_only_whole_pdus_are_looked_at_after_a_while(void **unused)
{
	struct kit *k = kit_open(12345);
	uint8_t b[300];

	(void)unused;
	for (int i = 0; i < 30; i++) {
		kit_send(k, DIR_FROM_0, "GET / HTTP/1.1\r\n", 16);
		kit_send(k, DIR_FROM_1, "HTTP/1.1 200 OK\r\n", 17);
	}
	/* Not one that is split any more ... */
	kit_send(k, DIR_FROM_0, b, ex_read(b, 1) - 1);
	kit_send(k, DIR_FROM_0, b + ex_read(b, 1) - 1, 1);
	kit_send(k, DIR_FROM_1, b, ex_answer(b, 1));
	assert_false(claimed(k));
	/* ... but a session that begins behind all that. */
	kit_send(k, DIR_FROM_0, b, ex_read(b, 2));
	kit_send(k, DIR_FROM_1, b, ex_answer(b, 2));
	assert_true(claimed(k));
	assert_int_equal(k->n_finished, 2);
	assert_int_equal(k->flow.unclaimed[0] + k->flow.unclaimed[1], 0);
	assert_int_equal(k->flow.blind[0] + k->flow.read[0], k->flow.payload[0]);
	assert_int_equal(k->flow.blind[1] + k->flow.read[1], k->flow.payload[1]);
	kit_close(k);
}

static void
a_gap_gives_another_chance(void **unused)
{
	struct kit *k = kit_open(12345);
	uint8_t b[300];

	(void)unused;
	for (int i = 0; i < 30; i++)
		kit_send(k, DIR_FROM_0, "GET / HTTP/1.1\r\n", 16);
	kit_gap(k, DIR_FROM_0, 1000);
	kit_send(k, DIR_FROM_0, b, ex_read(b, 2));
	kit_send(k, DIR_FROM_1, b, ex_answer(b, 2));
	assert_true(claimed(k));
	kit_close(k);
}

static void
joined_in_the_middle_of_a_pdu(void **unused)
{
	struct kit *k = kit_open(12345);
	uint8_t b[300];

	(void)unused;
	kit_send(k, DIR_FROM_1, "\x01\x00\x02", 3);
	kit_send(k, DIR_FROM_0, b, ex_read(b, 2));
	kit_send(k, DIR_FROM_1, b, ex_answer(b, 2));
	assert_true(claimed(k));
	assert_int_equal(k->n_finished, 1);
	kit_close(k);
}

static void
datagrams_must_be_whole(void **unused)
{
	struct kit *k = kit_open(12345);
	uint8_t b[300];
	uint32_t n;

	(void)unused;
	n = ex_read(b, 1);
	b[n] = 'Z';
	kit_datagram(k, DIR_FROM_0, b, n + 1);
	kit_datagram(k, DIR_FROM_1, b, ex_answer(b, 1));
	assert_false(claimed(k));
	kit_datagram(k, DIR_FROM_0, b, ex_read(b, 3));
	kit_datagram(k, DIR_FROM_1, b, ex_answer(b, 3));
	assert_true(claimed(k));
	assert_int_equal(k->n_finished, 2);	/* the stray answer, and the pair */
	kit_close(k);
}

static void
traffic_of_no_interest_costs_no_slot(void **unused)
{
	struct kit *k = kit_open(12345);
	struct flow f[100];

	(void)unused;
	for (int i = 0; i < 100; i++) {
		f[i] = kit_flow(80);
		dissect_data(k->d, &f[i], DIR_FROM_0, (const uint8_t *)"GET / HTTP", 10, 1, 1, 0);
		assert_true(((uintptr_t)f[i].dissection & 1u) != 0);
	}
	for (int i = 0; i < 100; i++) {
		dissect_closed(k->d, &f[i], 2);
		assert_null(f[i].dissection);
	}
	kit_close(k);
}

static void
more_candidates_than_places_judge_the_oldest_by_what_there_is(void **unused)
{
	struct kit *k = kit_open(12345);
	struct flow f[100];
	uint8_t b[300];
	uint32_t n = ex_read(b, 1);

	(void)unused;
	for (int i = 0; i < 100; i++) {
		f[i] = kit_flow(12345);
		/* The first twenty have only begun. */
		dissect_data(k->d, &f[i], DIR_FROM_0, b, i < 20 ? n - 1 : n, 1, 1, 0);
	}
	assert_int_equal(k->counters.v[CNT_APP_CAND_EVICTED], 20);
	n = ex_answer(b, 1);
	dissect_data(k->d, &f[0], DIR_FROM_1, b, n, 1, 1, 0);
	dissect_data(k->d, &f[99], DIR_FROM_1, b, n, 1, 1, 0);
	assert_null(f[0].protocol);
	assert_int_equal(f[0].unclaimed[0], ex_read(b, 1) - 1);
	for (int i = 20; i < 68; i++)
		assert_string_equal(f[i].protocol->name, "example");
	assert_string_equal(f[99].protocol->name, "example");
	for (int i = 0; i < 100; i++)
		dissect_closed(k->d, &f[i], 2);
	kit_close(k);
}

static void
a_candidate_that_never_agrees_stays_bounded(void **unused)
{
	struct kit *k = kit_open(12345);
	uint8_t b[300], body[250] = { 0 };

	(void)unused;
	/* Legal on one side, contradicted by the other, in every size. */
	for (int i = 0; i < 500; i++) {
		kit_send(k, DIR_FROM_1, "nonsense", 8);
		kit_send(k, DIR_FROM_0, b, ex_pdu(b, (uint8_t)i, 1, body, (uint8_t)(i % 250)));
		kit_send(k, DIR_FROM_0, "XPX", 3);
		kit_send(k, DIR_FROM_0, "X", 1);
	}
	assert_false(claimed(k));
	kit_close(k);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_legal_pdu_is_enough_on_the_protocols_port),
		cmocka_unit_test(elsewhere_a_request_alone_is_not),
		cmocka_unit_test(an_answer_to_something_else_does_not_agree),
		cmocka_unit_test(two_requests_from_both_sides_do_not_agree),
		cmocka_unit_test(one_direction_alone_takes_three),
		cmocka_unit_test(one_direction_needs_more_when_the_other_speaks_something_else),
		cmocka_unit_test(another_protocol_on_the_port_is_waited_out),
		cmocka_unit_test(elsewhere_only_whole_pdus_are_looked_at_after_a_while),
		cmocka_unit_test(a_gap_gives_another_chance),
		cmocka_unit_test(joined_in_the_middle_of_a_pdu),
		cmocka_unit_test(datagrams_must_be_whole),
		cmocka_unit_test(traffic_of_no_interest_costs_no_slot),
		cmocka_unit_test(more_candidates_than_places_judge_the_oldest_by_what_there_is),
		cmocka_unit_test(a_candidate_that_never_agrees_stays_bounded),
	};

	return cmocka_run_group_tests_name("dissect_choose", tests, NULL, NULL);
}
