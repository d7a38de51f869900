/* Unit tests of config: the table, the YAML file, --set, --dump-config. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "config/aliases.h"
#include "config/config.h"
#include "config/lists.h"
#include "config/table.h"

static char path[64];

static int
make_path(void **unused)
{
	int fd;

	(void)unused;
	(void)snprintf(path, sizeof(path), "/tmp/thermowell-test-XXXXXX");
	fd = mkstemp(path);
	return fd < 0 ? -1 : close(fd);
}

static int
drop_path(void **unused)
{
	(void)unused;
	return unlink(path);
}

static void
write_file(const char *text, size_t n)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	assert_int_equal(fwrite(text, 1, n, f), n);
	assert_int_equal(fclose(f), 0);
}

/* All problems of a file, without its name: "line:column: text\n" each. */
static const char *
problems_of(const char *text)
{
	static char out[8192];
	struct settings s;
	struct err e = { 0 };
	size_t n = 0;

	write_file(text, strlen(text));
	config_defaults(&s);
	config_file(&s, path, &e);
	out[0] = '\0';
	for (const struct err_item *it = e.first; it != NULL; it = it->next) {
		assert_string_equal(it->file, path);
		n += (size_t)snprintf(out + n, sizeof(out) - n, "%d:%d: %s\n", it->line,
		    it->column, it->text);
		assert_true(n < sizeof(out));
	}
	err_free(&e);
	config_free(&s);
	return out;
}

/* The first problem of one assignment, or "". */
static const char *
problem_of_set(struct settings *s, const char *assignment)
{
	static char out[1024];
	struct err e = { 0 };

	config_set(s, assignment, "--set", &e);
	(void)snprintf(out, sizeof(out), "%s", e.n > 0 ? e.first->text : "");
	err_free(&e);
	return out;
}

static void
every_row_is_sound(void **unused)
{
	struct settings s, zero;
	char why[256], buf[64];

	(void)unused;
	memset(&zero, 0, sizeof(zero));
	config_defaults(&s);
	assert_true(setting_count > 30 && setting_count <= 256);
	for (unsigned i = 0; i < setting_count; i++) {
		const struct setting *row = &setting_rows[i];
		size_t n = strlen(row->doc);

		assert_true(strlen(row->name) < SETTING_NAME_MAX);
		assert_ptr_equal(setting_find(row->name), row);	/* no name twice */
		assert_false(setting_is_section(row->name));
		assert_null(strchr(row->name, '_'));
		assert_true(n > 10 && row->doc[n - 1] == '.');
		assert_true(setting_take(row, &s, row->fallback, why, sizeof(why)));
		assert_string_equal(setting_show(row, &s, buf, sizeof(buf)), row->fallback);
		for (unsigned k = 0; k < i; k++)	/* no field twice */
			assert_true(setting_rows[k].offset != row->offset);
	}
	config_free(&s);
}

static void
every_field_of_the_struct_has_a_row(void **unused)
{
	struct settings s;
	uint8_t taken[sizeof(struct settings)] = { 0 };
	size_t untaken = 0;

	(void)unused;
	config_defaults(&s);
	for (unsigned i = 0; i < setting_count; i++) {
		enum setting_kind k = setting_rows[i].kind;

		memset(taken + setting_rows[i].offset, 1,
		    k == SETTING_YES_NO || k == SETTING_FLAG ? sizeof(bool) : 8);
	}
	for (unsigned i = 0; i < setting_list_count; i++) {
		const struct setting_list *l = &setting_lists[i];
		struct list_row room;

		memset(taken + l->count_at, 1, 8);
		for (unsigned k = 0; k < l->max; k++) {
			memset(taken + l->position_at + k * l->stride, 1, sizeof(struct setting_position));
			for (unsigned r = 0; r < l->n_rows; r++)
				memset(taken + config_list_row(l, k, r, &room)->offset, 1, 8);
		}
	}
	/* Free keys have no rows, and this one points to others. */
	memset(taken + offsetof(struct settings, capture.tunnels), 1, sizeof(void *));
	memset(taken + offsetof(struct settings, rules.addresses), 1, sizeof(s.rules.addresses));
	memset(taken + offsetof(struct settings, rules.ports), 1, sizeof(s.rules.ports));
	/* What is left may only be padding behind bools: never 8 bytes in a row. */
	for (size_t i = 0; i < sizeof(taken); i++) {
		untaken = taken[i] ? 0 : untaken + 1;
		assert_true(untaken < 8);
	}
	config_free(&s);
}

