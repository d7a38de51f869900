/* Tags: files with their problems, and operations read by them. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/str.h"
#include "process/points.h"

static struct err problems;

static struct tags *
made(const char *csv)
{
	struct tags *t = tags_none();
	char *text = strdup(csv);

	err_free(&problems);
	(void)tags_parse_csv(t, "tags.csv", text, strlen(text), &problems);
	(void)tags_made(t, "tags.csv", &problems);
	free(text);
	return t;
}

static void
expect(const char *csv, const char *said)
{
	char out[4096];
	struct strbuf b = strbuf_on(out, sizeof(out));
	struct tags *t = made(csv);

	for (const struct err_item *i = problems.first; i != NULL; i = i->next)
		strbuf_printf(&b, "%d:%d: %s\n", i->line, i->column, i->text);
	assert_string_equal(out, said);
	tags_close(t);
}

/* ---- files ---- */

static void
test_all_problems_at_once(void **state)
{
	(void)state;
	expect("name,address,typ\na,10.0.0.1 coil 1,bool\n", "1:14: there is no column 'typ'; did you mean 'type'?\n");
	expect("name,adress\n", "1:6: there is no column 'adress'; did you mean 'address'?\n1:1: the header has no column 'address'\n");
	expect("name,address,type,order,scale,low,high\n"
	    "a,10.0.0.1 unit 1 holding 70000,flot32\n"
	    ",10.0.0.1 unit 1 holding 1,float32,word-swaped,x,5,1\n"
	    "b,10.0.0.1 DB20.DBD0\n"
	    "c,10.0.0.1 coil 1,uint16\n"
	    "d,10.0.0.300 coil 1\n",
	    "2:3: address: 'holding 70000' has no number from 0 to 65535 behind 'holding'\n"
	    "2:33: type: 'flot32' is no type of a value: bool, bits, int8, uint8, int16, uint16, int32, uint32, int64, uint64, float32, "
	    "float64, bcd16 or bcd32; did you mean 'float32'?\n"
	    "3:1: a tag without a name\n"
	    "3:36: order: 'word-swaped' is no order of bytes: big, word-swapped, byte-swapped or little; did you mean 'word-swapped'?\n"
	    "3:48: scale: 'x' is no number, as in 0.01\n"
	    "3:50: low is above high\n"
	    "4:3: what these bytes mean is not said: a type is needed, such as float32 or int32\n"
	    "5:19: a coil is one bit: its type is bool, not uint16\n"
	    "6:3: address: '10.0.0.300' is no IP address; it begins with that of the device, as in '10.20.1.12 unit 1 holding 0'\n");
	expect("name,address,type\na,10.0.0.1 unit 1 holding 65535,float32\nb,10.0.0.1 unit 1 holding 65534,float32\nc,10.0.0.1 DB1.DBD65533\n",
	    "2:33: float32 from there on ends behind the last address, 65535\n"
	    "4:3: what these bytes mean is not said: a type is needed, such as float32 or int32\n");
	expect("name,address\nA b,10.0.0.1 coil 1\na B,10.0.0.1 coil 2\n", "3:1: the name 'a B' is that of the tag in line 2, too\n");
}

