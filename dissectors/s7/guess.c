/* guess.c - does a PDU of ours begin here?
 *
 * TPKT and COTP carry other protocols too: only the protocol id of a data TPDU
 * decides.  A message with one fault, of its frame or of its header, is ours still.
 */
#include "s7.h"

#include "base/str.h"

#define GUESS_TPDUS	4u	/* looked at before the first data */
#define TPKT_HEAD	4u
#define COTP_FIXED	7u	/* of a request: length, type, two references, class */
#define COTP_CALLED	0xc2u	/* parameter: called TSAP */
#define SEEN_AT_ONCE	8u	/* bytes that show whether a frame begins, whatever its fault is */

/* The first bytes of a TSDU, and what is wrong with them. */
struct look {
	const uint8_t	*p;
	uint32_t	 have, whole;
	bool		 eot;
	unsigned	 faults;
	struct dis_guess *g;
};

/* Functions of jobs and of their answers. */
static bool
known_function(uint8_t v)
{
	return v == S7_READ_VAR || v == S7_WRITE_VAR || (v >= S7_REQUEST_DOWNLOAD && v <= S7_END_UPLOAD) ||
	    v == S7_PI || v == S7_STOP || v == S7_SETUP;
}

static enum dis_verdict
look_s7comm(struct look *l)
{
	const uint8_t *p = l->p;
	uint32_t sum, head;
	bool fits;

	if (l->have >= 2 && p[0] != S7_ID && !s7_is_rosctr(p[1]))
		return GUESS_NO;
	if (l->have < 10) {
		if (l->whole >= 10)
			return p[0] == S7_ID || l->have < 2 || (p[1] != 0 && (l->have < 4 ||
			    (p[2] == 0 && p[3] == 0))) ? GUESS_SHORT : GUESS_NO;
		/* Shorter than any message. */
		l->faults++;
		return p[0] == S7_ID && l->have == l->whole ? GUESS_MAYBE : GUESS_NO;
	}
	sum = (uint32_t)be16_of(p + 6) + be16_of(p + 8);
	head = p[1] == S7_ACK || p[1] == S7_ACK_DATA ? 12 : 10;
	fits = !l->eot || head + sum == l->whole;
	/* Without its id or its kind it must be whole, to be anything. */
	if (!l->eot && (p[0] != S7_ID || !s7_is_rosctr(p[1])))
		return GUESS_NO;
	if (p[0] != S7_ID)
		l->faults++;
	if (!s7_is_rosctr(p[1])) {
		l->faults++;
		fits |= sum + 12 == l->whole;
	}
	if (!fits) {
		/* Then other fields must be what they always are. */
		if (p[2] != 0 || p[3] != 0 || (p[1] == S7_JOB && (l->have > 10 ?
		    !known_function(p[10]) : l->whole < 11)))
			return GUESS_NO;
		l->faults++;
	}
	if (l->faults > 0 && (p[2] != 0 || p[3] != 0))
		l->faults++;
	l->g->role = s7_role(p, l->have);
	l->g->tag = (uint32_t)S7_ID << 24 | (p[1] == S7_USERDATA ? 1u << 16 : 0) | be16_of(p + 4);
	return l->eot ? GUESS_YES : GUESS_MAYBE;
}

static enum dis_verdict
look_s7plus(struct look *l)
{
	struct cursor c = cur_of(l->p, l->have);
	uint8_t version, opcode;
	bool needs_head = false;
	uint16_t len;

	cur_skip(&c, 1);
	version = cur_u8(&c);
	len = cur_be16(&c);
	if (!cur_ok(&c))
		return l->whole < 4 ? GUESS_NO : GUESS_SHORT;
	if ((version < 1 || version > 3) && version != 0xfe) {
		if (!l->eot || (cur_left(&c) > 0 && (*c.p < 0x31 || *c.p > 0x33)))
			return GUESS_NO;
		l->faults++;
		needs_head = true;
	}
	if (version == 3)
		cur_skip(&c, (cur_left(&c) > 0 && *c.p == 32 ? 33u : 0u));
	opcode = cur_u8(&c);
	if (l->eot && len + 4u != l->whole && len + 8u != l->whole) {
		l->faults++;
		needs_head = true;
	}
	/* With a fault it must have a head. */
	if (needs_head && (!cur_ok(&c) || opcode < 0x31 || opcode > 0x33 || cur_left(&c) < 2 ||
	    be16_of(c.p) != 0))
		return l->have < l->whole && l->have < 7 ? GUESS_SHORT : GUESS_NO;
	l->g->tag = (uint32_t)S7P_ID << 24;
	if (cur_ok(&c) && opcode >= 0x31 && opcode <= 0x33) {
		cur_skip(&c, 6);
		l->g->tag |= cur_be16(&c);
		l->g->role = opcode == 0x31 ? 1 : -1;
	}
	return GUESS_YES;
}

