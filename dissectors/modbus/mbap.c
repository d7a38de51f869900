/* mbap.c - Modbus over TCP and UDP (MBTCP 3.1).
 *
 *	transaction id 2, protocol id 2 (0), length 2, unit id 1, PDU
 *
 * The length counts the unit id and the PDU, and is the frame: a PDU that
 * contradicts it is reported, not believed.
 */
#include "modbus.h"

#define MBAP_LEN 6u	/* bytes before those that the length counts */

struct header {
	uint16_t transaction, protocol, length;
	uint8_t	 unit;
};

/* All of it or nothing: too few bytes give zeros and a failed cursor. */
static inline struct header
read_header(struct cursor *c)
{
	const uint8_t *b = cur_bytes(c, MBAP_LEN + 1);

	if (b == NULL)
		return (struct header){ 0 };
	return (struct header){ be16_of(b), be16_of(b + 2), be16_of(b + 4), b[6] };
}

/* The row of a code, with or without the exception bit; NULL: not assigned. */
static const struct func_desc *
row_of_code(uint8_t code)
{
	return func_find(mb_funcs, MB_N_FUNCS, code & 0x7f, FUNC_NO_SUB);
}

/* Nothing against a header here: of few bytes the constant ones are right. */
static bool
may_begin(const struct cursor *c)
{
	const uint8_t *p = c->p;
	size_t n = cur_left(c);

	return (n <= 2 || p[2] == 0) && (n <= 3 || p[3] == 0) &&
	    (n <= 4 || p[4] <= MB_LENGTH_TAKEN >> 8) && (n <= 7 || (p[7] & 0x7f) != 0);
}

struct dis_guess
mb_mbap_guess(struct cursor in)
{
	struct dis_guess g = { .verdict = GUESS_NO, .framing = MB_MBAP };
	struct cursor c = in, pdu;
	struct header h = read_header(&c);
	const struct func_desc *row;
	uint8_t code;
	uint32_t len;

	if (!cur_ok(&c)) {
		if (may_begin(&in))
			g.verdict = GUESS_SHORT;
		return g;
	}
	if (h.protocol != 0 || h.length < 2 || h.length > MB_LENGTH_TAKEN)
		return g;
	len = h.length - 1u;
	if (cur_left(&c) == 0) {
		g.verdict = GUESS_SHORT;
		return g;
	}
	code = *c.p;
	row = row_of_code(code);
	/* Function 0 is what scanners begin with: alone, or its refusal. */
	if (((code & 0x7f) == 0 && h.length != 2u + (code >> 7)) ||
	    (h.length > MB_LENGTH_MAX && code != MB_UMAS))
		return g;
	if (cur_left(&c) < len) {
		g.verdict = GUESS_SHORT;
		return g;
	}
	pdu = cur_take(&c, len);
	if (row != NULL && mb_fits(pdu.p, len, false) == FIT_NO &&
	    mb_fits(pdu.p, len, true) == FIT_NO)
		return g;
	/* A code whose body follows no rule must at least end where the bytes do,
	 * or where another header begins.  One that nobody has assigned stands
	 * alone: that is how function codes are scanned. */
	if ((row == NULL && cur_left(&c) > 0) || ((row == NULL || row->req == NULL ||
	    row->code == MB_UMAS) && !may_begin(&c)))
		return g;
	g.verdict = GUESS_MAYBE;
	g.role = mb_role(pdu.p, len);
	g.used = MBAP_LEN + h.length;
	g.tag = (uint32_t)h.transaction << 16 | (uint32_t)h.unit << 8 | (code & 0x7fu);
	return g;
}

/* Does this look like a frame although its header is wrong? */
static bool
plausible(const struct cursor *c, const struct header *h)
{
	uint32_t len = h->length - 1u;
	struct cursor rest;

	if (cur_left(c) < len)
		return cur_left(c) > 0 && row_of_code(*c->p) != NULL;
	if (mb_fits(c->p, len, false) != FIT_NO || mb_fits(c->p, len, true) != FIT_NO)
		return true;
	/* Too much for its function, but the header tells where it ends. */
	rest = *c;
	cur_skip(&rest, len);
	return h->protocol == 0 && row_of_code(*c->p) != NULL && may_begin(&rest);
}

struct dis_step
mb_mbap_cut(struct dis_ctx *x, const struct cursor *in, struct mb_adu *adu)
{
	struct dis_step lost = { .status = DIS_RESYNC, .used = 1 };
	size_t have = cur_left(in);
	struct cursor c = *in;
	struct header h;

	if (x->datagram)
		lost.used = (uint32_t)have;
	h = read_header(&c);
	if (!cur_ok(&c) || cur_left(&c) == 0) {
		if (x->datagram)
			return lost;
		return (struct dis_step){ .status = DIS_NEED_MORE,
		    .need = (uint32_t)(MBAP_LEN + 2 - have) };
	}
	if (h.length < 2 || h.length > MB_LENGTH_TAKEN) {
		if (h.protocol == 0)
			dis_anomaly(x, NULL, ANOM_MB_LENGTH, 4, "no PDU has this length");
		return lost;
	}
	if ((h.protocol != 0 || (h.length > MB_LENGTH_MAX && *c.p != MB_UMAS)) &&
	    !plausible(&c, &h))
		return lost;
	if (have < MBAP_LEN + h.length) {
		if (x->datagram) {
			if (!x->cut)
				dis_anomaly(x, NULL, ANOM_MB_LENGTH, 4, "longer than the datagram");
			return lost;
		}
		return (struct dis_step){ .status = DIS_NEED_MORE,
		    .need = (uint32_t)(MBAP_LEN + h.length - have) };
	}
	*adu = (struct mb_adu){
		.framing = x->datagram ? MODBUS_UDP : MODBUS_TCP,
		.transaction = h.transaction, .protocol = h.protocol, .unit = h.unit,
		.pdu = c.p, .len = h.length - 1u,	/* all there, see above */
	};
	return (struct dis_step){ .status = DIS_DONE, .used = MBAP_LEN + h.length };
}
