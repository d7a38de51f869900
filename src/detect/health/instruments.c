/* instruments.c - what measurements show of the instruments behind them, and of the process: stuck, noisy, drifting, beyond their
 * limits, still while their neighbours move, of bad quality.
 *
 * Only tags, and only what their devices say: each reading goes through the models of its row, whose arithmetic is in
 * files of its own.  A model speaks when it has settled, once, and again when it is over.
 */
#include "detect/health/value_row.h"

#include <stdlib.h>

#define PAIR_NS		(30 * SECOND)	/* a window of value_pairs, */
#define PAIR_READS	3u		/* if it was read so often */
#define BAD_S		300u		/* quality that is bad for so long, */
#define BAD_READS	3u		/* and so often, is a condition */
#define GOOD_ENOUGH	20u		/* of a point that once was good */
#define RANGE_PART	0.02		/* of what it ever showed: less is no drift of its mean */
#define LIMITS_PART	0.005
#define PLANT_STANDS_NS	(3500 * SECOND)	/* an hour, and a poll */
#define SOON_H		24.0		/* a limit that is reached within so many hours is worth a word */

/* ---- rows ------------------------------------------------------------------ */

struct instrument *
instrument(struct instruments *d, const struct tag *t)
{
	uint16_t n = d->row_of[t->index];

	return n > 0 ? &d->rows[n - 1] : NULL;
}

/* Into the ring of its group. */
static void
join(struct instruments *d, struct instrument *x)
{
	uint16_t me = (uint16_t)(x - d->rows);

	x->near = me;
	for (uint32_t i = 0; i < d->n; i++)
		if (i != me && d->rows[i].tag != NULL && d->rows[i].group == x->group) {
			x->near = d->rows[i].near;
			d->rows[i].near = me;
			return;
		}
}

static void
leave(struct instruments *d, struct instrument *x)
{
	uint16_t me = (uint16_t)(x - d->rows), i = x->near;

	while (d->rows[i].near != me)
		i = d->rows[i].near;
	d->rows[i].near = x->near;
	/* Whose witness it was looks for another one. */
	for (uint32_t k = 0; k < d->n; k++)
		for (uint32_t p = 0; p < PAIRS; p++)
			if (d->rows[k].pairs.pair[p].who == me + 1u)
				d->rows[k].pairs.pair[p] = (struct value_pair){ 0 };
	d->n_keep -= x->to_keep;
	*x = (struct instrument){ 0 };
}

static uint64_t
group_of(const struct instruments *d, const struct tag *t)
{
	const uint64_t unit[] = { t->any_unit ? UINT64_MAX : t->unit_number, t->proto };
	uint64_t key = d->h.env.key;

	if (t->group[0] != '\0')
		return hash_bytes(key, t->group, strlen(t->group));
	return hash_bytes(hash_bytes(key, unit, sizeof(unit)), &t->addr, sizeof(t->addr));
}

struct instrument *
instrument_make(struct instruments *d, const struct tag *t)
{
	struct instrument *x = instrument(d, t);
	uint32_t i = 0;

	if (x != NULL)
		return x;
	while (i < d->n && d->rows[i].tag != NULL)
		i++;
	if (i == VALUES_MAX) {
		count(d->h.env.counters, CNT_DETECT_VALUES);
		return NULL;
	}
	x = &d->rows[i];
	d->n = i < d->n ? d->n : i + 1;
	x->tag = t;
	x->group = group_of(d, t);
	d->row_of[t->index] = (uint16_t)(i + 1);
	join(d, x);
	return x;
}

struct instrument *
instrument_near(struct instruments *d, const struct instrument *of, struct instrument *last, uint32_t *count)
{
	if (last == NULL) {
		*count = 1;
		return &d->rows[of - d->rows];
	}
	if (&d->rows[last->near] == of || ++*count > VALUES_NEAR)
		return NULL;
	return &d->rows[last->near];
}

double
instrument_floor(const struct instrument *x)
{
	const struct tag *t = x->tag;
	double floor = x->noise.step, range = (x->kind.most - x->kind.least) * RANGE_PART;
	double limits = tag_span(t) * LIMITS_PART;

	floor = floor > range ? floor : range;
	floor = floor > limits ? floor : limits;
	return floor > 0 ? floor : 1e-9;
}

