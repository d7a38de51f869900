/* value_kind.h - what sort of value a tag has, by how it goes.
 *
 * A model of measurements says nonsense of anything else: of bits and steps of a sequence, of what somebody
 * writes, of counters.  Nobody has to state which is which: a measurement is what has many values, goes up and
 * down, and is written by nobody.
 */
#ifndef DETECT_HEALTH_VALUE_KIND_H
#define DETECT_HEALTH_VALUE_KIND_H

#include <stdbool.h>
#include <stdint.h>

#define VALUE_FEW 8u	/* so many different values are those of a switch, a mode or a constant */

enum value_sort {
	VALUE_UNKNOWN,	/* few values so far, or too little seen */
	VALUE_SETPOINT,	/* it moves when somebody writes it */
	VALUE_COUNTER,	/* it only rises, but for an overflow or a reset */
	VALUE_MEASURED
};

struct value_kind {
	double		few[VALUE_FEW];	/* the first different ones */
	double		last, least, most;	/* if n > 0 */
	uint32_t	n;		/* values seen */
	uint32_t	rises, falls;
	uint32_t	writes;
	uint8_t		n_few;		/* VALUE_FEW + 1: more than are kept */
};

/* One more value that was read.  What is no number (NaN, infinity) is ignored. */
void		 value_kind_learn(struct value_kind *k, double v);
/* Somebody wrote it. */
void		 value_kind_written(struct value_kind *k);
enum value_sort	 value_kind_of(const struct value_kind *k);

#endif
