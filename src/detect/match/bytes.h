/* bytes.h - the payload options of one rule against one buffer.
 *
 * As Suricata does it: options in order, a position in the buffer that each match
 * moves on, and where the next option is relative, every occurrence is tried.
 */
#ifndef DETECT_MATCH_BYTES_H
#define DETECT_MATCH_BYTES_H

#include "detect/rules/rule.h"

#define BYTES_VARS 64u		/* variables of one rule */
#define BYTES_TRIES 3000u	/* steps of one rule on one buffer; then it does not match */

struct match_re;	/* a compiled pcre */
struct match_re_scratch;	/* what one user needs to search with any of them */

struct match_step {
	const struct rule_opt	*o;
	struct match_re		*re;		/* owned; of a pcre */
	uint8_t			*folded;	/* owned; content in lower case, if nocase */
	bool			 next_relative;	/* the next step begins where this one ended */
};

/* Ready one option.  0, or -1 with the reason in `why` (static or in the step). */
int	step_open(struct match_step *s, const struct rule_opt *o, char *why, size_t why_size);
void	step_close(struct match_step *s);

/* Does the next step depend on where the one before it ended? */
bool	step_is_relative(const struct rule_opt *o);

struct match_re_scratch *re_scratch_open(void);	/* NULL: no memory */
void	re_scratch_close(struct match_re_scratch *s);	/* NULL is ignored */

struct bytes_run {
	struct match_re_scratch *re;	/* of whoever runs it */
	const uint8_t	*p;
	uint32_t	 n;
	uint32_t	 tries;		/* steps so far */
	bool		 given_up;	/* at a limit: the result is not certain */
	int64_t		 var[BYTES_VARS];
};

/* Do all n steps match? */
bool	bytes_match(struct bytes_run *run, const struct match_step *steps, uint32_t n);

#endif
