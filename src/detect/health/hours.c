/* hours.c - an hour is over: its sums become figures, are judged, put and reported. */
#include "detect/health/wire.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "detect/emit.h"

_Static_assert(HEALTH_OF_WIRE <= HEALTH_ENTRIES, "a report holds all figures of the wire");

#define WEEK_NS	(168 * HOUR_NS)
#define DAY_NS	(24 * HOUR_NS)

/* Whose hour it is. */
struct subject {
	struct wire		*d;
	struct asset		*device;
	struct asset_unit	*unit;		/* NULL: the device itself */
	struct vitals		*v;
	struct unit_vitals	*u;		/* of unit, or NULL */
	uint64_t		 end_ns;	/* of the hour */
	bool			 last;		/* the run ends within it */
	struct keep_health	 rows[HEALTH_OF_WIRE];
	unsigned		 n, condition;
};

static void
of_subject(const struct subject *s, struct keep_of *to)
{
	to->addr = s->device->addr;
	to->vlan = s->device->vlan;
	to->has_unit = s->unit != NULL;
	to->proto = s->unit != NULL ? s->unit->proto : 0;
	to->unit = s->unit != NULL ? s->unit->unit : 0;
}

/* ---- words -------------------------------------------------------------------------- */

static void
put_time(struct strbuf *to, uint64_t seconds)
{
	if (seconds >= 2 * 86400)
		strbuf_printf(to, "%" PRIu64 " days", (seconds + 43200) / 86400);
	else
		strbuf_printf(to, "%" PRIu64 " hours", seconds >= 3600 ? (seconds + 1800) / 3600 : 1);
}

static void
put_unit(struct strbuf *to, const struct subject *s)
{
	const struct protocol_unit *u = s->unit != NULL && s->unit->proto != OP_UNKNOWN ? &protocols[s->unit->proto]->unit : NULL;

	if (u == NULL)
		return;
	if (u->before != NULL && (u->none[0] == u->none[1] || (s->unit->unit != u->none[0] && s->unit->unit != u->none[1])))
		strbuf_printf(to, "%s %" PRIu32 ", ", u->before, s->unit->unit);
	else if (u->slot_from > 0 && s->unit->unit >= u->slot_from)
		strbuf_printf(to, "rack %" PRIu32 " slot %" PRIu32 ", ", s->unit->unit >> 8, s->unit->unit & 0xff);
}

static void
put_value(struct strbuf *to, const struct keep_health *r, unsigned form, double value)
{
	if (form == HEALTH_OFFSET && fabs(value) > 2 * 86400)
		strbuf_printf(to, "%+.0f days", value / 86400);
	else if (form == HEALTH_OFFSET)
		strbuf_printf(to, "%+.3g s", value);
	else
		strbuf_printf(to, "%.3g %s", value, health_figure_row(health_figure_named(r->figure))->measure);
}

static void
report_worse(struct subject *s, unsigned figure, const struct keep_health *r)
{
	const struct health_figure_row *row = health_figure_row(figure);
	const struct wire_judge *j = wire_judge_of(figure);
	struct finding f = { .type = (enum alert_type)j->alert, .ts_ns = s->end_ns, .dst = s->device->addr, .src = s->device->addr, .proto = IP_TCP };
	char what[256], expected[128];
	struct strbuf w = strbuf_on(what, sizeof(what)), x = strbuf_on(expected, sizeof(expected));
	struct asset_client *c;

	ASSET_EACH_CLIENT(c, s->device)
		if (s->unit == NULL || c->proto == s->unit->proto) {
			f.src = c->client->addr;
			break;
		}
	put_unit(&w, s);
	strbuf_printf(&w, "%s ", row->what);
	if (row->form == HEALTH_TIME) {
		put_value(&w, r, row->form, r->median);
		strbuf_put(&w, " for half of them, more than ");
		put_value(&w, r, row->form, r->tail);
		strbuf_put(&w, " for one of a hundred");
	} else
		put_value(&w, r, row->form, r->mean);
	if (r->forecast_s > 0) {
		strbuf_put(&w, "; if that goes on it is at ");
		put_value(&w, r, row->form, r->limit);
		strbuf_put(&w, " in ");
		put_time(&w, r->forecast_s);
	}
	put_value(&x, r, row->form, r->normal);
	strbuf_printf(&x, ", learned in %" PRIu64 " hours", r->learned);
	f.what = what;
	f.expected = expected;
	f.key = (s->unit != NULL ? hash_bytes(s->d->h.env.key, &s->unit->unit, sizeof(s->unit->unit)) ^ s->unit->proto : 0) * 64 + figure;
	finding_add_number(&f, "operations", r->count);
	if (r->forecast_s > 0)
		finding_add_number(&f, "forecast_s", r->forecast_s);
	emit(&s->d->h.env, &f);
}

