#include "stream/internal.h"

/* Without the SYN the window scale is unknown; this one is what most stacks use. */
#define WSCALE_GUESS 7
#define BEHIND	2u	/* empty segments from before what was acknowledged, until they count */
uint32_t
tcp_window(const struct slot *s, unsigned dir)
{
	const struct side *peer = &s->side[dir ^ 1], *own = &s->side[dir];
	unsigned scale = WSCALE_GUESS;

	/* Scaling is used only when both SYNs offer it (RFC 7323, 2.2). */
	if ((peer->flags & own->flags & SIDE_SYN) != 0)
		scale = (peer->flags & own->flags & SIDE_SCALE) != 0 ? peer->wscale : 0;
	else if ((peer->flags & SIDE_SCALE) != 0)
		scale = peer->wscale;
	return (uint32_t)peer->window << scale;
}

static bool
in_window(const struct slot *s, unsigned dir, uint32_t seq)
{
	const struct side *own = &s->side[dir];
	uint32_t high = seq_gt(own->top, own->next_seq) ? own->top : own->next_seq;

	/* One more for a FIN that took a number. */
	return !seq_lt(seq, own->next_seq) && !seq_gt(seq, high + tcp_window(s, dir) + 1);
}

/* A RST counts only inside the window (RFC 5961, 3).  The sensor cannot know
 * the one number that the receiver would take, so the window is its rule. */
static bool
rst_valid(const struct slot *s, unsigned dir, const struct packet *p)
{
	const struct side *own = &s->side[dir], *peer = &s->side[dir ^ 1];

	if ((own->flags & SIDE_INIT) != 0)
		return in_window(s, dir, p->seq);
	/* Nothing was seen of this end: a refusal acknowledges the SYN (RFC 9293,
	 * 3.10.7.2); without an acknowledgement there is nothing to judge by. */
	if ((own->flags & SIDE_TOP) != 0 && (p->tcp_flags & TCP_ACK) == 0)
		return p->seq - own->top <= tcp_window(s, dir);
	return (peer->flags & SIDE_INIT) == 0 || (p->tcp_flags & TCP_ACK) == 0 ||
	    p->ack - peer->next_seq <= 1 || peer->next_seq - p->ack <= FAR_SEQ;
}

/*
 * Does this packet begin another session on the same ports?
 *
 * A SYN alone proves nothing while the session lives: a host answers it with a
 * challenge ACK and goes on (RFC 5961, 4), and anybody could have forged it.
 * So it is remembered, and believed when somebody acts on it: the other end's
 * SYN+ACK, or a segment of the same end that continues it.  When bytes of the
 * old session go on instead, it was nothing, and is reported.
 */
static bool
begins_anew(struct stream *st, struct slot *s, unsigned dir, const struct packet *p)
{
	struct side *own = &s->side[dir], *peer = &s->side[dir ^ 1];
	const struct flow *f = &s->f;
	uint8_t fl = p->tcp_flags;

	if ((fl & TCP_SYN) == 0 || (fl & TCP_RST) != 0)
		return (own->flags & SIDE_NEW_ISN) != 0 && p->seq == own->new_isn + 1 &&
		    (fl & TCP_RST) == 0;
	if ((own->flags & SIDE_SYN) != 0 && own->isn == p->seq)
		return false;	/* the same SYN again */
	if (f->state != FLOW_CLOSED && (own->flags & SIDE_SYN) == 0 &&
	    ((own->flags & (SIDE_TOP | SIDE_INIT)) == SIDE_TOP ? own->top == p->seq + 1 :
	    (own->flags & SIDE_INIT) != 0 && own->next_seq - (p->seq + 1) <= JOIN_SEQ))
		return false;	/* this session's own, overtaken by what followed it */
	if ((fl & TCP_ACK) != 0) {
		if ((peer->flags & SIDE_NEW_ISN) != 0 && p->ack == peer->new_isn + 1)
			return true;
		if ((own->flags & SIDE_SYN) == 0 && f->state == FLOW_NEW)
			return false;
		if (f->state == FLOW_CLOSED)
			return true;
		stream_anomaly(st, s, dir, ANOM_STR_SYN_IN_SESSION, 0);
		return false;
	}
	if (f->state == FLOW_CLOSED || ((own->flags | peer->flags) & SIDE_FIN) != 0)
		return true;
	if (f->payload[0] + f->payload[1] == 0) {
		/* A handshake that came to nothing starts again in the same flow; what
		 * is left over from an earlier session does not become its start. */
		if (f->midstream)
			return true;
		if (f->state == FLOW_NEW)
			return (own->flags & peer->flags & SIDE_SYN) != 0;
	}
	own->new_isn = p->seq;
	own->flags = (uint16_t)((own->flags & ~SIDE_SAID_SYN) | SIDE_NEW_ISN);
	if ((own->flags & SIDE_INIT) != 0 && in_window(s, dir, p->seq)) {
		own->flags |= SIDE_SAID_SYN;
		stream_anomaly(st, s, dir, ANOM_STR_SYN_IN_SESSION, 0);
	}
	return false;
}

