/* Types of S7comm: one table says how long an element is, and all that needs it - what
 * an item touches, where its elements lie, how its address is written, what its values
 * are - agrees with it. */
#include "s7_kit.h"

#include <math.h>

#include "base/str.h"
#include "dissectors/s7/s7.h"

struct len { uint8_t type; uint32_t len; };

static const struct len lens[] = {
	{ 0, 1 }, { 1, 1 }, { 2, 1 }, { 3, 1 }, { 4, 2 }, { 5, 2 }, { 6, 4 }, { 7, 4 }, { 8, 4 },
	{ 9, 2 }, { 10, 4 }, { 11, 4 }, { 12, 2 }, { 13, 1 }, { 14, 8 }, { 15, 8 }, { 19, 2 },
	{ 28, 2 }, { 29, 2 }, { 30, 3 }, { 31, 5 }, { 32, 5 }, { 47, 1 }, { 48, 8 }, { 49, 1 },
	{ 255, 1 },
};

static void
a_type_has_one_length(void **unused)
{
	(void)unused;
	for (size_t i = 0; i < COUNTOF(lens); i++)
		assert_int_equal(s7_type_len(lens[i].type), lens[i].len);
	for (size_t i = 0; i < S7_N_TYPES; i++) {
		assert_ptr_equal(s7_type_of(s7_types[i].code), &s7_types[i]);
		assert_true(i == 0 || s7_types[i - 1].code < s7_types[i].code);
	}
}

static void
an_array_touches_its_bytes(void **unused)
{
	(void)unused;
	for (size_t i = 0; i < COUNTOF(lens); i++) {
		struct op_item it = { .space = SPACE_S7_DB, .number = 1, .ranged = true,
		    .first = 100, .count = 24 };

		s7_item_type(&it, lens[i].type, s7_type_of(lens[i].type));
		if (lens[i].type == S7_TYPE_BIT)
			continue;
		assert_int_equal(op_item_span(&it), 24 * lens[i].len);
		assert_int_equal(op_item_place(&it, 0, NULL), 100);
		assert_int_equal(op_item_place(&it, 23, NULL), 100 + 23 * lens[i].len);
		it.count = 0;
		assert_int_equal(op_item_span(&it), lens[i].len);
		it = (struct op_item){ .space = SPACE_S7_TIMER, .ranged = true, .first = 100, .count = 24 };
		s7_item_type(&it, lens[i].type, s7_type_of(lens[i].type));
		assert_int_equal(op_item_span(&it), 24);	/* timers have numbers */
		assert_int_equal(op_item_place(&it, 23, NULL), 123);
		it.ranged = false;
		assert_int_equal(op_item_span(&it), 0);
	}
}

/* Runs of bits, around every border of a byte. */
static void
a_run_of_bits_touches_its_bytes(void **unused)
{
	(void)unused;
	for (unsigned bit = 0; bit < 8; bit++)
		for (unsigned n = 1; n < 40; n++) {
			struct op_item it = { .space = SPACE_S7_FLAG, .ranged = true,
			    .first = 10, .bit = (uint8_t)bit, .count = n };
			unsigned last = 10 * 8 + bit + n - 1, at;

			s7_item_type(&it, S7_TYPE_BIT, s7_type_of(S7_TYPE_BIT));

			assert_int_equal(op_item_span(&it), last / 8 - 10 + 1);
			assert_int_equal(op_item_place(&it, n - 1, &at), last / 8);
			assert_int_equal(at, last % 8);
			assert_int_equal(op_item_place(&it, 0, &at), 10);
			assert_int_equal(at, bit);
		}
}

/* What is read of one item with these values. */
static const char *
read_one(struct kit *k, const char *spec, const char *data)
{
	char par[100];
	const char *said;

	snprintf(par, sizeof(par), "0401 120A10%s", spec);
	kit_open(k, 102);
	kit_s7(k, DIR_FROM_0, 1, 7, par, "");
	(void)kit_said(k);
	kit_s7(k, DIR_FROM_1, 3, 7, "0401", data);
	said = kit_said(k);
	said = strchr(said, '[');
	return said != NULL ? said : "nothing";
}

