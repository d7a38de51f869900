#include "detect/baseline/hours.h"

#define HOUR_NS		3600000000000u
#define THURSDAY	72u	/* the hour of the week in which 1970 began */

static uint64_t
since_monday(uint64_t ts_ns)
{
	return ts_ns / HOUR_NS + THURSDAY;
}

uint32_t
hours_of(uint64_t ts_ns)
{
	return (uint32_t)(since_monday(ts_ns) % HOURS_WEEK);
}

bool
hours_has(const struct hours *h, uint32_t hour)
{
	return (h->seen[hour / HOURS_PART] >> (hour % HOURS_PART) & 1u) != 0;
}

bool
hours_learn(struct hours *h, uint64_t ts_ns)
{
	uint32_t hour = hours_of(ts_ns), week = (uint32_t)(since_monday(ts_ns) / HOURS_WEEK) + 1;
	bool fresh = !hours_has(h, hour);

	h->seen[hour / HOURS_PART] |= 1ull << (hour % HOURS_PART);
	if (week > h->week) {
		h->week = week;
		h->weeks++;
	}
	return fresh;
}

bool
hours_settled(const struct hours *h)
{
	return h->weeks >= HOURS_WEEKS;
}

bool
hours_usual(const struct hours *h, uint64_t ts_ns)
{
	uint32_t hour = hours_of(ts_ns);

	return hours_has(h, hour) || hours_has(h, (hour + 1) % HOURS_WEEK) ||
	    hours_has(h, (hour + HOURS_WEEK - 1) % HOURS_WEEK);
}
