/* The built-in detectors, with operations and packets made by hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/str.h"
#include "config/config.h"
#include "detect/commands/commands.h"
#include "detect/health/health.h"
#include "detect/protocol/protocol.h"
#include "detect/scan/scan.h"
#include "detect/slots.h"
#include "dissect/dissector.h"

#define SEC 1000000000ull

static struct settings settings;
static struct counters counters;
static unsigned said[ALERT_TYPE_COUNT], n_said;
static struct finding last;
static struct flow flow;

static void
on_finding(void *arg, const struct finding *f)
{
	(void)arg;
	said[f->type]++;
	n_said++;
	last = *f;
}

static void *
open_one(const struct detector *by)
{
	struct err e = { 0 };
	const uint8_t c[4] = { 10, 0, 0, 1 }, s[4] = { 10, 0, 0, 2 };
	const struct detect_env env = { .settings = &settings, .sink = { on_finding, NULL },
	    .counters = &counters };
	void *d;

	config_free(&settings);
	config_defaults(&settings);
	memset(said, 0, sizeof(said));
	memset(&counters, 0, sizeof(counters));
	n_said = 0;
	flow = (struct flow){ .id = 7, .addr = { addr_v4(c), addr_v4(s) }, .port = { 4000, 502 },
	    .proto = 6, .packets = { 9, 9 } };
	d = by->open(&env, &e);
	assert_non_null(d);
	return d;
}

/* What its dissector makes of a function. */
static enum op_command
command_of(enum op_proto proto, uint32_t function, uint32_t sub)
{
	for (const struct dissector *const *d = dissectors; *d != NULL; d++)
		if ((*d)->protocol->proto == proto) {
			const struct func_desc *row = func_find((*d)->funcs, (*d)->n_funcs, function, sub);

			return row != NULL ? row->command : CMD_NONE;
		}
	return CMD_NONE;
}

static struct operation
operation(enum op_proto proto, uint32_t function, uint64_t at_s)
{
	static uint64_t id;

	return (struct operation){ .id = ++id, .flow = &flow, .phase = OP_FINISHED, .proto = proto,
	    .function = function, .command = command_of(proto, function, FUNC_NO_SUB), .intent = INTENT_MODE, .outcome = OUTCOME_ANSWERED, .unit = 1,
	    .request = { .seen = true, .ts_ns = at_s * SEC, .frame = at_s },
	    .response = { .seen = true, .ts_ns = at_s * SEC + 1, .frame = at_s + 1 } };
}

static struct packet
packet(uint8_t src, uint8_t dst, uint16_t dport, uint8_t flags, uint64_t at_s)
{
	const uint8_t a[4] = { 10, 0, 0, src }, b[4] = { 10, 0, 0, dst };

	return (struct packet){ .ts_ns = at_s * SEC, .frame = 1, .src = addr_v4(a), .dst = addr_v4(b),
	    .sport = 4000, .dport = dport, .ip_v = 4, .proto = IP_TCP, .tcp_flags = flags };
}

/* ---- memory -------------------------------------------------------------------- */

static void
slots_forget_the_quietest_and_count_it(void **unused)
{
	struct slots s;
	struct state { struct slot head; uint64_t mark; } *x;

	(void)unused;
	memset(&counters, 0, sizeof(counters));
	assert_int_equal(slots_open(&s, &(struct slots_want){ .n = 8, .size = sizeof(*x), .counters = &counters,
	    .evicted = CNT_DETECT_DEVICES }), 0);
	for (uint64_t key = 1; key <= 8; key++) {
		x = slots_get(&s, key, key);
		assert_int_equal(x->mark, 0);
		x->mark = key;
	}
	x = slots_get(&s, 1, 100);	/* no longer the quietest */
	assert_int_equal(x->mark, 1);
	x = slots_get(&s, 9, 101);
	assert_int_equal(x->mark, 0);
	assert_int_equal(counters.v[CNT_DETECT_DEVICES], 1);
	assert_null(slots_find(&s, 2));
	assert_non_null(slots_find(&s, 1));
	assert_non_null(slots_find(&s, 3));
	slots_close(&s);
}

