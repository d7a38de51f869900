/* facts_table.h - how the facts lie in memory: facts.c, and restored.c, which puts those of the store there.  Inside these alone. */
#ifndef DETECT_BASELINE_FACTS_TABLE_H
#define DETECT_BASELINE_FACTS_TABLE_H

#include "base/hash.h"
#include "base/hmap.h"
#include "detect/baseline/dense.h"
#include "detect/baseline/facts.h"

#define NONE UINT32_MAX
#define UNCHANGED (NONE - 1u)

struct row {
	struct fact	 f;		/* first: a fact is its row */
	uint64_t	 family;	/* of what it shares with its siblings */
	uint32_t	 next, prev;	/* siblings, see join(); free rows by next; of one that is not linked yet `prev` is the hash of its key */
	uint32_t	 changed;	/* the change after it; UNCHANGED: it waits for nothing */
	uint32_t	 saved_s;	/* when its count was saved, about; 0: it came from the store */
};

/* Few facts deviate: what is known of their reports lies elsewhere. */
struct report {
	struct dense_row row;		/* its key is one more than the number of the fact */
	struct facts_reported of;
};

struct facts {
	struct row	*rows;		/* n, and the spare one behind them */
	uint32_t	 n, used, free, hand;
	uint32_t	 linked;	/* rows below it are in the maps: all, but for the last few while facts are restored */
	struct hmap	 exact;		/* by key */
	struct hmap	 families;	/* the newest of each family */
	struct dense	 reports;
	uint64_t	 displaced_ns;	/* a second of deviations that displace others began */
	uint32_t	 displaced;	/* tries in it */
	uint64_t	 key, epoch, known_epoch;
	bool		 barren;	/* nothing that may go was found the last time */
	bool		 keep;
	uint32_t	 changed_first, changed_last;
	uint32_t	 of_kind[FACT_KIND_COUNT];
	struct counters	*counters;
};

static inline uint32_t
number_of(const struct facts *fs, const struct row *r)
{
	return (uint32_t)(r - fs->rows);
}

static inline uint64_t
hash_key_of(const struct facts *fs, const struct fact_key *k)
{
	return hash_bytes(fs->key, k, sizeof(*k));
}

static inline uint64_t
family_of(const struct facts *fs, const struct fact_key *k)
{
	struct fact_key f = fact_family(k);

	return hash_bytes(fs->key + 1, &f, sizeof(f));
}

/* Where its head stands in the map; HMAP_END: it has none. */
static inline uint32_t
head_at(const struct facts *fs, uint64_t family)
{
	for (uint32_t i = hmap_first(&fs->families, family); i != HMAP_END; i = hmap_next(&fs->families, family, i)) {
		if (fs->rows[hmap_value(&fs->families, i)].family == family)
			return i;
	}
	return HMAP_END;
}

static inline uint32_t
head_of(const struct facts *fs, uint64_t family)
{
	uint32_t at = head_at(fs, family);

	return at != HMAP_END ? hmap_value(&fs->families, at) : NONE;
}

/* Siblings are a list whose first one has the last as its `prev`.  What is known comes first, so that who asks for it
 * need not walk through all that deviates, which an attacker can make many of. */
static inline void
join(struct facts *fs, struct row *r)
{
	uint32_t at = head_at(fs, r->family), me = number_of(fs, r);
	uint32_t head = at != HMAP_END ? hmap_value(&fs->families, at) : NONE;

	r->next = NONE;
	r->prev = me;
	if (head == NONE) {
		(void)hmap_put(&fs->families, r->family, me);
		return;
	}
	r->prev = fs->rows[head].prev;
	fs->rows[head].prev = me;
	if (r->f.state != FACT_LEARNED && r->f.state != FACT_ACCEPTED) {
		fs->rows[r->prev].next = me;
		return;
	}
	r->next = head;
	hmap_set(&fs->families, at, me);
}

/* facts.c: one out of the store that displaces another, or is not taken. */
void	 facts_restore_into_full(struct facts *fs, const struct fact *f);

#endif
