/* shape.c - what a PDU looks like, before anybody reads it.
 *
 * From the table alone: the legal lengths of a row, where its body counts
 * itself, and how much may be asked for.  Used to tell Modbus from other
 * traffic, requests from answers, and, on serial framings, to find the end.
 */
#include "modbus.h"

#include <string.h>

#include "base/str.h"

#define UMAS_OK		0xfeu
#define UMAS_ERROR	0xfdu
#define EXCEPTION_LEN	2u	/* function code and exception code */

/* Sub-function of a PDU whose body has it, as far as it is there. */
static uint32_t
sub_of(const uint8_t *pdu, uint32_t len)
{
	if (pdu[0] == MB_DIAGNOSTIC && len >= 3)
		return be16_of(pdu + 1);
	return pdu[0] == MB_MEI && len >= 2 ? pdu[1] : FUNC_NO_SUB;
}

static const struct func_desc *
row_of(const uint8_t *pdu, uint32_t len)
{
	return len > 0 ? func_find(mb_funcs, MB_N_FUNCS, pdu[0], sub_of(pdu, len)) : NULL;
}

/* Bytes of body that its byte count announces, itself and what is before it
 * included; 0 when it is not there yet. */
static uint32_t
counted_len(const struct mb_count *n, struct cursor body)
{
	uint32_t v;

	cur_skip(&body, n->at);
	v = n->width == 2 ? cur_be16(&body) : cur_u8(&body);
	return cur_ok(&body) ? n->at + n->width + v : 0;
}

/* Objects of a device identification announce their own lengths; 0 while more
 * bytes are needed (MB 6.21). */
static uint32_t
device_id_len(struct cursor body)
{
	struct cursor all = body;
	uint8_t n;

	cur_skip(&body, 5);
	n = cur_u8(&body);
	for (; n > 0 && cur_ok(&body); n--) {
		cur_skip(&body, 1);
		cur_skip(&body, cur_u8(&body));
	}
	return cur_ok(&body) ? (uint32_t)(body.p - all.p) : 0;
}

/* Are the quantities of this body what the specification allows? */
static bool
legal_values(const struct func_desc *row, struct cursor body, bool response)
{
	const struct mb_columns *col = mb_columns_of(row);
	uint16_t first, count, value;

	switch (row->code) {
	case MB_READ_COILS: case MB_READ_DISCRETES: case MB_READ_HOLDING: case MB_READ_INPUT:
		if (response) {
			count = cur_u8(&body);
			return count > 0 && (row->code < 3 || count % 2 == 0);
		}
		first = cur_be16(&body);
		count = cur_be16(&body);
		return count > 0 && count <= col->max_read && first + count <= 65536;
	case MB_WRITE_COIL:
		cur_skip(&body, 2);
		value = cur_be16(&body);
		return value == 0 || value == 0xff00;
	case MB_WRITE_COILS: case MB_WRITE_REGISTERS:
		first = cur_be16(&body);
		count = cur_be16(&body);
		return count > 0 && count <= col->max_write && first + count <= 65536 &&
		    (response || cur_u8(&body) == mb_bytes_of((uint8_t)row->space, count));
	case MB_READ_WRITE:
		if (response)
			return cur_u8(&body) % 2 == 0;
		cur_skip(&body, 2);
		count = cur_be16(&body);
		cur_skip(&body, 2);
		value = cur_be16(&body);
		return count > 0 && count <= col->max_read && value > 0 &&
		    value <= col->max_write && cur_u8(&body) == 2 * value;
	case MB_READ_FILE: case MB_WRITE_FILE:
		cur_skip(&body, response && row->code == MB_READ_FILE ? 2 : 1);
		return cur_u8(&body) == 6;
	case MB_MEI:
		cur_skip(&body, 1);
		value = cur_u8(&body);
		return row->sub != 14 || (value >= 1 && value <= 4);
	case MB_UMAS:
		cur_skip(&body, 1);
		value = cur_u8(&body);
		return response == (value == UMAS_OK || value == UMAS_ERROR);
	default:
		return true;
	}
}

static enum mb_fit
fits(const struct func_desc *row, const uint8_t *pdu, uint32_t len, bool response)
{
	struct cursor c = cur_of(pdu, len), body;
	uint8_t code = cur_u8(&c);
	const struct mb_columns *col = mb_columns_of(row);
	const struct mb_count *n;
	struct op_span span;

	/* Also of a code that nobody has assigned: the answer to a scan. */
	if (code & MB_EXCEPTION) {
		if (!response || (code & 0x7f) == 0 || len != EXCEPTION_LEN)
			return FIT_NO;
		return mb_exception_word(cur_u8(&c)) != NULL ? FIT_LEGAL : FIT_LENGTH;
	}
	if (row == NULL)
		return FIT_NO;
	body = cur_rest(&c);
	n = response ? &col->rsp_count : &col->req_count;
	span = response ? row->rsp_len : row->req_len;
	if (cur_left(&body) < span.min || cur_left(&body) > span.max)
		return FIT_NO;
	if (n->width > 0 && counted_len(n, body) != cur_left(&body))
		return FIT_NO;
	if (response && row->code == MB_MEI && row->sub == 14 &&
	    device_id_len(body) != cur_left(&body))
		return FIT_NO;
	return legal_values(row, body, response) ? FIT_LEGAL : FIT_LENGTH;
}

