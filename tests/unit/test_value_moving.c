/* The arithmetic of the models of measurements that move: noise, drift, limits. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "detect/health/value_drift.h"
#include "detect/health/value_limits.h"
#include "detect/health/value_noise.h"

#define SECOND	1000000000ull
#define HOUR	(3600 * SECOND)

#define assert_near(is, should, by) assert_true(fabs((is) - (should)) <= (by))

/* A number between -1 and 1, the same in each run. */
static double
chance(void)
{
	static uint64_t x = 88172645463325252ull;

	x ^= x << 13;
	x ^= x >> 7;
	x ^= x << 17;
	return (double)(x % 2000001) / 1000000 - 1;
}

/* ---- noise --------------------------------------------------------------------- */

/* Readings a second apart that scatter by `by` about a ramp. */
static enum noise_news
noise(struct value_noise *s, uint64_t *ns, double by, unsigned seconds)
{
	enum noise_news last = NOISE_NONE;

	for (unsigned i = 0; i < seconds; i++) {
		enum noise_news news;

		*ns += SECOND;
		news = value_noise_read(s, 50 + (double)(*ns / SECOND % 1000) / 100 + by * chance(), *ns);
		if (news == NOISE_BEGINS || news == NOISE_ENDS)
			last = news;
	}
	return last;
}

static void
a_ramp_is_no_noise_and_noise_has_its_size(void **state)
{
	struct value_noise s = { 0 };
	uint64_t ns = SECOND;

	(void)state;
	noise(&s, &ns, 0, 900);
	assert_true(s.windows >= 14);
	assert_true(s.most < 1e-9);
	memset(&s, 0, sizeof(s));
	noise(&s, &ns, 0.3, 3600);
	/* Evenly spread to both sides by 0.3: a standard deviation of 0.3 / sqrt(3); without its largest three a little less. */
	assert_near(s.usual, 0.3 / sqrt(3), 0.03);
}

static void
ten_loud_windows_are_noise(void **state)
{
	struct value_noise s = { 0 };
	uint64_t ns = SECOND;

	(void)state;
	assert_int_equal(noise(&s, &ns, 0.1, 59 * 61), NOISE_NONE);
	assert_near(value_noise_limit(&s), 0, 0);	/* no hour yet */
	noise(&s, &ns, 0.1, 7200);
	assert_true(value_noise_limit(&s) > 0.1);
	assert_int_equal(noise(&s, &ns, 0.15, 7200), NOISE_NONE);	/* half as much again is as ever */
	assert_int_equal(noise(&s, &ns, 1, 9 * 61), NOISE_NONE);
	assert_int_equal(noise(&s, &ns, 0.1, 2 * 61), NOISE_NONE);	/* not in a row */
	assert_int_equal(noise(&s, &ns, 1, 12 * 61), NOISE_BEGINS);
	assert_true(s.noisy);
	assert_int_equal(noise(&s, &ns, 1, 7200), NOISE_NONE);		/* once */
	assert_int_equal(noise(&s, &ns, 0.1, 12 * 61), NOISE_ENDS);
	assert_false(s.noisy);
}

static void
noise_that_creeps_is_not_learned(void **state)
{
	struct value_noise s = { 0 };
	uint64_t ns = SECOND;
	double by = 0.1;

	(void)state;
	noise(&s, &ns, by, 4 * 3600);
	while (by < 10 && noise(&s, &ns, by, 3600) == NOISE_NONE)
		by *= 1.1;
	assert_true(s.noisy);
	assert_true(by < 0.5);
}

static void
steps_two_clients_and_one_wrong_reading_are_no_noise(void **state)
{
	struct value_noise s = { 0 };
	uint64_t ns = SECOND;

	(void)state;
	for (unsigned i = 0; i < 20000; i++) {
		ns += SECOND;
		assert_true(value_noise_read(&s, 10 + (i / 100 % 2) * 5 + 0.01 * (i % 2), ns) <= NOISE_WINDOW);
		assert_int_equal(value_noise_read(&s, 10 + (i / 100 % 2) * 5 + 0.01 * ((i + 1) % 2), ns + SECOND / 2), NOISE_NONE);
	}
	assert_true(s.most < 0.02);	/* what steps by 5 every hundred seconds scatters by 0.01 */
	assert_near(s.step, 0.01, 1e-9);
	/* One from one step of its resolution to the next and back: never. */
	for (unsigned i = 0; i < 20000; i++)
		assert_true(value_noise_read(&s, 10 + 0.01 * chance(), ns += SECOND) <= NOISE_WINDOW);
}

