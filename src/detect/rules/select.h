/* select.h - files that enable and disable rules, in the form of suricata-update. */
#ifndef DETECT_RULES_SELECT_H
#define DETECT_RULES_SELECT_H

#include "detect/rules/parse.h"

struct selector;
struct selectors {
	struct selector	*of;
	uint32_t	 n, capacity;
};

/* Read the files of a comma list (NULL or "none": none).  Problems go to P->problems. */
void	selectors_read(struct selectors *s, struct parser *P, const char *files);
void	selectors_free(struct selectors *s);
/* Does any of them select this rule? */
bool	selectors_mean(const struct selectors *s, const struct rule_metadata *c);

#endif
