/* dhcp.c - what a DHCP client says of itself, and which address it was given; RFC 2131, 2132.
 *
 *	0	1 request, 2 answer
 *	1	kind of hardware address (1 Ethernet), its length
 *	12	client's address, 16 the one it is given
 *	28	client's hardware address (16)
 *	236	63825363, then options: code, length, data; 0 fills, 255 ends
 */
#include "passing/parsers.h"

#define COOKIE	0x63825363u

enum option { OPT_PAD = 0, OPT_HOST = 12, OPT_WANTS = 50, OPT_KIND = 53, OPT_CLASS = 60, OPT_CLIENT = 61,
	OPT_FQDN = 81, OPT_END = 255 };
enum kind { KIND_REQUEST = 3, KIND_ACK = 5 };

struct dhcp {
	struct passing_who who;
	uint8_t		 op, kind;
	struct cursor	 host, class, client, fqdn;
	struct addr	 has, given, wants;
	bool		 wants_one;
};

static bool
is_set(const struct addr *a)
{
	return a->b[12] != 0 && a->b[12] != 255;
}

static void
options(struct dhcp *d, struct cursor c)
{
	while (cur_left(&c) > 0) {
		unsigned code = cur_u8(&c);
		struct cursor in;
		const uint8_t *b;

		if (code == OPT_PAD)
			continue;
		if (code == OPT_END)
			return;
		in = cur_take(&c, cur_u8(&c));
		if (!cur_ok(&in))
			return;
		switch (code) {
		case OPT_HOST:		d->host = in; break;
		case OPT_CLASS:		d->class = in; break;
		case OPT_CLIENT:	d->client = in; break;
		case OPT_FQDN:		d->fqdn = in; break;
		case OPT_KIND:		d->kind = cur_u8(&in); break;
		case OPT_WANTS:
			b = cur_bytes(&in, 4);
			if (b != NULL)
				d->wants = addr_v4(b);
			d->wants_one = b != NULL;
			break;
		default:
			break;
		}
	}
}

/* A type of hardware and its address say nothing new; another identifier does (RFC 2132, 9.14). */
static void
client_id(const struct passing_ctx *x, const struct dhcp *d)
{
	struct cursor c = d->client;
	size_t n = cur_left(&c);
	unsigned type = cur_u8(&c);
	struct words w = { .n = 0 };

	if (n < 2 || (type == 1 && n == 7))
		return;
	if (type == 0) {
		passing_name(x, &d->who, ATTR_CLIENT_ID, c.p, n - 1);
		return;
	}
	words_hex(&w, type, 2);
	while (cur_left(&c) > 0)
		words_hex(&w, cur_u8(&c), 2);
	passing_words(x, &d->who, ATTR_CLIENT_ID, &w);
}

/* RFC 4702, 2.1: flags, two codes, then text or labels (flag 4). */
static void
fqdn(const struct passing_ctx *x, const struct dhcp *d)
{
	struct cursor c = d->fqdn, whole;
	unsigned flags = cur_u8(&c);
	char name[DNS_NAME_MAX + 1];
	const char *text = name;
	size_t n;

	cur_skip(&c, 2);
	if (!cur_ok(&c))
		return;
	whole = c;
	if ((flags & 4) == 0) {
		n = cur_left(&c);
		text = (const char *)c.p;
	} else if (!dns_name(whole, &c, name, &n))
		return;
	if (n > 0)
		passing_name(x, &d->who, memchr(text, '.', n) != NULL ? ATTR_FQDN : ATTR_HOSTNAME, text, n);
}

static void
learn(const struct passing_ctx *x, const struct dhcp *d)
{
	struct words mac = { .n = 0 };

	if (d->op == 2) {
		if (d->kind != KIND_ACK || !d->who.has_addr || !d->who.has_mac)
			return;
		for (unsigned i = 0; i < 6; i++) {
			if (i > 0)
				words_put(&mac, ":");
			words_hex(&mac, d->who.mac[i], 2);
		}
		passing_words(x, &d->who, ATTR_MAC, &mac);
		return;
	}
	passing_name(x, &d->who, ATTR_HOSTNAME, d->host.p, cur_left(&d->host));
	passing_name(x, &d->who, ATTR_VENDOR_CLASS, d->class.p, cur_left(&d->class));
	client_id(x, d);
	fqdn(x, d);
}

enum passing_result
passing_dhcp(const struct passing_ctx *x, struct cursor c)
{
	struct dhcp d = { .host = cur_of(NULL, 0), .class = cur_of(NULL, 0), .client = cur_of(NULL, 0),
	    .fqdn = cur_of(NULL, 0) };
	const uint8_t *b;
	unsigned hardware, len;

	d.op = cur_u8(&c);
	hardware = cur_u8(&c);
	len = cur_u8(&c);
	cur_skip(&c, 9);
	if ((b = cur_bytes(&c, 4)) != NULL)
		d.has = addr_v4(b);
	if ((b = cur_bytes(&c, 4)) != NULL)
		d.given = addr_v4(b);
	cur_skip(&c, 8);
	b = cur_bytes(&c, 16);
	if (b != NULL && hardware == 1 && len == 6)
		d.who = passing_mac(b);
	cur_skip(&c, 192);
	if (cur_be32(&c) != COOKIE || !cur_ok(&c) || (d.op != 1 && d.op != 2))
		return PASSING_DONE;
	options(&d, c);
	/* An address that it only would like to have is none yet, but a request names the one it was offered. */
	if (is_set(&d.has) && addr_is_v4(&d.has))
		d.who.addr = d.has;
	else if (d.op == 2)
		d.who.addr = d.given;
	else if (d.kind == KIND_REQUEST && d.wants_one)
		d.who.addr = d.wants;
	d.who.has_addr = addr_is_v4(&d.who.addr) && is_set(&d.who.addr);
	learn(x, &d);
	return PASSING_DONE;
}
