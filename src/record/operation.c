#include "record/operation.h"

struct op_value
op_item_value(const struct op_item *it, uint32_t i)
{
	struct op_value v = { .kind = VALUE_NONE, .index = it->first + i };

	if (i >= it->n_values)
		return v;
	switch (it->form) {
	case FORM_BITS_LSB:
		v.kind = VALUE_BIT;
		v.u = it->raw[i / 8] >> (i % 8) & 1u;
		break;
	case FORM_U16_BE:
		v.kind = VALUE_UINT;
		v.u = (uint64_t)it->raw[2 * (size_t)i] << 8 | it->raw[2 * (size_t)i + 1];
		break;
	case FORM_TYPED:
		v = it->typed[i];
		break;
	default:
		break;
	}
	return v;
}
