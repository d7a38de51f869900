/* value_keep.c - what was learned of values, over a restart.
 *
 * A row an hour and figure, as of any other figure of health: what is learned is learned of hours, so that reading the
 * rows of before again, in their order, gives the same models.  How a value goes from one reading to the next (its sort, where it rests)
 * is learned anew, within the first hours.
 */
#include <stdio.h>

#include "detect/health/value_row.h"

#define HOUR_NS		(3600 * SECOND)

static struct keep_health
row_of(const struct instrument *x, unsigned figure)
{
	const struct tag *t = x->tag;
	struct keep_health k = { .of = { .addr = t->addr, .has_unit = !t->any_unit, .proto = t->any_unit ? 0 : t->proto,
	    .unit = t->any_unit ? 0 : t->unit_number }, .hour_ns = x->done.hour * HOUR_NS };

	(void)snprintf(k.figure, sizeof(k.figure), "%s", health_figure_row(figure)->text);
	(void)snprintf(k.object, sizeof(k.object), "%s", t->name);
	return k;
}

static void
condition(struct keep_health *k, bool settled, bool told)
{
	(void)snprintf(k->condition, sizeof(k->condition), "%s",
	    health_condition_text(told ? HEALTH_WORSE : settled ? HEALTH_GOOD : HEALTH_LEARNING));
}

static struct keep_health
level(const struct instrument *x, bool measured)
{
	const struct instrument_hour *h = &x->done;
	struct keep_health k = row_of(x, measured ? HEALTH_VALUE_LEVEL : HEALTH_VALUE_SETPOINT);
	struct drift_line line;
	double hours, limit;
	enum tag_limit next;

	k.count = h->reads;
	k.mean = h->sum / h->reads;
	k.median = h->least;
	k.tail = h->most;
	k.normal = x->drift.settled ? x->drift.mean : 0;
	k.spread = x->drift.settled ? (x->drift.most - x->drift.least) / 2 : 0;
	k.worst = k.mean - k.normal > 0 ? h->most : h->least;
	k.learned = x->drift.hours;
	condition(&k, x->drift.settled, measured && (x->drift.drifting != 0 || x->place.side != SIDE_INSIDE || x->is_bad));
	if (!measured || x->drift.drifting == 0 || !value_drift_line(&x->drift, &line))
		return k;
	k.per_day = line.slope * 24;
	next = tag_limit_next(x->tag, line.slope > 0);
	limit = next != TAG_LIMITS ? x->tag->limit[next] : 0;
	hours = limit != 0 ? value_drift_reaches_h(&line, limit) : -1;
	k.limit = limit;
	k.forecast_s = hours > 0 && hours < 24 * 365 ? (uint64_t)(hours * 3600) : 0;
	return k;
}

/* n of it in the hour, which come to `sum`; usual and largest are what was learned. */
static struct keep_health
mean_of(const struct instrument *x, unsigned figure, uint32_t n, double sum, double most, double usual, double largest, uint32_t learned)
{
	struct keep_health k = row_of(x, figure);

	k.count = n;
	k.mean = k.median = sum / n;
	k.tail = k.worst = most;
	k.normal = usual;
	k.spread = largest;
	k.learned = learned;
	return k;
}

static struct keep_health
noise(const struct instrument *x)
{
	const struct instrument_hour *h = &x->done;
	struct keep_health k = mean_of(x, HEALTH_VALUE_NOISE, h->windows, h->noise, h->noise_most, x->noise.usual, x->noise.most, x->noise.windows);

	condition(&k, x->noise.settled > 0, x->noise.noisy);
	return k;
}

static struct keep_health
hold(const struct instrument *x)
{
	const struct instrument_hour *h = &x->done;
	struct keep_health k = mean_of(x, HEALTH_VALUE_HOLD, h->holds, h->hold_s, h->hold_most_s, x->rhythm.usual_s, x->rhythm.longest_s, x->rhythm.holds);

	condition(&k, value_rhythm_settled(&x->rhythm), x->is_still);
	return k;
}

