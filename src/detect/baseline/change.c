#include "detect/baseline/change.h"

#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "detect/baseline/inside.h"

/* ---- which -------------------------------------------------------------------------- */

static bool
is_word(const char *p, size_t n, const char *word)
{
	return strlen(word) == n && memcmp(p, word, n) == 0;
}

static bool
read_asset(struct chosen *c, const char *p, size_t n)
{
	char text[ADDR_TEXT_MAX];
	unsigned bits;

	if (n >= sizeof(text) || memchr(p, '/', n) != NULL)
		return false;
	memcpy(text, p, n);
	text[n] = '\0';
	c->has_asset = true;
	return addr_net_read(text, &c->asset, &bits);
}

static const char *
read_word(struct chosen *c, const char *p, size_t n, bool first)
{
	static const char asset[] = "asset=";

	if (n > sizeof(asset) - 1 && memcmp(p, asset, sizeof(asset) - 1) == 0)
		return read_asset(c, p + sizeof(asset) - 1, n - sizeof(asset) + 1) ? NULL : "asset= needs an address";
	if (memchr(p, '=', n) != NULL) {
		if (c->n_words == COUNTOF(c->words))
			return "too many fields";
		c->words[c->n_words].p = p;
		c->words[c->n_words++].n = n;
		return NULL;
	}
	for (unsigned i = 0; first && i < FACT_KIND_COUNT; i++)
		if (is_word(p, n, fact_row(i)->text)) {
			c->kind = i;
			return NULL;
		}
	return first ? "no such kind of fact" : "a word that is neither a kind of fact nor field=value";
}

const char *
chosen_read(struct chosen *c, const char *text)
{
	bool first = true;

	*c = (struct chosen){ .kind = FACT_KIND_COUNT };
	for (const char *p = text; ; ) {
		const char *why;
		size_t n;

		p += strspn(p, " \t");
		n = strcspn(p, " \t");
		if (n == 0)
			return first ? "nothing is chosen: all, a kind of fact, field=value or asset=ADDRESS" : NULL;
		if (first && is_word(p, n, "all"))
			c->all = true;
		else if ((why = read_word(c, p, n, first)) != NULL)
			return why;
		first = false;
		p += n;
	}
}

/* Is "field=value" among the words of the line? */
static bool
line_has(const char *line, const char *p, size_t n)
{
	for (const char *at = line; (at = memmem(at, strlen(at), p, n)) != NULL; at++)
		if (at > line && at[-1] == ' ' && (at[n] == ' ' || at[n] == '\0'))
			return true;
	return false;
}

bool
chosen_has(const struct chosen *c, const struct fact *f)
{
	char line[FACT_LINE_MAX];

	if (c->kind != FACT_KIND_COUNT && f->key.kind != c->kind)
		return false;
	if (c->has_asset && !addr_same(&c->asset, &f->key.server) && !addr_same(&c->asset, &f->key.client))
		return false;
	if (c->n_words == 0)
		return true;
	(void)fact_print(f, line, sizeof(line));
	for (unsigned i = 0; i < c->n_words; i++)
		if (!line_has(line, c->words[i].p, c->words[i].n))
			return false;
	return true;
}

/* ---- what is done ---------------------------------------------------------------------- */

enum verb { ACCEPT, REJECT, RESET, VERBS };
static const char *const verbs[VERBS] = { "accept", "reject", "reset" };

/* With a whole choice only what waits for a decision is decided; who names a fact means it. */
static bool
concerns(enum verb v, const struct chosen *c, const struct fact *f)
{
	switch (v) {
	case ACCEPT:
		return f->state == FACT_OPEN || ((f->state == FACT_REJECTED || f->state == FACT_LEARNED || f->state == FACT_EXPIRED) && c->n_words > 0);
	case REJECT:
		return f->state == FACT_OPEN || (f->state != FACT_REJECTED && (c->n_words > 0 || c->has_asset));
	default:
		return true;
	}
}

static void
do_one(struct baseline *b, enum verb v, struct fact *f)
{
	if (v == RESET)
		facts_remove(b->facts, f);
	else
		(void)facts_set_state(b->facts, f, v == ACCEPT ? FACT_ACCEPTED : FACT_REJECTED);
}

static uint32_t
change_facts(struct baseline *b, enum verb v, const struct chosen *c)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < facts_ceiling(b->facts); i++) {
		struct fact *f = facts_at(b->facts, i);

		if (f == NULL || !concerns(v, c, f) || !chosen_has(c, f))
			continue;
		do_one(b, v, f);
		n++;
	}
	return n;
}

