/* values.c - what lies in the data part: typed values, return codes, times. */
#include "s7.h"

#include "base/str.h"

#define DATA_BIT	3u
#define DAY_MS		86400000u

/* Two decimal digits in a byte; 0xff when it is none. */
static uint8_t
bcd(uint8_t v)
{
	return (v >> 4) > 9 || (v & 15) > 9 ? 0xff : (uint8_t)((v >> 4) * 10 + (v & 15));
}

/* Days from 1970-01-01 to a date of the civil calendar. */
static uint64_t
days_of(unsigned year, unsigned month, unsigned day)
{
	static const uint16_t before[] = { 0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334 };
	uint64_t days = 365u * (uint64_t)(year - 1970) + (year - 1969) / 4;

	/* 1970..2089: every fourth year is a leap year but none is left out. */
	days += before[month - 1] + day - 1u;
	return days + (month > 2 && year % 4 == 0 ? 1 : 0);
}

uint64_t
s7_date_time(struct cursor *c)
{
	uint8_t y = bcd(cur_u8(c)), mo = bcd(cur_u8(c)), d = bcd(cur_u8(c));
	uint8_t h = bcd(cur_u8(c)), mi = bcd(cur_u8(c)), s = bcd(cur_u8(c));
	uint8_t ms = bcd(cur_u8(c)), last = cur_u8(c) >> 4;

	if (!cur_ok(c) || y > 99 || mo < 1 || mo > 12 || d < 1 || d > 31 || h > 23 || mi > 59 ||
	    s > 59 || ms > 99 || last > 9)
		return 0;
	return days_of(y < 90 ? 2000u + y : 1900u + y, mo, d) * DAY_MS + h * 3600000u +
	    mi * 60000u + s * 1000u + ms * 10u + last;
}

uint64_t
s7_block_time(struct cursor *c)
{
	uint64_t ms = cur_be32(c), days = cur_be16(c);

	/* 1984-01-01 is day 5113 since 1970. */
	return (days + 5113u) * DAY_MS + ms;
}

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
one_typed(uint8_t type, struct cursor *c)
{
	struct op_value v = { .kind = VALUE_UINT };

	switch (type) {
	case 9:		/* DATE: days since 1990-01-01, which is day 7305 */
		v.kind = VALUE_TIME;
		v.u = (cur_be16(c) + 7305u) * (uint64_t)DAY_MS;
		break;
	case 10:	/* TIME_OF_DAY: ms */
		v.u = cur_be32(c);
		break;
	case 11:	/* TIME: ms, signed */
		v.kind = VALUE_INT;
		v.i = (int32_t)cur_be32(c);
		break;
	case 12:
	case 29:
		v = three_digits(c, true);
		break;
	case 15:
		v.kind = VALUE_TIME;
		v.u = s7_date_time(c);
		break;
	case 28:	/* counter: three decimal digits */
		v = three_digits(c, false);
		break;
	default:
		v.u = cur_u8(c);
		break;
	}
	return v;
}

static void
typed(struct s7_pdu *p, struct op_item *it, struct cursor c, uint32_t each)
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

		v[i] = one_typed(it->type, &one);
		v[i].index = it->first + i;
	}
	it->form = FORM_TYPED;
	it->typed = v;
	it->n_values = n;
}

static void
text(struct s7_pdu *p, struct op_item *it, struct cursor c)
{
	struct op_value *v = arena_zalloc(p->x->arena, 1, sizeof(*v));

	if (v == NULL)
		return;
	*v = (struct op_value){ .kind = VALUE_BYTES, .index = it->first, .bytes = c.p,
	    .len = (uint32_t)cur_left(&c), .text = true };
	it->form = FORM_TYPED;
	it->typed = v;
	it->n_values = 1;
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

void
s7_values(struct s7_pdu *p, struct op_item *it, uint8_t data_type, const struct cursor *c)
{
	const struct s7_type *t = s7_type_of(it->type);
	uint32_t n = (uint32_t)cur_left(c), each;

	if (n == 0)
		return;
	/* Octets of one value are 1, 2, 4 or 8. */
	each = t == NULL || t->bits < 8 ? 1u : t->bits / 8u;
	if (t == NULL || (n & (each - 1)) != 0) {
		half_values(p, it, t, c);
		return;
	}
	if (t->form == FORM_TYPED) {
		if (it->type == 3)
			text(p, it, *c);
		else
			typed(p, it, *c, each);
		return;
	}
	it->raw = c->p;
	it->form = (uint8_t)t->form;
	it->n_values = each == 1 ? n : n / each;
	if (t->bits == 1) {
		it->n_values = it->count > 0 && it->count <= 8 * n ? it->count : 1;
		if (data_type != DATA_BIT && it->n_values > 1 && n >= it->n_values)
			it->form = FORM_U8;	/* a byte for each bit */
	}
}

struct s7_data
s7_odd_data_item(struct s7_pdu *p, struct cursor *c, bool more)
{
	struct s7_data d;
	const uint8_t *head = cur_left(c) >= 4 ? cur_bytes(c, 4) : NULL;
	uint32_t n;

	if (head != NULL) {
		d.code = head[0];
		d.type = head[1];
		d.length = be16_of(head + 2);
	} else {
		d.code = cur_u8(c);
		d.type = cur_u8(c);
		d.length = cur_be16(c);
	}
	/* Nothing follows a refusal, whatever the length says (snap7 repeats the
	 * one asked for); in a write the code is reserved and 0. */
	n = d.code == 0xff || d.code == 0 ? d.length : 0;
	if (s7_counts_bits(d.type))
		n = (n + 7u) / 8u;
	if (n > cur_left(c) && cur_ok(c)) {
		s7_wrong(p, ANOM_S7_LENGTH, s7_at(p, c) - 2, "longer than the data");
		d.bytes = cur_rest(c);
		return d;
	}
	d.bytes = cur_take(c, n);
	if (more && n % 2 != 0 && cur_left(c) > 0)
		cur_skip(c, 1);
	return d;
}
