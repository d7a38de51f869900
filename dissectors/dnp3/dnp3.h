/* dnp3.h - what the files of the DNP3 dissector share.
 *
 * The way of a frame: dnp3.c finds it, link.c checks its CRCs and takes them
 * out, transport.c puts the segments of a fragment together, one stream for
 * each pair of link addresses, app.c reads the fragment by its row of
 * functions.c, answers.c brings answers together with their requests, objects.c
 * walks the object headers with the rows of table.c, items.c puts what they hold
 * into the operation.
 *
 * The standard is cited as 1815 (IEEE Std 1815-2012) with its clause.
 */
#ifndef DNP3_DNP3_H
#define DNP3_DNP3_H

#include "base/cursor.h"
#include "dissect/dissector.h"
#include "record/dnp3.h"

/* ---- functions.c ---- */

/* Application functions have their own codes; functions of the link layer stand
 * behind them in the same table. */
#define DN_LINK_PRIMARY		0x100u
#define DN_LINK_SECONDARY	0x110u

enum { DN_N_FUNCS = 48 };	/* rows; a test counts them */
extern const struct func_desc dn_funcs[DN_N_FUNCS];

/* What an internal indication means in terms that all protocols share, by its bit. */
struct dn_indication {
	const char	*refusal;	/* name of the exception; NULL: it is none */
	uint8_t		 refused;	/* enum op_refusal bit */
	uint8_t		 condition;	/* enum op_condition bit */
};
extern const struct dn_indication dn_indications[16];

static inline void
dn_set_ends(struct operation *op, uint16_t master, uint16_t outstation)
{
	op->unit = outstation;
	op->link[OP_CLIENT] = (struct op_link){ .len = 2, .number = master };
	op->link[OP_SERVER] = (struct op_link){ .len = 2, .number = outstation };
}

enum dn_function {
	DN_CONFIRM = 0, DN_READ, DN_WRITE, DN_SELECT, DN_OPERATE, DN_DIRECT_OPERATE, DN_DIRECT_OPERATE_NR,
	DN_IMMED_FREEZE, DN_IMMED_FREEZE_NR, DN_FREEZE_CLEAR, DN_FREEZE_CLEAR_NR, DN_FREEZE_AT_TIME,
	DN_FREEZE_AT_TIME_NR, DN_COLD_RESTART, DN_WARM_RESTART, DN_INITIALIZE_DATA, DN_INITIALIZE_APPL,
	DN_START_APPL, DN_STOP_APPL, DN_SAVE_CONFIG, DN_ENABLE_UNSOLICITED, DN_DISABLE_UNSOLICITED,
	DN_ASSIGN_CLASS, DN_DELAY_MEASURE, DN_RECORD_TIME, DN_OPEN_FILE, DN_CLOSE_FILE, DN_DELETE_FILE,
	DN_GET_FILE_INFO, DN_AUTH_FILE, DN_ABORT_FILE, DN_ACTIVATE_CONFIG, DN_AUTH_REQUEST, DN_AUTH_NO_ACK,
	DN_RESPONSE = 129, DN_UNSOLICITED, DN_AUTH_RESPONSE
};

/* Does nobody answer this function (1815 4.4)? */
bool	dn_no_answer(uint8_t function);

/* Does object data follow the headers of a request with this function? */
bool	dn_carries_data(uint8_t function, uint8_t group);

/* Names of statuses: of a control (1815 A.19), a file (1815 A.28), an
 * authentication error (1815 A.45).  NULL for a code without a name. */
const char *dn_control_status(unsigned code);
const char *dn_file_status(unsigned code);
const char *dn_auth_error(unsigned code);

/* ---- table.c ---- */

enum { DNP3_N_ROWS = 208 };	/* a test counts them */
extern const struct dnp3_row dnp3_rows[DNP3_N_ROWS];

/* NULL: no such object. */
const struct dnp3_row *dnp3_row_of(uint8_t group, uint8_t variation);

/* ---- attributes.c: group 0 (1815 A.2) ---- */

/* Name of an attribute, by its variation, as that of a parameter; NULL when
 * reserved. */
const char *dn_attribute_name(uint8_t variation);
/* What an attribute says of a device. */
enum op_fact_key dn_attribute_fact(uint8_t variation);

/* ---- link.c ---- */

#define DN_HEADER	10u	/* start 2, length, control, destination, source, CRC */
#define DN_BLOCK	16u	/* user data before each CRC */
#define DN_FRAME_MAX	292u
#define DN_LENGTH_MIN	5u

