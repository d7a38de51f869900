#include "detect/health/value_limits.h"

#include <math.h>

double
value_limits_hysteresis(const struct value_limits *l, double dead_band)
{
	if (dead_band > 0)
		return dead_band;
	if (l->has_low && l->has_high)
		return fabs(l->high - l->low) / 100;
	return l->has_low ? fabs(l->low) / 100 : l->has_high ? fabs(l->high) / 100 : 0;
}

/* Beyond a limit, or, where it is beyond now, not back by the hysteresis. */
static int
side_of(const struct value_limits *l, int now, double v)
{
	if (l->has_low && v < l->low + (now == SIDE_LOW ? l->hysteresis : 0))
		return SIDE_LOW;
	if (l->has_high && v > l->high - (now == SIDE_HIGH ? l->hysteresis : 0))
		return SIDE_HIGH;
	return SIDE_INSIDE;
}

bool
value_limits_read(struct value_place *p, const struct value_limits *l, double v, uint64_t ts_ns)
{
	int side = side_of(l, p->side, v);
	bool *was = side == SIDE_LOW ? &p->was_low : &p->was_high;

	if (p->n == 0 || side != p->next) {
		p->next = (int8_t)side;
		p->next_ns = ts_ns;
		p->n = 0;
	}
	p->n++;
	if (side == p->side || p->n < VALUE_LIMITS_READS)
		return false;
	if (side != SIDE_INSIDE) {
		p->side = (int8_t)side;
		if (*was)
			return false;
		return *was = true;
	}
	if (ts_ns - p->next_ns < VALUE_LIMITS_BACK_NS)
		return false;
	p->side = SIDE_INSIDE;
	p->was_low = p->was_high = false;
	return true;
}
