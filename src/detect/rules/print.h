/* print.h - a checked rule as text again, in one spelling. */
#ifndef DETECT_RULES_PRINT_H
#define DETECT_RULES_PRINT_H

#include <stdio.h>

#include "detect/rules/rule.h"

/* One line, without its end.  Reading it gives the same tree. */
void	rule_print(const struct rule_set *set, const struct rule *r, FILE *to);

#endif
