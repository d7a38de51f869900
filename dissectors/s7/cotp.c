/* cotp.c - TPKT (RFC 1006) and COTP class 0 (ISO 8073), the carrier of S7.
 *
 *	TPKT	version 1 (3), reserved 1, length 2 (all of it)
 *	TPDU	header length 1 (without itself), type 1, ...; DT: end bit and number 1
 */
#include "s7.h"

#include <string.h>

#define TPKT_LEN	4u
#define DT_LI		2u	/* header length of a class 0 DT */
#define GUESS_TPDUS	4u	/* looked at before the first data */

struct head {
	uint32_t	 len;		/* of the TPKT */
	uint8_t		 li, type;
	bool		 eot;
	const uint8_t	*data;		/* DT: behind the header; NULL: not there yet */
};

enum head_fit { HEAD_NO, HEAD_SHORT, HEAD_OK };

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

/* The header at c, strictly; the cursor is then behind the TPDU header's type. */
static enum head_fit
head_of(struct cursor c, struct head *h)
{
	size_t n = cur_left(&c);
	const uint8_t *p = c.p;

	if ((n > 0 && p[0] != 3) || (n > 1 && p[1] != 0) || (n > 2 && p[2] > 0x20))
		return HEAD_NO;
	cur_skip(&c, 2);
	h->len = cur_be16(&c);
	h->li = cur_u8(&c);
	if (cur_ok(&c) && (h->len < S7_TPKT_MIN || h->li < DT_LI || h->li + 5u > h->len))
		return HEAD_NO;
	h->type = cur_u8(&c);
	if (!cur_ok(&c))
		return HEAD_SHORT;
	if (!known_type(h->type))
		return HEAD_NO;
	h->eot = true;
	h->data = NULL;
	if ((h->type & 0xf0) != TPDU_DT)
		return h->li >= 4 ? HEAD_OK : HEAD_NO;
	if (h->li != DT_LI || h->type != TPDU_DT)
		return HEAD_NO;
	h->eot = (cur_u8(&c) & 0x80) != 0;
	if (!cur_ok(&c))
		return HEAD_SHORT;
	h->data = c.p;
	return HEAD_OK;
}

/* Do these first bytes of a TSDU look like one of ours? */
static enum dis_verdict
judge_s7comm(const uint8_t *p, uint32_t have, uint32_t whole, bool eot, struct dis_guess *g)
{
	struct cursor c = cur_of(p, have);
	uint8_t rosctr;
	uint16_t ref;
	uint32_t par, dat;

	cur_skip(&c, 1);
	rosctr = cur_u8(&c);
	cur_skip(&c, 2);
	ref = cur_be16(&c);
	par = cur_be16(&c);
	dat = cur_be16(&c);
	if (have >= 2 && s7_rosctr_name(rosctr) == NULL)
		return GUESS_NO;
	if (!cur_ok(&c))
		return whole < 10 ? GUESS_NO : GUESS_SHORT;
	if (eot && 10u + par + dat + (rosctr == S7_ACK || rosctr == S7_ACK_DATA ? 2 : 0) != whole)
		return GUESS_NO;
	g->role = s7_role(p, have);
	g->tag = (uint32_t)S7_ID << 24 | (rosctr == S7_USERDATA ? 1u << 16 : 0) | ref;
	return eot ? GUESS_YES : GUESS_MAYBE;
}

static enum dis_verdict
judge_s7plus(const uint8_t *p, uint32_t have, uint32_t whole, bool eot, struct dis_guess *g)
{
	struct cursor c = cur_of(p, have);
	uint8_t version, opcode;
	uint16_t len;

	cur_skip(&c, 1);
	version = cur_u8(&c);
	len = cur_be16(&c);
	if ((have >= 2 && version != 1 && version != 2 && version != 3 && version != 0xfe))
		return GUESS_NO;
	if (!cur_ok(&c))
		return whole < 4 ? GUESS_NO : GUESS_SHORT;
	if (eot && len + 4u != whole && len + 8u != whole)
		return GUESS_NO;
	if (version == 3)
		cur_skip(&c, (cur_left(&c) > 0 && *c.p == 32 ? 33u : 0u));
	opcode = cur_u8(&c);
	if (cur_ok(&c) && opcode >= 0x31 && opcode <= 0x33) {
		cur_skip(&c, 6);
		g->tag = (uint32_t)S7P_ID << 24 | cur_be16(&c);
		g->role = opcode == 0x31 ? 1 : -1;
	} else
		g->tag = (uint32_t)S7P_ID << 24;
	return GUESS_YES;
}

