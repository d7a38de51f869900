/* value_rhythm.h - how long a measurement stands at one value before it moves on: is it stuck?
 *
 * Pure arithmetic in constant memory.  What is too long follows from how long it stood before, never from a fixed time:
 * a level with a resolution of a centimetre stands for minutes, a pressure for none.  A run test (the longest run of equal
 * readings: NIST/SEMATECH e-Handbook; "flat line" of QARTOD, U.S. IOOS 2014) with the length learned.
 *
 * Values at which it came to rest before (a drive at its set speed, a closed valve), and those at the ends of its range (a
 * flow of zero) are no proof of anything: there it is not judged.  How long nobody read it counts for nothing.
 */
#ifndef DETECT_HEALTH_VALUE_RHYTHM_H
#define DETECT_HEALTH_VALUE_RHYTHM_H

#include <stdbool.h>
#include <stdint.h>

#include "detect/health/value_kind.h"

#define RHYTHM_RESTS	4u

struct value_rhythm {
	double		value;		/* it stands at, */
	uint64_t	since_ns;	/* since then; 0: nothing was read */
	uint64_t	seen_ns;	/* last reading */
	uint32_t	reads;		/* that had this value, in a row */
	uint32_t	holds;		/* how often it moved on */
	double		gap_s;		/* usual time between two readings */
	double		watched_s;	/* in which it was read */
	double		fresh_s;	/* of those, when `longest_s` last grew */
	double		longest_s;	/* it stood at a value where it does not rest */
	double		usual_s;	/* it stands; a mean that follows */
	struct { double value; uint32_t times; } rests[RHYTHM_RESTS];	/* where it stood far longer than usual */
};

/* One more reading, which `k` (its range) knows already.  True: it moved on; *stood_s (may be NULL) says how long it had stood. */
bool	 value_rhythm_read(struct value_rhythm *r, const struct value_kind *k, double v, uint64_t ts_ns, double *stood_s);

/* Is enough known to judge? */
bool	 value_rhythm_settled(const struct value_rhythm *r);
/* How long it may stand, in seconds. */
double	 value_rhythm_limit_s(const struct value_rhythm *r);
/* How long it has stood, as of its last reading, in seconds. */
double	 value_rhythm_stood_s(const struct value_rhythm *r);
/* Does it stand where that proves nothing: where it rested before, at zero, at an end of its range? */
bool	 value_rhythm_rests(const struct value_rhythm *r, const struct value_kind *k);
/* Does it stand for longer than it ever would? */
bool	 value_rhythm_is_stuck(const struct value_rhythm *r, const struct value_kind *k);

/* At a start: what was learned before, as of one more hour. */
void	 value_rhythm_again(struct value_rhythm *r, double usual_s, double longest_s, uint64_t holds, bool settled);

#endif
