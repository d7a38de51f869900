/* modbus.h - what the files of the Modbus dissector share.
 *
 * The way of a PDU: modbus.c takes bytes, mbap.c and serial.c cut one frame
 * (struct mb_adu) off them, transaction.c finds out whether it is a request or
 * an answer and brings the two together, pdu.c reads a PDU by its row of
 * functions.c, and the row's body parsers (read_write.c, file_fifo.c, diag.c,
 * mei.c, umas.c) state what the bytes say.
 *
 * Documents are cited as MB (MODBUS Application Protocol V1.1b3), MBTCP
 * (MODBUS Messaging on TCP/IP Implementation Guide V1.0b) and MBSL (MODBUS
 * over Serial Line V1.02).
 */
#ifndef MODBUS_MODBUS_H
#define MODBUS_MODBUS_H

#include "base/cursor.h"
#include "dissect/dissector.h"
#include "record/modbus.h"

#define MB_EXCEPTION	0x80u	/* bit of the function code (MB 4.1) */
#define MB_PDU_MAX	253u	/* bytes, function code included (MB 4.1) */
#define MB_LENGTH_MAX	(MB_PDU_MAX + 1u)	/* MBAP length: unit id and PDU */
/* Frames of UMAS, and of devices that ignore the limit, are longer. */
#define MB_LENGTH_TAKEN	2048u
#define MB_ADU_MAX	(6u + MB_LENGTH_TAKEN)
#define MB_PENDING_MAX	262u	/* of a request kept until its answer: space for some that are too long */

/* Functions that decide how something is read; their rows are in functions.c. */
enum mb_function {
	MB_READ_COILS = 1, MB_READ_DISCRETES = 2, MB_READ_HOLDING = 3, MB_READ_INPUT = 4, MB_WRITE_COIL = 5,
	MB_WRITE_REGISTER = 6, MB_DIAGNOSTIC = 8, MB_WRITE_COILS = 15, MB_WRITE_REGISTERS = 16,
	MB_READ_FILE = 20, MB_WRITE_FILE = 21, MB_MASK_WRITE = 22, MB_READ_WRITE = 23, MB_MEI = 43, MB_UMAS = 90
};

/* How frames lie in the stream; dis_guess.framing. */
enum mb_framing { MB_MBAP, MB_RTU, MB_ASCII };

/* Where a body has its own length: the byte count stands `at` bytes after the
 * function code and is `width` bytes wide; 0 wide: there is none. */
struct mb_count { uint8_t at, width; };

/* Who may use a code (MB 5, MB Annex A). */
enum mb_assigned { MB_PUBLIC, MB_RESERVED, MB_USER_DEFINED };

/* The columns of a row that only Modbus has (func_desc.extra). */
struct mb_columns {
	const char	*eve;		/* Suricata's name of the function */
	uint16_t	 access;	/* enum modbus_access bits */
	uint16_t	 max_read;	/* most items one request may read; 0: reads none */
	uint16_t	 max_write;	/* most items one request may write; 0: writes none */
	struct mb_count	 req_count, rsp_count;
	const char	*data;		/* name of the answer's (or both sides') operand */
	bool		 echo;		/* the answer repeats the request */
	uint8_t		 counter;	/* enum op_counter: what the answer counts */
	enum mb_assigned assigned;
};

enum { MB_N_FUNCS = 102 };	/* rows; a test counts them */
extern const struct func_desc mb_funcs[MB_N_FUNCS];

/* One frame cut out of the stream. */
struct mb_adu {
	enum modbus_framing	 framing;
	uint16_t		 transaction, protocol;	/* 0 on serial framings */
	uint8_t			 unit;
	const uint8_t		*pdu;		/* function code and body */
	uint32_t		 len;		/* at least 1 */
	bool			 serial;	/* RTU or ASCII */
	bool			 twice;		/* the same frame follows at once */
	bool			 legal;		/* for whom its sender is taken for; false: not asked */
	const char		*flaw;		/* what is wrong with the header's length, or NULL */
};

