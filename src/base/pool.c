#include "base/pool.h"

#include <stdalign.h>
#include <stdlib.h>

int
pool_open(struct pool *p, uint32_t n, size_t size)
{
	const size_t align = alignof(max_align_t);

	size = (size + align - 1) & ~(align - 1);
	*p = (struct pool){ .n = n, .size = size, .first_free = n > 0 ? 0 : POOL_NONE };
	p->slots = calloc(n, size);
	p->next_free = calloc(n, sizeof(*p->next_free));
	if (n > 0 && (p->slots == NULL || p->next_free == NULL)) {
		pool_close(p);
		return -1;
	}
	return 0;
}

void
pool_close(struct pool *p)
{
	free(p->slots);
	free(p->next_free);
	*p = (struct pool){ .first_free = POOL_NONE };
}

void *
pool_get(struct pool *p)
{
	uint32_t i = p->first_free;

	if (i == POOL_NONE)
		return NULL;
	p->first_free += 1 + p->next_free[i];
	if (p->first_free >= p->n)
		p->first_free = POOL_NONE;
	if (++p->in_use > p->high_water)
		p->high_water = p->in_use;
	return pool_at(p, i);
}

void
pool_put(struct pool *p, void *slot)
{
	uint32_t i;

	if (slot == NULL)
		return;
	i = pool_index(p, slot);
	p->next_free[i] = p->first_free - i - 1;
	p->first_free = i;
	p->in_use--;
}

size_t
pool_memory(const struct pool *p)
{
	return (size_t)p->n * (p->size + sizeof(*p->next_free));
}
