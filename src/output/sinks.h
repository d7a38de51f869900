/* sinks.h - the configured outputs: what is wanted (a filter), in which form, and who
 * carries it away; private to output.
 */
#ifndef OUTPUT_SINKS_H
#define OUTPUT_SINKS_H

#include "output/wanted.h"
#include "output/format.h"
#include "output/output.h"
#include "output/writer.h"

struct sink {
	uint32_t	 types;		/* TYPE_BIT() */
	uint64_t	 severity;	/* alerts up to this number */
	const char	*format;	/* its word; static */
	const char	*name;		/* borrowed from the settings */
	struct wanted	 wanted;
	struct writer	*writer;
};

struct sinks {
	unsigned	n;
	struct sink	of[SINKS_MAX + 1];
	struct sink	*order[SINKS_MAX + 1];	/* in which a line is put: those with a spool first */
	void		*eve;		/* the format's that all their lines are made by; NULL: there are none */
};

/* Open all of `s`, or none with the problems in `e`.  `c` and `env` are borrowed. */
void	sinks_open(struct sinks *to, const struct output_settings *s, const struct output_env *env,
	    struct counters *c, struct err *e);

/* Write what is left, at most until the deadline, and free.  0, or -1: lines were lost. */
int	sinks_close(struct sinks *k);

#endif
