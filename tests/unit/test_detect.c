/* The life of a detector: open, load, calls, finish, save, close; and a registry that is too long. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/err.h"
#include "detect/detect.h"

static struct settings settings;
static struct counters counters;
static const struct detect_env env = { .settings = &settings, .counters = &counters };

/* ---- a detector that counts ticks, and keeps the count --------------------------- */

#define KEPT_VERSION 1u

struct ticks {
	uint64_t	n, last_ns;
	unsigned	finished;
};

struct kept {
	uint64_t	version, n, last_ns;
};

static unsigned opened, closed;

static void *
ticks_open(const struct detect_env *unused, struct err *e)
{
	(void)unused;
	(void)e;
	opened++;
	return calloc(1, sizeof(struct ticks));
}

static int
ticks_load(void *arg, const struct detect_state *from, struct err *e)
{
	struct ticks *d = arg;
	const void *p;
	size_t n;

	while (from->get(from->arg, "ticks", &p, &n)) {
		struct kept k;

		memcpy(&k, p, n < sizeof(k) ? n : sizeof(k));
		if (n != sizeof(k) || k.version != KEPT_VERSION) {
			err_add(e, NULL, 0, 0, "the ticks of another version");
			return -1;
		}
		d->n += k.n;
		d->last_ns = k.last_ns;
	}
	return 0;
}

/* Two records: what was put first comes first. */
static int
ticks_save(const void *arg, const struct detect_state *to)
{
	const struct ticks *d = arg;
	const struct kept first = { KEPT_VERSION, d->n - 1, 1 }, second = { KEPT_VERSION, 1, d->last_ns };

	return to->put(to->arg, "ticks", &first, sizeof(first)) == 0 &&
	    to->put(to->arg, "ticks", &second, sizeof(second)) == 0 ? 0 : -1;
}

static void
ticks_tick(void *arg, uint64_t now_ns)
{
	struct ticks *d = arg;

	d->n++;
	d->last_ns = now_ns;
}

static void
ticks_finish(void *arg, uint64_t now_ns)
{
	struct ticks *d = arg;

	d->finished++;
	d->last_ns = now_ns;
}

static void
ticks_close(void *arg)
{
	closed++;
	free(arg);
}

static const struct detector ticks = {
	.name = "ticks",
	.open = ticks_open,
	.load = ticks_load,
	.save = ticks_save,
	.tick = ticks_tick,
	.finish = ticks_finish,
	.close = ticks_close,
};

/* ---- one that keeps nothing ------------------------------------------------------- */

static const struct detector plain = {
	.name = "plain",
	.open = ticks_open,
	.close = ticks_close,
};

/* ---- a state in memory ------------------------------------------------------------ */

struct records {
	struct { const char *name; uint8_t bytes[64]; size_t n; } of[4];
	unsigned n, room, read;
};

static int
put(void *arg, const char *name, const void *record, size_t n)
{
	struct records *r = arg;

	if (r->n == r->room || n > sizeof(r->of[0].bytes))
		return -1;
	r->of[r->n].name = name;
	r->of[r->n].n = n;
	memcpy(r->of[r->n++].bytes, record, n);
	return 0;
}

static bool
get(void *arg, const char *name, const void **record, size_t *n)
{
	struct records *r = arg;

	while (r->read < r->n) {
		unsigned i = r->read++;

		if (strcmp(r->of[i].name, name) != 0)
			continue;
		*record = r->of[i].bytes;
		*n = r->of[i].n;
		return true;
	}
	return false;
}

static void
what_is_saved_is_loaded_by_the_next_run(void **unused)
{
	static const struct detector *const list[] = { &plain, &ticks, NULL };
	struct records r = { .room = 4 };
	const struct detect_state to = { .put = put, .arg = &r }, from = { .get = get, .arg = &r };
	struct err e = { 0 };
	struct detect *d = detect_open_with(list, &env, &e);
	const struct ticks *t;

	(void)unused;
	assert_non_null(d);
	detect_tick(d, 7);
	detect_tick(d, 8);
	detect_tick(d, 9);
	detect_finish(d, 10);
	t = detect_find(d, &ticks);
	assert_int_equal(t->finished, 1);
	assert_int_equal(t->n, 3);	/* to finish is no tick */
	assert_int_equal(detect_save(d, &to), 0);
	assert_int_equal(r.n, 2);
	detect_close(d);

	d = detect_open_with(list, &env, &e);
	assert_int_equal(detect_load(d, &from, &e), 0);
	t = detect_find(d, &ticks);
	assert_int_equal(t->n, 3);
	assert_int_equal(t->last_ns, 10);
	detect_tick(d, 11);
	assert_int_equal(t->n, 4);
	detect_close(d);
	assert_int_equal(e.n, 0);
}

static void
a_state_that_is_full_or_strange_is_reported(void **unused)
{
	static const struct detector *const list[] = { &ticks, NULL };
	struct records r = { .room = 1 };
	const struct detect_state to = { .put = put, .arg = &r }, from = { .get = get, .arg = &r };
	struct err e = { 0 };
	struct detect *d = detect_open_with(list, &env, &e);

	(void)unused;
	detect_tick(d, 1);
	assert_int_equal(detect_save(d, &to), -1);
	r.of[0].bytes[0] = KEPT_VERSION + 1;
	assert_int_equal(detect_load(d, &from, &e), -1);
	assert_int_equal(e.n, 1);
	detect_close(d);
	err_free(&e);
}

