#include "stream/room.h"

#include <string.h>

/*
 * What a mirror port shows is not what the receiver got.  Three rules:
 *
 * Bytes go on at once when their turn has come; nothing waits for an ACK.
 *
 * A segment that acknowledges bytes of the other direction which were not seen
 * yet came too early (two mirrored directions meet at the sensor): it is held
 * until they come or are given up, so an answer does not pass its question.
 *
 * Bytes that the receiver has acknowledged will not be sent again.  They are
 * waited for as long as two directions can be out of step, then are a gap.
 * Bytes that it has not acknowledged will be sent again, and are waited for
 * longer, unless nothing of the receiver is visible.
 */

static bool has(const struct side *d, unsigned flags) { return (d->flags & flags) == flags; }

static void
free_pieces(struct stream *st, struct side *d)
{
	while (d->head != POOL_NONE) {
		struct piece *pc = piece_at(st, d->head);

		d->head = pc->next;
		pool_put(&st->blocks, pc);
	}
	d->blocks = 0;
}

static void
free_ring(struct stream *st, struct side *d)
{
	if (d->ring != POOL_NONE)
		pool_put(&st->rings, pool_at(&st->rings, d->ring));
	d->ring = POOL_NONE;
	d->hist = 0;
}

void
reasm_free(struct stream *st, struct slot *s)
{
	for (unsigned d = 0; d < 2; d++) {
		free_pieces(st, &s->side[d]);
		free_ring(st, &s->side[d]);
	}
}

void
reasm_open_side(struct stream *st, struct slot *s, unsigned dir, uint32_t next_seq)
{
	struct side *d = &s->side[dir];

	free_pieces(st, d);
	d->next_seq = next_seq;
	d->top = next_seq;
	d->hist = 0;
	d->hole_ns = 0;
	d->far_n = 0;
	d->flags = (uint16_t)((d->flags & (SIDE_NEW_ISN | SIDE_SAID_SYN)) | SIDE_INIT);
}

/* A ring for this side: a free one, else one of a flow that no dissector
 * talks to, if this one's does. */
static void
take_ring(struct stream *st, struct slot *s, unsigned dir)
{
	struct ring *r = pool_get(&st->rings);

	for (unsigned tries = 0; r == NULL && s->f.ot_proto != NULL && tries < 4; tries++) {
		struct ring *other = pool_at(&st->rings, st->ring_hand);
		struct slot *owner = slot_at(st, other->owner);

		st->ring_hand = (st->ring_hand + 1) % st->rings.n;
		if (owner->f.ot_proto == NULL) {
			owner->side[other->dir].ring = POOL_NONE;
			owner->side[other->dir].hist = 0;
			r = other;
		}
	}
	if (r == NULL)
		return;
	r->owner = pool_index(&st->flows, s);
	r->dir = (uint8_t)dir;
	s->side[dir].ring = pool_index(&st->rings, r);
	s->side[dir].hist = 0;
}

/* Remember what is being delivered at next_seq. */
static void
remember(struct stream *st, struct slot *s, unsigned dir, const uint8_t *p, uint32_t n)
{
	struct side *d = &s->side[dir];
	struct ring *r;
	uint32_t at, end = d->next_seq + n, part;

	if (d->ring == POOL_NONE) {
		take_ring(st, s, dir);
		if (d->ring == POOL_NONE)
			return;
	}
	r = pool_at(&st->rings, d->ring);
	d->hist = (uint16_t)(n >= RING_SIZE || d->hist + n > RING_SIZE ? RING_SIZE : d->hist + n);
	if (n > RING_SIZE) {
		p += n - RING_SIZE;
		n = RING_SIZE;
	}
	at = (end - n) % RING_SIZE;
	part = n < RING_SIZE - at ? n : RING_SIZE - at;
	memcpy(r->data + at, p, part);
	if (part < n)
		memcpy(r->data, p + part, n - part);
}