/* A SYN, with or without ACK, that starts this end's bytes. */
static void
on_syn(struct stream *st, struct slot *s, unsigned dir, const struct packet *p)
{
	struct side *own = &s->side[dir];
	bool ack = (p->tcp_flags & TCP_ACK) != 0;

	if ((s->f.state != FLOW_NEW && (own->flags & SIDE_INIT) != 0) ||
	    ((own->flags & SIDE_SYN) != 0 && own->isn == p->seq))
		return;
	/* A SYN+ACK must answer the SYN that was seen. */
	if (ack && (s->side[dir ^ 1].flags & SIDE_SYN) != 0 &&
	    p->ack != s->side[dir ^ 1].isn + 1 && s->side[dir ^ 1].next_seq != p->ack)
		return;
	reasm_open_side(st, s, dir, p->seq + 1);
	own->isn = p->seq;
	own->flags |= SIDE_SYN;
	s->f.syn[dir] = true;
	if (segment_window_scale(p, &own->wscale))
		own->flags |= SIDE_SCALE;
	flow_set_client(&s->f, ack ? dir ^ 1 : dir, ROLE_SYN);
}

static struct slot *
begin(struct stream *st, uint64_t hash, unsigned *dir, const struct packet *p)
{
	bool syn = (p->tcp_flags & TCP_SYN) != 0;
	struct slot *s;

	/* End 0 is the one that sent the SYN, seen or not. */
	*dir = syn && (p->tcp_flags & TCP_ACK) != 0;
	s = table_add(st, p, hash, *dir);
	if (s != NULL && (!syn || *dir == 1)) {
		s->f.midstream = true;
		count(st->c, CNT_TCP_MIDSTREAM);
	}
	if (s != NULL && !syn) {
		s->f.state = FLOW_ESTABLISHED;
		table_class(st, s);
	}
	return s;
}

static bool
side_done(const struct side *d)
{
	return (d->flags & SIDE_FIN) != 0 && !seq_lt(d->next_seq, d->fin_seq);
}

static void
state_to(struct stream *st, struct slot *s, enum flow_state state)
{
	if (s->f.state != state) {
		s->f.state = (uint8_t)state;
		table_class(st, s);
	}
}

/* Bytes from an end that had said it was finished.  They are real bytes of a
 * session that evidently goes on, and a forged FIN or RST must not blind us. */
static void
after_close(struct stream *st, struct slot *s, unsigned dir, const struct packet *p)
{
	struct side *own = &s->side[dir];
	uint32_t end = p->seq + p->payload_wire;
	bool fin = (own->flags & SIDE_FIN) != 0 && seq_gt(end, own->fin_seq);
	bool rst = (own->flags & SIDE_RST) != 0 && (own->flags & SIDE_INIT) != 0 &&
	    seq_gt(end, own->next_seq);

	if ((!fin && !rst) || p->payload_wire <= 1)
		return;
	if (!s->said_after_close) {
		s->said_after_close = true;
		stream_anomaly(st, s, dir, ANOM_STR_DATA_AFTER_CLOSE, 0);
	}
	own->flags &= (uint16_t)~(SIDE_RST | (fin ? SIDE_FIN : 0));
	state_to(st, s, FLOW_ESTABLISHED);
}

static void
on_fin(struct stream *st, struct slot *s, unsigned dir, const struct packet *p)
{
	struct side *own = &s->side[dir];
	uint32_t at = p->seq + p->payload_wire;

	if ((own->flags & SIDE_INIT) == 0)
		reasm_open_side(st, s, dir, at);
	if ((own->flags & SIDE_FIN) != 0 || at - own->next_seq > FAR_SEQ)
		return;
	own->flags |= SIDE_FIN;
	own->fin_seq = at;
	if (seq_gt(own->top, at) && !seq_lt(at, own->next_seq))
		own->top = at;		/* it says itself that there is no more */
	if (seq_gt(at, own->next_seq) && (own->flags & SIDE_BLIND) == 0) {
		if (seq_gt(at, own->top))
			own->top = at;
		reasm_settle(st, s);
	}
}

