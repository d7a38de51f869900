/* values.h - `thermowell values`: what each of its words does; private to command. */
#ifndef COMMAND_VALUES_H
#define COMMAND_VALUES_H

#include "command/command.h"
#include "process/points.h"

enum values_form { VALUES_TABLE, VALUES_CSV, VALUES_INFLUX, VALUES_JSON };

struct values_want {
	enum values_form form;
	bool		 history;	/* else the present values */
	int64_t		 since_ns, until_ns;	/* 0: any time */
	bool		 has_step;
	uint64_t	 step_ns;	/* 0: each value */
};

struct values_list {
	struct keep_tag	*rows;		/* owned */
	size_t		 n, space;
	bool		 failed;	/* no memory */
};

/* values propose -r FILE... | --store FILE: print a tag file.  Exit status. */
int	values_propose(const struct command_job *job, struct err *e);

/* The points of the databases of the settings (baseline.file, store.file), which a sensor may have.  False, with the reason in `e`. */
bool	values_remembered(const struct settings *s, struct points *p, struct err *e);

/* A present value, and a row of the history, on standard output; `first`: none was shown before.  False: it cannot be written. */
bool	values_show_tag(const struct values_want *w, const struct keep_tag *t, bool first);
bool	values_show_row(const struct values_want *w, const struct keep_tag *t, const struct keep_span *row, uint64_t step_ns, bool first);

#endif
