#include "web/view.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/list.h"

struct view_want
view_whole(const char *file)
{
	return (struct view_want){ .file = file, .most = {
		[KEEP_FACT] = 200000, [KEEP_LIFE] = 50000, [KEEP_ASSET] = 20480, [KEEP_ATTRIBUTE] = 100000, [KEEP_ALERT] = 20480,
		[KEEP_INCIDENT] = 2000, [KEEP_MEMBER] = 50000, [KEEP_ACTION] = 20480, [KEEP_DEED] = 50000, [KEEP_TALK] = 100000,
		[KEEP_SIGHT] = 5000, [KEEP_HEALTH] = 100000, [KEEP_TAG] = 5000,
	} };
}

/* ---- reading ---------------------------------------------------------------------- */

struct reading {
	struct view_rows *to;
	const void	 *row;
	uint32_t	  room, most;
	bool		  failed;
};

static bool
take(void *arg, const struct store_cell *cells, unsigned n)
{
	struct reading *r = arg;

	(void)cells;
	(void)n;
	/* One more was asked for than is wanted. */
	if (r->to->n == r->most) {
		r->to->more = true;
		return false;
	}
	if (r->to->n == r->room) {
		uint32_t room = r->room > 0 ? r->room * 2 : 64;
		uint8_t *rows = realloc(r->to->rows, room * r->to->size);

		if (rows == NULL) {
			r->failed = true;
			return false;
		}
		r->to->rows = rows;
		r->room = room;
	}
	memcpy(r->to->rows + r->to->n++ * r->to->size, r->row, r->to->size);
	return true;
}

/* They came with the latest first. */
static void
turn(struct view_rows *r)
{
	uint8_t one[STORE_ROW_MAX];

	for (uint32_t i = 0, k = r->n; i + 1 < k; i++) {
		uint8_t *a = r->rows + i * r->size, *b = r->rows + --k * r->size;

		if (a == b)
			break;
		memcpy(one, a, r->size);
		memcpy(a, b, r->size);
		memcpy(b, one, r->size);
	}
}

static int
read_kind(struct view *v, const struct view_want *w, enum keep_kind k, struct err *e)
{
	const bool of_baseline = k == KEEP_FACT || k == KEEP_LIFE;
	const bool whole = of_baseline || k == KEEP_ASSET || k == KEEP_ATTRIBUTE || k == KEEP_SIGHT;
	_Alignas(16) uint8_t row[STORE_ROW_MAX] = { 0 };
	const struct store_query q = { .kind = k, .baseline = w->baseline, .since_ns = whole ? 0 : w->since_ns,
	    .until_ns = whole ? 0 : w->until_ns, .newest = true, .plain = true, .limit = w->most[k] + 1, .row = row };
	const char *file = of_baseline && w->baseline_file != NULL ? w->baseline_file : w->file;
	struct reading r = { .to = &v->of[k], .row = row, .most = w->most[k] };
	int64_t all;

	v->of[k].size = store_row_size(k);
	if (w->most[k] == 0)
		return 0;
	if (store_list(file, &q, take, &r, e) < 0)
		return -1;
	if (r.failed) {
		err_add(e, NULL, 0, 0, "no memory for what the database holds");
		return -1;
	}
	turn(&v->of[k]);
	all = r.to->more ? store_count(file, &q, e) : 0;
	r.to->all = all > r.to->n ? (uint64_t)all : r.to->n;
	return all < 0 ? -1 : 0;
}

/* ---- order ------------------------------------------------------------------------- */

static int
compare_of(const struct keep_of *a, const struct keep_of *b)
{
	int d = memcmp(&a->addr, &b->addr, sizeof(a->addr));

#define THEN(member) if (d == 0) d = (a->member > b->member) - (a->member < b->member)
	THEN(vlan);
	THEN(has_unit);
	THEN(proto);
	THEN(unit);
#undef THEN
	return d;
}

