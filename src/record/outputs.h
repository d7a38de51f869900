/* outputs.h - the transports of outputs.sinks and the settings that each takes: outputs.def as tables. */
#ifndef RECORD_OUTPUTS_H
#define RECORD_OUTPUTS_H

#include "record/settings.h"

struct transport_row {
	const char	*word;		/* "unix-stream" */
	uint32_t	 groups;	/* SINK_GROUP_BIT() of the rows of config/sinks.def that it takes */
};
extern const struct transport_row transport_rows[OUTPUT_TRANSPORTS];

/* What has the settings of a group: "a file". */
extern const char *const sink_group_words[SINK_GROUPS];

static inline bool
transport_takes(uint64_t transport, enum sink_group g)
{
	return (transport_rows[transport].groups & SINK_GROUP_BIT(g)) != 0;
}

#endif
