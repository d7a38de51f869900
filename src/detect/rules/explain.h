/* explain.h - a rule in words, for the engineer who asks what it would do. */
#ifndef DETECT_RULES_EXPLAIN_H
#define DETECT_RULES_EXPLAIN_H

#include <stdio.h>

#include "detect/rules/rule.h"

/* Several lines: who, to whom, what is asked, how often.  `names` may be NULL. */
void	rule_explain(const struct rule_set *set, const struct rule *r, const struct rule_lookup *names,
	    FILE *to);

#endif
