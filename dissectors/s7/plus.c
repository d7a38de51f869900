/* plus.c - S7comm-plus as far as it is in the clear.
 *
 *	0x72, version 1, length 2, data, and at the end of a message a trailer
 *	0x72, version 1, 0 2.  A fragment has no trailer: more follows.
 *	version 3: data begin with 32 and an integrity part of 32 bytes (a HMAC)
 *	request 0x31: 0 2, function 2, 0 2, sequence 2, session 4, flags 1, ...
 *	response 0x32: 0 2, function 2, 0 2, sequence 2, flags 1, return value, ...
 *	notification 0x33: subscription 4, ...
 *
 * Firmware of today agrees on TLS (Init SSL) and everything behind it is encrypted.
 */
#include "s7.h"

#include <string.h>

#include "base/str.h"

enum { OP_REQUEST = 0x31, OP_RESPONSE = 0x32, OP_NOTIFY = 0x33, OP_RESPONSE2 = 0x02 };
#define VERSION_EVENT	0xfeu
#define CODE_NOTIFY	0x0033u
#define CODE_RESPONSE2	0x0002u
#define CODE_CONTINUED	0x0003u
#define CODE_EVENT	0x00feu
#define FN_CREATE	0x04cau
#define FN_SET_VARIABLE 0x04f2u
#define EXECUTION_UNIT	52u
#define STATE_REQUEST	2167u	/* attribute: the operating mode that is asked for */

struct head {
	uint8_t		 version, opcode;
	uint16_t	 len, function, sequence;
	bool		 ok, trailer, has_function, has_session;
	uint32_t	 session;
	struct cursor	 integrity, rest;
};

static struct head
head_of(const uint8_t *p, uint32_t len)
{
	struct cursor c = cur_of(p, len), d;
	struct head h = { 0 };

	h.integrity = h.rest = cur_of(NULL, 0);
	cur_skip(&c, 1);
	h.version = cur_u8(&c);
	h.len = cur_be16(&c);
	if (!cur_ok(&c))
		return h;
	h.ok = h.len <= cur_left(&c);
	d = cur_take(&c, h.ok ? h.len : cur_left(&c));
	h.trailer = cur_left(&c) >= 4 && c.p[0] == S7P_ID && c.p[2] == 0 && c.p[3] == 0;
	if (h.version == VERSION_EVENT) {
		h.rest = d;
		return h;
	}
	if (h.version == 3 && cur_left(&d) > 32 && *d.p == 32) {
		cur_skip(&d, 1);
		h.integrity = cur_take(&d, 32);
	}
	h.opcode = cur_u8(&d);
	if (h.opcode == OP_REQUEST || h.opcode == OP_RESPONSE) {
		cur_skip(&d, 2);
		h.function = cur_be16(&d);
		cur_skip(&d, 2);
		h.sequence = cur_be16(&d);
		if (h.opcode == OP_REQUEST) {
			h.session = cur_be32(&d);
			h.has_session = cur_ok(&d);
		}
		h.has_function = cur_ok(&d);
	}
	h.rest = d;
	return h;
}

int8_t
s7p_role(const uint8_t *p, uint32_t len)
{
	struct head h = head_of(p, len);

	return h.opcode == OP_REQUEST ? 1 : h.opcode == OP_RESPONSE || h.opcode == OP_NOTIFY ?
	    -1 : 0;
}

bool
s7_is_tls(const uint8_t *p, uint32_t len)
{
	struct cursor c = cur_of(p, len);
	uint8_t type = cur_u8(&c), major = cur_u8(&c), minor = cur_u8(&c);
	uint16_t n = cur_be16(&c);

	return cur_ok(&c) && type >= 0x14 && type <= 0x17 && major == 3 && minor <= 4 && n > 0 &&
	    n <= 16384 + 2048;
}

