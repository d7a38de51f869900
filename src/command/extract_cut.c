#include "command/command.h"
#include "command/extract.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "engine/engine.h"
#include "record/incident.h"
#include "store/list.h"

#define WINDOWS_MAX	65536u

/* ---- windows ------------------------------------------------------------------------ */

static struct extract_window *
new_window(struct extract *x, unsigned pick)
{
	struct extract_window *more;

	if (x->n_windows == WINDOWS_MAX)
		return NULL;
	more = realloc(x->windows, (x->n_windows + 1) * sizeof(*more));
	if (more == NULL) {
		x->no_memory = true;
		return NULL;
	}
	x->windows = more;
	more += x->n_windows++;
	*more = (struct extract_window){ .pick = pick, .wanted = true };
	return more;
}

static void
add_frame(struct extract *x, uint64_t frame, uint32_t window)
{
	struct extract_frame *more;

	if (frame == 0)
		return;
	for (uint32_t i = 0; i < x->n_frames; i++)
		if (x->frames[i].frame == frame && x->frames[i].window == window)
			return;
	more = realloc(x->frames, (x->n_frames + 1) * sizeof(*more));
	if (more == NULL) {
		x->no_memory = true;
		return;
	}
	x->frames = more;
	x->frames[x->n_frames++] = (struct extract_frame){ frame, window };
}

/* From the finding's own time to what was asked for. */
static void
set_times(const struct extract *x, struct extract_window *w)
{
	uint64_t around = w->ports ? 0 : x->around_ns;

	w->from_ns = x->from_ns != 0 ? x->from_ns : w->first_ns > around ? w->first_ns - around : 0;
	w->to_ns = x->to_ns != UINT64_MAX ? x->to_ns : w->last_ns + around;
}

static void
set_comment(struct extract *x, struct extract_window *w, const char *uid, const char *sentence)
{
	char *text;

	if (asprintf(&text, "alert %s: %s", uid, sentence != NULL ? sentence : "") == -1) {
		x->no_memory = true;
		return;
	}
	free(w->comment);
	w->comment = text;
}

/* ---- in a replay --------------------------------------------------------------------- */

static bool
begins(const char *uid, const char *id)
{
	return strncmp(uid, id, strlen(id)) == 0;
}

static struct extract_window *
window_of(struct extract *x, unsigned pick, uint64_t key)
{
	for (uint32_t i = 0; i < x->n_windows; i++)
		if (x->windows[i].pick == pick && x->windows[i].key == key)
			return &x->windows[i];
	return NULL;
}

/* A record of an alert that was picked: the first one, or one that says more. */
static void
alert_window(struct extract *x, unsigned pick, const struct alert *a)
{
	const struct finding *f = a->finding;
	struct extract_window *w = window_of(x, pick, a->id);
	uint32_t at;

	if (w == NULL && (w = new_window(x, pick)) == NULL)
		return;
	at = (uint32_t)(w - x->windows);
	if (w->key == 0)
		w->wanted = x->picks[pick].kind == EXTRACT_ALERT;
	w->key = a->id;
	memcpy(w->uid, a->uid, sizeof(w->uid));
	w->a = f->src;
	w->b = f->dst;
	w->any_b = f->any_dst || a->flow_id == 0;
	w->first_ns = a->first_ns;
	w->last_ns = a->last_ns;
	if (f->op != NULL && f->op->response.seen && f->op->response.ts_ns > w->last_ns)
		w->last_ns = f->op->response.ts_ns;
	set_times(x, w);
	set_comment(x, w, a->uid, a->sentence);
	add_frame(x, a->frame, at);
	add_frame(x, f->frame, at);
	if (f->op != NULL && f->op->request.seen)
		add_frame(x, f->op->request.frame, at);
	if (f->op != NULL && f->op->response.seen)
		add_frame(x, f->op->response.frame, at);
}

static void
on_alert(void *arg, const struct alert *a)
{
	struct extract *x = arg;

	if (a->kind == ALERT_SUPPRESSED)
		return;
	/* Which ones an incident has is known later. */
	for (unsigned i = 0; i < x->n_picks; i++)
		if (x->picks[i].kind == EXTRACT_INCIDENT ||
		    (x->picks[i].kind == EXTRACT_ALERT && begins(a->uid, x->picks[i].id)))
			alert_window(x, i, a);
}

