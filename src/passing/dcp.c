/* dcp.c - PROFINET's Discovery and Configuration Protocol, IEC 61158-6-10, 4.3.
 *
 *	0	FrameID: fefc hello, fefd get and set, fefe identify, feff its answer
 *	2	service (3 get, 4 set, 5 identify, 6 hello), kind (0 request, 1 answer)
 *	4	transaction (4), delay (2), length (2)
 *	12	blocks: option, suboption, length (2), in what a device says of itself its
 *		BlockInfo (2), data; an odd one is padded
 */
#include "passing/parsers.h"

enum { HELLO = 0xfefc, GET_SET = 0xfefd, IDENTIFIED = 0xfeff };
#define BLOCKS_MAX 32u

struct device {
	struct passing_who who;
	struct cursor	 vendor_value, name, ids, role;
};

static void
block(struct device *d, unsigned option, unsigned sub, struct cursor c)
{
	const uint8_t *b;

	switch (option << 8 | sub) {
	case 0x0102:		/* address, mask, gateway */
	case 0x0103:		/* the same with servers of names */
		b = cur_bytes(&c, 4);
		if (b != NULL && b[0] != 0) {
			d->who.addr = addr_v4(b);
			d->who.has_addr = true;
		}
		break;
	case 0x0201:	d->vendor_value = c; break;
	case 0x0202:	d->name = c; break;
	case 0x0203:	d->ids = c; break;
	case 0x0204:	d->role = c; break;
	default:
		break;
	}
}

static void
learn(const struct passing_ctx *x, struct device *d)
{
	static const char *const roles[] = { "IO device", "IO controller", "IO multidevice", "IO supervisor" };
	struct words w = { .n = 0 };

	passing_name(x, &d->who, ATTR_STATION, d->name.p, cur_left(&d->name));
	passing_name(x, &d->who, ATTR_PRODUCT, d->vendor_value.p, cur_left(&d->vendor_value));
	if (cur_left(&d->ids) >= 4) {
		words_put(&w, "0x");
		words_hex(&w, cur_be16(&d->ids), 4);
		words_put(&w, ":0x");
		words_hex(&w, cur_be16(&d->ids), 4);
		passing_words(x, &d->who, ATTR_DEVICE_ID, &w);
	}
	if (cur_left(&d->role) >= 1) {
		unsigned bits = cur_u8(&d->role);

		w.n = 0;
		for (unsigned i = 0; i < 4; i++)
			if ((bits >> i & 1u) != 0)
				words_item(&w, roles[i]);
		passing_words(x, &d->who, ATTR_CAPABILITIES, &w);
	}
}

enum passing_result
passing_dcp(const struct passing_ctx *x, struct cursor c)
{
	unsigned frame = cur_be16(&c), service = cur_u8(&c), kind = cur_u8(&c);
	struct cursor none = cur_of(NULL, 0), blocks;
	struct device d = { .who = x->from, .vendor_value = none, .name = none, .ids = none, .role = none };

	cur_skip(&c, 6);
	blocks = cur_take(&c, cur_be16(&c));
	if (!cur_ok(&blocks) || !((frame == IDENTIFIED && service == 5 && kind == 1) ||
	    (frame == GET_SET && service == 3 && kind == 1) || (frame == HELLO && service == 6 && kind == 0)))
		return PASSING_DONE;
	for (unsigned i = 0; i < BLOCKS_MAX && cur_left(&blocks) >= 4; i++) {
		unsigned option = cur_u8(&blocks), sub = cur_u8(&blocks), n = cur_be16(&blocks);
		struct cursor in = cur_take(&blocks, n);

		if (!cur_ok(&in))
			break;
		if ((n & 1u) != 0)
			cur_skip(&blocks, 1);
		cur_skip(&in, 2);	/* BlockInfo */
		if (cur_ok(&in))
			block(&d, option, sub, in);
	}
	learn(x, &d);
	return PASSING_DONE;
}
