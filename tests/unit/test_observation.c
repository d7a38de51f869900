/* The flat copy of an operation: all of it that fits, a bit for what is absent, the same bytes
 * for the same operation. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/str.h"
#include "record/observation.h"
#include "record/packet.h"

/* A conversation whose client is the end that was heard second. */
static struct flow
conversation(void)
{
	return (struct flow){ .id = 77, .addr = { { { [15] = 2 } }, { { [15] = 1 } } }, .port = { 102, 4000 },
	    .proto = IP_TCP, .ip_v = 4, .n_vlan = 2, .vlan = { 10, 20 }, .source = 3, .client_end = 1,
	    .mac = { { 2, 2, 2, 2, 2, 2 }, { 1, 1, 1, 1, 1, 1 } }, .mac_known = { true, true } };
}

/* Into memory that held something else. */
static struct observation
of(const struct operation *op)
{
	struct observation o;

	memset(&o, 0xa5, sizeof(o));
	observation_from(op, &o);
	return o;
}

static void
all_of_an_operation_is_there(void **unused)
{
	static const uint8_t serial[] = "S C-1", calling[] = { 1, 0 }, called[] = { 1, 2 };
	struct flow f = conversation();
	struct op_item item = { .space = SPACE_S7_DB, .number = 5, .first = 100, .count = 3, .ranged = true,
	    .written = true, .type = 8, .step = 4, .status = 10 };
	struct op_fact fact = { .key = FACT_SERIAL, .number = 5, .len = 5, .bytes = serial };
	struct operation op = { .id = 9, .flow = &f, .phase = OP_FINISHED, .proto = OP_S7, .latency_ns = 5,
	    .request = { .seen = true, .ts_ns = 100, .frame = 7, .len = 30, .ttl = 128 },
	    .response = { .seen = true, .ts_ns = 105, .frame = 8, .len = 20, .ttl = 64 },
	    .unit = 2, .function = 5, .subfunction = 6, .has_subfunction = true, .intent = INTENT_WRITE,
	    .command = CMD_FORCE, .outcome = OUTCOME_EXCEPTION, .exception = 0x8104,
	    .refused = OP_REFUSED_ADDRESS, .condition = OP_TROUBLE, .has_status = true,
	    .status = UINT64_C(0xfedcba9876543210), .login_refused = "no", .broadcast = true,
	    .link = { [OP_CLIENT] = { .len = 2, .bytes = calling }, [OP_SERVER] = { .len = 2, .bytes = called } },
	    .items = &item, .n_items = 1, .facts = &fact, .n_facts = 1, .n_anomalies = 2,
	    .anomalies = { { .id = ANOM_S7_LENGTH }, { .id = ANOM_S7_VALUE } } };
	const struct observation o = of(&op);

	(void)unused;
	assert_int_equal(o.present, OBS_REQUEST | OBS_RESPONSE | OBS_ADDR | OBS_FLOW | OBS_MAC_CLIENT |
	    OBS_MAC_SERVER | OBS_LINK_CLIENT | OBS_LINK_SERVER | OBS_SUBFUNCTION | OBS_STATUS | OBS_LATENCY |
	    OBS_BROADCAST | OBS_LOGIN_REFUSED);
	assert_int_equal(o.phase, OP_FINISHED);
	assert_int_equal(o.proto, OP_S7);
	assert_int_equal(o.intent, INTENT_WRITE);
	assert_int_equal(o.command, CMD_FORCE);
	assert_int_equal(o.outcome, OUTCOME_EXCEPTION);
	assert_int_equal(o.refused, OP_REFUSED_ADDRESS);
	assert_int_equal(o.condition, OP_TROUBLE);
	assert_true(o.status == UINT64_C(0xfedcba9876543210));
	assert_int_equal(o.id, 9);
	assert_int_equal(o.flow, 77);
	assert_int_equal(o.request_ns, 100);
	assert_int_equal(o.request_frame, 7);
	assert_int_equal(o.request_len, 30);
	assert_int_equal(o.response_ns, 105);
	assert_int_equal(o.response_frame, 8);
	assert_int_equal(o.response_len, 20);
	assert_int_equal(o.latency_ns, 5);
	assert_int_equal(o.unit, 2);
	assert_int_equal(o.function, 5);
	assert_int_equal(o.subfunction, 6);
	assert_int_equal(o.exception, 0x8104);
	assert_int_equal(o.ttl[0], 128);
	assert_int_equal(o.ttl[1], 64);
	/* By role, not by who was heard first. */
	assert_int_equal(o.addr[OP_CLIENT].b[15], 1);
	assert_int_equal(o.addr[OP_SERVER].b[15], 2);
	assert_int_equal(o.port[OP_CLIENT], 4000);
	assert_int_equal(o.port[OP_SERVER], 102);
	assert_int_equal(o.mac[OP_CLIENT][5], 1);
	assert_int_equal(o.mac[OP_SERVER][5], 2);
	assert_int_equal(o.ip_proto, IP_TCP);
	assert_int_equal(o.source, 3);
	assert_int_equal(o.n_vlan, 2);
	assert_int_equal(o.vlan[1], 20);
	assert_false(o.link[OP_SERVER].numeric);
	assert_int_equal(o.link[OP_SERVER].len, 2);
	assert_memory_equal(o.link[OP_SERVER].bytes, called, 2);
	assert_memory_equal(o.link[OP_CLIENT].bytes, calling, 2);
	assert_int_equal(o.n_items, 1);
	assert_int_equal(o.kept_items, 1);
	assert_int_equal(o.items[0].space, SPACE_S7_DB);
	assert_int_equal(o.items[0].number, 5);
	assert_int_equal(o.items[0].first, 100);
	assert_int_equal(o.items[0].count, 3);
	assert_int_equal(o.items[0].span, 12);		/* bytes 100 to 111 */
	assert_int_equal(o.items[0].status, 10);
	assert_true(o.items[0].written && o.items[0].ranged);
	assert_int_equal(o.kept_facts, 1);
	assert_int_equal(o.facts[0].key, FACT_SERIAL);
	assert_int_equal(o.facts[0].number, 5);
	assert_int_equal(o.facts[0].unit, 2);
	assert_int_equal(o.facts[0].len, 5);
	assert_memory_equal(o.facts[0].bytes, serial, 5);
	assert_false(o.facts[0].of_client);
	assert_int_equal(o.n_anomalies, 2);
	assert_int_equal(o.anomalies[1], ANOM_S7_VALUE);
}

