/* frame.c - one TPKT with its TPDU (RFC 1006, ISO 8073): where it ends and what is wrong
 * with its head.
 *
 *	TPKT	version 1 (3), reserved 1, length 2 (all of it)
 *	TPDU	header length 1 (without itself), type 1, ...; DT: end bit and number 1
 *
 * A length stands there twice: in the TPKT, and in what it carries.  Where the two
 * contradict each other, what is behind says which one is right.
 */
#include "s7.h"

#include "base/str.h"

#define TPKT_LEN	4u
#define SEEN_AT_ONCE	8u	/* bytes that a frame with a fault must show */

static bool
known_type(uint8_t type)
{
	switch (type & 0xf0) {
	case TPDU_ED: case TPDU_EA: case TPDU_RJ: case TPDU_AK: case TPDU_ER:
	case TPDU_DR: case TPDU_DC: case TPDU_CC: case TPDU_CR: case TPDU_DT:
		return true;
	default:
		return false;
	}
}

/* Bytes of an S7comm message by its header; 0: too few to say. */
static uint32_t
s7comm_len(const uint8_t *p, uint32_t have)
{
	uint32_t len;

	if (have < 10)
		return 0;
	len = 10u + be16_of(p + 6) + be16_of(p + 8);
	return p[1] == S7_ACK || p[1] == S7_ACK_DATA ? len + 2 : len;
}

/* The same of S7comm-plus; its trailer may be there or not. */
static uint32_t
s7plus_len(const uint8_t *p, uint32_t have, uint32_t whole)
{
	uint32_t len;

	if (have < 4)
		return 0;
	len = 4u + be16_of(p + 2);
	if (len == whole || len + 4 == whole)
		return whole;
	if (len + 4 <= have && p[len] == S7P_ID && p[len + 2] == 0 && p[len + 3] == 0)
		len += 4;
	return len;
}

/* What the data of a DT say of their length; 0 nothing.  `whole`: as the TPKT has it. */
static uint32_t
data_len(const uint8_t *p, uint32_t have, uint32_t whole)
{
	uint32_t len;

	if (have < 2)
		return 0;
	if (p[0] == S7P_ID)
		return s7plus_len(p, have, whole);
	len = s7comm_len(p, have);
	if (p[0] == S7_ID && s7_is_rosctr(p[1]))
		return len;
	/* Another protocol, or none that is known: believed if it fits. */
	return len != 0 && (len == whole || len + 2 == whole) ? whole : 0;
}

/* Does a TPKT begin at these bytes, without a fault? */
static enum s7_fit
begins(const uint8_t *p, uint32_t n)
{
	uint32_t len;

	if ((n > 0 && p[0] != 3) || (n > 1 && p[1] != 0) || (n > 2 && p[2] > 0x20))
		return S7_FIT_NO;
	if (n > 4 && ((len = be16_of(p + 2)) < S7_TPKT_MIN || p[4] < 2 || p[4] + 5u > len))
		return S7_FIT_NO;
	if (n < 6)
		return S7_FIT_SHORT;
	return known_type(p[5]) ? S7_FIT_OK : S7_FIT_NO;
}

#define FAR 1024u	/* more than this behind a message is not waited for */

/* Which of two lengths is believed, both not 0: the one that leads to the end of what
 * is there, or to another TPKT.  What is still to come cannot be asked; then it is the
 * TPKT's, as whoever cuts the stream differently would see it. */
static uint32_t
choose_len(const uint8_t *p, uint32_t n, uint32_t announced, uint32_t own)
{
	enum s7_fit there, here;

	if (announced == own || own > S7_TPKT_MAX)
		return announced;
	if (announced > n && own > n)
		return announced > own + FAR ? own : announced;
	here = own < n ? begins(p + own, n - own) : S7_FIT_NO;
	if (announced == n)
		return here != S7_FIT_NO ? own : announced;
	if (announced > n)
		return own == n || here == S7_FIT_OK ? own : announced;
	there = begins(p + announced, n - announced);
	if (there == S7_FIT_OK)
		return announced;
	if (here == S7_FIT_OK || (there == S7_FIT_NO && own >= n))
		return own;
	return announced;
}

/* Of a DT: where its data begin.  A header length that is wrong is not believed if S7
 * stands where it always stands. */
static void
find_data(struct s7_frame *f, const uint8_t *p, uint32_t n)
{
	uint32_t at = S7_TPKT_MIN;

	f->eot = (p[6] & 0x80) != 0;
	if (f->type != TPDU_DT)
		f->faults |= S7_FAULT_TYPE;
	if (f->li != 2) {
		f->faults |= S7_FAULT_LI;
		if (f->li > 2 && n > 5u + f->li && (p[at] != S7_ID && p[at] != S7P_ID))
			at = 5u + f->li;
	}
	f->data = p + at;
	f->data_at = at;
}

