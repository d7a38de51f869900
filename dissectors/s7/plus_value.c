/* plus_value.c - numbers, values and items of S7comm-plus.
 *
 * A value is flags 1, type 1, and what the type says.  Flags: 10 an array, 20 an
 * array of addresses (both: count, elements), 40 a sparse array (key, element,
 * ..., key 0).  A structure is an id of 4 bytes and key, value, ..., key 0; those
 * that the controller packs are one run of bytes.
 */
#include "plus.h"

#include <string.h>

#include "base/str.h"

enum { FLAG_ARRAY = 0x10, FLAG_ADDRESSES = 0x20, FLAG_SPARSE = 0x40 };
enum {
	T_NULL = 0x00, T_BOOL = 0x01, T_USINT = 0x02, T_UINT = 0x03, T_UDINT = 0x04,
	T_ULINT = 0x05, T_SINT = 0x06, T_INT = 0x07, T_DINT = 0x08, T_LINT = 0x09,
	T_BYTE = 0x0a, T_WORD = 0x0b, T_DWORD = 0x0c, T_LWORD = 0x0d, T_REAL = 0x0e,
	T_LREAL = 0x0f, T_TIMESTAMP = 0x10, T_TIMESPAN = 0x11, T_RID = 0x12, T_AID = 0x13,
	T_BLOB = 0x14, T_WSTRING = 0x15, T_VARIANT = 0x16, T_STRUCT = 0x17, T_S7STRING = 0x19
};

#define SECOND_COUNT	0x400u	/* of a packed structure's flags: its length comes twice */
#define ITEMS_FIRST	4u
#define STRUCT_DTL	0x02000043u	/* a date with nanoseconds, packed */
#define DTL_LEN		12u

uint64_t
s7p_vlq(struct cursor *c)
{
	uint64_t v = 0;

	for (int i = 0; i < 9; i++) {
		uint8_t b = cur_u8(c);

		if (i == 8)
			return v << 8 | b;
		v = v << 7 | (b & 0x7fu);
		if ((b & 0x80) == 0)
			return v;
	}
	return v;
}

uint32_t
s7p_vlq32(struct cursor *c)
{
	uint64_t v = s7p_vlq(c);

	if (v > UINT32_MAX)
		cur_fail(c, CUR_BAD, "number too large");
	return (uint32_t)v;
}

int64_t
s7p_signed_vlq(struct cursor *c)
{
	uint64_t v = 0;

	for (int i = 0; i < 9; i++) {
		uint8_t b = cur_u8(c);

		if (i == 0 && (b & 0x40) != 0)
			v = UINT64_MAX;		/* the sign, up to the top */
		if (i == 8)
			return (int64_t)(v << 8 | b);
		v = v << 7 | (b & 0x7fu);
		if ((b & 0x80) == 0)
			break;
	}
	return (int64_t)v;
}

/* ---- items ---------------------------------------------------------- */

static bool
grow(struct s7_pdu *p)
{
	struct operation *op = p->op;
	uint32_t n = op->n_items, capacity = n == 0 ? ITEMS_FIRST : 2 * n;
	struct op_item *items;
	struct s7_plus_item *plus;

	/* Full when the count is a power of two. */
	if (n != 0 && (n < ITEMS_FIRST || (n & (n - 1)) != 0))
		return true;
	items = arena_zalloc(p->x->arena, capacity, sizeof(*items));
	plus = arena_zalloc(p->x->arena, capacity, sizeof(*plus));
	if (items == NULL || plus == NULL)
		return false;
	if (n > 0) {
		memcpy(items, op->items, n * sizeof(*items));
		memcpy(plus, p->detail->plus_items, n * sizeof(*plus));
	}
	op->items = items;
	p->detail->plus_items = plus;
	return true;
}

/* One number for a path of ids, the id itself where there is only one. */
static uint32_t
path_number(uint32_t v, const struct s7_plus_item *at)
{
	for (uint32_t i = 0; i < at->n_path; i++)
		v = i == 0 && at->variable ? at->path[i] : v * 65599u + at->path[i];
	return v;
}

static void
place(struct op_item *it, const struct s7_plus_item *at)
{
	/* Bytes of a block that is not optimised: marker 3, offset, length. */
	bool bytes = at->variable && at->n_path == 3 && at->path[0] == 3;

	it->ranged = true;
	it->count = 1;
	if (at->object == 0) {	/* its request was not seen */
		it->first = at->number;
		return;
	}
	if (bytes && at->object >> 16 == 0x8a0e) {
		it->space = SPACE_S7_DB;
		it->number = at->object & 0xffff;
	} else if (bytes && at->object >= 80 && at->object <= 82) {
		it->space = at->object == 80 ? SPACE_S7_INPUT : at->object == 81 ?
		    SPACE_S7_OUTPUT : SPACE_S7_FLAG;
	} else {
		it->space = at->variable ? SPACE_S7_SYMBOL : SPACE_S7_OBJECT;
		it->number = at->object;
		it->first = path_number(at->variable ? 0 : at->id, at);
		return;
	}
	s7_item_type(it, S7_TYPE_BYTE, s7_type_of(S7_TYPE_BYTE));
	it->first = at->path[1];
	it->count = at->path[2];
}

