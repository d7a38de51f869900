/* The Modbus dissector in its room: framings, pairing, roles, and what is said
 * of bytes that break the specification. */
#include "modbus_kit.h"

#include "dissectors/modbus/modbus.h"
#include "modbus_examples.h"

#define READ_SAID(id, tail) "= " #id " unit 1 3 Read Holding Registers, read, answered" tail "\n"

/* ---- good bytes, cut in every way ---- */

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
several_adus_in_a_segment_and_adus_over_segments(void **unused)
{
	struct kit k;
	uint8_t b[600];
	size_t n, cut;

	(void)unused;
	kit_open_known(&k);
	n = kit_adu(&k, "06 0001 0003", b);
	k.transaction++;
	n += kit_adu(&k, "05 00AC FF00", b + n);
	for (cut = 1; cut < n; cut++) {
		kit_send(&k, DIR_FROM_0, b, cut);
		kit_send(&k, DIR_FROM_0, b + cut, n - cut);
		(void)kit_said(&k);
		kit_send(&k, DIR_FROM_1, b, cut);
		kit_send(&k, DIR_FROM_1, b + cut, n - cut);
		assert_non_null(strstr(kit_said(&k), "[>coil 172+1 = 1]\n"));
	}
	assert_int_equal(k.operations, 2 + 4 * (n - 1));
	assert_int_equal(k.anomalies, 0);
	kit_close(&k);
}

static void
every_prefix_asks_for_more_and_says_nothing(void **unused)
{
	struct kit k;
	uint8_t b[600];

	(void)unused;
	for (size_t i = 0; i < COUNTOF(examples); i++) {
		kit_open_known(&k);
		size_t n = kit_adu(&k, examples[i].request, b), said = k.operations;

		for (size_t at = 0; at < n; at++) {
			assert_int_equal(k.operations, said);
			kit_send(&k, DIR_FROM_0, b + at, 1);
		}
		assert_int_equal(k.operations, said + 1);
		assert_string_not_equal(kit_said(&k), "");
		n = kit_adu(&k, examples[i].answer, b);
		for (size_t at = 0; at < n; at++) {
			assert_int_equal(k.operations, said + 1);
			kit_send(&k, DIR_FROM_1, b + at, 1);
		}
		assert_int_equal(k.operations, said + 2);
		kit_close(&k);
	}
}

static void
every_single_byte_change_is_survived(void **unused)
{
	struct kit k;
	uint8_t q[600], a[600];

	(void)unused;
	for (size_t i = 0; i < COUNTOF(examples); i++) {
		kit_open_known(&k);
		size_t nq = kit_adu(&k, examples[i].request, q);
		size_t na = kit_adu(&k, examples[i].answer, a);

		kit_exchange_changed(&k, q, nq, a, na);
		/* And then it is in step again. */
		kit_mbap(&k, DIR_FROM_0, "03 0000 0001");
		for (int again = 0; again < 3; again++)
			kit_exchange(&k, "03 0000 0001", "03 02 0007");
		assert_non_null(strstr(kit_said(&k), "[holding 0+1 = 7]"));
		kit_close(&k);
	}
}

/* ---- exceptions ---- */

static void
exceptions_have_names(void **unused)
{
	struct kit k;

	(void)unused;
	kit_open_known(&k);
	kit_exchange(&k, "03 0000 0001", "83 02");
	assert_non_null(strstr(kit_said(&k), "read, exception 2 Illegal Data Address [holding 0+1]\n"));
	kit_exchange(&k, "06 0000 0001", "86 0B");
	assert_non_null(strstr(kit_said(&k), "exception 11 Gateway Target Device Failed to Respond"));
	kit_exchange(&k, "03 0000 0001", "83 09");
	assert_non_null(strstr(kit_said(&k), "exception 9 - [holding 0+1] !invalid_exception_code\n"));
	kit_exchange(&k, "03 0000 0001", "83 08");
	assert_non_null(strstr(kit_said(&k), "!invalid_exception_code\n"));
	kit_exchange(&k, "83 02", "83 01");
	assert_non_null(strstr(kit_said(&k), "!invalid_function_code !exception_in_request"));
	kit_close(&k);
}

