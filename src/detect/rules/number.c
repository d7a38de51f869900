/* number.c - "=5", "<3", "1<>10", "&0xc0=0x80", lists and sets of them. */
#include "detect/rules/parse.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define NUMBERS_MAX 4096u

struct reading {
	struct parser	*P;
	unsigned	 how;
	int64_t		 max;
	number_word	 word;
	void		*arg;
	struct rule_range *of;
	uint32_t	 n, capacity;
};

/* One number with what it may carry: a sign, a fraction, a unit, a name. */
static bool
one(struct reading *x, struct slice v, double *real, int64_t *whole, bool *fraction)
{
	char text[64], *end;
	uint64_t u;

	*fraction = false;
	if ((x->how & NUMBER_X) && v.n > 1 && (v.p[0] == 'x' || v.p[0] == 'X')) {
		char hex[8] = "0";

		if (v.n < sizeof(hex) - 1) {
			memcpy(hex + 1, v.p, v.n);
			if (slice_u64((struct slice){ hex, v.n + 1 }, &u) && (int64_t)u <= x->max) {
				*whole = (int64_t)u;
				*real = (double)u;
				return true;
			}
		}
	}
	if (slice_u64(v, &u) && !(x->how & NUMBER_TIME)) {
		if (u > INT64_MAX || (int64_t)u > x->max) {
			parse_complain(x->P, v.p, "%.*s is too large; at most %lld", SLICE(v), (long long)x->max);
			return false;
		}
		*whole = (int64_t)u;
		*real = (double)u;
		return true;
	}
	if ((x->how & (NUMBER_REAL | NUMBER_TIME)) && v.n > 0 && v.n < sizeof(text) &&
	    strspn(v.p, "+-.0123456789eE") > 0) {
		double unit = 1;

		memcpy(text, v.p, v.n);
		text[v.n] = '\0';
		if (strpbrk(text, "xXnNpPiI") == NULL) {
			double d = strtod(text, &end);

			if (x->how & NUMBER_TIME) {
				unit = strcmp(end, "us") == 0 ? 1e3 : strcmp(end, "s") == 0 ? 1e9 :
				    strcmp(end, "ms") == 0 || *end == '\0' ? 1e6 : 0;
			} else if (*end != '\0')
				unit = 0;
			if (end != text && unit > 0 && isfinite(d) && fabs(d * unit) < 9.2e18) {
				*real = d * unit;
				*whole = (int64_t)*real;
				*fraction = (double)*whole != *real;
				return true;
			}
			if (end != text && unit > 0) {
				parse_complain(x->P, v.p, "%.*s is too large; at most 9.2e18", SLICE(v));
				return false;
			}
		}
	}
	if (x->word != NULL && v.n > 0 && (v.p[0] < '0' || v.p[0] > '9')) {
		if (!x->word(x->P, x->arg, v, whole))
			return false;
		*real = (double)*whole;
		return true;
	}
	parse_complain(x->P, v.p, v.n == 0 ? "a number is missing%.*s" : "'%.*s' is not a number", SLICE(v));
	return false;
}

static struct rule_range
open_range(void)
{
	return (struct rule_range){ .test = TEST_RANGE, .lo = INT64_MIN, .hi = INT64_MAX,
	    .rlo = -INFINITY, .rhi = INFINITY };
}

/* The upper bound of r; `outside`: the bound itself is not in. */
static bool
bound(struct reading *x, struct rule_range *r, struct slice v, bool upper, bool outside)
{
	double d;
	int64_t i;
	bool fraction;

	if (!one(x, v, &d, &i, &fraction))
		return false;
	r->real |= fraction;
	if (upper) {
		r->rhi = d;
		r->hi_open = outside;
		r->hi = fraction ? (int64_t)floor(d) : outside ? i - 1 : i;
	} else {
		r->rlo = d;
		r->lo_open = outside;
		r->lo = fraction ? (int64_t)ceil(d) : outside ? i + 1 : i;
	}
	return true;
}

/* The position of the sign of a range within v: "<>", "<=>", or a '-' between digits. */
static bool
split_range(const struct reading *x, struct slice v, struct slice *lo, struct slice *hi, bool *outside)
{
	size_t at = 0, len = 0;

	for (size_t i = 1; i + 1 < v.n && len == 0; i++) {
		if (v.p[i] == '<' && v.p[i + 1] == '>') {
			at = i, len = 2;
			*outside = true;
		} else if (v.p[i] == '<' && i + 2 < v.n && v.p[i + 1] == '=' && v.p[i + 2] == '>') {
			at = i, len = 3;
			*outside = false;
		}
	}
	for (size_t i = 1; i + 1 < v.n && len == 0; i++) {
		char before = v.p[i - 1];

		if (v.p[i] == '-' && before != 'e' && before != 'E' && (v.p[0] == '-' || v.p[0] == '+' ||
		    v.p[0] == '.' || (v.p[0] >= '0' && v.p[0] <= '9'))) {
			at = i, len = 1;
			*outside = !(x->how & NUMBER_INCLUSIVE);
		}
	}
	/* -5 is a number, -5--1 a range. */
	if (len == 0 || at == 0)
		return false;
	*lo = slice_trim((struct slice){ v.p, at });
	*hi = slice_trim((struct slice){ v.p + at + len, v.n - at - len });
	return true;
}

