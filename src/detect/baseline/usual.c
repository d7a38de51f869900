#include "detect/baseline/usual.h"

#include <math.h>

#define SWINGS	2u	/* there and back again */
#define MODES	16

enum { MIN, MAX };	/* of v[] */

static bool
is_few(const struct usual *u, double v)
{
	for (uint32_t i = 0; i < USUAL_FEW && i < u->n_few; i++)
		if (u->v[i] == v)
			return true;
	return false;
}

/* Which third it is in.  Going from one end to the other is counted, the middle is neither. */
static void
follow(struct usual *u, double v)
{
	double third = (u->v[MAX] - u->v[MIN]) / 3;
	uint8_t side = v <= u->v[MIN] + third ? 1 : v >= u->v[MAX] - third ? 2 : 0;

	if (side == 0 || !(third > 0))
		return;
	if (u->side != 0 && side != u->side && u->swings < UINT8_MAX)
		u->swings++;
	u->side = side;
}

static void
widen(struct usual *u, double v)
{
	double width = u->v[MAX] - u->v[MIN];
	double by = v < u->v[MIN] ? u->v[MIN] - v : v - u->v[MAX];

	/* A range that grew much is another one: what was an end is in its middle. */
	if (by > width / 8)
		u->swings = 0;
	u->v[v < u->v[MIN] ? MIN : MAX] = v;
}

/* One more of few: the ends stay in front. */
static void
remember(struct usual *u, double v)
{
	double other = v;

	if (v < u->v[MIN] || v > u->v[MAX]) {
		other = u->v[v < u->v[MIN] ? MIN : MAX];
		widen(u, v);
	}
	if (u->n_few >= 2 && u->n_few < USUAL_FEW)
		u->v[u->n_few] = other;
	u->n_few++;
}

bool
usual_learn(struct usual *u, double v)
{
	bool fresh = true;

	if (!isfinite(v))
		return false;
	usual_repeat(u, 1);
	if (u->n_few == 0) {
		u->v[MIN] = u->v[MAX] = v;
		u->n_few = 1;
	} else if (u->n_few <= USUAL_FEW && !is_few(u, v))
		remember(u, v);
	else if (v < u->v[MIN] || v > u->v[MAX])
		widen(u, v);
	else
		fresh = false;
	if (fresh)
		u->fresh = u->n;
	follow(u, v);
	return fresh;
}

void
usual_repeat(struct usual *u, uint32_t times)
{
	u->n = times < UINT32_MAX - u->n ? u->n + times : UINT32_MAX;
}

bool
usual_settled(const struct usual *u, uint32_t enough)
{
	if (u->n_few == 0 || u->n < enough || u->n - u->fresh < u->n / 3)
		return false;
	return u->n_few == 1 || u->swings >= SWINGS;
}

double
usual_magnitude(const struct usual *u)
{
	double least = fabs(u->v[MIN]), most = fabs(u->v[MAX]);

	return least > most ? least : most;
}

double
usual_margin(const struct usual *u)
{
	double half = (u->v[MAX] - u->v[MIN]) / 2;
	double floor = usual_magnitude(u) / 20;

	return half > floor ? half : floor;
}

bool
usual_is_mode(const struct usual *u)
{
	if (u->n_few > USUAL_FEW || !(usual_magnitude(u) < MODES))
		return false;
	for (uint32_t i = 0; i < USUAL_FEW && i < u->n_few; i++)
		if (u->v[i] != (double)(int)u->v[i])
			return false;
	return true;
}

double
usual_beyond(const struct usual *u, double v)
{
	return v < u->v[MIN] ? u->v[MIN] - v : v > u->v[MAX] ? v - u->v[MAX] : 0;
}

enum usual_verdict
usual_compare(const struct usual *u, double v)
{
	double beyond = usual_beyond(u, v), width = u->v[MAX] - u->v[MIN];

	if (!isfinite(v))
		return USUAL_KNOWN;
	if (beyond > 0) {
		double margin = usual_margin(u);

		if (beyond <= margin)
			return USUAL_INSIDE;
		return beyond > width && beyond > usual_magnitude(u) / 2 ? USUAL_FAR : USUAL_OUTSIDE;
	}
	return u->n_few > USUAL_FEW || is_few(u, v) ? USUAL_KNOWN : USUAL_INSIDE;
}

enum usual_verdict
usual_judge(const struct usual *u, double v, uint32_t enough)
{
	return usual_settled(u, enough) ? usual_compare(u, v) : USUAL_UNSETTLED;
}

struct usual
usual_union(const struct usual *a, const struct usual *b)
{
	struct usual u = a->n == 0 ? *b : *a;

	if (a->n == 0 || b->n == 0)
		return u;
	if (b->v[MIN] < u.v[MIN])
		u.v[MIN] = b->v[MIN];
	if (b->v[MAX] > u.v[MAX])
		u.v[MAX] = b->v[MAX];
	u.n_few = USUAL_FEW + 1;
	usual_repeat(&u, b->n);
	return u;
}
