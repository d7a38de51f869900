/* iec104.h - what an operation of IEC 60870-5-104 carries beside the common fields:
 * the APDUs that it is made of, for EVE and the words of rules.
 *
 * Borrowed like the operation: bytes point into the arena or the wire.
 */
#ifndef RECORD_IEC104_H
#define RECORD_IEC104_H

#include <stdbool.h>
#include <stdint.h>

#include "record/operation.h"

/* Functions of an operation: type identifications 1 to 255 as they are, and APDUs
 * without an ASDU behind them, by their first control octet. */
#define IEC104_CONTROL	0x100u
#define IEC104_S_FORMAT	(IEC104_CONTROL + 0x01u)

enum iec104_format { IEC104_I, IEC104_S, IEC104_U };

enum iec104_cause {
	IEC104_PERIODIC = 1, IEC104_BACKGROUND = 2, IEC104_SPONTANEOUS = 3, IEC104_INITIALIZED = 4,
	IEC104_REQUEST = 5, IEC104_ACT = 6, IEC104_ACT_CON = 7, IEC104_DEACT = 8,
	IEC104_DEACT_CON = 9, IEC104_ACT_TERM = 10, IEC104_FILE = 13,
	IEC104_INTERROGATED = 20, IEC104_INTERROGATED_16 = 36,
	IEC104_COUNTERS = 37, IEC104_COUNTERS_4 = 41,
	IEC104_UNKNOWN_TYPE = 44, IEC104_UNKNOWN_CAUSE = 45, IEC104_UNKNOWN_CA = 46,
	IEC104_UNKNOWN_IOA = 47
};

/* One named part of an information object. */
enum iec104_show {
	IEC104_VALUE,	/* a number, a time or bytes, as the value's kind says */
	IEC104_BOOL,	/* yes or no */
	IEC104_WORDS	/* bits that are set, each with its name; no name: not shown */
};

struct iec104_field {
	const char		*name;	/* static, lower_snake_case */
	enum iec104_show	 show;
	const char *const	*words;	/* IEC104_WORDS: eight names by bit, some NULL */
	struct op_value		 value;
};
#define IEC104_FIELDS_MAX 16u

struct iec104_object {
	uint32_t		ioa;	/* information object address, 24 bits */
	uint32_t		n;
	struct iec104_field	field[IEC104_FIELDS_MAX];
	struct op_value		value;	/* the same object as one value, with its quality and time */
};

struct iec104_layout;	/* dissectors/iec104: what an object is made of */

struct iec104_asdu {
	bool		 present;	/* an ASDU header was there, whole */
	uint8_t		 type;
	const char	*type_name;	/* the standard's: "C_SC_NA_1"; NULL: none */
	bool		 sequence;	/* SQ: one address, the others follow */
	uint8_t		 count;		/* as announced, 0 to 127 */
	uint8_t		 cause;		/* 6 bits */
	const char	*cause_name;	/* static; NULL: reserved */
	bool		 negative, test;
	uint8_t		 originator;
	uint16_t	 ca;		/* common address */
	uint8_t		 n_objects;	/* whole ones found */
	const uint8_t	*bytes;		/* behind the header */
	uint32_t	 len;
	const struct iec104_layout *layout;	/* NULL: objects cannot be told apart */
	/* The i-th object, i < n_objects, read when asked for. */
	void		(*object)(const struct iec104_asdu *, uint32_t i, struct iec104_object *);
};

/* One APDU. */
struct iec104_message {
	bool			present;
	uint8_t			format;		/* enum iec104_format */
	uint8_t			control;	/* first control octet */
	uint16_t		send, receive;	/* sequence numbers; 0 where the format has none */
	uint64_t		ts_ns, frame;
	struct iec104_asdu	asdu;		/* I format */
};

struct iec104_detail {
	struct iec104_message	request, response;
	struct iec104_message	termination;	/* of what was activated and confirmed */
};

#endif
