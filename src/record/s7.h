/* s7.h - what only S7 has: the detail of an S7comm or S7comm-plus operation.
 *
 * For its EVE record and its rule words alone.  Everything a detector needs is
 * in struct operation.  Names are static strings from the dissector's tables;
 * bytes lie in the arena or on the wire and live as long as the operation.
 */
#ifndef RECORD_S7_H
#define RECORD_S7_H

#include <stdbool.h>
#include <stdint.h>

struct s7_bytes {
	const uint8_t	*p;
	uint32_t	 len;
};

/* What carried the message. */
enum s7_carrier { S7_COTP, S7_COMM, S7_PLUS, S7_TLS };

/* A connection TPDU (ISO 8073). */
struct s7_cotp {
	uint8_t		 type;			/* 0xe0 CR, 0xd0 CC, 0x80 DR, 0xc0 DC, 0x70 ER */
	const char	*type_name;
	uint16_t	 dst_ref, src_ref;
	uint8_t		 class_option;
	uint32_t	 tpdu_size;		/* bytes; 0: not said */
	struct s7_bytes	 calling_tsap, called_tsap;	/* len 0: not said */
	const char	*connection_type;	/* of the called TSAP: "PG", or NULL */
	bool		 has_place;
	uint8_t		 rack, slot;		/* of the called TSAP */
	bool		 has_reason;		/* DR, ER */
	uint8_t		 reason;
	const char	*reason_name;
};

/* One item of Read Var or Write Var. */
struct s7_var {
	uint8_t		 syntax, area, transport_size;
	const char	*syntax_name, *area_name, *transport_name;
	bool		 has_any;		/* what follows is as in an ANY pointer */
	uint16_t	 length, db;
	uint32_t	 address;		/* 24 bits as on the wire: byte << 3 | bit */
	uint32_t	 item;			/* which operation item */
	bool		 has_data, has_return, has_reserved;
	uint8_t		 return_code;		/* of the answer */
	uint8_t		 reserved;		/* what stands there in a request that writes */
	const char	*return_name;
	uint8_t		 data_transport_size;
	const char	*data_transport_name;
	uint16_t	 data_length;		/* as on the wire: bits or bytes */
};

struct s7_block {
	const struct s7_block *next;		/* of a list (PI service), or NULL */
	struct s7_bytes	 filename;		/* "_0A00001P" */
	struct s7_bytes	 number;		/* five digits */
	const char	*type;			/* "DB" */
	const char	*filesystem;		/* "passive", "active", "both" */
	const char	*language;		/* "STL"; of the block's own header */
	bool		 has_load_len, has_mc7_len;
	uint32_t	 load_len, mc7_len;
	bool		 has_session;
	uint32_t	 session;
	bool		 has_status;
	uint8_t		 status;		/* bit 0 more follows, bit 1 error */
	bool		 has_data_len;
	uint32_t	 data_len;		/* bytes of the block in this message */
};

struct s7_message {
	bool		 present;
	bool		 has_header;		/* an S7comm header (0x32) */
	uint8_t		 rosctr;
	const char	*rosctr_name;		/* "Job"; "Unknown" */
	uint16_t	 pdu_reference, parameter_length, data_length;
	bool		 has_error;		/* ack and ack-data */
	uint8_t		 error_class, error_code;
	const char	*error_class_name, *error_name;
	bool		 has_function;
	uint8_t		 function;
	const char	*function_name;
	/* userdata */
	bool		 userdata;
	uint8_t		 method, type, group, subfunction, sequence;
	const char	*type_name, *group_name, *subfunction_name;
	bool		 has_unit;		/* the long parameter head */
	uint8_t		 data_unit, last_unit;
	uint16_t	 param_error;
	const char	*param_error_name;
	bool		 has_return;		/* of the data part */
	uint8_t		 return_code, transport_size;
	const char	*return_name;
	uint32_t	 parts;			/* exchanges that were joined; 0 and 1: one */

	bool		 has_item_count;
	uint8_t		 item_count;
	bool		 has_setup;
	uint16_t	 amq_calling, amq_called, pdu_size;
	bool		 has_szl;
	uint16_t	 szl_id, szl_index;
	const char	*szl_name;
	const struct s7_block *block;		/* or NULL */
	struct s7_bytes	 service;		/* PI service as sent; len 0: none */
	const char	*service_name;		/* in plant words, or NULL */
	const struct s7_cotp *cotp;		/* or NULL */

