/* Which files a list of names means, and what stands beside rules: rules switched on and
 * off, limits and suppressions from outside, variables that nobody asks for. */
#include "rule_kit.h"

#include <sys/stat.h>
#include <unistd.h>

#include "detect/rules/shipped.h"

static char folder[] = "/tmp/rules-XXXXXX";

static const char *
put(const char *name, const char *text)
{
	static char path[16][96];
	static unsigned at;
	char *to = path[at++ % 16];
	FILE *f;

	(void)snprintf(to, 96, "%s/%s", folder, name);
	f = fopen(to, "w");
	assert_non_null(f);
	fputs(text, f);
	assert_int_equal(fclose(f), 0);
	return to;
}

static void
load(struct kit *k, const struct rules_settings *s)
{
	const struct rules_from from = { .lookup = &engine_names, .settings = s };

	*k = (struct kit){ 0 };
	assert_true(rules_load_settings(&k->set, &from, &k->problems, &k->notes));
}

static const struct rule *
rule_of(const struct kit *k, uint32_t sid)
{
	for (uint32_t i = 0; i < k->set.n_rules; i++)
		if (k->set.rules[i].meta.sid == sid)
			return &k->set.rules[i];
	return NULL;
}

static bool
told(const struct err *e, const char *what)
{
	for (const struct err_item *it = e->first; it != NULL; it = it->next)
		if (strstr(it->text, what) != NULL)
			return true;
	return false;
}

static int
make(void **unused)
{
	(void)unused;
	if (mkdtemp(folder) == NULL)
		return -1;
	put("a.rules", "alert tcp any any -> any any (msg:\"a\"; content:\"x\"; sid:1; metadata:team ops;)\n"
	    "# alert tcp any any -> any any (msg:\"off\"; content:\"y\"; sid:2;)\n"
	    "# a remark about alert 3\n");
	put("b.rules", "alert tcp any any -> any any (msg:\"b heart\"; content:\"x\"; sid:3; threshold:type both,track by_dst,count 9,seconds 9;)\n");
	put("c.txt", "alert tcp any any -> any any (msg:\"c\"; content:\"x\"; sid:4;)\n");
	return 0;
}

static int
clear(void **unused)
{
	static const char *const names[] = { "a.rules", "b.rules", "v.rules", "c.txt", "off", "on", "group", "wrong",
	    "threshold.config" };
	char path[96];

	(void)unused;
	for (size_t i = 0; i < COUNTOF(names); i++) {
		(void)snprintf(path, sizeof(path), "%s/%s", folder, names[i]);
		(void)unlink(path);
	}
	return rmdir(folder);
}

static void
folders_and_patterns(void **unused)
{
	char files[512];
	struct kit k;

	(void)unused;
	load(&k, &(struct rules_settings){ .files = folder });
	assert_int_equal(k.set.n_rules, 2);
	kit_free(&k);
	(void)snprintf(files, sizeof(files), "%s/*.txt,%s/[ab].rules,%s", folder, folder, folder);
	load(&k, &(struct rules_settings){ .files = files });
	assert_int_equal(k.set.n_rules, 3);
	assert_int_equal(k.set.n_duplicates, 0);
	kit_free(&k);
	(void)snprintf(files, sizeof(files), "%s/*.nothing", folder);
	load(&k, &(struct rules_settings){ .files = files });
	assert_true(told(&k.problems, "no file is called so"));
	kit_free(&k);
}

/* Wherever the program runs. */
static void
shipped_rules_are_found(void **unused)
{
	struct kit k;
	uint32_t n = 0;

	(void)unused;
	load(&k, &(struct rules_settings){ .files = "auto" });
	assert_true(k.set.n_rules + k.set.n_skipped > 50);	/* without nDPI some are left out */
	assert_int_equal(k.problems.n, 0);
	kit_free(&k);
	for (const struct shipped_file *f = shipped_files; f->name != NULL; f++) {
		assert_true(kit_read(&k, (const char *)f->text, f->n, NULL));
		assert_int_equal(k.problems.n, 0);
		n += k.set.n_rules + k.set.n_skipped;
		kit_free(&k);
	}
	assert_true(n > 50);
}

