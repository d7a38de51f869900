/* anomaly.h - "this should not be here": a fact about bytes, not an alert.
 *
 * Every anomaly the program can report is a row of anomaly.def; the row's text
 * id is what rules match and what EVE shows, and is never changed.
 */
#ifndef RECORD_ANOMALY_H
#define RECORD_ANOMALY_H

#include <stdint.h>

enum anomaly_id {
#define ANOMALY(id, layer, text, what, spec) ANOM_##id,
#include "record/anomaly.def"
#undef ANOMALY
	ANOMALY_COUNT
};

/* Where it broke: below the protocols, or in one of them. */
enum anomaly_layer {
	LAYER_DECODE, LAYER_STREAM,
	LAYER_EXAMPLE,	/* the dissector to copy; never shipped */
#define OP_PROTO(id, symbol) LAYER_##id,
#include "record/op_names.def"
	LAYER_COUNT
};

struct flow;
struct packet;

struct anomaly {
	enum anomaly_id		 id;
	uint64_t		 ts_ns;
	uint64_t		 frame;
	uint16_t		 source;
	uint32_t		 offset;	/* in the PDU, segment or frame */
	uint64_t		 operation;	/* id of the operation it belongs to, or 0 */
	/* A withdrawn claim: the first and the last operation that were written under it;
	 * 0 none. */
	uint64_t		 first_operation, last_operation;
	struct flow		*flow;		/* NULL below the flow */
	unsigned		 from_end;	/* endpoint of the flow that sent it */
	const struct packet	*packet;	/* decode and stream anomalies; NULL elsewhere */
	const char		*detail;	/* static text, more exact than the row; or NULL */
};

struct anomaly_row {
	const char		*text;	/* stable id: "invalid_length" */
	enum anomaly_layer	 layer;
	const char		*what;	/* a sentence for people */
	const char		*spec;	/* the section of the specification */
};

/* The row of an id; never NULL for a valid id. */
const struct anomaly_row *anomaly_row(enum anomaly_id id);

/* "decode", "stream", or the protocol's name: EVE's app_proto for dissectors. */
const char *anomaly_layer_name(enum anomaly_layer layer);

#endif
