/* volume.h - the largest window that a fact of volume knows. */
#ifndef DETECT_BASELINE_VOLUME_H
#define DETECT_BASELINE_VOLUME_H

#include "detect/baseline/window.h"
#include "record/fact.h"

/* Learned, or deviated and accepted. */
uint64_t volume_largest(const struct fact *f);

#endif
