/* What is normal, learned hour by hour, and what leaves it: the sketch of an hour and the norms, each at its boundaries, and over a restart. */
#include "health_kit.h"

#include "detect/health/norm.h"
#include "detect/health/sketch.h"

#define HOUR (3600 * SEC)

/* ---- the sketch ------------------------------------------------------------------ */

static void
quantiles_are_near_and_ends_are_kept(void **state)
{
	struct sketch s = { { 0 } };

	(void)state;
	assert_int_equal(sketch_quantile(&s, 500), 0);
	for (uint64_t ms = 1; ms <= 1000; ms++)
		sketch_add(&s, ms * 1000000);
	assert_in_range(sketch_quantile(&s, 500), 465000000, 535000000);
	assert_in_range(sketch_quantile(&s, 990), 930000000, 1060000000);
	assert_int_equal(sketch_bucket(0), 0);
	assert_int_equal(sketch_bucket((1 << 14) - 1), 0);
	assert_int_equal(sketch_bucket((UINT64_C(1) << 34) - 1), SKETCH_BUCKETS - 1);
	assert_int_equal(sketch_bucket(UINT64_MAX), SKETCH_BUCKETS - 1);
	for (unsigned i = 14; i < 34; i++)
		assert_int_equal(sketch_bucket(UINT64_C(1) << i), (i - 14) * 8);
}

static void
a_full_bucket_halves_all(void **state)
{
	struct sketch s = { { 0 } };

	(void)state;
	for (unsigned i = 0; i < 20000; i++)
		sketch_add(&s, 1000000);
	for (unsigned i = 0; i < 60000; i++)
		sketch_add(&s, 100000000);
	for (unsigned i = 0; i < 60000; i++)
		sketch_add(&s, 100000000);
	/* One of seven is short: not half of them, but more than a tenth. */
	assert_true(sketch_quantile(&s, 500) > 90000000);
	assert_true(sketch_quantile(&s, 50) < 1100000);
}

/* ---- norms ----------------------------------------------------------------------- */

static const struct norm_judge times = { .form = HEALTH_TIME, .floor = 1.4, .limit = 1000 };
static const struct norm_judge shares = { .form = HEALTH_SHARE, .floor = 0.2, .limit = 10 };
static const struct norm_judge offsets = { .form = HEALTH_OFFSET, .floor = 1 };
static const struct norm_judge counts = { .form = HEALTH_COUNT, .floor = 10 };

static enum norm_news
time_hour(struct norm *n, uint32_t hour, double ms)
{
	return norm_hour(n, &(struct norm_hour){ .hour = hour, .count = 100, .value = ms, .tail = 2 * ms }, &times);
}

static enum norm_news
share_hour(struct norm *n, uint32_t hour, unsigned bad, unsigned of)
{
	return norm_hour(n, &(struct norm_hour){ .hour = hour, .count = of, .bad = bad }, &shares);
}

static uint32_t
learned(struct norm *n)
{
	uint32_t hour = 500000;

	norm_begin(n, 0);
	for (; hour < 500000 + NORM_HOURS; hour++) {
		assert_int_equal(n->condition, HEALTH_LEARNING);
		assert_int_equal(time_hour(n, hour, hour % 2 ? 19 : 21), NORM_NOTHING);
	}
	assert_int_equal(n->condition, HEALTH_GOOD);
	return hour;
}

/* How many hours of this until it is said; 0: never. */
static unsigned
hours_until_said(double ms)
{
	struct norm n;
	uint32_t hour = learned(&n);

	for (unsigned i = 1; i < 100; i++)
		if (time_hour(&n, hour++, ms) == NORM_WORSE)
			return i;
	return 0;
}

static void
a_device_that_answers_later_is_said_once(void **state)
{
	struct norm n;
	uint32_t hour;
	unsigned news = 0;

	(void)state;
	assert_int_equal(hours_until_said(20), 0);
	assert_int_equal(hours_until_said(27), 0);	/* below the floor of 1.4 times */
	assert_in_range(hours_until_said(30), 3, 12);
	assert_in_range(hours_until_said(60), 2, 3);
	assert_int_equal(hours_until_said(10), 0);	/* faster is no trouble */
	hour = learned(&n);
	for (unsigned i = 0; i < 48; i++)
		news += time_hour(&n, hour++, 60) != NORM_NOTHING;
	assert_int_equal(news, 1);
	assert_int_equal(n.condition, HEALTH_WORSE);
	for (unsigned i = 0; i < 18; i++)
		news += time_hour(&n, hour++, 20) == NORM_BETTER;
	assert_int_equal(news, 2);
	assert_int_equal(n.condition, HEALTH_GOOD);
	for (unsigned i = 0; i < 12; i++)
		news += time_hour(&n, hour++, 1500) == NORM_WORSE;
	assert_int_equal(news, 3);
	assert_int_equal(n.condition, HEALTH_FAILING);
}

