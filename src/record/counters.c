#include "record/counters.h"

#include <stddef.h>

#define HIDES COUNTER_HIDES
#define FRAME COUNTER_FRAME
#define SHOWN COUNTER_SHOWN
#define NOW COUNTER_NOW
#define COUNTER(id, path, marks, what) marks,
const uint8_t counter_marks[CNT_COUNT] = {
#include "record/counters.def"
};
#undef COUNTER
#undef HIDES
#undef FRAME
#undef SHOWN
#undef NOW

const struct counter_row *
counter_row(enum counter_id id)
{
	static const struct counter_row rows[] = {
#define HIDES COUNTER_HIDES
#define FRAME COUNTER_FRAME
#define SHOWN COUNTER_SHOWN
#define NOW COUNTER_NOW
#define COUNTER(id, path, marks, what) { path, marks, what },
#include "record/counters.def"
#undef COUNTER
#undef HIDES
#undef FRAME
#undef SHOWN
#undef NOW
	};

	return (unsigned)id < CNT_COUNT ? &rows[id] : NULL;
}
