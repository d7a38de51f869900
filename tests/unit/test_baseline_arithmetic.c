/* The arithmetic of the behaviour models: what is usual, how regular, how much, at which hours. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "detect/baseline/hours.h"
#include "detect/baseline/period.h"
#include "detect/baseline/usual.h"
#include "detect/baseline/window.h"

#define SECOND	1000000000ull
#define MS	1000000ull
#define HOUR	(3600 * SECOND)

/* ---- usual values ------------------------------------------------------------ */

static void
learn(struct usual *u, double v, unsigned n)
{
	while (n-- > 0)
		usual_learn(u, v);
}

static void
a_constant_settles_when_there_is_enough_of_it(void **state)
{
	struct usual u = { 0 };

	(void)state;
	learn(&u, 60, 49);
	assert_int_equal(usual_judge(&u, 70, 50), USUAL_UNSETTLED);
	learn(&u, 60, 1);
	assert_int_equal(usual_judge(&u, 60, 50), USUAL_KNOWN);
	/* 5 % of the value is its margin. */
	assert_int_equal(usual_judge(&u, 63, 50), USUAL_INSIDE);
	assert_int_equal(usual_judge(&u, 57, 50), USUAL_INSIDE);
	assert_int_equal(usual_judge(&u, 63.1, 50), USUAL_OUTSIDE);
	/* Half of it more is far. */
	assert_int_equal(usual_judge(&u, 90, 50), USUAL_OUTSIDE);
	assert_int_equal(usual_judge(&u, 90.1, 50), USUAL_FAR);
	assert_int_equal(usual_judge(&u, 0, 50), USUAL_FAR);
}

static void
a_new_value_in_the_last_third_unsettles(void **state)
{
	struct usual u = { 0 };

	(void)state;
	/* There and back twice, nothing new since: n 60, fresh 2. */
	for (unsigned i = 0; i < 30; i++) {
		usual_learn(&u, 1);
		usual_learn(&u, 5);
	}
	assert_true(usual_settled(&u, 50));
	assert_true(usual_learn(&u, 3));
	assert_false(usual_learn(&u, 3));
	assert_int_equal(u.fresh, 61);
	assert_false(usual_settled(&u, 50));
	/* 61 of 91 are two thirds. */
	learn(&u, 3, 28);
	assert_int_equal(u.n, 90);
	assert_false(usual_settled(&u, 50));
	usual_learn(&u, 3);
	assert_true(usual_settled(&u, 50));
	assert_int_equal(usual_judge(&u, 3, 50), USUAL_KNOWN);
	assert_int_equal(usual_judge(&u, 4, 50), USUAL_INSIDE);
	assert_int_equal(usual_judge(&u, 7, 50), USUAL_INSIDE);
	assert_int_equal(usual_judge(&u, 7.5, 50), USUAL_OUTSIDE);
	assert_int_equal(usual_judge(&u, 9.5, 50), USUAL_FAR);
	assert_int_equal(usual_judge(&u, -3.5, 50), USUAL_FAR);
}

static void
one_flank_of_a_slow_value_is_not_judged(void **state)
{
	struct usual u = { 0 };

	(void)state;
	/* A tank that fills, and stands full for long. */
	for (unsigned i = 0; i < 100; i++)
		usual_learn(&u, i);
	learn(&u, 99, 1000);
	assert_false(usual_settled(&u, 50));
	assert_int_equal(usual_judge(&u, 1000, 50), USUAL_UNSETTLED);
	/* Emptied and filled again, within what it had been. */
	for (unsigned i = 99; i > 0; i--)
		usual_learn(&u, i);
	assert_false(usual_settled(&u, 50));
	for (unsigned i = 0; i < 100; i++)
		usual_learn(&u, i);
	assert_true(usual_settled(&u, 50));
	assert_int_equal(usual_judge(&u, 42.5, 50), USUAL_KNOWN);
	assert_int_equal(usual_judge(&u, 148.5, 50), USUAL_INSIDE);
	assert_int_equal(usual_judge(&u, 149, 50), USUAL_OUTSIDE);
	assert_int_equal(usual_judge(&u, 199, 50), USUAL_FAR);
}