/* What detectors ask instead of codes. */
static void
functions_are_commands_and_refusals(void **unused)
{
	static const struct { const char *request, *answer; enum op_command command; uint8_t refused; } cases[] = {
		{ "03 0000 0001", "83 01", CMD_NONE, OP_REFUSED_FUNCTION },
		{ "03 0000 0001", "83 02", CMD_NONE, OP_REFUSED_ADDRESS },
		{ "03 0000 0001", "83 03", CMD_NONE, OP_REFUSED_VALUE },
		{ "03 0000 0001", "83 04", CMD_NONE, OP_REFUSED_FAILURE },
		{ "03 0000 0001", "83 05", CMD_NONE, OP_REFUSED_BUSY },
		{ "03 0000 0001", "83 06", CMD_NONE, OP_REFUSED_BUSY },
		{ "03 0000 0001", "83 0A", CMD_NONE, OP_REFUSED_OTHER },
		{ "03 0000 0001", "83 77", CMD_NONE, OP_REFUSED_OTHER },
		{ "03 0000 0001", "03 02 0007", CMD_NONE, 0 },
		{ "08 0001 0000", "08 0001 0000", CMD_RESTART_LINK, 0 },
		{ "08 0004 0000", "88 03", CMD_LISTEN_ONLY, OP_REFUSED_VALUE },
		{ "08 000A 0000", "08 000A 0000", CMD_NONE, 0 },
		{ "5A 01 40 00", "5A 01 FE", CMD_START, 0 },
		{ "5A 01 41 00", "5A 01 FE", CMD_STOP, 0 },
		{ "5A 01 26 00", "5A 01 FE", CMD_NONE, 0 },
		{ "5A 01 30 00", "5A 01 FE", CMD_DOWNLOAD, 0 },
		/* Whoever carries the block sends the program. */
		{ "5A 01 31 000102030405060708090A0B0C0D0E0F", "5A 01 FE", CMD_DOWNLOAD, 0 },
		{ "5A 01 31 0001", "5A 01 FE 000102030405060708090A0B0C0D0E0F", CMD_UPLOAD, 0 },
		/* UMAS has reasons of its own. */
		{ "5A 01 41 00", "5A 01 FD 44", CMD_STOP, 0 },
	};
	struct kit k;

	(void)unused;
	kit_open_known(&k);
	k.flow.ttl[DIR_FROM_0] = 127;
	k.flow.ttl[DIR_FROM_1] = 64;
	for (unsigned i = 0; i < COUNTOF(cases); i++) {
		kit_exchange(&k, cases[i].request, cases[i].answer);
		assert_int_equal(k.last.phase, OP_FINISHED);
		assert_int_equal(k.last.command, cases[i].command);
		assert_int_equal(k.last.refused, cases[i].refused);
		assert_int_equal(k.last.vendor, cases[i].request[0] == '5');
		assert_int_equal(k.last.request.ttl, 127);
		assert_int_equal(k.last.response.ttl, 64);
		assert_null(k.last.login_refused);
		assert_false(k.last.has_status);
	}
	kit_exchange(&k, "5A 01 10 00000000 03 'abc'", "5A 01 FE");
	assert_int_equal(k.last.command, CMD_LOGIN);
	assert_null(k.last.login_refused);
	kit_exchange(&k, "5A 01 10 00000000 03 'abc'", "5A 01 FD 44");
	assert_string_equal(k.last.login_refused, "the reservation was refused");
	kit_close(&k);
}

/* ---- what breaks the specification ---- */

struct broken {
	const char *request, *answer, *said;	/* end of the finished line */
};