static void
switched_on_and_off(void **unused)
{
	const char *off = put("off", "# some\n1:1, 99 # one\nre:HEART\n"), *on = put("on", "2\nmetadata: team ops\n");
	const char *group = put("group", "group:b\n"), *wrong = put("wrong", "nonsense\n");
	struct kit k;

	(void)unused;
	load(&k, &(struct rules_settings){ .files = folder, .disable = off });
	assert_int_equal(k.set.n_rules, 0);
	assert_int_equal(k.set.n_disabled, 2);
	kit_free(&k);
	load(&k, &(struct rules_settings){ .files = folder, .disable = off, .enable = on });
	assert_int_equal(k.set.n_rules, 2);
	assert_non_null(rule_of(&k, 1));
	assert_non_null(rule_of(&k, 2));
	assert_int_equal(rule_of(&k, 2)->meta.line, 2);
	assert_int_equal(k.problems.n, 0);
	kit_free(&k);
	load(&k, &(struct rules_settings){ .files = folder, .disable = group });
	assert_int_equal(k.set.n_rules, 1);
	assert_null(rule_of(&k, 3));
	kit_free(&k);
	load(&k, &(struct rules_settings){ .files = folder, .disable = wrong });
	assert_true(told(&k.problems, "a line is sid, gid:sid"));
	kit_free(&k);
}

static void
limits_from_outside(void **unused)
{
	const char *file = put("threshold.config", "# limits\n"
	    "suppress gen_id 1, sig_id 1, track by_src, ip [10.0.0.0/8,$HOME_NET]\n"
	    "suppress gen_id 0, sig_id 0, track by_either, ip 192.0.2.1\n"
	    "event_filter gen_id 1, sig_id 3, type limit, \\\n  track by_src, count 2, seconds 60\n"
	    "suppress gen_id 1, sig_id 77\n"
	    "rate_filter gen_id 1, sig_id 1, track by_src, count 1, seconds 1, new_action drop, timeout 1\n"
	    "suppress gen_id 1, sig_id 1, track by_nobody, ip 10.0.0.1\n");
	const struct rule *r;
	struct kit k;

	(void)unused;
	load(&k, &(struct rules_settings){ .files = folder, .thresholds = file });
	r = rule_of(&k, 1);
	assert_non_null(r);
	assert_int_equal(r->n_suppress, 2);
	assert_int_equal(r->suppress[0].side, SIDE_SRC);
	r = rule_of(&k, 3);
	assert_int_equal(r->n_suppress, 1);
	assert_int_equal(r->opts[r->n_opts - 1].word, RW_THRESHOLD);
	assert_int_equal(r->opts[r->n_opts - 1].threshold.type, THRESHOLD_LIMIT);
	assert_int_equal(r->opts[r->n_opts - 1].threshold.count, 2);
	for (uint32_t i = 0; i + 1 < r->n_opts; i++)
		assert_int_not_equal(r->opts[i].word, RW_THRESHOLD);
	assert_true(told(&k.notes, "no rule has the number 1:77"));
	assert_true(told(&k.notes, "rate_filter"));
	assert_int_equal(k.problems.n, 1);
	assert_int_equal(k.problems.first->line, 8);
	kit_free(&k);
}

static void
variables_nobody_asks_for(void **unused)
{
	struct setting_var of[] = {
		{ .name = "MODBUS_CLEINT", .value = "10.0.0.1", .file = "c.yaml", .line = 3, .column = 5 },
		{ .name = "DNP3_CLIENT", .value = "10.0.0.2", .file = "c.yaml", .line = 4, .column = 5 },
		{ .name = "MINE", .value = "10.0.0.3", .file = "c.yaml", .line = 5, .column = 5 },
	};
	const char *file = put("v.rules", "alert tcp $MINE any -> any any (sid:9;)\n");
	struct kit k;

	(void)unused;
	load(&k, &(struct rules_settings){ .files = file, .addresses = { of, COUNTOF(of) } });
	assert_int_equal(k.notes.n, 1);
	assert_true(told(&k.notes, "MODBUS_CLEINT; did you mean 'MODBUS_CLIENT'?"));
	assert_int_equal(k.notes.first->line, 3);
	kit_free(&k);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(folders_and_patterns),
		cmocka_unit_test(shipped_rules_are_found),
		cmocka_unit_test(limits_from_outside),
		cmocka_unit_test(switched_on_and_off),
		cmocka_unit_test(variables_nobody_asks_for),
	};

	return cmocka_run_group_tests(tests, make, clear);
}