/* Variable length: seven bits a byte, the ninth has eight. */
static uint64_t
vlq(struct cursor *c)
{
	uint64_t v = 0;

	for (int i = 0; i < 9; i++) {
		uint8_t b = cur_u8(c);

		if (i == 8)
			return v << 8 | b;
		v = v << 7 | (b & 0x7fu);
		if ((b & 0x80) == 0)
			return v;
	}
	return v;
}

static const char *
opcode_name(uint8_t v)
{
	switch (v) {
	case OP_REQUEST:	return "Request";
	case OP_RESPONSE:	return "Response";
	case OP_NOTIFY:		return "Notification";
	case OP_RESPONSE2:	return "Response2";
	default:		return NULL;
	}
}

static const struct func_desc *
row_of(uint32_t code)
{
	return func_find(s7p_funcs, S7P_N_FUNCS, code, FUNC_NO_SUB);
}

static void
name_by(struct operation *op, uint32_t code)
{
	const struct func_desc *row = row_of(code);

	op->function = code;
	op->name = row != NULL ? row->name : "Unknown";
	op->intent = row != NULL ? row->intent : INTENT_UNKNOWN;
}

/* "1;6ES7 511-1AK00-0AB0;V1.5": the session's version attribute (number 319). */
static void
identity(struct s7_pdu *p, struct cursor c)
{
	while (cur_left(&c) > 5) {
		const uint8_t *at = memchr(c.p, 0x82, cur_left(&c));
		struct cursor t;
		const uint8_t *a, *b;

		if (at == NULL)
			return;
		cur_skip(&c, (size_t)(at - c.p));
		t = c;
		cur_skip(&c, 1);
		if (cur_be32(&t) != 0x823f0015)
			continue;
		t = cur_take(&t, cur_u8(&t));
		a = cur_left(&t) > 0 ? memchr(t.p, ';', cur_left(&t)) : NULL;
		b = a != NULL ? memchr(a + 1, ';', (size_t)(t.end - a - 1)) : NULL;
		if (b == NULL)
			return;
		s7_fact(p, FACT_PRODUCT_CODE, 0, a + 1, (size_t)(b - a - 1));
		s7_fact(p, FACT_FIRMWARE, 0, b + 1, (size_t)(t.end - b - 1));
		return;
	}
}

static void
read_request(struct s7_pdu *p, struct cursor c, uint16_t function)
{
	struct s7_message *m = p->msg;
	struct operation *op = p->op;
	uint8_t flags = cur_u8(&c);
	uint32_t object = cur_be32(&c), attribute;

	s7_param_uint(p, "transport_flags", flags);
	if (!cur_ok(&c))
		return;
	m->has_object = true;
	m->object = object;
	m->object_name = s7p_object_name(object);
	s7_param_uint(p, "object", object);
	s7_param_text(p, "object_name", m->object_name);
	if (function != FN_SET_VARIABLE)
		return;
	(void)vlq(&c);		/* how many attributes */
	attribute = (uint32_t)vlq(&c);
	if (!cur_ok(&c))
		return;
	s7_param_uint(p, "attribute", attribute);
	if (object == EXECUTION_UNIT && attribute == STATE_REQUEST) {
		uint64_t state;

		op->intent = INTENT_MODE;
		cur_skip(&c, 2);	/* flags and type of the value */
		state = vlq(&c);
		if (cur_ok(&c)) {
			s7_param_uint(p, "requested_state", state);
			s7_param_text(p, "requested_mode", state == 1 ? "STOP" :
			    state == 3 ? "RUN" : NULL);
		}
	}
}

