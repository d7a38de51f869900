#include "detect/health/value_drift.h"

#include <math.h>

#define HOUR_NS		3600000000000ull
#define READS_ENOUGH	10u	/* in an hour, else it is none */
#define ENOUGH		24u	/* residuals: the second day */
#define WEEK_H		168u
#define DAYS_MAX	7u	/* the day follows with so many days' inertia */
#define NEW_PART	8	/* beyond by more than this part of what was learned is new */
#define SWINGS		2u	/* there and back again: what only climbs has no level */
#define SLACK		1.0	/* standard deviations an hour that count for nothing */
#define LIMIT		8.0	/* of the sum */
#define CAP		4.0	/* no hour counts for more: one alone says nothing */
#define MARGIN		0.25	/* beyond all that was learned, by this part of it; */
#define MARGIN_EARLY	0.5	/* by this one before a week with its weekend was seen */
#define LEAST_H		12u	/* a night that is not like others is shorter */
#define BACK_H		3u	/* inside again for so long: it is over */
#define ANEW_H		72u	/* what has been otherwise for so long is how it is now */
#define LINE_ENOUGH	4u

bool
value_drift_read(struct value_drift *d, double v, uint64_t ts_ns)
{
	uint64_t hour = ts_ns / HOUR_NS;
	bool over = hour > d->hour && d->n >= READS_ENOUGH;

	if (hour != d->hour) {
		if (over) {
			d->last = d->sum / d->n;
			d->last_hour = d->hour;
		}
		d->hour = hour;
		d->sum = 0;
		d->n = 0;
	}
	d->sum += v;
	d->n++;
	return over;
}

static void
follow(struct value_drift *d, double v)
{
	double third = (d->most - d->least) / 3;
	uint8_t side = v <= d->least + third ? 1 : v >= d->most - third ? 2 : 0;

	if (side == 0)
		return;
	if (d->side != 0 && side != d->side && d->swings < UINT8_MAX)
		d->swings++;
	d->side = side;
}

double
value_drift_usual(const struct value_drift *d)
{
	unsigned h = (unsigned)(d->last_hour % 24);

	return d->days[h] > 0 ? (double)d->day[h] : d->mean;
}

static void
learn_residual(struct value_drift *d, double r, double floor)
{
	double news = (d->r_most - d->r_least) / NEW_PART;

	if (d->residuals == 0)
		d->r_least = d->r_most = r;
	/* What nobody would call a change of the level teaches nothing new. */
	news = news > floor ? news : floor;
	if (r < d->r_least - news || r > d->r_most + news)
		d->fresh = d->residuals + 1;
	if (d->residuals < UINT32_MAX)
		d->residuals++;
	d->r_squares += r * r;
	d->r_least = r < d->r_least ? r : d->r_least;
	d->r_most = r > d->r_most ? r : d->r_most;
}

static void
learn(struct value_drift *d, double v, double floor)
{
	unsigned h = (unsigned)(d->last_hour % 24);

	if (d->hours == 0)
		d->least = d->most = v;
	if (d->hours < UINT32_MAX)
		d->hours++;
	d->mean += (v - d->mean) / d->hours;
	d->least = v < d->least ? v : d->least;
	d->most = v > d->most ? v : d->most;
	follow(d, v);
	if (d->days[h] > 0)
		learn_residual(d, v - (double)d->day[h], floor);
	if (d->days[h] < DAYS_MAX)
		d->days[h]++;
	d->day[h] += (float)((v - (double)d->day[h]) / d->days[h]);
	if (!d->settled)
		d->settled = d->residuals >= ENOUGH && d->residuals - d->fresh >= d->residuals / 3 &&
		    (d->swings >= SWINGS || d->most - d->least <= floor);
}

/* A quarter of the width: what differs from one day to the next does not scatter as chance does. */
static double
scatter(const struct value_drift *d, double floor)
{
	double s = sqrt(d->r_squares / d->residuals), width = (d->r_most - d->r_least) / 4;

	s = s > width ? s : width;
	return s > floor ? s : floor;
}

static void
keep(struct value_drift *d)
{
	float before = d->ring[d->ring_last % DRIFT_HOURS];

	if (d->ring_hour == 0)
		d->ring_hour = d->last_hour;
	/* Hours that are missing have the value of the one before. */
	if (d->ring_last >= d->ring_hour) {
		uint64_t h = d->ring_last + 1;

		if (d->last_hour - d->ring_last > DRIFT_HOURS)
			h = d->last_hour - DRIFT_HOURS + 1;
		for (; h < d->last_hour; h++)
			d->ring[h % DRIFT_HOURS] = before;
	}
	d->ring[d->last_hour % DRIFT_HOURS] = (float)(d->last - value_drift_usual(d));
	d->ring_last = d->last_hour;
}

static void
anew(struct value_drift *d, double floor)
{
	*d = (struct value_drift){ .hour = d->hour, .sum = d->sum, .n = d->n, .last_hour = d->last_hour, .last = d->last };
	learn(d, d->last, floor);
}

