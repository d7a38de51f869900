/* dense.h - states by key like those of slots.h, but side by side: a large table takes as much memory as it has
 * keys, and none of it changes its place.
 *
 * When it is full, of eight the one that was quiet longest is evicted, and counted. */
#ifndef DETECT_BASELINE_DENSE_H
#define DETECT_BASELINE_DENSE_H

#include "base/hmap.h"
#include "record/counters.h"

#define DENSE_NONE UINT32_MAX

/* Every state begins with this. */
struct dense_row {
	uint64_t	key;		/* 0: free */
	uint64_t	last_ns;
};

struct dense {
	uint8_t		*mem;		/* owned */
	uint32_t	 n, used, hand;
	size_t		 size;		/* bytes of a state */
	struct hmap	 map;
	struct counters	*counters;
	enum counter_id	 evicted;	/* CNT_COUNT: it is not counted */
};

/* 0 or -1. */
int	 dense_open(struct dense *d, uint32_t n, size_t size, struct counters *counters, enum counter_id evicted);
void	 dense_close(struct dense *d);
size_t	 dense_memory(const struct dense *d);

/* The state of a key, new and zeroed but for its beginning when there was none. */
void	*dense_get(struct dense *d, uint64_t key, uint64_t now_ns);
/* NULL when there is none. */
void	*dense_find(const struct dense *d, uint64_t key);

/* i from 0 below d->used. */
static inline void *
dense_at(const struct dense *d, uint32_t i)
{
	return d->mem + i * d->size;
}

static inline uint32_t
dense_place(const struct dense *d, const void *state)
{
	return (uint32_t)((size_t)((const uint8_t *)state - d->mem) / d->size);
}

/* The same as dense_get(), by where it was last (noted in *place, 0: nowhere yet) if it is still there. */
static inline void *
dense_get_noted(struct dense *d, uint64_t key, uint64_t now_ns, uint32_t *place)
{
	struct dense_row *r;

	if (place != NULL && *place > 0 && *place <= d->used) {
		r = dense_at(d, *place - 1);
		if (r->key == key) {
			r->last_ns = now_ns;
			return r;
		}
	}
	r = dense_get(d, key, now_ns);
	if (place != NULL)
		*place = dense_place(d, r) + 1;
	return r;
}

#endif
