/* Functions of DNP3 and their answers: names, numbers, pairing, select before operate,
 * what a function is to detectors. */
#include "dnp3_kit.h"
#include "fresh_kit.h"

static void
a_poll_and_its_answer(void **state)
{
	(void)state;
	kit_app(&k, MASTER, POLL);
	says("? 1 unit 10 #0 Read (integrity poll), read, pending [g60v2] [g60v3] [g60v4] [g60v1]\n");
	kit_app(&k, OUTSTATION, ANSWER);
	says("= 1 unit 10 #0 Read (integrity poll), read, answered [g60v2] [g60v3] [g60v4] [g60v1]"
	    " [g30v2 0+2 = 0:10/01,1:-10/01] [g1v1 0+4 = 0:1,1:0,2:1,3:0]\n");
	assert_int_equal(k.anomalies, 0);
	assert_int_equal(k.flow.client_end, 0);
	assert_int_equal(k.flow.role_source, ROLE_CONTENT);
}

static void
polls_have_names(void **state)
{
	static const struct { const char *objects, *name; } polls[] = {
		{ "3C01 06", "(class 0 poll)" }, { "3C02 06", "(class 1 poll)" },
		{ "3C03 06", "(class 2 poll)" }, { "3C04 07 10", "(class 3 poll)" },
		{ "3C02 06 3C03 06 3C04 06", "(event poll)" }, { "3C02 06 3C03 06", "(event poll)" },
		{ "3C02 06 3C03 06 3C04 06 3C01 06", "(integrity poll)" },
		{ "3C01 06 3C02 06", "(class 0 and event poll)" },
		{ "1E00 06", "Read, read" }, { "3C02 06 1E00 06", "Read, read" },
		{ "00FE 00 0000", "Read, identify" }, { "3201 07 01", "Read, time" },
		{ "7901 06", "Read, diagnose" },
	};

	(void)state;
	for (unsigned i = 0; i < COUNTOF(polls); i++) {
		char app[64];

		(void)snprintf(app, sizeof(app), "C%X 01 %s", i, polls[i].objects);
		kit_app(&k, MASTER, app);
		mentions(polls[i].name, NULL);
	}
}

static void
every_function_code(void **state)
{
	(void)state;
	for (unsigned f = 0; f < 256; f++) {
		const struct func_desc *row = func_find(dn_funcs, DN_N_FUNCS, f, FUNC_NO_SUB);
		char app[32], name[80];

		k.outstation = f >= 128 ? 500 : 10;
		(void)snprintf(app, sizeof(app), "%s%X %02X%s", f == 130 ? "F" : "C", f & 15, f,
		    f >= 128 ? " 0000" : "");
		kit_app(&k, f >= 128 ? OUTSTATION : MASTER, app);
		(void)snprintf(name, sizeof(name), " %s, ", row != NULL ? row->name : "Reserved");
		mentions(name, row != NULL ? NULL : "!reserved_function");
	}
}

/* Unsolicited responses count on their own; after a restart they begin anew (1815 4.2.2.6:
 * bit 7 of the first octet of indications). */
static void
numbers_begin_anew_after_a_restart(void **state)
{
	(void)state;
	kit_app(&k, OUTSTATION, "F3 82 0000");
	kit_app(&k, OUTSTATION, "F4 82 0000");
	assert_int_equal(k.anomalies, 0);
	kit_app(&k, OUTSTATION, "F0 82 8000");
	assert_int_equal(k.anomalies, 0);
	kit_app(&k, OUTSTATION, "F1 82 8000");
	assert_int_equal(k.anomalies, 0);
	kit_app(&k, OUTSTATION, "F9 82 7F00");
	mentions("!sequence_jump", NULL);
	/* Numbers have four bits, those of transport segments six. */
	k.anomalies = 0;
	for (unsigned i = 10; i < 33; i++) {
		char app[16];

		(void)snprintf(app, sizeof(app), "F%X 82 0000", i & 15);
		kit_app(&k, OUTSTATION, app);
	}
	assert_int_equal(k.anomalies, 0);
	kit_app(&k, OUTSTATION, "F0 82 0000");		/* the last one once more */
	assert_int_equal(k.anomalies, 0);
	kit_app(&k, OUTSTATION, "F2 82 0000");
	mentions("!sequence_jump", NULL);
	kit_app(&k, OUTSTATION, "F7 82 003F");
	mentions("!sequence_jump", NULL);
}

