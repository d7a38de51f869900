/* Unit tests of capture: several files as one sequence, following, pipes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/str.h"
#include "capfile_maker.h"
#include "capture/capture.h"
#include "capture/dirlist.h"

static char dir[64];
static struct counters counters;
static struct err errors;

static const char *
path_of(const char *name)
{
	static char paths[8][128];
	static unsigned turn;
	char *p = paths[turn++ % 8];

	snprintf(p, 128, "%s/%s", dir, name);
	return p;
}

static const char *
write_file(const char *name, const void *data, size_t n, const char *mode)
{
	const char *path = path_of(name);
	FILE *f = fopen(path, mode);

	assert_non_null(f);
	assert_int_equal(fwrite(data, 1, n, f), n);
	assert_int_equal(fclose(f), 0);
	return path;
}

/* A file with a frame for each time in seconds; ends with 0. */
static const char *
write_times(const char *name, const uint32_t *times)
{
	struct maker m = { 0 };

	mk_pcap(&m, 0xa1b2c3d4u, 1);
	for (; *times != 0; times++)
		mk_record(&m, *times, 0, 14, 14, (uint8_t)*times);
	return write_file(name, m.b, m.n, "w");
}

static struct capture *
open_files(const char *const *paths, unsigned n, bool follow, const char *filter)
{
	struct capture_settings s = { .follow = follow, .filter = filter };

	return capture_open_files(&s, paths, n, &counters, &errors);
}

static uint64_t numbers[512];	/* of the last frame of each file */

/* The next frame's seconds, 0 at the end; the number must count up in its file. */
static unsigned
next_second(struct capture *cap, struct frame *f)
{
	if (capture_next(cap, f) != CAPTURE_FRAME)
		return 0;
	assert_int_equal(frame_file(f->number), f->source);
	assert_int_equal(frame_in_file(f->number), ++numbers[f->source]);
	assert_int_equal(f->data[f->cap_len - 1], (uint8_t)(f->ts_ns / 1000000000u));
	return (unsigned)(f->ts_ns / 1000000000u);
}

static int
setup(void **unused)
{
	(void)unused;
	memset(&counters, 0, sizeof(counters));
	memset(numbers, 0, sizeof(numbers));
	snprintf(dir, sizeof(dir), "/tmp/tw_capture_XXXXXX");
	return mkdtemp(dir) != NULL ? 0 : -1;
}

static int
teardown(void **unused)
{
	char command[128];

	(void)unused;
	err_free(&errors);
	memset(&errors, 0, sizeof(errors));
	snprintf(command, sizeof(command), "rm -rf '%s'", dir);
	return system(command);
}

static void
files_are_merged_by_time_then_by_order(void **unused)
{
	const char *p[3];
	struct frame f = { 0 };
	struct capture *cap;
	static const struct { unsigned s, source; } want[] = {
		{ 1, 1 }, { 2, 0 }, { 2, 1 }, { 3, 2 }, { 5, 0 }, { 5, 2 }, { 4, 2 }, { 6, 0 },
	};

	(void)unused;
	p[0] = write_times("c", (const uint32_t[]){ 2, 5, 6, 0 });
	p[1] = write_times("b", (const uint32_t[]){ 1, 2, 0 });
	p[2] = write_times("a", (const uint32_t[]){ 3, 5, 4, 0 });	/* goes back once */
	cap = open_files(p, 3, false, NULL);
	assert_non_null(cap);
	assert_int_equal(capture_sources(cap), 3);
	for (size_t i = 0; i < COUNTOF(want); i++) {
		assert_int_equal(next_second(cap, &f), want[i].s);
		assert_int_equal(f.source, want[i].source);
	}
	assert_int_equal(capture_next(cap, &f), CAPTURE_END);
	assert_true(capture_progress(cap) == 1);
	assert_string_equal(capture_source_name(cap, 2), p[2]);
	capture_close(cap);
}