static void
values_have_their_types(void **unused)
{
	static const struct { const char *spec, *data, *said; } cases[] = {
		/* type count db area address; code type length bytes */
		{ "08 0003 0001 84 000010", "FF 07 000C 40933333 7FC00000 FF800000",
		  "[s7-db P#DB1.DBX2.0 REAL 3 = 4.6,nan,-inf]\n" },
		{ "30 0002 0001 84 000010", "FF 09 0010 4012666666666666 FFF0000000000000",
		  "[s7-db P#DB1.DBX2.0 LREAL 2 = 4.6,-inf]\n" },
		{ "13 0003 0001 84 000010", "FF 09 0006 0041 00E4 20AC",
		  "[s7-db P#DB1.DBX2.0 WCHAR 3 = 41c3a4e282ac]\n" },
		{ "13 0004 0001 84 000010", "FF 09 0008 D83D DD25 D83D 0042",
		  "[s7-db P#DB1.DBX2.0 WCHAR 4 = f09f94a5efbfbd42]\n" },
		{ "0C 0002 0001 84 000010", "FF 04 0020 2250 0999",
		  "[s7-db P#DB1.DBX2.0 S5TIME 2 = 250000,9990]\n" },
		{ "0B 0002 0001 84 000010", "FF 04 0040 FFFFFFFF 7FFFFFFF",
		  "[s7-db P#DB1.DBX2.0 TIME 2 = -1,2147483647]\n" },
		{ "0E 0001 0001 84 000010", "FF 09 0008 2601020304051230",
		  "[s7-db P#DB1.DBX2.0 DATE_AND_TIME 1 = 1767323045123]\n" },
		{ "05 0002 0001 84 000010", "FF 05 0020 8000 7FFF",
		  "[s7-db P#DB1.DBX2.0 INT 2 = -32768,32767]\n" },
		{ "1F 0001 0001 1F 000025", "FF 09 0005 00 000001F4", "[s7-timer T37 = 500]\n" },
		{ "1F 0002 0001 1F 000025", "FF 09 000A 00 000001F4 00 00000001",
		  "[s7-timer T37..38 = 500,1]\n" },
		{ "1E 0001 0001 1E 00000A", "FF 09 0003 00 0007", "[s7-counter C10 = 7]\n" },
		{ "1E 0002 0001 1E 00000A", "FF 09 0004 0007 0102", "[s7-counter C10..11 = 7,258]\n" },
		{ "1F 0001 0001 1F 000025", "FF 09 0005 80 000001F4", "[s7-timer T37 = 80000001f4]\n" },
		{ "1C 0001 0000 84 000028", "FF 09 0002 0123", "[s7-db DB0.DBW5 = 123]\n" },
		{ "04 0001 0000 06 000000", "FF 04 0010 1234", "[s7-input AIW0 = 4660]\n" },
		{ "04 0002 0001 07 000080", "FF 04 0020 1234 8000", "[s7-output P#AQ16.0 WORD 2 = 4660,32768]\n" },
		{ "04 0001 0006 81 000080", "FF 04 0010 1234", "[s7-input IW16 = 4660]\n" },
		{ "01 0003 0001 84 000017", "FF 03 0003 05", "[s7-db P#DB1.DBX2.7 BOOL 3 = 1,0,1]\n" },
		{ "01 000A 0001 84 000017", "FF 03 000A 0102",
		  "[s7-db P#DB1.DBX2.7 BOOL 10 = 1,0,0,0,0,0,0,0,0,1]\n" },
		{ "01 0008 0001 84 000010", "FF 03 0008 80",
		  "[s7-db P#DB1.DBX2.0 BOOL 8 = 0,0,0,0,0,0,0,1]\n" },
		{ "01 0009 0001 84 000010", "FF 03 0009 8001",
		  "[s7-db P#DB1.DBX2.0 BOOL 9 = 0,0,0,0,0,0,0,1,1]\n" },
	};
	struct kit k;

	(void)unused;
	for (size_t i = 0; i < COUNTOF(cases); i++) {
		const char *said = read_one(&k, cases[i].spec, cases[i].data);

		/* printf() of some systems writes -nan. */
		if (strstr(said, "-nan") == NULL)
			assert_string_equal(said, cases[i].said);
		kit_close(&k);
	}
}

