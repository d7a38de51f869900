/* More operations than any plant needs, and operations that search. */
#include "scan_kit.h"

#include "detect/floods/floods.h"

static void
open_it(void)
{
	static const struct detector *const list[] = { &detector_floods, &detector_sweeps, NULL };

	config_free(&settings);
	config_defaults(&settings);
	forget();
	op_id = 0;
	flow = (struct flow){ .id = 7, .addr = { ip(10, 0, 0, 1), ip(10, 0, 0, 2) }, .port = { 40000, 502 },
	    .proto = IP_TCP, .packets = { 9, 9 } };
	kit_open(list, on_finding);
	kit_flow(&flow, 0);
}

/* Asked, and answered. */
static void
both(struct operation op)
{
	struct operation asked = op;

	asked.phase = OP_REQUESTED;
	asked.outcome = OUTCOME_PENDING;
	asked.response = (struct op_side){ 0 };
	kit_now_ns = op.request.ts_ns;
	give(&asked);
	flow.transactions++;
	give(&op);
}

static void
write_at(double at_s)
{
	struct operation op = operation(OP_MODBUS, 6, at_s);

	op.intent = INTENT_WRITE;
	both(op);
}

static void
report_at(double at_s)
{
	struct operation op = operation(OP_DNP3, 130, at_s);

	op.intent = INTENT_REPORT;
	op.outcome = OUTCOME_UNSOLICITED;
	op.response = op.request;
	op.request = (struct op_side){ 0 };
	give(&op);
}

static void
commands(void **unused)
{
	(void)unused;
	open_it();
	for (unsigned i = 0; i < 499; i++)
		write_at(100 + i * 0.01);
	assert_int_equal(n_said, 0);
	write_at(105);
	assert_int_equal(said[ALERT_COMMAND_FLOOD], 1);
	assert_int_equal(number("count"), 500);
	for (unsigned i = 0; i < 499; i++)	/* it begins anew */
		write_at(106 + i * 0.001);
	assert_int_equal(said[ALERT_COMMAND_FLOOD], 1);
	write_at(107);
	assert_int_equal(said[ALERT_COMMAND_FLOOD], 2);
	close_it();

	open_it();
	for (unsigned i = 0; i < 2000; i++)	/* 45 a second are none */
		write_at(100 + i / 45.0);
	for (unsigned i = 0; i < 2000; i++) {	/* reads are none */
		struct operation op = operation(OP_MODBUS, 3, 200 + i * 0.001);

		both(op);
	}
	assert_int_equal(n_said, 0);
	close_it();
}

static void
reports(void **unused)
{
	(void)unused;
	open_it();
	for (unsigned i = 0; i < 99; i++)
		report_at(100 + i * 0.05);
	assert_int_equal(n_said, 0);
	report_at(105);
	assert_int_equal(said[ALERT_REPORT_FLOOD], 1);
	assert_true(last.to_client);
	close_it();

	open_it();
	for (unsigned i = 0; i < 300; i++) {	/* each ordered by the client: a table of variables */
		struct operation op = operation(OP_DNP3, 20, 100 + i * 0.05);

		op.intent = INTENT_CONFIG;
		if (i % 2 == 0)
			both(op);
		report_at(100.01 + i * 0.05);
	}
	assert_int_equal(n_said, 0);
	close_it();
}

static void
operations(void **unused)
{
	(void)unused;
	open_it();
	settings.detect.operation_flood.n = 100;
	for (unsigned i = 0; i < 101; i++)	/* the first is what is counted from */
		both(operation(OP_MODBUS, 3, 100 + i * 0.01));
	assert_int_equal(said[ALERT_OPERATION_FLOOD], 1);
	assert_int_equal(number("count"), 100);
	for (unsigned i = 0; i < 99; i++)
		both(operation(OP_MODBUS, 3, 102 + i * 0.01));
	assert_int_equal(n_said, 1);
	both(operation(OP_MODBUS, 3, 103));
	assert_int_equal(n_said, 2);
	for (unsigned i = 0; i < 1000; i++)	/* a hundred in ten seconds and a bit */
		both(operation(OP_MODBUS, 3, 200 + i * 0.1011));
	assert_int_equal(n_said, 2);
	close_it();
}

static void
ask(uint32_t unit, enum op_intent intent, double at_s)
{
	struct operation op = operation(OP_MODBUS, 3, at_s);

	op.unit = unit;
	op.intent = intent;
	both(op);
}

static void
tick(double at_s)
{
	detect_tick(detect, (uint64_t)(at_s * 1e9));
}