static void
range_ends_are_in_and_one_beyond_is_out(void **unused)
{
	struct settings s;
	char why[512], text[32];

	(void)unused;
	config_defaults(&s);
	for (unsigned i = 0; i < setting_count; i++) {
		const struct setting *row = &setting_rows[i];

		if (row->kind != SETTING_NUMBER)
			continue;
		assert_true(row->min < row->max);
		(void)snprintf(text, sizeof(text), "%llu", (unsigned long long)row->min);
		assert_true(setting_take(row, &s, text, why, sizeof(why)));
		(void)snprintf(text, sizeof(text), "%llu", (unsigned long long)row->max);
		assert_true(setting_take(row, &s, text, why, sizeof(why)));
		(void)snprintf(text, sizeof(text), "%llu", (unsigned long long)row->max + 1);
		assert_false(setting_take(row, &s, text, why, sizeof(why)));
		assert_non_null(strstr(why, "out of range"));
		assert_false(setting_take(row, &s, "-1", why, sizeof(why)));
		assert_false(setting_take(row, &s, "", why, sizeof(why)));
		assert_false(setting_take(row, &s, "5k", why, sizeof(why)));
		/* 2^64 + 1000 must not wrap into the range. */
		assert_false(setting_take(row, &s, "18446744073709552616", why, sizeof(why)));
	}
	config_free(&s);
}

static void
a_file_sets_what_it_names_and_leaves_the_rest(void **unused)
{
	struct settings s;
	struct err e = { 0 };
	const char *text =
	    "capture:\n"
	    "  snaplen: 256\n"
	    "  filter: \"port 502\"\n"
	    "  promiscuous: off\n"
	    "decode:\n"
	    "  checksums: all\n"
	    "  dedup: { window_us: 50 }\n"
	    "stream:\n"
	    "  overlap: last\n"
	    "  timeouts:\n"
	    "    tcp-new: 7\n"
	    "dissect:\n"
	    "naming: ~\n"
	    "outputs.eve.community-id-seed: 9\n"
	    "outputs:\n"
	    "  eve:\n"
	    "    types: [modbus, 'stats' , flow]\n";

	(void)unused;
	write_file(text, strlen(text));
	config_defaults(&s);
	config_file(&s, path, &e);
	assert_int_equal(e.n, 0);
	assert_int_equal(s.capture.snaplen, 256);
	assert_string_equal(s.capture.filter, "port 502");
	assert_false(s.capture.promiscuous);
	assert_int_equal(s.decode.checksums, CHECKSUM_ALL);
	assert_int_equal(s.decode.dedup_window_us, 50);
	assert_true(s.decode.dedup);
	assert_true(s.stream.overlap_last_wins);
	assert_int_equal(s.stream.tcp_new_timeout_s, 7);
	assert_int_equal(s.output.community_seed, 9);
	assert_string_equal(s.output.eve_types, "modbus,stats,flow");
	assert_string_equal(s.output.eve_file, "eve.json");
	assert_null(s.output.sensor);
	config_free(&s);
}

