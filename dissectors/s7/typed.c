/* typed.c - the values of an item, by the type of its elements (s7_types).
 *
 * Numbers stay as they lie on the wire.  What has no such form is made here: times,
 * dates, counters, texts, wide reals.
 */
#include "s7.h"

#include <string.h>

#include "base/str.h"

enum { DATA_BIT = 3, DATA_INTEGER = 5, DATA_DINTEGER = 6, DATA_REAL = 7 };

#define DAY_MS		86400000u
#define DAYS_1990	7305u	/* from 1970-01-01 to 1990-01-01 */

/* Three decimal digits, as counters and timers have them.  What is none stays as
 * it was sent: two bytes. */
static struct op_value
three_digits(struct cursor *c, bool time)
{
	static const uint32_t base[] = { 10, 100, 1000, 10000 };
	const uint8_t *raw = c->p;
	uint16_t w = cur_be16(c);
	uint32_t a = w >> 8 & 15u, b = w >> 4 & 15u, d = w & 15u;

	if (cur_ok(c) && (a > 9 || b > 9 || d > 9))
		return (struct op_value){ .kind = VALUE_BYTES, .bytes = raw, .len = 2 };
	return (struct op_value){ .kind = VALUE_UINT,
	    .u = (uint64_t)(a * 100 + b * 10 + d) * (time ? base[w >> 12 & 3u] : 1u) };
}

static struct op_value
wide_real(struct cursor *c)
{
	struct op_value v = { .kind = VALUE_REAL };
	uint64_t bits = cur_be64(c);

	memcpy(&v.r, &bits, sizeof(v.r));
	return v;
}

/* Of an S7-200: a byte that says how it is, then the number.  The byte is not known;
 * where it is not 0 all stays as it was sent. */
static struct op_value
s7_200_number(struct cursor *c)
{
	struct op_value v = { .kind = VALUE_UINT };
	const uint8_t *raw = c->p;
	size_t n = cur_left(c);

	if (n > 8 || (n > 2 && *raw != 0))
		return (struct op_value){ .kind = VALUE_BYTES, .bytes = raw, .len = (uint32_t)n };
	while (cur_left(c) > 0)
		v.u = v.u << 8 | cur_u8(c);
	return v;
}

static struct op_value
one_typed(uint8_t type, struct cursor *c)
{
	struct op_value v = { .kind = VALUE_UINT };

	switch (type) {
	case S7_TYPE_DATE:		/* days since 1990-01-01 */
		v.kind = VALUE_TIME;
		v.u = (cur_be16(c) + DAYS_1990) * (uint64_t)DAY_MS;
		break;
	case S7_TYPE_TIME_OF_DAY:	/* ms */
		v.u = cur_be32(c);
		break;
	case S7_TYPE_TIME:		/* ms, signed */
		v.kind = VALUE_INT;
		v.i = (int32_t)cur_be32(c);
		break;
	case S7_TYPE_S5TIME:
	case S7_TYPE_TIMER:
		v = three_digits(c, true);
		break;
	case S7_TYPE_DATE_AND_TIME_P:
	case S7_TYPE_DATE_AND_TIME:
		v.kind = VALUE_TIME;
		v.u = s7_date_time(c);
		break;
	case S7_TYPE_COUNTER:
		v = three_digits(c, false);
		break;
	case S7_TYPE_LREAL:
		v = wide_real(c);
		break;
	default:
		v = s7_200_number(c);
		break;
	}
	return v;
}

static void
typed(struct s7_pdu *p, struct op_item *it, uint8_t type, struct cursor c, uint32_t each)
{
	uint32_t n = (uint32_t)(cur_left(&c) / each);
	struct op_value *v;

	if (it->ranged && it->count > 0 && n > it->count)
		n = it->count;
	v = n > 0 ? arena_zalloc(p->x->arena, n, sizeof(*v)) : NULL;
	if (v == NULL)
		return;
	for (uint32_t i = 0; i < n; i++) {
		struct cursor one = cur_take(&c, each);

		v[i] = one_typed(type, &one);
		v[i].index = it->first + i;
	}
	it->form = FORM_TYPED;
	it->typed = v;
	it->n_values = n;
}

static void
text(struct s7_pdu *p, struct op_item *it, const uint8_t *bytes, size_t n)
{
	struct op_value *v = arena_zalloc(p->x->arena, 1, sizeof(*v));

	if (v == NULL)
		return;
	*v = (struct op_value){ .kind = VALUE_BYTES, .index = it->first, .bytes = bytes,
	    .len = (uint32_t)n, .text = true };
	it->form = FORM_TYPED;
	it->typed = v;
	it->n_values = 1;
}