static void
answers_of_many_fragments(void **state)
{
	(void)state;
	kit_app(&k, MASTER, "C3 01 1E00 06");
	(void)kit_said(&k);
	kit_app(&k, OUTSTATION, "A3 81 0000 1E04 00 0000 0100");	/* FIR, CON */
	says("= 1 unit 10 #3 Read, read, answered [g30v0] [g30v4 0+1 = 0:1]\n");
	kit_app(&k, MASTER, "C3 00");
	says("? 2 unit 10 #3 Confirm, session, pending confirms_tx=0\n"
	    "= 2 unit 10 #3 Confirm, session, answered confirms_tx=0\n");
	kit_app(&k, OUTSTATION, "24 81 0000 1E04 00 0101 0200");	/* CON */
	says("= 3 unit 10 #4 Read, read, answered [g30v4 1+1 = 1:2] <continues_tx=0\n");
	kit_app(&k, OUTSTATION, "45 81 0000 1E04 00 0202 0300");	/* FIN */
	says("= 4 unit 10 #5 Read, read, answered [g30v4 2+1 = 2:3] <continues_tx=0\n");
	kit_app(&k, OUTSTATION, "46 81 0000 1E04 00 0202 0300");	/* of nothing */
	mentions("one-sided", "!sequence_jump");
}

#define CROB "0C01 17 01 07 03 01 64000000 64000000 "

static void
select_before_operate(void **state)
{
	(void)state;
	kit_app(&k, MASTER, "C0 04 " CROB "00");
	mentions("Operate, operate, pending [>g12v1 = 7:3]", "!operate_without_select");
	kit_app(&k, OUTSTATION, "C0 81 0000 " CROB "02");
	mentions("exception 102 NO_SELECT", "[g12v1 = 7:3 status 2]");
	kit_app(&k, MASTER, "C1 03 " CROB "00");
	kit_app(&k, OUTSTATION, "C1 81 0000 " CROB "00");
	(void)kit_said(&k);
	kit_app(&k, MASTER, "C2 04 " CROB "00");
	mentions("select_tx=1\n", NULL);
	kit_app(&k, OUTSTATION, "C2 81 0000 " CROB "00");
	mentions("Operate, operate, answered", NULL);
	/* Another point, another number, or a read between them. */
	kit_app(&k, MASTER, "C3 03 " CROB "00");
	kit_app(&k, MASTER, "C4 04 0C01 17 01 08 03 01 64000000 64000000 00");
	mentions("Operate", "!operate_differs");
	kit_app(&k, MASTER, "C5 03 " CROB "00");
	kit_app(&k, MASTER, "C7 04 " CROB "00");
	mentions("Operate", "!operate_differs !sequence_jump");
	kit_app(&k, MASTER, "C8 03 " CROB "00");
	kit_app(&k, MASTER, "C9 01 3C01 06");
	kit_app(&k, MASTER, "CA 04 " CROB "00");
	mentions("Operate", "!operate_without_select");
	/* Analog outputs, and a device that refuses by indication. */
	kit_app(&k, MASTER, "CB 05 2902 17 01 02 E803 00");
	kit_app(&k, OUTSTATION, "CB 81 0002");
	mentions("Direct Operate, operate, exception 2 OBJECT_UNKNOWN iin 0002 [>g41v2 = 2:1000]", NULL);
	kit_app(&k, MASTER, "CC 06 2902 17 01 02 E803 00");
	mentions("No Acknowledgment, operate, pending", "No Acknowledgment, operate, no-answer-expected");
}