/* Do n bytes at `seq`, delivered before, differ from what is remembered? */
static bool
differs(const struct stream *st, const struct side *d, uint32_t seq, const uint8_t *p, uint32_t n)
{
	const struct ring *r;
	uint32_t back = d->next_seq - seq, skip, at, part;

	if (d->ring == POOL_NONE || d->hist == 0)
		return false;
	skip = back > d->hist ? back - d->hist : 0;
	if (skip >= n)
		return false;
	r = pool_at(&st->rings, d->ring);
	at = (seq + skip) % RING_SIZE;
	p += skip;
	n -= skip;
	part = n < RING_SIZE - at ? n : RING_SIZE - at;
	return memcmp(r->data + at, p, part) != 0 || memcmp(r->data, p + part, n - part) != 0;
}

void
reasm_next(struct stream *st, struct slot *s, unsigned dir, const uint8_t *p, uint32_t n)
{
	struct side *d = &s->side[dir];

	if (n == 0)
		return;
	remember(st, s, dir, p, n);
	d->next_seq += n;
	d->hole_ns = 0;
	d->far_n = 0;
	d->flags &= (uint16_t)~(SIDE_JOIN | SIDE_BLIND);
	s->f.payload[dir] += n;
	d->last = st->at;
	st->sink.data(st->sink.arg, &s->f, (enum flow_dir)dir, p, n, &st->at);
}

/* Say that `lost` bytes will never come; next_seq has passed them or will. */
static void
announce(struct stream *st, struct slot *s, unsigned dir, uint64_t lost)
{
	s->f.gaps[dir]++;
	s->f.lost[dir] += lost;
	count(st->c, CNT_TCP_GAPS);
	count_n(st->c, CNT_TCP_GAP_BYTES, lost);
	stream_anomaly(st, s, dir, ANOM_STR_GAP, 0);
	st->sink.gap(st->sink.arg, &s->f, (enum flow_dir)dir, lost, &st->at);
}

static void
skip_to(struct stream *st, struct slot *s, unsigned dir, uint32_t seq)
{
	struct side *d = &s->side[dir];
	uint32_t lost = seq - d->next_seq;
	bool join = has(d, SIDE_JOIN);

	d->next_seq = seq;
	d->hist = 0;
	d->hole_ns = 0;
	d->flags &= (uint16_t)~SIDE_JOIN;
	if (!join)	/* what lies before the join was never ours to see */
		announce(st, s, dir, lost);
}

/* Announce what was lost while nobody waited for it. */
static void
say_unsaid(struct stream *st, struct slot *s, unsigned dir)
{
	uint64_t lost = s->side[dir].unsaid;

	s->side[dir].unsaid = 0;
	if (lost > 0)
		announce(st, s, dir, lost);
}

/* Is a segment of end `dir` that acknowledges `ack` ahead of its time? */
static bool
early(const struct slot *s, unsigned dir, uint32_t ack)
{
	const struct side *o = &s->side[dir ^ 1];
	uint32_t ahead = ack - o->next_seq;

	/* By one: a FIN that was not seen, or a keep-alive's byte. */
	return ahead > 1 && ahead <= FAR_SEQ && (o->flags & (SIDE_INIT | SIDE_BLIND)) == SIDE_INIT;
}

/* The first piece leaves; its bytes that are new are delivered, as of the frame
 * that brought them or, where a hole was filled, of the one that filled it. */
static void
deliver_head(struct stream *st, struct slot *s, unsigned dir)
{
	struct side *d = &s->side[dir];
	struct piece *pc = piece_at(st, d->head);
	uint32_t old = d->next_seq - pc->seq;
	struct stream_at now = st->at;

	d->head = pc->next;
	d->blocks--;
	st->at = d->last.frame > pc->at.frame ? d->last : pc->at;
	if (old < pc->len) {
		if (pc->lost)
			skip_to(st, s, dir, pc->seq + pc->len);
		else
			reasm_next(st, s, dir, pc->data + old, pc->len - old);
	}
	st->at = now;
	pool_put(&st->blocks, pc);
}

static bool
drain_side(struct stream *st, struct slot *s, unsigned dir)
{
	struct side *d = &s->side[dir];
	bool any = false;

	while (d->head != POOL_NONE) {
		const struct piece *pc = piece_at(st, d->head);

		if (seq_gt(pc->seq, d->next_seq) || (pc->has_ack && early(s, dir, pc->ack)))
			break;
		deliver_head(st, s, dir);
		any = true;
	}
	return any;
}