/* ---- figures ------------------------------------------------------------------------ */

/* What the hour came to.  false: it says nothing of this figure. */
static bool
hour_of(const struct subject *s, unsigned figure, struct norm_hour *h, struct keep_health *r)
{
	const struct vitals *v = s->v;
	const struct unit_vitals *u = s->u;
	const unsigned form = health_figure_row(figure)->form;

	*h = (struct norm_hour){ .hour = (uint32_t)((s->end_ns - 1) / HOUR_NS), .count = v->asked, .bad = v->bad[figure] };
	if (form == HEALTH_TIME || form == HEALTH_OFFSET) {
		if (u == NULL || (form == HEALTH_TIME ? u->answers : u->clocks) == 0)
			return false;
		h->count = form == HEALTH_TIME ? u->answers : u->clocks;
		h->value = form == HEALTH_TIME ? (double)sketch_quantile(&u->answer, 500) / 1e6 : (double)wire_clock_off(u->clock_ms) / 1e3;
		h->tail = form == HEALTH_TIME ? (double)sketch_quantile(&u->answer, 990) / 1e6 : h->value;
		r->mean = form == HEALTH_TIME ? (double)u->sum_ns / 1e6 / u->answers : h->value;
		r->worst = form == HEALTH_TIME ? (double)u->worst_ns / 1e6 : h->value;
		h->tail = form == HEALTH_TIME && h->tail > r->worst ? r->worst : h->tail;
	} else {
		if (v->norm[figure] == 0 && v->bad[figure] == 0)
			return false;
		/* A part of an hour has fewer of them. */
		if (form == HEALTH_COUNT && s->last)
			return false;
		if (form == HEALTH_SHARE && h->bad > h->count)
			h->count = h->bad;
		h->value = form == HEALTH_COUNT ? (double)h->bad : h->count > 0 ? 100 * (double)h->bad / (double)h->count : 0;
		h->tail = r->mean = r->worst = h->value;
		h->count = form == HEALTH_COUNT ? h->bad : h->count;
	}
	r->median = h->value;
	r->tail = h->tail;
	r->count = h->count;
	return true;
}

/* The alert "too many exceptions" says it, when there are so many; others, that it answers nobody at all. */
static bool
is_reported(const struct subject *s, unsigned figure, const struct norm_hour *h)
{
	const struct vitals *device = asset_slot(s->device, s->d->of_device);

	if (figure == HEALTH_UNANSWERED)
		return s->u != NULL && s->u->answers == 0 && (s->v->silent_ns > s->u->heard_ns || device->silent_ns > s->u->heard_ns);
	return wire_judge_of(figure)->alert == ALERT_HEALTH_REFUSED && h->bad >= s->d->h.s->exceptions.n;
}

