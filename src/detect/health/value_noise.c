#include "detect/health/value_noise.h"

#include <math.h>

#define SECOND_NS	1000000000ull
#define APART_NS	900000000ull	/* readings that are closer (two clients) are one */
#define WINDOW_NS	(60 * SECOND_NS)
#define ENOUGH		20u	/* differences in a window */
#define WINDOWS_ENOUGH	60u	/* an hour at least */
#define TIMES		2.0	/* so many times the loudest window that was learned is too loud */
#define CREEP		1.5	/* what was learned grows by no more */
#define STEPS		2.0	/* a reading that goes from one step of its resolution to the next is no noise */
#define IN_A_ROW	10u
#define GAP_TIMES	5.0	/* after a longer pause no two readings are neighbours */
#define FOLLOW		(1.0 / 32)

static void
add(struct value_noise *s, double square)
{
	s->sum += square;
	s->n++;
	for (uint32_t i = 0; i < NOISE_LARGEST; i++)
		if (square > s->largest[i]) {
			double smaller = s->largest[i];

			s->largest[i] = square;
			square = smaller;
		}
}

static double
figure(const struct value_noise *s)
{
	double sum = s->sum;

	for (uint32_t i = 0; i < NOISE_LARGEST; i++)
		sum -= s->largest[i];
	/* Two thirds: the variance of y - (a + b) / 2 is one and a half times that of each. */
	return sum > 0 ? sqrt(sum * 2 / 3 / (s->n - NOISE_LARGEST)) : 0;
}

static bool
is_settled(const struct value_noise *s)
{
	return s->windows >= WINDOWS_ENOUGH && s->windows - s->fresh >= s->windows / 3;
}

double
value_noise_limit(const struct value_noise *s)
{
	double limit = TIMES * s->most, least = STEPS * s->step;

	if (s->settled == 0 && !is_settled(s))
		return 0;
	return limit > least ? limit : least;
}

static void
learn(struct value_noise *s)
{
	double most = s->last;

	if (s->windows < UINT32_MAX)
		s->windows++;
	if (s->settled > 0 && most > CREEP * s->settled)
		most = CREEP * s->settled;
	if (most > s->most) {
		if (most > s->most * 1.1)
			s->fresh = s->windows;
		s->most = most;
	}
	most = s->last < s->most ? s->last : s->most;
	s->usual += s->windows == 1 ? most : (most - s->usual) * FOLLOW;
	if (s->settled == 0 && is_settled(s))
		s->settled = s->most > s->step ? s->most : s->step;
}

static enum noise_news
window_over(struct value_noise *s, uint64_t ts_ns)
{
	double limit = value_noise_limit(s);
	bool too_loud;

	s->last = figure(s);
	s->since_ns = ts_ns;
	s->sum = 0;
	s->n = 0;
	for (uint32_t i = 0; i < NOISE_LARGEST; i++)
		s->largest[i] = 0;
	too_loud = limit > 0 && s->last > limit;
	if (!too_loud && !s->noisy)
		learn(s);
	if (too_loud == s->noisy) {
		s->loud = 0;
		return NOISE_WINDOW;
	}
	if (++s->loud < IN_A_ROW)
		return NOISE_WINDOW;
	s->loud = 0;
	s->noisy = too_loud;
	return too_loud ? NOISE_BEGINS : NOISE_ENDS;
}

enum noise_news
value_noise_read(struct value_noise *s, double v, uint64_t ts_ns)
{
	double gap_s, step;

	if (s->n_y > 0 && ts_ns - s->y_ns < APART_NS && ts_ns >= s->y_ns)
		return NOISE_NONE;
	gap_s = s->n_y > 0 && ts_ns > s->y_ns ? (double)(ts_ns - s->y_ns) / 1e9 : 0;
	if (s->n_y == 0 || ts_ns < s->y_ns || (s->gap_s > 0 && gap_s > GAP_TIMES * s->gap_s)) {
		s->y[1] = v;
		s->n_y = 1;
		s->y_ns = s->since_ns = ts_ns;
		s->gap_s += s->gap_s > 0 ? (gap_s - s->gap_s) * FOLLOW : gap_s;
		s->sum = 0;
		s->n = 0;
		for (uint32_t i = 0; i < NOISE_LARGEST; i++)
			s->largest[i] = 0;
		return NOISE_NONE;
	}
	s->gap_s += s->gap_s > 0 ? (gap_s - s->gap_s) * FOLLOW : gap_s;
	step = fabs(v - s->y[1]);
	if (step > 0 && (s->step == 0 || step < s->step))
		s->step = step;
	if (s->n_y == 2) {
		double e = s->y[1] - (s->y[0] + v) / 2;

		add(s, e * e);
	}
	s->y[0] = s->y[1];
	s->y[1] = v;
	s->n_y = 2;
	s->y_ns = ts_ns;
	return s->n >= ENOUGH && ts_ns - s->since_ns >= WINDOW_NS ? window_over(s, ts_ns) : NOISE_NONE;
}

void
value_noise_again(struct value_noise *s, double usual, double most, uint64_t windows, bool settled)
{
	s->usual = usual;
	s->most = most;
	s->windows = windows < UINT32_MAX ? (uint32_t)windows : UINT32_MAX;
	s->fresh = settled ? 0 : s->windows;
	s->settled = settled ? most : 0;
}
