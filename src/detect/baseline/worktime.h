/* worktime.h - the hours of the week in which a device is written to, or programmed: what timing.c asks of
 * an operation that changes something. */
#ifndef DETECT_BASELINE_WORKTIME_H
#define DETECT_BASELINE_WORKTIME_H

#include "detect/baseline/hours.h"
#include "detect/baseline/model.h"

/* The hours that a fact knows. */
struct hours worktime_load(const struct fact *f);
/* true: it deviates. */
bool worktime_operation(struct baseline *b, const struct sighting *s, struct deviation *d);

#endif
