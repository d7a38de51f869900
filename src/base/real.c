/* real.c - Raffaello Giulietti's way, "The Schubfach way to render doubles" (2021):
 * the ends of the interval of all numbers that read back as v are scaled by one
 * power of ten, so chosen that one or two integers lie between them.  No loop, no
 * division but those that take zeros off, and the same for each exponent. */
#include "base/real.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/digits.h"
#include "base/powers.h"
#include "base/wide.h"

/* Decimal digits and the power of ten that they are to be multiplied by. */
struct decimal {
	uint64_t	digits;
	int		exponent;
};

/* Floors of log10(2^e), log10(3/4 2^e) and log2(10^e); exact for the exponents of doubles. */
static int log10_of_2(int e) { return (int)((int64_t)e * 661971961083 >> 41); }
static int log10_of_34(int e) { return (int)(((int64_t)e * 661971961083 - 274743187321) >> 41); }
static int log2_of_10(int e) { return (int)((int64_t)e * 913124641741 >> 38); }

/* c times a power, without the lower half of the bits; the lowest bit that stays
 * shows whether any was lost (to odd). */
static uint64_t
scaled(const uint64_t power[2], uint64_t c)
{
	const struct wide high = wide_mul(power[0], c);
	uint64_t z = (high.low >> 1) + wide_mul(power[1], c).high, w = high.high + (z >> 63);
	const uint64_t mask = UINT64_MAX >> 1;

	return w | ((z & mask) + mask) >> 63;
}

/* v is c times 2^q.  `even_gap`: its neighbour below is as far away as that above. */
static struct decimal
shortest(uint64_t c, int q, bool even_gap)
{
	uint64_t odd = c & 1, mid = c << 2, s, t, v, v_low, v_high;
	int k = even_gap ? log10_of_2(q) : log10_of_34(q);
	int h = q + log2_of_10(-k) + 2;
	const uint64_t *power = powers[-k - POWER_MIN];
	bool low_in, high_in;

	v = scaled(power, mid << h);
	v_low = scaled(power, (mid - (even_gap ? 2 : 1)) << h);
	v_high = scaled(power, (mid + 2) << h);
	s = v >> 2;
	if (s >= 10) {
		/* One digit less, if that is still in the interval. */
		uint64_t s10 = s / 10 * 10, t10 = s10 + 10;

		low_in = v_low + odd <= s10 << 2;
		high_in = (t10 << 2) + odd <= v_high;
		if (low_in != high_in)
			return (struct decimal){ low_in ? s10 : t10, k };
	}
	t = s + 1;
	low_in = v_low + odd <= s << 2;
	high_in = (t << 2) + odd <= v_high;
	if (low_in != high_in)
		return (struct decimal){ low_in ? s : t, k };
	/* Both or none: the nearer one, of two equally near the even one. */
	if (v != (s + t) << 1)
		return (struct decimal){ v < (s + t) << 1 ? s : t, k };
	return (struct decimal){ (s & 1) == 0 ? s : t, k };
}

/* 12345, 12.345, 0.0012345 or 1.2345e+20. */
static char *
print(char *p, struct decimal d)
{
	char text[24];
	int n, point;

	while (d.digits % 10 == 0) {
		d.digits /= 10;
		d.exponent++;
	}
	n = (int)(digits_u64(text, d.digits) - text);
	point = n + d.exponent;		/* where it stands, counted from the first digit */
	if (point > 17 || point < -3) {
		unsigned e = point > 0 ? (unsigned)(point - 1) : (unsigned)(1 - point);

		*p++ = text[0];
		if (n > 1) {
			*p++ = '.';
			memcpy(p, text + 1, (size_t)n - 1);
			p += n - 1;
		}
		*p++ = 'e';
		*p++ = point > 0 ? '+' : '-';
		if (e < 10)
			*p++ = '0';
		return digits_u64(p, e);
	}
	if (point <= 0) {
		memcpy(p, "0.000", 5);
		p += 2 - point;
		memcpy(p, text, (size_t)n);
		return p + n;
	}
	if (point >= n) {
		memcpy(p, text, (size_t)n);
		memset(p + n, '0', (size_t)(point - n));
		return p + point;
	}
	memcpy(p, text, (size_t)point);
	p[point] = '.';
	memcpy(p + point + 1, text + point, (size_t)(n - point));
	return p + n + 1;
}

char *
real_print(char *p, double v)
{
	const uint64_t one = UINT64_C(1) << 52;
	uint64_t bits, c;
	int e;

	memcpy(&bits, &v, sizeof(bits));
	if (bits >> 63 != 0)
		*p++ = '-';
	c = bits & (one - 1);
	e = (int)(bits >> 52 & 2047);
	if (e == 0 && c == 0) {
		*p++ = '0';
		return p;
	}
	/* Below the smallest normal number all are equally far apart. */
	return print(p, e == 0 ? shortest(c, -1074, true) :
	    shortest(c | one, e - 1075, c != 0 || e == 1));
}

char *
real_print_single(char *p, float v)
{
	const uint32_t one = UINT32_C(1) << 23;
	uint32_t bits, c;
	int e;

	memcpy(&bits, &v, sizeof(bits));
	if (bits >> 31 != 0)
		*p++ = '-';
	c = bits & (one - 1);
	e = (int)(bits >> 23 & 255);
	if (e == 0 && c == 0) {
		*p++ = '0';
		return p;
	}
	return print(p, e == 0 ? shortest(c, -149, true) :
	    shortest(c | one, e - 150, c != 0 || e == 1));
}

static size_t
digits_at(const char *p, size_t n)
{
	size_t i = 0;

	while (i < n && p[i] >= '0' && p[i] <= '9')
		i++;
	return i;
}

bool
real_read(const char *p, size_t n, double *to)
{
	char text[REAL_TEXT_MAX + 1];
	size_t at = n > 0 && p[0] == '-', some = digits_at(p + at, n - at);

	if (n > REAL_TEXT_MAX || some == 0)
		return false;
	at += some;
	if (at < n && p[at] == '.') {
		some = digits_at(p + at + 1, n - at - 1);
		if (some == 0)
			return false;
		at += 1 + some;
	}
	if (at < n && p[at] == 'e') {
		at += 1 + (at + 1 < n && (p[at + 1] == '-' || p[at + 1] == '+'));
		some = digits_at(p + at, n - at);
		if (some == 0)
			return false;
		at += some;
	}
	if (at != n)
		return false;
	memcpy(text, p, n);
	text[n] = '\0';
	*to = strtod(text, NULL);
	return isfinite(*to);
}
