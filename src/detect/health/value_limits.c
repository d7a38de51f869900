#include "detect/health/value_limits.h"

#include <math.h>

double
value_limits_hysteresis(const struct value_limits *l, double dead_band)
{
	if (dead_band > 0)
		return dead_band;
	unsigned low = l->has[1] ? 1 : 0, high = l->has[2] ? 2 : 3;

	if (l->has[low] && l->has[high])
		return fabs(l->at[high] - l->at[low]) / 100;
	return l->has[low] ? fabs(l->at[low]) / 100 : l->has[high] ? fabs(l->at[high]) / 100 : 0;
}

/* Beyond a limit, or, where it is beyond now, not back by the hysteresis. */
static int
side_of(const struct value_limits *l, int now, double v)
{
	for (int side = SIDE_LOW_LOW; side <= SIDE_LOW; side++)
		if (l->has[value_limit_of(side)] && v < l->at[value_limit_of(side)] + (now <= side ? l->hysteresis : 0))
			return side;
	for (int side = SIDE_HIGH_HIGH; side >= SIDE_HIGH; side--)
		if (l->has[value_limit_of(side)] && v > l->at[value_limit_of(side)] - (now >= side ? l->hysteresis : 0))
			return side;
	return SIDE_INSIDE;
}

/* A limit, and those that lie before it: who is beyond a limit is beyond these. */
static uint8_t
bits_of(int side)
{
	return side < 0 ? (side == SIDE_LOW_LOW ? 3 : 2) : side == SIDE_HIGH_HIGH ? 12 : 4;
}

bool
value_limits_read(struct value_place *p, const struct value_limits *l, double v, uint64_t ts_ns)
{
	int side = side_of(l, p->side, v);

	if (p->n == 0 || side != p->next) {
		p->next = (int8_t)side;
		p->next_ns = ts_ns;
		p->n = 0;
	}
	p->n++;
	if (side == p->side || p->n < VALUE_LIMITS_READS)
		return false;
	if (side != SIDE_INSIDE) {
		bool was = (p->was >> value_limit_of(side) & 1u) != 0;

		p->side = (int8_t)side;
		p->was |= bits_of(side);
		return !was;
	}
	if (ts_ns - p->next_ns < VALUE_LIMITS_BACK_NS)
		return false;
	p->side = SIDE_INSIDE;
	p->was = 0;
	return true;
}
