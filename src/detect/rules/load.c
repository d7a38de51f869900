/* load.c - loads files into a rule set. */
#include "detect/rules/rule.h"

#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "detect/rules/classification.h"
#include "detect/rules/file.h"
#include "detect/rules/files.h"
#include "detect/rules/parse.h"
#include "detect/rules/select.h"
#include "detect/rules/shipped.h"
#include "detect/rules/thresholds.h"
#include "detect/rules/vars.h"

struct loading {
	struct parser	 parser;
	struct vars	 vars;
	struct classes	 classes;
	struct lexer	 lexer;
	struct selectors enable, disable;
	uint32_t	 capacity;
	const char	**taken;	/* files that were read */
	uint32_t	 n_taken, taken_capacity;
	uint32_t	*seen;		/* open addressing: index + 1 of a rule, by gid and sid */
	uint32_t	 n_seen;	/* slots */
};

static uint32_t
slot_of(const struct loading *l, uint32_t gid, uint32_t sid)
{
	uint64_t h = ((uint64_t)gid << 32 | sid) * 0x9e3779b97f4a7c15ull;

	return (uint32_t)(h >> 32) & (l->n_seen - 1);
}

static void
grow_seen(struct loading *l)
{
	struct rule_set *set = l->parser.set;

	uint32_t n = l->n_seen == 0 ? 256 : l->n_seen * 2;
	uint32_t *seen = rule_array(set->mem, n, sizeof(*seen));

	if (seen == NULL)
		return;
	l->seen = seen;
	l->n_seen = n;
	for (uint32_t i = 0; i < set->n_rules; i++) {
		uint32_t at = slot_of(l, set->rules[i].meta.gid, set->rules[i].meta.sid);

		while (l->seen[at] != 0)
			at = (at + 1) & (l->n_seen - 1);
		l->seen[at] = i + 1;
	}
}

/* The sensor's own alerts (record/alert_types.def). */
#define RESERVED_FIRST	5000000u
#define RESERVED_LAST	5099999u

/* Keep the rule, unless one with its numbers and as high a revision is there. */
static void
keep(struct loading *l, const struct rule *r)
{
	struct rule_set *set = l->parser.set;
	struct rule *first, *rules;
	uint32_t at;

	if (r->meta.sid >= RESERVED_FIRST && r->meta.sid <= RESERVED_LAST) {
		parse_complain(&l->parser, l->parser.text->text,
		    "sid %u is one of the sensor's own (%u to %u); your own are best taken from 9000000 on",
		    r->meta.sid, RESERVED_FIRST, RESERVED_LAST);
		set->n_bad++;
		return;
	}
	if (2 * (set->n_rules + 1) > l->n_seen)
		grow_seen(l);
	rules = rule_grow(set->mem, set->rules, set->n_rules, &l->capacity, sizeof(*rules));
	if (set->mem->failed)
		return;
	set->rules = rules;
	for (at = slot_of(l, r->meta.gid, r->meta.sid); l->seen[at] != 0; at = (at + 1) & (l->n_seen - 1)) {
		first = &set->rules[l->seen[at] - 1];
		if (first->meta.gid != r->meta.gid || first->meta.sid != r->meta.sid)
			continue;
		set->n_duplicates++;
		if (r->meta.rev > first->meta.rev) {
			parse_note(&l->parser, l->parser.text->text, "sid %u rev %u takes the place of rev %u in %s:%u",
			    r->meta.sid, r->meta.rev, first->meta.rev, first->meta.file, first->meta.line);
			*first = *r;
			first->index = l->seen[at] - 1;
			return;
		}
		set->n_clashes += r->meta.rev == first->meta.rev;
		parse_note(&l->parser, l->parser.text->text, r->meta.rev == first->meta.rev ?
		    "sid %u is a duplicate of %s:%u; the first one is kept" :
		    "sid %u is in %s:%u with a higher rev, which is kept", r->meta.sid, first->meta.file, first->meta.line);
		return;
	}
	set->rules[set->n_rules] = *r;
	set->rules[set->n_rules].index = set->n_rules;
	l->seen[at] = ++set->n_rules;
}

static void	take_commented(struct loading *l, const char *text, size_t n);

