/* test_values.c - when a value is news, what is known of who wrote it, and what becomes of that over a restart. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <math.h>

#include "base/influx.h"
#include "base/str.h"
#include "detect/values/inside.h"

#define SECOND	UINT64_C(1000000000)
#define T0	(UINT64_C(1767571200) * SECOND)

static struct op_ends ends = { .has_addr = true };
static const struct operation op = { .ends = &ends, .proto = OP_MODBUS };

static struct addr
v4(uint8_t last)
{
	return addr_v4((const uint8_t[]){ 10, 0, 0, last });
}

static struct sight
seen(double v, unsigned ms)
{
	return (struct sight){ .known = true, .value = v, .ts_ns = T0 + ms * (SECOND / 1000), .op = &op };
}

static unsigned
reads(struct present *v, double x, unsigned ms)
{
	const struct sight s = seen(x, ms);

	return value_take(v, &s, 0, 0, 60 * SECOND);
}

static unsigned
writes(struct present *v, double x, unsigned ms, uint8_t by)
{
	struct sight s = seen(x, ms);

	ends.addr[OP_CLIENT] = v4(by);
	s.written = true;
	return value_take(v, &s, 0, 0, 60 * SECOND);
}

static void
a_value_is_news_when_it_changes_and_at_intervals(void **state)
{
	struct present v = { 0 };

	(void)state;
	assert_int_equal(reads(&v, 5, 0), PROCESS_FIRST);
	assert_int_equal(value_kind(&v), PROCESS_UNKNOWN);
	assert_int_equal(reads(&v, 5, 1000), PROCESS_WHYS);
	assert_int_equal(reads(&v, 6, 2000), PROCESS_CHANGE);
	assert_int_equal(value_kind(&v), PROCESS_MEASUREMENT);
	assert_true(v.has_old);
	assert_float_equal(v.old, 5, 0);
	assert_int_equal(v.change_ns, T0 + 2 * SECOND);
	assert_int_equal(reads(&v, 6, 61999), PROCESS_WHYS);
	assert_int_equal(reads(&v, 6, 62000), PROCESS_HEARTBEAT);
	assert_int_equal(reads(&v, 6, 62001), PROCESS_WHYS);
	/* The clock was set back: it goes on from there. */
	assert_int_equal(reads(&v, 6, 1000), PROCESS_HEARTBEAT);
	assert_int_equal(reads(&v, 6, 2000), PROCESS_WHYS);
	assert_int_equal(v.count, 9 - 1);
	assert_int_equal(v.changes, 1);
}

static void
a_dead_band_lies_around_the_last_news(void **state)
{
	struct present v = { 0 };
	struct sight s = seen(100, 0);

	(void)state;
	assert_int_equal(value_take(&v, &s, 2, 0, 0), PROCESS_FIRST);
	/* It creeps: each step is small, all of them are not. */
	for (unsigned i = 1; i <= 4; i++) {
		s = seen(100 + i * 0.5, i);
		assert_int_equal(value_take(&v, &s, 2, 0, 0), PROCESS_WHYS);
	}
	s = seen(102.5, 5);
	assert_int_equal(value_take(&v, &s, 2, 0, 0), PROCESS_CHANGE);
	s = seen(100.5, 6);
	assert_int_equal(value_take(&v, &s, 2, 0, 0), PROCESS_WHYS);
	s = seen(100.4, 7);
	assert_int_equal(value_take(&v, &s, 2, 0, 0), PROCESS_CHANGE);
	/* Thousandths of the last news, where the tag says nothing; its own goes before. */
	s = seen(101, 8);
	assert_int_equal(value_take(&v, &s, 0, 10, 0), PROCESS_WHYS);
	assert_int_equal(value_take(&v, &s, 0.1, 10, 0), PROCESS_CHANGE);
	s = seen(102.1, 9);
	assert_int_equal(value_take(&v, &s, 0, 10, 0), PROCESS_CHANGE);
	/* What is no number is beyond any band. */
	s = seen((double)INFINITY, 10);
	assert_int_equal(value_take(&v, &s, 2, 0, 0), PROCESS_CHANGE);
	assert_int_equal(value_take(&v, &s, 2, 0, 0), PROCESS_WHYS);
}

