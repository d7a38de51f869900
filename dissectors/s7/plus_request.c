/* plus_request.c - what the requests of S7comm-plus carry, and what they mean. */
#include "plus_body.h"

#include "base/str.h"

static void
explore(struct s7_pdu *p, struct cursor *c)
{
	uint32_t object = cur_be32(c), n;

	if (!cur_ok(c))
		return;
	s7p_object_of(p, object);
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
		s7p_object_of(p, object);
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
	s7p_object_of(p, object);
	if (cur_left(c) < 2 || (*c->p & 0x70) == 0) {
		cur_fail(c, CUR_BAD, "address");	/* as s7commplus sends it for blocks */
		return;
	}
	cur_skip(c, 2);
	n = s7p_vlq32(c);
	if (n >= 4) {
		at = s7p_address(p, c);
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
	s7p_qualifier(p, c);
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
	s7p_object_of(p, object);
	s7p_skip_value(p, c);
	cur_skip(c, 4);
	s7p_early_integrity(p, c);
	s7p_objects(p, c, true);
}

static void
get_link(struct s7_pdu *p, struct cursor *c)
{
	uint32_t object = cur_be32(c), link = s7p_vlq32(c);

	if (!cur_ok(c))
		return;
	s7p_object_of(p, object);
	s7_param_uint(p, "link", link);
	cur_skip(c, 2);
}

static void
invoke(struct s7_pdu *p, struct cursor *c)
{
	uint32_t object = cur_be32(c), method = s7p_vlq32(c);

	if (!cur_ok(c))
		return;
	s7p_object_of(p, object);
	s7_param_uint(p, "method", method);
	s7_param_text(p, "method_name", s7p_method_name(method));
	if (method == 18827 || method == 18829 || (method >= 15000009 && method <= 15000019))
		p->op->intent = INTENT_PROGRAM_WRITE;
	else if (method == 18878)
		p->op->intent = INTENT_CONFIG;
	else if (method == 1387)
		p->op->intent = INTENT_READ;
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
		op->asker |= OP_LIKE_TOOL;
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
		s7p_opaque_object(p, c);
		cur_skip(c, 1);
		if (is_block(p->msg->object))
			op->intent = INTENT_PROGRAM_WRITE;
		s7p_qualifier(p, c);
		break;
	case S7P_SET:
		set_variable(p, c);
		set_intent(p, function, true);
		s7p_qualifier(p, c);
		if (p->msg->version >= 2)
			cur_skip(c, 1);
		break;
	case S7P_SET_MULTI:
		(void)s7p_addresses(p, c, true);
		s7p_numbered_values(p, c, true);
		set_intent(p, function, true);
		s7p_qualifier(p, c);
		break;
	case S7P_GET_MULTI:
		(void)s7p_addresses(p, c, false);
		set_intent(p, function, false);
		s7p_qualifier(p, c);
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
		s7p_opaque_object(p, c);
		break;
	default:
		break;
	}
	if (function != S7P_CREATE || !p->msg->has_integrity_id)
		s7p_integrity(p, c);
	s7p_finish(p, c);
}
