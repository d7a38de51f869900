/* Detectors of how devices and the sensor are, one by one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "config/config.h"
#include "detect/health/health.h"

#include "detect_kit.h"

#define SEC 1000000000ull

static unsigned said[ALERT_TYPE_COUNT], n_said;
static struct finding last;
static char last_expected[80];
static struct flow flow;

static void
on_finding(void *arg, const struct finding *f)
{
	(void)arg;
	said[f->type]++;
	n_said++;
	last = *f;
	snprintf(last_expected, sizeof(last_expected), "%s", f->expected != NULL ? f->expected : "");
}

static struct addr
host(uint8_t last_byte)
{
	const uint8_t four[4] = { 10, 0, 0, last_byte };

	return addr_v4(four);
}

static void
open_one(const struct detector *by)
{
	const struct detector *const list[] = { by, NULL };

	config_free(&settings);
	config_defaults(&settings);
	memset(said, 0, sizeof(said));
	n_said = 0;
	kit_now_ns = 0;
	flow = (struct flow){ .id = 7, .addr = { host(1), host(2) }, .port = { 4000, 502 }, .proto = IP_TCP,
	    .packets = { 9, 9 } };
	kit_open(list, on_finding);
}

static struct operation
operation(enum op_proto proto, uint32_t function, uint64_t at_s)
{
	static uint64_t id;

	return (struct operation){ .id = ++id, .flow = &flow, .phase = OP_FINISHED, .proto = proto,
	    .function = function, .intent = INTENT_MODE, .outcome = OUTCOME_ANSWERED, .unit = 1,
	    .request = { .seen = true, .ts_ns = at_s * SEC, .frame = at_s },
	    .response = { .seen = true, .ts_ns = at_s * SEC + 1, .frame = at_s + 1 } };
}

static struct packet
packet(uint8_t src, uint8_t dst, uint16_t dport, uint8_t flags, uint64_t at_s)
{
	return (struct packet){ .ts_ns = at_s * SEC, .frame = 1, .src = host(src), .dst = host(dst),
	    .sport = 4000, .dport = dport, .ip_v = 4, .proto = IP_TCP, .tcp_flags = flags };
}

/* ---- answering -------------------------------------------------------------------- */

/* `op` is asked n times, first at from_s seconds, and never answered. */
static void
unanswered(struct operation *op, unsigned n, uint64_t from_s, uint64_t step_s)
{
	op->response.seen = false;
	op->outcome = OUTCOME_UNANSWERED;
	for (unsigned i = 0; i < n; i++) {
		op->request.ts_ns = (from_s + i * step_s) * SEC;
		kit_show(op);
	}
}

static void
a_device_is_gone_when_it_answered_before(void **unused)
{
	struct operation op = operation(OP_MODBUS, 3, 100);

	(void)unused;
	open_one(&detector_answering);
	op.intent = INTENT_READ;
	kit_show(&op);
	unanswered(&op, 20, 110, 1);
	assert_int_equal(said[ALERT_MB_SILENT], 1);
	assert_int_equal(said[ALERT_DISCONNECTED], 1);
	assert_int_equal(n_said, 2);
	/* It comes back, and goes again. */
	op.response.seen = true;
	op.outcome = OUTCOME_ANSWERED;
	kit_show(&op);
	unanswered(&op, 3, 130, 1);
	assert_int_equal(said[ALERT_MB_SILENT], 2);
	/* What cannot be seen is not missing. */
	op.outcome = OUTCOME_ONE_SIDED;
	for (unsigned i = 0; i < 30; i++)
		kit_show(&op);
	assert_int_equal(n_said, 3);
	kit_close();
}

/* A session that ends leaves a request open; that is known late. */
static void
a_device_that_answered_since_is_not_gone(void **unused)
{
	struct operation op = operation(OP_DNP3, 1, 1000);

	(void)unused;
	open_one(&detector_answering);
	op.intent = INTENT_READ;
	op.response.ts_ns = 1000 * SEC;
	kit_show(&op);
	unanswered(&op, 20, 800, 10);
	assert_int_equal(n_said, 0);
	kit_close();
}

