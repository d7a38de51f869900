/* pair.h - requests that wait for their answers.
 *
 * Bounded per conversation and in total.  A mirror port that shows one
 * direction only fills every table: then the oldest request leaves as
 * unanswered, is counted, and the conversation goes on.  The request's bytes
 * are kept and parsed again when the answer comes, because an answer is read
 * through its request (a Modbus read answer has no address of its own).
 */
#ifndef DISSECT_PAIR_H
#define DISSECT_PAIR_H

#include "dissect/dissector.h"

struct pending {
	uint64_t	 id;		/* operation id */
	uint32_t	 key;		/* dissector's: what an answer must match exactly */
	uint32_t	 note;		/* dissector's own */
	bool		 from_client;	/* as it was when the request came */
	struct op_side	 request;
	const uint8_t	*bytes;		/* the request as given to pair_put(); arena */
	uint32_t	 len;		/* of bytes: cut at the dissector's max_pending, and 0
					 * when the arena was full; request.len is whole */
	struct operation *read;		/* what request_begin() gave, as it was at request_end(); NULL:
					 * read the bytes again.  Yours until the call of the dissector
					 * ends, but for pair_put() and request_begin() */
};

/* Read a request in memory that stays with it while it waits: between these two
 * calls x->arena is that memory, which begins with `size` bytes for the dissector (a
 * struct whose first member is the operation) and a copy of the `len` bytes, to which
 * *bytes then points.  pair_put() keeps it.  All that is made of the request must fit
 * into 12 KiB: only for requests whose length says that it will.  NULL: not kept. */
struct operation *request_begin(struct dis_ctx *x, size_t size, const uint8_t **bytes,
	    uint32_t len);
void	request_end(struct dis_ctx *x);

/* A number for the next operation of this conversation, 1, 2, 3 ... */
uint64_t pair_next_id(struct dis_ctx *x);

/* Remember a request (`id` from pair_next_id()).  May report the oldest one as
 * unanswered through dissector->unanswered to make space. */
void	pair_put(struct dis_ctx *x, uint64_t id, uint32_t key, uint32_t note,
	    const uint8_t *pdu, uint32_t len);

/* Put a taken request back under another key and with other bytes, because its
 * answer comes in several exchanges: it keeps its id, its side and its client.
 * `dir` is from where the request came. */
void	pair_keep(struct dis_ctx *x, const struct pending *was, enum flow_dir dir, uint32_t key,
	    uint32_t note, const uint8_t *bytes, uint32_t len);

/* Take the oldest request with this key; false when there is none. */
bool	pair_take(struct dis_ctx *x, uint32_t key, struct pending *out);

/* The bytes that are kept of the oldest request with this key; NULL when there is
 * none.  Good until pairs change. */
const uint8_t *pair_look(const struct dis_ctx *x, uint32_t key, uint32_t *len);

/* Take the request that fits best, whatever its key is: the dissector says how well
 * (0: not at all) from the key and the bytes that are kept.  False when none fits, or
 * several do equally well: then nobody can say which. */
bool	pair_take_fitting(struct dis_ctx *x,
	    unsigned (*fit)(const void *arg, uint32_t key, const uint8_t *bytes, uint32_t len),
	    const void *arg, struct pending *out);

/* Is one with this key waiting?  (Transaction id reuse.) */
bool	pair_has(const struct dis_ctx *x, uint32_t key);

/* Was a request with this key (not 0) one of the last few that were given up for
 * time or space?  Then its answer comes late.  It is forgotten by asking. */
bool	pair_was_given_up(struct dis_ctx *x, uint32_t key);

/* Nothing that waits in this conversation will be answered any more: report all of it as
 * unanswered, now. */
void	pair_give_up_all(struct dis_ctx *x);

/* Requests waiting in this conversation. */
uint32_t pair_waiting(const struct dis_ctx *x);

/* Hand an operation to the sink: fills flow, latency and (if it is not set) proto, counts it when
 * it is finished.  The dissector fills everything else. */
void	dis_operation(struct dis_ctx *x, struct operation *op);

#endif
