/* read_write.c - coils, inputs and registers: functions 1-6, 15, 16, 22, 23.
 *
 *	read          address 2, quantity 2          -> byte count 1, values
 *	write one     address 2, value 2             -> the same
 *	write many    address 2, quantity 2,
 *	              byte count 1, values           -> address 2, quantity 2
 *	mask          address 2, and 2, or 2         -> the same
 *	read/write    read range 4, write many       -> byte count 1, values
 *
 * A read answer has no address of its own: its values go to the item that its
 * request made.
 */
#include "modbus.h"

/* address and quantity of a read */
static void
read_range(struct mb_pdu *p, struct cursor *c, struct op_item *it)
{
	size_t at = mb_at(p, c);
	uint16_t first = cur_be16(c), count = cur_be16(c);

	if (!cur_ok(c))
		return;
	p->msg->has_read = p->msg->read.has_range = true;
	p->msg->read.address = first;
	p->msg->read.quantity = count;
	mb_check_range(p, first, count, p->col->max_read, at);
	if (it == NULL)
		return;
	it->ranged = true;
	it->first = first;
	it->count = count;
}

/* address, quantity, byte count and values of a write */
static void
write_range(struct mb_pdu *p, struct cursor *c, struct op_item *it)
{
	size_t at = mb_at(p, c);
	uint16_t first = cur_be16(c), count = cur_be16(c);
	uint8_t bytes = cur_u8(c);
	struct cursor values;

	if (!cur_ok(c))
		return;
	p->msg->has_write = p->msg->write.has_quantity = p->msg->write.has_bytes = true;
	p->msg->write.address = first;
	p->msg->write.quantity = count;
	p->msg->write.data = mb_rest(c);
	mb_check_range(p, first, count, p->col->max_write, at);
	values = mb_values(p, c, bytes, mb_bytes_of((uint8_t)p->row->space, count));
	if (it == NULL)
		return;
	it->written = it->ranged = true;
	it->first = first;
	it->count = count;
	mb_item_values(p, it, &values);
}

/* A window that ended early gave no range: then there is no item either. */
static bool
keep_items(struct mb_pdu *p, const struct cursor *c, uint32_t n)
{
	if (!cur_ok(c) && p->op->n_items > n)
		p->op->n_items = n;
	return cur_ok(c);
}

bool
mb_read_req(struct dis_ctx *x, struct cursor *c, struct operation *op, void *detail)
{
	struct mb_pdu *p = detail;

	(void)x;
	(void)op;
	read_range(p, c, mb_items(p, 1));
	return keep_items(p, c, 0);
}

bool
mb_read_rsp(struct dis_ctx *x, struct cursor *c, struct operation *op, void *detail)
{
	struct mb_pdu *p = detail;
	struct op_item *it = mb_item_of_request(p, 0);
	size_t announced = cur_u8(c), expect = 0;
	struct cursor values;

	(void)x;
	(void)op;
	if (!cur_ok(c))
		return false;
	p->msg->has_read = true;
	p->msg->read.data = mb_rest(c);
	if (it != NULL)
		expect = mb_bytes_of(it->space, it->count);
	values = mb_values(p, c, announced, expect);
	if (announced == 0)
		mb_wrong(p, ANOM_MB_VALUE, 1, "byte count 0");
	if (expect != 0 && cur_left(&values) != expect)
		mb_wrong(p, ANOM_MB_ANSWER_SIZE, 1, NULL);
	if (it == NULL)
		it = p->op->request.seen ? NULL : mb_items(p, 1);
	if (it != NULL)
		mb_item_values(p, it, &values);
	return true;
}

/* The value of a write of one, and its address, on either side. */
static struct op_item *
one_value(struct mb_pdu *p, struct cursor *c)
{
	uint16_t first = cur_be16(c), value;
	struct op_item *it;
	const uint8_t *at;
	struct cursor peek = *c;

	value = cur_be16(&peek);
	at = cur_bytes(c, 2);
	if (at == NULL)
		return NULL;
	p->msg->has_write = p->msg->write.has_value = true;
	p->msg->write.address = first;
	p->msg->write.value = value;
	if (p->row->space == SPACE_COIL && value != 0 && value != 0xff00)
		mb_wrong(p, ANOM_MB_VALUE, 3, "a coil is 0000 or FF00");
	if (p->response && p->op->request.seen)
		return NULL;
	it = mb_items(p, 1);
	if (it == NULL)
		return NULL;
	it->written = it->ranged = true;
	it->first = first;
	it->count = it->n_values = 1;
	it->raw = at;
	/* FF00 is one bit of value; anything else is shown as it was sent. */
	it->form = p->row->space == SPACE_COIL && (value == 0 || value == 0xff00) ?
	    FORM_BITS_LSB : FORM_U16_BE;
	return it;
}

