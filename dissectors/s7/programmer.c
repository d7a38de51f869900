/* programmer.c - test and commissioning (group 1): watching, modifying and forcing
 * variables, breakpoints, stacks, jobs.
 *
 * Every message is: length of parameters 2, length of data 2, both.
 */
#include "s7.h"

#include "base/str.h"

/* Memory areas of these functions: area in the high half, size in the low. */
static const struct tis_area { uint8_t code; enum op_space space; uint8_t type; } areas[] = {
	{ 0x00, SPACE_S7_FLAG, 1 },	{ 0x01, SPACE_S7_FLAG, 2 },
	{ 0x02, SPACE_S7_FLAG, 4 },	{ 0x03, SPACE_S7_FLAG, 6 },
	{ 0x10, SPACE_S7_INPUT, 1 },	{ 0x11, SPACE_S7_INPUT, 2 },
	{ 0x12, SPACE_S7_INPUT, 4 },	{ 0x13, SPACE_S7_INPUT, 6 },
	{ 0x20, SPACE_S7_OUTPUT, 1 },	{ 0x21, SPACE_S7_OUTPUT, 2 },
	{ 0x22, SPACE_S7_OUTPUT, 4 },	{ 0x23, SPACE_S7_OUTPUT, 6 },
	{ 0x31, SPACE_S7_PERIPHERY, 2 }, { 0x32, SPACE_S7_PERIPHERY, 4 },
	{ 0x33, SPACE_S7_PERIPHERY, 6 },
	{ 0x54, SPACE_S7_TIMER, 29 },	{ 0x64, SPACE_S7_COUNTER, 28 },
	{ 0x70, SPACE_S7_DB, 1 },	{ 0x71, SPACE_S7_DB, 2 },
	{ 0x72, SPACE_S7_DB, 4 },	{ 0x73, SPACE_S7_DB, 6 },
};

static const struct s7_word triggers[] = {
	{ 0x0000, "immediately" }, { 0x0100, "system trigger" },
	{ 0x0200, "start of cycle" }, { 0x0300, "end of cycle" },
	{ 0x0400, "transition from RUN to STOP" }, { 0x0500, "after a code address" },
	{ 0x0600, "code address range" }, { 0x0601, "code address range in a call" },
	{ 0x0700, "data address" }, { 0x0800, "data address range" },
	{ 0x0900, "local data address" }, { 0x0a00, "local data range" },
	{ 0x0b00, "range" }, { 0x0c00, "before a code address" },
};

static void
read_spec(struct s7_pdu *p, struct cursor *c, struct op_item *it, bool written)
{
	uint8_t area = cur_u8(c), count = cur_u8(c);
	uint16_t db = cur_be16(c), at = cur_be16(c);

	it->written = written;
	it->ranged = true;
	it->count = count;
	it->number = db;
	it->first = at;
	for (size_t i = 0; i < COUNTOF(areas); i++)
		if (areas[i].code == area) {
			it->space = (uint8_t)areas[i].space;
			it->type = areas[i].type;
			if (it->type == 1) {
				/* One bit: its number stands where others count. */
				it->bit = count & 7;
				it->count = 1;
			}
			return;
		}
	if (cur_ok(c))
		s7_wrong(p, ANOM_S7_ITEM, s7_at(p, c) - 6, "memory area");
}

/* The list of variables that are watched, modified or forced. */
static void
read_specs(struct s7_pdu *p, struct cursor *d, bool written)
{
	uint32_t n = cur_be16(d), got = 0;
	struct op_item *it;

	if (!cur_ok(d) || n == 0)
		return;
	if (n > cur_left(d) / 6) {
		s7_wrong(p, ANOM_S7_ITEM_COUNT, s7_at(p, d) - 2, "more items than bytes");
		n = (uint32_t)(cur_left(d) / 6);
	}
	it = n > 0 ? s7_items(p, n) : NULL;
	if (it == NULL)
		return;
	for (; got < n; got++)
		read_spec(p, d, &it[got], written);
	for (uint32_t i = 0; written && i < n && cur_left(d) >= 4; i++) {
		struct s7_data one = s7_data_item(p, d, i + 1 < n);

		s7_values(p, &it[i], one.type, one.bytes);
	}
}

static void
read_parameters(struct s7_pdu *p, struct cursor *par)
{
	static const char *const names[] = {
		"tis_parameter_1", "trigger_type", "trigger_frequency", "answer_size",
	};

	for (size_t i = 0; cur_left(par) >= 2; i++) {
		uint16_t v = cur_be16(par);

		if (i < COUNTOF(names))
			s7_param_uint(p, names[i], v);
		else if (i == 9) {
			s7_param_uint(p, "trigger_event", v);
			s7_param_text(p, "trigger", s7_name(triggers, COUNTOF(triggers), v));
		}
	}
	(void)cur_rest(par);
}