/* Residual outside all that was learned, by a margin: on which side? */
static int
outside(const struct value_drift *d, double floor, double part)
{
	double margin = (d->r_most - d->r_least) * part, r = d->last - value_drift_usual(d);

	margin = margin > floor ? margin : floor;
	return r > d->r_most + margin ? 1 : r < d->r_least - margin ? -1 : 0;
}

/* The same of the mean itself, whatever the hour: before a week was seen, another sort of day may be all that there is to it. */
static bool
is_far(const struct value_drift *d, double floor)
{
	return d->hours >= WEEK_H || d->last > d->most + floor || d->last < d->least - floor;
}

static double
capped(double z)
{
	return z > CAP ? CAP : z < -CAP ? -CAP : z;
}

void
value_drift_calm(struct value_drift *d)
{
	d->drifting = 0;
	d->up = d->down = 0;
	d->ring_hour = 0;
}

static enum drift_news
while_drifting(struct value_drift *d, double floor)
{
	struct drift_line line;

	keep(d);
	if (outside(d, floor, MARGIN) == 0) {
		d->odd_hours = 0;
		if (++d->back < BACK_H)
			return DRIFT_HOUR;
		value_drift_calm(d);
		return DRIFT_ENDS;
	}
	d->back = 0;
	/* It goes on as long as it moves; where it stands for days is its level now. */
	d->odd_hours = value_drift_line(d, &line) && fabs(line.slope) * DRIFT_HOURS > floor ? 0 : d->odd_hours + 1;
	if (d->odd_hours < ANEW_H && d->last_hour - d->ring_hour < WEEK_H)
		return DRIFT_HOUR;
	anew(d, floor);
	return DRIFT_ANEW;
}

static bool
was_explained(struct value_drift *d, double floor)
{
	if (++d->odd_hours >= ANEW_H)
		anew(d, floor);
	return true;
}

enum drift_news
value_drift_judge(struct value_drift *d, double floor, bool explained)
{
	double z;
	int side;

	if (!d->settled) {
		learn(d, d->last, floor);
		return DRIFT_HOUR;
	}
	if (d->drifting != 0)
		return while_drifting(d, floor);
	if (explained && was_explained(d, floor))
		return DRIFT_HOUR;
	d->odd_hours = 0;
	z = capped((d->last - value_drift_usual(d)) / scatter(d, floor));
	d->up = fmax(0, d->up + z - SLACK);
	d->down = fmax(0, d->down - z - SLACK);
	if (d->up == 0 && d->down == 0) {
		d->ring_hour = 0;
		learn(d, d->last, floor);
		return DRIFT_HOUR;
	}
	keep(d);
	side = outside(d, floor, d->hours < WEEK_H ? MARGIN_EARLY : MARGIN);
	if (!is_far(d, floor) || d->last_hour - d->ring_hour < LEAST_H || (!(side > 0 && d->up > LIMIT) && !(side < 0 && d->down > LIMIT)))
		return DRIFT_HOUR;
	d->drifting = (int8_t)side;
	d->back = 0;
	return DRIFT_BEGINS;
}

bool
value_drift_is_unusual(const struct value_drift *d, uint64_t hour, double floor)
{
	double mean;

	if (!d->settled)
		return false;
	if (d->hour == hour && d->n > 0)
		mean = d->sum / d->n;
	else if (d->last_hour == hour)
		mean = d->last;
	else
		return false;
	return mean > d->most + floor || mean < d->least - floor;
}

bool
value_drift_line(const struct value_drift *d, struct drift_line *to)
{
	uint64_t first = d->ring_hour;
	double sx = 0, sy = 0, sxx = 0, sxy = 0, syy = 0, n, den;

	if (d->ring_hour == 0)
		return false;
	if (d->ring_last - first >= DRIFT_HOURS)
		first = d->ring_last - DRIFT_HOURS + 1;
	n = (double)(d->ring_last - first + 1);
	if (n < LINE_ENOUGH)
		return false;
	for (uint64_t h = first; h <= d->ring_last; h++) {
		double x = (double)(h - first), y = (double)d->ring[h % DRIFT_HOURS];

		sx += x;
		sy += y;
		sxx += x * x;
		sxy += x * y;
		syy += y * y;
	}
	den = n * sxx - sx * sx;
	to->slope = (n * sxy - sx * sy) / den;
	/* From the middle of the last hour to its end is half an hour more. */
	to->level = d->mean + (sy - to->slope * sx) / n + to->slope * (n - 1 + 0.5);
	to->hours = (uint32_t)n;
	/* What the line explains of the scatter: r squared. */
	syy = n * syy - sy * sy;
	return syy > 0 && (n * sxy - sx * sy) * (n * sxy - sx * sy) / (den * syy) >= 0.5;
}

double
value_drift_reaches_h(const struct drift_line *l, double limit)
{
	double by = limit - l->level;

	if (l->slope == 0 || (by > 0) != (l->slope > 0))
		return by == 0 ? 0 : -1;
	return by / l->slope;
}
