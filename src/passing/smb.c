/* smb.c - who logs in to whom with SMB: MS-CIFS 2.2.4.53, MS-SMB 2.2.4.6, MS-SMB2 2.2.5 and 2.2.6.
 *
 *	00, length (3), then ff "SMB" (header of 32 bytes) or fe "SMB" (64)
 *
 * Over NetBIOS (port 139) a session request and its answer come before: 81 and 82, RFC 1002, 4.3.
 * The same log-in is in DCE/RPC: C706, 12.6.
 */
#include "passing/parsers.h"

enum { SESSION_REQUEST = 0x81 };
enum { SMB1_SESSION = 0x73, SMB2_SESSION = 1, FLAGS2_UNICODE = 0x8000 };
#define MESSAGES_MAX 8u

/* One text of a list, each ended by a NUL; of UTF-16 each begins at an even byte of the message. */
static struct cursor
next_text(struct cursor *c, const uint8_t *message, bool unicode)
{
	struct cursor text;
	size_t n = 0, step = unicode ? 2 : 1, left;

	if (unicode && ((size_t)(c->p - message) & 1u) != 0)
		cur_skip(c, 1);
	left = cur_left(c);
	while (n + step <= left && (c->p[n] != 0 || (unicode && c->p[n + 1] != 0)))
		n += step;
	text = cur_take(c, n);
	cur_skip(c, step);
	return text;
}

static void
learn_text(const struct passing_ctx *x, enum attribute_key key, struct cursor text, bool unicode)
{
	if (unicode)
		passing_utf16(x, &x->from, key, text);
	else
		passing_name(x, &x->from, key, text.p, cur_left(&text));
}

/* SMB_COM_SESSION_SETUP_ANDX: its words, then perhaps a security blob, then native system and LAN
 * manager, and where there is no blob the domain.  A request without a blob has account and domain before. */
static void
session1(const struct passing_ctx *x, const uint8_t *message, struct cursor c, unsigned flags2)
{
	bool unicode = (flags2 & FLAGS2_UNICODE) != 0;
	unsigned words = cur_u8(&c), blob = 0, passwords = 0;
	struct cursor parameters = cur_take(&c, 2 * (size_t)words), data = cur_take(&c, cur_le16(&c)), system;

	if (x->from_server ? words != 3 && words != 4 : words != 12 && words != 13)
		return;
	if (words == 4) {
		cur_skip(&parameters, 6);
		blob = cur_le16(&parameters);
	} else if (words == 12) {
		cur_skip(&parameters, 14);
		blob = cur_le16(&parameters);
	} else if (words == 13) {
		cur_skip(&parameters, 14);
		passwords = cur_le16(&parameters);
		passwords += cur_le16(&parameters);
	}
	if (!cur_ok(&data))
		return;
	(void)ntlm_learn(x, cur_take(&data, blob));
	cur_skip(&data, passwords);
	if (words == 13) {
		(void)next_text(&data, message, unicode);	/* account */
		learn_text(x, ATTR_DOMAIN, next_text(&data, message, unicode), unicode);
	}
	if (!cur_ok(&data))
		return;
	system = next_text(&data, message, unicode);
	learn_text(x, ATTR_SYSTEM, system, unicode);
	learn_text(x, ATTR_SOFTWARE, next_text(&data, message, unicode), unicode);
	if (words == 3)
		learn_text(x, ATTR_DOMAIN, next_text(&data, message, unicode), unicode);
}

static void
message(const struct passing_ctx *x, struct cursor c)
{
	const uint8_t *start = c.p, *magic = cur_bytes(&c, 4);
	unsigned command, flags2;

	if (magic == NULL)
		return;
	if (magic[0] == 0xff) {
		command = cur_u8(&c);
		cur_skip(&c, 5);	/* status, flags */
		flags2 = cur_le16(&c);
		cur_skip(&c, 20);
		if (!cur_ok(&c) || command != SMB1_SESSION)
			return;
		session1(x, start, c, flags2);
		return;
	}
	cur_skip(&c, 8);
	command = cur_le16(&c);
	cur_skip(&c, 50);
	if (!cur_ok(&c) || command != SMB2_SESSION)
		return;
	(void)ntlm_learn(x, c);
	return;
}

/* RFC 1002, 4.3.2: whom it calls, who calls. */
static void
session_request(const struct passing_ctx *x, struct cursor c)
{
	struct netbios_name name;

	if (netbios_name(&c, &name))
		netbios_learn(x, &x->to, &name, false);
	if (cur_ok(&c) && netbios_name(&c, &name))
		netbios_learn(x, &x->from, &name, false);
}

enum passing_result
passing_smb(const struct passing_ctx *x, struct cursor c)
{
	struct cursor look = c, one;

	/* The log-in is in the second and third message of a side. */
	for (unsigned n = 0; !x->last && n < 3; ) {
		n += cur_u8(&look) == 0;
		cur_skip(&look, cur_be24(&look));
		if (!cur_ok(&look))
			return PASSING_MORE;
	}
	for (unsigned n = 0; n < MESSAGES_MAX && cur_left(&c) >= 4; n++) {
		unsigned kind = cur_u8(&c), len = cur_be24(&c);

		one = cur_take(&c, len < cur_left(&c) ? len : cur_left(&c));
		if (!cur_ok(&one))
			break;
		if (kind == SESSION_REQUEST)
			session_request(x, one);
		else if (kind == 0)
			message(x, one);
	}
	return PASSING_DONE;
}

/* Version (2), kind, flags, form of numbers (4), length of all (2), of the log-in behind the rest (2). */
enum passing_result
passing_dcerpc(const struct passing_ctx *x, struct cursor c)
{
	struct cursor look = c;
	unsigned n;

	for (unsigned i = 0; i < MESSAGES_MAX && cur_left(&look) > 0; i++) {
		struct cursor head = look;

		cur_skip(&head, 8);
		n = cur_le16(&head);
		if (!cur_ok(&head) || n < 16 || n > cur_left(&look)) {
			if (!x->last)
				return PASSING_MORE;
			n = (unsigned)cur_left(&look);
		}
		head = cur_take(&look, n);
		if (ntlm_kind(head) == (x->from_server ? 2u : 3u)) {
			(void)ntlm_learn(x, head);
			return PASSING_DONE;
		}
	}
	/* A client answers the challenge in its second message; a server challenges in its first. */
	return x->last || x->from_server || cur_off(&look) > PASSING_BYTES / 2 ? PASSING_DONE : PASSING_MORE;
}
