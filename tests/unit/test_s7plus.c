/* test_s7plus.c - S7comm-plus: every function, fragments, values, meaning. */
#include "s7plus_kit.h"

extern const struct dissector s7plus_dissector;

/* ---- examples ------------------------------------------------------- */

static void
names_of_attributes_are_in_order(void **unused)
{
	(void)unused;
	for (uint32_t i = 0; i < S7P_N_IDS; i++) {
		assert_true(i == 0 || s7p_ids[i - 1].code < s7p_ids[i].code);
		assert_string_equal(s7p_id_name(s7p_ids[i].code), s7p_ids[i].name);
	}
	assert_null(s7p_id_name(0));
	assert_null(s7p_id_name(307));
	assert_null(s7p_id_name(UINT32_MAX));
}

static void
every_row_has_an_example(void **unused)
{
	uint32_t n = 0;

	(void)unused;
	for (uint32_t i = 0; i < s7plus_dissector.n_funcs; i++) {
		uint32_t code = s7plus_dissector.funcs[i].code;
		bool found = false;

		/* What is below are TPDUs, pushes and TLS: tested further down. */
		if (code < 0x04b1 || code > 0x05ff)
			continue;
		for (size_t k = 0; k < COUNTOF(plus_examples); k++)
			found = found || plus_examples[k].function == code;
		if (!found)
			print_error("%s has no example\n", s7plus_dissector.funcs[i].name);
		assert_true(found);
		n++;
	}
	assert_int_equal(n, 21);
}

static const char *
answered(struct kit *k, size_t i)
{
	const struct plus_example *e = &plus_examples[i];

	send(k, DIR_FROM_0, e->version, 0x31, e->function, (uint16_t)i, e->req);
	kit_said(k);
	send(k, DIR_FROM_1, e->version, 0x32, e->function, (uint16_t)i, e->rsp);
	return kit_said(k);
}

/* Functions whose bodies nobody has published are named, with their object. */
static bool
opaque(uint16_t function)
{
	return function == 0x04fc || function == 0x0506 || function == 0x051a ||
	    function == 0x0556 || function == 0x0560 || function == 0x056b ||
	    function == 0x0590 || function == 0x059a;
}

static void
every_example_is_read_to_its_end(void **unused)
{
	struct kit k;

	(void)unused;
	kit_open(&k, 102);
	for (size_t i = 0; i < COUNTOF(plus_examples); i++) {
		const char *said = answered(&k, i);
		bool clean = strchr(said, '!') == NULL &&
		    (opaque(plus_examples[i].function) || strstr(said, "unread") == NULL);

		if (!clean)
			print_error("%zu: %s", i, said);
		assert_true(clean);
		assert_true(strstr(said, "answered") != NULL || strstr(said, "exception") != NULL);
	}
	kit_close(&k);
}

/* What the n-th example of a function must say. */
static void
says(struct kit *k, uint16_t function, unsigned n, const char *const *what)
{
	for (size_t i = 0; i < COUNTOF(plus_examples); i++) {
		const char *said;

		if (plus_examples[i].function != function || n-- > 0)
			continue;
		said = answered(k, i);
		for (; *what != NULL; what++) {
			if (strstr(said, *what) == NULL)
				print_error("want %s\nin %s", *what, said);
			assert_non_null(strstr(said, *what));
		}
		return;
	}
	fail();
}

#define SAYS(k, function, n, ...) \
	says(k, function, n, (const char *const[]){ __VA_ARGS__, NULL })

static void
objects_and_all_their_attributes_are_read(void **unused)
{
	struct kit k;

	(void)unused;
	kit_open(&k, 102);
	SAYS(&k, 0x04bb, 0, "Explore, identify", "[s7-object #52 233+1 = 'CPUexec']",
	    "[s7-object #96 233+1 = 'cycle']", "[s7-object #97 233+1 = 'actual']", "run_state=\"RUN\"");
	SAYS(&k, 0x04bb, 1, "[s7-object #114 4676+1]", "[s7-object #114 4679+1]");
	SAYS(&k, 0x04bb, 2, "Explore, program-read", "2521+1 = 1]", "2533+1 = deadbeef]");
	SAYS(&k, 0x04ca, 0, "Create Object, session", "[>s7-object #211 296+1 = 'Panel']",
	    "<created_object=902 <created_object=903", "product_code=\"6ES7 511-1AK00-0AB0\"",
	    "firmware=\"V1.5\"", "[s7-object #288 303+1 = 01020304]");
	SAYS(&k, 0x04ca, 1, "Create Object, read", "class_name='subscription'",
	    "1049+1 = 1000]", "<created_object=268435562");
	SAYS(&k, 0x04ca, 2, "Create Object, program-write", "class_name='data block'",
	    "[>s7-object #2316173319 2521+1 = 7]");
	SAYS(&k, 0x04d4, 0, "Delete Object, session", "object=268435562");
	SAYS(&k, 0x04d4, 1, "Delete Object, program-write", "object=2316173319");
	SAYS(&k, 0x0524, 0, "link=2270", "<linked_object=52 <linked_object=50 <linked_object=51");
	kit_close(&k);
}

