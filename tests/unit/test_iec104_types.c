/* The tables of IEC 60870-5-104: rows in order, sizes of objects, values and times of each
 * element. */
#include "iec104_kit.h"

#include <math.h>

static const struct iec104_layout *
layout(unsigned type)
{
	return i104_layout(func_find(i104_funcs, I104_N_FUNCS, type, FUNC_NO_SUB));
}

static void
the_table_keeps_its_rules(void **state)
{
	char why[200];
	unsigned types = 0;

	(void)state;
	if (func_check(i104_funcs, I104_N_FUNCS, why, sizeof(why)) != NULL)
		fail_msg("%s", why);
	for (unsigned i = 0; i < I104_N_FUNCS; i++)
		types += i104_funcs[i].code < 256;
	assert_int_equal(types, 81);
	assert_null(layout(22));
	assert_null(layout(128));
	assert_string_equal(func_find(i104_funcs, I104_N_FUNCS, 45, FUNC_NO_SUB)->word, "C_SC_NA_1");
}

/* Octets of an object without its address, 101 7.3. */
static void
objects_have_their_sizes(void **state)
{
	static const struct { uint8_t type, len; } known[] = {
		{ 1, 1 }, { 2, 4 }, { 3, 1 }, { 4, 4 }, { 5, 2 }, { 6, 5 }, { 7, 5 }, { 8, 8 }, { 9, 3 }, { 10, 6 }, { 11, 3 },
		{ 12, 6 }, { 13, 5 }, { 14, 8 }, { 15, 5 }, { 16, 8 }, { 17, 6 }, { 18, 7 }, { 19, 7 }, { 20, 5 }, { 21, 2 },
		{ 30, 8 }, { 31, 8 }, { 32, 9 }, { 33, 12 }, { 34, 10 }, { 35, 10 }, { 36, 12 }, { 37, 12 }, { 38, 10 }, { 39, 11 },
		{ 40, 11 }, { 41, 14 }, { 45, 1 }, { 46, 1 }, { 47, 1 }, { 48, 3 }, { 49, 3 }, { 50, 5 }, { 51, 4 }, { 58, 8 },
		{ 59, 8 }, { 60, 8 }, { 61, 10 }, { 62, 10 }, { 63, 12 }, { 64, 11 }, { 70, 1 }, { 100, 1 }, { 101, 1 }, { 102, 0 },
		{ 103, 7 }, { 104, 2 }, { 105, 1 }, { 106, 2 }, { 107, 9 }, { 110, 3 }, { 111, 3 }, { 112, 5 }, { 113, 1 },
		{ 120, 6 }, { 121, 7 }, { 122, 4 }, { 123, 5 }, { 124, 4 }, { 126, 13 }, { 127, 16 },
	};
	bool open;

	(void)state;
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if (i104_object_len(layout(known[i].type), &open) != known[i].len)
			fail_msg("type %u: %u octets", known[i].type, i104_object_len(layout(known[i].type), &open));
		assert_false(open);
	}
	assert_int_equal(i104_object_len(layout(125), &open), 4);
	assert_true(open);
}

static struct iec104_object
read_one(unsigned type, const char *hex, unsigned want)
{
	static uint8_t octets[64];
	struct iec104_object o = { .ioa = 7 };
	size_t n = kit_hex(hex, octets);
	struct cursor c = cur_of(guard(octets, n), n);

	assert_int_equal(i104_read_object(layout(type), &c, &o), want);
	assert_true(cur_ok(&c));
	assert_int_equal(cur_left(&c), 0);
	return o;
}