static void
test_limits_and_dead_bands(void **state)
{
	struct tags *t;

	(void)state;
	expect("name,address,low-low,low,high,high-high,dead-band\n"
	    "a,10.0.0.1 unit 1 holding 1,3,2,9,8,-1\n"
	    "b,10.0.0.1 unit 1 holding 2,5,,,4,2 %\n"
	    "c,10.0.0.1 unit 1 holding 3,,x,,,2 % of span\n"
	    "d,10.0.0.1 unit 1 holding 4,,,9,,101% of value\n"
	    "e,10.0.0.1 unit 1 holding 5,,1,9,,x % of value\n"
	    "f,10.0.0.1 unit 1 holding 6,,5,5,,1 % of span\n"
	    "g,10.0.0.1 unit 1 holding 7,,1,9,,1 % of spans\n",
	    "2:29: low-low is above low\n"
	    "2:33: high is above high-high\n"
	    "2:37: dead-band is below 0\n"
	    "3:29: low-low is above high-high\n"
	    "3:35: dead-band: '2 %' does not say of what: '% of span' (between low and high) or '% of value'\n"
	    "4:30: low: 'x' is no number, as in 0.01\n"
	    "4:34: dead-band: without low and high there is no span that it is a part of\n"
	    "5:34: dead-band: '101' is no number from 0 to 100 of percent\n"
	    "6:35: dead-band: 'x' is no number from 0 to 100 of percent\n"
	    "7:35: dead-band: without low and high there is no span that it is a part of\n"
	    "8:35: dead-band: '1 % of spans' does not say of what: '% of span' (between low and high) or '% of value'\n");
	t = made("name,address,LL,L,H,HH,dead band\na,10.0.0.1 unit 1 holding 1,1,2,8,9,2 % of span\nb,10.0.0.1 unit 1 holding 2,,,,,0.5% of value\n"
	    "c,10.0.0.1 unit 1 holding 3,0,,,50,2 % of span\n");
	assert_int_equal(problems.n, 0);
	assert_true(fabs(t->tag[0].dead_band - 0.12) < 1e-9 && fabs(t->tag[0].dead_band_part) < 1e-9);
	assert_int_equal(tag_limit_next(&t->tag[0], true), TAG_HIGH);
	assert_string_equal(tag_limit_word(TAG_HIGH_HIGH), "high-high");
	assert_true(fabs(t->tag[1].dead_band_part - 5) < 1e-9 && fabs(t->tag[1].dead_band) < 1e-9);
	assert_int_equal(tag_limit_next(&t->tag[1], false), TAG_LIMITS);
	assert_true(fabs(t->tag[2].dead_band - 1) < 1e-9);
	assert_int_equal(tag_limit_next(&t->tag[2], false), TAG_LOW_LOW);
	tags_close(t);
}

static void
test_addresses_are_printed_as_they_are_read(void **state)
{
	static const char *const all[] = {
		"10.20.1.12 unit 1 holding 0", "10.20.1.12 coil 65535", "10.20.1.12 unit 255 input 5.15", "10.20.1.12 discrete 3",
		"10.20.1.31 DB20.DBD0", "10.20.1.31 DB1.DBX4.3", "10.20.1.31 rack 0 slot 2 DB7.DBW2", "10.20.1.31 MW10", "10.20.1.31 M10.7",
		"10.20.1.31 ID4", "10.20.1.31 Q4.1", "10.20.1.31 T5", "10.20.1.31 C0", "fd00::1 DB3.DBB9",
		"10.20.1.21 outstation 10 g30 index 4", "10.20.1.21 g1 index 0", "10.20.1.41 ca 1 ioa 1001", "10.20.1.41 ioa 16777215",
	};
	char why[256], text[TAG_ADDRESS_MAX];

	(void)state;
	for (size_t i = 0; i < COUNTOF(all); i++) {
		struct strbuf b = strbuf_on(why, sizeof(why));
		struct tag t = { .name = "" };

		if (!tag_address_read(all[i], &t, &b))
			fail_msg("%s: %s", all[i], why);
		tag_address_print(&t, text);
		assert_string_equal(text, all[i]);
	}
}

static void
test_one_point_of_several_groups(void **state)
{
	char why[256];
	struct strbuf b = strbuf_on(why, sizeof(why));
	struct tag one = { .name = "" }, other = { .name = "" };

	(void)state;
	assert_true(tag_address_read("10.0.0.1 outstation 10 g32 index 4", &one, &b));
	assert_true(tag_address_read("10.0.0.1 outstation 10 g30 index 4", &other, &b));
	assert_int_equal(one.place.number, other.place.number);
	assert_false(tag_address_read("10.0.0.1 g99 index 4", &one, &b));
	assert_non_null(strstr(why, "no points of this group"));
}

/* ---- operations ---- */

static char read_text[2048];
static struct strbuf readings;

static void
on_reading(void *arg, const struct tag_reading *r)
{
	char value[TAG_VALUE_MAX];

	(void)arg;
	tag_value_print(r->tag, r->known ? r->value : (double)NAN, value);
	strbuf_printf(&readings, "%s=%s", r->tag->name, value);
	if (r->has_old) {
		tag_value_print(r->tag, r->old, value);
		strbuf_printf(&readings, " was %s", value);
	}
	strbuf_printf(&readings, "%s%s%s;", r->written ? " written" : "", r->unsure ? "?" : "", r->good ? "" : " bad");
}

