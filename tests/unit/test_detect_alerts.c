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
#include "detect/protocol/protocol.h"
#include "detect/scan/scan.h"
#include "detect/slots.h"
#include "dissect/dissector.h"

#include "detect_kit.h"

#define SEC 1000000000ull

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

static void
open_one(const struct detector *by)
{
	const struct detector *const list[] = { by, NULL };
	const uint8_t c[4] = { 10, 0, 0, 1 }, s[4] = { 10, 0, 0, 2 };

	config_free(&settings);
	config_defaults(&settings);
	memset(said, 0, sizeof(said));
	n_said = 0;
	flow = (struct flow){ .id = 7, .addr = { addr_v4(c), addr_v4(s) }, .port = { 4000, 502 },
	    .proto = 6, .packets = { 9, 9 } };
	kit_open(list, on_finding);
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

	(void)unused;
	open_one(&detector_commands);
	for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct operation op = operation(rows[i].proto, rows[i].function, 100);

		op.subfunction = rows[i].sub;
		op.command = command_of(rows[i].proto, rows[i].function, rows[i].sub);
		/* When it is asked for, and when it is over. */
		op.phase = OP_REQUESTED;
		op.outcome = OUTCOME_PENDING;
		op.response.seen = false;
		kit_show(&op);
		assert_int_equal(n_said, 2 * i + 1);
		assert_int_equal(last.type, rows[i].type);
		assert_int_equal(last.stage, FINDING_ASKED);
		assert_int_equal(last.frame, 100);
		op.phase = OP_FINISHED;
		op.outcome = OUTCOME_ANSWERED;
		op.response.seen = true;
		kit_show(&op);
		assert_int_equal(n_said, 2 * i + 2);
		assert_int_equal(last.type, rows[i].type);
		assert_int_equal(last.stage, FINDING_OUTCOME);
		assert_int_equal(last.frame, 101);
	}
	kit_close();
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

	(void)unused;
	open_one(&detector_commands);
	for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct operation op = operation(rows[i].proto, rows[i].function, 100);

		op.intent = rows[i].intent;
		op.subfunction = 1;
		op.command = command_of(rows[i].proto, rows[i].function, 1);
		kit_show(&op);
	}
	assert_int_equal(n_said, 0);
	kit_close();
}

static void
services_go_by_their_command(void **unused)
{
	struct op_param block[] = {
		{ "block_type", { .kind = VALUE_BYTES, .bytes = (const uint8_t *)"SDB", .len = 3 }, false },
		{ "block_number", { .kind = VALUE_UINT, .u = 1000 }, false },
	};
	struct operation op = operation(OP_S7, 0x28, 100);

	(void)unused;
	open_one(&detector_commands);
	op.command = CMD_DELETE;
	kit_show(&op);
	assert_int_equal(last.type, ALERT_PROGRAM_DELETED);
	assert_string_equal(last.what, "program blocks");
	op.command = CMD_START;
	op.action = "start the program";
	kit_show(&op);
	assert_int_equal(last.type, ALERT_CTRL_START);
	assert_string_equal(last.what, "start the program");
	op.command = CMD_CONFIG;
	op.params = block;
	op.n_params = 2;
	kit_show(&op);
	assert_int_equal(last.type, ALERT_CONFIG_CHANGED);
	assert_string_equal(last.what, "block SDB1000");
	op.command = CMD_LOGIN;
	kit_show(&op);
	op.command = CMD_TRANSFER;
	kit_show(&op);
	assert_int_equal(n_said, 3);
	kit_close();
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
	struct operation op;


	(void)unused;
	open_one(&detector_protocol);
	for (unsigned i = 0; i < COUNTOF(rows); i++) {
		op = operation(rows[i].proto, 3, 100);
		op.outcome = OUTCOME_EXCEPTION;
		op.refused = rows[i].refused;
		kit_show(&op);
		assert_int_equal(n_said, i + 1);
		assert_int_equal(last.type, rows[i].type);
		assert_true(last.to_client);
	}
	/* Several at once; reasons without an alert; reasons of one's own. */
	op.refused = OP_REFUSED_FUNCTION | OP_REFUSED_VALUE;
	kit_show(&op);
	assert_int_equal(n_said, COUNTOF(rows) + 2);
	op.refused = OP_REFUSED_BUSY;
	kit_show(&op);
	op.refused = 0;
	kit_show(&op);
	assert_int_equal(n_said, COUNTOF(rows) + 2);
	kit_close();
}

