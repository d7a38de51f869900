/* thermowell spool: what waits on the disk for the receivers of sinks. */
#include "command/command.h"

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/str.h"
#include "engine/control.h"
#include "output/output.h"
#include "output/spool/spool.h"
#include "output/transport/net.h"
#include "output/writer.h"

#define WATCHED_MAX	16u	/* interfaces by which nothing is sent */
#define WATCHED_NAME	64u

static const char *const class_words[QUEUE_CLASSES] = {
	"operations", "flows", "anomalies", "statistics and devices", "alerts of severity 3 and 4", "alerts of severity 1 and 2"
};

static json_t *
as_json(const struct sink_settings *k, const char *folder, const struct spool_look *l)
{
	char oldest[COMMAND_TIME], newest[COMMAND_TIME];

	(void)command_time_text((int64_t)l->oldest_ns, oldest);
	(void)command_time_text((int64_t)l->newest_ns, newest);
	return json_pack("{s:o, s:o, s:b, s:I, s:I, s:I, s:I, s:s, s:s, s:I, s:{s:I, s:I, s:I, s:I}}", "name", json_from_text(k->name),
	    "folder", json_from_text(folder), "running", l->running, "lines", (json_int_t)l->lines,
	    "alerts", (json_int_t)(l->class_lines[QUEUE_LOW] + l->class_lines[QUEUE_ALERT]), "bytes", (json_int_t)l->bytes,
	    "segments", (json_int_t)l->segments, "oldest", oldest, "newest", newest, "damaged", (json_int_t)l->damaged,
	    "dropped", "full", (json_int_t)l->dropped[SPOOL_FULL], "old", (json_int_t)l->dropped[SPOOL_OLD],
	    "damaged", (json_int_t)l->dropped[SPOOL_DAMAGED], "too_long", (json_int_t)l->dropped[SPOOL_TOO_LONG]);
}

static void
as_text(const struct sink_settings *k, const char *folder, const struct spool_look *l)
{
	char oldest[COMMAND_TIME], newest[COMMAND_TIME];

	printf("%s: %" PRIu64 " lines wait, %" PRIu64 " KiB in %s, %s\n", k->name, l->lines, l->bytes / 1024, folder,
	    l->running ? "a sensor has it" : "no sensor has it");
	if (l->lines > 0)
		printf("  of %s to %s\n", command_time_text((int64_t)l->oldest_ns, oldest), command_time_text((int64_t)l->newest_ns, newest));
	for (unsigned c = QUEUE_CLASSES; c-- > 0; )
		if (l->class_lines[c] > 0)
			printf("  %9" PRIu64 " %s\n", l->class_lines[c], class_words[c]);
	if (l->damaged > 0)
		printf("  damaged at %" PRIu64 " values, which will be left out\n", l->damaged);
	if (l->dropped[SPOOL_FULL] + l->dropped[SPOOL_OLD] + l->dropped[SPOOL_DAMAGED] + l->dropped[SPOOL_TOO_LONG] > 0)
		printf("  dropped since it was made: %" PRIu64 " because it was full, %" PRIu64 " too old, %" PRIu64 " damaged values, %" PRIu64
		    " too long\n", l->dropped[SPOOL_FULL], l->dropped[SPOOL_OLD], l->dropped[SPOOL_DAMAGED], l->dropped[SPOOL_TOO_LONG]);
}

static int
show(const struct command_job *job, struct err *e)
{
	const struct output_settings *s = &job->settings->output;
	int form = command_word("--format", job->format, "table|json", e);
	json_t *all = json_array();
	unsigned n = 0;
	bool good = form >= 0;

	for (unsigned i = 0; i < s->n_sinks && good; i++) {
		const struct sink_settings *k = &s->sinks[i];
		char folder[OUTPUT_PATH_MAX];
		struct spool_look l;

		if (!k->spool || k->name == NULL || !output_spool_folder(s, k, folder, sizeof(folder)))
			continue;
		n++;
		if (!spool_show(folder, &l, NULL, NULL, e))
			good = false;
		else if (form == 1)
			(void)json_array_append_new(all, as_json(k, folder, &l));
		else
			as_text(k, folder, &l);
	}
	if (good && form == 1)
		return json_line(all, stdout) ? COMMAND_DONE : COMMAND_FAILED;
	json_decref(all);
	if (good && n == 0)
		puts("no output of this configuration has a spool");
	return form < 0 ? COMMAND_MISUSED : good ? COMMAND_DONE : COMMAND_FAILED;
}

