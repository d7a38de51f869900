/* iec104.h - what the files of the IEC 60870-5-104 dissector share.
 *
 * The path of an APDU: iec104.c finds it, apci.c reads its control field and checks
 * its sequence numbers, asdu.c reads the ASDU with the row that types.c has for its
 * type and the elements of elements.c, commands.c knows what a request asks for, pairing.c brings activation, confirmation and
 * termination together, reports.c what stations send by themselves, and files.c says
 * which message of a file transfer answers which.
 *
 * The standards are cited as 104 (IEC 60870-5-104) and 101 (IEC 60870-5-101).
 */
#ifndef IEC104_IEC104_H
#define IEC104_IEC104_H

#include "base/cursor.h"
#include "dissect/dissector.h"
#include "record/iec104.h"

/* ---- framing ---- */

#define I104_START	0x68u
#define I104_HEAD	2u	/* start, length */
#define I104_CONTROL	4u	/* octets of the control field */
#define I104_LENGTH_MAX	253u
#define I104_APDU_MAX	(I104_HEAD + 255u)	/* longer than legal ones: what the length octet can say */
#define I104_ASDU_HEAD	6u	/* type, structure, cause, originator, common address */
#define I104_IOA	3u	/* octets of an information object address */

/* ---- types.c ---- */

/* What an information object is made of (101 7.2.6). */
enum i104_element {
	E_NONE,
	E_SIQ, E_DIQ, E_VTI, E_QDS, E_QDP, E_NVA, E_SVA, E_R32, E_BSI, E_BCR, E_SEP, E_SPE,
	E_OCI, E_SCD, E_CP16, E_CP24, E_CP56, E_SCO, E_DCO, E_RCO, E_QOS, E_COI, E_QOI, E_QCC,
	E_QRP, E_QPM, E_QPA, E_FBP, E_TSC, E_AID, E_NOF, E_NOS, E_LOF, E_FRQ, E_SRQ, E_SCQ,
	E_LSQ, E_CHS, E_AFQ, E_SEGMENT, E_SOF, E_OPAQUE,
	E_COUNT
};

/* How messages of a type belong together. */
enum i104_kind {
	KIND_MONITOR,		/* sent by the controlled station */
	KIND_COMMAND,		/* activation, confirmation, termination; may be selected first */
	KIND_TERMINATED,	/* the same without select: interrogations */
	KIND_CONFIRMED,		/* activation and confirmation */
	KIND_READ,		/* answered by the object in another type */
	KIND_FILE,		/* files.c */
	KIND_SECURITY		/* IEC 60870-5-7: named, not read */
};

#define I104_ELEMENTS 5u
struct iec104_layout {
	uint8_t		element[I104_ELEMENTS];	/* enum i104_element; E_NONE behind the last */
	uint8_t		kind;			/* enum i104_kind */
	bool		sequence;		/* SQ may be 1 */
	bool		single;			/* exactly one object */
	bool		points;			/* objects are addressed data */
	bool		no_address;		/* the object address must be 0 */
	uint64_t	causes;			/* allowed causes of transmission, one bit each */
};

enum { I104_N_FUNCS = 88 };	/* rows; a test counts them */
extern const struct func_desc i104_funcs[I104_N_FUNCS];

static inline const struct iec104_layout *
i104_layout(const struct func_desc *row)
{
	return row != NULL ? row->extra : NULL;
}

/* Text of a cause of transmission (101 7.2.3); NULL: reserved. */
const char *i104_cause_name(unsigned cause);

/* Is this cause one that says "I do not know": 44 to 47? */
static inline bool
i104_unknown_cause(unsigned cause)
{
	return cause >= IEC104_UNKNOWN_TYPE && cause <= IEC104_UNKNOWN_IOA;
}

/* ---- elements.c ---- */

/* Octets of one object without its address; *open when the last element reaches to
 * the ASDU's end. */
uint32_t i104_object_len(const struct iec104_layout *l, bool *open);

/* What is wrong with an object. */
enum { I104_BAD_VALUE = 1, I104_BAD_TIME = 2 };

/* Read one object behind its address.  Returns what is wrong with it. */
unsigned i104_read_object(const struct iec104_layout *l, struct cursor *c, struct iec104_object *o);

/* The field of this name, or NULL. */
const struct iec104_field *i104_field(const struct iec104_object *o, const char *name);

/* ---- apci.c ---- */

struct i104_apci {
	enum iec104_format	format;
	uint8_t			control;
	uint16_t		send, receive;
	uint8_t			flaws;		/* reserved octets or bits that are set, and a length that
						 * does not fit: how many of them */
};

/* The control field behind the length octet, four octets at `b`; `len` as the length
 * octet says. */
struct i104_apci i104_apci_of(const uint8_t *b, uint32_t len);

/* Unnumbered functions, by their first octet (104 5.1). */
enum {
	U_START_ACT = 0x07, U_START_CON = 0x0b, U_STOP_ACT = 0x13, U_STOP_CON = 0x23,
	U_TEST_ACT = 0x43, U_TEST_CON = 0x83
};

static inline bool i104_is_act(uint8_t u) { return u == U_START_ACT || u == U_STOP_ACT || u == U_TEST_ACT; }
static inline bool i104_is_con(uint8_t u) { return u == U_START_CON || u == U_STOP_CON || u == U_TEST_CON; }

/* ---- state ---- */

#define I104_WINDOW	12u	/* k: APDUs that may be unacknowledged (104 9.6) */
#define I104_SELECTS	2u	/* selected objects that are remembered */
#define I104_POLLS	4u	/* interrogations that are remembered */

