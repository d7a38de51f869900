/* baseline.c - thermowell baseline: how far learning is, what was learned, and what an operator
 * decides of it.  What a sensor has is changed through its control socket; it is read from the
 * database, which is at most a second behind. */
#include "command/command.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "detect/baseline/change.h"
#include "detect/baseline/words.h"
#include "engine/control.h"
#include "store/list.h"
#include "store/store.h"

#define DAY_NS	86400000000000ull
#define HOUR_NS	3600000000000ull

/* The baseline, out of its database. */
struct opened {
	const char	*file;
	struct store	*store;		/* NULL: it is only read */
	struct counters	 counters;
	struct baseline	*b;
};

static const char *
file_of(const struct command_job *job, struct err *e)
{
	const char *baseline = job->settings->baseline.file;

	return baseline != NULL && baseline[0] != '\0' ? baseline : command_store(job, e);
}

static bool
opened_close(struct opened *o)
{
	if (o->b != NULL)
		baseline_alone_close(o->b, store_keep(o->store));
	o->b = NULL;
	return store_close(o->store) == 0;
}

static int
load_rows(void *arg, enum keep_kind kind, void (*each)(void *to, const void *row), void *to, struct err *e)
{
	const struct command_job *job = arg;

	return store_read(&job->settings->store, &job->settings->baseline, kind, each, to, e);
}

/* To be changed: the database must be nobody else's. */
static bool
opened_open(struct opened *o, const struct command_job *job, bool change, struct err *e)
{
	const struct settings *s = job->settings;
	const struct store_want want = { .store = &s->store, .baseline = &s->baseline, .counters = &o->counters };
	const struct keep reader = { .load = load_rows, .arg = (void *)(uintptr_t)job };

	if (change) {
		o->store = store_open(&want, e);
		if (o->store == NULL)
			return false;
	}
	o->b = baseline_alone(s, change ? store_keep(o->store) : &reader, &o->counters, e);
	if (o->b != NULL && (!change || store_start(o->store, e)))
		return true;
	(void)opened_close(o);
	return false;
}

/* The words behind the verb, with blanks between; to be freed. */
static char *
selector_of(const struct command_job *job)
{
	size_t size = 1;
	struct strbuf b;
	char *text;

	for (unsigned i = 1; i < job->n_words; i++)
		size += strlen(job->words[i]) + 1;
	if (job->asset != NULL)
		size += strlen(job->asset) + 7;
	text = malloc(size);
	if (text == NULL)
		return NULL;
	b = strbuf_on(text, size);
	for (unsigned i = 1; i < job->n_words; i++) {
		strbuf_put(&b, b.len > 0 ? " " : "");
		strbuf_put(&b, job->words[i]);
	}
	if (job->asset != NULL)
		strbuf_printf(&b, "%sasset=%s", b.len > 0 ? " " : "", job->asset);
	return text;
}

/* ---- show, diff, export -------------------------------------------------------------- */

struct lines {
	char	**of;
	size_t	  n, max;
};

static bool
lines_add(struct lines *ls, const char *text)
{
	if (ls->n == ls->max) {
		size_t max = ls->max != 0 ? 2 * ls->max : 256;
		char **more = realloc(ls->of, max * sizeof(*more));

		if (more == NULL)
			return false;
		ls->of = more;
		ls->max = max;
	}
	ls->of[ls->n] = strdup(text);
	return ls->of[ls->n] != NULL && ++ls->n > 0;
}

static void
lines_free(struct lines *ls)
{
	for (size_t i = 0; i < ls->n; i++)
		free(ls->of[i]);
	free(ls->of);
}

static int
by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void
put_seen(struct strbuf *to, const struct fact *f)
{
	char first[COMMAND_TIME], last[COMMAND_TIME], words[BASELINE_WORDS_MAX];

	strbuf_printf(to, "  %s, since %.16s, last %.16s, seen %s", fact_state_text(f->state),
	    command_time_text((int64_t)f->first_ns, first), command_time_text((int64_t)f->last_ns, last), f->count <= 1 ? "once" : "");
	if (f->count > 1)
		strbuf_printf(to, "%" PRIu64 " times", f->count);
	if (baseline_words(f, words, sizeof(words))[0] != '\0')
		strbuf_printf(to, ": %s", words);
}