static bool
masked(struct reading *x, struct rule_range *r, struct slice v)
{
	struct slice mask = v, value;
	double d;
	int64_t m, want;
	bool fraction, not_equal = false;
	const char *eq = memchr(v.p, '=', v.n);

	if (eq != NULL) {
		value = slice_trim((struct slice){ eq + 1, (size_t)(v.p + v.n - eq - 1) });
		not_equal = eq > v.p && eq[-1] == '!';
		mask = slice_trim((struct slice){ v.p, (size_t)(eq - v.p) - not_equal });
	}
	if (!one(x, mask, &d, &m, &fraction) || fraction)
		return false;
	r->test = TEST_ANY_BIT;
	r->lo = m;
	r->hi = 0;
	if (eq == NULL)
		return true;
	if (!one(x, value, &d, &want, &fraction) || fraction)
		return false;
	if ((want & ~m) != 0) {
		parse_complain(x->P, value.p, "%.*s has bits outside the mask: it can never match", SLICE(value));
		return false;
	}
	r->test = TEST_MASK;
	r->hi = want;
	r->negated ^= not_equal;
	return true;
}

static bool
range(struct reading *x, struct slice v)
{
	struct rule_range r = open_range();
	struct slice at = v, lo, hi;
	struct rule_range *of;
	bool outside, ok;

	if (v.n > 0 && v.p[0] == '!') {
		r.negated = true;
		v = slice_trim((struct slice){ v.p + 1, v.n - 1 });
	}
	if (v.n > 0 && v.p[0] == '&')
		ok = masked(x, &r, slice_trim((struct slice){ v.p + 1, v.n - 1 }));
	else if (slice_begins(v, "<=") && !slice_begins(v, "<=>"))
		ok = bound(x, &r, slice_trim((struct slice){ v.p + 2, v.n - 2 }), true, false);
	else if (slice_begins(v, ">="))
		ok = bound(x, &r, slice_trim((struct slice){ v.p + 2, v.n - 2 }), false, false);
	else if (slice_begins(v, "<"))
		ok = bound(x, &r, slice_trim((struct slice){ v.p + 1, v.n - 1 }), true, true);
	else if (slice_begins(v, ">"))
		ok = bound(x, &r, slice_trim((struct slice){ v.p + 1, v.n - 1 }), false, true);
	else if (split_range(x, v, &lo, &hi, &outside)) {
		ok = bound(x, &r, lo, false, outside) && bound(x, &r, hi, true, outside);
		if (ok && (r.rlo > r.rhi || (!r.real && r.lo > r.hi))) {
			parse_complain(x->P, at.p, "no number lies %s %.*s and %.*s",
			    outside ? "between" : "from", SLICE(lo), SLICE(hi));
			ok = false;
		}
	} else {
		if (slice_begins(v, "="))
			v = slice_trim((struct slice){ v.p + 1, v.n - 1 });
		ok = bound(x, &r, v, false, false) && bound(x, &r, v, true, false);
	}
	if (!ok)
		return false;
	if (x->n == NUMBERS_MAX) {
		parse_complain(x->P, at.p, "a list has at most %u numbers", NUMBERS_MAX);
		return false;
	}
	of = rule_grow(x->P->mem, x->of, x->n, &x->capacity, sizeof(*of));
	if (of == NULL)
		return false;
	x->of = of;
	x->of[x->n++] = r;
	return true;
}