static const char *
reads(struct tag_reader *r, const struct operation *op)
{
	const struct tags *t = tag_reader_tags(r);

	readings = strbuf_on(read_text, sizeof(read_text));
	tag_reader_operation(r, &t->device[0], op, on_reading, NULL);
	return read_text;
}

static struct tag_reader *
reader(const char *csv)
{
	struct tags *t = made(csv);

	err_print(&problems, stderr);
	assert_int_equal(problems.n, 0);
	return tag_reader_open(t);
}

static struct operation
operation(enum op_proto proto, struct op_item *it, uint32_t unit)
{
	return (struct operation){ .phase = OP_FINISHED, .proto = proto, .unit = unit, .items = it, .n_items = 1,
	    .outcome = OUTCOME_ANSWERED, .response = { .seen = true, .ts_ns = 7 } };
}

static void
test_registers_in_each_order(void **state)
{
	/* 80.5 is 42 a1 00 00; 1234567 is 00 12 d6 87. */
	static const uint8_t raw[] = { 0x42, 0xa1, 0, 0, 0, 0, 0x42, 0xa1, 0xa1, 0x42, 0, 0, 0, 0, 0xa1, 0x42, 0xff, 0xfe, 0x12, 0x34, 0x00, 0x12, 0xd6, 0x87,
	    0x12, 0x3a };
	struct op_item it = { .space = SPACE_HOLDING, .form = FORM_U16_BE, .ranged = true, .first = 10, .count = 13, .n_values = 13, .raw = raw };
	struct operation op = operation(OP_MODBUS, &it, 1);
	struct tag_reader *r = reader("name,address,type,order,scale,unit\n"
	    "big,10.0.0.1 unit 1 holding 10,float32\n"
	    "words,10.0.0.1 unit 1 holding 12,float32,word-swapped\n"
	    "bytes,10.0.0.1 unit 1 holding 14,float32,byte-swapped\n"
	    "little,10.0.0.1 unit 1 holding 16,float32,dcba\n"
	    "negative,10.0.0.1 unit 1 holding 18,int16,,0.1,C\n"
	    "digits,10.0.0.1 unit 1 holding 19,bcd16\n"
	    "long,10.0.0.1 unit 1 holding 20,uint32\n"
	    "no digits,10.0.0.1 unit 1 holding 22,bcd16\n"
	    "bit,10.0.0.1 unit 1 holding 19.2\n"
	    "some bits,10.0.0.1 unit 1 holding 19,bits 4-7\n"
	    "half,10.0.0.1 unit 1 holding 22,float32\n"
	    "before,10.0.0.1 unit 1 holding 9,float32\n"
	    "another unit,10.0.0.1 unit 2 holding 10,float32\n"
	    "another space,10.0.0.1 unit 1 input 10,float32\n");

	(void)state;
	assert_string_equal(reads(r, &op), "big=80.5;words=80.5;bytes=80.5;little=80.5;negative=-0.2 C;some bits=3;digits=1234;bit=on;long=1234567;no digits=no number;");
	/* The same range again, by the memo, with what was known. */
	it.n_values = 1;
	assert_string_equal(reads(r, &op), "");
	it.n_values = 2;
	assert_string_equal(reads(r, &op), "big=80.5 was 80.5;");
	op.outcome = OUTCOME_EXCEPTION;
	assert_string_equal(reads(r, &op), "");
	tag_reader_close(r);
}