/* Of the second: of equals it decides, so that the order is one. */
static int
by_number(uint32_t a, uint32_t b)
{
	return (a > b) - (a < b);
}

/* qsort() passes nothing along: pages are made by one thread at a time, but not in one process alone. */
struct ordered { const void *row; uint32_t i; };

#define ORDER(name, type, ...) \
static int \
name(const void *x, const void *y) \
{ \
	const struct ordered *p = x, *q = y; \
	const struct type *a = p->row, *b = q->row; \
	int d = (__VA_ARGS__); \
\
	return d != 0 ? d : by_number(p->i, q->i); \
}
ORDER(order_assets, keep_asset, compare_of(&a->of, &b->of))
ORDER(order_values, keep_attribute, compare_of(&a->of, &b->of))
ORDER(order_alerts, keep_alert, strcmp(a->uid, b->uid))
ORDER(order_actions, keep_action, strcmp(a->id, b->id))
#undef ORDER

/* The alerts of an incident stand together, in the order in which they began. */
struct of_incident { const struct keep_member *row; uint64_t began_ns, id; uint32_t i; };

static int
order_members(const void *x, const void *y)
{
	const struct of_incident *a = x, *b = y;
	int d = strcmp(a->row->incident, b->row->incident);

	if (d == 0)
		d = (a->began_ns > b->began_ns) - (a->began_ns < b->began_ns);
	if (d == 0)
		d = (a->id > b->id) - (a->id < b->id);
	return d != 0 ? d : by_number(a->i, b->i);
}

static uint32_t *
order(const struct view_rows *r, int (*by)(const void *, const void *))
{
	struct ordered *all = calloc((size_t)r->n + 1, sizeof(*all));
	uint32_t *to = calloc((size_t)r->n + 1, sizeof(*to));

	if (all == NULL || to == NULL) {
		free(all);
		free(to);
		return NULL;
	}
	for (uint32_t i = 0; i < r->n; i++)
		all[i] = (struct ordered){ r->rows + i * r->size, i };
	qsort(all, r->n, sizeof(*all), by);
	for (uint32_t i = 0; i < r->n; i++)
		to[i] = all[i].i;
	free(all);
	return to;
}

/* Rows came in the order in which they were seen last: in that in which they began. */
#define BEGAN(name, type, member) \
static int \
name(const void *x, const void *y) \
{ \
	const struct type *a = x, *b = y; \
\
	/* Of equals their bytes decide, so that the order is one. */ \
	return a->member != b->member ? (a->member > b->member ? 1 : -1) : memcmp(a, b, sizeof(*a)); \
}
BEGAN(began_deed, keep_deed, ts_ns)
BEGAN(began_alert, keep_alert, first_ns)
BEGAN(began_incident, keep_incident, first_ns)
#undef BEGAN

static void
by_beginning(struct view *v)
{
	static const struct { enum keep_kind k; int (*by)(const void *, const void *); } which[] = {
		{ KEEP_DEED, began_deed }, { KEEP_ALERT, began_alert }, { KEEP_INCIDENT, began_incident },
	};

	for (size_t i = 0; i < sizeof(which) / sizeof(which[0]); i++)
		if (v->of[which[i].k].n > 1)
			qsort(v->of[which[i].k].rows, v->of[which[i].k].n, v->of[which[i].k].size, which[i].by);
}

/* By the alerts, which are in their order already. */
static uint32_t *
members_in_order(const struct view *v)
{
	const uint32_t n = view_n(v, KEEP_MEMBER);
	struct of_incident *all = calloc((size_t)n + 1, sizeof(*all));
	uint32_t *to = calloc((size_t)n + 1, sizeof(*to));

	for (uint32_t i = 0; all != NULL && i < n; i++) {
		const struct keep_alert *a = view_find_alert(v, view_member(v, i)->alert);

		all[i] = (struct of_incident){ view_member(v, i), a != NULL ? a->first_ns : 0, a != NULL ? a->id : 0, i };
	}
	if (all != NULL)
		qsort(all, n, sizeof(*all), order_members);
	for (uint32_t i = 0; all != NULL && to != NULL && i < n; i++)
		to[i] = all[i].i;
	if (all == NULL) {
		free(to);
		to = NULL;
	}
	free(all);
	return to;
}

