/* ot.c - the `ot` object of an operation: what EVE has no words for. */
#include "output/eve/eve.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "record/dnp3.h"

/* Octets that a person can read: UTF-8 without control characters. */
static bool
reads_as_text(const struct op_value *v)
{
	if (v->text)
		return true;
	for (uint32_t i = 0; i < v->len; i++)
		if (v->bytes[i] == 0x7f || (v->bytes[i] < 0x20 && v->bytes[i] != '\t' &&
		    v->bytes[i] != '\n' && v->bytes[i] != '\r'))
			return false;
	return utf8_valid(v->bytes, v->len);
}

/* Under which names a value is written: one name has one JSON type, whatever a device
 * sends. */
enum { AS_NUMBER = 1, AS_TEXT = 2, AS_BYTES = 4, AS_TIME = 8 };

static unsigned
shown_as(const struct op_value *v)
{
	switch (v->kind) {
	case VALUE_BIT:
	case VALUE_INT:
		return AS_NUMBER;
	case VALUE_UINT:
		return v->wide || v->u > INT64_MAX ? AS_NUMBER | AS_TEXT : AS_NUMBER;
	case VALUE_REAL:
		return isfinite(v->r) ? AS_NUMBER : AS_NUMBER | AS_TEXT;
	case VALUE_TIME:
		return AS_TIME;
	case VALUE_BYTES:
		return reads_as_text(v) ? AS_TEXT : AS_BYTES;
	default:
		return 0;
	}
}

/* null where it is no number that everybody can hold. */
static void
put_number(struct jsonw *j, const char *key, const struct op_value *v)
{
	if (v->kind == VALUE_INT)
		jsonw_i64(j, key, v->i);
	else if (v->kind == VALUE_REAL && v->single)
		jsonw_single(j, key, (float)v->r);
	else if (v->kind == VALUE_REAL)
		jsonw_real(j, key, v->r);
	else if ((v->kind == VALUE_BIT || v->kind == VALUE_UINT) && v->u <= INT64_MAX)
		jsonw_u64(j, key, v->u);
	else
		jsonw_null(j, key);
}

/* Not to cut a character in two. */
static uint32_t
whole_text(const struct op_value *v, uint32_t n)
{
	uint32_t at = n;

	while (n < v->len && at > 0 && n - at < 3 && (v->bytes[at] & 0xc0) == 0x80)
		at--;
	return at;
}

static void
put_text(struct jsonw *j, const char *key, const struct op_value *v)
{
	if ((shown_as(v) & AS_TEXT) == 0)
		jsonw_null(j, key);
	else if (v->kind == VALUE_BYTES)
		jsonw_bytes(j, key, v->bytes, whole_text(v, jsonw_octets(j, v->len)));
	else if (v->kind == VALUE_REAL)
		jsonw_text(j, key, isnan(v->r) ? "NaN" : v->r > 0 ? "Infinity" : "-Infinity");
	else
		jsonw_u64_text(j, key, v->u);
}

static void
put_hex(struct jsonw *j, const char *key, const struct op_value *v)
{
	if ((shown_as(v) & AS_BYTES) != 0)
		jsonw_hex(j, key, v->bytes, jsonw_octets(j, v->len));
	else
		jsonw_null(j, key);
}

/* Not as a text: an index takes a text for a date when the first that it sees is one. */
static void
put_time(struct jsonw *j, const char *key, const struct op_value *v)
{
	if (v->kind == VALUE_TIME)
		jsonw_time_ms(j, key, v->u);
	else
		jsonw_null(j, key);
}

/* "value", "text", "bytes" or "time" of one. */
static void
put_value(struct jsonw *j, const struct op_value *v)
{
	unsigned as = shown_as(v);

	if ((as & AS_NUMBER) != 0)
		put_number(j, "value", v);
	if ((as & AS_TEXT) != 0)
		put_text(j, "text", v);
	if ((as & AS_BYTES) != 0)
		put_hex(j, "bytes", v);
	if ((as & AS_TIME) != 0)
		put_time(j, "time", v);
}

