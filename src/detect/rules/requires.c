/* requires.c - the word requires: checked before the other words of the rule, which may be those
 * that are unknown. */
#include "detect/rules/parse.h"

#include <string.h>

#include "base/str.h"

/* Rules are read as this release of Suricata reads them. */
static const uint64_t level[3] = { 8, 0, 6 };

static bool
version_of(struct slice s, uint64_t v[3])
{
	struct slice part;

	v[0] = v[1] = v[2] = 0;
	for (unsigned i = 0; i < 3 && s.p != NULL; i++)
		if (!slice_part(&s, '.', &part) || !slice_u64(part, &v[i]))
			return false;
	return s.p == NULL;
}

static int
against(const uint64_t v[3])
{
	for (unsigned i = 0; i < 3; i++)
		if (level[i] != v[i])
			return level[i] < v[i] ? -1 : 1;
	return 0;
}

/* ">= 7.0.3 < 8": all of them.  False: not met; *wrong: it is none. */
static bool
all_hold(struct slice s, bool *wrong)
{
	static const char *const signs[] = { ">=", "<=", ">", "<" };
	bool met = true;

	for (s = slice_trim(s); s.n > 0; s = slice_trim(s)) {
		struct slice number;
		uint64_t v[3];
		size_t i;
		int d;

		for (i = 0; i < COUNTOF(signs) && !slice_begins(s, signs[i]); i++)
			;
		if (i == COUNTOF(signs)) {
			*wrong = true;
			return false;
		}
		s = slice_trim((struct slice){ s.p + strlen(signs[i]), s.n - strlen(signs[i]) });
		for (number = s, number.n = 0; number.n < s.n && strchr("0123456789.", s.p[number.n]) != NULL; number.n++)
			;
		s = (struct slice){ s.p + number.n, s.n - number.n };
		if (!version_of(number, v)) {
			*wrong = true;
			return false;
		}
		d = against(v);
		met &= i == 0 ? d >= 0 : i == 1 ? d <= 0 : i == 2 ? d > 0 : d < 0;
	}
	return met;
}

static bool
version_met(struct slice v, bool *wrong)
{
	struct slice one;
	bool met = false;

	*wrong = v.n == 0;
	while (slice_part(&v, '|', &one))
		met |= all_hold(one, wrong);
	return met;
}

static bool
has_feature(struct slice name)
{
#ifdef HAVE_MAXMINDDB
	if (slice_is(name, "geoip"))
		return true;
#endif
	return slice_is(name, "true");
}

bool
requires_met(struct parser *P, struct slice v)
{
	struct slice part, what, word;

	while (slice_part(&v, ',', &part)) {
		bool met = false, wrong = false;

		(void)slice_word(&part, &what);
		word = slice_trim(part);
		if (slice_is(what, "version"))
			met = version_met(word, &wrong);
		else if (slice_is(what, "keyword"))
			met = rule_word_find(word.p, word.n) != RULE_WORD_COUNT;
		else if (slice_is(what, "feature"))
			met = has_feature(word);
		else
			wrong = true;
		if (wrong) {
			parse_complain(P, what.p, "requires is %s, not '%.*s %.*s'", rule_word_row(RW_REQUIRES)->syntax, SLICE(what), SLICE(word));
			return false;
		}
		if (!met) {
			parse_skip(P, what.p, "left out: the rule requires %.*s %.*s, which is not here", SLICE(what), SLICE(word));
			return false;
		}
	}
	return true;
}