static void
all_problems_are_found_in_one_pass_with_their_place(void **unused)
{
	(void)unused;
	assert_string_equal(problems_of(
	    "capture:\n"
	    "  snaplen: lots\n"
	    "  buffer: 99999\n"
	    "  snaplne: 5\n"
	    "  promiscuous: maybe\n"
	    "  buffer: 5\n"
	    "stream: 5\n"
	    "streams:\n"
	    "  max-flows: 5\n"
	    "answer-timeout-ms: 5\n"
	    "dissect:\n"
	    "  arena: [1, 2]\n"
	    "  pending:\n"
	    "outputs:\n"
	    "  eve:\n"
	    "    types: [a b, c]\n"
	    "    file: ''\n"
	    "decode:\n"
	    "  checksums: some\n"
	    "? [x]\n"
	    ": y\n"
	    "decode:\n"
	    "  zzzzzzzzzzzz: 1\n"),
	    "2:12: capture.snaplen must be a whole number, 64 to 262144 bytes, not 'lots'\n"
	    "3:11: capture.buffer is out of range: it must be 1 to 4096 MiB, not 99999\n"
	    "4:3: there is no setting 'capture.snaplne'; did you mean 'capture.snaplen'?\n"
	    "5:16: capture.promiscuous must be yes or no, not 'maybe'\n"
	    "6:3: capture.buffer is set twice; the first time in line 3\n"
	    "7:9: stream is a section: its settings belong below it, indented; this is a single value\n"
	    "8:1: there is no setting 'streams'; did you mean 'stream'?\n"
	    "10:1: there is no setting 'answer-timeout-ms'; did you mean 'dissect.answer-timeout-ms'?\n"
	    "12:10: dissect.arena takes a single value; this is a list\n"
	    "13:3: dissect.pending has no value; give it one or take the line out\n"
	    "16:13: outputs.eve.types: 'a b' is not a record type; did you mean 'all'?\n"
	    "16:18: outputs.eve.types: 'c' is not a record type; did you mean 'all'?\n"
	    "17:11: outputs.eve.file may not be empty\n"
	    "19:14: decode.checksums must be none, all or auto, not 'some'\n"
	    "20:3: a name is expected here; this is a list\n"
	    "22:1: section decode appears twice; the first time in line 18\n"
	    "23:3: there is no setting 'decode.zzzzzzzzzzzz' (--dump-config shows all)\n");
}

static void
files_that_are_no_settings_are_refused_with_a_reason(void **unused)
{
	struct settings s;
	struct err e = { 0 };

	(void)unused;
	assert_string_equal(problems_of(""), "");
	assert_string_equal(problems_of("# nothing\n"), "");
	assert_string_equal(problems_of("~\n"), "");
	assert_string_equal(problems_of("- a\n- b\n"),
	    "1:1: the file must be made of `name: value` lines; this is a list\n");
	assert_string_equal(problems_of("capture:\n  snaplen: 100\n---\nstream:\n"),
	    "4:1: a second document (after ---) is not read; put everything into the first\n");
	assert_non_null(strstr(problems_of("capture:\n\tsnaplen: 100\n"), "2:1: not valid YAML: "));
	assert_non_null(strstr(problems_of("capture: {snaplen: 100\n"), "not valid YAML: "));
	assert_non_null(strstr(problems_of("capture: *nowhere\n"), "1:10: not valid YAML: "));
	assert_non_null(strstr(problems_of("a\xff\n"), "not a text file: "));
	assert_non_null(strstr(problems_of("capture: \xc3\x28\n"), "not a text file: "));
	/* A mapping that holds itself. */
	assert_non_null(strstr(problems_of("outputs: &o\n  eve: *o\n"), "outputs.eve.eve"));
	assert_non_null(strstr(problems_of("capture:\n  filter: \"a\\0b\"\n"), "NUL"));

	config_defaults(&s);
	config_file(&s, "/tmp", &e);
	config_file(&s, "/nonexistent/x.yaml", &e);
	assert_int_equal(e.n, 2);
	assert_non_null(strstr(e.first->text, "is a folder"));
	assert_non_null(strstr(e.last->text, "No such file"));
	err_free(&e);
	config_free(&s);
}

