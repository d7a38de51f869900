/* Unit tests of config: the table, the YAML file, --set, --dump-config. */
#include "config_kit.h"

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

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_row_is_sound),
		cmocka_unit_test(every_field_of_the_struct_has_a_row),
		cmocka_unit_test(range_ends_are_in_and_one_beyond_is_out),
		cmocka_unit_test(a_file_sets_what_it_names_and_leaves_the_rest),
		cmocka_unit_test(all_problems_are_found_in_one_pass_with_their_place),
		cmocka_unit_test(files_that_are_no_settings_are_refused_with_a_reason),
		cmocka_unit_test(set_takes_one_assignment),
		cmocka_unit_test(former_names_work),
		cmocka_unit_test(input_files_are_looked_for_beside_the_configuration),
	};

	return cmocka_run_group_tests(tests, make_path, drop_path);
}
