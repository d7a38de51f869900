#include "output/jsonw.h"

#include <math.h>
#include <string.h>

#include "base/digits.h"
#include "base/real.h"
#include "base/str.h"

static const char hex_digits[] = "0123456789abcdef";

/* What RFC 8259, 7 wants before or instead of a byte: 0 as it is, 'u' a \u00XX,
 * else the letter after the backslash.  DEL is as it is, as in Suricata. */
static const char escapes[256] = {
	[0x00] = 'u', 'u', 'u', 'u', 'u', 'u', 'u', 'u', 'b', 't', 'n', 'u', 'f', 'r', 'u', 'u',
	[0x10] = 'u', 'u', 'u', 'u', 'u', 'u', 'u', 'u', 'u', 'u', 'u', 'u', 'u', 'u', 'u', 'u',
	['"'] = '"', ['\\'] = '\\',
};

struct jsonw
jsonw_on(char *buf, size_t size)
{
	return (struct jsonw){ .buf = buf, .size = size };
}

/* Where n more bytes can go; NULL once anything did not fit. */
static inline char *
space(struct jsonw *j, size_t n)
{
	if (j->full || n > j->size - j->len) {
		j->full = true;
		return NULL;
	}
	return j->buf + j->len;
}

void
jsonw_i64(struct jsonw *j, const char *key, int64_t v)
{
	char *p = jsonw_member(j, key, 21);

	if (p == NULL)
		return;
	if (v < 0)
		*p++ = '-';
	jsonw_took(j, digits_u64(p, v < 0 ? 0 - (uint64_t)v : (uint64_t)v));
}

/* ---- reals ---------------------------------------------------------- */

void
jsonw_real(struct jsonw *j, const char *key, double v)
{
	char *p;

	if (!isfinite(v)) {
		jsonw_null(j, key);
		return;
	}
	p = jsonw_member(j, key, REAL_TEXT_MAX);
	if (p != NULL)
		jsonw_took(j, real_print(p, v));
}

void
jsonw_single(struct jsonw *j, const char *key, float v)
{
	char *p;

	if (!isfinite(v)) {
		jsonw_null(j, key);
		return;
	}
	p = jsonw_member(j, key, REAL_TEXT_MAX);
	if (p != NULL)
		jsonw_took(j, real_print_single(p, v));
}

void
jsonw_null(struct jsonw *j, const char *key)
{
	char *p = jsonw_member(j, key, 4);

	if (p == NULL)
		return;
	memcpy(p, "null", 4);
	jsonw_took(j, p + 4);
}

/* One escaped byte; at most 6 characters. */
static inline char *
escape(char *p, uint8_t b, char how)
{
	*p++ = '\\';
	*p++ = how;
	if (how == 'u') {
		*p++ = '0';
		*p++ = '0';
		*p++ = hex_digits[b >> 4];
		*p++ = hex_digits[b & 15];
	}
	return p;
}

/* Every byte of a string, escaped where it must be; up to 6 characters for 1. */
static char *
escaped(char *p, const uint8_t *s, size_t n, bool raw_high)
{
	for (size_t i = 0; i < n; i++) {
		uint8_t b = s[i];
		char how = escapes[b];

		if (how == 0 && (b < 0x80 || raw_high))
			*p++ = (char)b;
		else if (how != 0)
			p = escape(p, b, how);
		else {
			/* "\xNN" as text: JSON wants the backslash doubled. */
			*p++ = '\\';
			*p++ = '\\';
			*p++ = 'x';
			*p++ = hex_digits[b >> 4];
			*p++ = hex_digits[b & 15];
		}
	}
	return p;
}

/* Does any of eight bytes need more than copying?  True at times where it does
 * not; never false where it does. */
static inline bool
special8(uint64_t w)
{
	const uint64_t ones = 0x0101010101010101u, high = 0x8080808080808080u;
	uint64_t quote = w ^ ones * '"', slash = w ^ ones * '\\';

	return ((w | (w - ones * 0x20) | (quote - ones) | (slash - ones)) & high) != 0;
}

/* May all of s be copied as it is?  False at times where it may.  What is shorter than a
 * word, and the end of what is longer, is looked at in overlapping parts. */
