/* How devices answer, hour by hour: what the detector of the wire takes down, and what it says. */
#include "health_kit.h"


#define HOUR (3600 * SEC)

static struct keep_health kept[4096];
static unsigned n_kept;

static bool
take(void *arg, enum keep_kind kind, const void *row, size_t n)
{
	(void)arg;
	assert_int_equal(kind, KEEP_HEALTH);
	assert_int_equal(n, sizeof(kept[0]));
	if (n_kept < 4096)
		memcpy(&kept[n_kept++], row, n);
	return true;
}

static int
give(void *arg, enum keep_kind kind, void (*each)(void *to, const void *row), void *to, struct err *e)
{
	(void)arg;
	(void)e;
	for (unsigned i = 0; kind == KEEP_HEALTH && i < n_kept; i++)
		each(to, &kept[i]);
	return 0;
}

static void
hour_over(uint64_t now_ns)
{
	kit_now_ns = now_ns;
	detect_tick(detect, now_ns);
}

static const struct keep keeper = { take, NULL, give, NULL };

static void
ask(uint64_t at_s, uint64_t ms, enum op_outcome outcome, unsigned refused)
{
	struct operation op = operation(OP_MODBUS, 3, at_s);

	op.intent = INTENT_READ;
	op.outcome = outcome;
	op.latency_ns = outcome == OUTCOME_UNANSWERED ? 0 : ms * 1000000;
	op.response.ts_ns = op.request.ts_ns + op.latency_ns;
	op.response.seen = outcome != OUTCOME_UNANSWERED;
	op.refused = (uint8_t)refused;
	kit_show(&op);
}

/* Some hours of polls, a minute apart but for the tick at the end of each hour. */
static void
hours(unsigned from, unsigned n, uint64_t ms, unsigned bad_of_60, enum op_outcome outcome, unsigned refused)
{
	for (unsigned h = from; h < from + n; h++) {
		for (unsigned m = 0; m < 60; m++)
			ask(h * 3600u + m * 60u, ms + m % 3, m < bad_of_60 ? outcome : OUTCOME_ANSWERED, m < bad_of_60 ? refused : 0);
		hour_over((h + 1) * HOUR);
	}
}

static const struct keep_health *
last_row(const char *figure)
{
	for (unsigned i = n_kept; i-- > 0;)
		if (strcmp(kept[i].figure, figure) == 0)
			return &kept[i];
	return NULL;
}

static void
wire_open_one(void)
{
	kit_keep = &keeper;
	open_one(&detector_wire);
	hour_over(100 * HOUR);
}

static void
a_slow_device_is_said_with_its_normal(void **state)
{
	(void)state;
	n_kept = 0;
	wire_open_one();
	hours(100, 30, 20, 0, OUTCOME_ANSWERED, 0);
	assert_int_equal(n_said, 0);
	hours(130, 6, 60, 0, OUTCOME_ANSWERED, 0);
	assert_int_equal(said[ALERT_HEALTH_SLOWER], 1);
	assert_int_equal(n_said, 1);
	assert_string_equal(last_row("answer-time")->condition, "worse");
	assert_true(last_row("answer-time")->normal > 19 && last_row("answer-time")->normal < 23);
	assert_int_equal(last_row("answer-time")->count, 60);
	assert_null(last_row("unanswered"));	/* it was always 0: no row */
	/* Another run knows it, and says nothing again. */
	wire_open_one();
	hours(136, 6, 60, 0, OUTCOME_ANSWERED, 0);
	assert_int_equal(n_said, 0);
	assert_string_equal(last_row("answer-time")->condition, "worse");
	kit_close();
}

static void
each_kind_of_refusal_counts_for_itself(void **state)
{
	static const struct { unsigned refused; const char *figure; unsigned alert; } kinds[] = {
		{ OP_REFUSED_ADDRESS, "refused-address", ALERT_HEALTH_REFUSED },
		{ OP_REFUSED_BUSY, "refused-busy", ALERT_HEALTH_REFUSED },
		{ OP_REFUSED_OTHER | OP_REFUSED_UNREACHED, "gateway-unreached", ALERT_HEALTH_UNREACHED },
	};

	(void)state;
	for (unsigned i = 0; i < 3; i++) {
		n_kept = 0;
		wire_open_one();
		hours(100, 30, 20, 0, OUTCOME_ANSWERED, 0);
		hours(130, 6, 20, 6, OUTCOME_EXCEPTION, kinds[i].refused);
		assert_int_equal(said[kinds[i].alert], 1);
		assert_int_equal(n_said, 1);
		assert_non_null(last_row(kinds[i].figure));
		assert_true(last_row(kinds[i].figure)->mean == 10);
		assert_null(last_row("refused-failure"));
		if (kinds[i].alert != ALERT_HEALTH_REFUSED)
			assert_null(last_row("refused-other"));
	}
	kit_close();
}

