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
struct incident;
struct options_pick;

/* Who looks on while a worker runs; a NULL function: it does not want to see that. */
struct worker_tap {
	void	(*alert)(void *arg, const struct alert *a);	/* each record of it */
	void	(*incident)(void *arg, const struct incident *i);	/* the same */
	void	(*flow)(void *arg, const struct flow *f);	/* it ends */
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

/* What an alert type (its text or sid) means; NULL lists all.  json: an object a line.  False with `e`. */
bool	engine_explain(const char *word, bool json, FILE *to, struct err *e);

struct rules_job {
	const struct settings	*settings;
	const char *const	*words;		/* "check", "a.rules", ... */
	unsigned		 n_words;
	bool			 json;
	const char *const	*files;		/* -r: count the hits in these */
	unsigned		 n_files;
};

/* Shared by a start and -T: settings that others depend on, and the frame source. */
struct capture;
void	engine_resolve(struct settings *s);
struct capture *engine_open_capture(const struct engine_run *run, const struct capture_settings *s, struct counters *c,
	    struct err *e);

/* `thermowell rules check|list|explain`: 0 done, 1 there are problems, 2 wrong usage. */
int	engine_rules(const struct rules_job *job, struct err *e);

/* A command on what is remembered, `thermowell alerts` and its like (commands.c). */
struct command_job {
	const struct settings	*settings;
	const char		*command;	/* "alerts" */
	const char *const	*words;		/* behind it */
	unsigned		 n_words;
	const char *const	*files;		/* -r */
	unsigned		 n_files;
	/* As given; NULL: not given. */
	const char		*since, *until, *severity, *asset, *format;
	/* Of extract. */
	const struct options_pick *picks;	/* config/options.h */
	unsigned		 n_picks;
	const char		*from, *to, *around, *write;
	/* Of check-mirror. */
	const char *const	*ifaces;	/* -i */
	unsigned		 n_ifaces;
	uint32_t		 for_s;		/* --for; 0: not given */
	bool			 progress;	/* as in engine_run */
};
int	engine_command(const struct command_job *job, struct err *e);	/* exit status as of engine_rules() */

/* `thermowell status`, asked at the control socket; exit status as of engine_rules(). */
int	engine_status(const struct settings *s, bool json, struct err *e);

/* Run to the end of the files or until a signal.  0 or -1 with `e`. */
int	engine_run(const struct engine_run *run, struct err *e);

#endif
