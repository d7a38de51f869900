/* Rules about operations: of each protocol, of any, and per PDU. */
#include "match_rules_kit.h"

/* ---- modbus ---- */

/* An ADU of unit 1. */
static void
modbus(void **state)
{
#define M "alert modbus any any -> any any (msg:\"t\"; modbus: "
	struct kit k;

	(void)state;
	/* The manual's examples, with numbers of this traffic. */
	kit_open(&k,
	    M "function 21; sid:1;)\n"
	    M "function 8, subfunction 4; sid:2;)\n"
	    M "function reserved; sid:3;)\n"
	    M "access write; sid:4;)\n"
	    M "access read discretes; sid:5;)\n"
	    M "access read coils, address 1001; sid:6;)\n"
	    M "access write holding, address 500, value >200; sid:7;)\n"
	    M "access write holding, address 500, value <200; sid:8;)\n"
	    M "unit 1, function 16; sid:9;)\n"
	    M "unit 2; sid:10;)\n"
	    M "access write holding, address 1<>5; sid:11;)\n"
	    M "function !16; sid:12;)\n"
	    "alert modbus any any -> any any (msg:\"t\"; modbus_func:16; sid:13;)\n"
	    "alert modbus any any -> any any (msg:\"t\"; modbus_data; content:\"|01 f3|\"; depth:2; sid:14;)\n"
	    "alert modbus any any -> any any (msg:\"t\"; modbus_data; bsize:9; sid:16;)\n"
	    "alert modbus any any -> any any (msg:\"t\"; modbus_data; bsize:>9; sid:17;)\n"
	    "alert modbus any any -> any any (msg:\"t\"; modbus: function 16; content:\"|01 f3|\"; offset:8; depth:2; sid:15;)\n");
	/* 16: registers 499 and 500 (500 and 501 of the rule), 300 and 1. */
	MB(&k, DIR_FROM_0, 1, "\x10\x01\xf3\x00\x02\x04\x01\x2c\x00\x01");
	MB(&k, DIR_FROM_1, 1, "\x10\x01\xf3\x00\x02");
	assert_int_equal(k.hits[4], 1);
	assert_int_equal(k.hits[7], 1);
	assert_int_equal(k.hits[8], 0);
	assert_int_equal(k.hits[9], 1);
	assert_int_equal(k.hits[10], 0);
	assert_int_equal(k.hits[12], 0);
	assert_int_equal(k.hits[13], 1);
	assert_int_equal(k.hits[14], 1);
	assert_int_equal(k.hits[15], 1);
	assert_int_equal(k.hits[16], 1);
	assert_int_equal(k.hits[17], 0);
	/* 8/4 force listen only */
	MB(&k, DIR_FROM_0, 2, "\x08\x00\x04\x00\x00");
	assert_int_equal(k.hits[2], 1);
	/* coils 1000.. are 1001.. of the rule */
	MB(&k, DIR_FROM_0, 3, "\x01\x03\xe8\x00\x08");
	MB(&k, DIR_FROM_1, 3, "\x01\x01\x00");
	MB(&k, DIR_FROM_0, 4, "\x01\x03\xe9\x00\x08");
	assert_int_equal(k.hits[6], 1);
	/* discretes */
	MB(&k, DIR_FROM_0, 5, "\x02\x00\x00\x00\x08");
	assert_int_equal(k.hits[5], 1);
	/* a single register below 200 */
	MB(&k, DIR_FROM_0, 6, "\x06\x01\xf3\x00\x05");
	assert_int_equal(k.hits[8], 1);
	MB(&k, DIR_FROM_0, 7, "\x06\x00\x01\x00\x05");
	assert_int_equal(k.hits[11], 1);
	assert_int_equal(k.hits[4], 3);
	assert_int_equal(k.hits[1] + k.hits[3], 0);
	kit_close(&k);
}

/* Two honest requests in one segment are neither one long message nor garbage:
 * Digital Bond's 1111008 and 1111012. */
