/* connection.c - TPDUs that open and end a connection of COTP class 0 (ISO 8073), and
 * what SIMATIC puts into them.
 */
#include "s7.h"

#include <string.h>

#include "base/str.h"
#include "dissect/pair.h"

/* ISO 8073 13.5.3; class 0 uses the first four. */
static const struct s7_word dr_reasons[] = {
	{ 0, "not specified" }, { 1, "congestion" }, { 2, "no session at the address" },
	{ 3, "address unknown" }, { 128, "normal disconnect" }, { 129, "congestion" },
	{ 130, "negotiation failed" }, { 131, "duplicate reference" },
	{ 132, "mismatched references" }, { 133, "protocol error" },
	{ 135, "reference overflow" }, { 136, "connection refused" },
	{ 138, "header or parameter length invalid" },
};
static const struct s7_word er_reasons[] = {
	{ 0, "not specified" }, { 1, "invalid parameter code" }, { 2, "invalid TPDU type" },
	{ 3, "invalid parameter value" },
};

static const char *
type_name(uint8_t type)
{
	switch (type) {
	case TPDU_CR:	return "CR";
	case TPDU_CC:	return "CC";
	case TPDU_DR:	return "DR";
	case TPDU_DC:	return "DC";
	default:	return "ER";
	}
}

/* SIMATIC: first byte the kind of connection, second rack (3 bits) and slot. */
static const char *
connection_type(uint8_t v)
{
	switch (v) {
	case 1:		return "PG";
	case 2:		return "OP";
	case 3:		return "S7 basic";
	default:	return v >= 0x10 ? "S7 configured" : NULL;
	}
}

/* What Siemens writes into the two bytes of a called TSAP: the kind of connection, rack and slot. */
static void
read_place(struct s7_cotp *h, struct cursor tsap)
{
	uint8_t kind = cur_u8(&tsap), place = cur_u8(&tsap);

	h->connection_type = connection_type(kind);
	h->has_place = h->connection_type != NULL;
	h->rack = place >> 5;
	h->slot = place & 0x1f;
}

static void
read_parameters(struct s7_pdu *p, struct cursor *c, struct s7_cotp *h)
{
	while (cur_left(c) > 0) {
		uint8_t code = cur_u8(c), len = cur_u8(c);
		struct cursor v = cur_take(c, len);

		if (!cur_ok(c)) {
			s7_wrong(p, ANOM_S7_COTP_LENGTH, 0, "a parameter is longer than its header");
			return;
		}
		switch (code) {
		case 0xc0:
			code = cur_u8(&v);
			h->tpdu_size = code >= 7 && code <= 13 ? 1u << code : 0;
			if (h->tpdu_size == 0)
				s7_wrong(p, ANOM_S7_VALUE, s7_at(p, &v), "TPDU size");
			break;
		case 0xc1:
			h->calling_tsap = (struct s7_bytes){ v.p, len };
			break;
		case 0xc2:
			h->called_tsap = (struct s7_bytes){ v.p, len };
			h->has_place = false;
			if (len == 2 && !p->response)
				read_place(h, v);
			break;
		default:
			break;
		}
	}
}

/* As whom a client connects.  The kind of connection that programming devices ask for is what libraries ask for, too,
 * unless told otherwise; the named endpoints of S7comm-plus are not. */
static uint8_t
asker_of(const struct s7_cotp *h)
{
	static const char tool[] = "SIMATIC-ROOT-ES", panel[] = "SIMATIC-ROOT-HMI";
	const struct s7_bytes *to = &h->called_tsap;

	if (to->len == sizeof(tool) - 1 && memcmp(to->p, tool, to->len) == 0)
		return OP_BY_TOOL;
	if (to->len == sizeof(panel) - 1 && memcmp(to->p, panel, to->len) == 0)
		return OP_BY_PANEL;
	if (!h->has_place)
		return 0;
	return to->p[0] == 1 ? OP_LIKE_TOOL : to->p[0] == 2 ? OP_BY_PANEL : 0;
}

static void
keep_tsap(struct s7_state *st, enum op_end end, const struct s7_bytes *b)
{
	st->tsap_len[end] = (uint8_t)(b->len < OP_LINK_MAX ? b->len : OP_LINK_MAX);
	if (st->tsap_len[end] > 0)
		memcpy(st->tsap[end], b->p, st->tsap_len[end]);
}

