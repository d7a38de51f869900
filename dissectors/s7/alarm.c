/* alarm.c - what a controller says by itself: diagnostic events, alarms; and who
 * asks to hear, acknowledges or locks them (CPU functions, group 4). */
#include "s7.h"

#include "base/str.h"

/* ---- message service ------------------------------------------------ */

bool
s7_msg_req(struct dis_ctx *x, struct cursor *c, struct operation *op, void *detail)
{
	static const struct { uint8_t bit; const char *name; } events[] = {
		{ 0x01, "mode transitions" }, { 0x02, "system diagnostics" },
		{ 0x04, "user messages" }, { 0x80, "alarms" },
	};
	struct s7_pdu *p = detail;
	uint8_t mask = cur_u8(c);

	(void)x;
	(void)op;
	s7_param_uint(p, "events", mask);
	for (size_t i = 0; i < COUNTOF(events); i++)
		if ((mask & events[i].bit) != 0)
			s7_param_text(p, "subscribed", events[i].name);
	cur_skip(c, 1);
	s7_param_field(p, "username", c, 8);
	if (cur_left(c) >= 2) {
		s7_param_uint(p, "alarm_type", cur_u8(c));
		cur_skip(c, 1);
	}
	return true;
}

bool
s7_msg_rsp(struct dis_ctx *x, struct cursor *c, struct operation *op, void *detail)
{
	struct s7_pdu *p = detail;

	(void)x;
	(void)op;
	if (cur_left(c) > 0)
		s7_param_uint(p, "result", cur_u8(c));
	if (cur_left(c) >= 2) {
		cur_skip(c, 1);
		s7_param_uint(p, "alarm_type", cur_u8(c));
	}
	(void)cur_rest(c);
	return true;
}

/* ---- the diagnostic buffer ------------------------------------------ */

/* A battery, or what it backs up: the errors that OB 81 is called for, coming (39) or going (38).  The manual of
 * szl_tables.c, chapter OB 81, OB81_FLT_ID. */
static void
power_event(struct s7_pdu *p, uint16_t event)
{
	struct operation *op = p->op;
	unsigned bit;

	switch (event & 0xfeff) {
	case 0x3821: case 0x3822: case 0x3825: case 0x3826: case 0x3831: case 0x3832:
		bit = OP_BATTERY;
		break;
	case 0x3823: case 0x3827: case 0x3833:	/* 24 V */
		bit = OP_FAULT;
		break;
	default:
		return;
	}
	/* The newest entry of a buffer stands first. */
	if ((op->condition_of & bit) != 0)
		return;
	op->condition_of |= (uint8_t)bit;
	if ((event & 0x100) == 0)
		return;
	op->condition |= (uint8_t)bit;
	if (bit == OP_FAULT)
		op->shown_by = "24 V";
}

void
s7_diag_entry(struct s7_pdu *p, struct cursor *c)
{
	uint16_t event = cur_be16(c);
	uint64_t ms;

	if (!cur_ok(c))
		return;
	s7_param_uint(p, "event_id", event);
	s7_param_text(p, "event_class", s7_event_class(event));
	s7_param_uint(p, "event_entering", event >> 8 & 1u);
	s7_param_uint(p, "priority_class", cur_u8(c));
	s7_param_uint(p, "ob_number", cur_u8(c));
	s7_param_uint(p, "data_id", cur_be16(c));
	s7_param_uint(p, "info_1", cur_be16(c));
	s7_param_uint(p, "info_2", cur_be32(c));
	ms = s7_date_time(c);
	s7_param_time(p, "event_time", ms);
	power_event(p, event);
	/* What it says by itself it says at once; in its buffer there are events of any age. */
	if (p->op->outcome == OUTCOME_UNSOLICITED && ms > p->op->clock_ms)
		p->op->clock_ms = ms;
}

bool
s7_diag_push(struct dis_ctx *x, struct cursor *c, struct operation *op, void *detail)
{
	(void)x;
	(void)op;
	while (cur_left(c) >= 20)
		s7_diag_entry(detail, c);
	return true;
}

/* ---- alarms --------------------------------------------------------- */

/* What the object says of its signals, one bit each; as much as its syntax has. */
static void
read_states(struct s7_pdu *p, struct cursor *o, uint8_t syntax)
{
	static const struct { const char *name; uint8_t in; } bytes[] = {
		{ "event_state", 3 }, { "state", 3 }, { "ack_going", 7 }, { "ack_coming", 7 },
		{ "event_going", 2 }, { "event_coming", 2 }, { "event_last_changed", 2 },
	};
	/* 1 alarms, 2 notifications, 4 acknowledgments; the others have none. */
	uint8_t kind = syntax == 0x16 ? 1 : syntax == 0x1c ? 2 :
	    syntax == 0x19 ? 4 : 0;

	for (size_t i = 0; i < COUNTOF(bytes) && cur_left(o) > 0; i++)
		if ((bytes[i].in & kind) != 0)
			s7_param_uint(p, bytes[i].name, cur_u8(o));
}

static void
read_associated(struct s7_pdu *p, struct cursor *c, bool more)
{
	struct s7_data one = s7_data_item(p, c, more);

	s7_param_uint(p, "associated_return_code", one.code);
	s7_param_uint(p, "associated_transport_size", one.type);
	s7_param_uint(p, "associated_length", one.length);
	s7_param_bytes(p, "associated_value", one.bytes.p, cur_left(&one.bytes));
}