struct i104_state {
	struct {
		uint16_t next;		/* send number that comes next from this end */
		uint16_t acked;		/* up to which the other end has acknowledged them */
		bool	 known, acked_known;
		bool	 window_broken;	/* reported, and not mended since */
	} side[2];
	bool	gapped;		/* bytes were lost: what is missing proves nothing */
	bool	opened;		/* the flow was looked at for where it begins */
	bool	started;	/* STARTDT was seen, or nobody can say that it was not */
	bool	asked;		/* a request was seen since the last gap */
	bool	paired;		/* an answer found its request since the last gap */
	bool	unstarted_told;	/* data without STARTDT was reported */
	uint8_t	select_at, poll_at;	/* slots that are overwritten next */
	uint32_t answered_key, answered_id;	/* of the request that was answered last */
	struct {
		uint32_t id, key, hash;	/* of the operation; its object; its value.  id 0: free */
	} select[I104_SELECTS];
	struct {
		uint32_t id;		/* 0: free */
		uint16_t ca;
		uint8_t	 type, group;	/* group: cause of transmission of the answers */
	} poll[I104_POLLS];
};

/* ---- asdu.c ---- */

/* One APDU, cut and taken apart as far as its control field. */
struct i104_apdu {
	const uint8_t		*bytes;		/* from the start octet on */
	uint32_t		 len;
	struct i104_apci	 apci;
	/* The ASDU's header; zeros where it is not there. */
	bool			 has_asdu;
	uint8_t			 type, structure, cause, originator;
	uint16_t		 ca;
	bool			 negative, test;
	const struct func_desc	*row;		/* NULL: unknown type, or format */
};

struct i104_apdu i104_apdu_of(const struct dis_ctx *x, const uint8_t *bytes, uint32_t len);

static inline uint32_t
i104_count(const struct i104_apdu *a)
{
	return a->structure & 0x7fu;
}

static inline bool
i104_is_sequence(const struct i104_apdu *a)
{
	return (a->structure & 0x80u) != 0;
}

/* The first object's address; 0 when there is none. */
uint32_t i104_first_ioa(const struct i104_apdu *a);

/* Read the APDU into a message and its objects into the operation: items (unless it
 * only repeats a request), parameters.  Reports what is wrong with it. */
void	i104_read(struct dis_ctx *x, struct operation *op, struct iec104_message *m,
	    const struct i104_apdu *a, bool response);

/* One more named number. */
void	i104_param(struct dis_ctx *x, struct operation *op, const char *name, uint64_t v,
	    bool response);

/* Function, name, intent and command of an operation. */
void	i104_name(struct operation *op, const struct i104_apdu *a);

/* ---- commands.c ---- */

#define I104_BROADCAST	0xffffu	/* common address of everybody */

/* The first object of a message that was read; false when it has none. */
bool	i104_first_object(const struct iec104_message *m, struct iec104_object *o);

/* What the qualifier of a request makes of its name, intent and command. */
void	i104_refine(struct operation *op, const struct i104_apdu *a, const struct iec104_message *m);

/* What is asked for, without the select bit and without a time. */
uint32_t i104_value_hash(const struct iec104_object *o);

/* A select is remembered; an execute or a deactivation is held against it. */
void	i104_check_select(struct dis_ctx *x, struct operation *op, const struct i104_apdu *a,
	    const struct iec104_object *o);
/* The termination of a select that no execute followed: it is over.  Tells its operation;
 * 0 when there is none. */
uint32_t i104_expired_select(struct i104_state *st, const struct i104_apdu *a);
/* The operation was refused. */
void	i104_forget_select(struct i104_state *st, uint64_t id);

/* Stations answer an interrogation with objects of their own, by cause of transmission; a
 * broadcast each of them. */
void	i104_remember_poll(struct i104_state *st, const struct operation *op, const struct i104_apdu *a,
	    const struct iec104_object *o);
/* The interrogation (its operation's id) that an object with this common address and
 * cause answers, or, `type` not 0, the broadcast of that type; 0 none. */
uint32_t i104_poll_of(const struct i104_state *st, uint16_t ca, unsigned type, unsigned group);

/* ---- pairing.c ---- */

/* The key of a request with objects, and of its answers. */
uint32_t i104_key_of(const struct i104_apdu *a, uint16_t ca, bool deactivate);


/* An operation and its detail. */
struct i104_made {
	struct operation	op;
	struct iec104_detail	d;
};

/* This APDU as a side of an operation. */
struct op_side i104_side(const struct dis_ctx *x, const struct i104_apdu *a);

/* An operation with the unit and name of this APDU. */
void	i104_begin(struct dis_ctx *x, struct i104_made *m, const struct i104_apdu *a);

/* What a client asks, and what a station answers. */
void	i104_request(struct dis_ctx *x, const struct i104_apdu *a);
void	i104_answer(struct dis_ctx *x, const struct i104_apdu *a);
void	i104_unanswered(struct dis_ctx *x, const struct pending *p);
/* Is an answer without its request worth a word? */
bool	i104_must_have_request(const struct dis_ctx *x);

/* The key under which a request waits: of what it asks, of whom. */
uint32_t i104_key(uint32_t what, uint16_t ca, uint32_t object);

/* ---- reports.c ---- */

/* Nothing answers this, or it answers nothing: one operation, finished at once. */
void	i104_alone(struct dis_ctx *x, const struct i104_apdu *a, bool from_client);

/* ---- files.c ---- */

/* What this message of a file transfer asks for (a key), and what it answers; 0
 * nothing. */
uint32_t i104_file_asks(const struct i104_apdu *a);
uint32_t i104_file_answers(const struct i104_apdu *a);

#endif
