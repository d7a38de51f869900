/* plus_answer.c - what the answers of S7comm-plus carry, and what comes without being
 * asked.
 *
 * Answers: a return value of 64 bits, values by the number of what was asked for, then the
 * numbers that were refused.
 */
#include "plus_body.h"

#include "base/str.h"

#define RETURN_MEMBER	40305u	/* of a system event: why the session ends */

/* Number, return value, ..., 0. */
static void
refusals(struct s7_pdu *p, struct cursor *c, bool written)
{
	uint32_t number;

	while ((number = s7p_vlq32(c)) != 0 && cur_ok(c)) {
		uint64_t v = s7p_vlq(c);
		uint32_t i = cur_ok(c) ? s7p_numbered(p, number, written) : S7P_NO_ITEM;

		if (i == S7P_NO_ITEM)
			continue;
		p->detail->plus_items[i].has_return = true;
		p->detail->plus_items[i].return_value = v;
		p->op->items[i].status = (v & 0xff) != 0 ? (uint8_t)v : 0xff;
	}
}

/* All that was asked for was refused, item by item: so is the whole of it. */
static void
judge_refusals(struct s7_pdu *p, bool asked)
{
	struct operation *op = p->op;
	const struct s7_plus_item *at = p->detail->plus_items, *first = NULL;
	int16_t code;

	for (uint32_t i = 0; i < op->n_items; i++) {
		if (at[i].number == 0)
			continue;	/* a member of another one */
		if (!at[i].has_return)
			return;
		first = first == NULL ? &at[i] : first;
	}
	/* Without its request nobody knows how many of a write there were. */
	if (first == NULL || op->outcome == OUTCOME_EXCEPTION || p->detail->plus_more > 0 ||
	    (!asked && op->items[0].written))
		return;
	code = (int16_t)(uint16_t)first->return_value;
	op->outcome = OUTCOME_EXCEPTION;
	op->exception = (uint16_t)code;
	op->exception_name = s7p_error_name(code);
	if (op->exception_name == NULL)
		op->exception_name = "all items were refused";
}

static void
return_value(struct s7_pdu *p, struct cursor *c)
{
	struct s7_message *m = p->msg;
	struct operation *op = p->op;
	uint64_t v = s7p_vlq(c);

	if (!cur_ok(c))
		return;
	m->has_plus_return = true;
	m->plus_return = v;
	op->has_status = true;
	op->status = v;
	m->plus_error = (int16_t)(uint16_t)v;
	m->plus_error_name = m->plus_error != 0 ? s7p_error_name(m->plus_error) : NULL;
	s7_param_wide(p, "return_value", v);
	if (m->plus_error >= 0)
		return;
	op->outcome = OUTCOME_EXCEPTION;
	op->exception = (uint16_t)m->plus_error;
	op->exception_name = m->plus_error_name != NULL ? m->plus_error_name :
	    "the controller refused";
}

static void
created(struct s7_pdu *p, struct cursor *c)
{
	uint8_t n = cur_u8(c);

	for (uint32_t i = 0; i < n && cur_ok(c); i++) {
		uint32_t id = s7p_vlq32(c);

		if (cur_ok(c))
			s7_param_uint(p, "created_object", id);
	}
	if (cur_left(c) > 0 && *c->p == 0xa1)
		s7p_objects(p, c, false);
}

static void
links(struct s7_pdu *p, struct cursor *c)
{
	uint32_t n = s7p_vlq32(c);

	for (uint32_t i = 0; i < n && cur_ok(c); i++) {
		uint32_t id = cur_be32(c);

		if (cur_ok(c))
			s7_param_uint(p, "linked_object", id);
	}
}

void
s7p_response_body(struct s7_pdu *p, struct cursor *c, uint16_t function)
{
	bool asked = p->op->request.seen && p->op->n_items > 0;
	struct s7_plus_item at = { .number = 1 };

	return_value(p, c);
	switch (function) {
	case S7P_EXPLORE:
		/* s7commplus leaves the object's number out. */
		if (cur_left(c) > 0 && *c->p != 0xa1)
			s7p_opaque_object(p, c);
		s7p_early_integrity(p, c);
		s7p_objects(p, c, false);
		break;
	case S7P_CREATE:
		created(p, c);
		break;
	case S7P_DELETE:
		s7p_opaque_object(p, c);
		break;
	case S7P_GET_MULTI:
		s7p_numbered_values(p, c, false);
		refusals(p, c, false);
		judge_refusals(p, asked);
		break;
	case S7P_SET_MULTI:
		refusals(p, c, true);
		judge_refusals(p, asked);
		break;
	case S7P_GET_STREAM:
		cur_skip(c, 1);
		if (cur_left(c) >= 2)	/* a null in refusals */
			s7p_value(p, c, asked ? 0 : s7p_item(p, &at, false));
		break;
	case S7P_GET_LINK:
		links(p, c);
		break;
	default:
		break;
	}
	if (function != S7P_EXPLORE || !p->msg->has_integrity_id)
		s7p_integrity(p, c);
	s7p_finish(p, c);
}

