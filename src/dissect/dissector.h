/* dissector.h - what a protocol must provide, and the promises around it.
 *
 * dissect/ promises: TCP bytes in order, without overlap, gaps announced; at
 * most max_pdu unread bytes kept per direction; state zeroed once per
 * conversation; the arena emptied after each PDU.
 * The dissector promises: no malloc, no clock, no I/O, no mutable globals; no
 * include from capture, decode, stream, detect or output; never more than it
 * was given; always progress.  feed.c asserts the last two in every build that
 * tests run.
 */
#ifndef DISSECT_DISSECTOR_H
#define DISSECT_DISSECTOR_H

#include "base/arena.h"
#include "base/cursor.h"
#include "record/counters.h"
#include "record/operation.h"

enum dis_status {
	DIS_DONE,	/* `used` bytes made one PDU; called again if any remain */
	DIS_NEED_MORE,	/* complete after at least `need` more bytes */
	DIS_RESYNC	/* `used` bytes are not ours: skip them, count them as blind,
			 * and find the next place that guess() likes.
			 * There is no "give up": blindness must be visible. */
};

struct dis_step {
	enum dis_status	status;
	uint32_t	used;	/* DONE, RESYNC: 1..given */
	uint32_t	need;	/* NEED_MORE: at least 1 */
	uint32_t	ahead;	/* NEED_MORE: bytes behind those that would help to judge, if they
				 * are there when the others are; at most DIS_AHEAD */
};
#define DIS_AHEAD 16u

/* What guess() thinks of the bytes at a place where a PDU could begin. */
enum dis_verdict {
	GUESS_NO,	/* cannot be ours */
	GUESS_SHORT,	/* nothing against it yet, too few bytes to say */
	GUESS_FLAWED,	/* the framing is recognisable and exactly one thing is wrong.  Enough
			 * to begin on a port of ours; elsewhere a link in a chain (`used`:
			 * where the next PDU begins; 0 when the fault is in that) */
	GUESS_MAYBE,	/* a legal PDU; another agreeing one is wanted on another port */
	GUESS_YES	/* proven by the bytes alone (checksum, magic) */
};

struct dis_guess {
	enum dis_verdict verdict;
	bool		 checked;	/* a checksum over it holds: beats what is only legal */
	bool		 carrier;	/* GUESS_SHORT: a whole PDU of the carrier that names what is ours.
				 * Enough on a port of ours, if the flow ends with it */
	int8_t		 role;	/* +1 sent by the client, -1 by the server, 0 cannot tell */
	uint8_t		 framing;	/* dissector's own; handed to feed through dis_ctx */
	uint32_t	 used;	/* length of the PDU that was recognised; 0 unknown.  With
				 * GUESS_SHORT: a whole PDU that other protocols have too (a
				 * carrier's connection request); it convinces nobody, but
				 * what is claimed may be read from here */
	uint32_t	 tag;	/* what a PDU of the other direction must match to agree
				 * (transaction, unit, function); dissector's own mixing */
};

struct conversation;	/* dissect/conversation.h; opaque to dissectors */

/* One request that waits for its answer, and what was read of it; see pair.h. */
struct pending;
struct parsed_request;

struct dis_ctx {
	void			*state;		/* state_size bytes, zeroed at the claim */
	struct arena		*arena;		/* emptied after each PDU */
	struct flow		*flow;
	struct conversation	*conv;
	enum flow_dir		 dir;		/* from which end these bytes come */
	bool			 from_client;	/* dir is the client's, as known now */
	bool			 datagram;	/* UDP: PDUs end with the datagram */
	bool			 truncated;	/* datagram: the snap length cut it; what is
						 * missing at its end is nobody's fault */
	bool			 again;		/* a request is read a second time, now that its
						 * answer (or its time) has come: anomalies go to
						 * the operation but are not reported twice.  The
						 * dissector sets it around that reading; it is
						 * already set inside unanswered() */
	uint8_t			 framing;	/* from the guess that claimed it */
	uint64_t		 ts_ns;		/* of the frame that completed these bytes */
	uint64_t		 frame;
	uint16_t		 source;
	const struct op_sink	*sink;
	struct counters		*counters;
	struct dissect		*dissect;	/* for dissect/ itself, as is the next */
	struct parsed_request	*parsed;	/* of the request that pair_put() will be given */
};

/* One row per function code.  A NULL parser: named and counted, body opaque.
 * Names, limits, rule words, documentation and the coverage count come from
 * here and from nowhere else. */
#define FUNC_NO_SUB 0xffffffffu		/* the row has no sub-function */

struct op_span { uint16_t min, max; };	/* bytes after the function code, inclusive */

struct func_desc {
	uint32_t	 code;
	uint32_t	 sub;		/* FUNC_NO_SUB where there is none */
	const char	*name;		/* the specification's: "Read Coils" */
	const char	*word;		/* rule word and JSON value: "RdCoils" */
	enum op_intent	 intent;
	enum op_command	 command;	/* CMD_NONE for most */
	enum op_space	 space;
	struct op_span	 req_len, rsp_len;
	bool	(*req)(struct dis_ctx *, struct cursor *, struct operation *, void *detail);
	bool	(*rsp)(struct dis_ctx *, struct cursor *, struct operation *, void *detail);
	const char	*spec;		/* document and section */
	const void	*extra;		/* the protocol's own columns, or NULL */
};

