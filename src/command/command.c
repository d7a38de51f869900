#include "command/command.h"

#include <inttypes.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/str.h"
#include "base/when.h"
#include "engine/control.h"
#include "store/list.h"

#define SECOND	INT64_C(1000000000)

static const struct { const char *word; int (*run)(const struct command_job *job, struct err *e); } commands[] = {
	{ "alerts", alerts_command },
	{ "baseline", baseline_command },
	{ "check-mirror", mirror_command },
	{ "console", console_command },
	{ "incidents", alerts_command },
	{ "assets", assets_command },
	{ "extract", extract_command },
	{ "health", health_command },
	{ "report", report_command },
	{ "spool", spool_command },
	{ "store", store_command },
	{ "values", values_command },
	{ "verify", verify_command },
	{ "zones", zones_command },
};

int
command_run(const struct command_job *job, struct err *e)
{
	for (size_t i = 0; i < COUNTOF(commands); i++)
		if (strcmp(commands[i].word, job->command) == 0)
			return commands[i].run(job, e);
	err_add(e, NULL, 0, 0, "there is no command %s", job->command);
	return COMMAND_MISUSED;
}

struct settings
command_quietly(const struct settings *s)
{
	struct settings quiet = *s;

	quiet.output.eve = false;
	quiet.output.n_sinks = 0;
	quiet.store.file = NULL;
	quiet.baseline.file = NULL;
	quiet.baseline.mode = BASELINE_OFF;
	quiet.baseline.learn_first_s = 0;
	quiet.control.socket = NULL;
	quiet.metrics.listen = quiet.metrics.token_file = NULL;
	quiet.console.listen = NULL;
	return quiet;
}

const char *
command_store(const struct command_job *job, struct err *e)
{
	const char *file = job->settings->store.file, *baseline = job->settings->baseline.file;

	if (file != NULL && file[0] != '\0')
		return file;
	if (baseline != NULL && baseline[0] != '\0')
		return baseline;
	err_add(e, NULL, 0, 0, "no database is named: give --store FILE, or a configuration (-c FILE) with store.file");
	return NULL;
}

/* ---- time ------------------------------------------------------------------------- */

static int64_t
before_now(const char *text)
{
	static const char units[] = "smhd";
	static const int64_t of[] = { 1, 60, 3600, 86400 };
	size_t digits = strspn(text, "0123456789");
	const char *unit = text[digits] != '\0' ? strchr(units, text[digits]) : NULL;
	struct timespec now = { 0 };
	int64_t at;

	if (digits == 0 || digits > 9 || unit == NULL || text[digits + 1] != '\0')
		return 0;
	(void)clock_gettime(CLOCK_REALTIME, &now);
	at = (int64_t)now.tv_sec - strtoll(text, NULL, 10) * of[unit - units];
	return at > 0 ? at * SECOND : 1;
}