static inline bool
all_plain(const uint8_t *s, size_t n)
{
	uint64_t w = 0x2020202020202020u;
	uint32_t first, last;
	size_t i = 0;

	if (n >= 8) {
		for (; i + 8 < n; i += 8) {
			memcpy(&w, s + i, 8);
			if (special8(w))
				return false;
		}
		memcpy(&w, s + n - 8, 8);
	} else if (n >= 4) {
		memcpy(&first, s, 4);
		memcpy(&last, s + n - 4, 4);
		w = (uint64_t)first << 32 | last;
	} else
		for (; i < n; i++)
			w = w << 8 | s[i];
	return !special8(w);
}

/* Length of the run at the start of s that can be copied as it is. */
static inline size_t
plain_run(const uint8_t *s, size_t n)
{
	size_t i = 0;

	if (all_plain(s, n))
		return n;
	for (; i + 8 <= n; i += 8) {
		uint64_t w;

		memcpy(&w, s + i, 8);
		if (special8(w))
			break;
	}
	while (i < n && escapes[s[i]] == 0 && s[i] < 0x80)
		i++;
	return i;
}

static size_t
escaped_len(const uint8_t *s, size_t n, bool raw_high)
{
	size_t len = 0;

	for (size_t i = 0; i < n; i++) {
		char how = escapes[s[i]];

		len += how == 'u' ? 6 : how != 0 ? 2 : s[i] >= 0x80 && !raw_high ? 5 : 1;
	}
	return len;
}

void
jsonw_string(struct jsonw *j, const uint8_t *s, size_t n)
{
	size_t plain = plain_run(s, n), rest = n - plain, need;
	bool raw_high = true;
	uint8_t high = 0;
	char *p;

	if (rest > 0) {
		for (size_t i = plain; i < n; i++)
			high |= s[i];
		raw_high = high < 0x80 || utf8_valid(s + plain, rest);
	}
	/* Space is requested for the worst case first, exactly only when that fails:
	 * a record that fits must not be lost to a guess. */
	need = rest <= SIZE_MAX / 8 ? plain + 6 * rest + 2 : SIZE_MAX / 2;
	if (need > j->size - j->len && rest > 0)
		need = plain + escaped_len(s + plain, rest, raw_high) + 2;
	p = space(j, need);
	if (p == NULL)
		return;
	*p++ = '"';
	if (plain > 0)
		memcpy(p, s, plain);
	p += plain;
	if (rest > 0)
		p = escaped(p, s + plain, rest, raw_high);
	*p++ = '"';
	jsonw_took(j, p);
}

void
jsonw_hex(struct jsonw *j, const char *key, const uint8_t *s, size_t n)
{
	char *p = jsonw_member(j, key, n <= SIZE_MAX / 4 ? 2 * n + 2 : SIZE_MAX / 2);

	if (p == NULL)
		return;
	*p++ = '"';
	for (size_t i = 0; i < n; i++) {
		*p++ = hex_digits[s[i] >> 4];
		*p++ = hex_digits[s[i] & 15];
	}
	*p++ = '"';
	jsonw_took(j, p);
}

/* Year, month and day of a day number since 1970-01-01: the Gregorian calendar
 * in eras of 400 years that begin on 1 March, so that the leap day comes last. */
static void
civil(uint64_t days, uint64_t *year, unsigned *month, unsigned *day)
{
	uint64_t z = days + 719468, era = z / 146097;
	unsigned doe = (unsigned)(z % 146097);
	unsigned yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	unsigned doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	unsigned mp = (5 * doy + 2) / 153;

	*day = doy - (153 * mp + 2) / 5 + 1;
	*month = mp < 10 ? mp + 3 : mp - 9;
	*year = yoe + era * 400 + (*month <= 2);
}

void
jsonw_second(char to[20], uint64_t second)
{
	uint64_t year;
	unsigned month, day, in_day = (unsigned)(second % 86400);

	civil(second / 86400, &year, &month, &day);
	digits_two(to, (unsigned)(year / 100));
	digits_two(to + 2, (unsigned)(year % 100));
	to[4] = '-';
	digits_two(to + 5, month);
	to[7] = '-';
	digits_two(to + 8, day);
	to[10] = 'T';
	digits_two(to + 11, in_day / 3600);
	to[13] = ':';
	digits_two(to + 14, in_day / 60 % 60);
	to[16] = ':';
	digits_two(to + 17, in_day % 60);
	to[19] = '.';
}

