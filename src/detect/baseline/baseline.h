/* baseline.h - the detector that learns what is normal and says what is not.  Facts: facts.h;
 * models: model.h. */
#ifndef DETECT_BASELINE_BASELINE_H
#define DETECT_BASELINE_BASELINE_H

#include "detect/detector.h"

extern const struct detector detector_baseline;

#endif
