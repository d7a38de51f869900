/* counters.h - one array of numbers per worker; each row of counters.def. */
#ifndef RECORD_COUNTERS_H
#define RECORD_COUNTERS_H

#include <stdbool.h>
#include <stdint.h>

enum counter_id {
#define COUNTER(id, path, blind, what) CNT_##id,
#include "record/counters.def"
#undef COUNTER
	CNT_COUNT
};

/* Owned by one worker, written by it alone; others are shown copies. */
struct counters {
	uint64_t	v[CNT_COUNT];
};

struct counter_row {
	const char	*path;	/* place in the stats record, objects separated by dots */
	bool		 blind;	/* tells of something the sensor could not see */
	const char	*what;	/* for the manual */
};

const struct counter_row *counter_row(enum counter_id id);

static inline void count(struct counters *c, enum counter_id id) { c->v[id]++; }
static inline void count_n(struct counters *c, enum counter_id id, uint64_t n) { c->v[id] += n; }

#endif
