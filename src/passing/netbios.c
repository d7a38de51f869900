/* netbios.c - NetBIOS over UDP: name service (RFC 1002, 4.2), datagrams (4.4) with the
 * announcements of browsers.
 *
 *	name service: 0 id, 2 flags (8000 answer, 7800 kind), 4 four counts, 12 records as in DNS
 *	datagram: 0 kind (10, 11, 12), 2 id, 4 address, 8 port, 10 length, 12 offset,
 *		14 sender's name, receiver's name, SMB
 */
#include "passing/parsers.h"

enum { TYPE_NB = 0x20, TYPE_STATUS = 0x21 };
#define NAMES_MAX 32u

/* Names, and the MAC, of who was asked for its status: RFC 1002, 4.2.18. */
static void
status(const struct passing_ctx *x, struct cursor c)
{
	struct netbios_name name;
	struct words mac = { .n = 0 };
	unsigned n = cur_u8(&c);
	bool none = true;

	for (unsigned i = 0; i < n && i < NAMES_MAX; i++) {
		const uint8_t *p = cur_bytes(&c, 16);
		unsigned flags = cur_be16(&c);

		if (p == NULL || !cur_ok(&c))
			return;
		if (netbios_plain(p, &name))
			netbios_learn(x, &x->from, &name, (flags & 0x8000) != 0);
	}
	for (unsigned i = 0; i < 6; i++) {
		unsigned b = cur_u8(&c);

		if (i > 0)
			words_put(&mac, ":");
		words_hex(&mac, b, 2);
		none = none && b == 0;
	}
	if (cur_ok(&c) && !none)	/* Samba gives none */
		passing_words(x, &x->from, ATTR_MAC, &mac);
}

/* The name at an RR: compressed to the question's, or as it is. */
static bool
record_name(struct cursor whole, struct cursor *c, struct netbios_name *name)
{
	struct cursor look = *c;

	if ((cur_u8(&look) & 0xc0) != 0xc0)
		return netbios_name(c, name);
	look = whole;
	cur_skip(&look, cur_be16(c) & 0x3fff);
	return netbios_name(&look, name) && cur_ok(c);
}

enum passing_result
passing_netbios_ns(const struct passing_ctx *x, struct cursor c)
{
	struct cursor whole = c, data;
	struct netbios_name name;
	unsigned flags, kind, questions, records, type, nb;
	bool answer, named;
	const uint8_t *b;

	cur_skip(&c, 2);
	flags = cur_be16(&c);
	questions = cur_be16(&c);
	records = cur_be16(&c);
	records += cur_be16(&c);
	records += cur_be16(&c);
	answer = (flags & 0x8000) != 0;
	kind = flags >> 11 & 15;
	/* Answers, and of requests registrations (5) and refreshes (8, 9), which carry their own record. */
	if (!cur_ok(&c) || (flags & 0xf) != 0 || records == 0 || questions > 1 ||
	    (answer ? kind != 0 : kind != 5 && kind != 8 && kind != 9 && kind != 15))
		return PASSING_DONE;
	if (questions == 1) {
		(void)netbios_name(&c, &name);
		cur_skip(&c, 4);
	}
	named = record_name(whole, &c, &name);
	type = cur_be16(&c);
	cur_skip(&c, 6);	/* class, time to live */
	data = cur_take(&c, cur_be16(&c));
	if (!cur_ok(&data))
		return PASSING_DONE;
	if (type == TYPE_STATUS && answer) {
		status(x, data);
		return PASSING_DONE;
	}
	nb = cur_be16(&data);
	b = cur_bytes(&data, 4);
	if (type == TYPE_NB && named && b != NULL) {
		struct passing_who who = passing_addr(addr_v4(b));

		/* A group's address says nothing of who is in it, but its member registers it. */
		if (addr_is_private(&who.addr) && (answer ? (nb & 0x8000) == 0 : addr_same(&who.addr, &x->from.addr)))
			netbios_learn(x, &who, &name, (nb & 0x8000) != 0);
	}
	return PASSING_DONE;
}

/* SMB_COM_TRANSACTION to a mailslot, MS-CIFS 2.2.4.33.1: only what MS-BRWS puts there. */
static void
mailslot(const struct passing_ctx *x, struct cursor c)
{
	static const char browse[] = "\\MAILSLOT\\BROWSE";
	struct cursor smb = c, name;
	const uint8_t *magic = cur_bytes(&c, 4);
	unsigned command = cur_u8(&c), words, setup, n, offset;

	if (magic == NULL || memcmp(magic, "\xffSMB", 4) != 0 || command != 0x25)
		return;
	cur_skip(&c, 27);
	words = cur_u8(&c);
	cur_skip(&c, 22);	/* up to the count of data */
	n = cur_le16(&c);
	offset = cur_le16(&c);
	setup = cur_u8(&c);
	if (words != 14 + setup)
		return;
	cur_skip(&c, 1 + 2 * (size_t)setup + 2);
	name = cur_take(&c, sizeof(browse));
	if (!cur_ok(&name) || memcmp(name.p, browse, sizeof(browse)) != 0)
		return;
	cur_skip(&smb, offset);
	netbios_browser(x, &x->from, cur_take(&smb, n));
}

enum passing_result
passing_netbios_dgm(const struct passing_ctx *x, struct cursor c)
{
	struct passing_who who;
	struct netbios_name name;
	unsigned kind = cur_u8(&c), offset;
	const uint8_t *b;
	bool named;

	cur_skip(&c, 3);
	b = cur_bytes(&c, 4);
	cur_skip(&c, 4);
	offset = cur_be16(&c);
	if (b == NULL || !cur_ok(&c) || kind < 0x10 || kind > 0x12 || offset != 0)
		return PASSING_DONE;
	who = passing_addr(addr_v4(b));
	named = netbios_name(&c, &name);
	/* A datagram that a server passes on has another sender. */
	if (!cur_ok(&c) || !addr_same(&who.addr, &x->from.addr))
		return PASSING_DONE;
	if (named && (name.kind == 0x00 || name.kind == 0x20))
		netbios_learn(x, &x->from, &name, false);
	/* The receiver may be a group, and then is the sender's own. */
	named = netbios_name(&c, &name);
	if (named && name.kind >= 0x1b && name.kind <= 0x1e)
		netbios_learn(x, &x->from, &name, true);
	if (cur_ok(&c))
		mailslot(x, c);
	return PASSING_DONE;
}
