/* conversation.h - what the module keeps of a flow, and its tables.
 *
 * Private to dissect/.  flow->dissection holds one of three things:
 *	a note		a few bits in the pointer itself: nothing kept, how many
 *			segments were refused so far (choose.c)
 *	a candidate	first bytes of a flow that may be one of ours (choose.c)
 *	a conversation	the flow is claimed by a dissector (feed.c)
 * so that traffic of no interest costs no memory at all.  Candidates and
 * conversations come from fixed pools, the longest unused is evicted.
 */
#ifndef DISSECT_CONVERSATION_H
#define DISSECT_CONVERSATION_H

#include <stdalign.h>

#include "base/pool.h"
#include "dissect/dissect.h"
#include "base/list.h"
#include "dissect/pair.h"

struct pend;		/* a waiting request: pair.c */

#define DISSECTORS_MAX 32	/* in one registry */

/* Most protocols need little state and many conversations, a few the other way
 * round: an eighth of the conversations may have a large one. */
#define STATE_SMALL	256u
#define LARGE_SHARE	8u
#define BLOCK_SHARE	32u	/* one block for so many conversations */
#define PART_SHARE	32u	/* one kept beginning of a split PDU for so many */

/* When and where bytes came from. */
struct at {
	uint64_t	ts_ns, frame;
	uint64_t	source;		/* 16 bits; a copy would wait for a store that is narrower than its load */
};

/* Where the row of a code and sub-function stands: func.c.  Numbers of rows count
 * from 1; 0 is none. */
struct func_index {
	const struct func_desc	*rows;
	uint32_t		 n, mask;
	uint16_t		*plain;		/* owned; FUNC_PLAIN of them: rows without a
						 * sub-function, by their codes */
	uint16_t		*bucket;	/* owned; all rows, mask + 1 chains */
	uint16_t		*next;		/* owned; of a chain, by row */
};
#define FUNC_PLAIN 256u

/* The kept bytes of one direction: the beginning of a split PDU, or, while the
 * place is lost, bytes that are too few to judge. */
struct part {
	struct link		 by_age;
	struct conversation	*conv;
	enum flow_dir		 dir;
	bool			 aligned;	/* byte 0 was the first of its segment */
	uint32_t		 size;		/* of bytes[]: SMALL_PART, or d->part_len */
	/* Segments that look like whole PDUs while a split one waits for its end:
	 * at the second in a row it is the split one that is not believed. */
	uint32_t		 doubts, doubt_off;
	struct at		 doubt_at;
	uint8_t			 bytes[];
};
/* The half of a short PDU, as most commands are, always has a place: nobody can push
 * it out.  Longer ones share the few large ones. */
#define SMALL_PART	64u

struct side {
	struct part	*part;		/* NULL: nothing kept */
	uint32_t	 have;		/* bytes in part */
	uint32_t	 want;		/* feed again at so many */
	uint32_t	 ahead;		/* ... with so many more, if they are there */
	uint32_t	 fruitless;	/* bytes searched in vain, less what was read since */
	uint32_t	 unsearched;	/* bytes passed over since the last search */
	bool		 lost;		/* no place: ask guess() */
	bool		 heard;		/* bytes came from this end */
	uint64_t	 missed_ns;	/* when bytes of it were last missing: a gap, or a datagram that was cut; 0: never */
};

enum held { HELD_CANDIDATE, HELD_CONVERSATION };

struct conversation {
	enum held			 held;	/* first, as in struct candidate */
	uint8_t				 framing;
	bool				 framing_known;
	uint8_t				 contradictions;	/* of the client's end, in a row */
	bool				 role_hinted;	/* the client's end is only hinted at */
	bool				 lost_said;
	bool				 replaying;	/* what was kept before the claim is being read */
	struct flow			*flow;
	const struct dissector		*by;
	const struct func_index		*index;
	struct link			 by_use;	/* d->conv_by_use */
	struct link			 waiting;	/* head: pending requests, oldest first */
	uint32_t			 n_waiting;
	uint32_t			 late[4];	/* keys of requests given up; 0 none */
	uint8_t				 late_at;	/* the next one's place */
	uint64_t			 last_id;
	uint64_t			 lost_said_ns;
	struct side			 side[2];
	uint32_t			 n_blocks;	/* held, see block.c */
	void				*state;		/* from d->states or d->large */
	struct link			 by_use_large;	/* d->large_by_use, if large */
	bool				 large;
	struct candidate		*shadow;	/* what it could not read (withdraw.c); or NULL */
	uint64_t			 first_id;	/* of its operations */
};

