/* The arithmetic of the models of measurements: sort, rhythm, noise, drift, limits, neighbours. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "detect/health/value_drift.h"
#include "detect/health/value_kind.h"
#include "detect/health/value_limits.h"
#include "detect/health/value_noise.h"
#include "detect/health/value_pairs.h"
#include "detect/health/value_rhythm.h"

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

/* ---- sort ---------------------------------------------------------------------- */

static void
few_values_are_no_measurement(void **state)
{
	struct value_kind k = { 0 };

	(void)state;
	assert_int_equal(value_kind_of(&k), VALUE_UNKNOWN);
	value_kind_learn(&k, (double)NAN);
	assert_int_equal(k.n, 0);
	for (unsigned i = 0; i < 1000; i++)
		value_kind_learn(&k, i % VALUE_FEW);
	assert_int_equal(value_kind_of(&k), VALUE_UNKNOWN);
	value_kind_learn(&k, VALUE_FEW);		/* one more value is many */
	assert_int_equal(value_kind_of(&k), VALUE_MEASURED);
	assert_near(k.least, 0, 0);
	assert_near(k.most, VALUE_FEW, 0);
}

static void
what_moves_when_it_is_written_is_a_set_point(void **state)
{
	struct value_kind k = { 0 };

	(void)state;
	value_kind_written(&k);
	assert_int_equal(value_kind_of(&k), VALUE_SETPOINT);
	value_kind_learn(&k, 0);
	for (unsigned i = 1; i <= 31; i++)
		value_kind_learn(&k, i * 7 % 11 + i % 5);
	assert_int_equal(value_kind_of(&k), VALUE_SETPOINT);	/* up to 31 moves */
	for (unsigned i = 0; i < 10; i++)
		value_kind_learn(&k, i % 2 * 3);
	assert_int_equal(value_kind_of(&k), VALUE_MEASURED);	/* an intruder's one write makes no set-point of a level */
}

static void
what_only_rises_counts(void **state)
{
	struct value_kind k = { 0 };

	(void)state;
	for (unsigned i = 0; i < 16; i++)
		value_kind_learn(&k, i);
	assert_int_equal(value_kind_of(&k), VALUE_MEASURED);	/* 15 rises: it may come down yet */
	value_kind_learn(&k, 16);
	assert_int_equal(value_kind_of(&k), VALUE_COUNTER);
	for (unsigned i = 0; i < 300; i++)
		value_kind_learn(&k, i % 150);		/* it overflows twice: 314 rises, 2 falls */
	assert_int_equal(value_kind_of(&k), VALUE_COUNTER);
	value_kind_learn(&k, 140);
	assert_int_equal(value_kind_of(&k), VALUE_COUNTER);	/* 3 in 314 */
	value_kind_learn(&k, 139);
	assert_int_equal(value_kind_of(&k), VALUE_MEASURED);
}

/* ---- rhythm -------------------------------------------------------------------- */

struct rhythm_case {
	struct value_rhythm r;
	struct value_kind k;
	uint64_t ns;
};

static bool
rhythm(struct rhythm_case *c, double v, double seconds)
{
	c->ns += (uint64_t)(seconds * 1e9);
	value_kind_learn(&c->k, v);
	value_rhythm_read(&c->r, &c->k, v, c->ns, NULL);
	return value_rhythm_is_stuck(&c->r, &c->k);
}

/* A level that is read every second, stands for 4 seconds at each of 21 values, and for 12 now and then: `hours` of it. */
static void
level(struct rhythm_case *c, double hours)
{
	unsigned n = (unsigned)(hours * 3600);

	for (unsigned i = 0, v = 0, stays = 0; i < n; i++) {
		if (stays-- == 0) {
			v++;
			stays = v % 8 == 5 ? 11 : 3;
		}
		assert_false(rhythm(c, 100 + (v % 40 < 20 ? v % 40 : 40 - v % 40), 1));
	}
}