bool
mb_write_one(struct dis_ctx *x, struct cursor *c, struct operation *op, void *detail)
{
	(void)x;
	(void)op;
	(void)one_value(detail, c);
	return cur_ok(c);
}

/* Does this side's write say what the other side's did? */
static void
check_echo(struct mb_pdu *p)
{
	const struct modbus_message *q = &p->detail->request, *a = p->msg;

	if (!p->response || !p->op->request.seen || !q->has_write || !a->has_write)
		return;
	if (a->write.address != q->write.address)
		mb_wrong(p, ANOM_MB_ECHO, 1, "another address");
	else if (a->write.value != (q->write.has_quantity ? q->write.quantity : q->write.value) ||
	    a->write.and_mask != q->write.and_mask || a->write.or_mask != q->write.or_mask)
		mb_wrong(p, ANOM_MB_ECHO, 3, "another value");
}

bool
mb_write_one_rsp(struct dis_ctx *x, struct cursor *c, struct operation *op, void *detail)
{
	struct mb_pdu *p = detail;

	(void)x;
	(void)op;
	(void)one_value(p, c);
	check_echo(p);
	return cur_ok(c);
}

bool
mb_write_many(struct dis_ctx *x, struct cursor *c, struct operation *op, void *detail)
{
	struct mb_pdu *p = detail;

	(void)x;
	(void)op;
	write_range(p, c, mb_items(p, 1));
	return keep_items(p, c, 0);
}

bool
mb_write_many_rsp(struct dis_ctx *x, struct cursor *c, struct operation *op, void *detail)
{
	struct mb_pdu *p = detail;
	uint16_t first = cur_be16(c), count = cur_be16(c);
	struct op_item *it;

	(void)x;
	(void)op;
	if (!cur_ok(c))
		return false;
	p->msg->has_write = p->msg->write.has_value = true;
	p->msg->write.address = first;
	p->msg->write.value = count;
	if (p->op->request.seen) {
		check_echo(p);
		return true;
	}
	mb_check_range(p, first, count, p->col->max_write, 1);
	it = mb_items(p, 1);
	if (it == NULL)
		return true;
	it->written = it->ranged = true;
	it->first = first;
	it->count = count;
	return true;
}

/* MB 6.16: result = (current AND and_mask) OR (or_mask AND NOT and_mask); the
 * current value is not on the wire, so the item has none. */
static void
read_masks(struct mb_pdu *p, struct cursor *c)
{
	uint16_t first = cur_be16(c), and_mask = cur_be16(c), or_mask = cur_be16(c);
	struct op_item *it;

	if (!cur_ok(c))
		return;
	p->msg->has_write = p->msg->write.has_masks = true;
	p->msg->write.address = first;
	p->msg->write.and_mask = and_mask;
	p->msg->write.or_mask = or_mask;
	mb_param_uint(p, "and_mask", and_mask);
	mb_param_uint(p, "or_mask", or_mask);
	if (p->response && p->op->request.seen)
		return;
	it = mb_items(p, 1);
	if (it == NULL)
		return;
	it->written = it->ranged = true;
	it->first = first;
	it->count = 1;
}

bool
mb_mask_req(struct dis_ctx *x, struct cursor *c, struct operation *op, void *detail)
{
	(void)x;
	(void)op;
	read_masks(detail, c);
	return cur_ok(c);
}

bool
mb_mask_rsp(struct dis_ctx *x, struct cursor *c, struct operation *op, void *detail)
{
	struct mb_pdu *p = detail;

	(void)x;
	(void)op;
	read_masks(p, c);
	check_echo(p);
	return cur_ok(c);
}

/* MB 6.17: the write is done before the read; items[0] is what is read. */
bool
mb_read_write_req(struct dis_ctx *x, struct cursor *c, struct operation *op, void *detail)
{
	struct mb_pdu *p = detail;
	struct op_item *it = mb_items(p, 2);

	(void)x;
	(void)op;
	read_range(p, c, it);
	if (!keep_items(p, c, 0))
		return false;
	write_range(p, c, it != NULL ? &it[1] : NULL);
	return keep_items(p, c, 1);
}