void
s7_cotp_read(struct dis_ctx *x, const uint8_t *bytes, uint32_t len, struct operation *op,
    struct s7_detail *d, bool response)
{
	struct s7_pdu p = { .x = x, .op = op, .detail = d, .bytes = bytes, .len = len,
	    .msg = response ? &d->response : &d->request, .response = response };
	struct cursor c = cur_of(bytes, len);
	struct s7_cotp *h = arena_zalloc(x->arena, 1, sizeof(*h));
	struct s7_state *st = x->state;

	p.msg->present = true;
	if (st->faults != 0)
		s7_frame_faults(x, &p);
	if (h == NULL)
		return;
	p.msg->cotp = h;
	cur_skip(&c, 1);
	h->type = cur_u8(&c) & 0xf0;
	h->type_name = type_name(h->type);
	h->dst_ref = cur_be16(&c);
	if (h->type != TPDU_ER)
		h->src_ref = cur_be16(&c);
	switch (h->type) {
	case TPDU_CR:
	case TPDU_CC:
		h->class_option = cur_u8(&c);
		if (cur_ok(&c) && h->class_option >> 4 != 0)
			s7_wrong(&p, ANOM_S7_COTP_CLASS, 6, NULL);
		read_parameters(&p, &c, h);
		break;
	case TPDU_DR:
		h->reason = cur_u8(&c);
		h->has_reason = true;
		h->reason_name = s7_name(dr_reasons, COUNTOF(dr_reasons), h->reason);
		break;
	case TPDU_ER:
		h->reason = cur_u8(&c);
		h->has_reason = true;
		h->reason_name = s7_name(er_reasons, COUNTOF(er_reasons), h->reason);
		break;
	default:
		break;
	}
	if (!cur_ok(&c))
		s7_wrong(&p, ANOM_S7_COTP_LENGTH, 0, "too short for its type");
	if (h->type == TPDU_CR) {
		keep_tsap(st, OP_CLIENT, &h->calling_tsap);
		keep_tsap(st, OP_SERVER, &h->called_tsap);
		st->asker = op->asker = asker_of(h);
		s7_links(x, op);
	}
	if (h->has_place && h->type == TPDU_CR) {
		st->unit = (uint16_t)(h->rack << 8 | h->slot);
		op->unit = st->unit;
	}
}

void
s7_name_connection(struct operation *op, uint8_t type)
{
	const struct func_desc *row = func_find(s7_funcs, S7_N_FUNCS,
	    type == TPDU_CC ? TPDU_CR : type == TPDU_DC ? TPDU_DR : type, FUNC_NO_SUB);

	op->function = row->code;
	op->name = row->name;
	op->intent = row->intent;
	op->command = row->command;
}

static void
request(struct dis_ctx *x, const struct s7_tsdu *t)
{
	struct operation op;
	struct s7_detail d = { .carrier = S7_COTP };
	struct cursor c = t->header;
	const struct s7_state *st = x->state;
	uint8_t faults = st->faults;
	uint16_t ref;

	s7_begin(x, &op, pair_next_id(x));
	cur_skip(&c, 2);
	ref = cur_be16(&c);
	s7_name_connection(&op, t->type);
	op.transaction = ref;
	op.request = dis_side(x, t->len);
	op.detail = &d;
	s7_cotp_read(x, t->p, t->len, &op, &d, false);
	op.phase = OP_REQUESTED;
	op.outcome = OUTCOME_PENDING;
	dis_operation(x, &op);
	pair_put(x, op.id, s7_key(S7_KEY_COTP, x->dir, ref),
	    t->type | (uint32_t)faults << S7_NOTE_FAULTS, t->p, t->len);
}

/* The connection is over: its jobs will not be answered. */
static void
end_connection(struct dis_ctx *x, const char *how)
{
	struct s7_state *st = x->state;
	enum flow_dir dir = x->dir;

	for (unsigned end = 0; end < 2; end++) {
		x->dir = (enum flow_dir)end;
		s7_fragments_end(x);
	}
	x->dir = dir;
	st->closing = how;
	pair_give_up_all(x);
	st->closing = NULL;
	st->requests = 0;
}

