/* reputation.c - iprep: scores of addresses, by category.
 *
 * As in Suricata: one file lists the categories (number,name,description), others have lines of
 * address,number,score, where the address may be a network.  Or, without settings,
 * a list of address,score for each category beside the rule file.
 */
#include "detect/rules/parse.h"

#include <arpa/inet.h>
#include <string.h>
#include <unistd.h>

#include "base/str.h"
#include "detect/rules/file.h"

#define MEMBERS_MAX	4000000u
#define SCORE_MAX	127u	/* Suricata's */
#define CATEGORY_MAX	60u

static bool
is_set(const char *s)
{
	return s != NULL && s[0] != '\0' && strcmp(s, "none") != 0;
}

static void
wrong_line(struct parser *P, const char *path, int line, const char *what)
{
	err_add(P->problems, path, line, 1, "a line is %s", what);
	P->bad = true;
}

/* Number of a category by its short name; 0: an error was added. */
static uint64_t
number_of(struct parser *P, const char *path, struct slice category)
{
	struct slice rest, line, number, name;
	uint64_t v;
	int at = 0;

	if (!file_read(P->mem, path, &rest, P->problems)) {
		P->bad = true;
		return 0;
	}
	while (list_next_line(&rest, &line, &at)) {
		(void)slice_part(&line, ',', &number);
		if (!slice_part(&line, ',', &name) || !slice_u64(number, &v) || v < 1 || v > CATEGORY_MAX) {
			wrong_line(P, path, at, "number,name,description with a number from 1 to 60");
			return 0;
		}
		if (name.n == category.n && memcmp(name.p, category.p, name.n) == 0)
			return v;
	}
	parse_complain(P, category.p, "there is no category %.*s in %s (reputation.categories)", SLICE(category), path);
	return 0;
}

/* "10.1.2.3" or "10.1.0.0/16": 16 bytes, and one behind them for a network's length. */
static bool
member_of(struct parser *P, struct slice text, struct rule_member *out)
{
	char one[INET6_ADDRSTRLEN + 4], *slash;
	uint8_t key[17] = { 0 }, b[16];
	uint64_t bits = 128, own;
	struct addr a;
	bool v4;

	if (text.n == 0 || text.n >= sizeof(one))
		return false;
	memcpy(one, text.p, text.n);
	one[text.n] = '\0';
	slash = strchr(one, '/');
	if (slash != NULL)
		*slash = '\0';
	v4 = inet_pton(AF_INET, one, b) == 1;
	if (!v4 && inet_pton(AF_INET6, one, b) != 1)
		return false;
	a = v4 ? addr_v4(b) : addr_v6(b);
	if (slash != NULL) {
		own = v4 ? 32 : 128;
		if (!slice_u64((struct slice){ slash + 1, strlen(slash + 1) }, &bits) || bits > own)
			return false;
		bits += 128 - own;
	}
	memcpy(key, a.b, 16);
	for (uint64_t i = bits; i < 128; i++)
		key[i / 8] &= (uint8_t)~(0x80u >> i % 8);
	key[16] = (uint8_t)bits;
	out->n = bits < 128 ? 17 : 16;
	out->p = rule_copy(P->mem, key, out->n);
	return out->p != NULL;
}

struct reading {
	struct rule_list	*list;
	struct rule_member	*of;
	uint32_t		 n, capacity;
	uint64_t		 category;
};

static bool
read_scores(struct parser *P, struct reading *r, const char *path)
{
	struct slice rest, line, address, number, score;
	uint64_t c, v;
	int at = 0;

	if (!file_read(P->mem, path, &rest, P->problems)) {
		P->bad = true;
		return false;
	}
	while (list_next_line(&rest, &line, &at)) {
		struct rule_member m = { 0 };

		(void)slice_part(&line, ',', &address);
		if (!slice_part(&line, ',', &number) || !slice_part(&line, ',', &score) || line.p != NULL ||
		    !slice_u64(number, &c) || c < 1 || c > CATEGORY_MAX || !slice_u64(score, &v) || v > SCORE_MAX ||
		    r->n == MEMBERS_MAX) {
			wrong_line(P, path, at, "address,category,score with a category from 1 to 60 and a score up to 127");
			return false;
		}
		if (c != r->category)
			continue;
		if (!member_of(P, address, &m)) {
			wrong_line(P, path, at, "address,category,score, and this is no address or network");
			return false;
		}
		r->of = rule_grow(P->mem, r->of, r->n, &r->capacity, sizeof(*r->of));
		if (r->of == NULL)
			return false;
		m.rep = (uint16_t)v;
		if (m.n == 17)
			r->list->nets[m.p[16] / 64] |= 1ull << m.p[16] % 64;
		r->of[r->n++] = m;
	}
	return true;
}

