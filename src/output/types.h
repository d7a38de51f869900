/* types.h - which records are wanted: outputs.eve.types. */
#ifndef OUTPUT_TYPES_H
#define OUTPUT_TYPES_H

#include "base/err.h"
#include "record/operation.h"

enum output_type {
#define OUTPUT_TYPE(id, word, what) TYPE_##id,
#include "record/output_types.def"
#undef OUTPUT_TYPE
	OUTPUT_TYPE_COUNT
};

#define TYPE_BIT(t)	(1u << (t))
/* All operations of one protocol. */
#define TYPE_OF(proto)	(1u << (OUTPUT_TYPE_COUNT + (proto)))
_Static_assert(OUTPUT_TYPE_COUNT + OP_PROTO_COUNT <= 32, "a set of record types has 32 bits");
#define TYPES_ALL	UINT32_MAX	/* also operations of protocols without a word */

struct output_type_row {
	const char	*word, *what;	/* static */
};

const struct output_type_row *output_type_row(enum output_type t);

/* Who asks for them: what "auto" means. */
enum types_for {
	TYPES_FOR_EVE,		/* outputs.eve */
	TYPES_FOR_SINK,		/* one of outputs.sinks: as the former, without series of values, which have no place in an index of
				 * alerts unless they are asked for */
	TYPES_FOR_SERIES	/* one whose format writes nothing else */
};

/* The bits of a comma list; "all" is everything, "auto" (or NULL) everything in
 * a replay and what does not grow with every poll on a live sensor.  Unknown
 * words are added to `e`, each with the nearest known one. */
uint32_t	types_parse(const char *list, enum types_for who, bool live, struct err *e);

/* Is this operation wanted? */
bool		types_want(uint32_t types, const struct operation *op);

/* Does it do more than read, or was it refused? */
bool		types_is_change(const struct operation *op);

#endif
