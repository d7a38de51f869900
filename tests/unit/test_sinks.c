/* Several outputs at once: what each gets, whom one that stands still takes time from, and
 * lines to Unix sockets whose reader comes and goes. */
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/thread.h"
#include "output/format.h"
#include "output/output.h"
#include "output/writer.h"
#include "record/alert_type.h"
#include "record/finding.h"

#define MS	UINT64_C(1000000)

static char dir[64];
static struct counters counters;
static _Atomic uint64_t deadline;

static struct output_settings
settings(void)
{
	return (struct output_settings){ .eve = true, .eve_file = "eve.json", .eve_types = "all", .log_dir = dir,
	    .anomaly_limit = 1000000, .queue_kib = 1024 };
}

static struct sink_settings
sink(const char *name, uint64_t transport, const char *target, const char *types)
{
	return (struct sink_settings){ .name = name, .transport = transport, .target = target, .types = types,
	    .severity = 255, .queue_kib = 1024, .retry_s = 1 };
}

static struct output *
open_with(const struct output_settings *s, bool live)
{
	static struct output_env env;
	struct err e = { 0 };
	struct output *o;

	env = (struct output_env){ .live = live, .deadline_ns = &deadline };
	deadline = 0;
	memset(&counters, 0, sizeof(counters));
	o = output_open(s, &env, &counters, &e);
	err_print(&e, stderr);
	assert_non_null(o);
	assert_true(output_start(o, &e));
	return o;
}

static void
put_flow(struct output *o, uint64_t id)
{
	struct flow f = { .id = id, .addr = { addr_v4((const uint8_t[]){ 10, 0, 0, 1 }),
	    addr_v4((const uint8_t[]){ 10, 0, 0, 2 }) }, .proto = IP_UDP, .ip_v = 4,
	    .first_ns = 1493388721000000000u, .last_ns = 1493388723500000000u };

	output_flow(o, &f, FLOW_END_TIMEOUT);
}

static const char *
path_of(const char *name)
{
	static char path[100];	/* fits an address of AF_UNIX, too */

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	return path;
}

/* Lines of a file that hold `text`; it goes with that. */
static unsigned
lines_in(const char *name, const char *text)
{
	static char line[OUTPUT_LINE_MAX];
	FILE *f = fopen(path_of(name), "r");
	unsigned n = 0;

	assert_non_null(f);
	while (fgets(line, sizeof(line), f) != NULL) {
		assert_int_equal(line[strlen(line) - 1], '\n');
		n += strstr(line, text) != NULL;
	}
	fclose(f);
	return n;
}

static void
drop(const char *name)
{
	assert_int_equal(unlink(path_of(name)), 0);
}

/* ---- what each gets ---------------------------------------------------------------- */

static void
each_sink_gets_what_it_asks_for(void **state)
{
	struct output_settings s = settings();
	struct finding f = { .type = ALERT_CTRL_STOP };
	struct output *o;

	(void)state;
	s.sinks[0] = sink("flows", OUTPUT_TRANSPORT_FILE, "flows.json", "flow");
	s.sinks[1] = sink("grave", OUTPUT_TRANSPORT_FILE, "grave.json", "alert");
	s.sinks[1].severity = 2;
	s.n_sinks = 2;
	o = open_with(&s, false);
	for (unsigned i = 1; i <= 4; i++) {
		struct alert a = { .finding = &f, .type = alert_type_row(f.type), .severity = (uint8_t)i,
			    .id = i, .uid = "0123456789abcdef0123456789abcdef", .count = 1, .signature = "t",
			    .sentence = "s", .techniques = "", .category = "" };

		put_flow(o, i);
		output_alert(o, &a);
	}
	assert_int_equal(output_close(o), 0);
	assert_int_equal(lines_in("eve.json", "{"), 8);
	assert_int_equal(lines_in("flows.json", "\"event_type\":\"flow\""), 4);
	assert_int_equal(lines_in("flows.json", "{"), 4);
	assert_int_equal(lines_in("grave.json", "\"event_type\":\"alert\""), 2);
	assert_int_equal(lines_in("grave.json", "{"), 2);
	assert_int_equal(counters.v[CNT_OUT_RECORDS], 14);
	drop("eve.json");
	drop("flows.json");
	drop("grave.json");
}

