/* asdu.c - the ASDU (101 7.1, 7.2).
 *
 *	type 1, structure 1 (SQ, number of objects), cause 1 (T, P/N, cause), originator 1,
 *	common address 2, then objects:
 *	SQ 0	address 3, elements; address 3, elements; ...
 *	SQ 1	address 3, elements, elements, ...
 *
 * The number of objects is held against the octets that are there before anything is
 * read; what was announced and is missing is reported, what is there is read.
 */
#include "iec104.h"

#include <string.h>

#define PARAMS_MAX	24u

struct i104_apdu
i104_apdu_of(const struct dis_ctx *x, const uint8_t *bytes, uint32_t len)
{
	struct i104_apdu a = { .bytes = bytes, .len = len };
	const uint8_t *b = bytes + I104_HEAD + I104_CONTROL;

	a.apci = i104_apci_of(bytes + I104_HEAD, len - I104_HEAD);
	if (a.apci.format != IEC104_I) {
		a.row = dis_func(x, IEC104_CONTROL + (a.apci.format == IEC104_S ? 1u : a.apci.control),
		    FUNC_NO_SUB);
		return a;
	}
	if (len < I104_HEAD + I104_CONTROL + I104_ASDU_HEAD) {
		if (len > I104_HEAD + I104_CONTROL) {
			a.type = b[0];
			a.row = dis_func(x, a.type, FUNC_NO_SUB);
		}
		return a;
	}
	a.has_asdu = true;
	a.type = b[0];
	a.structure = b[1];
	a.cause = b[2] & 0x3f;
	a.negative = (b[2] & 0x40) != 0;
	a.test = (b[2] & 0x80) != 0;
	a.originator = b[3];
	a.ca = le16_of(b + 4);
	a.row = dis_func(x, a.type, FUNC_NO_SUB);
	return a;
}

uint32_t
i104_first_ioa(const struct i104_apdu *a)
{
	struct cursor c = cur_of(a->bytes, a->len);

	cur_skip(&c, I104_HEAD + I104_CONTROL + I104_ASDU_HEAD);
	return cur_le24(&c);
}

void
i104_param(struct dis_ctx *x, struct operation *op, const char *name, uint64_t v, bool response)
{
	if (op->n_params == 0)
		op->params = arena_alloc(x->arena, PARAMS_MAX * sizeof(*op->params));
	if (op->params == NULL || op->n_params >= PARAMS_MAX)
		return;
	op->params[op->n_params++] = (struct op_param){ .name = name, .in_response = response,
	    .value = { .kind = VALUE_UINT, .u = v } };
}

static void
param_of(struct dis_ctx *x, struct operation *op, const char *name, const struct op_value *v,
    bool response)
{
	uint32_t n = op->n_params;

	i104_param(x, op, name, 0, response);
	if (op->n_params > n)
		op->params[n].value = *v;
}

void
i104_name(struct operation *op, const struct i104_apdu *a)
{
	op->function = a->apci.format == IEC104_I ? a->type : IEC104_CONTROL +
	    (a->apci.format == IEC104_S ? 1u : a->apci.control);
	op->name = a->row != NULL ? a->row->name : a->apci.format == IEC104_I ? "Reserved Type" :
	    "Reserved Control Function";
	op->intent = a->row != NULL ? a->row->intent : INTENT_UNKNOWN;
	op->command = a->row != NULL ? a->row->command : CMD_NONE;
}

/* ---- objects ---------------------------------------------------------------- */

/* Octets from the ASDU's objects on to the i-th, and its address. */
static struct cursor
object_at(const struct iec104_asdu *d, uint32_t i, uint32_t *ioa)
{
	struct cursor c = cur_of(d->bytes, d->len);
	bool open;
	uint32_t len = i104_object_len(d->layout, &open);

	if (d->sequence) {
		*ioa = cur_le24(&c) + i;
		cur_skip(&c, (size_t)i * len);
	} else {
		cur_skip(&c, (size_t)i * (I104_IOA + len));
		*ioa = cur_le24(&c);
	}
	return open ? c : cur_take(&c, len);
}

static void
read_object(const struct iec104_asdu *d, uint32_t i, struct iec104_object *o)
{
	struct cursor c = object_at(d, i, &o->ioa);

	(void)i104_read_object(d->layout, &c, o);
}

