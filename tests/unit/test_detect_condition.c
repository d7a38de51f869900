/* Detectors of how a device is: stops and refusals that repeat, what it indicates, whether it reports, what firmware it has. */
#include "health_kit.h"

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
	assert_int_equal(settings.alert.merge_s, 300);
	assert_int_equal(settings.detect.known_forget_s, 86400);
	for (unsigned i = 5; i <= 7200; i++) {	/* one a minute, for five days: as ever */
		op.request.ts_ns = (1000 + i * 60) * SEC;
		kit_show(&op);
	}
	assert_int_equal(said[ALERT_EXCEPTIONS_MANY], 1);
	for (unsigned i = 1; i <= 100; i++) {	/* one a second */
		op.request.ts_ns = (1000 + 7200 * 60 + i) * SEC;
		kit_show(&op);
	}
	assert_true(said[ALERT_EXCEPTIONS_MANY] > 1);
	said[ALERT_EXCEPTIONS_MANY] = 1;
	n_said = 2;
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
	op.condition_of = OP_RESTARTED | OP_TROUBLE | OP_OVERFLOW | OP_CORRUPT;
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

/* A lamp that was not asked for is not out. */
static void
what_an_answer_says_nothing_of_stays_as_it_is(void **unused)
{
	struct operation op = operation(OP_S7, 0, 1000);
	static const struct { uint8_t now, of; unsigned said; } answers[] = {
		{ OP_BATTERY, OP_BATTERY | OP_FAULT, 1 }, { 0, OP_FAULT, 1 }, { OP_FAULT | OP_BATTERY, OP_FAULT, 2 }, { OP_BATTERY, OP_BATTERY, 2 },
		{ 0, OP_BATTERY, 2 }, { OP_BATTERY, OP_BATTERY, 3 },
	};

	(void)unused;
	open_one(&detector_indications);
	op.shown_by = "SF";
	for (unsigned i = 0; i < COUNTOF(answers); i++) {
		op.condition = answers[i].now;
		op.condition_of = answers[i].of;
		kit_show(&op);
		assert_int_equal(n_said, answers[i].said);
		if (i == 2)
			assert_string_equal(last.what, "SF");
	}
	assert_int_equal(said[ALERT_HEALTH_BATTERY], 2);
	assert_int_equal(said[ALERT_HEALTH_FAULT], 1);
	kit_close();
}

static void
say_mode(const char *mode, uint64_t since_ms, enum op_command command)
{
	struct op_fact f = { .key = FACT_RUN_STATE, .len = (uint16_t)strlen(mode), .bytes = (const uint8_t *)mode };
	struct operation op = operation(OP_S7, 0, 1000);

	op.facts = &f;
	op.n_facts = 1;
	op.mode_ms = since_ms;
	op.command = command;
	kit_show(&op);
}

static void
a_mode_that_nobody_commanded_is_told(void **unused)
{
	struct operation stop = operation(OP_S7, 0x29, 1000);
	char longest[80];

	(void)unused;
	open_one(&detector_indications);
	say_mode("RUN", 5000, CMD_NONE);
	say_mode("RUN", 5000, CMD_NONE);
	say_mode("RUN", 0, CMD_NONE);		/* asked for another way, it has no time */
	say_mode("RUN", 5000, CMD_NONE);
	assert_int_equal(n_said, 0);
	say_mode("RUN", 9000, CMD_NONE);
	assert_int_equal(said[ALERT_HEALTH_MODE], 1);
	say_mode("STOP", 0, CMD_NONE);
	assert_int_equal(said[ALERT_HEALTH_MODE], 2);
	stop.command = CMD_STOP;
	stop.response.seen = false;
	kit_show(&stop);
	say_mode("RUN", 11000, CMD_NONE);	/* whoever commands knows */
	say_mode("STOP", 0, CMD_MODE_REPORT);	/* others say what it announces */
	say_mode("STOP", 12000, CMD_NONE);
	assert_int_equal(n_said, 2);
	memset(longest, 'M', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = '\0';
	say_mode(longest, 12000, CMD_NONE);
	say_mode(longest, 12000, CMD_NONE);
	assert_int_equal(n_said, 3);
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

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(stops_are_counted_when_they_are_asked_for),
		cmocka_unit_test(restarts_are_counted_when_they_are_asked_for),
		cmocka_unit_test(refusals_are_counted_and_some_are_told_at_once),
		cmocka_unit_test(a_condition_is_told_when_it_begins),
		cmocka_unit_test(what_an_answer_says_nothing_of_stays_as_it_is),
		cmocka_unit_test(a_mode_that_nobody_commanded_is_told),
		cmocka_unit_test(overflows_are_told_and_counted),
		cmocka_unit_test(what_carries_no_status_changes_none),
		cmocka_unit_test(reports_that_stay_off_are_told),
		cmocka_unit_test(what_another_master_wanted_is_told_at_once),
		cmocka_unit_test(the_end_is_the_last_look_at_reports),
		cmocka_unit_test(another_firmware_than_before_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