static void
test_writes(void **state)
{
	static const uint8_t raw[] = { 0x01, 0xc2 };
	struct op_param masks[] = { { .name = "and_mask", .value = { .kind = VALUE_UINT, .u = 0xfff7 } }, { .name = "or_mask", .value = { .kind = VALUE_UINT, .u = 8 } } };
	struct op_item it = { .space = SPACE_HOLDING, .form = FORM_U16_BE, .ranged = true, .written = true, .first = 0, .count = 1, .n_values = 1, .raw = raw };
	struct operation op = operation(OP_MODBUS, &it, 1);
	struct tag_reader *r = reader("name;address;type;scale;unit\nchlorine set-point;10.0.0.1 holding 0;uint16;0.01;mg/l\nbit 3;10.0.0.1 holding 0.3;;;\n");

	(void)state;
	assert_string_equal(reads(r, &op), "chlorine set-point=4.5 mg/l written;bit 3=off written;");
	op.outcome = OUTCOME_UNANSWERED;
	assert_string_equal(reads(r, &op), "chlorine set-point=4.5 mg/l was 4.5 mg/l written?;bit 3=off was off written?;");
	op.outcome = OUTCOME_ANSWERED;
	op.command = CMD_SELECT;
	assert_string_equal(reads(r, &op), "");
	op.command = CMD_NONE;
	it.n_values = 0;
	op.params = masks;
	op.n_params = 2;
	assert_string_equal(reads(r, &op), "chlorine set-point=no number was 4.5 mg/l written;bit 3=on was off written;");
	tag_reader_close(r);
}

static void
test_bits(void **state)
{
	static const uint8_t raw[] = { 0x05 }, bit[] = { 1 };
	struct op_item coils = { .space = SPACE_COIL, .form = FORM_BITS_LSB, .ranged = true, .first = 7, .count = 3, .n_values = 3, .raw = raw };
	struct op_item dbx = { .space = SPACE_S7_DB, .number = 3, .form = FORM_BITS_LSB, .ranged = true, .first = 4, .bit = 6, .step = OP_STEP_BITS,
	    .count = 1, .n_values = 1, .raw = bit };
	struct operation op = operation(OP_MODBUS, &coils, 1);
	struct tag_reader *r = reader("name,address\np1,10.0.0.1 coil 7\np2,10.0.0.1 coil 8\np3,10.0.0.1 coil 9\np4,10.0.0.1 coil 10\n"
	    "d5,10.0.0.1 DB3.DBX4.5\nd6,10.0.0.1 DB3.DBX4.6\n");

	(void)state;
	assert_string_equal(reads(r, &op), "p1=on;p2=off;p3=on;");
	op = operation(OP_S7, &dbx, 2);
	assert_string_equal(reads(r, &op), "d6=on;");
	tag_reader_close(r);
}

static void
test_bytes_of_an_s7(void **state)
{
	static const uint8_t raw[] = { 0x40, 0x93, 0x33, 0x33, 0x41, 0x20, 0, 0 };
	struct op_item real = { .space = SPACE_S7_DB, .number = 20, .form = FORM_F32_BE, .ranged = true, .first = 0, .step = 4, .count = 2, .n_values = 2, .raw = raw };
	struct op_item bytes = { .space = SPACE_S7_DB, .number = 20, .form = FORM_U8, .ranged = true, .first = 2, .count = 6, .n_values = 6, .raw = raw + 2 };
	struct operation op = operation(OP_S7, &real, 2);
	struct tag_reader *r = reader("name,address,type,unit\nset,10.0.0.1 DB20.DBD0,real,bar\nflow,10.0.0.1 rack 0 slot 2 DB20.DBD4,float32,\nbyte,10.0.0.1 DB20.DBB4,\n"
	    "other slot,10.0.0.1 rack 0 slot 3 DB20.DBD4,float32\n");

	(void)state;
	assert_string_equal(reads(r, &op), "flow=10;set=4.6 bar;byte=65;");
	op.items = &bytes;
	assert_string_equal(reads(r, &op), "flow=10 was 10;byte=65 was 65;");
	tag_reader_close(r);
}