/* How many whole objects are there.  Reports what does not fit. */
static uint8_t
count_objects(struct dis_ctx *x, struct operation *op, struct iec104_asdu *d)
{
	uint32_t at = I104_HEAD + I104_CONTROL + I104_ASDU_HEAD, n = d->count, have, len;
	bool open;

	len = i104_object_len(d->layout, &open);
	if (n == 0) {
		dis_anomaly(x, op, ANOM_I104_COUNT, I104_HEAD + I104_CONTROL + 1, "no object");
		return 0;
	}
	if (d->layout->single && n > 1)
		dis_anomaly(x, op, ANOM_I104_COUNT, I104_HEAD + I104_CONTROL + 1,
		    "more than one object of a type that has one");
	if (d->sequence && !d->layout->sequence)
		dis_anomaly(x, op, ANOM_I104_COUNT, I104_HEAD + I104_CONTROL + 1,
		    "a row of objects (SQ) of a type that has none");
	if (open) {
		if (d->len >= I104_IOA + len)
			return 1;
		dis_anomaly(x, op, ANOM_I104_ASDU_LENGTH, at, "the object is not whole");
		return 0;
	}
	if (d->sequence)
		have = d->len < I104_IOA ? 0 : len == 0 ? n : (d->len - I104_IOA) / len;
	else
		have = d->len / (I104_IOA + len);
	if (have < n)
		dis_anomaly(x, op, ANOM_I104_ASDU_LENGTH, at, "more objects are announced than there are octets for");
	else if (d->len > (d->sequence ? I104_IOA + n * len : n * (I104_IOA + len)))
		dis_anomaly(x, op, ANOM_I104_TRAILING, at, NULL);
	return (uint8_t)(have < n ? have : n);
}

static enum op_point
point_of(uint8_t type)
{
	if ((type >= 45 && type <= 47) || (type >= 58 && type <= 60))
		return POINT_BINARY_OUTPUT;
	return (type >= 48 && type <= 51) || (type >= 61 && type <= 64) ? POINT_ANALOG_OUTPUT : POINT_NONE;
}

/* Values in a row of addresses are one item: an ASDU of scattered objects has one for
 * each of them. */
static void
put_items(struct dis_ctx *x, struct operation *op, const struct iec104_asdu *d, unsigned *faults)
{
	bool written = d->layout->kind == KIND_COMMAND || d->layout->kind == KIND_CONFIRMED;
	struct op_value *v = arena_alloc(x->arena, d->n_objects * sizeof(*v));
	struct op_item *it = NULL;
	struct iec104_object o;
	size_t mark;

	op->items = arena_alloc(x->arena, d->n_objects * sizeof(*op->items));
	op->n_items = 0;
	if (v == NULL || op->items == NULL) {
		count(x->counters, CNT_APP_ARENA_FULL);
		return;
	}
	mark = x->arena->used;
	for (uint32_t i = 0; i < d->n_objects; i++) {
		struct cursor c = object_at(d, i, &o.ioa);

		*faults |= i104_read_object(d->layout, &c, &o);
		v[i] = o.value;
		if (it == NULL || o.ioa != it->first + it->count) {
			it = &op->items[op->n_items++];
			*it = (struct op_item){ .space = SPACE_POINT, .form = FORM_TYPED,
			    .written = written, .ranged = true, .number = d->type,
			    .point = (uint8_t)point_of(d->type),
			    .first = o.ioa, .typed = &v[i] };
		}
		it->count++;
		if (o.value.kind != VALUE_NONE)
			it->n_values++;
	}
	for (uint32_t i = 0; i < op->n_items; i++)
		if (op->items[i].n_values == 0)
			op->items[i].form = FORM_NONE;
	/* Give back what was not needed. */
	arena_rewind(x->arena, mark - (d->n_objects - op->n_items) * sizeof(*op->items));
}

/* What an object says that is no addressed data: qualifiers, times, files. */
static void
put_params(struct dis_ctx *x, struct operation *op, const struct iec104_object *o, bool response)
{
	for (uint32_t i = 0; i < o->n; i++) {
		const struct iec104_field *f = &o->field[i];

		if (f->show != IEC104_WORDS && f->value.kind != VALUE_BYTES && strcmp(f->name, "value") != 0)
			param_of(x, op, f->name, &f->value, response);
	}
}

static void
put_file(struct dis_ctx *x, struct operation *op, const struct iec104_object *o)
{
	const struct iec104_field *f = i104_field(o, "file");
	struct op_item *it = arena_zalloc(x->arena, 1, sizeof(*it));

	if (f == NULL || it == NULL)
		return;
	*it = (struct op_item){ .space = SPACE_FILE, .number = (uint32_t)f->value.u };
	op->items = it;
	op->n_items = 1;
}

/* A station interrogation asks for every point. */
static void
put_everything(struct dis_ctx *x, struct operation *op, const struct iec104_object *o)
{
	const struct iec104_field *q = i104_field(o, "qualifier");
	struct op_item *it;

	if (q == NULL || q->value.u != IEC104_INTERROGATED || (it = arena_zalloc(x->arena, 1, sizeof(*it))) == NULL)
		return;
	*it = (struct op_item){ .space = SPACE_POINT, .number = 100, .point = POINT_ALL };
	op->items = it;
	op->n_items = 1;
}

