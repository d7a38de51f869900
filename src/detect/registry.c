#include "detect/detector.h"

#include <stddef.h>

const struct detector *const detectors[] = {
	NULL
};
