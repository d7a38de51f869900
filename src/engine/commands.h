/* commands.h - what commands on what is remembered have in common. */
#ifndef ENGINE_COMMANDS_H
#define ENGINE_COMMANDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/when.h"
#include "engine/engine.h"
#include "record/keep.h"

enum { COMMAND_DONE = 0, COMMAND_FAILED = 1, COMMAND_MISUSED = 2 };	/* exit status */

int	alerts_command(const struct command_job *job, struct err *e);	/* alerts and incidents */
int	assets_command(const struct command_job *job, struct err *e);
int	mirror_command(const struct command_job *job, struct err *e);	/* check-mirror */
int	extract_command(const struct command_job *job, struct err *e);
int	baseline_command(const struct command_job *job, struct err *e);
int	spool_command(const struct command_job *job, struct err *e);	/* spool show, replay, drop */
int	store_command(const struct command_job *job, struct err *e);
int	verify_command(const struct command_job *job, struct err *e);	/* the chain of alerts */
int	zones_command(const struct command_job *job, struct err *e);	/* zones propose */

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

/* Have it kept: by the sensor that has the database, or in it.  0, or -1 with the reason in `e`. */
int	command_act(const struct command_job *job, const char *file, const struct keep_action *a, struct err *e);

#endif
