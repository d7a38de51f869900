/* programmer.c - test and commissioning (group 1): watching, modifying and forcing
 * variables, and the jobs that do it.  What concerns a running program
 * (breakpoints, stacks, block status) is read by stacks.c.
 *
 * Every message is: length of parameters 2, length of data 2, both.
 */
#include "s7.h"

#include "base/str.h"

/* Memory areas of these functions: area in the high half, size in the low. */
static const struct tis_area {
	uint8_t		 code;
	enum op_space	 space;
	uint8_t		 type;
	const char	*name;
} areas[] = {
	{ 0x00, SPACE_S7_FLAG, S7_TYPE_BIT, "M" },
	{ 0x01, SPACE_S7_FLAG, S7_TYPE_BYTE, "MB" },
	{ 0x02, SPACE_S7_FLAG, S7_TYPE_WORD, "MW" },
	{ 0x03, SPACE_S7_FLAG, S7_TYPE_DWORD, "MD" },
	{ 0x10, SPACE_S7_INPUT, S7_TYPE_BIT, "I" },
	{ 0x11, SPACE_S7_INPUT, S7_TYPE_BYTE, "IB" },
	{ 0x12, SPACE_S7_INPUT, S7_TYPE_WORD, "IW" },
	{ 0x13, SPACE_S7_INPUT, S7_TYPE_DWORD, "ID" },
	{ 0x20, SPACE_S7_OUTPUT, S7_TYPE_BIT, "Q" },
	{ 0x21, SPACE_S7_OUTPUT, S7_TYPE_BYTE, "QB" },
	{ 0x22, SPACE_S7_OUTPUT, S7_TYPE_WORD, "QW" },
	{ 0x23, SPACE_S7_OUTPUT, S7_TYPE_DWORD, "QD" },
	{ 0x31, SPACE_S7_PERIPHERY, S7_TYPE_BYTE, "PB" },
	{ 0x32, SPACE_S7_PERIPHERY, S7_TYPE_WORD, "PW" },
	{ 0x33, SPACE_S7_PERIPHERY, S7_TYPE_DWORD, "PD" },
	{ 0x54, SPACE_S7_TIMER, S7_TYPE_TIMER, "T" },
	{ 0x64, SPACE_S7_COUNTER, S7_TYPE_COUNTER, "C" },
	{ 0x70, SPACE_S7_DB, S7_TYPE_BIT, "DBX" },
	{ 0x71, SPACE_S7_DB, S7_TYPE_BYTE, "DBB" },
	{ 0x72, SPACE_S7_DB, S7_TYPE_WORD, "DBW" },
	{ 0x73, SPACE_S7_DB, S7_TYPE_DWORD, "DBD" },
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

/* Events that end the waiting of a job and how often it runs. */
static const struct s7_word kinds[] = {
	{ 0, "update or activate" }, { 1, "monitor or modify" }, { 2, "modify permanently" },
	{ 0x100, "force" },
};
static const struct s7_word frequencies[] = {
	{ 0, "every cycle" }, { 1, "once" }, { 2, "always" },
};

static const struct tis_area *
area_of(uint8_t code)
{
	for (size_t i = 0; i < COUNTOF(areas); i++)
		if (areas[i].code == code)
			return &areas[i];
	return NULL;
}

/* Area 1, count or bit 1, DB 2, byte address 2. */
static void
read_spec(struct s7_pdu *p, struct cursor *c, struct op_item *it, struct s7_var *v, bool written)
{
	uint8_t area = cur_u8(c), count = cur_u8(c);
	uint16_t db = cur_be16(c), at = cur_be16(c);
	const struct tis_area *a = area_of(area);

	*it = (struct op_item){ .written = written, .ranged = true, .count = count,
	    .number = db, .first = at };
	v->has_any = true;
	v->area = area;
	v->length = count;
	v->db = db;
	v->address = at;
	if (a == NULL) {
		if (cur_ok(c))
			s7_wrong(p, ANOM_S7_ITEM, s7_at(p, c) - 6, "memory area");
		return;
	}
	v->area_name = a->name;
	v->transport_size = a->type;
	v->transport_name = s7_type_of(a->type)->name;
	it->space = (uint8_t)a->space;
	s7_item_type(it, a->type, s7_type_of(a->type));
	if (it->type == S7_TYPE_BIT) {
		/* One bit: its number stands where others count. */
		it->bit = count & 7;
		it->count = 1;
	}
}

static struct s7_var *
var_of(struct s7_pdu *p, uint32_t i)
{
	return i < p->detail->n_vars ? (struct s7_var *)(uintptr_t)&p->detail->vars[i] : NULL;
}

/* Items and their variables, empty. */
static bool
make_items(struct s7_pdu *p, uint32_t n)
{
	struct s7_var *v = arena_zalloc(p->x->arena, n, sizeof(*v));

	if (v == NULL || s7_items(p, n) == NULL)
		return false;
	for (uint32_t i = 0; i < n; i++)
		v[i].item = i;
	p->detail->vars = v;
	p->detail->n_vars = n;
	return true;
}

static void
read_value(struct s7_pdu *p, struct cursor *d, uint32_t i)
{
	/* Padded to even, the last one too. */
	struct s7_data one = s7_data_item(p, d, true);
	struct s7_var *v = var_of(p, i);

	if (v == NULL || i >= p->op->n_items)
		return;
	s7_item_data(v, &one);
	if (p->response) {
		s7_item_return(p, v, &p->op->items[i], one.code);
	} else {
		v->has_reserved = true;
		v->reserved = one.code;
	}
	if (one.code == 0xff || !p->response)
		s7_values(p, &p->op->items[i], one.type, &one.bytes);
}

/* The list of variables that are watched, modified or forced; then the values. */
static void
read_specs(struct s7_pdu *p, struct cursor *d, bool written)
{
	uint32_t n = cur_be16(d);

	if (!cur_ok(d) || n == 0)
		return;
	p->msg->has_item_count = n < 256;
	p->msg->item_count = (uint8_t)n;
	if (n > cur_left(d) / 6) {
		s7_wrong(p, ANOM_S7_ITEM_COUNT, s7_at(p, d) - 2, "more items than bytes");
		n = (uint32_t)(cur_left(d) / 6);
	}
	if (n == 0 || !make_items(p, n))
		return;
	for (uint32_t i = 0; i < n; i++)
		read_spec(p, d, &p->op->items[i], var_of(p, i), written);
	for (uint32_t i = 0; written && i < n && cur_left(d) >= 4; i++)
		read_value(p, d, i);
}

/* What a job waits for, and how often it is done; of functions that look at a
 * block also which one, and under what condition. */
static void
read_parameters(struct s7_pdu *p, struct cursor *par)
{
	static const char *const names[] = {
		"tis_parameter_1", "trigger_type", "trigger_frequency", "answer_size",
		"tis_parameter_5", "tis_parameter_6", "tis_parameter_7", "tis_parameter_8",
		"tis_parameter_9", "trigger_event", "block_type_id", "block_number",
		"start_address", "step_address", "call_environment", "call_condition",
		"condition_block_type_id", "condition_block_number", "condition_address",
	};
	uint16_t environment = 0;

	for (size_t i = 0; cur_left(par) >= 2 && i < COUNTOF(names); i++) {
		uint16_t v = cur_be16(par);
		const char *name = names[i];

		if (environment == 2 && i > 15)
			name = i == 16 ? "db1_number" : i == 17 ? "db2_number" : "tis_parameter_19";
		s7_param_uint(p, name, v);
		switch (i) {
		case 1:
			s7_param_text(p, "trigger_type_name", s7_name(kinds, COUNTOF(kinds), v));
			break;
		case 2:
			s7_param_text(p, "trigger_frequency_name",
			    s7_name(frequencies, COUNTOF(frequencies), v));
			break;
		case 9:
			s7_param_text(p, "trigger", s7_name(triggers, COUNTOF(triggers), v));
			break;
		case 10:
			s7_param_text(p, "block_type", s7_block_type(v));
			break;
		case 14:
			environment = v;
			break;
		default:
			break;
		}
	}
	if (cur_left(par) > 0)
		s7_param_bytes(p, "parameters", par->p, cur_left(par));
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

/* Both lengths and what they cover. */
static bool
take_parts(struct s7_pdu *p, struct cursor *c, struct cursor *par, struct cursor *d)
{
	uint16_t par_len = cur_be16(c), data_len = cur_be16(c);

	if (!cur_ok(c))
		return false;
	*par = cur_take(c, par_len < cur_left(c) ? par_len : cur_left(c));
	*d = cur_take(c, data_len < cur_left(c) ? data_len : cur_left(c));
	if (cur_left(par) < par_len || cur_left(d) < data_len)
		s7_wrong(p, ANOM_S7_LENGTH, s7_at(p, c), "parameters or data");
	return true;
}

bool
s7_tis_req(struct dis_ctx *x, struct cursor *c, struct operation *op, void *detail)
{
	struct s7_pdu *p = detail;
	struct cursor par, d;

	(void)x;
	(void)op;
	if (!take_parts(p, c, &par, &d))
		return true;
	read_parameters(p, &par);
	switch (p->msg->subfunction) {
	case S7_TIS_VARIABLES:
		read_specs(p, &d, false);
		break;
	case S7_TIS_MODIFY:
	case S7_TIS_FORCE:
		read_specs(p, &d, true);
		break;
	case S7_TIS_DISABLE:
	case S7_TIS_ENABLE:
	case S7_TIS_READ_JOB:
		read_job_id(p, &d);
		break;
	case S7_TIS_DELETE:
		cur_skip(&d, 2);
		read_job_id(p, &d);
		break;
	case S7_TIS_REPLACE:
		/* Which job, then the new one as it was first given. */
		cur_skip(&d, 2);
		read_job_id(p, &d);
		if (cur_left(&d) >= 4 && take_parts(p, &d, &par, &d))
			read_parameters(p, &par);
		break;
	default:
		s7_tis_program_req(p, &d);
		break;
	}
	if (cur_left(&d) > 0)
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
	p->msg->has_item_count = n < 256;
	p->msg->item_count = (uint8_t)n;
	if (n > cur_left(d) / 4) {
		s7_wrong(p, ANOM_S7_ITEM_COUNT, s7_at(p, d) - 2, "more items than bytes");
		n = (uint32_t)(cur_left(d) / 4);
	}
	if (op->n_items == 0 || (!op->request.seen && op->n_items != n)) {
		if (n == 0 || !make_items(p, n))
			return;
	} else if (n != op->n_items)
		s7_wrong(p, ANOM_S7_ITEM_COUNT, s7_at(p, d) - 2,
		    "not as many as were asked for");
	for (uint32_t i = 0; i < n && i < op->n_items && cur_left(d) >= 4; i++)
		read_value(p, d, i);
}

/* What became of each variable that was modified or forced: return codes. */
static void
read_codes(struct s7_pdu *p, struct cursor *d)
{
	uint32_t n = cur_be16(d);

	for (uint32_t i = 0; cur_ok(d) && i < n && cur_left(d) > 0; i++) {
		uint8_t code = cur_u8(d);
		struct s7_var *v = var_of(p, i);

		if (v == NULL || i >= p->op->n_items)
			continue;
		s7_item_return(p, v, &p->op->items[i], code);
	}
	if (cur_left(d) == 1)
		cur_skip(d, 1);
}

bool
s7_tis_rsp(struct dis_ctx *x, struct cursor *c, struct operation *op, void *detail)
{
	struct s7_pdu *p = detail;
	struct cursor par, d;

	(void)x;
	(void)op;
	if (cur_left(c) == 0 || !take_parts(p, c, &par, &d))
		return true;
	if (cur_left(&par) >= 4) {
		s7_param_uint(p, "tis_result_1", cur_be16(&par));
		s7_param_uint(p, "tis_result_2", cur_be16(&par));
	}
	if (cur_left(&par) > 0)
		s7_param_bytes(p, "tis_result_rest", par.p, cur_left(&par));
	switch (p->msg->subfunction) {
	case S7_TIS_VARIABLES:
		read_watch(p, &d);
		break;
	case S7_TIS_MODIFY:
	case S7_TIS_FORCE:
		read_codes(p, &d);
		break;
	case S7_TIS_JOB_LIST:
		while (cur_left(&d) >= 4) {
			read_job_id(p, &d);
			cur_skip(&d, 2);
		}
		break;
	case S7_TIS_READ_JOB:
		/* As it was given. */
		if (cur_left(&d) >= 4 && take_parts(p, &d, &par, &d))
			read_parameters(p, &par);
		break;
	default:
		s7_tis_program_rsp(p, &d);
		break;
	}
	if (cur_left(&d) > 0)
		s7_param_bytes(p, "data", d.p, cur_left(&d));
	return true;
}