/* ---- drift --------------------------------------------------------------------- */

struct drift_case {
	struct value_drift d;
	uint64_t hour;
};

/* One hour with this mean. */
static enum drift_news
hour(struct drift_case *c, double v, bool explained)
{
	enum drift_news news = DRIFT_NONE;

	for (unsigned i = 0; i < 10; i++)
		if (value_drift_read(&c->d, v, c->hour * HOUR + i * SECOND))
			news = value_drift_judge(&c->d, 0.01, explained);
	c->hour++;
	return news;
}

static double
day(const struct drift_case *c)
{
	return 4.5 + 0.1 * sin((double)c->hour / 12 * 3.14159265);
}

/* Days between 4.4 and 4.6. */
static void
days(struct drift_case *c, unsigned hours)
{
	if (c->hour == 0)
		c->hour = 100;
	for (unsigned i = 0; i < hours; i++)
		assert_true(hour(c, day(c) + 0.01 * chance(), false) <= DRIFT_HOUR);
}

static void
a_level_that_climbs_is_told_and_when_it_reaches_its_limit(void **state)
{
	struct drift_case c = { 0 };
	struct drift_line line;
	enum drift_news news = DRIFT_HOUR;
	unsigned n = 0;

	(void)state;
	days(&c, 96);
	assert_true(c.d.settled);
	assert_false(value_drift_line(&c.d, &line));
	while (n < 100 && news != DRIFT_BEGINS)
		news = hour(&c, day(&c) + 0.02 * n++, false);
	assert_int_equal(c.d.drifting, 1);
	assert_in_range(n, 5, 24);
	assert_true(value_drift_line(&c.d, &line));
	assert_near(line.slope, 0.02, 0.004);
	/* The last whole hour is n - 2, and its line ends in the middle of the one that began. */
	assert_near(line.level, 4.5 + 0.02 * (n - 2 + 0.5), 0.02);
	assert_near(value_drift_reaches_h(&line, 9), (9 - line.level) / line.slope, 0.001);
	assert_true(value_drift_reaches_h(&line, 4) < 0);	/* the other way */
	/* It is told once, and is over when it was inside for three hours. */
	for (unsigned i = 0; i < 10; i++)
		assert_int_equal(hour(&c, day(&c) + 0.02 * n++, false), DRIFT_HOUR);
	assert_int_equal(hour(&c, day(&c), false), DRIFT_HOUR);
	assert_int_equal(hour(&c, day(&c), false), DRIFT_HOUR);
	assert_int_equal(hour(&c, day(&c), false), DRIFT_HOUR);
	assert_int_equal(hour(&c, day(&c), false), DRIFT_ENDS);
	assert_int_equal(c.d.drifting, 0);
}

static void
it_sinks_as_it_climbs(void **state)
{
	struct drift_case c = { 0 };
	struct drift_line line;
	unsigned n = 0;

	(void)state;
	days(&c, 96);
	while (n < 100 && hour(&c, day(&c) - 0.02 * n, false) != DRIFT_BEGINS)
		n++;
	assert_int_equal(c.d.drifting, -1);
	assert_true(value_drift_line(&c.d, &line));
	assert_near(line.slope, -0.02, 0.004);
}

static void
a_day_must_be_known_and_one_hour_says_nothing(void **state)
{
	struct drift_case c = { .hour = 100 };

	(void)state;
	for (unsigned i = 0; i < 200; i++)	/* it never stops climbing: nothing is usual */
		assert_true(hour(&c, i, false) <= DRIFT_HOUR);
	assert_false(c.d.settled);
	memset(&c, 0, sizeof(c));
	days(&c, 48);
	assert_false(c.d.settled);		/* 23 hours have one of the day before */
	memset(&c, 0, sizeof(c));
	days(&c, 96);
	assert_int_equal(hour(&c, 9, false), DRIFT_HOUR);
	assert_int_equal(hour(&c, day(&c), false), DRIFT_HOUR);
	days(&c, 200);
}

