/* internal.h - what the files of the stream module share; nobody else includes it.
 *
 * One slot per flow, the visible struct first.  Everything points by index
 * (POOL_NONE: none), because an index is half a pointer and a slot of 10,000
 * must stay small.
 */
#ifndef STREAM_INTERNAL_H
#define STREAM_INTERNAL_H

#include <string.h>

#include "base/hmap.h"
#include "base/inet_sum.h"
#include "base/pool.h"
#include "stream/stream.h"

#define BLOCK_SIZE	2048u	/* one kept piece of out-of-order bytes, header included */
#define RING_SIZE	1024u	/* delivered bytes remembered to compare retransmissions with */
#define FAR_SEQ		(4u << 20)	/* a jump by more is believed only when it repeats */
#define FAR_ALONE	3u	/* ... so many times, when nothing of the receiver is visible */
#define FAR_AGAINST	16u	/* ... or when it is, but says nothing of the jump */
#define JOIN_SEQ	(64u << 10)	/* at a join: what may lie between an ACK and the first bytes */
#define WAIT_UNACKED	16	/* gap waits granted while the receiver has not acknowledged */
#define SEGMENTS_WAIT	64	/* pieces behind an acknowledged hole that end the wait */
#define ACKED_WAIT	64	/* part of the gap wait for an acknowledged hole with data behind it */
#define TOUCH_NS	1000000000u	/* the LRU order is kept to this precision */
#define VLANS_UNHEARD	UINT64_MAX
#define BACK_NS		60000000000u	/* so far behind is no disorder: the clock was set back */

/* Bytes that came before their turn, in one block. */
struct piece {
	uint32_t	next;	/* in sequence order; POOL_NONE ends */
	uint32_t	seq;
	uint32_t	len;
	uint32_t	ack;	/* what the sender had received when it sent this */
	bool		has_ack;
	bool		lost;	/* on the wire, but cut off by the snap length: no data */
	struct stream_at at;	/* the (last) frame that brought it */
	uint8_t		data[];
};
#define PIECE_DATA (BLOCK_SIZE - (uint32_t)offsetof(struct piece, data))

/* The last RING_SIZE bytes delivered in one direction; byte of sequence number
 * s is at data[s % RING_SIZE]. */
struct ring {
	uint32_t	owner;	/* flow slot */
	uint8_t		dir;
	bool		in_use;
	uint8_t		data[RING_SIZE];
};

enum side_flag {
	SIDE_INIT	= 1u << 0,	/* next_seq means something */
	SIDE_FIN	= 1u << 1,	/* fin_seq means something */
	SIDE_BLIND	= 1u << 2,	/* acknowledged bytes stay away: do not wait for them */
	SIDE_JOIN	= 1u << 3,	/* joined midway: the first hole lies before the join */
	SIDE_SCALE	= 1u << 4,	/* wscale is known */
	SIDE_SYN	= 1u << 5,	/* isn is known */
	SIDE_RST	= 1u << 6,	/* sent a valid RST */
	SIDE_NEW_ISN	= 1u << 7,	/* sent a SYN with new_isn inside the session */
	SIDE_SAID_SYN	= 1u << 8,	/* ... and it was reported */
	SIDE_TOP	= 1u << 9,	/* not INIT, but top is what the peer acknowledged */
	SIDE_ACKED	= 1u << 10,	/* last_ack means something */
	SIDE_SUM	= 1u << 11,	/* sent a segment with a right checksum */
	SIDE_URGENT	= 1u << 12,	/* urgent_seq means something */
	SIDE_OTHER	= 1u << 13,	/* so does other_seq */
	SIDE_LONG	= 1u << 14	/* that bytes up to top exist only the length in a header says */
};

/* What a judgement of a segment that was delivered needs beside its data, which history.c
 * has.  Only where two copies differ is all of it added up. */
