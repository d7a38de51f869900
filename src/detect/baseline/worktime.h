/* worktime.h - the hours of the week in which a device is written to, or programmed: what timing.c asks of
 * an operation that changes something. */
#ifndef DETECT_BASELINE_WORKTIME_H
#define DETECT_BASELINE_WORKTIME_H

#include "detect/baseline/hours.h"
#include "detect/baseline/model.h"

/* Which fact a device has was looked up a while ago. */
#define WORKTIME_KNOWN 64u
struct worktime {
	struct worktime_known {
		struct addr	server;
		uint64_t	epoch;		/* of the facts; 0: nothing */
		uint32_t	n;		/* facts of this kind then */
		uint32_t	fact;		/* FACTS_NO_FACT: it has none */
		bool		program;
	} known[WORKTIME_KNOWN];
};

/* The hours that a fact knows. */
struct hours worktime_load(const struct fact *f);
/* true: it deviates. */
bool worktime_operation(struct worktime *w, struct baseline *b, const struct sighting *s, struct deviation *d);

#endif
