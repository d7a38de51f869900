/* s7.c - two dissectors on one carrier: S7comm and S7comm-plus.
 *
 * TPKT and COTP carry other protocols too (RDP, MMS): only the protocol id of a
 * data TPDU makes a conversation ours.  NOTES.md says what is covered.
 */
#include "s7.h"

#include "record/counters.h"

static const struct dis_guess no = { .verdict = GUESS_NO };	/* S7 does not go over UDP */

static struct dis_guess
guess_s7comm(struct cursor in, bool datagram)
{
	if (datagram)
		return no;
	return s7_guess(in, S7_ID);
}

static struct dis_guess
guess_s7plus(struct cursor in, bool datagram)
{
	if (datagram)
		return no;
	return s7_guess(in, S7P_ID);
}

/* One whole TPKT with data that are a TSDU by themselves, as nearly all are (version 3,
 * a header of 2, DT, the last one, lengths that agree): what s7_cut() would find of it.
 * Its length; 0 says nothing. */
static inline uint32_t
whole_data(const struct cursor *in, struct s7_tsdu *t)
{
	const uint8_t *p = in->p;
	uint32_t len, own;

	if (cur_left(in) < S7_TPKT_MIN || be16_of(p) != 0x0300 || p[4] != 2 ||
	    p[5] != TPDU_DT || (p[6] & 0x80) == 0)
		return 0;
	len = be16_of(p + 2);
	if (cur_left(in) < S7_TPKT_MIN + 10 && len != S7_TPKT_MIN)
		return 0;
	if (len < S7_TPKT_MIN || len > cur_left(in) || len > S7_TPKT_MAX)
		return 0;
	if (len > S7_TPKT_MIN && p[7] == S7_ID) {
		own = S7_TPKT_MIN + 10u + be16_of(p + 13) + be16_of(p + 15);
		if (len != own && (len != own + 2 || (p[8] != S7_ACK && p[8] != S7_ACK_DATA)))
			return 0;
	} else if (len > S7_TPKT_MIN && p[7] == S7P_ID) {
		own = S7_TPKT_MIN + 4u + be16_of(p + 9);
		if (len != own && len != own + 4)
			return 0;
	}
	*t = (struct s7_tsdu){ .type = TPDU_DT, .p = p + S7_TPKT_MIN, .len = len - S7_TPKT_MIN,
	    .fragments = 1 };
	return len;
}

/* The data of an S7 connection. */
static void
on_data(struct dis_ctx *x, const struct s7_tsdu *t)
{
	struct s7_state *st = x->state;

	st->data = true;
	if (t->len == 0)
		;	/* an empty one, as some stacks send to acknowledge */
	else if (st->tls && !s7_is_clear(t->p, t->len))
		s7p_tls(x, t);
	else if (t->p[0] == S7P_ID)
		s7p_message(x, t);
	else if (t->p[0] != S7_ID && s7_is_tls(t->p, t->len))
		s7p_tls(x, t);
	else if (t->p[0] == S7_ID || s7_is_like(t->p, t->len)) {
		st->missing = t->missing;
		s7_message(x, t->p, t->len);
	} else
		dis_anomaly(x, NULL, ANOM_S7_PROTOCOL_ID, 0, NULL);
}

static struct dis_step
feed(struct dis_ctx *x, struct cursor in)
{
	struct s7_state *st = x->state;
	struct s7_tsdu t;
	struct dis_step step;
	uint32_t *skip = &st->skip[x->dir];

	if (*skip > 0) {
		uint32_t n = cur_left(&in) < *skip ? (uint32_t)cur_left(&in) : *skip;

		*skip -= n;
		return (struct dis_step){ .status = DIS_DONE, .used = n };
	}
	step = (struct dis_step){ .status = DIS_DONE, .used = whole_data(&in, &t) };
	if (step.used == 0)
		step = s7_cut(x, in, &t);
	if (step.status != DIS_DONE)
		return step;
	if (t.type == TPDU_DT)
		on_data(x, &t);
	else if (t.type != 0)
		s7_connection(x, &t);
	if (st->faults != 0)
		s7_frame_faults(x, NULL);
	return step;
}

extern const struct protocol s7comm_protocol, s7plus_protocol;
extern const struct dissector s7comm_dissector;
const struct dissector s7comm_dissector = {
	.protocol = &s7comm_protocol,
	.max_pdu = S7_TPKT_MAX, .max_pending = S7_PENDING_MAX,
	.state_size = sizeof(struct s7_state),
	.funcs = s7_funcs, .n_funcs = S7_N_FUNCS,
	.resync_scan = true,
	.guess = guess_s7comm, .feed = feed, .gap = s7_gap, .unanswered = s7_unanswered,
	.closed = s7_closed,
};

extern const struct dissector s7plus_dissector;
const struct dissector s7plus_dissector = {
	.protocol = &s7plus_protocol,
	.max_pdu = S7_TPKT_MAX, .max_pending = S7_PENDING_MAX,
	.state_size = sizeof(struct s7_state),
	.funcs = s7p_funcs, .n_funcs = S7P_N_FUNCS,
	.resync_scan = true,
	.guess = guess_s7plus, .feed = feed, .gap = s7_gap, .unanswered = s7_unanswered,
	.closed = s7_closed,
};
