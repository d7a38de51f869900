/* values.c - thermowell values: the present values of tags, and their history, of a database or of captures. */
#include "command/values.h"

#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#include "command/scratch.h"
#include "process/tag.h"
#include "record/process.h"
#include "store/list.h"
#include "store/series.h"

#define SECOND	UINT64_C(1000000000)
#define STEP_DAYS	3660u

static void
note_tag(void *arg, const void *row)
{
	struct values_list *l = arg;

	if (l->n == l->space) {
		size_t more = l->space > 0 ? 2 * l->space : 64;
		struct keep_tag *rows = l->failed ? NULL : realloc(l->rows, more * sizeof(*rows));

		if (rows == NULL) {
			l->failed = true;
			return;
		}
		l->rows = rows;
		l->space = more;
	}
	memcpy(&l->rows[l->n++], row, sizeof(*l->rows));
}

/* ---- what is asked for ----------------------------------------------------------------- */

static bool
is_asked_for(const struct command_job *job, const struct keep_tag *row, bool *used)
{
	bool asked = job->n_words == 0;

	for (unsigned i = 0; i < job->n_words; i++)
		if (fnmatch(job->words[i], row->tag, FNM_CASEFOLD) == 0)
			asked = used[i] = true;
	return asked;
}

/* Take away the others.  false: somebody asked for what there is not. */
static bool
choose(const struct command_job *job, struct values_list *l, const char *file, struct err *e)
{
	bool *used = calloc(job->n_words + 1, sizeof(*used));
	size_t n = 0;
	int before = e->n;

	for (size_t i = 0; used != NULL && i < l->n; i++)
		if (is_asked_for(job, &l->rows[i], used))
			l->rows[n++] = l->rows[i];
	l->n = n;
	for (unsigned i = 0; used != NULL && i < job->n_words; i++)
		if (!used[i])
			err_add(e, file, 0, 0, "there is no tag \"%s\"; thermowell values without a name lists all", job->words[i]);
	if (used == NULL || l->failed)
		err_add(e, NULL, 0, 0, "not enough memory");
	free(used);
	return e->n == before;
}

/* "raw", "10s", "1m", "15m", "1h", "1d". */
static bool
read_step(const char *text, struct values_want *to, struct err *e)
{
	static const char units[] = "smhd";
	static const uint64_t of[] = { 1, 60, 3600, 86400 };
	size_t digits = text != NULL ? strspn(text, "0123456789") : 0;
	const char *unit;

	to->has_step = text != NULL;
	if (text == NULL || strcmp(text, "raw") == 0)
		return true;
	unit = text[digits] != '\0' ? strchr(units, text[digits]) : NULL;
	if (digits > 0 && digits <= 6 && unit != NULL && text[digits + 1] == '\0')
		to->step_ns = strtoull(text, NULL, 10) * of[unit - units] * SECOND;
	/* Seconds of six digits fit; so many days would be beyond the end of time. */
	if (to->step_ns / SECOND > STEP_DAYS * 86400 || (digits > 0 && unit != NULL && *unit == 'd' && strtoull(text, NULL, 10) > STEP_DAYS))
		to->step_ns = 0;
	if (to->step_ns == 0)
		err_add(e, NULL, 0, 0, "--step %s: give raw, or a time of up to %u days as in 10s, 1m, 15m, 1h or 1d", text, STEP_DAYS);
	return to->step_ns != 0;
}

/* Nobody wants a million rows of half a year. */
static uint64_t
fitting_step(const struct values_want *w, const struct keep_tag *row)
{
	uint64_t until = w->until_ns != 0 ? (uint64_t)w->until_ns : row->last_ns;
	uint64_t since = w->since_ns != 0 ? (uint64_t)w->since_ns : row->first_ns;
	uint64_t range = until > since ? until - since : 0;

	if (w->has_step)
		return w->step_ns;
	return range <= 6 * 3600 * SECOND ? 0 : range <= 7 * 86400 * SECOND ? 60 * SECOND : 3600 * SECOND;
}

