/* x509.c - names of a certificate's subject, RFC 5280, 4.1 and 4.2.1.6.
 *
 *	SEQUENCE { SEQUENCE { [0] version, serial, algorithm, issuer, validity, subject, key,
 *	    [1], [2], [3] extensions }, ... }
 */
#include "passing/parsers.h"

enum tag { TAG_BOOLEAN = 0x01, TAG_INTEGER = 0x02, TAG_OCTETS = 0x04, TAG_OID = 0x06, TAG_UTF8 = 0x0c, TAG_PRINTABLE = 0x13,
	TAG_T61 = 0x14, TAG_IA5 = 0x16, TAG_SEQUENCE = 0x30, TAG_SET = 0x31, TAG_VERSION = 0xa0, TAG_EXTENSIONS = 0xa3,
	TAG_DNS_NAME = 0x82 };
#define NAMES_MAX 8u

/* CN of the subject: a name of the server, or what a device calls itself. */
static void
subject(const struct passing_ctx *x, struct cursor c)
{
	static const uint8_t common_name[] = { 0x55, 4, 3 };
	struct cursor set, one, oid, value;
	uint8_t tag;

	while (cur_left(&c) > 0 && ber_expect(&c, TAG_SET, &set))
		while (cur_left(&set) > 0 && ber_expect(&set, TAG_SEQUENCE, &one)) {
			if (!ber_expect(&one, TAG_OID, &oid) || !ber_next(&one, &tag, &value))
				return;
			if (cur_left(&oid) == sizeof(common_name) && memcmp(oid.p, common_name, sizeof(common_name)) == 0 &&
			    (tag == TAG_UTF8 || tag == TAG_PRINTABLE || tag == TAG_T61 || tag == TAG_IA5))
				passing_name(x, &x->from, ATTR_TLS_NAME, value.p, cur_left(&value));
		}
}

static void
alternatives(const struct passing_ctx *x, struct cursor c)
{
	struct cursor names, name;
	uint8_t tag;

	if (!ber_expect(&c, TAG_SEQUENCE, &names))
		return;
	for (unsigned i = 0; i < NAMES_MAX && cur_left(&names) > 0 && ber_next(&names, &tag, &name); i++)
		if (tag == TAG_DNS_NAME)
			passing_name(x, &x->from, ATTR_TLS_NAME, name.p, cur_left(&name));
}

static void
extensions(const struct passing_ctx *x, struct cursor c)
{
	static const uint8_t alt_name[] = { 0x55, 0x1d, 0x11 };
	struct cursor list, one, oid, value;
	uint8_t tag;

	if (!ber_expect(&c, TAG_SEQUENCE, &list))
		return;
	while (cur_left(&list) > 0 && ber_expect(&list, TAG_SEQUENCE, &one)) {
		if (!ber_expect(&one, TAG_OID, &oid) || !ber_next(&one, &tag, &value))
			return;
		if (tag == TAG_BOOLEAN && !ber_next(&one, &tag, &value))	/* critical */
			return;
		if (tag == TAG_OCTETS && cur_left(&oid) == sizeof(alt_name) &&
		    memcmp(oid.p, alt_name, sizeof(alt_name)) == 0)
			alternatives(x, value);
	}
}

void
x509_learn(const struct passing_ctx *x, struct cursor c)
{
	struct cursor whole, tbs, part;
	uint8_t tag;

	if (!ber_expect(&c, TAG_SEQUENCE, &whole) || !ber_expect(&whole, TAG_SEQUENCE, &tbs) ||
	    !ber_next(&tbs, &tag, &part))
		return;
	if (tag == TAG_VERSION && !ber_next(&tbs, &tag, &part))
		return;
	/* The serial number is read; algorithm, issuer, validity; subject. */
	for (unsigned i = 0; i < 4; i++)
		if (tag != (i == 0 ? TAG_INTEGER : TAG_SEQUENCE) || !ber_next(&tbs, &tag, &part))
			return;
	if (tag != TAG_SEQUENCE)
		return;
	subject(x, part);
	while (cur_left(&tbs) > 0 && ber_next(&tbs, &tag, &part))
		if (tag == TAG_EXTENSIONS)
			extensions(x, part);
}