	/* S7comm-plus */
	bool		 plus;
	uint8_t		 version, opcode;
	const char	*opcode_name;
	uint16_t	 plus_function, plus_sequence;
	const char	*plus_function_name;
	bool		 has_session;
	uint32_t	 session;
	uint32_t	 plus_length;		/* of all its fragments */
	uint32_t	 fragments;
	bool		 has_integrity;		/* a HMAC of 32 bytes is there */
	struct s7_bytes	 integrity;
	bool		 has_integrity_id;	/* a counter behind the body, from version 2 on */
	uint32_t	 integrity_id;
	bool		 has_object;
	uint32_t	 object;
	const char	*object_name;
	bool		 has_plus_return;	/* answers */
	uint64_t	 plus_return;		/* all 64 bits */
	int32_t		 plus_error;		/* its low 16 bits, signed: below 0 is a refusal */
	const char	*plus_error_name;	/* or NULL */
	/* For rules on content: from the opcode on (without header, HMAC and
	 * trailer), and behind the head, where the function's own bytes begin.
	 * What was put together from fragments is one run of bytes. */
	struct s7_bytes	 plus_data, plus_body;
	uint32_t	 unread;		/* bytes of the body that were not decoded */
	bool		 cut;			/* longer than is kept: only its beginning was read */
	bool		 encrypted;		/* TLS */
};

/* A variable or an attribute in an S7comm-plus message, in the order of
 * operation.items: the item i is told of by plus_items[i]. */
struct s7_plus_item {
	uint32_t	 number;		/* as on the wire, from 1; 0: has none */
	bool		 variable;		/* else an attribute of an object */
	uint32_t	 object;		/* area of the variable (0x8a0e0001: DB 1), or object */
	const char	*object_name;		/* or NULL */
	bool		 has_class;
	uint32_t	 class_id;
	const char	*class_name;		/* or NULL */
	uint32_t	 id;			/* sub-area of the variable, or attribute */
	const char	*id_name;		/* or NULL */
	bool		 has_crc;
	uint32_t	 crc;			/* of the symbol; 0: not checked */
	const uint32_t	*path;			/* local ids of the variable, or keys of members */
	uint32_t	 n_path;
	bool		 has_type;
	uint8_t		 type;			/* of the value, as on the wire */
	const char	*type_name;
	bool		 has_return;		/* refused: of this item */
	uint64_t	 return_value;
	bool		 in_response;
};

/* One PDU between the first request and the last part of a joined answer. */
struct s7_part {
	bool			 response;
	uint64_t		 frame;
	struct s7_message	 head;		/* header and parameters; nothing of the body */
};

struct s7_detail {
	enum s7_carrier		 carrier;
	struct s7_message	 request, response;
	const struct s7_part	*parts;		/* in order; NULL: none */
	uint32_t		 n_parts;
	const struct s7_var	*vars;
	uint32_t		 n_vars;
	struct s7_plus_item	*plus_items;	/* as many as the operation has items */
	uint32_t		 plus_more;	/* and how many more there were */
};

/* Transport sizes: all that is known of the type of an element, here and nowhere
 * else.  What has no name is no type. */
struct s7_type {
	uint8_t		 code;
	uint8_t		 bits;		/* of one element on the wire */
	uint8_t		 form;		/* enum op_value_form */
	char		 letter;	/* how addresses of that size are written: DBW; 0: as a pointer */
	const char	*name;
};
enum s7_type_code {
	S7_TYPE_BIT = 1, S7_TYPE_BYTE, S7_TYPE_CHAR, S7_TYPE_WORD, S7_TYPE_INT, S7_TYPE_DWORD, S7_TYPE_DINT,
	S7_TYPE_REAL, S7_TYPE_DATE, S7_TYPE_TIME_OF_DAY, S7_TYPE_TIME, S7_TYPE_S5TIME,
	S7_TYPE_DATE_AND_TIME_P = 14,	/* as ANY pointers of programs have it */
	S7_TYPE_DATE_AND_TIME, S7_TYPE_WCHAR = 19, S7_TYPE_COUNTER = 28, S7_TYPE_TIMER, S7_TYPE_IEC_COUNTER,
	S7_TYPE_IEC_TIMER, S7_TYPE_HS_COUNTER, S7_TYPE_LREAL = 48
};
enum { S7_N_TYPES = 21 };
extern const struct s7_type s7_types[S7_N_TYPES];

/* NULL: no such type. */
const struct s7_type *s7_type_of(uint8_t code);
/* Bytes of one element; those of a bit, and of what is not known, are 1. */
uint32_t s7_type_len(uint8_t code);

/* S7-200: analog inputs and outputs have areas of their own. */
#define S7_AREA_ANALOG_IN	0x06u
#define S7_AREA_ANALOG_OUT	0x07u

/* Type of a program block, as in its header (0x0a) or as a digit of a file name
 * ('A'): "DB".  NULL: no such type. */
const char *s7_block_type(uint32_t v);

/* op_item_address() of an item of S7; `text` has OP_ADDRESS_MAX bytes. */
struct op_item;
bool s7_address(const struct op_item *it, char *text);

#endif
