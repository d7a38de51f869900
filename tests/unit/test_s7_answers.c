/* Answers of S7comm: in several parts, and those that come by themselves. */
#include "s7_kit.h"

static void
answers_in_several_parts_are_one_operation(void **unused)
{
	struct kit k;

	(void)unused;
	kit_open_known(&k);
	kit_s7(&k, DIR_FROM_0, 7, 5, "000112 04 11 44 01 00", "FF 09 0004 0000 0000");
	(void)kit_said(&k);
	kit_s7(&k, DIR_FROM_1, 7, 5, "000112 08 12 84 01 03 E1 01 0000",
	    "FF 09 000B 0000 0000 0002 0003 0011 00");
	kit_s7(&k, DIR_FROM_0, 7, 6, "000112 08 12 44 01 03 00 00 0000", "0A 00 0000");
	assert_string_equal(kit_said(&k), "");
	kit_s7(&k, DIR_FROM_1, 7, 6, "000112 08 12 84 01 03 E1 00 0000", "FF 09 0003 1C 0424");
	assert_string_equal(kit_said(&k), "= 2 CPU functions: Read SZL, diagnose, answered "
	    "[s7-szl #0 0+1] szl_id=0 szl_index=0 szl_name='List of all lists' <parts=2 "
	    "<record_length=2 <records=3 <list=17 <list=28 <list=1060\n");
	kit_close(&k);
}

/* Ask for a list; the answer's first part has `len` bytes of payload and more to come. */
static void
first_part(struct kit *k, uint16_t ref, uint8_t seq, size_t len)
{
	char par[64], dat[8300];
	size_t n;

	kit_s7(k, DIR_FROM_0, 7, ref, "000112 04 11 44 01 00", "FF 09 0004 00A0 0000");
	(void)kit_said(k);
	snprintf(par, sizeof(par), "000112 08 12 84 01 %02X E1 01 0000", seq);
	n = (size_t)snprintf(dat, sizeof(dat), "FF 09 %04X 00A0 0000 0014 0190 ", (unsigned)len);
	for (size_t i = 8; i < len; i++)
		n += (size_t)snprintf(dat + n, sizeof(dat) - n, "%02X", (unsigned)i & 0xff);
	kit_s7(k, DIR_FROM_1, 7, ref, par, dat);
}

static void
next_part(struct kit *k, uint16_t ref, uint8_t seq, size_t len, bool more)
{
	char par[64], dat[8300];
	size_t n;

	snprintf(par, sizeof(par), "000112 08 12 44 01 %02X 00 00 0000", seq);
	kit_s7(k, DIR_FROM_0, 7, ref, par, "0A 00 0000");
	snprintf(par, sizeof(par), "000112 08 12 84 01 %02X E1 %02X 0000", seq, more);
	n = (size_t)snprintf(dat, sizeof(dat), "FF 09 %04X ", (unsigned)len);
	for (size_t i = 0; i < len; i++)
		n += (size_t)snprintf(dat + n, sizeof(dat) - n, "%02X", (unsigned)i & 0xff);
	kit_s7(k, DIR_FROM_1, 7, ref, par, dat);
}

static void
what_does_not_fit_is_told_part_by_part(void **unused)
{
	struct kit k;
	const char *said;

	(void)unused;
	kit_open_known(&k);
	first_part(&k, 5, 3, 900);
	for (uint16_t i = 0; i < 3; i++)
		next_part(&k, (uint16_t)(6 + i), 3, 900, true);
	/* 4,500 bytes are more than is kept: told with what there is ... */
	next_part(&k, 9, 3, 900, true);
	said = kit_said(&k);
	assert_non_null(strstr(said, "szl_name='Diagnostic buffer' <parts="));
	assert_null(strstr(said, "!s7"));
	/* ... and the rest by itself. */
	next_part(&k, 10, 3, 900, false);
	assert_non_null(strstr(kit_said(&k), "<continued="));
	assert_int_equal(k.counters.v[CNT_APP_BUG], 0);
	kit_close(&k);
}

