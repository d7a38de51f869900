/* cotp.c - cuts TPKTs off, and joins data that come in several TPDUs (RFC 1006, ISO 8073
 * class 0), the carrier of S7.
 */
#include "s7.h"

#include <string.h>

#define TPKT_LEN	4u
#define DT_LI		2u	/* header length of a class 0 DT */
#define SEEN_OWN_LEN	(S7_TPKT_MIN + 10u)	/* bytes that say how long a message is */
#define SEEN_AT_ONCE	8u	/* bytes that show whether a frame begins, whatever its fault is */

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
cut_fragments(struct dis_ctx *x, struct cursor in, const struct s7_frame *first,
    struct s7_tsdu *t)
{
	struct s7_state *st = x->state;
	uint32_t off = 0, total = 0, n = 0, have = (uint32_t)cur_left(&in), need = 0;
	struct s7_frame f = *first;
	uint8_t *to;

	for (;;) {
		struct cursor at = in;

		off += f.len;
		total += f.len - f.data_at;
		n++;
		if (f.eot)
			break;
		cur_skip(&at, off);
		if (off + S7_TPKT_MIN > S7_TPKT_MAX)
			goto endless;
		switch (s7_frame_at(&at, &f)) {
		case S7_FIT_NO:
			goto endless;
		case S7_FIT_SHORT:
			need = off + S7_TPKT_MIN - have;
			break;
		default:
			f.len = f.announced;	/* what is inside has no head of its own */
			if (f.data == NULL || (f.faults & ~S7_FAULT_LENGTH) != 0 ||
			    f.len < S7_TPKT_MIN || off + f.len > S7_TPKT_MAX)
				goto endless;
			if (cur_left(&at) < f.len)
				need = off + f.len - have;
			break;
		}
		if (need > 0) {
			st->fragments[x->dir] = (uint16_t)n;
			st->fragments_frame = x->frame;
			return (struct dis_step){ .status = DIS_NEED_MORE, .need = need };
		}
	}
	st->fragments[x->dir] = 0;
	to = arena_alloc(x->arena, total > 0 ? total : 1);
	t->p = to;
	t->len = to != NULL ? total : 0;
	t->fragments = n;
	for (uint32_t at = 0, put = 0; to != NULL && at < off;) {
		struct cursor c = in;
		uint32_t len;

		cur_skip(&c, at);
		cur_skip(&c, 2);
		len = at == 0 ? first->len : cur_be16(&c);
		memcpy(to + put, in.p + at + S7_TPKT_MIN, len - S7_TPKT_MIN);
		put += len - S7_TPKT_MIN;
		at += len;
	}
	return (struct dis_step){ .status = DIS_DONE, .used = off };
endless:
	/* Read what the first one holds; the others stand alone. */
	st->fragments[x->dir] = 0;
	dis_anomaly(x, NULL, ANOM_S7_FRAGMENTS, 6, NULL);
	t->p = first->data;
	t->len = first->len - first->data_at;
	t->fragments = 1;
	t->cut = true;
	return (struct dis_step){ .status = DIS_DONE, .used = first->len };
}

void
s7_fragments_end(struct dis_ctx *x)
{
	struct s7_state *st = x->state;
	uint64_t frame = x->frame;

	if (st->fragments[x->dir] == 0)
		return;
	st->fragments[x->dir] = 0;
	x->frame = frame != 0 ? frame : st->fragments_frame;
	dis_anomaly(x, NULL, ANOM_S7_FRAGMENTS, 6, "the last one never came");
	x->frame = frame;
}

/* No frame begins here: say why, and let pass what claims to be one. */
static struct dis_step
no_frame(struct dis_ctx *x, struct cursor in)
{
	uint32_t have = (uint32_t)cur_left(&in), len, use;
	struct cursor c = in;
	uint8_t version = cur_u8(&c), reserved = cur_u8(&c), li;

	len = cur_be16(&c);
	/* Not if this is all of it, as it says. */
	if (have < SEEN_AT_ONCE && (version == 3 || have < 2 || reserved == 0) &&
	    (!cur_ok(&c) || len != have))
		return (struct dis_step){ .status = DIS_NEED_MORE, .need = SEEN_AT_ONCE - have };
	if (version != 3)
		return lost();
	if (len < S7_TPKT_MIN) {
		dis_anomaly(x, NULL, ANOM_S7_TPKT_LENGTH, 2, "shorter than any TPDU");
		return lost();
	}
	use = len < S7_TPKT_MAX ? len : S7_TPKT_MAX;
	if (have < use)
		return (struct dis_step){ .status = DIS_NEED_MORE, .need = use - have };
	li = cur_u8(&c);
	if (li < DT_LI || li + 5u > use)
		dis_anomaly(x, NULL, ANOM_S7_COTP_LENGTH, 4, "header longer than its TPKT");
	else
		dis_anomaly(x, NULL, ANOM_S7_COTP_TYPE, 5, NULL);
	return (struct dis_step){ .status = DIS_DONE, .used = use };
}

static struct dis_step
whole(struct dis_ctx *x, const struct s7_frame *f, uint32_t have, uint32_t use)
{
	return f->len > use ? too_long(x, have, f->len) :
	    (struct dis_step){ .status = DIS_DONE, .used = use };
}

struct dis_step
s7_cut(struct dis_ctx *x, struct cursor in, struct s7_tsdu *t)
{
	uint32_t have = (uint32_t)cur_left(&in), use;
	struct s7_state *st = x->state;
	struct s7_frame f;
	enum s7_fit fit = s7_frame_at(&in, &f);
	struct cursor c;

	*t = (struct s7_tsdu){ .type = 0 };
	if (fit == S7_FIT_NO)
		return no_frame(x, in);
	if (fit == S7_FIT_SHORT)
		return (struct dis_step){ .status = DIS_NEED_MORE, .need =
		    (have < S7_TPKT_MIN ? S7_TPKT_MIN : SEEN_OWN_LEN) - have };
	use = f.len < S7_TPKT_MAX ? f.len : S7_TPKT_MAX;
	/* Before all of it is waited for, its own length must have been seen. */
	if (have < SEEN_OWN_LEN && have < use && f.data != NULL && use > SEEN_OWN_LEN)
		use = SEEN_OWN_LEN;
	if (have < use)
		return (struct dis_step){ .status = DIS_NEED_MORE, .need = use - have };
	t->type = f.type & 0xf0;
	if (t->type != TPDU_DT) {
		st->faults = f.faults;
		if (t->type != TPDU_CR && t->type != TPDU_CC && t->type != TPDU_DR &&
		    t->type != TPDU_DC && t->type != TPDU_ER) {
			dis_anomaly(x, NULL, ANOM_S7_COTP_TYPE, 5, "not of class 0");
			t->type = 0;
		}
		c = cur_of(in.p, use);
		cur_skip(&c, TPKT_LEN + 2);
		t->header = cur_take(&c, f.li - 1u);
		t->p = in.p + TPKT_LEN;
		t->len = f.li + 1u;
		return whole(x, &f, have, use);
	}
	if (!f.eot && f.data_at == S7_TPKT_MIN && f.len > S7_TPKT_MIN && f.len <= S7_TPKT_MAX) {
		struct dis_step step = cut_fragments(x, in, &f, t);

		if (step.status == DIS_DONE)
			st->faults = f.faults;
		return step;
	}
	st->faults = f.faults;
	t->p = f.data;
	t->len = use - f.data_at;
	t->fragments = 1;
	t->cut = f.len > use;
	t->missing = f.len - use;
	return whole(x, &f, have, use);
}
