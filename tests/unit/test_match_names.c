/* test_match_names.c - what a conversation is called is certain only after its first
 * bytes: rules that ask for it and for bytes wait, and lose nothing. */
#include "match_kit.h"

#define RULES \
	"alert http any any -> any any (msg:\"t\"; content:\"GET \"; sid:1;)\n" \
	"alert tcp any any -> any any (msg:\"t\"; content:\"GET \"; app-layer-protocol:!http; sid:2;)\n" \
	"alert tcp any any -> any any (msg:\"t\"; content:\"GET \"; app-layer-protocol:tls; sid:3;)\n" \
	"alert tcp any any -> any any (msg:\"t\"; app-layer-protocol:!http; sid:4;)\n" \
	"alert tcp any any -> any any (msg:\"t\"; app-layer-protocol:!modbus; sid:5;)\n" \
	"alert http any any -> any any (msg:\"t\"; pcre:\"/^GET/\"; sid:6;)\n" \
	"alert tcp any any -> any any (msg:\"t\"; content:\"GET \"; app-layer-protocol:failed; sid:7;)\n" \
	"alert tcp any any -> any any (msg:\"t\"; content:\"GET \"; app-layer-protocol:unknown; sid:8;)\n"

static void
begin(struct kit *k)
{
	kit_open(k, RULES);
	kit_flow(k, IP_TCP, 1025, 8080);
	k->flow.app_maybe = true;
	kit_bytes(k, DIR_FROM_0, "GET / HTTP/1.1\r\n", 16);
	for (unsigned sid = 1; sid <= 7; sid++)
		assert_int_equal(k->hits[sid], 0);
	assert_int_equal(k->hits[8], 1);
}

static void
a_name_that_comes_late(void **state)
{
	struct kit k;

	(void)state;
	begin(&k);
	k.flow.app_proto = "http";
	k.flow.app_maybe = false;
	k.flow.ot_maybe = false;
	kit_bytes(&k, DIR_FROM_1, "200", 3);
	assert_int_equal(k.hits[1], 1);
	assert_true(k.last.frame > 0);
	assert_int_equal(k.hits[2] + k.hits[3] + k.hits[4] + k.hits[7], 0);
	assert_true(k.hits[5] > 0);
	assert_int_equal(k.hits[6], 1);
	/* From now on at once. */
	kit_bytes(&k, DIR_FROM_0, "GET /x ", 7);
	assert_int_equal(k.hits[1], 2);
	assert_int_equal(k.hits[6], 2);
	kit_close(&k);
}

/* Its end makes certain what it is not. */
static void
a_name_that_never_comes(void **state)
{
	struct kit k;

	(void)state;
	begin(&k);
	rules_detector.flow_end(k.d, &k.flow, FLOW_END_CLOSED);
	assert_int_equal(k.hits[1] + k.hits[3] + k.hits[6], 0);
	assert_int_equal(k.hits[2], 1);
	assert_int_equal(k.hits[4], 1);
	assert_int_equal(k.hits[5], 1);
	assert_int_equal(k.hits[7], 1);
	kit_close(&k);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_name_that_comes_late),
		cmocka_unit_test(a_name_that_never_comes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
