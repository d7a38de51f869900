/* types.c - types of elements and of blocks, and where an item lies as an engineer writes it.
 * Data for all rooms: linked with record. */
#include "record/s7.h"

#include <stddef.h>

#include "base/str.h"
#include "record/operation.h"

/* A timer or counter is a word; those of an S7-200 have more (NOTES 2 of
 * dissectors/s7).  Codes 1 to 12 stand in their own places. */
const struct s7_type s7_types[S7_N_TYPES] = {
	{ S7_TYPE_BIT,             1,  FORM_BITS_LSB, 'X', "BIT" },
	{ S7_TYPE_BYTE,            8,  FORM_U8,       'B', "BYTE" },
	{ S7_TYPE_CHAR,            8,  FORM_TYPED,    'B', "CHAR" },
	{ S7_TYPE_WORD,            16, FORM_U16_BE,   'W', "WORD" },
	{ S7_TYPE_INT,             16, FORM_I16_BE,   'W', "INT" },
	{ S7_TYPE_DWORD,           32, FORM_U32_BE,   'D', "DWORD" },
	{ S7_TYPE_DINT,            32, FORM_I32_BE,   'D', "DINT" },
	{ S7_TYPE_REAL,            32, FORM_F32_BE,   'D', "REAL" },
	{ S7_TYPE_DATE,            16, FORM_TYPED,    'W', "DATE" },
	{ S7_TYPE_TIME_OF_DAY,     32, FORM_TYPED,    'D', "TIME_OF_DAY" },
	{ S7_TYPE_TIME,            32, FORM_TYPED,    'D', "TIME" },
	{ S7_TYPE_S5TIME,          16, FORM_TYPED,    'W', "S5TIME" },
	{ S7_TYPE_DATE_AND_TIME_P, 64, FORM_TYPED,    0,   "DATE_AND_TIME" },
	{ S7_TYPE_DATE_AND_TIME,   64, FORM_TYPED,    0,   "DATE_AND_TIME" },
	{ S7_TYPE_WCHAR,           16, FORM_TYPED,    'W', "WCHAR" },
	{ S7_TYPE_COUNTER,         16, FORM_TYPED,    'W', "COUNTER" },
	{ S7_TYPE_TIMER,           16, FORM_TYPED,    'W', "TIMER" },
	{ S7_TYPE_IEC_COUNTER,     24, FORM_TYPED,    0,   "IEC COUNTER" },
	{ S7_TYPE_IEC_TIMER,       40, FORM_TYPED,    0,   "IEC TIMER" },
	{ S7_TYPE_HS_COUNTER,      40, FORM_TYPED,    0,   "HS COUNTER" },
	{ S7_TYPE_LREAL,           64, FORM_TYPED,    0,   "LREAL" },
};

const struct s7_type *
s7_type_of(uint8_t code)
{
	if (code - 1u < S7_TYPE_S5TIME)
		return &s7_types[code - 1];
	if (code == 0)
		return NULL;
	for (size_t i = S7_TYPE_S5TIME; i < COUNTOF(s7_types); i++)
		if (s7_types[i].code == code)
			return &s7_types[i];
	return NULL;
}

uint32_t
s7_type_len(uint8_t code)
{
	const struct s7_type *t = s7_type_of(code);

	return t == NULL || t->bits < 8 ? 1 : t->bits / 8u;
}

const char *
s7_block_type(uint32_t v)
{
	static const char *const types[] = { [0x08] = "OB", [0x0a] = "DB", [0x0b] = "SDB", [0x0c] = "FC",
	    [0x0d] = "SFC", [0x0e] = "FB", [0x0f] = "SFB" };

	if (v == '9')
		return "CMOD";
	if (v == '8')
		v = 0x08;
	else if (v >= 'A' && v <= 'F')
		v = v - 'A' + 0x0a;
	return v < COUNTOF(types) ? types[v] : NULL;
}

/* ---- addresses ---- */

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
 * numbers of ten digits but for the bit and "DATE_AND_TIME", fits. */
bool
s7_address(const struct op_item *it, char *text)
{
	const struct s7_type *type = s7_type_of(it->type);
	const char *area, *word = type == NULL ? "BYTE" : it->type == S7_TYPE_BIT ? "BOOL" : type->name;
	char size = type == NULL ? 'B' : type->letter, *p = text;
	bool pointer = it->count > 1 || size == 0, block = false;

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
