/* visibility.h - what the sensor could not see, in words for the plant. */
#ifndef OUTPUT_VISIBILITY_H
#define OUTPUT_VISIBILITY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"
#include "record/counters.h"
#include "record/unfollowed.h"

/* One span of capture time. */
struct visibility {
	uint64_t		 since_ns, until_ns;
	struct counters		 delta;		/* what was counted in it */
	const struct counters	*total;		/* since the start; borrowed */
	bool			 last;		/* the run ends: the span is all of it */
	const struct unfollowed	*unfollowed;	/* since the start; borrowed; NULL: not known */
};

#define VISIBILITY_ADVICE_MAX 4

/* Does this counter stand in the visibility record; can operations be hidden in what it
 * counts?  By its marks in counters.def. */
bool	visibility_row(enum counter_id id);
bool	visibility_hides(enum counter_id id);

/* Did any row that tells of blindness move between the two? */
bool	visibility_blind(const struct counters *before, const struct counters *now);

/* "The sensor saw 12,345 packets and missed nothing." */
void	visibility_sentence(const struct counters *delta, struct strbuf *to);

/* What to do about it, the most useful first; static texts.  Returns how many. */
unsigned visibility_advice(const struct counters *delta,
	    const char *advice[VISIBILITY_ADVICE_MAX]);

/* What to do about this one; static, NULL: nothing is known. */
const char	*visibility_advice_of(enum counter_id id);

/* What a blind counter says behind its number n: "capture file ends inside a
 * record".  Static. */
const char	*visibility_words(enum counter_id id, uint64_t n);

#endif
