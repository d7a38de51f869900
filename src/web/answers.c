#include "web/answers.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/str.h"
#include "base/thread.h"
#include "record/alert_type.h"
#include "record/fact.h"
#include "store/list.h"
#include "store/series.h"
#include "web/map.h"
#include "web/rules.h"
#include "web/view.h"

#define COLUMNS	6u

/* Lists: whose rows, and by which columns they may be asked for. */
static const struct list {
	const char	*name;
	enum keep_kind	 kind;
	const char	*columns[COLUMNS];
} lists[] = {
	{ "alerts", KEEP_ALERT, { "uid", "type", "sid", "src", "dst" } },
	{ "incidents", KEEP_INCIDENT, { "uid", "attacker", "target" } },
	{ "members", KEEP_MEMBER, { "incident", "alert" } },
	{ "assets", KEEP_ASSET, { "address", "role", "zone" } },
	{ "attributes", KEEP_ATTRIBUTE, { "address", "key" } },
	{ "facts", KEEP_FACT, { "state", "kind", "server", "client" } },
	{ "life", KEEP_LIFE, { "address", "fact", "stage" } },
	{ "actions", KEEP_ACTION, { "object", "id", "who", "verb" } },
	{ "health", KEEP_HEALTH, { "address", "figure", "object", "condition" } },
	{ "deeds", KEEP_DEED, { "server", "client", "tag", "address", "intent", "protocol" } },
	{ "talks", KEEP_TALK, { "server", "client", "service" } },
	{ "sights", KEEP_SIGHT, { "name" } },
	{ "tags", KEEP_TAG, { "tag", "tag_group", "kind" } },
};

void
web_answer_json(struct web_answer *a, unsigned status, json_t *j)
{
	a->status = status;
	a->type = "application/json";
	a->text = j != NULL ? json_dumps(j, JSON_COMPACT) : NULL;
	a->n = a->text != NULL ? strlen(a->text) : 0;
	if (a->text == NULL)
		a->status = 500;
	json_decref(j);
}

void
web_answer_error(struct web_answer *a, unsigned status, const char *text)
{
	web_answer_json(a, status, json_pack("{s:o}", "error", json_from_text(text)));
}

/* The first problem, and no path of this machine. */
static void
answer_problem(struct web_answer *a, const struct err *e)
{
	web_answer_error(a, 503, e->first != NULL ? e->first->text : "the database cannot be read");
}

json_t *
web_kinds(unsigned kinds)
{
	json_t *names = json_array();

	for (size_t i = 0; i < COUNTOF(lists); i++)
		if ((kinds >> lists[i].kind & 1) != 0)
			(void)json_array_append_new(names, json_string(lists[i].name));
	return names;
}

/* ---- rows ---------------------------------------------------------------------------- */

struct rows {
	const struct list *of;
	json_t		*rows;
	const void	*row;		/* as a struct */
	unsigned	 most;
	bool		 more;
};

/* What a name of a type means, for people. */
static void
put_type(json_t *row, const struct keep_alert *alert)
{
	const enum alert_type t = alert_type_by_text(alert->type);
	const struct alert_type_row *r = t != ALERT_TYPE_COUNT ? alert_type_row(t) : NULL;

	if (r != NULL) {
		(void)json_object_set_new(row, "effect", json_string(r->effect));
		(void)json_object_set_new(row, "check", json_string(r->check));
		(void)json_object_set_new(row, "benign", json_string(r->benign));
	}
}

static void
put_fact(json_t *row, const struct fact *fact)
{
	char text[FACT_LINE_MAX];

	(void)fact_print_key(&fact->key, text, sizeof(text));
	(void)json_object_set_new(row, "text", json_from_text(text));
}

static bool
put_row(void *arg, const struct store_cell *cells, unsigned n)
{
	struct rows *to = arg;
	json_t *row;

	if (json_array_size(to->rows) == to->most) {
		to->more = true;
		return false;
	}
	row = json_object();
	for (unsigned i = 0; i < n; i++) {
		json_t *value = NULL;

		if (cells[i].is_time)
			value = cells[i].number != 0 ? json_integer(cells[i].number / 1000) : NULL;
		else if (cells[i].text == NULL)
			value = json_integer(cells[i].number);
		else if (cells[i].text[0] != '\0')
			value = json_from_text(cells[i].text);
		if (value != NULL)
			(void)json_object_set_new(row, cells[i].name, value);
	}
	if (to->of->kind == KEEP_ALERT)
		put_type(row, to->row);
	else if (to->of->kind == KEEP_FACT)
		put_fact(row, to->row);
	return json_array_append_new(to->rows, row) == 0;
}

