/* alerts.c - thermowell alerts, thermowell incidents: listed, acknowledged, labelled. */
#include "command/command.h"

#include <arpa/inet.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/shown.h"
#include "base/str.h"
#include "record/addr.h"
#include "store/list.h"

enum form { FORM_TABLE, FORM_CSV, FORM_JSON };

struct listing {
	enum form	 form;
	bool		 incidents;
	const char	*id;	/* rows whose uid begins so; NULL: all */
	uint64_t	 rows;
};

static const struct store_cell *
cell(const struct store_cell *cells, unsigned n, const char *name)
{
	for (unsigned i = 0; i < n; i++)
		if (strcmp(cells[i].name, name) == 0)
			return &cells[i];
	return NULL;
}

static const char *
text_of(const struct store_cell *cells, unsigned n, const char *name)
{
	const struct store_cell *c = cell(cells, n, name);

	return c != NULL && c->text != NULL ? c->text : "";
}

static int64_t
number_of(const struct store_cell *cells, unsigned n, const char *name)
{
	const struct store_cell *c = cell(cells, n, name);

	return c != NULL ? c->number : 0;
}

/* ---- three forms ------------------------------------------------------------------- */

static bool
as_json(const struct store_cell *cells, unsigned n)
{
	json_t *row = json_object();
	char time[COMMAND_TIME];

	for (unsigned i = 0; i < n; i++) {
		json_t *value = NULL;

		if (cells[i].is_time)
			value = cells[i].number != 0 ? json_string(command_time_text(cells[i].number, time)) : NULL;
		else if (cells[i].text == NULL)
			value = json_integer(cells[i].number);
		else if (cells[i].text[0] != '\0')
			value = json_from_text(cells[i].text);
		/* What is not known is left out. */
		if (value != NULL && json_object_set_new(row, cells[i].name, value) != 0) {
			json_decref(row);
			row = NULL;
		}
	}
	return json_line(row, stdout);
}

static bool
as_csv(struct listing *l, const struct store_cell *cells, unsigned n)
{
	char text[COMMAND_TIME];

	if (l->rows == 0) {
		for (unsigned i = 0; i < n; i++)
			command_csv(stdout, cells[i].name, i == 0);
		fputs("\r\n", stdout);
	}
	for (unsigned i = 0; i < n; i++) {
		if (cells[i].text != NULL) {
			command_csv(stdout, cells[i].text, i == 0);
			continue;
		}
		if (cells[i].is_time)
			(void)command_time_text(cells[i].number, text);
		else
			(void)snprintf(text, sizeof(text), "%" PRId64, cells[i].number);
		command_csv(stdout, text, i == 0);
	}
	fputs("\r\n", stdout);
	return !ferror(stdout);
}

/* What somebody wrote must not move the cursor of a terminal. */
static void
put_text(const char *text)
{
	char shown[4096];
	struct strbuf s = strbuf_on(shown, sizeof(shown));

	shown_put(&s, text, SIZE_MAX);
	fputs(shown, stdout);
}

static bool
as_table(struct listing *l, const struct store_cell *c, unsigned n)
{
	char first[COMMAND_TIME], time[COMMAND_TIME];
	const char *who = text_of(c, n, "acknowledged_by"), *label = text_of(c, n, "label");
	const char *outcome = text_of(c, n, "outcome");

	if (l->rows == 0)
		printf("%-19s %-3s %-8s %5s  %s\n", "first seen (UTC)", "sev", "id", l->incidents ? "of" : "times",
		    l->incidents ? "incident" : "alert");
	(void)command_time_text(number_of(c, n, "first"), first);
	printf("%.10s %.8s %-3" PRId64 " %.8s %5" PRId64 "  ", first, first[0] != '\0' ? first + 11 : "", number_of(c, n, "severity"),
	    text_of(c, n, "uid"), number_of(c, n, l->incidents ? "alerts" : "count"));
	put_text(text_of(c, n, l->incidents ? "title" : "sentence"));
	if (outcome[0] != '\0')
		printf(" (%s)", outcome);
	if (label[0] != '\0') {
		fputs(" [", stdout);
		put_text(label);
		fputc(']', stdout);
	}
	if (who[0] != '\0')
		printf(" [acknowledged by %s, %.16s]", who, command_time_text(number_of(c, n, "acknowledged"), time));
	fputc('\n', stdout);
	if (l->incidents && text_of(c, n, "stages")[0] != '\0')
		printf("%38s %s\n", "", text_of(c, n, "stages"));
	if (l->incidents && text_of(c, n, "advice")[0] != '\0')
		printf("%38s %s\n", "", text_of(c, n, "advice"));
	return !ferror(stdout);
}

static bool
show(void *arg, const struct store_cell *cells, unsigned n)
{
	struct listing *l = arg;
	bool good = l->form == FORM_JSON ? as_json(cells, n) : l->form == FORM_CSV ? as_csv(l, cells, n) : as_table(l, cells, n);

	l->rows++;
	return good;
}

/* ---- the commands -------------------------------------------------------------------- */

