/* store.c - thermowell store: what is in the database, copies of it, taking rows away. */
#include "command/command.h"

#include <inttypes.h>
#include <string.h>

#include "base/json.h"
#include "store/copy.h"
#include "store/list.h"

static bool
figures_as_json(const struct store_figures of[KEEP_KINDS], const char *file, int64_t bytes, bool in_use)
{
	json_t *all = json_pack("{s:o, s:I, s:b}", "file", json_from_text(file), "bytes", (json_int_t)bytes, "in_use", (int)in_use);

	for (enum keep_kind k = 0; all != NULL && k < KEEP_KINDS; k++) {
		char first[COMMAND_TIME], last[COMMAND_TIME];
		json_t *one = store_kind_name(k) == NULL ? NULL : json_pack("{s:I, s:s*, s:s*}", "rows", (json_int_t)of[k].rows,
		    "first", of[k].first_ns != 0 ? command_time_text(of[k].first_ns, first) : NULL,
		    "last", of[k].last_ns != 0 ? command_time_text(of[k].last_ns, last) : NULL);

		if (one != NULL && json_object_set_new(all, store_kind_name(k), one) != 0) {
			json_decref(all);
			all = NULL;
		}
	}
	return json_line(all, stdout);
}

static int
show(const struct command_job *job, const char *file, struct err *e)
{
	struct store_figures of[KEEP_KINDS];
	int form = command_word("--format", job->format, "table|json", e);
	char socket[128], first[COMMAND_TIME], last[COMMAND_TIME];
	int64_t bytes;
	bool in_use;

	if (form < 0)
		return COMMAND_MISUSED;
	if (store_figures(file, of, &bytes, e) != 0)
		return COMMAND_FAILED;
	in_use = store_in_use(file, socket, sizeof(socket));
	if (form == 1)
		return figures_as_json(of, file, bytes, in_use) ? COMMAND_DONE : COMMAND_FAILED;
	printf("%s: %" PRId64 " KiB, %s\n", file, bytes / 1024, in_use ? "a sensor has it" : "no sensor has it");
	for (enum keep_kind k = 0; k < KEEP_KINDS; k++)
		if (store_kind_name(k) != NULL)
			printf("  %-16s %9" PRId64 "  %.19s%s%.19s\n", store_kind_name(k), of[k].rows,
			    command_time_text(of[k].first_ns, first), of[k].last_ns != 0 ? " to " : "", command_time_text(of[k].last_ns, last));
	return COMMAND_DONE;
}

/* Without a kind: what the settings say. */
static int
purge_old(const struct command_job *job, const char *file, struct err *e)
{
	int64_t went[KEEP_KINDS];

	if (job->until != NULL) {
		err_add(e, NULL, 0, 0, "thermowell store purge --until TIME: of which kind? They are those of thermowell store status");
		return COMMAND_MISUSED;
	}
	if (store_retain(file, &job->settings->store, went, e) != 0)
		return COMMAND_FAILED;
	for (enum keep_kind k = 0; k < KEEP_KINDS; k++)
		if (went[k] > 0)
			printf("%s: %" PRId64 " rows of %s were removed\n", file, went[k], store_kind_name(k));
	return COMMAND_DONE;
}

static int
purge(const struct command_job *job, const char *file, struct err *e)
{
	enum keep_kind k = job->n_words > 1 ? store_kind(job->words[1]) : KEEP_KINDS;
	int64_t before = command_time("--until", job->until, e), went;

	if (job->n_words > 2)
		err_add(e, NULL, 0, 0, "usage: thermowell store purge [KIND [--until TIME]]; the kinds are those of thermowell store status");
	else if (k == KEEP_KINDS)
		err_add(e, NULL, 0, 0, "there is no kind %s; thermowell store status lists them", job->words[1]);
	if (e->n > 0)
		return COMMAND_MISUSED;
	went = store_purge(file, k, before, e);
	if (went < 0)
		return COMMAND_FAILED;
	printf("%s: %" PRId64 " rows of %s were removed\n", file, went, store_kind_name(k));
	return COMMAND_DONE;
}

int
store_command(const struct command_job *job, struct err *e)
{
	const char *verb = job->n_words > 0 ? job->words[0] : "status", *file;

	if (strcmp(verb, "status") != 0 && strcmp(verb, "backup") != 0 && strcmp(verb, "restore") != 0 && strcmp(verb, "purge") != 0) {
		err_add(e, NULL, 0, 0, "thermowell store %s: it is one of status, backup, restore and purge", verb);
		return COMMAND_MISUSED;
	}
	file = command_store(job, e);
	if (file == NULL)
		return COMMAND_MISUSED;
	if (strcmp(verb, "status") == 0)
		return show(job, file, e);
	if (strcmp(verb, "purge") == 0)
		return job->n_words == 1 ? purge_old(job, file, e) : purge(job, file, e);
	if (job->n_words != 2) {
		err_add(e, NULL, 0, 0, "usage: thermowell store %s FILE", verb);
		return COMMAND_MISUSED;
	}
	if ((verb[0] == 'b' ? store_backup(file, job->words[1], e) : store_restore(file, job->words[1], e)) != 0)
		return COMMAND_FAILED;
	printf("%s: %s %s\n", file, verb[0] == 'b' ? "copied to" : "restored from", job->words[1]);
	return COMMAND_DONE;
}