static void
set_takes_one_assignment(void **unused)
{
	struct settings s;

	(void)unused;
	config_defaults(&s);
	assert_string_equal(problem_of_set(&s, "outputs.eve.types=all"), "");
	assert_string_equal(s.output.eve_types, "all");
	assert_string_equal(problem_of_set(&s, "outputs.eve.types= flow , stats"), "");
	assert_string_equal(s.output.eve_types, "flow,stats");
	assert_string_equal(problem_of_set(&s, "capture.filter=tcp[13] = 2"), "");
	assert_string_equal(s.capture.filter, "tcp[13] = 2");
	assert_string_equal(problem_of_set(&s, "capture.filter="), "");
	assert_null(s.capture.filter);
	assert_string_equal(problem_of_set(&s, "stream.max_flows=100"), "");
	assert_int_equal(s.stream.max_flows, 100);
	assert_string_equal(problem_of_set(&s, "stream.maxflows=100"),
	    "--set stream.maxflows=100: there is no setting 'stream.maxflows'; did you mean 'stream.max-flows'?");
	assert_non_null(strstr(problem_of_set(&s, "stream=100"), "stream is a section"));
	assert_non_null(strstr(problem_of_set(&s, "stream.max-flows"), "name=value"));
	assert_non_null(strstr(problem_of_set(&s, "=1"), "name=value"));
	assert_non_null(strstr(problem_of_set(&s, "stream.max-flows=1"), "out of range"));
	assert_non_null(strstr(problem_of_set(&s, "sensor.name=\xff"), "UTF-8"));
	assert_non_null(strstr(problem_of_set(&s, "outputs.eve.types=a,,b"), "separated by commas"));
	assert_int_equal(s.stream.max_flows, 100);
	config_free(&s);
}

/* Each former name leads to a row or a section that exists, is no name of today, and is shown. */
static void
former_names_work(void **unused)
{
	static const struct { const char *former, *present; } all[] = {
#define ALIAS(former, present) { former, present },
#include "config/aliases.def"
	};
	static const char yaml[] = "detect:\n  newcomer: no\n  newcomer_settle: 77\n  unasked:\n    count: 9\n  unsolicited:\n    within: 33\n";
	char to[SETTING_NAME_MAX];
	struct settings s;
	struct err e = { 0 };

	(void)unused;
	for (size_t i = 0; i < COUNTOF(all); i++) {
		assert_null(setting_find(all[i].former));
		assert_false(setting_is_section(all[i].former));
		assert_true(setting_find(all[i].present) != NULL || setting_is_section(all[i].present));
		assert_true(setting_renamed(all[i].former, to));
		assert_string_equal(to, all[i].present);
		assert_false(setting_renamed(all[i].present, to));
		assert_true(setting_former_name(all[i].present, to));
		assert_string_equal(to, all[i].former);
	}
	assert_false(setting_renamed("detect.newcomers", to));
	assert_false(setting_renamed("x", to));
	config_defaults(&s);
	write_file(yaml, sizeof(yaml) - 1);
	config_file(&s, path, &e);
	assert_int_equal(e.n, 0);
	assert_false(s.detect.new_clients);
	assert_int_equal(s.detect.new_clients_learning_s, 77);
	assert_int_equal(s.detect.unsolicited.n, 9);
	assert_int_equal(s.detect.unsolicited.within_s, 33);
	assert_string_equal(problem_of_set(&s, "detect.newcomer-term=5"), "");
	assert_int_equal(s.detect.new_clients_forget_s, 5);
	assert_string_equal(problem_of_set(&s, "detect.unasked.count=3"), "");
	assert_int_equal(s.detect.unsolicited.n, 3);
	assert_non_null(strstr(problem_of_set(&s, "detect.newcomer-term=0"), "detect.new-clients-forget-after is out of range"));
	assert_non_null(strstr(problem_of_set(&s, "detect.newcomer-terms=5"), "did you mean 'detect.new-clients-forget-after'?"));
	config_free(&s);
	/* One setting by both names is set twice. */
	assert_string_equal(problems_of("detect:\n  newcomer: no\n  new-clients: no\n"),
	    "3:3: detect.new-clients is set twice; the first time in line 2\n");
}

