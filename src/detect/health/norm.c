#include "detect/health/norm.h"

#include <math.h>
#include <string.h>

#define NEWEST	0.25f	/* weight of the newest hour */
#define CALM	6u	/* hours in a row before it is normal again: what comes and goes is one condition */
#define STEEP	6.0	/* t of a trend */
#define BLOCKS_LEAST	5u
#define FAR_S	(UINT64_C(60) * 86400)	/* no forecast is for later */

/* ---- trend -------------------------------------------------------------------------- */

static void
add_block(struct norm *n, uint32_t hour, double value)
{
	const uint32_t no = hour / NORM_BLOCK_H;

	if (n->n_blocks == 0 || n->block[n->newest].no != no) {
		if (n->n_blocks > 0 && no < n->block[n->newest].no)
			n->n_blocks = 0;	/* the clock was set back */
		n->newest = (uint8_t)(n->n_blocks == 0 ? 0 : (n->newest + 1u) % NORM_BLOCKS);
		n->n_blocks = (uint8_t)(n->n_blocks < NORM_BLOCKS ? n->n_blocks + 1u : NORM_BLOCKS);
		memset(&n->block[n->newest], 0, sizeof(n->block[0]));
		n->block[n->newest].no = no;
	}
	n->block[n->newest].sum += (float)value;
	n->block[n->newest].n++;
}

double
norm_per_day(const struct norm *n, double *now)
{
	const double per_day = 24.0 / NORM_BLOCK_H;
	double sx = 0, sy = 0, sxx = 0, sxy = 0, rest = 0, slope, at, error;
	const uint32_t last = n->block[n->newest].no;
	double used = 0;

	for (unsigned i = 0; i < n->n_blocks; i++) {
		const double x = (double)n->block[i].no - last, y = (double)n->block[i].sum / n->block[i].n;

		if (last - n->block[i].no > 2 * NORM_BLOCKS)
			continue;
		used++;
		sx += x;
		sy += y;
		sxx += x * x;
		sxy += x * y;
	}
	*now = used > 0 ? sy / used : 0;
	if (used < BLOCKS_LEAST || used * sxx - sx * sx <= 0)
		return 0;
	slope = (used * sxy - sx * sy) / (used * sxx - sx * sx);
	at = (sy - slope * sx) / used;
	for (unsigned i = 0; i < n->n_blocks; i++) {
		const double x = (double)n->block[i].no - last, off = (double)n->block[i].sum / n->block[i].n - at - slope * x;

		if (last - n->block[i].no <= 2 * NORM_BLOCKS)
			rest += off * off;
	}
	/* What is measured to a few digits has an error of its own. */
	error = sqrt((rest / (used - 2) + 1e-6 * at * at) / (sxx - sx * sx / used));
	*now = at;
	return fabs(slope) > STEEP * error ? slope * per_day : 0;
}

/* ---- judging ------------------------------------------------------------------------ */

static double
scaled(double value, unsigned form)
{
	return form == HEALTH_TIME ? log2(value > 1e-3 ? value : 1e-3) : value;
}

static double
unscaled(double value, unsigned form)
{
	return form == HEALTH_TIME ? exp2(value) : value;
}

static bool
by_count(unsigned form)
{
	return form == HEALTH_SHARE || form == HEALTH_COUNT;
}

/* What an hour is made of, for sums: bad ones of all. */
static double
bad_of(const struct norm_hour *h, unsigned form)
{
	return form == HEALTH_SHARE ? (double)h->bad : h->value;
}

static double
all_of(const struct norm_hour *h, unsigned form)
{
	return form == HEALTH_SHARE ? (double)h->count : 1;
}

static void
learn(struct norm *n, double y, double tail)
{
	const double off = y - (double)n->center;
	double sd;

	n->learned++;
	n->center += (float)(off / n->learned);
	n->spread += (float)(off * (y - (double)n->center));
	n->tail_center += (float)((tail - (double)n->tail_center) / n->learned);
	if (n->learned < NORM_HOURS)
		return;
	sd = sqrt((double)n->spread / (NORM_HOURS - 1));
	n->spread = (float)sd;
	n->recent = n->center;
	n->tail_recent = n->tail_center;
	n->condition = HEALTH_GOOD;
	n->since = 0;
}

