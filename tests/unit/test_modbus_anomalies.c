/* What breaks the Modbus specification: it is said, and the bytes are believed. */
#include "modbus_kit.h"

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

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_wrong_is_said_and_the_bytes_believed),
		cmocka_unit_test(an_anomaly_of_the_request_is_reported_once),
		cmocka_unit_test(a_wrong_protocol_id_is_reported_and_read),
	};

	return cmocka_run_group_tests_name("modbus-anomalies", tests, NULL, NULL);
}