/* The same of a unit: requests that were given up before one that it answered. */
static void
a_unit_that_answered_since_is_not_silent(void **unused)
{
	struct operation op = operation(OP_MODBUS, 3, 1000);

	(void)unused;
	open_one(&detector_answering);
	op.intent = INTENT_READ;
	kit_show(&op);
	unanswered(&op, 20, 800, 10);
	assert_int_equal(n_said, 0);
	unanswered(&op, 3, 1001, 1);
	assert_int_equal(said[ALERT_MB_SILENT], 1);
	kit_close();
}

/* Answers that somebody changed on their way are none, but the device sends them. */
static void
a_device_that_still_sends_is_not_gone(void **unused)
{
	struct operation op = operation(OP_DNP3, 1, 1000);

	(void)unused;
	open_one(&detector_answering);
	op.intent = INTENT_READ;
	kit_show(&op);
	op.response.seen = false;
	op.outcome = OUTCOME_UNANSWERED;
	for (unsigned i = 0; i < 20; i++) {
		op.request.ts_ns = (1010 + i) * SEC;
		flow.heard_ns[1] = op.request.ts_ns + SEC / 10;
		flow.spoke_ns[1] = flow.heard_ns[1];
		kit_show(&op);
	}
	assert_int_equal(n_said, 0);
	unanswered(&op, 20, 1040, 1);
	assert_int_equal(said[ALERT_DISCONNECTED], 1);
	kit_close();
}

/* It acknowledges what it gets and answers nothing, one request a connection. */
static void
a_device_that_only_acknowledges_is_told(void **unused)
{
	static const enum op_proto protos[] = { OP_DNP3, OP_S7, OP_S7PLUS, OP_MODBUS };

	(void)unused;
	for (unsigned k = 0; k < sizeof(protos) / sizeof(protos[0]); k++) {
		struct operation op = operation(protos[k], 4, 1000);

		open_one(&detector_answering);
		op.intent = INTENT_READ;
		op.response.seen = false;
		op.outcome = OUTCOME_UNANSWERED;
		for (unsigned i = 0; i < 8; i++) {
			struct packet syn_ack = packet(2, 1, 4000, TCP_SYN | TCP_ACK, 1000 + 10 * i);

			flow.id = 100 + i;
			flow.payload[0] = 20;
			kit_packet(&syn_ack, &flow, DIR_FROM_1);
			op.request.ts_ns = (1001 + 10 * i) * SEC;
			flow.heard_ns[1] = op.request.ts_ns + SEC / 10;
			kit_show(&op);
		}
		assert_int_equal(n_said, 1);
		assert_int_equal(said[protos[k] == OP_MODBUS ? ALERT_MB_SILENT : ALERT_DEVICE_SILENT], 1);
		kit_close();
	}
}

/* What had no time to be answered before the capture ended says nothing of the device. */
static void
the_end_of_a_capture_is_no_silence(void **unused)
{
	struct operation op = operation(OP_MODBUS, 3, 1000);

	(void)unused;
	open_one(&detector_answering);
	kit_now_ns = 1003 * SEC;
	op.intent = INTENT_READ;
	op.response.seen = false;
	op.outcome = OUTCOME_UNANSWERED;
	flow.shutdown = true;
	for (unsigned i = 0; i < 20; i++)
		kit_show(&op);
	assert_int_equal(n_said, 0);
	kit_now_ns = 1100 * SEC;		/* there was time enough */
	for (unsigned i = 0; i < 3; i++)
		kit_show(&op);
	assert_int_equal(said[ALERT_MB_SILENT], 1);
	kit_close();
}

/* A refused session is a sign of life; one that is cut may have been cut by another. */
static void
a_cut_session_is_no_sign_of_life(void **unused)
{
	static const struct { uint64_t heard_ns; unsigned gone; } cases[] = { { 0, 0 }, { 1, 1 } };

	(void)unused;
	for (unsigned k = 0; k < 2; k++) {
		struct operation op = operation(OP_MODBUS, 3, 1000);
		struct packet p;

		open_one(&detector_answering);
		kit_show(&op);
		flow.heard_ns[1] = cases[k].heard_ns;
		for (unsigned i = 0; i < 20; i++) {
			p = packet(1, 2, 502, TCP_SYN, 1010 + i);
			kit_packet(&p, &flow, DIR_FROM_0);
			p = packet(2, 1, 4000, TCP_RST | TCP_ACK, 1010 + i);
			kit_packet(&p, &flow, DIR_FROM_1);
		}
		assert_int_equal(said[ALERT_DISCONNECTED], cases[k].gone);
		kit_close();
	}
}

