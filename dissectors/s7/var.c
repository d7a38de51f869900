/* var.c - Read Var and Write Var: what is addressed, what it holds, how it went.
 *
 * A variable specification is 0x12, length, syntax, address.  The answer to a
 * read has one data item for each in the same order, the answer to a write one
 * return code for each (NOTES 2).
 */
#include "s7.h"

#include "base/str.h"

enum {
	SYN_ANY = 0x10, SYN_NCK = 0x82, SYN_NCK_METRIC = 0x83, SYN_NCK_INCH = 0x84,
	SYN_DRIVE = 0xa2, SYN_DB_READ = 0xb0, SYN_SYMBOL = 0xb2
};

#define VARS_MAX	255u

#define ANY_LEN 9u	/* of an ANY pointer behind its syntax */

/* A block has a number; areas that share a space are told apart by theirs, and what
 * stands in the field of the block then must not look like one. */
static inline uint32_t
number_of(uint8_t space, const struct s7_var *v)
{
	if (space == SPACE_S7_SYSTEM || v->area == S7_AREA_ANALOG_IN ||
	    v->area == S7_AREA_ANALOG_OUT)
		return v->area;
	return (space == SPACE_S7_INPUT && v->db == S7_AREA_ANALOG_IN) ||
	    (space == SPACE_S7_OUTPUT && v->db == S7_AREA_ANALOG_OUT) ? 0 : v->db;
}

static inline void
read_any(struct s7_pdu *p, const uint8_t *b, struct op_item *it, struct s7_var *v)
{
	const struct s7_area *a = s7_area_of(b[5]);
	const struct s7_type *t = s7_type_of(b[0]);
	uint32_t address = be24_of(b + 6);

	v->transport_size = b[0];
	v->length = be16_of(b + 1);
	v->db = be16_of(b + 3);
	v->area = b[5];
	v->address = address;
	v->has_any = true;
	v->area_name = a != NULL ? a->name : NULL;
	v->transport_name = t != NULL ? t->name : NULL;
	if (a == NULL)
		s7_wrong(p, ANOM_S7_ITEM, s7_where(p, b + ANY_LEN) - 4, "area");
	else if (v->transport_name == NULL)
		s7_wrong(p, ANOM_S7_ITEM, s7_where(p, b + ANY_LEN) - 9, "type");
	it->space = (uint8_t)(a != NULL ? a->space : SPACE_NONE);
	s7_item_type(it, b[0], t);
	it->ranged = true;
	it->count = v->length;
	it->number = number_of(it->space, v);
	/* Timers and counters have numbers; all else is addressed in bits. */
	if (it->space == SPACE_S7_COUNTER || it->space == SPACE_S7_TIMER) {
		it->first = address;
		return;
	}
	it->first = address >> 3;
	it->bit = address & 7;
}

/* S7-1200/1500, optimised blocks: the symbol's CRC and the way through its
 * structure. */
static void
read_symbol(struct s7_pdu *p, struct cursor *s, struct op_item *it, struct s7_var *v)
{
	uint16_t area1, area2;
	uint32_t crc;

	cur_skip(s, 1);
	area1 = cur_be16(s);
	area2 = cur_be16(s);
	crc = cur_be32(s);
	if (!cur_ok(s))
		return;
	it->space = SPACE_S7_SYMBOL;
	it->number = crc;
	if (area1 == 0x8a0e) {
		v->db = area2;
		v->area = 0x84;
	} else
		v->area = area2 == 0x50 ? 0x81 : area2 == 0x51 ? 0x82 : area2 == 0x52 ? 0x83 :
		    area2 == 0x53 ? 28 : area2 == 0x54 ? 29 : 0;
	v->area_name = s7_area_of(v->area) != NULL ? s7_area_of(v->area)->name : NULL;
	s7_param_uint(p, "symbol_crc", crc);
	if (v->db != 0)
		s7_param_uint(p, "symbol_db", v->db);
	while (cur_left(s) >= 4)
		s7_param_uint(p, "symbol_path", cur_be32(s));
}