/* Another job that this one is about. */
static void
read_job_id(struct s7_pdu *p, struct cursor *d)
{
	const struct func_desc *row;
	uint8_t function, sequence;

	if (cur_left(d) < 2)
		return;
	function = cur_u8(d);
	sequence = cur_u8(d);
	row = func_find(s7_funcs, S7_N_FUNCS, S7_CODE_GROUP | 1, function);
	s7_param_uint(p, "job_function", function);
	if (row != NULL && row->sub == function)
		s7_param_text(p, "job_name", row->name);
	s7_param_uint(p, "job_sequence", sequence);
}

bool
s7_tis_req(struct dis_ctx *x, struct cursor *c, struct operation *op, void *detail)
{
	struct s7_pdu *p = detail;
	uint16_t par_len = cur_be16(c), data_len = cur_be16(c);
	struct cursor par, d;

	(void)x;
	(void)op;
	if (!cur_ok(c))
		return true;
	par = cur_take(c, par_len < cur_left(c) ? par_len : cur_left(c));
	d = cur_take(c, data_len < cur_left(c) ? data_len : cur_left(c));
	if (cur_left(&par) < par_len || cur_left(&d) < data_len)
		s7_wrong(p, ANOM_S7_LENGTH, s7_at(p, c), "parameters or data");
	switch (p->msg->subfunction) {
	case 0x02:
		read_parameters(p, &par);
		read_specs(p, &d, false);
		break;
	case 0x08:
	case 0x09:
		read_parameters(p, &par);
		read_specs(p, &d, true);
		break;
	case 0x0d:
	case 0x0e:
	case 0x0f:
	case 0x11:
	case 0x12:
		read_parameters(p, &par);
		read_job_id(p, &d);
		break;
	default:
		read_parameters(p, &par);
		break;
	}
	if (cur_left(&d) > 0 && p->msg->subfunction != 0x02)
		s7_param_bytes(p, "data", d.p, cur_left(&d));
	return true;
}

/* Values of the watched variables. */
static void
read_watch(struct s7_pdu *p, struct cursor *d)
{
	struct operation *op = p->op;
	uint32_t n = cur_be16(d);

	if (!cur_ok(d))
		return;
	if (n > cur_left(d) / 4) {
		s7_wrong(p, ANOM_S7_ITEM_COUNT, s7_at(p, d) - 2, "more items than bytes");
		n = (uint32_t)(cur_left(d) / 4);
	}
	if (!op->request.seen || op->n_items == 0) {
		if (n == 0 || s7_items(p, n) == NULL)
			return;
	} else if (n != op->n_items)
		s7_wrong(p, ANOM_S7_ITEM_COUNT, s7_at(p, d) - 2,
		    "not as many as were asked for");
	for (uint32_t i = 0; i < n && i < op->n_items && cur_left(d) >= 4; i++) {
		struct s7_data one = s7_data_item(p, d, i + 1 < n);

		op->items[i].status = one.code == 0xff ? 0 : one.code;
		if (one.code == 0xff)
			s7_values(p, &op->items[i], one.type, one.bytes);
	}
}

bool
s7_tis_rsp(struct dis_ctx *x, struct cursor *c, struct operation *op, void *detail)
{
	struct s7_pdu *p = detail;
	uint16_t par_len, data_len;
	struct cursor par, d;

	(void)x;
	(void)op;
	if (cur_left(c) == 0)
		return true;
	par_len = cur_be16(c);
	data_len = cur_be16(c);
	if (!cur_ok(c))
		return true;
	par = cur_take(c, par_len < cur_left(c) ? par_len : cur_left(c));
	d = cur_take(c, data_len < cur_left(c) ? data_len : cur_left(c));
	if (cur_left(&par) >= 4) {
		s7_param_uint(p, "tis_result_1", cur_be16(&par));
		s7_param_uint(p, "tis_result_2", cur_be16(&par));
	}
	if (p->msg->subfunction == 0x02)
		read_watch(p, &d);
	else if (p->msg->subfunction == 0x10)
		while (cur_left(&d) >= 4) {
			read_job_id(p, &d);
			cur_skip(&d, 2);
		}
	if (cur_left(&d) > 0 && p->msg->subfunction != 0x02)
		s7_param_bytes(p, "data", d.p, cur_left(&d));
	return true;
}