unsigned
value_figures(const struct instrument *x, struct keep_health to[VALUE_FIGURES])
{
	const enum value_sort sort = value_kind_of(&x->kind);
	unsigned n = 0;

	if ((sort != VALUE_MEASURED && sort != VALUE_SETPOINT) || x->done.reads == 0)
		return 0;
	to[n++] = level(x, sort == VALUE_MEASURED);
	if (sort == VALUE_MEASURED && x->done.windows > 0)
		to[n++] = noise(x);
	if (sort == VALUE_MEASURED && x->done.holds > 0)
		to[n++] = hold(x);
	return n;
}

static bool
put_all(const struct instruments *d, const struct instrument *x)
{
	struct keep_health k[VALUE_FIGURES];
	const unsigned n = value_figures(x, k);

	for (unsigned i = 0; i < n; i++)
		if (!keep_put(d->h.env.keep, KEEP_HEALTH, &k[i], sizeof(k[i])))
			return false;
	return true;
}

void
value_keep_read(struct instruments *d, struct instrument *x, double v, uint64_t ts_ns)
{
	struct instrument_hour *h = &x->hour;
	uint64_t hour = ts_ns / HOUR_NS;

	if (hour != h->hour) {
		if (h->reads > 0)
			x->done = *h;
		if (h->reads > 0 && d->h.env.keep != NULL) {
			d->n_keep += !x->to_keep;
			x->to_keep = true;
		}
		*h = (struct instrument_hour){ .hour = hour, .least = v, .most = v };
	}
	h->reads++;
	h->sum += v;
	h->least = v < h->least ? v : h->least;
	h->most = v > h->most ? v : h->most;
}

void
value_keep_tick(struct instruments *d, uint64_t now_ns)
{
	if (d->n_keep == 0 || now_ns / SECOND == d->kept_s)
		return;
	d->kept_s = now_ns / SECOND;
	for (uint32_t i = 0; i < d->n; i++) {
		struct instrument *x = &d->rows[i];

		if (x->tag == NULL || !x->to_keep)
			continue;
		if (!put_all(d, x))
			return;		/* the next tick tries again */
		x->to_keep = false;
		d->n_keep--;
	}
}

/* ---- at a start ---- */

static bool
was(const struct keep_health *k, unsigned what)
{
	return strcmp(k->condition, health_condition_text(what)) == 0;
}

/* Hour by hour, in their order: as if they were lived through. */
static void
level_again(struct instrument *x, const struct keep_health *k, bool setpoint)
{
	if (setpoint)
		value_kind_written(&x->kind);
	value_kind_learn(&x->kind, k->median);
	value_kind_learn(&x->kind, k->tail);
	x->drift.last = k->mean;
	x->drift.last_hour = k->hour_ns / HOUR_NS;
	x->drift.hour = x->drift.last_hour;
	/* What was explained by a set-point then, whose rows come later, has not begun; of an hour in which nothing moved the plant was off. */
	if (value_drift_judge(&x->drift, instrument_floor(x), !(k->tail > k->median)) == DRIFT_BEGINS && !was(k, HEALTH_WORSE))
		value_drift_calm(&x->drift);
}

static void
again(void *arg, const void *row)
{
	const struct keep_health *k = row;
	struct instruments *d = arg;
	unsigned figure = health_figure_named(k->figure);
	const struct tag *t;
	struct instrument *x;

	if (k->object[0] == '\0' || (figure != HEALTH_VALUE_LEVEL && figure != HEALTH_VALUE_SETPOINT && figure != HEALTH_VALUE_NOISE &&
	    figure != HEALTH_VALUE_HOLD))
		return;
	t = tags_named(tag_reader_tags(d->h.env.tags), k->object, strlen(k->object));
	if (t == NULL || !addr_same(&t->addr, &k->of.addr) || (x = instrument_make(d, t)) == NULL)
		return;
	if (figure == HEALTH_VALUE_NOISE)
		value_noise_again(&x->noise, k->normal, k->spread, k->learned, !was(k, HEALTH_LEARNING));
	else if (figure == HEALTH_VALUE_HOLD)
		value_rhythm_again(&x->rhythm, k->normal, k->spread, k->learned, !was(k, HEALTH_LEARNING));
	else
		level_again(x, k, figure == HEALTH_VALUE_SETPOINT);
}

int
value_keep_load(struct instruments *d, struct err *e)
{
	return keep_load(d->h.env.keep, KEEP_HEALTH, again, d, e);
}
