#include "detect/baseline/period.h"

#include <string.h>

#define LATE_PERIODS	5u
#define LATE_NS		5000000000u

uint64_t
recent_came(struct recent *r, uint64_t now_ns)
{
	uint64_t gap = r->last_ns != 0 && now_ns > r->last_ns ? now_ns - r->last_ns : 0;

	if (gap > 0) {
		r->gap_ns[r->at] = gap;
		r->at = (uint8_t)((r->at + 1u) % PERIOD_GAPS);
		if (r->n < PERIOD_GAPS)
			r->n++;
	}
	if (now_ns > r->last_ns)
		r->last_ns = now_ns;
	return gap;
}

uint64_t
recent_median(const struct recent *r)
{
	uint64_t s[PERIOD_GAPS];

	if (r->n < PERIOD_GAPS)
		return 0;
	memcpy(s, r->gap_ns, sizeof(s));
	for (uint32_t i = 1; i < PERIOD_GAPS; i++)
		for (uint32_t j = i; j > 0 && s[j] < s[j - 1]; j--) {
			uint64_t t = s[j];

			s[j] = s[j - 1];
			s[j - 1] = t;
		}
	return s[PERIOD_GAPS / 2];
}

void
period_learn(struct period *p, uint64_t gap_ns, uint64_t median_ns)
{
	if (gap_ns > p->longest_ns)
		p->longest_ns = gap_ns;
	if (median_ns == 0)
		return;
	if (p->typical_ns == 0)
		p->typical_ns = median_ns;
	/* Towards the median by a 32nd: between two periods it settles where half are shorter. */
	else if (median_ns > p->typical_ns)
		p->typical_ns += (median_ns - p->typical_ns < p->typical_ns ? median_ns - p->typical_ns : p->typical_ns) / 32;
	else
		p->typical_ns -= (p->typical_ns - median_ns) / 32;
	if (p->n < UINT32_MAX) {
		p->n++;
		p->n_long += gap_ns > p->typical_ns + p->typical_ns / 2;
	}
}

bool
period_steady(const struct period *p)
{
	return p->typical_ns > 0 && p->n >= PERIOD_ENOUGH && (uint64_t)p->n_long * 50 <= p->n;
}

uint64_t
period_late_ns(const struct period *p)
{
	uint64_t late = LATE_PERIODS * p->typical_ns;

	if (late < LATE_NS)
		late = LATE_NS;
	return late > 2 * p->longest_ns ? late : 2 * p->longest_ns;
}

#define HALF_MORE	8u	/* sixteenths of an octave, near half as long again */

uint16_t
pace_code(uint64_t ns)
{
	uint64_t ms = ns / 1000000u + 16;
	unsigned octave = 63 - (unsigned)__builtin_clzll(ms);

	return (uint16_t)(octave << 4 | (ms >> (octave - 4) & 15u));
}

void
pace_learn(struct pace *p, uint64_t median_ns)
{
	uint16_t code = pace_code(median_ns);

	if (median_ns == 0)
		return;
	if (p->fastest == 0 || code < p->fastest)
		p->fastest = code;
	if (code > p->slowest)
		p->slowest = code;
}

struct pace
pace_union(struct pace a, struct pace b)
{
	if (a.fastest == 0 || (b.fastest != 0 && b.fastest < a.fastest))
		a.fastest = b.fastest;
	if (b.slowest > a.slowest)
		a.slowest = b.slowest;
	return a;
}

int
pace_differs(const struct pace *p, uint64_t typical_ns, uint64_t median_ns)
{
	uint16_t code;

	/* Most are far from either. */
	if (median_ns == 0 || (median_ns < 2 * typical_ns && 2 * median_ns > typical_ns))
		return 0;
	code = pace_code(median_ns);
	if (median_ns > typical_ns)
		return p->slowest == 0 || code > p->slowest + HALF_MORE ? 1 : 0;
	return p->fastest == 0 || code + HALF_MORE < p->fastest ? -1 : 0;
}