/* Print, read back into defaults, compare every row. */
static void
round_trip(const struct settings *s)
{
	struct settings back;
	struct err e = { 0 };
	char a[64], b[64];
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	config_print(s, f);
	assert_int_equal(fclose(f), 0);
	config_defaults(&back);
	config_file(&back, path, &e);
	err_print(&e, stderr);
	assert_int_equal(e.n, 0);
	for (unsigned i = 0; i < setting_count; i++)
		assert_string_equal(setting_show(&setting_rows[i], s, a, sizeof(a)),
		    setting_show(&setting_rows[i], &back, b, sizeof(b)));
	for (unsigned i = 0; i < setting_list_count; i++) {
		const struct setting_list *l = &setting_lists[i];
		struct list_row room;

		assert_int_equal(config_list_count(l, s), config_list_count(l, &back));
		for (unsigned k = 0; k < config_list_count(l, s); k++)
			for (unsigned r = 0; r < l->n_rows; r++) {
				const struct setting *row = config_list_row(l, k, r, &room);

				assert_string_equal(setting_show(row, s, a, sizeof(a)),
				    setting_show(row, &back, b, sizeof(b)));
			}
	}
	config_free(&back);
}

/* Names in a configuration are seen from its folder; what is only in the working folder is
 * taken from there. */
static void
input_files_are_looked_for_beside_the_configuration(void **unused)
{
	char dir[] = "/tmp/thermowell-dir-XXXXXX", here[4096], want[512], command[128];
	struct settings s;
	struct err e = { 0 };
	FILE *f;

	(void)unused;
	assert_non_null(mkdtemp(dir));
	assert_non_null(getcwd(here, sizeof(here)));
	assert_int_equal(chdir(dir), 0);
	assert_int_equal(mkdir("etc", 0700), 0);
	assert_int_equal(close(open("etc/beside.rules", O_CREAT | O_WRONLY, 0600)), 0);
	assert_int_equal(close(open("etc/two.rules", O_CREAT | O_WRONLY, 0600)), 0);
	assert_int_equal(close(open("two.rules", O_CREAT | O_WRONLY, 0600)), 0);
	assert_int_equal(close(open("work.rules", O_CREAT | O_WRONLY, 0600)), 0);
	assert_int_equal(close(open("places.mmdb", O_CREAT | O_WRONLY, 0600)), 0);
	f = fopen("etc/c.yaml", "w");
	assert_non_null(f);
	fputs("rules:\n  files: [auto, beside.rules, two.rules, work.rules, missing.rules, /abs.rules]\n"
	    "  classification: classes.config\ngeoip:\n  database: places.mmdb\n"
	    "outputs:\n  eve:\n    file: eve.json\n", f);
	assert_int_equal(fclose(f), 0);
	config_defaults(&s);
	(void)snprintf(want, sizeof(want), "%s/etc/c.yaml", dir);
	config_file(&s, want, &e);
	assert_int_equal(e.n, 0);
	(void)snprintf(want, sizeof(want), "auto,%s/etc/beside.rules,%s/etc/two.rules,work.rules,"
	    "%s/etc/missing.rules,/abs.rules", dir, dir, dir);
	assert_string_equal(s.rules.files, want);
	(void)snprintf(want, sizeof(want), "%s/etc/classes.config", dir);
	assert_string_equal(s.rules.classification, want);
	assert_string_equal(s.rules.geoip, "places.mmdb");
	assert_string_equal(s.output.eve_file, "eve.json");
	config_free(&s);
	assert_int_equal(chdir(here), 0);
	(void)snprintf(command, sizeof(command), "rm -rf '%s'", dir);
	assert_int_equal(system(command), 0);
}

