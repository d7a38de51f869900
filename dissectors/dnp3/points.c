/* points.c - points of an object, one after the other, as its row says they lie; and the names of
 * the internal indications.  For all rooms: linked with record. */
#include "record/dnp3.h"

#include "base/str.h"

static uint32_t
prefix_len(unsigned code)
{
	static const uint8_t len[8] = { 0, 1, 2, 4, 1, 2, 4, 0 };

	return len[code & 7u];
}

static uint32_t
read_number(struct cursor *c, uint32_t width)
{
	return width == 1 ? cur_u8(c) : width == 2 ? cur_le16(c) : width == 4 ? cur_le32(c) : 0;
}

static bool
is_packed(const struct dnp3_object *o)
{
	return o->row != NULL && o->has_data &&
	    (o->row->packing == DNP3_BIT || o->row->packing == DNP3_BIT_PAIR) &&
	    dnp3_prefix_code(o) == 0;
}

uint32_t
dnp3_body_len(const struct dnp3_row *row, uint8_t variation, bool sized, uint32_t size,
    const struct cursor *c)
{
	struct dnp3_object o = { .row = row };
	struct dnp3_point p = { .body = *c };
	const struct dnp3_field *f;
	struct dnp3_fields it;
	struct op_value v;

	if (sized)
		return size;
	if (row == NULL)
		return UINT32_MAX;
	switch (row->packing) {
	case DNP3_FIXED:
		return row->size;
	case DNP3_BIT:
	case DNP3_BIT_PAIR:
		return 1;	/* with an index each stands in its own octet */
	case DNP3_BY_VARIATION:
		return variation;
	case DNP3_NONE:
		return 0;
	case DNP3_BY_FIELDS:
		it = dnp3_fields_of(&o, &p);
		while (dnp3_next_field(&it, &f, &v))
			;
		return cur_ok(&it.c) ? (uint32_t)(it.c.p - c->p) : UINT32_MAX;
	default:
		return UINT32_MAX;
	}
}

struct dnp3_points
dnp3_points_of(const struct dnp3_object *o)
{
	return (struct dnp3_points){ .o = o, .c = cur_of(o->data, o->len) };
}

bool
dnp3_next_point(struct dnp3_points *it, struct dnp3_point *p)
{
	const struct dnp3_object *o = it->o;
	unsigned code = dnp3_prefix_code(o);
	uint32_t len;

	*p = (struct dnp3_point){ .sized = code >= 4 && code <= 6,
	    .index = o->start + it->i };
	if (it->i >= o->n_points || !o->has_points)
		return false;
	if (is_packed(o)) {
		unsigned width = o->row->packing == DNP3_BIT ? 1 : 2;
		unsigned at = it->i % (8 / width) * width;
		const uint8_t *octet = it->c.p + (size_t)it->i * width / 8;

		if (octet >= it->c.end)
			return false;
		p->packed = (uint8_t)(*octet >> at & ((1u << width) - 1));
		it->i++;
		return true;
	}
	if (code > 0 && code < 7) {
		p->prefix = read_number(&it->c, prefix_len(code));
		if (!p->sized)
			p->index = p->prefix;
	}
	if (o->has_data || p->sized) {
		len = dnp3_body_len(o->row, o->variation, p->sized, p->prefix, &it->c);
		p->body = cur_take(&it->c, len);
	} else
		p->body = cur_of(NULL, 0);
	it->i++;
	return cur_ok(&it->c);
}

struct dnp3_fields
dnp3_fields_of(const struct dnp3_object *o, const struct dnp3_point *p)
{
	return (struct dnp3_fields){ .row = o->row, .c = p->body, .packed = p->packed,
	    .is_packed = is_packed(o) };
}

static double
real32(uint32_t u)
{
	float f;

	memcpy(&f, &u, sizeof(f));
	return (double)f;
}

static double
real64(uint64_t u)
{
	double d;

	memcpy(&d, &u, sizeof(d));
	return d;
}

static uint64_t
bcd(struct cursor *c, unsigned octets)
{
	const uint8_t *b = cur_bytes(c, octets);
	uint64_t v = 0;

	for (unsigned i = octets; b != NULL && i-- > 0;)
		v = v * 100 + (b[i] >> 4) * 10u + (b[i] & 15u);
	return v;
}

/* Attributes carry their own type: 1815 A.2, data type codes. */
static void
attribute(struct op_value *v, struct cursor in, uint32_t type)
{
	size_t n = cur_left(&in);
	uint64_t u = 0;

	v->kind = VALUE_BYTES;
	v->bytes = in.p;
	v->len = (uint32_t)n;
	v->text = type == 1;
	if (n == 0 || n > 8)
		return;
	for (size_t i = n; i-- > 0;)
		u = u << 8 | in.p[i];
	switch (type) {
	case 2:
		v->kind = VALUE_UINT;
		v->wide = n == 8;
		v->u = u;
		break;
	case 3:
		v->kind = VALUE_INT;
		if (n < 8 && (u >> (8 * n - 1) & 1) != 0)
			u |= UINT64_MAX << (8 * n);
		memcpy(&v->i, &u, sizeof(u));
		break;
	case 4:
		if (n == 4 || n == 8) {
			v->kind = VALUE_REAL;
			v->single = n == 4;
			v->r = n == 4 ? real32((uint32_t)u) : real64(u);
		}
		break;
	case 7:
		v->kind = VALUE_TIME;
		v->u = u;
		break;
	default:
		break;
	}
}

