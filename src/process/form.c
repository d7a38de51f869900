/* form.c - what bytes mean: the words for it, what fits where, and values as people read them. */
#include "process/tag.h"

#include <math.h>
#include <string.h>
#include <strings.h>

static const struct { const char *word; unsigned bits; } types[] = {
#define TAG_TYPE(id, word, bits, what) { word, bits },
#include "process/tag_types.def"
};
static const char *const orders[] = {
#define TAG_ORDER(id, word, exchange, what) word,
#include "process/tag_types.def"
};
/* What engineers and other programs call them. */
static const struct { const char *word; uint8_t type; } also[] = {
	{ "real", TAG_FLOAT32 }, { "float", TAG_FLOAT32 }, { "lreal", TAG_FLOAT64 }, { "double", TAG_FLOAT64 },
	{ "int", TAG_INT16 }, { "word", TAG_UINT16 }, { "uint", TAG_UINT16 }, { "dint", TAG_INT32 }, { "dword", TAG_UINT32 },
	{ "udint", TAG_UINT32 }, { "bit", TAG_BOOL }, { "byte", TAG_UINT8 }, { "sint", TAG_INT8 }, { "usint", TAG_UINT8 },
	{ "lint", TAG_INT64 }, { "ulint", TAG_UINT64 }, { "bcd", TAG_BCD16 },
};
static const struct { const char *word; uint8_t order; } orders_also[] = {
	{ "abcd", TAG_ORDER_BIG }, { "cdab", TAG_ORDER_WORD_SWAPPED }, { "badc", TAG_ORDER_BYTE_SWAPPED }, { "dcba", TAG_ORDER_LITTLE },
};

const char *
tag_type_name(enum tag_type t)
{
	return types[t].word;
}

const char *
tag_order_name(enum tag_order o)
{
	return orders[o];
}

unsigned
tag_form_bits(const struct tag_form *f)
{
	return f->type == TAG_BITS ? f->n_bits : types[f->type].bits;
}

static bool
read_bits(const char *text, struct tag_form *f, struct strbuf *why)
{
	const char *p = text + strlen(types[TAG_BITS].word);
	uint32_t low, high;

	if (!place_number(&p, 15, &low)) {
		strbuf_put(why, "says no bits from 0 to 15, as in 'bits 4-7'");
		return false;
	}
	high = low;
	if (*p == '-' && (p++, !place_number(&p, 15, &high) || high < low)) {
		strbuf_put(why, "has no last bit behind '-' that is not below the first, up to 15");
		return false;
	}
	if (!place_end(p)) {
		strbuf_printf(why, "has '%s' behind its bits", p);
		return false;
	}
	*f = (struct tag_form){ .type = TAG_BITS, .order = f->order, .low_bit = (uint8_t)low, .n_bits = (uint8_t)(high - low + 1) };
	return true;
}

bool
tag_form_read(const char *text, struct tag_form *f, struct strbuf *why)
{
	const char *best = "";
	unsigned least = UINT32_MAX;

	if (strncasecmp(text, types[TAG_BITS].word, strlen(types[TAG_BITS].word)) == 0)
		return read_bits(text, f, why);
	for (size_t i = 0; i < COUNTOF(types); i++) {
		unsigned d = str_distance(text, types[i].word);

		if (strcasecmp(text, types[i].word) == 0) {
			f->type = (uint8_t)i;
			return true;
		}
		if (d < least) {
			least = d;
			best = types[i].word;
		}
	}
	for (size_t i = 0; i < COUNTOF(also); i++)
		if (strcasecmp(text, also[i].word) == 0) {
			f->type = also[i].type;
			return true;
		}
	strbuf_put(why, "is no type of a value: ");
	for (size_t i = 1; i < COUNTOF(types); i++)
		strbuf_printf(why, "%s%s", i == 1 ? "" : i + 1 == COUNTOF(types) ? " or " : ", ", types[i].word);
	if (least <= 1 + strlen(text) / 3)
		strbuf_printf(why, "; did you mean '%s'?", best);
	return false;
}

bool
tag_order_read(const char *text, uint8_t *order, struct strbuf *why)
{
	const char *best = "";
	unsigned least = UINT32_MAX;

	for (size_t i = 0; i < COUNTOF(orders); i++) {
		unsigned d = str_distance(text, orders[i]);

		if (strcasecmp(text, orders[i]) == 0 || strcasecmp(text, orders_also[i].word) == 0) {
			*order = (uint8_t)i;
			return true;
		}
		if (d < least) {
			least = d;
			best = orders[i];
		}
	}
	strbuf_put(why, "is no order of bytes: big, word-swapped, byte-swapped or little");
	if (least <= 1 + strlen(text) / 3)
		strbuf_printf(why, "; did you mean '%s'?", best);
	return false;
}

/* What the place itself says of bytes that have no type. */
static bool
choose(struct tag_form *f, const struct op_place *at, unsigned address_bits, struct strbuf *why)
{
	if (address_bits == 1 || at->has_bit)
		f->type = TAG_BOOL;
	else if (at->bytes <= 2 && (at->bytes > 0 || address_bits == 16))
		f->type = at->bytes == 1 ? TAG_UINT8 : TAG_UINT16;
	else {
		strbuf_put(why, "what these bytes mean is not said: a type is needed, such as float32 or int32");
		return false;
	}
	return true;
}

