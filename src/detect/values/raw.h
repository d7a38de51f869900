/* raw.h - values that nobody named: each address that is seen is a series by itself (process.points); private to detect/values.
 *
 * A full table refuses what is new, and counts it: what is polled keeps its place, whoever scans the registers.  Only what was not seen for
 * an hour gives its own.
 */
#ifndef DETECT_VALUES_RAW_H
#define DETECT_VALUES_RAW_H

#include "base/hmap.h"
#include "base/list.h"
#include "detect/values/inside.h"
#include "process/cells.h"

struct raw_point {
	struct link	 used;		/* the one that was not seen for longest is first, by about a minute */
	struct addr	 addr;		/* of the server */
	uint32_t	 unit;		/* 0 of protocols whose units have no word */
	struct op_place	 place;
	uint8_t		 proto, type;	/* enum op_proto, enum tag_type: as it was seen first */
	bool		 named;		/* a tag reads it: it is no series */
	uint32_t	 generation;	/* of the tags by which that was asked */
	uint32_t	 next;		/* what followed it last: its index, probably again */
	uint64_t	 touched_ns;
	struct present	 value;
};

struct raw {
	struct raw_point *of;		/* owned; the first n are in use */
	uint32_t	 n, max;
	struct hmap	 index;
	struct link	 used;
	uint32_t	 last;		/* index of the point that was asked for last */
	uint64_t	 key;		/* of hashes */
	struct counters	*counters;
};

/* NULL: no memory.  At most `max` points. */
struct raw	*raw_open(uint32_t max, uint64_t key, struct counters *counters);
void		 raw_close(struct raw *r);	/* NULL is ignored */
size_t		 raw_memory(const struct raw *r);

/* The point at this device, unit and place (the rest of `key` is what a new one begins with), made if need be; NULL: there is no space for
 * it, which is counted.  `evicted` is called with one that gives its place. */
typedef void raw_evicted(void *arg, struct raw_point *x);
struct raw_point *raw_get(struct raw *r, const struct raw_point *key, uint64_t now_ns, raw_evicted *evicted, void *arg);

/* As a tag, whose name is its address: nobody has printed that yet. */
void		 raw_as_tag(const struct raw_point *x, struct tag *to);
/* The key and type of a row that such a point left; false: it is of a tag, or of another version. */
bool		 raw_from_row(const struct keep_tag *row, struct raw_point *to);

#endif