static void
problem(const struct output_settings *s, const char *text)
{
	struct err e = { 0 };

	assert_false(output_check(s, true, &e));
	assert_non_null(strstr(e.first->text, text));
	assert_string_equal(e.first->file, "c.yaml");
	assert_int_equal(e.first->line, 7);
	err_free(&e);
}

static void
what_cannot_be_is_told_with_its_place(void **state)
{
	struct output_settings s = settings();
	struct err e = { 0 };

	(void)state;
	s.n_sinks = 1;
	s.sinks[0] = sink("eve", OUTPUT_TRANSPORT_FILE, "other.json", "all");
	s.sinks[0].at = (struct setting_position){ .file = "c.yaml", .line = 7, .column = 5 };
	problem(&s, "another output with the name \"eve\"");
	s.sinks[0].name = "a b";
	problem(&s, "is no name");
	s.sinks[0].name = NULL;
	problem(&s, "has no name");
	s.sinks[0].name = "b";
	s.sinks[0].target = NULL;
	problem(&s, "has no target");
	s.sinks[0].target = "eve.json";
	problem(&s, "is the file of another output (\"eve\")");
	/* Another spelling of the same file. */
	assert_int_equal(fclose(fopen(path_of("eve.json"), "w")), 0);
	assert_int_equal(symlink("eve.json", path_of("link.json")), 0);
	s.sinks[0].target = "link.json";
	problem(&s, "is the file of another output (\"eve\")");
	drop("link.json");
	drop("eve.json");
	s.sinks[0].target = "other.json";
	assert_true(output_check(&s, true, &e));
	s.eve_file = s.sinks[0].target = "/dev/null";
	assert_true(output_check(&s, true, &e));
}

/* ---- one that stands still ------------------------------------------------------------ */

static void
a_sink_that_stands_still_takes_no_time_of_others(void **state)
{
	struct output_settings s = settings();
	struct output *o;
	uint64_t begin;
	char buf[4096];
	int fd;

	(void)state;
	s.queue_kib = 4096;
	assert_int_equal(mkfifo(path_of("pipe"), 0600), 0);
	fd = open(path_of("pipe"), O_RDONLY | O_NONBLOCK);
	s.sinks[0] = sink("still", OUTPUT_TRANSPORT_FILE, "pipe", "all");
	s.n_sinks = 1;
	o = open_with(&s, true);
	begin = thread_now();
	for (unsigned i = 0; i < 20000; i++) {
		put_flow(o, i);
		/* As a packet thread would: its file keeps up. */
		if (i % 500 == 0) {
			output_tick(o);
			usleep(10000);
		}
	}
	assert_true(thread_now() - begin < 5000 * MS);
	/* The end: four seconds for all, and the one that stands still has not all of it. */
	deadline = thread_now() + 4000 * MS;
	output_last(o);
	for (unsigned i = 0; i < 10000; i++)
		put_flow(o, i);
	assert_true(thread_now() < deadline);
	assert_int_equal(output_close(o), -1);
	assert_true(thread_now() - deadline < 1500 * MS);
	assert_int_equal(lines_in("eve.json", "\"event_type\":\"flow\""), 30000);
	assert_true(counters.v[CNT_OUT_LOST] > 20000);
	while (read(fd, buf, sizeof(buf)) > 0)
		continue;
	close(fd);
	drop("pipe");
	drop("eve.json");
}

/* ---- sockets ---------------------------------------------------------------------------- */

static int
listen_at(const char *name, int type)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, type | SOCK_CLOEXEC, 0);

	snprintf(a.sun_path, sizeof(a.sun_path), "%s", path_of(name));
	assert_int_equal(bind(fd, (struct sockaddr *)(void *)&a, sizeof(a)), 0);
	if (type == SOCK_STREAM)
		assert_int_equal(listen(fd, 1), 0);
	return fd;
}

/* The next whole line that comes within five seconds, or "". */
static const char *
line_from(int fd)
{
	static char line[8192];
	size_t n = 0;

	for (struct pollfd p = { .fd = fd, .events = POLLIN }; n < sizeof(line) - 1; n++) {
		if (poll(&p, 1, 5000) != 1 || read(fd, line + n, 1) != 1)
			break;
		if (line[n] == '\n')
			break;
	}
	line[n] = '\0';
	return line;
}