/* A device that was tried by SYN alone is judged at its own row, kept at the flow or not. */
static void
attempts_to_connect_count(void **unused)
{
	struct operation op = operation(OP_MODBUS, 3, 1000);
	struct packet p;

	(void)unused;
	open_one(&detector_answering);
	for (unsigned i = 0; i < 20; i++) {	/* nothing is known of it */
		p = packet(1, 2, 502, TCP_SYN, 900 + i);
		kit_packet(&p, i % 2 == 0 ? &flow : NULL, DIR_FROM_0);
	}
	assert_int_equal(n_said, 0);
	kit_show(&op);
	for (unsigned i = 0; i < 8; i++) {
		assert_int_equal(n_said, 0);
		p = packet(1, 2, 502, TCP_SYN, 1010 + i);
		kit_packet(&p, i % 2 == 0 ? &flow : NULL, DIR_FROM_0);
	}
	assert_int_equal(said[ALERT_DISCONNECTED], 1);
	assert_int_equal(n_said, 1);
	kit_close();
}

/* ---- repeats ----------------------------------------------------------------------- */

/* Stops count when they are asked for: of a device that never answers, that is all. */
static void
stops_are_counted_when_they_are_asked_for(void **unused)
{
	struct operation op = operation(OP_S7, 0x29, 1000);

	(void)unused;
	open_one(&detector_repeats);
	op.command = CMD_STOP;
	op.response.seen = false;
	for (unsigned i = 0; i < 20; i++) {
		op.phase = OP_REQUESTED;
		op.outcome = OUTCOME_PENDING;
		kit_show(&op);
		assert_int_equal(said[ALERT_STOPS_MANY], i == 19);
		op.phase = OP_FINISHED;
		op.outcome = OUTCOME_ONE_SIDED;
		kit_show(&op);
	}
	assert_int_equal(said[ALERT_STOPS_MANY], 1);
	kit_close();
}

static void
restarts_are_counted_when_they_are_asked_for(void **unused)
{
	struct operation op = operation(OP_DNP3, 13, 1000);

	(void)unused;
	open_one(&detector_repeats);
	op.command = CMD_RESTART;
	for (unsigned i = 1; i <= 11; i++) {
		op.phase = OP_REQUESTED;
		kit_show(&op);
		op.phase = OP_FINISHED;
		kit_show(&op);
		assert_int_equal(said[ALERT_RESTARTS_MANY], i < 10 ? 0 : i - 9);
	}
	/* Of another unit behind the same address it is the first. */
	op.unit = 2;
	op.phase = OP_REQUESTED;
	kit_show(&op);
	assert_int_equal(said[ALERT_RESTARTS_MANY], 2);
	assert_int_equal(n_said, 2);
	kit_close();
}

static void
refusals_are_counted_and_some_are_told_at_once(void **unused)
{
	struct operation op = operation(OP_MODBUS, 3, 1000);

	(void)unused;
	open_one(&detector_repeats);
	op.outcome = OUTCOME_EXCEPTION;
	op.exception = 4;
	op.refused = OP_REFUSED_FAILURE;
	kit_show(&op);
	assert_int_equal(n_said, 0);	/* it never worked */
	op.outcome = OUTCOME_ANSWERED;
	op.refused = 0;
	kit_show(&op);
	op.outcome = OUTCOME_EXCEPTION;
	op.refused = OP_REFUSED_FAILURE;
	kit_show(&op);
	assert_int_equal(said[ALERT_DEVICE_FAILURE], 1);
	op.refused = OP_REFUSED_ADDRESS;
	for (unsigned i = 3; i <= 20; i++) {
		assert_int_equal(said[ALERT_EXCEPTIONS_MANY], 0);
		kit_show(&op);
	}
	assert_int_equal(said[ALERT_EXCEPTIONS_MANY], 1);
	op = operation(OP_S7, 0x705, 1001);
	op.login_refused = "the password was refused";
	kit_show(&op);
	assert_int_equal(said[ALERT_AUTH_ERROR], 1);
	assert_string_equal(last.what, "the password was refused");
	assert_int_equal(n_said, 3);
	kit_close();
}

