/* The writer with a transport that can stall, fail and come back, pieces of capture files, lines for people. */
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "output/captures.h"
#include "output/console.h"
#include "output/writer.h"

#define MS	1000000u

/* ---- writer ------------------------------------------------------------------------ */

/* A transport that does what the test wants. */
static struct fake {
	_Atomic int	 mood;		/* enum carry; HANGS */
	_Atomic bool	 scarce, direct;
	_Atomic unsigned calls, reopened;
	_Atomic size_t	 bytes;
	char		 text[1 << 20];
} fake;

#define HANGS 100

static struct counters counters;
static _Atomic uint64_t deadline;

static void *
fake_open(const struct transport_settings *s, struct err *e)
{
	(void)s;
	(void)e;
	memset(fake.text, 0, sizeof(fake.text));
	fake.bytes = 0;
	fake.calls = 0;
	fake.reopened = 0;
	fake.mood = CARRY_DONE;
	fake.scarce = false;
	fake.direct = false;
	deadline = 0;
	memset(&counters, 0, sizeof(counters));
	return &fake;
}

static enum carry
fake_carry(void *t, const struct iovec at[2], size_t *done)
{
	struct fake *f = t;

	f->calls++;
	while (f->mood == HANGS)
		usleep(1000);
	if (f->mood == CARRY_BUSY || f->mood == CARRY_FAILED)
		return (enum carry)(int)f->mood;
	for (int i = 0; i < 2; i++) {
		size_t room = sizeof(f->text) - 1 - f->bytes, n = at[i].iov_len < room ? at[i].iov_len : room;

		memcpy(f->text + f->bytes, at[i].iov_base, n);
		f->bytes += n;
		*done += at[i].iov_len;
	}
	return CARRY_DONE;
}

static bool
fake_direct(void *t)
{
	return ((struct fake *)t)->direct;
}

static int
fake_busy_fd(void *t)
{
	(void)t;
	return -1;
}

static void
fake_check(void *t, uint64_t now_ns)
{
	(void)t;
	(void)now_ns;
}

static bool
fake_scarce(void *t)
{
	return ((struct fake *)t)->scarce;
}

static void
fake_reopen(void *t)
{
	((struct fake *)t)->reopened++;
}

static int
fake_close(void *t)
{
	(void)t;
	return 0;
}

static const struct transport transport_fake = { .name = "fake", .open = fake_open, .carry = fake_carry,
	.direct = fake_direct, .busy_fd = fake_busy_fd, .check = fake_check, .scarce = fake_scarce,
	.reopen = fake_reopen, .close = fake_close };

static struct writer *
open_writer(bool lossless)
{
	const struct transport_settings target = { .target = "fake" };
	const struct writer_settings s = { .queue = 1 << 20, .lossless = lossless, .deadline_ns = &deadline };
	struct err e = { 0 };
	struct writer *w = writer_open(&transport_fake, &target, &s, &counters, &e);

	assert_non_null(w);
	assert_true(writer_start(w, &e));
	return w;
}

static bool
put(struct writer *w, enum queue_class class, const char *line)
{
	return writer_put(w, class, line, strlen(line));
}

/* Milliseconds until so many bytes have arrived. */
static unsigned
wait_for_bytes(size_t n)
{
	for (unsigned ms = 0; ms < 5000; ms++) {
		if (fake.bytes >= n)
			return ms;
		usleep(1000);
	}
	return 5000;
}

static void
a_line_is_written_by_time_and_an_alert_at_once(void **state)
{
	struct writer *w = open_writer(false);
	unsigned sum = 0;

	(void)state;
	assert_true(put(w, QUEUE_OPERATION, "operation\n"));
	assert_true(wait_for_bytes(10) < 1000);
	usleep(20000);
	for (unsigned i = 0; i < 10; i++) {
		put(w, QUEUE_ALERT, "alert 456\n");
		sum += wait_for_bytes(20 + 10 * i);
		usleep(5000);
	}
	/* Ten naps would be a second. */
	assert_true(sum < 500);
	assert_int_equal(writer_close(w), 0);
	assert_int_equal(counters.v[CNT_OUT_RECORDS], 11);
}

static void
live_a_reader_that_stalls_costs_operations_and_no_alert(void **state)
{
	struct writer *w = open_writer(false);
	static char line[1000];
	uint64_t begin = thread_now();

	(void)state;
	memset(line, 'x', sizeof(line) - 2);
	line[sizeof(line) - 2] = '\n';
	fake.mood = CARRY_BUSY;
	for (int i = 0; i < 5000; i++)
		put(w, QUEUE_OPERATION, line);
	for (int i = 0; i < 10; i++)
		put(w, QUEUE_FLOW, line);
	for (int i = 0; i < 100; i++)
		assert_true(put(w, QUEUE_ALERT, "alert\n"));
	/* Nobody waited. */
	assert_true(thread_now() - begin < 2000 * (uint64_t)MS);
	assert_true(counters.v[CNT_OUT_LOST_OPERATIONS] > 4000);
	assert_int_equal(counters.v[CNT_OUT_LOST], counters.v[CNT_OUT_LOST_OPERATIONS]);
	assert_int_equal(counters.v[CNT_OUT_RECORDS] + counters.v[CNT_OUT_LOST], 5110);
	fake.mood = CARRY_DONE;
	assert_true(writer_wait(w, 10000));
	assert_true(put(w, QUEUE_OPERATION, line));
	assert_int_equal(writer_close(w), -1);
}