static const struct broken brokens[] = {
/* quantities and ranges */
{ "03 0000 0000", "83 03", "[holding 0+0] !invalid_value !quantity_out_of_range\n" },
{ "03 0000 007E", "83 03", "[holding 0+126] !invalid_value !quantity_out_of_range\n" },
{ "01 0000 07D1", "81 03", "[coil 0+2001] !invalid_value !quantity_out_of_range\n" },
{ "03 FFFF 0002", "83 02", "[holding 65535+2] !address_range\n" },
{ "05 0001 1234", "85 03", "[>coil 1+1 = 4660] !invalid_value\n" },
/* counts that disagree: the bytes are believed */
{ "10 0001 0002 02 000A", "10 0001 0002",
  "[>holding 1+2 = 10] !invalid_value !contradictory_count\n" },
{ "10 0001 0002 04 000A", "10 0001 0002",
  "[>holding 1+2 = 10] byte_count=4 !invalid_value !contradictory_count\n" },
{ "10 0001 0002 02 000A 000B", "10 0001 0002",
  "[>holding 1+2 = 10,11] byte_count=2 !invalid_value !contradictory_count\n" },
{ "10 0001 0001 03 000A 0B", "10 0001 0001",
  "[>holding 1+1 = 10] !invalid_value !contradictory_count !contradictory_count\n" },
{ "0F 0013 000A 01 CD", "0F 0013 000A",
  "[>coil 19+10 = 1,0,1,1,0,0,1,1] !invalid_value !contradictory_count\n" },
/* answers that do not fit */
{ "03 0000 0002", "03 02 0007", "[holding 0+2 = 7] !value_mismatch !answer_size\n" },
{ "03 0000 0001", "03 04 0007 0008", "[holding 0+1 = 7,8] !value_mismatch !answer_size\n" },
{ "03 0000 0002", "03 04 0007", "[holding 0+2 = 7] <byte_count=4 !value_mismatch !contradictory_count"
  " !answer_size\n" },
{ "06 0001 0003", "06 0001 0004", "[>holding 1+1 = 3] !value_mismatch !echo_differs\n" },
{ "06 0001 0003", "06 0002 0003", "[>holding 1+1 = 3] !value_mismatch !echo_differs\n" },
{ "10 0001 0001 02 000A", "10 0001 0002", "[>holding 1+1 = 10] !value_mismatch !echo_differs\n" },
{ "16 0004 00F2 0025", "16 0004 00F2 0026", " !value_mismatch !echo_differs\n" },
{ "08 0000 A537", "08 0000 A538", " !value_mismatch !echo_differs\n" },
{ "15 0D 06 0004 0007 0003 06AF 04BE 100D", "15 0D 06 0004 0007 0003 06AF 04BE 100E",
  "!value_mismatch !echo_differs\n" },
{ "03 0000 0001", "04 02 0007", "!value_mismatch !function_differs\n" },
{ "08 000B 0000", "08 000C 0007", "!value_mismatch !function_differs\n" },
/* lengths */
{ "03 0000", "83 03", "Read Holding Registers, read, exception 3 Illegal Data Value"
  " !invalid_length\n" },
{ "03 0000 0001 99", "03 02 0007", "[holding 0+1 = 7] !invalid_length !trailing_bytes\n" },
{ "03 0000 0001", "03 02 0007 99", "[holding 0+1 = 7] <byte_count=2 !value_mismatch !trailing_bytes\n" },
{ "0B", "0B FFFF", "<status=65535 !invalid_length\n" },
{ "07", "07", "!invalid_length\n" },
/* files */
{ "14 07 05 0004 0001 0001", "14 04 03 06 0DFE",
  "[file #4 1+1 = 3582] !invalid_value !file_reference_type\n" },
{ "14 07 06 0004 0001 0002", "14 04 03 06 0DFE",
  "[file #4 1+2 = 3582] !value_mismatch !answer_size\n" },
{ "14 07 06 0004 270F 0002", "94 02", "!address_range\n" },
{ "18 04DE", "18 0006 0003 01B8 1284",
  "[fifo #1246 1246+1 = 440,4740] <fifo_count=3 <byte_count=6 !invalid_value !contradictory_count"
  " !contradictory_count\n" },
/* identification */
{ "2B 0E 05 00", "AB 03", "object_id=0 !invalid_value\n" },
{ "2B 0E 01 00", "2B 0E 01 01 00 00 02 00 01 'A'",
  "vendor:0=\"A\" !invalid_value !contradictory_count\n" },
{ "2B 0E 01 00", "2B 0E 01 01 00 00 01 00 09 'A'",
  "<number_of_objects=1 !invalid_value !contradictory_count !contradictory_count\n" },
/* codes */
{ "55 01", "D5 01", "Unassigned, unknown, exception 1 Illegal Function data=01"
  " !invalid_function_code\n" },
{ "00", "80 01", "!invalid_function_code\n" },
{ "5A 01 41 00", "5A 01 FD 44",
  "UMAS: Stop PLC, mode, exception 253 UMAS error session_key=1 data=00 <session_key=1"
  " <status=253 <data=44 !reserved_function_code\n" },
};

