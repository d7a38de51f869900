/* protocol.h - the detector of what breaks a specification, and of refusals. */
#ifndef DETECT_PROTOCOL_PROTOCOL_H
#define DETECT_PROTOCOL_PROTOCOL_H

#include "detect/detector.h"

extern const struct detector detector_protocol;

#endif
