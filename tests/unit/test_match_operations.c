/* test_match_operations.c - ot.* words: points by index, the direction that `flow` asks
 * for, and sets that are asked of operations. */
#include "match_say.h"

#define O "alert ip any any -> any any (msg:\"t\"; "

/* Direct operate, g12v1: index 7 on by qualifier 28, index 3 off by 17; g41v2 value 1000 at 9. */
#define CROB "\x03\x01\x64\x00\x00\x00\x64\x00\x00\x00\x00"
static void
dnp3_points_by_index(void **state)
{
	struct kit k;

	(void)state;
	kit_open(&k,
	    O "ot.intent:operate; ot.address:7; sid:1;)\n"
	    O "ot.intent:operate; ot.address:3; sid:2;)\n"
	    O "ot.intent:operate; ot.address:8; sid:3;)\n"
	    O "dnp3_func:direct_operate; ot.address:0-3; sid:4;)\n"
	    O "ot.address:9; ot.value:1000; sid:5;)\n"
	    O "ot.address:3; ot.value:1000; sid:6;)\n"
	    O "ot.number:3073; ot.address:1-9; sid:7;)\n"
	    O "ot.address:!7; sid:8;)\n"
	    O "ot.address:9; ot.value:>=1000; flow:to_server; sid:9;)\n"
	    O "ot.address:9; ot.value:>=1000; flow:to_client; sid:10;)\n");
	kit_flow(&k, IP_TCP, 1025, 20000);
	DNP3(&k, true, "\xc0\x05\x0c\x01\x28\x01\x00\x07\x00" CROB);
	assert_int_equal(k.hits[1], 1);
	assert_int_equal(k.hits[7], 1);
	assert_int_equal(k.hits[8], 0);
	assert_int_equal(k.hits[2] + k.hits[3] + k.hits[4], 0);
	DNP3(&k, true, "\xc1\x05\x0c\x01\x17\x01\x03" CROB);
	assert_int_equal(k.hits[2], 1);
	assert_int_equal(k.hits[4], 1);
	assert_int_equal(k.hits[8], 1);
	DNP3(&k, true, "\xc2\x05\x29\x02\x28\x01\x00\x09\x00\xe8\x03\x00");
	assert_int_equal(k.hits[5], 1);
	assert_int_equal(k.hits[6], 0);
	assert_int_equal(k.hits[3], 0);
	assert_int_equal(k.hits[9], 1);
	assert_int_equal(k.hits[10], 0);
	kit_close(&k);
}

/* to_server is about what the client asked, to_client about what it was answered. */
static void
operations_follow_the_flow(void **state)
{
	struct kit k;

	(void)state;
	kit_open(&k,
	    O "flow:to_server; ot.intent:write; sid:1;)\n"
	    O "flow:to_client; ot.intent:write; sid:2;)\n"
	    O "flow:to_server; ot.value:100; sid:3;)\n"
	    O "flow:to_client; ot.value:100; sid:4;)\n"
	    O "flow:to_client; ot.exception:2; sid:5;)\n"
	    O "flow:to_client; ot.unit:1; ot.function:3; sid:6;)\n"
	    O "flow:to_client; ot.space:holding; ot.address:10; sid:7;)\n"
	    O "ot.value:100; sid:8;)\n");
	MB(&k, DIR_FROM_0, 1, "\x10\x00\x0a\x00\x01\x02\x00\x64");	/* writes 100 */
	assert_int_equal(k.hits[1], 1);
	assert_int_equal(k.hits[2], 0);
	assert_int_equal(k.hits[3], 1);
	assert_int_equal(k.hits[7], 0);
	MB(&k, DIR_FROM_1, 1, "\x10\x00\x0a\x00\x01");
	assert_int_equal(k.hits[1], 1);
	assert_int_equal(k.hits[2], 1);
	assert_int_equal(k.hits[3], 1);
	assert_int_equal(k.hits[4], 0);
	assert_int_equal(k.hits[7], 1);
	assert_true(k.last.to_client);
	MB(&k, DIR_FROM_0, 2, "\x03\x00\x0a\x00\x01");	/* reads 100 */
	assert_int_equal(k.hits[6], 0);
	MB(&k, DIR_FROM_1, 2, "\x03\x02\x00\x64");
	assert_int_equal(k.hits[3], 1);
	assert_int_equal(k.hits[4], 1);
	assert_int_equal(k.hits[6], 1);
	assert_int_equal(k.hits[7], 2);
	assert_int_equal(k.hits[8], 2);
	MB(&k, DIR_FROM_0, 3, "\x03\x00\x0a\x00\x01");
	MB(&k, DIR_FROM_1, 3, "\x83\x02");
	assert_int_equal(k.hits[5], 1);
	kit_close(&k);
	/* An answer whose request was not seen is nothing that a client asked. */
	kit_open(&k, O "flow:to_server; ot.function:3; sid:1;)\n" O "flow:to_client; ot.function:3; sid:2;)\n");
	MB(&k, DIR_FROM_1, 2, "\x03\x02\x00\x64");
	MB(&k, DIR_FROM_1, 3, "\x03\x02\x00\x64");
	assert_int_equal(k.hits[1], 0);
	kit_close(&k);
}

/* A set asked of an operation's bytes or of its ends: the same set in every rule. */
static void
sets_of_operations(void **state)
{
	struct kit k;

	(void)state;
	kit_open(&k,
	    "alert modbus any any -> any any (msg:\"t\"; modbus_func:6; dataset:isnotset,seen; sid:1;)\n"
	    "alert modbus any any -> any any (msg:\"t\"; modbus_func:6; dataset:set,seen,type string; sid:2;)\n"
	    "alert modbus any any -> any any (msg:\"t\"; modbus_func:6; dataset:isset,seen; sid:3;)\n"
	    "alert modbus any any -> any any (msg:\"t\"; modbus_func:3; ip.src; dataset:isnotset,hosts; sid:4;)\n"
	    "alert modbus any any -> any any (msg:\"t\"; modbus_func:6; flow:to_server; ip.src; dataset:set,hosts,type ip; noalert; sid:5;)\n"
	    "alert modbus any any -> any any (msg:\"t\"; modbus_func:3; flow:to_server; dataset:isnotset,hosts; sid:6;)\n");
	MB(&k, DIR_FROM_0, 1, "\x03\x00\x0a\x00\x01");
	assert_int_equal(k.hits[4], 1);
	assert_int_equal(k.hits[6], 1);
	MB(&k, DIR_FROM_0, 2, "\x06\x00\x0a\x00\x01");
	assert_int_equal(k.hits[1], 1);
	assert_int_equal(k.hits[2], 1);
	assert_int_equal(k.hits[3], 1);
	MB(&k, DIR_FROM_0, 2, "\x06\x00\x0a\x00\x01");
	assert_int_equal(k.hits[1], 1);
	assert_int_equal(k.hits[2], 1);
	assert_int_equal(k.hits[3], 2);
	/* The client stands in the set now; with either end, for a rule that names none. */
	MB(&k, DIR_FROM_0, 4, "\x03\x00\x0a\x00\x01");
	assert_int_equal(k.hits[4], 1);
	assert_int_equal(k.hits[6], 1);
	kit_close(&k);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(dnp3_points_by_index),
		cmocka_unit_test(operations_follow_the_flow),
		cmocka_unit_test(sets_of_operations),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