static void
what_is_absent_has_no_bit(void **unused)
{
	struct op_ends ends = { .mac = { [OP_SERVER] = { 9, 9, 9, 9, 9, 9 } }, .mac_known = { [OP_SERVER] = true },
	    .port = { 5, 6 }, .source = 4 };
	struct operation op = { .proto = OP_DNP3, .ends = &ends, .subfunction = 5, .status = 6, .latency_ns = 7,
	    .link = { [OP_SERVER] = { .len = 2, .number = 1024 } },
	    .response = { .seen = true, .ts_ns = 1 }, .request = { .ts_ns = 3, .frame = 4, .ttl = 5 } };
	struct observation o = of(&op);

	(void)unused;
	assert_int_equal(o.present, OBS_RESPONSE | OBS_MAC_SERVER | OBS_LINK_SERVER);
	assert_int_equal(o.request_ns + o.request_frame + o.ttl[0] + o.subfunction + o.latency_ns, 0);
	assert_true(o.status == 0);
	assert_int_equal(o.port[0] + o.port[1], 0);
	assert_int_equal(o.source, 4);
	assert_true(o.link[OP_SERVER].numeric);
	assert_int_equal(o.link[OP_SERVER].number, 1024);
	assert_int_equal(o.mac[OP_SERVER][0], 9);
	/* Neither flow nor ends: nothing but what it says itself. */
	op.ends = NULL;
	o = of(&op);
	assert_int_equal(o.present, OBS_RESPONSE | OBS_LINK_SERVER);
}

