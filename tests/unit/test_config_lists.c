/* Configuration: lists of sections, sinks, zones, what is printed. */
#include "config_kit.h"

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
	assert_string_equal(problems_of("outputs:\n  sinks:\n    - name: a\n      sync: secnd\n      traget: x\n"
	    "      types: [alert, statz]\n    - 5\n    - name: a\n      name: b\n      severity: 0\n  sinks: []\n"),
	    "4:13: outputs.sinks.0.sync must be none, second or alert, not 'secnd'; did you mean 'second'?\n"
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
		cmocka_unit_test_setup_teardown(a_list_of_sections_is_read_entry_by_entry, make_path, drop_path),
		cmocka_unit_test(a_sink_takes_only_what_its_transport_has),
		cmocka_unit_test(what_is_printed_loads_back_the_same),
		cmocka_unit_test(zones_and_conduits),
	};

	return cmocka_run_group_tests(tests, make_path, drop_path);
}
