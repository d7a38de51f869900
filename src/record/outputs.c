#include "record/outputs.h"

#define OUTPUT_FORMAT(id, word, what)
#define G(id) SINK_GROUP_BIT(SINK_GROUP_##id)

#define SINK_GROUP(id, what)
#define OUTPUT_TRANSPORT(id, word, groups, what) { word, G(ALL) | (groups) },
const struct transport_row transport_rows[OUTPUT_TRANSPORTS] = {
#include "record/outputs.def"
};
#undef OUTPUT_TRANSPORT
#undef SINK_GROUP

#define OUTPUT_TRANSPORT(id, word, groups, what)
#define SINK_GROUP(id, what) what,
const char *const sink_group_words[SINK_GROUPS] = {
#include "record/outputs.def"
};
