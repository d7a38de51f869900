#include "config/config.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/str.h"
#include "config/aliases.h"
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
	for (unsigned i = 0; i < setting_count; i++) {
		const struct setting *row = &setting_rows[i];
		const char **text = (const char **)(void *)((char *)s + row->offset);

		if (row->kind != SETTING_TEXT && row->kind != SETTING_LIST)
			continue;
		free((void *)*text);
		*text = NULL;
	}
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

void
config_set(struct settings *s, const char *assignment, const char *what, struct err *e)
{
	char name[SETTING_NAME_MAX], present[SETTING_NAME_MAX], why[SETTING_TEXT_MAX + 256];
	const char *equals = strchr(assignment, '='), *near;
	const struct setting *row;
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
	row = setting_find(name);
	if (row == NULL) {
		near = setting_nearest(name);
		if (setting_is_section(name))
			err_add(e, NULL, 0, 0, "%s %s: %s is a section; name one of its settings (--dump-config shows them)",
			    what, assignment, name);
		else
			err_add(e, NULL, 0, 0, "%s %s: there is no setting '%s'%s%s%s", what, assignment,
			    name, near != NULL ? "; did you mean '" : "", near != NULL ? near : "",
			    near != NULL ? "'?" : " (--dump-config shows all)");
		return;
	}
	if (!setting_take(row, s, equals + 1, why, sizeof(why)))
		err_add(e, NULL, 0, 0, "%s %s: %s%s%s", what, as_written(what, assignment), row->name,
		    why[0] == ' ' ? ":" : " ", why);
}
