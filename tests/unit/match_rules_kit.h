/* match_rules_kit.h - what tests of rules need to know of. */
#ifndef TESTS_MATCH_RULES_KIT_H
#define TESTS_MATCH_RULES_KIT_H

#include "match_say.h"

#include "base/hash.h"

#endif