struct dis_guess
s7_guess(struct cursor in, uint8_t id)
{
	struct dis_guess g = { .verdict = GUESS_NO };
	uint32_t off = 0, connection = 0;

	for (uint32_t i = 0; i < GUESS_TPDUS; i++) {
		struct cursor at = in;
		struct head h;
		enum head_fit fit;
		uint32_t data, have, whole;

		cur_skip(&at, off);
		fit = head_of(at, &h);
		if (fit == HEAD_NO)
			return (struct dis_guess){ .verdict = GUESS_NO };
		if (fit == HEAD_SHORT)
			break;
		if (h.data == NULL || h.len == S7_TPKT_MIN) {
			/* A connection, or empty data: the carrier's, nobody's proof. */
			if (cur_left(&at) < h.len)
				break;
			off += h.len;
			connection = off;
			continue;
		}
		data = TPKT_LEN + 1 + h.li;
		whole = h.len - data;
		have = (uint32_t)cur_left(&at) - data;
		have = have < whole ? have : whole;
		if (have == 0)
			break;
		if (h.data[0] == id)
			g.verdict = id == S7_ID ? judge_s7comm(h.data, have, whole, h.eot, &g) :
			    judge_s7plus(h.data, have, whole, h.eot, &g);
		else if (id == S7P_ID && h.eot && have >= 5 && s7_is_tls(h.data, have))
			g.verdict = GUESS_MAYBE;
		else
			return (struct dis_guess){ .verdict = GUESS_NO };
		if (g.verdict == GUESS_NO)
			return (struct dis_guess){ .verdict = GUESS_NO };
		if (g.verdict >= GUESS_MAYBE) {
			g.used = off + h.len;
			if (g.used > cur_left(&in))
				g.verdict = GUESS_SHORT;
			if (g.verdict != GUESS_SHORT || h.len <= S7_TPKT_MAX)
				break;
			g.verdict = GUESS_MAYBE;	/* too long to wait for */
		}
		break;
	}
	if (g.verdict >= GUESS_MAYBE)
		return g;
	/* So far only the carrier, or too few bytes. */
	return (struct dis_guess){ .verdict = GUESS_SHORT, .used = connection };
}

/* ---- cutting -------------------------------------------------------- */

static struct dis_step
lost(void)
{
	return (struct dis_step){ .status = DIS_RESYNC, .used = 1 };
}

/* Longer than is ever kept: take the beginning, let the rest pass. */
static struct dis_step
too_long(struct dis_ctx *x, uint32_t have, uint32_t len)
{
	struct s7_state *st = x->state;

	count(x->counters, CNT_APP_S7_CUT);
	if (len <= have)
		return (struct dis_step){ .status = DIS_DONE, .used = len };
	st->skip[x->dir] = len - have;
	return (struct dis_step){ .status = DIS_DONE, .used = have };
}

/* Data in several TPDUs: all of them are waited for, so that what completes the
 * TSDU is its frame. */
