#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "base/real.h"
#include "output/jsonw.h"
#include "tests/unit/guard.h"

static char out[65536];

static const char *
done(struct jsonw *j)
{
	assert_false(j->full);
	out[j->len] = '\0';
	return out;
}

static struct jsonw
start(void)
{
	memset(out, '#', sizeof(out));
	return jsonw_on(out, sizeof(out) - 1);
}

static void
test_nesting(void **state)
{
	struct jsonw j = start();

	(void)state;
	jsonw_object(&j, NULL);
	jsonw_u64(&j, "a", 0);
	jsonw_u64(&j, "b", UINT64_MAX);
	jsonw_i64(&j, "c", INT64_MIN);
	jsonw_array(&j, "d");
	jsonw_u64(&j, NULL, 7);
	jsonw_object(&j, NULL);
	jsonw_object_end(&j);
	jsonw_array(&j, NULL);
	jsonw_array_end(&j);
	jsonw_bool(&j, NULL, true);
	jsonw_array_end(&j);
	jsonw_bool(&j, "e", false);
	jsonw_null(&j, "f");
	jsonw_text(&j, "g", NULL);
	jsonw_hex(&j, "h", (const uint8_t *)"\x00\xff\x1a", 3);
	jsonw_members(&j, "\"i\":1,\"j\":2", 11);
	jsonw_object_end(&j);
	assert_string_equal(done(&j), "{\"a\":0,\"b\":18446744073709551615,"
	    "\"c\":-9223372036854775808,\"d\":[7,{},[],true],\"e\":false,\"f\":null,"
	    "\"h\":\"00ff1a\",\"i\":1,\"j\":2}");
}

static void
test_numbers(void **state)
{
	char want[32];

	(void)state;
	for (uint64_t v = 1, i = 0; i < 200; i++, v = v * 3 + i % 2) {
		struct jsonw j = start();

		jsonw_u64(&j, NULL, v);
		snprintf(want, sizeof(want), "%llu", (unsigned long long)v);
		assert_string_equal(done(&j), want);
	}
	for (uint64_t v = 0; v < 70000; v++) {
		struct jsonw j = jsonw_on(out, sizeof(out) - 1);

		jsonw_u64(&j, NULL, v);
		assert_int_equal(strtoull(done(&j), NULL, 10), v);
	}
}

