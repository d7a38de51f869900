/* items.c - the objects of a message in the operation: items with their values, named
 * parameters, facts, and what a status says of the whole.
 */
#include "objects.h"

#include <string.h>

#include "base/str.h"

#define PARAMS_FEW	4u

/* The caller fills it.  Most operations have none or one: space for a few, then
 * for as many as there may be. */
static struct op_param *
next_param(struct dis_ctx *x, struct operation *op)
{
	if (op->n_params == 0 || op->n_params == PARAMS_FEW) {
		struct op_param *more = arena_alloc(x->arena, sizeof(*more) *
		    (op->n_params == 0 ? PARAMS_FEW : 2 * DN_PARAMS_MAX));

		if (more == NULL)
			return NULL;
		if (op->n_params > 0)
			memcpy(more, op->params, op->n_params * sizeof(*more));
		op->params = more;
	}
	if (op->n_params >= 2 * DN_PARAMS_MAX)
		return NULL;
	return &op->params[op->n_params++];
}

void
dn_param_uint(struct dis_ctx *x, struct operation *op, const char *name, uint64_t v,
    bool response)
{
	struct op_param *p = next_param(x, op);

	if (p != NULL)
		*p = (struct op_param){ .name = name, .in_response = response,
		    .value = { .kind = VALUE_UINT, .u = v } };
}

void
dn_param_bytes(struct dis_ctx *x, struct operation *op, const char *name, const uint8_t *bytes,
    uint32_t len, bool response)
{
	struct op_param *p = next_param(x, op);

	if (p != NULL)
		*p = (struct op_param){ .name = name, .in_response = response,
		    .value = { .kind = VALUE_BYTES, .len = len, .bytes = bytes } };
}

/* Operation types of a control relay output block (1815 A.8.1). */
static const char *const control_types[] = { "nothing", "pulse on", "pulse off", "latch on", "latch off" };

static void
param(struct dn_reader *r, const struct dnp3_field *f, const struct op_value *v)
{
	struct op_param *p;

	/* Keys and codes of authentication say nothing to a reader. */
	if (f->type == DNP3_BYTES || f->type == DNP3_SET)
		return;
	if (r->params >= DN_PARAMS_MAX || (p = next_param(r->x, r->op)) == NULL)
		return;
	*p = (struct op_param){ .name = f->name, .value = *v, .in_response = r->response };
	r->params++;
	if (!r->response && r->op->action == NULL && strcmp(f->name, "op_type") == 0 &&
	    v->u < COUNTOF(control_types))
		r->op->action = control_types[v->u];
	p->value.has_flags = false;
	p->value.flags = 0;
}

/* The named status of a file or an authentication error is the exception. */
static void
status(struct dn_reader *r, const struct dnp3_object *o, struct op_item *it, uint64_t v)
{
	unsigned code = (unsigned)v;

	if (code == 0)
		return;
	if (it->status == 0)
		it->status = (uint8_t)code;
	if (!r->response || r->op->exception != 0)
		return;
	if (o->group == 12 || o->group == 41) {
		r->op->exception = 0x100u + code;
		r->op->exception_name = dn_control_status(code);
	} else if (o->group == 70) {
		r->op->exception = 0x200u + code;
		r->op->exception_name = dn_file_status(code);
	}
}

static void
one_field(struct dn_reader *r, const struct dnp3_object *o, struct op_item *it,
    const struct dnp3_field *f, const struct op_value *v, struct op_value *to)
{
	switch (f->role) {
	case DNP3_FLAGS:
		to->flags = v->flags;
		to->has_flags = true;
		return;
	case DNP3_STATE:
		to->flags = v->flags;
		to->has_flags = true;
		to->kind = f->width == 1 ? VALUE_BIT : VALUE_UINT;
		to->u = v->u;
		return;
	case DNP3_VALUE:
		to->kind = f->type == DNP3_BITS && f->width == 1 ? VALUE_BIT : v->kind;
		to->len = v->len;
		to->text = v->text;
		to->wide = v->wide;
		to->single = v->single;
		to->u = v->u;
		break;
	case DNP3_STATUS:
		status(r, o, it, v->u);
		break;
	case DNP3_AT:
		to->has_time = true;
		to->time_ms = v->u;
		break;
	case DNP3_AFTER:
		to->has_time = r->cto_known;
		to->time_ms = r->cto_ms + v->u;
		break;
	default:
		/* A control code is the value of its block. */
		if (o->group == 12 && f == &o->row->fields[0]) {
			to->kind = VALUE_UINT;
			to->u = v->flags;
		}
		if (o->group == 120 && r->m->function == DN_AUTH_RESPONSE && o->variation == 7 &&
		    strcmp(f->name, "error_code") == 0 && v->u != 0) {
			r->op->exception = 0x300u + (unsigned)v->u;
			r->op->exception_name = dn_auth_error((unsigned)v->u);
		}
		break;
	}
	if (o->row->params)
		param(r, f, v);
}

static void
fact(struct dn_reader *r, const struct dnp3_object *o, const struct op_value *v)
{
	struct operation *op = r->op;
	struct op_fact *f;

	if (v->kind != VALUE_BYTES || v->len == 0 || o->variation >= 254 || !r->response)
		return;
	f = arena_zalloc(r->x->arena, op->n_facts + 1, sizeof(*f));
	if (f == NULL)
		return;
	if (op->n_facts > 0)
		memcpy(f, op->facts, op->n_facts * sizeof(*f));
	f[op->n_facts++] = (struct op_fact){ .key = (uint8_t)dn_attribute_fact(o->variation),
	    .number = o->variation, .len = (uint16_t)v->len, .bytes = v->bytes };
	op->facts = f;
}

