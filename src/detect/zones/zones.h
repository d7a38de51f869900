/* zones.h - traffic between zones that no conduit allows (IEC 62443).
 *
 * An operation is judged by protocol and intent, each intent of a conversation once: what a
 * conduit allows is noted at the flow and costs nothing from then on.  Other traffic is judged
 * as a conversation, when its name is certain, at the latest when it ends.  Off without
 * zones.  For `thermowell zones propose` the same detector notes what it would judge.
 */
#ifndef DETECT_ZONES_ZONES_H
#define DETECT_ZONES_ZONES_H

#include "detect/detector.h"
#include "detect/zones/seen.h"

extern const struct detector detector_zones;

/* What was seen between addresses; NULL unless detect_env.propose was set. */
const struct seen *zones_seen(const void *detector);

#endif
