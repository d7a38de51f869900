/* pdu.c - read one PDU by its row.
 *
 * Everything that a body parser could forget is done here, once, for every
 * row: the name, the intent, the exception, the length, what trails, and the
 * header of Suricata's record.
 */
#include "modbus.h"

#include "base/str.h"

/* Suricata's event and error flag for an anomaly that is more exact than its. */
static const struct general {
	enum anomaly_id		id, general;
	uint8_t			flag;		/* enum modbus_error */
} generals[] = {
	{ ANOM_MB_PROTOCOL_ID,    ANOM_NONE,        MODBUS_ERR_PROTO_ID },
	{ ANOM_MB_LENGTH,         ANOM_NONE,        MODBUS_ERR_DATA_LENGTH },
	{ ANOM_MB_TRAILING,       ANOM_MB_LENGTH,   MODBUS_ERR_DATA_LENGTH },
	{ ANOM_MB_VALUE,          ANOM_NONE,        MODBUS_ERR_DATA_VALUE },
	{ ANOM_MB_QUANTITY,       ANOM_MB_VALUE,    MODBUS_ERR_DATA_VALUE },
	{ ANOM_MB_COUNT,          ANOM_MB_VALUE,    MODBUS_ERR_DATA_VALUE },
	{ ANOM_MB_REFERENCE_TYPE, ANOM_MB_VALUE,    MODBUS_ERR_DATA_VALUE },
	{ ANOM_MB_MISMATCH,       ANOM_NONE,        MODBUS_ERR_DATA_VALUE },
	{ ANOM_MB_ECHO,           ANOM_MB_MISMATCH, MODBUS_ERR_DATA_VALUE },
	{ ANOM_MB_ANSWER_SIZE,    ANOM_MB_MISMATCH, MODBUS_ERR_DATA_VALUE },
	{ ANOM_MB_FUNCTION_DIFFERS, ANOM_MB_MISMATCH, 0 },
	{ ANOM_MB_EXCEPTION_CODE, ANOM_NONE,        MODBUS_ERR_EXC_CODE },
	{ ANOM_MB_EXC_IN_REQUEST, ANOM_MB_FUNCTION, MODBUS_ERR_FUNC_CODE },
};

static void
report(struct mb_pdu *p, enum anomaly_id id, size_t offset, const char *detail)
{
	struct operation *op = p->op;

	dis_anomaly(p->x, op, id, (uint32_t)offset, detail);
	if (op->n_anomalies > 0 && op->n_anomalies <= OP_ANOMALIES)
		op->anomalies[op->n_anomalies - 1].in_response = p->response;
}

void
mb_wrong(struct mb_pdu *p, enum anomaly_id id, size_t offset, const char *detail)
{
	enum anomaly_id general = ANOM_NONE;

	for (size_t i = 0; i < COUNTOF(generals); i++) {
		if (generals[i].id != id)
			continue;
		p->msg->error_flags |= generals[i].flag;
		general = generals[i].general;
		/* In the answer to a read or write Suricata says "mismatch". */
		if (p->response && p->msg->access != 0 &&
		    (general == ANOM_MB_VALUE || general == ANOM_MB_LENGTH))
			general = ANOM_MB_MISMATCH;
		break;
	}
	if (general != ANOM_NONE && (p->reported & 1u << (general - ANOM_MB_PROTOCOL_ID)) == 0) {
		p->reported |= 1u << (general - ANOM_MB_PROTOCOL_ID);
		report(p, general, offset, detail);
	}
	report(p, id, offset, detail);
}

struct op_item *
mb_items(struct mb_pdu *p, uint32_t n)
{
	struct op_item *it = arena_alloc(p->x->arena, n * sizeof(*it));

	if (it == NULL)
		return NULL;
	p->op->items = it;
	p->op->n_items = n;
	for (uint32_t i = 0; i < n; i++)
		it[i] = (struct op_item){
		    .space = p->row != NULL ? (uint8_t)p->row->space : SPACE_NONE };
	return it;
}

