/* place.c - where a value of IEC 60870-5-104 lies: "ioa 1001", whatever type identification brings it. */
#include "record/place.h"

#include <stdio.h>

static unsigned
address_bits(uint8_t space)
{
	(void)space;
	return 0;
}

static bool
read_place(const char *text, struct op_place *to, struct strbuf *why)
{
	const char *p = text;

	if (!place_word(&p, "ioa"))
		return false;
	to->space = SPACE_POINT;
	if (place_number(&p, 0xffffff, &to->first) && place_end(p))
		return true;
	strbuf_printf(why, "'%s': behind ioa there is a number from 0 to 16777215 and nothing else", text);
	return false;
}

static struct op_place
place_of(const struct op_item *it)
{
	return (struct op_place){ .space = it->space == SPACE_POINT && it->ranged ? SPACE_POINT : SPACE_NONE, .first = it->first };
}

static void
print(const struct op_place *p, char text[OP_ADDRESS_MAX])
{
	(void)snprintf(text, OP_ADDRESS_MAX, "ioa %u", p->first);
}

/* A double-point value or command (101 7.2.6.2, 7.2.6.16): 1 is off, 2 is on, the others are neither. */
static bool
number(const struct op_item *it, const struct op_value *v, double *to)
{
	uint32_t type = it->number;
	bool two = type == 3 || type == 4 || type == 31 || type == 46 || type == 59;

	if (v->kind == VALUE_REAL)
		*to = v->r;
	else if (v->kind == VALUE_INT)
		*to = (double)v->i;
	else if (v->kind == VALUE_UINT || v->kind == VALUE_BIT)
		*to = two ? (double)v->u - 1 : (double)v->u;
	else
		return false;
	return !two || v->u == 1 || v->u == 2;
}

/* Blocked, substituted, not topical, invalid, and overflow of measured values (101 7.2.6.1, 7.2.6.3); of
 * counters (7.2.6.9) the upper bits mean carry, adjusted and invalid. */
static bool
good(const struct op_item *it, uint8_t flags)
{
	bool counter = it->number == 15 || it->number == 16 || it->number == 37;

	return (flags & (counter ? 0xc0u : 0xf1u)) == 0;
}

extern const struct protocol_values iec104_tag_values;
const struct protocol_values iec104_tag_values = {
	.unit = "ca,station", .example = "ioa 1001",
	.read = read_place, .of = place_of, .address_bits = address_bits, .print = print, .number = number, .good = good,
};