/* Memory that dissectors share, for what few conversations need at a time. */
struct block {
	struct link		 by_use;	/* d->block_by_use: first is free or oldest */
	struct conversation	*owner;		/* NULL: free */
	uint32_t		 serial;	/* changes with every owner */
	uint8_t			*bytes;		/* DIS_BLOCK_LEN */
};

/* Memory for requests up to one length. */
struct long_pool {
	struct pool	pool;		/* n 0: not needed */
	struct link	by_age;
	uint32_t	len;
};

struct dissect {
	struct dissect_settings		 set;
	struct op_sink			 sink;
	struct arena			*arena;		/* the worker's */
	struct counters			*counters;	/* the worker's */
	const struct dissector *const	*list;		/* NULL-ended */
	uint32_t			 n_list;
	/* Ports that any of them names: 0 TCP, 1 UDP; a bit each, choose.c. */
	uint64_t			 hinted[2][65536 / 64];
	struct func_index		 index[DISSECTORS_MAX];

	struct pool			 convs;
	struct link			 conv_by_use;
	struct pool			 states;	/* one for each conversation, the largest small one */
	struct pool			 large;		/* for dissectors that need more */
	struct link			 large_by_use;
	struct block			*blocks;	/* owned; n_blocks of them */
	uint8_t				*block_bytes;	/* owned */
	uint32_t			 n_blocks;
	struct link			 block_by_use;

	bool				 replaying;	/* kept bytes are being read: no withdrawal */
	uint32_t			 search_saved;	/* offsets that may be searched, feed.c */

	struct pool			 parts, small_parts;
	struct link			 part_by_age;
	uint32_t			 part_len;	/* bytes in one: two of the largest PDUs */

	struct pool			 cands;
	struct link			 cand_by_use;
	uint32_t			 cand_len;	/* bytes kept of each direction */

	struct pool			 pends;
	struct link			 pend_by_age;
	uint64_t			 tick_ns;	/* of the last dissect_tick() */
	struct long_pool		 longs[2];	/* bytes of longer requests: middle, longest */
	uint32_t			 big_len;	/* of the longest */
	struct parsed_request		*parsed_requests;	/* owned; request_cache.c */
	uint32_t			 n_parsed;
	struct link			 parsed_order;
};

/* conversation.c */

/* Claim the flow.  May evict the longest unused conversation; never NULL. */
struct conversation *conv_open(struct dissect *d, struct flow *f,
    const struct dissector *by);
/* Report all that waits, give everything back; flow->dissection is then NULL. */
void	conv_close(struct dissect *d, struct conversation *c);
/* What a dissector is told of the bytes at hand.  Once for every segment: filled in
 * where it lies. */
static inline void
conv_ctx(struct dis_ctx *x, struct dissect *d, struct conversation *c, enum flow_dir dir,
    struct at at)
{
	x->state = c->state;
	x->arena = d->arena;
	x->flow = c->flow;
	x->conv = c;
	x->dir = dir;
	x->from_client = (unsigned)dir == c->flow->client_end;
	x->datagram = x->truncated = x->again = false;
	x->framing = c->framing;
	x->ts_ns = at.ts_ns;
	x->frame = at.frame;
	x->source = (uint16_t)at.source;
	x->sink = &d->sink;
	x->counters = d->counters;
	x->dissect = d;
	x->parsed = NULL;
}
/* n bytes from end `dir` that nobody could read. */
void	conv_blind(struct dissect *d, struct conversation *c, enum flow_dir dir, uint64_t n);
/* ... and n of them are read after all. */
void	conv_unblind(struct dissect *d, struct conversation *c, enum flow_dir dir, uint64_t n);
/* Memory to keep n bytes of one direction; may evict the oldest large one.  Never NULL. */
struct part *part_open(struct dissect *d, struct conversation *c, enum flow_dir dir, uint32_t n);
/* ... and for n bytes in all. */
void	part_grow(struct dissect *d, struct conversation *c, enum flow_dir dir, uint32_t n);
void	part_close(struct dissect *d, struct part *p);

