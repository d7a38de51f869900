#include "record/operation.h"

#include <string.h>

#include "record/dnp3.h"

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

/* S7 transport sizes by how engineers write an address of that size; 0: as bytes. */
static char
size_letter(uint8_t type)
{
	switch (type) {
	case 1:		/* BIT */
		return 'X';
	case 4:		/* WORD */
	case 5:		/* INT */
	case 9:		/* DATE */
	case 12:	/* S5TIME */
		return 'W';
	case 6:		/* DWORD */
	case 7:		/* DINT */
	case 8:		/* REAL */
	case 10:	/* TIME_OF_DAY */
	case 11:	/* TIME */
		return 'D';
	default:
		return 'B';
	}
}

static const char *
type_word(uint8_t type)
{
	static const char *const words[] = {
		[1] = "BOOL", [2] = "BYTE", [3] = "CHAR", [4] = "WORD", [5] = "INT",
		[6] = "DWORD", [7] = "DINT", [8] = "REAL", [9] = "DATE", [10] = "TIME_OF_DAY",
		[11] = "TIME", [12] = "S5TIME", [15] = "DATE_AND_TIME",
	};

	return type < sizeof(words) / sizeof(words[0]) ? words[type] : NULL;
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
	const char *area, *word = type_word(it->type);
	char size = size_letter(it->type), *p = text;
	bool pointer = it->count > 1, block = false;

	*p = '\0';
	switch (it->space) {
	case SPACE_S7_INPUT:	 area = "I"; break;
	case SPACE_S7_OUTPUT:	 area = "Q"; break;
	case SPACE_S7_FLAG:	 area = "M"; break;
	case SPACE_S7_PERIPHERY: area = "P"; break;
	case SPACE_S7_LOCAL:	 area = "L"; break;
	case SPACE_S7_DB:	 area = "DB"; block = true; break;
	case SPACE_S7_DI:	 area = "DI"; block = true; break;
	case SPACE_S7_COUNTER:
	case SPACE_S7_TIMER:
		*p++ = it->space == SPACE_S7_TIMER ? 'T' : 'C';
		p = put_number(p, it->first);
		if (pointer)
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
		p = put(p, word != NULL ? word : "BYTE");
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