struct segment_head {
	uint64_t	sum;	/* of its TCP header, not folded */
	uint32_t	header;	/* bytes of that */
	uint32_t	data;	/* bytes behind it; 0: nothing is known */
};

/* One direction of a TCP flow: the bytes that this end sends. */
struct side {
	uint32_t	next_seq;	/* first byte not yet delivered or given up */
	uint32_t	top;		/* bytes up to here exist: acknowledged, or a FIN stands here */
	uint32_t	isn, new_isn;
	uint32_t	fin_seq;
	uint32_t	far_seq;	/* where a far jump would go on */
	uint32_t	urgent_seq;	/* a byte that leaves the stream */
	uint32_t	other_seq;	/* where the session was, if what it goes on with is forged */
	uint32_t	head;		/* first kept piece */
	uint32_t	blocks;		/* pieces kept */
	uint32_t	ring;
	uint32_t	last_ack;	/* of the other end's bytes, what this one acknowledged last */
	uint32_t	old_head, old_tail;	/* delivered bytes older than the ring's, not acknowledged */
	uint32_t	old_blocks;
	uint16_t	hist;		/* valid bytes in the ring, counted back from next_seq */
	uint16_t	window;		/* as last advertised by this end, unscaled */
	uint16_t	flags;		/* SIDE_* */
	uint8_t		wscale, far_n;
	uint8_t		n_behind;	/* empty segments of this end from before what the other has acknowledged */
	uint8_t		sums_unsure;	/* segments whose checksum said nothing good, before any did */
	struct segment_head last_head;	/* of the last bytes delivered at once */
	uint64_t	hole_ns;	/* since when the first hole blocks; 0: no hole */
	uint64_t	unsaid;		/* bytes lost while blind, not yet announced */
	uint64_t	told;		/* bytes lost before those, announced but not counted: the
					 * receiver says that it has them, and nothing else does */
	struct stream_at last;		/* the frame of the last bytes delivered */
};

/* _ONE: only one end was heard. */
enum lru_class {
	LRU_TCP_NEW, LRU_TCP_ONE, LRU_TCP, LRU_TCP_CLOSED, LRU_UDP_NEW, LRU_UDP, LRU_OTHER,
	LRU_TCP_OT_ONE, LRU_UDP_OT_ONE,	/* a plant's protocol, or perhaps one, from here on */
	LRU_TCP_OT, LRU_UDP_OT,
	LRU_COUNT
};

struct link { uint32_t prev, next; };
struct list { uint32_t first, last; };

enum name_state { NAME_TODO, NAME_BUSY, NAME_DONE };

struct slot {
	struct flow	f;		/* must be first */
	uint64_t	hash;
	uint64_t	end[2];		/* IPv4 with ports: address << 16 | port; others: no such number */
	uint64_t	vlans[2];	/* tags of what each end sends; VLANS_UNHEARD before it sends */
	uint64_t	lru_ns;		/* last_ns at the last move in the LRU list */
	uint64_t	wait_ns;	/* when it entered the waiting list */
	struct link	lru, born, wait;
	uint32_t	name;		/* nDPI's slot while NAME_BUSY */
	uint8_t		class;		/* enum lru_class */
	uint8_t		name_state;	/* enum name_state */
	uint8_t		icmp[2];	/* the key's part for ICMP: type and its answer */
	bool		waiting;
	bool		crossed;	/* each direction came in a VLAN of its own */
	bool		said_after_close;
	struct side	side[2];
};

struct namer;

