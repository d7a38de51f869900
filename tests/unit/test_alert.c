/* Findings in, alerts out: merging, limits, sentences, the table of types. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "alert/alerts.h"
#include "alert/evidence.h"
#include "alert/explain.h"
#include "alert/sentence.h"
#include "record/attack.h"
#include "record/s7.h"

#define SEC 1000000000ull

static struct counters counters;
#define SEEN 8192u
static struct alert seen[SEEN];
static char sentences[SEEN][ALERT_SENTENCE_MAX];
static char uids[SEEN][ALERT_UID_LEN + 1];
static struct flow flows[SEEN];		/* as they were during the call */
static struct alert_target targets[SEEN][ALERT_TARGETS];
static unsigned n_seen;

static void
on_alert(void *arg, const struct alert *a)
{
	(void)arg;
	assert_true(n_seen < SEEN);
	assert_non_null(a->uid);
	assert_int_equal(strlen(a->uid), ALERT_UID_LEN);
	snprintf(sentences[n_seen], ALERT_SENTENCE_MAX, "%s", a->sentence);
	memcpy(uids[n_seen], a->uid, sizeof(uids[n_seen]));
	if (a->finding->flow != NULL)
		flows[n_seen] = *a->finding->flow;
	if (a->n_named > 0)
		memcpy(targets[n_seen], a->targets, a->n_named * sizeof(*a->targets));
	seen[n_seen++] = *a;
}

static struct alerts *
open_as(const char *sensor, uint64_t run, uint64_t merge_s, uint64_t limit, uint64_t windows, bool limit_is_set)
{
	static struct settings s;
	struct alerts_env env = { .settings = &s, .sink = { on_alert, NULL }, .counters = &counters,
	    .key = 7, .run = run };
	struct alerts *a;

	s = (struct settings){ .alert = { .merge_s = merge_s, .limit = limit, .windows = windows,
	    .limit_is_set = limit_is_set }, .output = { .sensor = sensor } };
	memset(&counters, 0, sizeof(counters));
	n_seen = 0;
	a = alerts_open(&env);
	assert_non_null(a);
	return a;
}

static struct alerts *
open_with(uint64_t merge_s, uint64_t limit, uint64_t windows)
{
	return open_as(NULL, 0, merge_s, limit, windows, true);
}

static struct addr
host(uint8_t last)
{
	const uint8_t four[4] = { 10, 0, 0, last };

	return addr_v4(four);
}

static struct finding
finding(uint64_t ts_s, enum alert_type type, uint64_t key)
{
	return (struct finding){ .type = type, .ts_ns = ts_s * SEC, .frame = ts_s, .src = host(1),
	    .dst = host(2), .sport = 1000, .dport = 502, .proto = 6, .key = key };
}

static void
give(struct alerts *a, uint64_t ts_s, enum alert_type type, uint64_t key)
{
	struct finding f = finding(ts_s, type, key);

	alerts_finding(a, &f);
}

static void
the_first_is_told_at_once_and_the_rest_at_the_end(void **unused)
{
	struct alerts *a = open_with(300, 0, 16);

	(void)unused;
	give(a, 100, ALERT_S7_STOP, 1);
	assert_int_equal(n_seen, 1);
	assert_int_equal(seen[0].kind, ALERT_FIRST);
	assert_int_equal(seen[0].count, 1);
	assert_int_equal(seen[0].severity, 1);
	assert_string_equal(seen[0].category, "Attempted Denial of Service");
	for (unsigned i = 1; i < 10; i++)
		give(a, 100 + i, ALERT_S7_STOP, 1);
	give(a, 110, ALERT_S7_STOP, 2);		/* another object */
	assert_int_equal(n_seen, 2);
	alerts_tick(a, 399 * SEC);
	assert_int_equal(n_seen, 2);
	alerts_tick(a, 400 * SEC);
	assert_int_equal(n_seen, 3);
	assert_int_equal(seen[2].kind, ALERT_UPDATE);
	assert_int_equal(seen[2].id, seen[0].id);
	assert_int_equal(seen[2].count, 10);
	assert_int_equal(seen[2].first_ns, 100 * SEC);
	assert_int_equal(seen[2].last_ns, 109 * SEC);
	assert_string_equal(sentences[2], sentences[0]);
	alerts_finish(a, 401 * SEC);		/* a single one needs no update */
	assert_int_equal(n_seen, 3);
	assert_int_equal(counters.v[CNT_ALERT_ALL], 2);
	assert_int_equal(counters.v[CNT_ALERT_MERGED], 9);
	give(a, 402, ALERT_S7_STOP, 1);		/* a new window */
	assert_int_equal(n_seen, 4);
	alerts_close(a);
}

