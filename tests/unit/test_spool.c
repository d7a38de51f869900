/* Lines on the disk until their receiver has them: over restarts, crashes at any place, damage, a full disk, and
 * more lines than there is space for. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/str.h"
#include "base/thread.h"
#include "output/spool.h"
#include "output/spool_read.h"
#include "output/writer.h"

#define SECOND UINT64_C(1000000000)
#define MIB (1u << 20)

static char dir[] = "/tmp/thermowell-spool-XXXXXX", folder[64];
static struct spool *s;
static uint64_t now;

/* ---- the kit ---------------------------------------------------------------------------- */

static struct spool *
open_spool(uint64_t bytes)
{
	struct err e = { 0 };
	const struct spool_settings set = { .name = "siem", .folder = folder, .bytes = bytes, .age_ns = 3600 * SECOND };

	s = spool_open(&set, &e);
	if (s == NULL)
		err_print(&e, stderr);
	err_free(&e);
	/* The spool's clock is the machine's when it is opened. */
	now = thread_now();
	return s;
}

static bool
put_line(enum queue_class class, const char *text)
{
	char line[4096];
	struct line_head h = { .ts_ns = 5, .class = (uint8_t)class };

	h.len = (uint32_t)snprintf(line, sizeof(line), "%s\n", text);
	return spool_put(s, &h, line);
}

static bool
put(enum queue_class class, unsigned number, unsigned pad)
{
	char text[2048];

	(void)snprintf(text, sizeof(text), "%u %u %.*s", number, (unsigned)class, (int)pad,
	    "----------------------------------------------------------------------------------------------------"
	    "----------------------------------------------------------------------------------------------------"
	    "----------------------------------------------------------------------------------------------------"
	    "----------------------------------------------------------------------------------------------------"
	    "----------------------------------------------------------------------------------------------------");
	return put_line(class, text);
}

/* The number of the next line, -1: there is none. */
static long
next(uint64_t *record, unsigned *class)
{
	static char line[OUTPUT_LINE_MAX];
	struct line_head h;
	char *end;
	long n;

	if (!spool_next(s, &h, line, sizeof(line), record))
		return -1;
	assert_int_equal(line[h.len - 1], '\n');
	line[h.len - 1] = '\0';
	n = strtol(line, &end, 10);
	if (class != NULL)
		*class = (unsigned)strtoul(end, NULL, 10);
	return n;
}

static uint64_t
dropped(enum spool_drop why)
{
	return atomic_load(&spool_count(s)->dropped[why]);
}

static uint64_t
lines(void)
{
	return atomic_load(&spool_count(s)->lines);
}

static void
wipe(void)
{
	DIR *d = opendir(folder);
	const struct dirent *entry;

	assert_non_null(d);
	while ((entry = readdir(d)) != NULL)
		if (entry->d_name[0] != '.')
			assert_int_equal(unlinkat(dirfd(d), entry->d_name, 0), 0);
	(void)closedir(d);
	assert_int_equal(rmdir(folder), 0);
}

/* The only segment, or the last. */
static void
segment_path(char *to, size_t size)
{
	char command[128], name[64];
	FILE *f;

	(void)snprintf(command, sizeof(command), "ls '%s' | grep 'seg$' | tail -1", folder);
	f = popen(command, "r");
	assert_non_null(f);
	assert_non_null(fgets(name, sizeof(name), f));
	(void)pclose(f);
	name[strcspn(name, "\n")] = '\0';
	(void)snprintf(to, size, "%s/%s", folder, name);
}

static size_t
slurp(const char *path, uint8_t *to, size_t size)
{
	FILE *f = fopen(path, "r");
	size_t n;

	assert_non_null(f);
	n = fread(to, 1, size, f);
	(void)fclose(f);
	return n;
}

static void
spill(const char *path, const uint8_t *p, size_t n)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	assert_int_equal(fwrite(p, 1, n, f), n);
	(void)fclose(f);
}

/* ---- tests --------------------------------------------------------------------------------- */

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

/* ---- full -------------------------------------------------------------------------------------- */

static void
the_least_important_and_oldest_are_dropped(void **state)
{
	uint64_t record, alerts = 0, others = 0;
	unsigned class;
	long n, before = -1, first_other = -1;

	(void)state;
	assert_non_null(open_spool(MIB));
	/* 2.2 MiB of operations and flows, with 110 KiB of alerts among them. */
	for (unsigned i = 0; i < 4000; i++) {
		assert_true(put(i % 20 == 0 ? QUEUE_ALERT : i % 2 == 0 ? QUEUE_OPERATION : QUEUE_FLOW, i, 480));
		assert_true(atomic_load(&spool_count(s)->bytes) <= MIB);
	}
	assert_true(dropped(SPOOL_FULL) > 1900);
	assert_int_equal(lines() + dropped(SPOOL_FULL), 4000);
	while ((n = next(&record, &class)) >= 0) {
		assert_true(n > before);
		before = n;
		alerts += class == QUEUE_ALERT;
		others += class != QUEUE_ALERT;
		if (class == QUEUE_FLOW && first_other < 0)
			first_other = n;
	}
	assert_int_equal(alerts, 200);
	assert_int_equal(before, 3999);
	assert_int_equal(alerts + others + dropped(SPOOL_FULL), 4000);
	/* Of the flows the oldest went. */
	assert_true(first_other > 0);
	spool_forget(s, record, (unsigned)(alerts + others));
	assert_int_equal(lines(), 0);
	spool_close(s);
	wipe();
}