struct stream {
	struct stream_settings	 set;
	struct stream_sink	 sink;
	struct counters		*c;
	uint64_t		 key;
	struct pool		 flows, blocks, rings;
	struct hmap		 map;
	struct slot		*last;		/* found last; NULL: it is over */
	struct list		 lru[LRU_COUNT];
	uint64_t		 timeout_ns[LRU_COUNT];
	uint64_t		 expire_ns;	/* no flow is quiet for too long before */
	uint64_t		 expired_ns;	/* when that was last looked for */
	struct list		 born;		/* in the order of their beginning */
	struct list		 wait;		/* flows with a hole, longest waiting first */
	uint64_t		 gap_wait_ns;
	uint32_t		 max_blocks;	/* of one side */
	uint32_t		 ring_hand;	/* where to look for a ring to take over */
	uint32_t		 chain_blocks;	/* blocks in chains of history.c */
	uint64_t		 now_ns;	/* capture clock; goes back by BACK_NS or more only */
	struct stream_at	 at;		/* the frame in hand */
	uint8_t			 sum;		/* enum segment_sum of the packet on the long way */
	const struct packet	*packet;	/* NULL outside stream_packet() */
	struct namer		*namer;		/* NULL: no naming */
};

static inline bool seq_lt(uint32_t a, uint32_t b) { return (int32_t)(a - b) < 0; }
static inline bool seq_gt(uint32_t a, uint32_t b) { return (int32_t)(a - b) > 0; }

static inline struct slot *
slot_at(const struct stream *st, uint32_t i)
{
	return (struct slot *)(void *)(st->flows.slots + (size_t)i * st->flows.size);
}

static inline struct piece *
piece_at(const struct stream *st, uint32_t i)
{
	return (struct piece *)(void *)(st->blocks.slots + (size_t)i * st->blocks.size);
}

void	stream_anomaly(struct stream *st, struct slot *s, unsigned dir, enum anomaly_id id,
	    uint32_t offset);

/* Let the outside see a packet. */
static inline void
stream_show(struct stream *st, const struct packet *p, struct flow *f, unsigned dir)
{
	if (st->sink.packet != NULL)
		st->sink.packet(st->sink.arg, p, f, (enum flow_dir)dir);
}

/* ---- table.c: flows by address, by age, by time ---- */
struct slot *table_find(struct stream *st, const struct packet *p, uint64_t *hash,
		    unsigned *dir);
/* A flow for this packet; `dir`: the end that its sender becomes. */
struct slot *table_add(struct stream *st, const struct packet *p, uint64_t hash, unsigned dir);
void	table_class(struct stream *st, struct slot *s);	/* after a change of state */
/* The first packet from end `dir` was counted. */
void	table_heard(struct stream *st, struct slot *s, unsigned dir, const struct packet *p);
void	table_end(struct stream *st, struct slot *s, enum flow_end_reason why);
void	table_expire(struct stream *st);
void	table_wait(struct stream *st, struct slot *s);
void	table_unwait(struct stream *st, struct slot *s);
/* Does one of its ports belong to a plant's protocol? */
bool	table_plant_port(const struct flow *f);

/* Was the flow quiet for too long when it is `at_ns`?  Its class is that of its last
 * packet. */
static inline bool
table_stale(const struct stream *st, const struct slot *s, uint64_t at_ns)
{
	return at_ns > s->f.last_ns && at_ns - s->f.last_ns >= st->timeout_ns[s->class];
}

/* `dissection` alone does not say so: a flow that was refused has a note there. */
static inline bool
flow_is_ot(const struct flow *f)
{
	return f->protocol != NULL || f->ot_maybe;
}

static inline void
table_touch(struct stream *st, struct slot *s)
{
	if (s->f.last_ns - s->lru_ns > TOUCH_NS ||
	    flow_is_ot(&s->f) != (s->class >= LRU_TCP_OT_ONE))
		table_class(st, s);
}

/* ---- tcp.c: sequence numbers, beginnings and ends ---- */

/* One segment of flow `s`, or of none yet (NULL).  Returns the flow that it
 * belongs to in the end, another one than `s` when the ports were used again;
 * NULL when the table has no place.  `dir` is the sender's end in that flow. */
struct slot *tcp_segment(struct stream *st, struct slot *s, uint64_t hash, unsigned *dir,
		    const struct packet *p);

