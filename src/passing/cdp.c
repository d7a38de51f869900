/* cdp.c - Cisco Discovery Protocol, as Cisco's documents describe it: over LLC (aa aa 03),
 * SNAP 00000c 2000.
 *
 *	version, time to live (1 each), checksum (2), then TLVs: type (2), length with
 *	these four bytes (2), value
 */
#include "passing/parsers.h"

enum tlv { TLV_DEVICE = 1, TLV_ADDRESSES = 2, TLV_PORT = 3, TLV_ABILITIES = 4, TLV_VERSION = 5, TLV_PLATFORM = 6,
	TLV_SYSTEM_NAME = 0x14, TLV_MANAGEMENT = 0x16, TLV_LOCATION = 0x17 };
#define TLVS_MAX 64u
#define ADDRESSES_MAX 8u

static bool
next(struct cursor *c, unsigned *type, struct cursor *value)
{
	unsigned n;

	*type = cur_be16(c);
	n = cur_be16(c);
	if (cur_ok(c) && n < 4)
		cur_fail(c, CUR_BAD, "length");
	*value = cur_take(c, n - 4);
	return cur_ok(c);
}

/* How many, then each: kind of protocol, length, protocol, length (2), address. */
static void
addresses(struct passing_who *who, struct cursor c)
{
	uint32_t n = cur_be32(&c);

	for (uint32_t i = 0; cur_ok(&c) && i < n && i < ADDRESSES_MAX && !who->has_addr; i++) {
		unsigned kind = cur_u8(&c);
		struct cursor protocol = cur_take(&c, cur_u8(&c)), in = cur_take(&c, cur_be16(&c));
		bool ip = kind == 1 && cur_left(&protocol) == 1 && cur_u8(&protocol) == 0xcc;
		const uint8_t *b = cur_left(&in) == 4 ? cur_bytes(&in, 4) : NULL;

		if (ip && b != NULL) {
			who->addr = addr_v4(b);
			who->has_addr = addr_is_private(&who->addr);
		}
	}
}

static void
abilities(const struct passing_ctx *x, const struct passing_who *who, struct cursor c)
{
	static const char *const names[] = { "router", "transparent bridge", "source-route bridge", "switch", "host", "IGMP",
	    "repeater", "telephone" };
	struct words w = { .n = 0 };
	uint32_t bits = cur_be32(&c);

	for (unsigned i = 0; cur_ok(&c) && i < sizeof(names) / sizeof(names[0]); i++)
		if ((bits >> i & 1u) != 0)
			words_item(&w, names[i]);
	passing_words(x, who, ATTR_CAPABILITIES, &w);
}

static void
learn(const struct passing_ctx *x, const struct passing_who *who, struct cursor c)
{
	struct cursor value;
	unsigned type;

	for (unsigned i = 0; i < TLVS_MAX && next(&c, &type, &value); i++)
		switch (type) {
		case TLV_DEVICE:
		case TLV_SYSTEM_NAME:
			passing_name(x, who, ATTR_NAME, value.p, cur_left(&value));
			break;
		case TLV_PORT:
			passing_name(x, who, ATTR_PORT, value.p, cur_left(&value));
			break;
		case TLV_ABILITIES:
			abilities(x, who, value);
			break;
		case TLV_VERSION:
			passing_text(x, who, ATTR_DESCRIPTION, value.p, cur_left(&value));
			break;
		case TLV_PLATFORM:
			passing_name(x, who, ATTR_MODEL, value.p, cur_left(&value));
			break;
		case TLV_LOCATION:	/* a kind of place before it */
			cur_skip(&value, 1);
			passing_name(x, who, ATTR_LOCATION, value.p, cur_left(&value));
			break;
		default:
			break;
		}
}

enum passing_result
passing_cdp(const struct passing_ctx *x, struct cursor c)
{
	static const uint8_t head[] = { 0xaa, 0xaa, 0x03, 0x00, 0x00, 0x0c, 0x20, 0x00 };
	struct passing_who who = x->from;
	const uint8_t *b = cur_bytes(&c, sizeof(head));
	struct cursor look, value;
	unsigned type;

	if (b == NULL || memcmp(b, head, sizeof(head)) != 0)
		return PASSING_DONE;
	cur_skip(&c, 4);
	look = c;
	/* Management addresses are better ones, and may come last. */
	for (unsigned i = 0; i < TLVS_MAX && next(&look, &type, &value); i++)
		if (type == TLV_MANAGEMENT)
			addresses(&who, value);
	look = c;
	for (unsigned i = 0; i < TLVS_MAX && next(&look, &type, &value); i++)
		if (type == TLV_ADDRESSES)
			addresses(&who, value);
	learn(x, &who, c);
	return PASSING_DONE;
}
