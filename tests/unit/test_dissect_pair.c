/* Unit tests of pairing: timeouts, eviction, one-sided taps. */
#include "dissect_kit.h"

static void
a_request_without_answer_is_reported_after_its_time(void **unused)
{
	struct kit *k = kit_open(9600);
	uint8_t b[300];

	(void)unused;
	kit_send(k, DIR_FROM_0, b, ex_read(b, 1));
	kit_send(k, DIR_FROM_1, b, ex_answer(b, 1));
	kit_send(k, DIR_FROM_0, b, ex_read(b, 2));
	dissect_tick(k->d, k->now_ns + 4999000000u);
	assert_int_equal(k->n_finished, 1);
	dissect_tick(k->d, k->now_ns + 5000000000u);
	assert_int_equal(k->n_finished, 2);
	assert_int_equal(k->op[3].transaction, 2);
	assert_int_equal(k->op[3].outcome, OUTCOME_UNANSWERED);
	assert_int_equal(k->op[3].req_frame, 3);
	/* Too late: the answer stands alone. */
	kit_send(k, DIR_FROM_1, b, ex_answer(b, 2));
	assert_int_equal(k->anomaly[0], ANOM_EX_UNSOLICITED);
	kit_close(k);
}

static void
a_frame_behind_the_clock_has_not_waited_for_that(void **unused)
{
	struct kit *k = kit_open(9600);
	uint64_t clock;
	uint8_t b[300];

	(void)unused;
	kit_send(k, DIR_FROM_0, b, ex_read(b, 1));
	kit_send(k, DIR_FROM_1, b, ex_answer(b, 1));
	/* Another recorder is 20 s ahead. */
	clock = k->now_ns + 20000000000u;
	dissect_tick(k->d, clock);
	kit_send(k, DIR_FROM_0, b, ex_read(b, 2));
	dissect_tick(k->d, clock + 1000000);
	assert_int_equal(k->n_finished, 1);
	kit_send(k, DIR_FROM_1, b, ex_answer(b, 2));
	assert_int_equal(k->n_finished, 2);
	assert_int_equal(k->op[3].outcome, OUTCOME_ANSWERED);
	/* And it ends all the same. */
	kit_send(k, DIR_FROM_0, b, ex_read(b, 3));
	dissect_tick(k->d, clock + 6000000000u);
	assert_int_equal(k->n_finished, 3);
	kit_close(k);
}

static void
anomalies_of_a_request_are_reported_once(void **unused)
{
	struct kit *k = kit_open(9600);
	uint8_t b[300];

	(void)unused;
	kit_send(k, DIR_FROM_0, b, ex_pdu(b, 1, 2, "\x01", 1));
	kit_send(k, DIR_FROM_1, b, ex_answer(b, 1));
	kit_send(k, DIR_FROM_0, b, ex_pdu(b, 2, 2, "\x01", 1));
	dissect_tick(k->d, k->now_ns + 5000000000u);
	assert_int_equal(k->n_finished, 2);
	assert_int_equal(k->n_anomalies, 2);
	assert_int_equal(k->op[1].n_anomalies, 1);
	assert_int_equal(k->op[3].n_anomalies, 1);
	kit_close(k);
}

static void
a_one_way_tap_works_for_ever(void **unused)
{
	struct kit *k = kit_open(9600);
	uint8_t b[300];

	(void)unused;
	for (int i = 0; i < 1000; i++)
		kit_send(k, DIR_FROM_0, b, ex_read(b, (uint8_t)i));
	assert_int_equal(k->n_finished, 1000 - 16);
	assert_int_equal(k->op[k->n_ops - 2].outcome, OUTCOME_ONE_SIDED);
	assert_int_equal(k->counters.v[CNT_APP_PAIR_EVICTED], 1000 - 16);
	dissect_closed(k->d, &k->flow, k->now_ns);
	assert_int_equal(k->n_finished, 1000);
	assert_int_equal(k->flow.transactions, 1000);
	kit_close(k);
}

static void
the_total_is_bounded_too(void **unused)
{
	struct dissect_settings s = kit_settings;
	struct flow f[20];
	struct kit *k;
	uint8_t b[300];

	(void)unused;
	s.max_pending = 10;
	k = kit_open_sized(kit_list, 9600, &s);
	for (int i = 0; i < 20; i++) {
		uint32_t n = ex_read(b, (uint8_t)i);

		f[i] = kit_flow(9600);
		dissect_data(k->d, &f[i], DIR_FROM_0, b, n, k->now_ns, (uint64_t)i, 0);
	}
	/* The oldest of all went first. */
	assert_int_equal(k->n_finished, 10);
	assert_int_equal(k->op[k->n_ops - 2].transaction, 9);
	for (int i = 0; i < 20; i++)
		dissect_closed(k->d, &f[i], k->now_ns);
	assert_int_equal(k->n_finished, 20);
	kit_close(k);
}