static void
alerts_alone_lose_the_oldest(void **state)
{
	uint64_t record;
	unsigned class;
	long n, first;

	(void)state;
	assert_non_null(open_spool(MIB));
	for (unsigned i = 0; i < 4000; i++)
		assert_true(put(QUEUE_ALERT, i, 480));
	/* What is less important finds no space. */
	n = (long)dropped(SPOOL_FULL);
	assert_true(put(QUEUE_OPERATION, 4000, 490));
	for (unsigned i = 0; i < 200; i++)
		assert_true(put(QUEUE_OPERATION, 4001 + i, 490));
	assert_true(dropped(SPOOL_FULL) > (uint64_t)n);
	first = next(&record, &class);
	assert_int_equal(class, QUEUE_ALERT);
	for (long i = first + 1; i < 4000; i++)
		assert_int_equal(next(&record, &class), i);
	assert_int_equal(first, n);
	spool_close(s);
	wipe();
}

static void
what_was_given_out_stays_until_it_arrives(void **state)
{
	uint64_t record;

	(void)state;
	assert_non_null(open_spool(MIB));
	for (unsigned i = 0; i < 1500; i++)
		assert_true(put(QUEUE_OPERATION, i, 480));
	for (unsigned i = 0; i < 10; i++)
		assert_int_equal(next(&record, NULL), i);
	/* Now it becomes too full, and the first segment is written anew under the reader. */
	for (unsigned i = 1500; i < 3000; i++)
		assert_true(put(QUEUE_ALERT, i, 480));
	assert_true(next(&record, NULL) > 10);
	spool_close(s);
	/* After a crash the ten are there again. */
	assert_non_null(open_spool(MIB));
	for (unsigned i = 0; i < 10; i++)
		assert_int_equal(next(&record, NULL), i);
	assert_true(next(&record, NULL) > 10);
	spool_close(s);
	wipe();
}

static void
a_line_that_is_longer_than_the_spool_is_counted(void **state)
{
	static char line[100 * 1024];
	struct line_head h = { .class = QUEUE_ALERT, .len = sizeof(line) };
	uint64_t record;

	(void)state;
	memset(line, 'x', sizeof(line) - 1);
	line[sizeof(line) - 1] = '\n';
	assert_non_null(open_spool(64 * 1024));
	assert_true(spool_put(s, &h, line));
	assert_int_equal(dropped(SPOOL_TOO_LONG), 1);
	assert_int_equal(next(&record, NULL), -1);
	spool_close(s);
	wipe();
}

static void
what_waits_too_long_is_dropped(void **state)
{
	uint64_t record;

	(void)state;
	assert_non_null(open_spool(MIB));
	spool_tick(s, now, false);
	for (unsigned i = 0; i < 10; i++)
		assert_true(put(QUEUE_ALERT, i, 480));
	assert_int_equal(next(&record, NULL), 0);
	now += 3599 * SECOND;
	spool_tick(s, now, false);
	assert_int_equal(lines(), 10);
	now += 2 * SECOND;
	spool_tick(s, now, false);
	/* One is on its way and is not counted as dropped. */
	assert_int_equal(dropped(SPOOL_OLD), 9);
	assert_int_equal(next(&record, NULL), -1);
	assert_true(put(QUEUE_ALERT, 10, 480));
	assert_int_equal(next(&record, NULL), 10);
	spool_close(s);
	wipe();
}

/* ---- a disk that is full ------------------------------------------------------------------------- */

static int disk;

static int
refuse(const char *place)
{
	return strcmp(place, "put") == 0 || strcmp(place, "roll") == 0 ? disk : 0;
}

static void
a_disk_that_is_full_is_tried_again(void **state)
{
	uint64_t record;

	(void)state;
	spool_fault = refuse;
	assert_non_null(open_spool(MIB));
	spool_tick(s, now, false);
	assert_true(put(QUEUE_LOW, 1, 10));
	disk = ENOSPC;
	assert_false(put(QUEUE_LOW, 2, 10));
	assert_true(atomic_load(&spool_count(s)->failing));
	disk = 0;
	/* Not before a second is over. */
	assert_false(put(QUEUE_LOW, 2, 10));
	now += 2 * SECOND;
	spool_tick(s, now, false);
	assert_true(put(QUEUE_LOW, 2, 10));
	assert_false(atomic_load(&spool_count(s)->failing));
	assert_int_equal(next(&record, NULL), 1);
	assert_int_equal(next(&record, NULL), 2);
	assert_int_equal(next(&record, NULL), -1);
	assert_int_equal(dropped(SPOOL_DAMAGED), 0);
	spool_close(s);
	spool_fault = NULL;
	wipe();
}

