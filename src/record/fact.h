/* fact.h - one thing that the baseline knows: who it is about, since when, how often seen.
 *
 * The baseline is the set of its facts.  A deviation is a fact that is not in the set, or a
 * value that the numbers of a fact do not explain.  Which kinds there are, what of the key
 * each uses, and what a deviation of it is, stands in facts.def, one row each.
 */
#ifndef RECORD_FACT_H
#define RECORD_FACT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "record/addr.h"
#include "record/alert_type.h"

enum fact_kind {
#define FACT(id, text, model, owner, fields, varies, alert, doc) FACT_KIND_##id,
#include "record/facts.def"
	FACT_KIND_COUNT
};

/* Which model it belongs to: the order in which they are asked. */
enum fact_model { FACT_MODEL_STRUCTURE, FACT_MODEL_VALUE, FACT_MODEL_VOLUME, FACT_MODEL_TIMING, FACT_MODEL_COUNT };

/* Whose fact it is: whose learning decides whether a new one is taken. */
enum fact_owner { FACT_OF_SERVER, FACT_OF_CLIENT, FACT_OF_BOTH, FACT_OF_NETWORK };

/* What a key may hold; a bit each, with its name in the text form. */
enum fact_field {
#define FIELD(id, name, how) FACT_FIELD_##id,
#include "record/facts.def"
	FACT_FIELD_COUNT
};
#define FACT_HAS(id) (1u << FACT_FIELD_##id)
#define FACT_FIRST (1u << 31)	/* in `varies`: the first of a family is learned whenever it comes */
_Static_assert(FACT_FIELD_COUNT < 31, "fields and FACT_FIRST are bits of one word");

#define FACT_TEXT 40u	/* bytes of the text of a key, with its NUL; the rest is zero */
#define FACT_NUMBERS 6u

/* Flat and without padding: keys are compared with memcmp().  What a kind does not use is
 * zero.  A device alone (MAC, TTL, services) is the server. */
struct fact_key {
	uint8_t		kind;		/* enum fact_kind */
	uint8_t		proto;		/* enum op_proto */
	uint8_t		space;		/* enum op_space */
	uint8_t		written;	/* 1: what goes to the device */
	uint16_t	port;
	uint8_t		mac[6];
	struct addr	client, server;
	uint32_t	unit;
	uint32_t	number;		/* as in struct op_item: DB, group << 8 | variation, type */
	uint32_t	function;
	uint32_t	subfunction;
	uint32_t	code;		/* what the row says: intent, exception, bit of a status, TTL ... */
	uint32_t	first, last;	/* addresses, both in it */
	char		text[FACT_TEXT];
};
_Static_assert(sizeof(struct fact_key) == 112, "a key has no padding");

enum fact_state {
	FACT_NONE,		/* free */
	FACT_LEARNED,
	FACT_ACCEPTED,		/* by the operator: never forgotten by itself */
	FACT_OPEN,		/* it deviated, and nobody has accepted or rejected it */
	FACT_REJECTED,		/* by the operator: alerts each time it comes back */
	FACT_EXPIRED,		/* was learned, and did not come for very long */
	FACT_STATES
};

union fact_number { double d; uint64_t u; };

/* A double that holds a whole number of at most `most`; 0 for any other, as a file may have it. */
static inline uint64_t
fact_whole(union fact_number n, uint64_t most)
{
	return n.d >= 0 && n.d < 9e18 && (uint64_t)n.d <= most ? (uint64_t)n.d : 0;
}

struct fact {
	struct fact_key		 key;
	uint8_t			 state;		/* enum fact_state */
	bool			 counted;	/* seen since it was saved; of the table, which this fits into */
	uint8_t			 reserved[6];
	uint64_t		 first_ns, last_ns;	/* capture clock */
	uint64_t		 count;		/* how often seen: 1 is said */
	union fact_number	 n[FACT_NUMBERS];	/* of its model, whose file says what they are */
};

struct fact_row {
	const char	*text;		/* "peer" */
	uint8_t		 model, owner;
	bool		 reals;		/* its numbers are doubles; else whole numbers */
	uint32_t	 fields;	/* FACT_HAS bits */
	uint32_t	 varies;	/* those of them that tell its siblings apart: the rest is the family */
	enum alert_type	 alert;		/* of its deviation; a model may choose a graver one */
	const char	*doc;
};

const struct fact_row *fact_row(unsigned kind);		/* kind < FACT_KIND_COUNT */
unsigned	 fact_kind_by_text(const char *text);	/* FACT_KIND_COUNT: none */
const char	*fact_state_text(unsigned state);
unsigned	 fact_state_by_text(const char *text);	/* FACT_STATES: none */

/* A range: siblings lie beside each other and are merged. */
static inline bool
fact_ranged(unsigned kind)
{
	return (fact_row(kind)->varies & FACT_HAS(RANGE)) != 0;
}

/* Its owner's address; of two the i-th (0, 1); NULL: it has no further one.  Zero: the network. */
const struct addr *fact_owner(const struct fact_key *k, unsigned i);

/* The same key without what varies: what siblings share. */
struct fact_key	 fact_family(const struct fact_key *k);

/* The text form, one line without its end: "peer server=10.0.0.1 client=10.0.0.2 proto=modbus".
 * fact_print() puts " state=learned first=... last=... count=12" behind it, and the numbers of its
 * model.  Returns the length; cut where it does not fit. */
#define FACT_LINE_MAX 640u
size_t		 fact_print_key(const struct fact_key *k, char *to, size_t size);
size_t		 fact_print(const struct fact *f, char *to, size_t size);

/* Read such a line of n bytes back; what is not given is 0, a state of its own "learned".
 * false: *why says what is wrong (static), *at where. */
bool		 fact_parse(const char *line, size_t n, struct fact *f, const char **why, size_t *at);

#endif