/* ---- stands still ------------------------------------------------------------ */

/* Its whole device stands: every one of its measurements, *others beside this one. */
static bool
all_stand(struct instruments *d, const struct instrument *x, uint32_t *others)
{
	const uint64_t stops_ns = x->rhythm.since_ns + (x->rhythm.seen_ns - x->rhythm.since_ns) / 10;
	struct instrument *y = NULL;
	uint32_t count;

	*others = 0;
	while ((y = instrument_near(d, x, y, &count)) != NULL) {
		if (y == x || value_kind_of(&y->kind) != VALUE_MEASURED || !addr_same(&y->tag->addr, &x->tag->addr))
			continue;
		/* It moved, well after this one had stopped. */
		if (y->rhythm.since_ns > stops_ns)
			return false;
		++*others;
	}
	return *others > 0;
}

static void
stands(struct instruments *d, struct instrument *x, const struct tag_reading *r)
{
	struct instrument *y = NULL;
	uint32_t count, others;
	bool together = all_stand(d, x, &others);

	value_report_stuck(d, x, r, together ? others : 0);
	x->is_still = true;
	while (together && (y = instrument_near(d, x, y, &count)) != NULL)
		y->is_still |= value_kind_of(&y->kind) == VALUE_MEASURED && addr_same(&y->tag->addr, &x->tag->addr);
}

static void
moves(struct instruments *d, struct instrument *x, const struct tag_reading *r)
{
	struct instrument *y = NULL;
	uint32_t count, others = 0;

	x->is_still = false;
	/* Of a device that stood as a whole one word is enough. */
	while ((y = instrument_near(d, x, y, &count)) != NULL)
		others += y->is_still && y->moved_ns < x->moved_ns;
	if (others > 1)
		while ((y = instrument_near(d, x, y, &count)) != NULL)
			y->is_still = false;
	value_report_over(d, x, r, "moves again");
}

/* A neighbour to be tried in the place of one that is of no use. */
static void
find_witness(struct instruments *d, struct instrument *x, struct value_pair *in)
{
	uint32_t next = x->pairs.next > 0 ? x->pairs.next - 1 : (uint32_t)(x - d->rows);
	struct instrument *y = &d->rows[d->rows[next].tag != NULL && d->rows[next].group == x->group ? d->rows[next].near : x->near];
	uint32_t who = (uint32_t)(y - d->rows) + 1;
	enum value_sort sort = value_kind_of(&y->kind);

	x->pairs.next = who;
	if (y == x || sort == VALUE_SETPOINT || sort == VALUE_UNKNOWN)
		return;
	for (uint32_t i = 0; i < PAIRS; i++)
		if (x->pairs.pair[i].who == who)
			return;
	*in = (struct value_pair){ .who = who };
}

/* A window is over: who moved in it? */
static void
window_over(struct instruments *d, struct instrument *x, const struct tag_reading *r)
{
	bool moved = x->moved_ns >= x->window_ns, tried = false;

	for (uint32_t i = 0; i < PAIRS; i++) {
		struct value_pair *p = &x->pairs.pair[i];

		if (p->who != 0)
			value_pair_window(p, d->rows[p->who - 1].moved_ns >= x->window_ns, moved);
		if (!tried && (p->who == 0 || value_pair_is_useless(p))) {
			find_witness(d, x, p);
			tried = true;
		}
	}
	x->window_ns = r->ts_ns;
	x->window_reads = 0;
	if (!x->is_still && value_pairs_is_frozen(&x->pairs) && !value_rhythm_rests(&x->rhythm, &x->kind)) {
		value_report_frozen(d, x, r);
		x->is_still = true;
	}
}

/* ---- each reading -------------------------------------------------------------- */

static void
limits(struct instruments *d, struct instrument *x, const struct tag_reading *r)
{
	const struct tag *t = r->tag;
	struct value_limits l = { .hysteresis = 0 };

	_Static_assert(TAG_LIMITS == VALUE_LIMITS, "the limits of a tag are those that are judged, in the same order");
	if (tag_limit_next(t, false) == TAG_LIMITS && tag_limit_next(t, true) == TAG_LIMITS)
		return;
	memcpy(l.has, t->has_limit, sizeof(l.has));
	memcpy(l.at, t->limit, sizeof(l.at));
	l.hysteresis = value_limits_hysteresis(&l, t->dead_band);
	if (!value_limits_read(&x->place, &l, r->value, r->ts_ns))
		return;
	if (x->place.side == SIDE_INSIDE)
		value_report_over(d, x, r, "is within its limits again");
	else
		value_report_limit(d, x, r);
}

