#include "detect/baseline/dense.h"

#include <stdlib.h>
#include <string.h>

#define VICTIMS 8u	/* looked at when the table is full */

int
dense_open(struct dense *d, uint32_t n, size_t size, struct counters *counters, enum counter_id evicted)
{
	*d = (struct dense){ .n = n, .size = size, .counters = counters, .evicted = evicted };
	d->mem = calloc(n, size);
	if (d->mem != NULL && hmap_open(&d->map, n) == 0)
		return 0;
	dense_close(d);
	return -1;
}

void
dense_close(struct dense *d)
{
	hmap_close(&d->map);
	free(d->mem);
	d->mem = NULL;
}

size_t
dense_memory(const struct dense *d)
{
	return d->n * d->size + hmap_memory(&d->map);
}

void *
dense_find(const struct dense *d, uint64_t key)
{
	for (uint32_t at = hmap_first(&d->map, key); at != HMAP_END; at = hmap_next(&d->map, key, at)) {
		struct dense_row *r = dense_at(d, hmap_value(&d->map, at));

		if (r->key == key)
			return r;
	}
	return NULL;
}

/* The place of the one that goes, or one that was never used. */
static uint32_t
take(struct dense *d)
{
	const struct dense_row *victim = NULL;

	if (d->used < d->n)
		return d->used++;
	for (uint32_t i = 0; i < VICTIMS; i++) {
		const struct dense_row *r;

		d->hand = d->hand + 1 < d->n ? d->hand + 1 : 0;
		r = dense_at(d, d->hand);
		if (victim == NULL || r->last_ns < victim->last_ns)
			victim = r;
	}
	if (d->evicted != CNT_COUNT)
		count(d->counters, d->evicted);
	(void)hmap_remove(&d->map, victim->key, dense_place(d, victim));
	return dense_place(d, victim);
}

void *
dense_get(struct dense *d, uint64_t key, uint64_t now_ns)
{
	struct dense_row *r = dense_find(d, key);
	uint32_t place;

	if (r == NULL) {
		place = take(d);
		r = dense_at(d, place);
		memset(r, 0, d->size);
		r->key = key;
		(void)hmap_put(&d->map, key, place);
	}
	r->last_ns = now_ns;
	return r;
}
