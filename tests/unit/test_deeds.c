/* What happened, for who reads the database: writes and commands, who talks to whom. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "config/config.h"
#include "detect/history/history.h"

#include "detect_kit.h"

#define SEC	1000000000ull
#define ROWS	64u

static struct keep_deed deeds[ROWS];
static struct keep_talk talks[ROWS];
static unsigned n_deeds, n_talks;
static bool refusing;
static struct flow flow;

static bool
put(void *arg, enum keep_kind kind, const void *row, size_t n)
{
	(void)arg;
	(void)n;
	if (refusing)
		return false;
	/* Rows of one key are one. */
	if (kind == KEEP_DEED) {
		const struct keep_deed *d = row;
		unsigned i = 0;

		while (i < n_deeds && (deeds[i].ts_ns != d->ts_ns || deeds[i].tx != d->tx || deeds[i].item != d->item))
			i++;
		assert_true(i < ROWS);
		deeds[i] = *d;
		n_deeds = i == n_deeds ? n_deeds + 1 : n_deeds;
	} else if (kind == KEEP_TALK) {
		const struct keep_talk *t = row;
		unsigned i = 0;

		while (i < n_talks && (strcmp(talks[i].service, t->service) != 0 || strcmp(talks[i].intent, t->intent) != 0))
			i++;
		assert_true(i < ROWS);
		talks[i] = *t;
		n_talks = i == n_talks ? n_talks + 1 : n_talks;
	}
	return true;
}

static int
load(void *arg, enum keep_kind kind, void (*each)(void *to, const void *row), void *to, struct err *e)
{
	(void)arg, (void)e;
	for (unsigned i = 0; kind == KEEP_TALK && i < n_talks; i++)
		each(to, &talks[i]);
	return 0;
}

static const struct keep keep = { .put = put, .load = load };

static void
on_finding(void *arg, const struct finding *f)
{
	(void)arg, (void)f;
	fail_msg("what happens is no finding");
}

static int
begin(void **state)
{
	static const struct detector *const list[] = { &detector_deeds, &detector_talks, NULL };

	(void)state;
	config_defaults(&settings);
	kit_keep = &keep;
	kit_live = true;
	n_deeds = n_talks = 0;
	refusing = false;
	kit_open(list, on_finding);
	memset(&flow, 0, sizeof(flow));
	flow.id = 77;
	flow.addr[0] = addr_v4((const uint8_t[]){ 10, 0, 0, 1 });
	flow.addr[1] = addr_v4((const uint8_t[]){ 10, 0, 0, 2 });
	flow.proto = IP_TCP;
	flow.port[1] = 502;
	flow.packets[0] = flow.packets[1] = 1;
	kit_flow(&flow, 0);
	return 0;
}

static int
end(void **state)
{
	(void)state;
	kit_close();
	config_free(&settings);
	return 0;
}

static void
tick(uint64_t s)
{
	kit_now_ns = s * SEC;
	detect_tick(detect, kit_now_ns);
}

static uint64_t tx;

static void
write_register(uint64_t s, uint32_t at, uint16_t value, enum op_outcome outcome)
{
	const uint8_t raw[2] = { (uint8_t)(value >> 8), (uint8_t)value };
	struct op_item item = { .space = SPACE_HOLDING, .form = FORM_U16_BE, .written = true, .ranged = true, .first = at, .count = 1, .n_values = 1, .raw = raw };
	struct operation op = { .id = ++tx, .flow = &flow, .phase = OP_FINISHED, .proto = OP_MODBUS, .unit = 3, .function = 6, .name = "Write Single Register",
	    .intent = INTENT_WRITE, .outcome = outcome, .items = &item, .n_items = 1, .request = { .seen = true, .ts_ns = s * SEC, .frame = 10 + s, .len = 5 },
	    .exception_name = outcome == OUTCOME_EXCEPTION ? "Illegal Data Address" : NULL };

	kit_show(&op);
}

static void
a_write_is_a_row_with_what_was_before(void **state)
{
	(void)state;
	write_register(100, 4, 85, OUTCOME_ANSWERED);
	write_register(200, 4, 450, OUTCOME_ANSWERED);
	assert_int_equal(n_deeds, 1);	/* the place of the first was needed; the second waits for its tick */
	tick(201);
	tick(203);
	assert_int_equal(n_deeds, 2);
	assert_string_equal(deeds[0].value, "85");
	assert_string_equal(deeds[0].old, "");
	assert_string_equal(deeds[1].value, "450");
	assert_string_equal(deeds[1].old, "85");
	assert_string_equal(deeds[1].address, "holding register 4");
	assert_string_equal(deeds[1].function, "Write Single Register");
	assert_string_equal(deeds[1].outcome, "answered");
	assert_int_equal(deeds[1].flow_id, 77);
	assert_int_equal(deeds[1].frame, 210);
	assert_int_equal(deeds[1].unit, 3);
	assert_true(deeds[1].has_unit);
}