/* ---- what comes without being asked --------------------------------- */

/* Kind of what follows, reference 4 or of variable length, value; 0 ends. */
static void
pushed_values(struct s7_pdu *p, struct cursor *c, uint32_t subscription)
{
	uint8_t kind;

	while ((kind = cur_u8(c)) != 0 && cur_ok(c)) {
		struct s7_plus_item at = { .object = subscription,
		    .object_name = p->msg->object_name };
		uint32_t i;

		if (kind == 0x9b) {
			at.id = s7p_vlq32(c);
		} else if (kind == 0x92 || kind == 0x03 || kind == 0x13) {
			at.id = cur_be32(c);
		} else {
			cur_fail(c, CUR_BAD, "kind of a pushed value");
			return;
		}
		at.number = at.id;
		at.has_return = kind < 0x80;
		at.return_value = at.has_return ? kind : 0;
		if (!cur_ok(c))
			return;
		i = s7p_item(p, &at, false);
		if (kind >= 0x80)
			s7p_value(p, c, i);
		else if (i != S7P_NO_ITEM)
			p->op->items[i].status = kind;
	}
}

void
s7p_notification(struct s7_pdu *p, struct cursor *c)
{
	struct s7_message *m = p->msg;
	uint32_t id = cur_be32(c), tick, sequence;
	struct cursor ahead;

	if (!cur_ok(c))
		return;
	m->has_object = true;
	m->object = id;
	m->object_name = s7p_object_name(id);
	s7_param_uint(p, "subscription", id);
	/* Version 3 has a byte more before the tick. */
	cur_skip(c, m->version >= 3 ? 6 : 5);
	tick = cur_u8(c);
	sequence = s7p_vlq32(c);
	if (!cur_ok(c))
		return;
	s7_param_uint(p, "credit_tick", tick);
	s7_param_uint(p, "sequence", sequence);
	ahead = *c;
	if (cur_u8(&ahead) == 0 && cur_left(&ahead) >= 8 && m->version >= 3)
		s7_param_time(p, "time", cur_be64(c) / 1000u);	/* us since 1970 */
	s7_param_uint(p, "change_counter", cur_u8(c));
	pushed_values(p, c, id);
	/* Alarms: their own subscription, and objects. */
	if (cur_left(c) > 4 && cur_be32(c) != 0) {
		uint32_t first = p->op->n_items;

		cur_skip(c, 3);
		s7p_objects(p, c, false);
		if (first < p->op->n_items &&
		    p->detail->plus_items[first].class_id == S7P_CLASS_ALARM)
			p->op->intent = INTENT_ALARM;
	}
	s7p_finish(p, c);
}

/* Counters of bytes; then, when the session ends, why: a structure whose numbers all
 * have their full length, or a text. */
void
s7p_event(struct s7_pdu *p, struct cursor *c)
{
	static const uint8_t sizes[] = { 0, 1, 1, 2, 4, 8, 1, 2, 4, 8, 1, 2, 4, 8, 4, 8, 8, 8,
	    4, 4 };
	uint32_t member;

	cur_skip(c, 4);
	if (cur_left(c) >= 12)
		s7_param_uint(p, "confirmed_bytes", cur_be32(c));
	cur_skip(c, 8);
	if (!cur_ok(c) || cur_left(c) == 0)
		return;
	if (cur_left(c) < 8 || c->p[3] != 0x17) {
		s7_param_bytes(p, "message", c->p, cur_left(c));
		return;
	}
	cur_skip(c, 8);
	while ((member = cur_be32(c)) != 0 && cur_ok(c)) {
		uint32_t type = cur_be32(c);
		uint64_t v = 0;

		if (type >= COUNTOF(sizes) || sizes[type] == 0 || sizes[type] > cur_left(c))
			break;
		for (uint8_t i = 0; i < sizes[type]; i++)
			v = v << 8 | cur_u8(c);
		if (member == RETURN_MEMBER)
			s7_param_int(p, "return_value", (int64_t)v);
	}
	s7p_finish(p, c);
}