static void
rates_slide(void **unused)
{
	struct rate_count r = { 0 };

	(void)unused;
	for (unsigned i = 0; i < 10; i++)
		assert_int_equal(rate_add(&r, (1000 + i) * SEC, 60), i + 1);
	assert_int_equal(rate_add(&r, 1053 * SEC, 60), 11);
	assert_true(rate_add(&r, 1068 * SEC, 60) <= 12);
	assert_int_equal(rate_add(&r, 2000 * SEC, 60), 1);
	assert_int_equal(rate_add(&r, 500 * SEC, 60), 1);	/* the clock was set back */
	rate_clear(&r);
	assert_int_equal(rate_add(&r, 501 * SEC, 60), 1);
}

static void
different_things_slide(void **unused)
{
	static struct distinct d;

	(void)unused;
	for (uint64_t i = 0; i < 40; i++)
		assert_int_equal(distinct_add(&d, i * 0x9e3779b97f4a7c15u, (100 + i) * SEC, 60), i + 1);
	assert_int_equal(distinct_add(&d, 0, 141 * SEC, 60), 40);
	assert_int_equal(distinct_within(&d, 141 * SEC, 10), 9 + 1);
	assert_true(distinct_add(&d, 77, 1000 * SEC, 60) == 1);
	for (uint64_t i = 0; i < 200; i++)
		assert_true(distinct_add(&d, (i + 5) * 0x9e3779b97f4a7c15u, 1001 * SEC, 60) <= DISTINCT_MAX);
}

/* ---- commands -------------------------------------------------------------------- */

static void
each_command_has_its_type(void **unused)
{
	static const struct { enum op_proto proto; uint32_t function, sub; enum alert_type type; } rows[] = {
		{ OP_S7, 0x29, 0, ALERT_S7_STOP }, { OP_S7, 0x1a, 0, ALERT_PROGRAM_DOWNLOAD },
		{ OP_S7, 0x1d, 0, ALERT_PROGRAM_UPLOAD }, { OP_S7, 0x700, 4, ALERT_MODE_CHANGED },
		{ OP_S7, 0x701, 9, ALERT_FORCED }, { OP_S7, 0x701, 8, ALERT_MODIFIED },
		{ OP_S7, 0x701, 12, ALERT_PROGRAM_DELETED }, { OP_S7, 0x704, 7, ALERT_ALARM_OFF },
		{ OP_MODBUS, 8, 1, ALERT_CTRL_RESTART }, { OP_MODBUS, 8, 4, ALERT_LISTEN_ONLY },
		{ OP_MODBUS, 90, 0x40, ALERT_CTRL_START }, { OP_MODBUS, 90, 0x41, ALERT_CTRL_STOP },
		{ OP_MODBUS, 125, 0, ALERT_FIRMWARE },
		{ OP_DNP3, 13, 0, ALERT_CTRL_RESTART }, { OP_DNP3, 14, 0, ALERT_CTRL_RESTART },
		{ OP_DNP3, 15, 0, ALERT_DNP3_INIT_DATA }, { OP_DNP3, 17, 0, ALERT_CTRL_START },
		{ OP_DNP3, 18, 0, ALERT_CTRL_STOP }, { OP_DNP3, 19, 0, ALERT_DNP3_SAVE_CONFIG },
		{ OP_DNP3, 27, 0, ALERT_PROGRAM_DELETED }, { OP_DNP3, 31, 0, ALERT_CONFIG_CHANGED },
	};
	void *d = open_one(&detector_commands);

	(void)unused;
	for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct operation op = operation(rows[i].proto, rows[i].function, 100);

		op.subfunction = rows[i].sub;
		op.command = command_of(rows[i].proto, rows[i].function, rows[i].sub);
		/* When it is asked for, and when it is over. */
		op.phase = OP_REQUESTED;
		op.outcome = OUTCOME_PENDING;
		op.response.seen = false;
		detector_commands.operation(d, &op);
		assert_int_equal(n_said, 2 * i + 1);
		assert_int_equal(last.type, rows[i].type);
		assert_int_equal(last.stage, FINDING_ASKED);
		assert_int_equal(last.frame, 100);
		op.phase = OP_FINISHED;
		op.outcome = OUTCOME_ANSWERED;
		op.response.seen = true;
		detector_commands.operation(d, &op);
		assert_int_equal(n_said, 2 * i + 2);
		assert_int_equal(last.type, rows[i].type);
		assert_int_equal(last.stage, FINDING_OUTCOME);
		assert_int_equal(last.frame, 101);
	}
	detector_commands.close(d);
}

