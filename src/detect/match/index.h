/* index.h - which rules could match: from a hashed key to a short list.
 *
 * Every rule stands under one key, or under a few of the same kind, chosen so
 * that few others share it; what is looked at asks for the keys that it has.  Built
 * once, then read only.
 */
#ifndef DETECT_MATCH_INDEX_H
#define DETECT_MATCH_INDEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/hash.h"

enum key_kind {
	KEY_ALL,	/* nothing better: looked at always */
	KEY_DST, KEY_SRC,	/* one address */
	KEY_DPORT, KEY_SPORT,
	KEY_FLAGS,	/* TCP flags, the whole octet */
	KEY_FIXED,	/* bytes at a fixed offset */
	KEY_EVENT,	/* an anomaly */
	KEY_UNIT,
	KEY_CELL,	/* 1 << CELL_SHIFT addresses */
	KEY_NUMBER,
	KEY_GROUP,	/* 1 << GROUP_SHIFT numbers: the group of DNP3 objects */
	KEY_SPACE,	/* where an item lies: enum op_space */
	KEY_CLASS,	/* function of a protocol: rules about operations that no such thing narrows */
	KEY_CLASS_THINGS,	/* the same of those that do stand under one */
	KEY_APP,	/* one part of the name of a flow */
	KEY_RISK,	/* a flow with any risk */
	KEY_KINDS
};

#define CELL_SHIFT	6u
#define GROUP_SHIFT	8u
#define ANY_FUNCTION	UINT64_MAX	/* KEY_CLASS of a rule that asks for none */

/* `scope`: what else tells values of one kind apart; 0 nothing. */
static inline uint64_t
key_of(enum key_kind kind, uint32_t scope, uint64_t value)
{
	return hash_mix(value ^ 0x9e3779b97f4a7c15u, ((uint64_t)kind << 40 | scope) * 2 + 0xe7037ed1a0b428dbu) | 1;
}

struct index_slot {
	uint64_t	key;	/* 0 empty */
	uint32_t	at, n;	/* in rules */
};

struct match_index {
	struct index_slot	*slots;		/* owned */
	uint32_t		 mask;
	uint32_t		*rules;		/* owned */
	uint32_t		 n_rules;
	uint64_t		 low[KEY_KINDS];	/* the last 6 bits of the values under which rules of a kind
						 * stand, a bit each: enough to see that there are none */
	uint64_t		*maybe;		/* owned; the same of many: a bit for each key, by its hash */
	uint32_t		 maybe_mask;
	/* while it is built */
	struct index_pair	*pairs;		/* owned */
	uint32_t		 n_pairs, capacity;
};

/* 0, or -1 when there is no memory. */
int	index_add(struct match_index *ix, enum key_kind kind, uint32_t scope, uint64_t value,
	    uint32_t rule);
int	index_seal(struct match_index *ix);	/* after the last one */
void	index_close(struct match_index *ix);
size_t	index_memory(const struct match_index *ix);

static inline bool
index_has(const struct match_index *ix, enum key_kind kind)
{
	return ix->low[kind] != 0;
}

/* False: no rule stands there.  True is no promise. */
static inline bool
index_may(const struct match_index *ix, enum key_kind kind, uint64_t value)
{
	return (ix->low[kind] >> (value & 63) & 1u) != 0;
}

/* The rules under a key, in order; *n of them. */
static inline const uint32_t *
index_find(const struct match_index *ix, enum key_kind kind, uint32_t scope, uint64_t value, uint32_t *n)
{
	uint64_t key;

	*n = 0;
	if (!index_may(ix, kind, value))
		return NULL;
	key = key_of(kind, scope, value);
	if ((ix->maybe[(key >> 40 & ix->maybe_mask) / 64] >> (key >> 40) % 64 & 1u) == 0)
		return NULL;
	for (uint32_t i = (uint32_t)(key >> 20) & ix->mask; ix->slots[i].key != 0; i = (i + 1) & ix->mask)
		if (ix->slots[i].key == key) {
			*n = ix->slots[i].n;
			return ix->rules + ix->slots[i].at;
		}
	return NULL;
}

#endif