static void
print_line(void *to, const struct line_head *h, const char *line)
{
	(void)fwrite(line, 1, h->len, to);
}

/* By the sensor that has it, or here. */
static int
drop(const struct command_job *job, const struct sink_settings *k, const char *folder, struct err *e)
{
	const char *socket = job->settings->control.socket;
	struct keep_action a;
	struct spool_look l;
	int64_t n;

	if (!spool_show(folder, &l, NULL, NULL, e))
		return COMMAND_FAILED;
	if (l.running && socket != NULL) {
		command_action(&a, "drop", "spool", k->name, NULL);
		if (control_ask_act(socket, &a, e) != 0)
			return COMMAND_FAILED;
		printf("%s: the sensor drops what waits, %" PRIu64 " lines\n", k->name, l.lines);
		return COMMAND_DONE;
	}
	n = spool_empty(folder, e);
	if (n >= 0)
		printf("%s: %" PRId64 " lines were dropped\n", k->name, n);
	return n >= 0 ? COMMAND_DONE : COMMAND_FAILED;
}

static int
replay(const struct command_job *job, const struct sink_settings *k, const char *folder, struct err *e)
{
	const struct settings *s = job->settings;
	const char *names[WATCHED_MAX], *list = s->capture.interfaces;
	char words[WATCHED_MAX][WATCHED_NAME];
	struct net_watched watched = { .name = names };
	struct spool_look before, after;

	while (watched.n < WATCHED_MAX && str_next_text(&list, words[watched.n], sizeof(words[0]))) {
		names[watched.n] = words[watched.n];
		watched.n++;
	}
	if (!spool_show(folder, &before, NULL, NULL, e))
		return COMMAND_FAILED;
	if (before.running) {
		printf("%s: a sensor has it and sends its %" PRIu64 " lines itself: thermowell status says what is in the way\n", k->name, before.lines);
		return COMMAND_FAILED;
	}
	(void)signal(SIGPIPE, SIG_IGN);
	if (!output_deliver(&s->output, k, &watched, e) || !spool_show(folder, &after, NULL, NULL, e))
		return COMMAND_FAILED;
	printf("%s: %" PRIu64 " of %" PRIu64 " lines were delivered\n", k->name, before.lines > after.lines ? before.lines - after.lines : 0, before.lines);
	return after.lines == 0 ? COMMAND_DONE : COMMAND_FAILED;
}

static int
of_one(const struct command_job *job, struct err *e)
{
	const struct output_settings *s = &job->settings->output;
	const struct sink_settings *k = NULL;
	char folder[OUTPUT_PATH_MAX];
	struct spool_look l;

	for (unsigned i = 0; i < s->n_sinks && job->n_words == 2; i++)
		if (s->sinks[i].spool && s->sinks[i].name != NULL && strcmp(s->sinks[i].name, job->words[1]) == 0)
			k = &s->sinks[i];
	if (k == NULL) {
		if (job->n_words == 2)
			err_add(e, NULL, 0, 0, "no output of this configuration has a spool and the name \"%s\"", job->words[1]);
		else
			err_add(e, NULL, 0, 0, "usage: thermowell spool %s NAME -c FILE", job->words[0]);
		return COMMAND_MISUSED;
	}
	if (!output_spool_folder(s, k, folder, sizeof(folder)))
		return COMMAND_FAILED;
	if (strcmp(job->words[0], "print") == 0)
		return spool_show(folder, &l, print_line, stdout, e) && fflush(stdout) == 0 ? COMMAND_DONE : COMMAND_FAILED;
	return strcmp(job->words[0], "drop") == 0 ? drop(job, k, folder, e) : replay(job, k, folder, e);
}

int
spool_command(const struct command_job *job, struct err *e)
{
	const char *verb = job->n_words > 0 ? job->words[0] : "show";

	if (strcmp(verb, "show") == 0)
		return show(job, e);
	if (strcmp(verb, "print") == 0 || strcmp(verb, "replay") == 0 || strcmp(verb, "drop") == 0)
		return of_one(job, e);
	err_add(e, NULL, 0, 0, "thermowell spool %s: it is one of show, print, replay and drop", verb);
	return COMMAND_MISUSED;
}