/* A device attribute under its own name, whatever its type.  The index is the
 * number of a set: only those of set 0 are the standard's (1815 A.2). */
static void
attribute(struct dn_reader *r, const struct dnp3_object *o, const struct op_value *v)
{
	struct dnp3_field as = { .name = dn_attribute_name(o->variation), .type = DNP3_ATTRIBUTE };

	if (v->index != 0)
		return;
	fact(r, o, v);
	if (as.name != NULL && v->kind != VALUE_NONE && o->variation < 254)
		param(r, &as, v);
}

static bool
has_values(const struct dnp3_row *row)
{
	if (row->group == 12)
		return true;
	for (unsigned i = 0; i < row->n_fields; i++)
		if (row->fields[i].role == DNP3_VALUE || row->fields[i].role == DNP3_STATE)
			return true;
	return false;
}

/* Values of an object with data; `to` NULL: only names and statuses. */
static void
points(struct dn_reader *r, const struct dnp3_object *o, struct op_item *it, struct op_value *to,
    uint32_t capacity)
{
	struct dnp3_points walk = dnp3_points_of(o);
	const struct dnp3_field *f;
	struct dnp3_fields fields;
	struct dnp3_point p;
	struct op_value v, one;
	uint32_t n = 0;

	while (dnp3_next_point(&walk, &p)) {
		one = (struct op_value){ .index = p.index };
		fields = dnp3_fields_of(o, &p);
		while (dnp3_next_field(&fields, &f, &v))
			one_field(r, o, it, f, &v, &one);
		if (!cur_ok(&fields.c)) {
			dn_wrong(r, ANOM_DNP3_COUNT, fields.c.p, "an object ends inside a field");
			r->m->complete = false;
		} else if (cur_left(&fields.c) > 0 && p.sized)
			dn_wrong(r, ANOM_DNP3_COUNT, fields.c.p, "bytes follow an object's last field");
		if (o->group == 51 && one.kind == VALUE_TIME) {
			r->cto_known = true;
			r->cto_ms = one.u;
		}
		if (o->group == 0)
			attribute(r, o, &one);
		if (to != NULL && n < capacity)
			to[n++] = one;
	}
	it->n_values = n;
}

static enum op_point
point_of(const struct dnp3_object *o)
{
	switch (o->group) {
	case 10: case 12:
		return POINT_BINARY_OUTPUT;
	case 34:
		return POINT_DEADBAND;
	case 40: case 41:
		return POINT_ANALOG_OUTPUT;
	case 50:
		return POINT_CLOCK;
	case 60:	/* variation 1 is class 0 */
		return o->variation >= 1 && o->variation <= 4 ?
		    (enum op_point)(POINT_CLASS_0 + o->variation - 1) : POINT_NONE;
	case 80:
		return POINT_INDICATION;
	default:
		return POINT_NONE;
	}
}

void
dn_item(struct dn_reader *r, const struct dnp3_object *o, struct op_item *it)
{
	uint32_t capacity = DN_POINTS_MAX - r->points;
	struct op_value *to = NULL;

	*it = (struct op_item){ .space = SPACE_OBJECT,
	    .number = (uint32_t)o->group << 8 | o->variation,
	    .written = !r->response && o->has_data,
	    .ranged = dnp3_range_code(o) < 6 && o->count > 0, .first = o->start,
	    .count = o->count, .point = (uint8_t)point_of(o) };
	if (o->group == 120 && o->variation == 7)
		r->op->login_refused = "secure authentication reported an error (g120v7)";
	if (!o->has_points || o->n_points == 0)
		return;
	if (!o->has_data) {
		/* A list of indexes. */
		struct dnp3_points walk = dnp3_points_of(o);
		struct dnp3_point p;

		capacity = o->n_points < capacity ? o->n_points : capacity;
		to = arena_zalloc(r->x->arena, capacity, sizeof(*to));
		for (uint32_t i = 0; to != NULL && i < capacity && dnp3_next_point(&walk, &p); i++)
			to[it->n_values++].index = p.index;
		it->form = FORM_TYPED;
		it->typed = to;
		r->points += it->n_values;
		return;
	}
	if (o->row == NULL)
		return;
	if (o->row->packing == DNP3_BIT && dnp3_prefix_code(o) == 0) {
		it->form = FORM_BITS_LSB;
		it->raw = o->data;
		it->n_values = o->n_points;
		return;
	}
	if (o->row->plain || has_values(o->row)) {
		if (o->n_points > capacity)
			dn_wrong(r, ANOM_DNP3_TOO_MANY_POINTS, o->data, NULL);
		capacity = o->n_points < capacity ? o->n_points : capacity;
		if (o->row->plain && dnp3_prefix_code(o) <= 3) {
			/* These stay on the wire until somebody asks (op_item_value()). */
			it->form = capacity > 0 ? FORM_OWN : FORM_NONE;
			it->object = o;
			it->n_values = capacity;
			r->points += capacity;
			return;
		}
		to = capacity > 0 ? arena_alloc(r->x->arena, capacity * sizeof(*to)) : NULL;
		if (capacity > 0 && to == NULL)
			count(r->x->counters, CNT_APP_ARENA_FULL);
	}
	points(r, o, it, to, capacity);
	if (to == NULL)
		it->n_values = 0;
	it->form = it->n_values > 0 ? FORM_TYPED : FORM_NONE;
	it->typed = to;
	if (it->n_values > 0 && o->row->params)
		it->whole = o;
	r->points += it->n_values;
}