/* One message object: 0x12, length, syntax, number of values, event. */
static bool
read_object(struct s7_pdu *p, struct cursor *c, bool indication)
{
	uint8_t spec = cur_u8(c), len = cur_u8(c);
	struct cursor o;
	uint8_t syntax, values;

	if (!cur_ok(c) || spec != 0x12 || len > cur_left(c)) {
		if (cur_ok(c))
			s7_wrong(p, ANOM_S7_ITEM, s7_at(p, c), "message object");
		return false;
	}
	o = cur_take(c, len);
	syntax = cur_u8(&o);
	s7_param_uint(p, "object_syntax_id", syntax);
	s7_param_text(p, "object_syntax", s7_name(s7_syntaxes, S7_N_SYNTAXES, syntax));
	values = cur_u8(&o);
	if (syntax == 0x1a) {
		s7_param_uint(p, "query_type", cur_u8(&o));
		cur_skip(&o, 1);
		s7_param_uint(p, "query_alarm_type", cur_be32(&o));
		return true;
	}
	s7_param_uint(p, "event_id", cur_be32(&o));
	read_states(p, &o, syntax);
	for (uint32_t i = 0; indication && i < values && cur_left(c) >= 4; i++)
		read_associated(p, c, true);
	return true;
}

static void
read_objects(struct s7_pdu *p, struct cursor *c, bool indication)
{
	uint8_t n;

	s7_param_uint(p, "message_function", cur_u8(c));
	n = cur_u8(c);
	if (!cur_ok(c))
		return;
	s7_param_uint(p, "objects", n);
	for (uint32_t i = 0; i < n && cur_left(c) > 0; i++)
		if (!read_object(p, c, indication))
			break;
	(void)cur_rest(c);
}

/* ALARM, ALARM_8, NOTIFY, ALARM_S, acknowledgments: when, and what.  SCAN has two
 * bytes before the time and two behind it. */
bool
s7_alarm_push(struct dis_ctx *x, struct cursor *c, struct operation *op, void *detail)
{
	struct s7_pdu *p = detail;
	bool scan = p->msg->subfunction == 9;

	(void)x;
	(void)op;
	if (scan)
		cur_skip(c, 2);
	p->op->clock_ms = s7_date_time(c);
	s7_param_time(p, "event_time", p->op->clock_ms);
	if (scan)
		cur_skip(c, 2);
	read_objects(p, c, true);
	return true;
}

/* Lock, unlock, acknowledge, query: objects without a time. */
bool
s7_alarm_object(struct dis_ctx *x, struct cursor *c, struct operation *op, void *detail)
{
	(void)x;
	(void)op;
	read_objects(detail, c, false);
	return true;
}

/* One return code an object. */
bool
s7_alarm_ack_rsp(struct dis_ctx *x, struct cursor *c, struct operation *op, void *detail)
{
	struct s7_pdu *p = detail;
	uint8_t n;

	(void)x;
	(void)op;
	s7_param_uint(p, "message_function", cur_u8(c));
	n = cur_u8(c);
	s7_param_uint(p, "objects", n);
	for (uint32_t i = 0; i < n && cur_left(c) > 0; i++)
		s7_param_uint(p, "object_return_code", cur_u8(c));
	(void)cur_rest(c);
	return true;
}

/* When it came and, if it has gone, when; each with a value. */
static void
read_going_and_coming(struct s7_pdu *p, struct cursor *d)
{
	static const char *const names[] = { "event_time", "event_time_going" };

	for (size_t i = 0; i < COUNTOF(names) && cur_left(d) >= 8; i++) {
		s7_param_time(p, names[i], s7_date_time(d));
		if (cur_left(d) >= 4)
			read_associated(p, d, true);
	}
}

/* Pending alarms: each a data set that counts itself. */
bool
s7_alarm_query_rsp(struct dis_ctx *x, struct cursor *c, struct operation *op, void *detail)
{
	struct s7_pdu *p = detail;

	(void)x;
	(void)op;
	s7_param_uint(p, "message_function", cur_u8(c));
	s7_param_uint(p, "objects", cur_u8(c));
	s7_param_uint(p, "object_return_code", cur_u8(c));
	s7_param_uint(p, "object_transport_size", cur_u8(c));
	s7_param_uint(p, "complete_length", cur_be16(c));
	while (cur_left(c) >= 11) {
		uint8_t len = cur_u8(c);
		struct cursor d;

		if (len < 10 || len > cur_left(c))
			break;
		d = cur_take(c, len);
		cur_skip(&d, 2);
		s7_param_uint(p, "alarm_type", cur_u8(&d));
		s7_param_uint(p, "event_id", cur_be32(&d));
		cur_skip(&d, 1);
		s7_param_uint(p, "event_state", cur_u8(&d));
		s7_param_uint(p, "ack_going", cur_u8(&d));
		if (cur_left(&d) >= 1)
			s7_param_uint(p, "ack_coming", cur_u8(&d));
		read_going_and_coming(p, &d);
	}
	(void)cur_rest(c);
	return true;
}
