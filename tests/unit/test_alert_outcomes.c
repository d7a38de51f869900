/* What became of a command: it is told when it is asked for, and again when it is over. */
#include "alert_kit.h"

static struct flow talk;

static void
command(struct alerts *a, uint64_t ts_s, uint64_t tx, enum finding_stage stage, enum op_outcome outcome)
{
	struct operation op = { .id = tx, .flow = &talk, .phase = stage == FINDING_ASKED ? OP_REQUESTED :
	    OP_FINISHED, .proto = OP_S7, .function = 0x29, .outcome = outcome, .unit = 2,
	    .request = { .seen = true, .ts_ns = ts_s * SEC, .frame = ts_s },
	    .response = { .seen = outcome == OUTCOME_ANSWERED || outcome == OUTCOME_EXCEPTION,
		.ts_ns = ts_s * SEC + 5, .frame = ts_s + 1 } };
	struct finding f = finding(ts_s, ALERT_S7_STOP, 2);

	talk = (struct flow){ .id = 77, .addr = { host(1), host(2) }, .port = { 4000, 102 }, .proto = 6,
	    .protocol = protocols[OP_S7], .packets = { 5, 4 }, .payload = { 50, 40 } };
	f.stage = stage;
	f.op = &op;
	f.flow = &talk;
	f.tx = tx;
	if (op.response.seen)
		f.ts_ns = op.response.ts_ns;
	alerts_finding(a, &f);
}

static void
a_command_is_told_when_it_is_asked_for_and_when_it_is_over(void **unused)
{
	static const uint64_t merges[] = { 300, 0 };

	(void)unused;
	for (unsigned k = 0; k < 2; k++) {
		struct alerts *a = open_with(merges[k], 60, 16);

		command(a, 100, 1, FINDING_ASKED, OUTCOME_PENDING);
		assert_int_equal(n_seen, 1);
		assert_true(seen[0].has_outcome);
		assert_int_equal(seen[0].outcome, OUTCOME_PENDING);
		assert_string_equal(sentences[0],
		    "10.0.0.1 told the CPU of PLC 10.0.0.2 to stop (S7 job 0x29); no answer yet.");
		alerts_tick(a, 110 * SEC);
		command(a, 100, 1, FINDING_OUTCOME, OUTCOME_UNANSWERED);
		assert_int_equal(n_seen, 2);
		assert_int_equal(seen[1].kind, ALERT_UPDATE);
		assert_int_equal(seen[1].outcome, OUTCOME_UNANSWERED);
		assert_int_equal(seen[1].ts_ns, 110 * SEC);	/* when it was known */
		assert_int_equal(seen[1].count, 1);
		assert_string_equal(uids[1], uids[0]);
		assert_int_equal(seen[1].id, seen[0].id);
		assert_string_equal(sentences[1],
		    "10.0.0.1 told the CPU of PLC 10.0.0.2 to stop (S7 job 0x29); no answer was seen.");
		alerts_finish(a, 120 * SEC);
		assert_int_equal(n_seen, 2);		/* nothing new at the window's end */
		assert_int_equal(counters.v[CNT_ALERT_ALL], 1);
		assert_int_equal(counters.v[CNT_ALERT_OUTCOMES], 1);
		alerts_close(a);
	}
}

/* However short the merging, and whatever else happens meanwhile, the outcome belongs to its alert. */
static void
an_outcome_finds_its_alert(void **unused)
{
	const struct rule_metadata rule = { .gid = 1, .sid = 7, .msg = "one", .category = "", .severity = 2,
	    .techniques = "" };
	struct alerts *a = open_with(1, 60, 16);
	struct finding f = finding(100, ALERT_RULE, 0);

	(void)unused;
	f.rule = &rule;
	alerts_finding(a, &f);
	alerts_finding(a, &f);
	command(a, 100, 1, FINDING_ASKED, OUTCOME_PENDING);
	assert_int_equal(n_seen, 2);
	alerts_forget_rules(a, 100 * SEC);		/* other rules: theirs are closed, no others */
	assert_int_equal(n_seen, 3);
	assert_int_equal(seen[2].count, 2);
	for (unsigned i = 1; i < 10; i++)
		alerts_tick(a, (100 + i) * SEC);
	command(a, 100, 1, FINDING_OUTCOME, OUTCOME_UNANSWERED);
	assert_int_equal(n_seen, 4);
	assert_int_equal(seen[3].kind, ALERT_UPDATE);
	assert_string_equal(uids[3], uids[1]);
	alerts_tick(a, 120 * SEC);
	alerts_finish(a, 120 * SEC);
	assert_int_equal(n_seen, 4);
	alerts_close(a);
}

/* Ten refused tries are one alert; the eleventh, obeyed, is said at once. */
static void
a_repeat_that_comes_to_more_is_told(void **unused)
{
	struct alerts *a = open_with(300, 60, 16);

	(void)unused;
	for (uint64_t i = 0; i < 10; i++) {
		command(a, 100 + i, i + 1, FINDING_ASKED, OUTCOME_PENDING);
		command(a, 100 + i, i + 1, FINDING_OUTCOME, OUTCOME_EXCEPTION);
	}
	assert_int_equal(n_seen, 2);
	command(a, 111, 11, FINDING_ASKED, OUTCOME_PENDING);
	assert_int_equal(n_seen, 2);
	command(a, 111, 11, FINDING_OUTCOME, OUTCOME_ANSWERED);
	assert_int_equal(n_seen, 3);
	assert_int_equal(seen[2].outcome, OUTCOME_ANSWERED);
	assert_int_equal(seen[2].count, 11);
	command(a, 112, 12, FINDING_ASKED, OUTCOME_PENDING);
	command(a, 112, 12, FINDING_OUTCOME, OUTCOME_ANSWERED);
	assert_int_equal(n_seen, 3);
	alerts_tick(a, 400 * SEC);
	assert_int_equal(n_seen, 4);
	assert_int_equal(seen[3].count, 12);
	assert_int_equal(seen[3].outcome, OUTCOME_ANSWERED);
	/* The header is that of the first. */
	assert_int_equal(flows[3].id, 77);
	assert_string_equal(flows[3].protocol->name, "s7comm");
	assert_int_equal(flows[3].port[1], 102);
	assert_string_equal(uids[3], uids[0]);
	alerts_close(a);
}

/* The request was one of a flood and was suppressed: that it was answered is an alert. */
static void
a_suppressed_command_that_is_answered_is_told(void **unused)
{
	struct alerts *a = open_with(300, 1, 16);
	unsigned n;

	(void)unused;
	for (uint32_t i = 0; i < 9000; i++)
		about(a, 100, ALERT_S7_STOP, i, 1, false);
	n = n_seen;
	talk.packets[1] = 0;
	command(a, 100, 1, FINDING_OUTCOME, OUTCOME_ANSWERED);
	assert_int_equal(n_seen, n + 1);
	assert_int_equal(seen[n].kind, ALERT_FIRST);
	assert_int_equal(seen[n].outcome, OUTCOME_ANSWERED);
	alerts_close(a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_command_is_told_when_it_is_asked_for_and_when_it_is_over),
		cmocka_unit_test(an_outcome_finds_its_alert),
		cmocka_unit_test(a_repeat_that_comes_to_more_is_told),
		cmocka_unit_test(a_suppressed_command_that_is_answered_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
