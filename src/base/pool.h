/* pool.h - a fixed number of slots of one size, taken at start.
 *
 * Slots are handed out and given back in constant time; nothing is cleared and
 * nothing grows.  Who is evicted when a pool is full is the owner's decision,
 * because only the owner knows what a slot is worth.  Slots are addressed by
 * index as well as by pointer, so that tables can hold 4-byte references.
 */
#ifndef BASE_POOL_H
#define BASE_POOL_H

#include <stddef.h>
#include <stdint.h>

#define POOL_NONE UINT32_MAX	/* "no slot" among indexes */

struct pool {
	uint8_t		*slots;		/* owned; n * size bytes */
	uint32_t	*next_free;	/* owned; how far behind the slot after it the next free one is: 0 in memory that nobody
					 * touched, where slots go out in order */
	uint32_t	 first_free;	/* POOL_NONE when full */
	uint32_t	 n;		/* slots in all */
	uint32_t	 in_use;
	uint32_t	 high_water;	/* the most ever in use */
	size_t		 size;		/* bytes a slot, rounded up for alignment */
};

/* Take memory for n slots of `size` bytes.  0, or -1 when there is no memory. */
int	 pool_open(struct pool *p, uint32_t n, size_t size);
void	 pool_close(struct pool *p);

/* A slot with undefined contents, or NULL when all are in use. */
void	*pool_get(struct pool *p);

/* Give a slot back.  `slot` must come from this pool; NULL is ignored. */
void	 pool_put(struct pool *p, void *slot);

/* Bytes of memory that the pool holds. */
size_t	 pool_memory(const struct pool *p);

static inline void *
pool_at(const struct pool *p, uint32_t i)
{
	return i < p->n ? p->slots + (size_t)i * p->size : NULL;
}

static inline uint32_t
pool_index(const struct pool *p, const void *slot)
{
	return (uint32_t)((size_t)((const uint8_t *)slot - p->slots) / p->size);
}

#endif