static void
variables_are_matched_with_their_values(void **unused)
{
	struct kit k;

	(void)unused;
	kit_open(&k, 102);
	SAYS(&k, 0x0542, 0, "Set Multiple Variables, write",
	    "[>s7-symbol #2316173313 22+1 = 42]",
	    "[>s7-db P#DB2.DBX4.0 BYTE 2 status 237 = 18,52]");
	SAYS(&k, 0x0542, 1, "Set Multiple Variables, auth", "secret_length=4");
	SAYS(&k, 0x054c, 0, "Get Multiple Variables, read",
	    "[s7-symbol #2316173313 9+1 = 1,2]", "[s7-symbol #82 10+1 = 1]",
	    "run_state=\"STOP\"");
	SAYS(&k, 0x054c, 1, "[s7-symbol #2316173313 9+1 status 237]");
	SAYS(&k, 0x057c, 1, "[>s7-db P#DB1.DBX4.0 BYTE 2 = 18,52]", "write");
	kit_close(&k);
}

static void
every_type_of_value_is_read(void **unused)
{
	struct kit k;

	(void)unused;
	kit_open(&k, 102);
	SAYS(&k, 0x054c, 2, " 1+1 = -]", " 2+1 = 1]", " 3+1 = 255]", " 4+1 = 65535]",
	    " 5+1 = 128]", " 6+1 = 18446744073709551615]", " 7+1 = -1]", " 8+1 = -2]",
	    " 9+1 = -1]", " 10+1 = -2]", " 11+1 = 18]", " 12+1 = 4660]", " 13+1 = 305419896]",
	    " 14+1 = 1311768467463790320]", " 15+1 = 1.5]", " 16+1 = 1.5]",
	    " 17+1 = 1700000000000]", " 18+1 = -64]", " 19+1 = 52]", " 20+1 = 2237]",
	    " 21+1 = beef]", " 22+1 = 'abc']", " 23+1 = 5]", " 24+1 = 'x1']",
	    " 25+1 = 2,3]", " 26+1 = aabb]", " 27+1 = 1,2]", " 28+1 = 'a','b']");
	kit_close(&k);
}

static void
a_message_says_what_it_means_to_the_plant(void **unused)
{
	struct kit k;

	(void)unused;
	kit_open(&k, 102);
	SAYS(&k, 0x04f2, 0, "Set Variable, mode", "requested_mode='STOP'");
	SAYS(&k, 0x04f2, 1, "Set Variable, mode", "requested_mode='RUN'");
	SAYS(&k, 0x04f2, 2, "Set Variable, session");
	SAYS(&k, 0x04f2, 3, "Set Variable, auth, exception ff8a wrong password",
	    "[>s7-object #916 1846+1]", "secret_length=4");
	SAYS(&k, 0x056b, 0, "Invoke, program-write", "method_name='activate download'");
	SAYS(&k, 0x056b, 1, "Invoke, read", "method_name='resolve address'");
	SAYS(&k, 0x057c, 0, "Set Variable Substreamed, auth");
	SAYS(&k, 0x0586, 0, "Get Variable Substreamed, diagnose");
	SAYS(&k, 0x0586, 1, "Get Variable Substreamed, identify",
	    "product_code=\"6ES7 215-1AG40-0XB0\" serial=\"S C-J6CA12345678\"");
	SAYS(&k, 0x0586, 2, "exception fff4 the controller refused");
	/* Any request may be answered with an error. */
	send(&k, DIR_FROM_0, 1, 0x31, 0x04bb, 900, "00000003 00 01 01 00 00 00");
	kit_said(&k);
	send(&k, DIR_FROM_1, 1, 0x32, 0x04b1, 900, "8931 00000000");
	assert_non_null(strstr(kit_said(&k), "Explore, read, exception 04b1"));
	kit_close(&k);
}