/* One PDU that is being read; what body parsers get as `detail`. */
struct mb_pdu {
	struct dis_ctx		*x;
	struct operation	*op;
	struct modbus_detail	*detail;
	struct modbus_message	*msg;		/* this side of detail */
	const struct func_desc	*row;		/* NULL: not assigned */
	const struct mb_columns	*col;		/* never NULL */
	const uint8_t		*bytes;		/* of the PDU, from the function code */
	bool			 response;
	bool			 secret;	/* the body holds a password or a proof of one */
	uint32_t		 reported;		/* general anomalies already reported */
};

/* ---- functions.c ---- */

/* Suricata's name of all functions that have none: this very address. */
extern const char mb_unnamed[];

/* Columns of a row, or those of an unknown function. */
const struct mb_columns *mb_columns_of(const struct func_desc *row);

/* Suricata's category of a function code without a name of its own. */
enum modbus_category mb_category(uint8_t code);

/* Exceptions: Suricata's word and the specification's name (MB 7); NULL for a
 * code that is not in it. */
const char *mb_exception_word(uint8_t code);
const char *mb_exception_name(uint8_t code);
/* The same in terms that all protocols share (enum op_refusal). */
uint8_t mb_exception_refusal(uint8_t code);

/* ---- shape.c: what a PDU looks like, without reading it ---- */

enum mb_fit { FIT_NO, FIT_LENGTH, FIT_LEGAL };

/* Could this PDU be a request (an answer)? */
enum mb_fit mb_fits(const uint8_t *pdu, uint32_t len, bool response);

/* Is it a legal request (answer)?  mb_is_legal() is mb_fits() == FIT_LEGAL, made
 * quick because every PDU is asked; `len` is at least 1.  The first step of it knows
 * the common functions alone and is never wrong when it says so. */
bool mb_is_plainly_legal(const uint8_t *pdu, uint32_t len, bool response);
bool mb_is_legal(const struct dis_ctx *x, const uint8_t *pdu, uint32_t len, bool response);

/* Who sends such a PDU: +1 a client, -1 a server, 0 cannot tell. */
int8_t mb_role(const uint8_t *pdu, uint32_t len);

/* Could this be the answer to that request, by function, address and size?  (A
 * request longer than is kept: by its beginning.) */
bool mb_answers(const uint8_t *req, uint32_t req_len, const uint8_t *rsp, uint32_t rsp_len);

/* Length of the PDU that begins here if it is a request (an answer), for
 * framings that have no length field.  0: more than `have` bytes are needed to
 * say; UINT32_MAX: its length follows no rule. */
uint32_t mb_pdu_len(const uint8_t *pdu, uint32_t have, bool response);

/* ---- mbap.c, serial.c: framings ---- */

struct dis_guess mb_mbap_guess(struct cursor in);
struct dis_guess mb_rtu_guess(struct cursor in);
struct dis_guess mb_ascii_guess(struct cursor in);

/* Cut one frame.  DIS_DONE: `adu` is filled, or its pdu is NULL: nothing to read. */
struct dis_step mb_mbap_cut(struct dis_ctx *x, const struct cursor *in, struct mb_adu *adu);
struct dis_step mb_rtu_cut(struct dis_ctx *x, struct cursor in, struct mb_adu *adu);
struct dis_step mb_ascii_cut(struct dis_ctx *x, struct cursor in, struct mb_adu *adu);

uint16_t mb_crc16(const uint8_t *p, size_t n);
uint8_t	 mb_lrc(const uint8_t *p, size_t n);

/* ---- transaction.c ---- */

struct mb_state {
	uint32_t	 requests;	/* seen since the claim or the last gap */
	bool		 gapped;	/* bytes were lost in this conversation */
	bool		 answers_lost;	/* a gap among the answers since the last one */
	bool		 paired;	/* an answer met its request, since the last gap */
	bool		 flooded;	/* reported; until the table has drained */
	bool		 echoed;	/* the request in hand was */
	bool		 echoes;	/* a gateway repeats requests before it answers them */
	uint32_t	 echo;		/* sum of the last answer that was like its request; 0 none */
	uint8_t		 asked;		/* requests since the last answer */
	uint32_t	 last_key;	/* of the last request */
	uint16_t	 first_id;	/* transaction of the first of `requests` */
	uint8_t		 strange_ids;	/* answers whose ids named no request, in a row */
	uint8_t		 owed[2];	/* bytes that the length of the last PDU of each end
					 * announced beyond it; 0 none */
};

