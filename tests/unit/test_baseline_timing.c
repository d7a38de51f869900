/* The model of timing: a poll that is missing, told once; the sensor that sees nothing; hours. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "model_kit.h"

#define HOUR (3600 * SEC)

static uint64_t now_ns;

static bool
ask(uint32_t address)
{
	struct op_item it = { .space = SPACE_HOLDING, .ranged = true, .first = address, .count = 10 };
	struct operation op = operation(INTENT_READ, 3, now_ns);

	op.items = &it;
	op.n_items = 1;
	return show(&op);
}

/* A second of the plant: whatever is among `polls` comes, and other packets if `alive`. */
#define POLL_A 1u
#define POLL_B 2u
static void
second(unsigned polls, bool alive)
{
	now_ns += SEC + now_ns / SEC % 3 * 50000000;	/* jitter */
	if (polls & POLL_A)
		assert_false(ask(100));
	if (polls & POLL_B)
		assert_false(ask(200));
	counters.v[CNT_DEC_PACKETS] += alive ? 5 : 0;
	model->tick(opened, now_ns);
}

static void
seconds(unsigned n, unsigned polls, bool alive)
{
	while (n-- > 0)
		second(polls, alive);
}

static int
open_timing(void **state)
{
	(void)state;
	now_ns = 1000 * SEC;
	open_model(&model_timing);
	return 0;
}

static int
close_timing(void **state)
{
	(void)state;
	close_model();
	return 0;
}

static void
a_poll_becomes_a_fact_when_it_is_steady(void **state)
{
	(void)state;
	/* The fifth gap is the first with a median. */
	seconds(24, POLL_A, true);
	assert_int_equal(facts_count(facts), 0);
	seconds(1, POLL_A, true);
	assert_int_equal(facts_count(facts), 1);
	assert_in_range((uint64_t)facts_at(facts, 0)->n[0].d, SEC, SEC + SEC / 10);
}

static void
what_stops_is_told_once(void **state)
{
	(void)state;
	seconds(60, POLL_A | POLL_B, true);
	learning = false;
	seconds(60, POLL_A | POLL_B, true);
	assert_int_equal(n_said, 0);
	seconds(4, 0, true);
	assert_int_equal(n_said, 0);
	seconds(60, 0, true);
	assert_int_equal(n_said, 1);
	assert_int_equal(said.type, ALERT_BASELINE_POLL);
	assert_string_equal(said.what, "all that it polled");
	/* Not again before all of it came back. */
	seconds(10, POLL_A, true);
	seconds(60, 0, true);
	assert_int_equal(n_said, 1);
	seconds(10, POLL_A | POLL_B, true);
	seconds(60, POLL_B, true);
	assert_int_equal(n_said, 2);
	assert_string_equal(said.what, "one of its polls, while others go on");
}

static void
a_pause_that_was_learned_is_none(void **state)
{
	(void)state;
	seconds(150, POLL_A, true);
	seconds(8, 0, true);
	seconds(150, POLL_A, true);
	learning = false;
	seconds(17, 0, true);
	assert_int_equal(n_said, 0);
	seconds(3, 0, true);
	assert_int_equal(n_said, 1);
}

static void
what_stopped_while_it_was_learned_is_not_missing(void **state)
{
	(void)state;
	seconds(60, POLL_A | POLL_B, true);
	seconds(60, POLL_B, true);
	learning = false;
	seconds(60, POLL_B, true);
	assert_int_equal(n_said, 0);
	/* It came back, and stops again. */
	seconds(5, POLL_A | POLL_B, true);
	seconds(60, POLL_B, true);
	assert_int_equal(n_said, 1);
}

static void
what_is_irregular_is_never_missing(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 200; i++) {
		seconds(1 + i * 7 % 5, 0, true);
		seconds(1, POLL_A, true);
	}
	learning = false;
	seconds(600, 0, true);
	assert_int_equal(n_said, 0);
	assert_int_equal(facts_count(facts), 0);
}

static void
while_the_sensor_sees_nothing_time_stands_still(void **state)
{
	(void)state;
	seconds(60, POLL_A | POLL_B, true);
	learning = false;
	seconds(600, 0, false);
	assert_int_equal(n_said, 0);
	seconds(4, POLL_B, true);
	assert_int_equal(n_said, 0);
	seconds(60, POLL_B, true);
	assert_int_equal(n_said, 1);
}

static void
a_capture_with_a_hole_is_no_silence(void **state)
{
	(void)state;
	seconds(60, POLL_A, true);
	learning = false;
	now_ns += 24 * HOUR;
	model->tick(opened, now_ns);
	seconds(60, POLL_A, true);
	assert_int_equal(n_said, 0);
}

