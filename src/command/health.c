/* health.c - thermowell health: how devices fare, the ones that fare worst first. */
#include "command/command.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/shown.h"
#include "base/str.h"
#include "command/scratch.h"
#include "record/health.h"
#include "record/protocol.h"
#include "store/list.h"

#define HOUR_NS	UINT64_C(3600000000000)

enum form { FORM_TABLE, FORM_CSV, FORM_JSON };

/* The last hour of each figure of each device. */
struct listing {
	struct keep_health	*rows;	/* owned */
	size_t			 n, max;
	struct addr		 only;	/* of this device, if any */
	bool			 one;
	int64_t			 since_ns, until_ns;	/* hours that began then; 0: any */
	bool			 full;
};

static bool
same_figure(const struct keep_health *a, const struct keep_health *b)
{
	return memcmp(&a->of, &b->of, sizeof(a->of)) == 0 && strcmp(a->figure, b->figure) == 0 && strcmp(a->object, b->object) == 0;
}

static void
one_row(void *arg, const void *row)
{
	struct listing *l = arg;
	const struct keep_health *h = row;

	if ((l->one && !addr_same(&l->only, &h->of.addr)) || (int64_t)h->hour_ns < l->since_ns || (l->until_ns != 0 && (int64_t)h->hour_ns >= l->until_ns))
		return;
	/* They come in the order of their keys, the hour last. */
	if (l->n > 0 && same_figure(&l->rows[l->n - 1], h)) {
		l->rows[l->n - 1] = *h;
		return;
	}
	if (l->n == l->max) {
		const size_t max = l->max > 0 ? 2 * l->max : 256;
		void *more = realloc(l->rows, max * sizeof(*l->rows));

		if (more == NULL) {
			l->full = true;
			return;
		}
		l->rows = more;
		l->max = max;
	}
	l->rows[l->n++] = *h;
}

static unsigned
condition_of(const struct keep_health *h)
{
	const unsigned c = health_condition_named(h->condition);

	return c < HEALTH_CONDITIONS ? c : HEALTH_LEARNING;
}

/* The worse first; of equals as they are kept. */
static int
by_condition(const void *a, const void *b)
{
	const struct keep_health *x = a, *y = b;
	const unsigned of_x = condition_of(x), of_y = condition_of(y);
	int order;

	if (of_x != of_y)
		return of_x > of_y ? -1 : 1;
	order = memcmp(&x->of, &y->of, sizeof(x->of));
	if (order == 0)
		order = strcmp(x->object, y->object);
	return order != 0 ? order : strcmp(x->figure, y->figure);
}

/* ---- forms -------------------------------------------------------------------------- */

static const struct health_figure_row *
figure_of(const struct keep_health *h)
{
	unsigned figure = health_figure_named(h->figure);

	return figure < HEALTH_FIGURES ? health_figure_row(figure) : NULL;
}

/* "10.20.1.15 unit 7", "10.20.1.31 level" */
static void
put_device(const struct keep_health *h, char *to, size_t size)
{
	struct strbuf s = strbuf_on(to, size);
	char text[ADDR_TEXT_MAX];

	(void)addr_print(&h->of.addr, text);
	strbuf_put(&s, text);
	if (h->of.vlan != 0)
		strbuf_printf(&s, " vlan %u", h->of.vlan);
	if (h->of.has_unit && h->of.proto != OP_UNKNOWN && h->of.proto < OP_PROTO_COUNT)
		strbuf_printf(&s, " %s %" PRIu32, protocols[h->of.proto]->name, h->of.unit);
	if (h->object[0] != '\0') {
		strbuf_put(&s, " ");
		shown_put(&s, h->object, SIZE_MAX);
	}
}

static void
put_number(char to[32], double v, const char *measure)
{
	(void)snprintf(to, 32, "%.4g %.12s", v, measure);
}

static void
put_ahead(char to[48], const struct keep_health *h)
{
	const uint64_t hours = h->forecast_s / 3600;

	if (h->forecast_s == 0)
		(void)snprintf(to, 48, "-");
	else if (hours >= 48)
		(void)snprintf(to, 48, "%.4g in %" PRIu64 " days", h->limit, (hours + 12) / 24);
	else
		(void)snprintf(to, 48, "%.4g in %" PRIu64 " hours", h->limit, hours > 0 ? hours : 1);
}