static void
ordinary_work_is_no_command(void **unused)
{
	static const struct { enum op_proto proto; uint32_t function; enum op_intent intent; } rows[] = {
		{ OP_MODBUS, 3, INTENT_READ }, { OP_MODBUS, 6, INTENT_WRITE }, { OP_MODBUS, 43, INTENT_IDENTIFY },
		{ OP_DNP3, 1, INTENT_READ }, { OP_DNP3, 5, INTENT_OPERATE }, { OP_DNP3, 20, INTENT_CONFIG },
		{ OP_DNP3, 21, INTENT_CONFIG }, { OP_S7, 4, INTENT_READ }, { OP_S7, 5, INTENT_WRITE },
		{ OP_S7, 0xf0, INTENT_SESSION }, { OP_S7, 0x704, INTENT_DIAGNOSE },
	};
	void *d = open_one(&detector_commands);

	(void)unused;
	for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct operation op = operation(rows[i].proto, rows[i].function, 100);

		op.intent = rows[i].intent;
		op.subfunction = 1;
		op.command = command_of(rows[i].proto, rows[i].function, 1);
		detector_commands.operation(d, &op);
	}
	assert_int_equal(n_said, 0);
	detector_commands.close(d);
}

static void
services_go_by_their_command(void **unused)
{
	struct op_param block[] = {
		{ "block_type", { .kind = VALUE_BYTES, .bytes = (const uint8_t *)"SDB", .len = 3 }, false },
		{ "block_number", { .kind = VALUE_UINT, .u = 1000 }, false },
	};
	struct operation op = operation(OP_S7, 0x28, 100);
	void *d = open_one(&detector_commands);

	(void)unused;
	op.command = CMD_DELETE;
	detector_commands.operation(d, &op);
	assert_int_equal(last.type, ALERT_PROGRAM_DELETED);
	assert_string_equal(last.what, "program blocks");
	op.command = CMD_START;
	op.action = "start the program";
	detector_commands.operation(d, &op);
	assert_int_equal(last.type, ALERT_CTRL_START);
	assert_string_equal(last.what, "start the program");
	op.command = CMD_CONFIG;
	op.params = block;
	op.n_params = 2;
	detector_commands.operation(d, &op);
	assert_int_equal(last.type, ALERT_CONFIG_CHANGED);
	assert_string_equal(last.what, "block SDB1000");
	op.command = CMD_LOGIN;
	detector_commands.operation(d, &op);
	op.command = CMD_TRANSFER;
	detector_commands.operation(d, &op);
	assert_int_equal(n_said, 3);
	detector_commands.close(d);
}

/* ---- protocol ---------------------------------------------------------------------- */

