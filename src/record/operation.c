#include "record/operation.h"

#include <string.h>

#include "record/dnp3.h"
#include "record/s7.h"

struct op_ends
op_ends_of(const struct operation *op)
{
	const struct flow *f = op->flow;
	struct op_ends e = { .has_addr = false };

	if (op->ends != NULL)
		return *op->ends;
	if (f == NULL)
		return e;
	e.has_addr = true;
	e.ip_proto = f->proto;
	e.n_vlan = f->n_vlan;
	memcpy(e.vlan, f->vlan, sizeof(e.vlan));
	e.source = f->source;
	for (unsigned i = 0; i < 2; i++) {
		unsigned end = i == OP_CLIENT ? flow_client(f) : flow_server(f);

		e.addr[i] = f->addr[end];
		e.port[i] = f->port[end];
		memcpy(e.mac[i], f->mac[end], sizeof(e.mac[i]));
		e.mac_known[i] = f->mac_known[end];
	}
	return e;
}

static uint16_t
be16(const uint8_t *p, uint32_t i)
{
	return (uint16_t)((unsigned)p[2 * (size_t)i] << 8 | p[2 * (size_t)i + 1]);
}

static uint32_t
be32(const uint8_t *p, uint32_t i)
{
	return (uint32_t)be16(p, 2 * i) << 16 | be16(p, 2 * i + 1);
}

static double
real_of(uint32_t bits)
{
	float f;

	memcpy(&f, &bits, sizeof(f));
	return (double)f;
}

static bool
of_bits(const struct op_item *it)
{
	return it->step == OP_STEP_BITS;
}

uint64_t
op_item_span(const struct op_item *it)
{
	uint64_t n = it->count > 0 ? it->count : 1;

	if (!it->ranged)
		return 0;
	if (of_bits(it))
		return (it->bit + n + 7) / 8;
	return it->step > 1 ? n * it->step : n;
}

uint32_t
op_item_step(const struct op_item *it)
{
	/* Bytes that were no whole number of elements are values by themselves. */
	return it->step > 1 && !of_bits(it) && it->form != FORM_U8 ? it->step : 1;
}

uint64_t
op_item_place(const struct op_item *it, uint32_t i, unsigned *bit)
{
	uint64_t at = of_bits(it) ? (uint64_t)it->bit + i : i;

	if (bit != NULL)
		*bit = of_bits(it) ? at % 8 : 0;
	return it->first + (of_bits(it) ? at / 8 : at * op_item_step(it));
}

static char *
put(char *to, const char *text)
{
	while (*text != '\0')
		*to++ = *text++;
	return to;
}

static char *
put_number(char *to, uint32_t v)
{
	char digits[10];
	unsigned n = 0;

	do
		digits[n++] = (char)('0' + v % 10);
	while ((v /= 10) != 0);
	while (n > 0)
		*to++ = digits[--n];
	return to;
}

/* An address is part of most S7 records: no printf().  The longest one, four
 * numbers of ten digits but for the bit and "DATE_AND_TIME", has room. */
bool
op_item_address(const struct op_item *it, char text[OP_ADDRESS_MAX])
{
	const struct s7_type *type = s7_type_of(it->type);
	const char *area, *word = type == NULL ? "BYTE" : it->type == S7_TYPE_BIT ? "BOOL" : type->name;
	char size = type == NULL ? 'B' : type->letter, *p = text;
	bool pointer = it->count > 1 || size == 0, block = false;

	*p = '\0';
	switch (it->space) {
	case SPACE_S7_INPUT:
		area = it->number == S7_AREA_ANALOG_IN ? "AI" : "I";
		break;
	case SPACE_S7_OUTPUT:
		area = it->number == S7_AREA_ANALOG_OUT ? "AQ" : "Q";
		break;
	case SPACE_S7_FLAG:	 area = "M"; break;
	case SPACE_S7_PERIPHERY: area = "P"; break;
	case SPACE_S7_LOCAL:	 area = "L"; break;
	case SPACE_S7_DB:	 area = "DB"; block = true; break;
	case SPACE_S7_DI:	 area = "DI"; block = true; break;
	case SPACE_S7_BLOCK:
		word = s7_block_type(it->number >> 24);
		if (word == NULL)
			return false;
		p = put_number(put(p, word), it->number & 0xffffffu);
		*p = '\0';
		return true;
	case SPACE_S7_COUNTER:
	case SPACE_S7_TIMER:
		*p++ = it->space == SPACE_S7_TIMER ? 'T' : 'C';
		p = put_number(p, it->first);
		if (it->count > 1)
			p = put_number(put(p, ".."), it->first + it->count - 1);
		*p = '\0';
		return true;
	default:
		return false;
	}
	if (pointer)
		p = put(p, "P#");
	if (block) {
		p = put_number(put(p, area), it->number);
		*p++ = '.';
	}
	p = put(p, area);
	if (pointer ? block : size != 'X' || block)
		*p++ = pointer ? 'X' : size;
	p = put_number(p, it->first);
	if (pointer || size == 'X') {
		*p++ = '.';
		p = put_number(p, it->bit);
	}
	if (pointer) {
		*p++ = ' ';
		p = put(p, word);
		*p++ = ' ';
		p = put_number(p, it->count);
	}
	*p = '\0';
	return true;
}

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
		v.u = be16(it->raw, i);
		break;
	case FORM_U8:
		v.kind = VALUE_UINT;
		v.u = it->raw[i];
		break;
	case FORM_I16_BE:
		v.kind = VALUE_INT;
		v.i = (int16_t)be16(it->raw, i);
		break;
	case FORM_U32_BE:
		v.kind = VALUE_UINT;
		v.u = be32(it->raw, i);
		break;
	case FORM_I32_BE:
		v.kind = VALUE_INT;
		v.i = (int32_t)be32(it->raw, i);
		break;
	case FORM_F32_BE:
		v.kind = VALUE_REAL;
		v.single = true;
		v.r = real_of(be32(it->raw, i));
		break;
	case FORM_DNP3:
		v = dnp3_value_at(it->object, i);
		break;
	case FORM_TYPED:
		v = it->typed[i];
		break;
	default:
		break;
	}
	return v;
}