/* Which lengths are in bits, and how many bytes they are: in data items ... */
static void
lengths_of_items_are_in_bits_or_bytes(void **unused)
{
	struct kit k;

	(void)unused;
	for (unsigned type = 3; type <= 9; type++) {
		bool bits = type <= 5;

		if (type == 8)
			continue;
		for (unsigned n = 1; n <= 20; n++) {
			unsigned bytes = bits ? (n + 7) / 8 : n;
			char par[200], dat[200], want[100], *at = dat;

			/* As many bytes as the length says, a fill byte, and another value. */
			snprintf(par, sizeof(par), "0402 120A10 02 %04X 0001 84 000000 "
			    "120A10 02 0001 0001 84 000100", bytes);
			at += sprintf(at, "FF %02X %04X", type, n);
			for (unsigned i = 0; i < bytes + bytes % 2; i++)
				at += sprintf(at, "%02X", i < bytes ? 7 : 0);
			sprintf(at, "FF 04 0008 2A");
			kit_open(&k, 102);
			kit_s7(&k, DIR_FROM_0, 1, 7, par, "");
			(void)kit_said(&k);
			kit_s7(&k, DIR_FROM_1, 3, 7, "0402", dat);
			at = want + sprintf(want, "= 7");
			for (unsigned i = 1; i < bytes; i++)
				at += sprintf(at, ",7");
			sprintf(at, "] [s7-db DB1.DBB32 = 42]\n");
			assert_non_null(strstr(kit_said(&k), want));
			kit_close(&k);
		}
	}
}

/* ... and in userdata. */
static void
lengths_of_userdata_are_in_bits_or_bytes(void **unused)
{
	struct kit k;

	(void)unused;
	for (unsigned type = 0; type <= 9; type++)
		for (unsigned n = 1; n <= 40; n++) {
			bool fits = n == 4 || (type >= 3 && type <= 5 && n >= 25 && n <= 32);
			const char *said;
			char dat[60];

			snprintf(dat, sizeof(dat), "FF %02X %04X 0011 0000", type, n);
			kit_open(&k, 102);
			kit_s7(&k, DIR_FROM_0, 7, 7, "000112 04 11 44 01 00", dat);
			said = kit_said(&k);
			if (fits != (strstr(said, "!") == NULL))
				fail_msg("type %u length %u: %s", type, n, said);
			assert_true(!fits || strstr(said, "szl_id=17 szl_index=0") != NULL);
			kit_close(&k);
		}
}

/* Symbols have no type: the data say how wide their numbers are. */
static void
symbols_have_the_type_of_their_data(void **unused)
{
	static const struct { const char *data, *said; } cases[] = {
		{ "FF 07 0004 40933333", "4.6" }, { "FF 05 0010 FFFE", "-2" },
		{ "FF 05 0020 FFFFFFFE", "-2" }, { "FF 06 0004 FFFFFFFE", "-2" },
		{ "FF 07 0008 4012666666666666", "4.6" }, { "FF 04 0010 FFFE", "255,254" },
		{ "FF 03 0001 01", "1" },
	};
	struct kit k;

	(void)unused;
	for (size_t i = 0; i < COUNTOF(cases); i++) {
		char want[40];

		snprintf(want, sizeof(want), "= %s]", cases[i].said);
		kit_open(&k, 102);
		kit_s7(&k, DIR_FROM_0, 1, 7, "0401 120EB2 FF 8A0E 0001 12345678 00000009", "");
		(void)kit_said(&k);
		kit_s7(&k, DIR_FROM_1, 3, 7, "0401", cases[i].data);
		assert_non_null(strstr(kit_said(&k), want));
		kit_close(&k);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_type_has_one_length),
		cmocka_unit_test(an_array_touches_its_bytes),
		cmocka_unit_test(a_run_of_bits_touches_its_bytes),
		cmocka_unit_test(values_have_their_types),
		cmocka_unit_test(lengths_of_items_are_in_bits_or_bytes),
		cmocka_unit_test(lengths_of_userdata_are_in_bits_or_bytes),
		cmocka_unit_test(symbols_have_the_type_of_their_data),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
