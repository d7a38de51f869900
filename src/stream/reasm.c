#include "stream/room.h"

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

void
reasm_free(struct stream *st, struct slot *s)
{
	for (unsigned d = 0; d < 2; d++) {
		pieces_free(st, &s->side[d]);
		history_free(st, &s->side[d]);
	}
}

void
reasm_open_side(struct stream *st, struct slot *s, unsigned dir, uint32_t next_seq)
{
	struct side *d = &s->side[dir];

	pieces_free(st, d);
	history_cut(st, d);
	d->next_seq = next_seq;
	d->top = next_seq;
	d->unsaid = d->told = 0;
	d->hole_ns = 0;
	d->far_n = 0;
	d->flags = (uint16_t)((d->flags & (SIDE_NEW_ISN | SIDE_SAID_SYN | SIDE_ACKED | SIDE_SUM |
	    SIDE_URGENT)) | SIDE_INIT);
}

/* One of n bytes that are next is urgent: it is not delivered. */
static void
next_around_urgent(struct stream *st, struct slot *s, unsigned dir, const uint8_t *p, uint32_t n)
{
	struct side *d = &s->side[dir];
	uint32_t at = d->urgent_seq - d->next_seq;

	d->flags &= (uint16_t)~SIDE_URGENT;
	reasm_next(st, s, dir, p, at);
	history_next(st, s, dir, p + at, 1);
	d->next_seq++;
	if (flow_is_ot(&s->f) || table_plant_port(&s->f))
		count(st->c, CNT_TCP_URGENT);
	reasm_next(st, s, dir, p + at + 1, n - at - 1);
}

void
reasm_next(struct stream *st, struct slot *s, unsigned dir, const uint8_t *p, uint32_t n)
{
	struct side *d = &s->side[dir];

	if (n == 0)
		return;
	if (has(d, SIDE_URGENT) && d->urgent_seq - d->next_seq < n) {
		next_around_urgent(st, s, dir, p, n);
		return;
	}
	history_next(st, s, dir, p, n);
	d->next_seq += n;
	d->hole_ns = 0;
	d->far_n = 0;
	d->flags &= (uint16_t)~(SIDE_JOIN | SIDE_BLIND);
	s->f.payload[dir] += n;
	d->last = st->at;
	st->sink.data(st->sink.arg, &s->f, (enum flow_dir)dir, p, n, &st->at);
}

/* `lost` bytes were sent and not seen, that is certain now. */
static void
count_gap(struct stream *st, struct slot *s, unsigned dir, uint64_t lost)
{
	s->f.gaps[dir]++;
	s->f.lost[dir] += lost;
	count(st->c, CNT_TCP_GAPS);
	count_n(st->c, CNT_TCP_GAP_BYTES, lost);
}

/* Say that `lost` bytes will never come; next_seq has passed them or will. */
static void
announce(struct stream *st, struct slot *s, unsigned dir, uint64_t lost)
{
	stream_anomaly(st, s, dir, ANOM_STR_GAP, 0);
	st->sink.gap(st->sink.arg, &s->f, (enum flow_dir)dir, lost, &st->at);
}

/* What was told or found while nobody waited for it was lost indeed: bytes behind it
 * have come, or the flow ends. */
static void
say_unsaid(struct stream *st, struct slot *s, unsigned dir)
{
	struct side *d = &s->side[dir];
	uint64_t lost = d->unsaid;

	if (d->told > 0)
		count_gap(st, s, dir, d->told);
	d->told = d->unsaid = 0;
	if (lost > 0) {
		count_gap(st, s, dir, lost);
		announce(st, s, dir, lost);
	}
}

/* How much of a hole that ends at `seq` can have been sent: what was acknowledged, and
 * beyond that no more than the receiver's window lets pass. */
static uint32_t
plausible(const struct slot *s, unsigned dir, uint32_t seq)
{
	const struct side *d = &s->side[dir];
	uint32_t from = seq_gt(d->top, d->next_seq) ? d->top : d->next_seq;
	uint32_t acked = from - d->next_seq, lost = seq - d->next_seq;

	if (!seq_gt(seq, from) || s->f.packets[dir ^ 1] == 0 || seq - from <= tcp_window(s, dir))
		return lost;
	return acked > 0 ? acked : 1;
}