static void
on_incident(void *arg, const struct incident *n)
{
	struct extract *x = arg;

	for (unsigned i = 0; i < x->n_picks; i++) {
		if (x->picks[i].kind != EXTRACT_INCIDENT || !begins(n->uid, x->picks[i].id))
			continue;
		for (uint32_t k = 0; k < x->n_windows; k++)
			for (uint32_t m = 0; m < n->n_fresh && x->windows[k].pick == i; m++)
				if (strcmp(x->windows[k].uid, n->fresh[m]) == 0)
					x->windows[k].wanted = true;
	}
}

static void
on_flow(void *arg, const struct flow *f)
{
	struct extract *x = arg;

	for (unsigned i = 0; i < x->n_picks; i++) {
		struct extract_window *w;

		if (x->picks[i].kind != EXTRACT_FLOW || x->picks[i].flow != f->id || (w = new_window(x, i)) == NULL)
			continue;
		w->key = f->id;
		w->a = f->addr[0];
		w->b = f->addr[1];
		w->ports = true;
		w->proto = f->proto;
		w->port_a = f->port[0];
		w->port_b = f->port[1];
		w->first_ns = f->first_ns;
		w->last_ns = f->last_ns;
		set_times(x, w);
	}
}

/* With the same settings, but for what is written. */
static bool
replay(struct extract *x, const struct settings *s, const char *const *files, unsigned n_files, struct err *e)
{
	const struct settings quiet = command_quietly(s);
	const struct engine_run run = { .settings = &quiet, .files = files, .n_files = n_files,
	    .tap = { .alert = on_alert, .flow = on_flow, .incident = on_incident, .arg = x } };

	return engine_run(&run, e) == 0;
}

/* ---- in the database ------------------------------------------------------------------ */

struct lookup {
	struct extract	*x;
	unsigned	 pick;
	const char	*incident;	/* whole uid; NULL: the alert of the query */
};

static const struct store_cell *
cell(const struct store_cell *cells, unsigned n, const char *name)
{
	static const struct store_cell none = { .name = "", .text = "" };

	for (unsigned i = 0; i < n; i++)
		if (strcmp(cells[i].name, name) == 0)
			return &cells[i];
	return &none;
}

/* A row does not keep whether its destination was one of many (finding.any_dst): of these types it may be. */
static bool
is_of_many(const char *type)
{
	return begins(type, "scan.") || begins(type, "internet.");
}

static bool
on_row(void *to, const struct store_cell *cells, unsigned n)
{
	struct lookup *l = to;
	const char *of = cell(cells, n, "incident")->text, *uid = cell(cells, n, "uid")->text;
	const char *src = cell(cells, n, "src")->text, *dst = cell(cells, n, "dst")->text;
	const char *type = cell(cells, n, "type")->text;
	struct extract_window *w;
	unsigned bits;

	if (l->incident != NULL && (of == NULL || strcmp(of, l->incident) != 0))
		return true;
	w = new_window(l->x, l->pick);
	if (w == NULL)
		return false;
	w->any_b = cell(cells, n, "flow_id")->number == 0 || (type != NULL && is_of_many(type));
	if (src == NULL || !addr_net_read(src, &w->a, &bits) || dst == NULL || !addr_net_read(dst, &w->b, &bits))
		w->any_b = true;
	w->first_ns = (uint64_t)cell(cells, n, "first")->number;
	w->last_ns = (uint64_t)cell(cells, n, "last")->number;
	set_times(l->x, w);
	set_comment(l->x, w, uid != NULL ? uid : "", cell(cells, n, "sentence")->text);
	return true;
}