/* The form that lives in version control: without what changes by the minute. */
static void
put_stable(struct strbuf *to, const struct fact *f)
{
	struct fact still = *f;
	char line[FACT_LINE_MAX], *last;

	baseline_stable(&still);
	(void)fact_print(&still, line, sizeof(line));
	last = strstr(line, " last=0");
	if (last != NULL)
		memmove(last, last + 7, strlen(last + 7) + 1);
	strbuf_put(to, line);
}

enum form { FORM_SEEN, FORM_STABLE };

static bool
collect(struct opened *o, const struct chosen *c, unsigned states, enum form form, struct lines *to)
{
	struct facts *fs = baseline_facts(o->b);

	for (uint32_t i = 0; i < facts_ceiling(fs); i++) {
		const struct fact *f = facts_at(fs, i);
		char line[FACT_LINE_MAX + BASELINE_WORDS_MAX + 160];
		struct strbuf b = strbuf_on(line, sizeof(line));

		if (f == NULL || (states >> f->state & 1u) == 0 || !chosen_has(c, f))
			continue;
		if (form == FORM_STABLE)
			put_stable(&b, f);
		else {
			b.len = fact_print_key(&f->key, line, sizeof(line));
			put_seen(&b, f);
		}
		if (!lines_add(to, line))
			return false;
	}
	if (to->n > 0)
		qsort(to->of, to->n, sizeof(*to->of), by_text);
	return true;
}

static int
list(const struct command_job *job, unsigned states, enum form form, struct err *e)
{
	struct opened o = { 0 };
	struct lines ls = { 0 };
	char *selector = selector_of(job);
	const char *why = NULL;
	struct chosen c = { .all = true, .kind = FACT_KIND_COUNT };
	int r = COMMAND_FAILED;

	if (selector != NULL && selector[0] != '\0')
		why = chosen_read(&c, selector);
	if (why != NULL) {
		err_add(e, NULL, 0, 0, "%s: %s", selector, why);
		r = COMMAND_MISUSED;
	} else if (selector != NULL && opened_open(&o, job, false, e)) {
		if (collect(&o, &c, states, form, &ls)) {
			for (size_t i = 0; i < ls.n; i++)
				printf("%s\n", ls.of[i]);
			r = COMMAND_DONE;
		} else
			err_add(e, NULL, 0, 0, "not enough memory");
		(void)opened_close(&o);
	}
	lines_free(&ls);
	free(selector);
	return r;
}

/* ---- diff FILE ----------------------------------------------------------------------------- */

static bool
read_lines(const char *file, struct lines *to, struct err *e)
{
	FILE *f = strcmp(file, "-") == 0 ? stdin : fopen(file, "r");
	char *line = NULL;
	size_t size = 0;
	ssize_t n;
	bool ok = true;

	if (f == NULL) {
		err_add(e, file, 0, 0, "cannot be opened");
		return false;
	}
	while (ok && (n = getline(&line, &size, f)) >= 0) {
		while (n > 0 && (line[n - 1] == '\n' || line[n - 1] == '\r'))
			line[--n] = '\0';
		ok = lines_add(to, line);
	}
	free(line);
	if (f != stdin)
		(void)fclose(f);
	return ok;
}

static bool
is_comment(const char *line)
{
	return line[strspn(line, " \t")] == '\0' || line[strspn(line, " \t")] == '#';
}

