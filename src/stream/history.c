/* history.c - delivered bytes, to compare with what is sent again.
 *
 * A receiver takes the first copy of a byte, an attacker relies on that we take
 * another one.  So each repetition is compared with what was delivered.  The last
 * RING_SIZE bytes of a direction stand in a ring; what leaves the ring before the
 * receiver has acknowledged it goes on in a chain of blocks, because until then the
 * sender may send it again and nobody can say which copy the receiver took.  What
 * cannot be compared any more is counted, as bytes that were not seen. */
#include "stream/internal.h"

#include <string.h>

#define CHAIN_BLOCKS	72u	/* of one direction: two of the longest segments there are */
#define CHAIN_SHARE	4u	/* part of all blocks that chains may take together */
#define TRIES		8u	/* others looked at for a ring or a block to take over */

static struct ring *
ring_at(const struct stream *st, uint32_t i)
{
	return pool_at(&st->rings, i);
}

/* Up to where the receiver of this direction has acknowledged. */
static bool
acked_to(const struct slot *s, unsigned dir, uint32_t seq)
{
	const struct side *peer = &s->side[dir ^ 1];

	return (peer->flags & SIDE_ACKED) != 0 && !seq_lt(peer->last_ack, seq);
}

/* ---- chains ---- */

static void
chain_drop_head(struct stream *st, struct side *d)
{
	struct piece *pc = piece_at(st, d->old_head);

	d->old_head = pc->next;
	if (d->old_head == POOL_NONE)
		d->old_tail = POOL_NONE;
	d->old_blocks--;
	st->chain_blocks--;
	pool_put(&st->blocks, pc);
}

static void
chain_free(struct stream *st, struct side *d)
{
	while (d->old_head != POOL_NONE)
		chain_drop_head(st, d);
}

/* Another direction's chain goes, if one is found quickly whose bytes matter less. */
static void
chain_take_over(struct stream *st, const struct slot *s)
{
	for (unsigned tries = 0; tries < TRIES; tries++) {
		struct ring *r = ring_at(st, st->ring_hand);
		struct slot *owner;

		st->ring_hand = (st->ring_hand + 1) % st->rings.n;
		owner = r->in_use ? slot_at(st, r->owner) : NULL;
		if (owner == NULL || owner == s || owner->side[r->dir].old_head == POOL_NONE)
			continue;
		if (flow_is_ot(&owner->f)) {
			if (!flow_is_ot(&s->f))
				continue;
			count(st->c, CNT_TCP_HISTORY_EVICTED);
		}
		chain_free(st, &owner->side[r->dir]);
		return;
	}
}

/* n bytes that leave the ring, the next of the chain. */
static void
chain_add(struct stream *st, struct slot *s, unsigned dir, uint32_t seq, const uint8_t *p, uint32_t n)
{
	struct side *d = &s->side[dir];

	while (n > 0) {
		struct piece *pc = d->old_tail != POOL_NONE ? piece_at(st, d->old_tail) : NULL;
		uint32_t part;

		if (pc == NULL || pc->len == PIECE_DATA) {
			if (d->old_blocks >= CHAIN_BLOCKS)
				chain_drop_head(st, d);
			if (st->chain_blocks >= st->blocks.n / CHAIN_SHARE)
				chain_take_over(st, s);
			pc = st->chain_blocks < st->blocks.n / CHAIN_SHARE ? pool_get(&st->blocks) : NULL;
			if (pc == NULL) {
				chain_free(st, d);	/* it would have a hole */
				if (flow_is_ot(&s->f))
					count(st->c, CNT_TCP_HISTORY_EVICTED);
				return;
			}
			st->chain_blocks++;
			d->old_blocks++;
			pc->next = POOL_NONE;
			pc->seq = seq;
			pc->len = 0;
			if (d->old_tail == POOL_NONE)
				d->old_head = pool_index(&st->blocks, pc);
			else
				piece_at(st, d->old_tail)->next = pool_index(&st->blocks, pc);
			d->old_tail = pool_index(&st->blocks, pc);
		}
		part = n < PIECE_DATA - pc->len ? n : PIECE_DATA - pc->len;
		memcpy(pc->data + pc->len, p, part);
		pc->len += part;
		p += part;
		seq += part;
		n -= part;
	}
}

/* ---- rings ---- */

/* A ring for this side: a free one, else one that is missed less: of a flow that no
 * dissector talks to, or whose receiver has all that is in it. */
static void
take_ring(struct stream *st, struct slot *s, unsigned dir)
{
	struct ring *r = pool_get(&st->rings);

	for (unsigned tries = 0; r == NULL && flow_is_ot(&s->f) && tries < TRIES; tries++) {
		struct ring *other = ring_at(st, st->ring_hand);
		struct slot *owner;
		struct side *d;

		if (other == NULL)
			break;
		owner = slot_at(st, other->owner);
		d = &owner->side[other->dir];
		st->ring_hand = (st->ring_hand + 1) % st->rings.n;
		if (owner == s || (flow_is_ot(&owner->f) && !acked_to(owner, other->dir, d->next_seq)))
			continue;
		history_cut(st, d);
		d->ring = POOL_NONE;
		r = other;
	}
	if (r == NULL)
		return;
	r->in_use = true;
	r->owner = pool_index(&st->flows, s);
	r->dir = (uint8_t)dir;
	s->side[dir].ring = pool_index(&st->rings, r);
	s->side[dir].hist = 0;
}