/* What the database has of the picks; what it lacks is left for the replay. */
static bool
look_up(struct extract *x, const char *file, struct err *e)
{
	for (unsigned i = 0; i < x->n_picks; i++) {
		char uid[ALERT_UID_LEN + 1];
		struct lookup l = { .x = x, .pick = i };
		struct store_query q = { .kind = KEEP_ALERT, .id = uid };
		struct err none = { 0 };
		bool incident = x->picks[i].kind == EXTRACT_INCIDENT;

		if (x->picks[i].kind == EXTRACT_FLOW)
			continue;
		if (store_find(file, incident ? KEEP_INCIDENT : KEEP_ALERT, x->picks[i].id, uid, &none) != 0) {
			err_free(&none);
			continue;
		}
		if (incident) {
			l.incident = uid;
			q.id = NULL;
		}
		if (store_list(file, &q, on_row, &l, e) < 0)
			return false;
	}
	return true;
}

/* ---- all of it ------------------------------------------------------------------------- */

/* Windows of a pick that are cut out. */
static uint32_t
windows_of(const struct extract *x, unsigned pick)
{
	uint32_t n = 0;

	for (uint32_t k = 0; k < x->n_windows; k++)
		n += x->windows[k].pick == pick && x->windows[k].wanted;
	return n;
}

static int
by_frame(const void *a, const void *b)
{
	const struct extract_frame *x = a, *y = b;

	return x->frame < y->frame ? -1 : x->frame > y->frame;
}

/* An id that is cut short must be one alert's. */
static void
check_found(const struct extract *x, struct err *e)
{
	for (unsigned i = 0; i < x->n_picks; i++) {
		const struct extract_pick *p = &x->picks[i];
		uint32_t n = windows_of(x, i);

		if (p->kind == EXTRACT_FLOW && n == 0)
			err_add(e, NULL, 0, 0, "--flow %s: no flow of these captures has this flow_id; give all captures of the run "
			    "that wrote it, in the same order, and its settings", p->id);
		else if (p->kind == EXTRACT_ALERT && n == 0)
			err_add(e, NULL, 0, 0, "--alert %s: replaying these captures raises no alert with this id; give the captures and "
			    "settings of the run that wrote it, or its database (--store FILE): a live sensor's ids are in no replay", p->id);
		else if (p->kind == EXTRACT_INCIDENT && n == 0)
			err_add(e, NULL, 0, 0, "--incident %s: replaying these captures makes no incident with this id; give the captures and settings "
			    "of the run that wrote it, or its database (--store FILE)", p->id);
		else if (p->kind == EXTRACT_ALERT && n > 1)
			err_add(e, NULL, 0, 0, "--alert %s: %u alerts begin so; give more digits", p->id, n);
	}
}

bool
extract_find(struct extract *x, const struct settings *s, const char *const *files, unsigned n_files, struct err *e)
{
	const char *store = s->store.file != NULL && s->store.file[0] != '\0' ? s->store.file : s->baseline.file;
	bool all = true;

	if (store != NULL && store[0] != '\0' && !look_up(x, store, e))
		return false;
	for (unsigned i = 0; i < x->n_picks; i++)
		all = all && windows_of(x, i) > 0;
	if (!all && !replay(x, s, files, n_files, e))
		return false;
	check_found(x, e);
	if (x->no_memory)
		err_add(e, NULL, 0, 0, "not enough memory");
	if (x->n_frames > 0)
		qsort(x->frames, x->n_frames, sizeof(*x->frames), by_frame);
	return e->n == 0;
}

void
extract_free(struct extract *x)
{
	for (uint32_t i = 0; i < x->n_windows; i++)
		free(x->windows[i].comment);
	free(x->windows);
	free(x->frames);
	free(x->picks);
	*x = (struct extract){ .n_picks = 0 };
}

void
extract_comment(const struct extract *x, char *to, size_t size)
{
	static const char *const words[] = { "alert", "incident", "flow" };
	struct strbuf b = strbuf_on(to, size);

	strbuf_put(&b, "cut out of captures by thermowell extract");
	for (unsigned i = 0; i < x->n_picks; i++)
		strbuf_printf(&b, "%s %s %s", i > 0 ? "," : ":", words[x->picks[i].kind], x->picks[i].id);
	if (x->n_windows == 1 && x->windows[0].comment != NULL)
		strbuf_printf(&b, "; %s", x->windows[0].comment);
}
