/* word_words.c - words whose value is a list of names: ot.intent, ot.space,
 * ot.outcome, ndpi-risk, asset.*, geoip. */
#include "detect/rules/parse.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/str.h"
#include "record/operation.h"
#include "record/role.h"
#include "record/zone.h"

static const struct { const char *word; enum rule_side side; } sides[] = {
	{ "any", SIDE_ANY }, { "src", SIDE_SRC }, { "dst", SIDE_DST }, { "both", SIDE_BOTH },
	{ "client", SIDE_CLIENT }, { "server", SIDE_SERVER },
};

/* Which table, and the i-th name of it. */
struct table {
	const struct parser	*P;
	enum rule_word		 word;
	char			 risk[64];
};

static const char *
nth(void *arg, uint32_t i)
{
	struct table *t = arg;
	struct rule_name n;

	switch (t->word) {
	case RW_OT_INTENT:	return i < OP_INTENT_COUNT ? op_intent_name((enum op_intent)i) : NULL;
	case RW_OT_SPACE:	return i < OP_SPACE_COUNT ? op_space_name((enum op_space)i) : NULL;
	case RW_OT_OUTCOME:	return i < OP_OUTCOME_COUNT ? op_outcome_name((enum op_outcome)i) : NULL;
	default:
		return t->P->from->lookup != NULL && t->P->from->lookup->nth(NAMES_NDPI_RISK, i, &n) ?
		    n.name : NULL;
	}
}

static bool
bit_of(struct table *t, struct slice word, uint64_t *bit)
{
	const char *name;
	struct rule_name n;

	if (t->word == RW_NDPI_RISK) {
		if (!lookup_name(t->P, NAMES_NDPI_RISK, word, &n) || n.code > 63)
			return false;
		*bit = 1ull << n.code;
		return true;
	}
	for (uint32_t i = 0; (name = nth(t, i)) != NULL; i++)
		if (slice_is_nocase(word, name)) {
			*bit = 1ull << i;
			return true;
		}
	return false;
}

/* " It is one of read, write...", behind a nearest word or by itself; nothing where there are too many. */
static const char *
all_names(struct table *t, bool near, char *to, size_t size)
{
	struct strbuf b = strbuf_on(to, size);
	const char *name;

	if (t->word == RW_NDPI_RISK)
		return "";
	for (uint32_t i = 0; (name = nth(t, i)) != NULL; i++)
		strbuf_printf(&b, "%s%s", i == 0 ? near ? " It is one of " : "; it is one of " : ", ", name);
	return to;
}

static bool
enumerated(struct parser *P, struct rule_opt *o, struct slice v)
{
	struct table t = { .P = P, .word = (enum rule_word)o->word };
	uint64_t with = 0, less = 0, bit;
	struct slice part;
	bool all_negated = false, any_with = false;

	if (v.n > 1 && v.p[0] == '!' && v.p[1] == '[') {
		all_negated = true;
		v = (struct slice){ v.p + 1, v.n - 1 };
	}
	if (v.n > 1 && v.p[0] == '[' && v.p[v.n - 1] == ']')
		v = (struct slice){ v.p + 1, v.n - 2 };
	while (slice_part(&v, ',', &part)) {
		bool negated = part.n > 0 && part.p[0] == '!';
		const char *near;

		if (negated)
			part = slice_trim((struct slice){ part.p + 1, part.n - 1 });
		if (slice_is(part, "any") && !negated && o->word == RW_NDPI_RISK)
			bit = UINT64_MAX;
		else if (!bit_of(&t, part, &bit)) {
			char all[640];

			near = nearest_of(part, nth, &t);
			parse_complain(P, part.p, "'%.*s' is not known to %s%s%s%s%s", SLICE(part),
			    rule_word_row(t.word)->text, NEAREST(near), all_names(&t, near != NULL, all, sizeof(all)));
			return false;
		}
		if (negated != all_negated)
			less |= bit;
		else {
			with |= bit;
			any_with = true;
		}
	}
	o->words.mask = (any_with ? with : UINT64_MAX) & ~less;
	if (o->words.mask == 0) {
		parse_complain(P, P->at[P->n_opts].p, "nothing is left of this list");
		return false;
	}
	return true;
}

