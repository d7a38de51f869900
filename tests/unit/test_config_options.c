/* Unit tests of config: the command line. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "config/config.h"
#include "config/options.h"

#define MAX_WORDS 16

/* Read a command line written with blanks; "'" joins words. */
static void
read_line(struct options *o, struct err *e, const char *line)
{
	static char text[512];
	static char *argv[MAX_WORDS + 1];
	int argc = 0;

	assert_true(strlen(line) < sizeof(text));
	memcpy(text, line, strlen(line) + 1);
	argv[argc++] = (char *)"thermowell";
	for (char *p = text; *p != '\0' && argc < MAX_WORDS; ) {
		argv[argc++] = p;
		p += strcspn(p, " ");
		if (*p != '\0')
			*p++ = '\0';
	}
	argv[argc] = NULL;
	options_read(o, argc, argv, e);
}

/* The first problem of a line, or "". */
static const char *
problem(const char *line)
{
	static char out[512];
	struct options o;
	struct err e = { 0 };

	read_line(&o, &e, line);
	(void)snprintf(out, sizeof(out), "%s", e.n > 0 ? e.first->text : "");
	err_free(&e);
	options_free(&o);
	return out;
}

static void
words_after_r_are_files_while_they_exist(void **unused)
{
	struct options o;
	struct settings s;
	struct err e = { 0 };

	(void)unused;
	read_line(&o, &e, "-r a.pcap / /tmp - tcp port 502 -q or / -l /var");
	assert_int_equal(e.n, 0);
	assert_int_equal(o.n_files, 4);
	assert_string_equal(o.files[0], "a.pcap");
	assert_string_equal(o.files[1], "/");
	assert_string_equal(o.files[3], "-");
	assert_int_equal(o.loudness, -1);
	options_settings(&o, &s, &e, &e);
	assert_int_equal(e.n, 0);
	assert_string_equal(s.capture.filter, "tcp port 502 or /");
	assert_string_equal(s.output.log_dir, "/var");
	config_free(&s);
	options_free(&o);
}

static void
after_two_dashes_all_is_filter(void **unused)
{
	struct options o;
	struct settings s;
	struct err e = { 0 };

	(void)unused;
	read_line(&o, &e, "-r a.pcap -- /tmp -v");
	assert_int_equal(e.n, 0);
	assert_int_equal(o.n_files, 1);
	options_settings(&o, &s, &e, &e);
	assert_string_equal(s.capture.filter, "/tmp -v");
	config_free(&s);
	options_free(&o);
}

static void
several_interfaces_and_the_line_over_the_table(void **unused)
{
	struct options o;
	struct settings s;
	struct err e = { 0 }, usage = { 0 };

	(void)unused;
	read_line(&o, &e, "-i eth0 -ieth1 --set stream.max-flows=99 -k all --set=decode.checksums=none --follo");
	assert_int_equal(e.n, 1);	/* --follow is not for interfaces */
	err_free(&e);
	assert_int_equal(o.n_ifaces, 2);
	assert_string_equal(o.ifaces[1], "eth1");
	options_settings(&o, &s, &e, &usage);
	assert_int_equal(e.n + usage.n, 0);
	assert_int_equal(s.stream.max_flows, 99);
	assert_int_equal(s.decode.checksums, CHECKSUM_NONE);	/* the last one counts */
	assert_true(s.capture.follow);
	config_free(&s);
	options_free(&o);

	read_line(&o, &e, "-T -k maybe -c /nonexistent");
	assert_int_equal(o.job, OPTIONS_TEST);
	options_settings(&o, &s, &e, &usage);
	assert_int_equal(e.n, 1);
	assert_int_equal(usage.n, 1);
	assert_string_equal(usage.first->text,
	    "-k maybe: decode.checksums must be none, all or auto, not 'maybe'");
	err_free(&e);
	err_free(&usage);
	config_free(&s);
	options_free(&o);
}

static void
wrong_usage_says_what_was_meant(void **unused)
{
	(void)unused;
	assert_string_equal(problem("-T"), "");
	assert_string_equal(problem("--dump-config"), "");
	assert_string_equal(problem("-h"), "");
	assert_string_equal(problem("--version"), "");
	assert_non_null(strstr(problem(""), "nothing to do"));
	assert_non_null(strstr(problem("tcp"), "nothing to do"));
	assert_non_null(strstr(problem("-r a -i b"), "not both"));
	assert_string_equal(problem("-r a --folow"), "there is no option --folow; did you mean --follow?");
	assert_string_equal(problem("-r a --dump-confg=x"), "there is no option --dump-confg=x; did you mean --dump-config?");
	assert_string_equal(problem("-r a --follow=yes"), "option --follow takes no value");
	assert_string_equal(problem("-r a -x"), "there is no option -x (thermowell -h shows all)");
	assert_string_equal(problem("-r a --zzzzzzzz"), "there is no option --zzzzzzzz (thermowell -h shows all)");
	assert_string_equal(problem("-qr"), "option -r needs a value (thermowell -h)");
	assert_string_equal(problem("--set"), "option --set needs a value (thermowell -h)");
	assert_string_equal(problem("/etc/x.pcap"), "'/etc/x.pcap': there is no such file (a FILTER that looks like one goes after --)");
	assert_string_equal(problem("-r / x.pcap"), "'x.pcap': there is no such file (a FILTER that looks like one goes after --)");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_after_r_are_files_while_they_exist),
		cmocka_unit_test(after_two_dashes_all_is_filter),
		cmocka_unit_test(several_interfaces_and_the_line_over_the_table),
		cmocka_unit_test(wrong_usage_says_what_was_meant),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