static void
take_text(struct loading *l, const char *name, const char *text, size_t n)
{
	struct parser *P = &l->parser;

	P->file = rule_text(P->mem, name, strlen(name));
	if (P->file == NULL)
		return;
	lex_begin(&l->lexer, P->mem, text, n);
	while (!P->mem->failed && lex_next(&l->lexer)) {
		struct rule r;

		if (parse_rule(P, &l->lexer.rule, &r) && !P->mem->failed) {
			if (selectors_mean(&l->disable, &r.meta) && !selectors_mean(&l->enable, &r.meta))
				P->set->n_disabled++;
			else
				keep(l, &r);
		}
		else if (P->bad)
			P->set->n_bad++;
		else
			P->set->n_skipped++;
	}
	if (l->enable.n > 0)
		take_commented(l, text, n);
}

/* Rules behind a # that rules.enable selects; a # before anything else is a comment. */
static void
take_commented(struct loading *l, const char *text, size_t n)
{
	struct parser *P = &l->parser;
	struct slice rest = { text, n }, line, word, at;
	struct err *problems = P->problems, *notes = P->notes;
	struct err unheard = { 0 };

	for (uint32_t number = 1; rest.p != NULL && slice_part(&rest, '\n', &line) && !P->mem->failed; number++) {
		struct rule r;

		if (line.n == 0 || line.p[0] != '#')
			continue;
		while (line.n > 0 && (line.p[0] == '#' || line.p[0] == ' ' || line.p[0] == '\t'))
			line = (struct slice){ line.p + 1, line.n - 1 };
		at = line;
		(void)slice_word(&at, &word);
		if (!slice_is(word, "alert") && !slice_is(word, "drop") && !slice_is(word, "pass") && !slice_is(word, "reject"))
			continue;
		lex_begin(&l->lexer, P->mem, line.p, line.n);
		l->lexer.line = number;
		P->problems = P->notes = &unheard;
		if (lex_next(&l->lexer) && parse_rule(P, &l->lexer.rule, &r) && selectors_mean(&l->enable, &r.meta)) {
			P->problems = problems;
			P->notes = notes;
			keep(l, &r);
		}
		P->problems = problems;
		P->notes = notes;
	}
	err_free(&unheard);
}

static void
begin(struct loading *l, const struct rules_from *from, struct rule_set *set, struct err *problems,
    struct err *notes)
{
	const struct rules_settings *s = from->settings;
	struct parser *P = &l->parser;

	P->set = set;
	P->mem = set->mem;
	P->from = from;
	P->problems = problems;
	P->notes = notes;
	P->vars = &l->vars;
	P->classes = &l->classes;
	vars_open(&l->vars, set->mem, s);
	if (set->mem->failed)
		return;
	vars_check(&l->vars, P, problems);
	if (s != NULL && s->timezone != NULL && !zone_parse(&set->zone, s->timezone))
		err_add(problems, NULL, 0, 0, "rules.timezone: '%s' is no zone: UTC, +02:00, a name as Europe/Berlin, or as POSIX writes it "
		    "(CET-1CEST,M3.5.0,M10.5.0/3)", s->timezone);
	if (s != NULL) {
		selectors_read(&l->enable, P, s->enable);
		selectors_read(&l->disable, P, s->disable);
	}
	classes_open(&l->classes, set->mem, s != NULL ? s->classification : NULL,
	    s != NULL ? s->references : NULL, problems);
}

static void
finish(struct loading *l)
{
	struct rule_set *set = l->parser.set;
	const struct rules_settings *s = l->parser.from->settings;

	if (s != NULL)
		thresholds_read(&l->parser, &l->lexer, s->thresholds);
	vars_unused(&l->vars, l->parser.notes);
	selectors_free(&l->enable);
	selectors_free(&l->disable);
	free(l->parser.apps);
	set->flowbits = l->parser.flowbits.of;
	set->n_flowbits = l->parser.flowbits.n;
	set->xbits = l->parser.xbits.of;
	set->n_xbits = l->parser.xbits.n;
	set->flowints = l->parser.flowints.of;
	set->n_flowints = l->parser.flowints.n;
	rule_return_lent(set->mem);	/* texts of the files: all that is kept was copied */
	set->memory = set->mem->total;
}

