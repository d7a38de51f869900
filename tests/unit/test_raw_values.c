/* Values that nobody named: which cells an operation has, a table with a ceiling, what a tag takes over, and rows of an earlier run. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "detect/values/raw.h"

#define SECOND	UINT64_C(1000000000)
#define T0	(UINT64_C(1767571200) * SECOND)
#define HOUR	(3600 * SECOND)

static char cells_text[2048];
static struct strbuf cells;

static void
on_cell(void *arg, const struct cell *c)
{
	const struct raw_point x = { .addr = addr_v4((const uint8_t[]){ 10, 0, 0, 1 }), .proto = *(const uint8_t *)arg, .unit = 1, .place = c->place,
	    .type = c->type };
	char at[TAG_ADDRESS_MAX];
	struct tag t;

	raw_as_tag(&x, &t);
	tag_address_print(&t, at);
	strbuf_printf(&cells, "%s %s ", strchr(at, ' ') + 1, tag_type_name((enum tag_type)c->type));
	strbuf_printf(&cells, c->known ? "%g;" : "-;", c->value);
}

static const char *
cells_in(uint8_t proto, const struct op_item *it)
{
	const struct operation op = { .proto = proto, .phase = OP_FINISHED, .outcome = OUTCOME_ANSWERED };

	cells = strbuf_on(cells_text, sizeof(cells_text));
	cells_text[0] = '\0';
	assert_true(cells_happened(&op));
	cells_of_item(&op, it, on_cell, &proto);
	return cells_text;
}

static void
cells_are_as_the_wire_has_them(void **state)
{
	static const uint8_t words[] = { 0x00, 0x05, 0xff, 0xfe, 0x41, 0x20, 0x00, 0x00 };
	struct op_item it = { .space = SPACE_HOLDING, .ranged = true, .first = 65534, .count = 4, .n_values = 4, .form = FORM_U16_BE, .raw = words };

	(void)state;
	/* What is said to lie behind the last register lies nowhere. */
	assert_string_equal(cells_in(OP_MODBUS, &it), "unit 1 holding 65534 uint16 5;unit 1 holding 65535 uint16 65534;");
	it = (struct op_item){ .space = SPACE_COIL, .ranged = true, .first = 3, .count = 3, .n_values = 3, .form = FORM_BITS_LSB, .raw = words + 1 };
	assert_string_equal(cells_in(OP_MODBUS, &it), "unit 1 coil 3 bool 1;unit 1 coil 4 bool 0;unit 1 coil 5 bool 1;");
	it = (struct op_item){ .space = SPACE_S7_DB, .number = 2, .ranged = true, .first = 4, .count = 2, .n_values = 2, .form = FORM_F32_BE, .step = 4, .raw = words };
	assert_string_equal(cells_in(OP_S7, &it), "DB2.DBD4 float32 5.5101e-40;DB2.DBD8 float32 10;");
	it.form = FORM_I16_BE;
	it.step = 2;
	assert_string_equal(cells_in(OP_S7, &it), "DB2.DBW4 int16 5;DB2.DBW6 int16 -2;");
	it.form = FORM_U8;
	it.step = 1;
	assert_string_equal(cells_in(OP_S7, &it), "DB2.DBB4 uint8 0;DB2.DBB5 uint8 5;");
	it.status = 1;
	assert_string_equal(cells_in(OP_S7, &it), "");
}

/* ---- the table ------------------------------------------------------------------------ */

static struct counters counters;
static uint32_t gone;

static void
on_evicted(void *arg, struct raw_point *x)
{
	(void)arg;
	gone = x->place.first;
}

static struct raw_point *
get(struct raw *r, uint32_t first, uint64_t now_ns)
{
	const struct raw_point key = { .addr = addr_v4((const uint8_t[]){ 10, 0, 0, 1 }), .proto = OP_MODBUS, .unit = 1,
	    .place = { .space = SPACE_HOLDING, .first = first }, .type = TAG_UINT16 };

	return raw_get(r, &key, now_ns, on_evicted, NULL);
}