/* Names that devices or tables give go into pairs: as keys they would be a field
 * each in every index, and a thousand are too many for most. */
static void
put_named(struct jsonw *j, const char *name, const struct op_value *v)
{
	jsonw_object(j, NULL);
	jsonw_text(j, "name", name);
	put_value(j, v);
	jsonw_object_end(j);
}

static void
put_parts(struct jsonw *j, const struct dnp3_object *o, const struct dnp3_point *p)
{
	struct dnp3_fields fields = dnp3_fields_of(o, p);
	const struct dnp3_field *f;
	struct op_value v;

	jsonw_array(j, "fields");
	while (!j->full && dnp3_next_field(&fields, &f, &v))
		put_named(j, f->name, &v);
	jsonw_array_end(j);
}

static void
put_points(struct jsonw *j, const struct op_item *it)
{
	struct dnp3_points walk = { 0 };
	struct dnp3_point p;

	if (it->whole != NULL)
		walk = dnp3_points_of(it->whole);
	jsonw_array(j, "points");
	for (uint32_t i = 0, n = jsonw_most(j, it->n_values); i < n && !j->full; i++) {
		struct op_value v = op_item_value(it, i);

		jsonw_object(j, NULL);
		jsonw_u64(j, "index", v.index);
		put_value(j, &v);
		if (v.has_flags)
			jsonw_u64(j, "flags", v.flags);
		if (v.has_time && v.kind != VALUE_TIME)
			jsonw_time_ms(j, "time", v.time_ms);
		if (it->whole != NULL && dnp3_next_point(&walk, &p))
			put_parts(j, it->whole, &p);
		jsonw_object_end(j);
	}
	jsonw_array_end(j);
}

/* Values that their position identifies: one array for each type that is needed, with
 * null where a value is not of that type. */
static void
put_arrays(struct jsonw *j, const struct op_item *it, unsigned as)
{
	static const struct {
		unsigned as;
		const char *key;
		void (*put)(struct jsonw *, const char *, const struct op_value *);
	} ways[] = {
		{ AS_NUMBER, "values", put_number }, { AS_TEXT, "texts", put_text },
		{ AS_BYTES, "bytes", put_hex }, { AS_TIME, "times", put_time },
	};

	for (unsigned w = 0; w < COUNTOF(ways); w++) {
		if ((as & ways[w].as) == 0)
			continue;
		jsonw_array(j, ways[w].key);
		for (uint32_t i = 0, n = jsonw_most(j, it->n_values); i < n && !j->full; i++) {
			struct op_value v = op_item_value(it, i);

			ways[w].put(j, NULL, &v);
		}
		jsonw_array_end(j);
	}
}

static void
put_typed(struct jsonw *j, const struct op_item *it)
{
	/* DNP3's points count from a number of their own, unless there is a range. */
	bool points = it->whole != NULL || (it->space == SPACE_OBJECT && !it->ranged);
	unsigned as = 0;

	for (uint32_t i = 0; i < it->n_values && !points; i++) {
		const struct op_value *v = &it->typed[i];

		points = v->has_flags || v->has_time || v->index != it->first + i;
		as |= shown_as(v);
	}
	if (points)
		put_points(j, it);
	else
		put_arrays(j, it, as != 0 ? as : AS_NUMBER);
}

/* Points of one kind: the first decides how all are written. */
static void
put_dnp3(struct jsonw *j, const struct op_item *it)
{
	struct op_value v = op_item_value(it, 0);

	if (!it->ranged || v.has_flags || v.has_time)
		put_points(j, it);
	else
		put_arrays(j, it, AS_NUMBER);
}

static void
put_reals(struct jsonw *j, const struct op_item *it)
{
	unsigned as = AS_NUMBER;

	for (uint32_t i = 0; i < it->n_values && as == AS_NUMBER; i++) {
		struct op_value v = op_item_value(it, i);

		as |= shown_as(&v);
	}
	put_arrays(j, it, as);
}