#define SUMS_UNSURE	8u	/* then about one in 16 is looked at */

/* Would the receiver drop this segment for its checksum?  Only where those of its sender
 * were right before: a card may leave all of them to be computed later. */
static bool
damaged(struct stream *st, struct side *own, const struct packet *p)
{
	/* Of whom none was right for so long, hardly any will be. */
	bool hopeless = (own->flags & SIDE_SUM) == 0 && own->sums_unsure >= SUMS_UNSURE &&
	    (p->seq & 0xf0u) != 0;

	st->sum = (uint8_t)(st->set.check_sums && !hopeless ? segment_sum(p) : SUM_UNKNOWN);
	if (st->sum == SUM_GOOD)
		own->flags |= SIDE_SUM;
	else if (own->sums_unsure < SUMS_UNSURE)
		own->sums_unsure++;
	return st->sum == SUM_BAD && (own->flags & SIDE_SUM) != 0;
}

static void
leave_out(struct stream *st, struct slot *s, unsigned dir)
{
	count(st->c, CNT_TCP_BAD_SUM);
	stream_anomaly(st, s, dir, ANOM_STR_BAD_SUM, 0);
}

/* A byte that is not read in its turn (RFC 6093, 3): urgent data. */
static void
on_urgent(struct stream *st, struct slot *s, unsigned dir, const struct packet *p)
{
	struct side *own = &s->side[dir];
	uint16_t urgent = segment_urgent(p);
	uint32_t at = p->seq + urgent - 1;

	if (urgent == 0 || ((own->flags & SIDE_INIT) != 0 && seq_lt(at, own->next_seq)))
		return;
	own->urgent_seq = at;
	own->flags |= SIDE_URGENT;
	if (flow_is_ot(&s->f) || table_plant_port(&s->f))
		stream_anomaly(st, s, dir, ANOM_STR_URGENT, 0);
}

/* The receiver has what came after a place that may have been forged: it is the place. */
static void
confirm(const struct side *own, struct side *peer, uint32_t ack)
{
	if ((own->flags & SIDE_ACKED) != 0 && peer->hist > 0 && ack == peer->next_seq)
		peer->flags &= (uint16_t)~SIDE_OTHER;
}

/* A keep-alive is one before. */
static inline bool
is_behind(const struct side *own, const struct packet *p)
{
	return seq_lt(p->seq + 1, own->next_seq);
}

/*
 * An empty segment says where its sender is (RFC 9293, 3.4: SND.NXT).  One that is before bytes
 * which the other end has acknowledged does not know of them: somebody sent them in its name.  A single
 * one may have been overtaken on its way to us.
 */
static void
behind(struct stream *st, struct slot *s, unsigned dir, const struct packet *p)
{
	struct side *own = &s->side[dir];
	const struct side *peer = &s->side[dir ^ 1];

	if (!is_behind(own, p) || (own->flags & (SIDE_INIT | SIDE_BLIND | SIDE_FIN | SIDE_RST)) != SIDE_INIT ||
	    (peer->flags & SIDE_ACKED) == 0 || !seq_lt(p->seq + 1, peer->last_ack) || own->next_seq - p->seq > FAR_SEQ ||
	    s->f.gaps[dir] != 0 || own->n_behind >= BEHIND)
		return;
	if (++own->n_behind == BEHIND)
		stream_anomaly(st, s, dir, ANOM_STR_BEHIND, own->next_seq - p->seq);
}

/*
 * Is this what nearly every segment of a plant is: in a session that runs, with
 * nothing kept or missing on either side, it acknowledges what was seen, and its
 * bytes, if any, are whole and next in order?
 *
 * Then all that the long way would do is to count it, to remember its window and
 * to deliver the bytes: no flag of either side but those of a normal beginning is
 * set, so there is no SYN, FIN or RST in the air, no blindness and no join; no far
 * jump is being watched (far_n); an ACK at or before next_seq moves nothing; and
 * bytes at next_seq with nothing kept, and none known to exist beyond (top), are
 * delivered by reasm_data() at once and leave nothing to drain or to settle.
 */