struct op_item *
mb_item_of_request(const struct mb_pdu *p, uint32_t i)
{
	return p->op->request.seen && i < p->op->n_items ? &p->op->items[i] : NULL;
}

#define PARAMS 16u	/* per operation; the longest has 9 */

static struct op_param *
param(struct mb_pdu *p, const char *name)
{
	struct operation *op = p->op;
	struct op_param *at;

	if (op->params == NULL)
		op->params = arena_zalloc(p->x->arena, PARAMS, sizeof(*op->params));
	if (op->params == NULL || op->n_params == PARAMS)
		return NULL;
	at = &op->params[op->n_params++];
	at->name = name;
	at->in_response = p->response;
	return at;
}

void
mb_param_uint(struct mb_pdu *p, const char *name, uint64_t v)
{
	struct op_param *at = param(p, name);

	if (at != NULL)
		at->value = (struct op_value){ .kind = VALUE_UINT, .u = v };
}

void
mb_param_bytes(struct mb_pdu *p, const char *name, const uint8_t *b, size_t n)
{
	struct op_param *at = param(p, name);

	if (at != NULL)
		at->value = (struct op_value){ .kind = VALUE_BYTES, .bytes = b,
		    .len = (uint32_t)n };
}

struct op_fact *
mb_facts(struct mb_pdu *p, uint32_t n)
{
	p->op->n_facts = 0;
	return p->op->facts = arena_zalloc(p->x->arena, n, sizeof(struct op_fact));
}

void
mb_check_range(struct mb_pdu *p, uint16_t first, uint16_t count, uint16_t max, size_t offset)
{
	if (count == 0)
		mb_wrong(p, ANOM_MB_QUANTITY, offset + 2, "quantity 0");
	else if (count > max)
		mb_wrong(p, ANOM_MB_QUANTITY, offset + 2, "more than one request may ask for");
	if ((uint32_t)first + count > 65536)
		mb_wrong(p, ANOM_MB_ADDRESS_RANGE, offset, NULL);
}

size_t
mb_bytes_of(uint8_t space, size_t count)
{
	return space == SPACE_COIL || space == SPACE_DISCRETE ? (count + 7) / 8 : 2 * count;
}

struct cursor
mb_values(struct mb_pdu *p, struct cursor *c, size_t announced, size_t expect)
{
	size_t left = cur_left(c), n = announced;

	if (left < announced || (left != announced && left == expect))
		n = left;	/* the other field is right, or nobody is */
	if (n != announced)
		mb_wrong(p, ANOM_MB_COUNT, mb_at(p, c), "byte count and bytes disagree");
	else if (expect != 0 && expect != announced && !p->response)
		mb_wrong(p, ANOM_MB_COUNT, mb_at(p, c), "quantity and byte count disagree");
	if (left != announced)	/* else the length of the PDU tells it */
		mb_param_uint(p, "byte_count", announced);
	return cur_take(c, n);
}

void
mb_item_values(struct mb_pdu *p, struct op_item *it, const struct cursor *values)
{
	size_t n = cur_left(values);

	it->raw = values->p;
	if (it->space == SPACE_COIL || it->space == SPACE_DISCRETE) {
		it->form = FORM_BITS_LSB;
		/* The last byte is padded (MB 6.1): the quantity says how far. */
		it->n_values = it->ranged && mb_bytes_of(it->space, it->count) == n ?
		    it->count : (uint32_t)n * 8;
	} else {
		it->form = FORM_U16_BE;
		it->n_values = (uint32_t)n / 2;
		if (n % 2 != 0)
			mb_wrong(p, ANOM_MB_COUNT, mb_at(p, values) + n - 1, "half a register");
	}
}

/* Sub-function, as far as the body has it. */
static uint32_t
sub_of(const struct mb_pdu *p, uint8_t code, struct cursor body)
{
	uint32_t sub = FUNC_NO_SUB;

	switch (code) {
	case MB_DIAGNOSTIC:
		sub = cur_be16(&body);
		break;
	case MB_MEI:
		sub = cur_u8(&body);
		break;
	case MB_UMAS:
		/* The answer carries a status in this place. */
		if (p->response)
			return p->op->has_subfunction ? p->op->subfunction : FUNC_NO_SUB;
		cur_skip(&body, 1);
		sub = cur_u8(&body);
		break;
	default:
		break;
	}
	return cur_ok(&body) ? sub : FUNC_NO_SUB;
}

