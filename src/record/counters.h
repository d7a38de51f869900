/* counters.h - one array of numbers per worker; each row of counters.def. */
#ifndef RECORD_COUNTERS_H
#define RECORD_COUNTERS_H

#include <stdbool.h>
#include <stdint.h>

enum counter_id {
#define COUNTER(id, path, marks, what) CNT_##id,
#include "record/counters.def"
#undef COUNTER
	CNT_COUNT
};

/* Owned by one worker, written by it alone; others are shown copies. */
struct counters {
	uint64_t	v[CNT_COUNT];
};

/* The marks of a row, as counters.def explains them. */
enum counter_mark {
	COUNTER_HIDES = 1u << 0, COUNTER_FRAME = 1u << 1, COUNTER_SHOWN = 1u << 2, COUNTER_NOW = 1u << 3
};

struct counter_row {
	const char	*path;	/* path in the stats record, objects separated by dots */
	uint8_t		 marks;	/* COUNTER_* */
	const char	*what;	/* for the manual */
};

const struct counter_row *counter_row(enum counter_id id);
/* The marks alone, by id: for those who look at every counter. */
extern const uint8_t counter_marks[CNT_COUNT];

static inline void count(struct counters *c, enum counter_id id) { c->v[id]++; }
static inline void count_n(struct counters *c, enum counter_id id, uint64_t n) { c->v[id] += n; }

#endif
