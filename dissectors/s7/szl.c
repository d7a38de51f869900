/* szl.c - system status lists (CPU functions, sub-function 1): read by layout.
 *
 *	list 2, index 2; the answer also: length of a record 2, records 2, records
 *
 * The lists that name the device make facts of the operation.
 */
#include "s7.h"

#include <stdio.h>
#include <string.h>

#include "base/str.h"

#define LIST(id) ((id) & 0x00ffu)

static enum op_intent
intent_of(uint16_t id)
{
	switch (LIST(id)) {
	case 0x11:
	case 0x1c:
	case 0x12:
		return INTENT_IDENTIFY;
	default:
		return INTENT_DIAGNOSE;
	}
}

static void
name_list(struct s7_pdu *p, uint16_t id, uint16_t index)
{
	struct s7_message *m = p->msg;

	m->has_szl = true;
	m->szl_id = id;
	m->szl_index = index;
	m->szl_name = s7_szl_name(id);
	p->op->intent = intent_of(id);
}

bool
s7_szl_req(struct dis_ctx *x, struct cursor *c, struct operation *op, void *detail)
{
	struct s7_pdu *p = detail;
	uint16_t id = cur_be16(c), index = cur_be16(c);
	struct op_item *it;

	(void)x;
	(void)op;
	if (!cur_ok(c))
		return true;
	name_list(p, id, index);
	s7_param_uint(p, "szl_id", id);
	s7_param_uint(p, "szl_index", index);
	s7_param_text(p, "szl_name", p->msg->szl_name);
	it = s7_items(p, 1);
	if (it != NULL)
		*it = (struct op_item){ .space = SPACE_S7_SZL, .number = id, .ranged = true,
		    .first = index, .count = 1 };
	return true;
}

/* "V3.2.7" from the words of list 11: a letter, three numbers. */
static void
version_fact(struct s7_pdu *p, enum op_fact_key key, struct cursor v)
{
	uint8_t letter = cur_u8(&v), a = cur_u8(&v), b = cur_u8(&v), d = cur_u8(&v);
	char text[20];
	int n;
	uint8_t *at;

	if (!cur_ok(&v) || letter < 'A' || letter > 'Z')
		return;
	n = snprintf(text, sizeof(text), "%c%u.%u.%u", letter, a, b, d);
	at = arena_copy(p->x->arena, text, (size_t)n);
	if (at != NULL)
		s7_fact(p, key, 0, at, (size_t)n);
}

static void
module_facts(struct s7_pdu *p, struct cursor r)
{
	uint16_t index = cur_be16(&r);
	const uint8_t *order = cur_bytes(&r, 20);
	struct cursor version;
	uint16_t release;

	cur_skip(&r, 2);
	version = cur_rest(&r);
	if (order == NULL || cur_left(&version) < 4)
		return;
	switch (index) {
	case 1:
		s7_fact(p, FACT_PRODUCT_CODE, 0, order, 20);
		break;
	case 6: {
		struct cursor v = version;
		char text[8];
		uint8_t *at;
		int n;

		release = cur_be16(&v);
		n = snprintf(text, sizeof(text), "%u", release);
		at = arena_copy(p->x->arena, text, (size_t)n);
		if (at != NULL)
			s7_fact(p, FACT_HARDWARE, 0, at, (size_t)n);
		break;
	}
	case 7:
		version_fact(p, FACT_FIRMWARE, version);
		break;
	default:
		break;
	}
}

static void
component_fact(struct s7_pdu *p, struct cursor r)
{
	static const uint8_t keys[] = {
		[1] = FACT_STATION, [2] = FACT_MODULE, [3] = FACT_PLANT, [4] = FACT_VENDOR,
		[5] = FACT_SERIAL, [7] = FACT_MODEL, [8] = FACT_CARD_SERIAL,
	};
	uint16_t index = cur_be16(&r) & 0xff;
	size_t n = cur_left(&r) < 24 ? cur_left(&r) : 24;

	if (index < 1 || index >= COUNTOF(keys) || index == 6)
		return;
	if (index == 4 || index == 8)
		n = cur_left(&r) < 32 ? cur_left(&r) : 32;
	s7_fact(p, (enum op_fact_key)keys[index], 0, r.p, n);
}

