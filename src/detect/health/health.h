/* health.h - the detector of what devices say of themselves, and whether they
 * answer. */
#ifndef DETECT_HEALTH_HEALTH_H
#define DETECT_HEALTH_HEALTH_H

#include "detect/detector.h"

extern const struct detector detector_health;

#endif