uint32_t
s7p_item(struct s7_pdu *p, const struct s7_plus_item *at, bool written)
{
	struct operation *op = p->op;
	uint32_t i = op->n_items;

	if (i >= S7P_ITEMS_MAX || !grow(p)) {
		p->detail->plus_more++;
		return S7P_NO_ITEM;
	}
	op->n_items++;
	p->detail->plus_items[i] = *at;
	p->detail->plus_items[i].in_response = p->response;
	op->items[i].written = written;
	place(&op->items[i], at);
	return i;
}

/* ---- values --------------------------------------------------------- */

static struct op_value
as_uint(uint64_t v)
{
	return (struct op_value){ .kind = VALUE_UINT, .u = v };
}

static struct op_value
as_wide(uint64_t v)
{
	return (struct op_value){ .kind = VALUE_UINT, .u = v, .wide = true };
}

static struct op_value
as_int(int64_t v)
{
	return (struct op_value){ .kind = VALUE_INT, .i = v };
}

static struct op_value
as_bytes(struct cursor *c, uint64_t n)
{
	const uint8_t *b;

	if (n > cur_left(c)) {
		cur_fail(c, CUR_SHORT, "value");
		n = 0;
	}
	b = cur_bytes(c, (size_t)n);
	return (struct op_value){ .kind = VALUE_BYTES, .bytes = b, .len = b != NULL ? (uint32_t)n : 0 };
}

static struct op_value
as_text(struct op_value v)
{
	v.text = true;
	return v;
}

static struct op_value
real_of(uint64_t bits, bool wide)
{
	struct op_value v = { .kind = VALUE_REAL, .single = !wide };
	uint32_t half = (uint32_t)bits;
	float f;

	if (wide)
		memcpy(&v.r, &bits, sizeof(v.r));
	else {
		memcpy(&f, &half, sizeof(f));
		v.r = (double)f;
	}
	return v;
}

static struct op_value
scalar(struct cursor *c, uint8_t type)
{
	switch (type) {
	case T_NULL:
		return (struct op_value){ .kind = VALUE_NONE };
	case T_BOOL:
		return (struct op_value){ .kind = VALUE_BIT, .u = cur_u8(c) != 0 };
	case T_USINT: case T_BYTE:
		return as_uint(cur_u8(c));
	case T_UINT: case T_WORD:
		return as_uint(cur_be16(c));
	case T_DWORD: case T_RID:
		return as_uint(cur_be32(c));
	case T_LWORD:
		return as_wide(cur_be64(c));
	case T_UDINT:
		return as_uint(s7p_vlq(c));
	case T_ULINT: case T_AID: case T_VARIANT:
		return as_wide(s7p_vlq(c));
	case T_SINT:
		return as_int((int8_t)cur_u8(c));
	case T_INT:
		return as_int((int16_t)cur_be16(c));
	case T_DINT: case T_LINT: case T_TIMESPAN:
		return as_int(s7p_signed_vlq(c));
	case T_REAL:
		return real_of(cur_be32(c), false);
	case T_LREAL:
		return real_of(cur_be64(c), true);
	case T_TIMESTAMP:
		/* ns since 1970 */
		return (struct op_value){ .kind = VALUE_TIME, .u = cur_be64(c) / 1000000u };
	case T_WSTRING: case T_S7STRING:
		return as_text(as_bytes(c, s7p_vlq(c)));
	case T_BLOB:
		if (s7p_vlq(c) != 0) {
			cur_fail(c, CUR_BAD, "a blob with a root");
			return (struct op_value){ .kind = VALUE_NONE };
		}
		return as_bytes(c, s7p_vlq(c));
	default:
		cur_fail(c, CUR_BAD, "type of a value");
		return (struct op_value){ .kind = VALUE_NONE };
	}
}

static bool
one_byte(uint8_t type)
{
	return type == T_USINT || type == T_BYTE || type == T_SINT || type == T_BOOL;
}

static void
put_values(struct s7_pdu *p, uint32_t item, const struct op_value *v, uint32_t n)
{
	struct op_item *it;
	struct op_value *to;

	if (item == S7P_NO_ITEM || n == 0)
		return;
	it = &p->op->items[item];
	/* Bytes with an address are a number each; a number or text is itself. */
	if (n == 1 && v->kind == VALUE_BYTES && it->type == 2) {
		it->form = FORM_U8;
		it->raw = v->bytes;
		it->n_values = v->bytes != NULL ? v->len : 0;
		return;
	}
	to = arena_zalloc(p->x->arena, n, sizeof(*to));
	if (to == NULL)
		return;
	memcpy(to, v, n * sizeof(*to));
	for (uint32_t i = 0; i < n; i++)
		if (n == 1 || to[i].index == 0)
			to[i].index = it->first + i;
	it->form = FORM_TYPED;
	it->typed = to;
	it->n_values = n;
}

static void value(struct s7_pdu *p, struct cursor *c, uint32_t item, uint32_t depth);