static bool
has_id(const char *line, unsigned id)
{
	char text[32];

	snprintf(text, sizeof(text), "\"flow_id\":%u,", id);
	return strstr(line, text) != NULL;
}

static struct writer *
open_writer(const struct transport *t, const char *name, bool fresh, struct err *e)
{
	static char path[100];	/* fits an address of AF_UNIX, too */
	const struct transport_settings target = { .target = path, .retry_ns = 100 * MS, .fresh = fresh };
	const struct writer_settings w = { .name = name, .queue = 1 << 20, .deadline_ns = &deadline };
	struct writer *writer;

	snprintf(path, sizeof(path), "%s", path_of(name));
	deadline = 0;
	memset(&counters, 0, sizeof(counters));
	writer = writer_open(t, &target, &w, &counters, e);
	if (writer != NULL)
		assert_true(writer_start(writer, e));
	return writer;
}

static struct sink_counts
counts_of(const struct writer *w)
{
	struct sink_counts c;

	writer_counts(w, &c);
	return c;
}

static void
a_stream_finds_its_reader_again(void **state)
{
	struct err e = { 0 };
	struct writer *w = open_writer(&transport_unix_stream, "stream", false, &e);
	int server, reader;
	char line[16];

	(void)state;
	/* Nobody listens: lines wait. */
	assert_non_null(w);
	assert_true(writer_put(w, QUEUE_OPERATION, "first\n", 6));
	usleep(200000);
	assert_int_equal(counts_of(w).waiting, 6);
	server = listen_at("stream", SOCK_STREAM);
	reader = accept(server, NULL, NULL);
	assert_string_equal(line_from(reader), "first");
	for (unsigned round = 1; round <= 3; round++) {
		close(reader);
		usleep(300000);		/* it is noticed before the next line is written */
		snprintf(line, sizeof(line), "round%u\n", round);
		assert_true(writer_put(w, QUEUE_ALERT, line, strlen(line)));
		reader = accept(server, NULL, NULL);
		line[strlen(line) - 1] = '\0';
		assert_string_equal(line_from(reader), line);
		assert_int_equal(counts_of(w).reconnects, round);
		assert_int_equal(counts_of(w).failures, round);
	}
	assert_true(writer_wait(w, 5000));
	assert_int_equal(counts_of(w).bytes, 6 + 3 * 7);
	assert_int_equal(counts_of(w).lines, 4);
	assert_int_equal(writer_close(w), 0);
	assert_string_equal(line_from(reader), "");
	close(reader);
	close(server);
	drop("stream");
}

/* A reader that goes in the middle of a line: the next one gets that line whole. */
static void
a_line_that_was_begun_goes_whole_to_the_next_reader(void **state)
{
	static char line[400000];
	struct err e = { 0 };
	int server = listen_at("stream", SOCK_STREAM), reader;
	struct writer *w = open_writer(&transport_unix_stream, "stream", true, &e);
	char some[1000];
	size_t got = 0;

	(void)state;
	assert_non_null(w);
	memset(line, 'x', sizeof(line));
	line[sizeof(line) - 1] = '\n';
	reader = accept(server, NULL, NULL);
	assert_true(writer_put(w, QUEUE_ALERT, line, sizeof(line)));
	assert_int_equal(read(reader, some, sizeof(some)), sizeof(some));
	usleep(200000);
	close(reader);
	reader = accept(server, NULL, NULL);
	while (got < sizeof(line)) {
		ssize_t n = read(reader, line, sizeof(line) - got);

		assert_true(n > 0);
		assert_int_equal(line[0], 'x');
		assert_ptr_equal(memchr(line, '\n', (size_t)n), got + (size_t)n == sizeof(line) ? line + n - 1 : NULL);
		got += (size_t)n;
	}
	assert_int_equal(writer_close(w), 0);
	close(reader);
	close(server);
	drop("stream");
}