static void
put_values(struct jsonw *j, const struct op_item *it)
{
	if (it->form == FORM_TYPED) {
		put_typed(j, it);
		return;
	}
	if (it->form == FORM_OWN) {
		put_dnp3(j, it);
		return;
	}
	if (it->form == FORM_F32_BE) {
		put_reals(j, it);
		return;
	}
	if (it->form != FORM_BITS_LSB && it->form != FORM_U8 && it->form != FORM_U16_BE) {
		put_arrays(j, it, AS_NUMBER);
		return;
	}
	jsonw_array(j, "values");
	if (it->form == FORM_BITS_LSB)
		jsonw_bits(j, it->raw, jsonw_most(j, it->n_values));
	else if (it->form == FORM_U8)
		jsonw_bytes_as_numbers(j, it->raw, jsonw_most(j, it->n_values));
	else
		jsonw_words(j, it->raw, jsonw_most(j, it->n_values));
	jsonw_array_end(j);
}

/* What the number is called by those who work with it. */
static void
put_number_name(struct jsonw *j, const struct op_item *it)
{
	char text[OP_ADDRESS_MAX];
	int n = 0;

	if (it->space == SPACE_S7_BLOCK) {
		if (op_item_address(it, text))
			jsonw_word(j, "block", text);
		return;
	}
	if (it->space == SPACE_S7_DB || it->space == SPACE_S7_DI) {
		text[n++] = 'D';
		text[n++] = it->space == SPACE_S7_DB ? 'B' : 'I';
		n = (int)(digits_u64(text + n, it->number) - text);
	} else if (it->space == SPACE_OBJECT) {
		text[n++] = 'g';
		n = (int)(digits_u64(text + n, it->number >> 8) - text);
		text[n++] = 'v';
		n = (int)(digits_u64(text + n, it->number & 0xff) - text);
	} else
		return;
	jsonw_bytes(j, it->space == SPACE_OBJECT ? "object" : "block", (uint8_t *)text, (size_t)n);
}

static void
make_item(struct jsonw *j, const struct op_item *it)
{
	char address[OP_ADDRESS_MAX];

	jsonw_word(j, "space", op_space_name(it->space));
	if (it->number != 0) {
		jsonw_u64(j, "number", it->number);
		put_number_name(j, it);
	}
	if (it->ranged) {
		jsonw_u64(j, "first", it->first);
		jsonw_u64(j, "count", it->count);
	}
	if (op_item_address(it, address))
		jsonw_word(j, "address", address);
}

/* Which item it is. */
static void
put_which(struct eve *e, struct jsonw *j, const struct op_item *it)
{
	struct eve_item *at = &e->items[(it->first * 31u + it->number * 7u + it->space) & (EVE_ITEMS - 1)];
	struct jsonw to;

	if (at->len == 0 || at->first != it->first || at->number != it->number || at->count != it->count ||
	    at->space != it->space || at->type != it->type || at->bit != it->bit || at->ranged != it->ranged) {
		to = jsonw_on(at->text, sizeof(at->text));
		make_item(&to, it);
		at->number = it->number;
		at->first = it->first;
		at->count = it->count;
		at->space = it->space;
		at->type = it->type;
		at->bit = it->bit;
		at->ranged = it->ranged;
		at->len = to.full ? 0 : (uint16_t)to.len;
	}
	if (at->len > 0)
		jsonw_members(j, at->text, at->len);
	else
		make_item(j, it);
}

static void
put_item(struct eve *e, struct jsonw *j, const struct op_item *it)
{
	jsonw_object(j, NULL);
	put_which(e, j, it);
	jsonw_bool(j, "written", it->written);
	if (it->status != 0)
		jsonw_u64(j, "status", it->status);
	if (it->form != FORM_NONE && it->n_values > 0)
		put_values(j, it);
	jsonw_object_end(j);
}