static bool
in_order(const struct slot *s, unsigned dir, const struct packet *p)
{
	const struct side *own = &s->side[dir], *peer = &s->side[dir ^ 1];
	const unsigned normal = SIDE_INIT | SIDE_SCALE | SIDE_SYN | SIDE_ACKED | SIDE_SUM;

	return (p->tcp_flags & (TCP_SYN | TCP_RST | TCP_FIN | TCP_ACK | TCP_URG)) == TCP_ACK &&
	    (p->flags & (PKT_BAD_IP_SUM | PKT_BAD_L4_SUM)) == 0 && s->f.state == FLOW_ESTABLISHED && !s->waiting &&
	    ((own->flags | peer->flags) & ~normal) == 0 &&
	    (own->flags & peer->flags & SIDE_INIT) != 0 && (own->far_n | peer->far_n) == 0 &&
	    own->head == POOL_NONE && peer->head == POOL_NONE && !seq_gt(p->ack, peer->next_seq) &&
	    (p->payload_wire == 0 ? !is_behind(own, p) : p->seq == own->next_seq && !seq_gt(own->top, p->seq) &&
	    p->payload_len == p->payload_wire);
}

static inline void
seen(struct stream *st, struct slot *s, unsigned dir, const struct packet *p)
{
	struct flow *f = &s->f;

	if (f->packets[dir]++ == 0)
		table_heard(st, s, dir, p);
	f->bytes[dir] += p->wire_len;
	f->tcp_flags[dir] |= p->tcp_flags;
	f->ttl[dir] = p->ttl;
	stream_show(st, p, f, dir);
}

/* Another session begins on the same ports as `s`, which ends. */
static struct slot *
reuse(struct stream *st, struct slot *s, uint64_t hash, unsigned *dir, const struct packet *p)
{
	struct side from = s->side[*dir], to = s->side[*dir ^ 1];
	bool lives = s->f.state == FLOW_ESTABLISHED && ((from.flags | to.flags) & SIDE_FIN) == 0 &&
	    s->f.payload[0] + s->f.payload[1] > 0;

	count(st->c, CNT_FLOW_REUSE);
	s->f.state = FLOW_CLOSED;
	table_end(st, s, FLOW_END_CLOSED);
	s = begin(st, hash, dir, p);
	if (s == NULL)
		return NULL;
	if ((p->tcp_flags & TCP_SYN) == 0) {
		/* Its SYN went by already. */
		s->f.midstream = false;
		reasm_open_side(st, s, *dir, from.new_isn + 1);
		s->side[*dir].isn = from.new_isn;
		s->side[*dir].flags |= SIDE_SYN;
		s->f.syn[*dir] = true;
		flow_set_client(&s->f, *dir, ROLE_SYN);
	} else if (*dir == 1 && (to.flags & SIDE_NEW_ISN) != 0) {
		s->f.midstream = false;
		reasm_open_side(st, s, 0, to.new_isn + 1);
		s->side[0].isn = to.new_isn;
		s->side[0].flags |= SIDE_SYN;
		s->f.syn[0] = true;
	}
	/* The old one may go on all the same: then the new one was forged. */
	if (lives && (from.flags & to.flags & SIDE_INIT) != 0) {
		s->side[*dir].other_seq = from.next_seq;
		s->side[*dir ^ 1].other_seq = to.next_seq;
		s->side[0].flags |= SIDE_OTHER;
		s->side[1].flags |= SIDE_OTHER;
	}
	return s;
}

static void
on_rst(struct stream *st, struct slot *s, unsigned dir, const struct packet *p)
{
	count(st->c, CNT_TCP_RST);
	if (rst_valid(s, dir, p)) {
		s->side[dir].flags |= SIDE_RST;
		state_to(st, s, FLOW_CLOSED);
	} else if (s->f.state != FLOW_CLOSED)
		stream_anomaly(st, s, dir, ANOM_STR_RST_OUTSIDE, 0);
}

