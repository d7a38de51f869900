/* Incidents: which alerts belong together, when they are one, and what is said of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "alert/incidents.h"
#include "base/str.h"

#define SEC 1000000000ull
#define QUIET 600u

static struct incidents *n;
static struct counters counters;
static struct told {
	enum incident_kind kind;
	uint64_t id, alerts, ts_ns;
	uint8_t severity;
	char title[INCIDENT_TITLE], advice[INCIDENT_ADVICE], uid[ALERT_UID_LEN + 1], stages[256], types[256];
	uint32_t n_targets, n_fresh;
	bool has_attacker, more_targets;
	struct keep_incident row;
} told[64];
static unsigned n_told;
static uint64_t next_uid;
static const char *window;	/* of announced work, into which alerts fall */

static void
on_incident(void *arg, const struct incident *i)
{
	struct told *t = &told[n_told++];
	struct strbuf s, y;

	(void)arg;
	assert_true(n_told <= COUNTOF(told));
	*t = (struct told){ i->kind, i->id, i->alerts, i->ts_ns, i->severity, .n_targets = i->n_targets, .n_fresh = i->n_fresh,
	    .has_attacker = i->has_attacker, .more_targets = i->more_targets };
	s = strbuf_on(t->stages, sizeof(t->stages));
	y = strbuf_on(t->types, sizeof(t->types));
	(void)snprintf(t->title, sizeof(t->title), "%s", i->title);
	(void)snprintf(t->advice, sizeof(t->advice), "%s", i->advice);
	(void)snprintf(t->uid, sizeof(t->uid), "%s", i->uid);
	for (uint32_t k = 0; k < i->n_stages; k++)
		strbuf_printf(&s, "%s%s", k == 0 ? "" : ", ", attack_tactic_row(i->stages[k].tactic)->name);
	for (uint32_t k = 0; k < i->n_types; k++)
		strbuf_printf(&y, "%s%s %u", k == 0 ? "" : ", ", alert_type_row(i->types[k].type)->text, i->types[k].alerts);
	incident_row(i, &t->row);
}

static int
open_all(void **unused)
{
	(void)unused;
	memset(&counters, 0, sizeof(counters));
	n = incidents_open(QUIET, &(struct incident_sink){ on_incident, NULL }, &counters);
	assert_non_null(n);
	n_told = 0;
	next_uid = 0;
	return 0;
}

static int
close_all(void **unused)
{
	(void)unused;
	incidents_close(n);
	return 0;
}

static struct addr
host(unsigned last)
{
	const uint8_t four[4] = { 10, 0, (uint8_t)(last >> 8), (uint8_t)last };

	return addr_v4(four);
}

static void
alert_as(enum alert_kind kind, uint64_t at_s, enum alert_type t, unsigned src, unsigned dst, bool any_dst)
{
	const struct finding f = { .type = t, .src = host(src), .dst = host(dst), .any_dst = any_dst, .ts_ns = at_s * SEC };
	const struct alert_type_row *row = alert_type_row(t);
	char uid[ALERT_UID_LEN + 1];
	const struct alert a = { .kind = kind, .id = ++next_uid, .uid = uid, .ts_ns = at_s * SEC, .frame = at_s, .finding = &f,
	    .type = row, .severity = row->severity, .techniques = row->techniques, .first_ns = at_s * SEC,
	    .last_ns = at_s * SEC, .maintenance = window };

	(void)snprintf(uid, sizeof(uid), "%032llu", (unsigned long long)next_uid);
	incidents_alert(n, &a);
}

static void
alert(uint64_t at_s, enum alert_type t, unsigned src, unsigned dst)
{
	alert_as(ALERT_FIRST, at_s, t, src, dst, false);
}

