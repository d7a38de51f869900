/* How many alerts of one kind a minute has, by type, rule and target, and the report of what was
 * held back. */
#include "alert_kit.h"

static void
what_the_limit_holds_back_is_counted(void **unused)
{
	struct alerts *a = open_with(300, 5, 64);

	(void)unused;
	for (unsigned i = 0; i < 30; i++)
		give(a, 100 + i, ALERT_S7_STOP, i);
	give(a, 120, ALERT_CTRL_START, 1);	/* another type has its own limit */
	assert_int_equal(n_seen, 6);
	alerts_tick(a, 161 * SEC);
	assert_int_equal(n_seen, 7);
	assert_int_equal(seen[6].kind, ALERT_SUPPRESSED);
	assert_int_equal(seen[6].suppressed, 25);
	assert_int_equal(seen[6].severity, 1);
	give(a, 162, ALERT_S7_STOP, 99);
	assert_int_equal(n_seen, 8);
	assert_int_equal(counters.v[CNT_ALERT_ALL] + counters.v[CNT_ALERT_SUPPRESSED] +
	    counters.v[CNT_ALERT_MERGED], 32);
	alerts_close(a);
}

static void
rules_have_windows_and_limits_of_their_own(void **unused)
{
	struct alerts *a = open_with(300, 1, 16);
	const struct rule_metadata one = { .gid = 1, .sid = 7, .msg = "one", .category = "", .severity = 2,
	    .techniques = "" };
	const struct rule_metadata two = { .gid = 1, .sid = 8, .msg = "two.", .category = "", .severity = 9,
	    .techniques = "T0855" };
	struct finding f = finding(100, ALERT_RULE, 0);

	(void)unused;
	f.rule = &one;
	alerts_finding(a, &f);
	alerts_finding(a, &f);			/* merged */
	f.rule = &two;
	alerts_finding(a, &f);
	f.key = 1;
	alerts_finding(a, &f);			/* suppressed */
	assert_int_equal(n_seen, 2);
	assert_string_equal(seen[0].signature, "one");
	assert_int_equal(seen[0].severity, 2);
	assert_int_equal(seen[1].severity, 9);
	assert_string_equal(seen[1].techniques, "T0855");
	assert_string_equal(sentences[1], "two: 10.0.0.1 to 10.0.0.2 port 502.");
	alerts_finish(a, 101 * SEC);
	assert_int_equal(n_seen, 4);
	assert_int_equal(seen[2].count + seen[3].suppressed, 3);
	alerts_close(a);
}

static bool
is_seen(uint32_t device)
{
	const uint8_t d[4] = { 10, (uint8_t)(1 + (device >> 16)), (uint8_t)(device >> 8), (uint8_t)device };
	struct addr want = addr_v4(d);

	for (unsigned i = 0; i < n_seen; i++)
		if (seen[i].kind == ALERT_FIRST && addr_same(&flows[i].addr[1], &want))
			return true;
	return false;
}

static void
stops_of_others_do_not_hide_the_real_one(void **unused)
{
	static const bool answers[] = { false, true };

	(void)unused;
	for (unsigned k = 0; k < 2; k++) {
		struct alerts *a = open_with(300, 60, 1024);

		/* More targets than any limit, all within a minute; then one more. */
		for (uint32_t i = 0; i < 3000; i++)
			about(a, 100, ALERT_S7_STOP, i, 1, answers[k]);
		about(a, 101, ALERT_S7_STOP, 60000, 2, false);
		assert_true(is_seen(60000));
		about(a, 101, ALERT_S7_STOP, 60001, 2, true);
		assert_true(is_seen(60001));
		alerts_close(a);
	}
}

static void
what_anybody_can_forge_does_not_use_up_the_share_of_what_answers(void **unused)
{
	struct alerts *a = open_with(300, 60, 1024);
	unsigned alerts;

	(void)unused;
	for (uint32_t i = 0; i < 40000; i++)
		about(a, 100, ALERT_S7_STOP, i, 1, false);
	alerts = n_seen;
	assert_true(alerts < 6000);		/* there is an end to it */
	about(a, 100, ALERT_S7_STOP, 60000, 2, true);
	assert_int_equal(n_seen, alerts + 1);
	/* The same device, 8,000 forged clients, and then one with whom it talks. */
	for (uint32_t i = 0; i < 8000; i++)
		about(a, 100, ALERT_S7_STOP, 60001, i, false);
	alerts = n_seen;
	about(a, 100, ALERT_S7_STOP, 60001, 9000, true);
	assert_int_equal(n_seen, alerts + 1);
	alerts_close(a);
}

static void
units_behind_one_address_are_targets_of_their_own(void **unused)
{
	struct alerts *a = open_with(300, 20, 1024);
	struct flow of = { .id = 3, .addr = { host(1), host(2) }, .port = { 4000, 20000 }, .proto = 6,
	    .packets = { 9, 9 }, .payload = { 90, 90 } };

	(void)unused;
	for (uint32_t unit = 1; unit <= 200; unit++) {
		struct operation op = { .id = unit, .flow = &of, .unit = unit, .proto = OP_DNP3, .function = 13 };
		struct finding f = finding(100, ALERT_CTRL_RESTART, unit);

		f.op = &op;
		f.flow = &of;
		alerts_finding(a, &f);
	}
	assert_int_equal(n_seen, 200);
	alerts_close(a);
}