static void
put_side(struct eve *e, struct jsonw *j, const char *key, const struct operation *op,
    const struct op_side *side, bool response)
{
	uint32_t n = 0;

	if (!side->seen)
		return;
	jsonw_object(j, key);
	jsonw_u64(j, "frame", frame_in_file(side->frame));
	/* The record names the file of its last frame. */
	if (e->env->many_files && op->response.seen &&
	    frame_file(side->frame) != frame_file(op->response.frame))
		jsonw_text(j, "file", e->env->source_name(e->env->arg, frame_file(side->frame)));
	jsonw_time(j, "time", side->ts_ns);
	jsonw_u64(j, "len", side->len);
	for (uint32_t i = 0; i < op->n_params; i++) {
		if (op->params[i].in_response != response)
			continue;
		if (jsonw_most(j, n + 1) == n)
			break;
		if (n++ == 0)
			jsonw_array(j, "fields");
		put_named(j, op->params[i].name, &op->params[i].value);
	}
	if (n > 0)
		jsonw_array_end(j);
	jsonw_object_end(j);
}

static void
put_fact(struct jsonw *j, const struct op_fact *f)
{
	struct op_value v = { .kind = VALUE_BYTES, .bytes = f->bytes, .len = f->len, .text = true };
	const char *key = op_fact_name(f->key);
	char other[16];

	if (f->key == FACT_OTHER || key == NULL) {
		snprintf(other, sizeof(other), "object_%u", f->number);
		key = other;
	}
	put_named(j, key, &v);
}

static void
put_anomalies(struct jsonw *j, const struct operation *op)
{
	uint32_t n = op->n_anomalies < OP_ANOMALIES ? op->n_anomalies : OP_ANOMALIES;

	jsonw_array(j, "anomalies");
	for (uint32_t i = 0; i < n; i++) {
		const struct op_anomaly *a = &op->anomalies[i];

		jsonw_object(j, NULL);
		jsonw_word(j, "id", anomaly_row(a->id)->text);
		jsonw_u64(j, "offset", a->offset);
		jsonw_word(j, "in", a->in_response ? "response" : "request");
		jsonw_object_end(j);
	}
	jsonw_array_end(j);
	if (op->n_anomalies > n)
		jsonw_u64(j, "anomalies_more", op->n_anomalies - n);
}

static const char *
framing_name(const struct operation *op)
{
	const struct eve_protocol *by = eve_protocols[op->proto];

	return by->framing != NULL && op->detail != NULL ? by->framing(op) : NULL;
}

static void
make_words(struct jsonw *j, const struct operation *op)
{
	jsonw_u64(j, "v", OT_VERSION);
	jsonw_text(j, "protocol", protocols[op->proto]->name);
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
	jsonw_word(j, "outcome", op_outcome_name(op->outcome));
	if (op->outcome == OUTCOME_EXCEPTION) {
		jsonw_object(j, "exception");
		jsonw_u64(j, "code", op->exception);
		jsonw_text(j, "name", op->exception_name);
		jsonw_object_end(j);
	}
	if (op->proto == OP_DNP3 && op->status != 0)
		jsonw_u64(j, "iin", op->status);
	if (eve_protocols[op->proto]->ot != NULL && op->detail != NULL)
		eve_protocols[op->proto]->ot(j, op);
	if (op->request.seen && op->response.seen)
		jsonw_u64(j, "latency_ns", op->latency_ns);
	put_side(e, j, "request", op, &op->request, false);
	put_side(e, j, "response", op, &op->response, true);
	if (op->flow != NULL) {
		const struct eve_ends *t = eve_ends(e, op->flow);

		jsonw_members(j, t->ot, t->ot_len);
	}
	if (op->n_items > 0) {
		jsonw_array(j, "items");
		for (uint32_t i = 0, n = jsonw_most(j, op->n_items); i < n && !j->full; i++)
			put_item(e, j, &op->items[i]);
		jsonw_array_end(j);
	}
	if (op->n_facts > 0) {
		jsonw_array(j, "identity");
		for (uint32_t i = 0, n = jsonw_most(j, op->n_facts); i < n && !j->full; i++)
			put_fact(j, &op->facts[i]);
		jsonw_array_end(j);
	}
	if (op->n_anomalies > 0)
		put_anomalies(j, op);
	jsonw_object_end(j);
}