/* What was refused did not become the value. */
static void
a_refused_write_is_told_and_changes_nothing(void **state)
{
	(void)state;
	write_register(100, 4, 85, OUTCOME_ANSWERED);
	write_register(200, 4, 9, OUTCOME_EXCEPTION);
	write_register(300, 4, 86, OUTCOME_ANSWERED);
	detect_finish(detect, 400 * SEC);
	assert_int_equal(n_deeds, 3);
	assert_string_equal(deeds[1].outcome, "exception");
	assert_string_equal(deeds[1].reason, "Illegal Data Address");
	assert_string_equal(deeds[2].old, "85");
}

static void
a_heartbeat_is_few_rows_and_what_breaks_a_steady_value_has_its_own(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 3600; i++) {
		write_register(1000 + i, 9, (uint16_t)i, OUTCOME_ANSWERED);	/* counts */
		write_register(1000 + i, 4, i == 1800 ? 900 : 85, OUTCOME_ANSWERED);	/* stands */
		tick(1001 + i);
	}
	detect_finish(detect, 5000 * SEC);
	assert_in_range(n_deeds, 10, 14);
	for (unsigned i = 0, found = 0; i < n_deeds; i++) {
		found += strcmp(deeds[i].value, "900") == 0 && deeds[i].count == 1 && strcmp(deeds[i].old, "85") == 0;
		assert_true(i + 1 < n_deeds || found == 1);
		if (deeds[i].changing)
			assert_true(deeds[i].count > 3000 && strcmp(deeds[i].value, "3599") == 0);
	}
}

static void
nothing_is_lost_while_the_queue_is_full(void **state)
{
	(void)state;
	refusing = true;
	write_register(100, 4, 85, OUTCOME_ANSWERED);
	tick(102);
	tick(104);
	assert_int_equal(n_deeds, 0);
	refusing = false;
	tick(106);
	assert_int_equal(n_deeds, 1);
	assert_int_equal(counters.v[CNT_HISTORY_DEEDS], 0);
}

/* ---- who talks to whom ------------------------------------------------------------------ */

static void
operations_count_by_intent_and_other_traffic_by_its_name(void **state)
{
	struct flow other = flow, silent = flow, closed = flow;

	(void)state;
	for (unsigned i = 0; i < 5; i++)
		write_register(100 + i, 4, 85, i == 4 ? OUTCOME_EXCEPTION : OUTCOME_ANSWERED);
	kit_flow(&other, 1);
	other.port[1] = 3389;
	other.payload[0] = other.bytes[0] = 400;
	other.first_ns = other.last_ns = 100 * SEC;
	kit_flow_end(&other, FLOW_END_CLOSED);
	kit_flow(&silent, 2);
	silent.packets[1] = 0;
	silent.first_ns = silent.last_ns = 100 * SEC;
	kit_flow_end(&silent, FLOW_END_TIMEOUT);
	kit_flow(&closed, 3);
	closed.tcp_flags[1] = TCP_RST;
	closed.first_ns = closed.last_ns = 100 * SEC;
	kit_flow_end(&closed, FLOW_END_CLOSED);
	detect_finish(detect, 200 * SEC);
	assert_int_equal(n_talks, 4);
	for (unsigned i = 0; i < n_talks; i++) {
		const struct keep_talk *t = &talks[i];

		if (strcmp(t->service, "modbus") == 0) {
			assert_string_equal(t->intent, "write");
			assert_true(t->plant && t->count == 5 && t->refused == 1 && t->bytes == 25);
			assert_int_equal(t->first_ns, 100 * SEC);
		} else if (strcmp(t->service, "unanswered") == 0)
			assert_true(t->count == 1 && t->unanswered == 1 && addr_same(&t->server, &(struct addr){ { 0 } }));
		else if (strcmp(t->service, "refused") != 0)
			assert_string_equal(t->service, "tcp/3389");
	}
}

/* After a restart counts go on where they were. */
static void
counts_go_on_after_a_restart(void **state)
{
	static const struct detector *const list[] = { &detector_talks, NULL };

	(void)state;
	write_register(100, 4, 85, OUTCOME_ANSWERED);
	detect_finish(detect, 200 * SEC);
	kit_open(list, on_finding);
	kit_flow(&flow, 0);
	write_register(300, 4, 85, OUTCOME_ANSWERED);
	detect_finish(detect, 400 * SEC);
	assert_int_equal(n_talks, 1);
	assert_int_equal(talks[0].count, 2);
	assert_int_equal(talks[0].first_ns, 100 * SEC);
	assert_int_equal(talks[0].last_ns, 300 * SEC);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_write_is_a_row_with_what_was_before, begin, end),
		cmocka_unit_test_setup_teardown(a_refused_write_is_told_and_changes_nothing, begin, end),
		cmocka_unit_test_setup_teardown(a_heartbeat_is_few_rows_and_what_breaks_a_steady_value_has_its_own, begin, end),
		cmocka_unit_test_setup_teardown(nothing_is_lost_while_the_queue_is_full, begin, end),
		cmocka_unit_test_setup_teardown(operations_count_by_intent_and_other_traffic_by_its_name, begin, end),
		cmocka_unit_test_setup_teardown(counts_go_on_after_a_restart, begin, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
