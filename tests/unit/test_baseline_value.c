/* The model of values: what it says of what is written and read, and when it says nothing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "model_kit.h"

#define READ 3
#define WRITE 6

static uint64_t now_ns;
static uint8_t registers[250];

/* A block asks every ten seconds whether it is still learned, and every minute whether it is again. */
static void
learn(bool on)
{
	learning = on;
	now_ns += on ? 60 * SEC : 10 * SEC;
}

static void
put(unsigned i, unsigned value)
{
	registers[2 * i] = (uint8_t)(value >> 8);
	registers[2 * i + 1] = (uint8_t)value;
}

/* Poll n registers from 100 on; a second later. */
static bool
poll(unsigned n)
{
	struct op_item it = { .space = SPACE_HOLDING, .form = FORM_U16_BE, .ranged = true, .first = 100, .count = n,
	    .n_values = n, .raw = registers };
	struct operation op = operation(INTENT_READ, READ, now_ns += SEC);

	op.items = &it;
	op.n_items = 1;
	return show(&op);
}

static struct op_item
one_register(uint32_t address, unsigned value, uint8_t raw[2])
{
	raw[0] = (uint8_t)(value >> 8);
	raw[1] = (uint8_t)value;
	return (struct op_item){ .space = SPACE_HOLDING, .form = FORM_U16_BE, .ranged = true, .first = address, .count = 1,
	    .n_values = 1, .raw = raw, .written = true };
}

static bool
write_to(uint32_t address, unsigned value, enum op_outcome outcome)
{
	uint8_t raw[2];
	struct op_item it = one_register(address, value, raw);
	struct operation op = operation(INTENT_WRITE, WRITE, now_ns += SEC);

	op.items = &it;
	op.n_items = 1;
	op.outcome = outcome;
	return show(&op);
}

static int
open_value(void **state)
{
	(void)state;
	memset(registers, 0, sizeof(registers));
	now_ns = 1000 * SEC;
	open_model(&model_value);
	return 0;
}

static int
close_value(void **state)
{
	(void)state;
	close_model();
	return 0;
}

static void
written(unsigned n, const unsigned *values)
{
	for (unsigned i = 0; i < n; i++)
		assert_false(write_to(7, values[i], OUTCOME_ANSWERED));
}

static void
a_write_is_judged_after_five(void **state)
{
	static const unsigned values[] = { 50, 60, 50, 60, 50 };

	(void)state;
	written(4, values);
	learn(false);
	assert_false(write_to(7, 300, OUTCOME_ANSWERED));
	learn(true);
	written(1, values + 4);
	learn(false);
	assert_false(write_to(7, 60, OUTCOME_ANSWERED));
	/* Between, and a margin of half the width beyond. */
	assert_true(write_to(7, 55, OUTCOME_ANSWERED));
	assert_int_equal(said.type, ALERT_BASELINE_SETPOINT);
	assert_true(write_to(7, 65, OUTCOME_ANSWERED));
	assert_int_equal(said.type, ALERT_BASELINE_SETPOINT);
	assert_true(write_to(7, 66, OUTCOME_ANSWERED));
	assert_int_equal(said.type, ALERT_BASELINE_WRITTEN);
	assert_string_equal(said.what, "holding register 7 to 66");
	assert_string_equal(said.expected, "50 or 60");
	/* Beyond by more than half of the largest. */
	assert_true(write_to(7, 90, OUTCOME_ANSWERED));
	assert_int_equal(said.type, ALERT_BASELINE_WRITTEN);
	assert_true(write_to(7, 91, OUTCOME_ANSWERED));
	assert_int_equal(said.type, ALERT_BASELINE_FAR);
	assert_false(said.from_server);
	/* Another register is another point. */
	assert_false(write_to(8, 5000, OUTCOME_ANSWERED));
}

static void
another_scale_needs_two_values(void **state)
{
	static const unsigned values[] = { 50, 60 };

	(void)state;
	written(2, values);
	learn(false);
	assert_false(write_to(7, 300, OUTCOME_ANSWERED));
	assert_true(write_to(7, 301, OUTCOME_ANSWERED));
	assert_int_equal(said.type, ALERT_BASELINE_WRITTEN);
}

