/* ber.c - elements of BER and DER, ITU-T X.690. */
#include "passing/parsers.h"

/* 8.1.2 tags above 30 and 8.1.3.6 indefinite lengths are in none of the messages read here. */
bool
ber_next(struct cursor *c, uint8_t *tag, struct cursor *in)
{
	uint32_t n;
	unsigned more;

	*tag = cur_u8(c);
	n = cur_u8(c);
	if (cur_ok(c) && (*tag & 0x1f) == 0x1f)
		cur_fail(c, CUR_BAD, "tag");
	if (n >= 0x80) {
		more = n & 0x7f;
		if (more == 0 || more > 4)
			cur_fail(c, CUR_BAD, "length");
		for (n = 0; more > 0 && cur_ok(c); more--)
			n = n << 8 | cur_u8(c);
	}
	*in = cur_take(c, n);
	return cur_ok(c);
}

bool
ber_expect(struct cursor *c, uint8_t tag, struct cursor *in)
{
	uint8_t is;

	if (ber_next(c, &is, in) && is != tag)
		cur_fail(c, CUR_BAD, "tag");
	return cur_ok(c);
}