/* Bytes up to `seq` will not come.  `sure`: they were sent; else the receiver says so,
 * or a length field, which anybody can forge: they are counted when bytes behind them
 * have come, and not at all when the sender goes on before. */
static void
skip_to(struct stream *st, struct slot *s, unsigned dir, uint32_t seq, bool sure)
{
	struct side *d = &s->side[dir];
	uint32_t lost = sure ? plausible(s, dir, seq) : seq - d->next_seq;
	bool join = has(d, SIDE_JOIN);

	say_unsaid(st, s, dir);
	if (sure && !join)
		count_gap(st, s, dir, lost);
	history_cut(st, d);
	d->next_seq = seq;
	d->hole_ns = 0;
	d->flags &= (uint16_t)~SIDE_JOIN;
	if (join)	/* what lies before the join was never ours to see */
		return;
	if (!sure)
		d->told = lost;
	announce(st, s, dir, lost);
}

/* The sender is at `seq`: bytes behind it that were believed lost on the word of others
 * were not sent, or come now.  False: it says nothing new. */
static bool
rewind_to(struct stream *st, struct slot *s, unsigned dir, uint32_t seq)
{
	struct side *d = &s->side[dir];
	uint64_t back = d->next_seq - seq;

	(void)st;
	if ((int32_t)(d->next_seq - seq) <= 0 || back > d->unsaid + d->told)
		return false;
	if (back > d->unsaid) {
		d->told -= back - d->unsaid;
		d->unsaid = 0;
	} else
		d->unsaid -= back;
	d->next_seq = d->top = seq;
	return true;
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
	d->last_head.data = 0;
	st->at = d->last.frame > pc->at.frame ? d->last : pc->at;
	if (old < pc->len) {
		if (pc->lost)
			skip_to(st, s, dir, pc->seq + pc->len, true);
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
	skip_to(st, s, dir, end, d->head != POOL_NONE);
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
	for (unsigned dir = 0; dir < 2; dir++) {
		if (has(&s->side[dir], SIDE_LONG))
			s->side[dir].told = 0;	/* nobody has received them */
		say_unsaid(st, s, dir);
	}
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
		history_cut(st, d);
		d->next_seq = d->top = ack;
		return;
	}
	if (!seq_lt(ack, d->top)) {
		d->top = ack;
		d->flags &= (uint16_t)~SIDE_LONG;
	}
	reasm_settle(st, s);
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

/* Data goes on where the session was before a SYN or a far jump was believed: that was
 * forged, or is older than this. */
static bool
goes_back(struct stream *st, struct slot *s, unsigned dir, uint32_t seq)
{
	struct side *d = &s->side[dir];

	if (!has(d, SIDE_OTHER) || seq != d->other_seq || seq == d->next_seq)
		return false;
	pieces_free(st, d);
	d->flags &= (uint16_t)~(SIDE_OTHER | SIDE_FIN | SIDE_JOIN);
	d->unsaid = d->told = 0;
	d->next_seq = seq - 1;
	skip_to(st, s, dir, seq, true);
	d->top = seq;
	stream_anomaly(st, s, dir, ANOM_STR_SYN_IN_SESSION, 0);
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
	d->flags = (uint16_t)((d->flags & ~SIDE_FIN) | SIDE_OTHER);
	d->other_seq = d->next_seq;
	/* How much was missed nobody knows: numbers can be chosen at will. */
	d->next_seq = seq - 1;
	skip_to(st, s, dir, seq, true);
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

/* Is the byte before the next, sent again, nobody's data (RFC 9293, 3.8.4)?  It is sent
 * when all was acknowledged; where no ACK is visible, most stacks send a zero. */
static bool
keeps_alive(const struct slot *s, unsigned dir, const struct bytes *b)
{
	const struct side *peer = &s->side[dir ^ 1];

	if ((peer->flags & SIDE_ACKED) != 0)
		return !seq_lt(peer->last_ack, s->side[dir].next_seq);
	return b->n == 0 || b->p[0] == 0;
}

/* Two copies differ, the second is right.  Had the first a wrong checksum?  Then the
 * receiver took the second: it is read too, from where the first began.  What was read of
 * the first stands, with the anomaly. */
static bool
first_was_bad(struct stream *st, struct slot *s, unsigned dir, uint32_t seq, uint32_t wire)
{
	struct side *d = &s->side[dir];
	uint32_t n = d->last_head.data;
	uint64_t sum;

	if (st->sum != SUM_GOOD || !has(d, SIDE_SUM) || n == 0 || d->head != POOL_NONE ||
	    seq_lt(seq, d->next_seq - n) || !seq_gt(seq + wire, d->next_seq - n) ||
	    !history_sum(st, d, n, &sum) || !segment_was_bad(&s->f, &d->last_head, sum))
		return false;
	d->last_head.data = 0;
	count(st->c, CNT_TCP_BAD_SUM);
	stream_anomaly(st, s, dir, ANOM_STR_BAD_SUM, 0);
	history_cut(st, d);
	d->next_seq -= n;
	announce(st, s, dir, 1);	/* so that nothing is joined to the rest of a lie */
	return true;
}

/* Bytes of which some were delivered before.  Returns how many. */
static uint32_t
old_bytes(struct stream *st, struct slot *s, unsigned dir, const struct bytes *b, uint32_t wire)
{
	struct side *d = &s->side[dir];
	uint32_t old = d->next_seq - b->seq, n, unknown;

	old = old < wire ? old : wire;
	count(st->c, old == wire ? CNT_TCP_RETRANSMIT : CNT_TCP_OVERLAP);
	n = old < b->n ? old : b->n;
	if (n > 0 && history_differs(st, d, b->seq, b->p, n, &unknown)) {
		if (first_was_bad(st, s, dir, b->seq, wire))
			return 0;
		count(st->c, CNT_TCP_OVERLAP_DIFF);
		stream_anomaly(st, s, dir, ANOM_STR_OVERLAP_DIFF, 0);
	}
	if (n > 0)
		count_n(st->c, CNT_TCP_UNCOMPARED, unknown);
	return old;
}

/* A segment was longer than what is there of it: cut by the snap length, or that is only
 * what its IP header says.  Then the rest is waited for like bytes that somebody has
 * acknowledged: what the sender sends in its place is taken. */
static void
skip_cut(struct stream *st, struct slot *s, unsigned dir, uint32_t end)
{
	struct side *d = &s->side[dir];

	if (st->packet == NULL || (st->packet->flags & PKT_LONG) == 0)
		skip_to(st, s, dir, end, true);
	else if (seq_gt(end, d->top)) {
		d->top = end;
		d->flags |= SIDE_LONG;
	}
}

void
reasm_sender_at(struct stream *st, struct slot *s, unsigned dir, uint32_t seq)
{
	struct side *d = &s->side[dir];

	if (has(d, SIDE_BLIND)) {
		if (d->next_seq - seq > 1)	/* not a keep-alive */
			(void)rewind_to(st, s, dir, seq);
	} else if (d->head == POOL_NONE && seq == d->next_seq && seq_gt(d->top, seq) && aged(st, d)) {
		d->top = seq;
		reasm_settle(st, s);
	}
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
		uint32_t from = d->next_seq - (uint32_t)(d->unsaid + d->told);

		/* It comes after all, perhaps behind bytes that were delivered. */
		if (seq_gt(b.seq + wire, from))
			(void)rewind_to(st, s, dir, seq_lt(b.seq, from) ? from : b.seq);
		d->flags &= (uint16_t)~SIDE_BLIND;
		d->top = d->next_seq;
		say_unsaid(st, s, dir);
	}
	(void)goes_back(st, s, dir, b.seq);
	for (;;) {
		off = (int32_t)(b.seq - d->next_seq);
		/* A keep-alive; and one behind bytes long acknowledged but not seen. */
		if (wire == 1 && ((off == -1 && keeps_alive(s, dir, &b)) ||
		    (off > 0 && d->top == b.seq + 1 && aged(st, d))))
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
			d->last_head.data = 0;
			reasm_next(st, s, dir, b.p, b.n);
			if (wire > b.n)
				skip_cut(st, s, dir, b.seq + wire);
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
	diff = pieces_insert(st, d, b, &overlap);
	if (wire > b.n) {
		struct bytes cut = { .n = wire - b.n, .seq = b.seq + b.n, .ack = b.ack,
		    .has_ack = b.has_ack };

		(void)pieces_insert(st, d, cut, &overlap);
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
		d->last_head.data = 0;	/* it was judged when it came */
		reasm_next(st, s, dir, p->payload, p->payload_len);
		if (p->payload_wire > p->payload_len)
			skip_cut(st, s, dir, seq + p->payload_wire);
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
