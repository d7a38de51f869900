/* s7.h - what the files of the S7 dissectors share.
 *
 * The way of a PDU: s7.c takes bytes, cotp.c cuts TPKTs and joins the fragments
 * of a TSDU, connection.c reads those that are no data, transaction.c brings jobs
 * and answers together, pdu.c reads the S7comm header and finds the row of functions.c, and the row's body parsers
 * (var.c, blocks.c, userdata.c, szl.c, ...) state what the bytes say.  plus.c does
 * the same for S7comm-plus.
 *
 * There is no public specification of S7comm: NOTES.md section 2 writes down
 * what is relied on here; rows cite it, and the SIMATIC manuals where they say it.
 */
#ifndef S7_S7_H
#define S7_S7_H

#include "base/cursor.h"
#include "dissect/dissector.h"
#include "dissect/pair.h"
#include "record/s7.h"

#define S7_ID		0x32u	/* protocol id of S7comm */
#define S7P_ID		0x72u	/* and of S7comm-plus */
#define S7_TPKT_MIN	7u	/* bytes; with the shortest TPDU (RFC 1006 6) */
#define S7_TPKT_MAX	4096u	/* bytes; longer ones are read from their beginning */
#define S7_PENDING_MAX	4096u	/* of a job (or a joined answer) kept */

enum s7_rosctr { S7_JOB = 1, S7_ACK = 2, S7_ACK_DATA = 3, S7_USERDATA = 7 };
enum s7_tpdu {
	TPDU_ED = 0x10, TPDU_EA = 0x20, TPDU_RJ = 0x50, TPDU_AK = 0x60, TPDU_ER = 0x70,
	TPDU_DR = 0x80, TPDU_DC = 0xc0, TPDU_CC = 0xd0, TPDU_CR = 0xe0, TPDU_DT = 0xf0
};

/* How rows are numbered (op.function, func_desc.code): functions of jobs and
 * TPDU types as on the wire, groups of userdata and S7comm-plus functions above
 * them, so that function 4 (Read Var) and group 4 (CPU) differ. */
#define S7_CODE_GROUP	0x0700u
#define S7_CODE_PLUS	0x7200u
#define S7_CODE_TLS	0x1600u		/* TLS inside COTP: a session, reported once */

/* Functions of jobs that decide how something is read. */
enum s7_function {
	S7_READ_VAR = 0x04, S7_WRITE_VAR = 0x05, S7_REQUEST_DOWNLOAD = 0x1a, S7_DOWNLOAD_BLOCK = 0x1b,
	S7_DOWNLOAD_ENDED = 0x1c, S7_START_UPLOAD = 0x1d, S7_UPLOAD = 0x1e, S7_END_UPLOAD = 0x1f,
	S7_PI = 0x28, S7_STOP = 0x29, S7_SETUP = 0xf0
};
/* Groups of userdata: security is never shown. */
enum s7_group { S7_GROUP_MODE = 0, S7_GROUP_PROGRAMMER = 1, S7_GROUP_CYCLIC = 2, S7_GROUP_BLOCK = 3,
	S7_GROUP_SECURITY = 5, S7_GROUP_BSEND = 6 };

/* ---- tables ---- */

struct s7_word { uint32_t code; const char *name; };

/* The name of a code; NULL when the table does not have it. */
const char *s7_name(const struct s7_word *w, size_t n, uint32_t code);

enum { S7_N_FUNCS = 94 };
extern const struct func_desc s7_funcs[S7_N_FUNCS];
enum { S7P_N_FUNCS = 29 };
extern const struct func_desc s7p_funcs[S7P_N_FUNCS];

/* names.c */
struct s7_area { uint8_t code; enum op_space space; const char *name; };
struct s7_pi { const char *word; const char *name; enum op_intent intent; enum op_command command; };
struct s7_syntax { uint8_t code; const char *name; };

enum { S7_N_AREAS = 17, S7_N_PIS = 71, S7_N_SYNTAXES = 15 };
extern const struct s7_area s7_areas[S7_N_AREAS];
extern const struct s7_pi s7_pis[S7_N_PIS];
extern const struct s7_word s7_syntaxes[S7_N_SYNTAXES];

