/* norm.h - what is normal for one figure, learned hour by hour, and whether it leaves that.
 *
 * The first day of hours is learned.  After that a figure has left its normal when a mean of the last hours
 * (EWMA, a quarter is the newest) and the newest hour itself are beyond a limit, two hours in a row.  The limit has three
 * gates: so much as was ever normal, so much as chance allows, and a floor below which nobody would care.
 * It is back when the mean was half way back for six hours.  A trend is a line through blocks of three hours, three days of them, which
 * counts when it is steeper than six times its own error (Student's t).
 *
 * Pure arithmetic: the same hours give the same answers, in a replay and after a restart.
 */
#ifndef DETECT_HEALTH_NORM_H
#define DETECT_HEALTH_NORM_H

#include <stdbool.h>
#include <stdint.h>

#include "record/health.h"

#define NORM_HOURS	24u	/* are learned */
#define NORM_BLOCKS	24u
#define NORM_BLOCK_H	3u	/* hours of one */
#define NORM_LEAST	30u	/* operations of an hour that says something */
#define NORM_ADOPT	336u	/* hours away from normal after which that is normal */

struct norm {
	/* Of TIME the logarithm (to 2) of milliseconds, of SHARE percent, else as it is. */
	float	 center, spread;	/* of what is normal; while it is learned the sum of squares is in spread */
	float	 recent;		/* the mean of the last hours */
	float	 tail_center, tail_recent;	/* TIME */
	float	 bad, all;		/* SHARE, COUNT: decayed sums */
	uint32_t hour;			/* number of the last one */
	uint16_t learned;		/* hours */
	uint16_t since;			/* hours in this condition */
	uint8_t	 run;			/* hours in a row beyond the limit; once it is, back from there */
	uint8_t	 condition;		/* enum health_condition */
	uint8_t	 n_blocks, newest;
	struct { uint32_t no; float sum; uint16_t n; } block[NORM_BLOCKS];
};

/* What an hour came to, and where the figure is judged. */
struct norm_hour {
	uint32_t	 hour;		/* its number: hours since 1970 */
	uint64_t	 count;		/* operations */
	double		 value, tail;	/* in the figure's measure: median, one of a hundred; of COUNT how many */
	uint64_t	 bad;		/* SHARE: of count */
};
struct norm_judge {
	uint8_t		 form;		/* enum health_form */
	double		 floor, limit;	/* record/health.def */
};

enum norm_news { NORM_NOTHING, NORM_WORSE, NORM_BETTER };

/* An hour is over.  What that is news of. */
enum norm_news	 norm_hour(struct norm *n, const struct norm_hour *h, const struct norm_judge *j);

/* The figure was 0 in all hours before. */
void		 norm_begin(struct norm *n, unsigned hours);

/* Into a row: normal, spread, per_day, limit, forecast, learned, condition. */
void		 norm_show(const struct norm *n, const struct norm_judge *j, struct keep_health *to);

/* An hour of an earlier run, in order of time: as norm_show() wrote it. */
void		 norm_restore(struct norm *n, const struct keep_health *h, const struct norm_judge *j);

/* By how much it moves in a day, in its measure; 0: no trend that counts. */
double		 norm_per_day(const struct norm *n, double *now);

#endif