static void
one_bad_hour_is_nothing(void **state)
{
	struct norm n;
	uint32_t hour = learned(&n);

	(void)state;
	for (unsigned i = 0; i < 200; i++)	/* a backup each night */
		assert_int_equal(time_hour(&n, hour++, i % 24 == 3 ? 80 : 20), NORM_NOTHING);
	/* An hour with fewer than 30 answers says nothing. */
	for (unsigned i = 0; i < 50; i++)
		assert_int_equal(norm_hour(&n, &(struct norm_hour){ .hour = hour++, .count = 29, .value = 900, .tail = 900 }, &times), NORM_NOTHING);
	assert_int_equal(n.condition, HEALTH_GOOD);
}

/* What comes and goes is one condition. */
static void
a_figure_that_comes_and_goes_is_said_once(void **state)
{
	struct norm n;
	uint32_t hour = 500000;
	unsigned worse = 0, better = 0;

	(void)state;
	norm_begin(&n, 100);
	for (unsigned i = 0; i < 200; i++) {
		const enum norm_news news = share_hour(&n, hour++, i % 7 < 3 ? 20 : 0, 1000);

		worse += news == NORM_WORSE;
		better += news == NORM_BETTER;
	}
	assert_int_equal(worse, 1);
	assert_int_equal(better, 0);
	for (unsigned i = 0; i < 40; i++)
		better += share_hour(&n, hour++, 0, 1000) == NORM_BETTER;
	assert_int_equal(better, 1);
	assert_int_equal(n.condition, HEALTH_GOOD);
}

static void
what_stays_becomes_normal(void **state)
{
	struct norm n;
	uint32_t hour = learned(&n);
	unsigned worse = 0, better = 0;

	(void)state;
	for (unsigned i = 0; i < NORM_ADOPT + 100; i++) {
		enum norm_news news = time_hour(&n, hour++, 60);

		worse += news == NORM_WORSE;
		better += news == NORM_BETTER;
	}
	assert_int_equal(worse, 1);
	assert_int_equal(better, 1);
	assert_int_equal(n.condition, HEALTH_GOOD);
}

static void
a_trend_has_a_forecast(void **state)
{
	struct keep_health r = { 0 };
	struct norm n;
	uint32_t hour = learned(&n);
	double now;

	(void)state;
	norm_show(&n, &times, &r);
	assert_true(r.per_day == 0 && r.forecast_s == 0);
	assert_string_equal(r.condition, "good");
	for (unsigned i = 0; i < 72; i++)	/* 24 ms a day */
		(void)time_hour(&n, hour++, 20 + i);
	norm_show(&n, &times, &r);
	assert_true(r.per_day > 23 && r.per_day < 25);
	assert_true(norm_per_day(&n, &now) > 0 && now > 85 && now < 95);
	/* From 91 to 1000 ms. */
	assert_in_range(r.forecast_s, 36 * 86400, 40 * 86400);
	assert_true(r.normal > 19.5 && r.normal < 20.5);
	assert_true(r.limit == 1000);
	assert_string_equal(r.condition, "worse");
}

static unsigned
hours_until_bad(unsigned bad, unsigned of, unsigned normal)
{
	struct norm n;
	uint32_t hour = 500000;

	norm_begin(&n, 0);
	for (unsigned i = 0; i < NORM_HOURS + 200; i++)
		assert_int_equal(share_hour(&n, hour++, normal, of), NORM_NOTHING);
	for (unsigned i = 1; i < 100; i++)
		if (share_hour(&n, hour++, bad, of) == NORM_WORSE)
			return i;
	return 0;
}

static void
a_share_rises_beyond_chance_and_floor(void **state)
{
	struct norm n;
	unsigned i;

	(void)state;
	assert_int_equal(hours_until_bad(1, 1000, 0), 0);	/* fewer than six in some hours */
	assert_in_range(hours_until_bad(3, 1000, 0), 2, 6);
	assert_int_equal(hours_until_bad(3, 3000, 0), 0);	/* 0.1 %: nobody would care */
	assert_int_equal(hours_until_bad(30, 1000, 25), 0);	/* it was always so, nearly */
	assert_in_range(hours_until_bad(100, 1000, 25), 2, 8);
	/* Five are few, whatever chance says. */
	norm_begin(&n, 100);
	assert_int_equal(share_hour(&n, 500000, 5, 1000), NORM_NOTHING);
	assert_int_equal(share_hour(&n, 500001, 1, 1000), NORM_NOTHING);
	/* A figure that was 0 for more than a day needs no day to be learned. */
	norm_begin(&n, 100);
	for (i = 1; i < 10 && share_hour(&n, 500000 + i, 50, 1000) != NORM_WORSE; i++)
		;
	assert_in_range(i, 2, 3);
	assert_int_equal(n.condition, HEALTH_WORSE);
	for (; i < 20; i++)
		(void)share_hour(&n, 500000 + i, 200, 1000);
	assert_int_equal(n.condition, HEALTH_FAILING);
}