/* ---- what is wrong with it ------------------------------------------------------ */

static void
check_header(struct dis_ctx *x, struct operation *op, const struct i104_apdu *a,
    const struct iec104_layout *l)
{
	const uint32_t at = I104_HEAD + I104_CONTROL;

	if ((l->causes >> a->cause & 1) == 0)
		dis_anomaly(x, op, ANOM_I104_CAUSE, at + 2, i104_cause_name(a->cause) == NULL ?
		    "a reserved cause" : "a cause that this type cannot have");
	if (a->ca == 0)
		dis_anomaly(x, op, ANOM_I104_ADDRESS, at + 4, "common address 0");
	/* Everybody is asked for values, the time or a restart, and answers for himself. */
	if (a->ca == 0xffff && (a->type < 100 || a->type == 102 || a->type > 105))
		dis_anomaly(x, op, ANOM_I104_ADDRESS, at + 4, "a broadcast of a type that is for one station");
	if (l->no_address && a->len >= at + I104_ASDU_HEAD + I104_IOA && i104_first_ioa(a) != 0)
		dis_anomaly(x, op, ANOM_I104_ADDRESS, at + I104_ASDU_HEAD, "an object address where there is none");
}

static void
check_faults(struct dis_ctx *x, struct operation *op, unsigned faults)
{
	const uint32_t at = I104_HEAD + I104_CONTROL + I104_ASDU_HEAD;

	if ((faults & I104_BAD_VALUE) != 0)
		dis_anomaly(x, op, ANOM_I104_VALUE, at, NULL);
	if ((faults & I104_BAD_TIME) != 0)
		dis_anomaly(x, op, ANOM_I104_TIME, at, NULL);
}

/* ---- all of it -------------------------------------------------------------------- */

static void
read_asdu(struct dis_ctx *x, struct operation *op, struct iec104_asdu *d,
    const struct i104_apdu *a, bool response)
{
	const struct iec104_layout *l = i104_layout(a->row);
	const uint32_t head = I104_HEAD + I104_CONTROL + I104_ASDU_HEAD;
	bool repeats = response && op->request.seen && op->n_items > 0 && a->type == op->function;
	struct iec104_object o;
	unsigned faults = 0;

	*d = (struct iec104_asdu){ .present = true, .type = a->type,
	    .type_name = a->row != NULL ? a->row->word : NULL, .sequence = i104_is_sequence(a),
	    .count = (uint8_t)i104_count(a), .cause = a->cause,
	    .cause_name = i104_cause_name(a->cause), .negative = a->negative, .test = a->test,
	    .originator = a->originator, .ca = a->ca, .bytes = a->bytes + head,
	    .len = a->len - head, .layout = l, .object = read_object };
	if (l == NULL) {
		/* A station that does not know a type gives it back as it came. */
		if (!response || !i104_unknown_cause(a->cause))
			dis_anomaly(x, op, ANOM_I104_TYPE, I104_HEAD + I104_CONTROL, NULL);
		return;
	}
	check_header(x, op, a, l);
	d->n_objects = count_objects(x, op, d);
	if (d->n_objects == 0)
		return;
	if (l->points && !repeats) {
		put_items(x, op, d, &faults);
	} else {
		struct cursor c = object_at(d, 0, &o.ioa);

		faults = i104_read_object(l, &c, &o);
		if (l->kind == KIND_FILE && !repeats)
			put_file(x, op, &o);
		else if (a->type == 100 && !repeats)
			put_everything(x, op, &o);
	}
	if (!repeats && (!l->points || l->kind == KIND_COMMAND || l->kind == KIND_CONFIRMED)) {
		read_object(d, 0, &o);
		put_params(x, op, &o, response);
	}
	check_faults(x, op, faults);
}

void
i104_read(struct dis_ctx *x, struct operation *op, struct iec104_message *m,
    const struct i104_apdu *a, bool response)
{
	*m = (struct iec104_message){ .present = true, .format = (uint8_t)a->apci.format,
	    .control = a->apci.control, .send = a->apci.send, .receive = a->apci.receive };
	if (a->apci.flaws > 0)
		dis_anomaly(x, op, ANOM_I104_CONTROL, I104_HEAD, NULL);
	if (a->has_asdu)
		read_asdu(x, op, &m->asdu, a, response);
	else if (a->apci.format == IEC104_I)
		dis_anomaly(x, op, ANOM_I104_ASDU_LENGTH, I104_HEAD + I104_CONTROL, "no whole ASDU header");
}
