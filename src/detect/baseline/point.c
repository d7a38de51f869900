#include "detect/baseline/point.h"

#include "record/item_words.h"

bool
point_number(const struct op_item *it, uint32_t i, double *number)
{
	const struct op_value v = op_item_value(it, i);

	switch (v.kind) {
	case VALUE_UINT: *number = (double)v.u; return true;
	case VALUE_INT: *number = (double)v.i; return true;
	case VALUE_REAL: *number = v.r; return true;
	default: return false;
	}
}

/* What is read as bytes and as a real at the same address are two points: the size of an element
 * in bytes, 10 more where it is signed, 20 more where it is a real; 0: its number says so already. */
static uint32_t
type_of(const struct op_item *it)
{
	switch (it->form) {
	case FORM_U8: return 1;
	case FORM_U16_BE: return 2;
	case FORM_U32_BE: return 4;
	case FORM_I16_BE: return 12;
	case FORM_I32_BE: return 14;
	case FORM_F32_BE: return 24;
	default: return 0;
	}
}

unsigned
point_form(uint32_t code)
{
	for (unsigned form = FORM_U16_BE; form <= FORM_F32_BE; form++)
		if (code != 0 && type_of(&(struct op_item){ .form = (uint8_t)form }) == code)
			return form;
	return FORM_NONE;
}

bool
point_has_numbers(const struct op_item *it)
{
	double unused;

	if (it->n_values == 0 || it->status != 0 || it->form <= FORM_BITS_LSB)
		return false;
	/* Of many bytes nobody knows which belong together. */
	return it->form == FORM_U8 ? it->n_values == 1 : it->form < FORM_OWN || point_number(it, 0, &unused);
}

/* A real of a process; the bytes of small whole numbers are none, but next to zero. */
static bool
is_plausible_real(const uint8_t *p)
{
	const uint8_t exponent = (uint8_t)(p[0] << 1 | p[1] >> 7);

	return exponent > 127 - 20 && exponent < 127 + 30;
}

bool
point_whole(const struct op_item *it, struct op_item *whole)
{
	if (it->form != FORM_U8 || it->status != 0 || (it->n_values != 2 && it->n_values != 4))
		return false;
	*whole = *it;
	whole->form = it->n_values == 2 ? FORM_U16_BE : is_plausible_real(it->raw) ? FORM_F32_BE : FORM_U32_BE;
	whole->n_values = 1;
	return true;
}

struct fact_key
point_item_key(unsigned kind, const struct addr *server, const struct operation *op, const struct op_item *it)
{
	return (struct fact_key){ .kind = (uint8_t)kind, .proto = (uint8_t)op->proto, .space = it->space,
	    .written = it->written, .server = *server, .unit = op->unit, .number = it->number, .code = type_of(it) };
}

static bool
has_indexes(const struct op_item *it)
{
	return it->form == FORM_TYPED || it->form == FORM_OWN;
}

uint32_t
point_address(const struct op_item *it, uint32_t i)
{
	return has_indexes(it) ? op_item_value(it, i).index : (uint32_t)op_item_place(it, i, NULL);
}

void
point_words(struct strbuf *s, const struct op_item *it, uint32_t i)
{
	struct op_item one = *it;

	one.first = point_address(it, i);
	one.count = 1;
	one.ranged = true;
	item_words(s, &one);
}
