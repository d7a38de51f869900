/* diag.c - what a device says of its own health: 7, 8, 11, 12, 17. */
#include "modbus.h"

#include "base/str.h"

#define EVENTS_MAX 64u	/* MB 6.10 */

bool
mb_empty(struct dis_ctx *x, struct cursor *c, struct operation *op, void *detail)
{
	(void)x;
	(void)op;
	(void)detail;
	return cur_ok(c);
}

/* MB 6.7: eight outputs of the device's own choice. */
bool
mb_status_rsp(struct dis_ctx *x, struct cursor *c, struct operation *op, void *detail)
{
	uint8_t status = cur_u8(c);

	(void)x;
	(void)op;
	if (cur_ok(c))
		mb_param_uint(detail, "exception_status", status);
	return cur_ok(c);
}

/* MB 6.8: sub-function 2, data. */
static struct cursor
diagnostic(struct mb_pdu *p, struct cursor *c)
{
	struct modbus_message *m = p->msg;
	uint16_t sub = cur_be16(c);

	if (!cur_ok(c))
		return cur_rest(c);
	m->has_diagnostic = true;
	m->diagnostic.raw = sub;
	m->diagnostic.code = p->row->sub != FUNC_NO_SUB ? p->row->word : "Reserved";
	m->diagnostic.data = mb_rest(c);
	return cur_rest(c);
}

/* Operands that MB 6.8.1 leaves only some values. */
static void
check_operand(struct mb_pdu *p, uint32_t sub, uint16_t v)
{
	bool legal = v == 0;

	switch (sub) {
	case 0:
	case 21:
		return;
	case 1:
		legal = v == 0 || v == 0xff00;	/* FF00: clear the event log too */
		break;
	case 3:
		legal = (v & 0xff) == 0;
		break;
	default:
		break;
	}
	if (!legal && p->row->sub != FUNC_NO_SUB)
		mb_wrong(p, ANOM_MB_VALUE, 3, NULL);
}

bool
mb_diag_req(struct dis_ctx *x, struct cursor *c, struct operation *op, void *detail)
{
	struct mb_pdu *p = detail;
	struct cursor data = diagnostic(p, c);
	struct cursor peek = data;

	(void)x;
	if (!cur_ok(&data))
		return false;
	if (cur_left(&data) == 2) {
		uint16_t v = cur_be16(&peek);

		check_operand(p, op->subfunction, v);
		mb_param_uint(p, "data", v);
	} else if (cur_left(&data) > 0)
		mb_param_bytes(p, "data", data.p, cur_left(&data));
	return true;
}

bool
mb_diag_rsp(struct dis_ctx *x, struct cursor *c, struct operation *op, void *detail)
{
	struct mb_pdu *p = detail;
	const struct modbus_bytes *q = &p->detail->request.diagnostic.data;
	struct cursor data = diagnostic(p, c), peek = data;

	(void)x;
	if (!cur_ok(&data))
		return false;
	if (cur_left(&data) == 2) {
		op->counted = cur_be16(&peek);
		op->counter = p->col->counter;
		mb_param_uint(p, p->col->data, op->counted);
	} else if (cur_left(&data) > 0)
		mb_param_bytes(p, p->col->data, data.p, cur_left(&data));
	if (p->col->echo && op->request.seen && p->detail->request.has_diagnostic &&
	    (cur_left(&data) != q->len || memcmp(data.p, q->p, q->len) != 0))
		mb_wrong(p, ANOM_MB_ECHO, 3, NULL);
	return true;
}

/* MB 6.9: FFFF while a program is being carried out, else 0. */
static void
status_word(struct mb_pdu *p, struct cursor *c)
{
	size_t at = mb_at(p, c);
	uint16_t status = cur_be16(c);

	if (!cur_ok(c))
		return;
	mb_param_uint(p, "status", status);
	if (status != 0 && status != 0xffff)
		mb_wrong(p, ANOM_MB_VALUE, at, "status is 0000 or FFFF");
}

bool
mb_counter_rsp(struct dis_ctx *x, struct cursor *c, struct operation *op, void *detail)
{
	struct mb_pdu *p = detail;
	uint16_t events;

	(void)x;
	(void)op;
	status_word(p, c);
	events = cur_be16(c);
	if (cur_ok(c))
		mb_param_uint(p, "event_count", events);
	return cur_ok(c);
}

/* MB 6.10: byte count, status, event count, message count, events (newest first). */
bool
mb_log_rsp(struct dis_ctx *x, struct cursor *c, struct operation *op, void *detail)
{
	struct mb_pdu *p = detail;
	uint8_t announced = cur_u8(c);
	struct cursor in;
	uint16_t events, messages;

	(void)x;
	(void)op;
	if (!cur_ok(c))
		return false;
	in = mb_values(p, c, announced, 0);
	status_word(p, &in);
	events = cur_be16(&in);
	messages = cur_be16(&in);
	if (!cur_ok(&in))
		return false;
	mb_param_uint(p, "event_count", events);
	mb_param_uint(p, "message_count", messages);
	if (cur_left(&in) > EVENTS_MAX)
		mb_wrong(p, ANOM_MB_QUANTITY, mb_at(p, &in), "more than 64 events");
	if (cur_left(&in) > 0)
		mb_param_bytes(p, "events", in.p, cur_left(&in));
	return true;
}

/* MB 6.13: "server ID (device specific), run indicator 00 or FF, additional
 * data".  The length of the ID is nowhere.  Devices put the indicator second,
 * after a one-byte ID (Modicon), or last, after a text (stacks); else it is
 * taken to be the first byte that could be one. */
static size_t
run_indicator(const uint8_t *b, size_t n)
{
	if (n > 1 && (b[1] == 0x00 || b[1] == 0xff))
		return 1;
	if (n > 1 && (b[n - 1] == 0x00 || b[n - 1] == 0xff))
		return n - 1;
	for (size_t i = 1; i < n; i++)
		if (b[i] == 0x00 || b[i] == 0xff)
			return i;
	return n;
}

bool
mb_server_id_rsp(struct dis_ctx *x, struct cursor *c, struct operation *op, void *detail)
{
	static const uint8_t on[] = { 'o', 'n' }, off[] = { 'o', 'f', 'f' };
	struct mb_pdu *p = detail;
	uint8_t announced = cur_u8(c);
	struct op_fact *f;
	struct cursor in;
	size_t n, at;

	(void)x;
	if (!cur_ok(c))
		return false;
	in = mb_values(p, c, announced, 0);
	n = cur_left(&in);
	if (n == 0)
		return true;
	at = run_indicator(in.p, n);
	f = mb_facts(p, 2);
	if (f != NULL) {
		f[op->n_facts++] = (struct op_fact){ .key = FACT_SERVER_ID,
		    .len = (uint16_t)at, .bytes = in.p };
		if (at < n && in.p[at] == 0)
			f[op->n_facts++] = (struct op_fact){ .key = FACT_RUN_STATE,
			    .len = sizeof(off), .bytes = off };
		else if (at < n)
			f[op->n_facts++] = (struct op_fact){ .key = FACT_RUN_STATE,
			    .len = sizeof(on), .bytes = on };
	}
	mb_param_bytes(p, "server_id", in.p, at);
	if (at < n)
		mb_param_uint(p, "run_indicator", in.p[at]);
	if (at + 1 < n)
		mb_param_bytes(p, "additional_data", in.p + at + 1, n - at - 1);
	return true;
}
