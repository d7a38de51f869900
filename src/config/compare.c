/* compare.c - which settings two configurations differ in. */
#include "config/config.h"

#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "config/lists.h"
#include "config/table.h"

static bool
row_differs(const struct setting *row, const struct settings *a, const struct settings *b)
{
	char one[64], other[64];

	return strcmp(setting_show(row, a, one, sizeof(one)), setting_show(row, b, other, sizeof(other))) != 0;
}

static bool
list_differs(const struct setting_list *l, const struct settings *a, const struct settings *b)
{
	unsigned n = config_list_count(l, a);

	if (n != config_list_count(l, b))
		return true;
	for (unsigned k = 0; k < n; k++)
		for (unsigned i = 0; i < l->n_rows; i++) {
			struct list_row storage;

			if (row_differs(config_list_row(l, k, i, &storage), a, b))
				return true;
		}
	return false;
}

static bool
vars_differ(const struct setting_vars *a, const struct setting_vars *b)
{
	if (a->n != b->n)
		return true;
	for (uint32_t i = 0; i < a->n; i++)
		if (strcmp(a->of[i].name, b->of[i].name) != 0 || strcmp(a->of[i].value, b->of[i].value) != 0)
			return true;
	return false;
}

/* Those of struct rules_settings: all that is read with the rules. */
static bool
goes_with_rules(const struct setting *row)
{
	return row->offset >= offsetof(struct settings, rules) && row->offset < offsetof(struct settings, rules) + sizeof(struct rules_settings);
}

void
config_compare(const struct settings *a, const struct settings *b, config_differs *differs, void *arg)
{
	for (unsigned i = 0; i < setting_count; i++)
		if (row_differs(&setting_rows[i], a, b))
			differs(arg, setting_rows[i].name, goes_with_rules(&setting_rows[i]));
	for (unsigned i = 0; i < setting_list_count; i++)
		if (list_differs(&setting_lists[i], a, b))
			differs(arg, setting_lists[i].name, false);
	if (vars_differ(&a->rules.addresses, &b->rules.addresses))
		differs(arg, "vars.address-groups", true);
	if (vars_differ(&a->rules.ports, &b->rules.ports))
		differs(arg, "vars.port-groups", true);
}