static void
read_response(struct s7_pdu *p, struct cursor c, uint16_t function)
{
	struct operation *op = p->op;
	uint64_t value;
	int16_t error;

	s7_param_uint(p, "transport_flags", cur_u8(&c));
	value = vlq(&c);
	if (!cur_ok(&c))
		return;
	s7_param_uint(p, "return_value", value);
	error = (int16_t)(uint16_t)value;
	if (error < 0) {
		op->outcome = OUTCOME_EXCEPTION;
		op->exception = (uint16_t)error;
		op->exception_name = "the controller refused";
	}
	if (function == FN_CREATE) {
		uint8_t n = cur_u8(&c);

		for (uint32_t i = 0; i < n && i < 8 && cur_ok(&c); i++) {
			uint64_t id = vlq(&c);

			if (cur_ok(&c))
				s7_param_uint(p, "created_object", id);
		}
		identity(p, c);
	}
}

void
s7p_read(struct dis_ctx *x, struct operation *op, struct s7_detail *d, const uint8_t *bytes,
    uint32_t len, bool response)
{
	struct s7_message *m = response ? &d->response : &d->request;
	struct s7_pdu p = { .x = x, .op = op, .detail = d, .msg = m, .bytes = bytes,
	    .len = len, .response = response };
	struct head h = head_of(bytes, len);

	d->carrier = S7_PLUS;
	op->proto = OP_S7PLUS;
	m->present = m->plus = true;
	m->version = h.version;
	m->opcode = h.opcode;
	m->opcode_name = opcode_name(h.opcode);
	m->plus_length = h.len;
	m->fragments = 1;
	if (!h.ok)
		s7_wrong(&p, ANOM_S7P_HEADER, 2, "longer than the TSDU");
	if (cur_left(&h.integrity) > 0) {
		m->has_integrity = true;
		m->integrity = (struct s7_bytes){ h.integrity.p, 32 };
	}
	if (h.version == VERSION_EVENT) {
		name_by(op, CODE_EVENT);
		return;
	}
	if (!h.has_function) {
		name_by(op, h.opcode == OP_NOTIFY ? CODE_NOTIFY :
		    h.opcode == OP_RESPONSE2 ? CODE_RESPONSE2 : CODE_CONTINUED);
		if (h.opcode == OP_NOTIFY) {
			struct cursor c = h.rest;

			m->object = cur_be32(&c);
			m->has_object = cur_ok(&c);
			if (m->has_object)
				s7_param_uint(&p, "subscription", m->object);
		}
		return;
	}
	m->plus_function = h.function;
	m->plus_sequence = h.sequence;
	m->plus_function_name = row_of(h.function) != NULL ? row_of(h.function)->name : NULL;
	m->has_session = h.has_session;
	m->session = h.session;
	op->transaction = h.sequence;
	if (!response || !op->request.seen)
		name_by(op, h.function);
	else if (op->function != h.function)
		s7_wrong(&p, ANOM_S7_MISMATCH, 5, NULL);
	if (m->plus_function_name == NULL)
		s7_wrong(&p, ANOM_S7_FUNCTION, 5, NULL);
	if (response)
		read_response(&p, h.rest, h.function);
	else
		read_request(&p, h.rest, h.function);
}

/* ---- operations ----------------------------------------------------- */

static void
on_request(struct dis_ctx *x, const struct head *h, const uint8_t *p, uint32_t len)
{
	struct s7_state *st = x->state;
	struct s7_detail d = { .carrier = S7_PLUS };
	struct operation op = s7_operation(x, pair_next_id(x));

	op.request = dis_side(x, len);
	op.phase = OP_REQUESTED;
	op.outcome = OUTCOME_PENDING;
	op.detail = &d;
	s7p_read(x, &op, &d, p, len, false);
	st->requests += st->requests < UINT32_MAX;
	dis_operation(x, &op);
	pair_put(x, op.id, s7_key(S7_KEY_PLUS, x->dir, h->sequence), len & 0xffff, p, len);
}

