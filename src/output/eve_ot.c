/* eve_ot.c - the `ot` object of an operation: what EVE has no words for. */
#include "output/eve.h"

#include <stdio.h>
#include <string.h>

static void
put_value(struct jsonw *j, const char *key, const struct op_value *v)
{
	switch (v->kind) {
	case VALUE_BIT:
	case VALUE_UINT:
		jsonw_u64(j, key, v->u);
		break;
	case VALUE_INT:
		jsonw_i64(j, key, v->i);
		break;
	case VALUE_REAL:
		jsonw_real(j, key, v->r);
		break;
	case VALUE_TIME:
		/* Device clocks reach beyond what ns since 1970 can hold. */
		if (v->u <= UINT64_MAX / 1000000u)
			jsonw_time(j, key, v->u * 1000000u);
		else
			jsonw_u64(j, key, v->u);
		break;
	case VALUE_BYTES:
		jsonw_bytes(j, key, v->bytes, v->len);
		break;
	default:
		jsonw_null(j, key);
		break;
	}
}

static void
put_typed(struct jsonw *j, const struct op_item *it, uint32_t i)
{
	const struct op_value one = op_item_value(it, i), *v = &one;
	bool in_place = it->ranged && v->index == it->first + i;

	if (!v->has_flags && !v->has_time && in_place) {
		put_value(j, NULL, v);
		return;
	}
	jsonw_object(j, NULL);
	jsonw_u64(j, "index", v->index);
	put_value(j, "value", v);
	if (v->has_flags)
		jsonw_u64(j, "flags", v->flags);
	if (v->has_time && v->time_ms <= UINT64_MAX / 1000000u)
		jsonw_time(j, "time", v->time_ms * 1000000u);
	jsonw_object_end(j);
}

static void
put_raw(struct jsonw *j, const struct op_item *it)
{
	for (uint32_t i = 0; i < it->n_values && !j->full; i++) {
		struct op_value v = op_item_value(it, i);

		put_value(j, NULL, &v);
	}
}

static void
put_item(struct jsonw *j, const struct op_item *it)
{
	char address[OP_ADDRESS_MAX];

	jsonw_object(j, NULL);
	jsonw_text(j, "space", op_space_name(it->space));
	if (it->number != 0)
		jsonw_u64(j, "number", it->number);
	if (it->ranged) {
		jsonw_u64(j, "first", it->first);
		jsonw_u64(j, "count", it->count);
	}
	if (op_item_address(it, address))
		jsonw_text(j, "address", address);
	jsonw_bool(j, "written", it->written);
	if (it->status != 0)
		jsonw_u64(j, "status", it->status);
	if (it->form != FORM_NONE && it->n_values > 0) {
		jsonw_array(j, "values");
		if (it->form == FORM_BITS_LSB)
			jsonw_bits(j, it->raw, it->n_values);
		else if (it->form == FORM_U16_BE)
			jsonw_words(j, it->raw, it->n_values);
		else if (it->form == FORM_TYPED || it->form == FORM_DNP3)
			for (uint32_t i = 0; i < it->n_values && !j->full; i++)
				put_typed(j, it, i);
		else
			put_raw(j, it);
		jsonw_array_end(j);
	}
	jsonw_object_end(j);
}

static bool
same_param(const struct op_param *a, const struct op_param *b)
{
	return a->in_response == b->in_response &&
	    (a->name == b->name || strcmp(a->name, b->name) == 0);
}

/* A name that stands there twice becomes an array: JSON objects have each
 * name once. */
static void
put_param(struct jsonw *j, const struct operation *op, uint32_t at)
{
	const struct op_param *p = &op->params[at];
	uint32_t more = 0;

	for (uint32_t i = 0; i < at; i++)
		if (same_param(&op->params[i], p))
			return;
	for (uint32_t i = at + 1; i < op->n_params; i++)
		more += same_param(&op->params[i], p);
	if (more == 0) {
		put_value(j, p->name, &p->value);
		return;
	}
	jsonw_array(j, p->name);
	for (uint32_t i = at; i < op->n_params; i++)
		if (same_param(&op->params[i], p))
			put_value(j, NULL, &op->params[i].value);
	jsonw_array_end(j);
}

static void
put_side(struct jsonw *j, const char *key, const struct operation *op,
    const struct op_side *side, bool response)
{
	bool any = false;

	if (!side->seen)
		return;
	jsonw_object(j, key);
	jsonw_u64(j, "frame", side->frame);
	jsonw_time(j, "time", side->ts_ns);
	jsonw_u64(j, "len", side->len);
	for (uint32_t i = 0; i < op->n_params; i++) {
		if (op->params[i].in_response != response)
			continue;
		if (!any)
			jsonw_object(j, "fields");
		any = true;
		put_param(j, op, i);
	}
	if (any)
		jsonw_object_end(j);
	jsonw_object_end(j);
}

static bool
same_fact(const struct op_fact *a, const struct op_fact *b)
{
	return a->key == b->key && (a->key != FACT_OTHER || a->number == b->number);
}