static void
a_replay_loses_nothing(bool direct)
{
	struct writer *w = open_writer(true);
	size_t all = 0;

	fake.direct = direct;
	for (int i = 0; i < 20000; i++) {
		char line[128];

		all += (size_t)snprintf(line, sizeof(line), "%0100d\n", i);
		assert_true(put(w, QUEUE_OPERATION, line));
	}
	assert_int_equal(writer_close(w), 0);
	assert_int_equal(counters.v[CNT_OUT_LOST], 0);
	assert_true(all > sizeof(fake.text));
	for (int i = 0; i < 1000; i++)
		assert_int_equal(strtoul(fake.text + (size_t)i * 101, NULL, 10), i);
}

static void
a_replay_waits_and_loses_nothing(void **state)
{
	(void)state;
	a_replay_loses_nothing(false);
}

static void
a_replay_carries_itself_and_loses_nothing(void **state)
{
	(void)state;
	a_replay_loses_nothing(true);
}

static void
nobody_waits_beyond_the_deadline(void **state)
{
	struct writer *w = open_writer(true);
	static char line[1000];
	uint64_t begin;

	(void)state;
	memset(line, 'x', sizeof(line) - 2);
	line[sizeof(line) - 2] = '\n';
	fake.mood = CARRY_BUSY;
	begin = thread_now();
	deadline = begin + 500 * (uint64_t)MS;
	for (int i = 0; i < 2000; i++)
		put(w, QUEUE_OPERATION, line);
	assert_true(counters.v[CNT_OUT_LOST] > 0);
	assert_true(thread_now() - begin >= 500 * (uint64_t)MS);
	assert_int_equal(writer_close(w), -1);
	assert_true(thread_now() - begin < 3000 * (uint64_t)MS);
	/* Also those that were in the queue. */
	assert_int_equal(counters.v[CNT_OUT_LOST], 2000);
}

static void
a_thread_that_hangs_is_left_behind(void **state)
{
	static struct writer *w;	/* what is left behind is no leak */
	uint64_t begin = thread_now();

	(void)state;
	w = open_writer(false);
	fake.mood = HANGS;
	put(w, QUEUE_ALERT, "alert\n");
	deadline = begin + 300 * (uint64_t)MS;
	assert_int_equal(writer_close(w), -1);
	assert_true(thread_now() - begin < 3000 * (uint64_t)MS);
	assert_int_equal(counters.v[CNT_OUT_LOST], 1);
	fake.mood = CARRY_FAILED;	/* so that it ends; its memory stays its own */
	usleep(300000);
}

static void
what_is_broken_is_tried_again(void **state)
{
	struct writer *w = open_writer(true);

	(void)state;
	fake.mood = CARRY_FAILED;
	put(w, QUEUE_OPERATION, "operation\n");
	assert_false(writer_wait(w, 10000));
	fake.mood = CARRY_DONE;
	assert_true(wait_for_bytes(10) < 3000);
	assert_int_equal(writer_close(w), 0);
}

static void
little_room_is_kept_for_alerts(void **state)
{
	struct writer *w = open_writer(false);

	(void)state;
	fake.scarce = true;
	usleep(300000);
	assert_false(put(w, QUEUE_OPERATION, "operation\n"));
	assert_false(put(w, QUEUE_STATS, "stats\n"));
	assert_true(put(w, QUEUE_LOW, "alert 4\n"));
	assert_true(put(w, QUEUE_ALERT, "alert 1\n"));
	assert_true(wait_for_bytes(16) < 1000);
	fake.scarce = false;
	usleep(300000);
	assert_true(put(w, QUEUE_OPERATION, "operation\n"));
	writer_reopen(w);
	assert_true(writer_wait(w, 10000));
	assert_int_equal(fake.reopened, 1);
	assert_int_equal(writer_close(w), -1);
	assert_string_equal(fake.text, "alert 4\nalert 1\noperation\n");
	assert_int_equal(counters.v[CNT_OUT_LOST_OPERATIONS], 1);
	assert_int_equal(counters.v[CNT_OUT_LOST_STATS], 1);
}

/* ---- captures ------------------------------------------------------------------------ */