/* Deliver all whose turn has come; one direction can free the other. */
static void
drain(struct stream *st, struct slot *s, unsigned first)
{
	bool more;

	do {
		more = drain_side(st, s, first);
		more = drain_side(st, s, first ^ 1u) || more;
	} while (more);
}

static bool
hole(const struct side *d)
{
	return d->head != POOL_NONE ||
	    (has(d, SIDE_INIT) && !has(d, SIDE_BLIND) && seq_gt(d->top, d->next_seq));
}

/* Where the first hole ends: at kept bytes, or where existing bytes end. */
static uint32_t
hole_end(const struct stream *st, const struct side *d)
{
	return d->head != POOL_NONE ? piece_at(st, d->head)->seq : d->top;
}

/* Give up what is missing first; false when nothing is. */
static bool
give_up(struct stream *st, struct slot *s, unsigned dir)
{
	struct side *d = &s->side[dir];
	uint32_t end = hole_end(st, d);

	if (!hole(d) || !seq_gt(end, d->next_seq))
		return false;
	skip_to(st, s, dir, end);
	if (d->head == POOL_NONE)
		d->flags |= SIDE_BLIND;
	return true;
}

/* Has the first hole been there for longer than two directions are out of step? */
static bool
aged(const struct stream *st, const struct side *d)
{
	return d->hole_ns != 0 && st->now_ns - d->hole_ns >= st->gap_wait_ns / ACKED_WAIT;
}

/* Acknowledged bytes with others behind them: no retransmission will come. */
static bool
hopeless(const struct stream *st, const struct side *d)
{
	uint32_t end;

	if (d->head == POOL_NONE || d->hole_ns == 0)
		return false;
	end = piece_at(st, d->head)->seq;
	return seq_gt(end, d->next_seq) && !seq_lt(d->top, end) &&
	    (aged(st, d) || d->blocks > SEGMENTS_WAIT);
}

void
reasm_settle(struct stream *st, struct slot *s)
{
	bool any = false;

	for (unsigned dir = 0; dir < 2; dir++) {
		struct side *d = &s->side[dir];

		while (hopeless(st, d) && give_up(st, s, dir))
			drain(st, s, dir);
	}
	for (unsigned dir = 0; dir < 2; dir++) {
		struct side *d = &s->side[dir];

		if (!hole(d))
			d->hole_ns = 0;
		else {
			any = true;
			if (d->hole_ns == 0)
				d->hole_ns = st->now_ns > 0 ? st->now_ns : 1;
		}
	}
	if (any)
		table_wait(st, s);
	else
		table_unwait(st, s);
}

void
reasm_expire(struct stream *st, struct slot *s)
{
	table_unwait(st, s);
	for (unsigned dir = 0; dir < 2; dir++) {
		struct side *d = &s->side[dir];
		uint64_t age = st->now_ns - d->hole_ns;
		bool acked = !seq_lt(d->top, hole_end(st, d));

		if (!hole(d) || d->hole_ns == 0 || age < st->gap_wait_ns)
			continue;
		if (acked || s->f.packets[dir ^ 1] == 0 || age >= WAIT_UNACKED * st->gap_wait_ns) {
			(void)give_up(st, s, dir);
			drain(st, s, dir);
		}
	}
	reasm_settle(st, s);
}

/* Everything that is kept goes out now, whatever is missing. */
static void
empty(struct stream *st, struct slot *s)
{
	bool more = true;

	while (more) {
		drain(st, s, flow_client(&s->f));
		more = false;
		for (unsigned i = 0; i < 2 && !more; i++)
			more = give_up(st, s, flow_client(&s->f) ^ i);
		for (unsigned dir = 0; dir < 2 && !more; dir++)
			if (s->side[dir].head != POOL_NONE) {
				deliver_head(st, s, dir);
				more = true;
			}
	}
}

void
reasm_flush(struct stream *st, struct slot *s)
{
	empty(st, s);
	say_unsaid(st, s, 0);
	say_unsaid(st, s, 1);
}

