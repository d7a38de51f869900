/* timing.h - the period that a fact of a poll knows. */
#ifndef DETECT_BASELINE_TIMING_H
#define DETECT_BASELINE_TIMING_H

#include "detect/baseline/period.h"
#include "record/fact.h"

struct period timing_period(const struct fact *f);

#endif