const struct s7_area *s7_area_of(uint8_t code);
/* Its number in s7_pis, counted from 1; 0: not known. */
uint32_t s7_pi_of(const uint8_t *word, size_t n);
const char *s7_rosctr_name(uint8_t v);
static inline bool s7_is_rosctr(uint8_t v) { return (v >= S7_JOB && v <= S7_ACK_DATA) || v == S7_USERDATA; }
const char *s7_return_name(uint8_t v);
const char *s7_data_type_name(uint8_t v);
const char *s7_language(uint8_t v);
const char *s7_mode_name(uint8_t v);
const char *s7_nck_area(uint8_t v);

/* errors.c */
const char *s7_error_class_name(uint8_t v);
const char *s7_error_name(uint16_t v);		/* parameter error, or class << 8 | code */
extern const uint32_t s7_n_errors;

/* ---- one PDU that is being read; what body parsers get as `detail` ---- */

struct s7_pdu {
	struct dis_ctx		*x;
	struct operation	*op;
	struct s7_detail	*detail;
	struct s7_message	*msg;		/* this side of detail */
	const struct func_desc	*row;		/* NULL: not known */
	const uint8_t		*bytes;		/* of the PDU */
	uint32_t		 len;
	struct cursor		 data;		/* the data part of a job; of userdata: payload */
	const uint8_t		*joined;	/* payload put together from several, or NULL */
	uint32_t		 joined_len;
	bool			 response;
	struct s7_block		*block;		/* this side's, made by s7_block() */
	uint32_t		 params_room;
};

typedef bool s7_parser(struct dis_ctx *, struct cursor *, struct operation *, void *);

/* ---- frame.c ---- */

enum s7_fit { S7_FIT_NO, S7_FIT_SHORT, S7_FIT_OK };

/* What is wrong with the head of a frame: a bit each. */
enum s7_fault {
	S7_FAULT_VERSION = 1, S7_FAULT_RESERVED = 2, S7_FAULT_LENGTH = 4, S7_FAULT_LI = 8,
	S7_FAULT_TYPE = 16,	/* a DT with credit bits */
	S7_FAULT_BEHIND = 32	/* no DT, and there is more in its TPKT */
};

struct s7_frame {
	uint32_t	 len;		/* of the TPKT, as it is believed */
	uint32_t	 announced;	/* and as it says itself */
	uint32_t	 data_at;	/* DT: where its data begin; they may be still to come */
	const uint8_t	*data;		/* NULL: no DT */
	uint8_t		 li, type;
	uint8_t		 faults;
	bool		 eot;
};

/* The frame at the beginning of these bytes, which need not be there to its end. */
enum s7_fit s7_frame_at(const struct cursor *in, struct s7_frame *f);

/* ---- guess.c, cotp.c ---- */

struct s7_tsdu {
	uint8_t		 type;		/* enum s7_tpdu; 0: nothing to do */
	struct cursor	 header;	/* TPDU header behind its type, DT: empty */
	const uint8_t	*p;		/* DT: the joined data */
	uint32_t	 len;
	uint32_t	 fragments;
	bool		 cut;		/* the rest was too long to be kept */
	uint32_t	 missing;	/* of it, so many bytes */
};

/* What one looks at where a PDU could begin; `id` is S7_ID or S7P_ID. */
struct dis_guess s7_guess(struct cursor in, uint8_t id);
struct dis_step	 s7_cut(struct dis_ctx *x, struct cursor in, struct s7_tsdu *t);
/* Fragments of this direction wait for a last one that will not come. */
void	 s7_fragments_end(struct dis_ctx *x);

/* ---- lengths.c ---- */

/* Is this S7comm but for its first byte? */
bool	 s7_is_like(const uint8_t *p, uint32_t len);
/* The kind of a message: its ROSCTR, and where that is none, what the rest of it looks
 * like.  0: like nothing. */
uint8_t	 s7_kind(const uint8_t *p, uint32_t len);
/* How long the parameters at p are by what stands in them; 0: they do not say. */
uint32_t s7_param_len(uint8_t kind, const uint8_t *p, uint32_t left);

/* ---- connection.c ---- */