static void
values_at_their_ends(void **state)
{
	struct iec104_object o;

	(void)state;
	assert_true(read_one(9, "0080 00", 0).value.r == -1.0);
	assert_true(read_one(9, "FF7F 00", 0).value.r == 32767 / 32768.0);
	assert_int_equal(read_one(11, "0080 00", 0).value.i, -32768);
	assert_int_equal(read_one(5, "40 00", 0).value.i, -64);
	assert_int_equal(read_one(5, "3F 00", 0).value.i, 63);
	o = read_one(5, "BF 00", 0);
	assert_int_equal(o.value.i, 63);
	assert_int_equal(i104_field(&o, "transient")->value.u, 1);
	assert_true(isnan(read_one(13, "0000C07F 00", 0).value.r));
	assert_int_equal(read_one(7, "EFBEADDE 00", 0).value.u, 0xdeadbeef);
	o = read_one(15, "FFFFFFFF FF", 0);
	assert_int_equal(o.value.i, -1);
	assert_int_equal(o.value.flags, 0xe0);
	assert_int_equal(i104_field(&o, "sequence")->value.u, 31);
	assert_int_equal(read_one(1, "F1", 0).value.flags, 0xf0);
	assert_int_equal(read_one(1, "FE", 0).value.u, 0);
	assert_int_equal(read_one(13, "00000000 0F", 0).value.flags, 0x01);
	assert_int_equal(read_one(17, "FF 0100 000000", 0).value.flags, 0xf8);
}

static void
commands_that_say_nothing(void **state)
{
	struct iec104_object o;

	(void)state;
	for (unsigned type = 46; type <= 47; type++) {
		(void)read_one(type, "00", I104_BAD_VALUE);
		(void)read_one(type, "01", 0);
		(void)read_one(type, "02", 0);
		(void)read_one(type, "03", I104_BAD_VALUE);
	}
	o = read_one(45, "FD", 0);
	assert_int_equal(o.value.u, 1);
	assert_int_equal(i104_field(&o, "qualifier")->value.u, 31);
	assert_int_equal(i104_field(&o, "select")->value.u, 1);
	(void)read_one(100, "13", I104_BAD_VALUE);
	(void)read_one(100, "14", 0);
	(void)read_one(100, "24", 0);
	(void)read_one(100, "25", I104_BAD_VALUE);
	(void)read_one(101, "00", I104_BAD_VALUE);
	(void)read_one(101, "C5", 0);
	(void)read_one(101, "06", I104_BAD_VALUE);
	(void)read_one(105, "00", I104_BAD_VALUE);
	(void)read_one(105, "02", 0);
	(void)read_one(105, "03", I104_BAD_VALUE);
}

static void
times_that_exist(void **state)
{
	(void)state;
	assert_int_equal(read_one(103, "0000 00 00 01 01 46", 0).value.time_ms, 0);	/* 1970 */
	assert_int_equal(read_one(103, "5FEA 3B 17 1F 0C 45", 0).value.time_ms, 3155759999999u);	/* 2069 */
	assert_int_equal(read_one(103, "A5C3 1E 0D 5B 06 17", 0).value.time_ms, 1687872650085u);	/* 27 June 2023 */
	assert_int_equal(read_one(103, "0000 00 00 1D 02 18", 0).value.time_ms, 1709164800000u);	/* 29 February 2024 */
	assert_false(read_one(103, "0000 00 00 1D 02 17", I104_BAD_TIME).value.has_time);
	(void)read_one(103, "60EA 00 00 01 01 17", I104_BAD_TIME);
	(void)read_one(103, "0000 3C 00 01 01 17", I104_BAD_TIME);
	(void)read_one(103, "0000 00 18 01 01 17", I104_BAD_TIME);
	(void)read_one(103, "0000 00 00 00 01 17", I104_BAD_TIME);
	(void)read_one(103, "0000 00 00 20 01 17", I104_BAD_TIME);
	(void)read_one(103, "0000 00 00 01 00 17", I104_BAD_TIME);
	(void)read_one(103, "0000 00 00 01 0D 17", I104_BAD_TIME);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_table_keeps_its_rules),
		cmocka_unit_test(objects_have_their_sizes),
		cmocka_unit_test(values_at_their_ends),
		cmocka_unit_test(commands_that_say_nothing),
		cmocka_unit_test(times_that_exist),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
