/* pdu.c - the S7comm header, the row of a message, and what body parsers use.
 *
 *	0x32, ROSCTR 1, redundancy id 2, PDU reference 2, parameter length 2, data
 *	length 2; answers also error class 1 and error code 1; parameters; data
 *
 * Parameters of a job begin with the function; those of userdata are
 *	00 01 12, length 1, method 1, type and group 1, sub-function 1, sequence 1 and,
 *	when the length is 8, data unit 1, "more follows" 1, error 2
 * and its data begin with return code 1, type 1, length 2.
 */
#include "s7.h"

#include <string.h>

#include "base/str.h"

void
s7_wrong(struct s7_pdu *p, enum anomaly_id id, size_t offset, const char *detail)
{
	const struct s7_state *st = p->x->state;
	struct operation *op = p->op;

	/* Of a message that was too long to be kept, what lacks is no contradiction. */
	if (id == ANOM_S7_LENGTH && st->missing > 0)
		return;
	dis_anomaly(p->x, op, id, (uint32_t)offset, detail);
	if (op->n_anomalies > 0 && op->n_anomalies <= OP_ANOMALIES)
		op->anomalies[op->n_anomalies - 1].in_response = p->response;
}

/* ---- rows ----------------------------------------------------------- */

static const struct func_desc *
row_of(const struct s7_pdu *p, uint32_t code, uint32_t sub)
{
	return dis_func_in(p->x, s7_funcs, S7_N_FUNCS, code, sub);
}

static void
name_by(struct s7_pdu *p, uint32_t code, uint32_t sub)
{
	struct operation *op = p->op;
	const struct func_desc *base = row_of(p, code, FUNC_NO_SUB);

	p->row = sub != FUNC_NO_SUB ? row_of(p, code, sub) : base;
	op->function = code;
	op->name = base != NULL ? base->name : "Unknown";
	op->intent = base != NULL ? base->intent : INTENT_UNKNOWN;
	op->command = base != NULL ? base->command : CMD_NONE;
	if (sub != FUNC_NO_SUB) {
		op->has_subfunction = true;
		op->subfunction = sub;
		op->subname = NULL;
	}
	if (p->row != NULL && p->row != base) {
		op->subname = p->row->name;
		op->intent = p->row->intent;
		op->command = p->row->command;
	}
}

static void
check_len(struct s7_pdu *p, size_t len, const struct op_span *s, size_t offset)
{
	if (len < s->min)
		s7_wrong(p, ANOM_S7_LENGTH, offset, "too short for the function");
	else if (len > s->max)
		s7_wrong(p, ANOM_S7_TRAILING, offset, NULL);
}

/* Run the body parser; what it could not read, or left, is reported here. */
static void
body(struct s7_pdu *p, struct cursor *c, bool data_used)
{
	bool (*parse)(struct dis_ctx *, struct cursor *, struct operation *, void *) =
	    p->response ? p->row->rsp : p->row->req;

	if (parse == NULL || !parse(p->x, c, p->op, p))
		return;
	if (c->why == CUR_SHORT)
		s7_wrong(p, ANOM_S7_LENGTH, s7_at(p, c), c->what);
	else if (cur_ok(c) && cur_left(c) > 0)
		s7_wrong(p, ANOM_S7_TRAILING, s7_at(p, c), NULL);
	if (data_used && p->data.why == CUR_SHORT)
		s7_wrong(p, ANOM_S7_LENGTH, 0, "data");
}

static void
refuse(struct s7_pdu *p, uint32_t code, const char *name)
{
	p->op->outcome = OUTCOME_EXCEPTION;
	p->op->exception = code;
	p->op->exception_name = name;
}

/* ---- jobs ----------------------------------------------------------- */

/* Functions whose messages have no data part. */
static bool
has_no_data(const struct s7_pdu *p, uint8_t function)
{
	switch (function) {
	case S7_READ_VAR:
		return !p->response;
	case S7_REQUEST_DOWNLOAD: case S7_DOWNLOAD_ENDED: case S7_START_UPLOAD: case S7_END_UPLOAD:
	case S7_PI: case S7_STOP: case S7_SETUP:
		return true;
	case S7_DOWNLOAD_BLOCK: case S7_UPLOAD:
		return !p->response;
	default:
		return false;
	}
}