/* Get and Set Multiple Variables of two words, and answers that refuse none, one or all. */
static void
all_items_refused_are_a_refusal(void **unused)
{
	static const struct { uint16_t function; const char *answer, *said; } cases[] = {
		{ 0x0542, "00 00 07 00000000", "answered" },
		{ 0x0542, "00 01 D381B2C080A5DBFFED 00 07 00000000", "answered" },
		{ 0x0542, "00 01 D381B2C080A5DBFFED 02 D381B2C080A5DBFFED 00 07 00000000",
		  "exception ffed" },
		{ 0x054c, "00 01 000B 0001 02 000B 0002 00 00 07 00000000", "answered" },
		{ 0x054c, "00 01 000B 0001 00 02 D381B2C080A5DBFFF4 00 07 00000000", "answered" },
		{ 0x054c, "00 00 01 D381B2C080A5DBFFF4 02 D381B2C080A5DBFFED 00 07 00000000",
		  "exception fff4" },
	};
	struct kit k;

	(void)unused;
	kit_open(&k, 102);
	for (size_t i = 0; i < COUNTOF(cases); i++) {
		bool set = cases[i].function == 0x0542;
		uint16_t seq = (uint16_t)(10 + i);
		const char *said;

		send(&k, DIR_FROM_0, 2, 0x31, cases[i].function, seq, set ?
		    "00000000 02 0A 00 88D0B88001 04 9376 03 04 02 00 88D0B88001 04 9376 03 08 02 "
		    "01 000B 1122 02 000B 3344 00 000004E8 00 00 07 00000000" :
		    "00000000 02 0A 00 88D0B88001 04 9376 03 04 02 00 88D0B88001 04 9376 03 08 02 "
		    "000004E8 00 00 07 00000000");
		(void)kit_said(&k);
		send(&k, DIR_FROM_1, 2, 0x32, cases[i].function, seq, cases[i].answer);
		said = kit_said(&k);
		if (strstr(said, cases[i].said) == NULL)
			fail_msg("%zu: %s", i, said);
	}
	kit_close(&k);
}

static void
what_is_made_of_a_password_is_not_shown(void **unused)
{
	/* Attributes 304, 309, 1830, 1845, 1846: as bytes, words and members. */
	static const char *const ids[] = { "8230", "8235", "8E26", "8E35", "8E36" };
	static const char *const values[] = {
		"0014 00 04 53335421", "1002 04 53335421", "0015 04 53335421", "100B 02 5333 5421",
		"0017 00000001 01 0014 00 04 53335421 00", "0004 85 99 CD CA 21",
	};
	struct kit k;

	(void)unused;
	kit_open(&k, 102);
	for (size_t i = 0; i < COUNTOF(ids); i++)
		for (size_t j = 0; j < COUNTOF(values); j++) {
			char body[200];
			const char *said;

			snprintf(body, sizeof(body), "00000034 00000394 01 %s %s 000004E8 00 00 07 00000000",
			    ids[i], values[j]);
			send(&k, DIR_FROM_0, 2, 0x31, 0x04f2, (uint16_t)(10 + i * 10 + j), body + 8);
			said = kit_said(&k);
			assert_non_null(strstr(said, ", auth, "));
			if (strstr(said, "53335421") != NULL || strstr(said, "S3T!") != NULL ||
			    strstr(said, " = ") != NULL)
				fail_msg("%s", said);
		}
	kit_close(&k);
}

