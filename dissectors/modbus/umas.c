/* umas.c - Schneider Electric's programming protocol inside function 90.
 *
 *	request   session key 1, UMAS function 1, data
 *	answer    session key 1, status 1 (FE done, FD refused), data
 *
 * No public specification: names as published by researchers (NOTES.md).  The
 * answer does not repeat its function; it is known through the request.
 */
#include "modbus.h"

#define UMAS_READ_ID	0x02u
#define UMAS_RESERVE	0x10u
#define UMAS_OK		0xfeu
#define UMAS_ERROR	0xfdu
#define BLOCK_MIN	16u	/* bytes; a request that carries more carries a block */

/* Publications disagree on which of "upload" and "download" goes into the PLC;
 * the side that carries the block does not. */
static void
settle_direction(struct operation *op, uint32_t first, size_t data_len)
{
	if (op->subfunction != first + 1)
		return;
	op->intent = data_len >= BLOCK_MIN ? INTENT_PROGRAM_WRITE : INTENT_PROGRAM_READ;
	op->command = data_len >= BLOCK_MIN ? CMD_DOWNLOAD : CMD_UPLOAD;
}

/* A reservation: who it is for, four bytes behind its beginning, with its length.
 * Where an application password is set, a proof of it follows the name behind a
 * zero: that is nobody's business. */
static void
reservation(struct mb_pdu *p, struct cursor data)
{
	uint32_t len, n = 0;

	cur_skip(&data, 4);
	len = cur_u8(&data);
	if (!cur_ok(&data))
		return;
	len = len < cur_left(&data) ? len : (uint32_t)cur_left(&data);
	while (n < len && data.p[n] != 0)
		n++;
	if (n > 0)
		mb_param_bytes(p, "client_name", data.p, n);
	len = (uint32_t)cur_left(&data) - n;
	if (len > 1) {
		mb_param_uint(p, "secret_length", len - 1);
		p->secret = true;
	}
}

bool
mb_umas_req(struct dis_ctx *x, struct cursor *c, struct operation *op, void *detail)
{
	struct mb_pdu *p = detail;
	uint8_t session = cur_u8(c);
	struct cursor data;

	(void)x;
	cur_skip(c, 1);
	if (!cur_ok(c))
		return false;
	data = cur_rest(c);
	mb_param_uint(p, "session_key", session);
	if (op->subfunction == UMAS_RESERVE) {
		op->asker |= OP_BY_TOOL;
		reservation(p, data);
	}
	if (cur_left(&data) > 0 && !p->secret)
		mb_param_bytes(p, "data", data.p, cur_left(&data));
	settle_direction(op, 0x30, cur_left(&data));
	settle_direction(op, 0x33, cur_left(&data));
	return true;
}

/* What calls itself "BMX P34 2020", behind 22 bytes of codes and versions on whose meaning publications disagree. */
static void
identification(struct mb_pdu *p, struct cursor data)
{
	struct cursor name;
	struct op_fact *f;
	size_t n;

	cur_skip(&data, 22);
	name = cur_take(&data, cur_u8(&data));
	n = cur_left(&name);
	if (!cur_ok(&data) || n == 0)
		return;
	for (size_t i = 0; i < n; i++)
		if (name.p[i] < ' ' || name.p[i] > '~')
			return;
	f = mb_facts(p, 1);
	if (f != NULL)
		f[p->op->n_facts++] = (struct op_fact){ .key = FACT_MODEL, .bytes = name.p, .len = (uint16_t)n };
}

bool
mb_umas_rsp(struct dis_ctx *x, struct cursor *c, struct operation *op, void *detail)
{
	struct mb_pdu *p = detail;
	uint8_t session = cur_u8(c), status = cur_u8(c);
	struct cursor data;

	(void)x;
	if (!cur_ok(c))
		return false;
	data = cur_rest(c);
	mb_param_uint(p, "session_key", session);
	mb_param_uint(p, "status", status);
	if (cur_left(&data) > 0)
		mb_param_bytes(p, "data", data.p, cur_left(&data));
	if (status == UMAS_ERROR) {
		op->outcome = OUTCOME_EXCEPTION;
		op->exception = status;
		op->exception_name = "UMAS error";
	} else if (status != UMAS_OK)
		mb_wrong(p, ANOM_MB_VALUE, 2, "UMAS status is FD or FE");
	else if (op->subfunction == UMAS_READ_ID)
		identification(p, data);
	return true;
}
