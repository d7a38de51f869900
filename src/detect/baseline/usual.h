/* usual.h - which values a point usually has: a set of few, and the range of all.
 *
 * Pure arithmetic, in constant memory.  A model that is wrong is worse than none, so it says
 * nothing before it has settled: enough values, nothing new in the last third of them, and, where
 * there are several, both ends of the range come back to.  A slow analog value shows one
 * flank first, looks like a set of few, and leaves it: it has not come back yet.
 */
#ifndef DETECT_BASELINE_USUAL_H
#define DETECT_BASELINE_USUAL_H

#include <stdbool.h>
#include <stdint.h>

#define USUAL_FEW	4u	/* different values that are remembered one by one */

struct usual {
	double		v[USUAL_FEW];	/* least, largest, and while they are few the others */
	uint32_t	n;		/* values seen; 0: nothing else here means anything */
	uint32_t	fresh;		/* how many those were when the last one came that was new */
	uint8_t		n_few;		/* different ones; USUAL_FEW + 1: more than are kept */
	uint8_t		side;		/* where in the range it was last: 1 lower third, 2 upper third, 0 neither yet */
	uint8_t		swings;		/* how often it went from one to the other, up to 255 */
};

enum usual_verdict {
	USUAL_UNSETTLED,	/* too little is known to judge */
	USUAL_KNOWN,		/* as always */
	USUAL_INSIDE,		/* not one of the few, but between the least and the largest */
	USUAL_OUTSIDE,		/* beyond those by more than the margin */
	USUAL_FAR		/* beyond those by more than all that was ever between them, and by more than half
				 * of the largest */
};

/* One more value.  True: it is new (another one of few, a new limit).  What is no number (NaN,
 * infinity) is ignored. */
bool	 usual_learn(struct usual *u, double v);
/* The last value came `times` times more. */
void	 usual_repeat(struct usual *u, uint32_t times);

/* Has the model settled, with at least `enough` values? */
bool	 usual_settled(const struct usual *u, uint32_t enough);

static inline double usual_min(const struct usual *u) { return u->v[0]; }
static inline double usual_max(const struct usual *u) { return u->v[1]; }

/* How far beyond the limits is still no news: half of what is between them, at least 5 % of the
 * larger one. */
double	 usual_margin(const struct usual *u);

/* The larger one of the limits, without its sign. */
double	 usual_magnitude(const struct usual *u);
/* By how much it is beyond the limits; 0: it is not. */
double	 usual_beyond(const struct usual *u, double v);

/* What of a value, when it has settled with at least `enough`? */
enum usual_verdict usual_judge(const struct usual *u, double v, uint32_t enough);
/* Is it a number of what is there (a mode, a recipe, a step) rather than a quantity?  Few values,
 * whole and small: how far one is from the others means nothing. */
bool	 usual_is_mode(const struct usual *u);
/* The same as usual_judge(), settled or not; n must be > 0. */
enum usual_verdict usual_compare(const struct usual *u, double v);

/* The range of both as one, of which only usual_compare() may be asked. */
struct usual usual_union(const struct usual *a, const struct usual *b);

#endif