static void
a_directory_gives_its_captures_and_nothing_else(void **unused)
{
	const char *p[1] = { dir };
	struct frame f = { 0 };
	struct capture *cap;

	(void)unused;
	write_times("one.pcap", (const uint32_t[]){ 20, 21, 0 });
	write_times("two.pcap", (const uint32_t[]){ 10, 11, 0 });
	write_times("empty.pcap", (const uint32_t[]){ 0 });
	write_times(".hidden.pcap", (const uint32_t[]){ 1, 0 });
	write_file("notes.txt", "hello, world", 12, "w");
	write_file("nothing", "", 0, "w");
	assert_int_equal(mkdir(path_of("sub"), 0700), 0);
	write_times("sub/three.pcap", (const uint32_t[]){ 2, 0 });
	assert_int_equal(mkdir(path_of("sub/deep"), 0700), 0);
	write_times("sub/deep/four.pcap", (const uint32_t[]){ 15, 0 });
	assert_int_equal(mkdir(path_of(".hidden"), 0700), 0);
	write_times(".hidden/five.pcap", (const uint32_t[]){ 16, 0 });
	/* Links that lead back, and one to a folder that is there anyway. */
	assert_int_equal(symlink("..", path_of("sub/up")), 0);
	assert_int_equal(symlink(".", path_of("sub/deep/here")), 0);
	assert_int_equal(symlink("sub", path_of("again")), 0);
	cap = open_files(p, 1, false, NULL);
	assert_non_null(cap);
	assert_int_equal(next_second(cap, &f), 2);
	assert_int_equal(next_second(cap, &f), 10);
	assert_int_equal(next_second(cap, &f), 11);
	assert_int_equal(next_second(cap, &f), 15);
	assert_int_equal(next_second(cap, &f), 20);
	assert_int_equal(next_second(cap, &f), 21);
	assert_int_equal(capture_next(cap, &f), CAPTURE_END);
	assert_int_equal(counters.v[CNT_CAP_CUT_FILES], 0);
	assert_int_equal(counters.v[CNT_CAP_FURTHER], 3);
	assert_int_equal(counters.v[CNT_CAP_SKIPPED], 0);
	capture_close(cap);
}

static void
folders_end_somewhere(void **unused)
{
	const char *p[1] = { dir };
	char sub[DIRLIST_DEPTH * 2 + 16] = "d";
	struct frame f = { 0 };
	struct capture *cap;

	(void)unused;
	for (unsigned i = 0; i < DIRLIST_DEPTH + 2; i++) {
		char file[sizeof(sub) + 16];

		assert_int_equal(mkdir(path_of(sub), 0700), 0);
		snprintf(file, sizeof(file), "%s/a.pcap", sub);
		write_times(file, (const uint32_t[]){ i + 1, 0 });
		if (strlen(sub) + 3 < sizeof(sub))
			strcat(sub, "/d");
	}
	cap = open_files(p, 1, false, NULL);
	assert_non_null(cap);
	for (unsigned i = 1; i <= DIRLIST_DEPTH; i++)
		assert_int_equal(next_second(cap, &f), i);
	assert_int_equal(capture_next(cap, &f), CAPTURE_END);
	capture_close(cap);
}

static void
what_is_no_capture_is_left_out_and_the_run_fails_at_its_end(void **unused)
{
	struct frame f = { 0 };
	struct capture *cap;
	const char *p[3];

	(void)unused;
	p[0] = write_file("text", "hello, world", 12, "w");
	p[1] = write_times("good", (const uint32_t[]){ 1, 2, 0 });
	p[2] = write_file("empty.pcap", "", 0, "w");
	cap = open_files(p, 3, false, NULL);
	assert_non_null(cap);
	assert_int_equal(errors.n, 0);
	assert_int_equal(next_second(cap, &f), 1);
	assert_int_equal(next_second(cap, &f), 2);
	assert_int_equal(capture_next(cap, &f), CAPTURE_FAILED);
	assert_int_equal(counters.v[CNT_CAP_SKIPPED], 2);
	capture_close(cap);
	/* In a folder only what has the name of a capture counts, and nothing fails. */
	memset(&counters, 0, sizeof(counters));
	memset(numbers, 0, sizeof(numbers));
	p[0] = dir;
	cap = open_files(p, 1, false, NULL);
	assert_non_null(cap);
	assert_int_equal(next_second(cap, &f), 1);
	assert_int_equal(next_second(cap, &f), 2);
	assert_int_equal(capture_next(cap, &f), CAPTURE_END);
	assert_int_equal(counters.v[CNT_CAP_SKIPPED], 1);
	capture_close(cap);
}

