/* value_limits.h - the limits that the tag file states: is a value beyond one of them?
 *
 * Pure arithmetic.  One reading alone moves nothing.  A value that trembles about its limit, or swings beyond it again and again, is beyond
 * it once: it is back when it was inside by the hysteresis for ten minutes (dead-band and off-delay of an alarm in ISA-18.2).
 */
#ifndef DETECT_HEALTH_VALUE_LIMITS_H
#define DETECT_HEALTH_VALUE_LIMITS_H

#include <stdbool.h>
#include <stdint.h>

struct value_limits {
	bool	has_low, has_high;
	double	low, high;	/* in the unit of the value */
	double	hysteresis;	/* 0 or more, in the same */
};

enum value_side { SIDE_LOW = -1, SIDE_INSIDE = 0, SIDE_HIGH = 1 };

struct value_place {
	int8_t		side;		/* enum value_side: what holds, */
	bool		was_low, was_high;	/* since it was inside last */
	int8_t		next;		/* where the last readings are, */
	uint32_t	n;		/* so many of them in a row, */
	uint64_t	next_ns;	/* since then */
};

#define VALUE_LIMITS_READS 2u	/* in a row beyond a limit */
#define VALUE_LIMITS_BACK_NS 600000000000ull	/* inside for so long it is back */

/* The hysteresis of a tag: its dead-band, or a hundredth of what lies between its limits, of a single limit of its size. */
double	 value_limits_hysteresis(const struct value_limits *l, double dead_band);

/* One more reading, a number.  True: it went beyond a limit that it was not beyond since it was inside (`side` says which), or it is
 * inside again. */
bool	 value_limits_read(struct value_place *p, const struct value_limits *l, double v, uint64_t ts_ns);

#endif
