#include "detect/health/value_kind.h"

#include <math.h>

#define RISES_ENOUGH	16u	/* what rose so often and hardly fell counts */
#define RISES_A_FALL	100u
#define MOVES_A_WRITE	16u	/* what moves more often by itself is measured, though somebody wrote it once */

static void
remember(struct value_kind *k, double v)
{
	for (uint32_t i = 0; i < k->n_few; i++)
		if (k->few[i] == v)
			return;
	if (k->n_few < VALUE_FEW)
		k->few[k->n_few] = v;
	k->n_few++;
}

void
value_kind_learn(struct value_kind *k, double v)
{
	if (!isfinite(v))
		return;
	if (k->n == 0)
		k->least = k->most = k->last = v;
	if (k->n < UINT32_MAX)
		k->n++;
	k->rises += v > k->last && k->rises < UINT32_MAX;
	k->falls += v < k->last && k->falls < UINT32_MAX;
	if (k->n_few <= VALUE_FEW && (v != k->last || k->n_few == 0))
		remember(k, v);
	if (v < k->least)
		k->least = v;
	if (v > k->most)
		k->most = v;
	k->last = v;
}

void
value_kind_written(struct value_kind *k)
{
	if (k->writes < UINT32_MAX)
		k->writes++;
}

enum value_sort
value_kind_of(const struct value_kind *k)
{
	if (k->writes > 0 && ((uint64_t)k->rises + k->falls) / MOVES_A_WRITE <= k->writes)
		return VALUE_SETPOINT;
	if (k->n_few <= VALUE_FEW)
		return VALUE_UNKNOWN;
	if (k->rises >= RISES_ENOUGH && k->falls <= k->rises / RISES_A_FALL)
		return VALUE_COUNTER;
	return VALUE_MEASURED;
}