/* pcapng of simple packet blocks, then one with a time, then a simple one. */
static void
packets_without_a_time_are_counted_and_not_dated_1970(void **unused)
{
	/* Then statistics: 3 packets dropped by the interface, 4 by the system; later 9 in all. */
	static const uint8_t ng[] = {
		0x0a, 0x0d, 0x0d, 0x0a, 28, 0, 0, 0, 0x4d, 0x3c, 0x2b, 0x1a, 1, 0, 0, 0,
		    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 28, 0, 0, 0,
		1, 0, 0, 0, 20, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 20, 0, 0, 0,
		3, 0, 0, 0, 32, 0, 0, 0, 16, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14,
		    15, 16, 32, 0, 0, 0,
		6, 0, 0, 0, 36, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x40, 0x42, 0x0f, 0, 4, 0, 0, 0, 4, 0, 0, 0,
		    1, 2, 3, 4, 36, 0, 0, 0,
		3, 0, 0, 0, 20, 0, 0, 0, 4, 0, 0, 0, 1, 2, 3, 4, 20, 0, 0, 0,
		5, 0, 0, 0, 52, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
		    5, 0, 8, 0, 3, 0, 0, 0, 0, 0, 0, 0, 7, 0, 8, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
		    52, 0, 0, 0,
		5, 0, 0, 0, 36, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
		    5, 0, 8, 0, 9, 0, 0, 0, 0, 0, 0, 0, 36, 0, 0, 0,
	};
	struct frame f = { 0 };
	struct capture *cap;
	const char *p[1];
	struct stat st;

	(void)unused;
	p[0] = write_file("spb.pcapng", ng, sizeof(ng), "w");
	assert_int_equal(stat(p[0], &st), 0);
	cap = open_files(p, 1, false, NULL);
	assert_non_null(cap);
	assert_int_equal(capture_next(cap, &f), CAPTURE_FRAME);
	assert_int_equal(f.ts_ns / 1000000000u, st.st_mtime);
	assert_int_equal(f.cap_len, 16);
	assert_int_equal(capture_next(cap, &f), CAPTURE_FRAME);
	assert_int_equal(f.ts_ns, 1000000000u);
	capture_update_counters(cap);
	assert_int_equal(counters.v[CNT_CAP_NO_TIME], 1);
	assert_int_equal(capture_next(cap, &f), CAPTURE_FRAME);
	assert_int_equal(f.ts_ns, 1000000000u);
	assert_int_equal(capture_next(cap, &f), CAPTURE_END);
	assert_int_equal(counters.v[CNT_CAP_NO_TIME], 2);
	assert_int_equal(counters.v[CNT_CAP_FILE_DROPS], 9);
	capture_close(cap);
}

static void
what_cannot_be_read_is_said_for_every_file(void **unused)
{
	const char *p[4];

	(void)unused;
	p[0] = write_file("text", "hello, world", 12, "w");
	p[1] = path_of("missing");
	p[2] = write_file("empty", "", 0, "w");
	p[3] = write_times("good", (const uint32_t[]){ 1, 0 });
	assert_null(open_files(p, 4, false, NULL));
	assert_int_equal(errors.n, 3);
}

static void
a_cut_file_gives_what_it_has_and_is_counted(void **unused)
{
	struct maker m = { 0 };
	struct frame f = { 0 };
	struct capture *cap;
	const char *p[1];

	(void)unused;
	mk_pcap(&m, 0xa1b2c3d4u, 1);
	mk_record(&m, 1, 0, 14, 14, 1);
	mk_record(&m, 2, 0, 14, 14, 2);
	p[0] = write_file("cut", m.b, m.n - 1, "w");
	cap = open_files(p, 1, false, NULL);
	assert_non_null(cap);
	assert_int_equal(next_second(cap, &f), 1);
	assert_int_equal(capture_next(cap, &f), CAPTURE_END);
	assert_int_equal(counters.v[CNT_CAP_CUT_FILES], 1);
	capture_close(cap);
}

