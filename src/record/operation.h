/* operation.h - the one fact that dissectors make and everybody else reads:
 * what one device asked of another and, when it came, the answer.
 *
 * The same struct for every protocol; no protocol header is needed to
 * understand it.  It lives in the worker's arena: valid during the callback
 * only, copy what you keep.
 */
#ifndef RECORD_OPERATION_H
#define RECORD_OPERATION_H

#include <stdbool.h>
#include <stdint.h>

#include "record/anomaly.h"
#include "record/flow.h"
#include "record/protocol.h"

/* What it does to the plant, not how it is coded. */
enum op_intent {
#define OP_INTENT(id, text, what) INTENT_##id,
#include "record/op_names.def"
	OP_INTENT_COUNT
};

/* What it tells a device to do, by its code; fewer than 64, so that a set of them is a
 * word. */
enum op_command {
#define OP_COMMAND(id, text, what) CMD_##id,
#include "record/op_names.def"
	OP_COMMAND_COUNT
};

enum op_outcome {
#define OP_OUTCOME(id, text, what) OUTCOME_##id,
#include "record/op_names.def"
	OP_OUTCOME_COUNT
};

/* Why a device refused, in terms that all protocols share; a bit each. */
enum op_refusal {
	OP_REFUSED_FUNCTION	= 1u << 0,	/* it does not know the function */
	OP_REFUSED_ADDRESS	= 1u << 1,	/* it has not what was addressed */
	OP_REFUSED_VALUE	= 1u << 2,	/* a value or parameter is not allowed */
	OP_REFUSED_FAILURE	= 1u << 3,	/* it failed in doing it */
	OP_REFUSED_BUSY		= 1u << 4,	/* it is busy with something else */
	OP_REFUSED_OTHER	= 1u << 5,
	OP_REFUSED_UNREACHED	= 1u << 6	/* a gateway refused: it did not reach the device; OTHER is set, too */
};
#define OP_REFUSALS 7u

/* What a device reports about its own state in an answer; a bit each.  All last until it says otherwise. */
enum op_condition {
	OP_RESTARTED	= 1u << 0,	/* it restarted, and nobody has acknowledged that */
	OP_TROUBLE	= 1u << 1,	/* it reports trouble, not which */
	OP_OVERFLOW	= 1u << 2,	/* events were lost */
	OP_CORRUPT	= 1u << 3,	/* its configuration is corrupt */
	OP_BATTERY	= 1u << 4,	/* a battery is empty, or what it backs up has no voltage */
	OP_FAULT	= 1u << 5	/* a lamp of it says that something is wrong */
};

/* What a counter counts that a device keeps and an answer carries; it grows until the device restarts, goes round at
 * 65,536, or somebody sets it back. */
enum op_counter {
	OP_COUNTS_NOTHING,
	OP_COUNTS_MESSAGES,	/* on its line */
	OP_COUNTS_LINE_ERRORS,	/* damaged ones */
	OP_COUNTS_CLEARED	/* none: all were set back */
};
#define OP_COUNTERS 4u

/* What an operation shows of who asks; a bit each. */
enum op_asker {
	OP_BY_TOOL	= 1u << 0,	/* only programming tools ask so, or it calls itself one */
	OP_LIKE_TOOL	= 1u << 1,	/* as programming tools ask, and libraries that others use, too */
	OP_BY_PANEL	= 1u << 2	/* it calls itself an operator's panel */
};

/* The endpoints of an operation, whoever sent the first packet. */
enum op_end { OP_CLIENT, OP_SERVER };

/* Where in the device the items live. */
enum op_space {
#define OP_SPACE(id, of, text, what) SPACE_##id,
#include "record/op_names.def"
	OP_SPACE_COUNT
};

/* An operation is shown twice: when its request is complete, so that a command
 * is noticed at once even if no answer ever comes, and when it is over.  Both
 * carry the same `id`.  A consumer that wants one record per operation takes
 * OP_FINISHED. */
enum op_phase { OP_REQUESTED, OP_FINISHED };

enum op_value_kind {
	VALUE_NONE,
	VALUE_BIT,	/* u: 0 or 1 */
	VALUE_UINT,	/* u */
	VALUE_INT,	/* i */
	VALUE_REAL,	/* r */
	VALUE_TIME,	/* u: ms since 1970 */
	VALUE_BYTES	/* bytes, len */
};