static void
refusals_go_by_their_code(void **unused)
{
	static const struct { enum op_proto proto; uint8_t refused; enum alert_type type; } rows[] = {
		{ OP_MODBUS, OP_REFUSED_FUNCTION, ALERT_MB_EXC_FUNCTION },
		{ OP_MODBUS, OP_REFUSED_ADDRESS, ALERT_MB_EXC_ADDRESS },
		{ OP_MODBUS, OP_REFUSED_VALUE, ALERT_MB_EXC_VALUE },
		{ OP_MODBUS, OP_REFUSED_FAILURE, ALERT_MB_EXCEPTION },
		{ OP_MODBUS, OP_REFUSED_BUSY, ALERT_DEVICE_SLOW_BUSY },
		{ OP_MODBUS, OP_REFUSED_OTHER, ALERT_MB_EXCEPTION },
		{ OP_DNP3, OP_REFUSED_FUNCTION, ALERT_DNP3_NO_FUNC },
		{ OP_DNP3, OP_REFUSED_ADDRESS, ALERT_DNP3_NO_OBJECT },
		{ OP_DNP3, OP_REFUSED_VALUE, ALERT_DNP3_PARAMETER },
	};
	void *d = open_one(&detector_protocol);
	struct operation op;

	(void)unused;
	for (unsigned i = 0; i < COUNTOF(rows); i++) {
		op = operation(rows[i].proto, 3, 100);
		op.outcome = OUTCOME_EXCEPTION;
		op.refused = rows[i].refused;
		detector_protocol.operation(d, &op);
		assert_int_equal(n_said, i + 1);
		assert_int_equal(last.type, rows[i].type);
		assert_true(last.to_client);
	}
	/* Several at once; reasons without an alert; reasons of one's own. */
	op.refused = OP_REFUSED_FUNCTION | OP_REFUSED_VALUE;
	detector_protocol.operation(d, &op);
	assert_int_equal(n_said, COUNTOF(rows) + 2);
	op.refused = OP_REFUSED_BUSY;
	detector_protocol.operation(d, &op);
	op.refused = 0;
	detector_protocol.operation(d, &op);
	assert_int_equal(n_said, COUNTOF(rows) + 2);
	detector_protocol.close(d);
}

static void
malformed_messages_are_counted_where_nothing_was_lost(void **unused)
{
	void *d = open_one(&detector_protocol);
	struct anomaly a = { .id = ANOM_MB_LENGTH, .ts_ns = 100 * SEC, .flow = &flow, .from_end = 0 };

	(void)unused;
	detector_protocol.anomaly(d, &a);
	assert_int_equal(n_said, 0);
	detector_protocol.anomaly(d, &a);
	assert_int_equal(said[ALERT_MALFORMED], 1);
	flow.gaps[0] = 1;
	for (unsigned i = 0; i < 10; i++)
		detector_protocol.anomaly(d, &a);
	assert_int_equal(n_said, 1);
	detector_protocol.close(d);
}

/* ---- health -------------------------------------------------------------------------- */

/* `op` is asked n times, first at from_s seconds, and never answered. */
static void
unanswered(void *d, struct operation *op, unsigned n, uint64_t from_s, uint64_t step_s)
{
	op->response.seen = false;
	op->outcome = OUTCOME_UNANSWERED;
	for (unsigned i = 0; i < n; i++) {
		op->request.ts_ns = (from_s + i * step_s) * SEC;
		detector_health.operation(d, op);
	}
}

static void
a_device_is_gone_when_it_answered_before(void **unused)
{
	void *d = open_one(&detector_health);
	struct operation op = operation(OP_MODBUS, 3, 100);

	(void)unused;
	op.intent = INTENT_READ;
	detector_health.operation(d, &op);
	unanswered(d, &op, 20, 110, 1);
	assert_int_equal(said[ALERT_MB_SILENT], 1);
	assert_int_equal(said[ALERT_DISCONNECTED], 1);
	assert_int_equal(n_said, 2);
	/* It comes back, and goes again. */
	op.response.seen = true;
	op.outcome = OUTCOME_ANSWERED;
	detector_health.operation(d, &op);
	unanswered(d, &op, 3, 130, 1);
	assert_int_equal(said[ALERT_MB_SILENT], 2);
	/* What cannot be seen is not missing. */
	op.outcome = OUTCOME_ONE_SIDED;
	for (unsigned i = 0; i < 30; i++)
		detector_health.operation(d, &op);
	assert_int_equal(n_said, 3);
	detector_health.close(d);
}