/* Of TIME and OFFSET: how far from normal is still normal. */
static double
gate(const struct norm *n, const struct norm_judge *j)
{
	/* A mean of hours moves less than they do: by a factor of sqrt(w / (2 - w)), 0.38; four of them. */
	const double chance = 4 * 0.38 * (double)n->spread, floor_ = scaled(j->floor, j->form);

	return chance > floor_ ? chance : floor_;
}

/* Of SHARE and COUNT: is the mean of the last hours beyond what chance makes of what is normal? */
static bool
more_than_chance(const struct norm *n, const struct norm_judge *j, double times)
{
	const double normal = ((double)n->center + (double)n->spread) / (j->form == HEALTH_SHARE ? 100 : 1), all = (double)n->all,
	    bad = (double)n->bad, expected = normal * all;
	const double floor_ = j->floor / (j->form == HEALTH_SHARE ? 100 : 1);

	return bad >= 6 && bad > expected + 4 * sqrt(expected + 1) && bad > times * normal * all && bad > floor_ * all;
}

static bool
is_beyond(const struct norm *n, const struct norm_hour *h, const struct norm_judge *j, double y, double tail)
{
	double g;

	if (by_count(j->form))
		return bad_of(h, j->form) > 0 && more_than_chance(n, j, 2);
	g = gate(n, j);
	if (j->form == HEALTH_OFFSET)
		return fabs((double)n->recent - (double)n->center) > g && fabs(y - (double)n->center) > g;
	return ((double)n->recent > (double)n->center + g && y > (double)n->center + g) ||
	    /* The tail is noisier: twice as far. */
	    ((double)n->tail_recent > (double)n->tail_center + 2 * g && tail > (double)n->tail_center + 2 * g);
}

static bool
is_back(const struct norm *n, const struct norm_judge *j)
{
	if (by_count(j->form))
		return !more_than_chance(n, j, 1.5);
	return fabs((double)n->recent - (double)n->center) < gate(n, j) / 2 &&
	    (j->form == HEALTH_OFFSET || (double)n->tail_recent < (double)n->tail_center + gate(n, j));
}

/* What a device always did is not where it fails. */
static double
limit_of(const struct norm *n, const struct norm_judge *j)
{
	const double normal = unscaled((double)n->center, j->form), away = by_count(j->form) ? normal + (double)n->spread : normal;

	if (j->limit == 0 || j->limit >= 3 * away)
		return j->limit;
	return j->form == HEALTH_SHARE && 3 * away > 100 ? 100 : 3 * away;
}

static double
value_now(const struct norm *n, const struct norm_judge *j)
{
	return j->form == HEALTH_SHARE ? (n->all > 0 ? 100 * (double)n->bad / (double)n->all : 0) : unscaled((double)n->recent, j->form);
}

static enum norm_news
judge(struct norm *n, const struct norm_hour *h, const struct norm_judge *j, double y, double tail)
{
	const bool was = n->condition >= HEALTH_WORSE;
	const double limit = limit_of(n, j);

	n->run = (uint8_t)(!(was ? is_back(n, j) : is_beyond(n, h, j, y, tail)) ? 0 : n->run < UINT8_MAX ? n->run + 1 : UINT8_MAX);
	n->since = (uint16_t)(n->since < UINT16_MAX ? n->since + 1 : UINT16_MAX);
	if (!was && n->run < 2)
		return NORM_NOTHING;
	if (was && (n->run >= CALM || n->since >= NORM_ADOPT)) {
		const bool back = n->since < NORM_ADOPT;

		if (!back) {	/* so it is now: learned anew */
			n->learned = 0;
			n->center = n->spread = n->tail_center = 0;
		}
		n->condition = back ? HEALTH_GOOD : HEALTH_LEARNING;
		n->since = 0;
		n->run = 0;
		return NORM_BETTER;
	}
	n->condition = limit > 0 && value_now(n, j) >= limit ? HEALTH_FAILING : HEALTH_WORSE;
	if (!was)
		n->since = n->run = 0;
	return was ? NORM_NOTHING : NORM_WORSE;
}