struct dissector {
	const struct protocol	*protocol;	/* all that others may know of it */
	uint32_t		 max_pdu;	/* bytes kept per direction for a split PDU */
	uint32_t		 max_pending;	/* bytes of a request kept until its answer */
	uint32_t		 state_size;
	const struct func_desc	*funcs;
	uint32_t		 n_funcs;
	/* After losing its place: guess() is strict enough (checksum, magic, or a
	 * header with several fixed fields) to be asked at every offset, not
	 * only where a segment begins. */
	bool			 resync_scan;
	/* Look at a place where a PDU could begin.  No state, no side effects.  The
	 * first PDU of a claim is then given to feed(), whatever its fault is: what
	 * guess() calls flawed feed() must read and report, as in mid-session. */
	struct dis_guess	(*guess)(struct cursor in, bool datagram);
	/* Take one PDU.  `in` holds all bytes not yet used. */
	struct dis_step	(*feed)(struct dis_ctx *, struct cursor in);
	/* `lost` bytes from ctx->dir will never come; forget half-read state. */
	void		(*gap)(struct dis_ctx *, uint64_t lost);
	/* A request got no answer (time, table full, flow over): report it.
	 * ctx is as it was when the request came, ctx->again is set. */
	void		(*unanswered)(struct dis_ctx *, const struct pending *);
	/* The conversation is over, or its state is needed elsewhere: report what was half
	 * read.  Called before the requests that wait are given up; NULL: nothing to do. */
	void		(*closed)(struct dis_ctx *);
};

extern const struct dissector *const dissectors[];	/* NULL-ended; registry.c */

/* The row of code and sub-function; falls back to the row without a
 * sub-function; NULL when the code has no row.  Rows stand in the order of their
 * codes.  func_find() halves the table and is for guess(), which has no context;
 * dis_func() looks in an index of ctx's dissector made at start: use that one
 * for every PDU. */
const struct func_desc *func_find(const struct func_desc *rows, uint32_t n,
    uint32_t code, uint32_t sub);
const struct func_desc *dis_func(const struct dis_ctx *x, uint32_t code, uint32_t sub);
/* The same in the table of another dissector, where two share a carrier and a
 * message of one comes in a conversation of the other. */
const struct func_desc *dis_func_in(const struct dis_ctx *x, const struct func_desc *rows,
    uint32_t n, uint32_t code, uint32_t sub);

/* Is the table in order: codes ascending, codes and words unique, limits sane, every row with a
 * name and a section?  NULL, or a sentence in `why` that names the row.  For
 * the tests of each dissector. */
const char *func_check(const struct func_desc *rows, uint32_t n, char *why, size_t why_size);

/* Add an anomaly to the operation (NULL: none) and send it to the sink (not
 * while ctx->again). */
void	dis_anomaly(struct dis_ctx *x, struct operation *op, enum anomaly_id id,
	    uint32_t offset, const char *detail);

/* The bytes themselves say who sent them.  The first word is believed at once;
 * against an earlier one it takes three contradictions in a row.  Sets
 * ctx->from_client to what is believed now. */
void	dis_set_client(struct dis_ctx *x, bool this_dir_is_client);

/* The same from bytes that are often wrong about it (a direction bit of a message
 * without content): believed until dis_set_client() knows better, and against
 * nothing that it said. */
void	dis_hint_client(struct dis_ctx *x, bool this_dir_is_client);

/* The content has said who the client is and nothing contradicts it at present:
 * a PDU that fits its sender's role need not be held against the other role. */
bool	dis_client_settled(const struct dis_ctx *x);

/* An operation of this conversation, empty but for `id`.  Where anomalies go is not
 * cleared: there are none. */
static inline void
dis_begin(const struct dis_ctx *x, struct operation *op, uint64_t id)
{
	memset(op, 0, offsetof(struct operation, anomalies));
	op->n_anomalies = 0;
	op->detail = NULL;
	op->id = id;
	op->flow = x->flow;
}

/* This direction of an operation, as of the frame in hand. */
struct op_side dis_side(const struct dis_ctx *x, uint32_t pdu_len);

/* A block of DIS_BLOCK_LEN bytes, for what is put together over several PDUs.
 * Blocks are few and shared by all conversations: dis_block_take() gives the
 * number under which dis_block() finds it again, until it is given back, the
 * conversation ends, or it was the longest unused when another one needed it;
 * then dis_block() gives NULL.  Contents are undefined at first. */
#define DIS_BLOCK_LEN 4096u
#define DIS_NO_BLOCK 0u

uint64_t dis_block_take(struct dis_ctx *x);
uint8_t	*dis_block(struct dis_ctx *x, uint64_t number);
void	 dis_block_give(struct dis_ctx *x, uint64_t number);

/* How a request without an answer ended: one-sided when no frame at all came from the other end, or bytes of it
 * were missing since, in which the answer may have been; unanswered when it was all seen, be it a mere
 * acknowledgment.  For unanswered(). */
enum op_outcome dis_outcome_without_answer(const struct dis_ctx *x, const struct op_side *request);

#endif