/* A session that ends leaves a request open; that is known late. */
static void
a_device_that_answered_since_is_not_gone(void **unused)
{
	void *d = open_one(&detector_health);
	struct operation op = operation(OP_DNP3, 1, 1000);

	(void)unused;
	op.intent = INTENT_READ;
	op.response.ts_ns = 1000 * SEC;
	detector_health.operation(d, &op);
	unanswered(d, &op, 20, 800, 10);
	assert_int_equal(n_said, 0);
	detector_health.close(d);
}

/* The same of a unit: requests that were given up before one that it answered. */
static void
a_unit_that_answered_since_is_not_silent(void **unused)
{
	void *d = open_one(&detector_health);
	struct operation op = operation(OP_MODBUS, 3, 1000);

	(void)unused;
	op.intent = INTENT_READ;
	detector_health.operation(d, &op);
	unanswered(d, &op, 20, 800, 10);
	assert_int_equal(n_said, 0);
	unanswered(d, &op, 3, 1001, 1);
	assert_int_equal(said[ALERT_MB_SILENT], 1);
	detector_health.close(d);
}

/* Answers that somebody changed on their way are none, but the device sends them. */
static void
a_device_that_still_sends_is_not_gone(void **unused)
{
	void *d = open_one(&detector_health);
	struct operation op = operation(OP_DNP3, 1, 1000);

	(void)unused;
	op.intent = INTENT_READ;
	detector_health.operation(d, &op);
	op.response.seen = false;
	op.outcome = OUTCOME_UNANSWERED;
	for (unsigned i = 0; i < 20; i++) {
		op.request.ts_ns = (1010 + i) * SEC;
		flow.heard_ns[1] = op.request.ts_ns + SEC / 10;
		flow.spoke_ns[1] = flow.heard_ns[1];
		detector_health.operation(d, &op);
	}
	assert_int_equal(n_said, 0);
	unanswered(d, &op, 20, 1040, 1);
	assert_int_equal(said[ALERT_DISCONNECTED], 1);
	detector_health.close(d);
}

/* It acknowledges what it gets and answers nothing, one request a connection. */
static void
a_device_that_only_acknowledges_is_told(void **unused)
{
	static const enum op_proto protos[] = { OP_DNP3, OP_S7, OP_S7PLUS, OP_MODBUS };

	(void)unused;
	for (unsigned k = 0; k < sizeof(protos) / sizeof(protos[0]); k++) {
		void *d = open_one(&detector_health);
		struct operation op = operation(protos[k], 4, 1000);

		op.intent = INTENT_READ;
		op.response.seen = false;
		op.outcome = OUTCOME_UNANSWERED;
		for (unsigned i = 0; i < 8; i++) {
			struct packet syn_ack = packet(2, 1, 4000, TCP_SYN | TCP_ACK, 1000 + 10 * i);

			flow.id = 100 + i;
			flow.payload[0] = 20;
			detector_health.packet(d, &syn_ack, &flow, DIR_FROM_1);
			op.request.ts_ns = (1001 + 10 * i) * SEC;
			flow.heard_ns[1] = op.request.ts_ns + SEC / 10;
			detector_health.operation(d, &op);
		}
		assert_int_equal(n_said, 1);
		assert_int_equal(said[protos[k] == OP_MODBUS ? ALERT_MB_SILENT : ALERT_DEVICE_SILENT], 1);
		detector_health.close(d);
	}
}

/* What had no time to be answered before the capture ended says nothing of the device. */
static void
the_end_of_a_capture_is_no_silence(void **unused)
{
	uint64_t now_ns = 1003 * SEC;
	struct detect_env env = { .settings = &settings, .sink = { on_finding, NULL },
	    .counters = &counters, .now_ns = &now_ns };
	struct operation op = operation(OP_MODBUS, 3, 1000);
	struct err e = { 0 };
	void *d = open_one(&detector_health);

	(void)unused;
	detector_health.close(d);
	d = detector_health.open(&env, &e);
	op.intent = INTENT_READ;
	op.response.seen = false;
	op.outcome = OUTCOME_UNANSWERED;
	flow.shutdown = true;
	for (unsigned i = 0; i < 20; i++)
		detector_health.operation(d, &op);
	assert_int_equal(n_said, 0);
	now_ns = 1100 * SEC;		/* there was time enough */
	for (unsigned i = 0; i < 3; i++)
		detector_health.operation(d, &op);
	assert_int_equal(said[ALERT_MB_SILENT], 1);
	detector_health.close(d);
}

