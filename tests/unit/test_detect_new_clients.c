/* Clients that come when the others are settled. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "detect/new_clients/new_clients.h"

#include "detect_kit.h"

#define SEC 1000000000ull

static enum alert_type said[64];
static enum finding_stage stages[64];
static char what[160];
static unsigned n_said;

static void
on_finding(void *arg, const struct finding *f)
{
	(void)arg;
	assert_true(n_said < 64);
	stages[n_said] = f->stage;
	said[n_said++] = f->type;
	(void)snprintf(what, sizeof(what), "%s", f->what);
}

static void
open_with(uint64_t devices)
{
	static const struct detector *const list[] = { &detector_new_clients, NULL };

	settings = (struct settings){ .detect = { .new_clients = true, .new_clients_learning_s = 60,
	    .new_clients_forget_s = 3600, .devices = devices } };
	n_said = 0;
	kit_open(list, on_finding);
}

static struct addr
host(uint8_t net, uint8_t last)
{
	const uint8_t four[4] = { 10, 0, net, last };

	return addr_v4(four);
}

/* One finished operation of 10.0.0.`client` with the device 10.0.1.`device`. */
static void
ask(uint64_t ts_s, uint8_t client, uint8_t device, enum op_intent intent)
{
	struct flow f = { .addr = { host(0, client), host(1, device) }, .port = { 50000, 502 }, .proto = 6 };
	struct operation op = { .id = 1, .flow = &f, .phase = OP_FINISHED, .proto = OP_MODBUS,
	    .request = { .seen = true, .ts_ns = ts_s * SEC }, .intent = intent,
	    .outcome = OUTCOME_ANSWERED };

	kit_show(&op);
}

static void
who_was_there_from_the_beginning_is_not_new(void **unused)
{
	(void)unused;
	open_with(16);
	ask(1000, 1, 1, INTENT_READ);
	ask(1059, 2, 1, INTENT_READ);
	ask(9000, 1, 1, INTENT_WRITE);
	ask(9000, 2, 1, INTENT_WRITE);
	assert_int_equal(n_said, 0);
	kit_close();
}

static void
who_comes_later_is_new_until_his_term_is_over(void **unused)
{
	(void)unused;
	open_with(16);
	ask(1000, 1, 1, INTENT_READ);
	ask(1001, 2, 1, INTENT_READ);
	ask(1060, 9, 1, INTENT_READ);
	assert_int_equal(n_said, 1);
	assert_int_equal(said[0], ALERT_NEW_CLIENT);
	assert_string_equal(what, "10.0.0.1 and 10.0.0.2");
	ask(1061, 9, 1, INTENT_WRITE);
	assert_int_equal(said[1], ALERT_NEW_CLIENT_COMMAND);
	ask(1062, 9, 1, INTENT_MODE);
	assert_int_equal(said[2], ALERT_NEW_CLIENT_COMMAND);
	/* To connect is to ask for nothing. */
	ask(1063, 8, 1, INTENT_SESSION);
	assert_int_equal(n_said, 3);
	ask(1060 + 3601, 9, 1, INTENT_WRITE);
	ask(1060 + 3602, 9, 1, INTENT_WRITE);
	assert_int_equal(n_said, 3);
	kit_close();
}

/* Who polls is reported while its alert is open; each command is a matter of its own. */
static void
who_goes_on_is_no_news(void **unused)
{
	(void)unused;
	open_with(16);
	settings.alert.merge_s = 300;
	settings.detect.known_forget_s = 2000;
	ask(1000, 1, 1, INTENT_READ);
	for (unsigned i = 0; i < 60; i++)
		ask(1100 + 10 * i, 9, 1, INTENT_READ);
	assert_int_equal(n_said, 30);
	ask(1700, 9, 1, INTENT_WRITE);
	assert_int_equal(n_said, 31);
	assert_int_equal(said[30], ALERT_NEW_CLIENT_COMMAND);
	ask(2000, 9, 1, INTENT_WRITE);
	assert_int_equal(n_said, 31);
	ask(3689, 9, 1, INTENT_READ);
	assert_int_equal(n_said, 31);
	kit_close();

	open_with(16);
	settings.alert.merge_s = 300;
	settings.detect.known_forget_s = 2000;
	ask(1000, 1, 1, INTENT_READ);
	ask(1100, 9, 1, INTENT_READ);
	ask(3099, 9, 1, INTENT_READ);		/* a second less than what is forgotten */
	assert_int_equal(n_said, 1);
	ask(3099 + 1600, 9, 1, INTENT_WRITE);
	assert_int_equal(n_said, 2);
	kit_close();

	open_with(16);
	settings.alert.merge_s = 300;
	settings.detect.known_forget_s = 2000;
	ask(1000, 1, 1, INTENT_READ);
	ask(1100, 9, 1, INTENT_READ);
	ask(3100, 9, 1, INTENT_READ);
	assert_int_equal(n_said, 2);
	kit_close();
}

static void
each_device_settles_by_itself(void **unused)
{
	(void)unused;
	open_with(16);
	ask(1000, 1, 1, INTENT_READ);
	ask(5000, 2, 2, INTENT_WRITE);
	assert_int_equal(n_said, 0);
	ask(5000, 2, 1, INTENT_WRITE);
	assert_int_equal(n_said, 1);
	kit_close();
}

