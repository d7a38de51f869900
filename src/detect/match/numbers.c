#include "detect/match/numbers.h"

#include <stdlib.h>

#include "base/hash.h"

#define NUMBERS	4096u	/* a power of two */
#define WAYS	4u

struct number {
	uint64_t	key;	/* 0: free */
	uint32_t	v, used;
};

struct numbers {
	struct counters	*c;
	uint64_t	 secret;
	uint32_t	 clock;
	struct number	 of[NUMBERS];
};

struct numbers *
numbers_open(struct counters *c, uint64_t key)
{
	struct numbers *t = calloc(1, sizeof(*t));

	if (t != NULL) {
		t->c = c;
		t->secret = key;
	}
	return t;
}

void
numbers_close(struct numbers *t)
{
	free(t);
}

size_t
numbers_memory(void)
{
	return sizeof(struct numbers);
}

static uint64_t
key_of(uint64_t flow, uint64_t name)
{
	return hash_mix(flow * 2 + 1, name | 1) | 1;
}

static struct number *
slots_of(const struct numbers *t, uint64_t key)
{
	uint32_t at = (uint32_t)(hash_mix(key, t->secret | 1) >> 16) & (NUMBERS / WAYS - 1);

	return (struct number *)(uintptr_t)&t->of[(size_t)at * WAYS];
}

static struct number *
find(const struct numbers *t, uint64_t key)
{
	struct number *x = slots_of(t, key);

	for (unsigned i = 0; i < WAYS; i++)
		if (x[i].key == key)
			return &x[i];
	return NULL;
}

bool
numbers_get(const struct numbers *t, uint64_t flow, uint64_t name, uint32_t *v)
{
	const struct number *x = find(t, key_of(flow, name));

	*v = x != NULL ? x->v : 0;
	return x != NULL;
}

void
numbers_set(struct numbers *t, uint64_t flow, uint64_t name, uint32_t v)
{
	uint64_t key = key_of(flow, name);
	struct number *x = find(t, key);

	if (x == NULL) {
		struct number *of = slots_of(t, key);

		x = of;
		for (unsigned i = 1; i < WAYS; i++)
			if (x->key != 0 && (of[i].key == 0 || t->clock - of[i].used > t->clock - x->used))
				x = &of[i];
		if (x->key != 0)
			count(t->c, CNT_RULES_INTS_EVICTED);
	}
	*x = (struct number){ key, v, ++t->clock };
}

void
numbers_forget(struct numbers *t, uint64_t flow, uint64_t name)
{
	struct number *x = find(t, key_of(flow, name));

	if (x != NULL)
		x->key = 0;
}