static void
answers_outlive_what_anybody_can_forge(void **unused)
{
	struct slots s;
	struct state { struct slot head; uint64_t mark; } *x;

	(void)unused;
	memset(&counters, 0, sizeof(counters));
	assert_int_equal(slots_open(&s, &(struct slots_want){ .n = 64, .size = sizeof(*x), .secret = 5,
	    .counters = &counters, .evicted = CNT_DETECT_DEVICES }), 0);
	x = slots_get(&s, 1, 1);
	x->head.proven = true;
	x->mark = 77;
	for (uint64_t key = 2; key < 8000; key++)
		(void)slots_get(&s, key, key);
	x = slots_find(&s, 1);
	assert_non_null(x);
	assert_int_equal(x->mark, 77);
	assert_true(counters.v[CNT_DETECT_DEVICES] > 7000);
	/* Of those that are proven the quietest: a full table still takes what is new. */
	for (uint64_t key = 8000; key < 9000; key++) {
		x = slots_get(&s, key, key);
		x->head.proven = true;
	}
	assert_null(slots_find(&s, 1));
	slots_close(&s);
	/* What is too old to matter is no loss. */
	memset(&counters, 0, sizeof(counters));
	assert_int_equal(slots_open(&s, &(struct slots_want){ .n = 8, .size = sizeof(*x), .secret = 5,
	    .matters_s = 60, .counters = &counters, .evicted = CNT_DETECT_DEVICES }), 0);
	for (uint64_t key = 1; key < 100; key++)
		(void)slots_get(&s, key, key * 60 * SEC);
	assert_int_equal(counters.v[CNT_DETECT_DEVICES], 0);
	slots_close(&s);
}

/* Stops count when they are asked for: of a device that never answers, that is all. */
static void
stops_are_counted_when_they_are_asked_for(void **unused)
{
	void *d = open_one(&detector_health);
	struct operation op = operation(OP_S7, 0x29, 1000);

	(void)unused;
	op.response.seen = false;
	for (unsigned i = 0; i < 20; i++) {
		op.phase = OP_REQUESTED;
		op.outcome = OUTCOME_PENDING;
		detector_health.operation(d, &op);
		assert_int_equal(said[ALERT_STOPS_MANY], i == 19);
		op.phase = OP_FINISHED;
		op.outcome = OUTCOME_ONE_SIDED;
		detector_health.operation(d, &op);
	}
	assert_int_equal(said[ALERT_STOPS_MANY], 1);
	detector_health.close(d);
}

/* Once a minute for each table, from its limit on. */
static void
a_flooded_table_is_told(void **unused)
{
	void *d = open_one(&detector_health);

	(void)unused;
	detector_health.tick(d, 1000 * SEC);
	counters.v[CNT_APP_PART_EVICTED] = 1;
	counters.v[CNT_DEC_PACKETS] += 64;
	detector_health.tick(d, 1001 * SEC);
	assert_int_equal(said[ALERT_HALVES_EVICTED], 1);
	assert_string_equal(last.what, "beginnings of messages");
	counters.v[CNT_APP_PART_EVICTED] = 500;
	counters.v[CNT_DEC_PACKETS] += 64;
	detector_health.tick(d, 1002 * SEC);
	assert_int_equal(said[ALERT_HALVES_EVICTED], 1);
	counters.v[CNT_APP_PART_EVICTED] = 501;
	counters.v[CNT_DEC_PACKETS] += 64;
	detector_health.tick(d, 1062 * SEC);
	assert_int_equal(said[ALERT_HALVES_EVICTED], 2);
	/* A few flows are no flood. */
	counters.v[CNT_FLOW_EVICTED] = 63;
	counters.v[CNT_DEC_PACKETS] += 64;
	detector_health.tick(d, 1063 * SEC);
	assert_int_equal(said[ALERT_STATE_EVICTED], 0);
	counters.v[CNT_FLOW_EVICTED] = 64;
	counters.v[CNT_DEC_PACKETS] += 64;
	detector_health.tick(d, 1064 * SEC);
	assert_int_equal(said[ALERT_STATE_EVICTED], 1);
	assert_string_equal(last.what, "conversations");
	assert_int_equal(n_said, 3);
	detector_health.close(d);
}