static void
on_response(struct dis_ctx *x, const struct head *h, const uint8_t *p, uint32_t len)
{
	struct s7_state *st = x->state;
	struct s7_detail d = { .carrier = S7_PLUS };
	struct operation op;
	struct pending pend;
	bool found = pair_take(x, s7_key(S7_KEY_PLUS, x->dir ^ 1u, h->sequence), &pend);
	bool again = x->again;

	op = s7_operation(x, found ? pend.id : pair_next_id(x));
	if (found) {
		st->paired = true;
		op.request = pend.request;
		op.outcome = OUTCOME_ANSWERED;
		x->again = true;
		if (pend.len > 0)
			s7p_read(x, &op, &d, pend.bytes, pend.len, false);
		x->again = again;
	} else
		op.outcome = OUTCOME_ONE_SIDED;
	op.response = dis_side(x, len);
	op.phase = OP_FINISHED;
	op.detail = &d;
	s7p_read(x, &op, &d, p, len, true);
	if (op.name == NULL)
		name_by(&op, h->function);
	if (!found && s7_must_have_request(x))
		dis_anomaly(x, &op, ANOM_S7_NO_JOB, 9, NULL);
	dis_operation(x, &op);
}

static void
on_push(struct dis_ctx *x, const uint8_t *p, uint32_t len)
{
	struct s7_detail d = { .carrier = S7_PLUS };
	struct operation op = s7_operation(x, pair_next_id(x));

	op.response = dis_side(x, len);
	op.phase = OP_FINISHED;
	op.outcome = OUTCOME_UNSOLICITED;
	op.detail = &d;
	s7p_read(x, &op, &d, p, len, true);
	dis_operation(x, &op);
}

void
s7p_message(struct dis_ctx *x, const struct s7_tsdu *t)
{
	struct s7_state *st = x->state;
	struct s7_plus_part *part = &st->part[x->dir];
	struct head h = head_of(t->p, t->len);
	int8_t role;

	if (h.version != 1 && h.version != 2 && h.version != 3 && h.version != VERSION_EVENT) {
		dis_anomaly(x, NULL, ANOM_S7P_HEADER, 1, "version");
		return;
	}
	if (part->more) {
		/* The rest of a message whose first fragment told all that is read. */
		part->more = !h.trailer;
		if (!h.ok && !t->cut)
			dis_anomaly(x, NULL, ANOM_S7P_HEADER, 2, "longer than the TSDU");
		return;
	}
	part->more = h.version != VERSION_EVENT && !h.trailer && h.ok && !t->cut;
	role = s7p_role(t->p, t->len);
	if (role != 0)
		dis_set_client(x, role > 0);
	if (h.version == VERSION_EVENT)
		on_push(x, t->p, t->len);
	else if (h.opcode == OP_REQUEST && h.has_function)
		on_request(x, &h, t->p, t->len);
	else if (h.opcode == OP_RESPONSE && h.has_function)
		on_response(x, &h, t->p, t->len);
	else if (h.opcode == OP_NOTIFY || h.opcode == OP_RESPONSE2)
		on_push(x, t->p, t->len);
	else if (st->requests > 0 && !st->gapped)
		dis_anomaly(x, NULL, ANOM_S7P_OPCODE, 4, NULL);
	else
		count(x->counters, CNT_APP_S7_CUT);	/* joined amid fragments */
}

/* Told once in a conversation. */
void
s7p_tls(struct dis_ctx *x, const struct s7_tsdu *t)
{
	struct s7_state *st = x->state;
	struct s7_detail d = { .carrier = S7_TLS };
	struct operation op;

	st->tls = true;
	if (st->tls_said)
		return;
	st->tls_said = true;
	op = s7_operation(x, pair_next_id(x));
	op.proto = OP_S7PLUS;
	op.phase = OP_FINISHED;
	op.outcome = OUTCOME_UNSOLICITED;
	op.detail = &d;
	name_by(&op, S7_CODE_TLS);
	if (x->from_client) {
		op.request = dis_side(x, t->len);
		d.request.present = d.request.encrypted = true;
	} else {
		op.response = dis_side(x, t->len);
		d.response.present = d.response.encrypted = true;
	}
	dis_operation(x, &op);
}
