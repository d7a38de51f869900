/* plus.c - S7comm-plus as far as it is in the clear: heads, fragments, pairs.
 *
 *	0x72, version 1, length 2, data, and at the end of a message a trailer
 *	0x72, version 1, 0 2.  A fragment has no trailer: more follows, without a
 *	head of its own but in version 3 with a HMAC of its own.
 *	version 3: data begin with 32 and an integrity part of 32 bytes (a HMAC)
 *	request 0x31: 0 2, function 2, 0 2, sequence 2, session 4, flags 1, ...
 *	response 0x32, 0x02: 0 2, function 2, 0 2, sequence 2, flags 1, return value, ...
 *	notification 0x33: subscription 4, ...
 *
 * Firmware of today agrees on TLS (Init SSL) and everything behind it is encrypted.
 */
#include "plus.h"

#include <string.h>

#include "base/str.h"

#define HEADER_LEN	4u
#define TRAILER_LEN	4u
#define HMAC_LEN	32u
#define VERSION_EVENT	0xfeu
#define CODE_NOTIFY	0x0033u
#define CODE_RESPONSE2	0x0002u
#define CODE_CONTINUED	0x0003u
#define CODE_EVENT	0x00feu

/* What a kept request remembers of its fragments. */
#define NOTE_LENGTH	0xfffffu
#define NOTE_SHIFT	20
#define NOTE_ENDLESS	0x80000000u	/* its last fragment was not seen */

struct head {
	uint8_t		 version, opcode, flags;
	uint16_t	 len, function, sequence;
	bool		 ok, trailer, has_function, has_session;
	uint32_t	 session;
	struct cursor	 integrity;
	struct cursor	 data;		/* from the opcode on */
	struct cursor	 rest;		/* behind what was read here */
};

/* S7-1200 of old answer Set Variable with the second one. */
static bool
answers(uint8_t opcode)
{
	return opcode == S7P_RESPONSE || opcode == S7P_RESPONSE2;
}

static bool
is_trailer(const uint8_t *p)
{
	return p[0] == S7P_ID && p[2] == 0 && p[3] == 0;
}

/* The length leads elsewhere than to the end: if a trailer stands there, it is wrong. */
static void
believe_trailer(struct head *h, const struct cursor *c)
{
	size_t left = cur_left(c);

	if (left < TRAILER_LEN || left > UINT16_MAX || !is_trailer(c->p + left - TRAILER_LEN))
		return;
	h->len = (uint16_t)(left - TRAILER_LEN);
	h->ok = false;
}

static struct head
head_of(const uint8_t *p, uint32_t len)
{
	struct cursor c = cur_of(p, len), d;
	struct head h = { 0 };

	h.integrity = h.data = h.rest = cur_of(NULL, 0);
	cur_skip(&c, 1);
	h.version = cur_u8(&c);
	h.len = cur_be16(&c);
	if (!cur_ok(&c))
		return h;
	h.ok = h.len <= cur_left(&c);
	if (h.len != cur_left(&c) && h.len + TRAILER_LEN != cur_left(&c))
		believe_trailer(&h, &c);
	d = cur_take(&c, h.len <= cur_left(&c) ? h.len : cur_left(&c));
	h.trailer = cur_left(&c) >= TRAILER_LEN && is_trailer(c.p);
	if (h.version == VERSION_EVENT) {
		h.data = h.rest = d;
		return h;
	}
	if (h.version == 3 && cur_left(&d) > HMAC_LEN && *d.p == HMAC_LEN) {
		cur_skip(&d, 1);
		h.integrity = cur_take(&d, HMAC_LEN);
	}
	h.data = d;
	h.opcode = cur_u8(&d);
	if (h.opcode == S7P_REQUEST || answers(h.opcode)) {
		cur_skip(&d, 2);
		h.function = cur_be16(&d);
		cur_skip(&d, 2);
		h.sequence = cur_be16(&d);
		if (h.opcode == S7P_REQUEST) {
			h.session = cur_be32(&d);
			h.has_session = cur_ok(&d);
		}
		h.flags = cur_u8(&d);
		h.has_function = cur_ok(&d);
	}
	h.rest = d;
	return h;
}