static void
merge_0_tells_each(void **unused)
{
	struct alerts *a = open_with(0, 0, 16);

	(void)unused;
	for (unsigned i = 0; i < 10; i++)
		give(a, 100, ALERT_S7_STOP, 1);
	alerts_finish(a, 200 * SEC);
	assert_int_equal(n_seen, 10);
	assert_int_equal(seen[9].id, 10);
	alerts_close(a);
}

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
a_full_table_closes_the_oldest_with_its_update(void **unused)
{
	struct alerts *a = open_with(300, 0, 4);

	(void)unused;
	give(a, 100, ALERT_S7_STOP, 0);
	give(a, 101, ALERT_S7_STOP, 0);
	for (unsigned i = 1; i <= 4; i++)
		give(a, 101 + i, ALERT_S7_STOP, i);
	assert_int_equal(counters.v[CNT_ALERT_EVICTED], 1);
	assert_int_equal(n_seen, 6);
	assert_int_equal(seen[4].kind, ALERT_UPDATE);
	assert_int_equal(seen[4].count, 2);
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

/* ---- limits by target --------------------------------------------------------- */

/* An alert about a device; `answers`: the device took the conversation up. */
static void
about(struct alerts *a, uint64_t ts_s, enum alert_type type, uint32_t device, uint32_t client, bool answers)
{
	const uint8_t c[4] = { 10, 9, (uint8_t)(client >> 8), (uint8_t)client };
	const uint8_t d[4] = { 10, (uint8_t)(1 + (device >> 16)), (uint8_t)(device >> 8), (uint8_t)device };
	struct finding f = finding(ts_s, type, 0);
	static struct flow of;

	of = (struct flow){ .id = device * 70000ull + client + 1, .addr = { addr_v4(c), addr_v4(d) },
	    .port = { 4000, 502 }, .proto = 6, .packets = { 3, answers ? 2 : 0 },
	    .payload = { 30, answers ? 30 : 0 } };
	f.src = of.addr[0];
	f.dst = of.addr[1];
	f.flow = &of;
	alerts_finding(a, &f);
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

/* ---- what became of a command ---------------------------------------------------- */

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

static void
forged_conversations_do_not_close_the_windows_of_others(void **unused)
{
	struct alerts *a = open_with(300, 0, 64);
	unsigned n;

	(void)unused;
	about(a, 100, ALERT_MB_EXC_ADDRESS, 1, 1, true);
	about(a, 100, ALERT_S7_STOP, 2, 1, false);
	for (uint32_t i = 0; i < 4000; i++)
		about(a, 100, ALERT_MB_EXC_ADDRESS, 100 + i, 1, false);
	assert_true(counters.v[CNT_ALERT_EVICTED] > 3900);
	n = n_seen;
	about(a, 101, ALERT_MB_EXC_ADDRESS, 1, 1, true);	/* still merged */
	about(a, 101, ALERT_S7_STOP, 2, 1, false);
	assert_int_equal(n_seen, n);
	alerts_close(a);
}

static void
ids_are_equal_in_each_replay_and_never_again_live(void **unused)
{
	char first[ALERT_UID_LEN + 1];
	struct alerts *a = open_as("north", 0, 300, 0, 16, false);

	(void)unused;
	give(a, 100, ALERT_S7_STOP, 1);
	give(a, 100, ALERT_S7_STOP, 2);
	assert_string_not_equal(uids[0], uids[1]);
	memcpy(first, uids[0], sizeof(first));
	alerts_close(a);
	a = open_as("north", 0, 300, 0, 16, false);
	give(a, 100, ALERT_S7_STOP, 1);
	assert_string_equal(uids[0], first);
	alerts_close(a);
	a = open_as("south", 0, 300, 0, 16, false);
	give(a, 100, ALERT_S7_STOP, 1);
	assert_string_not_equal(uids[0], first);
	alerts_close(a);
	a = open_as("north", 55, 300, 0, 16, false);
	give(a, 100, ALERT_S7_STOP, 1);
	assert_string_not_equal(uids[0], first);
	alerts_close(a);
}

static void
a_clock_that_is_set_back_ends_windows(void **unused)
{
	struct alerts *a = open_with(300, 5, 16);

	(void)unused;
	give(a, 1000000, ALERT_S7_STOP, 0);
	give(a, 1000001, ALERT_S7_STOP, 0);
	alerts_tick(a, 1000 * SEC);
	assert_int_equal(n_seen, 2);
	give(a, 1001, ALERT_S7_STOP, 0);
	assert_int_equal(n_seen, 3);
	alerts_close(a);
}

/* ---- words ------------------------------------------------------------------ */

static struct flow flow;

static struct operation
operation(enum op_proto proto, uint32_t function, const char *name, enum op_intent intent)
{
	flow = (struct flow){ .id = 5, .addr = { host(9), host(20) }, .port = { 4000, 502 }, .proto = 6 };
	return (struct operation){ .id = 1, .flow = &flow, .phase = OP_FINISHED, .proto = proto,
	    .function = function, .name = name, .intent = intent, .outcome = OUTCOME_ANSWERED };
}

static const char *
said(enum alert_type type, const struct operation *op, const char *what)
{
	static char text[ALERT_SENTENCE_MAX];
	struct finding f = finding(1, type, 0);

	f.op = op;
	f.flow = &flow;
	f.what = what;
	return sentence_make(&f, text, sizeof(text));
}

static void
a_sentence_says_who_did_what_to_whom(void **unused)
{
	struct operation op = operation(OP_S7, 0x29, "PLC Stop", INTENT_MODE);
	const uint8_t bits[1] = { 1 }, words[4] = { 0x01, 0xc2, 0, 7 };
	struct op_item item = { .space = SPACE_COIL, .form = FORM_BITS_LSB, .written = true,
	    .ranged = true, .first = 12, .count = 1, .n_values = 1, .raw = bits };
	const struct rule_metadata meta = { .gid = 1, .sid = 1, .msg = "Pump written", .severity = 1 };
	struct finding f = finding(1, ALERT_RULE, 0);
	char text[ALERT_SENTENCE_MAX];

	(void)unused;
	assert_string_equal(said(ALERT_S7_STOP, &op, NULL),
	    "10.0.0.9 told the CPU of PLC 10.0.0.20 to stop (S7 job 0x29).");
	op.outcome = OUTCOME_EXCEPTION;
	op.exception_name = "not permitted";
	assert_string_equal(said(ALERT_S7_STOP, &op, NULL), "10.0.0.9 told the CPU of PLC "
	    "10.0.0.20 to stop (S7 job 0x29); it was refused: not permitted.");
	op = operation(OP_S7, 0x1a, "Request download", INTENT_PROGRAM_WRITE);
	assert_string_equal(said(ALERT_PROGRAM_DOWNLOAD, &op, "block FC7"),
	    "10.0.0.9 asked PLC 10.0.0.20 to take a program (Request download, block FC7).");
	assert_string_equal(said(ALERT_PROGRAM_DOWNLOAD, &op, NULL),
	    "10.0.0.9 asked PLC 10.0.0.20 to take a program (Request download).");

	op = operation(OP_MODBUS, 5, "Write Single Coil", INTENT_WRITE);
	op.unit = 3;
	op.items = &item;
	op.n_items = 1;
	f.rule = &meta;
	f.op = &op;
	f.flow = &flow;
	assert_string_equal(sentence_make(&f, text, sizeof(text)),
	    "Pump written: 10.0.0.9 wrote 1 to coil 12 of unit 3 of 10.0.0.20.");
	item = (struct op_item){ .space = SPACE_HOLDING, .form = FORM_U16_BE, .written = true,
	    .ranged = true, .first = 40, .count = 2, .n_values = 2, .raw = words };
	assert_string_equal(sentence_make(&f, text, sizeof(text)),
	    "Pump written: 10.0.0.9 wrote 450, 7 to holding registers 40-41 of unit 3 of 10.0.0.20.");
	item = (struct op_item){ .space = SPACE_S7_DB, .form = FORM_U16_BE, .written = true,
	    .ranged = true, .number = 20, .first = 4, .count = 1, .n_values = 1, .type = 4, .raw = words };
	op.proto = OP_S7;
	op.unit = 2;
	assert_string_equal(sentence_make(&f, text, sizeof(text)),
	    "Pump written: 10.0.0.9 wrote 450 to DB20.DBW4 of PLC 10.0.0.20.");
	/* Cut, never beyond its room. */
	assert_int_equal(strlen(sentence_make(&f, text, 20)), 19);
}

static void
numbers_go_by_their_names(void **unused)
{
	struct finding f = finding(1, ALERT_ADDRESS_SCAN, 0);
	char text[ALERT_SENTENCE_MAX];

	(void)unused;
	f.numbers[f.n_numbers++] = (struct finding_number){ "count", 50 };
	f.numbers[f.n_numbers++] = (struct finding_number){ "window_s", 120 };
	assert_string_equal(sentence_make(&f, text, sizeof(text)), "10.0.0.1 tried 50 addresses of one "
	    "network within 2 minutes, at last 10.0.0.2.");
}

/* ---- the tables --------------------------------------------------------------- */

static void
every_row_can_be_said_and_explained(void **unused)
{
	char text[2048];
	FILE *null = fopen("/dev/null", "w");
	json_t *j;

	(void)unused;
	for (unsigned i = 0; i < ALERT_TYPE_COUNT; i++) {
		const struct alert_type_row *row = alert_type_row((enum alert_type)i);
		struct finding f = finding(1, (enum alert_type)i, 0);
		const char *list = row->techniques, *id;
		size_t n;

		assert_true(row->severity >= 1 && row->severity <= 4);
		assert_int_equal(alert_type_by_sid(row->sid), i);
		assert_int_equal(alert_type_by_text(row->text), i);
		assert_true(alert_class_text(row->class_)[0] != '\0');
		while ((id = attack_next(&list, &n)) != NULL) {
			const struct attack_row *of = attack_row(id, n);

			/* By the ids of today: those of v18 are known, and not used. */
			if (of == NULL || strlen(of->id) != n || memcmp(of->id, id, n) != 0)
				fail_msg("%s: technique %.*s is not in attack.def", row->text, (int)n, id);
		}
		(void)sentence_make(&f, text, sizeof(text));
		assert_null(strchr(text, '{'));
		(void)sentence_plain(row->sentence, text, sizeof(text));
		assert_null(strchr(text, '{'));
		j = explain_type(explain_find(row->text));
		assert_non_null(j);
		assert_string_equal(json_text_of(j, "title"), row->title);
		assert_int_equal(json_number_of(j, "sid"), row->sid);
		assert_null(strchr(json_text_of(j, "happened"), '{'));
		explain_print(j, null);
		json_decref(j);
	}
	assert_int_equal(explain_find("s7.cpu"), ALERT_TYPE_COUNT);
	assert_int_equal(explain_find("17"), ALERT_TYPE_COUNT);
	assert_int_equal(explain_find("5000101"), explain_find("s7.cpu.stop"));
	assert_string_equal(explain_nearest("s7.cpu.stp"), "s7.cpu.stop");
	fclose(null);
}

/* ---- evidence ------------------------------------------------------------------- */

static size_t
size_of(const char *dir, const char *name)
{
	char path[256];
	struct stat st;

	snprintf(path, sizeof(path), "%s/evidence/%s", dir, name);
	return stat(path, &st) == 0 ? (size_t)st.st_size : 0;
}

/* Who writes, here at once. */
struct disk {
	char	dir[128];
	int	fd[8];
};

static bool
disk_begin(void *arg, unsigned slot, const char *name)
{
	struct disk *d = arg;
	char path[256];

	snprintf(path, sizeof(path), "%s/%s", d->dir, name);
	d->fd[slot] = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0640);
	return d->fd[slot] >= 0;
}

static bool
disk_put(void *arg, unsigned slot, const void *p, size_t n)
{
	return write(((struct disk *)arg)->fd[slot], p, n) == (ssize_t)n;
}

static bool
disk_end(void *arg, unsigned slot)
{
	return close(((struct disk *)arg)->fd[slot]) == 0;
}

static bool
disk_remove(void *arg, const char *name)
{
	char path[256];

	snprintf(path, sizeof(path), "%s/%s", ((struct disk *)arg)->dir, name);
	return unlink(path) == 0;
}

static uint64_t
disk_failed(void *arg)
{
	(void)arg;
	return 0;
}

static struct evidence *
open_evidence(const struct alert_settings *s, const char *dir)
{
	static struct disk d;
	const struct evidence_disk disk = { disk_begin, disk_put, disk_end, disk_remove, disk_failed, &d };
	struct err e = { 0 };
	char *folder = evidence_folder(s, dir);

	assert_non_null(folder);
	snprintf(d.dir, sizeof(d.dir), "%s", folder);
	free(folder);
	(void)mkdir(d.dir, 0750);
	return evidence_open(s, d.dir, &disk, &counters, &e);
}

static void
an_alert_gets_the_packets_of_its_ends(void **unused)
{
	char dir[] = "/tmp/tw-evidence-XXXXXX", name[64], path[256];
	const struct alert_settings s = { .evidence_dir = "evidence", .evidence_kib = 64,
	    .evidence_after_s = 5, .evidence_mib = 1 };
	struct evidence *v;
	uint8_t bytes[100] = { 0 };
	struct operation op = { 0 };
	struct finding f = finding(2000, ALERT_S7_STOP, 0);
	const char *file;

	(void)unused;
	assert_non_null(mkdtemp(dir));
	v = open_evidence(&s, dir);
	assert_non_null(v);
	/* Far more than the ring holds, of two conversations in turn. */
	for (unsigned i = 0; i < 5000; i++) {
		struct frame fr = { .ts_ns = (1000 + i / 10) * SEC, .number = i + 1, .data = bytes,
		    .cap_len = i % 97 + 1, .wire_len = 100, .link = 1 };
		struct packet p = { .ts_ns = fr.ts_ns, .src = host(i % 2 == 0 ? 1 : 7), .dst = host(2) };

		evidence_frame(v, &fr);
		evidence_packet(v, &p);
	}
	f.op = &op;
	file = evidence_file(v, 1, &f);
	assert_non_null(file);
	snprintf(name, sizeof(name), "%s", file);
	assert_string_equal(name, "0000002000-000001-5000101.pcap");
	assert_true(size_of(dir, name) > 24 + 100 * 17);
	assert_true(size_of(dir, name) < 40000);
	for (unsigned i = 0; i < 3; i++) {	/* one of them belongs to it, one comes too late */
		size_t before = size_of(dir, name);
		struct frame fr = { .ts_ns = (2001 + 10 * (i / 2)) * SEC, .number = 9000 + i, .data = bytes,
		    .cap_len = 50, .wire_len = 100, .link = 1 };
		struct packet p = { .ts_ns = fr.ts_ns, .src = host(2), .dst = host(i == 1 ? 7 : 1) };

		evidence_tick(v, fr.ts_ns);
		evidence_frame(v, &fr);
		evidence_packet(v, &p);
		assert_int_equal(size_of(dir, name), before + (i == 0 ? 16 + 50 : 0));
	}
	evidence_close(v);
	snprintf(path, sizeof(path), "%s/evidence/%s", dir, name);
	assert_int_equal(unlink(path), 0);
	snprintf(path, sizeof(path), "%s/evidence", dir);
	assert_int_equal(rmdir(path), 0);
	assert_int_equal(rmdir(dir), 0);
}

static void
the_folder_keeps_its_size(void **unused)
{
	char dir[] = "/tmp/tw-evidence-XXXXXX", path[256], last[64] = "";
	const struct alert_settings s = { .evidence_dir = "evidence", .evidence_kib = 1024,
	    .evidence_after_s = 0, .evidence_mib = 1 };
	static uint8_t bytes[1000];
	struct evidence *v;
	unsigned left = 0;

	(void)unused;
	assert_non_null(mkdtemp(dir));
	v = open_evidence(&s, dir);
	assert_non_null(v);
	for (unsigned i = 0; i < 300; i++) {
		struct frame fr = { .ts_ns = (1000 + i) * SEC, .number = i + 1, .data = bytes,
		    .cap_len = 1000, .wire_len = 1000, .link = 1 };
		struct packet p = { .ts_ns = fr.ts_ns, .src = host(1), .dst = host(2) };

		evidence_frame(v, &fr);
		evidence_packet(v, &p);
	}
	for (unsigned i = 0; i < 20; i++) {
		struct finding f = finding(3000 + i, ALERT_S7_STOP, 0);
		const char *file;

		evidence_tick(v, (4000 + 10 * i) * SEC);
		file = evidence_file(v, i + 1, &f);
		assert_non_null(file);
		snprintf(last, sizeof(last), "%s", file);
	}
	assert_true(size_of(dir, last) > 290000);
	evidence_close(v);
	v = open_evidence(&s, dir);	/* and takes stock of what is there */
	assert_non_null(v);
	evidence_close(v);
	for (unsigned i = 0; i < 20; i++) {
		snprintf(path, sizeof(path), "%s/evidence/%010u-%06u-5000101.pcap", dir, 3000 + i, i + 1);
		left += unlink(path) == 0;
	}
	assert_int_equal(left, 3);	/* 3 times 300 KB fit into 1 MiB */
	snprintf(path, sizeof(path), "%s/evidence", dir);
	assert_int_equal(rmdir(path), 0);
	assert_int_equal(rmdir(dir), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_first_is_told_at_once_and_the_rest_at_the_end),
		cmocka_unit_test(merge_0_tells_each),
		cmocka_unit_test(what_the_limit_holds_back_is_counted),
		cmocka_unit_test(a_full_table_closes_the_oldest_with_its_update),
		cmocka_unit_test(rules_have_windows_and_limits_of_their_own),
		cmocka_unit_test(a_clock_that_is_set_back_ends_windows),
		cmocka_unit_test(stops_of_others_do_not_hide_the_real_one),
		cmocka_unit_test(what_anybody_can_forge_does_not_use_up_the_share_of_what_answers),
		cmocka_unit_test(units_behind_one_address_are_targets_of_their_own),
		cmocka_unit_test(a_report_names_whom_it_is_about),
		cmocka_unit_test(rules_of_the_user_are_limited_only_where_he_says_so),
		cmocka_unit_test(an_evicted_limit_reports_what_it_suppressed),
		cmocka_unit_test(a_command_is_told_when_it_is_asked_for_and_when_it_is_over),
		cmocka_unit_test(an_outcome_finds_its_alert),
		cmocka_unit_test(a_repeat_that_comes_to_more_is_told),
		cmocka_unit_test(a_suppressed_command_that_is_answered_is_told),
		cmocka_unit_test(forged_conversations_do_not_close_the_windows_of_others),
		cmocka_unit_test(ids_are_equal_in_each_replay_and_never_again_live),
		cmocka_unit_test(a_sentence_says_who_did_what_to_whom),
		cmocka_unit_test(numbers_go_by_their_names),
		cmocka_unit_test(every_row_can_be_said_and_explained),
		cmocka_unit_test(an_alert_gets_the_packets_of_its_ends),
		cmocka_unit_test(the_folder_keeps_its_size),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