/* A disconnect request waits for its confirm, which in class 0 need not come. */
static void
disconnect(struct dis_ctx *x, const struct s7_tsdu *t)
{
	struct s7_state *st = x->state;
	struct s7_detail d = { .carrier = S7_COTP };
	struct cursor c = t->header;
	uint8_t faults = st->faults;
	struct operation op;
	uint16_t ref;

	end_connection(x, "disconnect request");
	cur_skip(&c, 2);
	ref = cur_be16(&c);
	s7_begin(x, &op, pair_next_id(x));
	s7_cotp_read(x, t->p, t->len, &op, &d, false);	/* for its anomalies */
	pair_put(x, op.id, s7_key(S7_KEY_END, x->dir, ref),
	    t->type | (uint32_t)faults << S7_NOTE_FAULTS, t->p, t->len);
}

void
s7_disconnect_alone(struct dis_ctx *x, const struct pending *pend)
{
	struct s7_state *st = x->state;
	struct s7_detail d = { .carrier = S7_COTP };
	uint8_t faults = st->faults;
	struct cursor c;
	struct operation op;

	s7_begin(x, &op, pend->id);
	s7_name_connection(&op, TPDU_DR);
	op.response = pend->request;
	op.outcome = OUTCOME_UNSOLICITED;
	op.phase = OP_FINISHED;
	op.detail = &d;
	if (pend->len > 0) {
		c = cur_of(pend->bytes, pend->len);
		cur_skip(&c, 2);
		op.transaction = cur_be16(&c);
		st->faults = s7_note_faults(pend);
		s7_cotp_read(x, pend->bytes, pend->len, &op, &d, true);
		st->faults = faults;
	}
	dis_operation(x, &op);
}

/* What answers a CR: CC, or DR; what answers a DR: DC.  They name the caller's
 * reference as their destination.  An ER behind data is no refusal: the CR was
 * accepted, though that was not seen. */
static void
answer(struct dis_ctx *x, const struct s7_tsdu *t, bool must)
{
	struct s7_state *st = x->state;
	struct operation op;
	struct s7_detail d = { .carrier = S7_COTP };
	struct cursor c = t->header;
	uint16_t ref = cur_be16(&c);
	uint32_t kind = t->type == TPDU_DC ? S7_KEY_END : S7_KEY_COTP;
	struct pending pend;
	uint8_t faults = st->faults;
	bool again = x->again;
	bool late = st->data && t->type == TPDU_ER;

	if (!late && pair_take(x, s7_key(kind, x->dir ^ 1u, ref), &pend)) {
		s7_begin(x, &op, pend.id);
		op.request = pend.request;
		op.outcome = OUTCOME_ANSWERED;
		s7_name_connection(&op, (uint8_t)pend.note);
		if (pend.len > 0) {
			x->again = true;
			st->faults = s7_note_faults(&pend);
			s7_cotp_read(x, pend.bytes, pend.len, &op, &d, false);
			st->faults = faults;
			x->again = again;
		}
	} else {
		s7_begin(x, &op, pair_next_id(x));
		op.outcome = must ? OUTCOME_ONE_SIDED : OUTCOME_UNSOLICITED;
		s7_name_connection(&op, t->type);
	}
	op.transaction = ref;
	op.response = dis_side(x, t->len);
	op.phase = OP_FINISHED;
	op.detail = &d;
	s7_cotp_read(x, t->p, t->len, &op, &d, true);
	if (op.request.seen && t->type != TPDU_CC && t->type != TPDU_DC) {
		op.outcome = OUTCOME_EXCEPTION;
		op.exception = d.response.cotp != NULL ? d.response.cotp->reason : 0;
		op.exception_name = d.response.cotp != NULL ? d.response.cotp->reason_name : NULL;
	}
	dis_operation(x, &op);
}

void
s7_connection(struct dis_ctx *x, const struct s7_tsdu *t)
{
	struct s7_state *st = x->state;
	struct cursor c = t->header;
	uint16_t ref = cur_be16(&c);

	switch (t->type) {
	case TPDU_CR:
		dis_set_client(x, true);
		if (st->data)
			end_connection(x, "new connection request");
		st->data = false;
		request(x, t);
		break;
	case TPDU_CC:
		dis_set_client(x, false);
		answer(x, t, true);
		break;
	case TPDU_DC:
		answer(x, t, true);
		break;
	case TPDU_DR:
		/* It refuses a CR, or ends a connection. */
		if (!st->data && pair_has(x, s7_key(S7_KEY_COTP, x->dir ^ 1u, ref)))
			answer(x, t, true);
		else
			disconnect(x, t);
		break;
	default:
		answer(x, t, false);
		break;
	}
}
