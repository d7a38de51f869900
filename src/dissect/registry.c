/* registry.c - the one list of dissectors: one for each row of op_names.def, defined in
 * its folder below dissectors/ as SYMBOL_dissector.  A row without one does not link. */
#include "dissect/dissect.h"

#include "dissect/dissector.h"

#define OP_PROTO(id, symbol) extern const struct dissector symbol##_dissector;
#include "record/op_names.def"

const struct dissector *const dissectors[] = {
#define OP_PROTO(id, symbol) &symbol##_dissector,
#include "record/op_names.def"
	NULL
};

struct dissect *
dissect_open(const struct dissect_settings *s, const struct op_sink *sink,
    struct arena *arena, struct counters *c)
{
	return dissect_open_with(dissectors, s, sink, arena, c);
}
