/* registry.c - the one list of dissectors.  A protocol exists when it is here. */
#include "dissect/dissect.h"

#include "dissect/dissector.h"

extern const struct dissector modbus_dissector;		/* dissectors/modbus/ */
extern const struct dissector dnp3_dissector;		/* dissectors/dnp3/ */
extern const struct dissector s7comm_dissector;		/* dissectors/s7/ */
extern const struct dissector s7plus_dissector;

const struct dissector *const dissectors[] = {
	&modbus_dissector,
	&dnp3_dissector,
	&s7comm_dissector,
	&s7plus_dissector,
	NULL
};

struct dissect *
dissect_open(const struct dissect_settings *s, const struct op_sink *sink,
    struct arena *arena, struct counters *c)
{
	return dissect_open_with(dissectors, s, sink, arena, c);
}
