/* place.c - where a value of an S7 lies, as engineers write it: "DB20.DBD0", "MW10", "Q4.1", "T5". */
#include "record/place.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

static const struct { const char *word; uint8_t space; } areas[] = {
	{ "I", SPACE_S7_INPUT }, { "E", SPACE_S7_INPUT }, { "Q", SPACE_S7_OUTPUT }, { "A", SPACE_S7_OUTPUT },
	{ "M", SPACE_S7_FLAG }, { "PI", SPACE_S7_PERIPHERY }, { "PE", SPACE_S7_PERIPHERY },
	{ "T", SPACE_S7_TIMER }, { "C", SPACE_S7_COUNTER }, { "Z", SPACE_S7_COUNTER },
};

static unsigned
address_bits(uint8_t space)
{
	return space == SPACE_S7_TIMER || space == SPACE_S7_COUNTER ? 0 : 8;
}

/* Size of a letter; 0: it is none. */
static uint8_t
bytes_of(char letter)
{
	switch (toupper((unsigned char)letter)) {
	case 'B': return 1;
	case 'W': return 2;
	case 'D': return 4;
	case 'L': return 8;
	default: return 0;
	}
}

/* Behind the area: [size] address [. bit]; `word`: the letters that stand there. */
static bool
read_address(const char *text, const char *letters, size_t n, const char *p, bool block, struct op_place *to, struct strbuf *why)
{
	uint32_t bit = 0;

	to->has_bit = n == 0 ? !block : n == 1 && toupper((unsigned char)letters[0]) == 'X';
	if (!to->has_bit && (n != 1 || (to->bytes = bytes_of(letters[0])) == 0)) {
		strbuf_printf(why, "'%s': '%.*s' is no size; X is a bit, B a byte, W a word, D a double word, L eight bytes", text, (int)n, letters);
		return false;
	}
	if (!place_number(&p, 65535, &to->first)) {
		strbuf_printf(why, "'%s' has no address from 0 to 65535", text);
		return false;
	}
	if (to->has_bit) {
		if (*p != '.' || (p++, !place_number(&p, 7, &bit))) {
			strbuf_printf(why, "'%s' is a bit, and has no point with a number from 0 to 7", text);
			return false;
		}
		to->bit = (uint8_t)bit;
	}
	if (!place_end(p))
		strbuf_printf(why, "behind the address there is '%s', which says nothing", p);
	return place_end(p);
}

static bool
read_block(const char *text, const char *p, struct op_place *to, struct strbuf *why)
{
	const char *letters;
	size_t n = 0;

	to->space = toupper((unsigned char)p[1]) == 'B' ? SPACE_S7_DB : SPACE_S7_DI;
	p += 2;
	if (!place_number(&p, 65535, &to->number) || *p != '.') {
		strbuf_printf(why, "'%s': behind DB there is the number of the block, a point and the address, as in DB20.DBD0", text);
		return false;
	}
	p++;
	if (toupper((unsigned char)p[0]) != 'D' || toupper((unsigned char)p[1]) != (to->space == SPACE_S7_DB ? 'B' : 'I')) {
		strbuf_printf(why, "'%s': behind the block there is DBX, DBB, DBW or DBD with an address", text);
		return false;
	}
	letters = p + 2;
	while (isalpha((unsigned char)letters[n]))
		n++;
	return read_address(text, letters, n, letters + n, true, to, why);
}

static bool
read_place(const char *text, struct op_place *to, struct strbuf *why)
{
	const char *p = text;
	size_t n = 0;

	while (*p == ' ')
		p++;
	while (isalpha((unsigned char)p[n]))
		n++;
	if (n == 2 && toupper((unsigned char)p[0]) == 'D' && (toupper((unsigned char)p[1]) == 'B' || toupper((unsigned char)p[1]) == 'I'))
		return read_block(text, p, to, why);
	if (n == 0 || n > 3 || !isdigit((unsigned char)p[n]))
		return false;
	for (size_t i = 0; i < COUNTOF(areas); i++) {
		size_t m = strlen(areas[i].word);

		if (n < m || n > m + 1 || toupper((unsigned char)p[0]) != areas[i].word[0] || (m == 2 && toupper((unsigned char)p[1]) != areas[i].word[1]))
			continue;
		to->space = areas[i].space;
		if (address_bits(to->space) != 0) {
			if (m == 1 && n == 2 && bytes_of(p[1]) == 0 && toupper((unsigned char)p[1]) != 'X')
				continue;
			return read_address(text, p + m, n - m, p + n, false, to, why);
		}
		if (n != m)
			continue;
		p += n;
		if (place_number(&p, 65535, &to->first) && place_end(p))
			return true;
		strbuf_printf(why, "'%s' is no number of a timer or counter, as in T5", text);
		return false;
	}
	return false;
}

static struct op_place
place_of(const struct op_item *it)
{
	struct op_place at = { .space = it->space, .number = it->number, .first = it->first, .bit = it->bit };

	if (!it->ranged || op_space_of(it->space) != OP_S7 || it->space == SPACE_S7_SZL || it->space == SPACE_S7_BLOCK ||
	    it->space == SPACE_S7_RECORD || it->space == SPACE_S7_NCK || it->space == SPACE_S7_SYSTEM)
		at.space = SPACE_NONE;
	if (it->space != SPACE_S7_DB && it->space != SPACE_S7_DI && it->number != 0)
		at.space = SPACE_NONE;	/* analog values of an S7-200 */
	return at;
}

static void
print(const struct op_place *p, char text[OP_ADDRESS_MAX])
{
	static const char sizes[] = { [1] = 'B', [2] = 'W', [4] = 'D', [8] = 'L' };
	bool block = p->space == SPACE_S7_DB || p->space == SPACE_S7_DI;
	char size = p->has_bit ? 'X' : p->bytes < sizeof(sizes) && sizes[p->bytes] != '\0' ? sizes[p->bytes] : 'B';
	struct strbuf b = strbuf_on(text, OP_ADDRESS_MAX);
	const char *area = "?";

	for (size_t i = COUNTOF(areas); i-- > 0; )
		if (areas[i].space == p->space)
			area = areas[i].word;
	if (block)
		strbuf_printf(&b, "%s%u.%s%c%u", p->space == SPACE_S7_DB ? "DB" : "DI", p->number, p->space == SPACE_S7_DB ? "DB" : "DI", size, p->first);
	else if (address_bits(p->space) == 0 || p->has_bit)
		strbuf_printf(&b, "%s%u", area, p->first);
	else
		strbuf_printf(&b, "%s%c%u", area, size, p->first);
	if (p->has_bit)
		strbuf_printf(&b, ".%u", p->bit);
}

extern const struct protocol_values s7_tag_values;
const struct protocol_values s7_tag_values = {
	.example = "DB20.DBD0",
	.read = read_place, .of = place_of, .address_bits = address_bits, .print = print,
};
