/* report.c - thermowell report: one page out of captures or a database. */
#include "command/command.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/str.h"
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

/* Captures are replayed with the settings that a replay has, into a database of their own. */
static int
from_captures(const struct command_job *job, enum report_form form, struct err *e)
{
	struct settings s = *job->settings;
	const struct engine_run run = { .settings = &s, .files = job->files, .n_files = job->n_files, .progress = job->progress };
	char folder[] = "/tmp/thermowell-report-XXXXXX", file[64];
	int status = COMMAND_FAILED;

	if (mkdtemp(folder) == NULL) {
		err_add(e, "/tmp", 0, 0, "a folder cannot be made there: %s", strerror(errno));
		return COMMAND_FAILED;
	}
	(void)snprintf(file, sizeof(file), "%s/report.db", folder);
	s.output.eve = false;
	s.output.n_sinks = 0;
	s.control.socket = NULL;
	s.metrics.listen = s.metrics.token_file = NULL;
	s.store.file = file;
	if (engine_run(&run, e) == 0)
		status = write_page(job, file, s.baseline.file, form, e);
	for (size_t i = 0; i < 3; i++) {
		static const char *const ends[] = { "", "-wal", "-shm" };
		char path[80];

		(void)snprintf(path, sizeof(path), "%s%s", file, ends[i]);
		(void)unlink(path);
	}
	(void)rmdir(folder);
	return status;
}

int
report_command(const struct command_job *job, struct err *e)
{
	int form = command_word("--form", job->form, "plant|audit", e);
	const struct store_settings *store = &job->settings->store;

	if (job->n_words > 0 || job->output == NULL)
		err_add(e, NULL, 0, 0, "write: thermowell report -r FILE|DIR... -o REPORT.html, or --store DB -o REPORT.html");
	if (job->n_files > 0 && store->file != NULL && store->file[0] != '\0' && e->n == 0)
		err_add(e, NULL, 0, 0, "a report is of captures (-r) or of a database (--store), not of both");
	if (e->n > 0)
		return COMMAND_MISUSED;
	if (job->n_files > 0)
		return from_captures(job, (enum report_form)form, e);
	if (command_store(job, e) == NULL)
		return COMMAND_MISUSED;
	return write_page(job, command_store(job, e), job->settings->baseline.file != NULL && job->settings->baseline.file[0] != '\0' ?
	    job->settings->baseline.file : NULL, (enum report_form)form, e);
}
