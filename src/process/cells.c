#include "process/cells.h"

#include "process/decode.h"

#define ADDRESS_MAX	65535u	/* of registers, bits and bytes; points have more */

bool
cells_happened(const struct operation *op)
{
	return protocols[op->proto]->values != NULL && op->phase == OP_FINISHED && op->outcome != OUTCOME_EXCEPTION && op->command != CMD_SELECT;
}

bool
cells_begin(const struct operation *op, const struct op_item *it, struct op_place *at)
{
	if (it->n_values == 0 || it->status != 0)
		return false;
	*at = protocols[op->proto]->values->of(it);
	at->bit = 0;
	return at->space != SPACE_NONE;
}

/* A point, which says what it is. */
static bool
of_point(const struct protocol_values *values, struct cell *c)
{
	c->place.first = c->v.index;
	c->type = TAG_SENT;
	c->known = decode_value(values, c->it, &c->v, &c->value);
	return true;
}

static bool
of_bit(unsigned address_bits, unsigned bit, struct cell *c)
{
	c->place.has_bit = address_bits > 1;
	c->place.bit = (uint8_t)bit;
	c->type = TAG_BOOL;
	/* A coil written with another value than the two that there are is neither. */
	c->known = c->v.kind == VALUE_BIT || (c->v.kind == VALUE_UINT && c->place.has_bit);
	c->value = c->v.u != 0;
	return c->known;
}

uint8_t
cells_type(unsigned form)
{
	static const uint8_t types[] = { [FORM_U8] = TAG_UINT8, [FORM_U16_BE] = TAG_UINT16, [FORM_I16_BE] = TAG_INT16,
	    [FORM_U32_BE] = TAG_UINT32, [FORM_I32_BE] = TAG_INT32, [FORM_F32_BE] = TAG_FLOAT32 };

	return form < COUNTOF(types) ? types[form] : (uint8_t)TAG_SENT;
}

/* An element of a table of bytes or registers. */
static bool
of_element(const struct protocol_values *values, unsigned address_bits, uint32_t i, struct cell *c)
{
	unsigned size = op_item_size(c->it), wide = size;

	if (size == 0 && c->v.kind == VALUE_REAL && op_item_step(c->it) == 8)
		wide = 8;
	if (wide == 0 || (size > 0 && cells_type(c->it->form) == TAG_SENT))
		return false;
	c->place.bytes = address_bits == 8 ? (uint8_t)wide : 0;
	c->type = size == 0 ? TAG_FLOAT64 : cells_type(c->it->form);
	c->bytes = size > 0 ? c->it->raw + (size_t)i * size : NULL;
	c->n_bytes = size;
	c->known = decode_value(values, c->it, &c->v, &c->value);
	return true;
}

void
cells_of_item(const struct operation *op, const struct op_item *it, cell_to *to, void *arg)
{
	const struct protocol_values *values = protocols[op->proto]->values;
	struct op_place at;
	unsigned address_bits, bit;

	if (!cells_begin(op, it, &at))
		return;
	address_bits = values->address_bits(at.space);
	for (uint32_t i = 0; i < it->n_values; i++) {
		struct cell c = { .it = it, .place = at, .v = op_item_value(it, i) };
		uint64_t first = address_bits == 0 ? 0 : op_item_place(it, i, &bit);
		bool good;

		/* What is said to lie behind the last address lies nowhere. */
		if (first > ADDRESS_MAX)
			break;
		if (address_bits == 0)
			good = of_point(values, &c);
		else {
			c.place.first = (uint32_t)first;
			good = address_bits == 1 || it->step == OP_STEP_BITS ? of_bit(address_bits, bit, &c) : of_element(values, address_bits, i, &c);
		}
		if (good)
			to(arg, &c);
	}
}

bool
cell_as(const struct cell *c, uint8_t type, double *value)
{
	const struct tag_form f = { .type = type };

	if (type == c->type || c->bytes == NULL || tag_form_bits(&f) != 8 * c->n_bytes) {
		*value = c->value;
		return c->known && type == c->type;
	}
	return decode_bytes(c->bytes, c->n_bytes, &c->place, &f, value);
}