enum s7_fit
s7_frame_at(const struct cursor *in, struct s7_frame *f)
{
	const uint8_t *p = in->p;
	uint32_t n = (uint32_t)cur_left(in), own = 0;
	bool dt;

	*f = (struct s7_frame){ .eot = true };
	/* Of few bytes each must be right. */
	if (n < SEEN_AT_ONCE && begins(p, n) == S7_FIT_NO)
		return S7_FIT_NO;
	if (n < S7_TPKT_MIN)
		return S7_FIT_SHORT;
	/* What begins with something else than a TPKT must be S7 to be one. */
	if (n >= SEEN_AT_ONCE && p[0] != 3 && (p[4] != 2 || p[5] != TPDU_DT || p[6] != 0x80 ||
	    (p[7] != S7_ID && p[7] != S7P_ID)))
		return S7_FIT_NO;
	f->announced = be16_of(p + 2);
	f->li = p[4];
	f->type = p[5];
	dt = (f->type & 0xf0) == TPDU_DT;
	if (!known_type(f->type) || f->li < 2)
		return S7_FIT_NO;
	f->faults |= p[0] != 3 ? S7_FAULT_VERSION : 0;
	f->faults |= p[1] != 0 ? S7_FAULT_RESERVED : 0;
	if (dt) {
		find_data(f, p, n);
		if (f->eot && n > f->data_at)
			own = data_len(f->data, n - f->data_at, f->announced - f->data_at);
		own = own > 0 ? own + f->data_at : 0;
	} else
		own = 5u + f->li;
	if (f->announced < S7_TPKT_MIN) {
		if (own == 0)
			return dt && f->li == 2 && n < S7_TPKT_MIN + 10 &&
			    (n == S7_TPKT_MIN || *f->data == S7_ID || *f->data == S7P_ID) ?
			    S7_FIT_SHORT : S7_FIT_NO;
		f->len = own;
	} else
		f->len = own > 0 ? choose_len(p, n, f->announced, own) : f->announced;
	/* Some stacks let a zero follow a disconnect request. */
	if (!dt && f->announced > own && !((f->type & 0xf0) == TPDU_DR &&
	    f->announced == own + 1 && own < n && p[own] == 0))
		f->faults |= S7_FAULT_BEHIND;
	else if (f->len != f->announced)
		f->faults |= S7_FAULT_LENGTH;
	if (5u + f->li > f->len && !(dt && (f->faults & S7_FAULT_LI) != 0 && f->data_at < f->len))
		return S7_FIT_NO;
	if (!dt && f->li < 4)
		return S7_FIT_NO;
	if ((f->faults & S7_FAULT_VERSION) != 0 && own == 0 && n < S7_TPKT_MIN + 10)
		return S7_FIT_SHORT;
	if ((f->faults & S7_FAULT_VERSION) != 0 && own != f->announced)
		return S7_FIT_NO;
	return S7_FIT_OK;
}

void
s7_frame_faults(struct dis_ctx *x, struct s7_pdu *p)
{
	static const struct {
		uint8_t		 fault;
		enum anomaly_id	 id;
		uint32_t	 offset;
		const char	*detail;
	} rows[] = {
		{ S7_FAULT_VERSION, ANOM_S7_TPKT_HEADER, 0, "version" },
		{ S7_FAULT_RESERVED, ANOM_S7_TPKT_HEADER, 1, "reserved" },
		{ S7_FAULT_LENGTH, ANOM_S7_TPKT_LENGTH, 2, "contradicts what it carries" },
		{ S7_FAULT_LI, ANOM_S7_COTP_LENGTH, 4, "a class 0 DT has 2" },
		{ S7_FAULT_TYPE, ANOM_S7_COTP_TYPE, 5, "credit in a DT" },
		{ S7_FAULT_BEHIND, ANOM_S7_COTP_DATA, 4, NULL },
	};
	struct s7_state *st = x->state;
	uint8_t faults = st->faults;

	st->faults = 0;
	for (size_t i = 0; i < COUNTOF(rows); i++) {
		if ((faults & rows[i].fault) == 0)
			continue;
		if (p != NULL)
			s7_wrong(p, rows[i].id, rows[i].offset, rows[i].detail);
		else
			dis_anomaly(x, NULL, rows[i].id, rows[i].offset, rows[i].detail);
	}
}