static bool
is_address(const char *text, char to[ADDR_TEXT_MAX])
{
	uint8_t bytes[16];
	struct addr a;

	if (inet_pton(AF_INET, text, bytes) == 1)
		a = addr_v4(bytes);
	else if (inet_pton(AF_INET6, text, bytes) == 1)
		a = addr_v6(bytes);
	else if (addr_mac_read(text, bytes))
		a = addr_of_mac(bytes);
	else
		return false;
	(void)addr_print(&a, to);
	return true;
}

static int
list(const struct command_job *job, enum keep_kind kind, const char *file, struct err *e)
{
	int form = command_word("--format", job->format, "table|csv|json", e);
	int severity = job->severity != NULL ? 1 + command_word("--severity", job->severity, "1|2|3|4", e) : 0;
	struct listing l = { .form = form >= 0 ? (enum form)form : FORM_TABLE, .incidents = kind == KEEP_INCIDENT };
	struct store_query q = { .kind = kind, .since_ns = command_time("--since", job->since, e),
	    .until_ns = command_time("--until", job->until, e), .severity = severity > 0 ? (unsigned)severity : 0 };
	char address[ADDR_TEXT_MAX];
	unsigned i = 0;

	if (job->asset != NULL && !is_address(job->asset, address))
		err_add(e, NULL, 0, 0, "--asset %s: this is neither an IP address nor a MAC", job->asset);
	if (e->n > 0)
		return COMMAND_MISUSED;
	q.asset = job->asset != NULL ? address : NULL;
	do {
		int64_t n;

		q.id = job->n_words > 0 ? job->words[i] : NULL;
		n = store_list(file, &q, show, &l, e);
		if (n < 0)
			return COMMAND_FAILED;
		if (n == 0 && q.id != NULL)
			err_add(e, file, 0, 0, "there is no %s %s", l.incidents ? "incident" : "alert", q.id);
	} while (++i < job->n_words);
	if (l.rows == 0 && l.form == FORM_TABLE && e->n == 0)
		printf("no %s\n", l.incidents ? "incidents" : "alerts");
	return e->n > 0 ? COMMAND_FAILED : COMMAND_DONE;
}

/* The words from the third on, joined. */
static bool
join_words(const struct command_job *job, char *to, size_t size)
{
	struct strbuf b = strbuf_on(to, size);

	for (unsigned i = 2; i < job->n_words; i++)
		strbuf_printf(&b, "%s%s", i > 2 ? " " : "", job->words[i]);
	return !b.cut;
}

/* A verb that a line begins with, or the one that takes it back; NULL: none.  `done`: what a message says. */
static const char *
verb_of(const char *word, const char **done, bool *needs_text)
{
#define VERB(ID, verb, cell, by, is_time, undo, done_) { verb, undo, done_, !is_time },
	static const struct { const char *verb, *undo, *done; bool needs_text; } verbs[] = {
#include "record/verbs.def"
	};
#undef VERB

	for (size_t i = 0; i < COUNTOF(verbs); i++)
		if (strcmp(verbs[i].verb, word) == 0 || (verbs[i].undo[0] != '\0' && strcmp(verbs[i].undo, word) == 0)) {
			*done = strcmp(verbs[i].verb, word) == 0 ? verbs[i].done : "reopened";
			*needs_text = verbs[i].needs_text;
			return word;
		}
	return NULL;
}

static int
act(const struct command_job *job, enum keep_kind kind, const char *file, struct err *e)
{
	const char *verb = job->words[0], *object = kind == KEEP_INCIDENT ? "incident" : "alert";
	struct keep_action a;
	char uid[ALERT_UID_LEN + 1], text[sizeof(a.text)];
	const char *done = "";
	bool needs_text = false;

	(void)verb_of(verb, &done, &needs_text);
	if (job->n_words < 2 || (needs_text && job->n_words < 3)) {
		err_add(e, NULL, 0, 0, "usage: thermowell %s %s ID %s", job->command, verb, needs_text ? "TEXT" : "[WHY]");
		return COMMAND_MISUSED;
	}
	if (!join_words(job, text, sizeof(text))) {
		err_add(e, NULL, 0, 0, "the text is longer than %zu bytes", sizeof(text) - 1);
		return COMMAND_MISUSED;
	}
	if (store_find(file, kind, job->words[1], uid, e) != 0)
		return COMMAND_FAILED;
	command_action(&a, verb, object, uid, text);
	if (command_act(job, file, &a, e) != 0)
		return COMMAND_FAILED;
	printf("%s %.8s: %s by %s\n", object, uid, done, a.who);
	return COMMAND_DONE;
}

int
alerts_command(const struct command_job *job, struct err *e)
{
	enum keep_kind kind = strcmp(job->command, "incidents") == 0 ? KEEP_INCIDENT : KEEP_ALERT;
	const char *file = command_store(job, e), *done;
	bool needs_text;

	if (file == NULL)
		return COMMAND_MISUSED;
	if (job->n_words > 0 && verb_of(job->words[0], &done, &needs_text) != NULL)
		return act(job, kind, file, e);
	return list(job, kind, file, e);
}
