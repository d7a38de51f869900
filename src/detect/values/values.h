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

/* A tag that is shown to Prometheus (the column of the tag file); texts are the tag's. */
struct values_gauge {
	const char	*tag, *group, *unit;
	double		 value;
	uint64_t	 ts_ns;		/* it was seen */
};

/* The first `max` of those that have a value, in the order of the tags.  Returns how many. */
unsigned	 values_gauges(const void *detector, struct values_gauge *to, unsigned max);

#endif
