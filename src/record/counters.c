#include "record/counters.h"

#include <stddef.h>

const struct counter_row *
counter_row(enum counter_id id)
{
	static const struct counter_row rows[] = {
#define COUNTER(id, path, blind, what) { path, blind, what },
#include "record/counters.def"
#undef COUNTER
	};

	return (unsigned)id < CNT_COUNT ? &rows[id] : NULL;
}
