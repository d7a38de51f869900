/* Rates, and what goes on and on. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "detect/slots.h"

#define SECOND	1000000000u

static void
a_rate_without_one_more(void **unused)
{
	struct rate_count r = { 0 };

	(void)unused;
	for (unsigned i = 0; i < 10; i++)
		assert_int_equal(rate_add(&r, (1000 + i) * (uint64_t)SECOND, 10), i + 1);
	assert_int_equal(rate_now(&r, 1009 * (uint64_t)SECOND, 10), 10);
	assert_int_equal(rate_now(&r, 1005 * (uint64_t)SECOND, 10), 10);	/* a little out of order */
	assert_int_equal(rate_now(&r, 1010 * (uint64_t)SECOND, 10), 9);
	assert_int_equal(rate_now(&r, 1018 * (uint64_t)SECOND, 10), 1);
	assert_int_equal(rate_now(&r, 1019 * (uint64_t)SECOND, 10), 0);
	assert_int_equal(rate_now(&r, 9999 * (uint64_t)SECOND, 10), 0);
	for (uint64_t t = 1009; t < 1025; t++) {	/* one second on, it is what is left and one more */
		struct rate_count copy = r;

		assert_int_equal(rate_add(&copy, t * SECOND, 10), rate_now(&r, t * SECOND, 10) + 1);
	}
}

static const struct steady_times times = { .open_s = 300, .settle_s = 3600, .forget_s = 86400 };

static bool
news(struct steady *k, uint32_t level, uint64_t at_s)
{
	return steady_news(k, level, at_s * SECOND, &times);
}

static void
once_and_while_its_alert_is_open(void **unused)
{
	struct steady k = { 0 };

	(void)unused;
	assert_true(news(&k, 0, 0));		/* the clock may begin there */
	k = (struct steady){ 0 };
	assert_true(news(&k, 0, 1000));
	assert_true(news(&k, 0, 1299));
	assert_false(news(&k, 0, 1300));
	assert_false(news(&k, 0, 5000));
	assert_false(news(&k, 0, 5000 + 86399));
	assert_true(news(&k, 0, 5000 + 86399 + 86400));
	assert_true(news(&k, 0, 10));		/* the clock was set back */
}

static void
again_when_it_doubles(void **unused)
{
	struct steady k = { 0 };

	(void)unused;
	assert_true(news(&k, 20, 1000));
	assert_false(news(&k, 100, 1400));	/* what it comes to shows in the first hour */
	assert_false(news(&k, 400, 4599));
	assert_false(news(&k, 799, 4600));
	assert_true(news(&k, 800, 4700));
	assert_true(news(&k, 800, 4701));
	assert_false(news(&k, 800, 5000));
	assert_false(news(&k, 300, 9000));
	assert_false(news(&k, 1599, 9000));
	assert_true(news(&k, 1600, 9001));
}

static void
several_things(void **unused)
{
	struct steady_things k = { 0 };

	(void)unused;
	for (unsigned i = 0; i < STEADY_THINGS; i++)
		assert_true(steady_thing_news(&k, i, (1000 + i) * (uint64_t)SECOND, &times));
	for (unsigned i = 0; i < STEADY_THINGS; i++)
		assert_false(steady_thing_news(&k, i, (2000 + i) * (uint64_t)SECOND, &times));
	assert_true(steady_thing_news(&k, 99, 3000 * (uint64_t)SECOND, &times));	/* in place of the first */
	assert_false(steady_thing_news(&k, 1, 3400 * (uint64_t)SECOND, &times));
	assert_true(steady_thing_news(&k, 0, 3400 * (uint64_t)SECOND, &times));	/* in place of the third */
	assert_false(steady_thing_news(&k, 1, 3800 * (uint64_t)SECOND, &times));
	assert_true(steady_thing_news(&k, 2, 3800 * (uint64_t)SECOND, &times));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_rate_without_one_more),
		cmocka_unit_test(once_and_while_its_alert_is_open),
		cmocka_unit_test(again_when_it_doubles),
		cmocka_unit_test(several_things),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
