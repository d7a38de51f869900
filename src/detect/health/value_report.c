/* value_report.c - how the values of each device fared, for the outputs: once a week, and at the end of a run of a day and more.
 *
 * A device is given at a tick, so that a plant with many tags holds up nobody.
 */
#include "detect/health/value_row.h"

#define HOUR_NS	(3600 * SECOND)
#define DAY_NS	(24 * HOUR_NS)
#define WEEK_NS	(7 * DAY_NS)

static bool
same_device(const struct instrument *a, const struct instrument *b)
{
	return addr_same(&a->tag->addr, &b->tag->addr) && a->tag->any_unit == b->tag->any_unit &&
	    (a->tag->any_unit || (a->tag->proto == b->tag->proto && a->tag->unit_number == b->tag->unit_number));
}

/* As many of the same device as `first` as one report holds. */
static void
report(struct instruments *d, struct instrument *first)
{
	struct keep_health figures[HEALTH_ENTRIES];
	struct health_report r = { .from_ns = d->reported_ns, .until_ns = d->report_ns, .figures = figures };

	for (uint32_t i = d->report_next; i < d->n && r.n + VALUE_FIGURES <= HEALTH_ENTRIES; i++) {
		struct instrument *x = &d->rows[i];
		unsigned n;

		if (!x->to_report || !same_device(x, first))
			continue;
		n = value_figures(x, &figures[r.n]);
		for (unsigned k = r.n; k < r.n + n; k++) {
			const unsigned c = health_condition_named(figures[k].condition);

			r.condition = c < HEALTH_CONDITIONS && c > r.condition ? c : r.condition;
		}
		r.n += n;
		x->to_report = false;
	}
	if (r.n == 0)
		return;
	r.of = figures[0].of;
	if (d->h.env.health.report != NULL)
		d->h.env.health.report(d->h.env.health.arg, &r);
}

/* Those of the next device; false: all were given. */
static bool
next(struct instruments *d)
{
	while (d->report_next < d->n && !d->rows[d->report_next].to_report)
		d->report_next++;
	if (d->report_next < d->n) {
		report(d, &d->rows[d->report_next]);
		return true;
	}
	d->reported_ns = d->report_ns;
	d->report_ns = 0;
	return false;
}

static void
begin(struct instruments *d, uint64_t until_ns)
{
	d->report_ns = until_ns;
	d->report_next = 0;
	/* What was not read in this time is not told again. */
	for (uint32_t i = 0; i < d->n; i++)
		d->rows[i].to_report = d->rows[i].tag != NULL && d->rows[i].done.reads > 0 && d->rows[i].done.hour * HOUR_NS >= d->reported_ns;
}

void
value_report_tick(struct instruments *d, uint64_t now_ns)
{
	if (d->report_ns != 0) {
		(void)next(d);
		return;
	}
	/* It begins with the first reading, and anew where the clock was set back. */
	if ((d->reported_ns == 0 && d->n > 0) || now_ns < d->reported_ns)
		d->reported_ns = now_ns / HOUR_NS * HOUR_NS;
	if (d->reported_ns != 0 && now_ns - d->reported_ns >= WEEK_NS)
		begin(d, now_ns / HOUR_NS * HOUR_NS);
}

void
value_report_finish(struct instruments *d, uint64_t now_ns)
{
	while (d->report_ns != 0)
		(void)next(d);
	if (d->reported_ns == 0 || now_ns < d->reported_ns || now_ns - d->reported_ns < DAY_NS)
		return;
	begin(d, now_ns);
	while (next(d))
		;
}
