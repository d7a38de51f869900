/* plant_name.c - names for protocols of plants that no dissector reads yet and that nDPI
 * does not know by their bytes: EtherNet/IP and BACnet/IP.
 *
 * A name is given for what the bytes say, on any port; a port alone names nothing. */
#include "stream/internal.h"

#include "base/cursor.h"

#define ENIP_HEADER 24u

/* Common packet format (CIP networks library, volume 2, 2-6): how many items, then type and
 * length of each.  Sizes must add up. */
static bool
is_cpf(struct cursor *c, unsigned least)
{
	uint16_t n = cur_le16(c);

	if (!cur_ok(c) || n < least || n > 8)
		return false;
	for (uint16_t i = 0; i < n; i++) {
		(void)cur_le16(c);
		cur_skip(c, cur_le16(c));
		if (!cur_ok(c))
			return false;
	}
	return true;
}

/* Encapsulation (volume 2, 2-3): command, length, session, status, context, options. */
static bool
is_enip(const struct packet *p)
{
	struct cursor c = cur_of(p->payload, p->payload_len);
	uint16_t command = cur_le16(&c), len = cur_le16(&c);
	uint32_t session = cur_le32(&c), status = cur_le32(&c), options;

	cur_skip(&c, 8);
	options = cur_le32(&c);
	if (!cur_ok(&c) || options != 0 || status > 0x6a || ENIP_HEADER + (uint32_t)len > p->payload_wire)
		return false;
	switch (command) {
	case 0x0065:	/* register session: version 1, no options */
		return len == 4 && cur_le16(&c) == 1 && cur_le16(&c) == 0 && cur_ok(&c);
	case 0x0004: case 0x0063: case 0x0064:	/* list services, identity, interfaces */
		return len == 0 ? p->payload_wire == ENIP_HEADER && session == 0 && (p->sport == 44818 || p->dport == 44818) :
		    is_cpf(&c, 1);
	case 0x006f: case 0x0070:	/* send RR data, unit data: interface CIP, time-out, items */
		if (len < 16 || cur_le32(&c) != 0)
			return false;
		(void)cur_le16(&c);
		return is_cpf(&c, 2);
	default:
		return false;
	}
}

/* Implicit messages: a sequenced or connected address item, then connected data. */
static bool
is_cip_io(const struct packet *p)
{
	struct cursor c = cur_of(p->payload, p->payload_len);
	uint16_t n = cur_le16(&c), type = cur_le16(&c), len = cur_le16(&c);

	if (n != 2 || !((type == 0x8002 && len == 8) || (type == 0x00a1 && len == 4)))
		return false;
	cur_skip(&c, len);
	return cur_le16(&c) == 0x00b1 && 6u + len + 4u + cur_le16(&c) == p->payload_wire && cur_ok(&c);
}

/* BACnet virtual link control (ASHRAE 135, annex J): 0x81, function, length of all; behind it,
 * where the function brings one, an NPDU of version 1. */
static bool
is_bacnet(const struct packet *p)
{
	struct cursor c = cur_of(p->payload, p->payload_len);
	uint8_t type = cur_u8(&c), function = cur_u8(&c);
	uint16_t len = cur_be16(&c);

	if (!cur_ok(&c) || type != 0x81 || len != p->payload_wire)
		return false;
	switch (function) {
	case 0x04:	/* forwarded: address and port of who sent it */
		cur_skip(&c, 6);
		return cur_u8(&c) == 1 && cur_ok(&c);
	case 0x09: case 0x0a: case 0x0b:	/* to be distributed, unicast, broadcast */
		return cur_u8(&c) == 1 && cur_ok(&c);
	default:	/* of foreign devices and tables: nothing but the length is sure */
		return function <= 0x0b && (p->sport == 47808 || p->dport == 47808);
	}
}

const char *
plant_name(const struct packet *p)
{
	if (p->payload_len < 4)
		return NULL;
	if (p->payload[1] == 0 && p->payload_len >= ENIP_HEADER && is_enip(p))
		return "enip";
	if (p->proto == IP_UDP) {
		if (p->payload[0] == 0x81 && is_bacnet(p))
			return "bacnet";
		if (p->payload[0] == 2 && is_cip_io(p))
			return "enip";
	}
	return NULL;
}