/* A connection TPDU. */
void	s7_connection(struct dis_ctx *x, const struct s7_tsdu *t);
/* Nobody confirmed a disconnect request, as nobody has to. */
void	s7_disconnect_alone(struct dis_ctx *x, const struct pending *pend);
/* Name the operation that a TPDU of this type begins or ends. */
void	s7_name_connection(struct operation *op, uint8_t type);
void	s7_cotp_read(struct dis_ctx *x, const uint8_t *p, uint32_t len, struct operation *op,
	    struct s7_detail *d, bool response);

/* ---- transaction.c ---- */

#define S7_UPLOADS 4u		/* whose block is remembered; the oldest is forgotten */

struct s7_state {
	uint32_t	 requests;	/* seen since the claim or the last gap */
	uint32_t	 skip[2];	/* bytes of a long TPKT still to come */
	uint32_t	 missing;	/* bytes of the message in hand that were too many to be kept */
	uint16_t	 pdu_size;	/* negotiated; 0 not known */
	uint16_t	 parallel[2];	/* jobs that each end may have open; 0 not known */
	uint16_t	 open[2];	/* jobs of each end that wait */
	uint16_t	 unit;		/* rack << 8 | slot of the server */
	uint8_t		 tsap_len[2];	/* of client and server (enum op_end); 0: not seen */
	uint8_t		 tsap[2][OP_LINK_MAX];
	uint16_t	 answered_ref, answered_what;	/* the last answer to its own job */
	bool		 gapped, paired, flooded, tls, tls_said, answered;
	bool		 data;		/* a data TPDU came since the last CR */
	uint8_t		 asker;		/* enum op_asker bits: as whom its client connected */
	uint8_t		 upload_next;	/* the oldest of these: */
	struct s7_upload {
		uint32_t id;		/* that the controller gave */
		uint8_t	 name[8];	/* of the block: "0B00000A"; empty: none */
	}		 upload[S7_UPLOADS];
	uint16_t	 watch_used;	/* bytes in the block of watch.c */
	uint64_t	 watch;		/* dis_block() */
	uint64_t	 fragments_frame;	/* that brought the last of what waits for its end */
	uint16_t	 fragments[2];	/* data TPDUs of each end that wait for the last one */
	uint8_t		 faults;	/* of the frame in hand, until they are reported */
	const char	*closing;	/* what ends the connection, while its jobs are given up */
	/* S7comm-plus: a message in several fragments, of each end. */
	struct s7_plus_part {
		uint64_t block;		/* dis_block(): what came of it */
		uint32_t length;	/* bytes of all its fragments */
		uint16_t fragments, kept;
		bool	 more;		/* its last fragment is still to come */
	}		 part[2];
};

/* Keys of waiting requests, so that kinds never meet. */
#define S7_KEY_REF	0x10000000u	/* | end << 16 | PDU reference */
#define S7_KEY_JOIN	0x20000000u	/* | end << 16 | group << 8 | sequence number */
#define S7_KEY_COTP	0x30000000u	/* | end << 16 | reference of the caller */
#define S7_KEY_PLUS	0x40000000u	/* | end << 16 | sequence number */
#define S7_KEY_END	0x50000000u	/* | end << 16 | reference of who disconnects */
#define S7_KEY_KIND	0xf0000000u

static inline uint32_t
s7_key(uint32_t kind, unsigned end, uint32_t low)
{
	return kind | (end & 1u) << 16 | (low & 0xffffu);
}

/* In the note of a waiting request of S7comm or of a connection: what was wrong with its
 * frame.  Not of one with parts of its answer behind it, nor of S7comm-plus. */
#define S7_NOTE_FAULTS	16
#define S7_NOTE_JOINED	0x80000000u

static inline uint8_t
s7_note_faults(const struct pending *pend)
{
	return (pend->note & S7_NOTE_JOINED) != 0 || (pend->key & S7_KEY_KIND) == S7_KEY_PLUS ? 0 :
	    (uint8_t)(pend->note >> S7_NOTE_FAULTS);
}

