/* tagged.h - values that have names, against what they usually are in their unit, and how fast they change.
 *
 * A tag is one variable, however many registers it lies in.  Once its model judges, those under it do not (value.c), so that one matter is
 * one deviation.  Until then, and when it was never learned, they go on as if it had no name.
 */
#ifndef DETECT_BASELINE_TAGGED_H
#define DETECT_BASELINE_TAGGED_H

#include "detect/baseline/value.h"
#include "process/tag.h"

/* The readings of an operation.  True: one deviates. */
bool		 tagged_operation(struct value *m, const struct sighting *s, struct unit_values *of, struct deviation *d);
/* Is the i-th value of an item that of a tag which is judged? */
bool		 tagged_covers(struct value *m, const struct sighting *s, struct unit_values *of, const struct op_item *it, uint32_t i);
/* Moves when tagged_covers() may answer otherwise. */
uint32_t	 tagged_turns(const struct value *m);

int		 tagged_open(struct value *m);
void		 tagged_close(struct value *m);
size_t		 tagged_memory(const struct value *m);

/* Of a fact TAG_RATE: the fastest rise and fall per minute that are known or accepted. */
double		 tagged_rise(const struct fact *f);
double		 tagged_fall(const struct fact *f);
/* As value_stable(). */
void		 tagged_stable(struct fact *f);
/* Is anything judged by it? */
bool		 tagged_rate_judged(const struct fact *f);

#endif
