/* word_dnp3.c - dnp3_ind and dnp3_obj. */
#include "detect/rules/parse.h"

#include <ctype.h>
#include <string.h>

#include "detect/rules/print.h"
#include "record/dnp3.h"

static const char *
nth_indication(void *arg, uint32_t i)
{
	(void)arg;
	return i < 16 ? dnp3_iin_word(i) : NULL;
}

/* 16 when the name is none. */
static unsigned
indication_of(struct slice name)
{
	unsigned bit;

	for (bit = 0; bit < 16 && !slice_is_nocase(name, dnp3_iin_word(bit)); bit++)
		;
	return bit;
}

/* >5, !0, 1-9, &0xf0=0x80: a number with more than digits. */
static bool
is_compared(struct slice v)
{
	while (v.n > 0 && strchr("<>=&! ", v.p[0]) != NULL)
		v = (struct slice){ v.p + 1, v.n - 1 };
	return v.n > 0 && isdigit((unsigned char)v.p[0]);
}

/* Names behind a modifier, as those of `flags`: * any (as without one), + all,
 * - none, = these and no others; ! before a name: it is not set.  A number
 * alone is a mask, any bit of which will do; compared ones are the value. */
bool
read_ind(struct parser *P, struct rule_opt *o, struct slice v)
{
	struct rule_ind *ind = &o->ind;
	uint16_t named = 0, not = 0;
	char modifier = '*';
	const char *start;
	struct slice part;
	uint64_t number;

	*ind = (struct rule_ind){ 0 };
	v = parse_unquoted(v);
	start = v.p;
	if (slice_u64(v, &number)) {
		if (number == 0 || number > 0xffff) {
			parse_complain(P, v.p, "the indications are 16 bits, 1 to 0xffff");
			return false;
		}
		ind->any = (uint16_t)number;
		return true;
	}
	if (is_compared(v))
		return parse_numbers(P, v, 0, 0xffff, NULL, NULL, &ind->value);
	if (v.n > 0 && strchr("*+-=", v.p[0]) != NULL) {
		modifier = v.p[0];
		v = slice_trim((struct slice){ v.p + 1, v.n - 1 });
	}
	while (slice_part(&v, ',', &part)) {
		bool negated = part.n > 0 && part.p[0] == '!';
		unsigned bit;

		if (negated)
			part = slice_trim((struct slice){ part.p + 1, part.n - 1 });
		bit = indication_of(part);
		if (bit == 16) {
			const char *near = nearest_of(part, nth_indication, NULL);

			parse_complain(P, part.p, "'%.*s' is no internal indication%s%s%s", SLICE(part),
			    NEAREST(near));
			return false;
		}
		if (negated)
			not = (uint16_t)(not | 1u << bit);
		else
			named = (uint16_t)(named | 1u << bit);
	}
	if (not != 0 && (modifier == '-' || modifier == '=' || (named & not) != 0)) {
		parse_complain(P, start, "'!' says nothing behind '-' or '=', and contradicts the same name without it");
		return false;
	}
	ind->none = modifier == '-' ? named : modifier == '=' ? (uint16_t)~named : not;
	if (modifier == '*')
		ind->any = named;
	else if (modifier != '-')
		ind->all = named;
	return true;
}

bool
read_obj(struct parser *P, struct rule_opt *o, struct slice v)
{
	struct slice group, variation;

	v = parse_unquoted(v);
	(void)slice_part(&v, ',', &group);
	if (!slice_part(&v, ',', &variation) || v.p != NULL) {
		parse_complain(P, group.p, "an object is group,variation: dnp3_obj:12,1");
		return false;
	}
	return parse_numbers(P, group, NUMBER_INCLUSIVE, 255, NULL, NULL, &o->obj.group) &&
	    parse_numbers(P, variation, NUMBER_INCLUSIVE, 255, NULL, NULL, &o->obj.variation);
}

/* Names from the highest bit down, each behind `negation`; gives what stands before the next name. */
static const char *
print_indications(uint16_t mask, const char *negation, const char *between, FILE *to)
{
	for (unsigned bit = 16; bit-- > 0;)
		if (mask & 1u << bit) {
			fprintf(to, "%s%s%s", between, negation, dnp3_iin_word(bit));
			between = ",";
		}
	return between;
}

void
print_ind(const struct rule_ind *ind, FILE *to)
{
	if (ind->value.n > 0) {
		fputs(ind->value.text, to);
	} else if (ind->all != 0 && (ind->all | ind->none) == 0xffff) {
		print_indications(ind->all, "", "=", to);
	} else if (ind->any == 0 && ind->all == 0) {
		print_indications(ind->none, "", "-", to);
	} else {
		const char *between = print_indications(ind->any | ind->all, "", ind->all != 0 ? "+" : "", to);

		print_indications(ind->none, "!", between, to);
	}
}