/* n <= RING_SIZE bytes that end at `end`, over the oldest ones. */
static void
ring_put(struct ring *r, uint32_t end, const uint8_t *p, uint32_t n)
{
	uint32_t at = (end - n) % RING_SIZE;
	uint32_t part = n < RING_SIZE - at ? n : RING_SIZE - at;

	memcpy(r->data + at, p, part);
	if (part < n)
		memcpy(r->data, p + part, n - part);
}

/* The n oldest bytes of the ring go on in the chain. */
static void
ring_to_chain(struct stream *st, struct slot *s, unsigned dir, uint32_t n)
{
	struct side *d = &s->side[dir];
	struct ring *r = ring_at(st, d->ring);
	uint32_t seq = d->next_seq - d->hist, at = seq % RING_SIZE;
	uint32_t part = n < RING_SIZE - at ? n : RING_SIZE - at;

	chain_add(st, s, dir, seq, r->data + at, part);
	if (part < n && d->old_head != POOL_NONE)
		chain_add(st, s, dir, seq + part, r->data, n - part);
}

void
history_add(struct stream *st, struct slot *s, unsigned dir, const uint8_t *p, uint32_t n)
{
	struct side *d = &s->side[dir];
	uint32_t end = d->next_seq + n, keep = n < RING_SIZE ? n : RING_SIZE;

	if (d->ring == POOL_NONE)
		take_ring(st, s, dir);
	if (d->ring == POOL_NONE)
		return;
	if (d->hist + n > RING_SIZE) {
		if (acked_to(s, dir, end - RING_SIZE))
			chain_free(st, d);
		else {
			uint32_t leave = d->hist + n - RING_SIZE;
			uint32_t old = leave < d->hist ? leave : d->hist;

			while (d->old_head != POOL_NONE && acked_to(s, dir,
			    piece_at(st, d->old_head)->seq + piece_at(st, d->old_head)->len))
				chain_drop_head(st, d);
			if (old > 0)
				ring_to_chain(st, s, dir, old);
			/* Only behind those: a chain has no holes. */
			if (n > RING_SIZE && (old == 0 || d->old_head != POOL_NONE))
				chain_add(st, s, dir, d->next_seq, p, n - RING_SIZE);
		}
	}
	ring_put(ring_at(st, d->ring), end, p + (n - keep), keep);
	d->hist = (uint16_t)(d->hist + n > RING_SIZE ? RING_SIZE : d->hist + n);
}

bool
history_differs(const struct stream *st, const struct side *d, uint32_t seq, const uint8_t *p,
    uint32_t n, uint32_t *unknown)
{
	const struct ring *r = d->ring != POOL_NONE ? ring_at(st, d->ring) : NULL;
	uint32_t ring_seq = d->next_seq - (r != NULL ? d->hist : 0), end = seq + n;
	bool diff = false;

	*unknown = n;
	for (uint32_t i = d->old_head; i != POOL_NONE; i = piece_at(st, i)->next) {
		const struct piece *pc = piece_at(st, i);
		uint32_t from = seq_gt(seq, pc->seq) ? seq : pc->seq;
		uint32_t to = seq_lt(end, pc->seq + pc->len) ? end : pc->seq + pc->len;

		if (!seq_gt(to, from))
			continue;
		*unknown -= to - from;
		diff = diff || memcmp(pc->data + (from - pc->seq), p + (from - seq), to - from) != 0;
	}
	if (r != NULL && seq_gt(end, ring_seq)) {
		uint32_t from = seq_gt(seq, ring_seq) ? seq : ring_seq, len = end - from;
		uint32_t at = from % RING_SIZE, part = len < RING_SIZE - at ? len : RING_SIZE - at;

		p += from - seq;
		*unknown -= len;
		diff = diff || memcmp(r->data + at, p, part) != 0 ||
		    memcmp(r->data, p + part, len - part) != 0;
	}
	return diff;
}

bool
history_sum(const struct stream *st, const struct side *d, uint32_t n, uint64_t *sum)
{
	uint32_t at = (d->next_seq - n) % RING_SIZE, part = n < RING_SIZE - at ? n : RING_SIZE - at;
	const struct ring *r;
	uint16_t second;

	if (d->ring == POOL_NONE || n > d->hist)
		return false;
	r = ring_at(st, d->ring);
	*sum = inet_sum(0, r->data + at, part);
	second = inet_fold(inet_sum(0, r->data, n - part));
	if ((part & 1) != 0)		/* begins in the middle of a word (RFC 1071, 2 B) */
		second = (uint16_t)(second << 8 | second >> 8);
	*sum = inet_fold(*sum) + (uint64_t)second;
	return true;
}

void
history_cut(struct stream *st, struct side *d)
{
	chain_free(st, d);
	d->hist = 0;
}

void
history_free(struct stream *st, struct side *d)
{
	history_cut(st, d);
	if (d->ring != POOL_NONE) {
		ring_at(st, d->ring)->in_use = false;
		pool_put(&st->rings, ring_at(st, d->ring));
	}
	d->ring = POOL_NONE;
}
