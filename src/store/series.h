/* series.h - reading the history of a tag, beside a sensor that runs or without one. */
#ifndef STORE_SERIES_H
#define STORE_SERIES_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "record/keep.h"

struct series_query {
	uint64_t	series;		/* keep_tag.series */
	uint64_t	since_ns, until_ns;	/* values of then and later; before then; 0: any time */
	uint64_t	step_ns;	/* one row for each so long, beginning at multiples of it; 0: each value as it came, a row with
					 * count 1 and nothing covered */
};

/* Each row, in the order of time; what is no longer kept value by value comes from minutes or hours where `step_ns` is a
 * multiple of these.  `each` returns false to end.  Returns how many rows there were, or -1 with the reason in `e`. */
int64_t	store_series(const char *file, const struct series_query *q, bool (*each)(void *to, const struct keep_span *row), void *to,
	    struct err *e);

#endif
