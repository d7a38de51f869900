/* dns.c - answers of DNS servers, RFC 1035; mDNS, RFC 6762 and 6763; LLMNR, RFC 4795.
 *
 *	0	identification
 *	2	flags: 8000 answer, 7800 kind of query, 000f result
 *	4	questions, answers, authorities, additional records
 *	12	the questions: name, type, class; the records: name, type, class,
 *		time to live (4), length (2), data
 */
#include "passing/parsers.h"

#define RECORDS_MAX	64u	/* of one message */
#define TXT_MAX		32u	/* texts of one record */

enum dns_type { DNS_A = 1, DNS_PTR = 12, DNS_HINFO = 13, DNS_TXT = 16, DNS_AAAA = 28, DNS_SRV = 33 };

struct record {
	uint16_t	 type;
	struct cursor	 data;
	size_t		 n;
	char		 name[DNS_NAME_MAX + 1];
};

typedef void on_record(const struct passing_ctx *x, struct cursor whole, const struct record *r);

/* Every record of an answer; what comes after a malformed one is left out. */
static void
each_record(const struct passing_ctx *x, struct cursor whole, on_record *call)
{
	struct cursor c = whole;
	struct record r;
	unsigned flags, questions, records;

	cur_skip(&c, 2);
	flags = cur_be16(&c);
	questions = cur_be16(&c);
	records = cur_be16(&c);
	records += cur_be16(&c);
	records += cur_be16(&c);
	if (!cur_ok(&c) || (flags & 0xf80f) != 0x8000 || questions > RECORDS_MAX)
		return;
	for (unsigned i = 0; i < questions; i++) {
		if (!dns_name(whole, &c, r.name, &r.n))
			return;
		cur_skip(&c, 4);
	}
	for (unsigned i = 0; i < records && i < RECORDS_MAX; i++) {
		unsigned class;

		if (!dns_name(whole, &c, r.name, &r.n))
			return;
		r.type = cur_be16(&c);
		class = cur_be16(&c) & 0x7fff;	/* mDNS: the top bit flushes caches */
		cur_skip(&c, 4);
		r.data = cur_take(&c, cur_be16(&c));
		if (!cur_ok(&c))
			return;
		if (class == 1)
			call(x, whole, &r);
	}
}

static bool
record_addr(const struct record *r, struct addr *a)
{
	struct cursor c = r->data;
	const uint8_t *b;

	if (r->type == DNS_A && cur_left(&c) == 4 && (b = cur_bytes(&c, 4)) != NULL)
		*a = addr_v4(b);
	else if (r->type == DNS_AAAA && cur_left(&c) == 16 && (b = cur_bytes(&c, 16)) != NULL)
		*a = addr_v6(b);
	else
		return false;
	return addr_is_private(a);
}

/* "plc7" is a host name, "plc7.plant.example" one with its domain. */
static void
learn_host(const struct passing_ctx *x, const struct passing_who *who, const char *name, size_t n)
{
	static const char local[] = ".local";
	const size_t tail = sizeof(local) - 1;

	if (n > tail && memcmp(name + n - tail, local, tail) == 0 && memchr(name, '.', n - tail) == NULL)
		n -= tail;
	passing_name(x, who, memchr(name, '.', n) != NULL ? ATTR_FQDN : ATTR_HOSTNAME, name, n);
}

/* ---- answers of DNS servers ---- */

/* One part of an address in a reverse name; digits are of base 10 or 16.  -1: it is none. */
static int
reverse_part(const char *name, size_t *at, size_t n, unsigned base)
{
	unsigned v = 0, digits = 0;

	for (; *at < n && name[*at] != '.'; ++*at, digits++) {
		char d = name[*at];
		unsigned one = d >= '0' && d <= '9' ? (unsigned)(d - '0') :
		    d >= 'a' && d <= 'f' ? (unsigned)(d - 'a') + 10 :
		    d >= 'A' && d <= 'F' ? (unsigned)(d - 'A') + 10 : 99;

		if (one >= base || digits == (base == 10 ? 3 : 1))
			return -1;
		v = v * base + one;
	}
	if (digits == 0 || v > 255 || *at >= n)
		return -1;
	++*at;
	return (int)v;
}

/* 7.0.20.10.in-addr.arpa is of 10.20.0.7 (RFC 1035, 3.5); IPv6: RFC 3596, 2.5. */
static bool
reverse_addr(const char *name, size_t n, struct addr *a)
{
	size_t at = 0;

	if (n > 13 && memcmp(name + n - 13, ".in-addr.arpa", 13) == 0) {
		uint8_t b[4];

		for (int i = 3; i >= 0; i--) {
			int v = reverse_part(name, &at, n, 10);

			if (v < 0)
				return false;
			b[i] = (uint8_t)v;
		}
		*a = addr_v4(b);
		return at == n - 12;
	}
	if (n > 9 && memcmp(name + n - 9, ".ip6.arpa", 9) == 0) {
		uint8_t b[16];

		for (int i = 15; i >= 0; i--) {
			int low = reverse_part(name, &at, n, 16);
			int high = low < 0 ? -1 : reverse_part(name, &at, n, 16);

			if (high < 0)
				return false;
			b[i] = (uint8_t)(high << 4 | low);
		}
		*a = addr_v6(b);
		return at == n - 8;
	}
	return false;
}

