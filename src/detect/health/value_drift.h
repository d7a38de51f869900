/* value_drift.h - a measurement that leaves its usual level slowly, and when it reaches a limit.
 *
 * Pure arithmetic in constant memory.  What is judged are means of an hour, so that cycles of pumps and controllers are in each
 * of them, against the usual mean of this hour of the day: the residuals.  Learned are the day, the least and largest mean, and
 * how residuals scatter, for two days at least, until no hour brings anything new and the level came back from both ends.
 * Then the sum of what lies above (or below) must be over its limit (CUSUM; Page, Biometrika 41, 1954, with slack 1 and limit 8
 * standard deviations, which a sum of ordinary hours reaches once in many years) and half a day long, and the last hour outside
 * all that was learned.  A line through the residuals since the sum left zero, the usual estimate of when it began, says how fast it goes.
 *
 * An hour in which a set-point nearby stands otherwise than usual is explained, and does not count.
 */
#ifndef DETECT_HEALTH_VALUE_DRIFT_H
#define DETECT_HEALTH_VALUE_DRIFT_H

#include <stdbool.h>
#include <stdint.h>

#define DRIFT_HOURS	24u	/* kept, for the line */

struct value_drift {
	/* The hour in hand. */
	uint64_t	hour;		/* number of it since 1970; 0: none */
	double		sum;
	uint32_t	n;
	/* The last whole one. */
	uint64_t	last_hour;	/* 0: none */
	double		last;		/* its mean */
	/* Learned, of means of hours. */
	uint32_t	hours;
	double		mean;		/* of all */
	double		least, most;
	uint8_t		side, swings;	/* the third of them it was in last (1 lower, 2 upper); how often it went from one to the other */
	float		day[24];	/* usual mean by hour of the day, */
	uint8_t		days[24];	/* of so many days; 0: not known */
	uint32_t	residuals, fresh;	/* how many; how many those were when the last one was new */
	double		r_squares, r_least, r_most;
	bool		settled;	/* once and for all, until it is learned anew */
	/* Judged. */
	double		up, down;	/* sums, in standard deviations */
	int8_t		drifting;	/* 1 up, -1 down, 0 not */
	uint8_t		back;		/* hours in a row inside again */
	uint32_t	odd_hours;	/* hours in a row that were explained, or since it drifts and stands: then it is learned anew */
	float		ring[DRIFT_HOURS];	/* residuals since the sum left zero; index = hours since `ring_hour` modulo DRIFT_HOURS */
	uint64_t	ring_hour;	/* of the first that counts; 0: none */
	uint64_t	ring_last;
};

enum drift_news { DRIFT_NONE, DRIFT_HOUR, DRIFT_BEGINS, DRIFT_ENDS, DRIFT_ANEW };

/* One more reading counts towards the hour in hand.  True: an hour is over, `last` and `last_hour` are of it, and
 * value_drift_judge() is due. */
bool		 value_drift_read(struct value_drift *d, double v, uint64_t ts_ns);

/* The last hour is judged, or learned.  `floor`: no scatter is smaller than this (resolution, a part of the range; > 0).
 * `explained`: a set-point nearby is not where it usually is. */
enum drift_news	 value_drift_judge(struct value_drift *d, double floor, bool explained);

/* What was summed up so far counts for nothing. */
void		 value_drift_calm(struct value_drift *d);

/* Is the mean of this hour outside all that was learned?  For set-points, which explain what others do. */
bool		 value_drift_is_unusual(const struct value_drift *d, uint64_t hour, double floor);

/* What its mean usually is in the hour that was last. */
double		 value_drift_usual(const struct value_drift *d);

/* The line through the hours since it began: `level`, a mean of a day, at the end of the last of them, `slope` an hour.  False: too few, or
 * no line (it explains less than half of their scatter). */
struct drift_line { double level, slope; uint32_t hours; };
bool		 value_drift_line(const struct value_drift *d, struct drift_line *to);
/* In how many hours it is at `limit`; negative: never. */
double		 value_drift_reaches_h(const struct drift_line *l, double limit);

#endif
