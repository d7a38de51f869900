/* values.h - the present value of each tag, its last change and its last writer; news of them become records and history.
 *
 * A value is news when it is seen for the first time, when it left the dead-band around the last news, when a client writes it, when its
 * quality is another, and at intervals (process.heartbeat).  Nothing else is done with the readings of a tag.
 */
#ifndef DETECT_VALUES_H
#define DETECT_VALUES_H

#include "detect/detector.h"
#include "record/process.h"

extern const struct detector detector_values;

/* A tag that is shown to Prometheus (the column `export` of the tag file). */
#define VALUES_GAUGES	256u	/* of more a start and a reload say so, and refuse */
struct values_gauge {
	char		tag[KEEP_TAG_MAX], group[64], unit[64];
	double		 value;
	uint64_t	 ts_ns;		/* it was seen */
};

/* Those that have a value, in the order of the tags.  Returns how many. */
unsigned	 values_gauges(const void *detector, struct values_gauge to[VALUES_GAUGES]);

#endif
