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

/* x^16+x^13+x^12+x^11+x^10+x^8+x^6+x^5+x^2+1, lowest bit first (1815 9.2.4.3). */
static const uint16_t crc_of[256] = {
	0x0000, 0x365e, 0x6cbc, 0x5ae2, 0xd978, 0xef26, 0xb5c4, 0x839a,
	0xff89, 0xc9d7, 0x9335, 0xa56b, 0x26f1, 0x10af, 0x4a4d, 0x7c13,
	0xb26b, 0x8435, 0xded7, 0xe889, 0x6b13, 0x5d4d, 0x07af, 0x31f1,
	0x4de2, 0x7bbc, 0x215e, 0x1700, 0x949a, 0xa2c4, 0xf826, 0xce78,
	0x29af, 0x1ff1, 0x4513, 0x734d, 0xf0d7, 0xc689, 0x9c6b, 0xaa35,
	0xd626, 0xe078, 0xba9a, 0x8cc4, 0x0f5e, 0x3900, 0x63e2, 0x55bc,
	0x9bc4, 0xad9a, 0xf778, 0xc126, 0x42bc, 0x74e2, 0x2e00, 0x185e,
	0x644d, 0x5213, 0x08f1, 0x3eaf, 0xbd35, 0x8b6b, 0xd189, 0xe7d7,
	0x535e, 0x6500, 0x3fe2, 0x09bc, 0x8a26, 0xbc78, 0xe69a, 0xd0c4,
	0xacd7, 0x9a89, 0xc06b, 0xf635, 0x75af, 0x43f1, 0x1913, 0x2f4d,
	0xe135, 0xd76b, 0x8d89, 0xbbd7, 0x384d, 0x0e13, 0x54f1, 0x62af,
	0x1ebc, 0x28e2, 0x7200, 0x445e, 0xc7c4, 0xf19a, 0xab78, 0x9d26,
	0x7af1, 0x4caf, 0x164d, 0x2013, 0xa389, 0x95d7, 0xcf35, 0xf96b,
	0x8578, 0xb326, 0xe9c4, 0xdf9a, 0x5c00, 0x6a5e, 0x30bc, 0x06e2,
	0xc89a, 0xfec4, 0xa426, 0x9278, 0x11e2, 0x27bc, 0x7d5e, 0x4b00,
	0x3713, 0x014d, 0x5baf, 0x6df1, 0xee6b, 0xd835, 0x82d7, 0xb489,
	0xa6bc, 0x90e2, 0xca00, 0xfc5e, 0x7fc4, 0x499a, 0x1378, 0x2526,
	0x5935, 0x6f6b, 0x3589, 0x03d7, 0x804d, 0xb613, 0xecf1, 0xdaaf,
	0x14d7, 0x2289, 0x786b, 0x4e35, 0xcdaf, 0xfbf1, 0xa113, 0x974d,
	0xeb5e, 0xdd00, 0x87e2, 0xb1bc, 0x3226, 0x0478, 0x5e9a, 0x68c4,
	0x8f13, 0xb94d, 0xe3af, 0xd5f1, 0x566b, 0x6035, 0x3ad7, 0x0c89,
	0x709a, 0x46c4, 0x1c26, 0x2a78, 0xa9e2, 0x9fbc, 0xc55e, 0xf300,
	0x3d78, 0x0b26, 0x51c4, 0x679a, 0xe400, 0xd25e, 0x88bc, 0xbee2,
	0xc2f1, 0xf4af, 0xae4d, 0x9813, 0x1b89, 0x2dd7, 0x7735, 0x416b,
	0xf5e2, 0xc3bc, 0x995e, 0xaf00, 0x2c9a, 0x1ac4, 0x4026, 0x7678,
	0x0a6b, 0x3c35, 0x66d7, 0x5089, 0xd313, 0xe54d, 0xbfaf, 0x89f1,
	0x4789, 0x71d7, 0x2b35, 0x1d6b, 0x9ef1, 0xa8af, 0xf24d, 0xc413,
	0xb800, 0x8e5e, 0xd4bc, 0xe2e2, 0x6178, 0x5726, 0x0dc4, 0x3b9a,
	0xdc4d, 0xea13, 0xb0f1, 0x86af, 0x0535, 0x336b, 0x6989, 0x5fd7,
	0x23c4, 0x159a, 0x4f78, 0x7926, 0xfabc, 0xcce2, 0x9600, 0xa05e,
	0x6e26, 0x5878, 0x029a, 0x34c4, 0xb75e, 0x8100, 0xdbe2, 0xedbc,
	0x91af, 0xa7f1, 0xfd13, 0xcb4d, 0x48d7, 0x7e89, 0x246b, 0x1235,
};

uint16_t
dn_crc(const uint8_t *p, size_t n)
{
	unsigned crc = 0;

	for (size_t i = 0; i < n; i++)
		crc = crc >> 8 ^ crc_of[(crc ^ p[i]) & 0xff];
	return (uint16_t)(crc ^ 0xffff);
}

bool
dn_crc_good(const uint8_t *p, size_t n)
{
#ifdef FUZZING_BUILD_MODE_UNSAFE_FOR_PRODUCTION
	(void)p;
	(void)n;
	return true;
#else
	struct cursor c = cur_of(p, n + 2);

	cur_skip(&c, n);
	return cur_le16(&c) == dn_crc(p, n);
#endif
}

