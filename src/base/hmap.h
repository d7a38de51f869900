/* hmap.h - from a hash to an index; open addressing, fixed capacity.
 *
 * The map stores 32-bit values (usually pool indexes) under 64-bit hashes and
 * knows nothing of keys: the caller compares keys, because it has them.
 * Linear probing at a load of at most one half, removal by shifting back, so
 * there are no tombstones to clean up in years of running.
 *
 *	for (uint32_t at = hmap_first(&m, h); at != HMAP_END; at = hmap_next(&m, h, at))
 *		if (same(key, pool_at(&pool, hmap_value(&m, at))))
 *			...
 */
#ifndef BASE_HMAP_H
#define BASE_HMAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HMAP_END UINT32_MAX

struct hmap_slot {
	uint32_t	tag;	/* lower half of the hash: decides most comparisons, and where it would be */
	uint32_t	value;	/* one more than it; 0: empty, so that memory that nobody uses is never touched */
};

struct hmap {
	struct hmap_slot	*slots;	/* in use: of a large map first a sixteenth of its own, behind all others, because entries lie
					 * everywhere in a map and few of them would touch all its memory */
	uint32_t		 mask;	/* slots - 1 */
	uint32_t		 n;	/* entries */
	uint32_t		 room;	/* entries for which these slots are enough */
	uint32_t		 max;	/* entries that may be put */
	uint32_t		 whole;	/* slots - 1 in the end */
	struct hmap_slot	*block;	/* owned */
};

/* Capacity for `max` entries.  0, or -1 when there is no memory. */
int	hmap_open(struct hmap *m, uint32_t max);
void	hmap_close(struct hmap *m);

/* Add; false when `max` entries are in.  The same hash may be put many times.  Numbers of slots (`at`) hold until the next one. */
bool	hmap_put(struct hmap *m, uint64_t hash, uint32_t value);

/* Remove the entry with this hash and value; false when there is none. */
bool	hmap_remove(struct hmap *m, uint64_t hash, uint32_t value);

size_t	hmap_memory(const struct hmap *m);

static inline uint32_t
hmap_scan(const struct hmap *m, uint64_t hash, uint32_t at)
{
	uint32_t tag = (uint32_t)hash;

	for (; m->slots[at].value != 0; at = (at + 1) & m->mask)
		if (m->slots[at].tag == tag)
			return at;
	return HMAP_END;
}

static inline uint32_t
hmap_first(const struct hmap *m, uint64_t hash)
{
	return hmap_scan(m, hash, (uint32_t)hash & m->mask);
}

static inline uint32_t
hmap_next(const struct hmap *m, uint64_t hash, uint32_t at)
{
	return hmap_scan(m, hash, (at + 1) & m->mask);
}

static inline uint32_t
hmap_value(const struct hmap *m, uint32_t at)
{
	return m->slots[at].value - 1;
}

/* Another value for the entry at `at`. */
static inline void
hmap_set(struct hmap *m, uint32_t at, uint32_t value)
{
	m->slots[at].value = value + 1;
}

#endif
