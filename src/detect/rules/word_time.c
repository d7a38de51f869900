/* word_time.c - ot.time: windows of the week. */
#include "detect/rules/parse.h"

#include <string.h>

#include "base/str.h"

#define DAY_MIN 1440
#define WINDOWS_MAX 64u

static const char *const days[] = { "mon", "tue", "wed", "thu", "fri", "sat", "sun" };

static unsigned
day_of(struct slice s)
{
	unsigned i;

	/* "monday" too */
	for (i = 0; i < 7 && !(s.n >= 3 && slice_is_nocase((struct slice){ s.p, 3 }, days[i])); i++)
		;
	return i;
}

static bool
take_days(struct parser *P, struct slice s, uint8_t *mask)
{
	const char *dash = memchr(s.p, '-', s.n);
	struct slice first = { s.p, dash != NULL ? (size_t)(dash - s.p) : s.n };
	struct slice last = dash != NULL ? (struct slice){ dash + 1, (size_t)(s.p + s.n - dash - 1) } : first;
	unsigned a = day_of(first), b = day_of(last);

	if (a == 7 || b == 7) {
		parse_complain(P, s.p, "'%.*s' is no day or range of days: mon, tue, wed, thu, fri, sat, sun, mon-fri", SLICE(s));
		return false;
	}
	for (*mask = 0;; a = (a + 1) % 7) {
		*mask = (uint8_t)(*mask | 1u << a);
		if (a == b)
			return true;
	}
}

static bool
take_clock(struct slice s, uint16_t *minutes)
{
	const char *colon = s.n >= 4 && s.n <= 5 ? memchr(s.p, ':', s.n) : NULL;
	uint64_t h, m;
	size_t digits;

	if (colon == NULL || s.p + s.n - colon != 3)
		return false;
	digits = (size_t)(colon - s.p);
	if (digits == 2 && s.p[0] == '0') {	/* 06:00 */
		s.p++;
		digits--;
	}
	if (!slice_u64((struct slice){ s.p, digits }, &h))
		return false;
	if (colon[1] < '0' || colon[1] > '5' || colon[2] < '0' || colon[2] > '9')
		return false;
	m = (uint64_t)(colon[1] - '0') * 10 + (uint64_t)(colon[2] - '0');
	if (h > 24 || (h == 24 && m > 0))
		return false;
	*minutes = (uint16_t)(h * 60 + m);
	return true;
}

static bool
take_window(struct parser *P, struct slice part, struct rule_window *w)
{
	struct slice rest = part, first, clock = part;
	const char *dash;

	*w = (struct rule_window){ .days = 0x7f, .from = 0, .to = DAY_MIN };
	(void)slice_word(&rest, &first);
	rest = slice_trim(rest);
	if (first.n > 0 && (first.p[0] < '0' || first.p[0] > '9')) {
		if (!take_days(P, first, &w->days))
			return false;
		if (rest.n == 0)
			return true;	/* all day */
		clock = rest;
	}
	dash = memchr(clock.p, '-', clock.n);
	if (dash == NULL || !take_clock(slice_trim((struct slice){ clock.p, (size_t)(dash - clock.p) }), &w->from) ||
	    !take_clock(slice_trim((struct slice){ dash + 1, (size_t)(clock.p + clock.n - dash - 1) }), &w->to) ||
	    w->from == DAY_MIN || w->from == w->to) {
		parse_complain(P, clock.p, "'%.*s' is no time of the day: 06:00-18:00, or 22:00-06:00 over midnight", SLICE(clock));
		return false;
	}
	return true;
}

bool
read_time(struct parser *P, struct rule_opt *o, struct slice v)
{
	struct rule_time *t = &o->time;
	struct rule_window of[WINDOWS_MAX];
	struct slice part;

	v = parse_unquoted(v);
	*t = (struct rule_time){ .text = rule_text(P->mem, v.p, v.n) };
	if (v.n > 0 && v.p[0] == '!') {
		t->negated = true;
		v = slice_trim((struct slice){ v.p + 1, v.n - 1 });
	}
	while (slice_part(&v, ',', &part)) {
		if (t->n == WINDOWS_MAX) {
			parse_complain(P, part.p, "at most %u windows", WINDOWS_MAX);
			return false;
		}
		if (part.n == 0) {
			parse_complain(P, part.p, "a window is missing");
			return false;
		}
		if (!take_window(P, part, &of[t->n]))
			return false;
		t->n++;
	}
	t->of = rule_copy(P->mem, of, t->n * sizeof(of[0]));
	return t->of != NULL;
}

bool
rule_time_is(const struct rule_time *t, int64_t local_s)
{
	int64_t minutes = local_s >= 0 ? local_s / 60 : 0;
	unsigned at = (unsigned)(minutes % DAY_MIN), day = (unsigned)((minutes / DAY_MIN + 3) % 7);	/* 1970 began on a Thursday */
	unsigned before = (day + 6) % 7;
	bool is = false;

	for (uint32_t i = 0; i < t->n && !is; i++) {
		const struct rule_window *w = &t->of[i];

		if (w->from < w->to)
			is = (w->days >> day & 1u) != 0 && at >= w->from && at < w->to;
		else
			is = ((w->days >> day & 1u) != 0 && at >= w->from) || ((w->days >> before & 1u) != 0 && at < w->to);
	}
	return is != t->negated;
}