int
view_open(struct view *v, const struct view_want *w, struct err *e)
{
	*v = (struct view){ 0 };
	for (enum keep_kind k = 0; k < KEEP_KINDS; k++)
		if (read_kind(v, w, k, e) != 0) {
			view_close(v);
			return -1;
		}
	by_beginning(v);
	v->assets = order(&v->of[KEEP_ASSET], order_assets);
	v->attributes = order(&v->of[KEEP_ATTRIBUTE], order_values);
	v->alerts = order(&v->of[KEEP_ALERT], order_alerts);
	v->actions = order(&v->of[KEEP_ACTION], order_actions);
	v->members = v->alerts != NULL ? members_in_order(v) : NULL;
	if (v->assets != NULL && v->attributes != NULL && v->alerts != NULL && v->members != NULL && v->actions != NULL)
		return 0;
	err_add(e, NULL, 0, 0, "no memory for what the database holds");
	view_close(v);
	return -1;
}

void
view_close(struct view *v)
{
	for (enum keep_kind k = 0; k < KEEP_KINDS; k++)
		free(v->of[k].rows);
	free(v->assets);
	free(v->attributes);
	free(v->alerts);
	free(v->members);
	free(v->actions);
	*v = (struct view){ 0 };
}

/* ---- by key -------------------------------------------------------------------------- */