/* ---- showing ------------------------------------------------------------------------------ */

struct history {
	const struct values_want *w;
	const struct keep_tag	*tag;
	uint64_t		 step_ns;
	uint64_t		*rows;
};

static bool
each_row(void *arg, const struct keep_span *s)
{
	struct history *h = arg;

	return values_show_row(h->w, h->tag, s, h->step_ns, (*h->rows)++ == 0);
}

static int
show(const struct values_want *w, const struct values_list *l, const char *file, struct err *e)
{
	uint64_t rows = 0;

	for (size_t i = 0; i < l->n && !w->history; i++)
		if (!values_show_tag(w, &l->rows[i], i == 0))
			return COMMAND_FAILED;
	for (size_t i = 0; i < l->n && w->history; i++) {
		struct history h = { w, &l->rows[i], fitting_step(w, &l->rows[i]), &rows };
		const struct series_query q = { .series = l->rows[i].series, .since_ns = (uint64_t)w->since_ns,
		    .until_ns = (uint64_t)w->until_ns, .step_ns = h.step_ns };

		if (store_series(file, &q, each_row, &h, e) < 0)
			return COMMAND_FAILED;
	}
	if (w->form == VALUES_TABLE && (w->history ? rows == 0 : l->n == 0))
		puts(l->n == 0 ? "no values of tags: they come with a tag file (process.tags) and traffic that touches its tags" :
		    "no values in that time");
	return ferror(stdout) != 0 ? COMMAND_FAILED : COMMAND_DONE;
}

static int
of_database(const struct command_job *job, const struct values_want *w, const char *file, struct err *e)
{
	struct values_list l = { 0 };
	int rc = COMMAND_FAILED;

	if (store_rows(file, KEEP_TAG, "", note_tag, &l, e) == 0 && choose(job, &l, file, e))
		rc = show(w, &l, file, e);
	free(l.rows);
	return rc;
}

/* ---- captures ------------------------------------------------------------------------------- */

/* Captures are read into a database that goes again. */
static int
of_captures(const struct command_job *job, const struct values_want *w, struct err *e)
{
	struct settings s = command_quietly(job->settings);
	const struct engine_run run = { .settings = &s, .files = job->files, .n_files = job->n_files };
	struct scratch at;
	int rc = COMMAND_FAILED;

	if ((s.rules.tags == NULL || s.rules.tags[0] == '\0') && s.process.points == 0) {
		err_add(e, NULL, 0, 0, "no tags are named: --tags FILE, or a configuration (-c FILE) that has it; or --set process.points=NUMBER for all values");
		return COMMAND_MISUSED;
	}
	if (!scratch_open(&at, e))
		return COMMAND_FAILED;
	scratch_use(&at, &s);
	s.store.tags = s.store.values = s.store.minutes = s.store.hours = (struct keep_settings){ 0 };
	s.rules.files = "none";
	if (engine_run(&run, e) == 0)
		rc = of_database(job, w, at.store, e);
	scratch_close(&at);
	return rc;
}

int
values_command(const struct command_job *job, struct err *e)
{
	int form = command_word("--format", job->format, "table|csv|influx|json", e);
	struct values_want w = { .form = form >= 0 ? (enum values_form)form : VALUES_TABLE,
	    .since_ns = command_time("--since", job->since, e), .until_ns = command_time("--until", job->until, e) };
	const char *file;

	w.history = job->since != NULL || job->until != NULL || job->step != NULL;
	if (job->n_words == 1 && strcmp(job->words[0], "propose") == 0 && !w.history)
		return values_propose(job, e);
	(void)read_step(job->step, &w, e);
	if (e->n > 0)
		return COMMAND_MISUSED;
	if (job->n_files > 0)
		return of_captures(job, &w, e);
	file = command_store(job, e);
	return file != NULL ? of_database(job, &w, file, e) : COMMAND_MISUSED;
}