static void
a_datagram_is_a_line(void **state)
{
	struct err e = { 0 };
	int server = listen_at("dgram", SOCK_DGRAM);
	struct writer *w = open_writer(&transport_unix_dgram, "dgram", true, &e);
	static char big[OUTPUT_LINE_MAX];
	char buf[64], line[64];
	int lost = 0;

	(void)state;
	assert_non_null(w);
	/* More than the socket holds: the reader is waited for, nothing is lost. */
	for (int i = 0; i < 500; i++) {
		size_t n = (size_t)snprintf(line, sizeof(line), "line %d\n", i);

		assert_true(writer_put(w, QUEUE_OPERATION, line, n));
	}
	for (int i = 0; i < 500; i++) {
		ssize_t n = read(server, buf, sizeof(buf) - 1);

		assert_true(n > 0);
		buf[n] = '\0';
		snprintf(line, sizeof(line), "line %d\n", i);
		assert_string_equal(buf, line);
	}
	/* What no datagram can hold is lost and counted, and takes nothing with it. */
	memset(big, 'x', sizeof(big));
	big[sizeof(big) - 1] = '\n';
	if (writer_put(w, QUEUE_LOW, big, sizeof(big)))
		assert_int_equal(read(server, big, sizeof(big)), sizeof(big));
	else
		lost = 1;
	assert_int_equal(counters.v[CNT_OUT_LOST_LOW], lost);
	close(server);
	drop("dgram");
	usleep(300000);
	assert_true(writer_put(w, QUEUE_ALERT, "alert\n", 6));
	usleep(300000);
	server = listen_at("dgram", SOCK_DGRAM);
	assert_int_equal(read(server, buf, sizeof(buf)), 6);
	assert_int_equal(counts_of(w).reconnects, 1);
	assert_int_equal(writer_close(w), -lost);
	close(server);
	drop("dgram");
}

static void
a_replay_does_not_wait_for_a_reader_that_is_not_there(void **state)
{
	struct err e = { 0 };
	int server;

	(void)state;
	assert_null(open_writer(&transport_unix_stream, "none", true, &e));
	assert_non_null(strstr(e.first->text, "nobody listens there; start its reader first"));
	err_free(&e);
	e = (struct err){ 0 };
	server = listen_at("dgram", SOCK_DGRAM);
	assert_null(open_writer(&transport_unix_stream, "dgram", true, &e));
	assert_non_null(strstr(e.first->text, "of the other kind"));
	err_free(&e);
	close(server);
	drop("dgram");
}

static void
records_go_to_a_file_and_a_socket(void **state)
{
	struct output_settings s = settings();
	int server = listen_at("stream", SOCK_STREAM), reader;
	struct output *o;

	(void)state;
	s.sinks[0] = sink("siem", OUTPUT_TRANSPORT_UNIX_STREAM, "stream", "flow");
	s.n_sinks = 1;
	o = open_with(&s, false);
	reader = accept(server, NULL, NULL);
	for (unsigned i = 1; i <= 5; i++)
		put_flow(o, i);
	for (unsigned i = 1; i <= 5; i++)
		assert_true(has_id(line_from(reader), i));
	assert_int_equal(output_close(o), 0);
	assert_int_equal(lines_in("eve.json", "{"), 5);
	close(reader);
	close(server);
	drop("stream");
	drop("eve.json");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_sink_gets_what_it_asks_for),
		cmocka_unit_test(what_cannot_be_is_told_with_its_place),
		cmocka_unit_test(a_sink_that_stands_still_takes_no_time_of_others),
		cmocka_unit_test(a_stream_finds_its_reader_again),
		cmocka_unit_test(a_line_that_was_begun_goes_whole_to_the_next_reader),
		cmocka_unit_test(a_datagram_is_a_line),
		cmocka_unit_test(a_replay_does_not_wait_for_a_reader_that_is_not_there),
		cmocka_unit_test(records_go_to_a_file_and_a_socket),
	};
	int failed;

	(void)signal(SIGPIPE, SIG_IGN);
	(void)alarm(120);
	snprintf(dir, sizeof(dir), "/tmp/test_sinks.XXXXXX");
	if (mkdtemp(dir) == NULL)
		return 99;
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	(void)rmdir(dir);
	return failed;
}