static void
a_full_table_refuses_until_one_is_idle(void **state)
{
	struct raw *r = raw_open(100, 7, &counters);
	struct raw_point *first = get(r, 0, T0);

	(void)state;
	memset(&counters, 0, sizeof(counters));
	for (unsigned round = 0; round < 3; round++)
		for (uint32_t i = 0; i < 100; i++) {
			struct raw_point *x = get(r, i, T0 + round * SECOND);

			assert_non_null(x);
			assert_int_equal(x->place.first, i);
		}
	assert_ptr_equal(get(r, 0, T0), first);
	assert_int_equal(counters.v[CNT_PROCESS_POINTS], 100);
	/* Somebody reads all registers: what is polled stays. */
	for (uint32_t i = 100; i < 1000; i++)
		assert_null(get(r, i, T0 + 60 * SECOND));
	assert_int_equal(counters.v[CNT_PROCESS_REFUSED], 900);
	for (uint32_t i = 1; i < 100; i++)
		assert_non_null(get(r, i, T0 + HOUR - 61 * SECOND));
	assert_null(get(r, 100, T0 + HOUR - 2 * SECOND));
	assert_non_null(get(r, 100, T0 + HOUR));
	assert_int_equal(gone, 0);
	assert_int_equal(counters.v[CNT_PROCESS_EVICTED], 1);
	assert_null(get(r, 101, T0 + HOUR));
	/* The clock is set back by a day: what was left in the future gives its place, what is seen again has it. */
	assert_non_null(get(r, 50, T0 - 24 * HOUR));
	assert_non_null(get(r, 101, T0 - 24 * HOUR));
	assert_int_equal(get(r, 50, T0 - 24 * HOUR)->place.first, 50);
	raw_close(r);
}

/* ---- tags over it ----------------------------------------------------------------------- */

static const char *
over(const struct tags *t, const char *at)
{
	struct tag x = { .name = "" };
	struct strbuf why = strbuf_on(cells_text, sizeof(cells_text));
	const struct tag *found;

	assert_true(tag_address_read(at, &x, &why));
	found = tags_over(t, &t->device[0], x.proto, x.unit_number, &x.place, NULL);
	return found != NULL ? found->name : "";
}

static void
a_tag_takes_all_that_its_value_lies_in(void **state)
{
	char csv[] = "name,address,type\n"
	    "level,10.0.0.1 unit 1 holding 10,float32\n"
	    "total,10.0.0.1 unit 1 holding 65532,uint64\n"
	    "open,10.0.0.1 unit 1 holding 20.3,bool\n"
	    "any,10.0.0.1 holding 30,uint16\n"
	    "pump,10.0.0.1 unit 1 coil 5,bool\n"
	    "pressure,10.0.0.1 DB1.DBD8,float32\n"
	    "valve,10.0.0.1 DB1.DBX2.1,bool\n"
	    "point,10.0.0.1 outstation 10 g30 index 4,\n";
	static const struct { const char *at, *name; } all[] = {
		{ "10.0.0.1 unit 1 holding 9", "" }, { "10.0.0.1 unit 1 holding 10", "level" }, { "10.0.0.1 unit 1 holding 11", "level" },
		{ "10.0.0.1 unit 1 holding 12", "" }, { "10.0.0.1 unit 2 holding 10", "" }, { "10.0.0.1 unit 1 input 10", "" },
		{ "10.0.0.1 unit 1 holding 65535", "total" }, { "10.0.0.1 unit 1 holding 65531", "" }, { "10.0.0.1 unit 1 holding 20", "" },
		{ "10.0.0.1 unit 7 holding 30", "any" }, { "10.0.0.1 unit 1 coil 5", "pump" }, { "10.0.0.1 unit 1 coil 4", "" },
		{ "10.0.0.1 DB1.DBB8", "pressure" }, { "10.0.0.1 DB1.DBW10", "pressure" }, { "10.0.0.1 DB1.DBD5", "pressure" },
		{ "10.0.0.1 DB1.DBD4", "" }, { "10.0.0.1 DB1.DBB12", "" }, { "10.0.0.1 DB2.DBB8", "" }, { "10.0.0.1 DB1.DBB2", "" },
		{ "10.0.0.1 DB1.DBX2.1", "valve" }, { "10.0.0.1 DB1.DBX2.0", "" }, { "10.0.0.1 DB1.DBX9.0", "pressure" },
		{ "10.0.0.1 outstation 10 g32 index 4", "point" }, { "10.0.0.1 outstation 10 g30 index 3", "" },
	};
	struct tags *t = tags_none();
	struct err e = { 0 };

	(void)state;
	assert_int_equal(tags_parse_csv(t, "t", csv, strlen(csv), &e), 0);
	assert_int_equal(tags_made(t, "t", &e), 0);
	for (size_t i = 0; i < COUNTOF(all); i++)
		if (strcmp(over(t, all[i].at), all[i].name) != 0)
			fail_msg("%s: '%s', not '%s'", all[i].at, over(t, all[i].at), all[i].name);
	tags_close(t);
}

