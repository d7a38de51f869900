/* protocol.h - the descriptor of a protocol: all that the rest of the program needs to know of
 * it, once, in its own folder (dissectors/NAME/protocol.c).
 *
 * Nobody else lists protocols.  A list of rule heads, record types, ports or units walks
 * protocols[]; what must differ from protocol to protocol is a member here or a function of its
 * dissector or EVE writer.  A row of op_names.def without a descriptor, a dissector or a
 * writer does not link, and protocol_check() finds a descriptor that lacks something.
 */
#ifndef RECORD_PROTOCOL_H
#define RECORD_PROTOCOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "record/anomaly.h"
#include "record/counters.h"

enum op_proto {
	OP_UNKNOWN,
#define OP_PROTO(id, symbol) OP_##id,
#include "record/op_names.def"
	OP_PROTO_COUNT
};

/* A set of protocols, a bit each. */
#define PROTO_BIT(p)	((uint32_t)1 << (p))
#define PROTOS_ALL	(PROTO_BIT(OP_PROTO_COUNT) - PROTO_BIT(OP_UNKNOWN + 1))
_Static_assert(OP_PROTO_COUNT < 32, "a set of protocols has 32 bits");

/* Where a protocol is counted.  0 (which belongs to capture): not counted. */
struct protocol_counters {
	enum counter_id	 flows;		/* conversations claimed */
	enum counter_id	 tx;		/* operations finished */
	enum counter_id	 gap;		/* gaps inside conversations */
	enum counter_id	 parser;	/* times the place was lost (RESYNC) */
	enum counter_id	 blind;		/* bytes that could not be read */
};

/* What operation.unit is: the device behind an address. */
struct protocol_unit {
	const char	*name;		/* for manuals: "unit identifier", "outstation" */
	const char	*before;	/* in sentences, before number and address: "unit", "outstation";
					 * NULL: the number is not said there */
	const char	*between;	/* "of", "at" */
	uint16_t	 none[2];	/* numbers that name the address's own device and are not said */
	const char	*all;		/* a broadcast, before the address: "all units of" */
	const char	*device;	/* before the address when no unit is: "PLC"; NULL nothing */
	uint16_t	 slot_from;	/* the number is rack << 8 | slot, and said behind the address
					 * from this one on; 0: it is no rack and slot */
	bool		 distant;	/* its devices are outstations, far from their master: telecontrol */
	bool		 gateway;	/* units stand behind a gateway that may speak for absent ones */
};

/* How a function code is written in sentences: "Modbus function 8/4". */
struct protocol_code {
	uint32_t	 from;		/* codes from this one on; counted from it where `counted` */
	const char	*before;	/* "Modbus function" */
	uint8_t		 hex;		/* digits; 0: decimal */
	bool		 counted;
	bool		 sub;		/* and the sub-function behind it, where there is one */
	const char	*param;		/* the field of the request that says it better, text: instead of the
					 * number; where the request lacks it the next row counts */
};

struct op_item;		/* record/operation.h */
struct op_value;
struct protocol_values;	/* record/place.h */

/* What numbers of one of its own rule words are called there. */
struct protocol_name {
	const char	*word;		/* "s7comm.rosctr"; NULL behind the last */
	const char	*name;		/* "job" */
	uint16_t	 from, to;	/* the numbers; most names stand for one */
};

struct protocol {
	enum op_proto	 proto;
	enum op_proto	 family;	/* the protocol whose rule words, heads and record type it shares
					 * (S7comm-plus: S7comm); else itself */
	const char	*name;		/* "s7comm-plus": ot.protocol, EVE's app_proto, app-layer-protocol */
	const char	*title;		/* for people: "Modbus" */
	const char	*also;		/* other spellings in rules, blank between: "s7"; NULL none.  Its own rule
					 * words begin with name or spelling, and . or _ behind it */
	const char	*event;		/* EVE's event_type, and the word of outputs.eve.types; of a family
					 * one for all */
	const char	*variable;	/* of $MODBUS_PORTS, $MODBUS_CLIENT and $MODBUS_SERVER: "MODBUS";
					 * NULL: its family's */
	bool		 by_ndpi;	/* a flow may have this name from nDPI, too; else only its dissector
					 * gives it */
	const struct protocol_code *codes;	/* highest first, the last from 0; NULL: "function 8" */
	const char	*data;		/* what its data word of rules looks into, behind the title:
					 * "application fragment"; NULL: it has no such word */
	const struct protocol_name *names;	/* NULL: none */
	uint32_t	 function_max;	/* highest function code, for rules that can never match */
	const uint16_t	*tcp_ports, *udp_ports;	/* 0-ended, or NULL; hints only */
	bool		 port_shared;	/* others use its port rightly (ISO transport): only a protocol that
					 * cannot be meant there is misuse */
	struct protocol_unit unit;
	/* The i-th value of an item that keeps them its own way (FORM_OWN, in a space of the protocol). */
	struct op_value	(*value_at)(const struct op_item *it, uint32_t i);
	/* Where an item lies, as op_item_address() has it; NULL: people write the numbers. */
	bool		(*address)(const struct op_item *it, char *text);
	const struct protocol_values *values;	/* what tags call a place; NULL: its values have none */
	/* Who says what devices report of themselves with a function (enum attribute_source); NULL: no facts come. */
	unsigned (*fact_source)(uint32_t function);
	struct protocol_counters counters;
	/* Reported when the place in a conversation is lost, at most once a minute and flow;
	 * ANOM_NONE: the dissector reports by itself. */
	enum anomaly_id	 lost;
	/* Reported when the whole claim was wrong: another protocol reads what this one
	 * could not, and the conversation is its from then on. */
	enum anomaly_id	 withdrawn;
};

/* Of each enum op_proto; [OP_UNKNOWN] has a name and nothing else. */
extern const struct protocol *const protocols[OP_PROTO_COUNT];

/* By its name ("s7comm-plus"); NULL: there is none. */
const struct protocol *protocol_find(const char *name);

/* By name or another spelling, of n bytes, in upper or lower case; NULL: there is none. */
const struct protocol *protocol_spelled(const char *text, size_t n);

/* Whose port it is, of TCP or UDP, the first in the order of op_names.def; NULL: nobody's. */
const struct protocol *protocol_at_port(uint16_t port);

/* Is it one of these, 0-ended or NULL? */
bool	protocol_has_port(const uint16_t *ports, uint16_t port);

/* It and those of its family. */
uint32_t protocol_family(enum op_proto p);

/* Is each descriptor whole, and no name, spelling or variable used twice?  NULL, or a
 * sentence in `why` that names the protocol.  For a test. */
const char *protocol_check(char *why, size_t size);

#endif
