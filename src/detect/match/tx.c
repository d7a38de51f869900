/* tx.c - options about operations: one side of one, or the whole of it.
 *
 * Words about items (ot.space, ot.number, ot.address, ot.value, ot.status and
 * their S7 sisters) must hold for the same item, and an address and a value for
 * the same address in it.
 */
#include "detect/match/case.h"

#include <math.h>
#include <string.h>

#include "record/dnp3.h"
#include "record/modbus.h"
#include "record/operation.h"
#include "record/s7.h"

/* ---- modbus --------------------------------------------------------- */

static const struct modbus_detail *
modbus_of(const struct match_case *k)
{
	return k->op->proto == OP_MODBUS ? k->op->detail : NULL;
}

/* Addresses of rules begin at 1, those on the wire at 0. */
static bool
modbus_items(const struct rule_modbus *m, const struct operation *op)
{
	bool write = (m->access & MODBUS_WRITE) != 0;

	for (uint32_t i = 0; i < op->n_items; i++) {
		const struct op_item *it = &op->items[i];

		if (it->written != write || !it->ranged ||
		    !rule_number_in(&m->address, (uint64_t)it->first + 1, it->count))
			continue;
		if (m->value.n == 0)
			return true;
		for (uint32_t k = 0; k < it->n_values; k++) {
			struct op_value v;

			if (!rule_number_is(&m->address, (int64_t)it->first + 1 + k))
				continue;
			v = op_item_value(it, k);
			/* A single coil is written as FF00 or 0000. */
			if (rule_number_is(&m->value, (int64_t)v.u) ||
			    (op->function == 5 && v.kind == VALUE_BIT && v.u == 1 &&
			    rule_number_is(&m->value, 0xff00)))
				return true;
		}
	}
	return false;
}

bool
match_modbus_access(const struct rule_modbus *m, uint16_t has)
{
	uint16_t way = m->access & (MODBUS_READ | MODBUS_WRITE), table = m->access & (uint16_t)~(MODBUS_READ | MODBUS_WRITE);

	return (has & way) != 0 && (table == 0 || (has & table) != 0);
}

/* The request has it all; an answer counts when there is nothing else.  NULL: no Modbus. */
static const struct modbus_message *
modbus_asked(const struct match_case *k)
{
	const struct modbus_detail *d = modbus_of(k);

	if (d == NULL)
		return NULL;
	return d->request.present ? &d->request : d->response.present ? &d->response : NULL;
}

static bool
modbus(const struct rule_modbus *m, const struct match_case *k)
{
	const struct modbus_message *msg = modbus_asked(k);
	const struct operation *op = k->op;

	if (msg == NULL)
		return false;
	if (m->unit.n > 0 && !rule_number_is(&m->unit, msg->unit_id))
		return false;
	if (m->access != 0)
		return match_modbus_access(m, msg->access) && (m->address.n == 0 || modbus_items(m, op));
	if (m->category != 0 && ((msg->category & m->category) != 0) == m->not_category)
		return false;
	if (m->function.n > 0 && !rule_number_is(&m->function, msg->function_raw & 0x7f))
		return false;
	if (m->subfunction.n > 0 && !(op->has_subfunction && rule_number_is(&m->subfunction, op->subfunction)))
		return false;
	return true;
}

static bool
modbus_unit(const struct rule_opt *o, const struct match_case *k)
{
	const struct modbus_detail *d = modbus_of(k);
	const struct modbus_message *m;

	if (d == NULL)
		return false;
	m = k->answer ? &d->response : &d->request;
	return m->present && rule_number_is(&o->numbers, m->unit_id);
}

/* ---- dnp3 ----------------------------------------------------------- */

static bool
dnp3_object(const struct rule_obj *o, const struct match_case *k)
{
	const struct dnp3_detail *d = k->op->proto == OP_DNP3 ? k->op->detail : NULL;
	const struct dnp3_message *m;

	if (d == NULL)
		return false;
	m = k->answer ? &d->response : &d->request;
	/* A confirm is no transaction: class.c. */
	if (!m->present || !m->has_application || m->function == 0)
		return false;
	for (uint32_t i = 0; i < m->n_objects; i++)
		if (rule_number_is(&o->group, m->objects[i].group) && rule_number_is(&o->variation, m->objects[i].variation))
			return true;
	return false;
}