static void
an_answer_that_nobody_fetched_to_its_end_is_one(void **unused)
{
	struct kit k;
	const char *said;

	(void)unused;
	kit_open_known(&k);
	first_part(&k, 5, 3, 88);
	assert_string_equal(kit_said(&k), "");
	dissect_tick(k.dissect, k.now_ns + 3600000000000u);
	said = kit_said(&k);
	assert_non_null(strstr(said, "Read SZL, diagnose, answered"));
	assert_non_null(strstr(said, "<event_id=2057"));	/* 08 09 */
	assert_null(strstr(said, "!s7"));
	kit_close(&k);
}

static void
what_comes_by_itself_has_the_addresses_that_were_asked_for(void **unused)
{
	struct kit k;

	(void)unused;
	kit_open_known(&k);
	kit_s7(&k, DIR_FROM_0, 7, 5, "000112 04 11 42 01 00",
	    "FF 09 0010 0001 00 05 12 0A 10 02 0002 0000 83 000320");
	kit_s7(&k, DIR_FROM_1, 7, 5, "000112 08 12 82 01 07 00 00 0000",
	    "FF 09 0008 0001 FF 04 0010 1234");
	kit_s7(&k, DIR_FROM_0, 7, 6, "000112 04 11 41 02 00",
	    "FF 09 0020 0014 0008 0000 0001 0000 0012 0001 0001 0001 0001 0001 0200 "
	    "0001 71 01 0005 0002");
	kit_s7(&k, DIR_FROM_1, 7, 6, "000112 08 12 81 02 07 00 00 0000", "0A 00 0000");
	(void)kit_said(&k);
	/* The same number in two groups: two jobs. */
	kit_s7(&k, DIR_FROM_1, 7, 0, "000112 04 11 02 01 07", "FF 09 0008 0001 FF 04 0010 1235");
	assert_non_null(strstr(kit_said(&k), "unsolicited [s7-flag P#M100.0 BYTE 2 = 18,53]"));
	kit_s7(&k, DIR_FROM_1, 7, 0, "000112 04 11 01 02 07",
	    "FF 09 0010 0004 0008 0000 0001 0001 FF 04 0008 2A 00");
	assert_non_null(strstr(kit_said(&k), "unsolicited [s7-db DB5.DBB2 = 42]"));
	/* Under another number: values alone. */
	kit_s7(&k, DIR_FROM_1, 7, 0, "000112 04 11 02 01 09", "FF 09 0008 0001 FF 04 0010 1236");
	assert_null(strstr(kit_said(&k), "s7-flag"));
	/* As many as there is room for; the oldest are forgotten. */
	for (unsigned i = 1; i < 256; i++) {
		char par[64], dat[128];

		snprintf(dat, sizeof(dat), "FF 09 0010 0001 00 05 12 0A 10 02 0001 0000 83 "
		    "%06X", i * 8);
		kit_s7(&k, DIR_FROM_0, 7, (uint16_t)(10 + i), "000112 04 11 42 01 00", dat);
		snprintf(par, sizeof(par), "000112 08 12 82 01 %02X 00 00 0000", i);
		kit_s7(&k, DIR_FROM_1, 7, (uint16_t)(10 + i), par, "FF 09 0007 0001 FF 04 0008 01");
		(void)kit_said(&k);
	}
	kit_s7(&k, DIR_FROM_1, 7, 0, "000112 04 11 02 01 01", "FF 09 0007 0001 FF 04 0008 01");
	assert_null(strstr(kit_said(&k), "s7-flag"));
	kit_s7(&k, DIR_FROM_1, 7, 0, "000112 04 11 02 01 FF", "FF 09 0007 0001 FF 04 0008 01");
	assert_non_null(strstr(kit_said(&k), "[s7-flag MB255 = 1]"));
	kit_close(&k);
}

static void
szl(struct kit *k, uint16_t ref, const char *list, const char *answer)
{
	char asked[64], dat[256];

	snprintf(asked, sizeof(asked), "FF 09 0004 %s 0000", list);
	kit_s7(k, DIR_FROM_0, 7, ref, "000112 04 11 44 01 00", asked);
	snprintf(dat, sizeof(dat), "FF 09 %s", answer);
	kit_s7(k, DIR_FROM_1, 7, ref, "000112 08 12 84 01 01 01 00 0000", dat);
	(void)kit_said(k);
}

