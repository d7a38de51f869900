/* main.c - the command line, nothing else. */
#include <stdio.h>
#include <unistd.h>

#include "base/err.h"
#include "base/log.h"
#include "command/command.h"
#include "config/config.h"
#include "config/options.h"
#include "engine/engine.h"

enum { DONE = 0, FAILED = 1, MISUSED = 2 };	/* exit status */

/* Print the problems, each with the program's name where no file has one. */
static void
report(const struct err *e)
{
	for (const struct err_item *it = e->first; it != NULL; it = it->next) {
		struct err one = { .first = &(struct err_item){ .file = it->file,
		    .line = it->line, .column = it->column, .text = it->text }, .n = 1 };

		if (it->file == NULL)
			fputs("thermowell: ", stderr);
		err_print(&one, stderr);
	}
}

static void
print_version(void)
{
	puts("thermowell " PACKAGE_VERSION);
#ifdef HAVE_NDPI
	puts("with nDPI: flows that are not industrial get names");
#else
	puts("without nDPI: flows that are not industrial stay unnamed");
#endif
}

static bool
read_again(void *arg, struct settings *to, struct err *e)
{
	int before = e->n;

	options_settings(arg, to, e, e);
	return e->n == before;
}

static int
run(struct options *o, const struct settings *s, struct err *e)
{
	const struct engine_reread reread = { read_again, o };
	bool summary = o->loudness > 0 || (o->loudness == 0 && isatty(STDOUT_FILENO));
	struct engine_run job = {
		.settings = s,
		.files = o->files,
		.n_files = o->n_files,
		.ifaces = o->ifaces,
		.n_ifaces = o->n_ifaces,
		.reread = &reread,
		.summary = summary,
		.progress = o->loudness >= 0 && isatty(STDERR_FILENO) && (summary || o->n_ifaces > 0),
	};

	if (o->job == OPTIONS_RULES) {
		const struct rules_job rules = { .settings = s, .words = o->words, .n_words = o->n_words,
		    .json = o->json, .files = o->files, .n_files = o->n_files };

		return command_rules(&rules, e);
	}
	if (o->job == OPTIONS_COMMAND) {
		const struct command_job command = { .settings = s, .command = o->command, .words = o->words,
		    .n_words = o->n_words, .files = o->files, .n_files = o->n_files, .since = o->since, .until = o->until, .step = o->step,
		    .severity = o->severity, .asset = o->asset, .format = o->format, .picks = o->picks, .n_picks = o->n_picks,
		    .from = o->from, .to = o->to, .around = o->around, .write = o->write, .output = o->output, .form = o->form, .ifaces = o->ifaces, .n_ifaces = o->n_ifaces,
		    .for_s = o->for_s, .progress = job.progress };

		return command_run(&command, e);
	}
	if (o->job == OPTIONS_STATUS)
		return command_status(s, o->json, e);
	if (o->job == OPTIONS_TEST) {
		if (engine_check(&job, e) != 0)
			return FAILED;
		puts("configuration ok");
		return DONE;
	}
	return engine_run(&job, e) == 0 ? DONE : FAILED;
}

/* A replay into a pipe is quiet; a sensor logs what it started with, -T everything. */
static enum log_level
level_of(const struct options *o)
{
	if (o->loudness < 0)
		return LOG_ERROR;
	if (o->loudness > 1)
		return LOG_DEBUG;
	return o->loudness > 0 || o->n_ifaces > 0 || o->job == OPTIONS_TEST || isatty(STDOUT_FILENO) ? LOG_INFO : LOG_NOTE;
}

static int
work(struct options *o, struct err *e)
{
	struct settings s;
	struct err misuse = { 0 };
	int status;

	options_settings(o, &s, e, &misuse);
	if (misuse.n + e->n == 0)
		options_interfaces(o, &s, &misuse);
	log_level_set(level_of(o));
	report(&misuse);
	if (misuse.n > 0)
		status = MISUSED;
	else if (e->n > 0)
		status = FAILED;
	else if (o->job == OPTIONS_DUMP) {
		config_print(&s, stdout);
		status = DONE;
	} else
		status = run(o, &s, e);
	err_free(&misuse);
	config_free(&s);
	return status;
}

int
main(int argc, char **argv)
{
	struct options o;
	struct err e = { 0 };
	int status;

	options_read(&o, argc, argv, &e);
	log_level_set(level_of(&o));
	if (e.n > 0)
		status = MISUSED;
	else if (o.job == OPTIONS_HELP) {
		options_help(stdout);
		status = DONE;
	} else if (o.job == OPTIONS_EXPLAIN) {
		status = command_explain(o.word, o.json, stdout, &e) ? DONE : MISUSED;
	} else if (o.job == OPTIONS_VERSION) {
		print_version();
		status = DONE;
	} else
		status = work(&o, &e);
	report(&e);
	err_free(&e);
	options_free(&o);
	if (fflush(stdout) != 0 || ferror(stdout)) {
		perror("thermowell: standard output");
		status = status == DONE ? FAILED : status;
	}
	return status;
}