/* Ten polls of A a second: the second between two ticks is no silence, though it is ten periods. */
static void
a_fast_poll_makes_no_other_time_stand_still(void **state)
{
	(void)state;
	for (unsigned n = 0; n < 200; n++) {
		for (unsigned i = 0; i < 10; i++) {
			now_ns += SEC / 10 + SEC / 1000;
			counters.v[CNT_DEC_PACKETS] += 2;
			(void)ask(100);
		}
		if (n < 100) {
			assert_false(ask(200));
			learning = n < 90;
		}
		model->tick(opened, now_ns);
		if (n < 100)
			assert_int_equal(n_said, 0);
	}
	assert_int_equal(n_said, 1);
	assert_int_equal(said.type, ALERT_BASELINE_POLL);
}

/* `n` polls of A, so far apart. */
static unsigned
every(unsigned n, uint64_t apart_ns)
{
	unsigned told = 0;

	while (n-- > 0) {
		now_ns += apart_ns + now_ns / SEC % 3 * 20000000;
		counters.v[CNT_DEC_PACKETS] += 5;
		told += ask(100);
		model->tick(opened, now_ns);
	}
	return told;
}

static void
another_pace_is_told_once_until_it_is_as_it_was(void **state)
{
	(void)state;
	assert_int_equal(every(100, 2 * SEC), 0);
	learning = false;
	assert_int_equal(every(40, 2 * SEC), 0);
	/* Nine tenths more is a device that answers late. */
	assert_int_equal(every(40, 38 * SEC / 10), 0);
	/* The median of five gaps: the third one says it. */
	assert_int_equal(every(2, 6 * SEC), 0);
	assert_int_equal(every(1, 6 * SEC), 1);
	assert_int_equal(said.type, ALERT_BASELINE_PACE);
	assert_int_equal(strncmp(said.what, "every 6", 7), 0);
	assert_int_equal(strncmp(said.expected, "every 2", 7), 0);
	assert_int_equal(every(40, 6 * SEC), 0);
	assert_int_equal(every(40, 2 * SEC), 0);
	/* Some make up for what they missed. */
	assert_int_equal(every(6, SEC / 2) + every(40, 2 * SEC), 0);
	assert_int_equal(every(9, SEC / 2), 0);
	assert_int_equal(every(1, SEC / 2), 1);
	assert_int_equal(strncmp(said.what, "every 0.5", 9), 0);
	assert_int_equal(n_said, 2);
	/* From one to the other it is news, too. */
	assert_int_equal(every(5, 8 * SEC), 1);
}

static void
a_pace_that_was_learned_is_none(void **state)
{
	(void)state;
	/* By night it asks seldom. */
	assert_int_equal(every(3000, 2 * SEC) + every(600, 10 * SEC) + every(3000, 2 * SEC), 0);
	learning = false;
	assert_int_equal(every(100, 2 * SEC) + every(100, 10 * SEC), 0);
	assert_int_equal(every(5, 40 * SEC), 1);
	/* What was accepted is as good as learned. */
	(void)facts_set_state(facts, facts_at(facts, 0), FACT_ACCEPTED);
	assert_int_equal(every(100, 2 * SEC) + every(100, 40 * SEC), 0);
	assert_int_equal(every(40, 2 * SEC) + every(5, 120 * SEC), 1);
}

static bool
write_at(uint64_t at_ns, enum op_intent intent)
{
	struct operation op = operation(intent, 6, at_ns);

	return show(&op);
}

static void
hours_are_judged_after_three_weeks(void **state)
{
	const uint64_t monday = (4 * 24 + 52 * 168) * HOUR, nine = monday + 9 * HOUR;

	(void)state;
	for (unsigned week = 0; week < 2; week++)
		assert_false(write_at(nine + week * 168 * HOUR, INTENT_WRITE));
	learning = false;
	assert_false(write_at(nine + (2 * 168 + 15) * HOUR, INTENT_WRITE));
	learning = true;
	assert_false(write_at(nine + 2 * 168 * HOUR, INTENT_WRITE));
	learning = false;
	assert_false(write_at(nine + (3 * 168 + 1) * HOUR, INTENT_WRITE));
	assert_true(write_at(nine + (3 * 168 + 15) * HOUR, INTENT_WRITE));
	assert_int_equal(said.type, ALERT_BASELINE_HOUR);
	assert_string_equal(said.expected, "never at this hour of the week in 3 weeks");
	/* Of programming nothing is known. */
	assert_false(write_at(nine + (3 * 168 + 15) * HOUR, INTENT_PROGRAM_WRITE));
}

int
main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, open_timing, close_timing)
	const struct CMUnitTest tests[] = {
		T(a_poll_becomes_a_fact_when_it_is_steady),
		T(what_stops_is_told_once),
		T(a_pause_that_was_learned_is_none),
		T(what_stopped_while_it_was_learned_is_not_missing),
		T(what_is_irregular_is_never_missing),
		T(while_the_sensor_sees_nothing_time_stands_still),
		T(a_fast_poll_makes_no_other_time_stand_still),
		T(a_capture_with_a_hole_is_no_silence),
		T(another_pace_is_told_once_until_it_is_as_it_was),
		T(a_pace_that_was_learned_is_none),
		T(hours_are_judged_after_three_weeks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
