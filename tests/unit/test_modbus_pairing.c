/* Requests of Modbus and their answers: pairing, transaction ids, roles, and requests or
 * answers that stay alone. */
#include "modbus_kit.h"

#define READ_SAID(id, tail) "= " #id " unit 1 3 Read Holding Registers, read, answered" tail "\n"

static void
requests_are_shown_at_once_and_again_when_answered(void **unused)
{
	struct kit k;

	(void)unused;
	kit_open(&k, KIT_PORT);
	kit_mbap(&k, DIR_FROM_0, "03 006B 0003");
	assert_string_equal(kit_said(&k),
	    "? 1 unit 1 3 Read Holding Registers, read, pending [holding 107+3]\n");
	kit_mbap(&k, DIR_FROM_1, "03 06 022B 0000 0064");
	assert_string_equal(kit_said(&k), READ_SAID(1, " [holding 107+3 = 555,0,100]"));
	kit_close(&k);
}

static void
pipelined_answers_find_their_requests_in_any_order(void **unused)
{
	struct kit k;

	(void)unused;
	kit_open_known(&k);
	k.transaction = 10;
	kit_mbap(&k, DIR_FROM_0, "03 000A 0001");
	k.transaction = 11;
	kit_mbap(&k, DIR_FROM_0, "03 000B 0001");
	(void)kit_said(&k);
	kit_mbap(&k, DIR_FROM_1, "03 02 0BBB");
	k.transaction = 10;
	kit_mbap(&k, DIR_FROM_1, "03 02 0AAA");
	assert_string_equal(kit_said(&k), READ_SAID(3, " [holding 11+1 = 3003]")
	    READ_SAID(2, " [holding 10+1 = 2730]"));
	kit_close(&k);
}

/* Requests are read once and stay as they were read, as long as few wait; of the others
 * the bytes are read again.  Nobody can tell the difference, whoever answers first. */
static void
many_requests_that_wait_are_told_in_full(void **unused)
{
	enum { N = 14 };	/* of which the kit reads four once */
	struct kit k;

	(void)unused;
	for (unsigned stride = 1; stride < N; stride += 2) {
		if (stride == 7)
			continue;	/* would not reach all */
		kit_open_known(&k);
		for (unsigned i = 0; i < N; i++) {
			char pdu[20];

			k.transaction = (uint16_t)(100 + i);
			(void)snprintf(pdu, sizeof(pdu), "03 %04X 0001", 0x1000 + i);
			kit_mbap(&k, DIR_FROM_0, pdu);
		}
		(void)kit_said(&k);
		for (unsigned i = 0; i < N; i++) {
			unsigned at = i * stride % N;
			char pdu[20], said[200];

			k.transaction = (uint16_t)(100 + at);
			(void)snprintf(pdu, sizeof(pdu), "03 02 %04X", at);
			(void)snprintf(said, sizeof(said), "= %u unit 1 3 Read Holding Registers, "
			    "read, answered [holding %u+1 = %u]\n", at + 2, 0x1000 + at, at);
			kit_mbap(&k, DIR_FROM_1, pdu);
			assert_string_equal(kit_said(&k), said);
		}
		kit_close(&k);
	}
}

/* What is told with the request alone is not told again with the answer. */
static void
what_came_after_the_reading_is_not_remembered(void **unused)
{
	struct kit k;

	(void)unused;
	kit_open_known(&k);
	k.transaction = 10;
	kit_mbap(&k, DIR_FROM_0, "03 000A 0001");
	kit_mbap(&k, DIR_FROM_0, "03 000B 0001");
	assert_non_null(strstr(kit_said(&k), "[holding 11+1] !"));
	kit_mbap(&k, DIR_FROM_1, "03 02 0AAA");
	kit_mbap(&k, DIR_FROM_1, "03 02 0BBB");
	assert_string_equal(kit_said(&k), READ_SAID(2, " [holding 10+1 = 2730]")
	    READ_SAID(3, " [holding 11+1 = 3003]"));
	kit_close(&k);
}

static void
units_behind_a_gateway_are_kept_apart(void **unused)
{
	struct kit k;

	(void)unused;
	kit_open_known(&k);
	k.unit = 7;
	kit_mbap(&k, DIR_FROM_0, "03 0007 0001");
	k.unit = 8;
	kit_mbap(&k, DIR_FROM_0, "03 0008 0001");
	(void)kit_said(&k);
	k.unit = 7;
	kit_mbap(&k, DIR_FROM_1, "03 02 0001");
	assert_string_equal(kit_said(&k),
	    "= 2 unit 7 3 Read Holding Registers, read, answered [holding 7+1 = 1]\n");
	kit_close(&k);
}

static void
reuse_of_a_waiting_transaction_id_is_reported(void **unused)
{
	struct kit k;

	(void)unused;
	kit_open_known(&k);
	kit_mbap(&k, DIR_FROM_0, "03 0000 0001");
	kit_mbap(&k, DIR_FROM_0, "03 0001 0001");
	assert_non_null(strstr(kit_said(&k), "[holding 1+1] !transaction_id_reuse\n"));
	kit_mbap(&k, DIR_FROM_1, "03 02 0005");
	assert_string_equal(kit_said(&k), READ_SAID(2, " [holding 0+1 = 5]"));
	kit_close(&k);
}

