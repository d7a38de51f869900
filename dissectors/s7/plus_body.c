/* plus_body.c - what the functions of S7comm-plus carry.
 *
 * Requests: an object, addresses of variables or numbers of attributes, values,
 * a qualifier (object 1256 with three values that say nothing of the plant), and
 * from version 2 on an integrity id and perhaps a HMAC.  Answers: a return value
 * of 64 bits, values by the number of what was asked for, then the numbers that
 * were refused.  Integers have variable length where nothing else is said.
 */
#include "plus.h"

#include <string.h>

#include "base/str.h"

#define QUALIFIER	1256u
#define HMAC_LEN	32u
#define RETURN_MEMBER	40305u	/* of a system event: why the session ends */

static void
object_of(struct s7_pdu *p, uint32_t object)
{
	struct s7_message *m = p->msg;

	m->has_object = true;
	m->object = object;
	m->object_name = s7p_object_name(object);
	s7_param_uint(p, "object", object);
	s7_param_text(p, "object_name", m->object_name);
}

static void
qualifier(struct s7_pdu *p, struct cursor *c)
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

static void
integrity(struct s7_pdu *p, struct cursor *c)
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
static void
early_integrity(struct s7_pdu *p, struct cursor *c)
{
	struct s7_message *m = p->msg;

	if (m->version >= 2 && cur_left(c) > 0 && *c->p != 0xa1) {
		m->integrity_id = s7p_vlq32(c);
		m->has_integrity_id = cur_ok(c);
	}
}

/* Zeros fill up; what else is left was not understood. */
static void
finish(struct s7_pdu *p, struct cursor *c)
{
	struct cursor rest = cur_of(c->p, cur_left(c));

	if (cur_ok(c))
		while (cur_left(&rest) > 0 && *rest.p == 0)
			cur_skip(&rest, 1);
	p->msg->unread = (uint32_t)cur_left(&rest);
}

/* ---- addresses ------------------------------------------------------ */

static bool
is_area(uint32_t object)
{
	return object >> 16 == 0x8a0e || (object >= 80 && object <= 84);
}