static bool
take_side(struct slice v, struct slice *rest, uint8_t *side)
{
	struct slice part, more = v;

	(void)slice_part(&more, ',', &part);
	for (size_t i = 0; i < COUNTOF(sides); i++)
		if (slice_is_nocase(part, sides[i].word)) {
			*side = (uint8_t)sides[i].side;
			*rest = more;
			return true;
		}
	*rest = v;
	return false;
}

/* asset.*: a side, then names. */
static bool
asset_names(struct parser *P, struct rule_opt *o, struct slice v)
{
	const char **names = NULL;
	uint32_t capacity = 0;
	struct slice part;
	bool first = true;

	if (v.n > 0)
		(void)take_side(v, &v, &o->words.side);
	if (o->word == RW_ASSET_NEW) {
		if (v.p != NULL && v.n > 0) {
			parse_complain(P, v.p, "asset.new takes src, dst, client, server or any, not '%.*s'", SLICE(v));
			return false;
		}
		return true;
	}
	if (v.p != NULL && v.n > 1 && slice_trim(v).p[0] == '!' && slice_trim(v).n > 1 && slice_trim(v).p[1] == '[') {
		o->words.negated = true;
		v = slice_trim(v);
		v = (struct slice){ v.p + 1, v.n - 1 };
		first = false;
	}
	v = v.p != NULL ? slice_trim(v) : v;
	if (v.p != NULL && v.n > 1 && v.p[0] == '[' && v.p[v.n - 1] == ']')
		v = (struct slice){ v.p + 1, v.n - 2 };
	while (slice_part(&v, ',', &part)) {
		bool negated = part.n > 0 && part.p[0] == '!';

		if (negated)
			part = slice_trim((struct slice){ part.p + 1, part.n - 1 });
		if (first)
			o->words.negated = negated;
		else if (negated && o->words.n == 0) {
			parse_complain(P, part.p, "a '!' inside a list that is negated as a whole");
			return false;
		} else if (o->words.n > 0 && negated != o->words.negated && negated) {
			parse_complain(P, part.p, "either all names have a '!' or none");
			return false;
		}
		first = false;
		part = parse_unquoted(part);
		if (part.n == 0) {
			parse_complain(P, part.p, "a name is missing");
			return false;
		}
		names = rule_grow(P->mem, names, o->words.n, &capacity, sizeof(*names));
		if (names == NULL)
			return false;
		names[o->words.n] = rule_text(P->mem, part.p, part.n);
		o->words.n++;
	}
	o->words.names = names;
	if (o->words.n == 0)
		parse_complain(P, P->at[P->n_opts].p, "a name is missing");
	return o->words.n > 0;
}

/* A zone that there is; without a configuration any word may be one. */
static bool
zones_exist(struct parser *P, const struct rule_opt *o)
{
	const struct zones_settings *z = P->from->zones;

	if (z == NULL || o->word != RW_ASSET_ZONE)
		return true;
	if (z->n == 0) {
		parse_skip(P, P->at[P->n_opts].p, "left out: asset.zone asks for a zone, and there are none in the configuration (zones)");
		return false;
	}
	for (uint32_t i = 0; i < o->words.n; i++) {
		bool is = strcasecmp(o->words.names[i], ZONE_OUTSIDE) == 0;
		const char *near = NULL;
		unsigned least = UINT32_MAX, d;

		for (uint64_t k = 0; k < z->n && !is; k++) {
			const char *name = z->of[k].name != NULL ? z->of[k].name : "";

			is = strcasecmp(name, o->words.names[i]) == 0;
			if ((d = str_distance(name, o->words.names[i])) < least && d <= 1 + strlen(name) / 3) {
				least = d;
				near = name;
			}
		}
		if (!is) {
			parse_complain(P, P->at[P->n_opts].p, "there is no zone '%s' in the configuration%s%s%s", o->words.names[i],
			    NEAREST(near));
			return false;
		}
	}
	return true;
}

static bool
roles_exist(struct parser *P, const struct rule_opt *o)
{
	for (uint32_t i = 0; o->word == RW_ASSET_ROLE && i < o->words.n; i++) {
		const char *near = NULL;
		unsigned least = 4, d;

		if (role_find(o->words.names[i]) != ROLE_UNKNOWN)
			continue;
		for (unsigned k = 0; k < ROLE_COUNT; k++)
			if ((d = str_distance(role_rows[k].text, o->words.names[i])) < least) {
				least = d;
				near = role_rows[k].text;
			}
		parse_complain(P, P->at[P->n_opts].p, "'%s' is no role of a device%s%s%s", o->words.names[i], NEAREST(near));
		return false;
	}
	return true;
}

