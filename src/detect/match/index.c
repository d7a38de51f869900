#include "detect/match/index.h"

#include <stdlib.h>

struct index_pair {
	uint64_t	key;
	uint32_t	rule;
};

int
index_add(struct match_index *ix, enum key_kind kind, uint32_t scope, uint64_t value, uint32_t rule)
{
	if (ix->n_pairs == ix->capacity) {
		uint32_t capacity = ix->capacity > 0 ? 2 * ix->capacity : 64;
		struct index_pair *p = realloc(ix->pairs, capacity * sizeof(*p));

		if (p == NULL)
			return -1;
		ix->pairs = p;
		ix->capacity = capacity;
	}
	ix->pairs[ix->n_pairs++] = (struct index_pair){ key_of(kind, scope, value), rule };
	ix->low[kind] |= (uint64_t)1 << (value & 63);
	return 0;
}

static int
by_key(const void *a, const void *b)
{
	const struct index_pair *x = a, *y = b;

	if (x->key != y->key)
		return x->key < y->key ? -1 : 1;
	return x->rule < y->rule ? -1 : x->rule > y->rule;
}

static void
put(struct match_index *ix, uint64_t key, uint32_t at, uint32_t n)
{
	uint32_t i = (uint32_t)(key >> 20) & ix->mask;

	while (ix->slots[i].key != 0)
		i = (i + 1) & ix->mask;
	ix->slots[i] = (struct index_slot){ key, at, n };
}

int
index_seal(struct match_index *ix)
{
	uint32_t size = 16, n = 0, begin = 0, bits;

	if (ix->n_pairs == 0)
		return 0;
	qsort(ix->pairs, ix->n_pairs, sizeof(*ix->pairs), by_key);
	while (size < 2 * ix->n_pairs)
		size *= 2;
	ix->slots = calloc(size, sizeof(*ix->slots));
	ix->rules = calloc(ix->n_pairs, sizeof(*ix->rules));
	if (ix->slots == NULL || ix->rules == NULL)
		return -1;
	ix->mask = size - 1;
	/* Eight bits for each key. */
	for (bits = 1024; bits < 8 * ix->n_pairs && bits < 1u << 20; bits *= 2)
		;
	ix->maybe = calloc(bits / 64, sizeof(*ix->maybe));
	if (ix->maybe == NULL)
		return -1;
	ix->maybe_mask = bits - 1;
	for (uint32_t i = 0; i < ix->n_pairs; i++) {
		const struct index_pair *p = &ix->pairs[i];

		if (i == 0 || p->key != p[-1].key || p->rule != p[-1].rule)
			ix->rules[n++] = p->rule;
		if (i + 1 == ix->n_pairs || p[1].key != p->key) {
			ix->maybe[(p->key >> 40 & ix->maybe_mask) / 64] |= (uint64_t)1 << (p->key >> 40) % 64;
			put(ix, p->key, begin, n - begin);
			begin = n;
		}
	}
	ix->n_rules = n;
	free(ix->pairs);
	ix->pairs = NULL;
	ix->n_pairs = ix->capacity = 0;
	return 0;
}

size_t
index_memory(const struct match_index *ix)
{
	return ix->slots == NULL ? 0 : (ix->mask + 1u) * sizeof(*ix->slots) +
	    ix->n_rules * sizeof(*ix->rules) + (ix->maybe_mask + 1u) / 8;
}

void
index_close(struct match_index *ix)
{
	free(ix->slots);
	free(ix->rules);
	free(ix->maybe);
	free(ix->pairs);
	*ix = (struct match_index){ 0 };
}