static void
a_range_that_grew_must_be_seen_again(void **state)
{
	struct usual u = { 0 };

	(void)state;
	for (unsigned i = 0; i < 60; i++)
		usual_learn(&u, i % 2 * 8.0);
	assert_true(usual_settled(&u, 50));
	/* A little more is the same range, much more is another one. */
	usual_learn(&u, 9);
	assert_int_equal(u.swings, 58);
	usual_learn(&u, 11);
	assert_int_equal(u.swings, 0);
	learn(&u, 11, 100);
	assert_false(usual_settled(&u, 50));
	usual_learn(&u, 0);
	assert_false(usual_settled(&u, 50));
	usual_learn(&u, 11);
	assert_true(usual_settled(&u, 50));
}

static void
a_counter_never_settles(void **state)
{
	struct usual u = { 0 };

	(void)state;
	for (unsigned i = 0; i < 10000; i++)
		assert_true(usual_learn(&u, i));
	assert_false(usual_settled(&u, 50));
	for (unsigned i = 0; i < 60000; i++)
		usual_learn(&u, i % 10000);
	assert_true(usual_settled(&u, 50));
	assert_int_equal(usual_judge(&u, 5000.5, 50), USUAL_KNOWN);
}

static void
four_are_few_and_five_a_range(void **state)
{
	static const double order[] = { 5, 9, 1, 7 };
	struct usual u = { 0 };

	(void)state;
	for (unsigned k = 0; k < 30; k++)
		for (unsigned i = 0; i < 4; i++)
			usual_learn(&u, order[i]);
	assert_int_equal(u.n_few, 4);
	assert_int_equal(u.fresh, 4);
	for (unsigned i = 0; i < 4; i++)
		assert_int_equal(usual_judge(&u, order[i], 50), USUAL_KNOWN);
	assert_int_equal(usual_judge(&u, 6, 50), USUAL_INSIDE);
	assert_true(usual_learn(&u, 6));
	assert_true(usual_min(&u) == 1 && usual_max(&u) == 9);
	usual_repeat(&u, 120);
	assert_false(usual_learn(&u, 3));
	assert_int_equal(usual_judge(&u, 2, 50), USUAL_KNOWN);
	assert_true(usual_learn(&u, 0));
	assert_true(usual_min(&u) == 0);
}

static void
what_is_no_number_is_ignored(void **state)
{
	struct usual u = { 0 };

	(void)state;
	assert_false(usual_settled(&u, 0));
	assert_false(usual_learn(&u, (double)NAN));
	assert_false(usual_learn(&u, (double)INFINITY));
	assert_int_equal(u.n, 0);
	learn(&u, 1e30, 50);
	assert_int_equal(usual_judge(&u, (double)NAN, 50), USUAL_KNOWN);
	assert_int_equal(usual_judge(&u, -1e308, 50), USUAL_FAR);
	/* The end of its counter is no end of it. */
	u.n = UINT32_MAX;
	usual_learn(&u, 1e30);
	assert_int_equal(u.n, UINT32_MAX);
	assert_true(usual_settled(&u, 50));
}

static void
a_mode_is_few_small_whole_numbers(void **state)
{
	struct usual u = { 0 };

	(void)state;
	learn(&u, 1, 3);
	learn(&u, 15, 1);
	assert_true(usual_is_mode(&u));
	learn(&u, 16, 1);
	assert_false(usual_is_mode(&u));
	u = (struct usual){ 0 };
	learn(&u, 1.5, 3);
	assert_false(usual_is_mode(&u));
	u = (struct usual){ 0 };
	for (unsigned i = 0; i < 5; i++)
		learn(&u, i, 1);
	assert_false(usual_is_mode(&u));
}

static void
two_ranges_make_one(void **state)
{
	struct usual a = { 0 }, b = { 0 }, none = { 0 }, u;

	(void)state;
	usual_learn(&a, 10);
	usual_learn(&a, 20);
	usual_learn(&b, 5);
	u = usual_union(&a, &b);
	assert_true(usual_min(&u) == 5 && usual_max(&u) == 20 && u.n == 3);
	assert_int_equal(usual_compare(&u, 12), USUAL_KNOWN);
	assert_int_equal(usual_compare(&u, 27.5), USUAL_INSIDE);
	assert_int_equal(usual_compare(&u, 28), USUAL_OUTSIDE);
	u = usual_union(&none, &b);
	assert_true(usual_min(&u) == 5 && usual_max(&u) == 5 && u.n_few == 1);
	u = usual_union(&b, &none);
	assert_true(usual_min(&u) == 5 && u.n == 1);
}

/* ---- periods ----------------------------------------------------------------- */

