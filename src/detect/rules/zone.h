/* zone.h - the local time of a plant: an offset to UTC, and when daylight saving time changes
 * it. The machine's clock and zone are not used. */
#ifndef DETECT_RULES_ZONE_H
#define DETECT_RULES_ZONE_H

#include <stdbool.h>
#include <stdint.h>

/* The w-th weekday d (0 Sunday; w 5: the last one) of a month, at so many seconds of it;
 * or, when month is 0, the d-th day of the year. */
struct zone_change {
	uint8_t	 month, week;
	uint16_t day;
	bool	 leap_counts;		/* day 0-365, with 29 February; else 1-365 without */
	int32_t	 at_s;			/* by the clock that is left */
};

struct time_zone {
	int32_t			offset_s;	/* east of UTC */
	bool			has_summer;
	int32_t			summer_s;
	struct zone_change	begin, end;	/* of daylight saving time */
};

/* "UTC", "+02:00", a POSIX zone, or the name of a file of the zone database, of which the
 * rules for the present and the future count.  False: none of these. */
bool	zone_parse(struct time_zone *z, const char *text);
/* Seconds since 1970 in local time. */
int64_t	zone_local(const struct time_zone *z, int64_t utc_s);

#endif
