#include "config/config.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/str.h"
#include "config/aliases.h"
#include "config/lists.h"
#include "config/table.h"
#include "config/vars.h"

void
config_defaults(struct settings *s)
{
	char why[64];

	memset(s, 0, sizeof(*s));
	/* A default that its own row refuses would leave the field 0; the unit
	 * test takes every row through this. */
	for (unsigned i = 0; i < setting_count; i++)
		(void)setting_take(&setting_rows[i], s, setting_rows[i].fallback, why, sizeof(why));
	s->alert.limit_is_set = false;
}

void
config_free(struct settings *s)
{
	config_vars_free(&s->rules.addresses);
	config_vars_free(&s->rules.ports);
	config_lists_free(s);
	for (unsigned i = 0; i < setting_count; i++)
		setting_free(&setting_rows[i], s);
}

/* -k and -l were written with the value alone. */
static const char *
as_written(const char *what, const char *assignment)
{
	const char *eq = strchr(assignment, '=');

	return strcmp(what, "--set") != 0 && eq != NULL ? eq + 1 : assignment;
}

/* "vars.address-groups.HOME_NET=..." */
static bool
set_var(struct settings *s, char *name, const char *assignment, const char *what, struct err *e)
{
	char *dot = strrchr(name, '.');
	struct setting_vars *v;
	const char *why;
	char section[SETTING_NAME_MAX];

	if (dot == NULL)
		return false;
	*dot = '\0';
	v = setting_normal(name, section) ? config_vars(s, section) : NULL;
	if (v != NULL && !config_var_take(v, dot + 1, strchr(assignment, '=') + 1, NULL, 0, 0, &why))
		err_add(e, NULL, 0, 0, "%s %s: %s", what, assignment, why);
	*dot = '.';
	return v != NULL;
}

/* "outputs.sinks.0.target=...": the row, of an entry that is there or is begun here. */
static const struct setting *
entry_row(struct settings *s, const struct setting_list *l, unsigned long entry, const char *key,
    struct list_row *storage, const char *assignment, const char *what, struct err *e)
{
	unsigned n = config_list_count(l, s);
	char why[SETTING_TEXT_MAX + 256];
	const struct setting *row;
	const char *near;

	if (entry > n) {
		err_add(e, NULL, 0, 0, "%s %s: entries of %s are numbered from 0; the next one is %s.%u.NAME",
		    what, assignment, l->name, l->name, n);
		return NULL;
	}
	row = config_list_row_find(l, (unsigned)entry, key, storage, &near);
	if (row == NULL)
		err_add(e, NULL, 0, 0, "%s %s: an entry of %s has no '%s'%s%s%s", what, assignment, l->name, key,
		    near != NULL ? "; did you mean '" : "", near != NULL ? near : "",
		    near != NULL ? "'?" : " (--dump-config shows what it has)");
	else if (entry == n && !config_list_begin(l, s, NULL, 0, 0, why, sizeof(why))) {
		err_add(e, NULL, 0, 0, "%s %s: %s %s", what, assignment, l->name, why);
		return NULL;
	}
	return row;
}

void
config_set(struct settings *s, const char *assignment, const char *what, struct err *e)
{
	char name[SETTING_NAME_MAX], present[SETTING_NAME_MAX], why[SETTING_TEXT_MAX + 256];
	const char *equals = strchr(assignment, '='), *near;
	const struct setting *row;
	const struct setting_list *list;
	struct list_row storage;
	unsigned long entry;
	const char *key;
	size_t n;

	if (equals == NULL || equals == assignment) {
		err_add(e, NULL, 0, 0, "%s %s: write it as name=value, for example --set stream.max-flows=20000",
		    what, assignment);
		return;
	}
	n = (size_t)(equals - assignment);
	if (n >= sizeof(name)) {
		err_add(e, NULL, 0, 0, "%s %s: there is no setting of this name", what, assignment);
		return;
	}
	memcpy(name, assignment, n);
	name[n] = '\0';
	if (set_var(s, name, assignment, what, e))
		return;
	if (setting_renamed(name, present)) {
		log_info("config", "%s %s: %s is now called %s; both names are accepted", what, assignment, name, present);
		memcpy(name, present, sizeof(name));
	}
	list = config_list_of_name(name, &entry, &key);
	row = list != NULL ? entry_row(s, list, entry, key, &storage, assignment, what, e) : setting_find(name);
	if (row == NULL && list == NULL) {
		near = setting_nearest(name);
		if (config_list_find(name) != NULL)
			err_add(e, NULL, 0, 0, "%s %s: %s is a list; name what is set of which entry, as %s.0.name",
			    what, assignment, name, name);
		else if (setting_is_section(name))
			err_add(e, NULL, 0, 0, "%s %s: %s is a section; name one of its settings (--dump-config shows them)",
			    what, assignment, name);
		else
			err_add(e, NULL, 0, 0, "%s %s: there is no setting '%s'%s%s%s", what, assignment,
			    name, near != NULL ? "; did you mean '" : "", near != NULL ? near : "",
			    near != NULL ? "'?" : " (--dump-config shows all)");
	}
	if (row == NULL)
		return;
	if (!setting_take(row, s, equals + 1, why, sizeof(why)))
		err_add(e, NULL, 0, 0, "%s %s: %s%s%s", what, as_written(what, assignment), row->name,
		    why[0] == ' ' ? ":" : " ", why);
}