bool
parse_numbers(struct parser *P, struct slice v, unsigned how, int64_t max, number_word word,
    void *arg, struct rule_numbers *out)
{
	struct reading x = { .P = P, .how = how, .max = max, .word = word, .arg = arg };
	struct slice rest, part;
	uint32_t first_of_list = 0;
	bool list_negated = false;

	v = slice_trim(v);
	out->text = text_without_blanks(P->mem, v);
	rest = v;
	if ((how & NUMBER_LIST) && rest.n > 2 && rest.p[0] == '!' && rest.p[1] == '[') {
		list_negated = true;
		rest.p++;
		rest.n--;
	}
	if ((how & NUMBER_LIST) && rest.n > 0 && rest.p[0] == '[') {
		if (rest.p[rest.n - 1] != ']') {
			parse_complain(P, rest.p, "the list is never closed: a ']' is missing");
			return false;
		}
		rest = (struct slice){ rest.p + 1, rest.n - 2 };
	}
	if (!(how & NUMBER_LIST)) {
		if (!range(&x, v))
			return false;
	} else
		while (slice_part(&rest, ',', &part)) {
			if (!list_from_file(P, part, &x.of, &x.n, &x.capacity)) {
				if (P->bad || !range(&x, part))
					return false;
			}
		}
	for (uint32_t i = first_of_list; list_negated && i < x.n; i++) {
		if (x.of[i].negated) {
			parse_complain(P, v.p, "a '!' inside a list that is negated as a whole");
			return false;
		}
		x.of[i].negated = true;
	}
	out->of = x.of;
	out->n = x.n;
	return true;
}

bool
parse_amount(struct parser *P, struct slice v, int64_t min, int64_t max, const char *what,
    struct rule_amount *out)
{
	int64_t i;

	v = slice_trim(v);
	if (slice_i64(v, &i)) {
		if (i < min || i > max) {
			parse_complain(P, v.p, "%s must be %lld to %lld", what, (long long)min, (long long)max);
			return false;
		}
		*out = (struct rule_amount){ .v = i };
		return true;
	}
	for (uint32_t k = 0; k < P->n_vars; k++)
		if (P->vars_of[k].n == v.n && memcmp(P->vars_of[k].p, v.p, v.n) == 0) {
			*out = (struct rule_amount){ .is_var = true, .v = k };
			return true;
		}
	parse_complain(P, v.p, v.n == 0 ? "%s: a number is missing%.*s" :
	    "%s '%.*s' is neither a number nor set by a byte_extract or byte_math before", what, SLICE(v));
	return false;
}

bool
parse_u32(struct parser *P, struct slice v, uint32_t min, uint32_t max, const char *what, uint32_t *out)
{
	uint64_t u;

	v = slice_trim(v);
	if (!slice_u64(v, &u) || u < min || u > max) {
		parse_complain(P, v.p, "%s must be a number from %u to %u, not '%.*s'", what, min, max, SLICE(v));
		return false;
	}
	*out = (uint32_t)u;
	return true;
}

/* ---- asking ---- */

static bool
range_is(const struct rule_range *r, int64_t v)
{
	switch (r->test) {
	case TEST_MASK:		return (v & r->lo) == r->hi;
	case TEST_ANY_BIT:	return (v & r->lo) != 0;
	default:		return v >= r->lo && v <= r->hi;
	}
}

static bool
range_is_real(const struct rule_range *r, double v)
{
	if (r->test != TEST_RANGE)
		return fabs(v) < 9.2e18 && v == (double)(int64_t)v && range_is(r, (int64_t)v);
	return (r->lo_open ? v > r->rlo : v >= r->rlo) && (r->hi_open ? v < r->rhi : v <= r->rhi);
}

/* Does any plain range hold, and no negated one? */
static inline bool
holds(const struct rule_numbers *t, bool real, int64_t whole, double d)
{
	bool plain = false, found = false;

	for (uint32_t i = 0; i < t->n; i++) {
		bool is = real ? range_is_real(&t->of[i], d) : range_is(&t->of[i], whole);

		if (t->of[i].negated) {
			if (is)
				return false;
		} else {
			plain = true;
			found |= is;
		}
	}
	return found || !plain;
}

bool
rule_number_is(const struct rule_numbers *t, int64_t v)
{
	return holds(t, false, v, 0);
}

bool
rule_real_is(const struct rule_numbers *t, double v)
{
	return holds(t, true, 0, v);
}

bool
rule_number_in(const struct rule_numbers *t, uint64_t first, uint64_t count)
{
	uint64_t last = count == 0 ? first : first + count - 1;

	/* Ranges alone: one that overlaps is enough, unless others exclude it. */
	if (first > INT64_MAX || last > INT64_MAX || last < first)
		return false;
	if (t->n == 1 && t->of[0].test == TEST_RANGE) {
		const struct rule_range *r = &t->of[0];

		return r->negated ? (int64_t)first < r->lo || (int64_t)last > r->hi :
		    (int64_t)first <= r->hi && (int64_t)last >= r->lo;
	}
	/* 65,536 covers every address range that a PDU can ask for. */
	if (last - first > 65535)
		last = first + 65535;
	for (uint64_t v = first; v <= last; v++)
		if (rule_number_is(t, (int64_t)v))
			return true;
	return false;
}