static void
what_is_wrong_is_said_and_the_bytes_believed(void **unused)
{
	struct kit k;

	(void)unused;
	kit_open_known(&k);
	for (size_t i = 0; i < COUNTOF(brokens); i++) {
		const char *said, *want = brokens[i].said;

		kit_mbap(&k, DIR_FROM_0, brokens[i].request);
		(void)kit_said(&k);
		kit_mbap(&k, DIR_FROM_1, brokens[i].answer);
		k.transaction++;
		said = kit_said(&k);
		if (strlen(said) < strlen(want) ||
		    strcmp(said + strlen(said) - strlen(want), want) != 0)
			fail_msg("%s -> %s\n said %swanted %s", brokens[i].request,
			    brokens[i].answer, said, want);
	}
	kit_close(&k);
}

static void
an_anomaly_of_the_request_is_reported_once(void **unused)
{
	struct kit k;

	(void)unused;
	kit_open_known(&k);
	kit_exchange(&k, "03 0000 0000", "83 03");
	assert_int_equal(k.anomalies, 2);	/* the general one and the exact one */
	kit_close(&k);
}

static void
a_wrong_protocol_id_is_reported_and_read(void **unused)
{
	static const uint8_t adu[] = { 0, 9, 0, 1, 0, 6, 1, 3, 0, 0, 0, 1 };
	struct kit k;

	(void)unused;
	kit_open_known(&k);
	kit_send(&k, DIR_FROM_0, adu, sizeof(adu));
	assert_string_equal(kit_said(&k), "? 2 unit 1 3 Read Holding Registers, read, pending"
	    " [holding 0+1] !invalid_protocol_id\n");
	kit_close(&k);
}

/* ---- pairing ---- */

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

