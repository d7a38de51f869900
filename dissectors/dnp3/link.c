/* link.c - link frames (1815 clause 9): CRCs checked and taken out, and what the
 * link layer says by itself.
 *
 *	05 64, length 1, control 1, destination 2, source 2, CRC 2,
 *	then up to 16 octets of user data and their CRC, as often as needed
 *
 * The length counts control, addresses and user data, not CRCs.
 */
#include "dnp3.h"

#include <string.h>

#include "base/str.h"
#include "dissect/pair.h"

/* Take the CRCs out of the `len` octets of user data at `p`: all of them and their
 * CRCs are there, as dn_frame_len() counts them.  False: one is wrong. */
static bool
take_out(const uint8_t *p, uint32_t len, uint8_t *to)
{
	bool good = true;

	while (len > 0) {
		uint32_t n = len < DN_BLOCK ? len : DN_BLOCK;

		good &= dn_crc_good(p, n);
		if (to != NULL) {
			memcpy(to, p, n);
			to += n;
		}
		p += n + 2;
		len -= n;
	}
	return good;
}

/* Bytes here are no frame: skip at least one. */
static struct dis_step
not_ours(struct dis_ctx *x, const struct cursor *in, enum anomaly_id id, uint32_t offset)
{
	if (!x->truncated)
		dis_anomaly(x, NULL, id, offset, NULL);
	return (struct dis_step){ .status = DIS_RESYNC,
	    .used = x->datagram ? (uint32_t)cur_left(in) : 1 };
}

static struct dis_step
more(struct dis_ctx *x, const struct cursor *in, uint32_t need)
{
	if (x->datagram)
		return not_ours(x, in, ANOM_DNP3_SHORT, (uint32_t)cur_left(in));
	return (struct dis_step){ .status = DIS_NEED_MORE, .need = need };
}

static void
check_addresses(struct dis_ctx *x, const struct dn_frame *f)
{
	if (dn_is_broadcast(f->src) || f->src == DN_SELF)
		dis_anomaly(x, NULL, ANOM_DNP3_ADDRESS, 6, "a source must be one device");
	else if ((f->src >= DN_RESERVED && f->src < DN_SELF) ||
	    (f->dst >= DN_RESERVED && f->dst < DN_SELF))
		dis_anomaly(x, NULL, ANOM_DNP3_ADDRESS, 4, "FFF0 to FFFB are reserved");
}

struct dis_step
dn_cut(struct dis_ctx *x, struct cursor in, struct dn_frame *f)
{
	uint32_t have = (uint32_t)cur_left(&in), whole;
	const uint8_t *b = in.p;
	uint8_t length, *to;

	if ((have > 0 && b[0] != 0x05) || (have > 1 && b[1] != 0x64))
		return not_ours(x, &in, ANOM_DNP3_SYNC, 0);
	if (have < DN_HEADER)
		return more(x, &in, DN_HEADER - have);
	if (!dn_crc_good(b, DN_HEADER - 2))
		return not_ours(x, &in, ANOM_DNP3_LINK_CRC, DN_HEADER - 2);
	length = b[2];
	if (length < DN_LENGTH_MIN)
		return not_ours(x, &in, ANOM_DNP3_LEN_TOO_SMALL, 2);
	whole = dn_frame_len(length);
	if (have < whole)
		return more(x, &in, whole - have);
	*f = (struct dn_frame){ .len = length - DN_LENGTH_MIN, .control = b[3],
	    .dst = le16_of(b + 4), .src = le16_of(b + 6) };
	b += DN_HEADER;
	/* One block, as polls are, is read where it lies. */
	to = f->len > DN_BLOCK ? arena_alloc(x->arena, f->len) : NULL;
	f->user = to != NULL ? to : b;
	if (!take_out(b, f->len, to)) {
		dis_anomaly(x, NULL, ANOM_DNP3_BLOCK_CRC, DN_HEADER, NULL);
		f->broken = true;
	} else if (f->len > DN_BLOCK && to == NULL) {
		count(x->counters, CNT_APP_ARENA_FULL);
		f->broken = true;
	}
	check_addresses(x, f);
	return (struct dis_step){ .status = DIS_DONE, .used = whole };
}

/* ---- what the link layer says by itself ---- */

static struct dnp3_message
message_of(const struct dn_frame *f)
{
	return (struct dnp3_message){ .present = true, .complete = true, .link = f->control,
	    .src = f->src, .dst = f->dst, .frames = 1,
	    .link_len = (uint8_t)(f->len + DN_LENGTH_MIN) };
}

/* The device is the one that is not the master. */
static void
set_ends(struct operation *op, const struct dn_frame *f)
{
	dn_set_ends(op, dn_from_master(f) ? f->src : f->dst, dn_from_master(f) ? f->dst : f->src);
}

static void
name_link(struct dis_ctx *x, struct operation *op, uint32_t function)
{
	const struct func_desc *row = dis_func(x, function, FUNC_NO_SUB);

	op->function = function;
	op->name = row != NULL ? row->name : "Link: Reserved";
	op->intent = row != NULL ? row->intent : INTENT_UNKNOWN;
	op->command = row != NULL ? row->command : CMD_NONE;
	if (row == NULL)
		dis_anomaly(x, op, ANOM_DNP3_LINK_FUNCTION, 3, NULL);
}

