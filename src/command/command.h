/* command.h - the commands beside watching and replaying: what the command line calls, and what
 * they have in common. */
#ifndef COMMAND_COMMAND_H
#define COMMAND_COMMAND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/when.h"
#include "engine/engine.h"
#include "record/keep.h"

enum { COMMAND_DONE = 0, COMMAND_FAILED = 1, COMMAND_MISUSED = 2 };	/* exit status */

/* ---- what the command line calls ------------------------------------------------------ */

struct options_pick;

/* What an alert type (its text or sid) means; NULL lists all.  json: an object a line.  False with `e`. */
bool	command_explain(const char *word, bool json, FILE *to, struct err *e);

struct rules_job {
	const struct settings	*settings;
	const char *const	*words;		/* "check", "a.rules", ... */
	unsigned		 n_words;
	bool			 json;
	const char *const	*files;		/* -r: count the hits in these */
	unsigned		 n_files;
};
/* `thermowell rules check|list|explain`: 0 done, 1 there are problems, 2 wrong usage. */
int	command_rules(const struct rules_job *job, struct err *e);

/* A command on what is remembered, `thermowell alerts` and its like. */
struct command_job {
	const struct settings	*settings;
	const char		*command;	/* "alerts" */
	const char *const	*words;		/* behind it */
	unsigned		 n_words;
	const char *const	*files;		/* -r */
	unsigned		 n_files;
	/* As given; NULL: not given. */
	const char		*since, *until, *severity, *asset, *format;
	const char		*step;		/* of values */
	/* Of extract. */
	const struct options_pick *picks;	/* config/options.h */
	unsigned		 n_picks;
	const char		*from, *to, *around, *write;
	const char		*output, *form;	/* of report */
	/* Of check-mirror. */
	const char *const	*ifaces;	/* -i */
	unsigned		 n_ifaces;
	uint32_t		 for_s;		/* --for; 0: not given */
	bool			 progress;	/* as in engine_run */
};
int	command_run(const struct command_job *job, struct err *e);	/* exit status as of command_rules() */

/* `thermowell status`, asked at the control socket; exit status as of command_rules(). */
int	command_status(const struct settings *s, bool json, struct err *e);

/* ---- the commands --------------------------------------------------------------------- */

int	alerts_command(const struct command_job *job, struct err *e);	/* alerts and incidents */
int	assets_command(const struct command_job *job, struct err *e);
int	console_command(const struct command_job *job, struct err *e);	/* console, console token */
int	health_command(const struct command_job *job, struct err *e);	/* how devices fare */
int	mirror_command(const struct command_job *job, struct err *e);	/* check-mirror */
int	extract_command(const struct command_job *job, struct err *e);
int	baseline_command(const struct command_job *job, struct err *e);
int	report_command(const struct command_job *job, struct err *e);
int	spool_command(const struct command_job *job, struct err *e);	/* spool show, print, replay, drop */
int	store_command(const struct command_job *job, struct err *e);
int	values_command(const struct command_job *job, struct err *e);
int	verify_command(const struct command_job *job, struct err *e);	/* the chain of alerts */
int	zones_command(const struct command_job *job, struct err *e);	/* zones propose */

/* ---- what they share ------------------------------------------------------------------ */

/* The same settings for a replay that writes and keeps nothing, and has no baseline: only what the
 * command itself prints comes of it.  What it points to is borrowed. */
struct settings command_quietly(const struct settings *s);

/* The database of the settings; NULL, with a problem in `e`: none is named. */
const char *command_store(const struct command_job *job, struct err *e);

/* "2026-11-30", "2026-11-30T10:00:00Z" or with a fraction and +0000 as in eve.json (UTC, seconds may be left out), or "90s", "15m", "2h", "7d" before now.
 * ns since 1970; 0, with a problem in `e`: it is neither.  NULL is 0 without a problem. */
int64_t	command_time(const char *option, const char *text, struct err *e);

/* ns since 1970 in UTC, "2026-11-30T10:00:00.123456Z"; "" for 0.  `to` has COMMAND_TIME bytes. */
#define COMMAND_TIME WHEN_TEXT
const char *command_time_text(int64_t ns, char to[COMMAND_TIME]);

/* Which of words ("table|csv|json") it is, the first when NULL; -1, with a problem in `e`: none. */
int	command_word(const char *option, const char *text, const char *words, struct err *e);

/* A field of CSV (RFC 4180), with a comma before it unless it is the first. */
void	command_csv(FILE *to, const char *text, bool first);

/* An action of who runs this program, now.  `text` may be NULL. */
void	command_action(struct keep_action *a, const char *verb, const char *object, const char *id, const char *text);

/* The same of an action on the baseline that the database has, by a person who is not in a hurry. */
int	baseline_act(const struct command_job *job, const struct keep_action *a, struct err *e);

/* Have it kept: by the sensor that has the database, or in it.  0, or -1 with the reason in `e`. */
int	command_act(const struct command_job *job, const char *file, const struct keep_action *a, struct err *e);

#endif
