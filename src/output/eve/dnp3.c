/* dnp3.c - EVE's `dnp3`: one record for a request, one for a response, as
 * Suricata 8 writes them. */
#include "output/eve/eve.h"

#include "record/dnp3.h"

/* Which record this phase makes: "request", "response", "unsolicited_response", or
 * "no_response" when the answer never came; NULL: none. */
static const char *
kind_of(const struct operation *op)
{
	const struct dnp3_detail *d = op->detail;

	if (d == NULL)
		return NULL;
	/* To which nothing answers: one record, with its outcome. */
	if (op->phase == OP_REQUESTED)
		return d->no_answer ? NULL : "request";
	if (op->response.seen)
		return d->response.has_application && d->response.function == 130 ?
		    "unsolicited_response" : "response";
	if (d->no_answer)
		return "request";
	/* Nobody is heard here: the request's record said all. */
	return op->outcome == OUTCOME_ONE_SIDED ? NULL : "no_response";
}

static void
put_link(struct jsonw *j, const struct dnp3_message *m)
{
	jsonw_object(j, "control");
	jsonw_bool(j, "dir", (m->link & DNP3_LINK_DIR) != 0);
	jsonw_bool(j, "pri", (m->link & DNP3_LINK_PRM) != 0);
	jsonw_bool(j, "fcb", (m->link & DNP3_LINK_FCB) != 0);
	jsonw_bool(j, "fcv", (m->link & DNP3_LINK_FCV) != 0);
	jsonw_u64(j, "function_code", m->link & 15u);
	jsonw_object_end(j);
	jsonw_u64(j, "src", m->src);
	jsonw_u64(j, "dst", m->dst);
}

