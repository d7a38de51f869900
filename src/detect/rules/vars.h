/* vars.h - $NAMES and the groups of addresses and ports that they stand for.
 *
 * A group is resolved to sorted ranges that do not touch each other, once
 * per variable.  Addresses and ports share the code: a port is an address
 * whose last two bytes count.
 */
#ifndef DETECT_RULES_VARS_H
#define DETECT_RULES_VARS_H

#include "detect/rules/parse.h"

enum var_kind { VAR_ADDRESS, VAR_PORT };

struct group {
	struct rule_addr_range	*of;
	uint32_t		 n, capacity;
};

struct var {
	const char	*name, *value;
	const char	*file;		/* NULL: a default */
	int		 line, column;
	uint8_t		 state;		/* vars.c */
	bool		 used;		/* by a rule, or by another variable */
	bool		 own;		/* of vars.def: rules of many know it */
	struct group	 group;
};

/* A group of a header that was resolved before. */
struct known_group {
	enum var_kind	 kind;
	const char	*text;
	const void	*group;		/* struct rule_addrs or rule_ports */
};
#define VARS_KNOWN 128u

struct vars {
	struct var	*of[2];		/* by kind */
	uint32_t	 n[2];
	struct known_group known[VARS_KNOWN];
	uint32_t	 n_known;
};

/* ranges.c: the next address or the one before; false: it wrapped around. */
bool	range_step(struct addr *a, bool up);
int	range_order(const struct addr *a, const struct addr *b);
void	range_add(struct rule_memory *m, struct group *g, struct rule_addr_range r);
void	ranges_add_all(struct rule_memory *m, struct group *g, const struct group *of);
/* Sort, and join what overlaps or touches. */
void	ranges_tidy(struct group *g);
/* a without b; both tidy. */
struct group ranges_without(struct rule_memory *m, const struct group *a, const struct group *b);

/* The defaults with the settings over them (may be NULL). */
void	vars_open(struct vars *v, struct rule_memory *m, const struct rules_settings *s);

/* Resolve every variable of the settings; problems go to `e`. */
void	vars_check(struct vars *v, struct parser *P, struct err *e);

/* Report those that are set and not used by any rule, with what was probably meant. */
void	vars_unused(const struct vars *v, struct err *notes);

/* A group of a rule's header. False: an error was added. */
bool	parse_addrs(struct parser *P, struct slice text, struct rule_addrs *out);
bool	parse_ports(struct parser *P, struct slice text, struct rule_ports *out);

#endif