/* A refused session is a sign of life; one that is cut may have been cut by another. */
static void
a_cut_session_is_no_sign_of_life(void **unused)
{
	static const struct { uint64_t heard_ns; unsigned gone; } cases[] = { { 0, 0 }, { 1, 1 } };

	(void)unused;
	for (unsigned k = 0; k < 2; k++) {
		void *d = open_one(&detector_health);
		struct operation op = operation(OP_MODBUS, 3, 1000);
		struct packet p;

		detector_health.operation(d, &op);
		flow.heard_ns[1] = cases[k].heard_ns;
		for (unsigned i = 0; i < 20; i++) {
			p = packet(1, 2, 502, TCP_SYN, 1010 + i);
			detector_health.packet(d, &p, &flow, DIR_FROM_0);
			p = packet(2, 1, 4000, TCP_RST | TCP_ACK, 1010 + i);
			detector_health.packet(d, &p, &flow, DIR_FROM_1);
		}
		assert_int_equal(said[ALERT_DISCONNECTED], cases[k].gone);
		detector_health.close(d);
	}
}

static void
silence_on_the_wire_is_told_once(void **unused)
{
	void *d = open_one(&detector_health);

	(void)unused;
	for (uint64_t t = 0; t < 6000; t++) {	/* ten minutes of ticks, frames in the first second */
		counters.v[CNT_DEC_PACKETS] += t < 10;
		detector_health.tick(d, 100 * SEC + t * SEC / 10);
	}
	assert_int_equal(said[ALERT_NO_TRAFFIC], 1);
	counters.v[CNT_DEC_PACKETS]++;
	detector_health.tick(d, 800 * SEC);
	detector_health.tick(d, 1101 * SEC);
	assert_int_equal(said[ALERT_NO_TRAFFIC], 2);
	detector_health.close(d);
}

/* ---- scan ---------------------------------------------------------------------------- */

static void
scans_reach_their_thresholds(void **unused)
{
	void *d = open_one(&detector_scan);

	(void)unused;
	for (unsigned i = 1; i <= 49; i++) {
		struct packet p = packet(1, (uint8_t)(i + 1), 502, TCP_SYN, 100 + i);

		detector_scan.packet(d, &p, NULL, DIR_FROM_0);
		detector_scan.packet(d, &p, NULL, DIR_FROM_0);	/* a repetition is no other address */
	}
	assert_int_equal(n_said, 0);
	for (unsigned i = 50; i <= 50; i++) {
		struct packet p = packet(1, (uint8_t)(i + 1), 502, TCP_SYN, 100 + i);

		detector_scan.packet(d, &p, NULL, DIR_FROM_0);
	}
	assert_int_equal(said[ALERT_ADDRESS_SCAN], 1);
	for (uint16_t i = 0; i < 25; i++) {
		struct packet p = packet(3, 4, (uint16_t)(1 + i), TCP_SYN, 200);

		detector_scan.packet(d, &p, NULL, DIR_FROM_0);
	}
	assert_int_equal(said[ALERT_PORT_SCAN], 1);
	for (uint16_t i = 0; i < 100; i++) {	/* passive FTP and RPC are no scans */
		struct packet p = packet(5, 6, (uint16_t)(50000 + i), TCP_SYN, 300);

		detector_scan.packet(d, &p, NULL, DIR_FROM_0);
	}
	assert_int_equal(n_said, 2);
	for (unsigned i = 0; i < 3000; i++) {
		struct packet p = packet(7, 8, 502, TCP_SYN, 400 + i / 100);

		detector_scan.packet(d, &p, NULL, DIR_FROM_0);
	}
	assert_int_equal(said[ALERT_FLOOD], 1);
	detector_scan.close(d);
}

