/* names.h - names of the dissectors and of nDPI, for the rules. */
#ifndef ENGINE_NAMES_H
#define ENGINE_NAMES_H

#include "detect/rules/rule.h"

extern const struct rule_lookup engine_names;

#endif