/* Gaps in ms, one after the other. */
static uint64_t
come(struct recent *r, struct period *p, uint64_t now, const unsigned *ms, unsigned n)
{
	uint64_t gap;

	for (unsigned i = 0; i < n; i++) {
		now += ms[i] * MS;
		gap = recent_came(r, now);
		period_learn(p, gap, recent_median(r));
	}
	return now;
}

static void
the_median_of_five_ignores_one_pause(void **state)
{
	static const unsigned ms[] = { 0, 1000, 1010, 2400, 990, 1005 };
	struct recent r = { 0 };
	uint64_t now = SECOND;

	(void)state;
	for (unsigned i = 0; i < 6; i++) {
		assert_int_equal(recent_median(&r), 0);
		now += ms[i] * MS;
		recent_came(&r, now);
	}
	assert_int_equal(recent_median(&r), 1005 * MS);
	/* Late by the clock of the capture: no gap. */
	assert_int_equal(recent_came(&r, now - 5), 0);
	assert_int_equal(r.last_ns, now);
}

static void
a_period_is_steady_after_twenty_gaps(void **state)
{
	struct recent r = { 0 };
	struct period p = { 0 };
	uint64_t now = SECOND;

	(void)state;
	/* The first gap is not, the next four have no median yet. */
	for (unsigned i = 0; i < 24; i++) {
		const unsigned gap = 1000 + i % 3 * 50;

		now = come(&r, &p, now, &gap, 1);
	}
	assert_int_equal(p.n, 19);
	assert_false(period_steady(&p));
	now = come(&r, &p, now, (const unsigned[]){ 1000 }, 1);
	assert_int_equal(p.n, 20);
	assert_true(period_steady(&p));
	assert_in_range(p.typical_ns, 1000 * MS, 1100 * MS);
	assert_int_equal(p.longest_ns, 1100 * MS);
	/* 1.5 x 1.05 s; a single longer gap is more than 2 % of 21. */
	come(&r, &p, now, (const unsigned[]){ 2000 }, 1);
	assert_int_equal(p.n_long, 1);
	assert_false(period_steady(&p));
}

static void
two_of_a_hundred_may_be_long(void **state)
{
	struct period p = { .typical_ns = SECOND, .n = 100, .n_long = 2 };

	(void)state;
	assert_true(period_steady(&p));
	p.n_long = 3;
	assert_false(period_steady(&p));
	/* The edge of long is one and a half of the period. */
	period_learn(&p, 1500 * MS, SECOND);
	assert_int_equal(p.n_long, 3);
	period_learn(&p, 1501 * MS, SECOND);
	assert_int_equal(p.n_long, 4);
}

static void
what_comes_in_pairs_has_no_period(void **state)
{
	static const unsigned pair[] = { 100, 900 };
	struct recent r = { 0 };
	struct period p = { 0 };
	uint64_t now = SECOND;

	(void)state;
	for (unsigned i = 0; i < 200; i++)
		now = come(&r, &p, now, pair, 2);
	assert_false(period_steady(&p));
}

static void
late_is_the_longest_of_three(void **state)
{
	struct period p = { .typical_ns = SECOND / 2, .longest_ns = SECOND / 2 };

	(void)state;
	assert_int_equal(period_late_ns(&p), 5 * SECOND);
	p.typical_ns = 2 * SECOND;
	assert_int_equal(period_late_ns(&p), 10 * SECOND);
	p.longest_ns = 6 * SECOND;
	assert_int_equal(period_late_ns(&p), 12 * SECOND);
}

static void
a_period_follows_slowly(void **state)
{
	struct period p = { 0 };

	(void)state;
	period_learn(&p, SECOND, SECOND);
	assert_int_equal(p.typical_ns, SECOND);
	/* An hour of pause moves it by no more than a 32nd of itself. */
	period_learn(&p, HOUR, HOUR);
	assert_int_equal(p.typical_ns, SECOND + SECOND / 32);
	for (unsigned i = 0; i < 300; i++)
		period_learn(&p, SECOND / 2, SECOND / 2);
	assert_in_range(p.typical_ns, SECOND / 2, SECOND / 2 + SECOND / 20);
}

/* ---- windows ------------------------------------------------------------------ */

