/* file_fifo.c - file records (20, 21) and the FIFO queue (24).
 *
 *	20 request    byte count 1, then per record: type 1 (6), file 2,
 *	              first record 2, record length 2 (registers)
 *	20 answer     data length 1, then per record: length 1, type 1, registers
 *	21            data length 1, then per record: type, file, first, length,
 *	              registers; the answer repeats the request
 *	24            pointer address 2 -> byte count 2, FIFO count 2, registers
 */
#include "modbus.h"

#define REFERENCE	6u	/* MB 6.14: reference type */
#define FILE_HEAD	7u	/* type, file, first record, length */
#define RECORDS		10000u	/* MB 6.14: records 0 to 9999 */
#define FIFO_MAX	31u	/* MB 6.18 */

/* One record's head.  False when it is cut off. */
static bool
file_head(struct mb_pdu *p, struct cursor *c, struct op_item *it)
{
	size_t at = mb_at(p, c);
	uint8_t type = cur_u8(c);

	it->number = cur_be16(c);
	it->first = cur_be16(c);
	it->count = cur_be16(c);
	it->ranged = true;
	if (!cur_ok(c))
		return false;
	if (type != REFERENCE)
		mb_wrong(p, ANOM_MB_REFERENCE_TYPE, at, NULL);
	if (it->number == 0)
		mb_wrong(p, ANOM_MB_VALUE, at + 1, "file 0");
	if (it->first + it->count > RECORDS)
		mb_wrong(p, ANOM_MB_ADDRESS_RANGE, at + 3, "beyond record 9999");
	return true;
}

/* The window that the leading byte count covers; the bytes decide. */
static struct cursor
file_window(struct mb_pdu *p, struct cursor *c)
{
	uint8_t announced = cur_u8(c);

	return mb_values(p, c, announced, 0);
}

bool
mb_file_read_req(struct dis_ctx *x, struct cursor *c, struct operation *op, void *detail)
{
	struct mb_pdu *p = detail;
	struct cursor in = file_window(p, c);
	uint32_t n = (uint32_t)(cur_left(&in) / FILE_HEAD);
	struct op_item *it = n > 0 ? mb_items(p, n) : NULL;

	(void)x;
	for (uint32_t i = 0; it != NULL && i < n; i++)
		if (!file_head(p, &in, &it[i]))
			op->n_items = i;
	if (cur_left(&in) % FILE_HEAD != 0)
		mb_wrong(p, ANOM_MB_COUNT, 1, "not a whole number of records");
	return true;
}

bool
mb_file_read_rsp(struct dis_ctx *x, struct cursor *c, struct operation *op, void *detail)
{
	struct mb_pdu *p = detail;
	struct cursor in = file_window(p, c), count = in, one;
	struct op_item *it;
	uint32_t n = 0;

	(void)x;
	/* Without the request the records have neither file nor number. */
	if (!op->request.seen) {
		for (; cur_left(&count) > 0; n++) {
			cur_skip(&count, cur_u8(&count));
			if (!cur_ok(&count))
				break;
		}
		if (n > 0)
			(void)mb_items(p, n);
	}
	for (n = 0; cur_left(&in) > 0; n++) {
		size_t at = mb_at(p, &in);

		one = cur_take(&in, cur_u8(&in));
		if (!cur_ok(&in)) {
			mb_wrong(p, ANOM_MB_COUNT, at, "record longer than the answer");
			break;
		}
		if (cur_u8(&one) != REFERENCE)
			mb_wrong(p, ANOM_MB_REFERENCE_TYPE, at + 1, NULL);
		it = n < op->n_items ? &op->items[n] : NULL;
		if (it == NULL)
			continue;
		one = cur_rest(&one);
		if (it->ranged && cur_left(&one) != 2 * (size_t)it->count)
			mb_wrong(p, ANOM_MB_ANSWER_SIZE, at, NULL);
		mb_item_values(p, it, &one);
	}
	if (op->request.seen && n != op->n_items)
		mb_wrong(p, ANOM_MB_ANSWER_SIZE, 1, "another number of records");
	return true;
}

static void
file_writes(struct mb_pdu *p, struct cursor *c)
{
	struct cursor in = file_window(p, c), count = in, values;
	struct operation *op = p->op;
	struct op_item *it;
	uint32_t n = 0, i = 0;

	for (; cur_left(&count) >= FILE_HEAD && cur_ok(&count); n++) {
		cur_skip(&count, FILE_HEAD - 2);
		cur_skip(&count, 2 * (size_t)cur_be16(&count));
	}
	it = n > 0 ? mb_items(p, n) : NULL;
	for (; it != NULL && i < n; i++) {
		size_t want;

		if (!file_head(p, &in, &it[i]))
			break;
		it[i].written = true;
		want = 2 * (size_t)it[i].count;
		if (want > cur_left(&in)) {
			mb_wrong(p, ANOM_MB_COUNT, mb_at(p, &in), "record longer than the bytes");
			want = cur_left(&in);
		}
		values = cur_take(&in, want);
		mb_item_values(p, &it[i], &values);
	}
	if (it != NULL)
		op->n_items = i;
	if (cur_left(&in) > 0)
		mb_wrong(p, ANOM_MB_COUNT, mb_at(p, &in), "not a whole number of records");
}

bool
mb_file_write_req(struct dis_ctx *x, struct cursor *c, struct operation *op, void *detail)
{
	(void)x;
	(void)op;
	file_writes(detail, c);
	return true;
}

/* "The normal response is an echo of the request" (MB 6.15). */
bool
mb_file_write_rsp(struct dis_ctx *x, struct cursor *c, struct operation *op, void *detail)
{
	struct mb_pdu *p = detail;
	const struct modbus_bytes *q = &p->detail->request.data;
	struct cursor rest;

	(void)x;
	if (!op->request.seen) {
		file_writes(p, c);
		return true;
	}
	rest = cur_rest(c);
	if (cur_left(&rest) != q->len || memcmp(rest.p, q->p, q->len) != 0)
		mb_wrong(p, ANOM_MB_ECHO, 1, NULL);
	return true;
}

bool
mb_fifo_req(struct dis_ctx *x, struct cursor *c, struct operation *op, void *detail)
{
	uint16_t pointer = cur_be16(c);
	struct op_item *it;

	(void)x;
	(void)op;
	if (!cur_ok(c))
		return false;
	it = mb_items(detail, 1);
	if (it == NULL)
		return true;
	/* One pointer register; how many values stand behind it the answer says. */
	it->ranged = true;
	it->number = it->first = pointer;
	it->count = 1;
	return true;
}

bool
mb_fifo_rsp(struct dis_ctx *x, struct cursor *c, struct operation *op, void *detail)
{
	struct mb_pdu *p = detail;
	uint16_t bytes = cur_be16(c), count;
	struct op_item *it = mb_item_of_request(p, 0);
	struct cursor values;

	(void)x;
	count = cur_be16(c);
	if (!cur_ok(c))
		return false;
	if (count > FIFO_MAX)
		mb_wrong(p, ANOM_MB_QUANTITY, 3, "a FIFO holds at most 31");
	if (bytes != 2u + 2u * count)
		mb_wrong(p, ANOM_MB_COUNT, 1, "byte count and FIFO count disagree");
	mb_param_uint(p, "fifo_count", count);
	values = mb_values(p, c, 2 * (size_t)count, bytes >= 2 ? bytes - 2u : 0);
	if (it == NULL && !op->request.seen)
		it = mb_items(p, 1);
	if (it != NULL)
		mb_item_values(p, it, &values);
	return true;
}