static void
a_level_that_stands_too_long_is_stuck(void **state)
{
	struct rhythm_case c = { .ns = SECOND };
	double limit, stood = 0;

	(void)state;
	level(&c, 2);
	assert_true(value_rhythm_settled(&c.r));
	assert_near(c.r.longest_s, 12, 1e-6);
	limit = value_rhythm_limit_s(&c.r);
	assert_near(limit, 300, 1e-6);	/* six times 12 s is sooner than anybody must know */
	rhythm(&c, 110.5, 1);
	for (unsigned i = 0; i < 300; i++)
		assert_false(rhythm(&c, 110.5, 1));
	assert_true(rhythm(&c, 110.5, 1));
	assert_near(value_rhythm_stood_s(&c.r), 301, 1e-6);
	c.ns += SECOND;
	assert_true(value_rhythm_read(&c.r, &c.k, 111, c.ns, &stood));	/* it moves on */
	assert_near(stood, 302, 1e-6);
	assert_near(c.r.longest_s, 24, 1e-6);	/* and has taught little */
}

static void
its_own_rhythm_says_how_long(void **state)
{
	struct rhythm_case c = { .ns = SECOND };

	(void)state;
	/* Slow: a step every 200 s, read every 10 s; for less than a day the limit is six times as long. */
	for (unsigned i = 0; i < 8000; i++)
		assert_false(rhythm(&c, 50 + (i / 20 % 30 < 15 ? i / 20 % 30 : 30 - i / 20 % 30), 10));
	assert_near(c.r.longest_s, 200, 1e-6);
	assert_near(c.r.usual_s, 200, 1);
	/* Twenty times the usual is longer than three times the longest. */
	assert_near(value_rhythm_limit_s(&c.r), 20 * c.r.usual_s, 1e-6);
}

static void
nothing_is_judged_before_it_has_settled(void **state)
{
	struct rhythm_case c = { .ns = SECOND };

	(void)state;
	level(&c, 0.9);
	for (unsigned i = 0; i < 350; i++)
		assert_false(rhythm(&c, 110.5, 1));	/* it stands in its first hour */
	(void)memset(&c, 0, sizeof(c));
	c.ns = SECOND;
	assert_false(value_rhythm_settled(&c.r));
}

static void
rests_and_the_ends_of_the_range_prove_nothing(void **state)
{
	struct rhythm_case c = { .ns = SECOND };
	unsigned i;

	(void)state;
	for (i = 0; i < 3; i++) {	/* a drive that rests at its set speed */
		level(&c, 1);
		for (unsigned n = 0; n < 250; n++)
			assert_false(rhythm(&c, 112.25, 1));
	}
	level(&c, 3);
	for (i = 0; i < 20000; i++)
		assert_false(rhythm(&c, 112.25, 1));	/* for as long as it likes */
	level(&c, 1);
	for (i = 0; i < 20000; i++)
		assert_false(rhythm(&c, 100, 1));	/* the lower end */
	level(&c, 1);
	for (i = 0; i < 20000; i++)
		assert_false(rhythm(&c, 120, 1));
	level(&c, 1);
	for (i = 0; i < 20000; i++)
		assert_false(rhythm(&c, 0, 1));
	for (i = 0; i < 20000 && !rhythm(&c, 111.5, 1); i++)
		;
	assert_in_range(i, 300, 19999);
}