static void
recent(struct norm *n, const struct norm_hour *h, const struct norm_judge *j, double y, double tail)
{
	n->recent += NEWEST * ((float)y - n->recent);
	n->tail_recent += NEWEST * ((float)tail - n->tail_recent);
	n->bad = (1 - NEWEST) * n->bad + (float)bad_of(h, j->form);
	n->all = (1 - NEWEST) * n->all + (float)all_of(h, j->form);
}

static double
of_hour(const struct norm_hour *h, unsigned form)
{
	return form == HEALTH_SHARE ? 100 * (double)h->bad / (double)h->count : h->value;
}

enum norm_news
norm_hour(struct norm *n, const struct norm_hour *h, const struct norm_judge *j)
{
	const double value = j->form == HEALTH_SHARE && h->count == 0 ? 0 : of_hour(h, j->form);
	const double y = scaled(value, j->form), tail = scaled(h->tail, j->form);

	/* Parts of one hour are no two hours: a run ended in it, or the clock was set back. */
	if (n->n_blocks > 0 && h->hour == n->hour)
		return NORM_NOTHING;
	if (h->count < NORM_LEAST && j->form != HEALTH_COUNT && j->form != HEALTH_OFFSET)
		return NORM_NOTHING;
	n->hour = h->hour;
	add_block(n, h->hour, value);
	if (n->learned < NORM_HOURS) {
		recent(n, h, j, y, tail);
		learn(n, y, tail);
		return NORM_NOTHING;
	}
	recent(n, h, j, y, tail);
	return judge(n, h, j, y, tail);
}

void
norm_begin(struct norm *n, unsigned hours)
{
	memset(n, 0, sizeof(*n));
	n->learned = (uint16_t)(hours < NORM_HOURS ? hours : NORM_HOURS);
	n->condition = n->learned < NORM_HOURS ? HEALTH_LEARNING : HEALTH_GOOD;
}

/* ---- rows --------------------------------------------------------------------------- */

void
norm_show(const struct norm *n, const struct norm_judge *j, struct keep_health *to)
{
	const char *condition = health_condition_text(n->condition);
	double now, ahead;

	to->learned = n->learned;
	to->normal = unscaled((double)n->center, j->form);
	to->spread = (double)n->spread;
	to->limit = limit_of(n, j);
	to->per_day = norm_per_day(n, &now);
	ahead = to->per_day > 0 ? (to->limit - now) / to->per_day * 86400 : 0;
	to->forecast_s = to->limit > 0 && ahead > 0 && ahead <= (double)FAR_S ? (uint64_t)ahead : 0;
	memset(to->condition, 0, sizeof(to->condition));
	memcpy(to->condition, condition, strlen(condition));
}

void
norm_restore(struct norm *n, const struct keep_health *h, const struct norm_judge *j)
{
	const uint32_t hour = (uint32_t)(h->hour_ns / UINT64_C(3600000000000));
	const struct norm_hour of = { .hour = hour, .count = h->count, .value = j->form == HEALTH_TIME ? h->median : h->mean, .tail = h->tail,
	    .bad = j->form == HEALTH_SHARE ? (uint64_t)(h->mean * (double)h->count / 100 + 0.5) : 0 };
	const unsigned c = health_condition_named(h->condition);

	if (c == HEALTH_CONDITIONS)
		return;
	n->hour = hour;
	n->since = (uint16_t)(n->condition == c && n->since < UINT16_MAX ? n->since + 1 : 0);
	n->condition = (uint8_t)c;
	n->run = 0;
	n->learned = (uint16_t)(h->learned < NORM_HOURS ? h->learned : NORM_HOURS);
	n->center = (float)scaled(h->normal, j->form);
	n->spread = (float)h->spread;
	if (n->n_blocks == 0) {
		n->recent = n->center;
		n->tail_center = n->tail_recent = (float)scaled(h->tail, j->form);
	} else if (c < HEALTH_WORSE)
		/* The tail's normal has no column: that of the hours that were good. */
		n->tail_center += (float)((scaled(h->tail, j->form) - (double)n->tail_center) / (n->n_blocks + 1));
	recent(n, &of, j, scaled(of_hour(&of, j->form), j->form), scaled(h->tail, j->form));
	add_block(n, hour, of_hour(&of, j->form));
}