int8_t
s7p_role(const uint8_t *p, uint32_t len)
{
	struct head h = head_of(p, len);

	return h.opcode == S7P_REQUEST ? 1 : answers(h.opcode) ||
	    h.opcode == S7P_NOTIFY ? -1 : 0;
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

bool
s7_is_clear(const uint8_t *p, uint32_t len)
{
	struct cursor c = cur_of(p, len);
	uint8_t id = cur_u8(&c), kind = cur_u8(&c);
	uint16_t a = cur_be16(&c);
	uint32_t par, dat;

	if (id == S7P_ID)
		return cur_ok(&c) && (kind <= 3 || kind == VERSION_EVENT) &&
		    (a + HEADER_LEN == len || a + 2 * HEADER_LEN == len);
	cur_skip(&c, 2);
	par = cur_be16(&c);
	dat = cur_be16(&c);
	return id == S7_ID && cur_ok(&c) && s7_is_rosctr(kind) &&
	    (10 + par + dat == len || 12 + par + dat == len);
}

static bool
known_version(uint8_t v)
{
	return (v >= 1 && v <= 3) || v == VERSION_EVENT;
}

static const char *
opcode_name(uint8_t v)
{
	switch (v) {
	case S7P_REQUEST:	return "Request";
	case S7P_RESPONSE:	return "Response";
	case S7P_NOTIFY:	return "Notification";
	case S7P_RESPONSE2:	return "Response2";
	default:		return NULL;
	}
}

static const struct func_desc *
row_of(const struct dis_ctx *x, uint32_t code)
{
	return dis_func_in(x, s7p_funcs, S7P_N_FUNCS, code, FUNC_NO_SUB);
}

static void
name_by(const struct dis_ctx *x, struct operation *op, uint32_t code)
{
	const struct func_desc *row = row_of(x, code);

	op->function = code;
	op->name = row != NULL ? row->name : "Unknown";
	op->intent = row != NULL ? row->intent : INTENT_UNKNOWN;
	op->command = row != NULL ? row->command : CMD_NONE;
}

static void
read_head(struct s7_pdu *p, const struct head *h, uint32_t note)
{
	struct s7_message *m = p->msg;

	p->detail->carrier = S7_PLUS;
	p->op->proto = OP_S7PLUS;
	m->present = m->plus = true;
	m->version = h->version;
	m->opcode = h->opcode;
	m->opcode_name = opcode_name(h->opcode);
	m->plus_length = note != 0 ? note & NOTE_LENGTH : h->len;
	m->fragments = note != 0 ? (note & ~NOTE_ENDLESS) >> NOTE_SHIFT : 1;
	m->cut = note != 0 && ((note & NOTE_ENDLESS) != 0 || (note & NOTE_LENGTH) > h->len);
	m->plus_data = (struct s7_bytes){ h->data.p, (uint32_t)cur_left(&h->data) };
	m->plus_body = (struct s7_bytes){ h->rest.p, (uint32_t)cur_left(&h->rest) };
	if (!known_version(h->version))
		s7_wrong(p, ANOM_S7P_HEADER, 1, "version");
	if (!h->ok)
		s7_wrong(p, ANOM_S7P_HEADER, 2, "the length leads elsewhere than to the end");
	if (cur_left(&h->integrity) > 0) {
		m->has_integrity = true;
		m->integrity = (struct s7_bytes){ h->integrity.p, HMAC_LEN };
	}
}

/* A response of the function Error answers any request: a refusal. */
static bool
says_error(uint16_t function)
{
	return function == S7P_ERROR || function == S7P_ERROR2;
}

static void
read_function(struct s7_pdu *p, const struct head *h)
{
	struct s7_message *m = p->msg;
	struct operation *op = p->op;
	const struct func_desc *row = row_of(p->x, h->function);
	struct cursor c = h->rest;

	m->plus_function = h->function;
	m->plus_sequence = h->sequence;
	m->plus_function_name = row != NULL ? row->name : NULL;
	m->has_session = h->has_session;
	m->session = h->session;
	op->transaction = h->sequence;
	if (!p->response || !op->request.seen)
		name_by(p->x, op, h->function);
	else if (op->function != h->function && !says_error(h->function))
		s7_wrong(p, ANOM_S7_MISMATCH, 5, NULL);
	if (row == NULL)
		s7_wrong(p, ANOM_S7_FUNCTION, 5, NULL);
	s7_param_uint(p, "transport_flags", h->flags);
	if (!p->response) {
		s7p_request_body(p, &c, h->function);
		return;
	}
	s7p_response_body(p, &c, h->function);
	if (says_error(h->function) && op->outcome != OUTCOME_EXCEPTION) {
		op->outcome = OUTCOME_EXCEPTION;
		op->exception = (uint16_t)m->plus_error;
		op->exception_name = "the controller refused";
	}
	if (op->intent == INTENT_AUTH && op->outcome == OUTCOME_EXCEPTION)
		op->login_refused = "the login was refused";
}

void
s7p_read(struct dis_ctx *x, struct operation *op, struct s7_detail *d, const uint8_t *bytes,
    uint32_t len, bool response, uint32_t note)
{
	struct s7_pdu p = { .x = x, .op = op, .detail = d, .bytes = bytes, .len = len,
	    .msg = response ? &d->response : &d->request, .response = response };
	const struct s7_state *st = x->state;
	struct head h = head_of(bytes, len);
	struct cursor c = h.rest;

	if (st->faults != 0)
		s7_frame_faults(x, &p);
	read_head(&p, &h, note);
	if (h.version == VERSION_EVENT) {
		name_by(x, op, CODE_EVENT);
		s7p_event(&p, &c);
	} else if (h.has_function) {
		read_function(&p, &h);
	} else if (h.opcode == S7P_NOTIFY) {
		name_by(x, op, CODE_NOTIFY);
		s7p_notification(&p, &c);
	} else
		name_by(x, op, h.opcode == S7P_RESPONSE2 ? CODE_RESPONSE2 : CODE_CONTINUED);
}

/* ---- operations ----------------------------------------------------- */

static void
on_request(struct dis_ctx *x, const struct head *h, const uint8_t *p, uint32_t len,
    uint32_t note)
{
	struct s7_state *st = x->state;
	struct s7_detail d = { .carrier = S7_PLUS };
	struct operation op;

	s7_begin(x, &op, pair_next_id(x));
	op.request = s7_side(x, p, len);
	op.phase = OP_REQUESTED;
	op.outcome = OUTCOME_PENDING;
	op.detail = &d;
	s7p_read(x, &op, &d, p, len, false, note);
	st->requests += st->requests < UINT32_MAX;
	dis_operation(x, &op);
	pair_put(x, op.id, s7_key(S7_KEY_PLUS, x->dir, h->sequence), note, p, len);
}

static void
on_response(struct dis_ctx *x, const struct head *h, const uint8_t *p, uint32_t len,
    uint32_t note)
{
	struct s7_state *st = x->state;
	struct s7_detail d = { .carrier = S7_PLUS };
	struct operation op;
	struct pending pend;
	bool found = pair_take(x, s7_key(S7_KEY_PLUS, x->dir ^ 1u, h->sequence), &pend);
	uint8_t faults = st->faults;
	bool again = x->again;

	s7_begin(x, &op, found ? pend.id : pair_next_id(x));
	if (found) {
		st->paired = true;
		op.request = pend.request;
		op.outcome = OUTCOME_ANSWERED;
		x->again = true;
		st->faults = 0;
		if (pend.len > 0)
			s7p_read(x, &op, &d, pend.bytes, pend.len, false, pend.note);
		st->faults = faults;
		x->again = again;
	} else
		op.outcome = OUTCOME_ONE_SIDED;
	op.response = s7_side(x, p, len);
	op.phase = OP_FINISHED;
	op.detail = &d;
	s7p_read(x, &op, &d, p, len, true, note);
	if (op.name == NULL)
		name_by(x, &op, h->function);
	if (!found && s7_must_have_request(x))
		dis_anomaly(x, &op, ANOM_S7_NO_JOB, 9, NULL);
	dis_operation(x, &op);
}

/* What nobody asked for, or what has no meaning alone: a message without its beginning. */
static void
on_push(struct dis_ctx *x, const uint8_t *p, uint32_t len, uint32_t note, bool whole)
{
	struct s7_detail d = { .carrier = S7_PLUS };
	struct operation op;
	bool request = !whole && x->from_client;

	s7_begin(x, &op, pair_next_id(x));
	if (request)
		op.request = s7_side(x, p, len);
	else
		op.response = s7_side(x, p, len);
	op.phase = OP_FINISHED;
	op.outcome = whole ? OUTCOME_UNSOLICITED : OUTCOME_ONE_SIDED;
	op.detail = &d;
	s7p_read(x, &op, &d, p, len, !request, note);
	dis_operation(x, &op);
}

static void
dispatch(struct dis_ctx *x, const uint8_t *p, uint32_t len, uint32_t note)
{
	struct s7_state *st = x->state;
	struct head h = head_of(p, len);

	if (h.version == VERSION_EVENT) {
		on_push(x, p, len, note, true);
	} else if (h.opcode == S7P_REQUEST && h.has_function) {
		on_request(x, &h, p, len, note);
	} else if (answers(h.opcode) && h.has_function) {
		on_response(x, &h, p, len, note);
	} else if (h.opcode == S7P_NOTIFY || h.opcode == S7P_RESPONSE2) {
		on_push(x, p, len, note, true);
	} else {
		if (st->requests > 0 && !st->gapped)
			dis_anomaly(x, NULL, ANOM_S7P_OPCODE, 4, NULL);
		else
			count(x->counters, CNT_APP_S7_CUT);	/* joined amid fragments */
		on_push(x, p, len, note, false);
	}
}

/* ---- fragments ------------------------------------------------------ */

/* Something that begins with a head, not a piece of what is being joined: the
 * controller sends events and notifications in between. */
static bool
begins(const struct dis_ctx *x, const struct head *h)
{
	struct cursor c = h->data;
	uint8_t opcode = cur_u8(&c);
	uint32_t a = cur_be32(&c);
	uint32_t b = cur_be32(&c);

	if (!cur_ok(&c))
		return false;
	if (opcode == S7P_NOTIFY)
		return b == 0x04000000;
	return (opcode == S7P_REQUEST || opcode == S7P_RESPONSE) && a >> 16 == 0 &&
	    row_of(x, a & 0xffff) != NULL && (a & 0xffff) >= S7P_ERROR && b >> 16 == 0;
}

static void
forget(struct dis_ctx *x, struct s7_plus_part *part)
{
	if (part->more)
		dis_block_give(x, part->block);
	*part = (struct s7_plus_part){ 0 };
}

static void
append(struct s7_plus_part *part, uint8_t *block, const uint8_t *p, size_t n)
{
	uint32_t capacity = DIS_BLOCK_LEN - part->kept;

	if (n > 0)
		memcpy(block + part->kept, p, n < capacity ? n : capacity);
	part->kept = (uint16_t)(part->kept + (n < capacity ? n : capacity));
	part->length += (uint32_t)n;
	if (part->fragments < 0x7ff)
		part->fragments++;
}

/* The first fragment as it came, header and HMAC with it. */
static void
start(struct dis_ctx *x, struct s7_plus_part *part, const struct s7_tsdu *t,
    const struct head *h)
{
	struct s7_state *st = x->state;
	uint8_t *block;

	part->block = dis_block_take(x);
	block = dis_block(x, part->block);
	if (block == NULL)
		return;
	part->more = true;
	st->fragments_frame = x->frame;
	append(part, block, t->p, HEADER_LEN + h->len);
	part->length -= HEADER_LEN;
}

/* What came of a message whose end is here, or will not come. */
static void
joined(struct dis_ctx *x, struct s7_plus_part *part, uint32_t how)
{
	uint8_t *block = dis_block(x, part->block);
	uint32_t len = part->kept - HEADER_LEN, note;

	if (block == NULL) {
		count(x->counters, CNT_APP_S7_CUT);	/* others needed the memory */
		*part = (struct s7_plus_part){ 0 };
		return;
	}
	block[2] = (uint8_t)(len >> 8);
	block[3] = (uint8_t)len;
	note = part->length < NOTE_LENGTH ? part->length : NOTE_LENGTH;
	if (part->length > len)
		count(x->counters, CNT_APP_S7_CUT);
	dispatch(x, block, part->kept, how | (uint32_t)part->fragments << NOTE_SHIFT | note);
	forget(x, part);
}

/* The end will never come: what is there may be an order all the same. */
void
s7p_gap(struct dis_ctx *x)
{
	struct s7_state *st = x->state;

	if (st->part[x->dir].more)
		joined(x, &st->part[x->dir], NOTE_ENDLESS);
}

/* True: it was a piece. */
static bool
piece(struct dis_ctx *x, const struct s7_tsdu *t, const struct head *h)
{
	struct s7_state *st = x->state;
	struct s7_plus_part *part = &st->part[x->dir];
	uint8_t *block;

	if (!part->more || h->version == VERSION_EVENT)
		return false;
	if (begins(x, h)) {
		/* A whole notification: in between.  Else the end never came. */
		if (!h->trailer || h->opcode != S7P_NOTIFY) {
			dis_anomaly(x, NULL, ANOM_S7P_HEADER, 0, "a message without its end");
			joined(x, part, NOTE_ENDLESS);
		}
		return false;
	}
	block = dis_block(x, part->block);
	st->fragments_frame = x->frame;
	if (block != NULL)
		append(part, block, h->data.p, cur_left(&h->data));
	if (!h->ok && !t->cut)
		dis_anomaly(x, NULL, ANOM_S7P_HEADER, 2, "the length leads elsewhere than to the end");
	if (h->trailer || !h->ok)
		joined(x, part, 0);
	return true;
}

void
s7p_message(struct dis_ctx *x, const struct s7_tsdu *t)
{
	struct s7_state *st = x->state;
	struct s7_plus_part *part = &st->part[x->dir];
	struct head h = head_of(t->p, t->len);
	int8_t role;

	/* Of another version what has a head that is known is read all the same. */
	if (!known_version(h.version) && (!h.has_function || row_of(x, h.function) == NULL)) {
		dis_anomaly(x, NULL, ANOM_S7P_HEADER, 1, "version");
		return;
	}
	if (piece(x, t, &h))
		return;
	role = s7p_role(t->p, t->len);
	if (role != 0)
		dis_set_client(x, role > 0);
	if (!part->more && h.version != VERSION_EVENT && !h.trailer && h.ok && !t->cut &&
	    HEADER_LEN + h.len <= DIS_BLOCK_LEN) {
		start(x, part, t, &h);
		if (part->more)
			return;
	}
	dispatch(x, t->p, t->len, 0);
}

/* ---- TLS ------------------------------------------------------------ */

static const char *
tls_record_name(uint8_t type)
{
	switch (type) {
	case 0x14:	return "change cipher spec";
	case 0x15:	return "alert";
	case 0x16:	return "handshake";
	default:	return "application data";
	}
}

/* Told once in a conversation. */
void
s7p_tls(struct dis_ctx *x, const struct s7_tsdu *t)
{
	struct s7_state *st = x->state;
	struct s7_detail d = { .carrier = S7_TLS };
	struct operation op;
	struct s7_pdu p = { .x = x, .op = &op, .detail = &d };

	st->tls = true;
	if (st->tls_said)
		return;
	st->tls_said = true;
	s7_begin(x, &op, pair_next_id(x));
	op.proto = OP_S7PLUS;
	op.phase = OP_FINISHED;
	op.outcome = OUTCOME_UNSOLICITED;
	op.detail = &d;
	name_by(x, &op, S7_CODE_TLS);
	p.response = !x->from_client;
	if (s7_is_tls(t->p, t->len)) {
		s7_param_text(&p, "tls_record", tls_record_name(t->p[0]));
		s7_param_uint(&p, "tls_version", (uint32_t)t->p[1] << 8 | t->p[2]);
	}
	if (x->from_client) {
		op.request = dis_side(x, t->len);
		d.request.present = d.request.encrypted = true;
	} else {
		op.response = dis_side(x, t->len);
		d.response.present = d.response.encrypted = true;
	}
	dis_operation(x, &op);
}