/* CRC, area, how many ids, sub-area and the other ids. */
static struct s7_plus_item
address(struct s7_pdu *p, struct cursor *c)
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
static uint32_t
addresses(struct s7_pdu *p, struct cursor *c, bool written)
{
	uint32_t object = cur_be32(c), n = s7p_vlq32(c);

	(void)s7p_vlq(c);		/* how many numbers they are made of */
	if (object != 0 && cur_ok(c))
		object_of(p, object);
	for (uint32_t i = 0; i < n && cur_ok(c); i++) {
		struct s7_plus_item at = { .object = object };

		if (object == 0) {
			at = address(p, c);
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
static uint32_t
numbered(struct s7_pdu *p, uint32_t number, bool written)
{
	struct s7_plus_item at = { .number = number };

	if (number - 1 < p->op->n_items && p->detail->plus_items[number - 1].number == number)
		return number - 1;
	return s7p_item(p, &at, written);
}

/* Number, value, ..., 0. */
static void
numbered_values(struct s7_pdu *p, struct cursor *c, bool written)
{
	uint32_t number;

	while ((number = s7p_vlq32(c)) != 0 && cur_ok(c))
		s7p_value(p, c, numbered(p, number, written));
}

/* Number, return value, ..., 0. */
static void
refusals(struct s7_pdu *p, struct cursor *c, bool written)
{
	uint32_t number;

	while ((number = s7p_vlq32(c)) != 0 && cur_ok(c)) {
		uint64_t v = s7p_vlq(c);
		uint32_t i = cur_ok(c) ? numbered(p, number, written) : S7P_NO_ITEM;

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

/* ---- requests ------------------------------------------------------- */

static void
explore(struct s7_pdu *p, struct cursor *c)
{
	uint32_t object = cur_be32(c), n;

	if (!cur_ok(c))
		return;
	object_of(p, object);
	(void)s7p_vlq(c);
	s7_param_uint(p, "recursive", cur_u8(c));
	cur_skip(c, 1);
	s7_param_uint(p, "parents", cur_u8(c));
	while (cur_u8(c) != 0 && cur_ok(c))
		s7p_skip_value(p, c);	/* only objects that are like this */
	n = s7p_vlq32(c);
	for (uint32_t i = 0; i < n && cur_ok(c); i++) {
		struct s7_plus_item at = { .object = object, .id = s7p_vlq32(c),
		    .object_name = p->msg->object_name };

		at.id_name = s7p_id_name(at.id);
		if (cur_ok(c))
			(void)s7p_item(p, &at, false);
	}
}

static void
set_variable(struct s7_pdu *p, struct cursor *c)
{
	uint32_t object = cur_be32(c), n = s7p_vlq32(c);

	if (cur_ok(c))
		object_of(p, object);
	for (uint32_t i = 0; i < n && cur_ok(c); i++) {
		struct s7_plus_item at = { .object = object, .id = s7p_vlq32(c), .number = i + 1,
		    .object_name = p->msg->object_name };

		at.id_name = s7p_id_name(at.id);
		if (cur_ok(c))
			s7p_value(p, c, s7p_item(p, &at, true));
	}
}

/* An array of numbers without type bytes of its own: attributes of the object, or
 * one address (its first number, the CRC, is then 0 or a large one). */
static void
substreamed(struct s7_pdu *p, struct cursor *c, bool written)
{
	uint32_t object = cur_be32(c), n;
	struct s7_plus_item at = { .object = object, .number = 1 };
	uint32_t i;

	if (!cur_ok(c))
		return;
	object_of(p, object);
	if (cur_left(c) < 2 || (*c->p & 0x70) == 0) {
		cur_fail(c, CUR_BAD, "address");	/* as s7commplus sends it for blocks */
		return;
	}
	cur_skip(c, 2);
	n = s7p_vlq32(c);
	if (n >= 4) {
		at = address(p, c);
		at.number = 1;
	} else
		for (i = 0; i < n && cur_ok(c); i++) {
			uint32_t id = s7p_vlq32(c);

			if (i == 0)
				at.id = id;
		}
	if (!at.has_crc) {
		at.object_name = p->msg->object_name;
		at.id_name = s7p_id_name(at.id);
	}
	if (!cur_ok(c))
		return;
	i = s7p_item(p, &at, written);
	qualifier(p, c);
	if (!written)
		return;
	(void)cur_u8(c);
	(void)s7p_vlq(c);	/* how many values: one */
	s7p_value(p, c, i);
}

static void
create(struct s7_pdu *p, struct cursor *c)
{
	uint32_t object = cur_be32(c);

	if (!cur_ok(c))
		return;
	object_of(p, object);
	s7p_skip_value(p, c);
	cur_skip(c, 4);
	early_integrity(p, c);
	s7p_objects(p, c, true);
}

static void
get_link(struct s7_pdu *p, struct cursor *c)
{
	uint32_t object = cur_be32(c), link = s7p_vlq32(c);

	if (!cur_ok(c))
		return;
	object_of(p, object);
	s7_param_uint(p, "link", link);
	cur_skip(c, 2);
}

static void
invoke(struct s7_pdu *p, struct cursor *c)
{
	uint32_t object = cur_be32(c), method = s7p_vlq32(c);

	if (!cur_ok(c))
		return;
	object_of(p, object);
	s7_param_uint(p, "method", method);
	s7_param_text(p, "method_name", s7p_method_name(method));
	if (method == 18827 || method == 18829 || (method >= 15000009 && method <= 15000019))
		p->op->intent = INTENT_PROGRAM_WRITE;
	else if (method == 18878)
		p->op->intent = INTENT_CONFIG;
	else if (method == 1387)
		p->op->intent = INTENT_READ;
}

static void
opaque_object(struct s7_pdu *p, struct cursor *c)
{
	uint32_t object = cur_be32(c);

	if (cur_ok(c))
		object_of(p, object);
}

/* ---- what a request means ------------------------------------------- */

static enum op_intent
meaning_of(const struct s7_pdu *p, const struct s7_plus_item *at, bool written)
{
	if (at->variable)
		return written ? INTENT_WRITE : INTENT_READ;
	if (at->object == 3 && written)
		return INTENT_PROGRAM_WRITE;
	switch (at->id) {
	case S7P_STATE_REQUEST:
		return at->object == S7P_EXECUTION_UNIT && written ? INTENT_MODE :
		    p->op->intent;
	case 303: case 304: case S7P_PASSWORD: case 1830: case 1845: case S7P_LEGITIMATE:
		return INTENT_AUTH;
	case 289: case 296: case 297: case 298: case 299: case 300: case 301: case 302:
	case 305: case S7P_SESSION_VERSION:
	case 1040: case 1041: case 1048: case 1049: case 1050: case 1051: case 1052:
	case 1053: case 1054:
		return INTENT_SESSION;
	case 1842: case 1843:
		return INTENT_DIAGNOSE;
	case 2533:
		return written ? INTENT_PROGRAM_WRITE : INTENT_PROGRAM_READ;
	case 3753:
		return INTENT_IDENTIFY;
	default:
		return written ? INTENT_CONFIG : p->op->intent;
	}
}

/* Blocks and their layouts: DB 8A0E, others 8A0F and above. */
static bool
is_block(uint32_t object)
{
	return object >> 24 == 0x8a;
}

static void
mode(struct s7_pdu *p, uint32_t item)
{
	uint64_t state;

	if (!s7p_number(p, item, &state))
		return;
	if (p->op->command == CMD_MODE)	/* the first of several counts */
		p->op->command = state == S7P_STATE_STOP ? CMD_STOP :
		    state == S7P_STATE_RESET ? CMD_ERASE : CMD_START;
	s7_param_uint(p, "requested_state", state);
	s7_param_text(p, "requested_mode", s7p_mode_name(state));
}

/* The strongest of what its items mean. */
static void
set_intent(struct s7_pdu *p, uint16_t function, bool written)
{
	static const enum op_intent order[] = { INTENT_MODE, INTENT_PROGRAM_WRITE, INTENT_AUTH,
	    INTENT_PROGRAM_READ, INTENT_WRITE, INTENT_CONFIG, INTENT_IDENTIFY, INTENT_READ,
	    INTENT_DIAGNOSE, INTENT_SESSION };
	const struct s7_plus_item *at = p->detail->plus_items;
	uint32_t found = 0;

	for (uint32_t i = 0; i < p->op->n_items; i++) {
		enum op_intent v = meaning_of(p, &at[i], written);

		if (v == INTENT_MODE && (found & 1u << v) == 0)
			p->op->command = CMD_MODE;
		found |= 1u << v;
		if (v == INTENT_MODE && at[i].n_path == 0)
			mode(p, i);
	}
	if (function == S7P_EXPLORE && (found & 1u << INTENT_PROGRAM_READ) == 0)
		return;
	for (size_t i = 0; i < COUNTOF(order); i++)
		if ((found & 1u << order[i]) != 0) {
			p->op->intent = order[i];
			if (order[i] == INTENT_AUTH && p->op->command == CMD_NONE)
				p->op->command = CMD_LOGIN;
			return;
		}
}

static void
set_create_intent(struct s7_pdu *p)
{
	struct operation *op = p->op;
	uint32_t class_id = op->n_items > 0 ? p->detail->plus_items[0].class_id : 0;

	if (class_id == S7P_CLASS_SESSION || class_id == 0)
		return;
	if (class_id == S7P_CLASS_SUBSCRIPTION)
		op->intent = INTENT_READ;	/* values are then sent when they change */
	else if (class_id == 2662 || class_id == S7P_CLASS_ALARM)
		op->intent = INTENT_ALARM;
	else if (p->msg->object == 3 || class_id == 2520 || class_id == 2538 ||
	    class_id == 2574 || class_id == 511 || class_id == 534 ||
	    is_block(p->detail->plus_items[0].object))
		op->intent = INTENT_PROGRAM_WRITE;
	else
		op->intent = INTENT_CONFIG;
	s7_param_uint(p, "class", class_id);
	s7_param_text(p, "class_name", s7p_class_name(class_id));
}

void
s7p_request_body(struct s7_pdu *p, struct cursor *c, uint16_t function)
{
	struct operation *op = p->op;

	switch (function) {
	case S7P_EXPLORE:
		explore(p, c);
		if (p->msg->object == 1 || p->msg->object == 2 ||
		    (p->msg->object >= 30 && p->msg->object <= 54))
			op->intent = INTENT_IDENTIFY;
		set_intent(p, function, false);
		break;
	case S7P_CREATE:
		create(p, c);
		set_create_intent(p);
		break;
	case S7P_DELETE:
		opaque_object(p, c);
		cur_skip(c, 1);
		if (is_block(p->msg->object))
			op->intent = INTENT_PROGRAM_WRITE;
		qualifier(p, c);
		break;
	case S7P_SET:
		set_variable(p, c);
		set_intent(p, function, true);
		qualifier(p, c);
		if (p->msg->version >= 2)
			cur_skip(c, 1);
		break;
	case S7P_SET_MULTI:
		(void)addresses(p, c, true);
		numbered_values(p, c, true);
		set_intent(p, function, true);
		qualifier(p, c);
		break;
	case S7P_GET_MULTI:
		(void)addresses(p, c, false);
		set_intent(p, function, false);
		qualifier(p, c);
		break;
	case S7P_GET_STREAM:
	case S7P_SET_STREAM:
		op->intent = function == S7P_GET_STREAM ? INTENT_READ : INTENT_WRITE;
		substreamed(p, c, function == S7P_SET_STREAM);
		if (is_block(p->msg->object) || op->n_items == 0)
			op->intent = function == S7P_GET_STREAM ? INTENT_PROGRAM_READ :
			    INTENT_PROGRAM_WRITE;
		set_intent(p, function, function == S7P_SET_STREAM);
		if (function == S7P_GET_STREAM && cur_left(c) > 4)
			cur_skip(c, 2);		/* 0, 1 */
		if (p->msg->version < 2)
			(void)s7p_vlq(c);
		break;
	case S7P_GET_LINK:
		get_link(p, c);
		break;
	case S7P_INVOKE:
		invoke(p, c);
		break;
	case S7P_GET:
	case S7P_ADD_LINK:
	case S7P_REMOVE_LINK:
	case S7P_GET_ADDRESS:
	case S7P_BEGIN:
	case S7P_END:
	case S7P_ABORT:
		opaque_object(p, c);
		break;
	default:
		break;
	}
	if (function != S7P_CREATE || !p->msg->has_integrity_id)
		integrity(p, c);
	finish(p, c);
}

/* ---- answers -------------------------------------------------------- */

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
			opaque_object(p, c);
		early_integrity(p, c);
		s7p_objects(p, c, false);
		break;
	case S7P_CREATE:
		created(p, c);
		break;
	case S7P_DELETE:
		opaque_object(p, c);
		break;
	case S7P_GET_MULTI:
		numbered_values(p, c, false);
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
		integrity(p, c);
	finish(p, c);
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
	finish(p, c);
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
	finish(p, c);
}