/* One typed value with what qualifies it. */
struct op_value {
	uint8_t		 kind;		/* enum op_value_kind */
	uint8_t		 flags;		/* DNP3 quality octet; 0 elsewhere */
	bool		 has_flags;
	bool		 has_time;
	bool		 single;	/* VALUE_REAL: of single precision, r has no more digits */
	bool		 text;		/* VALUE_BYTES: characters, by its type and not by its looks */
	bool		 wide;		/* VALUE_UINT: of 64 bits, more than many readers can hold */
	uint32_t	 index;		/* point index or address of this value */
	uint32_t	 len;		/* VALUE_BYTES */
	uint64_t	 time_ms;	/* time stamp of the value, ms since 1970, if has_time */
	union {
		uint64_t	 u;
		int64_t		 i;
		double		 r;
		const uint8_t	*bytes;	/* arena or wire; valid as long as the operation */
	};
};

/* What a point is. */
enum op_point {
#define OP_POINT(id, text, numbered) POINT_##id,
#include "record/op_names.def"
	OP_POINT_COUNT
};

struct dnp3_object;	/* record/dnp3.h */

/* How an item keeps its values: as they lay on the wire, read when asked for
 * (a poll of 125 registers costs nothing until somebody looks), or typed. */
enum op_value_form {
	FORM_NONE,
	FORM_BITS_LSB,	/* raw: bit i at raw[i/8] >> (i%8), as Modbus packs coils */
	FORM_U16_BE,	/* raw: big-endian 16-bit words */
	FORM_U8,	/* raw: bytes, each a number */
	FORM_I16_BE,	/* raw: the same, two's complement */
	FORM_U32_BE,	/* raw: big-endian 32-bit words */
	FORM_I32_BE,	/* raw: the same, two's complement */
	FORM_F32_BE,	/* raw: IEEE 754 single precision, big-endian */
	FORM_OWN,	/* object: in the way of the protocol that the space belongs to, which reads it
			 * (protocol.value_at) */
	FORM_TYPED	/* typed: an array of struct op_value */
};

struct op_item {
	uint8_t		 space;		/* enum op_space */
	uint8_t		 form;		/* enum op_value_form */
	bool		 written;	/* the values go to the device (else they come from it) */
	bool		 ranged;	/* first and count mean something */
	uint32_t	 number;	/* DB, file, DNP3 group << 8 | variation, area of analog values
				 * (S7-200); 0 where there is none */
	uint32_t	 first;		/* first address, 0-based as on the wire */
	uint32_t	 count;		/* how many from there, as announced */
	uint32_t	 n_values;	/* values present; may be fewer than count */
	uint8_t		 status;	/* item return code (S7, success shown as 0), object status
					 * (DNP3); 0 elsewhere */
	uint8_t		 type;		/* S7 transport size of one element; 0 elsewhere */
	uint8_t		 bit;		/* S7: bit within the byte `first` */
	uint8_t		 point;		/* enum op_point */
	uint8_t		 step;		/* addresses of one element; 0: one */
#define OP_STEP_BITS 0xffu		/* elements are bits of what has an address, from `bit` on */
	union {
		const uint8_t		*raw;
		const struct op_value	*typed;
		const struct dnp3_object *object;
	};
	const struct dnp3_object *whole; /* FORM_TYPED of DNP3: points with more fields than a value,
					 * one for each of typed; else NULL */
};

/* The i-th value of an item, 0 <= i < n_values. */
struct op_value op_item_value(const struct op_item *it, uint32_t i);
/* Its first n <= n_values values as numbers, all at once; not a number (NaN) where one is a single
 * bit, a time or bytes. */
void op_item_numbers(const struct op_item *it, uint32_t n, double *to);
/* How many bytes each of its values takes as it lay on the wire; 0: it does not lie there. */
uint32_t op_item_size(const struct op_item *it);

/* How many addresses an item touches from `first` on, whatever its elements are: S7
 * counts elements, but an address is a byte there (of timers and counters a
 * number).  0 when it has no range. */
uint64_t op_item_span(const struct op_item *it);
/* The same of one element: 1 where elements are bits of a byte. */
uint32_t op_item_step(const struct op_item *it);
/* The address of its i-th element; *bit (may be NULL) is the bit within it where
 * elements are bits of a byte, else 0. */