static void
test_points_with_quality(void **state)
{
	struct op_value v[] = { { .kind = VALUE_INT, .i = 312, .index = 4, .has_flags = true, .flags = 1, .has_time = true, .time_ms = 99 },
	    { .kind = VALUE_INT, .i = 7, .index = 0, .has_flags = true, .flags = 5 } };
	struct op_item events = { .space = SPACE_OBJECT, .number = 32u << 8 | 3, .form = FORM_TYPED, .n_values = 2, .count = 2, .typed = v };
	struct op_value p = { .kind = VALUE_UINT, .u = 2, .index = 1001, .has_flags = true, .flags = 0x80 };
	struct op_item point = { .space = SPACE_POINT, .number = 3, .form = FORM_TYPED, .ranged = true, .first = 1001, .count = 1, .n_values = 1, .typed = &p };
	struct op_value c = { .kind = VALUE_UINT, .u = 0x41, .index = 2 };
	struct op_item control = { .space = SPACE_OBJECT, .number = 12u << 8 | 1, .form = FORM_TYPED, .n_values = 1, .count = 1, .typed = &c, .written = true };
	struct operation op = operation(OP_DNP3, &events, 10);
	struct tag_reader *r = reader("name,address,scale,unit\nlevel,10.0.0.1 outstation 10 g30 index 4,0.01,m\nother,10.0.0.1 outstation 10 g30 index 0,,\n"
	    "valve,10.0.0.1 outstation 10 g10 index 2,,\nbreaker,10.0.0.1 ca 1 ioa 1001,,\n");

	(void)state;
	assert_string_equal(reads(r, &op), "level=3.12 m;other=7 bad;");
	op = operation(OP_DNP3, &control, 10);
	assert_string_equal(reads(r, &op), "valve=1 written;");
	op = operation(OP_IEC104, &point, 1);
	assert_string_equal(reads(r, &op), "breaker=1 bad;");
	tag_reader_close(r);
}

static void
test_another_set_keeps_what_is_known(void **state)
{
	static const uint8_t raw[] = { 0, 9 };
	struct op_item it = { .space = SPACE_HOLDING, .form = FORM_U16_BE, .ranged = true, .first = 5, .count = 1, .n_values = 1, .raw = raw };
	struct operation op = operation(OP_MODBUS, &it, 1);
	struct tag_reader *r = reader("name,address\nlevel,10.0.0.1 holding 5\n");
	const struct tags *before;

	(void)state;
	assert_string_equal(reads(r, &op), "level=9;");
	assert_false(tag_reader_swap(r, &before));
	assert_int_equal(tag_reader_prepare(r, made("name,address\nfirst,10.0.0.1 holding 1\nlevel,10.0.0.1 holding 5\nnew,10.0.0.1 holding 5.0\n")), 0);
	assert_int_equal(tag_reader_next(r)->n, 3);
	assert_int_equal(tag_reader_tags(r)->n, 1);
	assert_true(tag_reader_swap(r, &before));
	assert_string_equal(before->tag[0].name, "level");
	tag_reader_swapped(r);
	assert_string_equal(reads(r, &op), "new=on;level=9 was 9;");
	tag_reader_close(r);
	err_free(&problems);
}

/* ---- proposals ---- */

static void
on_proposed(void *arg, const struct proposed *x)
{
	char address[TAG_ADDRESS_MAX];

	(void)arg;
	tag_address_print(&x->tag, address);
	if (x->empty > 0)
		strbuf_printf(&readings, "%s empty %u;", address, x->empty);
	else
		strbuf_printf(&readings, "%s %s %s;", address, tag_type_name((enum tag_type)x->tag.form.type), tag_order_name((enum tag_order)x->tag.form.order));
}

/* Two reals that move, in this order of words, a small number, three registers that nobody uses. */
static const char *
proposes(bool swapped)
{
	struct points *p = points_open(64);
	struct op_ends ends = { .has_addr = true, .addr = { addr_v4((const uint8_t[]){ 10, 0, 0, 9 }), addr_v4((const uint8_t[]){ 10, 0, 0, 1 }) } };
	struct op_item it = { .space = SPACE_HOLDING, .form = FORM_U16_BE, .ranged = true, .count = 8, .n_values = 8 };
	struct operation op = operation(OP_MODBUS, &it, 1);

	op.ends = &ends;
	for (unsigned i = 0; i < 60; i++) {
		float real[2] = { 71.3f + (float)i * 0.137f, 4.41f - (float)i * 0.0031f };
		uint8_t raw[16] = { 0 };

		for (unsigned k = 0; k < 2; k++) {
			uint32_t bits;
			unsigned high = 4 * k + (swapped ? 2 : 0), low = 4 * k + (swapped ? 0 : 2);

			memcpy(&bits, &real[k], sizeof(bits));
			raw[high] = (uint8_t)(bits >> 24);
			raw[high + 1] = (uint8_t)(bits >> 16);
			raw[low] = (uint8_t)(bits >> 8);
			raw[low + 1] = (uint8_t)bits;
		}
		raw[9] = (uint8_t)(40 + i % 7);
		it.raw = raw;
		points_operation(p, &op);
	}
	points_sort(p);
	readings = strbuf_on(read_text, sizeof(read_text));
	points_propose(p, on_proposed, NULL);
	points_close(p);
	return read_text;
}

