/* hours.h - in which hours of the week something is done.
 *
 * Pure arithmetic.  A week is 168 hours of UTC.  An hour beside a known one is as good: people
 * are no clocks, and summer time moves them by one.  Nothing is said before something was done
 * in three different weeks: of less nobody knows what a week looks like.
 */
#ifndef DETECT_BASELINE_HOURS_H
#define DETECT_BASELINE_HOURS_H

#include <stdbool.h>
#include <stdint.h>

#define HOURS_WEEK	168u
#define HOURS_PARTS	4u
#define HOURS_PART	42u
#define HOURS_WEEKS	3u	/* until it is judged */

struct hours {
	uint64_t	seen[HOURS_PARTS];	/* a bit an hour of the week, from Monday 00:00 on, HOURS_PART in each: a
					 * double holds them */
	uint32_t	week;		/* the last one in which it was done, since 1970; 0: never */
	uint32_t	weeks;		/* how many different ones */
};

/* The hour of the week of a time, 0..167, from Monday 00:00 UTC on. */
uint32_t hours_of(uint64_t ts_ns);

/* It was done.  True: in an hour in which it was not done before. */
bool	 hours_learn(struct hours *h, uint64_t ts_ns);
/* Was it done in this hour of the week, < HOURS_WEEK? */
bool	 hours_has(const struct hours *h, uint32_t hour);
bool	 hours_settled(const struct hours *h);
/* Is this hour, the one before or the one after one in which it is done? */
bool	 hours_usual(const struct hours *h, uint64_t ts_ns);

#endif