uint64_t op_item_place(const struct op_item *it, uint32_t i, unsigned *bit);

/* Where an item lies as an engineer of its PLC writes it ("DB1.DBX4.3", "MW100",
 * "T5", "P#DB1.DBX0.0 BYTE 10").  False, and an empty text, where people write
 * nothing else than the numbers. */
#define OP_ADDRESS_MAX 64
bool op_item_address(const struct op_item *it, char text[OP_ADDRESS_MAX]);

/* A fact that a device reported about itself. */
enum op_fact_key {
#define OP_FACT(id, text, attribute) FACT_##id,
#include "record/op_names.def"
	OP_FACT_COUNT
};

struct op_fact {
	uint8_t		 key;		/* enum op_fact_key */
	uint8_t		 number;	/* protocol's own object id, for FACT_OTHER */
	uint16_t	 len;
	const uint8_t	*bytes;		/* as sent; may not be UTF-8 */
	/* The device that it is about: the server's unit of this operation, unless the
	 * dissector says otherwise. */
	bool		 of_client;	/* reported by the client about itself */
	bool		 has_unit;	/* of another unit than operation.unit: */
	uint32_t	 unit;
};

/* The unit that a fact is about. */
#define op_fact_unit(op, f) ((f)->has_unit ? (f)->unit : (op)->unit)

/* A named field that is not addressed data: a sub-function's operand, an event
 * count, a file name.  Names are static, lower_snake_case, from the dissector's
 * table; JSON shows them under ot.request or ot.response. */
struct op_param {
	const char	*name;
	struct op_value	 value;
	bool		 in_response;
};

/* One direction of an operation. */
struct op_side {
	bool		 seen;
	uint64_t	 ts_ns;		/* of the frame that completed it */
	uint64_t	 frame;
	uint32_t	 len;		/* bytes of the PDU */
	const uint8_t	*bytes;		/* of the PDU as a rule sees it: the Modbus PDU from its unit id on,
					 * the DNP3 application fragment, the S7 message from 0x32 or 0x72 on;
					 * arena or wire; NULL where they are gone */
	uint32_t	 n_bytes;
	uint8_t		 ttl;		/* time to live (hop limit) of that frame's packet; 0: it had none */
	uint16_t	 kinds;		/* the kind of message, for rule words of its protocol that ask for it, and
					 * of a further one that ends the answer << 8: causes of transmission of
					 * IEC 104; 0: none */
};

/* The address of an end in its own protocol, below the one of its packets: the link
 * address of DNP3, the TSAP of ISO transport. */
struct op_link {
	uint8_t		 len;		/* bytes of it; 0: it has none, or none was seen */
	uint32_t	 number;	/* where it is a number: bytes is NULL */
	const uint8_t	*bytes;		/* else; as long as the operation */
};
#define OP_LINK_MAX 32u			/* no longer one is told */

/* Where an operation passed, [OP_CLIENT] and [OP_SERVER]. */
struct op_ends {
	struct addr	 addr[2];	/* all zero where there is none */
	uint16_t	 port[2];
	uint8_t		 mac[2][6];
	bool		 mac_known[2];
	bool		 has_addr;
	uint8_t		 ip_proto;	/* enum ip_protocol; 0: none */
	uint8_t		 n_vlan;
	uint16_t	 vlan[FLOW_VLANS];
	uint16_t	 source;	/* interface or file */
};

struct op_anomaly {
	enum anomaly_id	 id;
	uint32_t	 offset;	/* in the PDU */
	bool		 in_response;
};
#define OP_ANOMALIES 8

struct operation {
	uint64_t	 id;		/* 1-based per flow; EVE tx_id is id - 1 */
	struct flow	*flow;		/* ends, roles, names; borrowed.  NULL: it came straight on
					 * Ethernet, and `ends` is set */
	const struct op_ends *ends;	/* borrowed; NULL: as the flow says.  Ask op_ends_of() */
	struct op_link	 link[2];	/* by enum op_end */
	enum op_phase	 phase;
	enum op_proto	 proto;
	struct op_side	 request, response;
	uint64_t	 latency_ns;	/* request to response; 0 unless both were seen */

