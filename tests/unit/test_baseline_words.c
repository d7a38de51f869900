/* The numbers of facts in words. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>

#include "detect/baseline/words.h"
#include "detect/baseline/window.h"

static void
is(const struct fact *f, const char *words)
{
	char text[BASELINE_WORDS_MAX];

	assert_string_equal(baseline_words(f, text, sizeof(text)), words);
}

static void
values(void **state)
{
	struct fact f = { .key = { .kind = FACT_KIND_VALUE }, .state = FACT_LEARNED, .count = 60,
	    .n = { { .d = 1 }, { .d = 5.5 }, { .d = 2 }, { .d = 0 }, { .d = 3 }, { .d = 3 | 1 << 8 | 9 << 16 } } };

	(void)state;
	is(&f, "1, 5.5 or 2");
	f.n[5].d = 5 | 1 << 8 | 9 << 16;
	is(&f, "1 to 5.5");
	f.count = 49;
	is(&f, "1 to 5.5, not settled");
	f.key.written = 1;
	is(&f, "1 to 5.5");
	f.key.kind = FACT_KIND_NEW_VALUE;
	is(&f, "1 to 5.5");
}

static void
a_settled_value_stays_so(void **state)
{
	struct fact f = { .key = { .kind = FACT_KIND_VALUE }, .state = FACT_LEARNED, .count = 5000, .first_ns = 1, .last_ns = 2,
	    .n = { { .d = 1 }, { .d = 5.5 }, { .d = 2 }, { .d = 0 }, { .d = 100 }, { .d = 5 | 1 << 8 | 9 << 16 } } };

	(void)state;
	baseline_stable(&f);
	assert_int_equal(f.count, 152);
	assert_int_equal(f.last_ns, 0);
	is(&f, "1 to 5.5");
	baseline_stable(&f);
	assert_int_equal(f.count, 152);
	f.n[4].d = 3;
	baseline_stable(&f);
	assert_int_equal(f.count, 50);
	/* One that is not settled goes on where it was. */
	f.count = 49;
	baseline_stable(&f);
	assert_int_equal(f.count, 49);
	f.key.kind = FACT_KIND_PEER;
	baseline_stable(&f);
	assert_int_equal(f.count, 2);
	f.count = 1;
	baseline_stable(&f);
	assert_int_equal(f.count, 1);
}

static void
so_does_a_constant(void **state)
{
	struct fact f = { .key = { .kind = FACT_KIND_VALUE }, .state = FACT_LEARNED, .count = 5000, .first_ns = 1, .last_ns = 3600000000001,
	    .n = { { .d = 7 }, { .d = 7 }, { .d = 0 }, { .d = 0 }, { .d = 1 }, { .d = 1 } } }, young = f;

	(void)state;
	baseline_stable(&f);
	is(&f, "7");
	young.last_ns--;
	is(&young, "7, not settled");
	baseline_stable(&young);
	is(&young, "7, not settled");
}

static void
volumes(void **state)
{
	struct fact f = { .key = { .kind = FACT_KIND_VOLUME, .code = VOLUME_WRITES }, .state = FACT_LEARNED,
	    .n = { { .d = 12 }, { .d = 50 } } };

	(void)state;
	is(&f, "at most 12 writes in 10 s");
	f.state = FACT_ACCEPTED;
	is(&f, "at most 50 writes in 10 s");
	f.key.code = VOLUMES;
	is(&f, "");
}

static void
polls(void **state)
{
	struct fact f = { .key = { .kind = FACT_KIND_POLL }, .state = FACT_LEARNED,
	    .n = { { .d = 1e9 }, { .d = 2.4e9 }, { .d = 100 }, { .d = 2 } } };

	(void)state;
	is(&f, "every 1 s, paused for 2.4 s at most");
	f.n[3].d = 3;
	is(&f, "every 1 s, paused for 2.4 s at most, not steady");
}

static void
hours(void **state)
{
	/* Monday 6-9 and 23, Sunday 0. */
	struct fact f = { .key = { .kind = FACT_KIND_HOURS }, .state = FACT_LEARNED,
	    .n = { { .d = 7 << 6 | 1 << 23 }, { .d = 0 }, { .d = 0 }, { .d = 1 << 18 }, { .d = 9 }, { .d = 2 } } };

	(void)state;
	is(&f, "Mon 6-9,23-24, Sun 0-1, UTC in 2 weeks, not settled");
	f.n[5].d = 3;
	is(&f, "Mon 6-9,23-24, Sun 0-1, UTC in 3 weeks");
}

/* A file may have any number. */
static void
numbers_that_are_none(void **state)
{
	static const enum fact_kind kinds[] = { FACT_KIND_VALUE, FACT_KIND_NEW_VALUE, FACT_KIND_VOLUME, FACT_KIND_POLL, FACT_KIND_HOURS };
	static const double wrong[] = { -1, 1e300, -1e300, (double)NAN, (double)INFINITY };
	char text[BASELINE_WORDS_MAX];

	(void)state;
	for (unsigned k = 0; k < 5; k++)
		for (unsigned i = 0; i < 5; i++) {
			struct fact f = { .key = { .kind = (uint8_t)kinds[k] }, .state = FACT_ACCEPTED, .count = UINT64_MAX };

			for (unsigned j = 0; j < FACT_NUMBERS; j++)
				f.n[j].d = wrong[i];
			(void)baseline_words(&f, text, sizeof(text));
			baseline_stable(&f);
		}
}

static void
what_has_no_numbers_has_no_words(void **state)
{
	const struct fact f = { .key = { .kind = FACT_KIND_PEER }, .n = { { .u = 7 } } };

	(void)state;
	is(&f, "");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values),
		cmocka_unit_test(a_settled_value_stays_so),
		cmocka_unit_test(so_does_a_constant),
		cmocka_unit_test(volumes),
		cmocka_unit_test(polls),
		cmocka_unit_test(hours),
		cmocka_unit_test(numbers_that_are_none),
		cmocka_unit_test(what_has_no_numbers_has_no_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
