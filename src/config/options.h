/* options.h - the command line as a struct.
 *
 * Options that are settings, too (-k, -l, --follow, the FILTER), are kept as
 * assignments: they override the file whatever their order, and the same table
 * checks them.
 */
#ifndef CONFIG_OPTIONS_H
#define CONFIG_OPTIONS_H

#include <stdbool.h>
#include <stdio.h>

#include "base/err.h"
#include "record/settings.h"

enum options_job {
	OPTIONS_RUN,		/* replay or watch */
	OPTIONS_TEST,		/* -T */
	OPTIONS_RULES,		/* the word rules: check, list, explain */
	OPTIONS_STATUS,		/* the word status */
	OPTIONS_COMMAND,	/* a word of options_commands[]: `command` and `words` */
	OPTIONS_DUMP,		/* --dump-config */
	OPTIONS_EXPLAIN,	/* explain [WORD] */
	OPTIONS_HELP,		/* -h */
	OPTIONS_VERSION		/* -V */
};

struct options_set {
	const char	*what;		/* the option as written, for messages; static */
	char		*assignment;	/* owned: "name=value" */
};

/* "--alert" and its value; borrowed. */
struct options_pick {
	const char	*option, *id;
};

struct options {
	enum options_job	 job;
	const char		*word;		/* of explain, or NULL; borrowed */
	int			 loudness;	/* -1: -q, 0, 1: -v, 2: -v -v; -q and -v undo each other */
	const char		**files;	/* -r; borrowed texts of argv */
	unsigned		 n_files;
	const char		**ifaces;	/* -i */
	unsigned		 n_ifaces;
	char			*iface_words;	/* owned: those of capture.interfaces, one after the other */
	const char		**configs;	/* -c */
	unsigned		 n_configs;
	const char		**rules;	/* -s, -S */
	unsigned		 n_rules;
	const char		**words;	/* behind the word rules, or a command: "check", a file, ... */
	unsigned		 n_words;
	bool			 json;		/* --json */
	const char		*command;	/* "alerts"; of options_commands[] */
	/* What its listing is limited to; NULL: not given. */
	const char		*since, *until, *severity, *asset, *format;
	const char		*step;	/* of values; NULL: not given */
	/* Of extract; NULL: not given. */
	struct options_pick	*picks;
	unsigned		 n_picks;
	const char		*from, *to, *around, *write;
	const char		*output, *form;	/* of report; NULL: not given */
	uint32_t		 for_s;		/* --for; 0: not given */
	bool			 rules_alone;	/* -S: those of the configuration are left out */
	struct options_set	*sets;
	unsigned		 n_sets;
};

/* Commands on what is remembered: each is a word that the command line begins with, and a row of
 * engine/commands.c. */
extern const char *const options_commands[];
extern const unsigned options_command_count;

/* Read the command line.  Every problem is added to `e` and means wrong usage.
 * argv must outlive `o`; free with options_free() in either case. */
void	options_read(struct options *o, int argc, char **argv, struct err *e);

/* Put defaults, files and assignments together.  Problems of files go to `e`,
 * those of the command line to `usage`. */
void	options_settings(const struct options *o, struct settings *s, struct err *e,
	    struct err *usage);

/* The interfaces of the settings, where the command line has neither captures nor interfaces.  To run with
 * none of either is wrong usage. */
void	options_interfaces(struct options *o, const struct settings *s, struct err *usage);

void	options_help(FILE *to);

void	options_free(struct options *o);

#endif