static void
unsolicited_responses_are_operations(void **state)
{
	(void)state;
	kit_app(&k, OUTSTATION, "F0 82 9000");
	says("= 1 unit 10 #0 Unsolicited Response, report, unsolicited iin 9000\n");
	kit_app(&k, MASTER, "D0 00");
	mentions("confirms_tx=0", NULL);
	kit_app(&k, MASTER, "D0 00");
	mentions("!unexpected_confirm", NULL);
	kit_app(&k, OUTSTATION, "F1 82 0000 0201 17 01 05 81");
	says("= 4 unit 10 #1 Unsolicited Response, report, unsolicited [g2v1 = 5:1/81]\n");
	kit_app(&k, OUTSTATION, "F1 82 0000 0201 17 01 05 81");
	mentions("<repeated=1", NULL);
	kit_app(&k, OUTSTATION, "F5 82 0000 0201 17 01 05 81");
	mentions("!sequence_jump", NULL);
	kit_app(&k, OUTSTATION, "E6 82 0000");		/* no UNS */
	mentions("!application_control", NULL);
	kit_app(&k, OUTSTATION, "37 82 0000");		/* not a whole one */
	mentions("!application_control", NULL);
}

static void
requests_and_answers_that_do_not_fit(void **state)
{
	(void)state;
	kit_app(&k, MASTER, "C0 01 3C01 06");
	kit_app(&k, OUTSTATION, "C0 81 0000");
	(void)kit_said(&k);
	kit_app(&k, OUTSTATION, "C5 81 0000");
	mentions("Response, read, one-sided", "!response_without_request");
	kit_app(&k, OUTSTATION, "C6 81 C0C0");
	mentions("iin c0c0", "!reserved_iin");
	kit_app(&k, MASTER, "C1 01 3C01 06");
	dissect_tick(k.dissect, k.now_ns + 20000000000u);
	mentions("unanswered", NULL);
	kit_app(&k, OUTSTATION, "C1 81 0000");
	mentions("one-sided", "!late_response");
	kit_app(&k, MASTER, "C2 81 0000");
	mentions("!wrong_direction", NULL);
	kit_app(&k, OUTSTATION, "C2 01 3C01 06");
	mentions("!wrong_direction", NULL);
	kit_app(&k, MASTER, "80 01 3C01 06");
	mentions("!application_control", NULL);
	kit_app(&k, MASTER, "D5 01 3C01 06");
	mentions("!application_control", NULL);
	kit_app(&k, MASTER, "C9 01 3C01 06");
	mentions("!sequence_jump", NULL);
	kit_app(&k, OUTSTATION, "C9 81");
	mentions("!MALFORMED", NULL);
	kit_app(&k, MASTER, "C9");
	says("! MALFORMED\n");
}

static void
a_flood_of_requests(void **state)
{
	(void)state;
	kit_app(&k, MASTER, "C0 01 3C01 06");
	kit_app(&k, OUTSTATION, "C0 81 0000");
	for (unsigned i = 1; i <= 40; i++) {
		char app[32];

		k.outstation = (uint16_t)(10 + i / 16);
		(void)snprintf(app, sizeof(app), "C%X 01 3C01 06", i & 15);
		kit_app(&k, MASTER, app);
	}
	mentions("! FLOODED", "unanswered");
}

static void
a_gap_is_not_held_against_anybody(void **state)
{
	(void)state;
	kit_app(&k, MASTER, "C0 01 3C01 06");
	kit_app(&k, OUTSTATION, "C0 81 0000");
	dissect_gap(k.dissect, &k.flow, MASTER, 100, k.now_ns, 9, 0);
	dissect_gap(k.dissect, &k.flow, OUTSTATION, 100, k.now_ns, 9, 0);
	(void)kit_said(&k);
	k.anomalies = 0;
	k.transport[OUTSTATION] = 17;
	kit_app(&k, OUTSTATION, "C9 81 0000");
	kit_app(&k, MASTER, "CC 04 0C01 17 01 07 03 01 64000000 64000000 00");
	kit_app(&k, MASTER, "C5 00");
	assert_int_equal(k.anomalies, 0);
}