static void
a_set_of_devices_that_answer_is_no_scan(void **unused)
{
	void *d = open_one(&detector_scan);

	(void)unused;
	for (unsigned i = 0; i < 100; i++) {	/* a server polls the units behind a gateway */
		struct operation op = operation(OP_MODBUS, 3, 100);

		op.intent = INTENT_READ;
		op.unit = i;
		detector_scan.operation(d, &op);
	}
	assert_int_equal(n_said, 0);
	for (unsigned i = 0; i < 10; i++) {
		struct operation op = operation(OP_MODBUS, 3, 100);

		op.intent = INTENT_READ;
		op.outcome = OUTCOME_EXCEPTION;
		op.exception = 11;
		op.unit = i;
		detector_scan.operation(d, &op);
	}
	assert_int_equal(said[ALERT_PLC_SCAN], 1);
	detector_scan.close(d);
}

static void
an_address_that_two_claim_is_told(void **unused)
{
	const uint8_t one[6] = { 2, 0, 0, 0, 0, 1 }, two[6] = { 2, 0, 0, 0, 0, 2 }, ip[4] = { 10, 0, 0, 5 };
	void *d = open_one(&detector_scan);
	struct packet p = { .ts_ns = 100 * SEC, .arp_op = 2, .arp_mac = one, .arp_src = addr_v4(ip) };

	(void)unused;
	detector_scan.packet(d, &p, NULL, DIR_FROM_0);
	p.ts_ns = 500 * SEC;			/* exchanged at leisure */
	p.arp_mac = two;
	detector_scan.packet(d, &p, NULL, DIR_FROM_0);
	assert_int_equal(n_said, 0);
	p.ts_ns = 510 * SEC;
	p.arp_mac = one;
	detector_scan.packet(d, &p, NULL, DIR_FROM_0);
	assert_int_equal(said[ALERT_ARP_SPOOF], 1);
	assert_string_equal(last.expected, "02:00:00:00:00:02");
	detector_scan.close(d);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(slots_forget_the_quietest_and_count_it),
		cmocka_unit_test(rates_slide),
		cmocka_unit_test(different_things_slide),
		cmocka_unit_test(each_command_has_its_type),
		cmocka_unit_test(ordinary_work_is_no_command),
		cmocka_unit_test(services_go_by_their_command),
		cmocka_unit_test(refusals_go_by_their_code),
		cmocka_unit_test(malformed_messages_are_counted_where_nothing_was_lost),
		cmocka_unit_test(a_device_is_gone_when_it_answered_before),
		cmocka_unit_test(a_device_that_answered_since_is_not_gone),
		cmocka_unit_test(a_unit_that_answered_since_is_not_silent),
		cmocka_unit_test(a_device_that_still_sends_is_not_gone),
		cmocka_unit_test(a_device_that_only_acknowledges_is_told),
		cmocka_unit_test(a_flooded_table_is_told),
		cmocka_unit_test(the_end_of_a_capture_is_no_silence),
		cmocka_unit_test(answers_outlive_what_anybody_can_forge),
		cmocka_unit_test(stops_are_counted_when_they_are_asked_for),
		cmocka_unit_test(a_cut_session_is_no_sign_of_life),
		cmocka_unit_test(silence_on_the_wire_is_told_once),
		cmocka_unit_test(scans_reach_their_thresholds),
		cmocka_unit_test(a_set_of_devices_that_answer_is_no_scan),
		cmocka_unit_test(an_address_that_two_claim_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