/* FCV says whether FCB counts: 1815 9.2.4.1.2. */
static void
check_control(struct dis_ctx *x, struct operation *op, const struct dn_frame *f)
{
	unsigned fn = dn_link_function(f);
	bool counts = fn == 2 || fn == 3;

	if (dn_primary(f) && ((f->control & DNP3_LINK_FCV) != 0) != counts && fn < 10)
		dis_anomaly(x, op, ANOM_DNP3_LINK_CONTROL, 3, "FCV does not fit the function");
	if (f->len > 0 && !(dn_primary(f) && (fn == 3 || fn == 4)))
		dis_anomaly(x, op, ANOM_DNP3_LINK_LENGTH, 2, "this function carries no data");
	if (f->len == 0 && dn_primary(f) && (fn == 3 || fn == 4))
		dis_anomaly(x, op, ANOM_DNP3_LEN_TOO_SMALL, 2, "user data is missing");
}

/* Control and length octet are kept. */
static void
wait_for_answer(struct dis_ctx *x, const struct dn_frame *f, uint64_t id)
{
	uint8_t kept[2] = { f->control, (uint8_t)(f->len + DN_LENGTH_MIN) };

	pair_put(x, id, dn_key(f->src, f->dst, true, 0), (uint32_t)f->src << 16 | f->dst,
	    kept, sizeof(kept));
}

static void
link_request(struct dis_ctx *x, const struct dn_frame *f)
{
	struct dnp3_detail d = { .request = message_of(f) };
	struct operation op = { .id = pair_next_id(x), .flow = x->flow, .proto = OP_DNP3,
	    .outcome = OUTCOME_PENDING,
	    .broadcast = dn_is_broadcast(f->dst), .detail = &d };
	unsigned fn = dn_link_function(f);

	set_ends(&op, f);
	op.request = dis_side(x, dn_frame_len((uint8_t)(f->len + DN_LENGTH_MIN)));
	d.no_answer = op.broadcast || fn == 3 || fn == 4;
	name_link(x, &op, DN_LINK_PRIMARY + fn);
	check_control(x, &op, f);
	dis_operation(x, &op);
	if (d.no_answer) {
		op.phase = OP_FINISHED;
		op.outcome = OUTCOME_NO_ANSWER_EXPECTED;
		dis_operation(x, &op);
		return;
	}
	wait_for_answer(x, f, op.id);
}

void
dn_link_expects(struct dis_ctx *x, const struct dn_frame *f)
{
	if (!dn_is_broadcast(f->dst))
		wait_for_answer(x, f, pair_next_id(x));
}

/* What a waiting request of the link layer was, and its side of the operation. */
static struct dn_frame
request_of(const struct pending *p, struct operation *op)
{
	struct dn_frame f = { .src = (uint16_t)(p->note >> 16), .dst = (uint16_t)p->note };

	op->request = p->request;
	if (p->len > 1) {
		f.control = p->bytes[0];
		f.len = p->bytes[1] - DN_LENGTH_MIN;
		op->request.len = dn_frame_len(p->bytes[1]);
	}
	return f;
}

static void
link_answer(struct dis_ctx *x, const struct dn_frame *f)
{
	struct dnp3_detail d = { .response = message_of(f) };
	struct operation op = { .flow = x->flow, .proto = OP_DNP3, .phase = OP_FINISHED,
	    .outcome = OUTCOME_ANSWERED, .detail = &d };
	unsigned fn = dn_link_function(f);
	struct pending pend;

	set_ends(&op, f);
	if (pair_take(x, dn_key(f->dst, f->src, true, 0), &pend)) {
		struct dn_frame asked = request_of(&pend, &op);
		bool again = x->again;

		op.id = pend.id;
		d.request = message_of(&asked);
		x->again = true;
		name_link(x, &op, DN_LINK_PRIMARY + dn_link_function(&asked));
		x->again = again;
		op.response = dis_side(x, DN_HEADER);
		if (dis_func(x, DN_LINK_SECONDARY + fn, FUNC_NO_SUB) == NULL)
			dis_anomaly(x, &op, ANOM_DNP3_LINK_FUNCTION, 3, NULL);
		if (fn == 1 || fn >= 14) {
			op.outcome = OUTCOME_EXCEPTION;
			op.exception = DN_LINK_SECONDARY + fn;
			op.exception_name = fn == 1 ? "NACK" :
			    fn == 14 ? "NOT_FUNCTIONING" : "NOT_SUPPORTED";
		}
	} else {
		/* The answer to what was not seen. */
		op.id = pair_next_id(x);
		op.response = dis_side(x, DN_HEADER);
		name_link(x, &op, DN_LINK_SECONDARY + fn);
		op.outcome = OUTCOME_ONE_SIDED;
	}
	check_control(x, &op, f);
	dis_operation(x, &op);
}

void
dn_link_unanswered(struct dis_ctx *x, const struct pending *pend, enum op_outcome how)
{
	struct operation op = { .id = pend->id, .flow = x->flow, .proto = OP_DNP3,
	    .phase = OP_FINISHED, .outcome = how };
	struct dn_frame asked = request_of(pend, &op);
	struct dnp3_detail d = { .request = message_of(&asked) };

	set_ends(&op, &asked);
	op.detail = &d;
	name_link(x, &op, DN_LINK_PRIMARY + dn_link_function(&asked));
	dis_operation(x, &op);
}

void
dn_link_message(struct dis_ctx *x, const struct dn_frame *f)
{
	if (dn_primary(f))
		link_request(x, f);
	else
		link_answer(x, f);
}

