/* vars.h - variables of the rules: a mapping with free keys; inside config only. */
#ifndef CONFIG_VARS_H
#define CONFIG_VARS_H

#include "base/err.h"
#include "record/settings.h"

/* The groups that a section holds ("vars.address-groups"), or NULL. */
struct setting_vars *config_vars(struct settings *s, const char *section);

/* Set or replace one.  `file` may be NULL (--set).  False, with a sentence in
 * `why`, when name or value cannot be. */
bool	config_var_take(struct setting_vars *v, const char *name, const char *value,
	    const char *file, int line, int column, const char **why);

void	config_vars_free(struct setting_vars *v);

#endif