/* A STOP with one fault, as the first message of a session and later. */
static void
a_fault_hides_no_order_of_plus(void **unused)
{
	static const struct { const char *name; size_t at; int by, to; } faults[] = {
		{ "TPKT version", 0, 0, 4 }, { "TPKT reserved", 1, 0, 1 }, { "TPKT + 1", 3, 1, -1 },
		{ "TPKT - 1", 3, -1, -1 }, { "TPKT 0", 3, 0, 0 }, { "TPKT large", 2, 0, 0xff },
		{ "COTP length", 4, 0, 3 }, { "COTP credit", 5, 0, 0xf1 },
		{ "plus version", 8, 0, 9 }, { "plus length + 1", 10, 1, -1 },
		{ "plus length - 1", 10, -1, -1 }, { "plus length 0", 10, 0, 0 },
		{ "plus length large", 9, 0, 0xff },
	};
	struct kit k;

	(void)unused;
	for (int later = 0; later < 2; later++)
		for (size_t i = 0; i < COUNTOF(faults); i++) {
			uint8_t b[4100];
			const char *said;
			size_t n = message(2, 0x31, 0x04f2, 77, "00000034 01 9077 0008 01 "
			    "000004E8 00 00 07 00000000", true, b);

			kit_open(&k, 102);
			if (later) {
				send(&k, DIR_FROM_0, 2, 0x31, 0x04bb, 1, "00000003 00 01 01 00 00 00");
				send(&k, DIR_FROM_1, 2, 0x32, 0x04bb, 1, "00 00000003 00000000");
				(void)kit_said(&k);
			}
			b[faults[i].at] = faults[i].to >= 0 ? (uint8_t)faults[i].to :
			    (uint8_t)(b[faults[i].at] + faults[i].by);
			kit_send(&k, DIR_FROM_0, b, n);
			said = kit_said(&k);
			if (strstr(said, "Set Variable, mode, pending") == NULL ||
			    strstr(said, "requested_mode='STOP'") == NULL || strstr(said, "!s7") == NULL)
				fail_msg("%s, later %d: %s", faults[i].name, later, said);
			kit_close(&k);
		}
}

static void
dates_of_plus_are_times(void **unused)
{
	struct kit k;

	(void)unused;
	kit_open(&k, 102);
	/* DTL 2026-01-02 03:04:05.123: a packed structure. */
	send(&k, DIR_FROM_0, 2, 0x31, 0x054c, 9, "00000000 01 04 00 88D0B88001 01 09 000004E8 00 00 07 00000000");
	(void)kit_said(&k);
	send(&k, DIR_FROM_1, 2, 0x32, 0x054c, 9, "00 01 0017 02000043 0000000000000001 00 0C "
	    "07EA 01 02 06 03 04 05 0754D4C0 00 00 07 00000000");
	assert_non_null(strstr(kit_said(&k), "= 1767323045123]"));
	kit_close(&k);
}

static void
pushes_are_read(void **unused)
{
	static const char *const want[] = {
		("Notification, report, unsolicited [s7-object #268435562 4294967295+1 = 1001] "
		"[s7-object #268435562 5+1 = 1] [s7-object #268435562 7+1 status 19] "
		"<subscription=268435562 <credit_tick=0 <sequence=1 <change_counter=1\n"),
		("[s7-object #1883242607 2+1 = 42] <subscription=1883242607 <credit_tick=0 "
		"<sequence=95 <change_counter=3\n"),
		"Notification, alarm, unsolicited [s7-object #1880097859 233+1 = 'DAI_67']",
		"System Event, report, unsolicited <confirmed_bytes=9544\n",
		"<confirmed_bytes=9544 <return_value=-118\n",
		"<confirmed_bytes=9544 <message='LOGOUT'\n",
		"Response 2, report, unsolicited\n",
	};
	struct kit k;

	(void)unused;
	kit_open(&k, 102);
	for (size_t i = 0; i < COUNTOF(plus_pushes); i++) {
		const char *said;

		send(&k, DIR_FROM_1, plus_pushes[i].version, 0, 0, 0, plus_pushes[i].bytes);
		said = kit_said(&k);
		if (strstr(said, want[i]) == NULL)
			print_error("want %s\nin %s", want[i], said);
		assert_non_null(strstr(said, want[i]));
		assert_null(strstr(said, "unread"));
	}
	kit_close(&k);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_of_attributes_are_in_order),
		cmocka_unit_test(every_row_has_an_example),
		cmocka_unit_test(every_example_is_read_to_its_end),
		cmocka_unit_test(objects_and_all_their_attributes_are_read),
		cmocka_unit_test(variables_are_matched_with_their_values),
		cmocka_unit_test(every_type_of_value_is_read),
		cmocka_unit_test(a_message_says_what_it_means_to_the_plant),
		cmocka_unit_test(all_items_refused_are_a_refusal),
		cmocka_unit_test(what_is_made_of_a_password_is_not_shown),
		cmocka_unit_test(a_fault_hides_no_order_of_plus),
		cmocka_unit_test(dates_of_plus_are_times),
		cmocka_unit_test(pushes_are_read),
	};

	return cmocka_run_group_tests_name("s7plus", tests, NULL, NULL);
}