static void
who_wrote_it_last_is_known(void **state)
{
	struct present v = { 0 };

	(void)state;
	assert_int_equal(reads(&v, 0.85, 0), PROCESS_FIRST);
	assert_int_equal(writes(&v, 4.5, 1000, 7), PROCESS_WRITE);
	assert_int_equal(value_kind(&v), PROCESS_SET_POINT);
	assert_true(v.written && v.has_write_old && addr_same(&v.writer, &(struct addr){ 0 }) == false);
	assert_memory_equal(&v.writer, &(struct addr[]){ v4(7) }[0], sizeof(v.writer));
	assert_float_equal(v.write_old, 0.85, 0);
	assert_float_equal(v.write_value, 4.5, 0);
	assert_int_equal(v.write_ns, T0 + SECOND);
	/* Read back: known already. */
	assert_int_equal(reads(&v, 4.5, 1100), PROCESS_WHYS);
	/* The same again by the same client is no news, by another it is, but not at each poll. */
	assert_int_equal(writes(&v, 4.5, 3000, 7), PROCESS_WHYS);
	assert_int_equal(writes(&v, 4.5, 4000, 8), PROCESS_WRITE);
	assert_int_equal(writes(&v, 4.5, 4100, 7), PROCESS_WHYS);
	assert_int_equal(writes(&v, 4.5, 4200, 8), PROCESS_WHYS);
	assert_int_equal(v.writes, 5);
	assert_false(v.moved);
	/* The device changes what was written: still a set-point. */
	assert_int_equal(reads(&v, 4.0, 5000), PROCESS_CHANGE);
	assert_int_equal(value_kind(&v), PROCESS_SET_POINT);
}

static void
a_write_may_come_first_and_a_value_may_be_none(void **state)
{
	struct present v = { 0 }, w = { 0 };
	struct sight s = seen(0, 0);

	(void)state;
	assert_int_equal(writes(&v, 1, 0, 7), PROCESS_WRITE);
	assert_false(v.has_write_old);
	s.known = false;
	assert_int_equal(value_take(&w, &s, 0, 0, 0), PROCESS_FIRST);
	assert_false(w.known);
	assert_int_equal(value_take(&w, &s, 0, 0, 0), PROCESS_WHYS);
	assert_int_equal(reads(&w, 0, 100), PROCESS_CHANGE);
	assert_false(w.has_old);
}

static void
another_quality_is_news(void **state)
{
	struct present v = { 0 };
	struct sight s = seen(1, 0);

	(void)state;
	s.quality = PROCESS_HAS_WIRE | 1;
	assert_int_equal(value_take(&v, &s, 0, 0, 0), PROCESS_FIRST);
	s.quality = PROCESS_HAS_WIRE | PROCESS_BAD | 2;
	s.source_ns = 77;
	assert_int_equal(value_take(&v, &s, 0, 0, 0), PROCESS_QUALITY);
	assert_int_equal(v.quality, PROCESS_HAS_WIRE | PROCESS_BAD | 2);
	assert_int_equal(v.source_ns, 77);
	/* A bit that says nothing of how good it is. */
	s.quality = PROCESS_HAS_WIRE | PROCESS_BAD | 6;
	assert_int_equal(value_take(&v, &s, 0, 0, 0), PROCESS_WHYS);
	assert_string_equal(process_quality_text(v.quality), "bad");
	assert_string_equal(process_quality_text(PROCESS_UNSURE), "unsure");
	assert_string_equal(process_quality_text(PROCESS_HAS_WIRE | 1), "good");
}