static void
a_new_master_that_reads_everything_is_told_as_that(void **unused)
{
	struct flow f = { .addr = { host(0, 1), host(1, 1) }, .port = { 50000, 20000 }, .proto = 6 };
	struct op_item class0 = { .space = SPACE_OBJECT, .number = 60u << 8 | 1, .point = POINT_CLASS_0 };
	struct operation op = { .id = 1, .flow = &f, .phase = OP_FINISHED, .proto = OP_DNP3,
	    .request = { .seen = true, .ts_ns = 1000 * SEC }, .intent = INTENT_READ,
	    .outcome = OUTCOME_ANSWERED, .items = &class0, .n_items = 1 };

	(void)unused;
	open_with(16);
	kit_show(&op);
	f.addr[0] = host(0, 9);
	op.request.ts_ns = 2000 * SEC;
	kit_show(&op);
	assert_int_equal(n_said, 1);
	assert_int_equal(said[0], ALERT_NEW_CLIENT_POLL);
	kit_close();
}

/* A command is told when it is asked for, and again when it is over; a read once. */
static void
a_command_is_told_before_its_answer(void **unused)
{
	struct flow f = { .addr = { host(0, 9), host(1, 1) }, .port = { 50000, 502 }, .proto = 6 };
	struct operation op = { .id = 1, .flow = &f, .phase = OP_REQUESTED, .proto = OP_MODBUS,
	    .request = { .seen = true, .ts_ns = 2000 * SEC }, .intent = INTENT_WRITE,
	    .outcome = OUTCOME_PENDING };

	(void)unused;
	open_with(16);
	ask(1000, 1, 1, INTENT_READ);
	kit_show(&op);
	assert_int_equal(n_said, 1);
	assert_int_equal(said[0], ALERT_NEW_CLIENT_COMMAND);
	assert_int_equal(stages[0], FINDING_ASKED);
	op.phase = OP_FINISHED;
	op.outcome = OUTCOME_UNANSWERED;
	kit_show(&op);
	assert_int_equal(n_said, 2);
	assert_int_equal(stages[1], FINDING_OUTCOME);
	op.phase = OP_REQUESTED;
	op.intent = INTENT_READ;
	kit_show(&op);
	assert_int_equal(n_said, 2);
	op.phase = OP_FINISHED;
	kit_show(&op);
	assert_int_equal(n_said, 3);
	assert_int_equal(stages[2], FINDING_WHOLE);
	kit_close();
}

static void
forged(uint64_t ts_s, struct addr client, struct addr device)
{
	struct flow f = { .addr = { client, device }, .port = { 50000, 502 }, .proto = 6 };
	struct operation op = { .id = 1, .flow = &f, .phase = OP_FINISHED, .proto = OP_MODBUS,
	    .request = { .seen = true, .ts_ns = ts_s * SEC }, .intent = INTENT_READ,
	    .outcome = OUTCOME_ONE_SIDED };

	kit_show(&op);
}

static void
answered(uint64_t ts_s, uint8_t client, uint8_t device, enum op_intent intent)
{
	struct flow f = { .addr = { host(0, client), host(1, device) }, .port = { 50000, 502 }, .proto = 6 };
	struct operation op = { .id = 1, .flow = &f, .phase = OP_FINISHED, .proto = OP_MODBUS,
	    .request = { .seen = true, .ts_ns = ts_s * SEC }, .response = { .seen = true, .ts_ns = ts_s * SEC },
	    .intent = intent, .outcome = OUTCOME_ANSWERED };

	kit_show(&op);
}

/* Addresses that anybody can make up push out neither who was answered nor what answers. */
static void
forged_addresses_push_nobody_out(void **unused)
{
	(void)unused;
	open_with(64);
	answered(1000, 1, 1, INTENT_READ);
	answered(1001, 2, 1, INTENT_READ);
	/* Within the time in which it settles: they are not new, they only take up space. */
	for (unsigned i = 0; i < 8000; i++)
		forged(1010, host((uint8_t)(100 + i / 250), (uint8_t)i), host(1, 1));
	for (unsigned i = 0; i < 8000; i++)
		forged(1011, host(0, 1), host((uint8_t)(100 + i / 250), (uint8_t)i));
	assert_true(counters.v[CNT_DETECT_CLIENTS] > 7000);
	assert_true(counters.v[CNT_DETECT_DEVICES] > 7000);
	/* The operator station is no new client, and who comes now is one. */
	answered(5000, 1, 1, INTENT_WRITE);
	answered(5000, 2, 1, INTENT_WRITE);
	assert_int_equal(n_said, 0);
	answered(5001, 9, 1, INTENT_WRITE);
	assert_int_equal(n_said, 1);
	assert_int_equal(said[0], ALERT_NEW_CLIENT_COMMAND);
	kit_close();
}

static void
a_full_table_forgets_and_counts(void **unused)
{
	(void)unused;
	open_with(4);
	for (uint8_t i = 1; i <= 6; i++)
		ask(1000 + i, 1, i, INTENT_READ);
	assert_int_equal(counters.v[CNT_DETECT_DEVICES], 2);
	/* Many clients of one device: the one that was quiet longest is forgotten. */
	for (uint8_t i = 1; i <= 60; i++)
		ask(1010, i, 6, INTENT_READ);
	assert_int_equal(n_said, 0);
	kit_close();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(who_was_there_from_the_beginning_is_not_new),
		cmocka_unit_test(who_comes_later_is_new_until_his_term_is_over),
		cmocka_unit_test(who_goes_on_is_no_news),
		cmocka_unit_test(each_device_settles_by_itself),
		cmocka_unit_test(a_new_master_that_reads_everything_is_told_as_that),
		cmocka_unit_test(a_command_is_told_before_its_answer),
		cmocka_unit_test(forged_addresses_push_nobody_out),
		cmocka_unit_test(a_full_table_forgets_and_counts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