/* ---- indications --------------------------------------------------------------------- */

static void
say_condition(uint8_t condition, uint64_t at_s)
{
	struct operation op = operation(OP_DNP3, 1, at_s);

	op.has_status = true;
	op.condition = condition;
	kit_show(&op);
}

static void
a_condition_is_told_when_it_begins(void **unused)
{
	(void)unused;
	open_one(&detector_indications);
	/* Since when it lasts nobody knows; that it restarted may be long ago. */
	say_condition(OP_RESTARTED | OP_TROUBLE | OP_CORRUPT, 1000);
	assert_int_equal(said[ALERT_DEVICE_TROUBLE], 1);
	assert_int_equal(said[ALERT_CONFIG_CORRUPT], 1);
	assert_int_equal(n_said, 2);
	assert_true(last.to_client);
	say_condition(OP_TROUBLE, 1001);
	assert_int_equal(n_said, 2);
	say_condition(OP_TROUBLE | OP_RESTARTED, 1002);
	assert_int_equal(said[ALERT_DNP3_RESTARTED], 1);
	assert_int_equal(n_said, 3);
	say_condition(0, 1003);
	say_condition(OP_RESTARTED, 1004);
	assert_int_equal(said[ALERT_DNP3_RESTARTED], 2);
	assert_int_equal(said[ALERT_DNP3_RESTARTS], 1);
	kit_close();
}

static void
overflows_are_told_and_counted(void **unused)
{
	(void)unused;
	open_one(&detector_indications);
	for (unsigned i = 0; i < 3; i++) {
		assert_int_equal(said[ALERT_EVENT_OVERFLOWS], 0);
		say_condition(OP_OVERFLOW, 1000 + 2 * i);
		say_condition(0, 1001 + 2 * i);
	}
	assert_int_equal(said[ALERT_EVENT_OVERFLOW], 3);
	assert_int_equal(said[ALERT_EVENT_OVERFLOWS], 1);
	assert_int_equal(n_said, 4);
	kit_close();
}

static void
what_carries_no_status_changes_none(void **unused)
{
	struct operation op = operation(OP_DNP3, 1, 1001);

	(void)unused;
	open_one(&detector_indications);
	say_condition(OP_TROUBLE, 1000);
	kit_show(&op);
	say_condition(OP_TROUBLE, 1002);
	assert_int_equal(said[ALERT_DEVICE_TROUBLE], 1);
	kit_close();
}

/* ---- reporting ------------------------------------------------------------------------ */

static void
switch_reports(enum op_command command, uint8_t by, uint64_t at_s)
{
	struct operation op = operation(OP_DNP3, 20, at_s);

	flow.addr[0] = host(by);
	op.command = command;
	op.intent = INTENT_CONFIG;
	op.phase = OP_REQUESTED;
	op.outcome = OUTCOME_PENDING;
	kit_show(&op);
	op.phase = OP_FINISHED;
	op.outcome = OUTCOME_ANSWERED;
	kit_show(&op);
}

static void
reports_that_stay_off_are_told(void **unused)
{
	struct operation event = operation(OP_DNP3, 130, 999);

	(void)unused;
	open_one(&detector_reporting);
	switch_reports(CMD_UNSOLICITED_OFF, 1, 900);	/* it did not report */
	detect_tick(detect, 990 * SEC);
	assert_int_equal(n_said, 0);
	event.outcome = OUTCOME_UNSOLICITED;
	event.request.seen = false;
	kit_show(&event);
	/* As a master does when it begins. */
	switch_reports(CMD_UNSOLICITED_OFF, 1, 1000);
	switch_reports(CMD_UNSOLICITED_ON, 1, 1001);
	detect_tick(detect, 1100 * SEC);
	assert_int_equal(n_said, 0);
	switch_reports(CMD_UNSOLICITED_OFF, 1, 1200);
	detect_tick(detect, 1259 * SEC);
	assert_int_equal(n_said, 0);
	detect_tick(detect, 1261 * SEC);
	assert_int_equal(said[ALERT_UNSOL_OFF], 1);
	assert_string_equal(last_expected, "and did not switch them on again within 60 seconds");
	detect_tick(detect, 1400 * SEC);
	switch_reports(CMD_UNSOLICITED_OFF, 1, 1500);	/* they are off */
	detect_tick(detect, 1600 * SEC);
	assert_int_equal(n_said, 1);
	kit_close();
}

