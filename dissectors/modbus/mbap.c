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

/* ---- a header whose length is wrong ---------------------------------- */

/* How well a frame can end here, by what is behind it. */
enum follows { FOLLOWS_NONSENSE, FOLLOWS_HEADER, FOLLOWS_LENGTH, FOLLOWS_END, FOLLOWS_PDU };

static enum follows
what_follows(const struct cursor *at)
{
	struct cursor c = *at;
	struct header h;
	uint32_t left;

	if (cur_left(at) == 0)
		return FOLLOWS_END;
	h = read_header(&c);
	left = (uint32_t)cur_left(&c);
	if (!cur_ok(&c) || left == 0)
		return cur_left(at) > 4 && may_begin(at) ? FOLLOWS_HEADER : FOLLOWS_NONSENSE;
	if (h.protocol != 0 || (*c.p & 0x7f) == 0 || row_of_code(*c.p) == NULL)
		return FOLLOWS_NONSENSE;
	if (h.length < 2 || h.length > MB_LENGTH_MAX)
		return FOLLOWS_HEADER;
	return left >= h.length - 1u && (mb_fits(c.p, h.length - 1u, false) == FIT_LEGAL ||
	    mb_fits(c.p, h.length - 1u, true) == FIT_LEGAL) ? FOLLOWS_PDU : FOLLOWS_LENGTH;
}

/* The length that its function gives this PDU; 0: more bytes are needed to say,
 * UINT32_MAX: none.  `claimed`: what the header says. */
static uint32_t
own_len(const struct cursor *pdu, uint32_t claimed, bool response)
{
	if (*pdu->p == MB_DIAGNOSTIC) {
		const struct func_desc *row;
		struct op_span span;

		if (cur_left(pdu) < 3)
			return 0;
		/* Return Query Data and some others are as long as they like. */
		row = func_find(mb_funcs, MB_N_FUNCS, MB_DIAGNOSTIC, be16_of(pdu->p + 1));
		span = response ? row->rsp_len : row->req_len;
		if (claimed <= MB_PDU_MAX && span.min != span.max)
			return UINT32_MAX;
	}
	return mb_pdu_len(pdu->p, (uint32_t)cur_left(pdu), response);
}

/* Is the PDU whole at its own length, legal, and followed by nothing or by another
 * one? */
static enum follows
ends_itself(const struct cursor *pdu, uint32_t len, bool response)
{
	struct cursor rest = *pdu;

	if (len == 0 || len > cur_left(pdu) || mb_fits(pdu->p, len, response) != FIT_LEGAL)
		return FOLLOWS_NONSENSE;
	cur_skip(&rest, len);
	return what_follows(&rest);
}

static enum follows
ends_as_claimed(const struct cursor *pdu, uint32_t len)
{
	struct cursor rest = *pdu;

	if (len > cur_left(pdu))
		return FOLLOWS_NONSENSE;
	cur_skip(&rest, len);
	return what_follows(&rest);
}

/* The length of a PDU that contradicts its header, because bytes and function are
 * what servers go by.  0: the header may be right.  `sure`: who sends it is known; then
 * the beginning of a longer PDU is not taken for a whole one of the other side. */
static uint32_t
length_by_function(const struct cursor *pdu, const struct header *h, bool response, bool sure)
{
	uint32_t claimed = h->length < 2 || h->length > MB_LENGTH_TAKEN ? UINT32_MAX : h->length - 1u;
	enum follows best = claimed == UINT32_MAX ? FOLLOWS_NONSENSE : ends_as_claimed(pdu, claimed);
	int ways = sure && claimed > cur_left(pdu) ? 1 : 2;
	uint32_t found = 0;

	for (int i = 0; i < ways; i++, response = !response) {
		uint32_t len = own_len(pdu, claimed, response);
		enum follows f = ends_itself(pdu, len, response);

		/* What the length includes may only be another message. */
		if (len != claimed && f > best && (f != FOLLOWS_PDU || len < claimed ||
		    best < FOLLOWS_LENGTH)) {
			best = f;
			found = len;
		}
	}
	return found;
}

/* ---- guess ----------------------------------------------------------- */

