/* names.h - names that the dissectors and nDPI know, lent to the rules. */
#ifndef ENGINE_NAMES_H
#define ENGINE_NAMES_H

#include "detect/rules/rule.h"

extern const struct rule_lookup engine_names;

#endif
