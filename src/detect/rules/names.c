/* names.c - names in rules: those of the dissectors, the nearest one to a mistake, and names of
 * marks, which become numbers. */
#include "detect/rules/parse.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/str.h"

const char *
nearest_of(struct slice word, const char *(*nth)(void *, uint32_t), void *arg)
{
	char have[48];
	const char *best = NULL, *w;
	unsigned least = word.n < 4 ? 2 : word.n < 8 ? 3 : 4;

	if (word.n == 0 || word.n >= sizeof(have))
		return NULL;
	memcpy(have, word.p, word.n);
	have[word.n] = '\0';
	for (uint32_t i = 0; (w = nth(arg, i)) != NULL; i++) {
		unsigned d = str_distance(have, w);

		if (d < least) {
			least = d;
			best = w;
		}
	}
	return best;
}

/* ---- names of the dissectors ---- */

/* Equal but for case and what stands between words: ReadCoils, read_coils, "Read Coils". */
static bool
same_name(const char *have, struct slice word)
{
	size_t i = 0;

	for (;; have++, i++) {
		while (*have != '\0' && strchr(" _-/.(),", *have) != NULL)
			have++;
		while (i < word.n && strchr("_-.", word.p[i]) != NULL)
			i++;
		if (*have == '\0' || i == word.n)
			return *have == '\0' && i == word.n;
		if ((*have | 0x20) != (word.p[i] | 0x20))
			return false;
	}
}

/* Snort's names where they are other words, not other spellings. */
static const struct { const char *theirs, *ours; } other_names[] = {
	{ "report_slave_id", "ReportServerID" },
	{ "encapsulated_interface_transport", "MEI" },
	{ "setmultivar", "SetMultiVariables" },
	{ "getmultivar", "GetMultiVariables" },
	{ "getvarsubstr", "GetVarSubStreamed" },
	{ "setvarsubstr", "SetVarSubStreamed" },
};

bool
lookup_name(const struct parser *P, enum rule_names list, struct slice word, struct rule_name *out)
{
	const struct rule_lookup *l = P->from->lookup;

	if (word.n == 0 || l == NULL)
		return false;
	for (size_t i = 0; i < COUNTOF(other_names); i++)
		if (slice_is_nocase(word, other_names[i].theirs))
			word = (struct slice){ other_names[i].ours, strlen(other_names[i].ours) };
	for (uint32_t i = 0; l->nth(list, i, out); i++)
		if (same_name(out->word, word) || same_name(out->name, word))
			return true;
	return false;
}

struct names_walk {
	const struct parser	*P;
	enum rule_names		 list;
};

static const char *
nth_name(void *arg, uint32_t i)
{
	const struct names_walk *w = arg;
	struct rule_name n;

	return w->P->from->lookup != NULL && w->P->from->lookup->nth(w->list, i, &n) ? n.word : NULL;
}

/* "Read Coils" as people write it in a rule: read_coils. */
static void
written_name(const char *name, char *to, size_t size)
{
	size_t n = 0;

	for (; *name != '\0' && n + 1 < size; name++)
		if (isalnum((unsigned char)*name))
			to[n++] = (char)tolower((unsigned char)*name);
		else if (n > 0 && to[n - 1] != '_')
			to[n++] = '_';
	to[n] = '\0';
}

/* The nearest of the long names into `best`; false when none is near. */
static bool
nearest_long_name(struct parser *P, enum rule_names list, struct slice word, char *best, size_t size)
{
	const struct rule_lookup *l = P->from->lookup;
	unsigned least = 4;
	struct rule_name n;
	char have[64], name[64];

	if (l == NULL || word.n >= sizeof(have))
		return false;
	memcpy(have, word.p, word.n);
	have[word.n] = '\0';
	for (uint32_t i = 0; l->nth(list, i, &n); i++) {
		unsigned d;

		written_name(n.name, name, sizeof(name));
		d = str_distance(have, name);
		if (d < least) {
			least = d;
			(void)snprintf(best, size, "%s", name);
		}
	}
	return least < 4;
}

void
complain_name(struct parser *P, enum rule_names list, struct slice word, const char *what)
{
	struct names_walk walk = { P, list };
	const char *near = nearest_of(word, nth_name, &walk);
	char name[64];

	if (near == NULL && nearest_long_name(P, list, word, name, sizeof(name)))
		near = name;
	parse_complain(P, word.p, "'%.*s' is no %s%s%s%s", SLICE(word), what,
	    NEAREST(near));
}

/* ---- interned names ---- */

static uint32_t
hash_name(struct slice s)
{
	uint32_t h = 2166136261u;

	for (size_t i = 0; i < s.n; i++)
		h = (h ^ (uint8_t)s.p[i]) * 16777619u;
	return h;
}

static void
grow_slots(struct rule_memory *m, struct name_table *t)
{
	uint32_t n = t->n_slots == 0 ? 64 : t->n_slots * 2;
	uint32_t *slots = rule_array(m, n, sizeof(*slots));

	if (slots == NULL)
		return;
	for (uint32_t i = 0; i < t->n; i++) {
		uint32_t at = hash_name((struct slice){ t->of[i], strlen(t->of[i]) }) & (n - 1);

		while (slots[at] != 0)
			at = (at + 1) & (n - 1);
		slots[at] = i + 1;
	}
	t->slots = slots;
	t->n_slots = n;
}

uint32_t
name_number(struct rule_memory *m, struct name_table *t, struct slice name)
{
	const char **of, *copy;
	uint32_t at;

	if (2 * (t->n + 1) > t->n_slots)
		grow_slots(m, t);
	if (m->failed)
		return 0;
	for (at = hash_name(name) & (t->n_slots - 1); t->slots[at] != 0; at = (at + 1) & (t->n_slots - 1))
		if (slice_is(name, t->of[t->slots[at] - 1]))
			return t->slots[at] - 1;
	of = rule_grow(m, t->of, t->n, &t->capacity, sizeof(*of));
	copy = rule_text(m, name.p, name.n);
	if (of == NULL || copy == NULL)
		return 0;
	t->of = of;
	t->of[t->n] = copy;
	t->slots[at] = ++t->n;
	return t->n - 1;
}