/* What is set seldom does not settle while one learns, but it is looked at all the time. */
static void
far_from_what_is_looked_at_all_the_time(void **state)
{
	static const unsigned set[] = { 1100, 1300, 1150, 1310 };

	(void)state;
	for (unsigned i = 0; i < 4; i++) {
		assert_false(write_to(100, set[i], OUTCOME_ANSWERED));
		put(0, set[i]);
		for (unsigned j = 0; j < 40; j++)
			assert_false(poll(1));
	}
	learn(false);
	assert_false(poll(1));
	assert_false(write_to(100, 1900, OUTCOME_ANSWERED));
	assert_true(write_to(100, 0, OUTCOME_ANSWERED));
	assert_int_equal(said.type, ALERT_BASELINE_WRITTEN);
	assert_string_equal(said.what, "holding register 100 to 0");
}

/* A watchdog that is written each second is somewhere else tomorrow. */
static void
a_counter_has_no_range(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 200; i++) {
		assert_false(write_to(100, i, OUTCOME_ANSWERED));
		put(0, i);
		assert_false(poll(1));
	}
	learn(false);
	for (unsigned i = 40000; i < 40010; i++)
		assert_false(write_to(100, i, OUTCOME_ANSWERED));
}

static bool
write_real(const uint8_t raw[4])
{
	struct op_item it = { .space = SPACE_S7_DB, .form = FORM_U8, .ranged = true, .number = 20, .first = 40, .count = 4,
	    .n_values = 4, .raw = raw, .written = true };
	struct operation op = operation(INTENT_WRITE, WRITE, now_ns += SEC);

	op.items = &it;
	op.n_items = 1;
	return show(&op);
}

static void
zero_and_no_number_are_reals_where_reals_are_written(void **state)
{
	static const uint8_t a[] = { 0x42, 0x48, 0, 0 }, b[] = { 0x42, 0x58, 0, 0 }, zero[4] = { 0 }, nan[] = { 0x7f, 0xc0, 0, 0 };

	(void)state;
	for (unsigned i = 0; i < 5; i++) {
		assert_false(write_real(a));	/* 50 */
		assert_false(write_real(b));	/* 54 */
	}
	learn(false);
	assert_false(write_real(a));
	assert_true(write_real(zero));
	assert_int_equal(said.type, ALERT_BASELINE_FAR);
	assert_true(write_real(nan));
	assert_int_equal(said.type, ALERT_BASELINE_WRITTEN);
	assert_non_null(strstr(said.what, "to no number (NaN)"));
	assert_string_equal(said.expected, "50 or 54");
}

/* Read for hours, never written: that somebody changes it now is a note of structure. */
static void
a_constant_may_be_set_for_the_first_time(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 400; i++) {
		put(5, 40);
		assert_false(poll(10));
		now_ns += 20 * SEC;
	}
	learn(false);
	assert_false(write_to(105, 10, OUTCOME_ANSWERED));
	assert_false(write_to(105, 200, OUTCOME_ANSWERED));
	assert_true(write_to(105, 201, OUTCOME_ANSWERED));
	assert_int_equal(said.type, ALERT_BASELINE_FAR);
	assert_string_equal(said.expected, "40");
}

static void
the_other_command_of_two_is_a_note(void **state)
{
	static const unsigned values[] = { 4, 4, 4, 4, 4, 4 };

	(void)state;
	written(6, values);
	learn(false);
	assert_true(write_to(7, 3, OUTCOME_ANSWERED));
	assert_int_equal(said.type, ALERT_BASELINE_SETPOINT);
}

/* Reals that come as bytes. */
static bool
write_bytes(float v, uint32_t n)
{
	uint32_t bits;
	uint8_t raw[4];
	struct op_item it = { .space = SPACE_S7_DB, .number = 2, .form = FORM_U8, .ranged = true, .first = 8, .count = n, .n_values = n,
	    .raw = raw, .written = true };
	struct operation op = operation(INTENT_WRITE, 5, now_ns += SEC);

	memcpy(&bits, &v, sizeof(bits));
	for (unsigned i = 0; i < 4; i++)
		raw[i] = (uint8_t)(bits >> (24 - 8 * i));
	op.items = &it;
	op.n_items = 1;
	return show(&op);
}