/* The scores of one category in all files of reputation.files. */
static const struct rule_list *
list_of_files(struct parser *P, struct slice category, struct slice name)
{
	const struct rules_settings *s = P->from->settings;
	struct reading r = { .list = list_find(P, name) };
	struct slice files, one;

	if (r.list != NULL)
		return r.list;
	r.category = number_of(P, s->reputation_categories, category);
	if (r.category == 0 || (r.list = list_new(P, name, DATASET_IP)) == NULL)
		return NULL;
	files = (struct slice){ s->reputation_files, is_set(s->reputation_files) ? strlen(s->reputation_files) : 0 };
	while (files.n > 0 && slice_part(&files, ',', &one))
		if (!read_scores(P, &r, rule_text(P->mem, one.p, one.n)))
			return NULL;
	list_take(r.list, r.of, r.n);
	return r.list;
}

static const struct rule_list *
list_of_category(struct parser *P, struct slice category)
{
	const struct rules_settings *s = P->from->settings;
	char name[80];
	struct strbuf b = strbuf_on(name, sizeof(name));
	struct slice file, whole;

	strbuf_printf(&b, "iprep %.*s.iprep", SLICE(category));
	whole = (struct slice){ name, b.len };
	file = (struct slice){ name + 6, b.len - 6 };
	if (s != NULL && is_set(s->reputation_categories))
		return list_of_files(P, category, whole);
	if (access(file_beside(P->mem, P->file, file), R_OK) != 0) {
		parse_complain(P, category.p, "category %.*s has no list; set reputation.categories and reputation.files, "
		    "or put %.*s, lines of address,score, beside this file", SLICE(category), SLICE(file));
		return NULL;
	}
	return list_of(P, category, whole, file, DATASET_IP, true);
}

bool
read_iprep(struct parser *P, struct rule_opt *o, struct slice v)
{
	static const struct { const char *word; enum rule_side side; } sides[] = {
		{ "any", SIDE_ANY }, { "src", SIDE_SRC }, { "dst", SIDE_DST }, { "both", SIDE_BOTH },
	};
	struct rule_iprep *r = &o->iprep;
	struct slice side, category, sign, score;
	size_t i;

	*r = (struct rule_iprep){ 0 };
	bool ok = slice_part(&v, ',', &side) && slice_part(&v, ',', &category) && slice_part(&v, ',', &sign) &&
	    category.n > 0;

	/* Whether there is a score at all, or how high it is. */
	r->what = !ok ? IPREP_SCORE : slice_is(sign, "isset") ? IPREP_ISSET :
	    slice_is(sign, "isnotset") ? IPREP_ISNOTSET : IPREP_SCORE;
	if (!ok || (r->what == IPREP_SCORE && !slice_part(&v, ',', &score)) || v.p != NULL) {
		parse_complain(P, P->at[P->n_opts].p, "iprep is %s", rule_word_row(RW_IPREP)->syntax);
		return false;
	}
	for (i = 0; i < COUNTOF(sides) && !slice_is(side, sides[i].word); i++)
		;
	if (i == COUNTOF(sides)) {
		parse_complain(P, side.p, "'%.*s' is none of any, src, dst, both", SLICE(side));
		return false;
	}
	r->side = (uint8_t)sides[i].side;
	r->category = rule_text(P->mem, category.p, category.n);
	if (r->what == IPREP_SCORE && !list_comparison(P, sign, score, SCORE_MAX, &r->value))
		return false;
	r->list = list_of_category(P, category);
	return r->list != NULL;
}