static void
what_is_printed_loads_back_the_same(void **unused)
{
	struct settings s;
	char why[256], text[32];

	(void)unused;
	config_defaults(&s);
	round_trip(&s);
	/* Every row away from its default. */
	for (unsigned i = 0; i < setting_count; i++) {
		const struct setting *row = &setting_rows[i];
		const char *value = text;

		switch (row->kind) {
		case SETTING_YES_NO: value = strcmp(row->fallback, "yes") == 0 ? "no" : "yes"; break;
		case SETTING_NUMBER:
			(void)snprintf(text, sizeof(text), "%llu", (unsigned long long)row->max);
			break;
		case SETTING_WORD:
		case SETTING_FLAG: value = strrchr(row->words, '|') + 1; break;
		case SETTING_TEXT: value = row->input ? "/etc/c.config" : " a: \"b\" \\ # 'c'\n\t\x01\x7f \xc2\x85\xc3\xa9\xe2\x80\xa8\xef\xbb\xbf\xf0\x9f\x8c\xa1 "; break;
		case SETTING_LIST: value = row->max > 0 ? "1,65535,502" :
		    row->input ? "/a.rules,/b/*.rules" : "modbus,flow,stats"; break;
		}
		assert_true(setting_take(row, &s, value, why, sizeof(why)));
	}
	/* As many entries of each list as there can be. */
	for (unsigned i = 0; i < setting_list_count; i++) {
		const struct setting_list *l = &setting_lists[i];
		struct list_row room;

		for (unsigned k = 0; k < l->max; k++) {
			assert_true(config_list_begin(l, &s, NULL, 0, 0, why, sizeof(why)));
			for (unsigned r = 0; r < l->n_rows; r++) {
				const struct setting *row = config_list_row(l, k, r, &room);
				const char *value = row->kind == SETTING_TEXT ? "\"a\"\n" :
				    row->kind == SETTING_YES_NO ? (k % 2 == 0 ? "yes" : "no") :
				    row->is == config_is_asset ? "10.1.0.0/16,00:1b:1b:23:eb:3b" :
				    row->is == config_is_network ? "10.1.0.0/16,fd00::/8" :
				    row->is == config_is_intent ? "read,program-write" :
				    row->may_be_empty && k % 2 == 0 ? "" :
				    strstr(row->name, ".protocols") != NULL ? "modbus,s7comm-plus" :
				    row->kind == SETTING_LIST ? "flow,stats" : text;

				(void)snprintf(text, sizeof(text), "%llu", (unsigned long long)row->max - k);
				if (row->kind == SETTING_WORD)
					(void)snprintf(text, sizeof(text), "%.*s", (int)strcspn(row->words, "|"), row->words);
				assert_true(setting_take(row, &s, value, why, sizeof(why)));
			}
		}
		assert_false(config_list_begin(l, &s, NULL, 0, 0, why, sizeof(why)));
		assert_non_null(strstr(why, "has at most"));
	}
	round_trip(&s);
	config_free(&s);
}

static void
a_sink_takes_only_what_its_transport_has(void **unused)
{
	struct settings s;
	struct err e = { 0 };

	(void)unused;
	config_defaults(&s);
	config_set(&s, "outputs.sinks.0.name=a", "--set", &e);
	config_set(&s, "outputs.sinks.0.target=a.json", "--set", &e);
	/* A default asks for nothing. */
	config_set(&s, "outputs.sinks.0.spool=no", "--set", &e);
	config_set(&s, "outputs.sinks.0.rotate-size=10", "--set", &e);
	config_check_sinks(&s, &e);
	assert_int_equal(e.n, 0);
	config_set(&s, "outputs.sinks.0.spool=yes", "--set", &e);
	config_set(&s, "outputs.sinks.0.topic=t", "--set", &e);
	config_check_sinks(&s, &e);
	assert_int_equal(e.n, 2);
	assert_string_equal(e.first->text, "outputs.sinks.0.spool is for one whose lines wait on the disk; the transport \"file\" has nothing to do with it");
	assert_string_equal(e.last->text, "outputs.sinks.0.topic is for Kafka; the transport \"file\" has nothing to do with it");
	err_free(&e);
	config_set(&s, "outputs.sinks.0.transport=unix-stream", "--set", &e);
	config_check_sinks(&s, &e);
	assert_int_equal(e.n, 2);
	assert_non_null(strstr(e.first->text, "rotate-size is for a file"));
	err_free(&e);
	config_free(&s);
}

