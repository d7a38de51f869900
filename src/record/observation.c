#include "record/observation.h"

#include <string.h>

static void
take_link(struct observation *o, const struct op_link *l, enum op_end end)
{
	struct obs_link *to = &o->link[end];

	if (l->len == 0)
		return;
	o->present |= end == OP_CLIENT ? OBS_LINK_CLIENT : OBS_LINK_SERVER;
	to->numeric = l->bytes == NULL;
	to->number = l->number;
	to->len = l->len;
	if (to->numeric)
		return;
	if (l->len > OP_LINK_MAX) {
		to->len = OP_LINK_MAX;
		o->present |= OBS_SHORTENED;
	}
	memcpy(to->bytes, l->bytes, to->len);
}

static void
take_ends(struct observation *o, const struct operation *op)
{
	const struct op_ends e = op_ends_of(op);

	o->source = e.source;
	o->n_vlan = e.n_vlan < FLOW_VLANS ? e.n_vlan : FLOW_VLANS;
	memcpy(o->vlan, e.vlan, o->n_vlan * sizeof(o->vlan[0]));
	if (op->flow != NULL) {
		o->present |= OBS_FLOW;
		o->flow = op->flow->id;
	}
	if (e.has_addr) {
		o->present |= OBS_ADDR;
		o->ip_proto = e.ip_proto;
	}
	for (unsigned end = 0; end < 2; end++) {
		if (e.has_addr) {
			o->addr[end] = e.addr[end];
			o->port[end] = e.port[end];
		}
		if (e.mac_known[end]) {
			o->present |= end == OP_CLIENT ? OBS_MAC_CLIENT : OBS_MAC_SERVER;
			memcpy(o->mac[end], e.mac[end], sizeof(o->mac[end]));
		}
		take_link(o, &op->link[end], (enum op_end)end);
	}
}

static void
take_sides(struct observation *o, const struct operation *op)
{
	if (op->request.seen) {
		o->present |= OBS_REQUEST;
		o->request_ns = op->request.ts_ns;
		o->request_frame = op->request.frame;
		o->request_len = op->request.len;
		o->ttl[0] = op->request.ttl;
	}
	if (op->response.seen) {
		o->present |= OBS_RESPONSE;
		o->response_ns = op->response.ts_ns;
		o->response_frame = op->response.frame;
		o->response_len = op->response.len;
		o->ttl[1] = op->response.ttl;
	}
	if (op->request.seen && op->response.seen) {
		o->present |= OBS_LATENCY;
		o->latency_ns = op->latency_ns;
	}
}

static void
take_values(struct observation *o, const struct op_item *it, uint8_t item)
{
	for (uint32_t i = 0; i < it->n_values && o->kept_values < OBS_VALUES; i++) {
		struct op_value v = op_item_value(it, i);
		struct obs_value *to = &o->values[o->kept_values];
		unsigned bit;

		if (v.kind == VALUE_NONE || v.kind == VALUE_BYTES)
			continue;
		to->item = item;
		to->kind = v.kind;
		to->has_flags = v.has_flags;
		to->flags = v.has_flags ? v.flags : 0;
		to->has_time = v.has_time;
		to->time_ms = v.has_time ? v.time_ms : 0;
		/* Points name themselves; what stands in a row is counted from its beginning. */
		to->address = it->step != 0 ? (uint32_t)op_item_place(it, i, &bit) : v.index;
		to->bit = it->step != 0 ? (uint8_t)bit : 0;
		to->u = v.u;
		o->kept_values++;
	}
}

/* Field by field: what lies between them stays zero. */
static void
take_item(struct obs_item *to, const struct op_item *it)
{
	to->space = it->space;
	to->point = it->point;
	to->status = it->status;
	to->type = it->type;
	to->bit = it->bit;
	to->written = it->written;
	to->ranged = it->ranged;
	to->number = it->number;
	to->first = it->first;
	to->count = it->count;
	to->span = op_item_span(it);
	to->n_values = it->n_values;
}

static void
take_items(struct observation *o, const struct operation *op)
{
	o->n_items = op->n_items;
	for (uint32_t i = 0; i < op->n_items; i++) {
		const struct op_item *it = &op->items[i];

		o->n_values += it->n_values;
		if (i >= OBS_ITEMS)
			continue;
		take_item(&o->items[o->kept_items++], it);
		take_values(o, it, (uint8_t)i);
	}
	if (o->kept_items < o->n_items || o->kept_values < o->n_values)
		o->present |= OBS_SHORTENED;
}

static void
take_facts(struct observation *o, const struct operation *op)
{
	o->n_facts = op->n_facts;
	for (uint32_t i = 0; i < op->n_facts && i < OBS_FACTS; i++) {
		const struct op_fact *f = &op->facts[i];
		struct obs_fact *to = &o->facts[o->kept_facts++];

		to->key = f->key;
		to->number = f->number;
		to->of_client = f->of_client;
		to->unit = op_fact_unit(op, f);
		to->len = (uint8_t)(f->len < OBS_FACT_LEN ? f->len : OBS_FACT_LEN);
		if (to->len > 0)
			memcpy(to->bytes, f->bytes, to->len);
		if (f->len > OBS_FACT_LEN)
			o->present |= OBS_SHORTENED;
	}
	if (o->kept_facts < o->n_facts)
		o->present |= OBS_SHORTENED;
}

void
observation_from(const struct operation *op, struct observation *o)
{
	memset(o, 0, sizeof(*o));
	o->phase = (uint8_t)op->phase;
	o->proto = (uint8_t)op->proto;
	o->intent = (uint8_t)op->intent;
	o->command = (uint8_t)op->command;
	o->outcome = (uint8_t)op->outcome;
	o->refused = op->refused;
	o->id = op->id;
	o->unit = op->unit;
	o->function = op->function;
	o->exception = op->exception;
	if (op->has_subfunction) {
		o->present |= OBS_SUBFUNCTION;
		o->subfunction = op->subfunction;
	}
	if (op->has_status) {
		o->present |= OBS_STATUS;
		o->status = op->status;
		o->condition = op->condition;
	}
	o->present |= op->broadcast ? OBS_BROADCAST : 0;
	o->present |= op->login_refused != NULL ? OBS_LOGIN_REFUSED : 0;
	take_sides(o, op);
	take_ends(o, op);
	take_items(o, op);
	take_facts(o, op);
	for (uint32_t i = 0; i < op->n_anomalies && i < OP_ANOMALIES; i++)
		o->anomalies[o->n_anomalies++] = (uint16_t)op->anomalies[i].id;
}
