/* zone.h - a zone of the plant, as the operator named it (IEC 62443). */
#ifndef RECORD_ZONE_H
#define RECORD_ZONE_H

#include <stdint.h>

#define ZONE_NO_LEVEL	(-1)

/* Borrowed from the configuration, which outlives all who ask. */
struct zone {
	const char	*name;
	int		 level;		/* Purdue, 0 to 5; ZONE_NO_LEVEL: not given */
	const char	*criticality;	/* a word of ZONE_CRITICALITY; NULL: not given */
	uint32_t	 number;	/* from 0, in the order of the configuration */
};

/* What `criticality` may be, graver to the right; the first: not given. */
#define ZONE_CRITICALITY "none|low|medium|high|critical"
/* What `level` may be; the first: not given. */
#define ZONE_LEVELS "none|0|1|2|3|4|5"

/* How all addresses that are in no zone are called where a zone is named. */
#define ZONE_OUTSIDE "outside"
/* Any zone, and outside. */
#define ZONE_ANY "any"

#endif
