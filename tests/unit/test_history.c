/* test_history.c - values become minutes and hours, once each, and old ones go. */
#include "store_kit.h"

#include <signal.h>

#include "store/history.h"
#include "store/series.h"

#define SECOND	UINT64_C(1000000000)
#define T0	(20000 * DAY)

static struct keep_value
value(uint64_t series, uint64_t ts_ns, double v)
{
	return (struct keep_value){ .series = series, .ts_ns = ts_ns, .value = v };
}

static void
put_value(struct store *s, uint64_t series, uint64_t ts_ns, double v)
{
	struct keep_value row = value(series, ts_ns, v);

	assert_true(keep_put(store_keep(s), KEEP_VALUE, &row, sizeof(row)));
}

struct rows {
	struct keep_span r[512];
	unsigned n;
};

static bool
take(void *to, const struct keep_span *row)
{
	struct rows *l = to;

	if (l->n < COUNTOF(l->r))
		l->r[l->n] = *row;
	l->n++;
	return true;
}

static unsigned
read_series(const char *path, uint64_t series, uint64_t since, uint64_t until, uint64_t step, struct rows *to)
{
	const struct series_query q = { .series = series, .since_ns = since, .until_ns = until, .step_ns = step };
	struct err e = { 0 };
	int64_t n;

	to->n = 0;
	n = store_series(path, &q, take, to, &e);
	assert_int_equal(n, to->n);
	assert_int_equal(e.n, 0);
	return to->n;
}

static int64_t
number(const char *path, const char *sql)
{
	struct err e = { 0 };
	sqlite3 *db = db_open(path, DB_READ, &e);
	sqlite3_stmt *s = NULL;
	int64_t n;

	assert_non_null(db);
	assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &s, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_step(s), SQLITE_ROW);
	n = sqlite3_column_int64(s, 0);
	(void)sqlite3_finalize(s);
	db_close(db);
	return n;
}

/* ---- the arithmetic -------------------------------------------------------------------- */

static void
a_value_counts_for_as_long_as_it_stood(void **state)
{
	struct fold f = { 0 };
	struct keep_span m;
	struct keep_value a = value(1, T0 + 30 * SECOND, 10), b = value(1, T0 + 45 * SECOND, -2);

	(void)state;
	fold_begin(&f, 1, T0, HISTORY_MINUTE);
	assert_false(fold_end(&f, &m));		/* nothing came */
	fold_begin(&f, 1, T0, HISTORY_MINUTE);
	a.quality = 4;
	b.written = true;
	fold_value(&f, &a);
	fold_value(&f, &b);
	assert_true(fold_end(&f, &m));
	assert_int_equal(m.count, 2);
	assert_int_equal(m.writes, 1);
	assert_int_equal(m.quality, 4);
	assert_int_equal(m.covered_ns, 30 * SECOND);	/* nobody knows what was before */
	assert_float_equal(m.mean, 4, 1e-12);		/* 15 s of 10, 15 s of -2 */
	assert_float_equal(m.min, -2, 0);
	assert_float_equal(m.max, 10, 0);
	assert_float_equal(m.last, -2, 0);
	/* -2 stands when the next minute begins. */
	fold_begin(&f, 1, T0 + HISTORY_MINUTE, HISTORY_MINUTE);
	a = value(1, T0 + 90 * SECOND, 10);
	fold_value(&f, &a);
	assert_true(fold_end(&f, &m));
	assert_int_equal(m.count, 1);
	assert_int_equal(m.covered_ns, HISTORY_MINUTE);
	assert_float_equal(m.mean, 4, 1e-12);
	assert_float_equal(m.min, -2, 0);
	/* But not for ever, and not in another series. */
	fold_begin(&f, 1, T0 + 10 * HISTORY_MINUTE, HISTORY_MINUTE);
	a = value(1, T0 + 630 * SECOND, 7);
	fold_value(&f, &a);
	assert_true(fold_end(&f, &m));
	assert_float_equal(m.min, 7, 0);
	assert_float_equal(m.mean, 7, 0);
	fold_begin(&f, 2, T0 + 11 * HISTORY_MINUTE, HISTORY_MINUTE);
	assert_false(f.range);
}

/* ---- rolling up ------------------------------------------------------------------------- */

/* Two hours of two tags, every ten seconds. */
static void
fill(struct store *s, uint64_t from, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		put_value(s, 1, from + i * 10 * SECOND, i % 6);
		if (i % 2 == 0)
			put_value(s, 2, from + i * 10 * SECOND, 100);
	}
}