static int64_t
a_date(const char *text)
{
	static const char *const forms[] = { "%Y-%m-%d", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%d %H:%M:%S" };

	for (size_t i = 0; i < COUNTOF(forms); i++) {
		struct tm tm = { 0 };
		const char *rest = strptime(text, forms[i], &tm);
		int64_t ns = 0, unit = SECOND;
		time_t t;

		/* As eve.json has it: "2026-11-30T10:00:00.123456+0000". */
		if (rest != NULL && rest[0] == '.' && rest[1] >= '0' && rest[1] <= '9')
			for (rest++; *rest >= '0' && *rest <= '9'; rest++)
				ns += (*rest - '0') * (unit /= 10);
		if (rest == NULL || (rest[0] != '\0' && strcmp(rest, "Z") != 0 && strcmp(rest, "+0000") != 0))
			continue;
		t = timegm(&tm);
		return t > 0 ? (int64_t)t * SECOND + ns : 0;
	}
	return 0;
}

int64_t
command_time(const char *option, const char *text, struct err *e)
{
	int64_t ns;

	if (text == NULL)
		return 0;
	ns = before_now(text);
	if (ns == 0)
		ns = a_date(text);
	if (ns == 0)
		err_add(e, NULL, 0, 0, "%s %s: give a time as in 2026-11-30 or 2026-11-30T10:00:00Z, or how long ago, as in 90s, 15m, 2h or 7d",
		    option, text);
	return ns;
}

const char *
command_time_text(int64_t ns, char to[COMMAND_TIME])
{
	return when_text(ns, to);
}

/* ---- words and lines ---------------------------------------------------------------- */

int
command_word(const char *option, const char *text, const char *words, struct err *e)
{
	size_t n = text != NULL ? strlen(text) : 0;
	int i = 0;

	if (text == NULL)
		return 0;
	for (const char *w = words; ; w += strcspn(w, "|") + 1, i++) {
		size_t k = strcspn(w, "|");

		if (k == n && memcmp(w, text, n) == 0)
			return i;
		if (w[k] == '\0')
			break;
	}
	err_add(e, NULL, 0, 0, "%s %s: it is one of %s", option, text, words);
	return -1;
}

void
command_csv(FILE *to, const char *text, bool first)
{
	/* A program that reads tables takes such a field for a formula. */
	const bool formula = text[0] != '\0' && strchr("=+-@\t", text[0]) != NULL;

	if (!first)
		fputc(',', to);
	if (strpbrk(text, ",;\"\r\n") == NULL && !formula) {
		fputs(text, to);
		return;
	}
	fputc('"', to);
	if (formula)
		fputc('\'', to);
	for (; *text != '\0'; text++) {
		if (*text == '"')
			fputc('"', to);
		fputc(*text, to);
		/* Where a semicolon divides, it begins another field. */
		if (*text == ';' && text[1] != '\0' && strchr("=+-@\t", text[1]) != NULL)
			fputc('\'', to);
	}
	fputc('"', to);
}

/* ---- actions ------------------------------------------------------------------------- */

/* Who runs this: the login behind sudo, too. */
static void
login_name(char *to, size_t size)
{
	const char *sudo = getuid() == 0 ? getenv("SUDO_USER") : NULL;
	const struct passwd *pw = getpwuid(getuid());

	if (sudo != NULL && sudo[0] != '\0')
		(void)snprintf(to, size, "%s", sudo);
	else if (pw != NULL)
		(void)snprintf(to, size, "%s", pw->pw_name);
	else
		(void)snprintf(to, size, "%lu", (unsigned long)getuid());
}

void
command_action(struct keep_action *a, const char *verb, const char *object, const char *id, const char *text)
{
	struct timespec now = { 0 };

	memset(a, 0, sizeof(*a));
	(void)clock_gettime(CLOCK_REALTIME, &now);
	a->ts_ns = (uint64_t)now.tv_sec * SECOND + (uint64_t)now.tv_nsec;
	login_name(a->who, sizeof(a->who));
	(void)snprintf(a->verb, sizeof(a->verb), "%s", verb);
	(void)snprintf(a->object, sizeof(a->object), "%s", object);
	(void)snprintf(a->id, sizeof(a->id), "%s", id);
	(void)snprintf(a->text, sizeof(a->text), "%s", text != NULL ? text : "");
}

int
command_act(const struct command_job *job, const char *file, const struct keep_action *a, struct err *e)
{
	const char *ours = job->settings->control.socket;
	char socket[128];

	if (!store_in_use(file, socket, sizeof(socket)))
		return store_act(file, a, e);
	if (socket[0] == '\0' && ours != NULL)
		(void)snprintf(socket, sizeof(socket), "%s", ours);
	if (socket[0] == '\0') {
		err_add(e, file, 0, 0, "a sensor has the database and no control socket: set control.socket, or stop it");
		return -1;
	}
	return control_ask_act(socket, a, e);
}