static size_t
put_utf8(uint8_t *to, uint32_t u)
{
	if (u < 0x80) {
		to[0] = (uint8_t)u;
		return 1;
	}
	if (u < 0x800) {
		to[0] = (uint8_t)(0xc0 | u >> 6);
		to[1] = (uint8_t)(0x80 | (u & 0x3f));
		return 2;
	}
	if (u < 0x10000) {
		to[0] = (uint8_t)(0xe0 | u >> 12);
		to[1] = (uint8_t)(0x80 | (u >> 6 & 0x3f));
		to[2] = (uint8_t)(0x80 | (u & 0x3f));
		return 3;
	}
	to[0] = (uint8_t)(0xf0 | u >> 18);
	to[1] = (uint8_t)(0x80 | (u >> 12 & 0x3f));
	to[2] = (uint8_t)(0x80 | (u >> 6 & 0x3f));
	to[3] = (uint8_t)(0x80 | (u & 0x3f));
	return 4;
}

/* UTF-16, big end first, as UTF-8; half a surrogate becomes the replacement character. */
static void
wide_text(struct s7_pdu *p, struct op_item *it, struct cursor c)
{
	/* Two bytes become three at most. */
	uint8_t *to = arena_alloc(p->x->arena, cur_left(&c) / 2 * 3 + 1);
	size_t n = 0;

	if (to == NULL)
		return;
	while (cur_left(&c) >= 2) {
		uint32_t u = cur_be16(&c), low = cur_left(&c) >= 2 ? be16_of(c.p) : 0;

		if (u >= 0xd800 && u < 0xdc00 && low >= 0xdc00 && low < 0xe000) {
			u = 0x10000 + ((u - 0xd800) << 10) + (low - 0xdc00);
			cur_skip(&c, 2);
		} else if (u >= 0xd800 && u < 0xe000)
			u = 0xfffd;
		n += put_utf8(to + n, u);
	}
	text(p, it, to, n);
}

/* Bytes that are no whole number of values: numbers each. */
static void
half_values(struct s7_pdu *p, struct op_item *it, const struct s7_type *t, const struct cursor *c)
{
	it->raw = c->p;
	it->form = FORM_U8;
	it->n_values = (uint32_t)cur_left(c);
	if (t != NULL && it->ranged)
		s7_wrong(p, ANOM_S7_ITEM, s7_at(p, c), "half a value");
}

/* Of what has no type of its own (symbols) the data say how wide their numbers are. */
static uint8_t
type_of_data(uint8_t data_type, uint32_t n)
{
	switch (data_type) {
	case DATA_INTEGER:
		return n == 2 ? S7_TYPE_INT : n == 4 ? S7_TYPE_DINT : 0;
	case DATA_DINTEGER:
		return n % 4 == 0 ? S7_TYPE_DINT : 0;
	case DATA_REAL:
		return n == 8 ? S7_TYPE_LREAL : n % 4 == 0 ? S7_TYPE_REAL : 0;
	default:
		return 0;
	}
}

/* Elements that have no form of the wire. */
static void
no_form(struct s7_pdu *p, struct op_item *it, const struct s7_type *t, const struct cursor *c)
{
	uint32_t n = (uint32_t)cur_left(c), each = t->bits / 8u;

	/* Those of an S7-200 are as long as was sent: stacks differ. */
	if (t->code >= S7_TYPE_IEC_COUNTER && t->code <= S7_TYPE_HS_COUNTER && n % each != 0 &&
	    it->count > 0 && n % it->count == 0)
		each = n / it->count;
	if (t->code == S7_TYPE_CHAR)
		text(p, it, c->p, n);
	else if (n % each != 0)
		half_values(p, it, t, c);
	else if (t->code == S7_TYPE_WCHAR)
		wide_text(p, it, *c);
	else
		typed(p, it, t->code, *c, each);
}

void
s7_values(struct s7_pdu *p, struct op_item *it, uint8_t data_type, const struct cursor *c)
{
	uint32_t n = (uint32_t)cur_left(c), each;
	const struct s7_type *t;

	if (n == 0)
		return;
	t = s7_type_of(it->type != 0 ? it->type : type_of_data(data_type, n));
	if (t == NULL) {
		half_values(p, it, t, c);
		return;
	}
	if (t->form == FORM_TYPED) {
		no_form(p, it, t, c);
		return;
	}
	/* Octets of one value are 1, 2 or 4. */
	each = t->bits < 8 ? 1u : t->bits / 8u;
	if ((n & (each - 1)) != 0) {
		half_values(p, it, t, c);
		return;
	}
	it->raw = c->p;
	it->form = t->form;
	it->n_values = each == 1 ? n : n / each;
	if (t->bits == 1) {
		it->n_values = it->count > 0 && it->count <= 8 * n ? it->count : 1;
		if (data_type != DATA_BIT && it->n_values > 1 && n >= it->n_values)
			it->form = FORM_U8;	/* a byte for each bit */
	}
}
