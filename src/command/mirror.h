/* mirror.h - is a mirror port right?  What a time of listening showed, judged in words. */
#ifndef COMMAND_MIRROR_H
#define COMMAND_MIRROR_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/json.h"
#include "command/assets.h"
#include "record/counters.h"
#include "record/flow.h"
#include "record/operation.h"

#define MIRROR_VLANS	4096u	/* and one row for frames without a tag */
#define MIRROR_MAIN	12u	/* devices that are named */

enum mirror_check {
#define CHECK(id, text, label, unit, least, permille, problem, change) MIRROR_##id,
#include "command/mirror.def"
#undef CHECK
	MIRROR_CHECKS
};

struct mirror_row {
	const char	*text, *label, *unit;
	uint64_t	 least;
	unsigned	 permille;
	const char	*problem, *change;
};
extern const struct mirror_row mirror_rows[MIRROR_CHECKS];

/* What was seen. */
struct mirror {
	char		 source[256];		/* "eth1, eth2", or the captures */
	bool		 live;
	double		 seconds;
	uint64_t	 frames, bytes;
	uint64_t	 tcp, tcp_sided;	/* TCP conversations, and of them those with one side only */
	uint64_t	 two_sided;		/* conversations of all kinds that have both */
	uint64_t	 operations, sided;	/* of plant protocols */
	uint64_t	 of[OP_PROTO_COUNT];
	uint64_t	 flows_of[OP_PROTO_COUNT];
	uint64_t	 vlans[MIRROR_VLANS + 1];	/* conversations; [MIRROR_VLANS]: without a tag */
	uint64_t	 plant_frames;		/* straight on Ethernet */
	uint32_t	 control;		/* devices that take part in control traffic */
	struct asset_rows devices;		/* all of them, what matters most first; only while the run lasts */
	struct {
		uint64_t	part, whole;
		bool		wrong;
	}		 checks[MIRROR_CHECKS];
};

/* A conversation has ended. */
void	mirror_flow(struct mirror *m, const struct flow *f);

/* All is counted: judge.  Returns how many things are wrong. */
unsigned mirror_judge(struct mirror *m, const struct counters *c);

/* Put the devices in order.  False: no memory. */
bool	mirror_devices(struct mirror *m, const struct inventory *inv);

/* For a person; as one object (a new reference, NULL: no memory). */
void	mirror_print(const struct mirror *m, FILE *to);
json_t	*mirror_json(const struct mirror *m);

#endif