static void
one_detector_too_many_is_a_fault(void **unused)
{
	const struct detector *list[DETECTORS_MAX + 2];
	struct err e = { 0 };
	struct detect *d;

	(void)unused;
	for (unsigned i = 0; i < DETECTORS_MAX; i++)
		list[i] = &plain;
	list[DETECTORS_MAX] = NULL;
	opened = closed = 0;
	d = detect_open_with(list, &env, &e);
	assert_non_null(d);
	detect_close(d);
	assert_int_equal(opened, DETECTORS_MAX);
	assert_int_equal(closed, DETECTORS_MAX);

	list[DETECTORS_MAX] = &ticks;
	list[DETECTORS_MAX + 1] = NULL;
	assert_null(detect_open_with(list, &env, &e));
	assert_int_equal(opened, DETECTORS_MAX);	/* none was opened */
	assert_int_equal(e.n, 1);
	assert_non_null(strstr(e.first->text, "\"ticks\""));
	assert_non_null(strstr(e.first->text, "33"));
	err_free(&e);
}

static bool now_skipped;

static bool
skipping(const void *arg, enum detect_call what)
{
	(void)arg;
	return what == DETECT_TICK && now_skipped;
}

static bool
swapped(void *arg)
{
	(void)arg;
	return true;
}

/* What is of no use now is not called, and may be of use after the next swap. */
static void
calls_are_skipped_until_the_next_swap(void **unused)
{
	static const struct detector skips = { .name = "skips", .open = ticks_open, .tick = ticks_tick, .skips = skipping,
	    .swap = swapped, .close = ticks_close };
	static const struct detector *const list[] = { &skips, NULL };
	struct err e = { 0 };
	struct detect *d;
	const struct ticks *t;

	(void)unused;
	now_skipped = true;
	d = detect_open_with(list, &env, &e);
	assert_non_null(d);
	t = detect_find(d, &skips);
	assert_true(detect_wants(d, DETECT_TICK));
	assert_false(detect_wants(d, DETECT_PACKET));
	detect_tick(d, 1);
	assert_int_equal(t->n, 0);
	now_skipped = false;
	detect_tick(d, 2);
	assert_int_equal(t->n, 0);
	assert_true(detect_swap(d));
	detect_tick(d, 3);
	assert_int_equal(t->n, 1);
	detect_close(d);
}

/* ---- operations by their kind ------------------------------------------------------ */

static unsigned shown[4];

static void *
count_open(const struct detect_env *unused, struct err *e)
{
	static unsigned n;

	(void)unused;
	(void)e;
	return &shown[n++];
}

static void
count_one(void *arg, const struct operation *op)
{
	(void)op;
	++*(unsigned *)arg;
}

static void
count_close(void *arg)
{
	(void)arg;
}

#define COUNTS(n, ...) static const struct detector n = { .name = #n, .open = count_open, .close = count_close, __VA_ARGS__ }
COUNTS(every, .operation = count_one);
COUNTS(over, .finished = count_one);
COUNTS(commands, .operation = count_one, .of = DETECT_OF_COMMAND | DETECT_OF_FACTS);
COUNTS(changes, .operation = count_one, .requested_of = DETECT_OF_CHANGE);

static void
show(struct detect *d, const struct operation *op, unsigned a, unsigned b, unsigned c, unsigned e)
{
	memset(shown, 0, sizeof(shown));
	detect_operation(d, op);
	assert_int_equal(shown[0], a);
	assert_int_equal(shown[1], b);
	assert_int_equal(shown[2], c);
	assert_int_equal(shown[3], e);
}

static void
operations_go_to_those_that_want_their_kind(void **unused)
{
	static const struct detector *const list[] = { &every, &over, &commands, &changes, NULL };
	struct operation op = { .intent = INTENT_READ, .phase = OP_REQUESTED };
	struct err e = { 0 };
	struct detect *d = detect_open_with(list, &env, &e);

	(void)unused;
	assert_int_equal(detect_of(&op), 0);
	show(d, &op, 1, 0, 0, 0);
	op.phase = OP_FINISHED;
	show(d, &op, 1, 1, 0, 1);
	op.intent = INTENT_WRITE;
	show(d, &op, 1, 1, 0, 1);
	op.n_facts = 1;
	show(d, &op, 1, 1, 1, 1);
	op.phase = OP_REQUESTED;
	show(d, &op, 1, 0, 1, 1);
	op = (struct operation){ .intent = INTENT_MODE, .command = CMD_STOP, .phase = OP_REQUESTED };
	show(d, &op, 1, 0, 1, 1);
	op = (struct operation){ .outcome = OUTCOME_EXCEPTION, .phase = OP_FINISHED };
	assert_int_equal(detect_of(&op), DETECT_OF_REFUSED);
	op = (struct operation){ .login_refused = "no" };
	assert_int_equal(detect_of(&op), DETECT_OF_REFUSED);
	op = (struct operation){ .outcome = OUTCOME_UNSOLICITED, .condition_of = OP_RESTARTED };
	assert_int_equal(detect_of(&op), DETECT_OF_UNSOLICITED | DETECT_OF_STATUS);
	detect_close(d);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_saved_is_loaded_by_the_next_run),
		cmocka_unit_test(a_state_that_is_full_or_strange_is_reported),
		cmocka_unit_test(one_detector_too_many_is_a_fault),
		cmocka_unit_test(operations_go_to_those_that_want_their_kind),
		cmocka_unit_test(calls_are_skipped_until_the_next_swap),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