/* What only the file has, and what only the baseline has: keys and states. */
static int
diff_file(const struct command_job *job, const char *file, struct err *e)
{
	const struct chosen all = { .all = true, .kind = FACT_KIND_COUNT };
	struct lines theirs = { 0 }, ours = { 0 }, from = { 0 };
	struct opened o = { 0 };
	int r = COMMAND_FAILED;
	size_t i = 0, j = 0;

	if (!read_lines(file, &from, e) || !opened_open(&o, job, false, e))
		goto out;
	for (size_t k = 0; k < from.n; k++) {
		char line[FACT_LINE_MAX];
		struct fact f;
		const char *why;
		size_t at;

		if (is_comment(from.of[k]))
			continue;
		if (!fact_parse(from.of[k], strlen(from.of[k]), &f, &why, &at)) {
			err_add(e, file, (int)k + 1, (int)at + 1, "%s", why);
			continue;
		}
		(void)fact_print_key(&f.key, line, sizeof(line));
		(void)lines_add(&theirs, line);
	}
	if (e->n > 0 || !collect(&o, &all, 1u << FACT_LEARNED | 1u << FACT_ACCEPTED, FORM_SEEN, &ours))
		goto out;
	for (size_t k = 0; k < ours.n; k++)
		*strstr(ours.of[k], "  ") = '\0';
	if (theirs.n > 0)
		qsort(theirs.of, theirs.n, sizeof(*theirs.of), by_text);
	while (i < theirs.n || j < ours.n) {
		int order = i == theirs.n ? 1 : j == ours.n ? -1 : strcmp(theirs.of[i], ours.of[j]);

		if (order != 0)
			printf("%c %s\n", order < 0 ? '-' : '+', order < 0 ? theirs.of[i] : ours.of[j]);
		i += order <= 0;
		j += order >= 0;
	}
	r = COMMAND_DONE;
out:
	(void)opened_close(&o);
	lines_free(&theirs);
	lines_free(&ours);
	lines_free(&from);
	return r;
}

/* ---- status -------------------------------------------------------------------------------------- */

struct of_kind {
	uint64_t	states[FACT_STATES], once, fresh, since_ns;
};

static void
count_kinds(struct opened *o, struct of_kind of[FACT_KIND_COUNT], uint64_t now_ns)
{
	struct facts *fs = baseline_facts(o->b);

	for (uint32_t i = 0; i < facts_ceiling(fs); i++) {
		const struct fact *f = facts_at(fs, i);
		struct of_kind *k;

		if (f == NULL)
			continue;
		k = &of[f->key.kind];
		k->states[f->state]++;
		k->once += f->state == FACT_LEARNED && f->count <= 1;
		k->fresh += f->first_ns + HOUR_NS > now_ns;
		k->since_ns = k->since_ns == 0 || f->first_ns < k->since_ns ? f->first_ns : k->since_ns;
	}
}

/* How many kinds of devices are in which stage, and when the last of them will detect. */
static void
print_stages(const struct command_job *job, struct opened *o, uint64_t now_ns)
{
	uint64_t n[LIFE_STAGES] = { 0 }, extended = 0, latest = 0, at;
	const struct life *l, *worst = NULL;
	char text[COMMAND_TIME], addr[ADDR_TEXT_MAX];

	for (uint32_t i = 0; (l = lives_at(baseline_lives(o->b), i)) != NULL; i++) {
		struct life now = *l;

		/* As it is asked for when the next new fact comes. */
		if (job->settings->baseline.mode == BASELINE_AUTO)
			life_advance(&now, &job->settings->baseline, now_ns);
		n[now.stage]++;
		extended += now.extended > 0 && now.stage < LIFE_DETECT;
		at = life_forecast(&now, &job->settings->baseline, now_ns);
		latest = at > latest ? at : latest;
		if (l->extended > 0 && (worst == NULL || l->why > worst->why))
			worst = l;
	}
	if (job->settings->baseline.mode != BASELINE_AUTO && n[LIFE_LOCKED] == 0)
		return;
	printf("kinds of facts of devices: %" PRIu64 " learn, %" PRIu64 " are reviewed, %" PRIu64 " detect, %" PRIu64 " are locked\n",
	    n[LIFE_LEARN], n[LIFE_REVIEW], n[LIFE_DETECT], n[LIFE_LOCKED]);
	if (job->settings->baseline.mode != BASELINE_AUTO)
		return;
	if (latest > now_ns)
		printf("forecast: all of them detect from %.16s on\n", command_time_text((int64_t)latest, text));
	if (worst != NULL) {
		(void)addr_print(&worst->owner, addr);
		printf("extended: %" PRIu64 ", most of all %s of %s: %u new facts in an hour\n", extended,
		    fact_row(worst->kind)->text, addr, (unsigned)worst->why);
	}
}

