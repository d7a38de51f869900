/* names.h - what rules need of the other modules: names of the dissectors and of nDPI. */
#ifndef ENGINE_NAMES_H
#define ENGINE_NAMES_H

#include "detect/rules/rule.h"
#include "record/settings.h"

extern const struct rule_lookup engine_names;

/* Where the rules of these settings come from; borrows them. */
struct rules_from engine_rules_from(const struct settings *s, const struct tags *tags);

#endif