static void
one_attack_is_one_incident(void **unused)
{
	const struct told *last;

	(void)unused;
	alert(100, ALERT_NEW_CLIENT, 99, 11);		/* severity 4: none yet */
	alert(110, ALERT_NEW_CLIENT_POLL, 99, 12);	/* 3: none yet */
	assert_int_equal(n_told, 0);
	alert_as(ALERT_FIRST, 120, ALERT_ADDRESS_SCAN, 99, 12, true);
	assert_int_equal(n_told, 1);
	assert_int_equal(told[0].kind, INCIDENT_FIRST);
	assert_int_equal(told[0].alerts, 3);
	assert_int_equal(told[0].n_fresh, 3);
	assert_int_equal(told[0].severity, 2);
	/* Graver: at once. */
	alert(130, ALERT_S7_STOP, 99, 12);
	assert_int_equal(n_told, 2);
	assert_int_equal(told[1].kind, INCIDENT_UPDATE);
	assert_int_equal(told[1].severity, 1);
	assert_string_equal(told[1].title, "10.0.0.99 looked around, then stopped 10.0.0.12");
	assert_string_equal(told[1].uid, told[0].uid);
	assert_int_equal(told[1].n_fresh, 1);
	assert_non_null(strstr(told[1].advice, "who works at 10.0.0.99"));
	/* The device is silent now, says somebody else; and a third one touches it. */
	alert(150, ALERT_DEVICE_SILENT, 20, 12);
	alert(155, ALERT_BASELINE_SETPOINT, 10, 12);
	assert_int_equal(n_told, 2);
	incidents_tick(n, 191 * SEC);
	assert_int_equal(n_told, 3);
	last = &told[2];
	assert_int_equal(last->alerts, 6);
	assert_int_equal(last->n_targets, 2);
	assert_string_equal(last->stages, "Collection, Discovery, Initial Access, Execution, Inhibit Response Function, Impair Process Control");
	assert_string_equal(last->types, "client.new 1, client.new.poll 1, scan.addresses 1, s7.cpu.stop 1, device.unresponsive 1, "
	    "baseline.setpoint 1");
	incidents_tick(n, 192 * SEC);
	incidents_finish(n, 193 * SEC);
	assert_int_equal(n_told, 3);
	/* Quiet. */
	incidents_tick(n, (155 + QUIET) * SEC);
	assert_int_equal(n_told, 4);
	assert_int_equal(told[3].kind, INCIDENT_CLOSED);
	assert_int_equal(told[3].row.closed, true);
	assert_int_equal(told[3].row.alerts, 6);
	assert_string_equal(told[3].row.uid, told[0].uid);
	/* The same again is another one. */
	alert(155 + QUIET, ALERT_S7_STOP, 99, 12);
	assert_int_equal(n_told, 5);
	assert_int_equal(told[4].id, 2);
	assert_string_not_equal(told[4].uid, told[0].uid);
	assert_int_equal(counters.v[CNT_INCIDENTS], 2);
}

static void
a_lone_alert_of_little_weight_is_none(void **unused)
{
	(void)unused;
	for (unsigned i = 0; i < 50; i++)
		alert(100 + i, ALERT_NEW_CLIENT, 99, 11);	/* severity 4 */
	alert(200, ALERT_NEW_CLIENT_POLL, 50, 12);		/* 3 */
	alert(210, ALERT_NEW_CLIENT_POLL, 50, 13);
	alert(220, ALERT_NEW_CLIENT_POLL, 50, 14);		/* three, of one type */
	assert_int_equal(n_told, 0);
	alert(230, ALERT_BASELINE_FUNCTION, 50, 14);
	assert_int_equal(n_told, 1);
	assert_int_equal(told[0].severity, 3);
	assert_int_equal(told[0].alerts, 4);
	/* What is about the sensor is no part of any. */
	alert(240, ALERT_STATE_EVICTED, 50, 14);
	incidents_finish(n, 250 * SEC);
	assert_int_equal(n_told, 1);
}

static void
strangers_are_two(void **unused)
{
	(void)unused;
	alert(100, ALERT_S7_STOP, 99, 12);
	alert(101, ALERT_S7_STOP, 98, 13);
	assert_int_equal(n_told, 2);
	assert_int_equal(told[1].id, 2);
	/* Who did something to a device of an incident is part of it, and so is what he does elsewhere; but that
	 * device is not... */
	alert(102, ALERT_S7_STOP, 50, 12);
	alert(103, ALERT_S7_STOP, 50, 14);
	alert(103, ALERT_DEVICE_SILENT, 20, 14);
	assert_int_equal(n_told, 2);
	/* ...and a device that was attacked and now attacks belongs to it. */
	alert(104, ALERT_INTERNET, 12, 200);
	incidents_tick(n, 190 * SEC);
	assert_int_equal(n_told, 3);
	assert_int_equal(told[2].id, 1);
	assert_int_equal(told[2].alerts, 4);
	assert_int_equal(told[2].n_targets, 1);
}

