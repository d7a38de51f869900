/* Findings in, alerts out: what is the same is merged within a window, which ends with an update. */
#include "alert_kit.h"

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

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_first_is_told_at_once_and_the_rest_at_the_end),
		cmocka_unit_test(merge_0_tells_each),
		cmocka_unit_test(a_full_table_closes_the_oldest_with_its_update),
		cmocka_unit_test(a_clock_that_is_set_back_ends_windows),
		cmocka_unit_test(forged_conversations_do_not_close_the_windows_of_others),
		cmocka_unit_test(ids_are_equal_in_each_replay_and_never_again_live),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