static void
a_clock_that_is_set_each_day_is_normal(void **state)
{
	struct norm n;
	unsigned hour = 0, said_at = 0;

	(void)state;
	norm_begin(&n, 0);
	/* Half a second a day, set at midnight. */
	for (; hour < 240; hour++)
		assert_int_equal(norm_hour(&n, &(struct norm_hour){ .hour = hour + 500000, .count = 1, .value = (hour % 24) * 0.02 }, &offsets), NORM_NOTHING);
	/* And then nobody sets it any more. */
	for (; hour < 500 && said_at == 0; hour++)
		if (norm_hour(&n, &(struct norm_hour){ .hour = hour + 500000, .count = 1, .value = (hour - 240) * 0.02 }, &offsets) == NORM_WORSE)
			said_at = hour - 240;
	assert_in_range(said_at, 50, 90);
}

static void
many_connections_are_a_change(void **state)
{
	struct norm n;
	unsigned i;

	(void)state;
	norm_begin(&n, 0);
	for (i = 0; i < 100; i++)
		assert_int_equal(norm_hour(&n, &(struct norm_hour){ .hour = 500000 + i, .count = 2, .value = 2 + i % 2 }, &counts), NORM_NOTHING);
	for (i = 0; i < 10 && norm_hour(&n, &(struct norm_hour){ .hour = 500100 + i, .count = 60, .value = 60 }, &counts) != NORM_WORSE; i++)
		;
	assert_in_range(i, 1, 4);
}

static void
a_restart_forgets_nothing(void **state)
{
	struct norm a, b;
	struct keep_health r;
	uint32_t hour = learned(&a);

	(void)state;
	norm_begin(&b, 0);
	for (unsigned i = 0; i < 30; i++, hour++) {
		memset(&r, 0, sizeof(r));
		(void)time_hour(&a, hour, 20 + i / 10.0);
		r.hour_ns = hour * HOUR;
		r.count = 100;
		r.median = 20 + i / 10.0;
		r.tail = 2 * r.median;
		norm_show(&a, &times, &r);
		norm_restore(&b, &r, &times);
	}
	assert_int_equal(b.condition, HEALTH_GOOD);
	assert_int_equal(b.learned, NORM_HOURS);
	assert_float_equal(a.center, b.center, 1e-3);
	assert_float_equal(a.spread, b.spread, 1e-6);
	assert_float_equal(a.recent, b.recent, 1e-3);
	/* Both say the same from here on. */
	for (unsigned i = 0; i < 20; i++, hour++)
		assert_int_equal(time_hour(&a, hour, 50), time_hour(&b, hour, 50));
	/* What was said before is not said again. */
	memset(&r, 0, sizeof(r));
	r.hour_ns = hour * HOUR;
	r.count = 100;
	r.median = 50;
	r.tail = 100;
	norm_show(&a, &times, &r);
	norm_begin(&b, 0);
	norm_restore(&b, &r, &times);
	assert_int_equal(b.condition, HEALTH_WORSE);
	assert_int_equal(time_hour(&b, hour + 1, 50), NORM_NOTHING);
}

/* A sensor that is started again and again learns nothing of a day within an hour. */
static void
parts_of_an_hour_are_no_two_hours(void **state)
{
	struct norm n;
	uint32_t hour;

	(void)state;
	norm_begin(&n, 0);
	for (unsigned i = 0; i < 100; i++)
		assert_int_equal(time_hour(&n, 500000, 20), NORM_NOTHING);
	assert_int_equal(n.learned, 1);
	hour = learned(&n);
	for (unsigned i = 0; i < 10; i++)
		assert_int_equal(time_hour(&n, hour, 90), NORM_NOTHING);
	assert_int_equal(time_hour(&n, hour + 1, 90), NORM_WORSE);
}

static void
no_share_is_more_than_all(void **state)
{
	struct keep_health r = { 0 };
	struct norm n;

	(void)state;
	norm_begin(&n, 0);
	for (unsigned i = 0; i < 40; i++)
		(void)share_hour(&n, 500000 + i, 45, 100);
	norm_show(&n, &shares, &r);
	assert_true(r.limit == 100);
	assert_string_equal(r.condition, "good");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(quantiles_are_near_and_ends_are_kept),
		cmocka_unit_test(a_full_bucket_halves_all),
		cmocka_unit_test(a_device_that_answers_later_is_said_once),
		cmocka_unit_test(one_bad_hour_is_nothing),
		cmocka_unit_test(a_figure_that_comes_and_goes_is_said_once),
		cmocka_unit_test(what_stays_becomes_normal),
		cmocka_unit_test(a_trend_has_a_forecast),
		cmocka_unit_test(a_share_rises_beyond_chance_and_floor),
		cmocka_unit_test(a_clock_that_is_set_each_day_is_normal),
		cmocka_unit_test(many_connections_are_a_change),
		cmocka_unit_test(a_restart_forgets_nothing),
		cmocka_unit_test(parts_of_an_hour_are_no_two_hours),
		cmocka_unit_test(no_share_is_more_than_all),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