static void
on_ack(struct stream *st, struct slot *s, unsigned dir, const struct packet *p)
{
	struct side *own = &s->side[dir], *peer = &s->side[dir ^ 1];
	/* What was not sent, as far as we know, may be forged. */
	bool unsent = (peer->flags & SIDE_INIT) != 0 && seq_gt(p->ack, peer->next_seq + 1);

	if (!unsent && ((own->flags & SIDE_ACKED) == 0 || seq_gt(p->ack, own->last_ack) ||
	    own->last_ack - p->ack > FAR_SEQ)) {
		own->last_ack = p->ack;
		own->flags |= SIDE_ACKED;
	}
	confirm(own, peer, p->ack);
	reasm_ack(st, s, dir ^ 1, p->ack);
}

static void
on_payload(struct stream *st, struct slot *s, unsigned dir, const struct packet *p)
{
	struct side *own = &s->side[dir];

	if ((own->flags & (SIDE_FIN | SIDE_RST | SIDE_NEW_ISN)) != 0) {
		after_close(st, s, dir, p);
		if ((own->flags & (SIDE_NEW_ISN | SIDE_SAID_SYN)) == SIDE_NEW_ISN &&
		    p->seq == own->next_seq) {
			own->flags |= SIDE_SAID_SYN;
			stream_anomaly(st, s, dir, ANOM_STR_SYN_IN_SESSION, 0);
		}
	}
	reasm_data(st, s, dir, p->seq + ((p->tcp_flags & TCP_SYN) != 0), p);
}

/* The long way. */
static __attribute__((noinline)) struct slot *
any_segment(struct stream *st, struct slot *s, uint64_t hash, unsigned *dir,
    const struct packet *p)
{
	const uint8_t fl = p->tcp_flags;
	struct side *own, *peer;

	if (s == NULL)
		s = begin(st, hash, dir, p);
	else if (((fl & TCP_SYN) | (s->side[*dir].flags & SIDE_NEW_ISN)) != 0 &&
	    begins_anew(st, s, *dir, p))
		s = reuse(st, s, hash, dir, p);
	if (s == NULL)
		return NULL;
	own = &s->side[*dir];
	peer = &s->side[*dir ^ 1];
	seen(st, s, *dir, p);
	if ((p->flags & (PKT_BAD_IP_SUM | PKT_BAD_L4_SUM)) != 0)
		return s;	/* the receiver dropped it too */
	if (((fl & (TCP_SYN | TCP_RST | TCP_FIN)) != 0 || p->payload_len > 0) && damaged(st, own, p)) {
		leave_out(st, s, *dir);
		return s;
	}
	if ((fl & TCP_RST) != 0) {
		on_rst(st, s, *dir, p);
		return s;
	}
	if ((fl & TCP_SYN) != 0) {
		count(st->c, (fl & TCP_ACK) != 0 ? CNT_TCP_SYNACK : CNT_TCP_SYN);
		on_syn(st, s, *dir, p);
		if ((own->flags & SIDE_SYN) == 0 || own->isn != p->seq)
			return s;	/* not this session's: its numbers mean nothing here */
	}
	own->window = p->window;
	if ((fl & TCP_SYN) == 0 && p->payload_wire == 0) {
		if ((fl & TCP_FIN) == 0)
			behind(st, s, *dir, p);
		reasm_sender_at(st, s, *dir, p->seq);
	}
	if ((fl & TCP_ACK) != 0)
		on_ack(st, s, *dir, p);
	if ((fl & TCP_URG) != 0)
		on_urgent(st, s, *dir, p);
	if (p->payload_wire > 0)
		on_payload(st, s, *dir, p);
	if ((fl & TCP_FIN) != 0)
		on_fin(st, s, *dir, p);
	if (((own->flags | peer->flags) & SIDE_FIN) != 0) {
		if ((side_done(own) || (own->flags & SIDE_INIT) == 0) &&
		    (side_done(peer) || (peer->flags & SIDE_INIT) == 0))
			state_to(st, s, FLOW_CLOSED);
	} else if (s->f.state == FLOW_NEW && (fl & TCP_SYN) == 0)
		state_to(st, s, FLOW_ESTABLISHED);
	return s;
}

struct slot *
tcp_segment(struct stream *st, struct slot *s, uint64_t hash, unsigned *dir,
    const struct packet *p)
{
	if (s == NULL || !in_order(s, *dir, p))
		return any_segment(st, s, hash, dir, p);
	seen(st, s, *dir, p);
	s->side[*dir].window = p->window;
	s->side[*dir].last_ack = p->ack;
	if (p->payload_len > 0) {
		segment_remember(&s->side[*dir].last_head, p);
		reasm_next(st, s, *dir, p->payload, p->payload_len);
	}
	return s;
}
