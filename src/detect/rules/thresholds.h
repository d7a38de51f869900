/* thresholds.h - thresholds and suppressions outside the rules: Suricata's threshold.config. */
#ifndef DETECT_RULES_THRESHOLDS_H
#define DETECT_RULES_THRESHOLDS_H

#include "detect/rules/parse.h"

/* Read the files of a comma list (NULL or "none": none) and apply them to the rules of
 * P->set.  Problems go to P->problems, what has no effect to P->notes. */
void	thresholds_read(struct parser *P, struct lexer *x, const char *files);

#endif
