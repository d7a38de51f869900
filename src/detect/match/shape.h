/* shape.h - what of an operation repeats from one poll to the next, and which rules
 * could match an operation of such a shape.
 *
 * A plant asks the same over and over.  Most of what rules ask of an operation - its
 * function, what it does and how it ended, which way it goes between whom, whether
 * there was an answer - is the same each time, so the rules that this leaves are
 * worked out once and remembered here, in a table of fixed size with two places for
 * each, of which the newcomer takes one.  For an ordinary read that is none.  What does change (units,
 * addresses, numbers, values) is looked at each time, for those that are left.
 */
#ifndef DETECT_MATCH_SHAPE_H
#define DETECT_MATCH_SHAPE_H

#include "base/hash.h"
#include "detect/match/set.h"
#include "record/dnp3.h"
#include "record/modbus.h"
#include "record/operation.h"
#include "record/s7.h"

#define SHAPES		512u	/* a power of two */
#define SHAPE_RULES	16u
#define SHAPE_MANY	(SHAPE_RULES + 1)

/* Bits of shape.what above the function, its protocol, intent and outcome. */
enum shape_bits {
	SHAPE_OVER	= 1u << 0,
	SHAPE_ASKED	= 1u << 1,	/* the request was seen */
	SHAPE_ANSWERED	= 1u << 2,	/* the answer was */
	SHAPE_FIRST	= 1u << 3,	/* of its flow */
	SHAPE_SLOW	= 1u << 4,	/* as slow as some rule asks for */
	SHAPE_ITEMS	= 1u << 5,	/* there are any */
	SHAPE_DETAIL	= 1u << 6,	/* so is the message that shape.more is about */
	SHAPE_UNIT	= 1u << 7	/* some rule may stand under its unit */
};

struct shape {
	uint64_t	what;	/* function, protocol << 32, intent << 40, outcome << 48, bits << 56 */
	uint64_t	ends;	/* flow.rules_ends of the client, of the server << 32 */
	uint64_t	more;	/* the protocol's own; see shape_more() */
};

struct shape_rules {
	struct shape	of;
	/* Things (KEY_UNIT..) under which a rule stands that could match, a bit each: by themselves, and
	 * within the function. */
	uint16_t	wide, narrow;
	uint32_t	n;		/* rules that need no such thing, in order; SHAPE_MANY: not listed */
	uint32_t	rules[SHAPE_RULES];
};

static inline uint64_t
shape_of_dnp3(const struct dnp3_message *m)
{
	return m->present ? 1u | (unsigned)m->has_application << 1 | (unsigned)m->has_iin << 2 |
	    (uint64_t)m->function << 8 | (m->has_iin ? (uint64_t)m->iin << 16 : 0) : 0;
}

/* What match_tx_could() reads of the detail, and nothing else. */
static inline uint64_t
shape_more(const struct operation *op, bool answered, uint64_t *what)
{
	const struct modbus_message *mb;
	const struct dnp3_detail *dnp3;
	const struct s7_message *s7;

	if (op->detail == NULL)
		return 0;
	switch (op->proto) {
	case OP_MODBUS:
		mb = &((const struct modbus_detail *)op->detail)->request;
		if (!mb->present)
			mb = &((const struct modbus_detail *)op->detail)->response;
		*what |= (uint64_t)SHAPE_DETAIL << 56;
		/* Texts of tables: the same text, the same place. */
		return !mb->present ? 1 : (uint64_t)(uintptr_t)mb->access_type ^ (uint64_t)mb->function_raw << 56;
	case OP_DNP3:
		dnp3 = op->detail;
		*what |= (uint64_t)SHAPE_DETAIL << 56;
		return shape_of_dnp3(&dnp3->request) | shape_of_dnp3(&dnp3->response) << 32;
	case OP_S7:
	case OP_S7PLUS:
		s7 = answered ? &((const struct s7_detail *)op->detail)->response :
		    &((const struct s7_detail *)op->detail)->request;
		if (!s7->present)
			return 0;
		*what |= (uint64_t)SHAPE_DETAIL << 56;
		return (s7->has_header ? 1u | (uint64_t)s7->rosctr << 8 : 0) |
		    (s7->has_szl ? 2u | (uint64_t)s7->szl_id << 16 : 0) |
		    (s7->plus ? 4u | (uint64_t)s7->opcode << 32 | (uint64_t)s7->plus_function << 40 : 0);
	default:
		return 0;
	}
}

/* flow.rules_ends must have been worked out. */
static inline struct shape
shape_of(const struct match_set *s, const struct operation *op)
{
	const struct flow *f = op->flow;
	bool asked = op->request.seen, answered = op->response.seen, over = op->phase == OP_FINISHED;
	unsigned bits = (over ? SHAPE_OVER : 0u) | (asked ? SHAPE_ASKED : 0u) | (answered ? SHAPE_ANSWERED : 0u) |
	    (op->id <= 1 ? SHAPE_FIRST : 0u) | (op->n_items > 0 ? SHAPE_ITEMS : 0u) |
	    ((s->units >> (op->unit & 63) & 1u) != 0 ? SHAPE_UNIT : 0u) |
	    (asked && answered && op->latency_ns >= s->slow_ns ? SHAPE_SLOW : 0u);
	struct shape sh = { .what = op->function | (uint64_t)op->proto << 32 | (uint64_t)op->intent << 40 |
	    (uint64_t)op->outcome << 48 | (uint64_t)bits << 56,
	    .ends = f->rules_ends[flow_client(f)] | (uint64_t)f->rules_ends[flow_server(f)] << 32 };

	sh.more = shape_more(op, over && answered, &sh.what);
	return sh;
}

/* The first of its two places in a table of SHAPES: two that are frequent may share them. */
static inline uint32_t
shape_place(const struct shape *sh)
{
	uint64_t h = hash_mix(sh->what ^ 0xa0761d6478bd642fu, sh->more ^ 0xe7037ed1a0b428dbu);

	return (uint32_t)(hash_mix(h ^ sh->ends, 0x8ebc6af09c88c6e3u) & (SHAPES - 2));
}

static inline bool
shape_same(const struct shape *a, const struct shape *b)
{
	return a->what == b->what && a->ends == b->ends && a->more == b->more;
}

static inline bool
shape_has_none(const struct shape_rules *e)
{
	return (e->n | e->wide | e->narrow) == 0;
}

#endif