/* A frame of this conversation: make operations of it. */
void	mb_transaction(struct dis_ctx *x, const struct mb_adu *adu);
void	mb_unanswered(struct dis_ctx *x, const struct pending *pend);
void	mb_gap(struct dis_ctx *x, uint64_t lost);

/* ---- pdu.c: one PDU, and what body parsers use ---- */

/* Read one side of an operation.  For an answer `op` holds its request, if
 * there was one. */
void	mb_read_pdu(struct dis_ctx *x, struct operation *op, struct modbus_detail *d,
	    const struct mb_adu *adu, bool response);

/* Report something wrong at `offset` of the PDU, with Suricata's general event
 * and error flag where it has one. */
void	mb_wrong(struct mb_pdu *p, enum anomaly_id id, size_t offset, const char *detail);

/* Where the next byte of a window on this PDU stands in it. */
static inline size_t
mb_at(const struct mb_pdu *p, const struct cursor *c)
{
	return cur_ok(c) ? (size_t)(c->p - p->bytes) : 0;
}

/* n items for the operation, zeroed; NULL when the arena is full. */
struct op_item *mb_items(struct mb_pdu *p, uint32_t n);

/* The i-th item that the request made, or NULL. */
struct op_item *mb_item_of_request(const struct mb_pdu *p, uint32_t i);

/* Named fields. */
void	mb_param_uint(struct mb_pdu *p, const char *name, uint64_t v);
void	mb_param_bytes(struct mb_pdu *p, const char *name, const uint8_t *b, size_t n);

/* n facts for the operation; NULL when the arena is full. */
struct op_fact *mb_facts(struct mb_pdu *p, uint32_t n);

/* Quantity within 1..max, and the range within the address space? */
void	mb_check_range(struct mb_pdu *p, uint16_t first, uint16_t count, uint16_t max,
	    size_t offset);

/* The values behind a byte count.  `announced` is what the count says, `expect`
 * what another field makes of it (0: no other field).  The bytes decide, the
 * contradiction is reported. */
struct cursor mb_values(struct mb_pdu *p, struct cursor *c, size_t announced, size_t expect);

/* Bytes that `count` values of a space fill. */
size_t	mb_bytes_of(uint8_t space, size_t count);

/* Point an item at its values. */
void	mb_item_values(struct mb_pdu *p, struct op_item *it, const struct cursor *values);

/* The rest of a body for the EVE record. */
static inline struct modbus_bytes
mb_rest(const struct cursor *c)
{
	return (struct modbus_bytes){ c->p, (uint32_t)cur_left(c) };
}

/* ---- body parsers; see struct func_desc ---- */

typedef bool mb_parser(struct dis_ctx *, struct cursor *, struct operation *, void *);

mb_parser mb_read_req, mb_read_rsp, mb_write_one, mb_write_one_rsp, mb_write_many,
    mb_write_many_rsp, mb_mask_req, mb_mask_rsp, mb_read_write_req;		/* read_write.c */
mb_parser mb_file_read_req, mb_file_read_rsp, mb_file_write_req, mb_file_write_rsp,
    mb_fifo_req, mb_fifo_rsp;							/* file_fifo.c */
mb_parser mb_status_rsp, mb_diag_req, mb_diag_rsp, mb_counter_rsp, mb_log_rsp,
    mb_server_id_rsp, mb_empty;							/* diag.c */
mb_parser mb_mei_req, mb_mei_rsp, mb_device_id_req, mb_device_id_rsp;		/* mei.c */
mb_parser mb_umas_req, mb_umas_rsp;						/* umas.c */

#endif
