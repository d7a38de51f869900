/* modbus.h - what only Modbus has: the detail of a Modbus operation.
 *
 * For its EVE record and its rule words alone.  Everything a detector needs is
 * in struct operation.  Names are static strings from the dissector's table.
 */
#ifndef RECORD_MODBUS_H
#define RECORD_MODBUS_H

#include <stdbool.h>
#include <stdint.h>

/* How the PDU was framed. */
enum modbus_framing { MODBUS_TCP, MODBUS_UDP, MODBUS_RTU_TCP, MODBUS_ASCII_TCP };

/* What is wrong with a message in Suricata's terms (error_flags). */
enum modbus_error {
	MODBUS_ERR_DATA_VALUE	= 1u << 0,
	MODBUS_ERR_DATA_LENGTH	= 1u << 1,
	MODBUS_ERR_EXC_CODE	= 1u << 2,
	MODBUS_ERR_FUNC_CODE	= 1u << 3,
	MODBUS_ERR_PROTO_ID	= 1u << 4
};

/* What a function does to the tables of a device: access_type in Suricata's EVE, whose words
 * stand in the order of the bits; 0 is "NONE". */
enum modbus_access {
	MODBUS_READ		= 1u << 0,
	MODBUS_WRITE		= 1u << 1,
	MODBUS_DISCRETES	= 1u << 2,
	MODBUS_COILS		= 1u << 3,
	MODBUS_INPUT		= 1u << 4,
	MODBUS_HOLDING		= 1u << 5,
	MODBUS_SINGLE		= 1u << 6,
	MODBUS_MULTIPLE		= 1u << 7,
	MODBUS_WRITE_SINGLE	= 1u << 8,
	MODBUS_WRITE_MULTIPLE	= 1u << 9
};

/* Who may use a function code, in Suricata's terms; a bit each, so that a rule may ask for
 * several.  0: "NONE". */
enum modbus_category {
	MODBUS_UNASSIGNED	= 1u << 0,
	MODBUS_ASSIGNED		= 1u << 1,
	MODBUS_USER		= 1u << 2,
	MODBUS_RESERVED		= 1u << 3
};

struct modbus_bytes {
	const uint8_t	*p;	/* arena or wire */
	uint32_t	 len;
};

#define MB_HIDDEN "(hidden)"	/* what every record has in place of a password */

/* One message, request or response, spelled and nested as Suricata's EVE does. */
struct modbus_message {
	bool		 present;
	uint16_t	 transaction_id, protocol_id;
	uint8_t		 unit_id;
	uint8_t		 function_raw;		/* with the exception bit */
	const char	*function_code;		/* "RdCoils"; "Unknown" */
	uint16_t	 access;		/* enum modbus_access bits */
	uint8_t		 category;		/* enum modbus_category */
	uint8_t		 error_flags;		/* enum modbus_error bits */

	bool		 has_read, has_write, has_exception, has_diagnostic, has_mei, has_data;
	struct {
		bool	 has_range;		/* request: address and quantity */
		uint16_t address, quantity;
		struct modbus_bytes data;	/* response */
	} read;
	struct {
		uint16_t address;
		bool	 has_quantity, has_value, has_masks, has_bytes;
		uint16_t quantity, value, and_mask, or_mask;
		struct modbus_bytes data;
	} write;
	struct { uint8_t raw; const char *code; } exception;
	struct { uint16_t raw; const char *code; struct modbus_bytes data; } diagnostic;
	struct { uint8_t raw; const char *code; struct modbus_bytes data; } mei;
	struct modbus_bytes data;		/* all other functions */
};

struct modbus_detail {
	enum modbus_framing	 framing;
	struct modbus_message	 request, response;
};

#endif
