/* config.h - YAML file and command line become one struct settings.
 *
 * Every setting is a row of settings.def: its dotted name is the path in the
 * YAML file and the name for --set; type, range, default and documentation
 * stand beside it.  All errors are found in one pass, each with file, line and
 * column and the nearest known name, and nothing starts while there is one.
 */
#ifndef CONFIG_CONFIG_H
#define CONFIG_CONFIG_H

#include <stdbool.h>
#include <stdio.h>

#include "base/err.h"
#include "record/settings.h"

/* Fill with the defaults. */
void	config_defaults(struct settings *s);

/* Read a YAML file over what is there.  Problems are added to `e`. */
void	config_file(struct settings *s, const char *path, struct err *e);

/* Apply one "a.b=c".  `what` names its origin in messages ("--set"). */
void	config_set(struct settings *s, const char *assignment, const char *what, struct err *e);

/* What can only be said when all is read: settings of a sink that its transport does not take. */
void	config_check_sinks(const struct settings *s, struct err *e);

/* What two configurations differ in, by name.  with_rules: it is read with the rules (all of settings.rules). */
typedef void config_differs(void *arg, const char *name, bool with_rules);
void	config_compare(const struct settings *a, const struct settings *b, config_differs *differs, void *arg);

/* Print every setting with its documentation as a YAML file (--dump-config). */
void	config_print(const struct settings *s, FILE *to);

void	config_free(struct settings *s);

#endif