static void
test_the_order_of_words_is_found(void **state)
{
	(void)state;
	assert_string_equal(proposes(false), "10.0.0.1 unit 1 holding 0 float32 big;10.0.0.1 unit 1 holding 2 float32 big;"
	    "10.0.0.1 unit 1 holding 4 uint16 big;10.0.0.1 unit 1 holding 5 empty 3;");
	assert_string_equal(proposes(true), "10.0.0.1 unit 1 holding 0 float32 word-swapped;10.0.0.1 unit 1 holding 2 float32 word-swapped;"
	    "10.0.0.1 unit 1 holding 4 uint16 big;10.0.0.1 unit 1 holding 5 empty 3;");
}

static void
test_numbers_as_people_read_them(void **state)
{
	const struct tag real = { .form.type = TAG_FLOAT32 }, scaled = { .form.type = TAG_UINT32, .scale = 0.01, .is_scaled = true },
	    sent = { .form.type = TAG_SENT }, whole = { .form.type = TAG_UINT64 };
	const struct { const struct tag *tag; double v; const char *text; } all[] = {
		{ &real, (double)0.85f, "0.85" }, { &scaled, 85 * 0.01, "0.85" }, { &scaled, 4294967295.0 * 0.01, "42949672.95" },
		{ &sent, (double)0.85f, "0.85" }, { &sent, 4000000001.0, "4000000001" }, { &sent, 4000000256.0, "4000000256" }, { &sent, 0.1, "0.1" },
		{ &whole, 9007199254740991.0, "9007199254740991" }, { &scaled, (double)INFINITY, "no number" }, { &sent, 16777217, "16777217" },
	};

	(void)state;
	for (size_t i = 0; i < COUNTOF(all); i++) {
		struct tag t = *all[i].tag;
		char text[TAG_VALUE_MAX];

		t.unit = "";
		tag_value_print(&t, all[i].v, text);
		assert_string_equal(text, all[i].text);
	}
}

/* ---- of ranges that are remembered ---- */

static void
on_remembered(void *arg, const struct proposed *x)
{
	char at[TAG_ADDRESS_MAX];

	tag_address_print(&x->tag, at);
	strbuf_printf(arg, "%s %s%s%s; ", strchr(at, 'h'), tag_type_name((enum tag_type)x->tag.form.type), x->tag.form.order == TAG_ORDER_WORD_SWAPPED ? " swapped " : " ",
	    x->tag.form.type == TAG_FLOAT32 ? x->note : "");
}

static void
remember(struct points *p, uint32_t first, double low, double high)
{
	const struct point key = { .addr = addr_v4((const uint8_t[]){ 10, 0, 0, 1 }), .proto = OP_MODBUS, .unit = 1, .cell = CELL_WORD,
	    .place = { .space = SPACE_HOLDING, .first = first }, .remembered = true };
	struct point *x = points_get(p, &key);

	x->min = low;
	x->max = x->last = high;
	x->has_value = x->whole = true;
	x->reads = 7;
	x->ever = 0xffff;
}

static void
test_reals_in_ranges_of_words(void **state)
{
	struct points *p = points_open(100);
	char text[1024];
	struct strbuf b = strbuf_on(text, sizeof(text));

	(void)state;
	/* 40.1 to 60.2 (4220 to 4270), the other word any; then swapped; then numbers that are none. */
	remember(p, 0, 0x4220, 0x4270);
	remember(p, 1, 3, 65500);
	remember(p, 10, 17, 64000);
	remember(p, 11, 0x4220, 0x4270);
	remember(p, 20, 100, 110);
	remember(p, 21, 0, 900);
	points_pair_up(p);
	points_sort(p);
	points_propose(p, on_remembered, &b);
	points_close(p);
	assert_non_null(strstr(text, "holding 0 float32 measurement; 40"));
	assert_non_null(strstr(text, "holding 20 uint16 ; holding 21 uint16 ; "));
	p = points_open(100);
	remember(p, 10, 17, 64000);
	remember(p, 11, 0x4220, 0x4270);
	points_pair_up(p);
	points_sort(p);
	b = strbuf_on(text, sizeof(text));
	points_propose(p, on_remembered, &b);
	points_close(p);
	assert_non_null(strstr(text, "holding 10 float32 swapped measurement; 40"));
}