/* ---- rows ------------------------------------------------------------------------------- */

static struct keep_tag
row(const char *at, const char *type)
{
	struct keep_tag k = { .series = 1 };

	(void)snprintf(k.tag, sizeof(k.tag), "%s", at);
	(void)snprintf(k.at, sizeof(k.at), "%s", at);
	(void)snprintf(k.type, sizeof(k.type), "%s", type);
	return k;
}

static void
rows_of_an_earlier_run_are_found_again(void **state)
{
	static const struct { const char *at, *type; bool good; } all[] = {
		{ "10.0.0.1 unit 255 holding 65535", "uint16", true }, { "10.0.0.1 unit 0 coil 0", "bool", true },
		{ "10.0.0.1 DB1.DBD8", "float32", true }, { "10.0.0.1 DB1.DBB8", "uint8", true }, { "10.0.0.1 DB1.DBX8.1", "bool", true },
		{ "10.0.0.1 outstation 10 g30 index 4", "as-sent", true }, { "10.0.0.1 ca 1 ioa 1001", "as-sent", true },
		/* Tags that are named by their address. */
		{ "10.0.0.1 unit 1 holding 1", "float32", false }, { "10.0.0.1 holding 1", "uint16", false }, { "10.0.0.1 unit 1 holding 1", "bits", false },
		{ "10.0.0.1 unit 1 holding 1.2", "bool", false }, { "10.0.0.1 unit 1 holding 1", "bcd16", false },
		{ "10.0.0.1 rack 0 slot 2 DB1.DBD8", "float32", false },
		{ "tank level", "float32", false }, { "", "", false }, { "10.0.0.1 unit 1 holding 70000", "uint16", false },
	};

	(void)state;
	for (size_t i = 0; i < COUNTOF(all); i++) {
		struct keep_tag k = row(all[i].at, all[i].type);
		char at[TAG_ADDRESS_MAX];
		struct raw_point x;
		struct tag t;

		if (raw_from_row(&k, &x) != all[i].good)
			fail_msg("%s %s", all[i].at, all[i].type);
		if (!all[i].good)
			continue;
		raw_as_tag(&x, &t);
	tag_address_print(&t, at);
		assert_string_equal(at, all[i].at);
		(void)snprintf(k.unit, sizeof(k.unit), "bar");
		assert_false(raw_from_row(&k, &x));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cells_are_as_the_wire_has_them),
		cmocka_unit_test(a_full_table_refuses_until_one_is_idle),
		cmocka_unit_test(a_tag_takes_all_that_its_value_lies_in),
		cmocka_unit_test(rows_of_an_earlier_run_are_found_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
