/* decode.c - the number that lies at a place of an item. */
#include "process/decode.h"

#include <string.h>

static uint64_t
big_endian(const uint8_t *p, unsigned n, unsigned order)
{
	static const uint8_t exchange[] = {
#define TAG_ORDER(id, word, bits, what) bits,
#include "process/tag_types.def"
	};
	unsigned by = exchange[order];
	uint64_t v = 0;

	for (unsigned i = 0; i < n; i++) {
		unsigned at = i;

		if ((by & 1u) != 0 && n > 2)
			at = n - 2 - (i & ~1u) + (i & 1u);
		if ((by & 2u) != 0 && n > 1)
			at ^= 1u;
		v = v << 8 | p[at];
	}
	return v;
}

static bool
from_bcd(uint64_t v, unsigned digits, double *to)
{
	uint64_t sum = 0;

	for (unsigned i = digits; i-- > 0; ) {
		unsigned digit = v >> 4 * i & 15u;

		if (digit > 9)
			return false;
		sum = sum * 10 + digit;
	}
	*to = (double)sum;
	return true;
}

static double
real_of(uint64_t bits, unsigned n)
{
	uint32_t four = (uint32_t)bits;
	double r;
	float f;

	if (n == 8) {
		memcpy(&r, &bits, sizeof(r));
		return r;
	}
	memcpy(&f, &four, sizeof(f));
	return (double)f;
}

bool
decode_bytes(const uint8_t *p, unsigned n, const struct op_place *at, const struct tag_form *f, double *value)
{
	uint64_t v = big_endian(p, n, f->order);

	switch (f->type) {
	case TAG_BOOL:
		*value = (double)(v >> at->bit & 1u);
		return true;
	case TAG_BITS:
		*value = (double)(v >> f->low_bit & ((1u << f->n_bits) - 1u));
		return true;
	case TAG_INT8:
		*value = (int8_t)v;
		return true;
	case TAG_INT16:
		*value = (int16_t)v;
		return true;
	case TAG_INT32:
		*value = (int32_t)v;
		return true;
	case TAG_INT64:
		*value = (double)(int64_t)v;
		return true;
	case TAG_UINT8: case TAG_UINT16: case TAG_UINT32: case TAG_UINT64:
		*value = (double)v;
		return true;
	case TAG_FLOAT32: case TAG_FLOAT64:
		*value = real_of(v, n);
		return *value - *value == 0;	/* neither infinite nor no number */
	case TAG_BCD16: case TAG_BCD32:
		return from_bcd(v, 2 * n, value);
	default:
		return false;
	}
}

bool
decode_value(const struct protocol_values *values, const struct op_item *it, const struct op_value *v, double *value)
{
	if (values->number != NULL)
		return values->number(it, v, value) && *value - *value == 0;
	switch (v->kind) {
	case VALUE_BIT: case VALUE_UINT:
		*value = (double)v->u;
		return true;
	case VALUE_INT:
		*value = (double)v->i;
		return true;
	case VALUE_REAL:
		*value = v->r;
		return *value - *value == 0;
	default:
		return false;
	}
}

/* Values that the message itself gives a type, found by their address. */
static bool
of_point(const struct protocol_values *values, const struct op_item *it, const struct op_place *at, double *value, struct op_value *v)
{
	uint32_t i = at->first - it->first;

	if (it->ranged && (at->first < it->first || i >= it->n_values))
		return false;
	for (i = it->ranged ? i : 0; i < it->n_values; i++) {
		*v = op_item_value(it, i);
		if (it->ranged || v->index == at->first)
			return decode_value(values, it, v, value);
	}
	return false;
}

/* Elements that are single bits. */
static bool
of_bit(const struct op_item *it, const struct op_place *at, unsigned address_bits, const struct tag_form *f, double *value,
    struct op_value *v)
{
	const bool own = address_bits == 1;	/* each has an address of its own */
	uint64_t first = own ? it->first : 8ull * it->first + it->bit, here = own ? at->first : 8ull * at->first + at->bit;

	if (f->type != TAG_BOOL || here < first || here - first >= it->n_values)
		return false;
	*v = op_item_value(it, (uint32_t)(here - first));
	/* A coil written with another value than the two that there are is neither. */
	if (v->kind != VALUE_BIT && (own || v->kind != VALUE_UINT))
		return false;
	*value = v->u != 0;
	return true;
}

bool
tag_decode(const struct op_item *it, enum op_proto proto, const struct op_place *at, const struct tag_form *f, double *value, struct op_value *v)
{
	const struct protocol_values *values = protocols[proto]->values;
	unsigned address_bits = values->address_bits(at->space), size, n;
	struct op_place here = values->of(it);
	struct op_value own;
	uint64_t offset;

	if (v == NULL)
		v = &own;
	*v = (struct op_value){ .kind = VALUE_NONE };
	if (here.space != at->space || here.number != at->number || it->n_values == 0)
		return false;
	if (address_bits == 0)
		return of_point(values, it, at, value, v);
	if (address_bits == 1 || it->step == OP_STEP_BITS)
		return of_bit(it, at, address_bits, f, value, v);
	if (at->first < it->first)
		return false;
	size = op_item_size(it);
	if (size == 0) {
		uint32_t i = (at->first - it->first) / op_item_step(it);

		if (i >= it->n_values || i * op_item_step(it) != at->first - it->first)
			return false;
		*v = op_item_value(it, i);
		return decode_value(values, it, v, value);
	}
	/* Bytes as they lay on the wire: an address has size / step of them. */
	offset = (uint64_t)(at->first - it->first) * (size / op_item_step(it));
	n = f->type == TAG_BOOL || f->type == TAG_BITS ? (at->bytes > 0 ? at->bytes : address_bits / 8) : tag_form_bits(f) / 8;
	if (offset + n > (uint64_t)it->n_values * size)
		return false;
	*v = (struct op_value){ .kind = VALUE_BYTES, .bytes = it->raw + offset, .len = n, .index = at->first };
	return decode_bytes(v->bytes, n, at, f, value);
}