/* ---- roles ---- */

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
a_strange_port_needs_two_that_agree(void **unused)
{
	struct kit k;

	(void)unused;
	kit_open(&k, 4711);
	kit_mbap(&k, DIR_FROM_0, "03 0000 0001");
	assert_null(k.flow.protocol);
	kit_mbap(&k, DIR_FROM_1, "03 02 0007");
	assert_string_equal(k.flow.protocol->name, "modbus");
	assert_int_equal(k.operations, 2);
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

static void
a_scan_of_function_codes_is_recognised(void **unused)
{
	struct kit k;

	(void)unused;
	kit_open(&k, KIT_PORT);
	kit_exchange(&k, "1D 01", "9D 01");
	assert_non_null(strstr(kit_said(&k), "= 1 unit 1 29 Unassigned, unknown, exception 1"
	    " Illegal Function data=01 !invalid_function_code\n"));
	kit_close(&k);
}

static void
a_scan_may_begin_with_function_0(void **unused)
{
	struct kit k;

	(void)unused;
	kit_open(&k, KIT_PORT);
	kit_exchange(&k, "00", "80 01");
	assert_non_null(strstr(kit_said(&k), "exception 1 Illegal Function"));
	kit_close(&k);
	/* With data it is anything. */
	kit_open(&k, KIT_PORT);
	kit_exchange(&k, "00 0000 0001", "00 0000");
	assert_string_equal(kit_said(&k), "");
	kit_close(&k);
}

/* ---- other framings ---- */

static void
udp_datagrams_are_read(void **unused)
{
	struct kit k;

	(void)unused;
	kit_open(&k, KIT_PORT);
	k.flow.proto = 17;
	kit_exchange(&k, "03 006B 0003", "03 06 022B 0000 0064");
	assert_non_null(strstr(kit_said(&k), "[holding 107+3 = 555,0,100]"));
	kit_close(&k);
}

static size_t
rtu(const char *hex, uint8_t *to)
{
	size_t n = kit_hex(hex, to);
	uint16_t crc = mb_crc16(to, n);

	to[n] = (uint8_t)crc;
	to[n + 1] = (uint8_t)(crc >> 8);
	return n + 2;
}

static void
the_crc_is_the_specifications(void **unused)
{
	/* MBSL 6.2.2, figure of an 02 07 message: CRC 41 12. */
	static const uint8_t message[] = { 0x02, 0x07 };

	(void)unused;
	assert_int_equal(mb_crc16(message, 2), 0x1241);
}

static void
rtu_is_known_by_its_checksum(void **unused)
{
	struct kit k;
	uint8_t b[300];

	(void)unused;
	kit_open(&k, 4001);
	for (size_t i = 0; i < COUNTOF(examples); i++) {
		char hex[700];
		unsigned before = k.operations;

		snprintf(hex, sizeof(hex), "11 %s", examples[i].request);
		kit_send(&k, DIR_FROM_0, b, rtu(hex, b));
		snprintf(hex, sizeof(hex), "11 %s", examples[i].answer);
		kit_send(&k, DIR_FROM_1, b, rtu(hex, b));
		assert_int_equal(k.operations, before + 2);
		assert_non_null(strstr(kit_said(&k), ", answered"));
	}
	kit_close(&k);
}

static void
rtu_frames_are_split_and_joined(void **unused)
{
	struct kit k;
	uint8_t b[300], a[300];
	size_t n, m;

	(void)unused;
	kit_open(&k, 4001);
	n = rtu("11 03 006B 0003", b);
	m = rtu("11 03 06 022B 0000 0064", a);
	kit_send(&k, DIR_FROM_0, b, n);
	kit_send(&k, DIR_FROM_1, a, m);
	for (size_t cut = 1; cut < m; cut++) {
		unsigned before = k.operations;

		memcpy(b + n, b, n);
		kit_send(&k, DIR_FROM_0, b, 2 * n);
		kit_send(&k, DIR_FROM_1, a, cut);
		kit_send(&k, DIR_FROM_1, a + cut, m - cut);
		kit_send(&k, DIR_FROM_1, a, m);
		assert_int_equal(k.operations, before + 4);
	}
	assert_int_equal(k.anomalies, 0);
	/* A broadcast has no answer. */
	(void)kit_said(&k);
	kit_send(&k, DIR_FROM_0, b, rtu("00 06 0001 0003", b));
	assert_non_null(strstr(kit_said(&k), "write, unanswered [>holding 1+1 = 3]"));
	kit_close(&k);
}

static size_t
ascii(const char *hex, uint8_t *to)
{
	uint8_t b[300];
	size_t n = kit_hex(hex, b), at = 1;

	b[n] = mb_lrc(b, n);
	to[0] = ':';
	for (size_t i = 0; i <= n; i++, at += 2)
		(void)snprintf((char *)to + at, 3, "%02X", b[i]);
	to[at++] = '\r';
	to[at++] = '\n';
	return at;
}

static void
ascii_is_known_by_its_checksum(void **unused)
{
	struct kit k;
	uint8_t b[700];
	size_t n;

	(void)unused;
	kit_open(&k, 4002);
	kit_send(&k, DIR_FROM_0, b, ascii("11 03 006B 0003", b));
	n = ascii("11 03 06 022B 0000 0064", b);
	for (size_t i = 0; i < n; i++)
		kit_send(&k, DIR_FROM_1, b + i, 1);
	assert_non_null(strstr(kit_said(&k),
	    "= 1 unit 17 3 Read Holding Registers, read, answered [holding 107+3 = 555,0,100]\n"));
	n = ascii("11 06 0001 0003", b);
	b[4] ^= 1;
	kit_send(&k, DIR_FROM_0, b, n);
	assert_string_equal(kit_said(&k), "! bad_checksum\n");
	kit_send(&k, DIR_FROM_0, b, ascii("11 06 0001 0003", b));
	assert_non_null(strstr(kit_said(&k), "? 2 unit 17 6"));
	kit_close(&k);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(requests_are_shown_at_once_and_again_when_answered),
		cmocka_unit_test(several_adus_in_a_segment_and_adus_over_segments),
		cmocka_unit_test(every_prefix_asks_for_more_and_says_nothing),
		cmocka_unit_test(every_single_byte_change_is_survived),
		cmocka_unit_test(exceptions_have_names),
		cmocka_unit_test(functions_are_commands_and_refusals),
		cmocka_unit_test(what_is_wrong_is_said_and_the_bytes_believed),
		cmocka_unit_test(an_anomaly_of_the_request_is_reported_once),
		cmocka_unit_test(a_wrong_protocol_id_is_reported_and_read),
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
		cmocka_unit_test(a_strange_port_needs_two_that_agree),
		cmocka_unit_test(file_records_without_their_request_have_no_address),
		cmocka_unit_test(a_scan_of_function_codes_is_recognised),
		cmocka_unit_test(a_scan_may_begin_with_function_0),
		cmocka_unit_test(udp_datagrams_are_read),
		cmocka_unit_test(the_crc_is_the_specifications),
		cmocka_unit_test(rtu_is_known_by_its_checksum),
		cmocka_unit_test(rtu_frames_are_split_and_joined),
		cmocka_unit_test(ascii_is_known_by_its_checksum),
	};

	return cmocka_run_group_tests_name("modbus", tests, NULL, NULL);
}