/* A set-point of its group stands otherwise than usual, in this hour. */
static bool
is_explained(struct instruments *d, const struct instrument *x, uint64_t hour)
{
	struct instrument *y = NULL;
	uint32_t count;

	while ((y = instrument_near(d, x, y, &count)) != NULL)
		if (y != x && value_kind_of(&y->kind) == VALUE_SETPOINT && value_drift_is_unusual(&y->drift, hour, instrument_floor(y)))
			return true;
	return false;
}

/* Neither it nor most of its neighbours moved for an hour: the plant is off, and what it shows then is no level. */
static bool
plant_stands(struct instruments *d, const struct instrument *x, uint64_t now_ns)
{
	struct instrument *y = NULL;
	uint32_t count, all = 0, moved = 0;

	if (x->moved_ns + PLANT_STANDS_NS > now_ns)
		return false;
	while ((y = instrument_near(d, x, y, &count)) != NULL) {
		if (y == x || value_kind_of(&y->kind) != VALUE_MEASURED)
			continue;
		all++;
		moved += y->moved_ns + PLANT_STANDS_NS > now_ns;
	}
	return all >= 2 && 2 * moved < all;
}

static void
hour_over(struct instruments *d, struct instrument *x, const struct tag_reading *r, enum value_sort sort)
{
	bool measured = sort == VALUE_MEASURED;
	bool explained = measured && (is_explained(d, x, x->drift.last_hour) || plant_stands(d, x, r->ts_ns));
	enum drift_news news = value_drift_judge(&x->drift, instrument_floor(x), explained);
	struct drift_line line;
	double hours;

	if (!measured)
		return;
	if (news == DRIFT_BEGINS) {
		x->has_forecast = false;
		value_report_drift(d, x, r);
	} else if (news == DRIFT_ENDS)
		value_report_over(d, x, r, "is back at its usual level");
	else if (news == DRIFT_ANEW)
		value_report_over(d, x, r, "has stayed at its new level for three days, which is its usual one from now on");
	else if (x->drift.drifting != 0 && !x->has_forecast && value_drift_line(&x->drift, &line)) {
		/* A day before it reaches its limit is the time to say so again. */
		enum tag_limit next = tag_limit_next(r->tag, x->drift.drifting > 0);

		hours = next != TAG_LIMITS ? value_drift_reaches_h(&line, r->tag->limit[next]) : -1;
		if (hours >= 0 && hours <= SOON_H)
			value_report_drift(d, x, r);
	}
}

/* False: it is not to be used. */
static bool
quality(struct instruments *d, struct instrument *x, const struct tag_reading *r)
{
	struct instrument *y = NULL;
	uint32_t count, others = 0;

	if (!r->has_quality || r->good) {
		if (x->is_bad)
			value_report_over(d, x, r, "is of good quality again");
		x->is_bad = false;
		x->bad = 0;
		x->good += x->good < UINT32_MAX;
		return r->known;
	}
	if (x->bad++ == 0)
		x->bad_ns = r->ts_ns;
	if (x->is_bad || x->good < GOOD_ENOUGH || x->bad < BAD_READS || r->ts_ns - x->bad_ns < BAD_S * SECOND)
		return false;
	/* What its device lost at the same time is lost with it. */
	while ((y = instrument_near(d, x, y, &count)) != NULL)
		if (y != x && !y->is_bad && y->bad >= BAD_READS && y->good >= GOOD_ENOUGH) {
			y->is_bad = true;
			others++;
		}
	x->is_bad = true;
	value_report_bad(d, x, r, others);
	return false;
}

static void
measurement(struct instruments *d, struct instrument *x, const struct tag_reading *r, bool moved)
{
	enum noise_news news = value_noise_read(&x->noise, r->value, r->ts_ns);

	if (news != NOISE_NONE) {
		x->hour.windows++;
		x->hour.noise += x->noise.last;
		if (x->noise.last > x->hour.noise_most)
			x->hour.noise_most = x->noise.last;
	}
	if (news == NOISE_BEGINS)
		value_report_noisy(d, x, r);
	else if (news == NOISE_ENDS)
		value_report_over(d, x, r, "scatters as usual again");
	if (!moved && !x->is_still && value_rhythm_is_stuck(&x->rhythm, &x->kind))
		stands(d, x, r);
}