static bool
of_asset(struct parser *P, struct rule_opt *o, struct slice v)
{
	if (!asset_names(P, o, v))
		return false;
	for (uint32_t i = 0; i < o->words.n; i++)
		if (o->words.names[i] == NULL)
			return false;	/* there is no memory, and no set will come of it */
	return roles_exist(P, o) && zones_exist(P, o);
}

/* Risks are nDPI's. */
static bool
has_risks(struct parser *P)
{
	const struct rule_lookup *l = P->from->lookup;
	struct rule_name n;

	if (l == NULL || (!P->from->unnamed && l->nth(NAMES_NDPI_RISK, 0, &n)))
		return true;
	parse_skip(P, P->at[P->n_opts].p, "left out: ndpi-risk is what nDPI says, and nothing is named by nDPI here%s",
	    P->from->unnamed ? " (naming.ndpi: no)" : "");
	return false;
}

bool
read_words(struct parser *P, struct rule_opt *o, struct slice v)
{
	o->words = (struct rule_words){ .text = v.n > 0 ? rule_text(P->mem, v.p, v.n) : "" };
	switch (o->word) {
	case RW_NDPI_RISK:
		return has_risks(P) && enumerated(P, o, v);
	case RW_OT_INTENT: case RW_OT_SPACE: case RW_OT_OUTCOME:
		return enumerated(P, o, v);
	default:
		return of_asset(P, o, v);
	}
}

/* A rule that can never match is better not loaded. */
static bool
has_geoip(struct parser *P, struct slice v)
{
	const struct rules_settings *s = P->from->settings;

	if (s == NULL)
		return true;	/* not used */
#ifndef HAVE_MAXMINDDB
	parse_skip(P, v.p, "left out: geoip needs libmaxminddb, which this program was built without");
	return false;
#else
	if (s->geoip == NULL || s->geoip[0] == '\0') {
		parse_skip(P, v.p, "left out: geoip needs a GeoIP database: "
		    "set geoip.database to a MaxMind file of countries (GeoLite2-Country.mmdb)");
		return false;
	}
	if (access(s->geoip, R_OK) != 0) {
		parse_complain(P, v.p, "geoip: the database %s (geoip.database) cannot be read: %s", s->geoip, strerror(errno));
		return false;
	}
	return true;
#endif
}

bool
read_geoip(struct parser *P, struct rule_opt *o, struct slice v)
{
	struct rule_geoip *g = &o->geoip;
	char (*of)[3] = NULL;
	uint32_t capacity = 0;
	struct slice part;

	*g = (struct rule_geoip){ .side = SIDE_ANY };
	if (!has_geoip(P, v))
		return false;
	if (take_side(v, &v, &g->side) && (g->side == SIDE_CLIENT || g->side == SIDE_SERVER || v.p == NULL)) {
		parse_complain(P, P->at[P->n_opts].p, "geoip is [src|dst|both|any,][!]CC[,CC...]");
		return false;
	}
	while (slice_part(&v, ',', &part)) {
		if (part.n > 0 && part.p[0] == '!') {
			if (g->n > 0 && !g->negated) {
				parse_complain(P, part.p, "the '!' stands before the first country and is of all");
				return false;
			}
			g->negated = true;
			part = slice_trim((struct slice){ part.p + 1, part.n - 1 });
		}
		if (part.n != 2 || !isalpha((unsigned char)part.p[0]) || !isalpha((unsigned char)part.p[1])) {
			parse_complain(P, part.p, "a country is two letters (ISO 3166): NL, not '%.*s'", SLICE(part));
			return false;
		}
		of = rule_grow(P->mem, of, g->n, &capacity, sizeof(*of));
		if (of == NULL)
			return false;
		of[g->n][0] = (char)toupper((unsigned char)part.p[0]);
		of[g->n][1] = (char)toupper((unsigned char)part.p[1]);
		of[g->n][2] = '\0';
		g->n++;
	}
	g->of = (const char (*)[3])of;
	return true;
}