static void
put_fact(struct jsonw *j, const struct operation *op, uint32_t at)
{
	const struct op_fact *f = &op->facts[at];
	const char *key = op_fact_name(f->key);
	uint32_t more = 0;
	char other[16];

	for (uint32_t i = 0; i < at; i++)
		if (same_fact(&op->facts[i], f))
			return;
	for (uint32_t i = at + 1; i < op->n_facts; i++)
		more += same_fact(&op->facts[i], f);
	if (f->key == FACT_OTHER || key == NULL) {
		snprintf(other, sizeof(other), "object_%u", f->number);
		key = other;
	}
	if (more == 0) {
		jsonw_bytes(j, key, f->bytes, f->len);
		return;
	}
	jsonw_array(j, key);
	for (uint32_t i = at; i < op->n_facts; i++)
		if (same_fact(&op->facts[i], f))
			jsonw_bytes(j, NULL, op->facts[i].bytes, op->facts[i].len);
	jsonw_array_end(j);
}

static void
put_anomalies(struct jsonw *j, const struct operation *op)
{
	uint32_t n = op->n_anomalies < OP_ANOMALIES ? op->n_anomalies : OP_ANOMALIES;

	jsonw_array(j, "anomalies");
	for (uint32_t i = 0; i < n; i++) {
		const struct op_anomaly *a = &op->anomalies[i];

		jsonw_object(j, NULL);
		jsonw_text(j, "id", anomaly_row(a->id)->text);
		jsonw_u64(j, "offset", a->offset);
		jsonw_text(j, "in", a->in_response ? "response" : "request");
		jsonw_object_end(j);
	}
	jsonw_array_end(j);
	if (op->n_anomalies > n)
		jsonw_u64(j, "anomalies_more", op->n_anomalies - n);
}

static const char *
framing_name(const struct operation *op)
{
	static const char *const names[] = {
		[MODBUS_TCP] = "tcp", [MODBUS_UDP] = "udp",
		[MODBUS_RTU_TCP] = "rtu-tcp", [MODBUS_ASCII_TCP] = "ascii-tcp",
	};
	const struct modbus_detail *d = op->detail;

	if (op->proto != OP_MODBUS || d == NULL || (size_t)d->framing >= COUNTOF(names))
		return NULL;
	return names[d->framing];
}

static void
make_words(struct jsonw *j, const struct operation *op)
{
	jsonw_u64(j, "v", OT_VERSION);
	jsonw_text(j, "protocol", op_proto_name(op->proto));
	jsonw_text(j, "framing", framing_name(op));
	jsonw_text(j, "intent", op_intent_name(op->intent));
	jsonw_u64(j, "function", op->function);
	jsonw_text(j, "name", op->name);
}

static void
put_words(struct eve *e, struct jsonw *j, const struct operation *op)
{
	struct eve_words *w = &e->ot_words[op->function & (EVE_WORDS - 1)];
	const char *framing = framing_name(op), *intent = op_intent_name(op->intent);
	uint64_t number = (uint64_t)op->function << 8 | (unsigned)op->proto;
	struct jsonw to;

	if (w->len == 0 || w->key[0] != op->name || w->key[1] != framing ||
	    w->key[2] != intent || w->number != number) {
		to = jsonw_on(w->text, sizeof(w->text));
		make_words(&to, op);
		w->key[0] = op->name;
		w->key[1] = framing;
		w->key[2] = intent;
		w->number = number;
		w->len = to.full ? 0 : (uint16_t)to.len;
	}
	if (w->len > 0)
		jsonw_members(j, w->text, w->len);
	else
		make_words(j, op);
}

void
eve_ot_operation(struct eve *e, struct jsonw *j, const struct operation *op)
{
	eve_operation_body(e, j, "ot", op);
}

void
eve_operation_body(struct eve *e, struct jsonw *j, const char *key, const struct operation *op)
{
	jsonw_object(j, key);
	put_words(e, j, op);
	if (op->has_subfunction) {
		jsonw_u64(j, "subfunction", op->subfunction);
		jsonw_text(j, "subname", op->subname);
	} else
		jsonw_text(j, "subname", op->subname);
	jsonw_u64(j, "unit", op->unit);
	if (op->broadcast)
		jsonw_bool(j, "broadcast", true);
	jsonw_text(j, "outcome", op_outcome_name(op->outcome));
	if (op->outcome == OUTCOME_EXCEPTION) {
		jsonw_object(j, "exception");
		jsonw_u64(j, "code", op->exception);
		jsonw_text(j, "name", op->exception_name);
		jsonw_object_end(j);
	}
	if (op->iin != 0)
		jsonw_u64(j, "iin", op->iin);
	if (op->proto == OP_DNP3)
		eve_dnp3_link(j, op);
	if (op->request.seen && op->response.seen)
		jsonw_u64(j, "latency_ns", op->latency_ns);
	put_side(j, "request", op, &op->request, false);
	put_side(j, "response", op, &op->response, true);
	if (op->flow != NULL) {
		const struct eve_ends *t = eve_ends(e, op->flow);

		jsonw_members(j, t->ot, t->ot_len);
	}
	if (op->n_items > 0) {
		jsonw_array(j, "items");
		for (uint32_t i = 0; i < op->n_items && !j->full; i++)
			put_item(j, &op->items[i]);
		jsonw_array_end(j);
	}
	if (op->n_facts > 0) {
		jsonw_object(j, "identity");
		for (uint32_t i = 0; i < op->n_facts && !j->full; i++)
			put_fact(j, op, i);
		jsonw_object_end(j);
	}
	if (op->n_anomalies > 0)
		put_anomalies(j, op);
	jsonw_object_end(j);
}