/* Stages of the kinds of facts that are chosen; those of a device that has none yet are made. */
static uint32_t
change_lives(struct baseline *b, const struct chosen *c, enum life_stage stage, uint64_t now_ns)
{
	struct life *l;
	uint32_t n = 0;

	for (unsigned k = 0; c->has_asset && k < FACT_KIND_COUNT; k++)
		if (c->kind == FACT_KIND_COUNT || c->kind == k)
			(void)lives_get(b->lives, &c->asset, k, now_ns);
	for (uint32_t i = 0; (l = lives_at(b->lives, i)) != NULL; i++) {
		if ((c->kind != FACT_KIND_COUNT && l->kind != c->kind) || (c->has_asset && !addr_same(&l->owner, &c->asset)))
			continue;
		l->stage = (uint8_t)stage;
		l->since_ns = now_ns;
		l->changed = b->lives_changed = true;
		n++;
	}
	return n;
}

/* A line that was exported. */
static const char *
import_line(struct baseline *b, const struct keep_action *a, uint64_t now_ns, uint32_t *n)
{
	char line[sizeof(a->id) + sizeof(a->text) + 2];
	struct strbuf to = strbuf_on(line, sizeof(line));
	struct fact f, *is;
	const char *why;
	size_t at;

	strbuf_put(&to, a->id);
	strbuf_put(&to, " ");
	strbuf_put(&to, a->text);
	if (!fact_parse(line, to.len, &f, &why, &at))
		return why;
	is = facts_find(b->facts, &f.key);
	if (is != NULL && memcmp(&is->key, &f.key, sizeof(f.key)) == 0) {
		if (is->state != f.state)
			is = facts_set_state(b->facts, is, (enum fact_state)f.state);
	} else
		is = facts_add(b->facts, &f.key, (enum fact_state)f.state, f.first_ns != 0 ? f.first_ns : now_ns);
	if (is == NULL)
		return "the table of facts is full (baseline.facts)";
	if (is->count < f.count)
		is->count = f.count;
	memcpy(is->n, f.n, sizeof(is->n));
	facts_touch(b->facts, is);
	*n = 1;
	return NULL;
}

static const char *
change_mode(struct baseline *b, const char *mode)
{
	static const char *const modes[] = { [BASELINE_LEARN] = "learn", [BASELINE_DETECT] = "detect", [BASELINE_AUTO] = "auto" };

	for (unsigned i = BASELINE_LEARN; i < COUNTOF(modes); i++)
		if (strcmp(modes[i], mode) == 0) {
			b->mode = i;
			b->mode_set = true;
			return NULL;
		}
	return "the mode is one of learn, detect and auto";
}

const char *
baseline_change(struct baseline *b, const struct keep_action *a, uint64_t now_ns, uint32_t *n)
{
	const char *why;
	struct chosen c;

	*n = 0;
	memo_flush(&b->memo);
	if (strcmp(a->verb, "import") == 0)
		return import_line(b, a, now_ns, n);
	if (strcmp(a->verb, "mode") == 0)
		return change_mode(b, a->id);
	why = chosen_read(&c, a->id);
	if (why != NULL)
		return why;
	if (strcmp(a->verb, "lock") == 0 || strcmp(a->verb, "unlock") == 0) {
		if (c.n_words > 0)
			return "what is locked is a kind of facts, those of an asset, or all";
		*n = change_lives(b, &c, a->verb[0] == 'l' ? LIFE_LOCKED : LIFE_LEARN, now_ns);
		return *n > 0 ? NULL : "nothing has such facts";
	}
	for (unsigned v = 0; v < VERBS; v++)
		if (strcmp(a->verb, verbs[v]) == 0) {
			*n = change_facts(b, (enum verb)v, &c);
			if (v == RESET && c.n_words == 0)
				(void)change_lives(b, &c, LIFE_LEARN, now_ns);
			return *n > 0 ? NULL : "no fact is like that, or it is so already";
		}
	return "it is one of accept, reject, lock, unlock, reset, import and mode";
}

/* ---- without a detector ------------------------------------------------------------------ */

struct baseline *
baseline_alone(const struct settings *s, const struct keep *keep, struct counters *c, struct err *e)
{
	struct baseline *b = calloc(1, sizeof(*b));

	if (b == NULL)
		return NULL;
	b->env.settings = s;
	b->env.counters = c;
	b->s = &s->baseline;
	b->mode = s->baseline.mode;
	if (!baseline_open_tables(b))
		err_add(e, NULL, 0, 0, "no memory for the baseline: lower baseline.facts");
	else if (baseline_restore(b, keep, e) == 0)
		return b;
	baseline_close_tables(b);
	free(b);
	return NULL;
}

void
baseline_alone_close(struct baseline *b, const struct keep *keep)
{
	(void)baseline_save(b, keep, b->last_kept_ns, true);
	baseline_close_tables(b);
	free(b);
}

struct lives *
baseline_lives(struct baseline *b)
{
	return b->lives;
}

uint64_t
baseline_last_ns(const struct baseline *b)
{
	return b->last_kept_ns;
}
