/* mei.c - encapsulated interfaces: 43/13 CANopen and 43/14 device identification.
 *
 *	43/14 request   MEI type 1, read code 1, object id 1
 *	43/14 answer    MEI type 1, read code 1, conformity 1, more follows 1,
 *	                next object id 1, number of objects 1,
 *	                then per object: id 1, length 1, value
 */
#include "modbus.h"

#include "base/str.h"

static struct cursor
mei_body(struct mb_pdu *p, struct cursor *c)
{
	struct modbus_message *m = p->msg;
	uint8_t type = cur_u8(c);

	if (!cur_ok(c))
		return cur_rest(c);
	m->has_mei = true;
	m->mei.raw = type;
	m->mei.code = p->row->sub != FUNC_NO_SUB ? p->row->word : "Unknown";
	m->mei.data = mb_rest(c);
	return cur_rest(c);
}

/* CANopen (CiA 309-2 is not public) and unknown types: bytes as they are. */
static bool
mei_opaque(struct mb_pdu *p, struct cursor *c)
{
	struct cursor data = mei_body(p, c);

	if (cur_ok(&data) && cur_left(&data) > 0)
		mb_param_bytes(p, p->col->data, data.p, cur_left(&data));
	return cur_ok(&data);
}

bool
mb_mei_req(struct dis_ctx *x, struct cursor *c, struct operation *op, void *detail)
{
	(void)x;
	(void)op;
	return mei_opaque(detail, c);
}

bool
mb_mei_rsp(struct dis_ctx *x, struct cursor *c, struct operation *op, void *detail)
{
	(void)x;
	(void)op;
	return mei_opaque(detail, c);
}

/* MB 6.21: 1 basic, 2 regular, 3 extended (streams), 4 one object. */
static void
read_code(struct mb_pdu *p, struct cursor *in)
{
	uint8_t code = cur_u8(in);

	if (!cur_ok(in))
		return;
	mb_param_uint(p, "read_device_id_code", code);
	if (code < 1 || code > 4)
		mb_wrong(p, ANOM_MB_VALUE, 2, "read device id code is 1 to 4");
}

bool
mb_device_id_req(struct dis_ctx *x, struct cursor *c, struct operation *op, void *detail)
{
	struct mb_pdu *p = detail;
	struct cursor in = mei_body(p, c);
	uint8_t object;

	(void)x;
	(void)op;
	read_code(p, &in);
	object = cur_u8(&in);
	if (cur_ok(&in))
		mb_param_uint(p, "object_id", object);
	else
		cur_fail(c, in.why, in.what);
	if (cur_left(&in) > 0)
		mb_wrong(p, ANOM_MB_TRAILING, 4, NULL);
	return cur_ok(&in);
}

/* MB 6.21, table of objects; 07-7F reserved, 80-FF the vendor's own. */
static uint8_t
fact_key(uint8_t object)
{
	static const uint8_t keys[] = { FACT_VENDOR, FACT_PRODUCT_CODE, FACT_REVISION,
	    FACT_URL, FACT_PRODUCT_NAME, FACT_MODEL, FACT_APPLICATION };

	return object < COUNTOF(keys) ? keys[object] : FACT_OTHER;
}

static uint32_t
objects(struct mb_pdu *p, struct cursor *in)
{
	struct cursor count = *in, value;
	struct op_fact *f;
	uint32_t n = 0;

	for (; cur_left(&count) >= 2; n++) {
		cur_skip(&count, 1);
		cur_skip(&count, cur_u8(&count));
		if (!cur_ok(&count))
			break;
	}
	f = n > 0 ? mb_facts(p, n) : NULL;
	for (uint32_t i = 0; i < n; i++) {
		uint8_t id = cur_u8(in);

		value = cur_take(in, cur_u8(in));
		if (f == NULL)
			continue;
		f[p->op->n_facts++] = (struct op_fact){ .key = fact_key(id), .number = id,
		    .len = (uint16_t)cur_left(&value), .bytes = value.p };
	}
	if (cur_left(in) > 0)
		mb_wrong(p, ANOM_MB_COUNT, 7, "an object is longer than the answer");
	return n;
}

bool
mb_device_id_rsp(struct dis_ctx *x, struct cursor *c, struct operation *op, void *detail)
{
	struct mb_pdu *p = detail;
	struct cursor in = mei_body(p, c);
	uint8_t conformity, more, next, announced;

	(void)x;
	(void)op;
	read_code(p, &in);
	conformity = cur_u8(&in);
	more = cur_u8(&in);
	next = cur_u8(&in);
	announced = cur_u8(&in);
	if (!cur_ok(&in)) {
		cur_fail(c, in.why, in.what);
		return false;
	}
	mb_param_uint(p, "conformity_level", conformity);
	mb_param_uint(p, "more_follows", more);
	mb_param_uint(p, "next_object_id", next);
	mb_param_uint(p, "number_of_objects", announced);
	if (more != 0 && more != 0xff)
		mb_wrong(p, ANOM_MB_VALUE, 4, "more follows is 00 or FF");
	if (objects(p, &in) != announced)
		mb_wrong(p, ANOM_MB_COUNT, 6, "number of objects and objects disagree");
	return true;
}
