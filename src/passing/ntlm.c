/* ntlm.c - NTLM messages, MS-NLMP, 2.2.1.2 and 2.2.1.3, wherever they are carried.
 *
 *	0	"NTLMSSP" 00
 *	8	kind (4): 2 challenge of the server, 3 answer of the client
 *	A field is length (2), space (2), offset from 0 (4).
 *	challenge: 12 target, 20 flags, 24 challenge (8), 40 target information, 48 version
 *	answer: 12 and 20 responses, 28 domain, 36 user, 44 workstation, 60 flags, 64 version
 */
#include "passing/parsers.h"

#define FLAG_UNICODE	0x00000001u
#define FLAG_INFO	0x00800000u
#define FLAG_VERSION	0x02000000u
#define PAIRS_MAX	16u

enum pair { PAIR_END, PAIR_COMPUTER, PAIR_DOMAIN, PAIR_DNS_COMPUTER, PAIR_DNS_DOMAIN };

static struct cursor
field(struct cursor whole, size_t at)
{
	struct cursor c = whole;
	unsigned n;
	uint32_t offset;

	cur_skip(&c, at);
	n = cur_le16(&c);
	cur_skip(&c, 2);
	offset = cur_le32(&c);
	if (!cur_ok(&c))
		return c;
	cur_skip(&whole, offset);
	return cur_take(&whole, n);
}

static uint32_t
number(struct cursor whole, size_t at)
{
	cur_skip(&whole, at);
	return cur_le32(&whole);
}

/* "Windows 10.0 (build 17763)": major and minor (1 each), build (2). */
static void
version(const struct passing_ctx *x, struct cursor whole, size_t at)
{
	struct words w = { .n = 0 };
	unsigned major, minor, build;

	cur_skip(&whole, at);
	major = cur_u8(&whole);
	minor = cur_u8(&whole);
	build = cur_le16(&whole);
	if (!cur_ok(&whole) || major == 0 || build == 0)	/* Samba and others have no build */
		return;
	words_put(&w, "Windows NT ");
	words_number(&w, major);
	words_put(&w, ".");
	words_number(&w, minor);
	words_put(&w, " (build ");
	words_number(&w, build);
	words_put(&w, ")");
	passing_words(x, &x->from, ATTR_SYSTEM, &w);
}

static bool
has_dot(struct cursor c)
{
	while (cur_left(&c) >= 2)
		if (cur_le16(&c) == '.')
			return true;
	return false;
}

static bool
same(struct cursor a, struct cursor b)
{
	return cur_left(&a) == cur_left(&b) && memcmp(a.p, b.p, cur_left(&a)) == 0;
}

static void
challenge(const struct passing_ctx *x, struct cursor whole)
{
	uint32_t flags = number(whole, 20);
	struct cursor info = field(whole, 40), none = cur_of(NULL, 0), computer = none, domain = none, dns = none;

	if ((flags & FLAG_INFO) == 0)
		info = cur_of(NULL, 0);
	for (unsigned i = 0; i < PAIRS_MAX && cur_left(&info) >= 4; i++) {
		unsigned kind = cur_le16(&info);
		struct cursor in = cur_take(&info, cur_le16(&info));

		if (!cur_ok(&in) || kind == PAIR_END)
			break;
		switch (kind) {
		case PAIR_COMPUTER:	computer = in; break;
		case PAIR_DOMAIN:	domain = in; break;
		case PAIR_DNS_COMPUTER:	dns = in; break;
		default:		break;
		}
	}
	passing_utf16(x, &x->from, ATTR_HOSTNAME, computer);
	/* A machine in no domain is its own. */
	if (!same(computer, domain))
		passing_utf16(x, &x->from, ATTR_DOMAIN, domain);
	if (has_dot(dns))
		passing_utf16(x, &x->from, ATTR_FQDN, dns);
	if ((flags & FLAG_VERSION) != 0)
		version(x, whole, 48);
}

static void
answer(const struct passing_ctx *x, struct cursor whole)
{
	uint32_t flags = number(whole, 60);
	struct cursor name = field(whole, 44);

	if (!cur_ok(&name))
		return;
	if ((flags & FLAG_UNICODE) != 0)
		passing_utf16(x, &x->from, ATTR_HOSTNAME, name);
	else
		passing_name(x, &x->from, ATTR_HOSTNAME, name.p, cur_left(&name));
	if ((flags & FLAG_VERSION) != 0)
		version(x, whole, 64);
}

/* SPNEGO wraps it in BER of several depths; the signature is its own. */
static bool
find(struct cursor *c)
{
	static const char magic[] = "NTLMSSP";
	const uint8_t *at;

	while (cur_left(c) >= sizeof(magic) + 4 && (at = memchr(c->p, magic[0], cur_left(c))) != NULL) {
		cur_skip(c, (size_t)(at - c->p));
		if (cur_left(c) < sizeof(magic) + 4)
			break;
		if (memcmp(c->p, magic, sizeof(magic)) == 0) {
			*c = cur_of(c->p, cur_left(c));
			return true;
		}
		cur_skip(c, 1);
	}
	return false;
}

uint32_t
ntlm_kind(struct cursor c)
{
	return find(&c) ? number(c, 8) : 0;
}

bool
ntlm_learn(const struct passing_ctx *x, struct cursor c)
{
	uint32_t kind;

	if (!find(&c))
		return false;
	kind = number(c, 8);
	if (kind == 2 && x->from_server)
		challenge(x, c);
	else if (kind == 3 && !x->from_server)
		answer(x, c);
	return true;
}