static void
what_does_not_fit_is_counted(void **unused)
{
	static const uint8_t bytes[300];
	struct op_item items[OBS_ITEMS + 2] = { { .n_values = 0 } };
	struct op_fact facts[OBS_FACTS + 1];
	struct operation op = { .items = items, .facts = facts, .n_facts = 1 };
	struct observation o;

	(void)unused;
	for (unsigned i = 0; i < COUNTOF(facts); i++)
		facts[i] = (struct op_fact){ .key = FACT_OTHER, .number = (uint8_t)i, .len = OBS_FACT_LEN,
		    .bytes = bytes, .has_unit = true, .unit = 30 + i, .of_client = i == 1 };
	op.n_items = OBS_ITEMS;
	assert_int_equal(of(&op).present & OBS_SHORTENED, 0);
	op.n_items = OBS_ITEMS + 2;
	o = of(&op);
	assert_int_equal(o.present & OBS_SHORTENED, OBS_SHORTENED);
	assert_int_equal(o.n_items, OBS_ITEMS + 2);
	assert_int_equal(o.kept_items, OBS_ITEMS);

	op.n_items = 2;
	items[0] = items[1] = (struct op_item){ .space = SPACE_HOLDING, .form = FORM_U16_BE, .raw = bytes,
	    .ranged = true, .count = 125, .n_values = OBS_VALUES / 2 };
	assert_int_equal(of(&op).present & OBS_SHORTENED, 0);
	items[1].n_values = 125;
	o = of(&op);
	assert_int_equal(o.present & OBS_SHORTENED, OBS_SHORTENED);
	assert_int_equal(o.n_values, 125 + OBS_VALUES / 2);
	assert_int_equal(o.kept_values, OBS_VALUES);
	assert_int_equal(o.items[1].n_values, 125);
	op.n_items = 0;

	op.n_facts = OBS_FACTS;
	o = of(&op);
	assert_int_equal(o.present & OBS_SHORTENED, 0);
	assert_int_equal(o.kept_facts, OBS_FACTS);
	assert_int_equal(o.facts[1].unit, 31);
	assert_true(o.facts[1].of_client && !o.facts[0].of_client);
	op.n_facts++;
	assert_int_equal(of(&op).present & OBS_SHORTENED, OBS_SHORTENED);
	op.n_facts = 1;
	facts[0].len = 300;
	o = of(&op);
	assert_int_equal(o.present & OBS_SHORTENED, OBS_SHORTENED);
	assert_int_equal(o.facts[0].len, OBS_FACT_LEN);

	facts[0].len = 0;
	op.link[OP_CLIENT] = (struct op_link){ .len = OP_LINK_MAX, .bytes = bytes };
	assert_int_equal(of(&op).present & OBS_SHORTENED, 0);
	op.link[OP_CLIENT].len = OP_LINK_MAX + 1;
	o = of(&op);
	assert_int_equal(o.present & OBS_SHORTENED, OBS_SHORTENED);
	assert_int_equal(o.link[OP_CLIENT].len, OP_LINK_MAX);
	op.n_anomalies = 100;
	assert_int_equal(of(&op).n_anomalies, OP_ANOMALIES);
}