static void
hours_that_hardly_anybody_read_are_none(void **state)
{
	struct value_drift d = { 0 };

	(void)state;
	for (unsigned h = 100; h < 200; h++)
		for (unsigned i = 0; i < 9; i++)
			assert_false(value_drift_read(&d, 1, h * HOUR + i * SECOND));
	assert_int_equal(d.last_hour, 0);
}

static void
a_set_point_explains_it(void **state)
{
	struct drift_case sp = { .hour = 100 }, c = { .hour = 100 };

	(void)state;
	for (unsigned i = 0; i < 96; i++) {
		hour(&sp, 0.8 + 0.02 * (i % 5 % 3), false);
		hour(&c, 4.5 + 0.05 * (i % 5 % 3), false);
	}
	assert_true(sp.d.settled && c.d.settled);
	hour(&sp, 0.82, false);
	assert_false(value_drift_is_unusual(&sp.d, sp.hour - 1, 0.001));
	for (unsigned i = 0; i < 71; i++) {
		hour(&sp, 0.9, false);
		assert_true(value_drift_is_unusual(&sp.d, sp.hour - 1, 0.001) || sp.d.drifting == 0);
		assert_int_equal(hour(&c, 4.8, i > 0), DRIFT_HOUR);
	}
	assert_near(c.d.mean, 4.54, 0.02);
	for (unsigned i = 0; i < 3; i++)
		assert_int_equal(hour(&c, 4.8, true), DRIFT_HOUR);
	assert_near(c.d.mean, 4.8, 0.001);	/* three days: it is how it is now */
	assert_false(c.d.settled);
}

static void
a_new_level_is_learned_after_three_days(void **state)
{
	struct drift_case c = { 0 };
	unsigned n = 0;
	enum drift_news news = DRIFT_NONE;

	(void)state;
	days(&c, 96);
	while (n++ < 20 && news != DRIFT_BEGINS)
		news = hour(&c, day(&c) + 0.4, false);
	assert_int_equal(news, DRIFT_BEGINS);
	for (n = 0; n < 200 && news != DRIFT_ANEW; n++)
		news = hour(&c, day(&c) + 0.4, false);
	assert_in_range(n, 70, 76);
	assert_near(c.d.mean, 4.9, 0.11);
	assert_false(c.d.settled);
}

/* ---- limits -------------------------------------------------------------------- */

/* One more reading, a second after the last one: is it news? */
static bool
place(struct value_place *p, const struct value_limits *l, double v)
{
	static uint64_t ns;

	return value_limits_read(p, l, v, ns += SECOND);
}

static void
beyond_a_limit_and_back_by_the_hysteresis(void **state)
{
	struct value_limits l = { .has = { [1] = true, [2] = true }, .at = { [1] = 2, [2] = 4 } };
	struct value_place p = { 0 };

	(void)state;
	l.hysteresis = value_limits_hysteresis(&l, 0);
	assert_near(l.hysteresis, 0.02, 1e-9);
	assert_false(place(&p, &l, 4));	/* at it is inside */
	assert_false(place(&p, &l, 4));
	assert_false(place(&p, &l, 4.001));	/* one alone is none */
	assert_false(place(&p, &l, 3.9));
	assert_false(place(&p, &l, 4.001));
	assert_true(place(&p, &l, 4.001));
	assert_int_equal(p.side, SIDE_HIGH);
	for (unsigned i = 0; i < 2000; i++)	/* it trembles about its limit */
		assert_false(place(&p, &l, 3.985 + 0.02 * (i % 2)));
	for (unsigned i = 0; i < 599; i++)
		assert_false(place(&p, &l, 3.98));
	assert_false(place(&p, &l, 4.1));	/* again, within ten minutes */
	for (unsigned i = 0; i < 600; i++)
		assert_false(place(&p, &l, 3.98));
	assert_true(place(&p, &l, 3.98));
	assert_int_equal(p.side, SIDE_INSIDE);
	assert_false(place(&p, &l, 1.999));
	assert_true(place(&p, &l, 1.999));
	assert_int_equal(p.side, SIDE_LOW);
	assert_false(place(&p, &l, 4.1));	/* from one side to the other */
	assert_true(place(&p, &l, 4.1));
	assert_int_equal(p.side, SIDE_HIGH);
	for (unsigned i = 0; i < 100; i++)	/* and between both: they were told */
		assert_false(place(&p, &l, i / 10 % 2 ? 1 : 5));
	for (unsigned i = 0; i < 600; i++)
		assert_false(place(&p, &l, 3));
	assert_true(place(&p, &l, 3));
}