/* The parts of a code that are in no row, or in one that nobody should use. */
static void
check_code(struct mb_pdu *p, uint8_t code, uint32_t sub)
{
	if (p->row == NULL)
		mb_wrong(p, ANOM_MB_FUNCTION, 0, code == 0 ? "function code 0" : NULL);
	else if (p->col->assigned == MB_RESERVED)
		mb_wrong(p, ANOM_MB_RESERVED, 0, NULL);
	else if (p->col->assigned == MB_USER_DEFINED)
		mb_wrong(p, ANOM_MB_USER_DEFINED, 0, NULL);
	if (p->row == NULL && code == 0)
		p->msg->error_flags |= MODBUS_ERR_FUNC_CODE;
	if (p->row != NULL && sub != FUNC_NO_SUB && p->row->sub == FUNC_NO_SUB &&
	    code != MB_UMAS)
		mb_wrong(p, ANOM_MB_SUBFUNCTION, 1, NULL);
}

static void
read_exception(struct mb_pdu *p, struct cursor *c)
{
	struct modbus_message *m = p->msg;
	uint8_t code = cur_u8(c);
	const char *word = mb_exception_word(code);

	p->op->outcome = OUTCOME_EXCEPTION;	/* the bit says so, even without a code */
	p->op->refused = mb_exception_refusal(code);
	if (!cur_ok(c))
		return;
	m->has_exception = true;
	m->exception.raw = code;
	m->exception.code = word != NULL ? word : "Unknown";
	p->op->exception = code;
	p->op->exception_name = mb_exception_name(code);
	if (word == NULL)
		mb_wrong(p, ANOM_MB_EXCEPTION_CODE, 1, NULL);
	else if (code == 8 && p->op->function != MB_READ_FILE &&
	    p->op->function != MB_WRITE_FILE)
		mb_wrong(p, ANOM_MB_EXCEPTION_CODE, 1, "memory parity error is for files alone");
}

/* A function without a parser: its body is shown as it is. */
static void
read_opaque(struct mb_pdu *p, struct cursor *c)
{
	struct cursor rest = cur_rest(c);

	if (cur_left(&rest) > 0)
		mb_param_bytes(p, "data", rest.p, cur_left(&rest));
}

static void
read_body(struct mb_pdu *p, struct cursor *c)
{
	static const struct modbus_bytes hidden = { (const uint8_t *)MB_HIDDEN,
	    sizeof(MB_HIDDEN) - 1 };
	const struct func_desc *row = p->row;
	const struct op_span *legal;
	size_t len = cur_left(c);
	struct cursor body = *c;

	if (row == NULL || row->req == NULL) {
		read_opaque(p, c);
	} else {
		(void)(p->response ? row->rsp : row->req)(p->x, c, p->op, p);
		legal = p->response ? &row->rsp_len : &row->req_len;
		if (!cur_ok(c) || len < legal->min)
			mb_wrong(p, ANOM_MB_LENGTH, len + 1, "too short for the function");
		else if (cur_left(c) > 0)
			mb_wrong(p, ANOM_MB_TRAILING, mb_at(p, c), NULL);
		else if (len > legal->max)
			mb_wrong(p, ANOM_MB_LENGTH, legal->max + 1u, "too long for the function");
	}
	if (!p->msg->has_read && !p->msg->has_write && !p->msg->has_diagnostic &&
	    !p->msg->has_mei) {
		p->msg->has_data = true;
		p->msg->data = p->secret ? hidden : mb_rest(&body);
	}
}

