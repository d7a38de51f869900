/* console.c - thermowell console: the pages without a sensor, or beside one that runs; thermowell console token. */
#include "command/command.h"

#include <stdio.h>
#include <string.h>

#include "engine/console_run.h"
#include "web/tokens.h"

#define LISTEN	"127.0.0.1:8642"

static int
make_token(const struct command_job *job, struct err *e)
{
	const char *file = job->settings->console.tokens;
	char token[WEB_TOKEN_SIZE];

	if (job->n_words != 2) {
		err_add(e, NULL, 0, 0, "usage: thermowell console token NAME; what NAME does with it is kept under that name");
		return COMMAND_MISUSED;
	}
	if (file == NULL || file[0] == '\0') {
		err_add(e, NULL, 0, 0, "no file of tokens is named: give a configuration (-c FILE) with console.tokens, or --set console.tokens=FILE");
		return COMMAND_MISUSED;
	}
	if (!web_tokens_add(file, job->words[1], token, e))
		return COMMAND_FAILED;
	printf("%s\n", token);
	fprintf(stderr, "thermowell: this is the token of %s; it is shown only now.  Its hash is in %s.\n", job->words[1], file);
	return COMMAND_DONE;
}

struct shown {
	const struct command_job *job;	/* with the settings that hold */
	const char	*listen, *token;	/* the latter "": of the file */
	bool		 tls;
};

static void
show_address(void *arg)
{
	const struct shown *s = arg;

	/* A browser keeps what stands behind '#' to itself. */
	printf("http%s://%s/%s%s\n", s->tls ? "s" : "", s->listen, s->token[0] != '\0' ? "#token=" : "", s->token);
	(void)fflush(stdout);
}

/* In the name of who logged in; by the sensor, or into the database. */
static int
act(void *arg, const struct keep_action *a, struct err *e)
{
	const struct shown *s = arg;

	return strcmp(a->object, "baseline") == 0 ? baseline_act(s->job, a, e) : command_act(s->job, s->job->settings->store.file, a, e);
}

int
console_command(const struct command_job *job, struct err *e)
{
	struct settings s = *job->settings;
	char token[WEB_TOKEN_SIZE] = "";
	struct web_token own;
	struct keep_action me;
	const struct command_job mine = { .settings = &s, .command = job->command };
	struct shown shown = { .job = &mine, .token = token };
	bool with_file = s.console.tokens != NULL && s.console.tokens[0] != '\0';

	if (job->n_words > 0 && strcmp(job->words[0], "token") == 0)
		return make_token(job, e);
	if (job->n_words > 0) {
		err_add(e, NULL, 0, 0, "thermowell console %s: it takes nothing, or token NAME", job->words[0]);
		return COMMAND_MISUSED;
	}
	if (command_store(job, e) == NULL)
		return COMMAND_MISUSED;
	if (s.store.file == NULL || s.store.file[0] == '\0')
		s.store.file = s.baseline.file;
	if (s.console.listen == NULL || s.console.listen[0] == '\0')
		s.console.listen = LISTEN;
	shown.listen = s.console.listen;
	shown.tls = s.console.key != NULL && s.console.key[0] != '\0';
	/* Without a file: one for this run, of who runs this. */
	command_action(&me, "", "", "", NULL);
	if (!with_file && !web_token_new(&own, me.who, token)) {
		err_add(e, NULL, 0, 0, "no token can be made: the system has no random numbers");
		return COMMAND_FAILED;
	}
	return console_run(&(struct console_alone){ .settings = &s, .own = with_file ? NULL : &own, .ready = show_address, .act = act,
	    .arg = &shown }, e) ? COMMAND_DONE : COMMAND_FAILED;
}
