/* Lines on the disk until their receiver has them: over restarts, crashes at any place, and damage. */
#include "spool_kit.h"

static void
lines_outlive_a_restart_in_order(void **state)
{
	uint64_t record;

	(void)state;
	assert_non_null(open_spool(MIB));
	assert_true(spool_caught_up(s));
	for (unsigned i = 0; i < 2000; i++)
		assert_true(put(QUEUE_LOW, i, i % 500));
	assert_false(spool_caught_up(s));
	assert_int_equal(lines(), 2000);
	for (unsigned i = 0; i < 700; i++)
		assert_int_equal(next(&record, NULL), i);
	/* 300 of the 700 have arrived. */
	spool_forget(s, record - 400, 300);
	assert_int_equal(lines(), 1700);
	spool_close(s);

	assert_non_null(open_spool(MIB));
	assert_int_equal(lines(), 1700);
	for (unsigned i = 2000; i < 2100; i++)
		assert_true(put(QUEUE_LOW, i, 10));
	for (unsigned i = 300; i < 2100; i++)
		assert_int_equal(next(&record, NULL), i);
	assert_int_equal(next(&record, NULL), -1);
	assert_true(spool_caught_up(s));
	spool_forget(s, record, 1800);
	assert_int_equal(lines(), 0);
	/* What comes while it is read goes behind it. */
	assert_true(put(QUEUE_LOW, 7, 0));
	assert_int_equal(next(&record, NULL), 7);
	spool_forget(s, record, 1);
	spool_close(s);

	assert_non_null(open_spool(MIB));
	assert_int_equal(lines(), 0);
	assert_int_equal(next(&record, NULL), -1);
	assert_int_equal(dropped(SPOOL_DAMAGED) + dropped(SPOOL_FULL) + dropped(SPOOL_OLD) + dropped(SPOOL_TOO_LONG), 0);
	spool_close(s);
	wipe();
}

static void
what_has_arrived_takes_no_space(void **state)
{
	uint64_t record, most = 0;

	(void)state;
	assert_non_null(open_spool(MIB));
	for (unsigned i = 0; i < 20000; i++) {
		assert_true(put(QUEUE_ALERT, i, 400));
		assert_int_equal(next(&record, NULL), i);
		spool_forget(s, record, 1);
		if (atomic_load(&spool_count(s)->bytes) > most)
			most = atomic_load(&spool_count(s)->bytes);
	}
	assert_true(most <= 2 * 65536);
	assert_int_equal(dropped(SPOOL_FULL), 0);
	spool_close(s);
	wipe();
}

static void
two_do_not_share_one(void **state)
{
	struct spool *first = open_spool(MIB);
	struct err e = { 0 };
	const struct spool_settings set = { .name = "siem", .folder = folder, .bytes = MIB };

	(void)state;
	assert_non_null(first);
	assert_null(spool_open(&set, &e));
	assert_non_null(strstr(e.first->text, "in use by another thermowell"));
	err_free(&e);
	spool_close(first);
	wipe();
}

/* ---- crashes ------------------------------------------------------------------------------- */

static const char *where;
static unsigned countdown;

static int
die(const char *place)
{
	if (strcmp(place, where) == 0 && countdown-- == 0)
		_exit(9);
	return 0;
}

/* Their alerts fit into the spool, all of them do not. */
#define CHILD_LINES 2000u

/* A child that works until it dies: what it said through the pipe it had put, or was about to forget. */
static void
live(int out)
{
	uint64_t record;
	unsigned said[2];
	long n = 0;

	spool_fault = die;
	assert_non_null(open_spool(256 * 1024));
	for (unsigned i = 0; i < CHILD_LINES; i++) {
		said[0] = 1;
		said[1] = i;
		/* Alerts among operations, so that segments are written anew. */
		if (put(i % 4 == 0 ? QUEUE_ALERT : QUEUE_OPERATION, i, 300) && write(out, said, sizeof(said)) < 0)
			_exit(1);
		if (i % 8 == 0 && (n = next(&record, NULL)) >= 0 && i % 16 == 0) {
			said[0] = 2;
			said[1] = (unsigned)n;
			if (write(out, said, sizeof(said)) < 0)
				_exit(1);
			spool_forget(s, record, 2);
		}
		now += SECOND / 10;
		spool_tick(s, now, false);
	}
	_exit(0);
}