static void
take_file(void *arg, const char *path)
{
	struct loading *l = arg;
	struct slice all;

	/* A folder and a pattern may both mean it. */
	for (uint32_t i = 0; i < l->n_taken; i++)
		if (strcmp(l->taken[i], path) == 0)
			return;
	l->taken = rule_grow(l->parser.mem, l->taken, l->n_taken, &l->taken_capacity, sizeof(*l->taken));
	if (l->taken == NULL)
		return;
	l->taken[l->n_taken++] = path;
	if (file_read(l->parser.mem, path, &all, l->parser.problems))
		take_text(l, path, all.p, all.n);
}

/* Those that came with the program: where it was installed, or out of itself. */
static void
take_shipped(struct loading *l)
{
	const char *folder = files_shipped(l->parser.mem);

	if (folder != NULL) {
		files_each(l->parser.mem, folder, l->parser.problems, take_file, l);
		return;
	}
	for (const struct shipped_file *f = shipped_files; f->name != NULL; f++)
		take_text(l, f->name, (const char *)f->text, f->n);
}

static bool
load(struct rule_set *set, const struct rules_from *from, const char *name, const char *text, size_t n,
    struct err *problems, struct err *notes)
{
	struct loading *l = calloc(1, sizeof(*l));

	*set = (struct rule_set){ .mem = calloc(1, sizeof(*set->mem)) };
	if (l != NULL && set->mem != NULL) {
		begin(l, from, set, problems, notes);
		if (text != NULL)
			take_text(l, name, text, n);
		for (uint32_t i = 0; i < from->n_files; i++)
			if (strcmp(from->files[i], "auto") == 0)
				take_shipped(l);
			else if (strcmp(from->files[i], "none") != 0)
				files_each(set->mem, from->files[i], problems, take_file, l);
		finish(l);
	}
	if (l == NULL || set->mem == NULL || set->mem->failed) {
		rule_set_free(set);
		err_add(problems, NULL, 0, 0, "out of memory while reading rules");
		free(l);
		return false;
	}
	free(l);
	return true;
}

bool
rules_load(struct rule_set *set, const struct rules_from *from, struct err *problems, struct err *notes)
{
	return load(set, from, NULL, NULL, 0, problems, notes);
}

bool
rules_load_text(struct rule_set *set, const struct rules_from *from, const char *name, const char *text,
    size_t n, struct err *problems, struct err *notes)
{
	return load(set, from, name, text, n, problems, notes);
}

bool
rules_load_settings(struct rule_set *set, const struct rules_from *from, struct err *problems,
    struct err *notes)
{
	const char *list = from->settings != NULL ? from->settings->files : NULL;
	uint32_t n = from->n_files + 1, k = 0;
	struct rules_from all = *from;
	const char **files;
	char *copy = NULL;
	bool ok;

	for (const char *p = list; p != NULL && *p != '\0'; p++)
		n += *p == ',';
	files = calloc(n, sizeof(*files));
	if (files == NULL || (list != NULL && (copy = strdup(list)) == NULL)) {
		free(files);
		err_add(problems, NULL, 0, 0, "out of memory while reading rules");
		return false;
	}
	for (char *p = copy, *end; p != NULL && k < n; p = end) {
		p += strspn(p, ", \t");
		if (*p == '\0')
			break;
		end = p + strcspn(p, ",");
		if (*end != '\0')
			*end++ = '\0';
		files[k++] = p;
	}
	for (uint32_t i = 0; i < from->n_files && k < n; i++)
		files[k++] = from->files[i];
	all.files = files;
	all.n_files = k;
	ok = rules_load(set, &all, problems, notes);
	free(copy);
	free(files);
	return ok;
}

void
rule_set_summary(const struct rule_set *set, char *to, size_t size)
{
	struct strbuf b = strbuf_on(to, size);

	strbuf_printf(&b, "%u rule%s loaded, %u left out, %u duplicate%s, %u with problems", set->n_rules,
	    set->n_rules == 1 ? "" : "s", set->n_skipped, set->n_duplicates,
	    set->n_duplicates == 1 ? "" : "s", set->n_bad);
	if (set->n_disabled > 0)
		strbuf_printf(&b, ", %u switched off", set->n_disabled);
}

void
rule_set_free(struct rule_set *set)
{
	if (set->mem != NULL)
		rule_memory_free(set->mem);
	free(set->mem);
	*set = (struct rule_set){ 0 };
}