static struct store_query
query_of(const struct list *l, const struct web_request *r)
{
	const char *archived = web_arg(r, "archived");
	struct store_query q = { .kind = l->kind, .newest = true, .like = web_arg(r, "q"), .asset = web_arg(r, "asset"),
	    .since_ns = (int64_t)web_arg_number(r, "since", INT64_MAX / 1000, 0) * 1000,
	    .until_ns = (int64_t)web_arg_number(r, "until", INT64_MAX / 1000, 0) * 1000,
	    .severity = (unsigned)web_arg_number(r, "severity", 4, 0), .alone = web_arg(r, "alone") != NULL,
	    .member_of = web_arg(r, "incident"), .said = web_arg(r, "said"),
	    .archived = archived == NULL ? STORE_ANY : strcmp(archived, "yes") == 0 ? STORE_ARCHIVED : STORE_NOT_ARCHIVED,
	    .limit = (unsigned)web_arg_number(r, "limit", WEB_ROWS, 50), .offset = (unsigned)web_arg_number(r, "offset", WEB_OFFSET, 0) };
	unsigned n = 0;

	for (unsigned i = 0; i < COLUMNS && l->columns[i] != NULL && n < STORE_IS; i++)
		if (web_arg(r, l->columns[i]) != NULL) {
			q.is[n].column = l->columns[i];
			q.is[n++].value = web_arg(r, l->columns[i]);
		}
	return q;
}

static bool
is_given(const char *text)
{
	return text != NULL && text[0] != '\0';
}

static const char *
file_of(const struct web_want *w, enum keep_kind k)
{
	return (k == KEEP_FACT || k == KEEP_LIFE) && is_given(w->baseline_file) ? w->baseline_file : w->store;
}

static void
answer_list(const struct web_want *w, const struct list *l, const struct web_request *r, struct web_answer *a)
{
	_Alignas(16) uint8_t row[STORE_ROW_MAX] = { 0 };
	struct store_query q = query_of(l, r);
	struct rows rows = { .of = l, .rows = json_array(), .row = row, .most = q.limit > 0 ? q.limit : 1 };
	struct err e = { 0 };

	q.limit = rows.most + 1;
	q.row = row;
	q.baseline = is_given(w->baseline) ? w->baseline : "default";
	if (store_list(file_of(w, l->kind), &q, put_row, &rows, &e) < 0) {
		json_decref(rows.rows);
		answer_problem(a, &e);
	} else
		web_answer_json(a, 200, json_pack("{s:o, s:b, s:I}", "rows", rows.rows, "more", (int)rows.more,
		    "now", (json_int_t)(thread_wall() / 1000)));
	err_free(&e);
}

/* ---- the others ---------------------------------------------------------------------- */

static void
answer_me(const struct web_want *w, const char *who, struct web_answer *a)
{
	web_answer_json(a, 200, json_pack("{s:o, s:s, s:o, s:I}", "name", json_from_text(who), "version", PACKAGE_VERSION,
	    "sensor", json_from_text(is_given(w->sensor) ? w->sensor : ""), "now", (json_int_t)(thread_wall() / 1000)));
}

static void
answer_status(const struct web_want *w, struct web_answer *a)
{
	char *text = w->status != NULL ? w->status(w->arg) : NULL;

	if (text == NULL) {
		web_answer_json(a, 200, json_pack("{s:b}", "running", 0));
		return;
	}
	*a = (struct web_answer){ .status = 200, .type = "application/json", .text = text, .n = strlen(text), .fd = -1 };
}

/* The map of the report (map.h). */
static void
answer_map(const struct web_want *w, struct web_answer *a)
{
	struct view_want want = { .file = w->store, .most = { [KEEP_ASSET] = 20480, [KEEP_TALK] = 20480, [KEEP_INCIDENT] = 200, [KEEP_ALERT] = 2000, [KEEP_MEMBER] = 5000 } };
	struct html h = { 0 };
	struct map_facts facts;
	struct err e = { 0 };
	struct view v;

	if (view_open(&v, &want, &e) != 0) {
		answer_problem(a, &e);
		err_free(&e);
		return;
	}
	if (!map_write(&h, &v, true, &facts))
		*a = (struct web_answer){ .status = 204, .type = "image/svg+xml", .text = strdup(""), .fd = -1 };
	else if (h.failed)
		web_answer_error(a, 500, "not enough memory");
	else {
		*a = (struct web_answer){ .status = 200, .type = "image/svg+xml", .text = h.buf, .n = h.len, .fd = -1 };
		h.buf = NULL;
	}
	html_free(&h);
	view_close(&v);
}

