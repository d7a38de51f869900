/* engine.h - wires the modules together; the only folder that includes them all. */
#ifndef ENGINE_ENGINE_H
#define ENGINE_ENGINE_H

#include <stdbool.h>
#include <stdio.h>

#include "base/err.h"
#include "record/settings.h"

struct rule_set;
struct alert;
struct flow;
struct operation;
struct incident;

/* Who looks on while a worker runs; a NULL function: it does not want to see that. */
struct worker_tap {
	void	(*alert)(void *arg, const struct alert *a);	/* each record of it */
	void	(*incident)(void *arg, const struct incident *i);	/* the same */
	void	(*flow)(void *arg, const struct flow *f);	/* it ends */
	void	(*operation)(void *arg, const struct operation *op);	/* it is over */
	void	*arg;
};
struct seen;
struct inventory;
struct zones_known;
struct counters;
struct summary;
struct unfollowed;

/* What a run has at its end, for who asks; borrowed. */
struct engine_seen {
	const struct counters	*counters;
	const struct summary	*summary;
	const struct inventory	*inventory;
	const struct unfollowed	*unfollowed;
};

/* Reads the configuration as the start did.  False with `e`. */
struct engine_reread {
	bool	(*get)(void *arg, struct settings *to, struct err *e);
	void	*arg;
};

struct engine_run {
	const struct settings	*settings;
	const char *const	*files;		/* -r, in the order given */
	unsigned		 n_files;
	const char *const	*ifaces;	/* -i */
	unsigned		 n_ifaces;
	bool			 summary;	/* print the closing summary on stdout */
	bool			 progress;	/* show progress as one line on stderr, a terminal */
	const struct engine_reread *reread;	/* for SIGHUP; NULL: the rules alone are read again */
	struct worker_tap	 tap;		/* who looks on */
	uint32_t		 for_s;		/* seconds after which a live run ends by itself; 0: none */
	/* Called at the end with the rules that ran and the hits of each (by rule.index); NULL: nobody asks. */
	void			(*rules)(void *arg, const struct rule_set *set, const uint64_t *hits);
	/* Called at the end with who talked to whom, and what is known of them; NULL: nobody asks. */
	void			(*seen)(void *arg, const struct seen *s, const struct zones_known *known);
	/* Called at the end with what is known of devices; NULL: nobody asks. */
	void			(*inventory)(void *arg, const struct inventory *inv);
	/* Called at the end with all that was counted; NULL: nobody asks. */
	void			(*end)(void *arg, const struct engine_seen *seen);
	void			*arg;
};

/* Check what can be checked without the first packet (-T).  0 or -1 with `e`. */
int	engine_check(const struct engine_run *run, struct err *e);

/* Shared by a start and -T: settings that others depend on, and the frame source. */
struct capture;
void	engine_resolve(struct settings *s);
struct capture *engine_open_capture(const struct engine_run *run, const struct capture_settings *s, struct counters *c,
	    struct err *e);

/* Run to the end of the files or until a signal.  0 or -1 with `e`. */
int	engine_run(const struct engine_run *run, struct err *e);

#endif
