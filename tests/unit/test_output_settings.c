/* What the settings ask for: types of records by their words, and files that can be opened. */
#include "output_kit.h"
#include "output/types.h"

static void
test_types(void **state)
{
	struct err e = { 0 };
	struct flow f = a_flow();
	struct operation op = a_read(&f);

	(void)state;
	assert_int_equal(types_parse("all", TYPES_FOR_EVE, true, &e), TYPES_ALL);
	assert_int_equal(types_parse(NULL, TYPES_FOR_EVE, false, &e), TYPES_ALL);
	assert_int_equal(types_parse(" modbus ,flow", TYPES_FOR_EVE, false, &e),
	    TYPE_OF(OP_MODBUS) | TYPE_BIT(TYPE_FLOW));
	assert_int_equal(types_parse("", TYPES_FOR_EVE, false, &e), 0);
	assert_true(types_want(types_parse("modbus", TYPES_FOR_EVE, true, &e), &op));
	assert_false(types_want(types_parse("auto", TYPES_FOR_EVE, true, &e), &op));
	assert_false(types_want(types_parse("dnp3,stats", TYPES_FOR_EVE, true, &e), &op));
	op.outcome = OUTCOME_EXCEPTION;
	assert_true(types_want(types_parse("auto", TYPES_FOR_EVE, true, &e), &op));
	op.outcome = OUTCOME_ANSWERED;
	op.intent = INTENT_WRITE;
	assert_true(types_want(types_parse("changes", TYPES_FOR_EVE, true, &e), &op));
	for (unsigned t = 0; t < OUTPUT_TYPE_COUNT; t++)
		assert_int_equal(types_parse(output_type_row(t)->word, TYPES_FOR_EVE, false, &e), TYPE_BIT(t));
	for (op.proto = OP_UNKNOWN + 1; op.proto < OP_PROTO_COUNT; op.proto++) {
		assert_true(types_want(types_parse(protocols[op.proto]->event, TYPES_FOR_EVE, false, &e), &op));
		assert_int_equal(types_parse(protocols[op.proto]->event, TYPES_FOR_EVE, false, &e) & TYPE_OF(protocols[op.proto]->family),
		    TYPE_OF(protocols[op.proto]->family));
	}
	assert_int_equal(e.n, 0);
	/* Series of values have no place among alerts unless they are asked for. */
	assert_true((types_parse("auto", TYPES_FOR_EVE, true, &e) & TYPE_BIT(TYPE_PROCESS)) != 0);
	for (int live = 0; live < 2; live++) {
		assert_true((types_parse("auto", TYPES_FOR_SINK, live, &e) & TYPE_BIT(TYPE_PROCESS)) == 0);
		assert_true((types_parse(NULL, TYPES_FOR_SINK, live, &e) & TYPE_BIT(TYPE_ALERT)) != 0);
		assert_int_equal(types_parse("auto", TYPES_FOR_SERIES, live, &e), TYPE_BIT(TYPE_PROCESS));
		assert_true((types_parse("alert,process", TYPES_FOR_SINK, live, &e) & TYPE_BIT(TYPE_PROCESS)) != 0);
	}
	(void)types_parse("modbus,flwo", TYPES_FOR_EVE, true, &e);
	assert_int_equal(e.n, 1);
	assert_non_null(strstr(e.first->text, "\"flwo\" is not a record type; did you mean \"flow\"?"));
	err_free(&e);
}

static void
test_open_says_what_to_do(void **state)
{
	struct output_settings s = settings();
	struct err e = { 0 };
	char missing[128];

	(void)state;
	snprintf(missing, sizeof(missing), "%s/none", dir);
	s.log_dir = missing;
	assert_null(output_open(&s, &env, &counters, &e));
	assert_int_equal(e.n, 1);
	assert_non_null(strstr(e.first->text, "/none does not exist; create it or choose another with -l"));
	err_free(&e);
	s = settings();
	s.eve = false;
	s.eve_types = "nonsense";
	e = (struct err){ 0 };
	assert_null(output_open(&s, &env, &counters, &e));
	err_free(&e);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_types),
		cmocka_unit_test(test_open_says_what_to_do),
	};

	return OUTPUT_RUN(tests);
}
