/* app.h - what conversations are called: the names that a rule may ask for. */
#ifndef DETECT_RULES_APP_H
#define DETECT_RULES_APP_H

#include "detect/rules/parse.h"

/* The name as a rule wrote it.  False: an error was added, or the rule is left out. */
bool	app_take(struct parser *P, struct slice written, struct rule_app *out);

/* Is this a name that traffic can have which is of no dissector?  Slow: for a configuration. */
bool	app_known(const struct rule_lookup *l, const char *name);

#endif