static struct dis_step
cut_fragments(struct dis_ctx *x, struct cursor in, struct s7_tsdu *t)
{
	uint32_t off = 0, total = 0, n = 0, have = (uint32_t)cur_left(&in);
	struct head h;
	uint8_t *to;

	do {
		struct cursor at = in;
		enum head_fit fit;

		cur_skip(&at, off);
		if (off + S7_TPKT_MIN > S7_TPKT_MAX)
			goto endless;
		fit = head_of(at, &h);
		if (fit == HEAD_SHORT)
			return (struct dis_step){ .status = DIS_NEED_MORE,
			    .need = off + S7_TPKT_MIN - have };
		if (fit == HEAD_NO || h.data == NULL)
			goto endless;
		if (off + h.len > S7_TPKT_MAX)
			goto endless;
		if (cur_left(&at) < h.len)
			return (struct dis_step){ .status = DIS_NEED_MORE,
			    .need = off + h.len - have };
		total += h.len - TPKT_LEN - 1 - h.li;
		off += h.len;
		n++;
	} while (!h.eot);
	to = arena_alloc(x->arena, total > 0 ? total : 1);
	t->p = to;
	t->len = to != NULL ? total : 0;
	t->fragments = n;
	for (uint32_t at = 0, put = 0; to != NULL && at < off;) {
		struct cursor c = in;
		uint32_t len;

		cur_skip(&c, at);
		(void)head_of(c, &h);
		len = h.len - TPKT_LEN - 1 - h.li;
		memcpy(to + put, h.data, len);
		put += len;
		at += h.len;
	}
	return (struct dis_step){ .status = DIS_DONE, .used = off };
endless:
	/* Read what the first one holds; the others stand alone.  head_of() is
	 * stricter than who called, so its result is no guide here. */
	dis_anomaly(x, NULL, ANOM_S7_FRAGMENTS, 6, NULL);
	cur_skip(&in, 2);
	off = cur_be16(&in);
	cur_skip(&in, 1 + DT_LI);
	t->p = in.p;
	t->len = off - S7_TPKT_MIN;
	t->fragments = 1;
	t->cut = true;
	return (struct dis_step){ .status = DIS_DONE, .used = off };
}

struct dis_step
s7_cut(struct dis_ctx *x, struct cursor in, struct s7_tsdu *t)
{
	uint32_t have = (uint32_t)cur_left(&in), len, use;
	struct cursor c = in;
	uint8_t version, li, type;

	*t = (struct s7_tsdu){ .type = 0 };
	version = cur_u8(&c);
	cur_skip(&c, 1);
	len = cur_be16(&c);
	if (version != 3)
		return lost();
	if (!cur_ok(&c))
		return (struct dis_step){ .status = DIS_NEED_MORE, .need = S7_TPKT_MIN - have };
	if (len < S7_TPKT_MIN) {
		dis_anomaly(x, NULL, ANOM_S7_TPKT_LENGTH, 2, "shorter than any TPDU");
		return lost();
	}
	use = len < S7_TPKT_MAX ? len : S7_TPKT_MAX;
	if (have < use)
		return (struct dis_step){ .status = DIS_NEED_MORE, .need = use - have };
	c = in;
	c = cur_take(&c, use);
	cur_skip(&c, TPKT_LEN);
	li = cur_u8(&c);
	type = cur_u8(&c);
	if (li < DT_LI || li + 5u > use) {
		dis_anomaly(x, NULL, ANOM_S7_COTP_LENGTH, 4, "header longer than its TPKT");
		return (struct dis_step){ .status = DIS_DONE, .used = use };
	}
	if (!known_type(type)) {
		dis_anomaly(x, NULL, ANOM_S7_COTP_TYPE, 5, NULL);
		return (struct dis_step){ .status = DIS_DONE, .used = use };
	}
	t->type = type & 0xf0;
	if (t->type != TPDU_DT) {
		if (t->type != TPDU_CR && t->type != TPDU_CC && t->type != TPDU_DR &&
		    t->type != TPDU_DC && t->type != TPDU_ER) {
			dis_anomaly(x, NULL, ANOM_S7_COTP_TYPE, 5, "not of class 0");
			t->type = 0;
		}
		t->header = cur_take(&c, li - 1u);
		t->p = in.p + TPKT_LEN;
		t->len = li + 1u;
		return len > use ? too_long(x, have, len) :
		    (struct dis_step){ .status = DIS_DONE, .used = use };
	}
	if (li != DT_LI)
		dis_anomaly(x, NULL, ANOM_S7_COTP_LENGTH, 4, "a class 0 DT has 2");
	if ((cur_u8(&c) & 0x80) == 0 && li == DT_LI && len > S7_TPKT_MIN && len <= S7_TPKT_MAX)
		return cut_fragments(x, in, t);
	cur_skip(&c, li - DT_LI);
	t->p = c.p;
	t->len = (uint32_t)cur_left(&c);
	t->fragments = 1;
	t->cut = len > use;
	t->missing = len - use;
	return t->cut ? too_long(x, have, len) :
	    (struct dis_step){ .status = DIS_DONE, .used = use };
}
