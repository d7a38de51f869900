/* place.c - where a value of Modbus lies: "holding 10", "coil 3", "input 5.2" (a bit of a register). */
#include "record/place.h"

#include <stdio.h>

static const struct { uint8_t space; const char *also; } spaces[] = {
	{ SPACE_COIL, "coils" }, { SPACE_DISCRETE, "discretes" }, { SPACE_INPUT, "inputs" }, { SPACE_HOLDING, "holdings" },
};

static unsigned
address_bits(uint8_t space)
{
	return space == SPACE_COIL || space == SPACE_DISCRETE ? 1 : 16;
}

static bool
read_place(const char *text, struct op_place *to, struct strbuf *why)
{
	const char *p = text;
	uint32_t bit;
	size_t i;

	for (i = 0; i < COUNTOF(spaces); i++)
		if (place_word(&p, op_space_name(spaces[i].space)) || place_word(&p, spaces[i].also))
			break;
	if (i == COUNTOF(spaces))
		return false;
	to->space = spaces[i].space;
	if (!place_number(&p, 65535, &to->first)) {
		strbuf_printf(why, "'%s' has no number from 0 to 65535 behind '%s'", text, op_space_name(to->space));
		return false;
	}
	if (*p == '.') {
		p++;
		if (address_bits(to->space) == 1 || !place_number(&p, 15, &bit)) {
			strbuf_printf(why, address_bits(to->space) == 1 ? "'%s': a %s has no bits" :
			    "'%s': behind the point a bit from 0 to 15 is missing", text, op_space_name(to->space));
			return false;
		}
		to->has_bit = true;
		to->bit = (uint8_t)bit;
	}
	if (!place_end(p))
		strbuf_printf(why, "behind the place there is '%s', which says nothing", p);
	return place_end(p);
}

static struct op_place
place_of(const struct op_item *it)
{
	bool mine = it->ranged && it->space >= SPACE_COIL && it->space <= SPACE_HOLDING;

	return (struct op_place){ .space = mine ? it->space : SPACE_NONE, .first = it->first };
}

static void
print(const struct op_place *p, char text[OP_ADDRESS_MAX])
{
	int n = snprintf(text, OP_ADDRESS_MAX, "%s %u", op_space_name(p->space), p->first);

	if (p->has_bit)
		(void)snprintf(text + n, (size_t)(OP_ADDRESS_MAX - n), ".%u", p->bit);
}

extern const struct protocol_values modbus_tag_values;
const struct protocol_values modbus_tag_values = {
	.unit = "unit", .example = "holding 0",
	.read = read_place, .of = place_of, .address_bits = address_bits, .print = print,
};