static void
values_have_their_addresses(void **unused)
{
	static const uint8_t raw[] = { 0x12, 0x34, 0x00, 0x05, 0xff, 0xff, 0xff, 0xfe };
	const struct op_value typed[] = {
		{ .kind = VALUE_REAL, .r = 1.5, .index = 30, .flags = 0x81, .has_flags = true, .has_time = true,
		  .time_ms = 99 },
		{ .kind = VALUE_BYTES, .bytes = raw, .len = 2, .index = 31 },
		{ .kind = VALUE_NONE, .index = 32 },
		{ .kind = VALUE_INT, .i = -7, .index = 33 },
	};
	struct op_item items[] = {
		{ .space = SPACE_HOLDING, .form = FORM_U16_BE, .ranged = true, .first = 40, .count = 2,
		  .raw = raw, .n_values = 2 },
		{ .space = SPACE_S7_DB, .form = FORM_I32_BE, .ranged = true, .first = 8, .count = 2, .step = 4,
		  .raw = raw, .n_values = 2 },
		{ .space = SPACE_S7_FLAG, .form = FORM_BITS_LSB, .ranged = true, .first = 3, .bit = 7, .count = 3,
		  .step = OP_STEP_BITS, .raw = raw, .n_values = 3 },
		{ .space = SPACE_OBJECT, .form = FORM_TYPED, .typed = typed, .n_values = COUNTOF(typed) },
	};
	static const struct { unsigned item; uint32_t address; unsigned bit; } want[] = {
		{ 0, 40, 0 }, { 0, 41, 0 }, { 1, 8, 0 }, { 1, 12, 0 }, { 2, 3, 7 }, { 2, 4, 0 }, { 2, 4, 1 },
		{ 3, 30, 0 }, { 3, 33, 0 },
	};
	struct operation op = { .items = items, .n_items = COUNTOF(items) };
	const struct observation o = of(&op);

	(void)unused;
	assert_int_equal(o.kept_values, COUNTOF(want));
	for (unsigned i = 0; i < COUNTOF(want); i++) {
		assert_int_equal(o.values[i].item, want[i].item);
		assert_int_equal(o.values[i].address, want[i].address);
		assert_int_equal(o.values[i].bit, want[i].bit);
	}
	assert_int_equal(o.values[0].u, 0x1234);
	assert_int_equal(o.values[3].i, -2);
	assert_int_equal(o.items[1].span, 8);
	assert_int_equal(o.values[5].u, 1);	/* 0x12: bits 0, 1, 0 */
	assert_int_equal(o.items[2].span, 2);
	assert_true(o.values[7].r > 1.4 && o.values[7].r < 1.6);
	assert_true(o.values[7].has_flags && o.values[7].has_time);
	assert_int_equal(o.values[7].flags, 0x81);
	assert_int_equal(o.values[7].time_ms, 99);
	assert_int_equal(o.values[8].i, -7);
	assert_false(o.values[8].has_flags);
	/* Two were no numbers, which is told. */
	assert_int_equal(o.present & OBS_SHORTENED, OBS_SHORTENED);
}

/* Whatever lay there before, and wherever the operation's own parts lie. */
static void
equal_operations_give_equal_bytes(void **unused)
{
	struct flow f = conversation(), g = f;
	struct op_item item = { .space = SPACE_COIL, .count = 1, .form = FORM_BITS_LSB, .n_values = 1,
	    .raw = (const uint8_t[]){ 1 } }, other = item;
	struct operation op = { .id = 1, .flow = &f, .items = &item, .n_items = 1 }, same = op;
	struct observation a, b;

	(void)unused;
	same.flow = &g;
	same.items = &other;
	memset(&a, 0x5a, sizeof(a));
	memset(&b, 0xa5, sizeof(b));
	observation_from(&op, &a);
	observation_from(&same, &b);
	assert_memory_equal(&a, &b, sizeof(a));
	other.first++;
	observation_from(&same, &b);
	assert_memory_not_equal(&a, &b, sizeof(a));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_of_an_operation_is_there),
		cmocka_unit_test(what_is_absent_has_no_bit),
		cmocka_unit_test(what_does_not_fit_is_counted),
		cmocka_unit_test(values_have_their_addresses),
		cmocka_unit_test(equal_operations_give_equal_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