static void
instruments_reading(void *arg, const struct tag_reading *r)
{
	struct instruments *d = arg;
	struct instrument *x = instrument_make(d, r->tag);
	enum value_sort sort;
	double stood_s = 0;
	bool moved;

	if (x == NULL)
		return;
	if (r->written) {
		if (!r->unsure)
			value_kind_written(&x->kind);
		return;
	}
	if (!quality(d, x, r))
		return;
	value_kind_learn(&x->kind, r->value);
	value_keep_read(d, x, r->value, r->ts_ns);
	limits(d, x, r);
	sort = value_kind_of(&x->kind);
	moved = value_rhythm_read(&x->rhythm, &x->kind, r->value, r->ts_ns, &stood_s);
	if (moved) {
		x->moved_ns = r->ts_ns;
		x->hour.holds++;
		x->hour.hold_s += stood_s;
		if (stood_s > x->hour.hold_most_s)
			x->hour.hold_most_s = stood_s;
	}
	if (value_drift_read(&x->drift, r->value, r->ts_ns))
		hour_over(d, x, r, sort);
	if (sort == VALUE_MEASURED)
		measurement(d, x, r, moved);
	if (sort != VALUE_MEASURED && sort != VALUE_COUNTER)
		return;
	if (moved && x->is_still)
		moves(d, x, r);
	if (++x->window_reads >= PAIR_READS && r->ts_ns - x->window_ns >= PAIR_NS)
		window_over(d, x, r);
}

/* ---- the detector ---------------------------------------------------------------- */

static void
instruments_retag(void *arg, const struct tags *now, const struct tags *before)
{
	struct instruments *d = arg;

	(void)before;
	memset(d->row_of, 0, TAGS_MAX * sizeof(*d->row_of));
	for (uint32_t i = 0; i < d->n; i++) {
		struct instrument *x = &d->rows[i];
		const struct tag *t = x->tag != NULL ? tags_same(now, x->tag) : NULL;

		if (x->tag == NULL)
			continue;
		if (t == NULL) {
			leave(d, x);
			continue;
		}
		x->tag = t;
		d->row_of[t->index] = (uint16_t)(i + 1);
	}
}

static void *
instruments_open(const struct detect_env *env, struct err *e)
{
	struct instruments *d = health_open(env, sizeof(*d), 0);

	if (d == NULL)
		return NULL;
	d->h.off |= env->tags == NULL;
	if (d->h.off)
		return d;
	d->rows = calloc(VALUES_MAX, sizeof(*d->rows));
	d->row_of = calloc(TAGS_MAX, sizeof(*d->row_of));
	if (d->rows == NULL || d->row_of == NULL || value_keep_load(d, e) != 0) {
		if (d->rows == NULL || d->row_of == NULL)
			err_add(e, NULL, 0, 0, "no memory for what is known of tags");
		free(d->row_of);
		free(d->rows);
		free(d);
		return NULL;
	}
	return d;
}

static void
instruments_tick(void *arg, uint64_t now_ns)
{
	value_keep_tick(arg, now_ns);
	value_report_tick(arg, now_ns);
}

static void
instruments_finish(void *arg, uint64_t now_ns)
{
	value_report_finish(arg, now_ns);
}

static size_t
instruments_memory(const void *arg)
{
	const struct instruments *d = arg;

	return health_memory(d) + (d->rows != NULL ? VALUES_MAX * sizeof(*d->rows) + TAGS_MAX * sizeof(*d->row_of) : 0);
}

static void
instruments_close(void *arg)
{
	struct instruments *d = arg;

	free(d->row_of);
	free(d->rows);
	free(d);
}

const struct detector detector_instruments = {
	.name = "instruments",
	.open = instruments_open,
	.reading = instruments_reading,
	.retag = instruments_retag,
	.tick = instruments_tick,
	.finish = instruments_finish,
	.idle = health_idle,
	.memory = instruments_memory,
	.close = instruments_close,
};
