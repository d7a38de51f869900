/* baseline.h - the detector that learns what is normal and says what is not.  Facts: facts.h;
 * models: model.h. */
#ifndef DETECT_BASELINE_BASELINE_H
#define DETECT_BASELINE_BASELINE_H

#include "detect/detector.h"

extern const struct detector detector_baseline;

/* Was the device absent while the baseline was learned, and has nobody accepted it since?  Of the opened detector. */
bool	baseline_is_new(void *detector, const struct asset *x);

/* Is it what this client does to this device, as the baseline learned it or the operator accepted it? */
bool	baseline_is_usual(void *detector, const struct operation *op);

#endif