static void
a_window_ends_by_the_clock(void **state)
{
	struct window w = { 0 }, over;

	(void)state;
	assert_true(window_turn(&w, 1000 * SECOND, NULL));
	w.n[VOLUME_WRITES] = 7;
	assert_false(window_turn(&w, 1010 * SECOND - 1, &over));
	assert_true(window_turn(&w, 1010 * SECOND, &over));
	assert_int_equal(over.n[VOLUME_WRITES], 7);
	assert_int_equal(over.number, 100);
	assert_int_equal(w.n[VOLUME_WRITES], 0);
	/* A late packet does not turn it back. */
	w.n[VOLUME_BYTES] = 3;
	assert_false(window_turn(&w, 1009 * SECOND, &over));
	assert_int_equal(w.n[VOLUME_BYTES], 3);
}

static void
a_limit_has_a_floor(void **state)
{
	(void)state;
	assert_int_equal(window_limit(VOLUME_WRITES, 0), 20);
	assert_int_equal(window_limit(VOLUME_WRITES, 6), 20);
	assert_int_equal(window_limit(VOLUME_WRITES, 7), 21);
	assert_true(window_limit(VOLUME_BYTES, UINT64_MAX) == UINT64_MAX);
	assert_string_equal(volume_name(VOLUME_WRITES), "writes");
	assert_string_equal(volume_name(VOLUME_UNSOLICITED), "unsolicited responses");
}

/* ---- hours --------------------------------------------------------------------- */

static void
the_week_begins_on_monday(void **state)
{
	(void)state;
	assert_int_equal(hours_of(0), 72);				/* Thursday */
	assert_int_equal(hours_of(4 * 24 * HOUR - 1), 167);		/* Sunday, the last */
	assert_int_equal(hours_of(4 * 24 * HOUR), 0);
	assert_int_equal(hours_of(1767225600 * SECOND), 72);		/* 2026-01-01, a Thursday */
}

static void
hours_are_judged_after_three_weeks(void **state)
{
	const uint64_t monday = 4 * 24 * HOUR, at = monday + 9 * HOUR;
	struct hours h = { 0 };

	(void)state;
	assert_true(hours_learn(&h, at));
	assert_false(hours_learn(&h, at + HOUR / 2));
	assert_int_equal(h.weeks, 1);
	assert_false(hours_learn(&h, at + 168 * HOUR));
	assert_false(hours_settled(&h));
	assert_false(hours_learn(&h, at + 5 * 168 * HOUR));	/* holidays between */
	assert_int_equal(h.weeks, 3);
	assert_true(hours_settled(&h));
	assert_true(hours_usual(&h, at));
	assert_true(hours_usual(&h, at - HOUR));
	assert_true(hours_usual(&h, at + 2 * HOUR - 1));
	assert_false(hours_usual(&h, at - HOUR - 1));
	assert_false(hours_usual(&h, at + 2 * HOUR));
	assert_false(hours_usual(&h, at + 24 * HOUR));
}

static void
sunday_midnight_is_beside_monday(void **state)
{
	const uint64_t monday = 4 * 24 * HOUR;
	struct hours h = { 0 };

	(void)state;
	hours_learn(&h, monday);
	assert_true(hours_usual(&h, monday + 168 * HOUR - 1));
	memset(&h, 0, sizeof(h));
	hours_learn(&h, monday + 167 * HOUR);
	assert_true(hours_usual(&h, monday));
	assert_false(hours_usual(&h, monday + HOUR));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_constant_settles_when_there_is_enough_of_it),
		cmocka_unit_test(a_new_value_in_the_last_third_unsettles),
		cmocka_unit_test(one_flank_of_a_slow_value_is_not_judged),
		cmocka_unit_test(a_range_that_grew_must_be_seen_again),
		cmocka_unit_test(a_counter_never_settles),
		cmocka_unit_test(four_are_few_and_five_a_range),
		cmocka_unit_test(what_is_no_number_is_ignored),
		cmocka_unit_test(a_mode_is_few_small_whole_numbers),
		cmocka_unit_test(two_ranges_make_one),
		cmocka_unit_test(the_median_of_five_ignores_one_pause),
		cmocka_unit_test(a_period_is_steady_after_twenty_gaps),
		cmocka_unit_test(two_of_a_hundred_may_be_long),
		cmocka_unit_test(what_comes_in_pairs_has_no_period),
		cmocka_unit_test(late_is_the_longest_of_three),
		cmocka_unit_test(a_period_follows_slowly),
		cmocka_unit_test(a_window_ends_by_the_clock),
		cmocka_unit_test(a_limit_has_a_floor),
		cmocka_unit_test(the_week_begins_on_monday),
		cmocka_unit_test(hours_are_judged_after_three_weeks),
		cmocka_unit_test(sunday_midnight_is_beside_monday),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