static unsigned
count_faults(unsigned bits)
{
	unsigned n = 0;

	for (; bits != 0; bits &= bits - 1)
		n++;
	return n;
}

/* A data TPDU that begins at `off`. */
static struct dis_guess
look_at_data(const struct cursor *at, const struct s7_frame *f, uint32_t off, uint8_t id)
{
	static const struct dis_guess no = { .verdict = GUESS_NO };
	struct dis_guess g = { .used = off + f->len };
	uint32_t left = (uint32_t)cur_left(at) - f->data_at, whole = f->len - f->data_at;
	struct look l = { .p = f->data, .have = left < whole ? left : whole, .whole = whole,
	    .eot = f->eot, .faults = count_faults(f->faults), .g = &g };
	bool all = cur_left(at) >= f->len;

	if (l.have == 0)
		return (struct dis_guess){ .verdict = GUESS_SHORT, .used = off };
	if (id == S7P_ID && f->data[0] == S7P_ID)
		g.verdict = look_s7plus(&l);
	else if (id == S7P_ID && f->eot && l.have >= 5 && s7_is_tls(f->data, l.have))
		g.verdict = GUESS_MAYBE;
	else if (id == S7_ID && f->data[0] != S7P_ID)
		g.verdict = look_s7comm(&l);
	else
		return no;
	if (g.verdict == GUESS_NO || l.faults > 1)
		return no;
	if (g.verdict == GUESS_SHORT)
		return (struct dis_guess){ .verdict = GUESS_SHORT, .used = off };
	if (l.faults == 1)
		g.verdict = GUESS_FLAWED;
	if (!all && (l.faults > 0 || f->len <= S7_TPKT_MAX))	/* else too long to wait for */
		g.verdict = GUESS_SHORT;
	return g;
}

/* A connection request whose called TSAP is written as Siemens does it: two bytes, the kind of connection, rack and
 * slot.  Those of others (IEC 61850, Windows) are longer, or begin with 0. */
static bool
calls_a_controller(const struct cursor *at, const struct s7_frame *f)
{
	struct cursor c = *at, tpdu;

	cur_skip(&c, TPKT_HEAD);
	tpdu = cur_take(&c, f->li + 1u);
	cur_skip(&tpdu, COTP_FIXED);
	while (cur_left(&tpdu) > 0) {
		uint8_t code = cur_u8(&tpdu), len = cur_u8(&tpdu);
		struct cursor v = cur_take(&tpdu, len);

		if (!cur_ok(&tpdu))
			return false;
		if (code == COTP_CALLED && len == 2) {
			uint8_t kind = cur_u8(&v);

			return kind >= 1 && kind <= 3;
		}
	}
	return false;
}

struct dis_guess
s7_guess(struct cursor in, uint8_t id)
{
	uint32_t off = 0;
	bool carrier = false;

	for (uint32_t i = 0; i < GUESS_TPDUS; i++) {
		struct cursor at = in;
		struct s7_frame f;
		enum s7_fit fit;

		cur_skip(&at, off);
		fit = s7_frame_at(&at, &f);
		/* Behind a good one even a fault that cannot be judged yet may be ours: the
		 * good one waits for it. */
		if (fit == S7_FIT_NO && off > 0 && cur_left(&at) < SEEN_AT_ONCE)
			return (struct dis_guess){ .verdict = GUESS_SHORT };
		if (fit == S7_FIT_NO || (fit == S7_FIT_OK && count_faults(f.faults) > 1))
			return (struct dis_guess){ .verdict = GUESS_NO };
		if (fit == S7_FIT_SHORT)
			break;
		if (f.data != NULL && f.len > f.data_at)
			return look_at_data(&at, &f, off, id);
		/* A connection, or empty data: the carrier's, nobody's proof. */
		if (cur_left(&at) < f.len)
			break;
		carrier |= id == S7_ID && f.type == TPDU_CR && f.faults == 0 && calls_a_controller(&at, &f);
		off += f.len;
	}
	/* So far only the carrier, or too few bytes. */
	return (struct dis_guess){ .verdict = GUESS_SHORT, .used = off, .carrier = carrier, .role = carrier ? 1 : 0 };
}