static void
bytes_of_one_variable_are_its_value(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 8; i++)
		assert_false(write_bytes(50.0f + (float)(i % 3), 4));
	learn(false);
	assert_false(write_bytes(51.0f, 4));
	assert_true(write_bytes(5000.0f, 4));
	assert_int_equal(said.type, ALERT_BASELINE_FAR);
	assert_non_null(strstr(said.what, "5000"));
	/* Three bytes are none. */
	assert_false(write_bytes(90000.0f, 3));
}

static void
what_was_refused_is_not_learned(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 10; i++)
		assert_false(write_to(7, 50 + i % 2, OUTCOME_EXCEPTION));
	assert_int_equal(facts_count(facts), 0);
}

static void
a_mode_is_never_far(void **state)
{
	static const unsigned values[] = { 1, 2, 1, 2, 1, 2 };

	(void)state;
	written(6, values);
	learn(false);
	assert_true(write_to(7, 9, OUTCOME_ANSWERED));
	assert_int_equal(said.type, ALERT_BASELINE_WRITTEN);
}

static void
bits_are_never_judged(void **state)
{
	uint8_t raw[1] = { 1 };
	struct op_item it = { .space = SPACE_COIL, .form = FORM_BITS_LSB, .ranged = true, .first = 7, .count = 1, .n_values = 1,
	    .raw = raw, .written = true };
	struct operation op;

	(void)state;
	for (unsigned i = 0; i < 100; i++) {
		op = operation(INTENT_WRITE, 5, now_ns += SEC);
		op.items = &it;
		op.n_items = 1;
		assert_false(show(&op));
	}
	learn(false);
	raw[0] = 0;
	assert_false(show(&op));
	assert_int_equal(facts_count(facts), 0);
}

/* Register 1 goes between 20 and 30, the others stand still. */
static void
poll_for(unsigned times)
{
	for (unsigned i = 0; i < times; i++) {
		put(1, 20 + i % 2 * 10);
		assert_false(poll(10));
	}
}

static void
a_read_is_judged_after_fifty(void **state)
{
	(void)state;
	poll_for(49);
	learn(false);
	put(1, 99);
	assert_false(poll(10));
	learn(true);
	poll_for(1);
	learn(false);
	put(1, 35);
	assert_false(poll(10));
	put(1, 20);
	assert_false(poll(10));
	put(1, 36);
	assert_true(poll(10));
	assert_int_equal(said.type, ALERT_BASELINE_READ);
	assert_string_equal(said.what, "holding register 101 as 36");
	assert_string_equal(said.expected, "20 or 30");
	assert_true(said.from_server);
	/* As long as it stays there nothing is new. */
	assert_false(poll(10));
	assert_false(poll(10));
}

static void
what_drifts_is_a_process(void **state)
{
	(void)state;
	poll_for(60);
	learn(false);
	/* A margin of 5: steps of 2 are small, of 3 no longer. */
	for (unsigned v = 30; v < 100; v += 2) {
		put(1, v);
		now_ns += SEC;
		assert_false(poll(10));
	}
	now_ns += SEC;
	put(1, 103);
	assert_true(poll(10));
}

static void
what_moved_while_nobody_looked_did_not_jump(void **state)
{
	(void)state;
	poll_for(60);
	learn(false);
	put(1, 20);
	assert_false(poll(10));
	now_ns += 60 * SEC;
	put(1, 200);
	assert_false(poll(10));
	put(1, 20);
	assert_false(poll(10));
	now_ns += 57 * SEC;
	put(1, 400);
	assert_true(poll(10));
}

static void
a_constant_is_one_after_an_hour(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 3588; i++)
		assert_false(poll(2));
	learn(false);
	put(0, 500);
	assert_false(poll(2));
	put(0, 0);
	assert_false(poll(2));
	learn(true);
	for (unsigned i = 0; i < 100; i++)
		assert_false(poll(2));
	learn(false);
	put(0, 500);
	assert_true(poll(2));
	assert_string_equal(said.expected, "0");
}

static void
what_was_written_explains_what_is_read(void **state)
{
	(void)state;
	poll_for(60);
	learn(false);
	(void)write_to(101, 77, OUTCOME_ANSWERED);
	put(1, 77);
	assert_false(poll(10));
	put(1, 20);
	assert_false(poll(10));
	put(1, 81);
	assert_true(poll(10));
}