/* Take the CRCs out of the user data behind a header.  False: one is wrong. */
static bool
take_out(struct cursor *c, uint32_t len, uint8_t *to)
{
	bool good = true;

	while (len > 0) {
		uint32_t n = len < DN_BLOCK ? len : DN_BLOCK;
		struct cursor block = cur_take(c, n + 2);

		if (!cur_ok(&block))
			return false;
		good &= dn_crc_good(block.p, n);
		if (to != NULL) {
			memcpy(to, block.p, n);
			to += n;
		}
		len -= n;
	}
	return good;
}

/* Bytes here are no frame: skip at least one. */
static struct dis_step
not_ours(struct dis_ctx *x, const struct cursor *in, enum anomaly_id id, uint32_t offset)
{
	if (!x->cut)
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
	struct cursor c = in;
	uint8_t s0 = cur_u8(&c), s1 = cur_u8(&c), length = cur_u8(&c), *to;
	uint32_t have = (uint32_t)cur_left(&in), whole;

	if ((have > 0 && s0 != 0x05) || (have > 1 && s1 != 0x64))
		return not_ours(x, &in, ANOM_DNP3_SYNC, 0);
	if (have < DN_HEADER)
		return more(x, &in, DN_HEADER - have);
	if (!dn_crc_good(in.p, DN_HEADER - 2))
		return not_ours(x, &in, ANOM_DNP3_LINK_CRC, DN_HEADER - 2);
	if (length < DN_LENGTH_MIN)
		return not_ours(x, &in, ANOM_DNP3_LEN_TOO_SMALL, 2);
	whole = dn_frame_len(length);
	if (have < whole)
		return more(x, &in, whole - have);
	*f = (struct dn_frame){ .len = length - DN_LENGTH_MIN };
	f->control = cur_u8(&c);
	f->dst = cur_le16(&c);
	f->src = cur_le16(&c);
	cur_skip(&c, 2);
	/* One block, as polls are, is read where it lies. */
	to = f->len > DN_BLOCK ? arena_alloc(x->arena, f->len) : NULL;
	f->user = to != NULL ? to : c.p;
	if (!take_out(&c, f->len, to)) {
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
static uint16_t
outstation_of(const struct dn_frame *f)
{
	return dn_from_master(f) ? f->dst : f->src;
}

static void
name_link(struct dis_ctx *x, struct operation *op, uint32_t function)
{
	const struct func_desc *row = dis_func(x, function, FUNC_NO_SUB);

	op->function = function;
	op->name = row != NULL ? row->name : "Link: Reserved";
	op->intent = row != NULL ? row->intent : INTENT_UNKNOWN;
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
		dis_anomaly(x, op, ANOM_DNP3_LINK_LENGTH, 2, "user data is missing");
}

static void
link_request(struct dis_ctx *x, const struct dn_frame *f)
{
	struct dnp3_detail d = { .request = message_of(f) };
	struct operation op = { .id = pair_next_id(x), .flow = x->flow, .proto = OP_DNP3,
	    .unit = outstation_of(f), .outcome = OUTCOME_PENDING,
	    .broadcast = dn_is_broadcast(f->dst), .detail = &d };
	unsigned fn = dn_link_function(f);

	op.request = dis_side(x, dn_frame_len((uint8_t)(f->len + DN_LENGTH_MIN)));
	d.no_answer = op.broadcast || fn == 3 || fn == 4;
	name_link(x, &op, DN_LINK_PRIMARY + fn);
	check_control(x, &op, f);
	dis_operation(x, &op);
	if (d.no_answer) {
		op.phase = OP_FINISHED;
		op.outcome = OUTCOME_UNANSWERED;
		dis_operation(x, &op);
		return;
	}
	pair_put(x, op.id, dn_key(f->src, f->dst, true, 0),
	    (uint32_t)f->src << 16 | f->dst, &f->control, 1);
}

/* What a waiting request of the link layer was, from its one kept octet. */
static struct dn_frame
request_of(const struct pending *p)
{
	return (struct dn_frame){ .control = p->len > 0 ? p->bytes[0] : 0,
	    .src = (uint16_t)(p->note >> 16), .dst = (uint16_t)p->note };
}

static void
link_answer(struct dis_ctx *x, const struct dn_frame *f)
{
	struct dnp3_detail d = { .response = message_of(f) };
	struct operation op = { .flow = x->flow, .proto = OP_DNP3, .phase = OP_FINISHED,
	    .unit = outstation_of(f), .outcome = OUTCOME_ANSWERED, .detail = &d };
	unsigned fn = dn_link_function(f);
	struct pending pend;

	if (pair_take(x, dn_key(f->dst, f->src, true, 0), &pend)) {
		struct dn_frame asked = request_of(&pend);
		bool again = x->again;

		op.id = pend.id;
		op.request = pend.request;
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
		/* The answer to confirmed user data, or to what was not seen. */
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
	struct dn_frame asked = request_of(pend);
	struct dnp3_detail d = { .request = message_of(&asked) };
	struct operation op = { .id = pend->id, .flow = x->flow, .proto = OP_DNP3,
	    .phase = OP_FINISHED, .unit = outstation_of(&asked), .outcome = how,
	    .request = pend->request, .detail = &d };

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

