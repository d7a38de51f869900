/* observation.h - the flat copy of an operation that may leave the packet thread: no
 * pointers, a fixed size, and a bit for whatever may be absent.
 *
 * What goes to a store, to series, to other sensors.  An operation lives during one call;
 * its observation as long as its owner likes.  The same operation gives the same bytes
 * (what is not used is zero), so two may be compared with memcmp().  Names are not in
 * it: protocol, function and sub-function have them in their table.
 */
#ifndef RECORD_OBSERVATION_H
#define RECORD_OBSERVATION_H

#include "record/operation.h"

#define OBS_ITEMS	8u	/* of one operation; how many there were is told */
#define OBS_VALUES	16u	/* of all items together */
#define OBS_FACTS	4u
#define OBS_FACT_LEN	40u	/* bytes */

enum obs_present {
	OBS_REQUEST	= 1u << 0,	/* request_* were seen */
	OBS_RESPONSE	= 1u << 1,
	OBS_ADDR	= 1u << 2,	/* addr, port and ip_proto */
	OBS_FLOW	= 1u << 3,	/* flow */
	OBS_MAC_CLIENT	= 1u << 4,
	OBS_MAC_SERVER	= 1u << 5,
	OBS_LINK_CLIENT	= 1u << 6,	/* link[OP_CLIENT] */
	OBS_LINK_SERVER	= 1u << 7,
	OBS_SUBFUNCTION	= 1u << 8,
	OBS_STATUS	= 1u << 9,	/* status and condition */
	OBS_LATENCY	= 1u << 10,
	OBS_BROADCAST	= 1u << 11,
	OBS_LOGIN_REFUSED = 1u << 12,
	OBS_SHORTENED	= 1u << 13	/* it had more items, values or facts, longer ones, or values that are
					 * no numbers */
};

/* The address of an end below the one of its packets. */
struct obs_link {
	uint8_t		len;		/* of bytes, or of the number */
	bool		numeric;
	uint32_t	number;
	uint8_t		bytes[OP_LINK_MAX];
};

struct obs_item {
	uint8_t		space, point;	/* enum op_space, op_point */
	uint8_t		status, type, bit;	/* as in struct op_item */
	bool		written, ranged;
	uint32_t	number;
	uint32_t	first;
	uint32_t	count;		/* elements */
	uint64_t	span;		/* addresses from first on: first + span is one behind the last */
	uint32_t	n_values;	/* that the operation had */
};

/* A number; what is no number is not among them. */
struct obs_value {
	uint8_t		item;		/* which */
	uint8_t		kind;		/* enum op_value_kind: BIT, UINT, INT, REAL or TIME */
	uint8_t		flags;		/* DNP3 quality, if has_flags */
	bool		has_flags, has_time;
	uint32_t	address;	/* of its element */
	uint8_t		bit;		/* within that */
	uint64_t	time_ms;
	union { uint64_t u; int64_t i; double r; };
};

struct obs_fact {
	uint8_t		key;		/* enum op_fact_key */
	uint8_t		number;
	bool		of_client;
	uint8_t		len;		/* at most OBS_FACT_LEN */
	uint32_t	unit;
	uint8_t		bytes[OBS_FACT_LEN];
};

struct observation {
	uint32_t	 present;	/* enum obs_present bits */
	uint8_t		 phase, proto, intent, command, outcome;	/* enums of operation.h */
	uint8_t		 refused;	/* enum op_refusal bits */
	uint8_t		 condition;	/* enum op_condition bits */
	uint8_t		 ip_proto;
	uint64_t	 id;		/* operation.id */
	uint64_t	 flow;		/* flow.id */
	uint64_t	 request_ns, request_frame, response_ns, response_frame, latency_ns;
	uint32_t	 request_len, response_len;
	uint32_t	 unit, function, subfunction, exception;
	uint64_t	 status;
	uint16_t	 source;	/* interface or file */
	uint16_t	 port[2];	/* by enum op_end, as all below */
	uint8_t		 ttl[2];	/* of request and answer; 0: none */
	uint8_t		 n_vlan;
	uint16_t	 vlan[FLOW_VLANS];
	uint8_t		 mac[2][6];
	struct addr	 addr[2];
	struct obs_link	 link[2];

	uint32_t	 n_items, n_values, n_facts;	/* of the operation; kept are the first */
	uint8_t		 kept_items, kept_values, kept_facts;
	uint8_t		 n_anomalies;			/* kept */
	uint16_t	 anomalies[OP_ANOMALIES];	/* enum anomaly_id */
	struct obs_item	 items[OBS_ITEMS];
	struct obs_value values[OBS_VALUES];
	struct obs_fact	 facts[OBS_FACTS];
};
_Static_assert(sizeof(struct observation) <= 2048, "an observation is a small, flat record");

void observation_from(const struct operation *op, struct observation *o);

#endif