static void
read_job(struct s7_pdu *p, struct cursor *par)
{
	struct s7_message *m = p->msg;
	struct operation *op = p->op;
	struct op_span span;
	size_t have = cur_left(par);

	if (have == 0) {
		/* An ack may be the bare header: its job says what it answers. */
		if (!p->response)
			s7_wrong(p, ANOM_S7_LENGTH, 6, "no function");
		if (op->name == NULL)
			op->name = "Unknown";
		return;
	}
	m->has_function = true;
	m->function = cur_u8(par);
	if (p->response && op->request.seen && p->detail->request.has_function &&
	    p->detail->request.function != m->function) {
		s7_wrong(p, ANOM_S7_MISMATCH, s7_at(p, par) - 1, NULL);
		p->row = row_of(p, m->function, FUNC_NO_SUB);
		m->function_name = p->row != NULL ? p->row->name : NULL;
		return;
	}
	if (p->response && op->request.seen)
		p->row = row_of(p, m->function, FUNC_NO_SUB);
	else
		name_by(p, m->function, FUNC_NO_SUB);
	m->function_name = p->row != NULL ? p->row->name : NULL;
	if (p->row == NULL || p->row->code >= S7_CODE_GROUP) {
		s7_wrong(p, ANOM_S7_FUNCTION, s7_at(p, par) - 1, NULL);
		p->row = NULL;
		return;
	}
	if (m->has_error && (m->error_class != 0 || m->error_code != 0) && cur_left(par) == 0)
		return;
	span = p->response ? p->row->rsp_len : p->row->req_len;
	check_len(p, have - 1, &span, s7_at(p, par));
	if (cur_left(&p->data) > 0 && has_no_data(p, m->function))
		s7_wrong(p, ANOM_S7_TRAILING, s7_at(p, &p->data), "data of a function that has none");
	body(p, par, true);
}

bool
s7_empty(struct dis_ctx *x, struct cursor *c, struct operation *op, void *detail)
{
	(void)x;
	(void)op;
	(void)detail;
	(void)cur_rest(c);
	return true;
}

/* Known by name; the body is shown as it is. */
bool
s7_opaque(struct dis_ctx *x, struct cursor *c, struct operation *op, void *detail)
{
	struct s7_pdu *p = detail;
	struct cursor rest = cur_rest(c);

	(void)x;
	(void)op;
	if (cur_left(&rest) > 0)
		s7_param_bytes(p, "data", rest.p, cur_left(&rest));
	return true;
}

static void
read_setup(struct s7_pdu *p, struct cursor *c)
{
	struct s7_message *m = p->msg;

	cur_skip(c, 1);
	m->amq_calling = cur_be16(c);
	m->amq_called = cur_be16(c);
	m->pdu_size = cur_be16(c);
	m->has_setup = cur_ok(c);
	if (!m->has_setup)
		return;
	s7_param_uint(p, "max_amq_calling", m->amq_calling);
	s7_param_uint(p, "max_amq_called", m->amq_called);
	s7_param_uint(p, "pdu_size", m->pdu_size);
}

bool
s7_setup_req(struct dis_ctx *x, struct cursor *c, struct operation *op, void *detail)
{
	(void)x;
	(void)op;
	read_setup(detail, c);
	return true;
}

bool
s7_setup_rsp(struct dis_ctx *x, struct cursor *c, struct operation *op, void *detail)
{
	struct s7_pdu *p = detail;
	struct s7_state *st = x->state;
	struct s7_message *m = p->msg;

	(void)op;
	read_setup(p, c);
	if (!m->has_setup)
		return true;
	if (p->detail->request.has_setup && m->pdu_size > p->detail->request.pdu_size)
		s7_wrong(p, ANOM_S7_VALUE, s7_at(p, c) - 2, "more than was asked for");
	/* From now on.  Some stacks allow a few bytes less than they take. */
	st->pdu_size = m->pdu_size;
	st->parallel[x->dir ^ 1u] = m->amq_called;
	st->parallel[x->dir] = m->amq_calling;
	return true;
}

/* ---- userdata ------------------------------------------------------- */

static const char *
type_name(uint8_t type)
{
	switch (type) {
	case 0:		return "Push";
	case 4:		return "Request";
	case 8:		return "Response";
	default:	return "Unknown";
	}
}

