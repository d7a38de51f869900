/* unordered.c - segments that are not simply next in order: what came before, what jumps,
 * what overlaps, what is not all there. */
#include "stream/internal.h"

/* Data goes on where the session was before a SYN or a far jump was believed: that was
 * forged, or is older than this. */
static bool
goes_back(struct stream *st, struct slot *s, unsigned dir, uint32_t seq)
{
	struct side *d = &s->side[dir];

	if (!side_has(d, SIDE_OTHER) || seq != d->other_seq || seq == d->next_seq)
		return false;
	pieces_free(st, d);
	d->flags &= (uint16_t)~(SIDE_OTHER | SIDE_FIN | SIDE_JOIN);
	d->unsaid = d->told = 0;
	d->next_seq = seq - 1;
	reasm_skip_to(st, s, dir, seq, true);
	d->top = seq;
	stream_anomaly(st, s, dir, ANOM_STR_SYN_IN_SESSION, 0);
	return true;
}

/* A jump too far to be a lost segment.  Belongs to nothing, or to a session of
 * which much was missed: believed when it goes on where it landed.  A sender who
 * wants real bytes to pass for bogus ones does that too, so a receiver that is
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
		(void)reasm_give_up(st, s, dir);
		reasm_deliver_head(st, s, dir);
	}
	d->flags = (uint16_t)((d->flags & ~SIDE_FIN) | SIDE_OTHER);
	d->other_seq = d->next_seq;
	/* How much was missed nobody knows: numbers can be chosen at will. */
	d->next_seq = seq - 1;
	reasm_skip_to(st, s, dir, seq, true);
	d->top = seq;
	return true;
}

/* The first bytes seen from this end. */
static bool
join(struct stream *st, struct slot *s, unsigned dir, uint32_t seq, const struct packet *p)
{
	struct side *d = &s->side[dir];
	bool known = side_has(d, SIDE_TOP);
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

	if (st->sum != SUM_GOOD || !side_has(d, SIDE_SUM) || n == 0 || d->head != POOL_NONE ||
	    seq_lt(seq, d->next_seq - n) || !seq_gt(seq + wire, d->next_seq - n) ||
	    !history_sum(st, d, n, &sum) || !segment_was_bad(&s->f, &d->last_head, sum))
		return false;
	d->last_head.data = 0;
	count(st->c, CNT_TCP_BAD_SUM);
	stream_anomaly(st, s, dir, ANOM_STR_BAD_SUM, 0);
	history_cut(st, d);
	d->next_seq -= n;
	reasm_announce(st, s, dir, 1);	/* so that nothing is joined to the rest of a lie */
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
	s->f.resent[dir] += old == wire;
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
		reasm_skip_to(st, s, dir, end, true);
	else if (seq_gt(end, d->top)) {
		d->top = end;
		d->flags |= SIDE_LONG;
	}
}

void
reasm_sender_at(struct stream *st, struct slot *s, unsigned dir, uint32_t seq)
{
	struct side *d = &s->side[dir];

	if (side_has(d, SIDE_BLIND)) {
		if (d->next_seq - seq > 1)	/* not a keep-alive */
			(void)reasm_rewind(st, s, dir, seq);
	} else if (d->head == POOL_NONE && seq == d->next_seq && seq_gt(d->top, seq) && reasm_aged(st, d)) {
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

	if (side_has(d, SIDE_BLIND)) {
		uint32_t from = d->next_seq - (uint32_t)(d->unsaid + d->told);

		/* It comes after all, perhaps behind bytes that were delivered. */
		if (seq_gt(b.seq + wire, from))
			(void)reasm_rewind(st, s, dir, seq_lt(b.seq, from) ? from : b.seq);
		d->flags &= (uint16_t)~SIDE_BLIND;
		d->top = d->next_seq;
		reasm_announce_rest(st, s, dir);
	}
	(void)goes_back(st, s, dir, b.seq);
	for (;;) {
		off = (int32_t)(b.seq - d->next_seq);
		/* A keep-alive; and one behind bytes long acknowledged but not seen. */
		if (wire == 1 && ((off == -1 && keeps_alive(s, dir, &b)) ||
		    (off > 0 && d->top == b.seq + 1 && reasm_aged(st, d))))
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
		if (off == 0 && d->head == POOL_NONE && !(b.has_ack && reasm_early(s, dir, b.ack))) {
			d->last_head.data = 0;
			reasm_next(st, s, dir, b.p, b.n);
			if (wire > b.n)
				skip_cut(st, s, dir, b.seq + wire);
			return;
		}
		old = d->next_seq;
		if (!reasm_make_space(st, s, dir, b.n / PIECE_DATA + 3)) {
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

	if (!side_has(d, SIDE_INIT) && !join(st, s, dir, seq, p))
		return;
	if (seq == d->next_seq && d->head == POOL_NONE && !side_has(d, SIDE_BLIND) &&
	    !(has_ack && reasm_early(s, dir, p->ack))) {
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
		reasm_drain(st, s, dir);
		reasm_settle(st, s);
	}
}