static void
what_the_other_alert_tells_is_not_told_twice(void **state)
{
	(void)state;
	n_kept = 0;
	wire_open_one();
	hours(100, 30, 20, 0, OUTCOME_ANSWERED, 0);
	hours(130, 6, 20, (unsigned)settings.detect.exceptions.n, OUTCOME_EXCEPTION, OP_REFUSED_ADDRESS);
	assert_int_equal(n_said, 0);
	assert_string_equal(last_row("refused-address")->condition, "worse");
	kit_close();
}

static void
lost_answers_are_counted_where_the_sensor_lost_none(void **state)
{
	(void)state;
	n_kept = 0;
	wire_open_one();
	hours(100, 30, 20, 0, OUTCOME_ANSWERED, 0);
	hours(130, 6, 20, 4, OUTCOME_UNANSWERED, 0);
	assert_int_equal(said[ALERT_HEALTH_UNANSWERED], 1);
	/* A gap of long ago hides nothing. */
	n_kept = 0;
	wire_open_one();
	flow.gaps[1] = 1;
	hours(100, 30, 20, 0, OUTCOME_ANSWERED, 0);
	hours(130, 6, 20, 4, OUTCOME_UNANSWERED, 0);
	assert_int_equal(said[ALERT_HEALTH_UNANSWERED], 1);
	/* One that is seen before the next answer does. */
	n_kept = 0;
	wire_open_one();
	hours(100, 30, 20, 0, OUTCOME_ANSWERED, 0);
	for (unsigned h = 130; h < 136; h++) {
		for (unsigned m = 0; m < 60; m++) {
			ask(h * 3600u + m * 60u, 20, m % 6 == 0 ? OUTCOME_UNANSWERED : OUTCOME_ANSWERED, 0);
			flow.gaps[m % 2] += m % 6 == 0;
		}
		hour_over((h + 1) * HOUR);
	}
	assert_int_equal(n_said, 0);
	assert_null(last_row("unanswered"));
	kit_close();
}

/* Others said it at once: a device that is switched off is no device that answers less and less. */
static void
a_silence_that_was_said_is_not_said_again(void **state)
{
	struct finding f = { .type = ALERT_DISCONNECTED, .src = host(1), .dst = host(2) };

	(void)state;
	for (unsigned told = 0; told < 2; told++) {
		n_kept = 0;
		wire_open_one();
		hours(100, 30, 20, 0, OUTCOME_ANSWERED, 0);
		f.ts_ns = 130 * HOUR + 1;
		if (told == 1)
			detect_finding(detect, &f);
		hours(130, 4, 20, 60, OUTCOME_UNANSWERED, 0);
		assert_int_equal(said[ALERT_HEALTH_UNANSWERED], told == 0);
		assert_int_equal(n_said, told == 0);
		assert_true(last_row("unanswered")->mean == 100);
		assert_string_equal(last_row("unanswered")->condition, "failing");
	}
	kit_close();
}

static void
the_same_request_before_its_answer_is_a_repetition(void **state)
{
	struct operation op;

	(void)state;
	n_kept = 0;
	wire_open_one();
	for (unsigned i = 0; i < 60; i++) {
		op = operation(OP_MODBUS, 3, 360000 + i * 60u);
		op.intent = INTENT_READ;
		op.latency_ns = 1500000000;
		op.response.ts_ns = op.request.ts_ns + op.latency_ns;
		kit_show(&op);
		if (i % 10 != 0)
			continue;
		op.request.ts_ns += SEC;	/* within the 1.5 s */
		op.response.ts_ns += SEC;
		kit_show(&op);
	}
	hour_over(101 * HOUR);
	assert_non_null(last_row("repeated"));
	assert_int_equal((int)(last_row("repeated")->mean * 66 / 100 + 0.5), 6);
	kit_close();
}

