/* The arithmetic of the models of measurements that stand: sort, rhythm, neighbours. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "detect/health/value_kind.h"
#include "detect/health/value_pairs.h"
#include "detect/health/value_rhythm.h"

#define SECOND	1000000000ull

#define assert_near(is, should, by) assert_true(fabs((is) - (should)) <= (by))

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
		cmocka_unit_test(frozen_while_its_witnesses_move),
		cmocka_unit_test(who_is_not_followed_is_no_witness),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