static void
test_a_change_is_held_against_what_was(void **state)
{
	uint8_t raw[] = { 0, 10 };
	struct op_item it = { .space = SPACE_HOLDING, .form = FORM_U16_BE, .ranged = true, .first = 5, .count = 1, .n_values = 1, .raw = raw };
	struct operation op = operation(OP_MODBUS, &it, 1);
	struct tag_reader *r = reader("name,address\nlevel,10.0.0.1 holding 5\n");
	const struct tag *t = &tag_reader_tags(r)->tag[0];
	double low, high;

	(void)state;
	assert_int_equal(tag_reader_keep_past(r, 0), 0);
	assert_false(tag_reader_past(r, t, 100, 100, &low, &high));
	for (unsigned i = 0; i < 100; i++) {
		raw[1] = (uint8_t)(10 + i);
		op.response.ts_ns = 1000u * i;
		(void)reads(r, &op);
	}
	/* What it was at the beginning of the time counts, too. */
	assert_true(tag_reader_past(r, t, 99500, 3000, &low, &high));
	assert_true(low > 105.5 && low < 106.5 && high > 108.5 && high < 109.5);
	/* No more than 64. */
	assert_true(tag_reader_past(r, t, 99500, 99500, &low, &high));
	assert_true(low > 45.5 && low < 46.5);
	/* The clock was set forward and back: what was then is not what was within the last minute. */
	raw[1] = 200;
	op.response.ts_ns = UINT64_C(7200000000000);
	(void)reads(r, &op);
	raw[1] = 50;
	op.response.ts_ns = UINT64_C(3600000000000);
	(void)reads(r, &op);
	assert_true(tag_reader_past(r, t, UINT64_C(3600000000001), UINT64_C(60000000000), &low, &high));
	assert_true(low > 49.5 && high < 50.5);
	tag_reader_close(r);
}

static void
test_what_is_no_number_is_none(void **state)
{
	/* 1e308, infinity and not a number as doubles, FFFF as BCD. */
	static const uint8_t raw[] = { 0x7f, 0xe1, 0xcc, 0xf3, 0x85, 0xeb, 0xc8, 0xa0, 0x7f, 0xf0, 0, 0, 0, 0, 0, 0, 0x7f, 0xf8, 0, 0, 0, 0, 0, 1, 0xff, 0xff };
	struct op_item it = { .space = SPACE_HOLDING, .form = FORM_U16_BE, .ranged = true, .first = 65523, .count = 13, .n_values = 13, .raw = raw };
	struct operation op = operation(OP_MODBUS, &it, 255);
	struct tag_reader *r = reader("name,address,type,scale\nlarge,10.0.0.1 unit 255 holding 65523,float64,1\nscaled,10.0.0.1 holding 65523,float64,1000\n"
	    "infinite,10.0.0.1 unit 255 holding 65527,float64,\nnan,10.0.0.1 unit 255 holding 65531,float64,\nlast,10.0.0.1 unit 255 holding 65535,bcd16,\n");

	(void)state;
	assert_string_equal(reads(r, &op), "large=1e+308;infinite=no number;nan=no number;last=no number;scaled=no number;");
	tag_reader_close(r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_all_problems_at_once),
		cmocka_unit_test(test_limits_and_dead_bands),
		cmocka_unit_test(test_addresses_are_printed_as_they_are_read),
		cmocka_unit_test(test_one_point_of_several_groups),
		cmocka_unit_test(test_registers_in_each_order),
		cmocka_unit_test(test_writes),
		cmocka_unit_test(test_bits),
		cmocka_unit_test(test_bytes_of_an_s7),
		cmocka_unit_test(test_points_with_quality),
		cmocka_unit_test(test_another_set_keeps_what_is_known),
		cmocka_unit_test(test_the_order_of_words_is_found),
		cmocka_unit_test(test_numbers_as_people_read_them),
		cmocka_unit_test(test_reals_in_ranges_of_words),
		cmocka_unit_test(test_what_is_no_number_is_none),
		cmocka_unit_test(test_a_change_is_held_against_what_was),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