static void
state_fact(struct s7_pdu *p, struct cursor r)
{
	const char *mode;

	cur_skip(&r, 3);
	mode = s7_szl_mode(cur_u8(&r) & 0x0f);
	if (mode != NULL)
		s7_fact(p, FACT_RUN_STATE, 0, (const uint8_t *)mode, strlen(mode));
}

/* When its mode changed last: behind an event of that class.  Behind another it is the time of the answer. */
static void
mode_time(struct s7_pdu *p, struct cursor r)
{
	const uint16_t event = cur_be16(&r);

	cur_skip(&r, 10);
	if (event >> 12 == 4)
		p->op->mode_ms = s7_date_time(&r);
}

static void
clock_now(struct s7_pdu *p, struct cursor r)
{
	if (cur_be16(&r) != 8)
		return;
	cur_skip(&r, 20);
	p->op->clock_ms = s7_date_time(&r);
}

/* A lamp of the list: the first that is lit names the condition. */
static void
lamp(struct s7_pdu *p, struct cursor r)
{
	static const uint8_t wrong[] = { 1, 2, 3, 11, 12, 13, 18, 19, 20, 128, 129, 130, 131, 132 };
	const uint16_t id = cur_be16(&r) & 0xff;
	const bool lit = (cur_u8(&r) | cur_u8(&r)) != 0;
	struct operation *op = p->op;
	unsigned bit = 0;

	if (!cur_ok(&r))
		return;
	if (id == 8)
		bit = OP_BATTERY;	/* BAF */
	for (size_t i = 0; i < COUNTOF(wrong) && bit == 0; i++)
		bit = id == wrong[i] ? OP_FAULT : 0;
	op->condition_of |= (uint8_t)bit;
	if (!lit || (op->condition & bit) != 0 || bit == 0)
		return;
	op->condition |= (uint8_t)bit;
	if (bit == OP_FAULT)
		op->shown_by = s7_led_name(id);
}

static void
protection_fact(struct s7_pdu *p, struct cursor r)
{
	/* The level that is in force (sch_rel); where the key stands (bart_sch), 0 where that cannot be known. */
	static const char *const levels[] = { "1", "2", "3" }, *const positions[] = { "RUN", "RUN-P", "STOP", "MRES" };
	uint16_t real, key;

	if (cur_be16(&r) != 4)
		return;
	cur_skip(&r, 4);
	real = cur_be16(&r);
	if (cur_ok(&r) && real >= 1 && real <= COUNTOF(levels))
		s7_fact(p, FACT_PROTECTION, 0, (const uint8_t *)levels[real - 1], 1);
	key = cur_be16(&r);
	if (cur_ok(&r) && key >= 1 && key <= COUNTOF(positions))
		s7_fact(p, FACT_KEY_POSITION, 0, (const uint8_t *)positions[key - 1], strlen(positions[key - 1]));
}

static void
facts_of(struct s7_pdu *p, uint16_t id, const struct cursor *r)
{
	switch (LIST(id)) {
	case 0x11:
		module_facts(p, *r);
		break;
	case 0x1c:
		component_fact(p, *r);
		break;
	case 0x24:
		if (id == 0x0424) {
			state_fact(p, *r);
			mode_time(p, *r);
		}
		break;
	case 0x19:
	case 0x74:
		lamp(p, *r);
		break;
	case 0x32:
		protection_fact(p, *r);
		clock_now(p, *r);
		break;
	default:
		break;
	}
}

