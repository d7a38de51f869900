/* report.c - thermowell report: one page out of captures or a database. */
#include "command/command.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "command/scratch.h"
#include "store/copy.h"
#include "web/report.h"

/* The page into a file; one that is there is replaced when the new one is whole. */
static bool
save(const struct html *page, const char *path, struct err *e)
{
	const size_t size = strlen(path) + sizeof(".tmp");
	char *temporary = malloc(size);
	FILE *f;
	bool good;

	if (temporary == NULL) {
		err_add(e, NULL, 0, 0, "not enough memory");
		return false;
	}
	(void)snprintf(temporary, size, "%s.tmp", path);
	f = fopen(temporary, "w");
	good = f != NULL && fwrite(page->buf, 1, page->len, f) == page->len;
	if (f != NULL && fclose(f) != 0)
		good = false;
	if (good)
		good = rename(temporary, path) == 0;
	if (!good) {
		err_add(e, path, 0, 0, "cannot be written: %s", strerror(errno));
		if (f != NULL)
			(void)unlink(temporary);
	}
	free(temporary);
	return good;
}

static int
write_page(const struct command_job *job, const char *file, const char *baseline_file, enum report_form form, struct err *e)
{
	struct view_want want = view_whole(file);
	struct html page = { 0 };
	struct view v;
	bool good = false;

	want.baseline_file = baseline_file;
	want.baseline = job->settings->baseline.name;
	want.since_ns = command_time("--since", job->since, e);
	want.until_ns = command_time("--until", job->until, e);
	if (e->n > 0)
		return COMMAND_MISUSED;
	if (view_open(&v, &want, e) != 0)
		return COMMAND_FAILED;
	report_write(&page, &v, &(struct report_want){ .form = form, .file = file, .title = job->settings->output.sensor });
	view_close(&v);
	if (page.failed)
		err_add(e, NULL, 0, 0, "not enough memory for the page");
	else if (strcmp(job->output, "-") == 0)
		good = fwrite(page.buf, 1, page.len, stdout) == page.len;
	else
		good = save(&page, job->output, e);
	html_free(&page);
	return good ? COMMAND_DONE : COMMAND_FAILED;
}

/* A baseline that was learned is read and not changed, also while a sensor has it: deviations of a report are its own. */
static bool
borrow_baseline(struct settings *s, const struct scratch *at, struct err *e)
{
	const char *file = s->baseline.file;

	if (s->baseline.mode == BASELINE_OFF || file == NULL || file[0] == '\0')
		return true;
	if (access(file, F_OK) == 0) {
		if (store_backup(file, at->baseline, e) != 0)
			return false;
	} else if (s->baseline.mode == BASELINE_DETECT) {
		err_add(e, file, 0, 0, "there is no baseline: learn one first (thermowell --learn --baseline FILE -r ...)");
		return false;
	}
	s->baseline.file = at->baseline;
	return true;
}

/* Captures are replayed with the settings that a replay has, into a database of their own. */
static int
from_captures(const struct command_job *job, enum report_form form, struct err *e)
{
	struct settings s = *job->settings;
	const struct engine_run run = { .settings = &s, .files = job->files, .n_files = job->n_files, .progress = job->progress };
	int status = COMMAND_FAILED;
	struct scratch at;

	if (!scratch_open(&at, e))
		return COMMAND_FAILED;
	s.output.eve = false;
	s.output.n_sinks = 0;
	s.control.socket = NULL;
	s.metrics.listen = s.metrics.token_file = NULL;
	s.console.listen = NULL;
	scratch_use(&at, &s);
	if (borrow_baseline(&s, &at, e) && engine_run(&run, e) == 0)
		status = write_page(job, at.store, s.baseline.file, form, e);
	scratch_close(&at);
	return status;
}

int
report_command(const struct command_job *job, struct err *e)
{
	int form = command_word("--form", job->form, "plant|audit", e);

	if (job->n_words > 0 || job->output == NULL)
		err_add(e, NULL, 0, 0, "write: thermowell report -r FILE|DIR... -o REPORT.html, or --store DB -o REPORT.html");
	if (e->n > 0)
		return COMMAND_MISUSED;
	if (job->n_files > 0)
		return from_captures(job, (enum report_form)form, e);
	if (command_store(job, e) == NULL)
		return COMMAND_MISUSED;
	return write_page(job, command_store(job, e), job->settings->baseline.file != NULL && job->settings->baseline.file[0] != '\0' ?
	    job->settings->baseline.file : NULL, (enum report_form)form, e);
}