/* ---- s7 ------------------------------------------------------------- */

static const struct s7_message *
s7_of(const struct match_case *k)
{
	const struct s7_detail *d = k->op->detail;
	const struct s7_message *m;

	if ((k->op->proto != OP_S7 && k->op->proto != OP_S7PLUS) || d == NULL)
		return NULL;
	m = k->answer ? &d->response : &d->request;
	return m->present ? m : NULL;
}

/* ---- items ---------------------------------------------------------- */

static bool
in_s7(const struct operation *op, const struct op_item *it)
{
	return (op->proto == OP_S7 || op->proto == OP_S7PLUS) && it->space >= SPACE_S7_INPUT;
}

static bool
reads_address(const struct rule_opt *o)
{
	const struct rule_word_row *w = rule_word_row((enum rule_word)o->word);

	return (w->reads & READS_ADDRESS) != 0 && w->operand != OPERAND_VALUE;
}

static bool
touches(const struct rule_numbers *t, const struct op_item *it)
{
	if (it->ranged)
		return rule_number_in(t, it->first, op_item_span(it));
	/* DNP3 names each point by an index before it (qualifiers 17 and 28: all controls). */
	for (uint32_t i = 0; it->space == SPACE_OBJECT && i < it->n_values; i++)
		if (rule_number_is(t, op_item_value(it, i).index))
			return true;
	return false;
}

static bool
value_is(const struct rule_numbers *t, const struct op_value *v)
{
	switch (v->kind) {
	case VALUE_BIT:
	case VALUE_UINT:
	case VALUE_TIME:
		return rule_number_is(t, v->u <= INT64_MAX ? (int64_t)v->u : INT64_MAX);
	case VALUE_INT:
		return rule_number_is(t, v->i);
	case VALUE_REAL:
		return rule_real_is(t, v->r);
	default:
		return false;
	}
}

/* Some value of the item passes all tests of values, at an address that passes those
 * of addresses. */
static bool
values_of(const struct match_rule *m, const struct match_case *k, const struct op_item *it)
{
	bool s7 = in_s7(k->op, it);

	/* Values that are written are the client's, values that are read the server's. */
	if (((m->flow & RFLOW_TO_SERVER) != 0 && !it->written) || ((m->flow & RFLOW_TO_CLIENT) != 0 && it->written))
		return false;
	for (uint32_t i = 0; i < it->n_values; i++) {
		struct op_value v = op_item_value(it, i);
		bool all = true;

		for (uint32_t j = 0; all && j < m->item.n; j++) {
			const struct rule_opt *o = m->item.of[j];

			if (o->word == RW_OT_VALUE)
				all = value_is(&o->numbers, &v);
			else if (reads_address(o))
				all = s7 ? rule_number_in(&o->numbers, op_item_place(it, i, NULL),
				    op_item_step(it)) : rule_number_is(&o->numbers, v.index);
		}
		if (all)
			return true;
	}
	return false;
}

/* Is a bound the value itself, but for digits that single precision or a scale lost or added? */
static bool
is_bound(const struct tag *t, double bound, double v)
{
	if (tag_is_single(t, v))
		return (double)(float)bound - (double)(float)v == 0;
	return t->is_scaled && fabs(bound - v) <= fabs(v) * 1e-9;
}

/* Then it is met. */
static double
snapped(const struct tag *tag, const struct rule_numbers *t, double v)
{
	for (uint32_t i = 0; i < t->n; i++) {
		if (is_bound(tag, t->of[i].rlo, v))
			return t->of[i].rlo;
		if (is_bound(tag, t->of[i].rhi, v))
			return t->of[i].rhi;
	}
	return v;
}

static bool
of_device(const struct tag *t, const struct operation *op)
{
	const struct op_ends *e = op->ends;

	if (!t->any_unit && op->unit != t->unit_number)
		return false;
	if (e != NULL)
		return e->has_addr && addr_same(&e->addr[OP_SERVER], &t->addr);
	return op->flow != NULL && addr_same(&op->flow->addr[flow_server(op->flow)], &t->addr);
}

