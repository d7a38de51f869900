/* values.c - what lies in the data part: data items with their return codes, times.
 * typed.c reads the values in them. */
#include "s7.h"

#include "base/str.h"

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
s7_dtl(struct cursor *c)
{
	uint16_t y = cur_be16(c);
	uint8_t mo = cur_u8(c), d = cur_u8(c), h, mi, sec;
	uint32_t ns;

	cur_skip(c, 1);		/* day of the week */
	h = cur_u8(c);
	mi = cur_u8(c);
	sec = cur_u8(c);
	ns = cur_be32(c);
	if (!cur_ok(c) || y < 1970 || y > 2089 || mo < 1 || mo > 12 || d < 1 || d > 31 || h > 23 ||
	    mi > 59 || sec > 59 || ns > 999999999)
		return 0;
	return days_of(y, mo, d) * DAY_MS + h * 3600000u + mi * 60000u + sec * 1000u + ns / 1000000u;
}

uint64_t
s7_block_time(struct cursor *c)
{
	uint64_t ms = cur_be32(c), days = cur_be16(c);

	/* 1984-01-01 is day 5113 since 1970. */
	return (days + 5113u) * DAY_MS + ms;
}

/* Could a data item begin here?  `n` bytes are left. */
static bool
item_begins(const uint8_t *b, size_t n)
{
	uint32_t len;

	if (n < 4 || s7_return_name(b[0]) == NULL || s7_data_type_name(b[1]) == NULL)
		return false;
	len = be16_of(b + 2);
	if (b[0] != 0xff && b[0] != 0)
		return b[1] == 0 || len <= n;	/* refused: nothing follows, whatever it says */
	if (b[1] == 0 && len != 0)
		return false;
	return (s7_counts_bits(b[1]) ? (len + 7u) / 8u : len) <= n - 4;
}

void
s7_skip_fill(struct s7_pdu *p, struct cursor *c)
{
	size_t n = cur_left(c);

	/* Some leave the fill byte out: then the next item begins here, and not behind. */
	if (n < 2 || item_begins(c->p + 1, n - 1) || !item_begins(c->p, n)) {
		cur_skip(c, n > 0 ? 1 : 0);
		return;
	}
	s7_wrong(p, ANOM_S7_PADDING, s7_at(p, c), NULL);
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
	if (more && n % 2 != 0)
		s7_skip_fill(p, c);
	return d;
}

void
s7_item_data(struct s7_var *v, const struct s7_data *d)
{
	v->has_data = true;
	v->data_transport_size = d->type;
	v->data_transport_name = s7_data_type_name(d->type);
	v->data_length = d->length;
}

void
s7_item_return(struct s7_pdu *p, struct s7_var *v, struct op_item *it, uint8_t code)
{
	if (v != NULL) {
		v->has_return = true;
		v->return_code = code;
		v->return_name = s7_return_name(code);
	}
	it->status = code == 0xff ? 0 : code;
	if (it->status != 0)
		p->op->refused |= OP_REFUSED_ADDRESS;
}
