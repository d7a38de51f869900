/* Operations without a flow, as protocols straight on Ethernet make them, through all who look
 * at operations: detectors with rules, alerts, outputs, summary. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/str.h"
#include "config/config.h"
#include "engine/worker.h"

#define SEC 1000000000ull

static struct settings settings;
static struct worker worker;
static int lines, rules;
static char text[16 * 1024 * 1024];

static int
start(void **state)
{
	static const char rule[] = "alert ip any any -> any any (msg:\"any stop\"; ot.intent:mode; sid:1;)\n"
	    "alert modbus any any -> any any (msg:\"any Modbus\"; modbus:function 3; sid:2;)\n";
	struct err e = { 0 };
	char path[64];

	(void)state;
	lines = memfd_create("eve", 0);
	rules = memfd_create("rules", 0);
	assert_int_equal(write(rules, rule, sizeof(rule) - 1), (ssize_t)sizeof(rule) - 1);
	config_defaults(&settings);
	(void)snprintf(path, sizeof(path), "outputs.eve.file=/proc/self/fd/%d", lines);
	config_set(&settings, path, "test", &e);
	(void)snprintf(path, sizeof(path), "rules.files=/proc/self/fd/%d", rules);
	config_set(&settings, path, "test", &e);
	config_set(&settings, "outputs.eve.types=all", "test", &e);
	worker = (struct worker){ 0 };
	assert_int_equal(worker_open(&worker, &settings, NULL, false, &e), 0);
	assert_true(worker_start(&worker, &e));
	assert_int_equal(e.n, 0);
	return 0;
}

static int
stop(void **state)
{
	(void)state;
	(void)worker_close(&worker);
	config_free(&settings);
	(void)close(lines);
	(void)close(rules);
	return 0;
}

/* What was written until now. */
static const char *
written(void)
{
	ssize_t n;

	worker_finish(&worker);
	assert_true(output_wait(worker.output, 10000));
	n = pread(lines, text, sizeof(text) - 1, 0);
	assert_true(n >= 0);
	text[n] = '\0';
	return text;
}

static struct op_ends
ends(uint8_t client, uint8_t server)
{
	return (struct op_ends){ .mac = { { 2, 0, 0, 0, 0, client }, { 2, 0, 0, 0, 0, server } },
	    .mac_known = { true, true }, .n_vlan = 1, .vlan = { 30 } };
}

static struct operation
operation(const struct op_ends *e, enum op_proto proto, uint64_t at_s)
{
	static uint64_t id;

	return (struct operation){ .id = ++id, .ends = e, .phase = OP_FINISHED, .proto = proto,
	    .function = 1, .name = "made up", .intent = INTENT_MODE, .outcome = OUTCOME_ANSWERED,
	    .request = { .seen = true, .ts_ns = at_s * SEC, .frame = at_s, .len = 9 },
	    .response = { .seen = true, .ts_ns = at_s * SEC + 1, .frame = at_s + 1, .len = 9 } };
}

/* Both phases of it. */
static void
give(struct operation *op)
{
	struct op_side answer = op->response;

	op->phase = OP_REQUESTED;
	op->response = (struct op_side){ 0 };
	worker_operation(&worker, op);
	op->phase = OP_FINISHED;
	op->response = answer;
	worker_operation(&worker, op);
}

/* How often b stands in a. */
static unsigned
times(const char *a, const char *b)
{
	unsigned n = 0;

	for (; (a = strstr(a, b)) != NULL; a++)
		n++;
	return n;
}