static void
long_requests_keep_all_their_bytes(void **unused)
{
	struct kit *k = kit_open(9600);
	uint8_t b[300], body[255];

	(void)unused;
	memset(body, 7, sizeof(body));
	/* More long ones than the pool of long ones has. */
	for (int i = 0; i < 100; i++) {
		struct flow f = kit_flow(9600);
		uint32_t n = ex_pdu(b, (uint8_t)i, 1, body, 255);

		dissect_data(k->d, &f, DIR_FROM_0, b, n, k->now_ns, 1, 0);
		n = ex_pdu(b, (uint8_t)i, 0x81, body, 255);
		dissect_data(k->d, &f, DIR_FROM_1, b, n, k->now_ns, 2, 0);
		assert_int_equal(k->op[k->n_ops - 1].outcome, OUTCOME_ANSWERED);
		dissect_closed(k->d, &f, k->now_ns);
	}
	kit_close(k);
}

static void
long_requests_of_many_flows_evict_the_oldest_long_one(void **unused)
{
	struct kit *k = kit_open(9600);
	struct flow f[60];
	uint8_t b[300], body[255] = { 0 };

	(void)unused;
	for (int i = 0; i < 60; i++) {
		uint32_t n = ex_pdu(b, (uint8_t)i, 1, body, 255);

		f[i] = kit_flow(9600);
		dissect_data(k->d, &f[i], DIR_FROM_0, b, n, k->now_ns, 1, 0);
	}
	assert_int_equal(k->n_finished, 60 - (256 / 16 + 8));
	assert_int_equal(k->op[k->n_ops - 2].transaction, 60 - (256 / 16 + 8) - 1);
	for (int i = 0; i < 60; i++)
		dissect_closed(k->d, &f[i], k->now_ns);
	assert_int_equal(k->n_finished, 60);
	kit_close(k);
}

static void
the_oldest_request_with_a_key_is_answered_first(void **unused)
{
	struct kit *k = kit_open(9600);
	uint8_t b[300];

	(void)unused;
	kit_send(k, DIR_FROM_0, b, ex_read(b, 1));
	kit_send(k, DIR_FROM_0, b, ex_read(b, 1));
	kit_send(k, DIR_FROM_1, b, ex_answer(b, 1));
	assert_int_equal(k->op[2].id, k->op[0].id);
	kit_send(k, DIR_FROM_1, b, ex_answer(b, 1));
	assert_int_equal(k->op[3].id, k->op[1].id);
	kit_close(k);
}

static void
many_that_expire_at_once_do_not_fill_the_arena(void **unused)
{
	struct dissect_settings s = kit_settings;
	struct kit *k;
	uint8_t b[300];

	(void)unused;
	s.max_pending = s.max_pending_flow = 1500;
	k = kit_open_sized(kit_list, 9600, &s);
	for (int i = 0; i < 1500; i++)
		kit_send(k, DIR_FROM_0, b, ex_read(b, (uint8_t)i));
	dissect_tick(k->d, k->now_ns + 60000000000u);
	assert_int_equal(k->n_finished, 1500);
	assert_int_equal(k->counters.v[CNT_APP_ARENA_FULL], 0);
	assert_false(k->arena.overflow);
	kit_close(k);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_request_without_answer_is_reported_after_its_time),
		cmocka_unit_test(a_frame_behind_the_clock_has_not_waited_for_that),
		cmocka_unit_test(anomalies_of_a_request_are_reported_once),
		cmocka_unit_test(a_one_way_tap_works_for_ever),
		cmocka_unit_test(the_total_is_bounded_too),
		cmocka_unit_test(long_requests_keep_all_their_bytes),
		cmocka_unit_test(long_requests_of_many_flows_evict_the_oldest_long_one),
		cmocka_unit_test(the_oldest_request_with_a_key_is_answered_first),
		cmocka_unit_test(many_that_expire_at_once_do_not_fill_the_arena),
	};

	return cmocka_run_group_tests_name("dissect_pair", tests, NULL, NULL);
}