/* Bytes that end `dir` may send beyond what its peer has received. */
uint32_t tcp_window(const struct slot *s, unsigned dir);

/* ---- segment.c: what stands in a TCP header ---- */
enum segment_sum { SUM_UNKNOWN, SUM_GOOD, SUM_BAD };

/* Its checksum; UNKNOWN when it was cut or the card would compute it. */
enum segment_sum segment_sum(const struct packet *p);

/* Remember the header of a segment whose data is delivered at once. */
void	segment_remember_any(struct segment_head *h, const struct packet *p);

/* The same; what nearly every one is, 20 bytes behind an IPv4 header of 20, in line. */
static inline void
segment_remember(struct segment_head *h, const struct packet *p)
{
	if (p->l3_len - p->payload_len != 40 || (p->l3[2] | p->l3[3]) == 0) {
		segment_remember_any(h, p);
		return;
	}
	h->sum = inet_sum(0, p->l3 + 20, 20);
	h->header = 20;
	h->data = p->payload_len;
}
/* Was the checksum of that segment wrong, whose data adds up to `sum`? */
bool	segment_was_bad(const struct flow *f, const struct segment_head *h, uint64_t sum);

/* The window scale option of a SYN (RFC 7323, 2.2); false when there is none. */
bool	segment_window_scale(const struct packet *p, uint8_t *scale);
/* The urgent pointer: the byte before it is urgent; 0 none. */
uint16_t segment_urgent(const struct packet *p);

/* ---- history.c: what was delivered, to compare repetitions with ---- */

/* Remember n > 0 bytes that are delivered at next_seq. */
void	history_add(struct stream *st, struct slot *s, unsigned dir, const uint8_t *p, uint32_t n);
/* Do n bytes at `seq`, delivered before, differ from what was?  *unknown of them
 * cannot be compared. */
bool	history_differs(const struct stream *st, const struct side *d, uint32_t seq, const uint8_t *p,
	    uint32_t n, uint32_t *unknown);
/* The sum of the last n bytes delivered; false when not all are remembered here. */
bool	history_sum(const struct stream *st, const struct side *d, uint32_t n, uint64_t *sum);
void	history_cut(struct stream *st, struct side *d);		/* what follows does not continue it */
void	history_free(struct stream *st, struct side *d);	/* and give the memory back */

/* The same; what nearly every message of a plant is, short and with all before it
 * acknowledged, in line. */
static inline void
history_next(struct stream *st, struct slot *s, unsigned dir, const uint8_t *p, uint32_t n)
{
	struct side *d = &s->side[dir];
	const struct side *peer = &s->side[dir ^ 1];
	uint32_t end = d->next_seq + n, at = d->next_seq % RING_SIZE;

	if (d->ring == POOL_NONE || n > RING_SIZE - at || d->old_head != POOL_NONE ||
	    (d->hist + n > RING_SIZE && ((peer->flags & SIDE_ACKED) == 0 ||
	    seq_lt(peer->last_ack, end - RING_SIZE)))) {
		history_add(st, s, dir, p, n);
		return;
	}
	memcpy(((struct ring *)(void *)(st->rings.slots + (size_t)d->ring * st->rings.size))->data + at, p, n);
	d->hist = (uint16_t)(d->hist + n > RING_SIZE ? RING_SIZE : d->hist + n);
}

/* ---- pieces.c: bytes before their turn ---- */
struct bytes {
	const uint8_t	*p;	/* NULL: on the wire, but not captured */
	uint32_t	 n;
	uint32_t	 seq;
	uint32_t	 ack;
	bool		 has_ack;
	bool		 apart;	/* not in one block with another frame's, if there is space */
};

void	pieces_free(struct stream *st, struct side *d);
/* Put bytes among the kept ones.  Where both have bytes the first stay (or the last,
 * by setting); returns whether they differed anywhere.  Space was made. */
bool	pieces_insert(struct stream *st, struct side *d, struct bytes b, bool *overlap);