void	s7_message(struct dis_ctx *x, const uint8_t *p, uint32_t len);
void	s7_unanswered(struct dis_ctx *x, const struct pending *pend);
void	s7_gap(struct dis_ctx *x, uint64_t lost);
void	s7_closed(struct dis_ctx *x);
/* What of a message decides where it belongs, without reading it. */
struct s7_shape {
	uint8_t		 rosctr, function, group, subfunction, type, sequence;
	uint16_t	 ref;
	bool		 userdata, more;
	struct cursor	 payload;	/* userdata: behind the head of the data part */
};
struct s7_shape s7_shape_of(const uint8_t *p, uint32_t len);
/* The TSAPs of its connection. */
static inline void
s7_links(const struct dis_ctx *x, struct operation *op)
{
	const struct s7_state *st = x->state;

	for (unsigned end = 0; end < 2; end++)
		op->link[end] = (struct op_link){ .len = st->tsap_len[end], .bytes = st->tsap[end] };
}
/* An operation of this conversation, empty. */
void	s7_begin(struct dis_ctx *x, struct operation *op, uint64_t id);
/* Does an answer without a request break the rules, or was it only missed? */
/* This side of an operation, with the message from its first octet on. */
struct op_side s7_side(const struct dis_ctx *x, const uint8_t *p, uint32_t len);
bool	s7_must_have_request(const struct dis_ctx *x);
/* Finish a request that got no answer. */
void	s7_give_up(struct dis_ctx *x, const struct pending *pend, enum op_outcome how);
/* Who sends this message: +1 client, -1 server, 0 cannot tell. */
int8_t	s7_role(const uint8_t *p, uint32_t len);

/* ---- join.c: userdata answers in several parts ---- */

/* Bytes of the request that a pending one holds; behind them may lie parts. */
uint32_t s7_join_request(const struct pending *pend);
/* A request: does it only ask for the next part of an answer?  Then it is kept
 * with it, and is no operation of its own. */
bool	s7_join_asked(struct dis_ctx *x, const struct s7_shape *s, const uint8_t *p, uint32_t len);
/* An answer with more to follow: kept with its request, if there is space. */
bool	s7_join_more(struct dis_ctx *x, const struct s7_shape *s, const struct pending *pend,
	    const uint8_t *p, uint32_t len);
/* The last part: read all of them.  False: this answer has one part only. */
bool	s7_join_finish(struct dis_ctx *x, const struct s7_shape *s, const struct pending *pend,
	    struct operation *op, struct s7_detail *d, const uint8_t *p, uint32_t len);
/* No last part will come: read those that came, if any. */
void	s7_join_half(struct dis_ctx *x, const struct pending *pend, struct operation *op,
	    struct s7_detail *d);

/* ---- watch.c: subscriptions ---- */

/* The answer `s` to a request: if more will come under its number, keep the request. */
void	s7_watch_keep(struct dis_ctx *x, const struct s7_shape *s, const uint8_t *request,
	    uint32_t len);
/* Something came by itself: give its operation the items that were asked for. */
void	s7_watch_recall(struct dis_ctx *x, const struct s7_shape *s, struct operation *op,
	    struct s7_detail *d);

/* ---- pdu.c ---- */

/* Read one side of an operation. */
void	s7_read_pdu(struct dis_ctx *x, struct operation *op, struct s7_detail *d,
	    const uint8_t *p, uint32_t len, bool response, const uint8_t *joined,
	    uint32_t joined_len);
/* What was wrong with the frame of this message: as anomalies of its operation (NULL:
 * of none), once. */
void	s7_frame_faults(struct dis_ctx *x, struct s7_pdu *p);
void	s7_wrong(struct s7_pdu *p, enum anomaly_id id, size_t offset, const char *detail);

/* Where a byte stands in the PDU; 0 when it is not one of its. */
static inline size_t
s7_where(const struct s7_pdu *p, const uint8_t *b)
{
	return b >= p->bytes && b <= p->bytes + p->len ? (size_t)(b - p->bytes) : 0;
}

static inline size_t
s7_at(const struct s7_pdu *p, const struct cursor *c)
{
	return cur_ok(c) ? s7_where(p, c->p) : 0;
}

/* ---- parts.c ---- */

struct op_item *s7_items(struct s7_pdu *p, uint32_t n);
void	s7_param_uint(struct s7_pdu *p, const char *name, uint64_t v);
void	s7_param_wide(struct s7_pdu *p, const char *name, uint64_t v);	/* may need all 64 bits */
void	s7_param_int(struct s7_pdu *p, const char *name, int64_t v);
void	s7_param_bytes(struct s7_pdu *p, const char *name, const uint8_t *b, size_t n);
void	s7_param_text(struct s7_pdu *p, const char *name, const char *text);	/* NULL: none */
void	s7_param_time(struct s7_pdu *p, const char *name, uint64_t ms);
/* Text in a field of fixed length: without the zeros and blanks behind it. */
void	s7_param_field(struct s7_pdu *p, const char *name, struct cursor *c, size_t n);
/* A fact the device states; bytes must live as long as the operation. */
void	s7_fact(struct s7_pdu *p, enum op_fact_key key, uint8_t number, const uint8_t *b,
	    size_t n);