/* Microseconds, zone and quote behind the second. */
static inline char *
put_us(char *p, unsigned us)
{
	digits_two(p, us / 10000);
	digits_two(p + 2, us / 100 % 100);
	digits_two(p + 4, us % 100);
	memcpy(p + 6, "+0000\"", 6);
	return p + 12;
}

void
jsonw_time(struct jsonw *j, const char *key, uint64_t ts_ns)
{
	uint64_t second = ts_ns / 1000000000u;
	unsigned us = (unsigned)(ts_ns % 1000000000u) / 1000;
	char *p = jsonw_member(j, key, JSONW_TIME_LEN + 2);

	if (p == NULL)
		return;
	*p++ = '"';
	if (j->clock == NULL)
		jsonw_second(p, second);
	else {
		if (!j->clock->valid || j->clock->second != second) {
			jsonw_second(j->clock->text, second);
			j->clock->second = second;
			j->clock->valid = true;
		}
		memcpy(p, j->clock->text, 20);
	}
	jsonw_took(j, put_us(p + 20, us));
}

void
jsonw_time_ms(struct jsonw *j, const char *key, uint64_t ms)
{
	const uint64_t year_10000 = 253402300800u;
	char *p;

	if (ms / 1000 >= year_10000) {
		jsonw_u64_text(j, key, ms);
		return;
	}
	p = jsonw_member(j, key, JSONW_TIME_LEN + 2);
	if (p == NULL)
		return;
	*p++ = '"';
	jsonw_second(p, ms / 1000);
	jsonw_took(j, put_us(p + 20, (unsigned)(ms % 1000) * 1000));
}

void
jsonw_u64_text(struct jsonw *j, const char *key, uint64_t v)
{
	char *p = jsonw_member(j, key, 22);

	if (p == NULL)
		return;
	*p++ = '"';
	p = digits_u64(p, v);
	*p++ = '"';
	jsonw_took(j, p);
}

void
jsonw_members(struct jsonw *j, const char *text, size_t n)
{
	char *p = jsonw_member(j, NULL, n);

	if (p == NULL)
		return;
	memcpy(p, text, n);
	jsonw_took(j, p + n);
}

void
jsonw_bits(struct jsonw *j, const uint8_t *s, uint32_t n)
{
	char *p = n > 0 ? space(j, 2 * (size_t)n + 1) : NULL;

	if (p == NULL)
		return;
	if (j->comma)
		*p++ = ',';
	for (uint32_t i = 0; i < n; i++) {
		*p++ = (char)('0' + (s[i / 8] >> (i % 8) & 1));
		*p++ = ',';
	}
	jsonw_took(j, p - 1);
	j->comma = true;
}

/* Digits of a number below 65,536, of which arrays are full. */
static inline char *
small(char *p, uint32_t v)
{
	uint32_t high = v / 100, low = v % 100;

	if (high >= 100)
		*p++ = (char)('0' + high / 100);
	if (high >= 10)
		*p++ = (char)('0' + high / 10 % 10);
	if (high > 0)
		*p++ = (char)('0' + high % 10);
	if (v >= 10)
		*p++ = (char)('0' + low / 10);
	*p++ = (char)('0' + low % 10);
	return p;
}

void
jsonw_bytes_as_numbers(struct jsonw *j, const uint8_t *s, uint32_t n)
{
	char *p = n > 0 ? space(j, 4 * (size_t)n + 1) : NULL;

	if (p == NULL)
		return;
	if (j->comma)
		*p++ = ',';
	for (uint32_t i = 0; i < n; i++) {
		p = small(p, s[i]);
		*p++ = ',';
	}
	jsonw_took(j, p - 1);
	j->comma = true;
}

void
jsonw_words(struct jsonw *j, const uint8_t *s, uint32_t n)
{
	char *p = n > 0 ? space(j, 6 * (size_t)n + 1) : NULL;

	if (p == NULL)
		return;
	if (j->comma)
		*p++ = ',';
	for (uint32_t i = 0; i < n; i++) {
		p = small(p, (uint32_t)s[2 * i] << 8 | s[2 * i + 1]);
		*p++ = ',';
	}
	jsonw_took(j, p - 1);
	j->comma = true;
}