static void
nothing_that_was_put_is_lost_by_a_crash(void **state)
{
	static const char *const places[] = { "put", "roll", "state", "forget", "compact", "renamed" };
	unsigned died = 0;

	(void)state;
	for (unsigned p = 0; p < COUNTOF(places); p++)
		for (unsigned nth = 0; nth < 4; nth++) {
			int fd[2], status;
			pid_t child;
			unsigned said[2], class;
			bool put_it[CHILD_LINES] = { false };
			long forgotten = -1, n, before = -1;
			uint64_t record;

			assert_int_equal(pipe(fd), 0);
			assert_true(fcntl(fd[1], F_SETPIPE_SZ, MIB) > 0);
			where = places[p];
			countdown = nth * (p == 0 ? 482 : 1);
			child = fork();
			if (child == 0)
				live(fd[1]);
			(void)close(fd[1]);
			assert_int_equal(waitpid(child, &status, 0), child);
			died += WIFEXITED(status) && WEXITSTATUS(status) == 9;
			while (read(fd[0], said, sizeof(said)) == (ssize_t)sizeof(said))
				if (said[0] == 2)
					forgotten = said[1];
				else
					put_it[said[1]] = true;
			(void)close(fd[0]);
			assert_non_null(open_spool(256 * 1024));
			/* In order, nothing damaged; every alert that was put and had not arrived is there. */
			while ((n = next(&record, &class)) >= 0) {
				assert_true(n > before);
				before = n;
				assert_int_equal(class, n % 4 == 0 ? QUEUE_ALERT : QUEUE_OPERATION);
				put_it[n] = false;
			}
			assert_int_equal(dropped(SPOOL_DAMAGED), 0);
			for (n = forgotten + 1; n < (long)CHILD_LINES; n++)
				if (n % 4 == 0)
					assert_false(put_it[n]);
			spool_close(s);
			wipe();
		}
	/* The places are really passed. */
	assert_true(died >= COUNTOF(places) * 3);
}

/* ---- damage ---------------------------------------------------------------------------------- */

static void
a_line_that_was_cut_off_is_no_damage(void **state)
{
	static uint8_t bytes[8192];
	char path[128];
	uint64_t record;
	size_t n;

	(void)state;
	assert_non_null(open_spool(MIB));
	for (unsigned i = 0; i < 5; i++)
		assert_true(put(QUEUE_LOW, i, 30));
	spool_close(s);
	segment_path(path, sizeof(path));
	n = slurp(path, bytes, sizeof(bytes));
	/* Every length that a crash may leave, and zeroes that a cut of power leaves behind it. */
	for (size_t cut = n; cut-- > sizeof(struct spool_segment); ) {
		static const uint8_t zero[512] = { 0 };
		unsigned whole = (unsigned)((cut - sizeof(struct spool_segment)) / ((n - sizeof(struct spool_segment)) / 5));

		for (unsigned zeroes = 0; zeroes < 2; zeroes++) {
			FILE *f;

			spill(path, bytes, cut);
			if (zeroes == 1) {
				f = fopen(path, "a");
				assert_int_equal(fwrite(zero, 1, sizeof(zero), f), sizeof(zero));
				(void)fclose(f);
			}
			assert_non_null(open_spool(MIB));
			for (unsigned i = 0; i < whole; i++)
				assert_int_equal(next(&record, NULL), i);
			assert_int_equal(next(&record, NULL), -1);
			/* Half a record with zeroes behind it cannot be told from damage, but nothing more is lost. */
			if (zeroes == 0)
				assert_int_equal(dropped(SPOOL_DAMAGED), 0);
			/* And what comes is kept. */
			assert_true(put(QUEUE_LOW, 99, 0));
			assert_int_equal(next(&record, NULL), 99);
			spool_close(s);
			wipe();
			assert_int_equal(mkdir(folder, 0700), 0);
		}
	}
	wipe();
}