static void
a_followed_file_is_waited_for_even_inside_a_record(void **unused)
{
	struct maker m = { 0 };
	struct frame f = { 0 };
	struct capture *cap;
	const char *p[1];
	size_t first, second;

	(void)unused;
	mk_pcap(&m, 0xa1b2c3d4u, 1);
	mk_record(&m, 1, 0, 14, 14, 1);
	first = m.n;
	mk_record(&m, 2, 0, 14, 14, 2);
	second = m.n;
	mk_record(&m, 3, 0, 14, 14, 3);
	p[0] = write_file("grows", m.b, 10, "w");	/* not even its header */
	cap = open_files(p, 1, true, NULL);
	assert_non_null(cap);
	assert_int_equal(capture_next(cap, &f), CAPTURE_IDLE);
	write_file("grows", m.b + 10, first - 10, "a");
	assert_int_equal(next_second(cap, &f), 1);
	write_file("grows", m.b + first, 20, "a");	/* a header and a bit */
	assert_int_equal(capture_next(cap, &f), CAPTURE_IDLE);
	write_file("grows", m.b + first + 20, m.n - first - 20, "a");
	assert_int_equal(next_second(cap, &f), 2);
	assert_int_equal(next_second(cap, &f), 3);
	assert_true(capture_progress(cap) < 0);
	assert_true(second < m.n);
	capture_stop(cap);
	assert_int_equal(capture_next(cap, &f), CAPTURE_END);
	assert_int_equal(counters.v[CNT_CAP_CUT_FILES], 0);
	capture_close(cap);
}

static void
a_followed_file_that_is_replaced_or_emptied_is_read_anew(void **unused)
{
	struct frame f = { 0 };
	struct capture *cap;
	const char *p[1];

	(void)unused;
	p[0] = write_times("log", (const uint32_t[]){ 1, 2, 0 });
	cap = open_files(p, 1, true, NULL);
	assert_non_null(cap);
	assert_int_equal(next_second(cap, &f), 1);
	assert_int_equal(next_second(cap, &f), 2);
	assert_int_equal(rename(p[0], path_of("log.1")), 0);
	assert_int_equal(capture_next(cap, &f), CAPTURE_IDLE);
	write_times("log", (const uint32_t[]){ 7, 8, 0 });
	numbers[0] = 0;
	assert_int_equal(next_second(cap, &f), 7);
	assert_int_equal(next_second(cap, &f), 8);
	write_times("log", (const uint32_t[]){ 9, 0 });	/* shorter, same inode */
	numbers[0] = 0;
	assert_int_equal(next_second(cap, &f), 9);
	capture_close(cap);
}

/* Put a pipe in the place of standard input; gives its writing end. */
static int
pipe_to_stdin(int *saved)
{
	int ends[2];

	assert_int_equal(pipe(ends), 0);
	*saved = dup(STDIN_FILENO);
	assert_true(*saved >= 0);
	assert_int_equal(dup2(ends[0], STDIN_FILENO), STDIN_FILENO);
	close(ends[0]);
	return ends[1];
}

static void
standard_input_gives_a_turn_while_it_is_silent(void **unused)
{
	const char *const p[1] = { "-" };
	struct maker m = { 0 };
	struct frame f = { 0 };
	struct capture *cap;
	int saved, out = pipe_to_stdin(&saved);

	(void)unused;
	mk_pcap(&m, 0xa1b2c3d4u, 1);
	mk_record(&m, 1, 0, 14, 14, 1);
	mk_record(&m, 2, 0, 14, 14, 2);
	cap = open_files(p, 1, false, NULL);
	assert_non_null(cap);
	assert_int_equal(capture_next(cap, &f), CAPTURE_IDLE);
	assert_int_equal(write(out, m.b, 60), 60);
	assert_int_equal(next_second(cap, &f), 1);
	assert_int_equal(write(out, m.b + 60, m.n - 60), m.n - 60);
	assert_int_equal(next_second(cap, &f), 2);
	close(out);
	assert_int_equal(capture_next(cap, &f), CAPTURE_END);
	assert_int_equal(counters.v[CNT_CAP_CUT_FILES], 0);
	capture_close(cap);
	dup2(saved, STDIN_FILENO);
	close(saved);
}

