/* snmp.c - answers of SNMP agents, RFC 1157 and 3416, in the encoding of X.690.
 *
 *	SEQUENCE { version INTEGER (0 v1, 1 v2c), community OCTET STRING,
 *	    [2] response { request, error, index INTEGER,
 *		SEQUENCE OF SEQUENCE { name OBJECT IDENTIFIER, value } } }
 */
#include "passing/parsers.h"

#define VARIABLES_MAX	32u

enum tag { TAG_INTEGER = 0x02, TAG_OCTETS = 0x04, TAG_OID = 0x06, TAG_SEQUENCE = 0x30, TAG_RESPONSE = 0xa2 };

/* As they are encoded: 1.3.6.1.2.1 is 2b 06 01 02 01. */
static const struct variable {
	uint8_t		 n, oid[12];
	uint8_t		 tag;
	uint8_t		 key;		/* enum attribute_key */
} variables[] = {
#define SYSTEM(i, key) { 8, { 0x2b, 6, 1, 2, 1, 1, (i), 0 }, TAG_OCTETS, (key) }
#define ENTITY(i, key) { 12, { 0x2b, 6, 1, 2, 1, 47, 1, 1, 1, 1, (i), 1 }, TAG_OCTETS, (key) }	/* RFC 6933: the first one */
	SYSTEM(1, ATTR_DESCRIPTION),
	{ 8, { 0x2b, 6, 1, 2, 1, 1, 2, 0 }, TAG_OID, ATTR_OBJECT_ID },
	SYSTEM(4, ATTR_CONTACT),
	SYSTEM(5, ATTR_NAME),
	SYSTEM(6, ATTR_LOCATION),
	ENTITY(8, ATTR_HARDWARE),
	ENTITY(9, ATTR_FIRMWARE),
	ENTITY(11, ATTR_SERIAL),
	ENTITY(12, ATTR_VENDOR),
	ENTITY(13, ATTR_MODEL),
#undef SYSTEM
#undef ENTITY
};

/* X.690, 8.19.  Nothing of a malformed one. */
static bool
oid_text(struct cursor c, struct words *w)
{
	uint64_t v = 0;
	bool first = true, more = false;

	while (cur_left(&c) > 0) {
		unsigned b = cur_u8(&c);

		if (v >> 32 != 0 || (v == 0 && b == 0x80))
			return false;
		v = v << 7 | (b & 0x7f);
		more = (b & 0x80) != 0;
		if (more)
			continue;
		if (first) {
			words_number(w, v < 80 ? v / 40 : 2);
			v = v < 80 ? v % 40 : v - 80;
		}
		words_put(w, ".");
		words_number(w, v);
		first = false;
		v = 0;
	}
	return !first && !more;
}

static void
variable(const struct passing_ctx *x, struct cursor name, uint8_t tag, struct cursor value)
{
	size_t n = cur_left(&name);

	for (size_t i = 0; i < sizeof(variables) / sizeof(variables[0]); i++) {
		const struct variable *v = &variables[i];
		struct words w = { .n = 0 };

		if (v->n != n || v->tag != tag || memcmp(v->oid, name.p, n) != 0)
			continue;
		if (tag == TAG_OCTETS) {
			passing_text(x, &x->from, (enum attribute_key)v->key, value.p, cur_left(&value));
			if (v->key == ATTR_DESCRIPTION)
				siemens_learn(x, &x->from, value.p, cur_left(&value));
		}
		if (tag == TAG_OID && oid_text(value, &w))
			passing_words(x, &x->from, (enum attribute_key)v->key, &w);
	}
}

/* Each variable of the list; `learn` false: only whether all of them are well-formed. */
static bool
list(const struct passing_ctx *x, struct cursor c, bool learn)
{
	for (unsigned i = 0; cur_left(&c) > 0; i++) {
		struct cursor one, name, value;
		uint8_t tag;

		if (!ber_expect(&c, TAG_SEQUENCE, &one) || !ber_expect(&one, TAG_OID, &name) ||
		    !ber_next(&one, &tag, &value) || cur_left(&one) != 0)
			return false;
		if (learn && i < VARIABLES_MAX)
			variable(x, name, tag, value);
	}
	return true;
}

enum passing_result
passing_snmp(const struct passing_ctx *x, struct cursor c)
{
	struct cursor message, version, community, pdu, number, variables_list;

	if (!ber_expect(&c, TAG_SEQUENCE, &message) || cur_left(&c) != 0 ||
	    !ber_expect(&message, TAG_INTEGER, &version) || cur_left(&version) != 1 || cur_u8(&version) > 1 ||
	    !ber_expect(&message, TAG_OCTETS, &community) || !ber_expect(&message, TAG_RESPONSE, &pdu) ||
	    cur_left(&message) != 0)
		return PASSING_DONE;
	for (unsigned i = 0; i < 3; i++)
		if (!ber_expect(&pdu, TAG_INTEGER, &number) || cur_left(&number) < 1 || cur_left(&number) > 5)
			return PASSING_DONE;
	if (ber_expect(&pdu, TAG_SEQUENCE, &variables_list) && cur_left(&pdu) == 0 && list(x, variables_list, false))
		(void)list(x, variables_list, true);
	return PASSING_DONE;
}