/* Nothing but whether they are there. */
static void
touched(void **unused)
{
	(void)unused;
	open_it();
	for (uint32_t u = 1; u <= 9; u++)
		ask(u, INTENT_SESSION, 100 + u * 0.1);
	assert_int_equal(n_said, 0);
	ask(10, INTENT_IDENTIFY, 101.5);
	assert_int_equal(said[ALERT_UNIT_SCAN], 1);
	assert_int_equal(number("count"), 10);
	for (uint32_t u = 11; u <= 200; u++)
		ask(u, INTENT_SESSION, 102 + u * 0.1);
	assert_int_equal(n_said, 1);
	close_it();

	open_it();
	for (uint32_t u = 1; u <= 60; u++)	/* in more than ten seconds */
		ask(u, INTENT_SESSION, 100 + u * 1.12);
	assert_int_equal(n_said, 0);
	close_it();
}

/* From the first packet on: who comes back is a master. */
static void
polled(void **unused)
{
	(void)unused;
	open_it();
	for (unsigned cycle = 0; cycle < 9; cycle++)
		for (uint32_t u = 1; u <= 200; u++)
			ask(u, INTENT_READ, 100 + cycle * 30 + u * 0.01);
	for (unsigned s = 0; s < 900; s++)
		tick(400 + s);
	assert_int_equal(n_said, 0);
	close_it();

	open_it();
	for (uint32_t u = 1; u <= 10; u++)
		ask(u, INTENT_READ, 100 + u * 0.01);
	tick(400);
	assert_int_equal(n_said, 0);
	tick(400.2);			/* 300 seconds after the last */
	assert_int_equal(said[ALERT_UNIT_SCAN], 1);
	assert_ptr_equal(last.op, NULL);
	tick(900);
	assert_int_equal(n_said, 1);
	close_it();

	open_it();
	for (uint32_t u = 1; u <= 12; u++)
		ask(u, INTENT_READ, 100 + u * 0.01);
	ask(1, INTENT_READ, 200);	/* three of twelve again: a master that asks some more often */
	ask(2, INTENT_READ, 200);
	ask(3, INTENT_READ, 200);
	tick(500);
	assert_int_equal(n_said, 0);
	close_it();

	open_it();
	for (uint32_t u = 1; u <= 9; u++)
		ask(u, INTENT_READ, 100 + u * 0.01);
	tick(500);
	assert_int_equal(n_said, 0);
	close_it();
}

/* The run ends while it is not clear. */
static void
at_the_end(void **unused)
{
	(void)unused;
	for (unsigned k = 0; k < 2; k++) {
		open_it();
		for (uint32_t u = 1; u <= 10; u++)
			ask(u, INTENT_READ, 100 + u * 0.5);
		detect_finish(detect, (uint64_t)((k == 0 ? 118.4 : 118.6) * 1e9));	/* it took 4.5 s */
		assert_int_equal(said[ALERT_UNIT_SCAN], k);
		close_it();
	}
}

/* A client that came when the device was known for long. */
static void
late(void **unused)
{
	(void)unused;
	open_it();
	for (unsigned i = 0; i < 60; i++)
		ask(1, INTENT_READ, 100 + i);
	for (uint8_t client = 8; client <= 9; client++) {	/* after a minute it is late */
		flow.addr[0] = ip(10, 0, 0, client);
		flow.asset[0] = NULL;
		kit_flow(&flow, 1);
		for (uint32_t u = 1; u <= 9; u++)
			ask(u, INTENT_READ, (client == 8 ? 159.9 : 160.1) + u * 0.01);
		assert_int_equal(n_said, 0);
		ask(10, INTENT_READ, 162);
		assert_int_equal(said[ALERT_UNIT_SCAN], client == 9);
	}
	close_it();
}

static void
link_addresses(void **unused)
{
	(void)unused;
	open_it();
	for (uint32_t i = 0; i < 40; i++) {
		struct operation op = operation(OP_DNP3, 1, 100 + i);

		op.link[OP_CLIENT] = (struct op_link){ .len = 2, .number = i % 4 };
		both(op);
	}
	assert_int_equal(n_said, 0);
	for (uint32_t i = 4; i < 30; i++) {
		struct operation op = operation(OP_DNP3, 1, 200 + i);

		op.link[OP_CLIENT] = (struct op_link){ .len = 2, .number = i };
		both(op);
		assert_int_equal(said[ALERT_LINK_ADDRESSES], 1);	/* the fifth, and once */
	}
	assert_int_equal(n_said, 1);
	close_it();

	open_it();
	for (uint32_t i = 0; i < 30; i++) {	/* names of transport ends are as many as connections */
		uint8_t tsap[2] = { 1, (uint8_t)i };
		struct operation op = operation(OP_S7, 4, 100 + i);

		op.link[OP_CLIENT] = (struct op_link){ .len = 2, .bytes = tsap, .number = i };
		both(op);
	}
	assert_int_equal(n_said, 0);
	close_it();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(commands),
		cmocka_unit_test(reports),
		cmocka_unit_test(operations),
		cmocka_unit_test(touched),
		cmocka_unit_test(polled),
		cmocka_unit_test(at_the_end),
		cmocka_unit_test(late),
		cmocka_unit_test(link_addresses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
