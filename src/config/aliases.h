/* aliases.h - former names of settings; inside config only. */
#ifndef CONFIG_ALIASES_H
#define CONFIG_ALIASES_H

#include <stdbool.h>

#include "config/table.h"

/* If `name` is a former name of a setting or a section, or lies in such a section: put the
 * present name into `to` and return true. */
bool	 setting_renamed(const char *name, char to[SETTING_NAME_MAX]);

/* The former name of a setting, of which it has at most one: put into `to`; else false. */
bool	 setting_former_name(const char *name, char to[SETTING_NAME_MAX]);

/* The present name for a former one that differs from `name` by at most `distance` edits; else
 * NULL. */
const char *setting_near_former(const char *name, unsigned distance);

#endif