/* The value that an item has for a tag, as values_of() looks at it; false: none. */
static bool
tag_value(const struct match_rule *m, const struct tag *t, bool named, const struct match_case *k, const struct op_item *it, double *v)
{
	if (((m->flow & RFLOW_TO_SERVER) != 0 && !it->written) || ((m->flow & RFLOW_TO_CLIENT) != 0 && it->written))
		return false;
	if (it->n_values == 0 || (unsigned)k->op->proto != t->proto || (named && !of_device(t, k->op)) ||
	    !tag_decode(it, (enum op_proto)t->proto, &t->place, &t->form, v, NULL))
		return false;
	*v = *v * t->scale + t->offset;
	return true;
}

static bool
value_passes(const struct match_rule *m, const struct rule_value *x, const struct match_case *k, const struct op_item *it)
{
	double v;

	return tag_value(m, &x->tag, x->named, k, it, &v) && (x->numbers.n == 0 || rule_real_is(&x->numbers, snapped(&x->tag, &x->numbers, v)));
}

static bool
change_passes(const struct match_rule *m, const struct rule_change *c, const struct match_case *k, const struct op_item *it)
{
	double v, low, high, far, change;
	const struct tag *t;

	if (k->tags == NULL || c->tag >= tag_reader_tags(k->tags)->n)
		return false;
	t = &tag_reader_tags(k->tags)->tag[c->tag];
	if (!tag_value(m, t, true, k, it, &v) || !tag_reader_past(k->tags, t, k->ts_ns, c->within_ns, &low, &high))
		return false;
	far = fabs(v - low) > fabs(v - high) ? low : high;
	change = fabs(v - far);
	/* From nothing to something is more than any share of it. */
	if (c->percent)
		change = fabs(far) > 0 ? change / fabs(far) * 100 : change > 0 ? (double)INFINITY : 0;
	return rule_real_is(&c->numbers, snapped(t, &c->numbers, change));
}

static bool
area_is(const struct rule_area *a, const struct match_case *k, uint32_t item)
{
	const struct s7_detail *d = k->op->detail;
	const struct op_item *it = &k->op->items[item];
	bool is = (a->spaces >> it->space & 1u) != 0;

	if (!is && a->wire.n > 0 && d != NULL && in_s7(k->op, it))
		for (uint32_t i = 0; !is && i < d->n_vars; i++)
			is = d->vars[i].item == item && rule_number_is(&a->wire, d->vars[i].area);
	return is != a->negated;
}

/* Types of blocks go as a number, or as the digit of one: 10, or 'A'. */
static uint32_t
block_type(uint32_t c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'A' && c <= 'F' ? c - 'A' + 10 : c;
}

static bool
block_is(const struct rule_block *b, const struct op_item *it)
{
	return it->space == SPACE_S7_BLOCK && (b->type == NULL || block_type(it->number >> 24) == block_type(b->code)) &&
	    (b->number.n == 0 || rule_number_is(&b->number, it->number & 0xffffff));
}

static bool
item_passes(const struct match_rule *m, const struct match_case *k, uint32_t item)
{
	const struct op_item *it = &k->op->items[item];
	bool by_value = false;

	for (uint32_t i = 0; i < m->item.n; i++) {
		const struct rule_opt *o = m->item.of[i];
		bool is = true;

		switch (o->word) {
		case RW_OT_SPACE:
			is = (o->words.mask >> it->space & 1u) != 0;
			break;
		case RW_OT_NUMBER:
			is = rule_number_is(&o->numbers, it->number);
			break;
		case RW_OT_STATUS:
			/* What was asked has no status yet. */
			is = k->over && k->op->response.seen && rule_number_is(&o->numbers, it->status);
			break;
		case RW_S7_DB:
			is = (it->space == SPACE_S7_DB || it->space == SPACE_S7_DI) &&
			    rule_number_is(&o->numbers, it->number);
			break;
		case RW_S7_AREA:
			is = in_s7(k->op, it) && area_is(&o->area, k, item);
			break;
		case RW_S7_BLOCK:
			is = block_is(&o->block, it);
			break;
		case RW_OT_VALUE:
			by_value = true;
			break;
		case RW_OT_CHANGE:
			is = change_passes(m, &o->change, k, it);
			break;
		default:
			if (rule_word_row((enum rule_word)o->word)->operand == OPERAND_VALUE)
				is = value_passes(m, &o->value, k, it);
			else if (reads_address(o))
				is = (o->word != RW_S7_ADDRESS || in_s7(k->op, it)) && touches(&o->numbers, it);
			break;
		}
		if (!is)
			return false;
	}
	return !by_value || values_of(m, k, it);
}

