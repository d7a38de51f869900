/* rules.c - thermowell rules check, list, explain, words and classes. */
#include "command/command.h"

#include <stdio.h>
#include <stdlib.h>
#include <stdint.h>
#include <string.h>

#include "base/json.h"
#include "detect/rules/classification.h"
#include "detect/rules/explain.h"
#include "engine/control.h"
#include "engine/names.h"
#include "engine/tags.h"

enum { DONE = 0, FAILED = 1, MISUSED = 2 };	/* exit status, as in main.c */

/* ---- check --------------------------------------------------------- */

static int
check(const struct rules_job *job, struct err *e)
{
	struct rules_settings s = job->settings->rules;
	struct tags *tags = tags_open(job->settings->rules.tags, e);
	struct rules_from from = engine_rules_from(job->settings, tags);
	struct rule_set set;
	struct err notes = { 0 };
	char text[128];
	int status = FAILED;

	from.files = job->words + 1;
	from.n_files = job->n_words - 1;
	from.settings = &s;
	if (job->n_words > 1)
		s.files = NULL;	/* these alone */
	if (rules_load_settings(&set, &from, e, &notes)) {
		err_print(&notes, stderr);
		rule_set_summary(&set, text, sizeof(text));
		puts(text);
		status = e->n > 0 || set.n_bad > 0 ? FAILED : DONE;
		rule_set_free(&set);
	}
	err_free(&notes);
	tags_close(tags);
	return status;
}

static int	list(const struct rules_job *job, const struct rule_set *set, const uint64_t *hits);

/* ---- list ------------------------------------------------------------------- */

static bool
json_rule(const struct rule *r, const uint64_t *hits)
{
	const struct rule_metadata *c = &r->meta;

	return json_line(json_pack("{s:I, s:I, s:I, s:s, s:I, s:o, s:o, s:o, s:o, s:I, s:I}", "gid", (json_int_t)c->gid,
	    "sid", (json_int_t)c->sid, "rev", (json_int_t)c->rev, "action", c->action, "severity", (json_int_t)c->severity,
	    "msg", json_from_text(c->msg), "category", json_from_text(c->category),
	    "techniques", json_from_text(c->techniques), "file", json_from_text(c->file), "line", (json_int_t)c->line,
	    "hits", hits != NULL ? (json_int_t)hits[r->index] : (json_int_t)0), stdout);
}

static void
table_rule(const struct rule *r, const uint64_t *all)
{
	const struct rule_metadata *c = &r->meta;
	char id[32], hits[24] = "-";

	if (c->gid == 1)
		(void)snprintf(id, sizeof(id), "%u", c->sid);
	else
		(void)snprintf(id, sizeof(id), "%u:%u", c->gid, c->sid);
	if (all != NULL)
		(void)snprintf(hits, sizeof(hits), "%llu", (unsigned long long)all[r->index]);
	printf("%-12s %4u  %-6s %4u %8s  %-24s %s\n", id, c->rev, c->action, c->severity, hits, c->techniques, c->msg);
}

static int
by_sid(const void *a, const void *b)
{
	const struct rule *x = *(const struct rule *const *)a, *y = *(const struct rule *const *)b;

	if (x->meta.gid != y->meta.gid)
		return x->meta.gid < y->meta.gid ? -1 : 1;
	return x->meta.sid < y->meta.sid ? -1 : x->meta.sid > y->meta.sid;
}

/* Asked for by engine_run() when the captures are over. */
static void
list_ran(void *arg, const struct rule_set *set, const uint64_t *hits)
{
	(void)list(arg, set, hits);
}

/* The rules with their hits in captures; no records are written. */
static int
list_after(const struct rules_job *job, struct err *e)
{
	struct settings s = *job->settings;
	const struct engine_run run = { .settings = &s, .files = job->files, .n_files = job->n_files,
	    .rules = list_ran, .arg = (void *)(uintptr_t)job };

	s.output.eve = false;
	return engine_run(&run, e) == 0 ? DONE : FAILED;
}

