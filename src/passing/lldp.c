/* lldp.c - Link Layer Discovery Protocol, IEEE 802.1AB, 8 and 9; LLDP-MED inventory,
 * ANSI/TIA-1057, 10.2.6.
 *
 * A row of TLVs: type (7 bits), length (9 bits), value.  0 ends.
 */
#include "passing/parsers.h"

enum tlv { TLV_END = 0, TLV_CHASSIS = 1, TLV_PORT = 2, TLV_NAME = 5, TLV_TEXT = 6, TLV_ABILITIES = 7,
	TLV_ADDRESS = 8, TLV_VENDOR = 127 };
#define TLVS_MAX 64u
#define OUI_MED 0x0012bbu
#define OUI_PROFINET 0x000ecfu

static bool
next(struct cursor *c, unsigned *type, struct cursor *value)
{
	unsigned head = cur_be16(c);

	*type = head >> 9;
	*value = cur_take(c, head & 0x1ff);
	return cur_ok(c) && *type != TLV_END;
}

/* 8.5.8: the enabled ones. */
static void
abilities(const struct passing_ctx *x, const struct passing_who *who, struct cursor c)
{
	static const char *const names[] = { "other", "repeater", "bridge", "access point", "router", "telephone",
	    "cable modem", "station" };
	struct words w = { .n = 0 };
	unsigned enabled;

	cur_skip(&c, 2);
	enabled = cur_be16(&c);
	for (unsigned i = 0; cur_ok(&c) && i < sizeof(names) / sizeof(names[0]); i++)
		if ((enabled >> i & 1u) != 0)
			words_item(&w, names[i]);
	passing_words(x, who, ATTR_CAPABILITIES, &w);
}

static void
med(const struct passing_ctx *x, const struct passing_who *who, struct cursor c)
{
	static const struct { uint8_t type, key; } keys[] = { { 5, ATTR_HARDWARE }, { 6, ATTR_FIRMWARE }, { 7, ATTR_SOFTWARE },
	    { 8, ATTR_SERIAL }, { 9, ATTR_VENDOR }, { 10, ATTR_MODEL }, { 11, ATTR_ASSET_NUMBER } };
	unsigned oui = cur_be24(&c), type = cur_u8(&c);

	for (size_t i = 0; cur_ok(&c) && oui == OUI_MED && i < sizeof(keys) / sizeof(keys[0]); i++)
		if (keys[i].type == type)
			passing_name(x, who, (enum attribute_key)keys[i].key, c.p, cur_left(&c));
}

/* Its management address (8.5.9); PROFINET devices have none until somebody gives them one. */
static void
address(struct passing_who *who, struct cursor c)
{
	struct cursor in = cur_take(&c, cur_u8(&c));
	unsigned family = cur_u8(&in);
	size_t n = cur_left(&in);
	const uint8_t *b = cur_bytes(&in, n);
	struct addr a;

	if (b == NULL || who->has_addr || !((family == 1 && n == 4) || (family == 2 && n == 16)))
		return;
	a = n == 4 ? addr_v4(b) : addr_v6(b);
	if (addr_is_private(&a)) {
		who->addr = a;
		who->has_addr = true;
	}
}

/* 8.5.2.2, 8.5.3.2: of which kind a name of the device or its port is; MACs and addresses are none. */
static void
id(const struct passing_ctx *x, const struct passing_who *who, struct cursor c, enum attribute_key key, unsigned kinds)
{
	unsigned kind = cur_u8(&c);

	if (cur_ok(&c) && kind < 8 && (kinds >> kind & 1u) != 0)
		passing_name(x, who, key, c.p, cur_left(&c));
}

enum passing_result
passing_lldp(const struct passing_ctx *x, struct cursor c)
{
	struct passing_who who = x->from;
	struct cursor look = c, value;
	bool profinet = false;
	unsigned type;

	for (unsigned i = 0; i < TLVS_MAX && next(&look, &type, &value); i++)
		if (type == TLV_ADDRESS)
			address(&who, value);
		else if (type == TLV_VENDOR)
			profinet = profinet || cur_be24(&value) == OUI_PROFINET;
	for (unsigned i = 0; i < TLVS_MAX && next(&c, &type, &value); i++)
		switch (type) {
		case TLV_CHASSIS:	/* a local name: of PROFINET devices their name of station */
			if (profinet)
				id(x, &who, value, ATTR_STATION, 1u << 7);
			break;
		case TLV_PORT:		/* names of interfaces, local names */
			id(x, &who, value, ATTR_PORT, 1u << 5 | 1u << 7);
			break;
		case TLV_NAME:
			passing_name(x, &who, ATTR_NAME, value.p, cur_left(&value));
			break;
		case TLV_TEXT:
			siemens_learn(x, &who, value.p, cur_left(&value));
			passing_text(x, &who, ATTR_DESCRIPTION, value.p, cur_left(&value));
			break;
		case TLV_ABILITIES:
			abilities(x, &who, value);
			break;
		case TLV_VENDOR:
			med(x, &who, value);
			break;
		default:
			break;
		}
	return PASSING_DONE;
}