static void
test_reals(void **state)
{
	static const struct { double v; const char *text; } rows[] = {
		{ 0, "0" }, { 1.5, "1.5" }, { -0.1, "-0.1" }, { 1e300, "1e+300" },
		{ 1.0 / 3, "0.3333333333333333" }, { 100000, "100000" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct jsonw j = start();

		jsonw_real(&j, NULL, rows[i].v);
		assert_string_equal(done(&j), rows[i].text);
	}
	struct jsonw j = start();

	jsonw_array(&j, NULL);
	jsonw_real(&j, NULL, strtod("nan", NULL));
	jsonw_real(&j, NULL, strtod("-inf", NULL));
	jsonw_array_end(&j);
	assert_string_equal(done(&j), "[null,null]");
}

/* Reads back as the same number, and printf needs no digit less for that. */
static unsigned
digits_of(const char *p)
{
	unsigned n = 0, zeros = 0;

	for (; *p != '\0' && *p != 'e'; p++) {
		if (*p < '0' || *p > '9' || (n == 0 && *p == '0'))
			continue;
		zeros = *p == '0' ? zeros + 1 : 0;
		n++;
	}
	return n - zeros;
}

static void
check_shortest(const char *text, double v, bool single)
{
	unsigned most = single ? 9 : 17, n = digits_of(text);
	char less[40];

	assert_true(single ? strtof(text, NULL) == (float)v : strtod(text, NULL) == v);
	assert_true(n <= most);
	if (n < 2)
		return;
	snprintf(less, sizeof(less), "%.*e", (int)n - 2, v);
	assert_true(single ? strtof(less, NULL) != (float)v : strtod(less, NULL) != v);
}

static void
check_real(double v)
{
	struct jsonw j = start();

	const char *text;
	double back = 99;

	jsonw_real(&j, NULL, v);
	text = done(&j);
	check_shortest(text, v, false);
	assert_true(real_read(text, strlen(text), &back));
	assert_memory_equal(&back, &v, sizeof(v));
}

static void
what_is_no_real_is_refused(void **state)
{
	static const char *const wrong[] = { "", "-", ".", "1.", ".5", "1e", "1e+", "+1", "0x10", "nan", "inf", "1e999", "-1e999", "1,5", "1 ",
	    " 1", "1.5.5", "1e5e5", "123456789012345678901234567890123" };
	double v;

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		if (real_read(wrong[i], strlen(wrong[i]), &v))
			fail_msg("\"%s\" is read as %g", wrong[i], v);
	assert_true(real_read("007.50e+01", 10, &v) && v > 74.9 && v < 75.1);
	assert_true(real_read("1e-400", 6, &v) && v < 1e-300);
}

static void
check_single(float v)
{
	struct jsonw j = start();

	jsonw_single(&j, NULL, v);
	check_shortest(done(&j), (double)v, true);
}

static void
test_singles(void **state)
{
	static const struct { float v; const char *text; } rows[] = {
		{ 0, "0" }, { 4.6f, "4.6" }, { -4.6f, "-4.6" }, { 0.85f, "0.85" }, { 16777216, "16777216" },
		{ 3.4028235e38f, "3.4028235e+38" }, { 1e-45f, "1e-45" }, { 1.17549435e-38f, "1.1754944e-38" },
		{ 1e10f, "10000000000" }, { 123456.7f, "123456.7" }, { 0.001f, "0.001" }, { 33554432, "33554432" },
		{ 1e17f, "1e+17" }, { 8.5e-5f, "8.5e-05" }, { 0.00085f, "0.00085" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct jsonw j = start();

		jsonw_single(&j, NULL, rows[i].v);
		assert_string_equal(done(&j), rows[i].text);
	}
	struct jsonw j = start();

	jsonw_array(&j, NULL);
	jsonw_single(&j, NULL, strtof("nan", NULL));
	jsonw_single(&j, NULL, strtof("-inf", NULL));
	jsonw_array_end(&j);
	assert_string_equal(done(&j), "[null,null]");
	/* Every power of two, where the neighbours are unequally far, and what lies beside it. */
	for (uint32_t e = 0; e < 255; e++)
		for (uint32_t d = 0; d < 3; d++) {
			uint32_t bits = (e << 23) + d - (e > 0 ? 1 : 0);
			float f;

			memcpy(&f, &bits, sizeof(f));
			check_single(f);
		}
	for (uint64_t e = 0; e < 2047; e++)
		for (uint64_t d = 0; d < 3; d++) {
			uint64_t bits = (e << 52) + d - (e > 0 ? 1 : 0);
			double v;

			memcpy(&v, &bits, sizeof(v));
			check_real(v);
		}
}

static void
test_reals_read_back(void **state)
{
	static const double edges[] = { 1e-4, 9.9999999999999991e-5, 1.0000000000000002e-4, 1e-3,
	    0.00099999999999999998, 0.1, 0.09999999999999999, 0.99999999999999989, 1, 9.5, 10,
	    9.9999999999999982, 99999999999999.984, 1e14, 99999999999999.5, 0.5, 4503599627370496.5,
	    0.3, 2.5, 123456789012345.6, 16777216, 8388607.5, 1e13, 12345678.9, 0.0001220703125 };
	uint64_t r = 88172645463325252u;

	(void)state;
	for (size_t i = 0; i < sizeof(edges) / sizeof(edges[0]); i++) {
		check_real(edges[i]);
		check_real(-edges[i]);
	}
	for (int i = 0; i < 60000; i++) {
		uint32_t bits;
		uint64_t exponent;
		float f;
		double d;

		r ^= r << 13;
		r ^= r >> 7;
		r ^= r << 17;
		bits = (uint32_t)(r >> 20);
		memcpy(&f, &bits, sizeof(f));
		if (f == f && f - f == 0)
			check_single(f);
		check_real((double)(int32_t)bits / 100);
		check_real((double)(uint32_t)r / 1e7);
		exponent = (r >> 8) % 2047;
		d = 0;
		exponent = exponent << 52 | (r & ((UINT64_C(1) << 52) - 1));
		memcpy(&d, &exponent, sizeof(d));
		check_real(d);
	}
}

#define BYTES(s) (const uint8_t *)(s), sizeof(s) - 1

static void
check_bytes(const uint8_t *p, size_t n, const char *want)
{
	struct jsonw j = start();

	jsonw_bytes(&j, "k", guard(p, n), n);
	assert_string_equal(done(&j) + 4, want);
}

/* The expected texts are what Suricata 8.0.6 wrote for the same bytes. */
static void
test_hostile_bytes(void **state)
{
	(void)state;
	check_bytes(BYTES(""), "\"\"");
	check_bytes(BYTES("plain text, longer than a word"), "\"plain text, longer than a word\"");
	check_bytes(BYTES("\x00\x01"), "\"\\u0000\\u0001\"");
	check_bytes(BYTES("\xe9"), "\"\\\\xe9\"");
	check_bytes(BYTES("\xd2\x00\x02"), "\"\\\\xd2\\u0000\\u0002\"");
	check_bytes(BYTES("B\xc5\xb3" "3\x00"), "\"B\xc5\xb3" "3\\u0000\"");
	check_bytes(BYTES("\b\t\n\f\r\x0b\x1f\x7f"), "\"\\b\\t\\n\\f\\r\\u000b\\u001f\x7f\"");
	check_bytes(BYTES("a\"b\\c/d"), "\"a\\\"b\\\\c/d\"");
	/* eight-byte steps: the odd byte in each place of a word */
	check_bytes(BYTES("1234567\"1234567\\12345678\n"),
	    "\"1234567\\\"1234567\\\\12345678\\n\"");
	/* not UTF-8: overlong, surrogate, cut off, beyond the last character */
	check_bytes(BYTES("\xc0\x80"), "\"\\\\xc0\\\\x80\"");
	check_bytes(BYTES("\xed\xa0\x80"), "\"\\\\xed\\\\xa0\\\\x80\"");
	check_bytes(BYTES("abc\xe2\x82"), "\"abc\\\\xe2\\\\x82\"");
	check_bytes(BYTES("\xf4\x90\x80\x80"), "\"\\\\xf4\\\\x90\\\\x80\\\\x80\"");
	/* one bad byte spells out every high byte of the string, as Suricata does */
	check_bytes(BYTES("\xc5\xb3\xff"), "\"\\\\xc5\\\\xb3\\\\xff\"");
	check_bytes(BYTES("\xf0\x9f\x94\xa5"), "\"\xf0\x9f\x94\xa5\"");
}

/* Every byte in every place of a word gives what the table says. */
static void
test_every_byte(void **state)
{
	(void)state;
	for (unsigned b = 0; b < 256; b++) {
		for (unsigned at = 0; at < 17; at++) {
			uint8_t in[17];
			char want[64] = "{\"k\":\"", one[16];
			struct jsonw j = start();

			memset(in, 'x', sizeof(in));
			in[at] = (uint8_t)b;
			if (b >= 0x80)
				snprintf(one, sizeof(one), "\\\\x%02x", b);
			else if (b == '"' || b == '\\')
				snprintf(one, sizeof(one), "\\%c", b);
			else if (b == 8 || b == 9 || b == 10 || b == 12 || b == 13)
				snprintf(one, sizeof(one), "\\%c", "btn?fr"[b - 8]);
			else if (b < 0x20)
				snprintf(one, sizeof(one), "\\u%04x", b);
			else
				snprintf(one, sizeof(one), "%c", (int)b);
			memset(want + 6, 'x', at);
			strcat(want, one);
			strcat(want, &"xxxxxxxxxxxxxxxx"[at]);
			strcat(want, "\"}");
			jsonw_object(&j, NULL);
			jsonw_bytes(&j, "k", guard(in, sizeof(in)), sizeof(in));
			jsonw_object_end(&j);
			assert_string_equal(done(&j), want);
		}
	}
}

static void
check_time(uint64_t ns, const char *want)
{
	static struct jsonw_clock clock;
	struct jsonw j = start();

	jsonw_time(&j, NULL, ns);
	assert_memory_equal(done(&j) + 1, want, JSONW_TIME_LEN);
	for (int twice = 0; twice < 2; twice++) {
		j = start();
		j.clock = &clock;
		jsonw_time(&j, NULL, ns);
		assert_memory_equal(done(&j) + 1, want, JSONW_TIME_LEN);
	}
}

static void
test_time(void **state)
{
	char want[64], day[32];

	(void)state;
	check_time(0, "1970-01-01T00:00:00.000000+0000");
	check_time(1493388721715496000u, "2017-04-28T14:12:01.715496+0000");
	check_time(951782399999999999u, "2000-02-28T23:59:59.999999+0000");
	check_time(951782400000000000u, "2000-02-29T00:00:00.000000+0000");
	check_time(4107542400000001000u, "2100-03-01T00:00:00.000001+0000");
	check_time(UINT64_MAX, "2554-07-21T23:34:33.709551+0000");
	for (uint64_t s = 0; s < 16000000000u; s += 86399 * 7 + 11) {
		time_t t = (time_t)s;
		struct tm tm;

		/* Of 32 bits it has no such time. */
		if (t < 0 || (uint64_t)t != s)
			break;
		gmtime_r(&t, &tm);
		strftime(day, sizeof(day), "%Y-%m-%dT%H:%M:%S", &tm);
		snprintf(want, sizeof(want), "%s.000123+0000", day);
		check_time(s * 1000000000u + 123456, want);
	}
}

static void
test_arrays(void **state)
{
	struct jsonw j = start();

	(void)state;
	jsonw_array(&j, NULL);
	jsonw_bits(&j, (const uint8_t *)"\x05\x01", 10);
	jsonw_words(&j, (const uint8_t *)"\x00\x00\xff\xff\x00\x0a", 3);
	jsonw_words(&j, NULL, 0);
	jsonw_bits(&j, NULL, 0);
	jsonw_array_end(&j);
	assert_string_equal(done(&j), "[1,0,1,0,0,0,0,0,1,0,0,65535,10]");
}

static void
make(struct jsonw *j)
{
	jsonw_object(j, NULL);
	jsonw_time(j, "t", 1493388721715496000u);
	jsonw_bytes(j, "raw", BYTES("\x01\"\xff"));
	jsonw_bytes(j, "txt", BYTES("long plain text of many words"));
	jsonw_array(j, "a");
	jsonw_bits(j, (const uint8_t *)"\x05\x01", 10);
	jsonw_words(j, (const uint8_t *)"\x00\x00\xff\xff\x00\x0a", 3);
	jsonw_array_end(j);
	jsonw_i64(j, "n", -5);
	jsonw_real(j, "r", 0.25);
	jsonw_bool(j, "b", true);
	jsonw_null(j, "z");
	jsonw_hex(j, "h", BYTES("\x01\x02"));
	jsonw_object_end(j);
}

/* In a buffer of any size: the whole record, or `full`; nothing behind it. */
static void
test_full(void **state)
{
	struct jsonw whole = start();
	size_t n;
	char *copy;

	(void)state;
	make(&whole);
	n = strlen(done(&whole));
	copy = strdup(out);
	for (size_t size = 0; size < n + 64; size++) {
		char *b = malloc(size + 1);
		struct jsonw j = jsonw_on(b, size);

		b[size] = '!';
		make(&j);
		assert_true(j.len <= size);
		assert_int_equal(b[size], '!');
		if (size < n)
			assert_true(j.full);
		if (!j.full) {
			assert_int_equal(j.len, n);
			assert_memory_equal(b, copy, n);
		} else
			assert_true(size < n + 48);
		free(b);
	}
	free(copy);
}

/* All that 16 bits can say, as printf says it. */
static void
arrays_of_small_numbers(void **state)
{
	static uint8_t bytes[2 * 65536];
	static char got[7 * 65536], want[7 * 65536];
	struct jsonw j = jsonw_on(got, sizeof(got));
	size_t n = 0;

	(void)state;
	for (unsigned i = 0; i < 65536; i++) {
		bytes[2 * i] = (uint8_t)(i >> 8);
		bytes[2 * i + 1] = (uint8_t)i;
		n += (size_t)snprintf(want + n, sizeof(want) - n, "%s%u", i > 0 ? "," : "[", i);
	}
	want[n++] = ']';
	jsonw_array(&j, NULL);
	jsonw_words(&j, bytes, 65536);
	jsonw_array_end(&j);
	assert_int_equal(j.len, n);
	assert_memory_equal(got, want, n);
	j = jsonw_on(got, sizeof(got));
	for (unsigned i = 0, at = 0; i < 256; i++)
		at += (unsigned)snprintf(want + at, sizeof(want) - at, "%s%u%s", i > 0 ? "," : "[", i, i == 255 ? "]" : "");
	for (unsigned i = 0; i < 256; i++)
		bytes[i] = (uint8_t)i;
	jsonw_array(&j, NULL);
	jsonw_bytes_as_numbers(&j, bytes, 256);
	jsonw_array_end(&j);
	/* "]" ends what was written last */
	assert_ptr_equal(strchr(want, ']'), want + j.len - 1);
	assert_memory_equal(got, want, j.len);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nesting),
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_reals),
		cmocka_unit_test(what_is_no_real_is_refused),
		cmocka_unit_test(test_singles),
		cmocka_unit_test(test_reals_read_back),
		cmocka_unit_test(test_hostile_bytes),
		cmocka_unit_test(test_every_byte),
		cmocka_unit_test(test_time),
		cmocka_unit_test(test_arrays),
		cmocka_unit_test(test_full),
		cmocka_unit_test(arrays_of_small_numbers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
