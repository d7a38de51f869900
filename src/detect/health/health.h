/* health.h - detectors of how devices are: what they report of themselves, whether they
 * answer, what happens to them too often; and of how the sensor itself is. */
#ifndef DETECT_HEALTH_HEALTH_H
#define DETECT_HEALTH_HEALTH_H

#include "detect/detector.h"

extern const struct detector detector_answering;	/* does it answer? */
extern const struct detector detector_repeats;		/* stopped, restarted, refusing: how often? */
extern const struct detector detector_indications;	/* what it reports of its condition */
extern const struct detector detector_reporting;	/* may it report on its own account? */
extern const struct detector detector_identity;		/* is it still the one it was? */
extern const struct detector detector_sensor;		/* does the sensor see, and remember? */

/* All of them go by one setting. */
static inline bool
health_off(const struct detect_env *env)
{
	return !env->settings->detect.health;
}

#endif