static void
two_that_belong_together_become_one(void **unused)
{
	(void)unused;
	alert(100, ALERT_S7_STOP, 99, 12);
	alert(120, ALERT_S7_STOP, 98, 13);
	alert(125, ALERT_DEVICE_SILENT, 20, 13);	/* no attacker: 13 is a device of the second */
	assert_int_equal(n_told, 2);
	/* The attacker of the first is at a device of the second. */
	alert(130, ALERT_S7_STOP, 99, 13);
	assert_int_equal(n_told, 3);
	assert_int_equal(told[2].kind, INCIDENT_CLOSED);
	assert_int_equal(told[2].id, 2);
	assert_string_equal(told[2].row.part_of, told[0].uid);
	assert_string_equal(told[2].row.uid, told[1].uid);
	incidents_tick(n, 190 * SEC);
	assert_int_equal(n_told, 4);
	assert_int_equal(told[3].id, 1);
	assert_int_equal(told[3].alerts, 4);
	assert_string_equal(told[3].row.part_of, "");
	assert_int_equal(told[3].severity, 1);
	/* Of the whole in the order in which it was done. */
	assert_string_equal(told[3].types, "s7.cpu.stop 3, device.unresponsive 1");
	assert_int_equal(told[3].row.first_ns, 100 * SEC);
	/* Both attackers are its own now. */
	alert(200, ALERT_S7_STOP, 98, 30);
	incidents_tick(n, 300 * SEC);
	assert_int_equal(told[n_told - 1].id, 1);
	assert_int_equal(counters.v[CNT_INCIDENTS], 2);
}

static void
announced_work_is_apart(void **unused)
{
	(void)unused;
	alert(100, ALERT_S7_STOP, 99, 12);
	window = "pump 3";
	alert(101, ALERT_S7_STOP, 99, 12);
	alert(102, ALERT_CTRL_START, 99, 12);
	window = NULL;
	alert(103, ALERT_S7_STOP, 99, 13);
	incidents_finish(n, 104 * SEC);
	assert_int_equal(told[0].id, 1);
	assert_string_equal(told[0].row.maintenance, "");
	assert_int_equal(told[1].id, 2);
	assert_string_equal(told[1].row.maintenance, "pump 3");
	for (unsigned i = 2; i < n_told; i++)
		assert_int_equal(told[i].alerts, 2);
	assert_int_equal(counters.v[CNT_INCIDENTS], 2);
}

static void
what_nobody_did_has_no_attacker(void **unused)
{
	(void)unused;
	alert(100, ALERT_DISCONNECTED, 20, 12);
	assert_int_equal(n_told, 1);
	assert_false(told[0].has_attacker);
	assert_string_equal(told[0].title, "10.0.0.12 no longer answered");
	/* Who was at it afterwards is said to have been. */
	alert(110, ALERT_CTRL_STOP, 99, 12);
	assert_int_equal(n_told, 2);
	assert_true(told[1].has_attacker);
	assert_string_equal(told[1].title, "10.0.0.12 no longer answered; 10.0.0.99 stopped 10.0.0.12");
}

static void
updates_keep_it_open(void **unused)
{
	(void)unused;
	alert(100, ALERT_S7_STOP, 99, 12);
	alert_as(ALERT_UPDATE, 500, ALERT_S7_STOP, 99, 12, false);
	alert_as(ALERT_SUPPRESSED, 900, ALERT_S7_STOP, 99, 12, false);
	incidents_tick(n, (500 + QUIET - 1) * SEC);
	assert_int_equal(n_told, 1);
	incidents_tick(n, (500 + QUIET) * SEC);
	assert_int_equal(n_told, 2);
	assert_int_equal(told[1].alerts, 1);
	assert_int_equal(told[1].ts_ns / SEC, 500 + QUIET);
	/* A clock that is set back far ends one, too. */
	alert(5000, ALERT_S7_STOP, 99, 12);
	incidents_tick(n, 1000 * SEC);
	assert_int_equal(told[n_told - 1].kind, INCIDENT_CLOSED);
}

static void
all_of_it_is_bounded(void **unused)
{
	(void)unused;
	/* Many targets of one: all counted, sixteen told. */
	for (unsigned i = 0; i < 40; i++)
		alert(100, ALERT_S7_STOP, 999, 1000 + i);
	incidents_finish(n, 100 * SEC);
	assert_int_equal(told[n_told - 1].alerts, 40);
	assert_int_equal(told[n_told - 1].n_targets, INCIDENT_TARGETS);
	assert_true(told[n_told - 1].more_targets);
	/* No alert is left out of its members. */
	for (unsigned i = 0, sum = 0; i < n_told; i++) {
		sum += told[i].n_fresh;
		assert_true(i + 1 < n_told || sum == 40);
	}
	n_told = 0;
	/* Those that are none go first. */
	for (unsigned i = 0; i < 2 * INCIDENTS_MAX; i++)
		alert(101 + i, ALERT_NEW_CLIENT, 2000 + i, 3000 + i);
	assert_int_equal(n_told, 0);
	assert_int_equal(counters.v[CNT_INCIDENTS_EVICTED], INCIDENTS_MAX + 1);
	alert(300, ALERT_S7_STOP, 999, 1000);
	assert_int_equal(n_told, 0);
	incidents_finish(n, 301 * SEC);
	assert_int_equal(told[0].alerts, 41);
}