static enum modbus_category
category_of(const struct mb_pdu *p, uint8_t raw, uint32_t sub)
{
	uint8_t code = raw & 0x7f;

	if (p->col->eve == mb_unnamed)
		return mb_category(raw);
	if (code == MB_DIAGNOSTIC || code == MB_MEI) {
		if (raw & MB_EXCEPTION)
			return 0;
		if (p->row->sub == FUNC_NO_SUB && sub != FUNC_NO_SUB)
			return MODBUS_RESERVED;
	}
	return MODBUS_ASSIGNED;
}

/* What the function is called and does.  The request says it; an answer alone
 * says it too. */
static void
name_operation(struct mb_pdu *p, uint8_t code, uint32_t sub)
{
	const struct func_desc *base = sub == FUNC_NO_SUB ? p->row :
	    dis_func(p->x, code, FUNC_NO_SUB);
	struct operation *op = p->op;

	op->function = code;
	op->name = base != NULL ? base->name : "Unassigned";
	if (sub != FUNC_NO_SUB) {
		op->subfunction = sub;
		op->has_subfunction = true;
	}
	if (p->row != NULL && p->row->sub != FUNC_NO_SUB)
		op->subname = p->row->name;
	op->intent = p->row != NULL ? p->row->intent : INTENT_UNKNOWN;
	op->command = p->row != NULL ? p->row->command : CMD_NONE;
	op->vendor = code == MB_UMAS;
}

void
mb_read_pdu(struct dis_ctx *x, struct operation *op, struct modbus_detail *d,
    const struct mb_adu *adu, bool response)
{
	struct cursor c = cur_of(adu->pdu, adu->len);
	struct mb_pdu p = { .x = x, .op = op, .detail = d, .bytes = adu->pdu,
	    .response = response,	    .msg = response ? &d->response : &d->request };
	struct modbus_message *m = p.msg;
	bool first = !response || !op->request.seen;
	uint8_t raw = cur_u8(&c), code = raw & 0x7f;
	uint32_t sub;

	sub = raw & MB_EXCEPTION ? FUNC_NO_SUB : sub_of(&p, code, c);
	p.row = dis_func(x, code, sub);
	p.col = p.row != NULL ? p.row->extra : mb_columns_of(NULL);
	d->framing = adu->framing;
	m->present = true;
	m->transaction_id = adu->transaction;
	m->protocol_id = adu->protocol;
	m->unit_id = adu->unit;
	m->function_raw = raw;
	m->function_code = p.col->eve;
	m->access = p.col->access;
	m->category = (uint8_t)category_of(&p, raw, sub);
	if (first)
		name_operation(&p, code, sub);
	if (adu->protocol != 0)
		mb_wrong(&p, ANOM_MB_PROTOCOL_ID, 0, NULL);
	if (adu->flaw != NULL)
		mb_wrong(&p, ANOM_MB_LENGTH, 0, adu->flaw);
	if (!adu->serial && adu->len > MB_PDU_MAX && code != MB_UMAS)
		mb_wrong(&p, ANOM_MB_LENGTH, MB_PDU_MAX, "longer than a PDU may be");
	if (first)
		check_code(&p, code, sub);
	else if (code != op->function)
		mb_wrong(&p, ANOM_MB_FUNCTION_DIFFERS, 0, NULL);
	else if (sub != FUNC_NO_SUB && op->has_subfunction && sub != op->subfunction)
		mb_wrong(&p, ANOM_MB_FUNCTION_DIFFERS, 1, "another sub-function");
	if ((raw & MB_EXCEPTION) == 0) {
		read_body(&p, &c);
	} else if (response) {
		read_exception(&p, &c);
		if (!cur_ok(&c))
			mb_wrong(&p, ANOM_MB_LENGTH, 1, "no exception code");
		else if (cur_left(&c) > 0)
			mb_wrong(&p, ANOM_MB_TRAILING, mb_at(&p, &c), NULL);
	} else {
		mb_wrong(&p, ANOM_MB_EXC_IN_REQUEST, 0, NULL);
		m->has_data = true;
		m->data = mb_rest(&c);
		read_opaque(&p, &c);
	}
	if (op->command == CMD_LOGIN && op->outcome == OUTCOME_EXCEPTION)
		op->login_refused = "the reservation was refused";
}