static void
an_answer_that_nobody_asked_for_is_unsolicited(void **unused)
{
	struct kit k;

	(void)unused;
	kit_open_known(&k);
	k.transaction = 99;
	kit_mbap(&k, DIR_FROM_1, "03 02 0005");
	assert_string_equal(kit_said(&k), "= 2 unit 1 3 Read Holding Registers, read, one-sided"
	    " [holding = 5] !unsolicited_response\n");
	kit_close(&k);
}

static void
at_a_midway_join_nothing_is_unsolicited(void **unused)
{
	struct kit k;

	(void)unused;
	kit_open(&k, KIT_PORT);
	k.flow.midstream = true;
	kit_mbap(&k, DIR_FROM_1, "03 02 0005");
	k.transaction = 5;
	kit_mbap(&k, DIR_FROM_0, "03 0000 0001");
	k.transaction = 2;
	kit_mbap(&k, DIR_FROM_1, "03 02 0006");
	assert_int_equal(k.anomalies, 0);
	assert_int_equal(k.operations, 3);
	kit_close(&k);
}

static void
a_late_answer_is_called_late(void **unused)
{
	struct kit k;

	(void)unused;
	kit_open_known(&k);
	kit_mbap(&k, DIR_FROM_0, "03 0000 0001");
	(void)kit_said(&k);
	k.now_ns += 20000000000u;
	dissect_tick(k.dissect, k.now_ns);
	assert_non_null(strstr(kit_said(&k), "read, unanswered [holding 0+1]\n"));
	kit_mbap(&k, DIR_FROM_1, "03 02 0006");
	assert_non_null(strstr(kit_said(&k), "one-sided [holding = 6] !late_response\n"));
	kit_close(&k);
}

static void
requests_alone_end_one_sided(void **unused)
{
	struct kit k;

	(void)unused;
	kit_open(&k, KIT_PORT);
	for (int i = 0; i < 100; i++)
		kit_mbap(&k, DIR_FROM_0, "03 0000 0001");
	kit_close(&k);
	assert_int_equal(k.operations, 200);
	assert_int_equal(k.anomalies, 0);
	assert_non_null(strstr(kit_said(&k), "= 1 unit 1 3 Read Holding Registers, read, one-sided"));
}

static void
a_lost_answer_does_not_shift_a_constant_transaction_id(void **unused)
{
	struct kit k;

	(void)unused;
	kit_open_known(&k);
	kit_mbap(&k, DIR_FROM_0, "03 0001 0001");
	dissect_gap(k.dissect, &k.flow, DIR_FROM_1, 11, k.now_ns, k.frame, 0);
	kit_mbap(&k, DIR_FROM_0, "03 0002 0001");
	(void)kit_said(&k);
	kit_mbap(&k, DIR_FROM_1, "03 02 0002");
	assert_string_equal(kit_said(&k), READ_SAID(3, " [holding 2+1 = 2]"));
	kit_close(&k);
}

static void
shapes_say_who_the_client_is(void **unused)
{
	struct kit k;

	(void)unused;
	kit_open(&k, KIT_PORT);
	/* Port 502 belongs to end 1, but it is end 1 that asks. */
	kit_mbap(&k, DIR_FROM_1, "03 0000 0001");
	kit_mbap(&k, DIR_FROM_0, "03 02 0007");
	assert_int_equal(k.flow.client_end, 1);
	assert_non_null(strstr(kit_said(&k), "answered [holding 0+1 = 7]"));
	kit_close(&k);
}

static void
file_records_without_their_request_have_no_address(void **unused)
{
	struct kit k;

	(void)unused;
	kit_open(&k, KIT_PORT);
	k.flow.midstream = true;
	kit_mbap(&k, DIR_FROM_1, "03 02 0005");
	(void)kit_said(&k);
	kit_mbap(&k, DIR_FROM_1, "14 0C 05 06 0DFE 0020 05 06 33CD 0040");
	assert_string_equal(kit_said(&k), "= 2 unit 1 20 Read File Record, file, one-sided"
	    " [file = 3582,32] [file = 13261,64]\n");
	/* The last record is longer than the answer. */
	kit_mbap(&k, DIR_FROM_1, "14 0C 05 06 0DFE 0020 06 06 33CD 0040");
	assert_string_equal(kit_said(&k), "= 3 unit 1 20 Read File Record, file, one-sided"
	    " [file = 3582,32] !invalid_value !contradictory_count\n");
	kit_close(&k);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(requests_are_shown_at_once_and_again_when_answered),
		cmocka_unit_test(pipelined_answers_find_their_requests_in_any_order),
		cmocka_unit_test(many_requests_that_wait_are_told_in_full),
		cmocka_unit_test(what_came_after_the_reading_is_not_remembered),
		cmocka_unit_test(units_behind_a_gateway_are_kept_apart),
		cmocka_unit_test(reuse_of_a_waiting_transaction_id_is_reported),
		cmocka_unit_test(an_answer_that_nobody_asked_for_is_unsolicited),
		cmocka_unit_test(at_a_midway_join_nothing_is_unsolicited),
		cmocka_unit_test(a_late_answer_is_called_late),
		cmocka_unit_test(requests_alone_end_one_sided),
		cmocka_unit_test(a_lost_answer_does_not_shift_a_constant_transaction_id),
		cmocka_unit_test(shapes_say_who_the_client_is),
		cmocka_unit_test(file_records_without_their_request_have_no_address),
	};

	return cmocka_run_group_tests_name("modbus-pairing", tests, NULL, NULL);
}
