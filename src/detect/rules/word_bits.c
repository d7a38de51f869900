/* word_bits.c - state of rules: flowbits, xbits, flowint, threshold, detection_filter. */
#include "detect/rules/parse.h"

#include <string.h>

#include "base/str.h"

/* ---- flowbits, xbits ---- */

static const struct { const char *word; enum rule_bit_do what; } verbs[] = {
	{ "set", BIT_SET }, { "unset", BIT_UNSET }, { "toggle", BIT_TOGGLE }, { "isset", BIT_ISSET },
	{ "isnotset", BIT_ISNOTSET }, { "noalert", BIT_NOALERT },
};

static bool
bit_names(struct parser *P, struct rule_bits *b, struct slice names, bool x)
{
	struct name_table *t = x ? &P->xbits : &P->flowbits;
	char end = memchr(names.p, '|', names.n) != NULL ? '|' : '&';
	struct slice part, rest = names;
	uint32_t *of = NULL, capacity = 0;

	b->all = end == '&';
	while (slice_part(&rest, end, &part)) {
		if (part.n == 0 || part.n > 255 || memchr(part.p, ' ', part.n) != NULL ||
		    memchr(part.p, '|', part.n) != NULL || memchr(part.p, '&', part.n) != NULL) {
			parse_complain(P, part.p, "'%.*s' is no name of a mark", SLICE(part));
			return false;
		}
		if (t->n == RULE_NAMES_MAX) {
			parse_complain(P, part.p, "there are more than %u different marks", RULE_NAMES_MAX);
			return false;
		}
		of = rule_grow(P->mem, of, b->n, &capacity, sizeof(*of));
		if (of == NULL)
			return false;
		of[b->n++] = name_number(P->mem, t, part);
	}
	b->of = of;
	/* A single one is both all and any. */
	b->all |= b->n == 1;
	if (b->n > 1 && !b->all && b->what != BIT_ISSET && b->what != BIT_ISNOTSET) {
		parse_complain(P, names.p, "a|b asks; to set several marks write several flowbits");
		return false;
	}
	return true;
}

static bool
xbits_rest(struct parser *P, struct rule_bits *b, struct slice rest)
{
	static const struct { const char *word; enum rule_track track; } tracks[] = {
		{ "ip_src", TRACK_SRC }, { "ip_dst", TRACK_DST }, { "ip_pair", TRACK_BOTH },
	};
	struct slice part, name, v, more = { NULL, 0 };
	bool tracked = false;

	while (more.p != NULL || slice_part(&rest, ',', &part)) {
		size_t i;

		if (more.p != NULL)
			part = more;
		more.p = NULL;
		v = part;
		(void)slice_word(&v, &name);
		v = slice_trim(v);
		/* "track ip_src expire 60", a blank where others have a comma. */
		if (slice_is(name, "track")) {
			struct slice whom, behind = v;

			(void)slice_word(&behind, &whom);
			if (slice_trim(behind).n > 0) {
				more = slice_trim(behind);
				v = whom;
			}
		}
		if (slice_is(name, "track") && slice_is(v, "tx")) {
			parse_skip(P, part.p, "left out: marks on a transaction (track tx) are not kept here");
			return false;
		}
		if (slice_is(name, "expire")) {
			if (!parse_u32(P, v, 1, 1000000000, "expire", &b->expire_s))
				return false;
			continue;
		}
		for (i = 0; i < COUNTOF(tracks) && !slice_is(v, tracks[i].word); i++)
			;
		if (!slice_is(name, "track") || i == COUNTOF(tracks)) {
			parse_complain(P, part.p, "xbits go on with track ip_src, ip_dst or ip_pair, and expire seconds");
			return false;
		}
		b->track = (uint8_t)tracks[i].track;
		tracked = true;
	}
	if (!tracked)
		parse_complain(P, P->at[P->n_opts].p, "xbits need track ip_src, ip_dst or ip_pair");
	return tracked;
}

bool
read_bits(struct parser *P, struct rule_opt *o, struct slice v)
{
	struct slice rest = v, verb, names;
	bool x = o->word == RW_XBITS;
	size_t i;

	o->bits = (struct rule_bits){ 0 };
	(void)slice_part(&rest, ',', &verb);
	for (i = 0; i < COUNTOF(verbs) && !slice_is(verb, verbs[i].word); i++)
		;
	if (i == COUNTOF(verbs)) {
		parse_complain(P, verb.p, "'%.*s' is none of set, unset, toggle, isset, isnotset, noalert", SLICE(verb));
		return false;
	}
	o->bits.what = (uint8_t)verbs[i].what;
	if (o->bits.what == BIT_NOALERT) {
		if (rest.p != NULL) {
			parse_complain(P, rest.p, "noalert takes no name");
			return false;
		}
		P->rule->noalert = true;
		return true;
	}
	if (!slice_part(&rest, ',', &names) || names.n == 0) {
		parse_complain(P, verb.p, "%.*s needs the name of a mark", SLICE(verb));
		return false;
	}
	if (!bit_names(P, &o->bits, names, x))
		return false;
	if (x)
		return xbits_rest(P, &o->bits, rest);
	/* Snort 2 has a group behind the name; it is a part of the name then. */
	if (rest.p != NULL) {
		parse_complain(P, rest.p, "nothing may follow the name of the mark");
		return false;
	}
	return true;
}

/* ---- threshold, detection_filter ---- */

static bool
word_of(struct parser *P, struct slice v, const char *const *words, size_t n, const char *what, uint8_t *out)
{
	for (size_t i = 0; i < n; i++)
		if (slice_is_nocase(v, words[i])) {
			*out = (uint8_t)i;
			return true;
		}
	parse_complain(P, v.p, "'%.*s' is no %s", SLICE(v), what);
	return false;
}