static int
list(const struct rules_job *job, const struct rule_set *set, const uint64_t *hits)
{
	const struct rule **sorted = calloc(set->n_rules + 1, sizeof(*sorted));
	char text[128];
	bool good = true;

	if (sorted == NULL)
		return FAILED;
	for (uint32_t i = 0; i < set->n_rules; i++)
		sorted[i] = &set->rules[i];
	qsort(sorted, set->n_rules, sizeof(*sorted), by_sid);
	if (!job->json)
		printf("%-12s %4s  %-6s %4s %8s  %-24s %s\n", "sid", "rev", "action", "sev", "hits", "techniques", "message");
	for (uint32_t i = 0; i < set->n_rules; i++)
		if (job->json)
			good &= json_rule(sorted[i], hits);
		else
			table_rule(sorted[i], hits);
	free(sorted);
	if (!job->json) {
		rule_set_summary(set, text, sizeof(text));
		puts(text);
	}
	return good ? DONE : FAILED;
}

/* ---- explain ---------------------------------------------------------------- */

static bool
number_of(const char *text, uint32_t *out)
{
	char *end;
	unsigned long v = strtoul(text, &end, 10);

	*out = (uint32_t)v;
	return end != text && *end == '\0' && v > 0 && v <= UINT32_MAX;
}

static bool
explain_rule(const struct rules_job *job, const struct rule_set *set, const struct rule *r)
{
	json_t *explanation = rule_explain(set, r, &engine_names);

	if (job->json)
		return json_line(explanation, stdout);
	rule_explanation_print(explanation, stdout);
	json_decref(explanation);
	return explanation != NULL;
}

static int
explain(const struct rules_job *job, const struct rule_set *set, struct err *e)
{
	int status = DONE;

	for (unsigned i = 1; i < job->n_words; i++) {
		const char *colon = strchr(job->words[i], ':');
		uint32_t sid, n = 0;

		if (!number_of(colon != NULL ? colon + 1 : job->words[i], &sid)) {
			err_add(e, NULL, 0, 0, "'%s' is not the number of a rule (sid, or gid:sid)", job->words[i]);
			return MISUSED;
		}
		for (uint32_t k = 0; k < set->n_rules; k++) {
			const struct rule *r = &set->rules[k];

			if (r->meta.sid != sid || (colon != NULL && (unsigned long)r->meta.gid != strtoul(job->words[i], NULL, 10)))
				continue;
			if ((n++ > 0 || i > 1) && !job->json)
				putchar('\n');
			if (!explain_rule(job, set, r))
				status = FAILED;
		}
		if (n == 0) {
			err_add(e, NULL, 0, 0, "no rule has the number %s; `thermowell rules list` shows all that are loaded (-S FILE names others)",
			    job->words[i]);
			status = FAILED;
		}
	}
	return status;
}

/* ---- the manual, generated from the tables ------------------------------------------ */

static void
markdown(const char *s)
{
	for (; *s != '\0'; s++) {
		if (*s == '|')
			putchar('\\');
		putchar(*s);
	}
}

/* The words that ot.intent, ot.space and ot.outcome know. */
static void
print_values(void)
{
	static const struct { const char *word, *what; } intents[] = {
#define OP_INTENT(id, text, what) { text, what },
#include "record/op_names.def"
	}, spaces[] = {
#define OP_SPACE(id, of, text, what) { text, what },
#include "record/op_names.def"
	}, outcomes[] = {
#define OP_OUTCOME(id, text, what) { text, what },
#include "record/op_names.def"
	};
	const struct { const char *of; const void *rows; size_t n; } lists[] = {
		{ "ot.intent", intents, sizeof(intents) / sizeof(intents[0]) },
		{ "ot.outcome", outcomes, sizeof(outcomes) / sizeof(outcomes[0]) },
		{ "ot.space", spaces, sizeof(spaces) / sizeof(spaces[0]) },
	};

	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
		const struct { const char *word, *what; } *rows = lists[i].rows;

		printf("| value of `%s` | meaning |\n|---|---|\n", lists[i].of);
		for (size_t k = 0; k < lists[i].n; k++)
			printf("| `%s` | %s |\n", rows[k].word, rows[k].what);
		putchar('\n');
	}
}

