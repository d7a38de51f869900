/* Which records a sink wants: by zone, device, protocol and intent, and how many a minute. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <cmocka.h>

#include "output/types.h"
#include "output/wanted.h"
#include "output/writer.h"
#include "record/finding.h"

#define SECOND UINT64_C(1000000000)

static const struct zone cell = { .name = "cell", .number = 3 }, office = { .name = "office", .number = 0 };

/* 10.1.x.x is the cell, 10.2.x.x the office. */
static const struct zone *
zone_of(void *arg, const struct addr *a)
{
	(void)arg;
	return a->b[12] != 10 ? NULL : a->b[13] == 1 ? &cell : a->b[13] == 2 ? &office : NULL;
}

static const struct zone *
zone_named(void *arg, const char *name)
{
	(void)arg;
	return strcmp(name, "cell") == 0 ? &cell : strcmp(name, "office") == 0 ? &office : NULL;
}

/* 10.9.0.7 in VLAN 12. */
static bool
is_named(void *arg, const struct addr *a, uint16_t vlan, const char *name)
{
	const struct addr pump = addr_v4((const uint8_t[]){ 10, 9, 0, 7 });

	(void)arg;
	return addr_same(a, &pump) && vlan == 12 && strcasecmp(name, "pump-7") == 0;
}

static const struct output_env env = { .zone_of = zone_of, .zone_named = zone_named, .is_named = is_named };
static struct flow flow;
static struct operation op;
static struct record record;
static struct wanted w;

static void
begin(const struct sink_settings *k)
{
	struct err e = { 0 };

	wanted_open(&w, k, &env, &e);
	assert_int_equal(e.n, 0);
	flow = (struct flow){ .addr = { addr_v4((const uint8_t[]){ 10, 1, 0, 5 }), addr_v4((const uint8_t[]){ 10, 9, 0, 7 }) },
	    .client_end = 1, .mac = { { 0, 1, 2, 3, 4, 5 } }, .last_ns = SECOND };
	op = (struct operation){ .flow = &flow, .proto = OP_MODBUS, .intent = INTENT_WRITE,
	    .request = { .seen = true, .ts_ns = SECOND } };
	record = (struct record){ .kind = RECORD_OPERATION, .operation = &op };
}

static bool
pass(unsigned class)
{
	struct subject s;

	subject_of(&record, &s);
	return wanted_pass(&w, "siem", &s, &env, class);
}

static void
by_zone(void **state)
{
	struct sink_settings k = { .name = "siem", .zones = "cell" };
	struct err e = { 0 };

	(void)state;
	begin(&k);
	assert_true(pass(QUEUE_OPERATION));
	flow.addr[0].b[13] = 2;
	assert_false(pass(QUEUE_OPERATION));
	assert_int_equal(w.filtered, 1);
	k.zones = "office,outside";
	begin(&k);
	assert_true(pass(QUEUE_OPERATION));	/* 10.9.0.7 is in none */
	flow.addr[1].b[13] = 1;
	assert_false(pass(QUEUE_OPERATION));
	flow.addr[0].b[13] = 2;
	assert_true(pass(QUEUE_OPERATION));
	/* What the sensor says of itself is of no zone, and comes all the same. */
	record = (struct record){ .kind = RECORD_STATS };
	assert_true(pass(QUEUE_STATS));
	k.zones = "celll";
	wanted_open(&w, &k, &env, &e);
	assert_string_equal(e.first->text, "there is no zone \"celll\" for the output \"siem\"");
	err_free(&e);
}

static void
by_device(void **state)
{
	struct sink_settings k = { .name = "siem", .assets = "10.9.0.0/24,00:0e:cf:00:00:01" };
	char many[32 * WANTED_ASSETS] = "10.0.0.1";
	struct err e = { 0 };

	(void)state;
	begin(&k);
	assert_true(pass(QUEUE_OPERATION));
	flow.addr[1].b[14] = 1;
	assert_false(pass(QUEUE_OPERATION));
	memcpy(flow.mac[0], "\x00\x0e\xcf\x00\x00\x01", 6);
	assert_true(pass(QUEUE_OPERATION));
	/* Straight on Ethernet. */
	{
		struct op_ends ends = { .mac = { { 1 }, { 0, 0x0e, 0xcf, 0, 0, 1 } }, .mac_known = { true, true } };

		op.flow = NULL;
		op.ends = &ends;
		assert_true(pass(QUEUE_OPERATION));
		ends.mac[1][5] = 2;
		assert_false(pass(QUEUE_OPERATION));
	}
	for (unsigned i = 0; i < WANTED_ASSETS; i++)
		strcat(many, ",10.0.0.1");
	k.assets = many;
	wanted_open(&w, &k, &env, &e);
	assert_non_null(strstr(e.first->text, "more than 32 assets"));
	err_free(&e);
}

static void
by_the_name_of_a_device(void **state)
{
	struct sink_settings k = { .name = "siem", .assets = "10.7.0.1,Pump-7" };

	(void)state;
	begin(&k);
	assert_false(pass(QUEUE_OPERATION));
	flow.n_vlan = 2;
	flow.vlan[0] = 3;
	flow.vlan[1] = 12;
	assert_true(pass(QUEUE_OPERATION));
	k.assets = "pump-8";
	begin(&k);
	flow.n_vlan = 1;
	flow.vlan[0] = 12;
	assert_false(pass(QUEUE_OPERATION));
}

