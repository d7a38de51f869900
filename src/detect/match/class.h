/* class.h - operation classes: what of an operation is the same from one poll to the next.
 *
 * A plant asks the same over and over.  Which rules could match is worked out once for
 * each class and remembered; for an ordinary read that is none.  Whoever works it out
 * sees struct op_class and nothing else of the operation, so it cannot depend on what the
 * class does not tell apart.  What does change (units, addresses, numbers, values) is
 * looked at each time, for the rules that are left.
 */
#ifndef DETECT_MATCH_CLASS_H
#define DETECT_MATCH_CLASS_H

#include "detect/match/set.h"
#include "record/operation.h"

enum class_state {
	CLASS_OVER	= 1u << 0,
	CLASS_ASKED	= 1u << 1,	/* the request was seen */
	CLASS_ANSWERED	= 1u << 2,	/* the response was */
	CLASS_FIRST	= 1u << 3,	/* of its flow */
	CLASS_SLOW	= 1u << 4,	/* at least as slow as some rule asks for */
	CLASS_ITEMS	= 1u << 5,	/* it has items */
	CLASS_ANOMALIES	= 1u << 6,
	CLASS_UNIT	= 1u << 7,	/* some rule may stand under its unit */
	CLASS_REFUSED	= 1u << 8	/* not kept: its outcome is an exception */
};

struct op_class {
	uint64_t	what;		/* function, protocol << 32, intent << 40, outcome << 48, state << 56 */
	uint64_t	endpoints;	/* flow_rules.endpoints of the client, of the server << 32 */
	uint64_t	message;	/* in the protocol's own terms: class.c; 0: no detail */
};

static inline uint32_t class_function(const struct op_class *c) { return (uint32_t)c->what; }
static inline unsigned class_proto(const struct op_class *c) { return c->what >> 32 & 0xff; }
static inline unsigned class_intent(const struct op_class *c) { return c->what >> 40 & 0xff; }
static inline unsigned class_outcome(const struct op_class *c) { return c->what >> 48 & 0xff; }
static inline unsigned class_state(const struct op_class *c) { return (unsigned)(c->what >> 56); }

/* r: of its flow, whose endpoints must have been worked out. */
struct op_class class_of(const struct match_set *s, const struct operation *op, const struct flow_rules *r);

/* The state without which a word that reads this matches nothing: enum class_state. */
unsigned class_needs(unsigned reads);

/* Could the rule match an operation of this class?  True is no promise, but for the
 * options that read nothing else (match_rule.class). */
bool	class_allows(const struct match_rule *m, const struct op_class *c);

/* What is remembered of a class. */
struct class_rules {
	struct op_class	of;
	uint32_t	at, n;		/* in class_table.pool: rules to look at, in order */
	uint32_t	keys;		/* kinds of keys under which other rules could match, a bit each */
};

#define CLASSES	512u		/* a power of two; two slots for each, of which the newcomer takes one */

struct class_table {
	struct class_rules	slots[CLASSES];
	uint32_t		*pool;		/* owned */
	uint32_t		 used, size;	/* of the pool */
};

/* Large enough for this set: any class fits, and usually all do. */
uint32_t class_pool_size(const struct match_set *s);
/* Forget all classes: the set is another one, or the pool is full. */
void	class_table_clear(struct class_table *t);

/* The first of its two slots. */
static inline struct class_rules *
class_slot(struct class_table *t, const struct op_class *c)
{
	uint64_t h = hash_mix(c->what ^ c->endpoints * 0x9e3779b97f4a7c15u, c->message ^ 0xe7037ed1a0b428dbu);

	return &t->slots[h & (CLASSES - 2)];
}

static inline bool
class_same(const struct op_class *a, const struct op_class *b)
{
	return ((a->what ^ b->what) | (a->endpoints ^ b->endpoints) | (a->message ^ b->message)) == 0;
}

#endif