static void
a_list_of_sections_is_read_entry_by_entry(void **unused)
{
	static const char text[] = "outputs:\n  sinks:\n    - name: siem\n      transport: unix-dgram\n"
	    "      target: /run/siem\n      types: [alert, stats]\n    - {name: b, target: b.json, severity: 2}\n";
	struct settings s;
	struct err e = { 0 };

	(void)unused;
	write_file(text, sizeof(text) - 1);
	config_defaults(&s);
	assert_int_equal(s.output.n_sinks, 0);
	config_file(&s, path, &e);
	assert_int_equal(e.n, 0);
	assert_int_equal(s.output.n_sinks, 2);
	assert_string_equal(s.output.sinks[0].name, "siem");
	assert_int_equal(s.output.sinks[0].transport, OUTPUT_TRANSPORT_UNIX_DGRAM);
	assert_string_equal(s.output.sinks[0].types, "alert,stats");
	assert_int_equal(s.output.sinks[0].severity, 255);
	assert_string_equal(s.output.sinks[1].target, "b.json");
	assert_string_equal(s.output.sinks[1].types, "auto");
	assert_int_equal(s.output.sinks[1].severity, 2);
	assert_string_equal(s.output.sinks[1].at.file, path);
	assert_int_equal(s.output.sinks[1].at.line, 7);
	assert_int_equal(s.output.sinks[1].at.column, 7);
	/* On top of that, and one more. */
	assert_string_equal(problem_of_set(&s, "outputs.sinks.1.target=c.json"), "");
	assert_string_equal(problem_of_set(&s, "outputs.sinks.2.name=c"), "");
	assert_string_equal(problem_of_set(&s, "outputs.sinks.2.retry=5"), "");
	assert_int_equal(s.output.n_sinks, 3);
	assert_string_equal(s.output.sinks[1].target, "c.json");
	assert_string_equal(s.output.sinks[2].name, "c");
	assert_int_equal(s.output.sinks[2].retry_s, 5);
	assert_int_equal(s.output.sinks[2].queue_kib, 4096);
	assert_null(s.output.sinks[2].target);
	assert_non_null(strstr(problem_of_set(&s, "outputs.sinks.4.name=c"), "the next one is outputs.sinks.3.NAME"));
	assert_non_null(strstr(problem_of_set(&s, "outputs.sinks.2.nme=c"), "did you mean 'name'?"));
	assert_non_null(strstr(problem_of_set(&s, "outputs.sinks=c"), "is a list"));
	assert_non_null(strstr(problem_of_set(&s, "outputs.sinks.c=1"), "numbered from 0"));
	assert_non_null(strstr(problem_of_set(&s, "outputs.sinks.99999999999999999999.name=1"), "numbered from 0"));
	assert_int_equal(s.output.n_sinks, 3);
	config_free(&s);
	/* Every problem at once, with its place. */
	assert_string_equal(problems_of("outputs:\n  sinks:\n    - name: a\n      transport: unix-strem\n      traget: x\n"
	    "      types: [alert, statz]\n    - 5\n    - name: a\n      name: b\n      severity: 0\n  sinks: []\n"),
	    "4:18: outputs.sinks.0.transport must be file, unix-stream or unix-dgram, not 'unix-strem'; did you mean 'unix-stream'?\n"
	    "5:7: an entry of outputs.sinks has no 'traget'; did you mean 'target'?\n"
	    "6:22: outputs.sinks.0.types: 'statz' is not a record type; did you mean 'stats'?\n"
	    "7:7: an entry of outputs.sinks is made of `name: value` lines; this is a single value\n"
	    "9:7: outputs.sinks.1.name is set twice; the first time in line 8\n"
	    "10:17: outputs.sinks.1.severity is out of range: it must be 1 to 255, not 0\n"
	    "11:3: the list outputs.sinks appears twice; the first time in line 2\n");
	assert_string_equal(problems_of("outputs:\n  sinks:\n"), "");
	assert_string_equal(problems_of("outputs:\n  sinks: {name: a}\n"),
	    "2:10: outputs.sinks is a list: each of its entries begins with `- `; this is a section\n");
}

