/* Classes of operations while rule sets come and go. */
#include "match_class_kit.h"

/* ---- sets and classes ---- */

static void
classes_are_told_apart(void **state)
{
	const struct op_class c = { 1, 2, 3 };

	(void)state;
	assert_true(class_same(&c, &(struct op_class){ 1, 2, 3 }));
	assert_false(class_same(&c, &(struct op_class){ 0, 2, 3 }));
	assert_false(class_same(&c, &(struct op_class){ 1, 0, 3 }));
	assert_false(class_same(&c, &(struct op_class){ 1, 2, 0 }));
}

/* One poll of two registers. */
static void
poll_once(struct kit *k, uint8_t number)
{
	const uint8_t ask[] = { 0, number, 0, 0, 0, 6, 1, 3, 0, 0, 0, 2 };
	const uint8_t answer[] = { 0, number, 0, 0, 0, 7, 1, 3, 4, 0, 1, 0, 2 };

	kit_bytes(k, DIR_FROM_0, ask, sizeof(ask));
	kit_bytes(k, DIR_FROM_1, answer, sizeof(answer));
}

/* What is kept with a flow is about the rules that were there. */
static void
running_flows_go_by_new_rules(void **state)
{
	static struct kit k;
	struct err e = { 0 };

	(void)state;
	kit_open(&k,
	    "alert modbus any any -> 10.9.9.9 any (modbus: access read; sid:1;)\n"
	    "alert ip any any -> any any (app-layer-protocol:rdp; sid:2;)\n");
	for (uint8_t i = 1; i < 4; i++)
		poll_once(&k, i);
	assert_int_equal(match_flow_rules(k.d, &k.flow)->quiet, ((struct match *)k.d)->set->mark);
	assert_int_equal(k.hits[1] + k.hits[2], 0);
	kit_write(&k,
	    "alert modbus any any -> 10.0.0.2 any (modbus: access read; sid:3;)\n"
	    "alert ip any any -> any any (app-layer-protocol:modbus; sid:4;)\n");
	assert_int_equal(rules_detector.prepare(k.d, &e), 0);
	assert_true(rules_detector.swap(k.d));
	poll_once(&k, 9);
	assert_int_equal(k.hits[3], 1);
	assert_int_equal(k.hits[4], 2);
	err_free(&e);
	kit_close(&k);
}

/* Two users of one set: what one does, the other does not see. */
static void
users_share_a_set(void **state)
{
	static const char text[] = "alert modbus any any -> any any (modbus: access read; pcre:\"/^...\\x00/s\"; sid:1;)\n"
	    "alert tcp any any -> any any (content:\"needle\"; content:\"hay\"; sid:2;)\n"
	    "alert ip any any -> any any (ot.unit:1; ot.number:0; threshold:type limit, track by_src, count 1, seconds 60; sid:3;)\n";
	static struct kit a, b;
	const struct match_set *own;
	struct match *of_b;

	(void)state;
	kit_open(&a, text);
	kit_open(&b, text);
	of_b = b.d;
	own = of_b->set;
	assert_int_equal(match_use(of_b, ((struct match *)a.d)->set), 0);
	poll_once(&a, 1);
	poll_once(&b, 1);
	poll_once(&b, 2);
	kit_flow(&b, IP_TCP, 1025, 9999);
	kit_bytes(&b, DIR_FROM_0, "hay and needle", 14);
	assert_int_equal(a.hits[1], 1);
	assert_int_equal(b.hits[1], 2);
	assert_int_equal(a.hits[2], 0);
	assert_int_equal(b.hits[2], 1);
	assert_int_equal(a.hits[3], 1);
	assert_int_equal(b.hits[3], 1);
	assert_int_equal(rules_hits(a.d)[0], 1);
	assert_int_equal(rules_hits(b.d)[0], 2);
	assert_int_equal(rules_hits(b.d)[1], 1);
	assert_int_equal(match_use(of_b, own), 0);
	kit_close(&b);
	kit_close(&a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(classes_are_told_apart),
		cmocka_unit_test(running_flows_go_by_new_rules),
		cmocka_unit_test(users_share_a_set),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
