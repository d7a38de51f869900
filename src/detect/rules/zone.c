#include "detect/rules/zone.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DAY 86400

#define FOLDER "/usr/share/zoneinfo/"

/* ---- calendar ---- */

static bool
is_leap(int64_t y)
{
	return (y % 4 == 0 && y % 100 != 0) || y % 400 == 0;
}

/* Days from 1970 to the first of January of a year. */
static int64_t
year_begin(int64_t y)
{
	y--;
	return y * 365 + y / 4 - y / 100 + y / 400 - 719162;
}

static int64_t
year_of(int64_t days)
{
	int64_t y = 1970 + days / 366;

	while (year_begin(y + 1) <= days)
		y++;
	while (year_begin(y) > days)
		y--;
	return y;
}

/* Days from the first of January to the first of a month, 1-12. */
static int
month_begin(unsigned month, bool leap)
{
	static const uint16_t before[] = { 0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334 };

	return before[month - 1] + (leap && month > 2);
}

static unsigned
month_days(unsigned month, bool leap)
{
	static const uint8_t days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };

	return days[month - 1] + (leap && month == 2);
}

/* When the change of this year is, in the local time that ends. */
static int64_t
change_in(const struct zone_change *c, int64_t year)
{
	bool leap = is_leap(year);
	int64_t day = year_begin(year);
	unsigned first, n;

	if (c->month == 0) {
		n = c->day;
		if (!c->leap_counts)
			n = n - 1 + (leap && n > 59);
		return (day + n) * DAY + c->at_s;
	}
	day += month_begin(c->month, leap);
	first = (unsigned)((day + 4) % 7);	/* 1 January 1970 was a Thursday */
	n = (c->day + 7u - first) % 7u + 7u * (c->week - 1u);
	while (n >= month_days(c->month, leap))
		n -= 7;
	return (day + n) * DAY + c->at_s;
}

int64_t
zone_local(const struct time_zone *z, int64_t utc_s)
{
	int64_t local = utc_s + z->offset_s, year, begin, end;
	bool summer;

	if (!z->has_summer || local < 0)
		return local;
	year = year_of(local / DAY);
	begin = change_in(&z->begin, year) - z->offset_s;
	end = change_in(&z->end, year) - z->summer_s;
	summer = begin < end ? utc_s >= begin && utc_s < end : utc_s >= begin || utc_s < end;
	return utc_s + (summer ? z->summer_s : z->offset_s);
}

/* ---- as POSIX writes it ---- */

/* hh[:mm[:ss]] with a sign. */
static bool
take_time(const char **p, int32_t most_h, int32_t *out)
{
	int32_t sign = 1, v[3] = { 0 };
	char *end;

	if (**p == '+' || **p == '-')
		sign = *(*p)++ == '-' ? -1 : 1;
	for (unsigned i = 0; i < 3; i++) {
		if (!isdigit((unsigned char)**p))
			return false;
		v[i] = (int32_t)strtol(*p, &end, 10);
		if (end - *p > 3 || v[i] > (i == 0 ? most_h : 59))
			return false;
		*p = end;
		if (**p != ':')
			break;
		++*p;
	}
	*out = sign * (v[0] * 3600 + v[1] * 60 + v[2]);
	return true;
}

/* CET, <+03> */
static bool
take_name(const char **p)
{
	const char *from = *p;

	if (**p == '<') {
		*p += strcspn(*p, ">");
		return *(*p)++ == '>' && *p - from > 3;
	}
	while (isalpha((unsigned char)**p))
		++*p;
	return *p - from >= 3;
}

static bool
take_change(const char **p, struct zone_change *c)
{
	char *end;
	unsigned long a, b = 0, d = 0;

	*c = (struct zone_change){ .at_s = 7200 };
	if (*(*p)++ != ',')
		return false;
	if (**p == 'M') {
		a = strtoul(*p + 1, &end, 10);
		if (*end == '.')
			b = strtoul(end + 1, &end, 10);
		if (*end == '.')
			d = strtoul(end + 1, &end, 10);
		if (a < 1 || a > 12 || b < 1 || b > 5 || d > 6)
			return false;
		c->month = (uint8_t)a;
		c->week = (uint8_t)b;
	} else {
		c->leap_counts = **p != 'J';
		d = strtoul(*p + (**p == 'J'), &end, 10);
		if (d > 365 || (!c->leap_counts && d < 1))
			return false;
	}
	c->day = (uint16_t)d;
	*p = end;
	if (**p != '/')
		return true;
	++*p;
	return take_time(p, 167, &c->at_s);
}

static bool
posix(struct time_zone *z, const char *p)
{
	int32_t west;

	*z = (struct time_zone){ 0 };
	if (!take_name(&p) || !take_time(&p, 24, &west))
		return false;
	z->offset_s = -west;
	if (*p == '\0')
		return true;
	if (!take_name(&p))
		return false;
	z->has_summer = true;
	z->summer_s = z->offset_s + 3600;
	if (*p != ',' && *p != '\0') {
		if (!take_time(&p, 24, &west))
			return false;
		z->summer_s = -west;
	}
	return take_change(&p, &z->begin) && take_change(&p, &z->end) && *p == '\0';
}

/* The last line of a file of the zone database says what holds from its last change on
 * (RFC 8536, 3.3). */
static bool
from_file(struct time_zone *z, const char *name)
{
	char path[256], text[4096];
	size_t n;
	FILE *f;
	char *line;
	int len = snprintf(path, sizeof(path), FOLDER "%s", name);

	if (len < 0 || (size_t)len >= sizeof(path) || strstr(name, "..") != NULL || name[0] == '/' || name[0] == '\0')
		return false;
	f = fopen(path, "re");
	if (f == NULL)
		return false;
	if (fseek(f, 0, SEEK_END) != 0 || ftell(f) < 44 || fseek(f, ftell(f) > 256 ? -256 : 0, ftell(f) > 256 ? SEEK_END : SEEK_SET) != 0) {
		(void)fclose(f);
		return false;
	}
	n = fread(text, 1, sizeof(text) - 1, f);
	(void)fclose(f);
	if (n < 2 || text[n - 1] != '\n')
		return false;
	text[n - 1] = '\0';
	for (line = text + n - 1; line > text && line[-1] != '\n'; line--)
		;
	return line > text && posix(z, line);
}

bool
zone_parse(struct time_zone *z, const char *text)
{
	const char *p = text;
	int32_t east;

	*z = (struct time_zone){ 0 };
	if (text[0] == '\0' || strcmp(text, "UTC") == 0 || strcmp(text, "Z") == 0)
		return true;
	if (text[0] == '+' || text[0] == '-') {
		if (!take_time(&p, 14, &east) || *p != '\0')
			return false;
		z->offset_s = east;
		return true;
	}
	return posix(z, text) || from_file(z, text);
}
