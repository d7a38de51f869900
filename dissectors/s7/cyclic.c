/* cyclic.c - variables that the controller sends by itself (group 2). */
#include "s7.h"

#include "base/str.h"

/* "every 5 of 100 ms" is how it is written; in milliseconds it can be compared. */
static uint32_t
interval_ms(uint8_t base, uint8_t factor)
{
	static const uint32_t ms[] = { 100, 1000, 10000 };

	return base < COUNTOF(ms) ? ms[base] * (factor > 0 ? factor : 1u) : 0;
}

/* n specifications as items of the operation. */
static bool
read_specs(struct s7_pdu *p, struct cursor *c, uint32_t n)
{
	struct op_item *it = n > 0 ? s7_items(p, n) : NULL;
	struct s7_var *v = n > 0 ? arena_zalloc(p->x->arena, n, sizeof(*v)) : NULL;
	uint32_t got = 0;

	if (it == NULL || v == NULL) {
		p->op->n_items = 0;
		return false;
	}
	for (; got < n && cur_left(c) > 0; got++) {
		v[got].item = got;
		if (!s7_var_spec(p, c, &it[got], &v[got], got + 1 == n))
			break;
	}
	p->op->n_items = got;
	p->detail->vars = v;
	p->detail->n_vars = got;
	if (got < n)
		s7_wrong(p, ANOM_S7_ITEM_COUNT, 0, "fewer items than announced");
	return true;
}

bool
s7_cyclic_req(struct dis_ctx *x, struct cursor *c, struct operation *op, void *detail)
{
	struct s7_pdu *p = detail;
	uint32_t n = cur_be16(c);
	uint8_t base = cur_u8(c), factor = cur_u8(c);

	(void)x;
	(void)op;
	if (!cur_ok(c))
		return true;
	p->msg->has_item_count = n < 256;
	p->msg->item_count = (uint8_t)n;
	s7_param_uint(p, "interval_ms", interval_ms(base, factor));
	if (n > cur_left(c) / 4 + 1) {
		s7_wrong(p, ANOM_S7_ITEM_COUNT, s7_at(p, c) - 4, "more items than bytes");
		n = (uint32_t)(cur_left(c) / 4 + 1);
	}
	return read_specs(p, c, n);
}

/* The first answer, and every push after it: as many data items as were asked for. */
bool
s7_cyclic_rsp(struct dis_ctx *x, struct cursor *c, struct operation *op, void *detail)
{
	struct s7_pdu *p = detail;
	uint32_t n = cur_be16(c), got = 0;
	bool known = n > 0 && op->n_items == n && p->detail->n_vars == n;
	struct s7_var *v;

	if (!cur_ok(c))
		return true;
	p->msg->has_item_count = n < 256;
	p->msg->item_count = (uint8_t)n;
	if (n > cur_left(c) / 4 + 1) {
		s7_wrong(p, ANOM_S7_ITEM_COUNT, s7_at(p, c) - 2, "more items than bytes");
		n = (uint32_t)(cur_left(c) / 4 + 1);
	}
	if (!known) {
		v = n > 0 ? arena_zalloc(x->arena, n, sizeof(*v)) : NULL;
		if (v == NULL || s7_items(p, n) == NULL)
			return false;
		for (uint32_t i = 0; i < n; i++)
			v[i].item = i;
		p->detail->vars = v;
		p->detail->n_vars = n;
	}
	v = (struct s7_var *)(uintptr_t)p->detail->vars;
	for (; got < n && cur_left(c) >= 4 && got < op->n_items; got++) {
		struct s7_data one = s7_data_item(p, c, got + 1 < n);

		if (got < p->detail->n_vars)
			s7_item_data(&v[got], &one);
		s7_item_return(p, got < p->detail->n_vars ? &v[got] : NULL, &op->items[got], one.code);
		if (one.code == 0xff)
			s7_values(p, &op->items[got], one.type, &one.bytes);
	}
	if (got < n)
		s7_wrong(p, ANOM_S7_ITEM_COUNT, 0, "fewer items than announced");
	return true;
}

bool
s7_unsubscribe_req(struct dis_ctx *x, struct cursor *c, struct operation *op, void *detail)
{
	struct s7_pdu *p = detail;

	(void)x;
	(void)op;
	s7_param_uint(p, "cyclic_function", cur_u8(c));
	s7_param_uint(p, "job_id", cur_u8(c));
	return true;
}

/* Which records: reserved 1, how many 1, a specification each. */
bool
s7_record_req(struct dis_ctx *x, struct cursor *c, struct operation *op, void *detail)
{
	struct s7_pdu *p = detail;
	uint32_t n;

	(void)x;
	(void)op;
	cur_skip(c, 1);
	n = cur_u8(c);
	if (!cur_ok(c) || n == 0)
		return true;
	p->msg->has_item_count = true;
	p->msg->item_count = (uint8_t)n;
	return read_specs(p, c, n);
}

/* Reserved 1, how many 1, return code 1, length 1 and bytes of a status, data items. */
bool
s7_record_rsp(struct dis_ctx *x, struct cursor *c, struct operation *op, void *detail)
{
	struct s7_pdu *p = detail;
	uint32_t n;
	uint8_t code, len;

	(void)x;
	cur_skip(c, 1);
	n = cur_u8(c);
	code = cur_u8(c);
	len = cur_u8(c);
	if (!cur_ok(c))
		return true;
	s7_param_uint(p, "record_return_code", code);
	p->msg->has_item_count = true;
	p->msg->item_count = (uint8_t)n;
	if (len > 0) {
		struct cursor status = cur_take(c, len < cur_left(c) ? len : cur_left(c));

		s7_param_bytes(p, "status", status.p, cur_left(&status));
	}
	for (uint32_t i = 0; i < n && cur_left(c) >= 4; i++) {
		struct s7_data one = s7_data_item(p, c, i + 1 < n);
		struct s7_var *v = i < p->detail->n_vars ?
		    (struct s7_var *)(uintptr_t)&p->detail->vars[i] : NULL;

		if (v != NULL && i < op->n_items) {
			s7_item_data(v, &one);
			s7_item_return(p, v, &op->items[i], one.code);
			if (one.code == 0xff)
				s7_values(p, &op->items[i], one.type, &one.bytes);
		} else
			s7_param_bytes(p, "record", one.bytes.p, cur_left(&one.bytes));
	}
	if (cur_left(c) == 1)
		cur_skip(c, 1);
	return true;
}