static void
what_is_known_comes_back_after_a_restart(void **state)
{
	struct present v = { .series = 5 }, back = { .series = 5 };
	const struct value_name n = { .tag = "chlorine set-point", .group = "dosing", .unit = "mg/l", .type = "float32", .at = "10.0.0.2 unit 1 holding 0",
	    .of = &(const struct tag){ .name = "", .unit = "", .form.type = TAG_FLOAT32 } };
	struct keep_tag row;

	(void)state;
	(void)reads(&v, (double)0.85f, 0);
	(void)writes(&v, 4.5, 1000, 7);
	value_row(&v, &n, &row);
	assert_string_equal(row.kind, "set-point");
	/* As people read it, not with the digits of another precision. */
	assert_float_equal(row.write_old, 0.85, 0);
	assert_float_equal(row.old, 0.85, 0);
	value_from_row(&back, &row);
	assert_int_equal(reads(&back, 4.5, 2000), PROCESS_WHYS);
	assert_int_equal(back.count, 3);
	assert_int_equal(back.writes, 1);
	assert_int_equal(value_kind(&back), PROCESS_SET_POINT);
	assert_true(addr_same(&back.writer, &v.writer));
	assert_int_equal(reads(&back, 4.6, 3000), PROCESS_CHANGE);
	/* A measurement stays one. */
	v = (struct present){ 0 };
	(void)reads(&v, 1, 0);
	(void)reads(&v, 2, 1);
	value_row(&v, &n, &row);
	back = (struct present){ 0 };
	value_from_row(&back, &row);
	assert_int_equal(value_kind(&back), PROCESS_MEASUREMENT);
}

/* ---- the line protocol ---------------------------------------------------------------------- */

static void
a_line_is_escaped_as_its_specification_says(void **state)
{
	char text[512];
	struct strbuf b = strbuf_on(text, sizeof(text));
	struct influx l = influx_begin(&b, "a b,c=d");

	(void)state;
	influx_tag(&l, "k =,", "v =,\\");
	influx_tag(&l, "empty", "");
	influx_tag(&l, "control", "a\nb\x7f\xff\xc3\xa4");
	influx_real(&l, "not", (double)NAN);
	influx_real(&l, "real", 0.1);
	influx_real(&l, "whole", 3);
	influx_real(&l, "small", -1e-7);
	influx_number(&l, "n", UINT64_MAX);
	influx_text(&l, "t", "say \"\\\" = 1, 2\n");
	influx_text(&l, "none", "");
	assert_true(influx_end(&l, 17));
	assert_string_equal(text, "a\\ b\\,c=d,k\\ \\=\\,=v\\ \\=\\,/,control=a?b??\xc3\xa4 real=0.1,whole=3,small=-1e-07,"
	    "n=9223372036854775807i,t=\"say \\\"\\\\\\\" = 1, 2?\" 17");
	/* Without a field it is no line; what does not fit is none, either. */
	b = strbuf_on(text, sizeof(text));
	l = influx_begin(&b, "m");
	influx_tag(&l, "a", "b");
	assert_false(influx_end(&l, 1));
	b = strbuf_on(text, 20);
	l = influx_begin(&b, "m");
	influx_real(&l, "a_long_name_of_a_field", 1);
	assert_false(influx_end(&l, 1));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_value_is_news_when_it_changes_and_at_intervals),
		cmocka_unit_test(a_dead_band_lies_around_the_last_news),
		cmocka_unit_test(who_wrote_it_last_is_known),
		cmocka_unit_test(a_write_may_come_first_and_a_value_may_be_none),
		cmocka_unit_test(another_quality_is_news),
		cmocka_unit_test(what_is_known_comes_back_after_a_restart),
		cmocka_unit_test(a_line_is_escaped_as_its_specification_says),
	};

	return cmocka_run_group_tests_name("values", tests, NULL, NULL);
}