enum mb_fit
mb_fits(const uint8_t *pdu, uint32_t len, bool response)
{
	return fits(row_of(pdu, len), pdu, len, response);
}

/* The reads and writes that nearly all traffic is, without the table: what fits()
 * and legal_values() ask of them, and nothing less.  False says nothing. */
bool
mb_is_plainly_legal(const uint8_t *p, uint32_t len, bool response)
{
	uint32_t first, count;

	if (len < 2 || p[0] == 0 || p[0] > 16)
		return false;
	if (response && p[0] <= 4)
		return p[1] > 0 && p[1] + 2u == len && p[1] <= 250 &&
		    (p[0] < 3 || p[1] % 2 == 0);
	if (len < 5)
		return false;
	first = be16_of(p + 1);
	count = be16_of(p + 3);
	switch (p[0]) {
	case MB_READ_COILS: case MB_READ_DISCRETES:
		return len == 5 && count > 0 && count <= 2000 && first + count <= 65536;
	case MB_READ_HOLDING: case MB_READ_INPUT:
		return len == 5 && count > 0 && count <= 125 && first + count <= 65536;
	case MB_WRITE_COIL:
		return len == 5 && (count == 0 || count == 0xff00);
	case MB_WRITE_REGISTER:
		return len == 5;
	case MB_WRITE_REGISTERS:
		if (count == 0 || count > 123 || first + count > 65536)
			return false;
		return response ? len == 5 :
		    len > 6 && p[5] == 2 * count && p[5] + 6u == len;
	default:
		return false;
	}
}

bool
mb_is_legal(const struct dis_ctx *x, const uint8_t *pdu, uint32_t len, bool response)
{
	return mb_is_plainly_legal(pdu, len, response) ||
	    fits(dis_func(x, pdu[0], sub_of(pdu, len)), pdu, len, response) == FIT_LEGAL;
}

int8_t
mb_role(const uint8_t *pdu, uint32_t len)
{
	enum mb_fit request = mb_fits(pdu, len, false), answer = mb_fits(pdu, len, true);

	return (int8_t)((request > answer) - (request < answer));
}

uint32_t
mb_pdu_len(const uint8_t *pdu, uint32_t have, bool response)
{
	struct cursor c = cur_of(pdu, have), body;
	uint8_t code = cur_u8(&c);
	const struct func_desc *row = row_of(pdu, have);
	const struct mb_columns *col = mb_columns_of(row);
	const struct mb_count *n = response ? &col->rsp_count : &col->req_count;
	struct op_span span;
	uint32_t len;

	if (!cur_ok(&c))
		return 0;
	if (code & MB_EXCEPTION)
		return response ? EXCEPTION_LEN : UINT32_MAX;
	if (row == NULL)
		return UINT32_MAX;
	body = cur_rest(&c);
	if (n->width > 0) {
		len = counted_len(n, body);
		return len > 0 ? len + 1 : 0;
	}
	/* The row without a sub-function stands in until that is readable. */
	if (row->sub == FUNC_NO_SUB && cur_left(&body) < 2 &&
	    (row->code == MB_DIAGNOSTIC || row->code == MB_MEI))
		return 0;
	if (response && row->code == MB_MEI && row->sub == 14) {
		len = device_id_len(body);
		return len > 0 ? len + 1 : 0;
	}
	/* Return Query Data may be longer, but nobody's is (MB 6.8.1). */
	if (row->code == MB_DIAGNOSTIC)
		return 5;
	span = response ? row->rsp_len : row->req_len;
	return span.min == span.max ? span.min + 1u : UINT32_MAX;
}

/* ---- does an answer belong to a request? ------------------------------ */

/* Values that a read answer must bring for this quantity, in bytes. */
static bool
right_count(const uint8_t *req, uint32_t at, const uint8_t *rsp, uint32_t rsp_len)
{
	uint32_t count = be16_of(req + at), n = req[0] < 3 ? (count + 7) / 8 : 2 * count;

	return rsp_len == n + 2 && rsp[1] == n;
}

bool
mb_answers(const uint8_t *req, uint32_t req_len, const uint8_t *rsp, uint32_t rsp_len)
{
	if (req_len == 0 || rsp_len == 0 || (rsp[0] & 0x7f) != req[0])
		return false;
	if (rsp[0] & MB_EXCEPTION)
		return rsp_len <= EXCEPTION_LEN + 1;
	switch (req[0]) {
	case MB_READ_COILS: case MB_READ_DISCRETES: case MB_READ_HOLDING: case MB_READ_INPUT:
		return req_len >= 5 && rsp_len >= 2 && right_count(req, 3, rsp, rsp_len);
	case MB_READ_WRITE:
		return req_len >= 5 && rsp_len >= 2 && right_count(req, 3, rsp, rsp_len);
	case MB_WRITE_COIL: case MB_WRITE_REGISTER: case MB_WRITE_COILS: case MB_WRITE_REGISTERS:
		return req_len >= 5 && rsp_len == 5 && memcmp(req, rsp, 5) == 0;
	case MB_MASK_WRITE:
		return req_len == rsp_len && memcmp(req, rsp, rsp_len) == 0;
	default:
		return sub_of(req, req_len) == sub_of(rsp, rsp_len);
	}
}