/* ---- reasm.c: bytes into order ---- */
static inline bool side_has(const struct side *d, unsigned flags) { return (d->flags & flags) == flags; }

void	reasm_open_side(struct stream *st, struct slot *s, unsigned dir, uint32_t next_seq);
void	reasm_ack(struct stream *st, struct slot *s, unsigned dir, uint32_t ack);
/* Deliver n bytes (or none) that are next in order. */
void	reasm_next(struct stream *st, struct slot *s, unsigned dir, const uint8_t *p, uint32_t n);
void	reasm_settle(struct stream *st, struct slot *s);	/* (re)join or leave the waiting list */
void	reasm_expire(struct stream *st, struct slot *s);	/* it waited long enough */
void	reasm_flush(struct stream *st, struct slot *s);	/* deliver all, with gaps */
void	reasm_free(struct stream *st, struct slot *s);	/* give blocks and rings back */

/* For unordered.c. */
/* Deliver all whose turn has come; one direction can free the other. */
void	reasm_drain(struct stream *st, struct slot *s, unsigned first);
/* The first piece leaves; its bytes that are new are delivered. */
void	reasm_deliver_head(struct stream *st, struct slot *s, unsigned dir);
/* Give up what is missing first; false when nothing is. */
bool	reasm_give_up(struct stream *st, struct slot *s, unsigned dir);
/* Bytes up to `seq` will not come.  `sure`: they were sent. */
void	reasm_skip_to(struct stream *st, struct slot *s, unsigned dir, uint32_t seq, bool sure);
/* Report that `lost` bytes will never come; next_seq has passed them or will. */
void	reasm_announce(struct stream *st, struct slot *s, unsigned dir, uint64_t lost);
/* ... and what was lost while nobody waited for it. */
void	reasm_announce_rest(struct stream *st, struct slot *s, unsigned dir);
/* The sender is at `seq`, before bytes that were believed lost; false: that is not so. */
bool	reasm_rewind(struct stream *st, struct slot *s, unsigned dir, uint32_t seq);
/* Is a segment of end `dir` that acknowledges `ack` ahead of its time? */
bool	reasm_early(const struct slot *s, unsigned dir, uint32_t ack);
/* Has the first hole been there for longer than two directions are out of step? */
bool	reasm_aged(const struct stream *st, const struct side *d);
/* Can `blocks` more be kept on this side?  Old holes are given up until it can. */
bool	reasm_make_space(struct stream *st, struct slot *s, unsigned dir, uint32_t blocks);

/* ---- unordered.c: segments that are not simply next in order ---- */
/* The bytes of a segment that the short way (tcp.c) does not take. */
void	reasm_data(struct stream *st, struct slot *s, unsigned dir, uint32_t seq,
	    const struct packet *p);
/* A segment without data says that its sender is at `seq`: what others pretend that it
 * sent beyond is not waited for. */
void	reasm_sender_at(struct stream *st, struct slot *s, unsigned dir, uint32_t seq);

/* ---- ndpi_name.c: what is not OT ---- */
/* Nothing more is to be known of its name. */
static inline void
name_done(struct slot *s)
{
	s->name_state = NAME_DONE;
	s->f.app_maybe = false;
}

/* "enip", "bacnet" by the bytes of this packet; NULL: neither. */
const char *plant_name(const struct packet *p);

struct namer *namer_open(const struct stream_settings *set, struct counters *c);
bool	namer_wake(struct namer *n);	/* make its tables, if that was not done; false: it cannot */
void	namer_packet(struct stream *st, struct slot *s, unsigned dir, const struct packet *p);
void	namer_forget(struct stream *st, struct slot *s);	/* the flow ends */
size_t	namer_memory(const struct namer *n);
void	namer_close(struct namer *n);

/* The type that answers an ICMP type (`v` 4 or 6); false when none does. */
bool	icmp_answer(unsigned v, uint8_t type, uint8_t *answer);

#endif