size_t	s7_trimmed(const uint8_t *b, size_t n);
struct s7_block *s7_block(struct s7_pdu *p);
/* One more in a list of blocks; from now on s7_block() gives this one. */
struct s7_block *s7_next_block(struct s7_pdu *p);

/* The type of an item's elements; its space is set already. */
static inline void
s7_item_type(struct op_item *it, uint8_t code, const struct s7_type *t)
{
	it->type = code;
	switch (it->space) {
	case SPACE_S7_INPUT: case SPACE_S7_OUTPUT: case SPACE_S7_FLAG: case SPACE_S7_DB: case SPACE_S7_DI:
	case SPACE_S7_LOCAL: case SPACE_S7_PERIPHERY: case SPACE_S7_SYSTEM:
		/* These are addressed in bytes; all others have numbers. */
		it->step = t == NULL ? 1 : t->bits < 8 ? OP_STEP_BITS : t->bits / 8;
		break;
	default:
		break;
	}
}

/* ---- typed.c ---- */

/* n values of a type in the item; a kind without a raw form becomes typed. */
void	s7_values(struct s7_pdu *p, struct op_item *it, uint8_t data_type,
	    const struct cursor *data);

/* ---- values.c ---- */

/* One data item: return code, type, length, bytes, and the padding if `more`. */
struct s7_data { uint8_t code, type; uint16_t length; struct cursor bytes; };
/* Lengths of these three types are in bits. */
static inline bool s7_counts_bits(uint8_t type) { return type >= 3 && type <= 5; }
/* What the variable's record shows of it. */
void	s7_item_data(struct s7_var *v, const struct s7_data *d);
/* The return code of an answer to one item; v may be NULL. */
void	s7_item_return(struct s7_pdu *p, struct s7_var *v, struct op_item *it, uint8_t code);
/* The same for items that are refused, or end before their length says. */
struct s7_data s7_odd_data_item(struct s7_pdu *p, struct cursor *c, bool more);
/* The byte between a value of odd length and the next item. */
void	s7_skip_fill(struct s7_pdu *p, struct cursor *c);

static inline struct s7_data
s7_data_item(struct s7_pdu *p, struct cursor *c, bool more)
{
	const uint8_t *b = c->p;
	struct s7_data d;
	uint32_t n;

	if (!cur_ok(c) || cur_left(c) < 4 || (b[0] != 0xff && b[0] != 0))
		return s7_odd_data_item(p, c, more);
	d.code = b[0];
	d.type = b[1];
	d.length = be16_of(b + 2);
	n = s7_counts_bits(d.type) ? (d.length + 7u) / 8u : d.length;
	if (n > cur_left(c) - 4)
		return s7_odd_data_item(p, c, more);
	d.bytes = cur_of(b + 4, n);
	cur_skip(c, 4 + (size_t)n);
	if (more && n % 2 != 0)
		s7_skip_fill(p, c);
	return d;
}
/* DATE_AND_TIME, 8 bytes of BCD; 0 when it is none. */
uint64_t s7_date_time(struct cursor *c);
/* DTL, 12 bytes: year 2, month, day, weekday, hour, minute, second, ns 4; 0 when it is none. */
uint64_t s7_dtl(struct cursor *c);
/* Milliseconds of the day and days since 1984-01-01, 6 bytes. */
uint64_t s7_block_time(struct cursor *c);

/* ---- var.c ---- */

/* Read one variable specification into an operation item (more than one for a DB
 * read; then only the first is given).  False: nothing more can be read. */
bool	s7_var_spec(struct s7_pdu *p, struct cursor *c, struct op_item *it, struct s7_var *v,
	    bool last);

/* ---- body parsers; see struct func_desc.  Jobs get the parameters behind the
 * function code, userdata its payload. ---- */