static void
as_table(const struct listing *l)
{
	printf("%-28s %-17s %-9s %-14s %-14s %-14s %s\n", "device", "figure", "condition", "last hour", "normal", "trend a day", "forecast");
	for (size_t i = 0; i < l->n; i++) {
		const struct keep_health *h = &l->rows[i];
		const struct health_figure_row *row = figure_of(h);
		const char *measure = row != NULL ? row->measure : "";
		char device[160], now[32], normal[32] = "-", trend[32] = "-", ahead[48];

		put_device(h, device, sizeof(device));
		put_number(now, h->median, measure);
		if (condition_of(h) != HEALTH_LEARNING)
			put_number(normal, h->normal, measure);
		if (h->per_day != 0)
			(void)snprintf(trend, sizeof(trend), "%+.3g %.12s", h->per_day, measure);
		put_ahead(ahead, h);
		printf("%-28s %-17s %-9s %-14s %-14s %-14s %s\n", device, h->figure, h->condition, now, normal, trend, ahead);
		if (condition_of(h) >= HEALTH_WORSE && row != NULL)
			printf("    check first: %s\n", row->check);
	}
	if (l->n == 0)
		puts("no figure of any device is kept yet");
}

static void
as_csv(const struct listing *l)
{
	static const char *const names[] = { "device", "figure", "condition", "measure", "hour", "count", "median", "tail", "worst", "normal",
		"per_day", "limit", "forecast_s", "hours_learned", "check" };

	for (size_t i = 0; i < COUNTOF(names); i++)
		command_csv(stdout, names[i], i == 0);
	fputs("\r\n", stdout);
	for (size_t i = 0; i < l->n; i++) {
		const struct keep_health *h = &l->rows[i];
		const struct health_figure_row *row = figure_of(h);
		const double numbers[] = { h->median, h->tail, h->worst, h->normal, h->per_day, h->limit };
		const uint64_t whole[] = { h->forecast_s, health_hours_learned(h) };
		char text[160];

		put_device(h, text, sizeof(text));
		command_csv(stdout, text, true);
		command_csv(stdout, h->figure, false);
		command_csv(stdout, h->condition, false);
		command_csv(stdout, row != NULL ? row->measure : "", false);
		command_csv(stdout, command_time_text((int64_t)h->hour_ns, text), false);
		(void)snprintf(text, sizeof(text), "%" PRIu64, h->count);
		command_csv(stdout, text, false);
		for (size_t k = 0; k < COUNTOF(numbers); k++) {
			(void)snprintf(text, sizeof(text), "%.6g", numbers[k]);
			command_csv(stdout, text, false);
		}
		for (size_t k = 0; k < COUNTOF(whole); k++) {
			(void)snprintf(text, sizeof(text), "%" PRIu64, whole[k]);
			command_csv(stdout, text, false);
		}
		command_csv(stdout, row != NULL ? row->check : "", false);
		fputs("\r\n", stdout);
	}
}