static void
by_protocol_and_intent(void **state)
{
	const struct sink_settings k = { .name = "siem", .protocols = "dnp3,modbus", .intents = "write,program-write" };

	(void)state;
	begin(&k);
	assert_true(pass(QUEUE_OPERATION));
	op.intent = INTENT_READ;
	assert_false(pass(QUEUE_OPERATION));
	op.intent = INTENT_WRITE;
	op.proto = OP_S7;
	assert_false(pass(QUEUE_OPERATION));
	/* A flow is no operation. */
	record = (struct record){ .kind = RECORD_FLOW, .flow = { .f = &flow } };
	assert_false(pass(QUEUE_FLOW));
}

static void
alerts_have_the_ends_of_what_fired(void **state)
{
	const struct sink_settings k = { .name = "siem", .assets = "10.1.0.5" };
	struct finding f = { 0 };
	struct alert a = { .finding = &f, .severity = 2, .ts_ns = 7 };
	struct subject s;
	struct line_head h;

	(void)state;
	begin(&k);
	f = (struct finding){ .src = flow.addr[1], .dst = flow.addr[0] };
	record = (struct record){ .kind = RECORD_ALERT, .alert = &a };
	assert_true(pass(QUEUE_ALERT));
	subject_of(&record, &s);
	h = subject_head(&s, &record, QUEUE_ALERT);
	assert_int_equal(h.ts_ns, 7);
	assert_int_equal(h.severity, 2);
	assert_int_equal(h.class, QUEUE_ALERT);
	assert_int_equal(h.type, TYPE_ALERT);
	/* Without a flow the destination is the device, with one the server: here end 0. */
	assert_memory_equal(h.key, flow.addr[0].b, 16);
	f = (struct finding){ .src = flow.addr[0], .dst = flow.addr[1], .flow = &flow };
	subject_of(&record, &s);
	h = subject_head(&s, &record, QUEUE_ALERT);
	assert_memory_equal(h.key, flow.addr[0].b, 16);
	f.dst = f.src = addr_v4((const uint8_t[]){ 10, 1, 0, 6 });
	assert_false(pass(QUEUE_ALERT));
}

static void
incidents_and_devices_have_many_addresses(void **state)
{
	const struct sink_settings k = { .name = "siem", .assets = "10.1.0.5,00:0e:cf:00:00:01" };
	const struct addr targets[2] = { addr_v4((const uint8_t[]){ 10, 1, 0, 9 }), addr_v4((const uint8_t[]){ 10, 1, 0, 5 }) };
	struct incident i = { .targets = targets, .n_targets = 2, .severity = 1, .has_attacker = true };
	struct device d = { .n_macs = 1, .mac = { { 0, 0x0e, 0xcf, 0, 0, 1 } } };
	struct subject s;
	struct line_head h;

	(void)state;
	begin(&k);
	record = (struct record){ .kind = RECORD_INCIDENT, .incident = &i };
	assert_true(pass(QUEUE_ALERT));
	subject_of(&record, &s);
	h = subject_head(&s, &record, QUEUE_ALERT);
	assert_memory_equal(h.key, targets[0].b, 16);
	assert_int_equal(h.severity, 1);
	i.n_targets = 1;
	assert_false(pass(QUEUE_ALERT));
	record = (struct record){ .kind = RECORD_DEVICE, .device = { &d, 5 } };
	assert_true(pass(QUEUE_STATS));
	d.mac[0][5] = 9;
	assert_false(pass(QUEUE_STATS));
}

static void
not_more_than_so_many_a_minute(void **state)
{
	const struct sink_settings k = { .name = "siem", .rate = 60 };
	unsigned n = 0;

	(void)state;
	begin(&k);
	for (unsigned i = 0; i < 100; i++)
		n += pass(QUEUE_OPERATION);
	assert_int_equal(n, 60);
	assert_int_equal(w.limited, 40);
	/* Grave alerts come, and take nothing of it. */
	assert_true(pass(QUEUE_ALERT));
	/* One a second. */
	op.request.ts_ns += 3 * SECOND;
	for (unsigned i = 0; i < 10; i++)
		n += pass(QUEUE_OPERATION);
	assert_int_equal(n, 63);
	/* A clock that goes back gives nothing, and one that comes back from far does not stop it for ever. */
	op.request.ts_ns -= 2 * SECOND;
	assert_false(pass(QUEUE_OPERATION));
	op.request.ts_ns += 86400 * SECOND;
	assert_true(pass(QUEUE_OPERATION));
	op.request.ts_ns -= 86400 * SECOND;
	for (unsigned i = 0; i < 59; i++)
		(void)pass(QUEUE_OPERATION);
	assert_false(pass(QUEUE_OPERATION));
	op.request.ts_ns += SECOND;
	assert_true(pass(QUEUE_OPERATION));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(by_zone),
		cmocka_unit_test(by_device),
		cmocka_unit_test(by_the_name_of_a_device),
		cmocka_unit_test(by_protocol_and_intent),
		cmocka_unit_test(alerts_have_the_ends_of_what_fired),
		cmocka_unit_test(incidents_and_devices_have_many_addresses),
		cmocka_unit_test(not_more_than_so_many_a_minute),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
