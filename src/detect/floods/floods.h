/* floods.h - detectors of too many operations, and of operations that search. */
#ifndef DETECT_FLOODS_FLOODS_H
#define DETECT_FLOODS_FLOODS_H

#include "detect/detector.h"

extern const struct detector detector_floods;	/* commands, changes and reports of a client and its device */
extern const struct detector detector_sweeps;	/* units, link addresses and reads of a client, one after the other */

#endif