static void
per_pdu(void **state)
{
	static const uint8_t two[] = { 0, 1, 0, 0, 0, 6, 1, 3, 0, 0, 0, 10, 0, 2, 0, 0, 0, 6, 1, 3, 0, 10, 0, 10 };
	struct kit k;

	(void)state;
	kit_open(&k,
	    "alert tcp any any -> any 502 (msg:\"t\"; dsize:>20; sid:1;)\n"
	    "alert tcp any any -> any 502 (msg:\"t\"; byte_jump:2,4; isdataat:0,relative; sid:2;)\n"
	    "alert tcp any any -> any 502 (msg:\"t\"; content:!\"|00 00|\"; offset:2; depth:2; sid:3;)\n"
	    "alert tcp any any -> any 502 (msg:\"t\"; content:\"|03|\"; offset:7; depth:1; sid:4;)\n"
	    "alert tcp any any -> any 502 (msg:\"t\"; app-layer-protocol:!modbus; sid:5;)\n");
	kit_bytes(&k, DIR_FROM_0, two, sizeof(two));
	kit_bytes(&k, DIR_FROM_0, two, 5);	/* and split */
	kit_bytes(&k, DIR_FROM_0, two + 5, 7);
	assert_int_equal(k.hits[1] + k.hits[2] + k.hits[3] + k.hits[5], 0);
	assert_int_equal(k.hits[4], 3);
	kit_flow(&k, IP_TCP, 1026, 502);
	kit_bytes(&k, DIR_FROM_0, "GET / HTTP/1.1\r\nHost: a\r\n\r\n", 27);
	assert_int_equal(k.hits[1], 1);
	assert_int_equal(k.hits[3], 1);
	assert_int_equal(k.hits[5], 1);
	kit_close(&k);
}

/* ---- dnp3 ---- */

static void
dnp3(void **state)
{
#define D "alert dnp3 any any -> any any (msg:\"t\"; "
	struct kit k;

	(void)state;
	kit_open(&k,
	    D "dnp3_func:2; sid:1;)\n"
	    D "dnp3_func:write; sid:2;)\n"
	    D "dnp3_func:delete_file; sid:3;)\n"
	    D "dnp3_ind:all_stations; sid:4;)\n"
	    D "dnp3_ind:class_1_events,class_2_events; sid:5;)\n"
	    D "dnp3_obj:60,3; sid:6;)\n"
	    D "dnp3_data; content:\"|3c 02 06 3c 03 06|\"; sid:7;)\n"
	    D "flow:to_client; dnp3.func:response; sid:8;)\n"
	    D "dnp3_func:read; dnp3_obj:60,2; flow:to_server; sid:9;)\n"
	    D "dnp3_func:confirm; sid:10;)\n"
	    "alert ip any any -> any any (msg:\"t\"; ot.function:0; sid:11;)\n"
	    D "dnp3_ind:class_1_events,!need_time; sid:12;)\n"
	    D "dnp3_ind:+class_1_events,class_2_events; sid:13;)\n"
	    D "dnp3_ind:=class_1_events; sid:14;)\n"
	    D "dnp3_ind:-class_1_events; sid:15;)\n"
	    D "dnp3_ind:!0; sid:16;)\n"
	    D "dnp3_ind:!0x200; sid:17;)\n");
	kit_flow(&k, IP_TCP, 1025, 20000);
	DNP3(&k, true, "\xc0\x01\x3c\x02\x06\x3c\x03\x06\x3c\x04\x06\x3c\x01\x06");
	DNP3(&k, false, "\xe0\x81\x02\x00\x1e\x02\x00\x00\x00\x01\x07\x00");
	DNP3(&k, true, "\xc0\x00");
	DNP3(&k, true, "\xc1\x02\x50\x01\x00\x07\x07\x00");
	DNP3(&k, false, "\xc1\x81\x00\x00");
	assert_int_equal(k.hits[1], 1);
	assert_int_equal(k.hits[2], 1);
	assert_int_equal(k.hits[3], 0);
	assert_int_equal(k.hits[4], 0);
	assert_int_equal(k.hits[5], 1);
	assert_int_equal(k.hits[6], 1);
	assert_int_equal(k.hits[7], 1);
	assert_int_equal(k.hits[8], 2);
	assert_int_equal(k.hits[9], 1);
	assert_int_equal(k.hits[10], 0);	/* no transaction */
	assert_int_equal(k.hits[11], 1);	/* but an operation */
	/* the answers have class_1_events alone, and nothing */
	assert_int_equal(k.hits[12], 1);
	assert_int_equal(k.hits[13], 0);
	assert_int_equal(k.hits[14], 1);
	assert_int_equal(k.hits[15], 1);
	assert_int_equal(k.hits[16], 1);
	assert_int_equal(k.hits[17], 1);
	kit_close(&k);
}

/* ---- s7 ---- */