s7_parser s7_setup_req, s7_setup_rsp, s7_empty, s7_opaque;			/* pdu.c */
s7_parser s7_read_req, s7_read_rsp, s7_write_req, s7_write_rsp;		/* var.c */
s7_parser s7_download_req, s7_down_block_req, s7_down_block_rsp, s7_down_end_req,
    s7_upload_req, s7_upload_rsp, s7_up_block_req, s7_up_block_rsp,
    s7_pi_req, s7_stop_req;							/* blocks.c */
s7_parser s7_list_rsp, s7_list_type_req, s7_list_type_rsp, s7_block_info_req,
    s7_block_info_rsp, s7_password_req, s7_clock, s7_bsend, s7_mode_push;	/* userdata.c */
s7_parser s7_szl_req, s7_szl_rsp;						/* szl.c */
s7_parser s7_msg_req, s7_msg_rsp, s7_diag_push, s7_alarm_push, s7_alarm_object,
    s7_alarm_ack_rsp, s7_alarm_query_rsp;					/* alarm.c */
s7_parser s7_tis_req, s7_tis_rsp;						/* programmer.c */
s7_parser s7_cyclic_req, s7_cyclic_rsp, s7_unsubscribe_req, s7_record_req,
    s7_record_rsp;	/* cyclic.c */

/* ---- stacks.c: of group 1, what looks into a program ---- */

/* Sub-functions of group 1. */
enum s7_tis {
	S7_TIS_BLOCK = 1, S7_TIS_VARIABLES = 2, S7_TIS_ISTACK = 3, S7_TIS_BSTACK = 4,
	S7_TIS_LSTACK = 5, S7_TIS_MODIFY = 8, S7_TIS_FORCE = 9, S7_TIS_BREAKPOINT = 10,
	S7_TIS_EXIT_HOLD = 11, S7_TIS_DISABLE = 13, S7_TIS_ENABLE = 14, S7_TIS_DELETE = 15,
	S7_TIS_JOB_LIST = 16, S7_TIS_READ_JOB = 17, S7_TIS_REPLACE = 18, S7_TIS_BLOCK_2 = 19
};
/* The data part of a request or an answer, as far as it is known. */
void	s7_tis_program_req(struct s7_pdu *p, struct cursor *d);
void	s7_tis_program_rsp(struct s7_pdu *p, struct cursor *d);

/* One 20-byte entry of the diagnostic buffer. */
void	s7_diag_entry(struct s7_pdu *p, struct cursor *c);

/* ---- szl_tables.c ---- */

enum szl_kind { SZL_U8, SZL_U16, SZL_U32, SZL_HEX16, SZL_TEXT, SZL_TIME, SZL_SKIP };
struct szl_field { const char *name; uint8_t kind, len; };
struct szl_layout {
	uint16_t		 list;		/* low byte of the SZL id */
	uint16_t		 index;		/* SZL_ANY: every index */
	const struct szl_field	*fields;	/* ends with name NULL */
};
#define SZL_ANY 0xffffu
/* Read one record by its fields, as parameters; ends where the bytes do.  szl.c */
void	s7_read_fields(struct s7_pdu *p, const struct szl_field *f, struct cursor *c);
const char *s7_szl_name(uint16_t id);
const struct szl_layout *s7_szl_layout(uint16_t id, uint16_t index);
extern const uint32_t s7_n_szl_names, s7_n_szl_layouts;
const char *s7_led_name(uint16_t id);
const char *s7_event_class(uint16_t event);
const char *s7_szl_mode(uint8_t v);

/* ---- plus.c ---- */

void	s7p_message(struct dis_ctx *x, const struct s7_tsdu *t);
void	s7p_tls(struct dis_ctx *x, const struct s7_tsdu *t);
/* `note`: fragments and length of a message that came in several; 0: it did not. */
void	s7p_read(struct dis_ctx *x, struct operation *op, struct s7_detail *d,
	    const uint8_t *p, uint32_t len, bool response, uint32_t note);
void	s7p_gap(struct dis_ctx *x);
int8_t	s7p_role(const uint8_t *p, uint32_t len);
bool	s7_is_tls(const uint8_t *p, uint32_t len);
/* Is this S7 although TLS was seen here: do its lengths fit exactly? */
bool	s7_is_clear(const uint8_t *p, uint32_t len);

#endif