static void
who_does_not_look_sees_nothing_stand(void **state)
{
	struct rhythm_case c = { .ns = SECOND };

	(void)state;
	level(&c, 2);
	rhythm(&c, 110.5, 1);
	for (unsigned i = 0; i < 100; i++)
		assert_false(rhythm(&c, 110.5, 80));	/* a second was usual; nobody knows what it was meanwhile */
	assert_true(c.r.watched_s < 7300);
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
	struct value_limits l = { .has_low = true, .has_high = true, .low = 2, .high = 4 };
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
	struct value_limits l = { .high = 4, .low = 2 };
	struct value_place p = { 0 };

	(void)state;
	for (unsigned i = 0; i < 5; i++)
		assert_false(place(&p, &l, i % 2 ? 1e9 : -1e9));
	assert_near(value_limits_hysteresis(&l, 0), 0, 0);
	l.has_high = true;
	assert_near(value_limits_hysteresis(&l, 0), 0.04, 1e-9);
	assert_near(value_limits_hysteresis(&l, 0.5), 0.5, 1e-9);
	l = (struct value_limits){ .has_low = true, .low = -20 };
	assert_near(value_limits_hysteresis(&l, 0), 0.2, 1e-9);
	p = (struct value_place){ 0 };
	assert_false(place(&p, &l, -21));
	assert_true(place(&p, &l, -21));
}

/* ---- neighbours ------------------------------------------------------------------ */

static void
frozen_while_its_witnesses_move(void **state)
{
	struct value_pairs p = { .pair = { { .who = 5 }, { .who = 6 } } };
	uint32_t n_contradict;

	(void)state;
	for (unsigned i = 0; i < 400; i++) {
		value_pair_window(&p.pair[0], true, i % 40 != 0);	/* alone once in 40 */
		value_pair_window(&p.pair[1], i % 2, i % 40 != 0);	/* it moves every other window */
		assert_false(value_pairs_is_frozen(&p));
	}
	assert_int_equal(value_pairs_witnesses(&p, &n_contradict), 2);
	assert_int_equal(n_contradict, 0);
	assert_int_equal(p.pair[0].longest, 1);
	for (unsigned i = 0; i < 8; i++) {
		value_pair_window(&p.pair[0], true, false);
		value_pair_window(&p.pair[1], true, false);
		assert_false(value_pairs_is_frozen(&p));
	}
	value_pairs_witnesses(&p, &n_contradict);
	assert_int_equal(n_contradict, 1);	/* which was never alone, says so after six; one of two is not most of them */
	value_pair_window(&p.pair[0], true, false);	/* nine: three times its one, and five more */
	assert_true(value_pairs_is_frozen(&p));
	for (unsigned i = 0; i < 1000; i++)
		value_pair_window(&p.pair[0], true, false);
	assert_true(value_pair_is_witness(&p.pair[0]));	/* nothing was learned of it */
	value_pair_window(&p.pair[0], true, true);
	assert_false(value_pairs_is_frozen(&p));
	assert_int_equal(p.pair[0].longest, 6);
}

static void
who_is_not_followed_is_no_witness(void **state)
{
	struct value_pairs p = { .pair = { { .who = 5 } } };
	uint32_t n_contradict;

	(void)state;
	for (unsigned i = 0; i < 400; i++)
		value_pair_window(&p.pair[0], true, i % 2);
	assert_int_equal(value_pairs_witnesses(&p, &n_contradict), 0);
	assert_true(value_pair_is_useless(&p.pair[0]));
	assert_false(value_pairs_is_frozen(&p));
	/* Windows in which the neighbour stood, too, say nothing. */
	p.pair[0] = (struct value_pair){ .who = 5 };
	for (unsigned i = 0; i < 1000; i++)
		value_pair_window(&p.pair[0], false, false);
	assert_int_equal(p.pair[0].moved, 0);
	assert_false(value_pair_is_useless(&p.pair[0]));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(few_values_are_no_measurement),
		cmocka_unit_test(what_moves_when_it_is_written_is_a_set_point),
		cmocka_unit_test(what_only_rises_counts),
		cmocka_unit_test(a_level_that_stands_too_long_is_stuck),
		cmocka_unit_test(its_own_rhythm_says_how_long),
		cmocka_unit_test(nothing_is_judged_before_it_has_settled),
		cmocka_unit_test(rests_and_the_ends_of_the_range_prove_nothing),
		cmocka_unit_test(who_does_not_look_sees_nothing_stand),
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
		cmocka_unit_test(frozen_while_its_witnesses_move),
		cmocka_unit_test(who_is_not_followed_is_no_witness),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