#define FEW 8u	/* bytes too many or too few that are a fault and not another protocol */

/* Exactly one thing is wrong with this frame: its protocol id, its length, or bytes
 * too many or too few behind a header that leads to the end. */
static bool
has_one_fault(const struct cursor *pdu, const struct header *h, uint32_t *used)
{
	uint32_t left = (uint32_t)cur_left(pdu), claimed = h->length - 1u, len;
	const struct func_desc *row = row_of_code(*pdu->p);
	enum follows ends;

	if (row == NULL || (*pdu->p & 0x7f) == 0)
		return false;
	ends = h->length < 2 ? FOLLOWS_NONSENSE : ends_as_claimed(pdu, claimed);
	if (h->protocol != 0) {
		*used = MBAP_LEN + h->length;
		return ends >= FOLLOWS_LENGTH && h->length <= MB_LENGTH_MAX &&
		    (mb_fits(pdu->p, claimed, false) == FIT_LEGAL ||
		    mb_fits(pdu->p, claimed, true) == FIT_LEGAL);
	}
	len = length_by_function(pdu, h, false, false);
	if (len > 0) {
		*used = MBAP_LEN + 1 + len;
		return true;
	}
	*used = MBAP_LEN + h->length;
	if (ends < FOLLOWS_LENGTH || mb_columns_of(row)->assigned != MB_PUBLIC)
		return false;
	for (int response = 0; response < 2; response++) {
		len = own_len(pdu, claimed, response);
		if (len == UINT32_MAX)
			continue;
		if (len == 0 || len > claimed)
			return left >= claimed && (len == 0 || len - claimed <= FEW);
		if (len + FEW >= claimed && mb_fits(pdu->p, len, response) == FIT_LEGAL)
			return true;
	}
	return false;
}

/* Whatever the header says, the function wants more bytes than there are. */
static bool
has_begun(const struct cursor *pdu, const struct func_desc *row)
{
	uint32_t left = (uint32_t)cur_left(pdu);

	if (row == NULL || mb_columns_of(row)->assigned != MB_PUBLIC || (*pdu->p & MB_EXCEPTION) != 0)
		return false;
	for (int response = 0; response < 2; response++) {
		uint32_t len = own_len(pdu, UINT32_MAX, response);

		if (len == 0 || (len > left && len <= MB_PDU_MAX))
			return true;
	}
	return false;
}

struct dis_guess
mb_mbap_guess(struct cursor in)
{
	struct dis_guess g = { .verdict = GUESS_NO, .framing = MB_MBAP };
	struct cursor c = in, pdu;
	struct header h = read_header(&c);
	const struct func_desc *row;
	uint8_t code;
	uint32_t len, used;

	if (!cur_ok(&c) || cur_left(&c) == 0) {
		if (may_begin(&in))
			g.verdict = GUESS_SHORT;
		return g;
	}
	len = h.length - 1u;
	code = *c.p;
	row = row_of_code(code);
	g.tag = (uint32_t)h.transaction << 16 | (uint32_t)h.unit << 8 | (code & 0x7fu);
	if (h.protocol != 0 || h.length < 2 || h.length > MB_LENGTH_TAKEN)
		goto flawed;
	/* Function 0 is what scanners begin with: alone, or its refusal. */
	if (((code & 0x7f) == 0 && h.length != 2u + (code >> 7)) ||
	    (h.length > MB_LENGTH_MAX && code != MB_UMAS))
		goto flawed;
	if (cur_left(&c) < len) {
		if (has_one_fault(&c, &h, &used))
			goto flawed;
		g.verdict = GUESS_SHORT;
		return g;
	}
	pdu = cur_take(&c, len);
	if (row != NULL && mb_fits(pdu.p, len, false) == FIT_NO &&
	    mb_fits(pdu.p, len, true) == FIT_NO)
		goto flawed;
	/* A code whose body follows no rule must at least end where the bytes do,
	 * or where another header begins.  One that nobody has assigned stands
	 * alone: that is how function codes are scanned. */
	if ((row == NULL && cur_left(&c) > 0) || ((row == NULL || row->req == NULL ||
	    row->code == MB_UMAS) && !may_begin(&c)))
		return g;
	/* A request with the length of its answer, or the other way round. */
	if (row != NULL && cur_left(&c) > 0 && what_follows(&c) == FOLLOWS_NONSENSE)
		goto flawed_or_legal;
legal:
	g.verdict = GUESS_MAYBE;
	g.role = mb_role(pdu.p, len);
	g.used = MBAP_LEN + h.length;
	return g;
flawed_or_legal:
	c = in;
	cur_skip(&c, MBAP_LEN + 1);
	used = length_by_function(&c, &h, false, false);
	if (used == 0 && has_begun(&c, row)) {
		g.verdict = GUESS_SHORT;
		return g;
	}
	if (used == 0)
		goto legal;
flawed:
	c = in;
	cur_skip(&c, MBAP_LEN + 1);
	if (has_one_fault(&c, &h, &used)) {
		g.verdict = GUESS_FLAWED;
		g.used = used;
	} else if (h.protocol == 0 && has_begun(&c, row))
		g.verdict = GUESS_SHORT;
	return g;
}