/* Lists 0019 and 0074, by lamp; a list with one lamp says nothing of the others. */
static void
lamps_tell_of_the_battery_and_of_faults(void **unused)
{
	struct kit k;

	(void)unused;
	kit_open_known(&k);
	szl(&k, 5, "0074", "0014 0074 0000 0004 0003 0001 01 00 0004 01 00 0008 00 00");
	assert_int_equal(k.last.condition_of, OP_BATTERY | OP_FAULT);
	assert_int_equal(k.last.condition, OP_FAULT);
	assert_string_equal(k.last.shown_by, "SF");
	szl(&k, 6, "0019", "0014 0019 0000 0004 0003 0001 00 00 0002 00 02 0108 01 00");	/* INTF blinks; BAF of rack 1 */
	assert_int_equal(k.last.condition, OP_BATTERY | OP_FAULT);
	assert_string_equal(k.last.shown_by, "INTF");
	szl(&k, 7, "0174", "000C 0174 0008 0004 0001 0008 00 00");
	assert_int_equal(k.last.condition_of, OP_BATTERY);
	assert_int_equal(k.last.condition, 0);
	szl(&k, 8, "0174", "000C 0174 0004 0004 0001 0004 01 00");	/* RUN is lit */
	assert_int_equal(k.last.condition_of, 0);
	szl(&k, 9, "0174", "000A 0174 0008 0002 0001 0008");	/* no lamp, only its number */
	assert_int_equal(k.last.condition_of, 0);
	kit_close(&k);
}

/* OB 81: 39xx comes, 38xx goes; of a buffer the newest entry, which is the first. */
static void
events_tell_of_the_battery(void **unused)
{
	static const struct { const char *first, *second; unsigned of, now; } buffers[] = {
		{ "3921", "3821", OP_BATTERY, OP_BATTERY }, { "3821", "3921", OP_BATTERY, 0 }, { "3932", "4302", OP_BATTERY, OP_BATTERY },
		{ "3923", "3822", OP_BATTERY | OP_FAULT, OP_FAULT }, { "3924", "3930", 0, 0 }, { "3121", "3021", 0, 0 },
	};
	struct kit k;
	char text[256];

	(void)unused;
	kit_open_known(&k);
	for (uint16_t i = 0; i < COUNTOF(buffers); i++) {
		snprintf(text, sizeof(text), "0030 00A0 0000 0014 0002 %s FF 00 0000 0000 00000000 2601020304050607 %s FF 00 0000 0000 00000000 2601020304050607",
		    buffers[i].first, buffers[i].second);
		szl(&k, (uint16_t)(5 + i), "00A0", text);
		assert_int_equal(k.last.condition_of, buffers[i].of);
		assert_int_equal(k.last.condition, buffers[i].now);
		assert_int_equal(k.last.clock_ms, 0);	/* events of any age */
	}
	kit_close(&k);
}

/* The time of a transition, behind an event of that class; else it is that of the answer. */
static void
the_mode_has_a_time(void **unused)
{
	struct kit k;

	(void)unused;
	kit_open_known(&k);
	szl(&k, 5, "0424", "001C 0424 0000 0014 0001 4302 FF 68 00000000 00000000 2601020304051237");
	assert_int_equal(k.last.mode_ms, 1767323045123);
	szl(&k, 6, "0424", "001C 0424 0000 0014 0001 5144 FF 08 00000000 00000000 2601020304051237");
	assert_int_equal(k.last.mode_ms, 0);
	assert_int_equal(k.last.n_facts, 1);
	szl(&k, 7, "0132", "0026 0132 0008 001E 0001 0008 0000 0000 0000 0000 0000 0000 0000 0000 0000 0000 2601020304051237");
	assert_int_equal(k.last.clock_ms, 1767323045123);
	kit_close(&k);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lamps_tell_of_the_battery_and_of_faults),
		cmocka_unit_test(events_tell_of_the_battery),
		cmocka_unit_test(the_mode_has_a_time),
		cmocka_unit_test(answers_in_several_parts_are_one_operation),
		cmocka_unit_test(what_does_not_fit_is_told_part_by_part),
		cmocka_unit_test(an_answer_that_nobody_fetched_to_its_end_is_one),
		cmocka_unit_test(what_comes_by_itself_has_the_addresses_that_were_asked_for),
	};

	return cmocka_run_group_tests_name("s7-answers", tests, NULL, NULL);
}