static void
bits(struct dnp3_fields *it, const struct dnp3_field *f, struct op_value *v)
{
	if (it->is_packed)
		it->octet = it->packed;
	else if (it->bit == 0)
		it->octet = cur_u8(&it->c);
	v->kind = VALUE_UINT;
	v->flags = it->octet;
	v->u = it->octet >> it->bit & ((1u << f->width) - 1);
	it->bit = it->is_packed ? 0 : (it->bit + f->width) % 8;
}

bool
dnp3_next_field(struct dnp3_fields *it, const struct dnp3_field **field, struct op_value *v)
{
	const struct dnp3_field *f;
	struct cursor in;
	size_t len;

	*v = (struct op_value){ .kind = VALUE_UINT };
	if (it->row == NULL || it->i >= it->row->n_fields || it->i >= DNP3_FIELDS_MAX)
		return false;
	f = *field = &it->row->fields[it->i];
	switch (f->type) {
	case DNP3_BITS:
		bits(it, f, v);
		break;
	case DNP3_U8:
		v->u = cur_u8(&it->c);
		break;
	case DNP3_U16:
		v->u = cur_le16(&it->c);
		break;
	case DNP3_U32:
		v->u = cur_le32(&it->c);
		break;
	case DNP3_I16:
		v->kind = VALUE_INT;
		v->i = (int16_t)cur_le16(&it->c);
		break;
	case DNP3_I32:
		v->kind = VALUE_INT;
		v->i = (int32_t)cur_le32(&it->c);
		break;
	case DNP3_F32:
		v->kind = VALUE_REAL;
		v->single = true;
		v->r = real32(cur_le32(&it->c));
		break;
	case DNP3_F64:
		v->kind = VALUE_REAL;
		v->r = real64(cur_le64(&it->c));
		break;
	case DNP3_TIME:
		v->kind = VALUE_TIME;
		v->u = cur_le48(&it->c);
		break;
	case DNP3_BCD:
		v->u = bcd(&it->c, f->width);
		break;
	default:
		len = f->width > 0 ? f->width : f->len_from == DNP3_REST ?
		    cur_left(&it->c) : it->number[f->len_from];
		in = cur_take(&it->c, len);
		v->kind = VALUE_BYTES;
		v->bytes = in.p;
		v->len = (uint32_t)cur_left(&in);
		v->text = f->type == DNP3_TEXT;
		if (f->type == DNP3_ATTRIBUTE)
			attribute(v, in, it->number[0]);
		else if (f->type == DNP3_SECRET && v->len > 0) {
			v->bytes = (const uint8_t *)DNP3_HIDDEN;
			v->len = sizeof(DNP3_HIDDEN) - 1;
		}
		break;
	}
	if (v->kind == VALUE_UINT)
		it->number[it->i] = (uint32_t)v->u;
	it->i++;
	return cur_ok(&it->c);
}

struct op_value
dnp3_value_at(const struct op_item *item, uint32_t i)
{
	const struct dnp3_object *o = item->object;
	uint32_t width = prefix_len(dnp3_prefix_code(o));
	struct op_value to = { .index = o->start + i }, v;
	struct dnp3_fields it = { .row = o->row, .c = cur_of(o->data, o->len) };
	const struct dnp3_field *f;

	cur_skip(&it.c, (size_t)i * (width + o->row->size));
	if (width > 0)
		to.index = read_number(&it.c, width);
	while (dnp3_next_field(&it, &f, &v)) {
		switch (f->role) {
		case DNP3_FLAGS:
			to.flags = v.flags;
			to.has_flags = true;
			break;
		case DNP3_STATE:
			to.flags = v.flags;
			to.has_flags = true;
			to.kind = f->width == 1 ? VALUE_BIT : VALUE_UINT;
			to.u = v.u;
			break;
		case DNP3_VALUE:
			to.kind = f->type == DNP3_BITS && f->width == 1 ? VALUE_BIT : v.kind;
			to.len = v.len;
			to.single = v.single;
			to.u = v.u;
			break;
		case DNP3_AT:
			to.has_time = true;
			to.time_ms = v.u;
			break;
		default:
			break;
		}
	}
	return to;
}

const char *
dnp3_iin_word(unsigned bit)
{
	static const char *const words[16] = {
#define DNP3_IIN(bit, id, word, refusal, refused, condition) [bit] = word,
#include "record/dnp3_iin.def"
#undef DNP3_IIN
	};

	return words[bit & 15u];
}