static void
malformed_messages_are_counted_where_nothing_was_lost(void **unused)
{
	struct anomaly a = { .id = ANOM_MB_LENGTH, .ts_ns = 100 * SEC, .flow = &flow, .from_end = 0 };


	(void)unused;
	open_one(&detector_protocol);
	detect_anomaly(detect, &a);
	assert_int_equal(n_said, 0);
	detect_anomaly(detect, &a);
	assert_int_equal(said[ALERT_MALFORMED], 1);
	flow.gaps[0] = 1;
	for (unsigned i = 0; i < 10; i++)
		detect_anomaly(detect, &a);
	assert_int_equal(n_said, 1);
	kit_close();
}

/* ---- scan ---------------------------------------------------------------------------- */

static void
scans_reach_their_thresholds(void **unused)
{

	(void)unused;
	open_one(&detector_scan);
	for (unsigned i = 1; i <= 49; i++) {
		struct packet p = packet(1, (uint8_t)(i + 1), 502, TCP_SYN, 100 + i);

		kit_packet(&p, NULL, DIR_FROM_0);
		kit_packet(&p, NULL, DIR_FROM_0);	/* a repetition is no other address */
	}
	assert_int_equal(n_said, 0);
	for (unsigned i = 50; i <= 50; i++) {
		struct packet p = packet(1, (uint8_t)(i + 1), 502, TCP_SYN, 100 + i);

		kit_packet(&p, NULL, DIR_FROM_0);
	}
	assert_int_equal(said[ALERT_ADDRESS_SCAN], 1);
	for (uint16_t i = 0; i < 25; i++) {
		struct packet p = packet(3, 4, (uint16_t)(1 + i), TCP_SYN, 200);

		kit_packet(&p, NULL, DIR_FROM_0);
	}
	assert_int_equal(said[ALERT_PORT_SCAN], 1);
	for (uint16_t i = 0; i < 100; i++) {	/* passive FTP and RPC are no scans */
		struct packet p = packet(5, 6, (uint16_t)(50000 + i), TCP_SYN, 300);

		kit_packet(&p, NULL, DIR_FROM_0);
	}
	assert_int_equal(n_said, 2);
	for (unsigned i = 0; i < 3000; i++) {
		struct packet p = packet(7, 8, 502, TCP_SYN, 400 + i / 100);

		kit_packet(&p, NULL, DIR_FROM_0);
	}
	assert_int_equal(said[ALERT_FLOOD], 1);
	kit_close();
}

static void
a_set_of_devices_that_answer_is_no_scan(void **unused)
{

	(void)unused;
	open_one(&detector_scan);
	for (unsigned i = 0; i < 100; i++) {	/* a server polls the units behind a gateway */
		struct operation op = operation(OP_MODBUS, 3, 100);

		op.intent = INTENT_READ;
		op.unit = i;
		kit_show(&op);
	}
	assert_int_equal(n_said, 0);
	for (unsigned i = 0; i < 10; i++) {
		struct operation op = operation(OP_MODBUS, 3, 100);

		op.intent = INTENT_READ;
		op.outcome = OUTCOME_EXCEPTION;
		op.exception = 11;
		op.unit = i;
		kit_show(&op);
	}
	assert_int_equal(said[ALERT_PLC_SCAN], 1);
	kit_close();
}

static void
an_address_that_two_claim_is_told(void **unused)
{
	const uint8_t one[6] = { 2, 0, 0, 0, 0, 1 }, two[6] = { 2, 0, 0, 0, 0, 2 }, ip[4] = { 10, 0, 0, 5 };
	struct packet p = { .ts_ns = 100 * SEC, .arp_op = 2, .arp_mac = one, .arp_src = addr_v4(ip) };


	(void)unused;
	open_one(&detector_scan);
	kit_packet(&p, NULL, DIR_FROM_0);
	p.ts_ns = 500 * SEC;			/* exchanged at leisure */
	p.arp_mac = two;
	kit_packet(&p, NULL, DIR_FROM_0);
	assert_int_equal(n_said, 0);
	p.ts_ns = 510 * SEC;
	p.arp_mac = one;
	kit_packet(&p, NULL, DIR_FROM_0);
	assert_int_equal(said[ALERT_ARP_SPOOF], 1);
	assert_string_equal(last.expected, "02:00:00:00:00:02");
	kit_close();
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
		cmocka_unit_test(answers_outlive_what_anybody_can_forge),
		cmocka_unit_test(scans_reach_their_thresholds),
		cmocka_unit_test(a_set_of_devices_that_answer_is_no_scan),
		cmocka_unit_test(an_address_that_two_claim_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