static bool
items(const struct match_rule *m, const struct match_case *k)
{
	for (uint32_t i = 0; i < k->op->n_items; i++)
		if (item_passes(m, k, i))
			return true;
	return false;
}

/* ---- events --------------------------------------------------------- */

static bool
among(const struct rule_event *e, enum anomaly_id id)
{
	for (uint32_t i = 0; i < e->n; i++)
		if (e->of[i] == (uint16_t)id)
			return true;
	return false;
}

static bool
event(const struct rule_event *e, const struct match_case *k)
{
	const struct operation *op = k->op;
	bool is = false;

	if (k->anomaly != NULL)
		return (e->n == 0 || among(e, k->anomaly->id)) != e->negated;
	if (op == NULL)
		return false;
	for (uint32_t i = 0; !is && i < op->n_anomalies && i < OP_ANOMALIES; i++)
		is = e->n == 0 || among(e, op->anomalies[i].id);
	return is != e->negated;
}

/* ---- all of them ---------------------------------------------------- */

static bool
tx_opt(const struct rule_opt *o, const struct match_case *k)
{
	const struct operation *op = k->op;
	const struct s7_message *s7;

	if (rule_word_row((enum rule_word)o->word)->reads == READS_ANOMALIES)
		return event(&o->event, k);
	switch (o->word) {
	case RW_MODBUS:
		return modbus(&o->modbus, k);
	case RW_MODBUS_UNIT:
		return modbus_unit(o, k);
	case RW_DNP3_OBJ:
		return dnp3_object(&o->obj, k);
	case RW_S7_SUBFUNCTION:
		return s7_of(k) != NULL && op->proto == OP_S7 && op->has_subfunction &&
		    rule_number_is(&o->numbers, op->subfunction);
	case RW_S7_ITEM_COUNT:
		s7 = s7_of(k);
		return s7 != NULL && s7->has_item_count && rule_number_is(&o->numbers, s7->item_count);
	case RW_OT_SUBFUNCTION:
		return op->has_subfunction && rule_number_is(&o->numbers, op->subfunction);
	case RW_OT_EXCEPTION:
		return op->outcome == OUTCOME_EXCEPTION && rule_number_is(&o->numbers, op->exception);
	case RW_OT_LATENCY:
		return op->request.seen && op->response.seen &&
		    rule_number_is(&o->numbers, (int64_t)op->latency_ns);
	default:
		return rule_word_row((enum rule_word)o->word)->reads == READS_UNIT && rule_number_is(&o->numbers, op->unit);
	}
}

bool
match_tx(const struct match_rule *m, const struct match_case *k)
{
	for (uint32_t i = 0; i < m->tx.n; i++)
		if (!tx_opt(m->tx.of[i], k))
			return false;
	return m->item.n == 0 || items(m, k);
}

bool
match_buffer(uint8_t buffer, const struct match_case *k, const uint8_t **p, uint32_t *n)
{
	const struct op_side *s;
	const struct s7_message *m;
	uint32_t skip = 0;

	if (buffer == BUFFER_PAYLOAD || buffer == BUFFER_PACKET) {
		*p = k->p;
		*n = k->n;
		return k->p != NULL;
	}
	if (k->op == NULL)
		return false;
	s = k->answer ? &k->op->response : &k->op->request;
	if (buffer != BUFFER_OF + k->op->proto)
		return false;
	switch (k->op->proto) {
	case OP_MODBUS:
		skip = 2;
		break;
	case OP_DNP3:
		if (!k->answer && k->op->function == 0)
			return false;
		break;
	case OP_S7PLUS:
		m = s7_of(k);
		if (m == NULL || !m->plus)
			return false;
		skip = 4;
		break;
	default:
		return false;
	}
	if (!s->seen || s->bytes == NULL || s->n_bytes < skip)
		return false;
	*p = s->bytes + skip;
	*n = s->n_bytes - skip;
	return true;
}
