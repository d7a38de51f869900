/* snapshot.h - state and counters of a run, copied by the packet thread on request. */
#ifndef ENGINE_SNAPSHOT_H
#define ENGINE_SNAPSHOT_H

#include <stdint.h>

#include "base/json.h"
#include "detect/values/values.h"
#include "engine/worker.h"
#include "record/health.h"

struct snapshot {
	struct counters	 counters;
	uint64_t	 frame_ns;	/* time of the last frame, capture clock; 0: none came */
	uint64_t	 operations;	/* that have ended */
	uint64_t	 alerts;
	uint64_t	 operations_of[OP_PROTO_COUNT][OP_INTENT_COUNT], alerts_of[5];	/* as in struct summary */
	struct values_gauge	 gauges[VALUES_GAUGES];	/* n_gauges */
	unsigned		 n_gauges;
	uint32_t	 rules;		/* that run */
	unsigned	 n_sinks;
	struct sink_counts sinks[SINKS_MAX + 1];
	unsigned	 health[HEALTH_CONDITIONS];	/* devices and units in each condition, in their last hour */
	bool		 has_store;
	struct store_state store;	/* if has_store; its texts live as long as the worker */
};

/* On the packet thread. */
void	 snapshot_take(struct snapshot *s, struct worker *w, uint64_t frame_ns);

/* What does not change while the sensor runs. */
struct snapshot_of {
	const struct settings	*settings;	/* borrowed */
	const struct capture	*capture;	/* borrowed: its sources are fixed at start */
	uint64_t		 start_ns;	/* wall clock */
	const char		*sandbox;	/* what limits the process (sandbox.h); NULL: nothing says */
	const char		*landlock;	/* what limits the files of the console's process; NULL or "": there is none */
};

/* `restart`: names of settings that need a restart, taken over, or NULL.
 * The member "status" of an answer on the control socket: described in ARCHITECTURE.md.  A new
 * reference; NULL: no memory. */
json_t	*snapshot_status(const struct snapshot *s, const struct snapshot_of *of, json_t *restart);

#endif
