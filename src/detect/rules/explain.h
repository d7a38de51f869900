/* explain.h - a rule in words, for the engineer who asks what it would do. */
#ifndef DETECT_RULES_EXPLAIN_H
#define DETECT_RULES_EXPLAIN_H

#include <stdio.h>

#include "base/json.h"
#include "detect/rules/rule.h"

/* An object: gid, sid, rev, msg, file, line, severity, category, techniques, references, and in
 * words looks_at (protocol and endpoints), matches (each condition), limits (how often that
 * becomes an alert), then.  A new reference, or NULL: no memory.  `names` may be NULL. */
json_t	*rule_explain(const struct rule_set *set, const struct rule *r, const struct rule_lookup *names);

/* The same as several lines of text. */
void	 rule_explanation_print(const json_t *explanation, FILE *to);

#endif