static void
damage_costs_the_line_it_is_in(void **state)
{
	static uint8_t bytes[8192];
	char path[128];
	size_t n, size;

	(void)state;
	assert_non_null(open_spool(MIB));
	for (unsigned i = 0; i < 6; i++)
		assert_true(put(QUEUE_LOW, i, 30));
	spool_close(s);
	segment_path(path, sizeof(path));
	n = slurp(path, bytes, sizeof(bytes));
	size = (n - sizeof(struct spool_segment)) / 6;
	for (size_t at = sizeof(struct spool_segment); at < n; at++) {
		unsigned hit = (unsigned)((at - sizeof(struct spool_segment)) / size);
		uint64_t record;

		bytes[at] ^= 0x41;
		spill(path, bytes, n);
		bytes[at] ^= 0x41;
		assert_non_null(open_spool(MIB));
		for (unsigned i = 0; i < 6; i++)
			if (i != hit)
				assert_int_equal(next(&record, NULL), i);
		assert_int_equal(next(&record, NULL), -1);
		/* A length that became longer than the file at its end looks like a line that was cut off. */
		if (hit < 5)
			assert_int_equal(dropped(SPOOL_DAMAGED), 1);
		spool_close(s);
		wipe();
		assert_int_equal(mkdir(folder, 0700), 0);
	}
	/* The header of a segment: all of it is set aside, and what follows is read. */
	bytes[3] ^= 1;
	spill(path, bytes, n);
	assert_non_null(open_spool(MIB));
	{
		uint64_t record;
		char aside[160];

		assert_true(put(QUEUE_LOW, 50, 0));
		assert_int_equal(next(&record, NULL), 50);
		assert_int_equal(dropped(SPOOL_DAMAGED), 1);
		(void)snprintf(aside, sizeof(aside), "%s.damaged", path);
		assert_int_equal(access(aside, F_OK), 0);
		spool_close(s);
	}
	wipe();
}

static void
a_damaged_state_means_that_lines_are_sent_again(void **state)
{
	static uint8_t bytes[2 * SPOOL_SLOT];
	char path[128];
	uint64_t record;

	(void)state;
	assert_non_null(open_spool(MIB));
	for (unsigned i = 0; i < 10; i++)
		assert_true(put(QUEUE_LOW, i, 30));
	for (unsigned i = 0; i < 6; i++)
		assert_int_equal(next(&record, NULL), i);
	spool_forget(s, 3, 3);
	now += 2 * SECOND;
	spool_tick(s, now, false);
	spool_forget(s, 6, 3);
	spool_close(s);
	(void)snprintf(path, sizeof(path), "%s/state", folder);
	assert_int_equal(slurp(path, bytes, sizeof(bytes)), sizeof(bytes));
	/* The newer slot is generation 2: the first. */
	bytes[100] ^= 1;
	spill(path, bytes, sizeof(bytes));
	assert_non_null(open_spool(MIB));
	assert_int_equal(next(&record, NULL), 3);
	spool_close(s);
	bytes[SPOOL_SLOT + 100] ^= 1;
	spill(path, bytes, sizeof(bytes));
	assert_non_null(open_spool(MIB));
	assert_int_equal(next(&record, NULL), 0);
	spool_close(s);
	wipe();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_outlive_a_restart_in_order),
		cmocka_unit_test(what_has_arrived_takes_no_space),
		cmocka_unit_test(two_do_not_share_one),
		cmocka_unit_test(nothing_that_was_put_is_lost_by_a_crash),
		cmocka_unit_test(a_line_that_was_cut_off_is_no_damage),
		cmocka_unit_test(damage_costs_the_line_it_is_in),
		cmocka_unit_test(a_damaged_state_means_that_lines_are_sent_again),
	};

	return cmocka_run_group_tests(tests, make_dir, drop_dir);
}