static void
read_nck(struct s7_pdu *p, struct cursor *s, struct op_item *it, struct s7_var *v)
{
	uint8_t unit = cur_u8(s);
	uint16_t column = cur_be16(s), line = cur_be16(s);
	uint8_t module = cur_u8(s), lines = cur_u8(s);

	if (!cur_ok(s))
		return;
	it->space = SPACE_S7_NCK;
	it->number = (uint32_t)unit << 8 | module;
	it->ranged = true;
	it->first = line;
	it->count = lines;
	v->area_name = s7_nck_area(unit >> 5);
	s7_param_text(p, "nck_area", v->area_name);
	s7_param_uint(p, "nck_unit", unit & 0x1f);
	s7_param_uint(p, "nck_column", column);
	s7_param_uint(p, "nck_line", line);
	s7_param_uint(p, "nck_module", module);
	s7_param_uint(p, "nck_line_count", lines);
}

static void
read_drive(struct s7_pdu *p, struct cursor *s, struct op_item *it)
{
	uint16_t number, index;

	cur_skip(s, 5);
	number = cur_be16(s);
	index = cur_be16(s);
	if (!cur_ok(s))
		return;
	it->space = SPACE_S7_RECORD;
	it->number = number;
	it->ranged = true;
	it->first = index;
	it->count = 1;
	s7_param_uint(p, "drive_parameter", number);
	s7_param_uint(p, "drive_index", index);
}

/* Several pieces of data blocks under one head; the item takes the first. */
static void
read_db_areas(struct s7_pdu *p, struct cursor *s, struct op_item *it, struct s7_var *v)
{
	uint8_t n = cur_u8(s);

	v->area = 0x84;
	v->area_name = s7_area_of(0x84)->name;
	s7_param_uint(p, "db_read_areas", n);
	for (uint32_t i = 0; i < n && cur_ok(s); i++) {
		uint8_t len = cur_u8(s);
		uint16_t db = cur_be16(s), at = cur_be16(s);

		if (!cur_ok(s))
			break;
		if (i == 0) {
			it->space = SPACE_S7_DB;
			s7_item_type(it, S7_TYPE_BYTE, s7_type_of(S7_TYPE_BYTE));
			it->ranged = true;
			it->number = v->db = db;
			it->first = at;
			it->count = len;
		}
		s7_param_uint(p, "db_read_number", db);
		s7_param_uint(p, "db_read_address", at);
		s7_param_uint(p, "db_read_length", len);
	}
}