static void
print_words(void)
{
	static const char *const parts[] = { "The rule itself", "Headers of the packet", "Bytes", "Buffers",
	    "Operations", "The conversation", "What is remembered", "Assets" };
	static const enum rule_applies order[] = { APPLIES_META, APPLIES_FLOW, APPLIES_STATE, APPLIES_PAYLOAD,
	    APPLIES_STICKY, APPLIES_TX, APPLIES_ASSET, APPLIES_PACKET };

	for (size_t p = 0; p < sizeof(order) / sizeof(order[0]); p++) {
		printf("### %s\n\n| word | also | value | meaning | example |\n|---|---|---|---|---|\n", parts[order[p]]);
		for (unsigned i = 0; i < RULE_WORD_COUNT; i++) {
			const struct rule_word_row *row = rule_word_row((enum rule_word)i);

			if (row->applies != order[p])
				continue;
			printf("| `%s` | %s | ", row->text, row->also);
			markdown(row->syntax);
			printf(" | %s | `", row->what);
			markdown(row->example);
			puts("` |");
		}
		putchar('\n');
		if (order[p] == APPLIES_TX)
			print_values();
	}
}

static void
print_classes(void)
{
	const struct class_row *row;

	puts("# Classes of rules and alerts: name, what it is, priority (1 is the highest).\n"
	    "# Made of src/record/classes.def; `thermowell rules classes` prints it.");
	for (uint32_t i = 0; (row = class_built_in(i)) != NULL; i++)
		printf("config classification: %s,%s,%u\n", row->name, row->description, row->priority);
}

static int
engine_ask(const struct settings *s, enum control_command command, bool json, struct err *e)
{
	if (s->control.socket != NULL && s->control.socket[0] != '\0')
		return control_ask(s->control.socket, command, json, stdout, e) == 0 ? DONE : FAILED;
	err_add(e, NULL, 0, 0, "which sensor? give its control socket: --set control.socket=PATH, or its configuration with -c");
	return MISUSED;
}

int
command_status(const struct settings *s, bool json, struct err *e)
{
	return engine_ask(s, CONTROL_STATUS, json, e);
}

int
command_rules(const struct rules_job *job, struct err *e)
{
	const char *verb = job->n_words > 0 ? job->words[0] : "";
	struct rule_set set;
	struct err notes = { 0 };
	struct rules_from from;
	struct tags *tags;
	int status;

	if (strcmp(verb, "check") == 0)
		return check(job, e);
	if (strcmp(verb, "reload") == 0)
		return engine_ask(job->settings, CONTROL_RULES_RELOAD, job->json, e);
	if (strcmp(verb, "words") == 0 || strcmp(verb, "classes") == 0) {
		if (verb[0] == 'w')
			print_words();
		else
			print_classes();
		return DONE;
	}
	if (strcmp(verb, "list") != 0 && (strcmp(verb, "explain") != 0 || job->n_words < 2)) {
		err_add(e, NULL, 0, 0, "use rules check FILE..., rules list [--json], rules explain [--json] SID..., rules reload, rules words or rules classes");
		return MISUSED;
	}
	if (strcmp(verb, "list") == 0 && job->n_files > 0)
		return list_after(job, e);
	tags = tags_open(job->settings->rules.tags, e);
	from = engine_rules_from(job->settings, tags);
	if (!rules_load_settings(&set, &from, e, &notes))
		status = FAILED;
	else if (strcmp(verb, "list") == 0)
		status = list(job, &set, NULL);
	else
		status = explain(job, &set, e);
	err_free(&notes);
	rule_set_free(&set);
	tags_close(tags);
	return status == DONE && e->n > 0 ? FAILED : status;
}