/* Zones and conduits: lists of sections at the top of the file. */
static void
zones_and_conduits(void **unused)
{
	static const char text[] =
	    "zones:\n  - name: control\n    subnets: [10.1.0.0/16, \"fd00::/64\", 10.2.0.9]\n    level: 1\n"
	    "    criticality: high\n  - name: office\n    subnets: 192.168.0.0/24\n"
	    "conduits:\n  - from: office\n    to: [control]\n    protocols: [modbus, tcp/443]\n    intents: [read]\n"
	    "  - from: []\n";
	struct settings s;
	struct err e = { 0 };

	(void)unused;
	write_file(text, sizeof(text) - 1);
	config_defaults(&s);
	config_file(&s, path, &e);
	assert_int_equal(e.n, 0);
	assert_int_equal(s.zones.n, 2);
	assert_string_equal(s.zones.of[0].subnets, "10.1.0.0/16,fd00::/64,10.2.0.9");
	assert_int_equal(s.zones.of[0].level, 2);
	assert_int_equal(s.zones.of[0].criticality, 3);
	assert_int_equal(s.zones.of[1].level, 0);
	assert_int_equal(s.zones.of[1].at.line, 6);
	assert_int_equal(s.zones.n_conduits, 2);
	assert_string_equal(s.zones.conduits[0].protocols, "modbus,tcp/443");
	assert_null(s.zones.conduits[1].from);
	assert_null(s.zones.conduits[1].intents);
	config_free(&s);
	assert_string_equal(problems_of("zones:\n  - name: a\n    subnets: [10.1.0.0/8, x, 10.0.0.0/8]\n    level: 6\n"
	    "    criticality: hgh\n    colour: red\nconduits:\n  - from: a\n    intents: [reed, write]\n"),
	    "3:15: zones.0.subnets: '10.1.0.0/8' has bits set behind its prefix; did you mean '10.0.0.0/8'?\n"
	    "3:27: zones.0.subnets: 'x' is no network: an address, or one with the length of its prefix, as 10.1.0.0/24 or fd00::/64\n"
	    "4:12: zones.0.level must be none, 0, 1, 2, 3, 4 or 5, not '6'\n"
	    "5:18: zones.0.criticality must be none, low, medium, high or critical, not 'hgh'; did you mean 'high'?\n"
	    "6:5: an entry of zones has no 'colour' (--dump-config shows what it has)\n"
	    "9:15: conduits.0.intents: 'reed' is not an intent; did you mean 'read'?\n");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_row_is_sound),
		cmocka_unit_test_setup_teardown(a_list_of_sections_is_read_entry_by_entry, make_path, drop_path),
		cmocka_unit_test(every_field_of_the_struct_has_a_row),
		cmocka_unit_test(range_ends_are_in_and_one_beyond_is_out),
		cmocka_unit_test(a_file_sets_what_it_names_and_leaves_the_rest),
		cmocka_unit_test(all_problems_are_found_in_one_pass_with_their_place),
		cmocka_unit_test(files_that_are_no_settings_are_refused_with_a_reason),
		cmocka_unit_test(set_takes_one_assignment),
		cmocka_unit_test(a_sink_takes_only_what_its_transport_has),
		cmocka_unit_test(former_names_work),
		cmocka_unit_test(input_files_are_looked_for_beside_the_configuration),
		cmocka_unit_test(what_is_printed_loads_back_the_same),
		cmocka_unit_test(zones_and_conduits),
	};

	return cmocka_run_group_tests(tests, make_path, drop_path);
}