bool
s7_var_spec(struct s7_pdu *p, struct cursor *c, struct op_item *it, struct s7_var *v, bool last)
{
	uint8_t spec, len;
	struct cursor s;
	const uint8_t *any;

	/* Nearly all are ANY pointers of the one right length: one bound. */
	if (cur_ok(c) && cur_left(c) >= 3 + ANY_LEN && c->p[0] == 0x12 &&
	    c->p[1] == 1 + ANY_LEN && c->p[2] == SYN_ANY) {
		v->syntax = SYN_ANY;
		v->syntax_name = s7_syntaxes[0].name;
		read_any(p, cur_bytes(c, 3 + ANY_LEN) + 3, it, v);
		return true;
	}
	spec = cur_u8(c);
	len = cur_u8(c);
	if (!cur_ok(c))
		return false;
	if (spec != 0x12 || len > cur_left(c)) {
		s7_wrong(p, ANOM_S7_ITEM, s7_at(p, c) - 2, "specification");
		(void)cur_rest(c);
		return false;
	}
	s = cur_take(c, len);
	if (len % 2 != 0 && !last)
		cur_skip(c, 1);
	v->syntax = cur_u8(&s);
	v->syntax_name = s7_name(s7_syntaxes, S7_N_SYNTAXES, v->syntax);
	switch (v->syntax) {
	case SYN_ANY:
		any = cur_bytes(&s, ANY_LEN);
		if (any != NULL)
			read_any(p, any, it, v);
		break;
	case SYN_SYMBOL:
		read_symbol(p, &s, it, v);
		break;
	case SYN_NCK:
	case SYN_NCK_METRIC:
	case SYN_NCK_INCH:
		read_nck(p, &s, it, v);
		break;
	case SYN_DRIVE:
		read_drive(p, &s, it);
		break;
	case SYN_DB_READ:
		read_db_areas(p, &s, it, v);
		break;
	default:
		if (v->syntax_name == NULL)
			s7_wrong(p, ANOM_S7_ITEM, s7_at(p, &s) - 1, "syntax");
		s7_param_bytes(p, "address", s.p, cur_left(&s));
		(void)cur_rest(&s);
		break;
	}
	if (!cur_ok(&s))
		s7_wrong(p, ANOM_S7_ITEM, s7_at(p, c) - len, "too short for its syntax");
	else if (cur_left(&s) > 0)
		s7_wrong(p, ANOM_S7_ITEM, s7_at(p, &s), "longer than its syntax");
	return true;
}

/* The specifications of a request, as items. */
static void
read_specs(struct s7_pdu *p, struct cursor *c, bool written)
{
	uint32_t n = cur_u8(c), got = 0;
	struct op_item *it;
	struct s7_var *v;

	p->msg->has_item_count = cur_ok(c);
	p->msg->item_count = (uint8_t)n;
	if (n == 0) {
		if (cur_ok(c))
			s7_wrong(p, ANOM_S7_ITEM_COUNT, s7_at(p, c) - 1, "no item");
		return;
	}
	it = s7_items(p, n);
	v = arena_zalloc(p->x->arena, n, sizeof(*v));
	if (it == NULL || v == NULL) {
		p->op->n_items = 0;
		(void)cur_rest(c);
		return;
	}
	for (; got < n && cur_left(c) > 0; got++) {
		it[got].written = written;
		v[got].item = got;
		if (!s7_var_spec(p, c, &it[got], &v[got], got + 1 == n))
			break;
	}
	p->op->n_items = got;
	p->detail->vars = v;
	p->detail->n_vars = got;
	if (got < n)
		s7_wrong(p, ANOM_S7_ITEM_COUNT, 11, "fewer items than announced");
}

/* detail->vars is ours as long as the operation is being made. */
static struct s7_var *
var_of(struct s7_pdu *p, uint32_t i)
{
	return i < p->detail->n_vars ? (struct s7_var *)(uintptr_t)&p->detail->vars[i] : NULL;
}

bool
s7_read_req(struct dis_ctx *x, struct cursor *c, struct operation *op, void *detail)
{
	(void)x;
	(void)op;
	read_specs(detail, c, false);
	return true;
}

/* All items refused: the operation is.  Some: they say so themselves. */
static void
judge_codes(struct s7_pdu *p, uint32_t good, uint32_t n, uint8_t first_bad)
{
	if (n == 0 || good > 0 || p->op->outcome == OUTCOME_EXCEPTION)
		return;
	p->op->outcome = OUTCOME_EXCEPTION;
	p->op->exception = first_bad;
	p->op->exception_name = s7_return_name(first_bad);
}

/* An answer whose request was not seen: its items are numbers only. */
static bool
items_of_answer(struct s7_pdu *p, uint32_t n)
{
	struct s7_var *v;

	if (p->op->request.seen)
		return true;
	v = arena_zalloc(p->x->arena, n, sizeof(*v));
	if (v == NULL || s7_items(p, n) == NULL)
		return false;
	for (uint32_t i = 0; i < n; i++)
		v[i].item = i;
	p->detail->vars = v;
	p->detail->n_vars = n;
	return true;
}

