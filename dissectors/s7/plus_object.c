/* plus_object.c - trees of objects: Create Object, Explore, alarms.
 *
 *	A1 object 4, class, class flags, attribute	an object begins;
 *					an index, unless its attribute is 0
 *	A3 attribute, value		A4 relation, object 4
 *	AB, AC				layouts of variables: blocks with a length each
 *	A2				it ends; those inside stand before its end
 */
#include "plus.h"

#include <string.h>

#include "base/str.h"

enum {
	TAG_OBJECT = 0xa1, TAG_END = 0xa2, TAG_ATTRIBUTE = 0xa3, TAG_RELATION = 0xa4,
	TAG_TYPES = 0xab, TAG_NAMES = 0xac
};

/* "1;6ES7 511-1AK00-0AB0;V1.5" */
static void
identity(struct s7_pdu *p, const uint8_t *b, size_t n)
{
	const uint8_t *a = memchr(b, ';', n), *z = b + n;
	const uint8_t *f = a != NULL ? memchr(a + 1, ';', (size_t)(z - a - 1)) : NULL;

	if (f == NULL)
		return;
	s7_fact(p, FACT_PRODUCT_CODE, 0, a + 1, (size_t)(f - a - 1));
	s7_fact(p, FACT_FIRMWARE, 0, f + 1, (size_t)(z - f - 1));
}

/* I&M0 of PROFINET: 0020, length, version, vendor 2, order number 20, serial 16,
 * hardware 2, software: a letter and three numbers. */
static void
module(struct s7_pdu *p, const uint8_t *b, size_t n)
{
	struct cursor c = cur_of(b, n), order, serial;

	if (cur_be16(&c) != 0x0020)
		return;
	cur_skip(&c, 6);
	order = cur_take(&c, 20);
	serial = cur_take(&c, 16);
	if (!cur_ok(&c))
		return;
	s7_fact(p, FACT_PRODUCT_CODE, 0, order.p, cur_left(&order));
	s7_fact(p, FACT_SERIAL, 0, serial.p, cur_left(&serial));
}

static void
fact_text(struct s7_pdu *p, enum op_fact_key key, const char *text)
{
	if (text != NULL)
		s7_fact(p, key, 0, (const uint8_t *)text, strlen(text));
}

static bool
is_secret(uint32_t id)
{
	return id == S7P_PASSWORD || id == S7P_LEGITIMATE || id == S7P_RESPONSE_VALUE ||
	    id == S7P_SESSION_KEY || id == S7P_LEGITIMATION;
}

void
s7p_note_attribute(struct s7_pdu *p, uint32_t item)
{
	const struct s7_plus_item *at = &p->detail->plus_items[item];
	struct op_item *it = &p->op->items[item];
	uint32_t last = at->n_path > 0 ? at->path[at->n_path - 1] : at->id;
	uint64_t v;

	/* Passwords, and what is made of them, are nobody's business. */
	if (!at->variable && is_secret(at->id)) {
		if (it->form == FORM_TYPED && it->typed->kind == VALUE_BYTES)
			s7_param_uint(p, "secret_length", it->typed->len);
		it->form = FORM_NONE;
		it->n_values = 0;
	}
	if (!p->response || at->variable)
		return;
	if (at->id == S7P_SESSION_VERSION && last == S7P_PAOM && it->form == FORM_TYPED &&
	    it->typed->kind == VALUE_BYTES && it->typed->len > 0)
		identity(p, it->typed->bytes, it->typed->len);
	else if (at->id == S7P_IDENTIFICATION && it->form == FORM_TYPED &&
	    it->typed->kind == VALUE_BYTES && it->typed->len > 0)
		module(p, it->typed->bytes, it->typed->len);
	else if (last == S7P_STATE && at->id == S7P_STATE_STRUCT && s7p_number(p, item, &v))
		fact_text(p, FACT_RUN_STATE, s7p_state_name(v));
}

static void
layouts(struct cursor *c)
{
	uint16_t n;

	while ((n = cur_be16(c)) != 0 && cur_ok(c))
		cur_skip(c, n);
}

static void
attribute(struct s7_pdu *p, struct cursor *c, const struct s7_plus_item *object, bool written)
{
	struct s7_plus_item at = *object;

	at.id = s7p_vlq32(c);
	at.id_name = s7p_id_name(at.id);
	if (cur_ok(c))
		s7p_value(p, c, s7p_item(p, &at, written));
}

void
s7p_objects(struct s7_pdu *p, struct cursor *c, bool written)
{
	struct s7_plus_item open[S7P_DEPTH_MAX];
	uint32_t depth = 0;

	while (cur_ok(c) && cur_left(c) > 0) {
		struct s7_plus_item *in = depth > 0 ? &open[depth - 1] : NULL;
		uint8_t tag = *c->p;

		if (in == NULL && tag != TAG_OBJECT)
			return;
		cur_skip(c, 1);
		switch (tag) {
		case TAG_OBJECT:
			if (depth == S7P_DEPTH_MAX) {
				cur_fail(c, CUR_BAD, "objects too deep");
				return;
			}
			in = &open[depth++];
			*in = (struct s7_plus_item){ .object = cur_be32(c), .has_class = true };
			in->class_id = s7p_vlq32(c);
			(void)s7p_vlq(c);
			if (s7p_vlq(c) != 0)
				(void)s7p_vlq(c);	/* which of several there */
			in->object_name = s7p_object_name(in->object);
			in->class_name = s7p_class_name(in->class_id);
			break;
		case TAG_END:
			depth--;
			break;
		case TAG_ATTRIBUTE:
			attribute(p, c, in, written);
			break;
		case TAG_RELATION:
			(void)s7p_vlq(c);
			cur_skip(c, 4);
			break;
		case TAG_TYPES:
		case TAG_NAMES:
			layouts(c);
			break;
		default:
			cur_fail(c, CUR_BAD, "tag");
			return;
		}
	}
}