static void
standard_input_that_is_no_capture_fails(void **unused)
{
	const char *const p[1] = { "-" };
	struct frame f = { 0 };
	struct capture *cap;
	int saved, out = pipe_to_stdin(&saved);

	(void)unused;
	cap = open_files(p, 1, false, NULL);
	assert_non_null(cap);
	assert_int_equal(write(out, "hello, world", 12), 12);
	close(out);
	assert_int_equal(capture_next(cap, &f), CAPTURE_FAILED);
	capture_close(cap);
	dup2(saved, STDIN_FILENO);
	close(saved);
}

/* More files than descriptors: only those whose time has come are open. */
static void
many_files_need_few_descriptors(void **unused)
{
	const char *p[1] = { dir };
	struct frame f = { 0 };
	struct capture *cap;
	unsigned open_max = 0;

	(void)unused;
	for (uint32_t i = 0; i < 300; i++) {
		char name[32];

		snprintf(name, sizeof(name), "%03u.pcap", 299 - i);
		write_times(name, (const uint32_t[]){ 1 + 2 * i, 2 + 2 * i, 0 });
	}
	cap = open_files(p, 1, false, NULL);
	assert_non_null(cap);
	for (unsigned i = 1; i <= 600; i++) {
		int fd;

		assert_int_equal(next_second(cap, &f), i);
		fd = dup(STDIN_FILENO);		/* the lowest free number tells how many are open */
		if (fd > (int)open_max)
			open_max = (unsigned)fd;
		close(fd);
	}
	assert_true(open_max < 30);
	assert_int_equal(capture_next(cap, &f), CAPTURE_END);
	capture_close(cap);
}

static void
a_wrong_filter_is_refused_before_the_first_frame(void **unused)
{
	const char *p[1];

	(void)unused;
	p[0] = write_times("a", (const uint32_t[]){ 1, 0 });
	assert_null(open_files(p, 1, false, "port fivehundred and"));
	assert_int_equal(errors.n, 1);
	assert_null(open_files(p, 1, false, "port 502) or (port 503"));
	assert_int_equal(errors.n, 2);
}

static void
frames_keep_their_number_behind_a_filter(void **unused)
{
	struct frame f = { 0 };
	struct capture *cap;
	const char *p[1];

	(void)unused;
	p[0] = write_times("a", (const uint32_t[]){ 1, 2, 3, 0 });
	cap = open_files(p, 1, false, "ether[13] = 3");
	assert_non_null(cap);
	assert_int_equal(capture_next(cap, &f), CAPTURE_FRAME);
	assert_int_equal(f.number, 3);
	assert_int_equal(capture_next(cap, &f), CAPTURE_END);
	capture_close(cap);
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(files_are_merged_by_time_then_by_order),
		TEST(a_directory_gives_its_captures_and_nothing_else),
		TEST(what_cannot_be_read_is_said_for_every_file),
		TEST(a_cut_file_gives_what_it_has_and_is_counted),
		TEST(a_followed_file_is_waited_for_even_inside_a_record),
		TEST(a_followed_file_that_is_replaced_or_emptied_is_read_anew),
		TEST(standard_input_gives_a_turn_while_it_is_silent),
		TEST(standard_input_that_is_no_capture_fails),
		TEST(many_files_need_few_descriptors),
		TEST(folders_end_somewhere),
		TEST(what_is_no_capture_is_left_out_and_the_run_fails_at_its_end),
		TEST(packets_without_a_time_are_counted_and_not_dated_1970),
		TEST(a_wrong_filter_is_refused_before_the_first_frame),
		TEST(frames_keep_their_number_behind_a_filter),
	};

	return cmocka_run_group_tests_name("capture timeline", tests, NULL, NULL);
}
