/* The detector of how the sensor is; and the setting that switches all detectors of health off. */
#include "health_kit.h"

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
	kit_live = true;
	open_one(&detector_sensor);
	kit_live = false;
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

/* Captures of many days have many pauses: one line at the end, at the time of the longest. */
static void
pauses_of_a_replay_are_told_at_its_end(void **unused)
{
	(void)unused;
	for (unsigned n = 0; n <= 3; n++) {
		uint64_t at = 1000;

		open_one(&detector_sensor);
		for (unsigned i = 0; i <= n + 1; i++) {
			detect_tick(detect, at * SEC);	/* the clock is at its frame before that is counted */
			counters.v[CNT_DEC_PACKETS]++;
			detect_tick(detect, at * SEC + SEC / 10);
			at += i < n ? 301 + i : 299;
		}
		assert_int_equal(n_said, 0);
		detect_finish(detect, at * SEC);
		assert_int_equal(said[ALERT_NO_TRAFFIC], n > 0);
		if (n > 0) {
			assert_int_equal(last.ts_ns, (1000 + 301 * n + n * (n - 1) / 2) * SEC);
			assert_int_equal(last.numbers[0].value, 300 + n - 1);	/* the tenth of a second is lost */
			assert_int_equal(last.n_numbers, n > 1 ? 4 : 2);
		}
		kit_close();
	}
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
		cmocka_unit_test(a_flooded_table_is_told),
		cmocka_unit_test(silence_on_the_wire_is_told_once),
		cmocka_unit_test(pauses_of_a_replay_are_told_at_its_end),
		cmocka_unit_test(what_was_evicted_at_the_end_is_told),
		cmocka_unit_test(one_setting_switches_all_of_them_off),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