static void
what_another_master_wanted_is_told_at_once(void **unused)
{
	(void)unused;
	open_one(&detector_reporting);
	switch_reports(CMD_UNSOLICITED_ON, 1, 1000);
	switch_reports(CMD_UNSOLICITED_OFF, 9, 1001);
	assert_int_equal(said[ALERT_UNSOL_OFF], 2);	/* when asked for, and how it ended */
	assert_int_equal(last.stage, FINDING_OUTCOME);
	assert_string_equal(last_expected, "and another master had switched them on");
	kit_close();
}

/* The time was over when the run ended, though no tick came. */
static void
the_end_is_the_last_look_at_reports(void **unused)
{
	(void)unused;
	open_one(&detector_reporting);
	switch_reports(CMD_UNSOLICITED_ON, 1, 1000);
	switch_reports(CMD_UNSOLICITED_OFF, 1, 1001);
	detect_finish(detect, 1062 * SEC);
	assert_int_equal(said[ALERT_UNSOL_OFF], 1);
	kit_close();
}

/* ---- identity -------------------------------------------------------------------------- */

static void
identify(uint32_t unit, enum op_fact_key key, const char *text, uint64_t at_s)
{
	struct op_fact fact = { .key = (uint8_t)key, .len = (uint16_t)strlen(text), .bytes = (const uint8_t *)text };
	struct operation op = operation(OP_MODBUS, 43, at_s);

	op.intent = INTENT_IDENTIFY;
	op.unit = unit;
	op.facts = &fact;
	op.n_facts = 1;
	kit_show(&op);
}

static void
another_firmware_than_before_is_told(void **unused)
{
	(void)unused;
	open_one(&detector_identity);
	identify(1, FACT_FIRMWARE, "V1.2", 1000);
	identify(1, FACT_FIRMWARE, "V1.2", 1001);
	identify(2, FACT_FIRMWARE, "V9", 1002);		/* another device */
	identify(1, FACT_HARDWARE, "rev B", 1003);	/* another question */
	assert_int_equal(n_said, 0);
	identify(1, FACT_FIRMWARE, "V1.3", 1004);
	assert_int_equal(said[ALERT_FIRMWARE_CHANGED], 1);
	assert_string_equal(last.what, "firmware version");
	assert_string_equal(last_expected, "V1.2");
	identify(1, FACT_FIRMWARE, "V1.3", 1005);
	assert_int_equal(n_said, 1);
	kit_close();
}

/* ---- sensor ------------------------------------------------------------------------ */

/* Once a minute for each table, from its limit on. */
static void
a_flooded_table_is_told(void **unused)
{
	(void)unused;
	open_one(&detector_sensor);
	detect_tick(detect, 1000 * SEC);
	counters.v[CNT_APP_PART_EVICTED] = 1;
	counters.v[CNT_DEC_PACKETS] += 64;
	detect_tick(detect, 1001 * SEC);
	assert_int_equal(said[ALERT_HALVES_EVICTED], 1);
	assert_string_equal(last.what, "beginnings of messages");
	counters.v[CNT_APP_PART_EVICTED] = 500;
	counters.v[CNT_DEC_PACKETS] += 64;
	detect_tick(detect, 1002 * SEC);
	assert_int_equal(said[ALERT_HALVES_EVICTED], 1);
	counters.v[CNT_APP_PART_EVICTED] = 501;
	counters.v[CNT_DEC_PACKETS] += 64;
	detect_tick(detect, 1062 * SEC);
	assert_int_equal(said[ALERT_HALVES_EVICTED], 2);
	/* A few flows are no flood. */
	counters.v[CNT_FLOW_EVICTED] = 63;
	counters.v[CNT_DEC_PACKETS] += 64;
	detect_tick(detect, 1063 * SEC);
	assert_int_equal(said[ALERT_STATE_EVICTED], 0);
	counters.v[CNT_FLOW_EVICTED] = 64;
	counters.v[CNT_DEC_PACKETS] += 64;
	detect_tick(detect, 1064 * SEC);
	assert_int_equal(said[ALERT_STATE_EVICTED], 1);
	assert_string_equal(last.what, "conversations");
	assert_int_equal(n_said, 3);
	kit_close();
}