static void
every_kind_survives(void **state)
{
	static const uint8_t version[] = "V1";
	struct op_ends e = ends(1, 2);
	struct op_item item = { .space = SPACE_OBJECT, .written = true, .ranged = true, .count = 1 };
	struct op_fact fact = { .key = FACT_FIRMWARE, .len = 2, .bytes = version };
	unsigned n = 0;

	(void)state;
	/* Every protocol, command, intent, outcome and refusal; with ends, and without. */
	for (unsigned k = 0; k < OP_COMMAND_COUNT + OP_INTENT_COUNT + OP_OUTCOME_COUNT + OP_REFUSALS; k++)
		for (unsigned p = 0; p < OP_PROTO_COUNT; p++)
			for (unsigned i = 0; i < 4; i++, n++) {
				struct operation op = operation(i & 1 ? &e : NULL, (enum op_proto)p, 1000 + n);

				op.command = (enum op_command)(k % OP_COMMAND_COUNT);
				op.intent = (enum op_intent)(k % OP_INTENT_COUNT);
				op.outcome = (enum op_outcome)(k % OP_OUTCOME_COUNT);
				op.refused = (uint8_t)(1u << k % OP_REFUSALS);
				op.login_refused = k % 5 == 0 ? "no" : NULL;
				op.has_status = k % 2 == 0;
				op.condition = (uint8_t)k;
				op.status = n;
				op.wants_confirm = k % 3 == 0;
				op.items = &item;
				op.n_items = 1;
				op.facts = &fact;
				op.n_facts = 1;
				op.n_anomalies = 1;
				op.anomalies[0].id = k % 2 ? ANOM_MB_RESERVED : ANOM_MB_FUNCTION;
				op.response.seen = i < 2;
				op.request.len = 70000;
				give(&op);
			}
	assert_true(times(written(), "\n") > n);
	assert_int_equal(worker.summary.operations[OP_MODBUS][INTENT_READ] > 0, true);
	assert_int_equal(worker.counters.v[CNT_OUT_LOST], 0);
}

static void
records_and_alerts_name_the_devices(void **state)
{
	struct op_ends first = ends(1, 2), second = ends(1, 3);
	struct operation a = operation(&first, OP_MODBUS, 1000), b = operation(&second, OP_MODBUS, 1001);
	const char *said;

	(void)state;
	a.command = b.command = CMD_LISTEN_ONLY;
	give(&a);
	give(&b);
	said = written();
	/* Two operations; an alert and its end for each of the two devices. */
	assert_int_equal(times(said, "\"event_type\":\"modbus\""), 2);
	assert_int_equal(times(said, "\"event_type\":\"alert\""), 4);
	assert_int_equal(times(said, "\"dest_mac\":\"02:00:00:00:00:02\""), 3);
	assert_int_equal(times(said, "\"dest_mac\":\"02:00:00:00:00:03\""), 3);
	assert_int_equal(times(said,
	    "\"sentence\":\"02:00:00:00:00:01 told 02:00:00:00:00:02 to listen only"), 2);
	assert_int_equal(times(said, "\"vlan\":[30]"), 6);
	assert_null(strstr(said, "src_ip"));
	assert_int_equal(times(said, "the device accepted it"), 2);
}

static void
an_operation_may_bring_addresses_of_its_own(void **state)
{
	struct op_ends e = ends(1, 2);
	struct operation op = operation(&e, OP_MODBUS, 1000);
	const char *said;

	(void)state;
	e.has_addr = true;
	e.addr[OP_CLIENT] = addr_v4((const uint8_t[]){ 10, 0, 0, 1 });
	e.addr[OP_SERVER] = addr_v4((const uint8_t[]){ 10, 0, 0, 2 });
	e.port[OP_SERVER] = 502;
	e.ip_proto = IP_UDP;
	op.command = CMD_STOP;
	give(&op);
	said = written();
	assert_int_equal(times(said, "\"src_ip\":\"10.0.0.1\""), 3);
	assert_int_equal(times(said, "\"dest_port\":502"), 3);
	assert_int_equal(times(said, "10.0.0.1 told 10.0.0.2 to stop its program"), 2);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(every_kind_survives, start, stop),
		cmocka_unit_test_setup_teardown(records_and_alerts_name_the_devices, start, stop),
		cmocka_unit_test_setup_teardown(an_operation_may_bring_addresses_of_its_own, start, stop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