/* Whoever speaks in another's name is known by the hardware address. */
static void
a_taken_address_belongs_to_its_taker(void **unused)
{
	static const uint8_t mac[6] = { 2, 0, 0, 0, 0, 9 }, other[6] = { 2, 0, 0, 0, 0, 8 };
	struct packet p = { .mac_src = mac };
	struct finding f = { .type = ALERT_ADDRESS_SCAN, .src = host(99), .dst = host(12), .any_dst = true, .packet = &p };
	struct alert a = { .kind = ALERT_FIRST, .uid = "00000000000000000000000000000001", .ts_ns = 100 * SEC, .finding = &f,
	    .severity = 2, .techniques = "" };

	(void)unused;
	incidents_alert(n, &a);
	assert_int_equal(n_told, 1);
	f.type = ALERT_ARP_SPOOF;
	f.src = host(10);
	incidents_alert(n, &a);
	assert_int_equal(n_told, 1);
	p.mac_src = other;
	f.src = host(11);
	incidents_alert(n, &a);
	assert_int_equal(n_told, 2);
	assert_int_equal(told[1].id, 2);
	assert_string_equal(told[1].title, "Somebody took the address of 10.0.0.11");
	incidents_finish(n, 101 * SEC);
	assert_int_equal(told[2].alerts, 2);
	assert_string_equal(told[2].title, "10.0.0.99 looked around; somebody took the address of 10.0.0.10");
}

/* Between two stations: both are its targets, and neither is the attacker, whatever is done in its name. */
static void
between_two_is_one(void **unused)
{
	struct flow flow = { .addr = { host(10), host(12) }, .proto = IP_TCP };
	struct finding f = { .type = ALERT_CRAFTED, .src = host(10), .dst = host(12), .flow = &flow };
	struct alert a = { .kind = ALERT_FIRST, .uid = "00000000000000000000000000000001", .ts_ns = 100 * SEC, .finding = &f,
	    .severity = 2, .techniques = "" };

	(void)unused;
	incidents_alert(n, &a);
	f.src = host(12);
	f.dst = host(10);
	incidents_alert(n, &a);
	alert(101, ALERT_COMMAND_FLOOD, 10, 12);
	incidents_finish(n, 102 * SEC);
	assert_int_equal(n_told, 2);
	assert_int_equal(told[1].id, 1);
	assert_int_equal(told[1].alerts, 3);
	assert_int_equal(told[1].n_targets, 2);
	assert_false(told[1].has_attacker);
	assert_string_equal(told[1].title, "Somebody sent forged packets in the name of 10.0.0.10 and others; 10.0.0.10 flooded 10.0.0.12 with commands");
}

/* Every type of alert has words of its own kind, not the last row's, which is for breaches of protocols. */
static void
every_type_has_words(void **unused)
{
	unsigned rest = 0;

	(void)unused;
	for (unsigned t = 0; t < ALERT_TYPE_COUNT; t++) {
		const char *words = incident_words((enum alert_type)t), *text = alert_type_row((enum alert_type)t)->text;

		assert_non_null(words);
		if (strstr(words, "does not allow") == NULL)
			continue;
		rest++;
		if (strncmp(text, "dnp3.", 5) != 0 && strncmp(text, "protocol.", 9) != 0 && strncmp(text, "ip.", 3) != 0 &&
		    strncmp(text, "function.", 9) != 0 && strncmp(text, "message.", 8) != 0)
			fail_msg("%s has no row in deeds.def", text);
	}
	assert_true(rest > 5);
}

static void
off(void **unused)
{
	struct incidents *none = incidents_open(0, &(struct incident_sink){ on_incident, NULL }, &counters);

	(void)unused;
	n_told = 0;
	incidents_close(n);
	n = none;
	alert(100, ALERT_S7_STOP, 99, 12);
	incidents_finish(n, 101 * SEC);
	assert_int_equal(n_told, 0);
	assert_true(incidents_memory(n) > 0);
}

int
main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, open_all, close_all)
	const struct CMUnitTest tests[] = {
		T(one_attack_is_one_incident), T(a_lone_alert_of_little_weight_is_none), T(strangers_are_two),
		T(two_that_belong_together_become_one),
		T(announced_work_is_apart),
		T(what_nobody_did_has_no_attacker), T(updates_keep_it_open), T(all_of_it_is_bounded), T(a_taken_address_belongs_to_its_taker), T(between_two_is_one), T(every_type_has_words), T(off),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