void
reasm_ack(struct stream *st, struct slot *s, unsigned dir, uint32_t ack)
{
	struct side *d = &s->side[dir];
	uint32_t ahead = ack - d->next_seq;

	if (!has(d, SIDE_INIT)) {
		if (!has(d, SIDE_TOP) || seq_gt(ack, d->top))
			d->top = ack;
		d->flags |= SIDE_TOP;
		return;
	}
	/* Agrees with a jump that was not believed yet: the next one is.  Or goes on
	 * where the session was: then the receiver does not believe it either. */
	if (d->far_n > 0 && ack == d->far_seq)
		d->far_n = FAR_AGAINST - 1;
	else if (d->next_seq - ack <= FAR_SEQ)
		d->far_n = 0;
	if (ahead == 0 || (int32_t)ahead < 0)
		return;
	if (has(d, SIDE_FIN) && ack == d->fin_seq + 1) {
		ack--;
		ahead--;
	}
	if (ahead > FAR_SEQ)
		return;
	if (ahead <= 1 && d->head == POOL_NONE)
		return;
	if (has(d, SIDE_BLIND)) {
		d->unsaid += ahead;
		d->next_seq = d->top = ack;
		d->hist = 0;
		return;
	}
	if (seq_gt(ack, d->top))
		d->top = ack;
	reasm_settle(st, s);
}

/* A block for bytes behind `prev` (POOL_NONE: at the head). */
static struct piece *
add_piece(struct stream *st, struct side *d, uint32_t *prev, uint32_t seq)
{
	struct piece *pc = pool_get(&st->blocks);
	uint32_t i;

	if (pc == NULL)
		return NULL;	/* cannot be: room was made */
	i = pool_index(&st->blocks, pc);
	pc->seq = seq;
	pc->len = 0;
	pc->lost = false;
	if (*prev == POOL_NONE) {
		pc->next = d->head;
		d->head = i;
	} else {
		pc->next = piece_at(st, *prev)->next;
		piece_at(st, *prev)->next = i;
	}
	d->blocks++;
	*prev = i;
	return pc;
}

struct bytes {
	const uint8_t	*p;	/* NULL: on the wire, but not captured */
	uint32_t	 n;
	uint32_t	 seq;
	uint32_t	 ack;
	bool		 has_ack;
	bool		 apart;	/* not in one block with another frame's, if there is room */
};

/* Keep bytes that fit between `prev` and its successor. */
static void
keep(struct stream *st, struct side *d, uint32_t *prev, struct bytes b)
{
	while (b.n > 0) {
		struct piece *pc = *prev != POOL_NONE ? piece_at(st, *prev) : NULL;
		uint32_t n = b.n;

		if (pc == NULL || pc->lost || b.p == NULL || pc->seq + pc->len != b.seq ||
		    pc->len == PIECE_DATA || pc->has_ack != b.has_ack || pc->ack != b.ack ||
		    (b.apart && pc->at.frame != st->at.frame)) {
			pc = add_piece(st, d, prev, b.seq);
			if (pc == NULL)
				return;
			pc->ack = b.ack;
			pc->has_ack = b.has_ack;
		}
		if (b.p == NULL)
			pc->lost = true;
		else {
			n = n < PIECE_DATA - pc->len ? n : PIECE_DATA - pc->len;
			memcpy(pc->data + pc->len, b.p, n);
			b.p += n;
		}
		pc->len += n;
		pc->at = st->at;
		b.seq += n;
		b.n -= n;
	}
}

/* Put bytes among the kept ones.  Where both have bytes the first stay (or the
 * last, by setting); returns whether they differed anywhere. */