static void
silence_on_the_wire_is_told_once(void **unused)
{
	(void)unused;
	open_one(&detector_sensor);
	for (uint64_t t = 0; t < 6000; t++) {	/* ten minutes of ticks, frames in the first second */
		counters.v[CNT_DEC_PACKETS] += t < 10;
		detect_tick(detect, 100 * SEC + t * SEC / 10);
	}
	assert_int_equal(said[ALERT_NO_TRAFFIC], 1);
	counters.v[CNT_DEC_PACKETS]++;
	detect_tick(detect, 800 * SEC);
	detect_tick(detect, 1101 * SEC);
	assert_int_equal(said[ALERT_NO_TRAFFIC], 2);
	kit_close();
}

/* Fewer frames than a look takes: the last word is said nevertheless. */
static void
what_was_evicted_at_the_end_is_told(void **unused)
{
	(void)unused;
	open_one(&detector_sensor);
	detect_tick(detect, 1000 * SEC);
	counters.v[CNT_APP_PART_EVICTED] = 1;
	counters.v[CNT_DEC_PACKETS] += 3;
	detect_tick(detect, 1001 * SEC);
	assert_int_equal(n_said, 0);
	detect_finish(detect, 1002 * SEC);
	assert_int_equal(said[ALERT_HALVES_EVICTED], 1);
	kit_close();
}

static void
one_setting_switches_all_of_them_off(void **unused)
{
	static const struct detector *const all[] = { &detector_answering, &detector_repeats, &detector_indications,
		&detector_reporting, &detector_identity, &detector_sensor, NULL };
	struct operation op = operation(OP_DNP3, 18, 1000);

	(void)unused;
	open_one(&detector_sensor);
	settings.detect.health = false;
	kit_open(all, on_finding);
	op.command = CMD_STOP;
	op.has_status = true;
	op.condition = OP_TROUBLE | OP_CORRUPT;
	op.login_refused = "no";
	kit_show(&op);
	counters.v[CNT_APP_PART_EVICTED] = 1;
	detect_tick(detect, 1000 * SEC);
	detect_finish(detect, 10000 * SEC);
	assert_int_equal(n_said, 0);
	assert_false(detect_wants(detect, DETECT_TICK));
	assert_false(detect_wants(detect, DETECT_PACKET));
	kit_close();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_device_is_gone_when_it_answered_before),
		cmocka_unit_test(a_device_that_answered_since_is_not_gone),
		cmocka_unit_test(a_unit_that_answered_since_is_not_silent),
		cmocka_unit_test(a_device_that_still_sends_is_not_gone),
		cmocka_unit_test(a_device_that_only_acknowledges_is_told),
		cmocka_unit_test(the_end_of_a_capture_is_no_silence),
		cmocka_unit_test(a_cut_session_is_no_sign_of_life),
		cmocka_unit_test(attempts_to_connect_count),
		cmocka_unit_test(stops_are_counted_when_they_are_asked_for),
		cmocka_unit_test(restarts_are_counted_when_they_are_asked_for),
		cmocka_unit_test(refusals_are_counted_and_some_are_told_at_once),
		cmocka_unit_test(a_condition_is_told_when_it_begins),
		cmocka_unit_test(overflows_are_told_and_counted),
		cmocka_unit_test(what_carries_no_status_changes_none),
		cmocka_unit_test(reports_that_stay_off_are_told),
		cmocka_unit_test(what_another_master_wanted_is_told_at_once),
		cmocka_unit_test(the_end_is_the_last_look_at_reports),
		cmocka_unit_test(another_firmware_than_before_is_told),
		cmocka_unit_test(a_flooded_table_is_told),
		cmocka_unit_test(silence_on_the_wire_is_told_once),
		cmocka_unit_test(what_was_evicted_at_the_end_is_told),
		cmocka_unit_test(one_setting_switches_all_of_them_off),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