static void
limits_may_be_missing(void **state)
{
	struct value_limits l = { .at = { [1] = 2, [2] = 4 } };
	struct value_place p = { 0 };

	(void)state;
	for (unsigned i = 0; i < 5; i++)
		assert_false(place(&p, &l, i % 2 ? 1e9 : -1e9));
	assert_near(value_limits_hysteresis(&l, 0), 0, 0);
	l.has[2] = true;
	assert_near(value_limits_hysteresis(&l, 0), 0.04, 1e-9);
	assert_near(value_limits_hysteresis(&l, 0.5), 0.5, 1e-9);
	l = (struct value_limits){ .has = { [1] = true }, .at = { [1] = -20 } };
	assert_near(value_limits_hysteresis(&l, 0), 0.2, 1e-9);
	p = (struct value_place){ 0 };
	assert_false(place(&p, &l, -21));
	assert_true(place(&p, &l, -21));
}

static void
four_limits_are_told_one_by_one(void **state)
{
	struct value_limits l = { .has = { true, true, true, true }, .at = { 1, 2, 8, 9 } };
	struct value_place p = { 0 };

	(void)state;
	l.hysteresis = value_limits_hysteresis(&l, 0);
	assert_near(l.hysteresis, 0.06, 1e-9);	/* of the inner ones */
	assert_false(place(&p, &l, 8.5));
	assert_true(place(&p, &l, 8.5));
	assert_int_equal(p.side, SIDE_HIGH);
	assert_int_equal(value_limit_of(p.side), 2);
	assert_false(place(&p, &l, 9.1));
	assert_true(place(&p, &l, 9.1));
	assert_int_equal(p.side, SIDE_HIGH_HIGH);
	for (unsigned i = 0; i < 20; i++)	/* between both: they were told */
		assert_false(place(&p, &l, i / 5 % 2 ? 9.2 : 8.3));
	/* At once to the last one: the one before is no news on the way back. */
	assert_false(place(&p, &l, 0.5));
	assert_true(place(&p, &l, 0.5));
	assert_int_equal(p.side, SIDE_LOW_LOW);
	assert_int_equal(value_limit_of(p.side), 0);
	for (unsigned i = 0; i < 5; i++)
		assert_false(place(&p, &l, 1.5));
	assert_int_equal(p.side, SIDE_LOW);
	for (unsigned i = 0; i < 600; i++)
		assert_false(place(&p, &l, 5));
	assert_true(place(&p, &l, 5));
	assert_int_equal(p.side, SIDE_INSIDE);
	/* The outer ones alone. */
	l = (struct value_limits){ .has = { [0] = true, [3] = true }, .at = { [0] = 1, [3] = 9 } };
	assert_near(value_limits_hysteresis(&l, 0), 0.08, 1e-9);
	assert_false(place(&p, &l, 9.1));
	assert_true(place(&p, &l, 9.1));
	assert_int_equal(p.side, SIDE_HIGH_HIGH);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_ramp_is_no_noise_and_noise_has_its_size),
		cmocka_unit_test(ten_loud_windows_are_noise),
		cmocka_unit_test(noise_that_creeps_is_not_learned),
		cmocka_unit_test(steps_two_clients_and_one_wrong_reading_are_no_noise),
		cmocka_unit_test(a_level_that_climbs_is_told_and_when_it_reaches_its_limit),
		cmocka_unit_test(it_sinks_as_it_climbs),
		cmocka_unit_test(a_day_must_be_known_and_one_hour_says_nothing),
		cmocka_unit_test(hours_that_hardly_anybody_read_are_none),
		cmocka_unit_test(a_set_point_explains_it),
		cmocka_unit_test(a_new_level_is_learned_after_three_days),
		cmocka_unit_test(beyond_a_limit_and_back_by_the_hysteresis),
		cmocka_unit_test(limits_may_be_missing),
		cmocka_unit_test(four_limits_are_told_one_by_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
