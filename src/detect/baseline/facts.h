/* facts.h - the facts in memory: a bounded table, found by their key in one step however many
 * there are.
 *
 * Each fact has siblings: those whose key differs only in what its row says varies.  They are
 * what a deviation names as expected.  Kinds with ranges have one fact a range: it grows and
 * merges with its neighbours.  When the table is full, of eight the one is evicted that is
 * worth least: open before learned, seen once before seen often, of equals the one quiet
 * longest.  What deviates displaces only its like, and what is learned nothing that was seen
 * more than once; what the operator accepted or rejected goes last.
 *
 * A pointer to a fact is good until the next facts_add().  Who keeps one over calls keeps
 * its number and the epoch, and looks again when the epoch has moved.
 */
#ifndef DETECT_BASELINE_FACTS_H
#define DETECT_BASELINE_FACTS_H

#include "record/counters.h"
#include "record/fact.h"

#define FACT_RANGES 64u		/* of one family; then the two that lie closest become one */
#define FACTS_NO_FACT UINT32_MAX

struct facts;		/* opaque */

/* n: how many at most.  NULL: no memory. */
struct facts	*facts_open(uint64_t n, uint64_t hash_key, struct counters *counters);
void		 facts_close(struct facts *fs);		/* NULL is ignored */
size_t		 facts_memory(const struct facts *fs);
uint32_t	 facts_count(const struct facts *fs);
uint32_t	 facts_of_kind(const struct facts *fs, unsigned kind);

/* Of a ranged kind: the fact that holds the whole range; else the one with this key.
 * NULL: there is none. */
struct fact	*facts_find(struct facts *fs, const struct fact_key *k);
/* A new one, which was not there: seen not once yet.  Of a ranged kind the facts of the same `state` that touch the range become one with it.
 * When the table is full of what is known: of state FACT_OPEN one that is good until the next call and
 * kept nowhere, so that what deviates is reported all the same; else NULL. */
struct fact	*facts_add(struct facts *fs, const struct fact_key *k, enum fact_state state, uint64_t now_ns);
void		 facts_remove(struct facts *fs, struct fact *f);

/* It was seen n times more, at last at now_ns.  The store learns of it within a quarter of an hour, and of
 * all at facts_flush(). */
void		 facts_seen(struct facts *fs, struct fact *f, uint64_t n, uint64_t now_ns);
void		 facts_flush(struct facts *fs);

/* Since when its deviation is reported, and when it was last, capture clock; 0: never in this run. */
struct facts_reported { uint64_t since_ns, last_ns; };
struct facts_reported *facts_reported(struct facts *fs, struct fact *f);

/* Numbers that mean its key, and its family; never 0. */
uint64_t	 facts_hash(struct facts *fs, const struct fact_key *k);
uint64_t	 facts_family_hash(struct facts *fs, const struct fact_key *k);

/* It changed: it goes to the store at the next tick. */
void		 facts_touch(struct facts *fs, struct fact *f);
/* Its state changes: what others remember of it no longer holds.  Where it is afterwards: a
 * range joins those of its new state.  NULL: no memory for it. */
struct fact	*facts_set_state(struct facts *fs, struct fact *f, enum fact_state state);

/* For the store: the oldest change; it stays first until facts_saved().  A state of FACT_NONE: the
 * fact was removed.  NULL: nothing has changed.  Without facts_keep() nothing is kept for it. */
void		 facts_keep(struct facts *fs, bool keep);
const struct fact *facts_changed(const struct facts *fs);
void		 facts_saved(struct facts *fs);

/* Siblings of a key, what was learned or accepted before all else: begin with NULL. */
struct fact	*facts_sibling(struct facts *fs, const struct fact_key *k, const struct fact *after);
/* Those of them that are not known (neither learned nor accepted), the newest first: begin with NULL. */
struct fact	*facts_unknown_sibling(struct facts *fs, const struct fact_key *k, const struct fact *after);
/* All, in no order: i from 0 below facts_ceiling(); NULL where there is none. */
struct fact	*facts_at(struct facts *fs, uint32_t i);
uint32_t	 facts_ceiling(const struct facts *fs);

/* One out of the store, which knows it.  It is found, and anything else may be called, after facts_restored(). */
void		 facts_restore(struct facts *fs, const struct fact *f);
void		 facts_restored(struct facts *fs);

/* To keep one over calls. */
uint32_t	 facts_number(const struct facts *fs, const struct fact *f);
uint64_t	 facts_epoch(const struct facts *fs);	/* moves when a fact went or changed its state */
/* The same of facts that are not open: who noted one that was known need not look again when what deviates comes and goes. */
uint64_t	 facts_known_epoch(const struct facts *fs);

#endif