	uint32_t	 unit;		/* Modbus unit id, DNP3 outstation address, S7 rack << 8 | slot */
	uint32_t	 function, subfunction;	/* as on the wire, without the exception bit */
	uint32_t	 transaction;	/* protocol's own number */
	const char	*name;		/* the specification's name; static */
	const char	*subname;	/* of the sub-function, or NULL; static */
	const char	*action;	/* what it does, in plain words, where the name of the function does
					 * not say it: "latch on"; static, or NULL */
	enum op_intent	 intent;
	enum op_command	 command;

	enum op_outcome	 outcome;
	uint32_t	 exception;	/* code, 0 none */
	const char	*exception_name; /* static, or NULL */
	const char	*shown_by;	/* OP_FAULT: the name of the lamp, or what is missing; static, or NULL */
	uint64_t	 clock_ms;	/* the device's own clock when it answered, as it shows it, ms since 1970; 0: not
					 * told */
	uint64_t	 mode_ms;	/* when it last changed its operating mode, by that clock; 0: not told */
	const char	*login_refused;	/* a proof of identity was not accepted: how that was said; static,
					 * or NULL */
	uint64_t	 status;	/* as the protocol has it: DNP3 internal indications (IIN1 << 8 |
					 * IIN2) */
	uint8_t		 refused;	/* enum op_refusal bits; 0 also where the protocol has other reasons */
	uint8_t		 condition;	/* enum op_condition bits, */
	uint8_t		 condition_of;	/* of those that the answer says anything of */
	uint8_t		 asker;		/* enum op_asker bits */
	uint8_t		 counter;	/* enum op_counter: what the answer counts */
	uint32_t	 counted;	/* ... and how many */
	bool		 has_status;	/* the answer carries a status of the device */
	bool		 has_subfunction, broadcast;
	bool		 vendor;	/* a function that a vendor's own tools use every day, though the
					 * standard does not define it */
	bool		 wants_confirm;	/* the request asks that its arrival be confirmed */

	struct op_item	*items;		/* arena */
	struct op_param	*params;	/* arena */
	struct op_fact	*facts;		/* arena */
	uint32_t	 n_items, n_params, n_facts;
	struct op_anomaly anomalies[OP_ANOMALIES];
	uint32_t	 n_anomalies;	/* may exceed OP_ANOMALIES: only the first are kept */

	const void	*detail;	/* protocol's own struct (record/modbus.h); NULL if none */
};

/* Bytes of one conversation, framed where a dissector knows the frames; valid during the call. */
struct flow_bytes {
	struct flow	*flow;
	enum flow_dir	 dir;		/* from which end */
	const uint8_t	*p;
	uint32_t	 n;
	bool		 pdu;		/* exactly one PDU of flow->protocol; else a piece of a stream
					 * or a datagram */
	bool		 datagram;
	bool		 late;		/* a PDU that went by as a piece before its flow was claimed */
	bool		 cut;		/* a datagram that was longer on the wire */
	uint16_t	 source;
	uint64_t	 ts_ns, frame;	/* of the frame that completed it */
};

/* Where dissectors put what they find; borrowed arguments. */
struct op_sink {
	void	(*operation)(void *arg, const struct operation *op);
	void	(*anomaly)(void *arg, const struct anomaly *a);
	/* One whole PDU as it lay on the wire, after it was read.  NULL: not wanted. */
	void	(*pdu)(void *arg, const struct flow_bytes *b);
	void	*arg;
};

/* The endpoints of an operation, from its flow or from itself. */
struct op_ends op_ends_of(const struct operation *op);

/* The named field of its request; NULL: it has none. */
const struct op_param *op_request_param(const struct operation *op, const char *name);

/* Of an enum op_point; never NULL. */
const char	*op_point_name(unsigned point);
bool		 op_point_numbered(unsigned point);

/* Text of each name list; NULL out of range. */
const char	*op_intent_name(enum op_intent);
const char	*op_command_name(enum op_command);
const char	*op_outcome_name(enum op_outcome);
const char	*op_space_name(enum op_space);
/* Whose devices have it; OP_UNKNOWN: those of several protocols. */
enum op_proto	 op_space_of(enum op_space);
const char	*op_fact_name(enum op_fact_key);

#endif