static bool
insert(struct stream *st, struct side *d, struct bytes b, bool *overlap)
{
	uint32_t prev = POOL_NONE, i = d->head, n;
	bool diff = false;

	while (b.n > 0) {
		struct piece *pc = i != POOL_NONE ? piece_at(st, i) : NULL;

		if (pc != NULL && !seq_gt(pc->seq + pc->len, b.seq)) {
			prev = i;
			i = pc->next;
			continue;
		}
		n = b.n;
		if (pc == NULL || seq_gt(pc->seq, b.seq)) {
			struct bytes part = b;

			if (pc != NULL && pc->seq - b.seq < n)
				n = pc->seq - b.seq;
			part.n = n;
			keep(st, d, &prev, part);
			b.apart = false;	/* one block more is there for it, not many */
		} else {
			uint32_t at = b.seq - pc->seq;

			n = n < pc->len - at ? n : pc->len - at;
			*overlap = true;
			if (!pc->lost && b.p != NULL && memcmp(pc->data + at, b.p, n) != 0) {
				diff = true;
				if (st->set.overlap_last_wins)
					memcpy(pc->data + at, b.p, n);
			}
		}
		b.seq += n;
		b.n -= n;
		if (b.p != NULL)
			b.p += n;
	}
	return diff;
}

/* Can `blocks` more be kept on this side?  Old holes give way until it can:
 * this side's, then those that have waited longest. */
static bool
make_room(struct stream *st, struct slot *s, unsigned dir, uint32_t blocks)
{
	struct side *d = &s->side[dir];

	while (d->blocks + blocks > st->max_blocks ||
	    st->blocks.n - st->blocks.in_use < blocks) {
		if (d->head != POOL_NONE) {
			if (!give_up(st, s, dir))
				deliver_head(st, s, dir);
			drain(st, s, dir);
		} else if (st->wait.first != POOL_NONE) {
			struct slot *other = slot_at(st, st->wait.first);

			table_unwait(st, other);
			empty(st, other);
		} else
			return false;
	}
	return true;
}

/* A jump too far to be a lost segment.  Belongs to nothing, or to a session of
 * which much was missed: believed when it goes on where it landed.  A sender who
 * wants real bytes to pass for strange ones does that too, so a receiver that is
 * visible has its say. */
static bool
believe(struct stream *st, struct slot *s, unsigned dir, uint32_t seq, uint32_t n)
{
	struct side *d = &s->side[dir];

	d->far_n = (uint8_t)(d->far_n > 0 && seq == d->far_seq ? d->far_n + 1 : 1);
	d->far_seq = seq + n;
	if (d->far_n < (s->f.packets[dir ^ 1] > 0 ? FAR_AGAINST : FAR_ALONE)) {
		count(st->c, CNT_TCP_OUT_OF_WINDOW);
		return false;
	}
	while (d->head != POOL_NONE) {
		(void)give_up(st, s, dir);
		deliver_head(st, s, dir);
	}
	d->flags &= (uint16_t)~SIDE_FIN;
	skip_to(st, s, dir, seq);
	d->top = seq;
	return true;
}

/* The first bytes seen from this end. */
static bool
join(struct stream *st, struct slot *s, unsigned dir, uint32_t seq, const struct packet *p)
{
	struct side *d = &s->side[dir];
	bool known = has(d, SIDE_TOP);
	uint32_t ahead = seq - d->top, top = d->top;

	if (known && ahead > 0 && ahead <= JOIN_SEQ) {
		reasm_open_side(st, s, dir, top);
		if (s->f.midstream)
			d->flags |= SIDE_JOIN;
		return true;
	}
	/* A keep-alive repeats the byte before the next, mostly as zero (RFC 9293, 3.8.4). */
	if (p->payload_wire == 1 && (known ? ahead == UINT32_MAX :
	    p->payload_len == 1 && p->payload[0] == 0)) {
		reasm_open_side(st, s, dir, seq + 1);
		return false;
	}
	reasm_open_side(st, s, dir, seq);
	return true;
}

/* Bytes of which some were delivered before.  Returns how many. */
static uint32_t
old_bytes(struct stream *st, struct slot *s, unsigned dir, const struct bytes *b, uint32_t wire)
{
	struct side *d = &s->side[dir];
	uint32_t old = d->next_seq - b->seq, n;

	old = old < wire ? old : wire;
	count(st->c, old == wire ? CNT_TCP_RETRANSMIT : CNT_TCP_OVERLAP);
	n = old < b->n ? old : b->n;
	if (n > 0 && differs(st, d, b->seq, b->p, n)) {
		count(st->c, CNT_TCP_OVERLAP_DIFF);
		stream_anomaly(st, s, dir, ANOM_STR_OVERLAP_DIFF, 0);
	}
	return old;
}

