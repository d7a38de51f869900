/* classification.h - classes of rules and kinds of references, in the form of
 * Suricata's classification.config and reference.config. */
#ifndef DETECT_RULES_CLASSIFICATION_H
#define DETECT_RULES_CLASSIFICATION_H

#include "detect/rules/mem.h"
#include "base/err.h"

struct class_row {
	const char	*name;		/* "attempted-recon" */
	const char	*description;	/* "Attempted Information Leak" */
	uint8_t		 priority;	/* 1 is the highest */
};

struct reference_row {
	const char	*kind;		/* "cve" */
	const char	*prefix;	/* "https://cve.mitre.org/cgi-bin/cvename.cgi?name=" */
};

struct classes {
	struct class_row	*of;
	uint32_t		 n, capacity;
	struct reference_row	*references;
	uint32_t		 n_references, references_capacity;
};

/* What is built in, with the files (NULL: none) over it. */
void	classes_open(struct classes *c, struct rule_memory *m, const char *classification,
	    const char *references, struct err *e);

/* NULL when there is no such class. */
const struct class_row *class_find(const struct classes *c, const char *name);

/* "url,example.org" as an address: "http://example.org"; as written when the kind is not known. */
const char *reference_url(const struct classes *c, struct rule_memory *m, const char *text);

/* The i-th class that is built in; NULL behind the last. */
const struct class_row *class_built_in(uint32_t i);

#endif
