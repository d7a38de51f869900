/* The wheel, against one that walks through everything; the table of states that lie side by side. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "detect/baseline/wheel.h"
#include "detect/baseline/dense.h"

#define N 200u

static uint64_t state = 1;

static uint64_t
dice(uint64_t below)
{
	state = state * 6364136223846793005u + 1442695040888963407u;
	return (state >> 33) % below;
}

struct told {
	uint64_t	due_s[N];	/* 0: it does not wait */
	unsigned	n, wrong;
	uint64_t	now_s;
};

static void
tell(void *arg, uint32_t i)
{
	struct told *t = arg;

	t->n++;
	t->wrong += t->due_s[i] == 0 || t->due_s[i] > t->now_s;
	t->due_s[i] = 0;
}

static unsigned
due(const struct told *t)
{
	unsigned n = 0;

	for (uint32_t i = 0; i < N; i++)
		n += t->due_s[i] != 0 && t->due_s[i] <= t->now_s;
	return n;
}

static void
a_wheel_tells_what_is_due_when_it_is(void **unused)
{
	static const uint64_t spans[] = { 3, 64, 500, 5000, 300000, 10000000 };
	struct told t = { .now_s = 1767225600 };
	struct wheel w;

	(void)unused;
	assert_int_equal(wheel_open(&w, N), 0);
	wheel_turn(&w, t.now_s, tell, &t);
	for (unsigned round = 0; round < 20000; round++) {
		uint32_t i = (uint32_t)dice(N);
		uint64_t at = t.now_s + 1 + dice(spans[dice(6)]);

		if (dice(8) == 0) {
			wheel_remove(&w, i);
			t.due_s[i] = 0;
		} else {
			wheel_put(&w, i, at);
			t.due_s[i] = at;
		}
		assert_int_equal(wheel_has(&w, i), t.due_s[i] != 0);
		if (dice(3) == 0) {
			unsigned expected;

			t.now_s += dice(dice(50) == 0 ? spans[dice(6)] : 5);
			expected = due(&t);
			t.n = 0;
			wheel_turn(&w, t.now_s, tell, &t);
			assert_int_equal(t.n, expected);
			assert_int_equal(t.wrong, 0);
		}
	}
	wheel_close(&w);
}

static void
a_wheel_that_is_set_back_tells_all(void **unused)
{
	struct told t = { .now_s = 1000 };
	struct wheel w;

	(void)unused;
	assert_int_equal(wheel_open(&w, N), 0);
	wheel_turn(&w, 1000, tell, &t);
	wheel_put(&w, 1, 900);		/* it is late: in the next second */
	wheel_put(&w, 2, UINT64_MAX);	/* further than it reaches: sooner */
	t.due_s[1] = t.due_s[2] = 1;
	wheel_turn(&w, 1000, tell, &t);
	assert_int_equal(t.n, 0);
	wheel_turn(&w, 1001, tell, &t);
	assert_int_equal(t.n, 1);
	wheel_turn(&w, 500, tell, &t);
	assert_int_equal(t.n, 2);
	assert_false(wheel_has(&w, 2));
	wheel_close(&w);
}

struct thing { struct dense_row row; uint64_t v; };

static void
a_full_table_forgets_what_was_quiet(void **unused)
{
	struct counters c = { 0 };
	struct dense d;
	struct thing *x, *kept;

	(void)unused;
	assert_int_equal(dense_open(&d, 64, sizeof(struct thing), &c, CNT_BASELINE_STATES), 0);
	kept = dense_get(&d, 7, 1);
	kept->v = 77;
	for (uint64_t k = 100; k < 1100; k++) {
		x = dense_get(&d, k, k);
		assert_int_equal(x->v, 0);
		x->v = k;
		assert_ptr_equal(dense_get(&d, 7, k + 1), kept);	/* it goes on, where it was */
		assert_ptr_equal(dense_at(&d, dense_place(&d, x)), x);
	}
	assert_int_equal(kept->v, 77);
	assert_int_equal(c.v[CNT_BASELINE_STATES], 1001 - 64);
	assert_int_equal(d.used, 64);
	assert_null(dense_find(&d, 100));
	for (uint32_t i = 0; i < 64; i++) {
		x = dense_at(&d, i);
		assert_ptr_equal(dense_find(&d, x->row.key), x);
	}
	dense_close(&d);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_wheel_tells_what_is_due_when_it_is),
		cmocka_unit_test(a_wheel_that_is_set_back_tells_all),
		cmocka_unit_test(a_full_table_forgets_what_was_quiet),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
