/* tls.c - the server's name that a client asks for, and the names in a server's certificate; TLS up to 1.2,
 * RFC 5246, 6.2 and 7.4; RFC 6066, 3.  From TLS 1.3 on certificates are encrypted.
 *
 *	record: 22 handshake, version (2), length (2), then messages: kind (1), length (3)
 *
 * A message may go on in the next record; a first flight that does so before the leaf certificate is not read.
 */
#include "passing/parsers.h"

enum { HANDSHAKE = 22, CLIENT_HELLO = 1, CERTIFICATE = 11, EXT_SERVER_NAME = 0 };
#define MESSAGES_MAX	8u
#define EXTENSIONS_MAX	64u

static void
client_hello(const struct passing_ctx *x, struct cursor c)
{
	struct cursor extensions;

	cur_skip(&c, 2 + 32);			/* version, random */
	cur_skip(&c, cur_u8(&c));		/* session */
	cur_skip(&c, cur_be16(&c));		/* cipher suites */
	cur_skip(&c, cur_u8(&c));		/* compressions */
	extensions = cur_take(&c, cur_be16(&c));
	for (unsigned i = 0; i < EXTENSIONS_MAX && cur_left(&extensions) > 0; i++) {
		unsigned type = cur_be16(&extensions);
		struct cursor in = cur_take(&extensions, cur_be16(&extensions)), names, name;

		if (type != EXT_SERVER_NAME)
			continue;
		names = cur_take(&in, cur_be16(&in));
		type = cur_u8(&names);
		name = cur_take(&names, cur_be16(&names));
		if (cur_ok(&name) && type == 0)
			passing_name(x, &x->to, memchr(name.p, '.', cur_left(&name)) != NULL ? ATTR_FQDN :
			    ATTR_HOSTNAME, name.p, cur_left(&name));
		return;
	}
}

/* The leaf comes first (7.4.2). */
static void
certificate(const struct passing_ctx *x, struct cursor c)
{
	cur_skip(&c, 3);
	c = cur_take(&c, cur_be24(&c));
	if (cur_ok(&c))
		x509_learn(x, c);
}

enum passing_result
passing_tls(const struct passing_ctx *x, struct cursor c)
{
	for (unsigned n = 0; n < MESSAGES_MAX; ) {
		unsigned type = cur_u8(&c), len;
		struct cursor record;

		cur_skip(&c, 2);
		len = cur_be16(&c);
		if (!cur_ok(&c))
			break;
		if (type != HANDSHAKE)
			return PASSING_DONE;
		/* Of a record that is not whole yet what there is. */
		record = cur_take(&c, len < cur_left(&c) ? len : cur_left(&c));
		while (cur_left(&record) > 0) {
			struct cursor look = record, body;
			unsigned kind = cur_u8(&record), size = cur_be24(&record);

			body = cur_take(&record, size < cur_left(&record) ? size : cur_left(&record));
			if (!cur_ok(&body))
				break;
			if (kind == CLIENT_HELLO) {
				if (size > cur_left(&body) && !x->last)
					return PASSING_MORE;
				client_hello(x, body);
				return PASSING_DONE;
			}
			if (kind == CERTIFICATE) {
				/* With the leaf, or as much of the message as will ever be here. */
				cur_skip(&look, 4 + 3);
				size = cur_be24(&look);
				if ((!cur_ok(&look) || size > cur_left(&look)) && !x->last)
					return PASSING_MORE;
				certificate(x, body);
				return PASSING_DONE;
			}
			if (++n >= MESSAGES_MAX)
				return PASSING_DONE;
		}
	}
	return x->last ? PASSING_DONE : PASSING_MORE;
}

/* Remote desktop: TLS after a request and a confirmation of ISO transport that agree on it, MS-RDPBCGR, 2.2.1.1 and
 * 2.2.1.2; what plants carry over the same transport has no such end. */
enum passing_result
passing_rdp(const struct passing_ctx *x, struct cursor c)
{
	struct cursor head;
	const uint8_t *end;
	unsigned n;

	cur_skip(&c, 2);
	n = cur_be16(&c);
	head = cur_take(&c, n - 4);
	/* The negotiation is the last thing in it: kind, flags, length, protocols (4). */
	if (!cur_ok(&head) || cur_left(&head) < 7 + 8)
		return PASSING_DONE;
	cur_skip(&head, cur_left(&head) - 8);
	end = cur_bytes(&head, 8);
	if (end == NULL || end[0] != (x->from_server ? 2 : 1) || le16_of(end + 2) != 8)
		return PASSING_DONE;
	if (cur_left(&c) == 0)
		return x->last ? PASSING_DONE : PASSING_MORE;
	return passing_tls(x, c);
}