static void
read_field(struct s7_pdu *p, const struct szl_field *f, struct cursor *r)
{
	switch (f->kind) {
	case SZL_U8:
		s7_param_uint(p, f->name, cur_u8(r));
		break;
	case SZL_U16:
	case SZL_HEX16:
		s7_param_uint(p, f->name, cur_be16(r));
		break;
	case SZL_U32:
		s7_param_uint(p, f->name, cur_be32(r));
		break;
	case SZL_TEXT:
		s7_param_field(p, f->name, r, f->len);
		break;
	case SZL_TIME:
		s7_param_time(p, f->name, s7_date_time(r));
		break;
	default:
		cur_skip(r, f->len);
		break;
	}
}

void
s7_read_fields(struct s7_pdu *p, const struct szl_field *f, struct cursor *c)
{
	for (; f->name != NULL && cur_left(c) > 0; f++)
		read_field(p, f, c);
}

/* Names beside numbers, where the number alone says nothing. */
static void
explain(struct s7_pdu *p, uint16_t id, struct cursor r)
{
	uint16_t first = cur_be16(&r);

	switch (LIST(id)) {
	case 0x19:
	case 0x74:
		s7_param_text(p, "led", s7_led_name(first & 0xff) != NULL ?
		    s7_led_name(first & 0xff) : "unknown");
		break;
	case 0x24:
		if (id == 0x0424) {
			uint8_t mode;

			cur_skip(&r, 1);
			mode = cur_u8(&r);
			s7_param_text(p, "mode", s7_szl_mode(mode & 0x0f));
			s7_param_text(p, "previous_mode", s7_szl_mode(mode >> 4));
		}
		break;
	default:
		break;
	}
}

static void
read_record(struct s7_pdu *p, uint16_t id, struct cursor r)
{
	struct cursor at = r;
	uint16_t index = cur_be16(&at);
	const struct szl_layout *l = s7_szl_layout(id, index);

	if (LIST(id) == 0xa0) {
		s7_diag_entry(p, &r);
		return;
	}
	if (l == NULL) {
		s7_param_bytes(p, "record", r.p, cur_left(&r));
		return;
	}
	at = r;
	s7_read_fields(p, l->fields, &at);
	explain(p, id, r);
	facts_of(p, id, &r);
}

bool
s7_szl_rsp(struct dis_ctx *x, struct cursor *c, struct operation *op, void *detail)
{
	struct s7_pdu *p = detail;
	uint16_t id = cur_be16(c), index = cur_be16(c), len, n;

	(void)x;
	if (!cur_ok(c))
		return true;
	if (op->request.seen && p->detail->request.has_szl &&
	    (p->detail->request.szl_id & 0xff) != (id & 0xff))
		s7_wrong(p, ANOM_S7_MISMATCH, s7_at(p, c), "another list than was asked for");
	name_list(p, id, index);
	if (!op->request.seen) {
		s7_param_uint(p, "szl_id", id);
		s7_param_uint(p, "szl_index", index);
	}
	if (cur_left(c) == 0)
		return true;
	len = cur_be16(c);
	n = cur_be16(c);
	if (!cur_ok(c))
		return true;
	s7_param_uint(p, "record_length", len);
	s7_param_uint(p, "records", n);
	if (len == 0) {
		if (n > 0 && cur_left(c) > 0)
			s7_wrong(p, ANOM_S7_VALUE, s7_at(p, c), "records of no length");
		return true;
	}
	/* xFxx: the head alone was asked for. */
	if ((id >> 8 & 0x0f) != 0x0f && (!p->msg->has_unit || p->msg->last_unit == 0) &&
	    (uint32_t)len * n > cur_left(c))
		s7_wrong(p, ANOM_S7_ITEM_COUNT, s7_at(p, c), "fewer records than announced");
	for (uint32_t i = 0; i < n && cur_left(c) >= len; i++)
		read_record(p, id, cur_take(c, len));
	/* The first part of several: its last record may be cut. */
	(void)cur_rest(c);
	return true;
}