/* Members of a structure: items behind the one that holds it. */
static void
members(struct s7_pdu *p, struct cursor *c, uint32_t item, uint32_t depth)
{
	uint32_t key;

	while ((key = s7p_vlq32(c)) != 0 && cur_ok(c)) {
		uint32_t child = S7P_NO_ITEM;

		if (item != S7P_NO_ITEM) {
			struct s7_plus_item at = p->detail->plus_items[item];
			uint32_t *path = arena_alloc(p->x->arena,
			    (at.n_path + 1) * sizeof(*path));

			if (path != NULL) {
				if (at.n_path > 0)
					memcpy(path, at.path, at.n_path * sizeof(*path));
				path[at.n_path++] = key;
				at.path = path;
				at.has_type = false;
				child = s7p_item(p, &at, p->op->items[item].written);
			}
		}
		value(p, c, child, depth + 1);
		if (!cur_ok(c))
			return;
		if (child != S7P_NO_ITEM)
			s7p_note_attribute(p, child);
	}
}

static void
structure(struct s7_pdu *p, struct cursor *c, uint32_t item, uint32_t depth)
{
	uint32_t id = cur_be32(c), flags;
	struct op_value v;
	uint64_t n;

	if (id >> 28 != 9 && id >> 24 != 2) {
		members(p, c, item, depth);
		return;
	}
	cur_skip(c, 8);		/* when its layout was made */
	flags = s7p_vlq32(c);
	n = s7p_vlq(c);
	if ((flags & SECOND_COUNT) != 0)
		n = s7p_vlq(c);
	v = as_bytes(c, n);
	if (!cur_ok(c))
		return;
	if (id == STRUCT_DTL && v.len == DTL_LEN) {
		struct cursor dtl = cur_of(v.bytes, v.len);
		uint64_t ms = s7_dtl(&dtl);

		if (ms != 0)
			v = (struct op_value){ .kind = VALUE_TIME, .u = ms };
	}
	put_values(p, item, &v, 1);
}

static void
array(struct s7_pdu *p, struct cursor *c, uint32_t item, uint8_t type, bool sparse,
    uint32_t depth)
{
	struct op_value v[S7P_VALUES_MAX];
	uint32_t kept = 0, key = 0;
	uint64_t n = sparse ? UINT64_MAX : s7p_vlq(c);

	if (!sparse && one_byte(type)) {
		v[0] = as_bytes(c, n);
		if (cur_ok(c))
			put_values(p, item, v, 1);
		return;
	}
	/* Every element but a null has at least a byte. */
	if (!sparse && (n > cur_left(c) || type == T_NULL)) {
		cur_fail(c, CUR_SHORT, "array");
		return;
	}
	for (uint64_t i = 0; i < n && cur_ok(c); i++) {
		struct op_value one = { .kind = VALUE_NONE };

		if (sparse && ((key = s7p_vlq32(c)) == 0 || !cur_ok(c)))
			break;
		if (type == T_STRUCT)
			structure(p, c, item, depth + 1);
		else
			one = scalar(c, type);
		one.index = key;
		if (type != T_STRUCT && kept < S7P_VALUES_MAX)
			v[kept++] = one;
	}
	if (cur_ok(c))
		put_values(p, item, v, kept);
}

static void
value(struct s7_pdu *p, struct cursor *c, uint32_t item, uint32_t depth)
{
	uint8_t flags = cur_u8(c), type = cur_u8(c);
	struct op_value v;

	if (!cur_ok(c))
		return;
	if (depth > S7P_DEPTH_MAX) {
		cur_fail(c, CUR_BAD, "too deep");
		return;
	}
	if (item != S7P_NO_ITEM) {
		struct s7_plus_item *at = &p->detail->plus_items[item];

		at->has_type = true;
		at->type = type;
		at->type_name = s7p_type_name(type);
	}
	if ((flags & (FLAG_ARRAY | FLAG_ADDRESSES | FLAG_SPARSE)) != 0) {
		array(p, c, item, type, (flags & FLAG_SPARSE) != 0, depth);
	} else if (type == T_STRUCT) {
		structure(p, c, item, depth);
	} else {
		v = scalar(c, type);
		v.index = 0;
		if (cur_ok(c))
			put_values(p, item, &v, 1);
	}
}

void
s7p_value(struct s7_pdu *p, struct cursor *c, uint32_t item)
{
	value(p, c, item, 0);
	if (cur_ok(c) && item != S7P_NO_ITEM)
		s7p_note_attribute(p, item);
}

void
s7p_skip_value(struct s7_pdu *p, struct cursor *c)
{
	value(p, c, S7P_NO_ITEM, 0);
}

bool
s7p_number(const struct s7_pdu *p, uint32_t item, uint64_t *v)
{
	const struct op_item *it = item != S7P_NO_ITEM ? &p->op->items[item] : NULL;

	if (it == NULL || it->form != FORM_TYPED || it->n_values == 0 ||
	    (it->typed->kind != VALUE_UINT && it->typed->kind != VALUE_INT &&
	    it->typed->kind != VALUE_BIT))
		return false;
	*v = it->typed->u;
	return true;
}
