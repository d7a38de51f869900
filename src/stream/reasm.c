#include "stream/internal.h"

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
	if (side_has(d, SIDE_URGENT) && d->urgent_seq - d->next_seq < n) {
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
void
reasm_announce(struct stream *st, struct slot *s, unsigned dir, uint64_t lost)
{
	stream_anomaly(st, s, dir, ANOM_STR_GAP, 0);
	st->sink.gap(st->sink.arg, &s->f, (enum flow_dir)dir, lost, &st->at);
}

/* What was told or found while nobody waited for it was lost indeed: bytes behind it
 * have come, or the flow ends. */
void
reasm_announce_rest(struct stream *st, struct slot *s, unsigned dir)
{
	struct side *d = &s->side[dir];
	uint64_t lost = d->unsaid;

	if (d->told > 0)
		count_gap(st, s, dir, d->told);
	d->told = d->unsaid = 0;
	if (lost > 0) {
		count_gap(st, s, dir, lost);
		reasm_announce(st, s, dir, lost);
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
void
reasm_skip_to(struct stream *st, struct slot *s, unsigned dir, uint32_t seq, bool sure)
{
	struct side *d = &s->side[dir];
	uint32_t lost = sure ? plausible(s, dir, seq) : seq - d->next_seq;
	bool join = side_has(d, SIDE_JOIN);

	reasm_announce_rest(st, s, dir);
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
	reasm_announce(st, s, dir, lost);
}

/* The sender is at `seq`: bytes behind it that were believed lost on the word of others
 * were not sent, or come now.  False: it says nothing new. */
bool
reasm_rewind(struct stream *st, struct slot *s, unsigned dir, uint32_t seq)
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
bool
reasm_early(const struct slot *s, unsigned dir, uint32_t ack)
{
	const struct side *o = &s->side[dir ^ 1];
	uint32_t ahead = ack - o->next_seq;

	/* By one: a FIN that was not seen, or a keep-alive's byte. */
	return ahead > 1 && ahead <= FAR_SEQ && (o->flags & (SIDE_INIT | SIDE_BLIND)) == SIDE_INIT;
}

/* The first piece leaves; its bytes that are new are delivered, as of the frame
 * that brought them or, where a hole was filled, of the one that filled it. */
void
reasm_deliver_head(struct stream *st, struct slot *s, unsigned dir)
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
			reasm_skip_to(st, s, dir, pc->seq + pc->len, true);
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

		if (seq_gt(pc->seq, d->next_seq) || (pc->has_ack && reasm_early(s, dir, pc->ack)))
			break;
		reasm_deliver_head(st, s, dir);
		any = true;
	}
	return any;
}

/* Deliver all whose turn has come; one direction can free the other. */
void
reasm_drain(struct stream *st, struct slot *s, unsigned first)
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
	    (side_has(d, SIDE_INIT) && !side_has(d, SIDE_BLIND) && seq_gt(d->top, d->next_seq));
}

/* Where the first hole ends: at kept bytes, or where existing bytes end. */
static uint32_t
hole_end(const struct stream *st, const struct side *d)
{
	return d->head != POOL_NONE ? piece_at(st, d->head)->seq : d->top;
}

/* Give up what is missing first; false when nothing is. */
bool
reasm_give_up(struct stream *st, struct slot *s, unsigned dir)
{
	struct side *d = &s->side[dir];
	uint32_t end = hole_end(st, d);

	if (!hole(d) || !seq_gt(end, d->next_seq))
		return false;
	reasm_skip_to(st, s, dir, end, d->head != POOL_NONE);
	if (d->head == POOL_NONE)
		d->flags |= SIDE_BLIND;
	return true;
}

/* Has the first hole been there for longer than two directions are out of step? */
bool
reasm_aged(const struct stream *st, const struct side *d)
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
	    (reasm_aged(st, d) || d->blocks > SEGMENTS_WAIT);
}

void
reasm_settle(struct stream *st, struct slot *s)
{
	bool any = false;

	for (unsigned dir = 0; dir < 2; dir++) {
		struct side *d = &s->side[dir];

		while (hopeless(st, d) && reasm_give_up(st, s, dir))
			reasm_drain(st, s, dir);
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
			(void)reasm_give_up(st, s, dir);
			reasm_drain(st, s, dir);
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
		reasm_drain(st, s, flow_client(&s->f));
		more = false;
		for (unsigned i = 0; i < 2 && !more; i++)
			more = reasm_give_up(st, s, flow_client(&s->f) ^ i);
		for (unsigned dir = 0; dir < 2 && !more; dir++)
			if (s->side[dir].head != POOL_NONE) {
				reasm_deliver_head(st, s, dir);
				more = true;
			}
	}
}

void
reasm_flush(struct stream *st, struct slot *s)
{
	empty(st, s);
	for (unsigned dir = 0; dir < 2; dir++) {
		if (side_has(&s->side[dir], SIDE_LONG))
			s->side[dir].told = 0;	/* nobody has received them */
		reasm_announce_rest(st, s, dir);
	}
}

void
reasm_ack(struct stream *st, struct slot *s, unsigned dir, uint32_t ack)
{
	struct side *d = &s->side[dir];
	uint32_t ahead = ack - d->next_seq;

	if (!side_has(d, SIDE_INIT)) {
		if (!side_has(d, SIDE_TOP) || seq_gt(ack, d->top))
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
	if (side_has(d, SIDE_FIN) && ack == d->fin_seq + 1) {
		ack--;
		ahead--;
	}
	if (ahead > FAR_SEQ)
		return;
	if (ahead <= 1 && d->head == POOL_NONE)
		return;
	if (side_has(d, SIDE_BLIND)) {
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

/* Can `blocks` more be kept on this side?  Old holes are given up until it can:
 * this side's, then those that have waited longest. */
bool
reasm_make_space(struct stream *st, struct slot *s, unsigned dir, uint32_t blocks)
{
	struct side *d = &s->side[dir];

	while (d->blocks + blocks > st->max_blocks ||
	    st->blocks.n - st->blocks.in_use < blocks) {
		if (d->head != POOL_NONE) {
			if (!reasm_give_up(st, s, dir))
				reasm_deliver_head(st, s, dir);
			reasm_drain(st, s, dir);
		} else if (st->wait.first != POOL_NONE) {
			struct slot *other = slot_at(st, st->wait.first);

			table_unwait(st, other);
			empty(st, other);
		} else
			return false;
	}
	return true;
}