bool
tag_form_fits(struct tag_form *f, enum op_proto proto, const struct op_place *at, struct strbuf *why)
{
	unsigned address_bits = protocols[proto]->values->address_bits(at->space), bits;

	if (address_bits == 0) {
		if (f->type == TAG_BITS || f->order != TAG_ORDER_BIG) {
			strbuf_put(why, "the message says what this value is: bits and order of bytes are not chosen");
			return false;
		}
		return true;
	}
	if (f->type == TAG_SENT && !choose(f, at, address_bits, why))
		return false;
	bits = tag_form_bits(f);
	if (address_bits == 1 ? f->type != TAG_BOOL : false)
		strbuf_printf(why, "a %s is one bit: its type is bool, not %s", op_space_name(at->space), tag_type_name(f->type));
	else if (at->has_bit && f->type != TAG_BOOL)
		strbuf_printf(why, "the address is one bit: its type is bool, not %s", tag_type_name(f->type));
	else if (f->type == TAG_BOOL && address_bits > 1 && !at->has_bit)
		strbuf_printf(why, "a bool needs the number of its bit in the address, as in '%s'", address_bits == 16 ? "holding 5.3" : "DB1.DBX4.3");
	else if (f->type == TAG_BITS && f->low_bit + bits > (at->bytes > 1 ? 8u * at->bytes : address_bits))
		strbuf_printf(why, "there are no bits %u to %u in %u", f->low_bit, f->low_bit + bits - 1, at->bytes > 1 ? 8u * at->bytes : address_bits);
	else if (f->type != TAG_BOOL && f->type != TAG_BITS && at->bytes > 1 && bits != 8u * at->bytes)
		strbuf_printf(why, "%s has %u bits, the address says %u", tag_type_name(f->type), bits, 8u * at->bytes);
	else if (bits == 8 && address_bits == 16)
		strbuf_printf(why, "a register has 16 bits: %s is not in it by itself; 'bits 0-7' or 'bits 8-15' are", tag_type_name(f->type));
	else if (at->first + (bits > address_bits ? bits / address_bits : 1) > 65536)
		strbuf_printf(why, "%s from there on ends behind the last address, 65535", tag_type_name(f->type));
	else if (f->order == TAG_ORDER_WORD_SWAPPED && bits <= 16)
		strbuf_printf(why, "%s is not longer than a word: there is nothing to swap", tag_type_name(f->type));
	return why->len == 0;
}

static bool
is_whole(double v)
{
	return !(fabs(v) < 9e15) || v - (double)(int64_t)v == 0;
}

bool
tag_is_single(const struct tag *t, double value)
{
	return t->form.type == TAG_FLOAT32 || (t->form.type == TAG_SENT && (double)(float)value - value == 0 && !is_whole(value));
}

double
tag_plain(const struct tag *t, double value)
{
	bool single = tag_is_single(t, value);
	char text[REAL_TEXT_MAX];
	double plain;

	if ((!single && !t->is_scaled) || !isfinite(value) || !isfinite((float)value) ||
	    !real_read(text, (size_t)(real_print_single(text, (float)value) - text), &plain))
		return value;
	/* A scale adds digits at the end, and takes none away. */
	return single || fabs(plain - value) <= fabs(value) * 1e-12 ? plain : value;
}

void
tag_value_print(const struct tag *t, double value, char to[TAG_VALUE_MAX])
{
	struct strbuf b = strbuf_on(to, TAG_VALUE_MAX);
	char digits[REAL_TEXT_MAX + 1];

	if (t->form.type == TAG_BOOL && (value == 0.0 || value == 1.0)) {
		strbuf_put(&b, value != 0.0 ? "on" : "off");
		return;
	}
	if (!isfinite(value)) {
		strbuf_put(&b, "no number");
		return;
	}
	*real_print(digits, tag_plain(t, value)) = '\0';
	strbuf_printf(&b, "%s%s%s", digits, t->unit[0] != '\0' ? " " : "", t->unit);
}

/* ---- limits ----------------------------------------------------------------------------- */

const char *
tag_limit_word(enum tag_limit l)
{
	return tag_column_name((enum tag_column)(TAG_COL_LOW_LOW + l));
}

enum tag_limit
tag_limit_next(const struct tag *t, bool up)
{
	enum tag_limit inner = up ? TAG_HIGH : TAG_LOW, outer = up ? TAG_HIGH_HIGH : TAG_LOW_LOW;

	return t->has_limit[inner] ? inner : t->has_limit[outer] ? outer : TAG_LIMITS;
}

double
tag_span(const struct tag *t)
{
	enum tag_limit low = tag_limit_next(t, false), high = tag_limit_next(t, true);

	return low != TAG_LIMITS && high != TAG_LIMITS ? t->limit[high] - t->limit[low] : 0;
}
