/* period.h - how regularly something comes: its period, and when it is overdue.
 *
 * Pure arithmetic, in constant memory.  The period is a median of medians of five gaps, so that
 * neither a lost packet nor a pause of the polling program moves it.  Whether something is
 * periodic at all shows in how many gaps are longer than one and a half of it: with more than
 * 2 % of them nothing is said (the 98th percentile is at most 1.5 x the median).
 */
#ifndef DETECT_BASELINE_PERIOD_H
#define DETECT_BASELINE_PERIOD_H

#include <stdbool.h>
#include <stdint.h>

#define PERIOD_GAPS	5u	/* of one median */
#define PERIOD_ENOUGH	20u	/* gaps until it is judged */

/* What is learned. */
struct period {
	uint64_t	typical_ns;	/* 0: not known yet */
	uint64_t	longest_ns;	/* gap */
	uint32_t	n;		/* gaps since the period is known */
	uint32_t	n_long;		/* of them, longer than one and a half of it */
};

/* Between which medians of five gaps it went: a plant may have a period by day and another by night.  A
 * code is a time in octaves of milliseconds and sixteenths of them; 0: none. */
struct pace {
	uint16_t	fastest, slowest;
};

/* What it is now. */
struct recent {
	uint64_t	last_ns;	/* 0: never */
	uint64_t	gap_ns[PERIOD_GAPS];
	uint8_t		n;		/* gaps among them, up to PERIOD_GAPS */
	uint8_t		at;		/* the next one's place */
};

/* It came.  Returns the gap since it last did; 0: that was never, or later than now. */
uint64_t recent_came(struct recent *r, uint64_t now_ns);
/* The median of the last five gaps; 0 before there are five. */
uint64_t recent_median(const struct recent *r);

/* One more gap, and the median with it (0: none yet). */
void	 period_learn(struct period *p, uint64_t gap_ns, uint64_t median_ns);
/* Is it known, and regular enough that its absence means something? */
bool	 period_steady(const struct period *p);
/* How long after it came last it is overdue: 5 periods, 5 s, twice the longest gap, whichever is
 * the longest. */
uint64_t period_late_ns(const struct period *p);

uint16_t pace_code(uint64_t ns);
void	 pace_learn(struct pace *p, uint64_t median_ns);
struct pace pace_union(struct pace a, struct pace b);
/* Is it another period than the known one: twice or half of what is typical, and beyond all medians that
 * were known by half?  -1 faster, 1 slower, 0 as it was. */
int	 pace_differs(const struct pace *p, uint64_t typical_ns, uint64_t median_ns);

#endif