static void
close_figure(struct subject *s, unsigned figure)
{
	const struct wire_judge *j = wire_judge_of(figure);
	const struct norm_judge by = { .form = health_figure_row(figure)->form, .floor = j->by.floor, .limit = j->by.limit };
	struct keep_health *r = &s->rows[s->n];
	enum norm_news news = NORM_NOTHING;
	struct norm_hour h;
	struct strbuf name;
	struct norm *n;

	memset(r, 0, sizeof(*r));
	if (!hour_of(s, figure, &h, r))
		return;
	n = wire_norm(s->d, s->v, figure, true);
	if (n == NULL)
		return;
	if (j->alert != 0)
		news = norm_hour(n, &h, &by);
	of_subject(s, &r->of);
	name = strbuf_on(r->figure, sizeof(r->figure));
	strbuf_put(&name, health_figure_row(figure)->text);
	r->hour_ns = (uint64_t)h.hour * HOUR_NS;
	norm_show(n, &by, r);
	(void)keep_put(s->d->h.env.keep, KEEP_HEALTH, r, sizeof(*r));
	if (n->condition > s->condition)
		s->condition = n->condition;
	s->n++;
	if (news == NORM_WORSE && !is_reported(s, figure, &h))
		report_worse(s, figure, r);
}

/* ---- an hour ------------------------------------------------------------------------ */

static void
report(struct subject *s)
{
	struct vitals *v = s->v;
	const uint64_t since = v->reported_ns > v->first_ns ? v->reported_ns : v->first_ns;
	struct health_report to = { .from_ns = since, .until_ns = s->end_ns, .condition = s->condition, .figures = s->rows, .n = s->n };

	if (s->end_ns < since + (s->last ? DAY_NS : WEEK_NS) || s->n == 0)
		return;
	of_subject(s, &to.of);
	v->reported_ns = s->end_ns;
	if (s->d->h.env.health.report != NULL)
		s->d->h.env.health.report(s->d->h.env.health.arg, &to);
}

static void
begin_again(struct subject *s)
{
	s->v->asked = 0;
	memset(s->v->bad, 0, sizeof(s->v->bad));
	if (s->u == NULL)
		return;
	s->u->sum_ns = s->u->worst_ns = 0;
	s->u->answers = s->u->clocks = 0;
	memset(&s->u->answer, 0, sizeof(s->u->answer));
}

static bool
is_quiet(const struct vitals *v)
{
	static const uint32_t none[HEALTH_OF_WIRE];

	return v->asked == 0 && memcmp(v->bad, none, sizeof(none)) == 0;
}

static void
close_one(struct subject *s)
{
	if (s->v->first_ns == 0)
		s->v->first_ns = (s->end_ns - 1) / HOUR_NS * HOUR_NS;
	for (unsigned figure = 0; figure < HEALTH_OF_WIRE; figure++)
		close_figure(s, figure);
	if (s->v->hours < UINT16_MAX)
		s->v->hours++;
	if (s->n > 0)
		s->d->conditions[s->condition]++;
	report(s);
	begin_again(s);
}

void
wire_close_hours(struct wire *d, uint64_t end_ns, bool last)
{
	memset(d->conditions, 0, sizeof(d->conditions));
	for (struct asset *x = assets_next(d->h.env.assets, NULL); x != NULL; x = assets_next(d->h.env.assets, x)) {
		struct vitals *v = asset_slot(x, d->of_device);

		for (struct link *l = x->units.next; l != &x->units; l = l->next) {
			struct asset_unit *unit = LIST_OWNER(l, struct asset_unit, of);
			struct unit_vitals *u = asset_slot(unit, d->h.of_unit);

			/* Nothing is written to memory of who did nothing. */
			if (is_quiet(&u->v))
				continue;
			v->asked += u->v.asked;
			close_one(&(struct subject){ .d = d, .device = x, .unit = unit, .v = &u->v, .u = u, .end_ns = end_ns, .last = last });
		}
		if (!is_quiet(v))
			close_one(&(struct subject){ .d = d, .device = x, .v = v, .end_ns = end_ns, .last = last });
	}
}

void
wire_conditions(const void *wire, unsigned of[HEALTH_CONDITIONS])
{
	memcpy(of, ((const struct wire *)wire)->conditions, HEALTH_CONDITIONS * sizeof(of[0]));
}
