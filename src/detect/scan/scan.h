/* scan.h - the detector of searching, flooding and guessing. */
#ifndef DETECT_SCAN_SCAN_H
#define DETECT_SCAN_SCAN_H

#include "detect/detector.h"

extern const struct detector detector_scan;

#endif
