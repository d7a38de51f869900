/* sinks.h - the configured outputs: what is wanted (a filter), in which form, and who
 * carries it away; private to output.
 */
#ifndef OUTPUT_SINKS_H
#define OUTPUT_SINKS_H

#include "output/format.h"
#include "output/output.h"
#include "output/writer.h"

/* A format that is open; shared by all sinks that want it. */
struct form {
	const struct format	*format;
	void			*own;		/* the format's */
};

struct sink {
	uint32_t	 types;		/* TYPE_BIT() */
	uint64_t	 severity;	/* alerts up to this number */
	struct form	*form;
	struct writer	*writer;
};

struct sinks {
	unsigned	n, n_forms;
	struct sink	of[SINKS_MAX + 1];	/* those of one form stand together */
	struct form	forms[OUTPUT_FORMATS];
};

/* Open all of `s`, or none with the problems in `e`.  `c` and `env` are borrowed. */
void	sinks_open(struct sinks *to, const struct output_settings *s, const struct output_env *env,
	    struct counters *c, struct err *e);

/* Write what is left, at most until the deadline, and free.  0, or -1: lines were lost. */
int	sinks_close(struct sinks *k);

#endif