static void
minutes_and_hours_are_made_of_all_values(void **state)
{
	const char *path = file("roll.db");
	struct store *s = start(path);
	struct rows l;

	(void)state;
	fill(s, T0, 720);
	assert_int_equal(store_close(s), 0);
	assert_int_equal(number(path, "SELECT count(*) FROM tag_values"), 1080);
	assert_int_equal(number(path, "SELECT count(*) FROM tag_minutes"), 240);
	assert_int_equal(number(path, "SELECT count(*) FROM tag_hours"), 4);
	assert_int_equal(number(path, "SELECT count(*) FROM tag_due"), 0);
	assert_int_equal(read_series(path, 1, 0, 0, HISTORY_MINUTE, &l), 120);
	for (unsigned i = 0; i < l.n; i++) {
		assert_int_equal(l.r[i].start_ns, T0 + i * HISTORY_MINUTE);
		assert_int_equal(l.r[i].count, 6);
		assert_float_equal(l.r[i].mean, 2.5, 1e-9);
		assert_float_equal(l.r[i].max, 5, 0);
		assert_float_equal(l.r[i].last, 5, 0);
	}
	assert_int_equal(read_series(path, 1, 0, 0, HISTORY_HOUR, &l), 2);
	assert_int_equal(l.r[1].count, 360);
	assert_float_equal(l.r[1].mean, 2.5, 1e-9);
	assert_int_equal(read_series(path, 2, T0 + HISTORY_HOUR, T0 + HISTORY_HOUR + HISTORY_MINUTE, 0, &l), 3);
	assert_int_equal(l.r[0].start_ns, T0 + HISTORY_HOUR);
	assert_float_equal(l.r[0].last, 100, 0);
	/* Steps that no table has. */
	assert_int_equal(read_series(path, 1, 0, 0, 15 * HISTORY_MINUTE, &l), 8);
	assert_int_equal(l.r[7].count, 90);
	assert_int_equal(read_series(path, 1, 0, 0, 30 * SECOND, &l), 240);
	assert_int_equal(l.r[1].count, 3);
	assert_float_equal(l.r[1].mean, 4, 1e-9);
	assert_int_equal(read_series(path, 3, 0, 0, 0, &l), 0);
}

/* The same capture once more, or the clock set back: nothing twice. */
static void
what_comes_again_counts_once(void **state)
{
	const char *path = file("again.db");
	struct store *s = start(path);
	struct rows l;

	(void)state;
	fill(s, T0, 720);
	assert_int_equal(store_close(s), 0);
	s = start(path);
	fill(s, T0, 720);
	/* One more, in a minute that was made. */
	put_value(s, 1, T0 + 5 * SECOND, 50);
	assert_int_equal(store_close(s), 0);
	assert_int_equal(number(path, "SELECT count(*) FROM tag_values"), 1081);
	assert_int_equal(number(path, "SELECT sum(count) FROM tag_minutes"), 1081);
	assert_int_equal(number(path, "SELECT sum(count) FROM tag_hours"), 1081);
	assert_int_equal(read_series(path, 1, 0, 0, HISTORY_HOUR, &l), 2);
	assert_float_equal(l.r[0].max, 50, 0);
}

/* Killed at any moment: all that was committed is there, and each value is in one minute and one hour. */
static void
who_is_killed_counts_nothing_twice(void **state)
{
	const char *path = file("killed.db");
	int64_t before = 0;

	(void)state;
	for (unsigned round = 0; round < 6; round++) {
		pid_t pid = fork();
		struct store *s;
		int status;

		assert_true(pid >= 0);
		if (pid == 0) {
			s = start(path);
			for (unsigned i = 0; i < 4000000; i++)
				put_value(s, 1 + i % 3, T0 + round * DAY + i * 500 * (SECOND / 1000), i % 10);
			_exit(9);
		}
		(void)usleep(150000 + round * 130000);
		assert_int_equal(kill(pid, SIGKILL), 0);
		assert_int_equal(waitpid(pid, &status, 0), pid);
		assert_true(WIFSIGNALED(status));
		s = start(path);
		assert_int_equal(store_close(s), 0);
		assert_int_equal(number(path, "SELECT count(*) FROM tag_due"), 0);
		assert_int_equal(number(path, "SELECT total(count) FROM tag_minutes"), number(path, "SELECT count(*) FROM tag_values"));
		assert_int_equal(number(path, "SELECT total(count) FROM tag_hours"), number(path, "SELECT count(*) FROM tag_values"));
		assert_true(number(path, "SELECT count(*) FROM tag_values") >= before);
		before = number(path, "SELECT count(*) FROM tag_values");
	}
	assert_true(before > 0);
}

/* ---- how much is kept --------------------------------------------------------------------- */

static struct store *
start_with(const char *path, const struct store_settings *keep)
{
	static struct store_settings s;
	static const struct baseline_settings b = { .name = "default" };
	const struct store_want w = { .store = &s, .baseline = &b, .counters = &counters };
	struct err e = { 0 };
	struct store *to;

	s = *keep;
	s.file = path;
	s.queue_kib = 1024;
	to = store_open(&w, &e);
	assert_non_null(to);
	assert_true(store_start(to, &e));
	return to;
}

