/* plus_body.c - what the bodies of S7comm-plus messages are made of: objects, addresses of
 * variables or numbers of attributes, values, a qualifier (object 1256 with three values
 * that say nothing of the plant), and from version 2 on an integrity id and perhaps a
 * HMAC.  Integers have variable length where nothing else is said.
 */
#include "plus_body.h"

#define QUALIFIER	1256u
#define HMAC_LEN	32u

void
s7p_object_of(struct s7_pdu *p, uint32_t object)
{
	struct s7_message *m = p->msg;

	m->has_object = true;
	m->object = object;
	m->object_name = s7p_object_name(object);
	s7_param_uint(p, "object", object);
	s7_param_text(p, "object_name", m->object_name);
}

void
s7p_qualifier(struct s7_pdu *p, struct cursor *c)
{
	struct cursor ahead = *c;

	/* The number is sent whole, and in some requests a zero stands before it. */
	if (cur_left(c) > 4 && *c->p == 0 && c->p[1] == 0 && c->p[2] == 0 && c->p[3] == 4)
		cur_skip(&ahead, 1);
	if (cur_be32(&ahead) != QUALIFIER)
		return;
	*c = ahead;
	while (s7p_vlq32(c) != 0 && cur_ok(c))
		s7p_skip_value(p, c);
}

void
s7p_integrity(struct s7_pdu *p, struct cursor *c)
{
	struct s7_message *m = p->msg;

	if (m->version < 2 || cur_left(c) == 0)
		return;
	m->integrity_id = s7p_vlq32(c);
	m->has_integrity_id = cur_ok(c);
	if (cur_ok(c) && cur_left(c) > HMAC_LEN && *c->p == HMAC_LEN) {
		cur_skip(c, 1);
		m->has_integrity = true;
		m->integrity = (struct s7_bytes){ cur_bytes(c, HMAC_LEN), HMAC_LEN };
	}
}

/* Where the integrity id stands before the objects of a message. */
void
s7p_early_integrity(struct s7_pdu *p, struct cursor *c)
{
	struct s7_message *m = p->msg;

	if (m->version >= 2 && cur_left(c) > 0 && *c->p != 0xa1) {
		m->integrity_id = s7p_vlq32(c);
		m->has_integrity_id = cur_ok(c);
	}
}

/* Zeros fill up; what else is left was not understood. */
void
s7p_finish(struct s7_pdu *p, struct cursor *c)
{
	struct cursor rest = cur_of(c->p, cur_left(c));

	if (cur_ok(c))
		while (cur_left(&rest) > 0 && *rest.p == 0)
			cur_skip(&rest, 1);
	p->msg->unread = (uint32_t)cur_left(&rest);
}

void
s7p_opaque_object(struct s7_pdu *p, struct cursor *c)
{
	uint32_t object = cur_be32(c);

	if (cur_ok(c))
		s7p_object_of(p, object);
}

/* ---- addresses ------------------------------------------------------ */

static bool
is_area(uint32_t object)
{
	return object >> 16 == 0x8a0e || (object >= 80 && object <= 84);
}

/* CRC, area, how many ids, sub-area and the other ids. */
struct s7_plus_item
s7p_address(struct s7_pdu *p, struct cursor *c)
{
	struct s7_plus_item at = { .has_crc = true, .crc = s7p_vlq32(c) };
	uint32_t n;

	at.object = s7p_vlq32(c);
	n = s7p_vlq32(c);
	at.id = s7p_vlq32(c);
	if (!cur_ok(c))
		return at;
	if (n == 0 || n - 1 > cur_left(c)) {
		cur_fail(c, CUR_SHORT, "ids of an address");
		return at;
	}
	if (n > 1) {
		uint32_t *path = arena_alloc(p->x->arena, (n - 1) * sizeof(*path));

		for (uint32_t i = 0; i < n - 1; i++) {
			uint32_t id = s7p_vlq32(c);

			if (path != NULL)
				path[i] = id;
		}
		at.path = path;
		at.n_path = path != NULL ? n - 1 : 0;
	}
	at.variable = is_area(at.object);
	at.object_name = s7p_object_name(at.object);
	at.id_name = s7p_id_name(at.id);
	return at;
}

/* What Get and Set Multiple Variables begin with: an object and its attributes, or
 * object 0 and addresses. */
uint32_t
s7p_addresses(struct s7_pdu *p, struct cursor *c, bool written)
{
	uint32_t object = cur_be32(c), n = s7p_vlq32(c);

	(void)s7p_vlq(c);		/* how many numbers they are made of */
	if (object != 0 && cur_ok(c))
		s7p_object_of(p, object);
	for (uint32_t i = 0; i < n && cur_ok(c); i++) {
		struct s7_plus_item at = { .object = object };

		if (object == 0) {
			at = s7p_address(p, c);
		} else {
			at.id = s7p_vlq32(c);
			at.object_name = p->msg->object_name;
			at.id_name = s7p_id_name(at.id);
		}
		at.number = i + 1;
		if (cur_ok(c))
			(void)s7p_item(p, &at, written);
	}
	return n;
}

/* Item of the request by its number; else a new one that has only the number. */
uint32_t
s7p_numbered(struct s7_pdu *p, uint32_t number, bool written)
{
	struct s7_plus_item at = { .number = number };

	if (number - 1 < p->op->n_items && p->detail->plus_items[number - 1].number == number)
		return number - 1;
	return s7p_item(p, &at, written);
}

/* Number, value, ..., 0. */
void
s7p_numbered_values(struct s7_pdu *p, struct cursor *c, bool written)
{
	uint32_t number;

	while ((number = s7p_vlq32(c)) != 0 && cur_ok(c))
		s7p_value(p, c, s7p_numbered(p, number, written));
}