/* The first of `order` whose row is not before what is asked for; the number of rows: none. */
static uint32_t
lower(const struct view *v, enum keep_kind k, const uint32_t *order, int (*cmp)(const void *row, const void *key), const void *key)
{
	uint32_t lo = 0, hi = v->of[k].n;

	while (lo < hi) {
		uint32_t mid = lo + (hi - lo) / 2;

		if (cmp(view_at(v, k, order[mid]), key) < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

static int
asset_of(const void *row, const void *key)
{
	return compare_of(&((const struct keep_asset *)row)->of, key);
}

static int
value_of(const void *row, const void *key)
{
	return compare_of(&((const struct keep_attribute *)row)->of, key);
}

static int
alert_uid(const void *row, const void *key)
{
	return strcmp(((const struct keep_alert *)row)->uid, key);
}

static int
member_incident(const void *row, const void *key)
{
	return strcmp(((const struct keep_member *)row)->incident, key);
}

static int
action_id(const void *row, const void *key)
{
	return strcmp(((const struct keep_action *)row)->id, key);
}

const struct keep_asset *
view_find_unit(const struct view *v, const struct keep_of *of)
{
	uint32_t at = lower(v, KEEP_ASSET, v->assets, asset_of, of);
	const struct keep_asset *a = at < view_n(v, KEEP_ASSET) ? view_asset(v, v->assets[at]) : NULL;

	return a != NULL && compare_of(&a->of, of) == 0 ? a : NULL;
}

const struct keep_asset *
view_find_asset(const struct view *v, const struct addr *addr)
{
	const struct keep_of of = { .addr = *addr };
	/* Where VLANs are told apart, the first of them. */
	uint32_t at = lower(v, KEEP_ASSET, v->assets, asset_of, &of);
	const struct keep_asset *a = at < view_n(v, KEEP_ASSET) ? view_asset(v, v->assets[at]) : NULL;

	return a != NULL && addr_same(&a->of.addr, addr) ? a : NULL;
}

const struct keep_alert *
view_find_alert(const struct view *v, const char *uid)
{
	uint32_t at = lower(v, KEEP_ALERT, v->alerts, alert_uid, uid);
	const struct keep_alert *a = at < view_n(v, KEEP_ALERT) ? view_alert(v, v->alerts[at]) : NULL;

	return a != NULL && strcmp(a->uid, uid) == 0 ? a : NULL;
}

const struct keep_incident *
view_find_incident(const struct view *v, const char *uid)
{
	for (uint32_t i = 0; i < view_n(v, KEEP_INCIDENT); i++)
		if (strcmp(view_incident(v, i)->uid, uid) == 0)
			return view_incident(v, i);
	return NULL;
}

const struct keep_alert *
view_next_alert(const struct view *v, const char *incident, uint32_t *at)
{
	if (*at == VIEW_BEGIN)
		*at = lower(v, KEEP_MEMBER, v->members, member_incident, incident);
	while (*at < view_n(v, KEEP_MEMBER)) {
		const struct keep_member *m = view_member(v, v->members[(*at)++]);
		const struct keep_alert *a = strcmp(m->incident, incident) == 0 ? view_find_alert(v, m->alert) : NULL;

		if (strcmp(m->incident, incident) != 0)
			break;
		if (a != NULL)		/* retention may have taken it */
			return a;
	}
	*at = view_n(v, KEEP_MEMBER);
	return NULL;
}

const struct keep_attribute *
view_value_of(const struct view *v, const struct keep_of *of, uint32_t i)
{
	uint64_t at = (uint64_t)lower(v, KEEP_ATTRIBUTE, v->attributes, value_of, of) + i;
	const struct keep_attribute *a = at < view_n(v, KEEP_ATTRIBUTE) ? view_attribute(v, v->attributes[at]) : NULL;

	return a != NULL && compare_of(&a->of, of) == 0 ? a : NULL;
}

const struct keep_action *
view_last_action(const struct view *v, const char *object, const char *id, const char *verb)
{
	const struct keep_action *last = NULL;

	for (uint32_t at = lower(v, KEEP_ACTION, v->actions, action_id, id); at < view_n(v, KEEP_ACTION); at++) {
		const struct keep_action *a = view_action(v, v->actions[at]);

		if (strcmp(a->id, id) != 0)
			break;
		if (strcmp(a->object, object) == 0 && strcmp(a->verb, verb) == 0 && (last == NULL || a->ts_ns >= last->ts_ns))
			last = a;
	}
	return last;
}

/* ---- in words --------------------------------------------------------------------------- */

void
view_name(const struct view *v, const struct addr *a, bool both, char to[VIEW_NAME_MAX])
{
	static const struct addr none;
	const struct keep_asset *x = view_find_asset(v, a);
	char text[ADDR_TEXT_MAX] = "";

	if (!addr_same(a, &none))
		(void)addr_print(a, text);
	if (x == NULL || x->name[0] == '\0')
		(void)snprintf(to, VIEW_NAME_MAX, "%s", text);
	else if (both)
		(void)snprintf(to, VIEW_NAME_MAX, "%s (%s)", x->name, text);
	else
		(void)snprintf(to, VIEW_NAME_MAX, "%s", x->name);
}

int
view_level(const struct view *v, const struct addr *a)
{
	const struct keep_asset *x = view_find_asset(v, a);

	return x != NULL && x->has_level ? x->level : -1;
}

static void
widen(uint64_t first, uint64_t last, uint64_t *lo, uint64_t *hi)
{
	if (first != 0 && (*lo == 0 || first < *lo))
		*lo = first;
	if (last > *hi)
		*hi = last;
}

bool
view_span(const struct view *v, uint64_t *first_ns, uint64_t *last_ns)
{
	*first_ns = *last_ns = 0;
#define SPAN(kind, name, first) \
	for (uint32_t i = 0; i < view_n(v, kind); i++) \
		widen(view_##name(v, i)->first, view_##name(v, i)->last_ns, first_ns, last_ns);
	SPAN(KEEP_SIGHT, sight, run_ns)
	SPAN(KEEP_ASSET, asset, first_ns)
	SPAN(KEEP_TALK, talk, first_ns)
	SPAN(KEEP_DEED, deed, ts_ns)
	SPAN(KEEP_ALERT, alert, first_ns)
#undef SPAN
	return *last_ns != 0;
}