/* Octets of the whole frame whose length field says `length`. */
static inline uint32_t
dn_frame_len(uint8_t length)
{
	uint32_t user = length >= DN_LENGTH_MIN ? length - DN_LENGTH_MIN : 0;

	return DN_HEADER + user + (user + DN_BLOCK - 1) / DN_BLOCK * 2;
}

/* ---- crc.c ---- */

uint16_t dn_crc(const uint8_t *p, size_t n);
/* Does the CRC behind n octets fit (so n + 2 are there)?  Always, in a fuzzing
 * build. */
bool	 dn_crc_good(const uint8_t *p, size_t n);

struct dn_frame {
	uint8_t		 control;
	uint16_t	 dst, src;
	const uint8_t	*user;		/* without CRCs; arena or wire */
	uint32_t	 len;
	bool		 broken;	/* a block has a wrong CRC: nothing of it is believed */
};

static inline bool     dn_from_master(const struct dn_frame *f) { return (f->control & DNP3_LINK_DIR) != 0; }
static inline bool     dn_primary(const struct dn_frame *f)     { return (f->control & DNP3_LINK_PRM) != 0; }
static inline unsigned dn_link_function(const struct dn_frame *f) { return f->control & 15u; }

/* Addresses (1815 9.2.4.1.3): FFFD-FFFF reach everybody, FFFC oneself. */
#define DN_SELF		0xfffcu
#define DN_RESERVED	0xfff0u	/* up to FFFB */
static inline bool dn_is_broadcast(uint16_t a) { return a > DN_SELF; }

/* Cut one frame.  DIS_DONE: `f` is filled. */
struct dis_step dn_cut(struct dis_ctx *x, struct cursor in, struct dn_frame *f);

/* A frame without user data: the link layer talks. */
void	dn_link_message(struct dis_ctx *x, const struct dn_frame *f);
void	dn_link_unanswered(struct dis_ctx *x, const struct pending *pend, enum op_outcome how);
/* Confirmed user data: the other end's link layer is to acknowledge it. */
void	dn_link_expects(struct dis_ctx *x, const struct dn_frame *f);

/* ---- state ---- */

#define DN_FRAGMENT	2048u	/* 1815 4.2.2.1: what every device takes */
#define DN_FRAGMENT_MAX	DIS_BLOCK_LEN	/* what we take */
#define DN_STREAMS	8u	/* pairs of link addresses, per direction */
#define DN_STALE_NS	60000000000u	/* no device takes so long between two segments */
#define DN_RETRY	477u		/* the same number so much later (0.5 s) is a retry */

/* Time to a millisecond or so (2^20 ns), in 32 bits: 52 days. */
static inline uint32_t dn_clock(uint64_t ts_ns) { return (uint32_t)(ts_ns >> 20); }

/* One direction between two link addresses.  There are many: widest fields first. */
struct dn_stream {
	/* transport */
	uint64_t	 block;		/* what came before; DIS_NO_BLOCK: nothing yet */
	uint32_t	 have, frames;

	uint32_t	 last_use;
	uint16_t	 src, dst;
	bool		 used;

	bool		 open;		/* a fragment has begun and not ended */
	bool		 started;	/* a segment was seen since the claim or the last gap */
	uint8_t		 sequence;	/* of the last segment */
	uint8_t		 link;		/* control of the fragment's first frame */
	uint8_t		 link_len, first;	/* its length octet, its transport number */
	bool		 too_long;
	bool		 reported;	/* that it does not end */
	uint8_t		 dir;		/* enum flow_dir, of its last segment */
	uint64_t	 segment_ns, segment_frame;	/* of its last segment */

	/* application: requests of a master; the first two also answers */
	bool		 asked;		/* one was seen since the claim or the last gap */
	uint8_t		 request_sequence; /* of the last one */
	uint8_t		 select_sequence;

	/* application: answers of an outstation */
	bool		 more;		/* a fragment without FIN came: others follow */
	uint8_t		 next_sequence;	/* of the fragment that follows */
	uint8_t		 more_function;	/* of the request that they answer */
	bool		 confirm, confirm_unsolicited;	/* a confirm is wanted */
	uint8_t		 confirm_sequence;
	bool		 unsolicited;	/* one was seen */
	uint8_t		 unsolicited_sequence;
	uint32_t	 unsolicited_hash;
	uint64_t	 more_id;	/* of the request with several answers */
	uint64_t	 confirm_id;

