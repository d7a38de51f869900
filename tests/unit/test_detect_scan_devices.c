/* Operations that look for devices, functions, places or passwords: one below the limit says nothing, the
 * limit says it once. */
#include "scan_kit.h"

static void
controllers_that_are_looked_for(void **unused)
{
	struct operation op;

	(void)unused;
	open_with(0);
	for (unsigned i = 0; i < 100; i++) {		/* they answer: polling */
		op = operation(OP_MODBUS, 3, 100);
		op.unit = i;
		give(&op);
	}
	for (unsigned round = 0; round < 20; round++)	/* one dead unit, asked again and again */
		for (unsigned i = 0; i < 9; i++) {
			op = operation(OP_MODBUS, 3, 100 + round);
			op.unit = i;
			op.outcome = OUTCOME_EXCEPTION;
			op.exception = 11;
			give(&op);
		}
	assert_int_equal(n_said, 0);
	op.unit = 10;
	give(&op);
	assert_int_equal(n_said, 1);
	assert_int_equal(last.type, ALERT_PLC_SCAN);
	for (unsigned round = 0; round < 20; round++)	/* the same ones are no news */
		for (unsigned i = 0; i < 11; i++) {
			op = operation(OP_MODBUS, 3, 120 + 10 * round);
			op.unit = i;
			op.outcome = OUTCOME_UNANSWERED;
			give(&op);
		}
	assert_int_equal(n_said, 1);
	forget();
	flow.packets[1] = 0;		/* a one-way tap hears no answers */
	for (unsigned i = 0; i < 50; i++) {
		op = operation(OP_MODBUS, 3, 1000);
		op.unit = i;
		op.outcome = OUTCOME_UNANSWERED;
		give(&op);
	}
	assert_int_equal(n_said, 0);
	close_it();
}

static void
racks_and_slots(void **unused)
{
	(void)unused;
	open_with(0);
	for (unsigned i = 0; i < 60; i++) {
		struct operation op = operation(OP_S7, 0xe0, 100 + i);

		op.intent = INTENT_SESSION;
		op.command = CMD_CONNECT;
		op.unit = i % (unsigned)(settings.detect.tsaps.n - 1);
		give(&op);
	}
	assert_int_equal(n_said, 0);
	for (unsigned i = 0; i < settings.detect.tsaps.n; i++) {
		struct operation op = operation(OP_S7, 0xe0, 1000);

		assert_int_equal(n_said, 0);
		op.intent = INTENT_SESSION;
		op.command = CMD_CONNECT;
		op.unit = i;
		give(&op);
	}
	assert_int_equal(said[ALERT_TSAP_SCAN], 1);
	assert_int_equal(n_said, 1);
	close_it();
}

static void
functions_and_points(void **unused)
{
	struct op_item item = { .space = SPACE_HOLDING, .ranged = true, .count = 1 }, bad[8] = { 0 };
	struct operation op;

	(void)unused;
	open_with(0);
	for (uint32_t i = 0; i < 30; i++) {
		op = operation(OP_MODBUS, 65 + i % 2, 100);
		op.outcome = OUTCOME_EXCEPTION;
		op.refused = OP_REFUSED_FUNCTION;
		give(&op);
	}
	assert_int_equal(said[ALERT_FUNCTION_SCAN], 0);
	op = operation(OP_MODBUS, 70, 101);
	op.outcome = OUTCOME_EXCEPTION;
	op.refused = OP_REFUSED_FUNCTION;
	give(&op);
	assert_int_equal(said[ALERT_FUNCTION_SCAN], 1);
	for (uint32_t i = 0; i < 8; i++) {
		assert_int_equal(said[ALERT_POINT_SCAN], 0);
		item.first = i * 100;
		op = operation(OP_MODBUS, 3, 200);
		op.items = &item;
		op.n_items = 1;
		op.outcome = OUTCOME_EXCEPTION;
		op.refused = OP_REFUSED_ADDRESS;
		give(&op);
	}
	assert_int_equal(said[ALERT_POINT_SCAN], 1);
	for (uint32_t i = 0; i < 3; i++) {
		op = operation(OP_DNP3, 100 + i, 300);
		op.refused = OP_REFUSED_FUNCTION;
		give(&op);
	}
	assert_int_equal(said[ALERT_FUNCTION_SCAN], 2);
	for (uint32_t i = 0; i < 8; i++)
		bad[i] = (struct op_item){ .space = SPACE_S7_DB, .number = i + 1, .status = 0x0a };
	op = operation(OP_S7, 4, 400);
	op.items = bad;
	op.n_items = 8;
	op.refused = OP_REFUSED_ADDRESS;
	give(&op);
	assert_int_equal(said[ALERT_POINT_SCAN], 2);
	/* The status of an object is its quality, and no refusal of it: the question is one. */
	for (uint32_t i = 0; i < 8; i++)
		bad[i] = (struct op_item){ .space = SPACE_OBJECT, .number = i + 1, .status = 0x01 };
	op = operation(OP_DNP3, 1, 500);
	op.items = bad;
	op.n_items = 8;
	op.refused = OP_REFUSED_ADDRESS;
	give(&op);
	assert_int_equal(said[ALERT_POINT_SCAN], 2);
	close_it();
}

static struct operation
login(unsigned kind, double at_s)
{
	struct operation op;

	if (kind == 0) {
		op = operation(OP_S7, 0x705, at_s);
		op.command = CMD_LOGIN;
	} else if (kind == 1) {
		op = operation(OP_MODBUS, 90, at_s);
		op.command = CMD_LOGIN;
	} else {
		op = operation(OP_DNP3, 131, at_s);
		op.login_refused = "secure authentication reported an error (g120v7)";
	}
	op.intent = INTENT_SESSION;
	return op;
}

static void
logins_and_guessing(void **unused)
{
	(void)unused;
	for (unsigned kind = 0; kind < 3; kind++) {
		open_with(0);
		for (unsigned i = 0; i < 60; i++) {		/* one in 3.5 s: 18 in a minute */
			struct operation op = login(kind, 100 + 3.5 * i);

			give(&op);
		}
		assert_int_equal(n_said, 0);
		for (unsigned i = 0; i < 99; i++) {
			struct operation op = login(kind, 1000 + 0.5 * i);

			give(&op);
		}
		assert_int_equal(said[ALERT_LOGINS], 4);
		assert_int_equal(said[ALERT_GUESSING], 0);
		{
			struct operation op = login(kind, 1050);

			give(&op);
		}
		assert_int_equal(said[ALERT_GUESSING], 1);
		assert_int_equal(number("count"), 100);
		close_it();
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(controllers_that_are_looked_for),
		cmocka_unit_test(racks_and_slots),
		cmocka_unit_test(functions_and_points),
		cmocka_unit_test(logins_and_guessing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