static void
print_budget(const struct command_job *job, const struct of_kind of[FACT_KIND_COUNT], uint64_t now_ns)
{
	uint64_t open = 0, since_ns = now_ns, devices;
	double days, rate;

	for (unsigned i = 0; i < FACT_KIND_COUNT; i++) {
		open += of[i].states[FACT_OPEN];
		since_ns = of[i].since_ns != 0 && of[i].since_ns < since_ns ? of[i].since_ns : since_ns;
	}
	devices = of[FACT_KIND_DEVICE].states[FACT_LEARNED] + of[FACT_KIND_DEVICE].states[FACT_ACCEPTED] +
	    of[FACT_KIND_DEVICE].states[FACT_OPEN];
	days = (double)(now_ns - since_ns) / (double)DAY_NS;
	rate = (double)open / (double)(devices > 0 ? devices : 1) / (days > 1 ? days : 1);
	printf("deviations: %" PRIu64 " open, %.2f a device and day; the budget is %" PRIu64 "%s\n", open, rate,
	    job->settings->baseline.budget, rate > (double)job->settings->baseline.budget ? ": too many, look at thermowell baseline diff" : "");
}

static int
status(const struct command_job *job, struct err *e)
{
	struct of_kind of[FACT_KIND_COUNT] = { 0 };
	struct opened o = { .file = file_of(job, e) };
	uint64_t now_ns, total = 0;
	char text[COMMAND_TIME];

	if (o.file == NULL)
		return COMMAND_MISUSED;
	if (!opened_open(&o, job, false, e))
		return COMMAND_FAILED;
	now_ns = baseline_last_ns(o.b);
	count_kinds(&o, of, now_ns);
	for (unsigned i = 0; i < FACT_KIND_COUNT; i++)
		for (unsigned k = 0; k < FACT_STATES; k++)
			total += of[i].states[k];
	printf("baseline %s in %s: %" PRIu64 " facts, last seen %.19s\n", job->settings->baseline.name, o.file, total,
	    command_time_text((int64_t)now_ns, text));
	printf("%-12s %9s %9s %9s %9s %9s %9s  %s\n", "kind", "learned", "once", "accepted", "open", "rejected", "new/hour", "since");
	for (unsigned i = 0; i < FACT_KIND_COUNT; i++) {
		const struct of_kind *k = &of[i];

		if (k->since_ns == 0 && k->fresh == 0)
			continue;
		printf("%-12s %9" PRIu64 " %9" PRIu64 " %9" PRIu64 " %9" PRIu64 " %9" PRIu64 " %9" PRIu64 "  %.16s\n", fact_row(i)->text,
		    k->states[FACT_LEARNED], k->once, k->states[FACT_ACCEPTED], k->states[FACT_OPEN], k->states[FACT_REJECTED],
		    k->fresh, command_time_text((int64_t)k->since_ns, text));
	}
	print_stages(job, &o, now_ns);
	print_budget(job, of, now_ns);
	return opened_close(&o) ? COMMAND_DONE : COMMAND_FAILED;
}

/* ---- what changes it ---------------------------------------------------------------------------- */

/* Through the sensor that has the database, or in it. */
struct changer {
	const struct command_job *job;
	const char	*file;
	bool		 by_sensor;
	struct opened	 o;
	uint32_t	 n;
};

static bool
changer_open(struct changer *c, const struct command_job *job, struct err *e)
{
	char socket[128];

	*c = (struct changer){ .job = job, .file = file_of(job, e) };
	if (c->file == NULL)
		return false;
	c->by_sensor = store_in_use(c->file, socket, sizeof(socket));
	return c->by_sensor || opened_open(&c->o, job, true, e);
}

static bool
change_as(struct changer *c, const struct keep_action *a, struct err *e)
{
	const char *why;
	uint32_t n;

	if (c->by_sensor)
		return command_act(c->job, c->file, a, e) == 0 && ++c->n > 0;
	why = baseline_change(c->o.b, a, baseline_last_ns(c->o.b), &n);
	c->n += n;
	if (why != NULL) {
		err_add(e, NULL, 0, 0, "%s %s: %s", a->verb, a->id, why);
		return false;
	}
	return strcmp(a->verb, "import") == 0 || keep_put(store_keep(c->o.store), KEEP_ACTION, a, sizeof(*a));
}

static bool
change(struct changer *c, const char *verb, const char *id, const char *text, struct err *e)
{
	struct keep_action a;

	command_action(&a, verb, "baseline", id, text);
	return change_as(c, &a, e);
}