/* ---- cut ------------------------------------------------------------- */

#define COUNT_AT 10u	/* the last byte of a PDU that tells its length, in nearly all functions */

static const char wrong_length[] = "another length than its function has";

static struct dis_step
lost(struct dis_ctx *x, const struct cursor *in)
{
	return (struct dis_step){ .status = DIS_RESYNC,
	    .used = x->datagram ? (uint32_t)cur_left(in) : 1 };
}

static struct dis_step
need(uint32_t n)
{
	return (struct dis_step){ .status = DIS_NEED_MORE, .need = n };
}

/* Header and function disagree about the length: what follows will decide. */
static struct dis_step
need_and_look(uint32_t n)
{
	return (struct dis_step){ .status = DIS_NEED_MORE, .need = n, .ahead = DIS_AHEAD };
}

/* Take `len` bytes of PDU, whatever the header says. */
static struct dis_step
take(struct dis_ctx *x, const struct cursor *pdu, const struct header *h, uint32_t len,
    struct mb_adu *adu)
{
	*adu = (struct mb_adu){
		.framing = x->datagram ? MODBUS_UDP : MODBUS_TCP,
		.transaction = h->transaction, .protocol = h->protocol, .unit = h->unit,
		.pdu = pdu->p, .len = len, .flaw = len + 1 == h->length ? NULL : wrong_length,
	};
	return (struct dis_step){ .status = DIS_DONE, .used = MBAP_LEN + 1 + len };
}

/* The bytes that an earlier message of this direction announced and that came too
 * late to be its own. */
static bool
was_owed(struct dis_ctx *x, const struct cursor *in, uint32_t *n)
{
	struct mb_state *st = x->state;
	struct cursor rest = *in;

	*n = st->owed[x->dir];
	st->owed[x->dir] = 0;
	if (*n > cur_left(in) || what_follows(in) >= FOLLOWS_HEADER)
		return false;
	cur_skip(&rest, *n);
	return what_follows(&rest) >= FOLLOWS_LENGTH;
}