static bool
read_userdata_head(struct s7_pdu *p, struct cursor *par)
{
	struct s7_message *m = p->msg;
	struct cursor ahead = *par;
	const struct func_desc *group;
	uint8_t len, head;

	m->userdata = true;
	/* 01 00 10: a mode transition, whose length byte means something else. */
	if (cur_be24(par) != 0x000112 && cur_be24(&ahead) != 0x010010)
		s7_wrong(p, ANOM_S7_VALUE, 10, "parameter head");
	len = cur_u8(par);
	m->method = cur_u8(par);
	head = cur_u8(par);
	m->type = head >> 4;
	m->group = head & 0x0f;
	m->subfunction = cur_u8(par);
	m->sequence = cur_u8(par);
	if (len >= 8 && m->method != 0) {
		m->has_unit = true;
		m->data_unit = cur_u8(par);
		m->last_unit = cur_u8(par);
		m->param_error = cur_be16(par);
		m->param_error_name = s7_error_name(m->param_error);
	}
	m->type_name = type_name(m->type);
	group = row_of(p, S7_CODE_GROUP | m->group, FUNC_NO_SUB);
	m->group_name = group != NULL ? group->name : NULL;
	if (!cur_ok(par)) {
		s7_wrong(p, ANOM_S7_LENGTH, 10, "parameter head");
		return false;
	}
	if (cur_left(par) > 0)
		s7_wrong(p, ANOM_S7_TRAILING, s7_at(p, par), NULL);
	return true;
}

static bool
name_userdata(struct s7_pdu *p)
{
	struct s7_message *m = p->msg;
	struct operation *op = p->op;
	uint32_t code = S7_CODE_GROUP | m->group;

	if (p->response && op->request.seen && p->detail->request.userdata) {
		const struct s7_message *q = &p->detail->request;

		if (q->group != m->group || q->subfunction != m->subfunction) {
			s7_wrong(p, ANOM_S7_MISMATCH, 15, NULL);
			return false;
		}
		p->row = row_of(p, code, m->subfunction);
	} else
		name_by(p, code, m->subfunction);
	if (m->group_name == NULL) {
		s7_wrong(p, ANOM_S7_GROUP, 15, NULL);
		return false;
	}
	if (p->row == NULL || p->row->sub == FUNC_NO_SUB) {
		s7_wrong(p, ANOM_S7_SUBFUNCTION, 16, NULL);
		return false;
	}
	m->subfunction_name = p->row->name;
	if (m->group == S7_GROUP_PROGRAMMER || m->group == S7_GROUP_BLOCK)
		op->asker |= OP_BY_TOOL;
	return true;
}

static void
read_userdata(struct s7_pdu *p, struct cursor *par)
{
	struct s7_message *m = p->msg;
	struct operation *op = p->op;
	struct cursor d = p->data, payload;
	uint16_t len;
	bool known;

	if (!read_userdata_head(p, par)) {
		if (op->name == NULL)
			op->name = "Unknown";
		return;
	}
	known = name_userdata(p);
	if (m->type == 0 && op->outcome == OUTCOME_UNSOLICITED && op->intent != INTENT_ALARM)
		op->intent = INTENT_REPORT;
	if (m->parts > 1)
		s7_param_uint(p, "parts", m->parts);
	if (p->response && m->param_error != 0)
		refuse(p, m->param_error, m->param_error_name);
	if (known && m->group == S7_GROUP_MODE) {
		/* The new mode is the sub-function; if there are data, they are empty. */
		struct cursor none = cur_of(NULL, 0);

		body(p, &none, false);
	}
	if (cur_left(&d) == 0)
		return;
	m->return_code = cur_u8(&d);
	m->transport_size = cur_u8(&d);
	len = cur_be16(&d);
	m->has_return = cur_ok(&d);
	m->return_name = s7_return_name(m->return_code);
	if (!m->has_return) {
		s7_wrong(p, ANOM_S7_LENGTH, 0, "head of the data");
		return;
	}
	if (p->response && m->return_code != 0xff && m->return_code != 0 &&
	    op->outcome != OUTCOME_EXCEPTION && (m->return_code != 0x0a || len != 0))
		refuse(p, m->return_code, m->return_name);
	if (s7_counts_bits(m->transport_size) && (len + 7u) / 8u == cur_left(&d))
		len = (uint16_t)cur_left(&d);
	if (p->joined == NULL && len != cur_left(&d))
		s7_wrong(p, len > cur_left(&d) ? ANOM_S7_LENGTH : ANOM_S7_TRAILING,
		    s7_at(p, &d) - 2, "data length");
	payload = p->joined != NULL ? cur_of(p->joined, p->joined_len) :
	    cur_take(&d, len < cur_left(&d) ? len : cur_left(&d));
	/* The next part of an answer, whose first one was not seen or is forgotten. */
	if (m->sequence != 0 && !p->response && m->return_code == 0x0a && len == 0) {
		s7_param_uint(p, "continues_sequence", m->sequence);
		return;
	}
	if (p->response && p->detail->request.sequence != 0 && p->detail->request.return_code == 0x0a && p->detail->request.has_return) {
		if (m->group == S7_GROUP_SECURITY)
			s7_param_uint(p, "continued_length", cur_left(&payload));
		else
			s7_param_bytes(p, "continued", payload.p, cur_left(&payload));
		return;
	}
	if (!known || m->group == S7_GROUP_MODE || (p->response && m->return_code != 0xff && cur_left(&payload) == 0) ||
	    (p->response && m->param_error != 0 && cur_left(&payload) == 0))
		return;
	body(p, &payload, false);
}