static void
the_oldest_values_go_and_their_minutes_stay(void **state)
{
	const char *path = file("rows.db"), *days = file("days.db");
	struct store *s = start_with(path, &(struct store_settings){ .values = { .rows = 1000 }, .minutes = { .rows = 200 } });
	struct rows l;

	(void)state;
	fill(s, T0, 720);
	assert_int_equal(store_close(s), 0);
	/* Whole minutes: nine values in each. */
	assert_int_equal(number(path, "SELECT count(*) FROM tag_values"), 999);
	assert_int_equal(number(path, "SELECT min(ts_ns) FROM tag_values"), (int64_t)(T0 + 9 * HISTORY_MINUTE));
	assert_int_equal(number(path, "SELECT count(*) FROM tag_minutes"), 200);
	assert_int_equal(number(path, "SELECT sum(count) FROM tag_hours"), 1080);
	/* Hours that are still there answer where minutes are not. */
	assert_int_equal(read_series(path, 1, 0, 0, HISTORY_HOUR, &l), 2);
	assert_int_equal(l.r[0].count, 360);
	s = start_with(days, &(struct store_settings){ .values = { .days = 1 }, .minutes = { .days = 3 } });
	for (unsigned day = 0; day < 6; day++)
		fill(s, T0 + day * DAY, 12);
	assert_int_equal(store_close(s), 0);
	assert_int_equal(number(days, "SELECT count(DISTINCT ts_ns/86400000000000) FROM tag_values"), 2);
	assert_int_equal(number(days, "SELECT count(DISTINCT start_ns/86400000000000) FROM tag_minutes"), 3);
	assert_int_equal(number(days, "SELECT count(DISTINCT start_ns/86400000000000) FROM tag_hours"), 6);
}

/* Many rows, so that it is trimmed on the way: what is left is what one look at the end leaves. */
static void
what_is_left_does_not_depend_on_when_it_was_looked(void **state)
{
	const char *path = file("way.db"), *end = file("end.db");
	struct store *s = start_with(path, &(struct store_settings){ .values = { .rows = 20000 } });

	(void)state;
	fill(s, T0, 150000);
	assert_int_equal(store_close(s), 0);
	s = start(end);
	fill(s, T0, 150000);
	assert_int_equal(store_close(s), 0);
	s = start_with(end, &(struct store_settings){ .values = { .rows = 20000 } });
	put_value(s, 1, T0 + UINT64_C(149999) * 10 * SECOND, 0);
	assert_int_equal(store_close(s), 0);
	assert_int_equal(number(path, "SELECT count(*) FROM tag_values"), number(end, "SELECT count(*) FROM tag_values"));
	assert_int_equal(number(path, "SELECT min(ts_ns) FROM tag_values"), number(end, "SELECT min(ts_ns) FROM tag_values"));
	assert_in_range(number(path, "SELECT count(*) FROM tag_values"), 19990, 20000);
	assert_int_equal(number(path, "SELECT sum(count) FROM tag_minutes"), 225000);
	assert_int_equal(number(path, "SELECT sum(count) FROM tag_hours"), 225000);
}

static void
a_present_value_comes_back(void **state)
{
	const char *path = file("tag.db");
	struct store *s = start(path);
	struct keep_tag t = { .tag = "chlorine set-point", .series = 77, .at = "10.20.1.12 unit 1 holding 0", .type = "float32",
	    .unit = "mg/l", .grp = "dosing", .kind = "set-point", .value = 4.5, .old = 0.85, .first_ns = 1, .last_ns = 5, .change_ns = 4,
	    .source_ns = 3, .count = 9, .changes = 2, .quality = 1, .known = true, .has_old = true, .written = true, .writer = v4(9),
	    .write_ns = 4, .write_value = 4.5, .write_old = 0.85, .has_write_old = true, .writes = 1 };
	struct loaded l;

	(void)state;
	assert_true(keep_put(store_keep(s), KEEP_TAG, &t, sizeof(t)));
	assert_int_equal(store_close(s), 0);
	assert_int_equal(load(path, KEEP_TAG, sizeof(t), &l), 1);
	assert_same(KEEP_TAG, l.rows[0], &t);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_value_counts_for_as_long_as_it_stood),
		cmocka_unit_test(minutes_and_hours_are_made_of_all_values),
		cmocka_unit_test(what_comes_again_counts_once),
		cmocka_unit_test(who_is_killed_counts_nothing_twice),
		cmocka_unit_test(the_oldest_values_go_and_their_minutes_stay),
		cmocka_unit_test(what_is_left_does_not_depend_on_when_it_was_looked),
		cmocka_unit_test(a_present_value_comes_back),
	};

	return cmocka_run_group_tests_name("history", tests, make_folder, remove_folder);
}