/* ---- commands -------------------------------------------------------------------------------------- */

static void
collect(void *arg, const struct line_head *h, const char *line)
{
	char *to = arg;

	(void)snprintf(to + strlen(to), 64, "%.*s|", (int)(h->len < 4 ? h->len - 1 : 3), line);
}

static void
commands_see_what_waits(void **state)
{
	struct spool_look look;
	struct err e = { 0 };
	uint64_t record;
	char text[256] = "";

	(void)state;
	assert_non_null(open_spool(MIB));
	for (unsigned i = 0; i < 4; i++)
		assert_true(put(i == 2 ? QUEUE_ALERT : QUEUE_LOW, i, 10));
	assert_int_equal(next(&record, NULL), 0);
	spool_forget(s, record, 1);
	now += 2 * SECOND;
	spool_tick(s, now, false);
	assert_true(spool_show(folder, &look, collect, text, &e));
	assert_string_equal(text, "1 4|2 5|3 4|");
	assert_true(look.running);
	assert_int_equal(look.lines, 3);
	assert_int_equal(look.class_lines[QUEUE_ALERT], 1);
	assert_int_equal(look.segments, 1);
	assert_int_equal(look.oldest_ns, 5);
	assert_int_equal(spool_empty(folder, &e), -1);
	assert_non_null(strstr(e.first->text, "in use by a sensor that runs"));
	err_free(&e);
	spool_close(s);
	assert_int_equal(spool_empty(folder, &e), 3);
	assert_true(spool_show(folder, &look, NULL, NULL, &e));
	assert_int_equal(look.lines, 0);
	assert_false(look.running);
	assert_false(spool_show("/nowhere/at/all", &look, NULL, NULL, &e));
	err_free(&e);
	/* It goes on with numbers that were never used. */
	assert_non_null(open_spool(MIB));
	assert_true(put(QUEUE_LOW, 9, 10));
	assert_int_equal(next(&record, NULL), 9);
	assert_true(record >= 2);
	spool_close(s);
	wipe();
}

/* ---- documentation ----------------------------------------------------------------------------------- */

#define FIELD(type, name) { "struct " #type, #name, offsetof(struct type, name), sizeof(((struct type *)0)->name) }
static const struct {
	const char	*type, *name;
	size_t		 offset, size;
} fields[] = {
	FIELD(spool_slot, magic), FIELD(spool_slot, version), FIELD(spool_slot, crc), FIELD(spool_slot, generation),
	FIELD(spool_slot, forgotten), FIELD(spool_slot, next), FIELD(spool_slot, dropped), FIELD(spool_slot, reserved),
	FIELD(spool_segment, magic), FIELD(spool_segment, version), FIELD(spool_segment, crc), FIELD(spool_segment, number),
	FIELD(spool_segment, first), FIELD(spool_segment, reserved),
	FIELD(spool_record, magic), FIELD(spool_record, crc), FIELD(spool_record, number), FIELD(spool_record, head),
	FIELD(line_head, ts_ns), FIELD(line_head, key), FIELD(line_head, len), FIELD(line_head, class),
	FIELD(line_head, severity), FIELD(line_head, type), FIELD(line_head, reserved),
};

static void
the_manual_says_what_the_structs_are(void **state)
{
	const char *top = getenv("srcdir");
	char path[4096], line[512], type[64] = "", name[64];
	unsigned offset, size, n = 0;
	FILE *f;

	(void)state;
	(void)snprintf(path, sizeof(path), "%s/doc/spool.md", top != NULL ? top : ".");
	f = fopen(path, "r");
	assert_non_null(f);
	while (fgets(line, sizeof(line), f) != NULL) {
		(void)sscanf(line, "## %63[^\n]", type);
		if (sscanf(line, "| %u | %u | %63[a-z_] |", &offset, &size, name) != 3)
			continue;
		assert_true(n < COUNTOF(fields));
		assert_string_equal(type, fields[n].type);
		assert_string_equal(name, fields[n].name);
		assert_int_equal(offset, fields[n].offset);
		assert_int_equal(size, fields[n].size);
		n++;
	}
	(void)fclose(f);
	assert_int_equal(n, COUNTOF(fields));
}

static int
make_dir(void **state)
{
	(void)state;
	assert_non_null(mkdtemp(dir));
	(void)snprintf(folder, sizeof(folder), "%s/siem", dir);
	return 0;
}

static int
drop_dir(void **state)
{
	(void)state;
	return rmdir(dir);
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
		cmocka_unit_test(the_least_important_and_oldest_are_dropped),
		cmocka_unit_test(alerts_alone_lose_the_oldest),
		cmocka_unit_test(what_was_given_out_stays_until_it_arrives),
		cmocka_unit_test(a_line_that_is_longer_than_the_spool_is_counted),
		cmocka_unit_test(what_waits_too_long_is_dropped),
		cmocka_unit_test(a_disk_that_is_full_is_tried_again),
		cmocka_unit_test(commands_see_what_waits),
		cmocka_unit_test(the_manual_says_what_the_structs_are),
	};

	return cmocka_run_group_tests(tests, make_dir, drop_dir);
}