/* What detectors ask instead of codes and indications. */
static void
functions_are_commands_conditions_and_refusals(void **state)
{
	(void)state;
	k.flow.ttl[MASTER] = 31;
	k.flow.ttl[OUTSTATION] = 254;
	kit_app(&k, MASTER, "C0 03 " CROB "00");
	assert_int_equal(k.last.command, CMD_SELECT);
	assert_string_equal(k.last.action, "latch on");
	assert_int_equal(k.last_item.point, POINT_BINARY_OUTPUT);
	assert_int_equal(k.last.link[OP_CLIENT].number, 1);
	assert_int_equal(k.last.link[OP_SERVER].number, 10);
	assert_int_equal(k.last.link[OP_SERVER].len, 2);
	assert_false(k.last.has_status);
	kit_app(&k, OUTSTATION, "C0 81 9005 " CROB "00");
	assert_int_equal(k.last.command, CMD_SELECT);
	assert_true(k.last.has_status);
	assert_int_equal(k.last.status, 0x9005);
	assert_int_equal(k.last.condition, OP_RESTARTED);
	assert_int_equal(k.last.refused, OP_REFUSED_FUNCTION | OP_REFUSED_VALUE);
	assert_int_equal(k.last.exception, 1);
	assert_int_equal(k.last.request.ttl, 31);
	assert_int_equal(k.last.response.ttl, 254);
	assert_int_equal(k.last.link[OP_CLIENT].number, 1);
	kit_app(&k, MASTER, "C1 04 " CROB "00");
	assert_int_equal(k.last.command, CMD_OPERATE);
	/* Nobody asked: nothing is refused. */
	kit_app(&k, OUTSTATION, "F0 82 4028");
	assert_int_equal(k.last.condition, OP_TROUBLE | OP_OVERFLOW | OP_CORRUPT);
	assert_int_equal(k.last.refused, 0);
	assert_int_equal(k.last.link[OP_CLIENT].number, 1);
	assert_int_equal(k.last.link[OP_SERVER].number, 10);

	kit_app(&k, MASTER, "C2 02 3201 07 01 000000000000");
	assert_int_equal(k.last.command, CMD_TIME);
	assert_int_equal(k.last_item.point, POINT_CLOCK);
	kit_app(&k, MASTER, "C3 02 5001 00 07 07 00");
	assert_int_equal(k.last.command, CMD_NONE);
	assert_false(k.last.wants_confirm);
	kit_app(&k, MASTER, "E4 01 3C01 06");
	assert_true(k.last.wants_confirm);
	assert_int_equal(k.last_item.point, POINT_CLASS_0);
	kit_app(&k, MASTER, "C5 19 4603 5B 01 2100 1A00 0700 000000000000 FF01 00000000"
	    "00000000 0100 0004 0800 'log.txt'");
	assert_int_equal(k.last.command, CMD_FILE_READ);
	kit_app(&k, MASTER, "C6 19 4603 5B 01 2100 1A00 0700 000000000000 FF01 00000000"
	    "00000000 0300 0004 0900 'log.txt'");
	assert_int_equal(k.last.command, CMD_FILE_WRITE);
	assert_null(k.last.login_refused);
	kit_app(&k, MASTER, "C7 20 7802 5B 01 0A00 05000000 0100 DEADBEEF");
	kit_app(&k, OUTSTATION, "C7 83 0000 7807 5B 01 0F00 05000000 0100 0000 01 000000000000");
	assert_non_null(k.last.login_refused);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_poll_and_its_answer),
		T(polls_have_names),
		T(every_function_code),
		T(numbers_begin_anew_after_a_restart),
		T(answers_of_many_fragments),
		T(select_before_operate),
		T(unsolicited_responses_are_operations),
		T(requests_and_answers_that_do_not_fit),
		T(a_flood_of_requests),
		T(a_gap_is_not_held_against_anybody),
		T(functions_are_commands_conditions_and_refusals),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
