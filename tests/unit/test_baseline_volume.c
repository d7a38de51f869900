/* The model of volume: limits from what was learned, floors, floods; once a window. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "detect/baseline/window.h"
#include "model_kit.h"

static uint64_t window_ns;

/* n operations in another window; how many deviated. */
static unsigned
window(enum op_intent intent, enum op_outcome outcome, unsigned n)
{
	unsigned deviated = 0;

	window_ns += WINDOW_NS;
	for (unsigned i = 0; i < n; i++) {
		struct operation op = operation(intent, 6, window_ns + i);

		op.outcome = outcome;
		deviated += show(&op);
	}
	return deviated;
}

static int
open_volume(void **state)
{
	(void)state;
	window_ns = 100 * WINDOW_NS;
	open_model(&model_volume);
	return 0;
}

static int
close_volume(void **state)
{
	(void)state;
	close_model();
	return 0;
}

static const struct fact *
fact_of(enum volume what)
{
	const struct fact_key k = { .kind = FACT_KIND_VOLUME, .proto = OP_MODBUS, .client = host(1), .server = host(2),
	    .code = (uint32_t)what };

	return facts_find(facts, &k);
}

static void
the_largest_window_is_learned(void **state)
{
	(void)state;
	assert_int_equal(window(INTENT_WRITE, OUTCOME_ANSWERED, 20), 0);
	assert_int_equal(window(INTENT_WRITE, OUTCOME_ANSWERED, 40), 0);
	assert_int_equal(window(INTENT_READ, OUTCOME_ANSWERED, 30), 0);
	assert_int_equal(window(INTENT_READ, OUTCOME_ANSWERED, 1), 0);
	assert_true(fact_of(VOLUME_WRITES)->n[0].d == 40);
	assert_true(fact_of(VOLUME_OPERATIONS)->n[0].d == 40);
	assert_true(fact_of(VOLUME_BYTES)->n[0].d == 40 * 15);
	assert_null(fact_of(VOLUME_UNSOLICITED));
	assert_null(fact_of(VOLUME_CONNECTIONS));
}

static void
three_times_as_much_is_a_deviation_nine_times_a_flood(void **state)
{
	(void)state;
	(void)window(INTENT_WRITE, OUTCOME_ANSWERED, 70);
	(void)window(INTENT_WRITE, OUTCOME_ANSWERED, 1);
	learning = false;
	assert_int_equal(window(INTENT_WRITE, OUTCOME_ANSWERED, 210), 0);
	assert_int_equal(window(INTENT_WRITE, OUTCOME_ANSWERED, 211), 1);
	assert_string_equal(said.what, "211 operations");
	/* An operation makes one deviation: the next one tells of the writes. */
	assert_int_equal(window(INTENT_WRITE, OUTCOME_ANSWERED, 212), 2);
	assert_int_equal(said.type, ALERT_BASELINE_VOLUME);
	assert_string_equal(said.what, "212 writes");
	assert_string_equal(said.expected, "at most 70");
	assert_int_equal(said.numbers[0].value, 212);
	assert_int_equal(said.numbers[1].value, 210);
	assert_int_equal(window(INTENT_WRITE, OUTCOME_ANSWERED, 632), 2);
	assert_int_equal(said.type, ALERT_BASELINE_VOLUME);
	assert_int_equal(window(INTENT_WRITE, OUTCOME_ANSWERED, 2000), 4);
	assert_int_equal(said.type, ALERT_BASELINE_FLOOD);
	assert_string_equal(said.what, "634 writes");
	assert_true(fact_of(VOLUME_WRITES)->n[1].d == 634);
}

static void
below_the_floor_nothing_is_too_much(void **state)
{
	(void)state;
	(void)window(INTENT_WRITE, OUTCOME_ANSWERED, 1);
	(void)window(INTENT_READ, OUTCOME_ANSWERED, 1);
	learning = false;
	assert_int_equal(window(INTENT_WRITE, OUTCOME_ANSWERED, 20), 0);
	assert_int_equal(window(INTENT_WRITE, OUTCOME_ANSWERED, 21), 1);
	assert_int_equal(window(INTENT_REPORT, OUTCOME_UNSOLICITED, 30), 0);
	assert_int_equal(window(INTENT_REPORT, OUTCOME_UNSOLICITED, 31), 1);
	assert_string_equal(said.what, "31 unsolicited responses");
	assert_string_equal(said.expected, "none at all");
	assert_true(said.from_server);
	assert_int_equal(window(INTENT_READ, OUTCOME_ANSWERED, 200), 0);
	assert_int_equal(window(INTENT_READ, OUTCOME_ANSWERED, 201), 1);
}

static void
what_was_accepted_is_the_new_maximum(void **state)
{
	(void)state;
	(void)window(INTENT_WRITE, OUTCOME_ANSWERED, 20);
	(void)window(INTENT_WRITE, OUTCOME_ANSWERED, 1);
	learning = false;
	assert_int_equal(window(INTENT_WRITE, OUTCOME_ANSWERED, 90), 1);
	assert_true(said.fact->n[1].d == 61);
	(void)facts_set_state(facts, said.fact, FACT_ACCEPTED);
	window_ns += 5 * WINDOW_NS;	/* limits are looked up once a minute */
	assert_int_equal(window(INTENT_WRITE, OUTCOME_ANSWERED, 183), 0);
	assert_int_equal(window(INTENT_WRITE, OUTCOME_ANSWERED, 184), 1);
}

int
main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, open_volume, close_volume)
	const struct CMUnitTest tests[] = {
		T(the_largest_window_is_learned),
		T(three_times_as_much_is_a_deviation_nine_times_a_flood),
		T(below_the_floor_nothing_is_too_much),
		T(what_was_accepted_is_the_new_maximum),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
