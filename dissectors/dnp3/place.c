/* place.c - where a value of DNP3 lies: "g30 index 4".
 *
 * A point has several groups: its static value, its events, commands to it (1815 A.1).  The place is of the static
 * one, so that g32 index 4 and g30 index 4 are the same point.
 */
#include "record/place.h"

#include <stdio.h>

static const struct { uint8_t group, of; } groups[] = {
	{ 1, 1 }, { 2, 1 }, { 3, 3 }, { 4, 3 }, { 10, 10 }, { 11, 10 }, { 12, 10 }, { 13, 10 },
	{ 20, 20 }, { 22, 20 }, { 21, 21 }, { 23, 21 }, { 30, 30 }, { 32, 30 }, { 31, 31 }, { 33, 31 },
	{ 34, 34 }, { 40, 40 }, { 41, 40 }, { 42, 40 }, { 43, 40 },
};

static uint32_t
static_group(uint32_t group)
{
	for (size_t i = 0; i < COUNTOF(groups); i++)
		if (groups[i].group == group)
			return groups[i].of;
	return 0;
}

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
	uint32_t group;

	while (*p == ' ')
		p++;
	if ((*p != 'g' && *p != 'G') || p[1] < '0' || p[1] > '9') {
		p = text;
		if (!place_word(&p, "group"))
			return false;
	} else
		p++;
	if (!place_number(&p, 255, &group) || (to->number = static_group(group) << 8) == 0) {
		strbuf_printf(why, "'%s': there are no points of this group; those with values are 1, 3, 10, 20, 21, 30, 31, 34 and 40, and their events and commands", text);
		return false;
	}
	to->space = SPACE_OBJECT;
	if ((place_word(&p, "index") || place_word(&p, "point")) && place_number(&p, 65535, &to->first) && place_end(p))
		return true;
	strbuf_printf(why, "'%s': behind the group there is 'index' and a number from 0 to 65535", text);
	return false;
}

static struct op_place
place_of(const struct op_item *it)
{
	uint32_t group = it->space == SPACE_OBJECT ? static_group(it->number >> 8) : 0;

	return (struct op_place){ .space = group != 0 ? SPACE_OBJECT : SPACE_NONE, .number = group << 8, .first = it->first };
}

static void
print(const struct op_place *p, char text[OP_ADDRESS_MAX])
{
	(void)snprintf(text, OP_ADDRESS_MAX, "g%u index %u", p->number >> 8, p->first);
}

/* A command says what is to be done (1815 A.8.1): by its code and, of a pulse, by trip or close.  A double bit is 1
 * for off, 2 for on. */
static bool
number(const struct op_item *it, const struct op_value *v, double *to)
{
	uint32_t group = it->number >> 8, code, pair;

	if (group == 12 && it->number != (12u << 8 | 1u))
		return false;
	switch (v->kind) {
	case VALUE_REAL:
		*to = v->r;
		return true;
	case VALUE_INT:
		*to = (double)v->i;
		return true;
	case VALUE_UINT: case VALUE_BIT:
		break;
	default:
		return false;
	}
	if (group == 3 || group == 4) {
		*to = v->u == 2;
		return v->u == 1 || v->u == 2;
	}
	*to = (double)v->u;
	if (group != 12)
		return true;
	code = (uint32_t)v->u & 15u;
	pair = (uint32_t)v->u >> 6 & 3u;
	*to = pair == 1 || (pair == 0 && (code == 1 || code == 3));
	return pair < 3 && code >= 1 && code <= 4;
}

/* Online, and neither restarted, lost, forced nor over the range (1815 A, flags of each point); of what has no
 * flags of a point nothing is said. */
static bool
good(const struct op_item *it, uint8_t flags)
{
	uint32_t group = static_group(it->number >> 8);
	uint8_t wrong = group >= 20 ? 0x3e : 0x1e;

	if ((it->number >> 8) == 12 || (it->number >> 8) == 41)
		return true;
	return (flags & 1u) != 0 && (flags & wrong) == 0;
}

extern const struct protocol_values dnp3_tag_values;
const struct protocol_values dnp3_tag_values = {
	.unit = "outstation", .example = "g30 index 4",
	.read = read_place, .of = place_of, .address_bits = address_bits, .print = print, .number = number, .good = good,
};
