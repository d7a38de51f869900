/* test_match_limits.c - no match is lost without a word: rules that wait for the same
 * message, what is anchored across segments, and the counters of what is given up. */
#include "match_kit.h"

#define MB_WRITE "\x00\x01\x00\x00\x00\x06\x01\x06\x00\x0a\x00\x64"

/* Hundreds of rules on one operation and its bytes: each is told. */
static void
many_wait_for_one_message(void **state)
{
	char *text = malloc(512 * 160), *at = text;
	struct kit k;

	(void)state;
	assert_non_null(text);
	for (unsigned i = 0; i < 300; i++)
		at += snprintf(at, 160, "alert modbus any any -> any any (msg:\"t\"; ot.function:6; content:\"|00 64|\"; gid:%u; sid:1;)\n",
		    i + 1);
	kit_open(&k, text);
	kit_bytes(&k, DIR_FROM_0, MB_WRITE, sizeof(MB_WRITE) - 1);
	assert_int_equal(k.hits[1], 300);
	assert_int_equal(k.c.v[CNT_RULES_WAITING_DROPPED], 0);
	kit_close(&k);
	free(text);
}

/* Where one end begins to speak is where depth, startswith and ^ count from, however the
 * segments were cut. */
static void
anchored_across_segments(void **state)
{
	static const char login[] = "USER operator\r\nPASS x\r\n";
	struct kit k;

	(void)state;
	for (unsigned step = 1; step < sizeof(login); step++) {
		kit_open(&k,
		    "alert tcp any any -> any any (msg:\"t\"; content:\"USER\"; depth:4; sid:1;)\n"
		    "alert tcp any any -> any any (msg:\"t\"; content:\"USER op\"; startswith; sid:2;)\n"
		    "alert tcp any any -> any any (msg:\"t\"; pcre:\"/^USER\\s+op/\"; sid:3;)\n"
		    "alert tcp any any -> any any (msg:\"t\"; content:\"oper\"; offset:5; depth:8; byte_test:1,=,0x55,0; sid:4;)\n"
		    "alert tcp any any -> any any (msg:\"t\"; content:\"PASS\"; startswith; sid:5;)\n"
		    "alert tcp any any -> any any (msg:\"t\"; content:\"SER\"; depth:3; sid:6;)\n");
		kit_flow(&k, IP_TCP, 1025, 2100);
		kit_bytes(&k, DIR_FROM_1, "220 ready\r\n", 11);
		for (unsigned turn = 1; turn <= 2; turn++) {
			for (unsigned at = 0; at < sizeof(login) - 1; at += step)
				kit_bytes(&k, DIR_FROM_0, login + at, sizeof(login) - 1 - at < step ?
				    (uint32_t)(sizeof(login) - 1 - at) : step);
			for (unsigned sid = 1; sid <= 4; sid++)
				if (k.hits[sid] != turn)
					fail_msg("sid %u: %u at step %u, turn %u", sid, k.hits[sid], step, turn);
			/* The answer: what follows begins anew. */
			kit_bytes(&k, DIR_FROM_1, "530 no\r\n", 8);
		}
		/* A segment of its own begins there too, as before. */
		assert_int_equal(k.hits[5], step == 5 || step == 15 ? 2 : 0);
		assert_int_equal(k.hits[6], 0);
		kit_close(&k);
	}
}

static void
what_is_given_up_is_counted(void **state)
{
	char many[400];
	struct kit k;

	(void)state;
	memset(many, 'a', sizeof(many));
	kit_open(&k,
	    "alert tcp any any -> any any (msg:\"t\"; content:\"a\"; content:\"a\"; distance:0; content:\"a\"; distance:0; content:\"b\"; distance:0; sid:1;)\n"
	    "alert tcp any any -> any 9998 (msg:\"t\"; pcre:!\"/^(a+)+[bcd]$/\"; sid:2;)\n"
	    "alert tcp any any -> any 9999 (msg:\"t\"; ttl:5; content:\"zz\"; sid:3;)\n");
	kit_flow(&k, IP_TCP, 1025, 9998);
	kit_bytes(&k, DIR_FROM_0, many, sizeof(many));
	assert_int_equal(k.hits[1] + k.hits[2], 0);
	assert_true(k.c.v[CNT_RULES_SEARCH_LIMITS] > 0);
	/* The packet of these bytes was not the last one. */
	kit_flow(&k, IP_TCP, 1025, 9999);
	kit_bytes(&k, DIR_FROM_0, "zz", 2);
	assert_int_equal(k.hits[3], 0);
	assert_int_equal(k.c.v[CNT_RULES_HEADERS_GONE], 1);
	kit_close(&k);
}

/* More streams than are remembered: said. */
static void
streams_beyond_the_table_are_counted(void **state)
{
	struct kit k;

	(void)state;
	kit_open(&k, "alert tcp any any -> any any (msg:\"t\"; content:\"abcdef\"; sid:1;)\n");
	for (unsigned i = 0; i < 3000; i++) {
		kit_flow(&k, IP_TCP, (uint16_t)(1025 + i), 8080);
		kit_bytes(&k, DIR_FROM_0, "abc", 3);
	}
	assert_true(k.c.v[CNT_RULES_TAILS_EVICTED] > 0);
	/* Flows that end make place. */
	k.c.v[CNT_RULES_TAILS_EVICTED] = 0;
	kit_close(&k);
	kit_open(&k, "alert tcp any any -> any any (msg:\"t\"; content:\"abcdef\"; sid:1;)\n");
	for (unsigned i = 0; i < 3000; i++) {
		kit_flow(&k, IP_TCP, (uint16_t)(1025 + i), 8080);
		kit_bytes(&k, DIR_FROM_0, "abc", 3);
		rules_detector.flow_end(k.d, &k.flow, FLOW_END_CLOSED);
	}
	assert_int_equal(k.c.v[CNT_RULES_TAILS_EVICTED], 0);
	kit_close(&k);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(many_wait_for_one_message),
		cmocka_unit_test(anchored_across_segments),
		cmocka_unit_test(what_is_given_up_is_counted),
		cmocka_unit_test(streams_beyond_the_table_are_counted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