static void
what_was_accepted_is_expected(void **state)
{
	(void)state;
	poll_for(60);
	learn(false);
	put(1, 80);
	assert_true(poll(10));
	assert_int_equal(said.fact->state, FACT_OPEN);
	put(1, 20);
	assert_false(poll(10));
	(void)facts_set_state(facts, said.fact, FACT_ACCEPTED);
	put(1, 80);
	assert_false(poll(10));
	put(1, 20);
	assert_false(poll(10));
	put(1, 81);
	assert_true(poll(10));
	assert_int_equal(said.fact->state, FACT_OPEN);
}

static void
a_fast_poll_is_looked_at_in_samples(void **state)
{
	unsigned n = 0;

	(void)state;
	poll_for(60);
	learn(false);
	/* A hundred polls within a second, each with another value that is none of those. */
	for (unsigned i = 0; i < 100; i++) {
		put(1, 100 + i * 100);
		now_ns -= SEC - SEC / 100;
		n += poll(10);
	}
	assert_in_range(n, 8, 10);
}

/* Reports that name their points one by one. */
static bool
report(uint32_t index, double v)
{
	const struct op_value value = { .kind = VALUE_REAL, .index = index, .r = v };
	struct op_item it = { .space = SPACE_OBJECT, .form = FORM_TYPED, .number = 0x2005, .n_values = 1, .typed = &value };
	struct operation op = operation(INTENT_REPORT, 130, now_ns += SEC);

	op.items = &it;
	op.n_items = 1;
	op.outcome = OUTCOME_UNSOLICITED;
	return show(&op);
}

static void
points_with_an_index_each_are_kept_apart(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 60; i++) {
		assert_false(report(1, 10 + i % 2));
		assert_false(report(2, 500 + i % 2 * 100));
	}
	assert_int_equal(facts_count(facts), 2);
	learn(false);
	assert_false(report(1, 10));
	assert_false(report(2, 550));
	assert_true(report(1, 500));
	assert_string_equal(said.expected, "10 or 11");
	assert_true(report(2, 10));
	assert_string_equal(said.expected, "500 or 600");
}

static void
read_points_take_a_share_of_the_table(void **state)
{
	(void)state;
	settings.baseline.facts = 64;
	for (unsigned i = 0; i < 60; i++)
		poll(125);
	assert_in_range(facts_count(facts), 1, 64 / 4);
	assert_true(counters.v[CNT_BASELINE_POINTS] > 0);
	/* What is written is learned all the same. */
	assert_false(write_to(7, 1, OUTCOME_ANSWERED));
	assert_int_equal(facts_count(facts), 64 / 4 + 1);
}

static void
of_many_bytes_nobody_knows_which_belong_together(void **state)
{
	struct op_item it = { .space = SPACE_S7_DB, .form = FORM_U8, .ranged = true, .number = 1, .count = 8, .n_values = 8,
	    .raw = registers };
	struct operation op;

	(void)state;
	for (unsigned i = 0; i < 60; i++) {
		op = operation(INTENT_READ, 4, now_ns += SEC);
		op.items = &it;
		op.n_items = 1;
		assert_false(show(&op));
	}
	assert_int_equal(facts_count(facts), 0);
	it.n_values = it.count = 1;
	assert_false(show(&op));
	assert_int_equal(facts_count(facts), 1);
}

int
main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, open_value, close_value)
	const struct CMUnitTest tests[] = {
		T(a_write_is_judged_after_five),
		T(another_scale_needs_two_values),
		T(far_from_what_is_looked_at_all_the_time),
		T(a_counter_has_no_range),
		T(zero_and_no_number_are_reals_where_reals_are_written),
		T(a_constant_may_be_set_for_the_first_time),
		T(the_other_command_of_two_is_a_note),
		T(bytes_of_one_variable_are_its_value),
		T(what_was_refused_is_not_learned),
		T(a_mode_is_never_far),
		T(bits_are_never_judged),
		T(a_read_is_judged_after_fifty),
		T(what_drifts_is_a_process),
		T(what_moved_while_nobody_looked_did_not_jump),
		T(a_constant_is_one_after_an_hour),
		T(what_was_written_explains_what_is_read),
		T(what_was_accepted_is_expected),
		T(a_fast_poll_is_looked_at_in_samples),
		T(points_with_an_index_each_are_kept_apart),
		T(read_points_take_a_share_of_the_table),
		T(of_many_bytes_nobody_knows_which_belong_together),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
