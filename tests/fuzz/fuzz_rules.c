/* fuzz_rules.c - any bytes as a rule file: lexer, parser, printer, words.
 *
 * A rule that loads is printed, read and printed again: the same text, the same
 * number of options, or the tree says something else than the file.  Rules that
 * name files are not printed: the fuzzer has none.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "detect/rules/explain.h"
#include "detect/rules/print.h"
#include "engine/names.h"

int	LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static char *
printed(const struct rule_set *set, const struct rule *r)
{
	char *text = NULL;
	size_t n;
	FILE *f = open_memstream(&text, &n);

	if (f == NULL)
		abort();
	rule_print(set, r, f);
	(void)fclose(f);
	return text;
}

/* nDPI's names, asked for once: to open it takes longer than a thousand inputs. */
static char *
apps(void)
{
	static char *names;

	if (names == NULL)
		names = engine_names.apps();
	return names != NULL ? strdup(names) : NULL;
}

static void
read_text(const char *text, size_t n, struct rule_set *set)
{
	const struct rule_lookup names = { engine_names.nth, apps };
	const struct rules_from from = { .lookup = &names };
	struct err problems = { 0 }, notes = { 0 };
	char *copy = malloc(n > 0 ? n : 1);

	if (copy == NULL)
		abort();
	memcpy(copy, text, n);
	if (!rules_load_text(set, &from, "fuzz", copy, n, &problems, &notes))
		abort();
	/* What is not loaded was told. */
	if (set->n_bad > 0 && problems.n == 0)
		abort();
	if (set->n_skipped + set->n_duplicates > (uint32_t)notes.n)
		abort();
	free(copy);
	err_free(&problems);
	err_free(&notes);
}

static bool
needs_files(const struct rule *r)
{
	for (uint32_t i = 0; i < r->n_opts; i++)
		if (r->opts[i].word == RW_IPREP || r->opts[i].word == RW_DATASET || r->opts[i].word == RW_DATAREP)
			return true;
	return false;
}

static void
same_again(const struct rule_set *set, const struct rule *r)
{
	char *first = printed(set, r), *second;
	struct rule_set again;

	read_text(first, strlen(first), &again);
	if (again.n_rules != 1 || again.rules[0].n_opts != r->n_opts) {
		fprintf(stderr, "not the same: %s\n", first);
		abort();
	}
	second = printed(&again, &again.rules[0]);
	if (strcmp(first, second) != 0) {
		fprintf(stderr, "printed: %s\nthen:    %s\n", first, second);
		abort();
	}
	free(first);
	free(second);
	rule_set_free(&again);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct rule_set set;
	char *text = NULL;
	size_t size;
	FILE *f;

	/* "@file", "load file": no reading of whatever lies about. */
	if (memchr(data, '@', n) != NULL || memmem(data, n, "load", 4) != NULL || memmem(data, n, "state", 5) != NULL)
		return 0;
	read_text((const char *)data, n, &set);
	f = open_memstream(&text, &size);
	if (f == NULL)
		abort();
	for (uint32_t i = 0; i < set.n_rules; i++) {
		json_t *explanation = rule_explain(&set, &set.rules[i], &engine_names);

		/* Whatever bytes a rule holds, its explanation can be written. */
		if (explanation == NULL)
			abort();
		rule_explanation_print(explanation, f);
		json_decref(explanation);
		if (!needs_files(&set.rules[i]))
			same_again(&set, &set.rules[i]);
	}
	(void)fclose(f);
	free(text);
	rule_set_free(&set);
	return 0;
}