static bool
json_row(const struct keep_health *h)
{
	const struct health_figure_row *row = figure_of(h);
	json_t *to = json_object();
	char text[ADDR_TEXT_MAX], time[COMMAND_TIME];
	bool good;

	(void)addr_print(&h->of.addr, text);
	good = json_object_set_new(to, "device", json_string(text)) == 0;
	if (h->of.vlan != 0)
		good &= json_object_set_new(to, "vlan", json_integer(h->of.vlan)) == 0;
	if (h->of.has_unit && h->of.proto < OP_PROTO_COUNT) {
		good &= json_object_set_new(to, "protocol", json_string(protocols[h->of.proto]->name)) == 0;
		good &= json_object_set_new(to, "unit", json_integer(h->of.unit)) == 0;
	}
	if (h->object[0] != '\0')
		good &= json_object_set_new(to, "object", json_from_text(h->object)) == 0;
	good &= json_object_set_new(to, "figure", json_string(h->figure)) == 0 &&
	    json_object_set_new(to, "condition", json_string(h->condition)) == 0 &&
	    json_object_set_new(to, "hour", json_string(command_time_text((int64_t)h->hour_ns, time))) == 0 &&
	    json_object_set_new(to, "count", json_integer((json_int_t)h->count)) == 0 &&
	    json_object_set_new(to, "mean", json_real(h->mean)) == 0 && json_object_set_new(to, "median", json_real(h->median)) == 0 &&
	    json_object_set_new(to, "tail", json_real(h->tail)) == 0 && json_object_set_new(to, "worst", json_real(h->worst)) == 0 &&
	    json_object_set_new(to, "hours_learned", json_integer((json_int_t)health_hours_learned(h))) == 0;
	if (condition_of(h) != HEALTH_LEARNING)
		good &= json_object_set_new(to, "normal", json_real(h->normal)) == 0;
	if (h->per_day != 0)
		good &= json_object_set_new(to, "per_day", json_real(h->per_day)) == 0;
	if (h->limit != 0)
		good &= json_object_set_new(to, "limit", json_real(h->limit)) == 0;
	if (h->forecast_s != 0)
		good &= json_object_set_new(to, "forecast_s", json_integer((json_int_t)h->forecast_s)) == 0;
	if (row != NULL)
		good &= json_object_set_new(to, "measure", json_string(row->measure)) == 0 && json_object_set_new(to, "what", json_string(row->what)) == 0 &&
		    json_object_set_new(to, "check", json_string(row->check)) == 0;
	if (!good) {
		json_decref(to);
		to = NULL;
	}
	return json_line(to, stdout);
}

/* ---- where rows come from ------------------------------------------------------------- */

/* Captures are replayed into a database that nobody keeps. */
static int
of_captures(const struct command_job *job, struct listing *l, struct err *e)
{
	struct settings quiet = command_quietly(job->settings);
	const struct engine_run run = { .settings = &quiet, .files = job->files, .n_files = job->n_files };
	struct scratch at;
	int r;

	if (!scratch_open(&at, e))
		return -1;
	scratch_use(&at, &quiet);
	quiet.rules.files = "none";	/* nobody judges */
	r = engine_run(&run, e) == 0 ? store_rows(at.store, KEEP_HEALTH, "default", one_row, l, e) : -1;
	scratch_close(&at);
	return r;
}

static bool
read_words(const struct command_job *job, struct listing *l, int *form, struct err *e)
{
	unsigned bits;

	*form = command_word("--format", job->format, "table|csv|json", e);
	l->since_ns = command_time("--since", job->since, e);
	l->until_ns = command_time("--until", job->until, e);
	l->one = job->asset != NULL;
	if (l->one && !addr_net_read(job->asset, &l->only, &bits))
		err_add(e, NULL, 0, 0, "--asset %s: this is no IP address", job->asset);
	if (job->n_words > 0)
		err_add(e, NULL, 0, 0, "health takes no '%s': thermowell health [--store DB | -r FILE...] [--asset A] [--since T] [--until T] "
		    "[--format table|csv|json]", job->words[0]);
	return e->n == 0;
}

int
health_command(const struct command_job *job, struct err *e)
{
	struct listing l = { 0 };
	const char *file = NULL;
	int form, r, status = COMMAND_FAILED;

	if (!read_words(job, &l, &form, e))
		return COMMAND_MISUSED;
	if (job->n_files == 0 && (file = command_store(job, e)) == NULL)
		return COMMAND_MISUSED;
	r = job->n_files > 0 ? of_captures(job, &l, e) : store_rows(file, KEEP_HEALTH, "default", one_row, &l, e);
	if (r == 0 && l.full)
		err_add(e, NULL, 0, 0, "not enough memory");
	else if (r == 0) {
		status = COMMAND_DONE;
		if (l.n > 1)
			qsort(l.rows, l.n, sizeof(*l.rows), by_condition);
		if (form == FORM_TABLE)
			as_table(&l);
		else if (form == FORM_CSV)
			as_csv(&l);
		else
			for (size_t i = 0; i < l.n && status == COMMAND_DONE; i++)
				status = json_row(&l.rows[i]) ? COMMAND_DONE : COMMAND_FAILED;
	}
	free(l.rows);
	return status;
}
