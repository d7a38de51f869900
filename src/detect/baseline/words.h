/* words.h - the numbers of a fact in words, for people who look at a baseline. */
#ifndef DETECT_BASELINE_WORDS_H
#define DETECT_BASELINE_WORDS_H

#include "record/fact.h"

#define BASELINE_WORDS_MAX 256u

/* "40 to 60", "at most 12 writes in 10 s", "every 1 s, paused for 2.4 s at most", "Mon 6-18, UTC in 5 weeks";
 * "" for a fact without numbers.  Returns `to`. */
const char *baseline_words(const struct fact *f, char *to, size_t size);

/* Take off what changes by the minute: when it was last seen, how often but once or more than once. */
void	 baseline_stable(struct fact *f);

#endif
