/* A file that is full, rotated or broken off: no line is cut in two, and none is lost uncounted. */
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "output_kit.h"

static void
test_disk_full(void **state)
{
	struct output_settings s = settings();
	struct output *o;
	struct flow f = a_flow();
	struct operation op = a_read(&f);

	(void)state;
	if (access("/dev/full", W_OK) != 0)
		skip();
	s.eve_file = "/dev/full";
	o = open_with(&s);
	for (int i = 0; i < 2000; i++)
		output_operation(o, &op);
	assert_true(counters.v[CNT_OUT_LOST] > 0);
	assert_int_equal(counters.v[CNT_OUT_LOST] + counters.v[CNT_OUT_RECORDS], 2000);
	assert_int_equal(counters.v[CNT_OUT_LOST_OPERATIONS], counters.v[CNT_OUT_LOST]);
	assert_false(output_wait(o, 10000));
	assert_int_equal(output_close(o), -1);
	assert_int_equal(counters.v[CNT_OUT_LOST] >= 2000, 1);
}

/* A file that may not grow beyond a limit fills in the middle of a line, then
 * has room again: no line is cut in two, the lost ones are counted. */
static void
test_full_then_room(void **state)
{
	struct output_settings s = settings();
	struct rlimit old, small;
	struct flow f = a_flow();
	struct operation op = a_read(&f);
	struct output *o = open_with(&s);
	unsigned lines = 0;

	(void)state;
	signal(SIGXFSZ, SIG_IGN);
	getrlimit(RLIMIT_FSIZE, &old);
	small = old;
	small.rlim_cur = 100000;
	setrlimit(RLIMIT_FSIZE, &small);
	for (int i = 0; i < 3000; i++)
		output_operation(o, &op);
	assert_false(output_wait(o, 10000));
	assert_true(counters.v[CNT_OUT_LOST] > 0);
	setrlimit(RLIMIT_FSIZE, &old);
	assert_true(output_wait(o, 10000));
	output_operation(o, &op);
	assert_int_equal(output_close(o), -1);
	read_file("eve.json");
	for (const char *p = text; *p != '\0'; p += strlen(READ_LINE), lines++)
		assert_memory_equal(p, READ_LINE, strlen(READ_LINE));
	assert_int_equal(lines, counters.v[CNT_OUT_RECORDS]);
	assert_int_equal(lines + counters.v[CNT_OUT_LOST], 3001);
	drop_file("eve.json");
}

/* The same, but the file is rotated while it is full: the old one ends with a
 * whole line, the new one begins with the line that was cut. */
static void
test_reopen_in_trouble(void **state)
{
	struct output_settings s = settings();
	struct rlimit old, small;
	struct flow f = a_flow();
	struct operation op = a_read(&f);
	struct output *o = open_with(&s);
	char from[128], to[128];
	size_t n;

	(void)state;
	signal(SIGXFSZ, SIG_IGN);
	getrlimit(RLIMIT_FSIZE, &old);
	small = old;
	small.rlim_cur = 2000;
	setrlimit(RLIMIT_FSIZE, &small);
	for (int i = 0; i < 5; i++)
		output_operation(o, &op);
	assert_false(output_wait(o, 10000));
	snprintf(from, sizeof(from), "%s/eve.json", dir);
	snprintf(to, sizeof(to), "%s/eve.json.1", dir);
	assert_int_equal(rename(from, to), 0);
	output_reopen(o);
	(void)output_wait(o, 10000);
	setrlimit(RLIMIT_FSIZE, &old);
	assert_int_equal(output_close(o), 0);
	n = strlen(read_file("eve.json.1"));
	assert_int_equal(n % strlen(READ_LINE), 0);
	assert_int_equal(n + strlen(read_file("eve.json")), 5 * strlen(READ_LINE));
	assert_memory_equal(text, READ_LINE, strlen(READ_LINE));
	drop_file("eve.json");
	drop_file("eve.json.1");
}

static void
test_reopen(void **state)
{
	struct output_settings s = settings();
	struct flow f = a_flow();
	struct operation op = a_read(&f);
	struct output *o = open_with(&s);
	char from[128], to[128];
	struct stat st;

	(void)state;
	output_operation(o, &op);
	assert_true(output_wait(o, 10000));
	snprintf(from, sizeof(from), "%s/eve.json", dir);
	snprintf(to, sizeof(to), "%s/eve.json.1", dir);
	assert_int_equal(stat(from, &st), 0);
	assert_int_equal(st.st_mode & 0777 & ~0640u, 0);
	assert_int_equal(rename(from, to), 0);
	output_operation(o, &op);
	output_reopen(o);
	assert_true(output_wait(o, 10000));
	output_operation(o, &op);
	assert_int_equal(output_close(o), 0);
	assert_string_equal(read_file("eve.json"), READ_LINE);
	assert_int_equal(strlen(read_file("eve.json.1")), 2 * strlen(READ_LINE));
	drop_file("eve.json");
	drop_file("eve.json.1");
}

/* A crash may leave half a line: ours begins on a new one. */
static void
test_append_after_crash(void **state)
{
	struct output_settings s = settings();
	struct flow f = a_flow();
	struct operation op = a_read(&f);
	struct output *o;
	char path[128];
	FILE *half;

	(void)state;
	snprintf(path, sizeof(path), "%s/eve.json", dir);
	half = fopen(path, "w");
	assert_non_null(half);
	fputs("{\"half\":", half);
	fclose(half);
	o = open_with(&s);
	output_operation(o, &op);
	assert_int_equal(output_close(o), 0);
	assert_string_equal(read_file("eve.json"), "{\"half\":\n" READ_LINE);
	drop_file("eve.json");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_disk_full),
		cmocka_unit_test(test_full_then_room),
		cmocka_unit_test(test_reopen_in_trouble),
		cmocka_unit_test(test_reopen),
		cmocka_unit_test(test_append_after_crash),
	};

	return OUTPUT_RUN(tests);
}