int
baseline_act(const struct command_job *job, const struct keep_action *a, struct err *e)
{
	struct changer c;
	bool ok;

	if (!changer_open(&c, job, e))
		return -1;
	ok = change_as(&c, a, e);
	if (!c.by_sensor)
		ok &= opened_close(&c.o);
	return ok ? 0 : -1;
}

static bool
import(struct changer *c, const char *file, struct err *e)
{
	struct lines ls = { 0 };
	bool ok = read_lines(file, &ls, e);

	for (size_t i = 0; ok && i < ls.n; i++) {
		char key[FACT_LINE_MAX];
		const char *why, *rest;
		struct fact f;
		size_t at;

		if (is_comment(ls.of[i]))
			continue;
		if (!fact_parse(ls.of[i], strlen(ls.of[i]), &f, &why, &at)) {
			err_add(e, file, (int)i + 1, (int)at + 1, "%s", why);
			continue;
		}
		/* The key, and what stands behind it. */
		(void)fact_print_key(&f.key, key, sizeof(key));
		rest = strstr(ls.of[i], " state=");
		ok = change(c, "import", key, rest != NULL ? rest + 1 : "", e);
	}
	lines_free(&ls);
	return ok && e->n == 0;
}

static int
change_by_words(const struct command_job *job, const char *verb, struct err *e)
{
	char *selector = selector_of(job);
	struct changer c;
	bool ok;

	if (selector == NULL || selector[0] == '\0') {
		err_add(e, NULL, 0, 0, strcmp(verb, "import") == 0 ? "usage: thermowell baseline import FILE" : strcmp(verb, "mode") == 0 ?
		    "usage: thermowell baseline mode learn|detect|auto" :
		    "say what: all, a kind of fact, field=value, asset=ADDRESS (as thermowell baseline show prints them)");
		free(selector);
		return COMMAND_MISUSED;
	}
	if (!changer_open(&c, job, e)) {
		free(selector);
		return COMMAND_FAILED;
	}
	if (strcmp(verb, "mode") == 0 && !c.by_sensor) {
		err_add(e, c.file, 0, 0, "no sensor has this baseline: the mode is that of its next run (--learn, --detect, baseline.mode)");
		ok = false;
	} else
		ok = strcmp(verb, "import") == 0 ? import(&c, job->words[1], e) : change(&c, verb, selector, NULL, e);
	if (!c.by_sensor)
		ok &= opened_close(&c.o);
	if (ok && c.by_sensor && strcmp(verb, "import") != 0)
		printf("%s: done by the sensor\n", selector);
	else if (ok)
		printf("%s: %u\n", selector, (unsigned)c.n);
	free(selector);
	return ok ? COMMAND_DONE : COMMAND_FAILED;
}

int
baseline_command(const struct command_job *job, struct err *e)
{
	static const char *const changes[] = { "accept", "reject", "lock", "unlock", "reset", "import", "mode" };
	const unsigned known = 1u << FACT_LEARNED | 1u << FACT_ACCEPTED, all = (1u << FACT_STATES) - 2;
	const char *verb = job->n_words > 0 ? job->words[0] : "status";

	if (strcmp(verb, "status") == 0)
		return status(job, e);
	if (strcmp(verb, "show") == 0)
		return list(job, all, FORM_SEEN, e);
	if (strcmp(verb, "export") == 0)
		return list(job, known | 1u << FACT_REJECTED, FORM_STABLE, e);
	if (strcmp(verb, "diff") == 0)
		return job->n_words == 2 && strchr(job->words[1], '=') == NULL && fact_kind_by_text(job->words[1]) == FACT_KIND_COUNT ?
		    diff_file(job, job->words[1], e) : list(job, 1u << FACT_OPEN | 1u << FACT_REJECTED, FORM_SEEN, e);
	for (size_t i = 0; i < COUNTOF(changes); i++)
		if (strcmp(verb, changes[i]) == 0)
			return change_by_words(job, verb, e);
	err_add(e, NULL, 0, 0, "thermowell baseline %s: it is one of status, show, diff, accept, reject, lock, unlock, reset, mode, export and import",
	    verb);
	return COMMAND_MISUSED;
}
