/* rule_kit.h - what the tests of the rule language share. */
#ifndef TESTS_UNIT_RULE_KIT_H
#define TESTS_UNIT_RULE_KIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/str.h"
#include "detect/rules/explain.h"
#include "detect/rules/print.h"
#include "engine/names.h"
#include "process/tag.h"

/* A set read from a text, with what was said of it. */
struct kit {
	struct rule_set	set;
	struct err	problems, notes;
};

static const struct zones_settings *kit_zones;	/* of the configuration; NULL: not known */

/* What the examples of rules name; NULL: no tags. */
static struct tags *kit_tags;

static inline bool
kit_read(struct kit *k, const char *text, size_t n, const struct rules_settings *s)
{
	const struct rules_from from = { .lookup = &engine_names, .settings = s, .zones = kit_zones, .tags = kit_tags };

	*k = (struct kit){ 0 };
	return rules_load_text(&k->set, &from, "t", text, n, &k->problems, &k->notes);
}

static inline void
kit_free(struct kit *k)
{
	rule_set_free(&k->set);
	err_free(&k->problems);
	err_free(&k->notes);
}

/* The rule as printed; the caller frees it. */
static inline char *
kit_print(const struct rule_set *set, const struct rule *r)
{
	char *text = NULL;
	size_t n;
	FILE *f = open_memstream(&text, &n);

	assert_non_null(f);
	rule_print(set, r, f);
	assert_int_equal(fclose(f), 0);
	return text;
}

/* Printed, read and printed again: the same. */
static inline void
kit_same_again(const struct rule_set *set, const struct rule *r)
{
	char *first = kit_print(set, r), *second;
	struct kit again;

	assert_true(kit_read(&again, first, strlen(first), NULL));
	if (again.set.n_rules != 1) {
		err_print(&again.problems, stderr);
		err_print(&again.notes, stderr);
		fail_msg("not read again: %s", first);
	}
	second = kit_print(&again.set, &again.set.rules[0]);
	assert_string_equal(first, second);
	assert_int_equal(r->n_opts, again.set.rules[0].n_opts);
	assert_int_equal(r->meta.severity, again.set.rules[0].meta.severity);
	free(first);
	free(second);
	kit_free(&again);
}

#endif