static void
counters_tell_of_restarts_and_of_the_line(void **state)
{
	struct operation op = operation(OP_MODBUS, 8, 360001);
	const uint16_t values[] = { 100, 103, 60000, 65535, 2, 7 };

	(void)state;
	n_kept = 0;
	wire_open_one();
	op.intent = INTENT_DIAGNOSE;
	op.counter = OP_COUNTS_LINE_ERRORS;
	for (unsigned i = 0; i < 6; i++) {
		op.counted = values[i];
		kit_show(&op);
	}
	assert_int_equal(n_said, 0);	/* it went round */
	op.counter = OP_COUNTS_CLEARED;
	kit_show(&op);
	op.counter = OP_COUNTS_LINE_ERRORS;
	op.counted = 3;		/* fewer than before: somebody set it back */
	kit_show(&op);
	assert_int_equal(n_said, 0);
	op.counted = 1;
	kit_show(&op);
	assert_int_equal(said[ALERT_HEALTH_RESTARTED], 1);
	hour_over(101 * HOUR);
	assert_non_null(last_row("line-errors"));
	assert_non_null(last_row("restarts"));
	kit_close();
}

static void
event(uint64_t at_s, int64_t device_ms)
{
	struct operation op = operation(OP_DNP3, 1, at_s);
	struct op_value v = { .has_time = true, .time_ms = (uint64_t)device_ms };
	struct op_item items[2] = { { .written = false }, { .form = FORM_TYPED, .n_values = 1, .typed = &v } };

	op.items = items;	/* what was asked for stands first, and has no values */
	op.n_items = 2;
	kit_show(&op);
}

static void
the_truest_time_of_an_hour_is_its_clock(void **state)
{
	const int64_t at = 360000000, hour = 3600000;
	struct operation op = operation(OP_DNP3, 1, 363601);
	struct op_value v;
	struct op_item item;

	(void)state;
	n_kept = 0;
	wire_open_one();
	event(360000, at - 500000);	/* told late: that is no clock eight minutes late, nor one seven minutes early */
	event(360001, at + 1000 - 40);
	event(360002, at + 2000 - 2000);
	hour_over(101 * HOUR);
	assert_float_equal(last_row("clock-offset")->mean, -0.04, 1e-6);
	assert_int_equal(last_row("clock-offset")->count, 3);
	v = (struct op_value){ .kind = VALUE_TIME, .u = (uint64_t)(at + hour + 1000 - 5000) };
	item = (struct op_item){ .form = FORM_TYPED, .n_values = 1, .typed = &v };
	op.items = &item;
	op.n_items = 1;
	kit_show(&op);		/* a value of that type is no clock, */
	item.point = POINT_CLOCK;
	op.request.ts_ns = op.response.ts_ns = 363602 * SEC;
	kit_show(&op);		/* a clock is */
	op.n_items = 0;
	op.clock_ms = (uint64_t)(at + hour + 2000 + 100);
	kit_show(&op);
	hour_over(102 * HOUR);
	assert_float_equal(last_row("clock-offset")->mean, 0.1, 1e-6);
	assert_int_equal(last_row("clock-offset")->count, 2);
	event(367200, at + 2 * hour + 2 * hour + 30000);	/* its zone, and half a minute */
	hour_over(103 * HOUR);
	assert_float_equal(last_row("clock-offset")->mean, 30, 1e-6);
	event(370800, 0);	/* 1970, four days away: the zone of nobody, and too near to be sure */
	hour_over(104 * HOUR);
	assert_float_equal(last_row("clock-offset")->mean, 0, 1e-6);
	kit_now_ns = 0;
	wire_open_one();
	hour_over(500000 * HOUR);
	event(500000 * 3600, 5 * hour);	/* nobody ever set it */
	hour_over(500001 * HOUR);
	assert_true(last_row("clock-offset")->mean < -1.7e9);
	kit_close();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_slow_device_is_said_with_its_normal),
		cmocka_unit_test(each_kind_of_refusal_counts_for_itself),
		cmocka_unit_test(what_the_other_alert_tells_is_not_told_twice),
		cmocka_unit_test(lost_answers_are_counted_where_the_sensor_lost_none),
		cmocka_unit_test(a_silence_that_was_said_is_not_said_again),
		cmocka_unit_test(the_truest_time_of_an_hour_is_its_clock),
		cmocka_unit_test(the_same_request_before_its_answer_is_a_repetition),
		cmocka_unit_test(counters_tell_of_restarts_and_of_the_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