/* Not in order, or something is waiting. */
static void
slow_data(struct stream *st, struct slot *s, unsigned dir, struct bytes b, uint32_t wire)
{
	struct side *d = &s->side[dir];
	bool overlap = false, diff;
	uint32_t old;
	int32_t off;

	if (has(d, SIDE_BLIND)) {
		/* Not announced yet, so it may still come. */
		uint32_t back = d->next_seq - b.seq;

		if ((int32_t)back > 0 && back <= d->unsaid) {
			d->unsaid -= back;
			d->next_seq = b.seq;
		}
		d->flags &= (uint16_t)~SIDE_BLIND;
		d->top = d->next_seq;
		say_unsaid(st, s, dir);
	}
	for (;;) {
		off = (int32_t)(b.seq - d->next_seq);
		/* A keep-alive; and one behind bytes long acknowledged but not seen. */
		if (wire == 1 && (off == -1 || (off > 0 && d->top == b.seq + 1 && aged(st, d))))
			return;
		if (off > (int32_t)FAR_SEQ || off < -(int32_t)FAR_SEQ) {
			if (!believe(st, s, dir, b.seq, wire))
				return;
			continue;
		}
		if (off < 0) {
			old = old_bytes(st, s, dir, &b, wire);
			b.seq += old;
			wire -= old;
			old = old < b.n ? old : b.n;
			b.p += old;
			b.n -= old;
			if (wire == 0)
				return;
			continue;
		}
		if (off == 0 && d->head == POOL_NONE && !(b.has_ack && early(s, dir, b.ack))) {
			reasm_next(st, s, dir, b.p, b.n);
			if (wire > b.n)
				skip_to(st, s, dir, b.seq + wire);
			return;
		}
		old = d->next_seq;
		if (!make_room(st, s, dir, b.n / PIECE_DATA + 3)) {
			count(st->c, CNT_TCP_SEGMENT_DROP);
			if (seq_gt(b.seq + wire, d->top))
				d->top = b.seq + wire;
			return;
		}
		if (old == d->next_seq)
			break;
	}
	if (off > 0)
		count(st->c, CNT_TCP_OUT_OF_ORDER);
	/* So that what waited behind a hole keeps the frame that brought it. */
	b.apart = d->blocks < st->max_blocks / 2;
	diff = insert(st, d, b, &overlap);
	if (wire > b.n) {
		struct bytes cut = { .n = wire - b.n, .seq = b.seq + b.n, .ack = b.ack,
		    .has_ack = b.has_ack };

		(void)insert(st, d, cut, &overlap);
	}
	if (overlap)
		count(st->c, CNT_TCP_OVERLAP);
	if (diff) {
		count(st->c, CNT_TCP_OVERLAP_DIFF);
		stream_anomaly(st, s, dir, ANOM_STR_OVERLAP_DIFF, 0);
	}
}

void
reasm_data(struct stream *st, struct slot *s, unsigned dir, uint32_t seq, const struct packet *p)
{
	struct side *d = &s->side[dir];
	bool has_ack = (p->tcp_flags & TCP_ACK) != 0;

	if (!has(d, SIDE_INIT) && !join(st, s, dir, seq, p))
		return;
	if (seq == d->next_seq && d->head == POOL_NONE && !has(d, SIDE_BLIND) &&
	    !(has_ack && early(s, dir, p->ack))) {
		reasm_next(st, s, dir, p->payload, p->payload_len);
		if (p->payload_wire > p->payload_len)
			skip_to(st, s, dir, seq + p->payload_wire);
	} else {
		struct bytes b = { .p = p->payload, .n = p->payload_len, .seq = seq, .ack = p->ack,
		    .has_ack = has_ack };

		slow_data(st, s, dir, b, p->payload_wire);
	}
	if (s->waiting || d->head != POOL_NONE || s->side[dir ^ 1].head != POOL_NONE ||
	    seq_gt(d->top, d->next_seq)) {
		drain(st, s, dir);
		reasm_settle(st, s);
	}
}