/* block.c */
int	block_open(struct dissect *d, uint32_t n);
void	block_close(struct dissect *d);
/* Take back all that the conversation holds. */
void	block_release(struct dissect *d, struct conversation *c);

/* request_cache.c */
int	request_cache_open(struct dissect *d);
void	request_cache_close(struct dissect *d);
size_t	request_cache_memory(const struct dissect *d);
/* The waiting request `of` has it now; request_cache_give() takes it back. */
void	request_cache_keep(struct dissect *d, struct parsed_request *r, struct pend *of);
void	request_cache_give(struct dissect *d, struct parsed_request *r);
/* The operation as it was when its request had been read. */
struct operation *request_cache_take(struct parsed_request *r);

/* feed.c */
/* A broken promise is our bug: loud where tests and fuzzers run. */
void	dis_bug(struct dissect *d);
void	feed_open(struct dissect *d);
void	feed_bytes(struct dissect *d, struct conversation *c, enum flow_dir dir,
    const uint8_t *p, uint32_t n, struct at at);
/* n bytes that came before the first PDU of a direction and are none. */
void	feed_noise(struct dissect *d, struct conversation *c, enum flow_dir dir, uint32_t n,
    struct at at);
void	feed_gap(struct dissect *d, struct conversation *c, enum flow_dir dir,
    uint64_t lost, struct at at);
void	feed_datagram(struct dissect *d, struct conversation *c, enum flow_dir dir,
    const uint8_t *p, uint32_t n, bool truncated, struct at at);

/* choose.c: everything of a flow that is not claimed yet. */
int	choose_open(struct dissect *d);
void	choose_bytes(struct dissect *d, struct flow *f, enum flow_dir dir,
    const uint8_t *p, uint32_t n, bool datagram, bool truncated, struct at at);
void	choose_gap(struct dissect *d, struct flow *f, enum flow_dir dir);
void	choose_closed(struct dissect *d, struct flow *f);

/* withdraw.c: bytes that the conversation could not read, offered to all the others */
/* Keep them. */
void	withdraw_keep(struct dissect *d, struct conversation *c, enum flow_dir dir,
    const uint8_t *p, uint32_t n, bool datagram, bool truncated, struct at at);
/* Decide.  The conversation may be another one then: do not use `c` any more. */
void	withdraw_decide(struct dissect *d, struct conversation *c, struct at at);
/* It reads this direction again. */
void	withdraw_forget(struct dissect *d, struct conversation *c, enum flow_dir dir);
/* The flow ends: the conversation that has it then. */
struct conversation *withdraw_last(struct dissect *d, struct conversation *c);

/* pair.c */
int	pair_open(struct dissect *d);
void	pair_close(struct dissect *d);
size_t	pair_memory(const struct dissect *d);
void	pair_close_all(struct dissect *d, struct conversation *c);
/* Its parsed request went to another request. */
void	pair_unread(struct pend *p);
void	pair_expire(struct dissect *d, uint64_t now_ns);

/* func.c */
int	func_index_open(struct func_index *ix, const struct func_desc *rows, uint32_t n);
void	func_index_close(struct func_index *ix);

/* What flow->dissection holds, when it is not a note: a note has bit 0 set. */
static inline bool
flow_is_noted(const struct flow *f)
{
	return f->dissection == NULL || ((uintptr_t)f->dissection & 1u) != 0;
}

static inline struct conversation *
flow_conversation(const struct flow *f)
{
	if (flow_is_noted(f) || *(const enum held *)f->dissection != HELD_CONVERSATION)
		return NULL;
	return f->dissection;
}

#endif