static void
a_report_names_whom_it_is_about(void **unused)
{
	struct alerts *a = open_with(300, 4, 1024);
	unsigned n;

	(void)unused;
	/* Severity 4: one for each target, up to four times the limit. */
	for (uint32_t i = 0; i < 40; i++)
		about(a, 100, ALERT_MB_EXC_ADDRESS, i, 1, false);
	about(a, 101, ALERT_MB_EXC_ADDRESS, 30, 2, true);
	about(a, 101, ALERT_MB_EXC_ADDRESS, 30, 3, true);
	n = n_seen;
	assert_int_equal(n, 4 + 16 + 1);
	alerts_tick(a, 161 * SEC);
	assert_int_equal(n_seen, n + 1);
	assert_int_equal(seen[n].kind, ALERT_SUPPRESSED);
	assert_int_equal(seen[n].suppressed, 21);
	assert_int_equal(seen[n].n_targets, 20);
	assert_int_equal(seen[n].n_named, ALERT_TARGETS);
	/* The one that answers is named, though others came first. */
	for (unsigned i = 0; i <= ALERT_TARGETS; i++) {
		assert_true(i < ALERT_TARGETS);
		if (targets[n][i].proven)
			break;
	}
	assert_non_null(strstr(sentences[n], "21 more alerts like this were held back within a minute: "
	    "Modbus device has no such address; about 10.1.0."));
	assert_non_null(strstr(sentences[n], " and 12 more."));
	alerts_close(a);
}

static void
rules_of_the_user_are_limited_only_where_he_says_so(void **unused)
{
	static const struct { uint32_t sid; bool set; unsigned want; } cases[] = {
		{ 9000001, false, 200 }, { 9000001, true, 5 }, { 5200001, false, 5 }, { 5200001, true, 5 },
	};

	(void)unused;
	for (unsigned k = 0; k < sizeof(cases) / sizeof(cases[0]); k++) {
		struct alerts *a = open_as(NULL, 0, 0, 5, 64, cases[k].set);
		const struct rule_metadata rule = { .gid = 1, .sid = cases[k].sid, .msg = "m", .category = "",
		    .severity = 2, .techniques = "" };

		for (unsigned i = 0; i < 200; i++) {
			struct finding f = finding(100, ALERT_RULE, i);

			f.rule = &rule;
			alerts_finding(a, &f);
		}
		assert_int_equal(n_seen, cases[k].want);
		alerts_close(a);
	}
}

/* A table full of rules: the one whose minute began first is evicted, and what was
 * suppressed of it is reported at that moment, not lost. */
static void
an_evicted_limit_reports_what_it_suppressed(void **unused)
{
	static struct rule_metadata rules[600];
	struct alerts *a = open_as(NULL, 0, 0, 1, 64, true);
	unsigned suppressed = 0, reports = 0;

	(void)unused;
	for (unsigned i = 0; i < 600; i++) {
		struct finding f = finding(100, ALERT_RULE, 0);

		rules[i] = (struct rule_metadata){ .gid = 1, .sid = i + 1, .msg = "m", .category = "", .severity = 3,
		    .techniques = "" };
		f.rule = &rules[i];
		f.ts_ns += i * 1000000;
		for (unsigned k = 0; k < 3; k++)
			alerts_finding(a, &f);
	}
	assert_true(counters.v[CNT_ALERT_LIMIT_EVICTED] >= 600 - 512);
	for (unsigned i = 0; i < n_seen; i++)
		if (seen[i].kind == ALERT_SUPPRESSED) {
			reports++;
			suppressed += (unsigned)seen[i].suppressed;
		}
	/* Before any minute is over. */
	assert_int_equal(reports, counters.v[CNT_ALERT_LIMIT_EVICTED]);
	assert_int_equal(suppressed, 2 * reports);
	alerts_finish(a, 102 * SEC);
	for (unsigned i = suppressed = 0; i < n_seen; i++)
		suppressed += seen[i].kind == ALERT_SUPPRESSED ? (unsigned)seen[i].suppressed : 0;
	assert_int_equal(suppressed, 2 * 600);
	alerts_close(a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_the_limit_holds_back_is_counted),
		cmocka_unit_test(rules_have_windows_and_limits_of_their_own),
		cmocka_unit_test(stops_of_others_do_not_hide_the_real_one),
		cmocka_unit_test(what_anybody_can_forge_does_not_use_up_the_share_of_what_answers),
		cmocka_unit_test(units_behind_one_address_are_targets_of_their_own),
		cmocka_unit_test(a_report_names_whom_it_is_about),
		cmocka_unit_test(rules_of_the_user_are_limited_only_where_he_says_so),
		cmocka_unit_test(an_evicted_limit_reports_what_it_suppressed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