/* Everything that is not simply right. */
static struct dis_step
cut_slowly(struct dis_ctx *x, const struct cursor *in, const struct header *h, struct mb_adu *adu)
{
	struct mb_state *st = x->state;
	struct cursor pdu = *in;
	uint32_t left, claimed, own, found;
	bool sane = h->length >= 2 && h->length <= MB_LENGTH_TAKEN;

	cur_skip(&pdu, MBAP_LEN + 1);
	left = (uint32_t)cur_left(&pdu);
	claimed = sane ? h->length - 1u : UINT32_MAX;
	/* Functions that are rarer than those of the quick look. */
	if (h->protocol == 0 && h->length <= MB_LENGTH_MAX && left >= claimed &&
	    mb_is_legal(x, pdu.p, claimed, !x->from_client)) {
		struct dis_step step = take(x, &pdu, h, claimed, adu);

		adu->legal = true;
		return step;
	}
	own = row_of_code(*pdu.p) == NULL ? UINT32_MAX : own_len(&pdu, claimed, !x->from_client);
	/* What follows the length is nothing, and the function wants more than is there. */
	if (h->protocol == 0 && !x->datagram && left > claimed && (own == 0 || (own > left &&
	    own <= MB_PDU_MAX)) && mb_fits(pdu.p, claimed, !x->from_client) == FIT_NO &&
	    ends_as_claimed(&pdu, claimed) == FOLLOWS_NONSENSE)
		return need_and_look(own == 0 ? 1 : own - left);
	if (left >= claimed && (mb_fits(pdu.p, claimed, false) != FIT_NO ||
	    mb_fits(pdu.p, claimed, true) != FIT_NO) &&
	    (h->protocol != 0 || length_by_function(&pdu, h, !x->from_client, true) == 0))
		return take(x, &pdu, h, claimed, adu);
	if (h->protocol != 0) {
		if (sane && left < claimed && !x->datagram && own == claimed)
			return need(claimed - left);
		return lost(x, in);
	}
	found = length_by_function(&pdu, h, !x->from_client, true);
	if (found > 0 && !x->truncated) {
		st->owed[x->dir] = left == found && sane && claimed > found && claimed - found < 256 ?
		    (uint8_t)(claimed - found) : 0;
		return take(x, &pdu, h, found, adu);
	}
	if (!sane) {
		/* Its own length is all there is to go by. */
		if (own != UINT32_MAX && (own == 0 || own > left) && own <= MB_PDU_MAX &&
		    !x->datagram)
			return need_and_look(own == 0 ? 1 : own - left);
		dis_anomaly(x, NULL, ANOM_MB_LENGTH, 4, "no PDU has this length");
		return lost(x, in);
	}
	if (left < claimed) {
		if (x->datagram) {
			if (!x->truncated)
				dis_anomaly(x, NULL, ANOM_MB_LENGTH, 4, "longer than the datagram");
			return lost(x, in);
		}
		if (h->length > MB_LENGTH_MAX && *pdu.p != MB_UMAS && row_of_code(*pdu.p) == NULL)
			return lost(x, in);
		if (own == 0 && left < COUNT_AT)
			return need_and_look(1);
		if (own == 0 || own == claimed || own == UINT32_MAX)
			return need(claimed - left);
		return need_and_look(own > left && own < claimed ? own - left : claimed - left);
	}
	/* Too much or too little for its function, but the header tells where it ends. */
	if (h->length > MB_LENGTH_MAX && *pdu.p != MB_UMAS) {
		struct cursor rest = pdu;

		cur_skip(&rest, claimed);
		if (row_of_code(*pdu.p) == NULL || !may_begin(&rest))
			return lost(x, in);
	}
	return take(x, &pdu, h, claimed, adu);
}

struct dis_step
mb_mbap_cut(struct dis_ctx *x, const struct cursor *in, struct mb_adu *adu)
{
	struct mb_state *st = x->state;
	size_t have = cur_left(in);
	struct cursor c = *in;
	struct header h;
	uint32_t n;

	adu->pdu = NULL;
	if (st->owed[x->dir] > 0 && was_owed(x, in, &n)) {
		dis_anomaly(x, NULL, ANOM_MB_TRAILING, 0, "what the length of the last message "
		    "announced");
		return (struct dis_step){ .status = DIS_DONE, .used = n };
	}
	h = read_header(&c);
	if (!cur_ok(&c) || cur_left(&c) == 0)
		return x->datagram ? lost(x, in) : need((uint32_t)(MBAP_LEN + 2 - have));
	if (h.protocol != 0 || h.length < 3 || h.length > MB_LENGTH_MAX ||
	    have < MBAP_LEN + h.length ||
	    !mb_is_plainly_legal(c.p, h.length - 1u, !x->from_client))
		return cut_slowly(x, in, &h, adu);
	*adu = (struct mb_adu){
		.framing = x->datagram ? MODBUS_UDP : MODBUS_TCP,
		.transaction = h.transaction, .unit = h.unit,
		.pdu = c.p, .len = h.length - 1u, .legal = true,
	};
	return (struct dis_step){ .status = DIS_DONE, .used = MBAP_LEN + h.length };
}
