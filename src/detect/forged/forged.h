/* forged.h - the detector of packets that did not come from whom they name. */
#ifndef DETECT_FORGED_FORGED_H
#define DETECT_FORGED_FORGED_H

#include "detect/detector.h"

extern const struct detector detector_forged;

#endif
