/* Functions of Modbus to detectors: commands, refusals, exceptions, and scans of codes. */
#include "modbus_kit.h"

static void
exceptions_have_names(void **unused)
{
	struct kit k;

	(void)unused;
	kit_open_known(&k);
	kit_exchange(&k, "03 0000 0001", "83 02");
	assert_non_null(strstr(kit_said(&k), "read, exception 2 Illegal Data Address [holding 0+1]\n"));
	kit_exchange(&k, "06 0000 0001", "86 0B");
	assert_non_null(strstr(kit_said(&k), "exception 11 Gateway Target Device Failed to Respond"));
	kit_exchange(&k, "03 0000 0001", "83 09");
	assert_non_null(strstr(kit_said(&k), "exception 9 - [holding 0+1] !invalid_exception_code\n"));
	kit_exchange(&k, "03 0000 0001", "83 08");
	assert_non_null(strstr(kit_said(&k), "!invalid_exception_code\n"));
	kit_exchange(&k, "83 02", "83 01");
	assert_non_null(strstr(kit_said(&k), "!invalid_function_code !exception_in_request"));
	kit_close(&k);
}

/* What detectors ask instead of codes. */
static void
functions_are_commands_and_refusals(void **unused)
{
	static const struct { const char *request, *answer; enum op_command command; uint8_t refused; } cases[] = {
		{ "03 0000 0001", "83 01", CMD_NONE, OP_REFUSED_FUNCTION },
		{ "03 0000 0001", "83 02", CMD_NONE, OP_REFUSED_ADDRESS },
		{ "03 0000 0001", "83 03", CMD_NONE, OP_REFUSED_VALUE },
		{ "03 0000 0001", "83 04", CMD_NONE, OP_REFUSED_FAILURE },
		{ "03 0000 0001", "83 05", CMD_NONE, OP_REFUSED_BUSY },
		{ "03 0000 0001", "83 06", CMD_NONE, OP_REFUSED_BUSY },
		{ "03 0000 0001", "83 0A", CMD_NONE, OP_REFUSED_OTHER | OP_REFUSED_UNREACHED },
		{ "03 0000 0001", "83 77", CMD_NONE, OP_REFUSED_OTHER },
		{ "03 0000 0001", "03 02 0007", CMD_NONE, 0 },
		{ "08 0001 0000", "08 0001 0000", CMD_RESTART_LINK, 0 },
		{ "08 0004 0000", "88 03", CMD_LISTEN_ONLY, OP_REFUSED_VALUE },
		{ "08 000A 0000", "08 000A 0000", CMD_NONE, 0 },
		{ "5A 01 40 00", "5A 01 FE", CMD_START, 0 },
		{ "5A 01 41 00", "5A 01 FE", CMD_STOP, 0 },
		{ "5A 01 26 00", "5A 01 FE", CMD_NONE, 0 },
		{ "5A 01 30 00", "5A 01 FE", CMD_DOWNLOAD, 0 },
		/* Whoever carries the block sends the program. */
		{ "5A 01 31 000102030405060708090A0B0C0D0E0F", "5A 01 FE", CMD_DOWNLOAD, 0 },
		{ "5A 01 31 0001", "5A 01 FE 000102030405060708090A0B0C0D0E0F", CMD_UPLOAD, 0 },
		/* UMAS has reasons of its own. */
		{ "5A 01 41 00", "5A 01 FD 44", CMD_STOP, 0 },
	};
	struct kit k;

	(void)unused;
	kit_open_known(&k);
	k.flow.ttl[DIR_FROM_0] = 127;
	k.flow.ttl[DIR_FROM_1] = 64;
	for (unsigned i = 0; i < COUNTOF(cases); i++) {
		kit_exchange(&k, cases[i].request, cases[i].answer);
		assert_int_equal(k.last.phase, OP_FINISHED);
		assert_int_equal(k.last.command, cases[i].command);
		assert_int_equal(k.last.refused, cases[i].refused);
		assert_int_equal(k.last.vendor, cases[i].request[0] == '5');
		assert_int_equal(k.last.request.ttl, 127);
		assert_int_equal(k.last.response.ttl, 64);
		assert_null(k.last.login_refused);
		assert_false(k.last.has_status);
	}
	kit_exchange(&k, "5A 01 10 00000000 03 'abc'", "5A 01 FE");
	assert_int_equal(k.last.command, CMD_LOGIN);
	assert_null(k.last.login_refused);
	kit_exchange(&k, "5A 01 10 00000000 03 'abc'", "5A 01 FD 44");
	assert_string_equal(k.last.login_refused, "the reservation was refused");
	kit_close(&k);
}

static void
a_scan_of_function_codes_is_recognised(void **unused)
{
	struct kit k;

	(void)unused;
	kit_open(&k, KIT_PORT);
	kit_exchange(&k, "1D 01", "9D 01");
	assert_non_null(strstr(kit_said(&k), "= 1 unit 1 29 Unassigned, unknown, exception 1"
	    " Illegal Function data=01 !invalid_function_code\n"));
	kit_close(&k);
}

static void
a_scan_may_begin_with_function_0(void **unused)
{
	struct kit k;

	(void)unused;
	kit_open(&k, KIT_PORT);
	kit_exchange(&k, "00", "80 01");
	assert_non_null(strstr(kit_said(&k), "exception 1 Illegal Function"));
	kit_close(&k);
	/* With data it is anything. */
	kit_open(&k, KIT_PORT);
	kit_exchange(&k, "00 0000 0001", "00 0000");
	assert_string_equal(kit_said(&k), "");
	kit_close(&k);
}

/* Behind codes and versions the name that the controller has; what is no name is none. */
static void
a_controller_says_its_model_by_umas(void **unused)
{
	static const char head[] = "5A 01 FE 0630 06000301 0602 7002 0000 7002 0100 00000000 0000 ";
	char answer[160];
	struct kit k;

	(void)unused;
	kit_open_known(&k);
	(void)snprintf(answer, sizeof(answer), "%s 0C 'BMX P34 2020' 00", head);
	kit_exchange(&k, "5A 01 02", answer);
	assert_non_null(strstr(kit_said(&k), "model:0=\"BMX P34 2020\""));
	(void)snprintf(answer, sizeof(answer), "%s 0C 'BMX P34'", head);
	kit_exchange(&k, "5A 01 02", answer);
	assert_null(strstr(kit_said(&k), "model"));
	(void)snprintf(answer, sizeof(answer), "%s 03 41 00 42", head);
	kit_exchange(&k, "5A 01 02", answer);
	assert_null(strstr(kit_said(&k), "model"));
	kit_exchange(&k, "5A 01 02", "5A 01 FE 01");
	assert_null(strstr(kit_said(&k), "model"));
	kit_close(&k);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(exceptions_have_names),
		cmocka_unit_test(functions_are_commands_and_refusals),
		cmocka_unit_test(a_controller_says_its_model_by_umas),
		cmocka_unit_test(a_scan_of_function_codes_is_recognised),
		cmocka_unit_test(a_scan_may_begin_with_function_0),
	};

	return cmocka_run_group_tests_name("modbus-functions", tests, NULL, NULL);
}