bool
s7_read_rsp(struct dis_ctx *x, struct cursor *c, struct operation *op, void *detail)
{
	struct s7_pdu *p = detail;
	struct cursor *d = &p->data;
	uint32_t n = cur_u8(c), got = 0, good = 0;
	uint8_t bad = 0;

	(void)x;
	p->msg->has_item_count = cur_ok(c);
	p->msg->item_count = (uint8_t)n;
	if (op->request.seen && n != op->n_items)
		s7_wrong(p, ANOM_S7_ITEM_COUNT, 13, "not as many as were asked for");
	if (n == 0 || !items_of_answer(p, n))
		return true;
	for (; got < n && cur_left(d) > 0; got++) {
		struct s7_data one = s7_data_item(p, d, got + 1 < n);
		struct s7_var *v = var_of(p, got);

		if (!cur_ok(d) || v == NULL || got >= op->n_items)
			break;
		s7_item_data(v, &one);
		s7_item_return(p, v, &op->items[got], one.code);
		if (one.code == 0xff) {
			good++;
			s7_values(p, &op->items[got], one.type, &one.bytes);
		} else if (bad == 0)
			bad = one.code;
	}
	if (got < n && cur_left(d) == 0)
		s7_wrong(p, ANOM_S7_ITEM_COUNT, 13, "fewer items than announced");
	else if (got == n && cur_left(d) > 0)
		s7_wrong(p, ANOM_S7_TRAILING, s7_at(p, d), NULL);
	judge_codes(p, good, got, bad);
	return true;
}

bool
s7_write_req(struct dis_ctx *x, struct cursor *c, struct operation *op, void *detail)
{
	struct s7_pdu *p = detail;
	struct cursor *d = &p->data;
	uint32_t got = 0;

	(void)x;
	read_specs(p, c, true);
	for (; got < op->n_items && cur_left(d) > 0; got++) {
		struct s7_data one = s7_data_item(p, d, got + 1 < op->n_items);
		struct s7_var *v = var_of(p, got);

		if (!cur_ok(d) || v == NULL)
			break;
		s7_item_data(v, &one);
		v->has_reserved = true;
		v->reserved = one.code;
		s7_values(p, &op->items[got], one.type, &one.bytes);
	}
	if (got < op->n_items)
		s7_wrong(p, ANOM_S7_ITEM_COUNT, 11, "fewer values than items");
	else if (cur_left(d) > 0)
		s7_wrong(p, ANOM_S7_TRAILING, s7_at(p, d), NULL);
	return true;
}

bool
s7_write_rsp(struct dis_ctx *x, struct cursor *c, struct operation *op, void *detail)
{
	struct s7_pdu *p = detail;
	struct cursor *d = &p->data;
	uint32_t n = cur_u8(c), got = 0, good = 0;
	uint8_t bad = 0;

	(void)x;
	p->msg->has_item_count = cur_ok(c);
	p->msg->item_count = (uint8_t)n;
	if (op->request.seen && n != op->n_items)
		s7_wrong(p, ANOM_S7_ITEM_COUNT, 13, "not as many as were asked for");
	if (n == 0 || !items_of_answer(p, n))
		return true;
	for (; got < n && got < op->n_items && cur_left(d) > 0; got++) {
		struct s7_var *v = var_of(p, got);
		uint8_t code = cur_u8(d);

		if (v == NULL)
			break;
		op->items[got].written = true;
		s7_item_return(p, v, &op->items[got], code);
		good += code == 0xff;
		if (code != 0xff && bad == 0)
			bad = code;
	}
	if (got < n)
		s7_wrong(p, ANOM_S7_ITEM_COUNT, 13, "fewer items than announced");
	else if (cur_left(d) > 0)
		s7_wrong(p, ANOM_S7_TRAILING, s7_at(p, d), NULL);
	judge_codes(p, good, got, bad);
	return true;
}
