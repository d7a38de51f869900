/* value_limits.h - the limits that the tag file states: is a value beyond one of them?
 *
 * Pure arithmetic.  One reading alone moves nothing.  A value that trembles about its limit, or swings beyond it again and again, is beyond
 * it once: it is back when it was inside by the hysteresis for ten minutes (dead-band and off-delay of an alarm in ISA-18.2).
 */
#ifndef DETECT_HEALTH_VALUE_LIMITS_H
#define DETECT_HEALTH_VALUE_LIMITS_H

#include <stdbool.h>
#include <stdint.h>

#define VALUE_LIMITS	4u	/* low-low, low, high, high-high */

struct value_limits {
	bool	has[VALUE_LIMITS];
	double	at[VALUE_LIMITS];	/* in the unit of the value, from the lowest on */
	double	hysteresis;	/* 0 or more, in the same */
};

enum value_side { SIDE_LOW_LOW = -2, SIDE_LOW = -1, SIDE_INSIDE = 0, SIDE_HIGH = 1, SIDE_HIGH_HIGH = 2 };

struct value_place {
	int8_t		side;		/* enum value_side: what holds, */
	uint8_t		was;		/* which it was since it was inside last: bits by the limits */
	int8_t		next;		/* where the last readings are, */
	uint32_t	n;		/* so many of them in a row, */
	uint64_t	next_ns;	/* since then */
};

#define VALUE_LIMITS_READS 2u	/* in a row beyond a limit */
#define VALUE_LIMITS_BACK_NS 600000000000ull	/* inside for so long it is back */

/* The limit that a side is beyond: its index. */
static inline unsigned
value_limit_of(int side)
{
	return side < 0 ? (unsigned)(side + 2) : (unsigned)(side + 1);
}

/* The hysteresis of a tag: its dead-band, or a hundredth of what lies between its inner limits, of a single limit of its size. */
double	 value_limits_hysteresis(const struct value_limits *l, double dead_band);

/* One more reading, a number.  True: it went beyond a limit that it was not beyond since it was inside (`side` says which), or it is
 * inside again. */
bool	 value_limits_read(struct value_place *p, const struct value_limits *l, double v, uint64_t ts_ns);

#endif