/* ---- the header ----------------------------------------------------- */

/* Where parameters and data lie, as the header has it; where that is not all of the
 * PDU, as the parameters themselves have it. */
static void
split(struct s7_pdu *p, struct cursor *c, uint8_t kind, struct cursor *par)
{
	const struct s7_state *st = p->x->state;
	struct s7_message *m = p->msg;
	size_t left = cur_left(c), par_len = m->parameter_length, dat_len = m->data_length, own;

	if (cur_ok(c) && par_len + dat_len == left) {
		*par = cur_take(c, par_len);
		p->data = *c;
		return;
	}
	if (!cur_ok(c) || par_len + dat_len > left)
		s7_wrong(p, ANOM_S7_LENGTH, 6, "longer than the PDU");
	else
		s7_wrong(p, ANOM_S7_TRAILING, 6, NULL);
	own = st->missing == 0 && cur_ok(c) ? s7_param_len(kind, c->p, (uint32_t)left) : 0;
	if (own > 0) {
		/* Variables have lengths of their own; what is behind others is behind them. */
		bool known = kind == S7_JOB ? *c->p == S7_WRITE_VAR : kind == S7_ACK_DATA &&
		    (*c->p == S7_READ_VAR || *c->p == S7_WRITE_VAR);

		if (known || (own != par_len && dat_len != 0))
			dat_len = left - own;
		par_len = own;
	}
	*par = cur_take(c, par_len < left ? par_len : left);
	p->data = cur_take(c, dat_len < cur_left(c) ? dat_len : cur_left(c));
}

void
s7_read_pdu(struct dis_ctx *x, struct operation *op, struct s7_detail *d, const uint8_t *bytes,
    uint32_t len, bool response, const uint8_t *joined, uint32_t joined_len)
{
	struct s7_message *m = response ? &d->response : &d->request;
	struct s7_pdu p = { .x = x, .op = op, .detail = d, .msg = m, .bytes = bytes,
	    .len = len, .response = response, .joined = joined, .joined_len = joined_len };
	const struct s7_state *st = x->state;
	struct cursor c = cur_of(bytes, len), par;
	const uint8_t *h;
	uint8_t kind;

	d->carrier = S7_COMM;
	op->proto = OP_S7;
	m->present = m->has_header = true;
	if (st->faults != 0)
		s7_frame_faults(x, &p);
	h = cur_bytes(&c, 10);
	if (h != NULL) {
		m->rosctr = h[1];
		m->pdu_reference = be16_of(h + 4);
		m->parameter_length = be16_of(h + 6);
		m->data_length = be16_of(h + 8);
		if (h[0] != S7_ID)
			s7_wrong(&p, ANOM_S7_PROTOCOL_ID, 0, NULL);
	}
	kind = m->rosctr;
	m->rosctr_name = s7_rosctr_name(m->rosctr);
	if (m->rosctr_name == NULL) {
		m->rosctr_name = "Unknown";
		kind = s7_kind(bytes, len);
		s7_wrong(&p, ANOM_S7_ROSCTR, 1, NULL);
	}
	op->transaction = m->pdu_reference;
	if (kind == S7_ACK || kind == S7_ACK_DATA) {
		uint16_t code;

		m->has_error = true;
		m->error_class = cur_u8(&c);
		m->error_code = cur_u8(&c);
		code = (uint16_t)((unsigned)m->error_class << 8 | m->error_code);
		m->error_class_name = s7_error_class_name(m->error_class);
		m->error_name = s7_error_name(code);
		if (code != 0)
			refuse(&p, code, m->error_name != NULL ? m->error_name :
			    m->error_class_name);
	}
	split(&p, &c, kind, &par);
	if (kind == S7_USERDATA)
		read_userdata(&p, &par);
	else
		read_job(&p, &par);
	if (op->name == NULL)
		op->name = "Unknown";
	/* All functions of the group "Security" are about the password. */
	if (op->outcome == OUTCOME_EXCEPTION && (op->command == CMD_LOGIN ||
	    (kind == S7_USERDATA && op->intent == INTENT_AUTH)))
		op->login_refused = "the password was refused";
}