static void
put_base64(struct jsonw *j, const char *key, const uint8_t *b, size_t n)
{
	static const char digit[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	char *p = jsonw_member(j, key, (n + 2) / 3 * 4 + 2);

	if (p == NULL)
		return;
	*p++ = '"';
	for (size_t i = 0; i < n; i += 3) {
		uint32_t v = (uint32_t)b[i] << 16 | (i + 1 < n ? (uint32_t)b[i + 1] << 8 : 0) |
		    (i + 2 < n ? b[i + 2] : 0u);

		*p++ = digit[v >> 18];
		*p++ = digit[v >> 12 & 63];
		*p++ = i + 1 < n ? digit[v >> 6 & 63] : '=';
		*p++ = i + 2 < n ? digit[v & 63] : '=';
	}
	*p++ = '"';
	jsonw_took(j, p);
}

/* Elements of a data set, each behind its length. */
static void
put_set(struct jsonw *j, const char *key, const struct op_value *v)
{
	struct cursor c = cur_of(v->bytes, v->len), one;

	jsonw_array(j, key);
	while (cur_left(&c) > 0) {
		one = cur_take(&c, cur_u8(&c));
		if (!cur_ok(&one))
			break;
		jsonw_hex(j, NULL, one.p, cur_left(&one));
	}
	jsonw_array_end(j);
}

static void
put_field(struct jsonw *j, const struct dnp3_field *f, const struct op_value *v)
{
	switch (v->kind) {
	case VALUE_INT:
		jsonw_i64(j, f->name, v->i);
		break;
	case VALUE_REAL:
		jsonw_real(j, f->name, v->r);
		break;
	case VALUE_BYTES:
		if (f->type == DNP3_BYTES)
			put_base64(j, f->name, v->bytes, v->len);
		else if (f->type == DNP3_SET)
			put_set(j, f->name, v);
		else
			jsonw_bytes(j, f->name, v->bytes, v->len);
		break;
	default:
		jsonw_u64(j, f->name, v->u);
		break;
	}
}

/* Points may take this much of a record: enough for any fragment of 2,048
 * octets but one of packed bits.  Behind it `ot` has all values. */
#define POINTS_SPACE(size) ((size) / 8 * 5)

static void
put_points(struct jsonw *j, const struct dnp3_object *o)
{
	struct dnp3_points walk = dnp3_points_of(o);
	const struct dnp3_field *f;
	struct dnp3_point p;
	struct op_value v;

	jsonw_array(j, "points");
	for (uint32_t n = jsonw_most(j, o->n_points); n > 0 && !j->full && j->len < POINTS_SPACE(j->size) &&
	    dnp3_next_point(&walk, &p); n--) {
		struct dnp3_fields fields = dnp3_fields_of(o, &p);

		jsonw_object(j, NULL);
		jsonw_u64(j, "prefix", p.prefix);
		jsonw_u64(j, "index", p.index);
		if (p.sized)
			jsonw_u64(j, "size", p.prefix);
		while ((o->has_data || p.sized) && dnp3_next_field(&fields, &f, &v))
			put_field(j, f, &v);
		jsonw_object_end(j);
	}
	jsonw_array_end(j);
}

static void
put_object(struct jsonw *j, const struct dnp3_object *o)
{
	jsonw_object(j, NULL);
	jsonw_u64(j, "group", o->group);
	jsonw_u64(j, "variation", o->variation);
	jsonw_u64(j, "qualifier", o->qualifier);
	jsonw_u64(j, "prefix_code", dnp3_prefix_code(o));
	jsonw_u64(j, "range_code", dnp3_range_code(o));
	jsonw_u64(j, "start", o->start);
	jsonw_u64(j, "stop", o->stop);
	jsonw_u64(j, "count", o->count);
	if (o->has_points && o->n_points > 0 && j->len < POINTS_SPACE(j->size))
		put_points(j, o);
	jsonw_object_end(j);
}

static void
put_application(struct jsonw *j, const struct dnp3_message *m)
{
	jsonw_object(j, "application");
	jsonw_object(j, "control");
	jsonw_bool(j, "fir", (m->application & DNP3_APP_FIR) != 0);
	jsonw_bool(j, "fin", (m->application & DNP3_APP_FIN) != 0);
	jsonw_bool(j, "con", (m->application & DNP3_APP_CON) != 0);
	jsonw_bool(j, "uns", (m->application & DNP3_APP_UNS) != 0);
	jsonw_u64(j, "sequence", m->application & 15u);
	jsonw_object_end(j);
	jsonw_u64(j, "function_code", m->function);
	if (m->n_objects > 0) {
		jsonw_array(j, "objects");
		for (uint32_t i = 0, n = jsonw_most(j, m->n_objects); i < n && !j->full; i++)
			put_object(j, &m->objects[i]);
		jsonw_array_end(j);
	}
	jsonw_bool(j, "complete", m->complete);
	jsonw_object_end(j);
}

static void
put_iin(struct jsonw *j, uint16_t iin)
{
	jsonw_object(j, "iin");
	if (iin != 0) {
		jsonw_array(j, "indicators");
		for (unsigned bit = 16; bit-- > 0;)
			if ((iin >> bit & 1u) != 0)
				jsonw_word(j, NULL, dnp3_iin_word(bit));
		jsonw_array_end(j);
	}
	jsonw_object_end(j);
}

static const struct dnp3_message *
message_of(const struct operation *op)
{
	const struct dnp3_detail *d = op->detail;

	return op->phase == OP_FINISHED && op->response.seen ? &d->response : &d->request;
}

/* What the frames looked like.  Those behind the first have the next numbers;
 * all but the last are as long as the first. */
static void
put_frames(struct jsonw *j, const struct operation *op)
{
	const struct dnp3_message *m;

	if (kind_of(op) == NULL)
		return;
	m = message_of(op);
	if (!m->present || m->link_len == 0)
		return;
	jsonw_object(j, "link");
	jsonw_u64(j, "frames", m->frames);
	jsonw_u64(j, "len", m->link_len);
	if (m->has_application)
		jsonw_u64(j, "transport", m->transport);
	jsonw_object_end(j);
}

static void
put_message(struct jsonw *j, const char *key, const char *type, const struct dnp3_message *m)
{
	if (!m->present)
		return;
	jsonw_object(j, key);
	jsonw_word(j, "type", type);
	put_link(j, m);
	if (m->has_application)
		put_application(j, m);
	if (m->has_iin)
		put_iin(j, m->iin);
	jsonw_object_end(j);
}

/* EVE has one record for each message. */
static void
put_dnp3(struct eve *e, struct jsonw *j, const struct operation *op)
{
	(void)e;
	put_message(j, "dnp3", kind_of(op), message_of(op));
}

/* As an alert has it: what was seen of both. */
static void
put_sides(struct eve *e, struct jsonw *j, const struct operation *op)
{
	const struct dnp3_detail *d = op->detail;

	(void)e;
	if (!d->request.present && !d->response.present)
		return;
	jsonw_object(j, "dnp3");
	put_message(j, "request", "request", &d->request);
	put_message(j, "response", d->response.has_application && d->response.function == 130 ?
	    "unsolicited_response" : "response", &d->response);
	jsonw_object_end(j);
}

static bool
makes_record(const struct operation *op)
{
	return kind_of(op) != NULL;
}

const struct eve_protocol eve_dnp3 = {
	.makes_record = makes_record, .operation = put_dnp3, .alert = put_sides, .ot = put_frames,
};