static void
capture_files_are_written_piece_by_piece(void **state)
{
	char dir[64] = "/tmp/test_writer.XXXXXX", path[128];
	struct err e = { 0 };
	struct captures *c;
	struct stat st;
	static uint8_t piece[CAPTURES_PIECE];

	(void)state;
	assert_non_null(mkdtemp(dir));
	assert_int_equal(rmdir(dir), 0);
	deadline = 0;
	c = captures_open(dir, 1 << 20, &deadline, &e);
	assert_non_null(c);
	assert_true(captures_start(c, &e));
	assert_true(captures_begin(c, 0, "a.pcap"));
	assert_true(captures_begin(c, 7, "b.pcap"));
	for (int i = 0; i < 5; i++) {
		memset(piece, i + 1, sizeof(piece));
		assert_true(captures_put(c, 0, piece, sizeof(piece)));
		assert_true(captures_put(c, 7, "12345", 5));
	}
	assert_true(captures_end(c, 0));
	assert_true(captures_begin(c, 0, "c.pcap"));
	assert_true(captures_remove(c, "a.pcap"));
	captures_close(c);
	snprintf(path, sizeof(path), "%s/a.pcap", dir);
	assert_int_not_equal(stat(path, &st), 0);
	snprintf(path, sizeof(path), "%s/b.pcap", dir);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_size, 25);
	assert_int_equal(unlink(path), 0);
	snprintf(path, sizeof(path), "%s/c.pcap", dir);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(rmdir(dir), 0);
}

/* ---- console --------------------------------------------------------------------------- */

static struct console *console;

static void *
talk(void *arg)
{
	char line[64];

	for (int i = 0; i < 500; i++) {
		size_t n = (size_t)snprintf(line, sizeof(line), "%c%03d\n", *(char *)arg, i);

		if (!console_put(console, CONSOLE_ERR, line, n))
			return arg;
	}
	return NULL;
}

static void
lines_of_many_threads_stay_whole(void **state)
{
	int fds[2], keep = dup(STDERR_FILENO);
	char names[3] = { 'a', 'b', 'c' }, next[3][8] = { "", "", "" }, line[64];
	pthread_t t[3];
	struct err e = { 0 };
	FILE *from;
	int n[3] = { 0 };

	(void)state;
	assert_int_equal(pipe(fds), 0);
	assert_int_equal(dup2(fds[1], STDERR_FILENO), STDERR_FILENO);
	close(fds[1]);
	deadline = 0;
	console = console_open(true, &deadline, &e);
	assert_true(console_start(console, &e));
	for (int i = 0; i < 3; i++)
		assert_int_equal(pthread_create(&t[i], NULL, talk, &names[i]), 0);
	from = fdopen(fds[0], "r");
	for (int i = 0; i < 1500; i++) {
		int k;

		assert_non_null(fgets(line, sizeof(line), from));
		k = line[0] - 'a';
		assert_in_range(k, 0, 2);
		snprintf(next[k], sizeof(next[k]), "%c%03d\n", 'a' + k, n[k]++ % 1000);
		assert_string_equal(line, next[k]);
	}
	for (int i = 0; i < 3; i++) {
		void *wrong;

		assert_int_equal(pthread_join(t[i], &wrong), 0);
		assert_null(wrong);
	}
	assert_int_equal(console_close(console), 0);
	assert_int_equal(dup2(keep, STDERR_FILENO), STDERR_FILENO);
	close(keep);
	fclose(from);
}

static void
a_terminal_that_stands_still_costs_lines_and_no_time(void **state)
{
	int fds[2], keep = dup(STDERR_FILENO);
	struct err e = { 0 };
	static char line[512];
	uint64_t begin;

	(void)state;
	memset(line, 'x', sizeof(line));
	line[sizeof(line) - 1] = '\n';
	assert_int_equal(pipe(fds), 0);
	assert_int_equal(dup2(fds[1], STDERR_FILENO), STDERR_FILENO);
	close(fds[1]);
	deadline = 0;
	console = console_open(false, &deadline, &e);
	assert_non_null(console);
	assert_true(console_start(console, &e));
	begin = thread_now();
	for (int i = 0; i < 5000; i++)
		(void)console_put(console, CONSOLE_ERR, line, sizeof(line));
	assert_true(thread_now() - begin < 2000 * (uint64_t)MS);
	assert_true(console_lost(console) > 4000);
	deadline = thread_now() + 200 * (uint64_t)MS;
	assert_int_equal(console_close(console), 1);
	assert_true(thread_now() - begin < 5000 * (uint64_t)MS);
	close(fds[0]);		/* what hangs there ends */
	usleep(200000);
	assert_int_equal(dup2(keep, STDERR_FILENO), STDERR_FILENO);
	close(keep);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_line_is_written_by_time_and_an_alert_at_once),
		cmocka_unit_test(live_a_reader_that_stalls_costs_operations_and_no_alert),
		cmocka_unit_test(a_replay_waits_and_loses_nothing),
		cmocka_unit_test(a_replay_carries_itself_and_loses_nothing),
		cmocka_unit_test(nobody_waits_beyond_the_deadline),
		cmocka_unit_test(what_is_broken_is_tried_again),
		cmocka_unit_test(little_room_is_kept_for_alerts),
		cmocka_unit_test(capture_files_are_written_piece_by_piece),
		cmocka_unit_test(lines_of_many_threads_stay_whole),
		cmocka_unit_test(a_thread_that_hangs_is_left_behind),
		cmocka_unit_test(a_terminal_that_stands_still_costs_lines_and_no_time),
	};

	(void)signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