	/* requests again */
	uint64_t	 select_id, select_hash;	/* id 0: nothing selected */
	uint32_t	 select_len;
	uint32_t	 asked_at[16];	/* when a request with this number came: dn_clock() */
};

struct dn_state {
	bool			 gapped, paired, flooded;
	uint32_t		 requests;
	uint32_t		 clock;		/* for last_use */
	uint32_t		 n_open;	/* fragments that have begun and not ended */
	uint64_t		 files;		/* the block with the names of open files */
	struct dn_stream	 stream[2 * DN_STREAMS];
};

/* The stream of this pair; the longest unused one gives way. */
struct dn_stream *dn_stream(struct dis_ctx *x, uint16_t src, uint16_t dst);
/* The same, or NULL when it is not there. */
struct dn_stream *dn_stream_if(struct dis_ctx *x, uint16_t src, uint16_t dst);

/* ---- transport.c ---- */

#define DN_FIN	0x80u	/* of the transport octet */
#define DN_FIR	0x40u

/* The user data of a frame: hands complete fragments to dn_fragment(). */
void	dn_segment(struct dis_ctx *x, const struct dn_frame *f);
/* Forget the fragment that was being put together: it is read. */
void	dn_transport_forget(struct dis_ctx *x, struct dn_stream *s);
/* The same when its end will not be read, which is counted: it was reported. */
void	dn_transport_drop(struct dis_ctx *x, struct dn_stream *s);
/* The same, and reported as an anomaly of its last segment, once. */
void	dn_transport_lose(struct dis_ctx *x, struct dn_stream *s);
/* Report fragments that have waited for their next segment for DN_STALE_NS. */
void	dn_transport_stale(struct dis_ctx *x);
/* The conversation is over: report the fragments that did not end. */
void	dn_transport_closed(struct dis_ctx *x);

/* ---- app.c ---- */

struct dn_fragment {
	uint16_t	 src, dst;
	uint8_t		 link;		/* control octet of the first frame */
	uint8_t		 link_len;	/* its length octet */
	uint8_t		 transport;	/* its transport sequence number */
	uint32_t	 frames;
	const uint8_t	*bytes;		/* application header and objects */
	uint32_t	 len;
	bool		 cut;		/* longer than is kept */
};

void	dn_fragment(struct dis_ctx *x, struct dn_stream *s, const struct dn_fragment *f);
void	dn_unanswered(struct dis_ctx *x, const struct pending *pend);
void	dn_gap(struct dis_ctx *x, uint64_t lost);

/* Keys of waiting requests. */
uint32_t dn_key(uint16_t master, uint16_t outstation, bool link, uint8_t number);

/* Is it an anomaly to see an answer without its request? */
bool	dn_must_have_request(const struct dis_ctx *x);

/* ---- objects.c ---- */

#define DN_OBJECTS_MAX	512u	/* headers of a message that are kept */
#define DN_POINTS_MAX	4096u	/* values of a message that are kept */
#define DN_PARAMS_MAX	64u

/* Read the objects behind an application header into the message and, as items,
 * parameters and facts, into the operation. */
void	dn_read_objects(struct dis_ctx *x, struct cursor in, struct operation *op,
	    struct dnp3_message *m, bool response);

/* ---- items.c ---- */

/* One more named number. */
void	dn_param_uint(struct dis_ctx *x, struct operation *op, const char *name, uint64_t v,
	    bool response);

/* The same with bytes, which must last as long as the operation. */
void	dn_param_bytes(struct dis_ctx *x, struct operation *op, const char *name,
	    const uint8_t *bytes, uint32_t len, bool response);

/* ---- files.c ---- */

/* The parameter `file` of an operation that has a handle of an open file: its
 * name.  An operation has it once, on the side that was read first. */
void	dn_file_name(struct dis_ctx *x, struct operation *op, const struct dnp3_message *m,
	    bool response);
/* A file was opened, closed or aborted, if this says so. */
void	dn_file_answer(struct dis_ctx *x, const struct operation *op, const struct dnp3_detail *d);
/* An answer may be missing: no handle is known any more. */
void	dn_file_forget(struct dis_ctx *x);

/* What a request reads: "integrity poll", "class 1 poll"; NULL when neither. */
const char *dn_poll_name(const struct dnp3_message *m);

#endif
