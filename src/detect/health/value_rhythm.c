#include "detect/health/value_rhythm.h"

#include <stddef.h>

#define SECOND_NS	1e9
#define HOLDS_ENOUGH	100u
#define WATCHED_ENOUGH_S 3600.0
#define DAY_S		86400.0	/* before it was seen by day and by night, */
#define FACTOR_EARLY	6.0	/* it may stand so many times its longest, */
#define FACTOR		3.0	/* and then so many */
#define USUAL_TIMES	20.0	/* and in any case this many times the usual */
#define READS_ENOUGH	20u	/* two readings of the same value prove nothing */
#define LEAST_S		300.0	/* whoever repairs it need not know sooner */
#define REST_TIMES	8.0	/* so many times the usual is a rest */
#define RESTS_ENOUGH	2u	/* that came as often */
#define MARGIN		0.02	/* of the range, at each end */
#define GAP_TIMES	10.0	/* longer without a reading than so many of the usual gaps: nobody looked */
#define GAP_S		60.0
#define FOLLOW		(1.0 / 32)

static uint32_t *
rest_of(struct value_rhythm *r, double v)
{
	for (uint32_t i = 0; i < RHYTHM_RESTS; i++)
		if (r->rests[i].times > 0 && r->rests[i].value == v)
			return &r->rests[i].times;
	return NULL;
}

/* It stood long at this value.  Evicted is where it stood least often. */
static uint32_t
came_to_rest(struct value_rhythm *r, double v)
{
	uint32_t *times = rest_of(r, v), worst = 0;

	if (times == NULL) {
		for (uint32_t i = 1; i < RHYTHM_RESTS; i++)
			if (r->rests[i].times < r->rests[worst].times)
				worst = i;
		r->rests[worst].value = v;
		r->rests[worst].times = 0;
		times = &r->rests[worst].times;
	}
	if (*times < UINT32_MAX)
		++*times;
	return *times;
}

bool
value_rhythm_rests(const struct value_rhythm *r, const struct value_kind *k)
{
	double margin = (k->most - k->least) * MARGIN;

	/* At an end of its range it is out of what it can measure. */
	if (r->value == 0 || r->value <= k->least + margin || r->value >= k->most - margin)
		return true;
	for (uint32_t i = 0; i < RHYTHM_RESTS; i++)
		if (r->rests[i].times >= RESTS_ENOUGH && r->rests[i].value == r->value)
			return true;
	return false;
}

static void
moved_on(struct value_rhythm *r, const struct value_kind *k, double stood_s)
{
	bool long_one = r->holds >= READS_ENOUGH && stood_s > REST_TIMES * r->usual_s;

	if (r->holds < UINT32_MAX)
		r->holds++;
	if (long_one && (value_rhythm_rests(r, k) || came_to_rest(r, r->value) >= RESTS_ENOUGH))
		return;
	/* A rest is no part of what is usual, and a sensor that sticks ever longer does not teach that this is how it goes. */
	if (long_one && value_rhythm_settled(r) && stood_s > 2 * r->longest_s)
		stood_s = 2 * r->longest_s;
	if (stood_s > r->longest_s) {
		r->longest_s = stood_s;
		r->fresh_s = r->watched_s;
	}
	if (!long_one)
		r->usual_s += r->holds == 1 ? stood_s : (stood_s - r->usual_s) * FOLLOW;
}

bool
value_rhythm_read(struct value_rhythm *r, const struct value_kind *k, double v, uint64_t ts_ns, double *stood_s)
{
	double gap_s, stood;
	bool moved;

	if (r->since_ns == 0 || ts_ns < r->seen_ns) {
		r->value = v;
		r->since_ns = r->seen_ns = ts_ns;
		r->reads = 1;
		return false;
	}
	gap_s = (double)(ts_ns - r->seen_ns) / SECOND_NS;
	r->seen_ns = ts_ns;
	if (r->gap_s > 0 && gap_s > GAP_TIMES * r->gap_s + GAP_S) {
		r->value = v;
		r->since_ns = ts_ns;
		r->reads = 1;
		return false;
	}
	r->watched_s += gap_s;
	r->gap_s += r->gap_s == 0 ? gap_s : (gap_s - r->gap_s) * FOLLOW;
	stood = (double)(ts_ns - r->since_ns) / SECOND_NS;
	moved = v != r->value;
	if (moved) {
		moved_on(r, k, stood);
		if (stood_s != NULL)
			*stood_s = stood;
		r->value = v;
		r->since_ns = ts_ns;
		r->reads = 0;
	}
	if (r->reads < UINT32_MAX)
		r->reads++;
	return moved;
}

bool
value_rhythm_settled(const struct value_rhythm *r)
{
	return r->holds >= HOLDS_ENOUGH && r->watched_s >= WATCHED_ENOUGH_S && r->watched_s - r->fresh_s >= r->watched_s / 3;
}

double
value_rhythm_limit_s(const struct value_rhythm *r)
{
	double limit = (r->watched_s < DAY_S ? FACTOR_EARLY : FACTOR) * r->longest_s;

	if (limit < USUAL_TIMES * r->usual_s)
		limit = USUAL_TIMES * r->usual_s;
	return limit > LEAST_S ? limit : LEAST_S;
}

double
value_rhythm_stood_s(const struct value_rhythm *r)
{
	return (double)(r->seen_ns - r->since_ns) / SECOND_NS;
}

bool
value_rhythm_is_stuck(const struct value_rhythm *r, const struct value_kind *k)
{
	/* The first comparison ends it for nearly every reading. */
	return r->reads >= READS_ENOUGH && value_rhythm_stood_s(r) > value_rhythm_limit_s(r) && value_rhythm_settled(r) &&
	    !value_rhythm_rests(r, k);
}

void
value_rhythm_again(struct value_rhythm *r, double usual_s, double longest_s, uint64_t holds, bool settled)
{
	r->usual_s = usual_s;
	r->longest_s = longest_s;
	r->holds = holds < UINT32_MAX ? (uint32_t)holds : UINT32_MAX;
	r->watched_s += WATCHED_ENOUGH_S;
	r->fresh_s = settled ? 0 : r->watched_s;
}