bool
read_threshold(struct parser *P, struct rule_opt *o, struct slice v)
{
	static const char *const types[] = { "limit", "threshold", "both", "backoff" };
	static const char *const tracks[] = { "by_src", "by_dst", "by_both", "by_rule", "by_flow" };
	static const char *const unique[] = { "none", "src_port", "dst_port" };
	struct rule_threshold *t = &o->threshold;
	bool filter = o->word == RW_DETECTION_FILTER, type = filter, track = false, count = false,
	    seconds = false, multiplier = false;
	struct slice part, name;

	*t = (struct rule_threshold){ .type = filter ? THRESHOLD_FILTER : THRESHOLD_LIMIT };
	while (slice_part(&v, ',', &part)) {
		struct slice rest = part;
		bool *given;
		bool ok;

		(void)slice_word(&rest, &name);
		rest = slice_trim(rest);
		if (slice_is(name, "type") && !filter) {
			given = &type;
			ok = word_of(P, rest, types, COUNTOF(types), "type: limit, threshold, both or backoff", &t->type);
		} else if (slice_is(name, "track")) {
			given = &track;
			ok = word_of(P, rest, tracks, COUNTOF(tracks), "track: by_src, by_dst, by_both, by_rule or by_flow", &t->track);
		} else if (slice_is(name, "count")) {
			given = &count;
			ok = parse_u32(P, rest, 1, UINT32_MAX, "count", &t->count);
		} else if (slice_is(name, "seconds")) {
			given = &seconds;
			ok = parse_u32(P, rest, 1, UINT32_MAX, "seconds", &t->seconds);
		} else if (slice_is(name, "multiplier") && !filter) {
			given = &multiplier;
			ok = parse_u32(P, rest, 2, UINT32_MAX, "multiplier", &t->multiplier);
		} else if (slice_is(name, "unique_on") && filter) {
			if (!word_of(P, rest, unique, COUNTOF(unique), "port: src_port or dst_port", &t->unique_on))
				return false;
			continue;
		} else {
			parse_complain(P, part.p, "'%.*s' is no word of %s", SLICE(name), rule_word_row((enum rule_word)o->word)->text);
			return false;
		}
		if (*given && !(filter && given == &type)) {
			parse_complain(P, part.p, "%.*s is given twice", SLICE(name));
			return false;
		}
		if (!ok)
			return false;
		*given = true;
	}
	if (!type || !track || !count || (t->type == THRESHOLD_BACKOFF ? !multiplier || seconds : !seconds || multiplier)) {
		parse_complain(P, P->at[P->n_opts].p, "%s needs %strack, count and %s",
		    rule_word_row((enum rule_word)o->word)->text, filter ? "" : "type, ",
		    t->type == THRESHOLD_BACKOFF ? "multiplier" : "seconds");
		return false;
	}
	return true;
}

/* ---- flowint ---- */

static const struct { const char *word; enum rule_int_do what; } int_verbs[] = {
	{ "=", INT_SET }, { "+", INT_ADD }, { "-", INT_SUB }, { "<", INT_LT }, { "<=", INT_LE }, { "==", INT_EQ },
	{ "!=", INT_NE }, { ">=", INT_GE }, { ">", INT_GT }, { "isset", INT_ISSET }, { "notset", INT_NOTSET },
	{ "isnotset", INT_NOTSET },
};

static bool
int_name(struct parser *P, struct slice name, uint32_t *out)
{
	if (name.n == 0 || name.n > 255 || memchr(name.p, ' ', name.n) != NULL) {
		parse_complain(P, name.p, "'%.*s' is no name of a number", SLICE(name));
		return false;
	}
	if (P->flowints.n == RULE_NAMES_MAX) {
		parse_complain(P, name.p, "there are more than %u different numbers", RULE_NAMES_MAX);
		return false;
	}
	*out = name_number(P->mem, &P->flowints, name);
	return true;
}

bool
read_int(struct parser *P, struct rule_opt *o, struct slice v)
{
	struct rule_int *t = &o->flowint;
	struct slice name, verb, value;
	uint64_t u;
	size_t i;

	*t = (struct rule_int){ 0 };
	if (!slice_part(&v, ',', &name) || !slice_part(&v, ',', &verb)) {
		parse_complain(P, P->at[P->n_opts].p, "flowint is %s", rule_word_row(RW_FLOWINT)->syntax);
		return false;
	}
	for (i = 0; i < COUNTOF(int_verbs) && !slice_is(verb, int_verbs[i].word); i++)
		;
	if (i == COUNTOF(int_verbs)) {
		parse_complain(P, verb.p, "'%.*s' is none of = + - < <= == != >= > isset notset", SLICE(verb));
		return false;
	}
	t->what = (uint8_t)int_verbs[i].what;
	if (!int_name(P, name, &t->of))
		return false;
	if (t->what == INT_ISSET || t->what == INT_NOTSET) {
		if (v.p != NULL)
			parse_complain(P, v.p, "nothing may follow %.*s", SLICE(verb));
		return v.p == NULL;
	}
	if (!slice_part(&v, ',', &value) || value.n == 0 || v.p != NULL) {
		parse_complain(P, verb.p, "behind %.*s stands a number, or the name of another one", SLICE(verb));
		return false;
	}
	if (slice_u64(value, &u)) {
		if (u > UINT32_MAX) {
			parse_complain(P, value.p, "at most 4294967295");
			return false;
		}
		t->value = (uint32_t)u;
		return true;
	}
	t->is_name = true;
	return int_name(P, value, &t->value);
}