static void
server_record(const struct passing_ctx *x, struct cursor whole, const struct record *r)
{
	struct passing_who who = { .has_addr = true };
	struct cursor c = r->data;
	char host[DNS_NAME_MAX + 1];
	size_t n;

	if (record_addr(r, &who.addr))
		learn_host(x, &who, r->name, r->n);
	else if (r->type == DNS_PTR && reverse_addr(r->name, r->n, &who.addr) && addr_is_private(&who.addr)) {
		/* Names are compressed against the whole message. */
		struct cursor in = whole;

		cur_skip(&in, (size_t)(c.p - whole.p));
		if (dns_name(whole, &in, host, &n))
			learn_host(x, &who, host, n);
	}
}

enum passing_result
passing_dns(const struct passing_ctx *x, struct cursor c)
{
	each_record(x, c, server_record);
	return PASSING_DONE;
}

enum passing_result
passing_llmnr(const struct passing_ctx *x, struct cursor c)
{
	each_record(x, c, server_record);
	return PASSING_DONE;
}

/* ---- what a device announces of itself ---- */

/* What manufacturers put into TXT records: of printers and scanners (Bonjour Printing, 9), of
 * AirPlay, of _device-info. */
static const struct txt_key { const char *name; enum attribute_key key; } txt_keys[] = {
	{ "model",	ATTR_MODEL },
	{ "md",		ATTR_MODEL },
	{ "ty",		ATTR_MODEL },
	{ "usb_MDL",	ATTR_MODEL },
	{ "product",	ATTR_PRODUCT },
	{ "manufacturer", ATTR_VENDOR },
	{ "usb_MFG",	ATTR_VENDOR },
	{ "vendor",	ATTR_VENDOR },
	{ "serial",	ATTR_SERIAL },
	{ "serialNumber", ATTR_SERIAL },
	{ "fv",		ATTR_FIRMWARE },
	{ "fw",		ATTR_FIRMWARE },
	{ "firmware",	ATTR_FIRMWARE },
	{ "note",	ATTR_LOCATION },
};

static void
txt(const struct passing_ctx *x, const struct record *r)
{
	struct cursor c = r->data;

	for (unsigned i = 0; i < TXT_MAX && cur_left(&c) > 0; i++) {
		size_t n = cur_u8(&c);
		const uint8_t *p = cur_bytes(&c, n);

		for (size_t k = 0; p != NULL && k < sizeof(txt_keys) / sizeof(txt_keys[0]); k++) {
			size_t len = strlen(txt_keys[k].name);

			if (n > len + 1 && p[len] == '=' && memcmp(p, txt_keys[k].name, len) == 0)
				passing_name(x, &x->from, txt_keys[k].key, p + len + 1, n - len - 1);
		}
	}
}

/* "_http._tcp.local": what is offered; not the list of all kinds (RFC 6763, 9), nor a subtype (7.1). */
static bool
is_service(const char *name, size_t n)
{
	static const char *const ends[] = { "._tcp.local", "._udp.local" };

	for (unsigned i = 0; i < 2; i++)
		if (n > 11 && memcmp(name + n - 11, ends[i], 11) == 0)
			return name[0] == '_' && memchr(name, '.', n - 11) == NULL;
	return false;
}

static void
own_record(const struct passing_ctx *x, struct cursor whole, const struct record *r)
{
	struct passing_who who = { .has_addr = true };
	struct cursor c = r->data;
	size_t n;

	(void)whole;
	if (record_addr(r, &who.addr)) {
		learn_host(x, &who, r->name, r->n);
		return;
	}
	switch (r->type) {
	case DNS_PTR:
		if (is_service(r->name, r->n))
			passing_name(x, &x->from, ATTR_SERVICE, r->name, r->n - 6);
		break;
	case DNS_TXT:
		txt(x, r);
		break;
	case DNS_HINFO:		/* processor, operating system */
		n = cur_u8(&c);
		cur_skip(&c, n);
		n = cur_u8(&c);
		passing_name(x, &x->from, ATTR_SYSTEM, cur_bytes(&c, n), n);
		break;
	default:
		break;
	}
}

enum passing_result
passing_mdns(const struct passing_ctx *x, struct cursor c)
{
	each_record(x, c, own_record);
	return PASSING_DONE;
}