static void
s7(void **state)
{
	/* Read Var: DB1.DBX 0.0 BYTE 4; then PLC stop */
	static const char read[] = "\x03\x00\x00\x1f\x02\xf0\x80\x32\x01\x00\x00\x00\x01\x00\x0e\x00\x00"
	    "\x04\x01\x12\x0a\x10\x02\x00\x04\x00\x01\x84\x00\x00\x00";
	static const char stop[] = "\x03\x00\x00\x21\x02\xf0\x80\x32\x01\x00\x00\x00\x02\x00\x10\x00\x00"
	    "\x29\x00\x00\x00\x00\x00\x09P_PROGRAM";
	struct kit k;

	(void)state;
	kit_open(&k,
	    "alert s7comm any any -> any any (msg:\"t\"; s7comm.function:0x29; sid:1;)\n"
	    "alert s7comm any any -> any any (msg:\"t\"; s7comm.rosctr:1; sid:2;)\n"
	    "alert s7comm any any -> any any (msg:\"t\"; s7comm.db:1; s7comm.address:2; sid:3;)\n"
	    "alert s7comm any any -> any any (msg:\"t\"; s7comm.area:db; sid:4;)\n"
	    "alert s7comm any any -> any any (msg:\"t\"; s7comm.db:2; sid:5;)\n"
	    "alert s7comm any any -> any any (msg:\"t\"; s7comm.item_count:1; sid:6;)\n"
	    "alert tcp any any <> any 102 (msg:\"t\"; content:\"p_program\"; nocase; sid:7;)\n"
	    "alert tcp any any -> any 102 (msg:\"t\"; ot.intent:mode; sid:8;)\n"
	    "alert tcp any any -> any any (msg:\"t\"; ot.intent:write,operate; sid:9;)\n");
	kit_flow(&k, IP_TCP, 1025, 102);
	kit_bytes(&k, DIR_FROM_0, read, sizeof(read) - 1);
	kit_bytes(&k, DIR_FROM_0, stop, sizeof(stop) - 1);
	assert_int_equal(k.hits[1], 1);
	assert_int_equal(k.hits[2], 2);
	assert_int_equal(k.hits[3], 1);
	assert_int_equal(k.hits[4], 1);
	assert_int_equal(k.hits[5], 0);
	assert_int_equal(k.hits[6], 1);
	assert_int_equal(k.hits[7], 1);
	assert_int_equal(k.hits[8], 1);
	assert_int_equal(k.hits[9], 0);
	kit_close(&k);
}

/* ---- operations of any protocol ---- */

static void
ot(void **state)
{
#define O "alert ip any any -> any any (msg:\"t\"; "
	struct kit k;

	(void)state;
	kit_open(&k,
	    O "ot.intent:write; sid:1;)\n"
	    O "ot.unit:1; ot.space:holding; ot.address:10-19; sid:2;)\n"
	    O "ot.space:holding; ot.address:10; ot.value:>99; sid:3;)\n"
	    O "ot.space:holding; ot.address:11; ot.value:>99; sid:4;)\n"
	    O "ot.exception:2; sid:5;)\n"
	    O "ot.outcome:answered; sid:6;)\n"
	    O "ot.latency:>500ms; sid:7;)\n"
	    O "ot.anomaly:quantity_out_of_range; sid:8;)\n"
	    O "ot.unit:!1; sid:9;)\n"
	    O "ot.function:3; sid:10;)\n"
	    O "asset.new:client; sid:11;)\n"
	    "alert modbus any any -> any any (msg:\"t\"; app-layer-event:modbus.invalid_value; sid:12;)\n");
	MB(&k, DIR_FROM_0, 1, "\x10\x00\x0a\x00\x02\x04\x00\x64\x00\x01");
	MB(&k, DIR_FROM_1, 1, "\x10\x00\x0a\x00\x02");
	assert_int_equal(k.hits[1], 1);		/* at the request, not again with its answer */
	assert_int_equal(k.hits[2], 1);
	assert_int_equal(k.hits[3], 1);
	assert_int_equal(k.hits[4], 0);
	assert_int_equal(k.hits[6], 1);
	assert_int_equal(k.hits[7], 0);
	MB(&k, DIR_FROM_0, 2, "\x03\x00\x0a\x00\x02");
	kit_wait(&k, 600);
	MB(&k, DIR_FROM_1, 2, "\x03\x04\x00\x01\x00\x64");	/* the value comes with the answer */
	assert_int_equal(k.hits[2], 2);
	assert_int_equal(k.hits[3], 1);
	assert_int_equal(k.hits[4], 1);
	assert_int_equal(k.hits[7], 1);
	assert_int_equal(k.hits[10], 1);
	MB(&k, DIR_FROM_0, 3, "\x03\x00\x0a\x00\x00");
	MB(&k, DIR_FROM_1, 3, "\x83\x02");
	assert_int_equal(k.hits[5], 1);
	assert_int_equal(k.hits[8], 1);
	assert_int_equal(k.hits[12], 1);
	assert_int_equal(k.hits[9] + k.hits[11], 0);
	kit_close(&k);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(modbus),
		cmocka_unit_test(per_pdu), cmocka_unit_test(dnp3), cmocka_unit_test(s7), cmocka_unit_test(ot),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
