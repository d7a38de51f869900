/* netbios_name.c - NetBIOS names, RFC 1001, 14 and RFC 1002, 4.1; their kinds: MS-NBTE, 2.2.1;
 * announcements of browsers: MS-BRWS, 2.2.1 to 2.2.10. */
#include "passing/parsers.h"

bool
netbios_plain(const uint8_t *p, struct netbios_name *to)
{
	memcpy(to->text, p, sizeof(to->text));
	to->kind = p[15];
	to->n = sizeof(to->text);
	while (to->n > 0 && (to->text[to->n - 1] == ' ' || to->text[to->n - 1] == 0))
		to->n--;
	/* 01 02 __MSBROWSE__ 02 and the wildcard "*" name nobody. */
	return to->n > 0 && to->text[0] > 0x20 && to->text[0] != '*';
}

bool
netbios_name(struct cursor *c, struct netbios_name *to)
{
	uint8_t plain[16];
	unsigned len = cur_u8(c);
	const uint8_t *b = cur_bytes(c, 32);

	if (b == NULL || len != 32) {
		cur_fail(c, CUR_BAD, "name");
		return false;
	}
	for (unsigned i = 0; i < 16; i++) {
		unsigned high = b[2 * i] - 'A', low = b[2 * i + 1] - 'A';

		if (high > 15 || low > 15) {
			cur_fail(c, CUR_BAD, "name");
			return false;
		}
		plain[i] = (uint8_t)(high << 4 | low);
	}
	/* The scope, labels up to an empty one. */
	for (unsigned n; (n = cur_u8(c)) != 0 && cur_ok(c); )
		cur_skip(c, n);
	return cur_ok(c) && netbios_plain(plain, to);
}

void
netbios_learn(const struct passing_ctx *x, const struct passing_who *who, const struct netbios_name *name, bool group)
{
	switch (name->kind) {
	case 0x00:	/* workstation, or its domain */
		passing_name(x, who, group ? ATTR_DOMAIN : ATTR_HOSTNAME, name->text, name->n);
		break;
	case 0x20:	/* file server */
		if (!group)
			passing_name(x, who, ATTR_HOSTNAME, name->text, name->n);
		break;
	case 0x1b:	/* master browser of a domain */
	case 0x1c:	/* domain controllers */
	case 0x1d:	/* master browser */
	case 0x1e:	/* elections of browsers */
		passing_name(x, who, ATTR_DOMAIN, name->text, name->n);
		break;
	default:
		break;
	}
}

static const struct { uint32_t bit; const char *text; } server_types[] = {
	{ 1u << 0, "workstation" }, { 1u << 1, "server" }, { 1u << 2, "SQL server" },
	{ 1u << 3, "domain controller" }, { 1u << 4, "backup domain controller" }, { 1u << 5, "time source" },
	{ 1u << 9, "print server" }, { 1u << 10, "dial-in server" }, { 1u << 11, "Unix" }, { 1u << 17, "backup browser" },
	{ 1u << 18, "master browser" }, { 1u << 25, "cluster" }, { 1u << 26, "terminal server" }
};

void
netbios_browser(const struct passing_ctx *x, const struct passing_who *who, struct cursor c)
{
	unsigned command = cur_u8(&c), major, minor;
	struct words system = { .n = 0 }, types = { .n = 0 };
	struct netbios_name name;
	uint8_t plain[16];
	uint32_t type;

	cur_skip(&c, 5);	/* count, period */
	cur_copy(&c, plain, sizeof(plain));
	major = cur_u8(&c);
	minor = cur_u8(&c);
	type = cur_le32(&c);
	cur_skip(&c, 4);	/* version of the browser, signature */
	if (!cur_ok(&c))
		return;
	plain[15] = 0;
	if (!netbios_plain(plain, &name))
		return;
	if (command == 0x0c) {		/* of a domain: name is the domain's, the comment names its master */
		passing_name(x, who, ATTR_DOMAIN, name.text, name.n);
		return;
	}
	if (command != 0x01 && command != 0x0f)	/* of a host, of the master browser */
		return;
	passing_name(x, who, ATTR_HOSTNAME, name.text, name.n);
	if ((type & 1u << 11) != 0)	/* Samba, whose number is none of its system */
		words_put(&system, "Unix");
	else {
		words_put(&system, "Windows NT ");
		words_number(&system, major);
		words_put(&system, ".");
		words_number(&system, minor);
	}
	passing_words(x, who, ATTR_SYSTEM, &system);
	for (size_t i = 0; i < sizeof(server_types) / sizeof(server_types[0]); i++)
		if ((type & server_types[i].bit) != 0)
			words_item(&types, server_types[i].text);
	passing_words(x, who, ATTR_CAPABILITIES, &types);
	passing_text(x, who, ATTR_DESCRIPTION, c.p, cur_left(&c));
}