static void
answer_rules(const struct web_want *w, struct web_answer *a)
{
	struct err e = { 0 };
	json_t *rules = web_rules(w->store, &e);

	if (rules == NULL)
		answer_problem(a, &e);
	else
		web_answer_json(a, 200, rules);
	err_free(&e);
}

#define POINTS	4000u		/* of a curve */
#define POINTS_NS	UINT64_C(1000000000)	/* the shortest step */

static bool
put_point(void *to, const struct keep_span *p)
{
	(void)json_array_append_new(to, json_pack("[I,f,f,f,I]", (json_int_t)(p->start_ns / 1000), p->min, p->max, p->last,
	    (json_int_t)p->writes));
	return json_array_size(to) < POINTS;
}

/* The history of a tag as a curve: rows of time, smallest, largest and last value, and how often it was written. */
static void
answer_series(const struct web_want *w, const struct web_request *r, struct web_answer *a)
{
	const uint64_t most = INT64_MAX / 1000;
	struct series_query q = { .series = web_arg_number(r, "series", UINT64_MAX, 0), .since_ns = web_arg_number(r, "since", most, 0) * 1000,
	    .until_ns = web_arg_number(r, "until", most, 0) * 1000 };
	struct err e = { 0 };
	json_t *points = json_array();

	/* Not more than a screen has columns, in whole seconds, minutes or hours. */
	if (q.since_ns != 0 && q.until_ns > q.since_ns)
		q.step_ns = (q.until_ns - q.since_ns) / (POINTS / 2);
	q.step_ns = q.step_ns < POINTS_NS ? 0 : q.step_ns < 60 * POINTS_NS ? (q.step_ns / POINTS_NS + 1) * POINTS_NS :
	    (q.step_ns / (60 * POINTS_NS) + 1) * 60 * POINTS_NS;
	if (store_series(w->store, &q, put_point, points, &e) < 0) {
		json_decref(points);
		answer_problem(a, &e);
	} else
		web_answer_json(a, 200, json_pack("{s:o}", "points", points));
	err_free(&e);
}

static bool
note_evidence(void *to, const struct store_cell *cells, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		if (strcmp(cells[i].name, "evidence") == 0 && cells[i].text != NULL)
			(void)snprintf(to, 100, "%s", cells[i].text);
	return false;
}

/* The capture file of an alert: a file of that folder, whatever the database says. */
static void
answer_capture(const struct web_want *w, const struct web_request *r, struct web_answer *a)
{
	struct store_query q = { .kind = KEEP_ALERT, .id = web_arg(r, "alert"), .limit = 1 };
	struct err e = { 0 };
	struct stat st;
	int dir;

	a->name[0] = '\0';
	if (q.id == NULL || strlen(q.id) != ALERT_UID_LEN || !is_given(w->evidence) || store_list(w->store, &q, note_evidence, a->name, &e) < 0 ||
	    a->name[0] == '\0' || a->name[0] == '.' || strspn(a->name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-") != strlen(a->name)) {
		err_free(&e);
		web_answer_error(a, 404, "this alert has no capture file");
		return;
	}
	err_free(&e);
	dir = open(w->evidence, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	a->fd = dir >= 0 ? openat(dir, a->name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK) : -1;
	if (dir >= 0)
		(void)close(dir);
	if (a->fd >= 0 && (fstat(a->fd, &st) != 0 || !S_ISREG(st.st_mode) || st.st_size == 0)) {
		(void)close(a->fd);
		a->fd = -1;
	}
	if (a->fd < 0) {
		web_answer_error(a, 404, "the capture file of this alert is no longer there");
		return;
	}
	a->n = (size_t)st.st_size;
	a->status = 200;
	a->type = "application/vnd.tcpdump.pcap";
}

void
web_answer(const struct web_want *w, const struct web_request *r, const char *who, struct web_answer *a)
{
	const char *what = r->path + strlen("/api/");

	*a = (struct web_answer){ .fd = -1 };
	for (size_t i = 0; i < COUNTOF(lists); i++)
		if (strcmp(what, lists[i].name) == 0) {
			answer_list(w, &lists[i], r, a);
			return;
		}
	if (strcmp(what, "me") == 0)
		answer_me(w, who, a);
	else if (strcmp(what, "status") == 0)
		answer_status(w, a);
	else if (strcmp(what, "map") == 0)
		answer_map(w, a);
	else if (strcmp(what, "rules") == 0)
		answer_rules(w, a);
	else if (strcmp(what, "series") == 0)
		answer_series(w, r, a);
	else if (strcmp(what, "capture") == 0)
		answer_capture(w, r, a);
	else
		web_answer_error(a, 404, "there is no such thing here");
}
