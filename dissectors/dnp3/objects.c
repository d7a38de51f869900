/* objects.c - the objects of a message (1815 4.2.2.7, 11.1, annex A).
 *
 *	group 1, variation 1, qualifier 1, range 0 to 8,
 *	then per object: prefix 0 to 4, data
 *
 * Ranges and counts are compared with the bytes that are there before anything
 * is walked; what was announced and is missing is reported, what is there is
 * read.
 */
#include "objects.h"

#include <string.h>

#include "base/str.h"

#define HEADER_MIN	3u	/* bytes of an object header without a range */

/* What follows cannot be told apart any more. */
static void
lost(struct dn_reader *r, enum anomaly_id id, const uint8_t *at, const char *detail)
{
	dn_wrong(r, id, at, detail);
	r->stop = true;
}

static uint32_t
number(struct cursor *c, unsigned width)
{
	return width == 0 ? cur_u8(c) : width == 1 ? cur_le16(c) : cur_le32(c);
}

/* The range field of a header; false: the qualifier is unknown. */
static bool
range(struct dn_reader *r, struct cursor *c, struct dnp3_object *o)
{
	unsigned code = dnp3_range_code(o);
	const uint8_t *at = c->p;

	switch (code) {
	case 0: case 1: case 2: case 3: case 4: case 5:
		o->start = number(c, code % 3);
		o->stop = number(c, code % 3);
		if (!cur_ok(c))
			return true;
		if (o->stop < o->start) {
			dn_wrong(r, ANOM_DNP3_RANGE, at, "stop lies before start");
			return true;
		}
		if (o->stop - o->start == UINT32_MAX)
			dn_wrong(r, ANOM_DNP3_RANGE, at, "the range is all there is");
		o->count = o->stop - o->start < UINT32_MAX ? o->stop - o->start + 1 : UINT32_MAX;
		return true;
	case 6:
		return true;
	case 7: case 8: case 9:
		o->count = number(c, code - 7);
		return true;
	case 11:
		o->count = cur_u8(c);
		return true;
	default:
		return false;
	}
}

static uint32_t
prefix_len(const struct dnp3_object *o)
{
	static const uint8_t len[8] = { 0, 1, 2, 4, 1, 2, 4, 0 };

	return len[dnp3_prefix_code(o)];
}

static bool
sized(const struct dnp3_object *o)
{
	return dnp3_prefix_code(o) >= 4 && dnp3_prefix_code(o) <= 6;
}

/* Objects of the same length: as many as there is space for. */
static void
take_equal(struct dn_reader *r, struct cursor *c, struct dnp3_object *o, uint32_t each,
    unsigned bits)
{
	uint64_t need = bits != 0 ? ((uint64_t)o->count * bits + 7) / 8 :
	    (uint64_t)o->count * each;
	size_t left = cur_left(c);

	if (need > left) {
		dn_wrong(r, ANOM_DNP3_COUNT, c->p, "more objects announced than there are bytes for");
		r->stop = true;
		r->m->complete = false;
		o->n_points = (uint32_t)(bits != 0 ? left * 8 / bits : each > 0 ? left / each : 0);
		o->len = (uint32_t)(bits != 0 ? left : (size_t)o->n_points * each);
		cur_skip(c, left);
		return;
	}
	o->n_points = bits != 0 || each > 0 ? o->count : 0;
	o->len = (uint32_t)need;
	cur_skip(c, (size_t)need);
}

/* Objects that each have their own length: one after the other. */
static void
take_each(struct dn_reader *r, struct cursor *c, struct dnp3_object *o)
{
	uint32_t width = prefix_len(o);
	const uint8_t *from = c->p;

	for (uint32_t i = 0; i < o->count; i++) {
		struct cursor one = *c;
		uint32_t prefix = width > 0 ? number(&one, width / 2) : 0;
		uint32_t len = dnp3_body_len(o->row, o->variation, sized(o), prefix, &one);
		const uint8_t *at = c->p;

		cur_skip(&one, len);
		if (!cur_ok(&one) || one.p == at) {
			dn_wrong(r, ANOM_DNP3_COUNT, at, one.p == at && cur_ok(&one) ?
			    "more objects announced than there are" :
			    "an object is longer than the message");
			r->stop = true;
			r->m->complete = false;
			cur_skip(c, cur_left(c));
			break;
		}
		*c = one;
		o->n_points++;
		o->len = (uint32_t)(one.p - from);
	}
}

/* The data behind a header. */
static void
take_data(struct dn_reader *r, struct cursor *c, struct dnp3_object *o, const uint8_t *header)
{
	uint32_t width = prefix_len(o);

	if (o->count == 0)
		return;
	if (!o->has_data) {
		o->has_points = width > 0;
		if (o->has_points)
			take_equal(r, c, o, width, 0);
		return;
	}
	if (o->row == NULL && !sized(o)) {
		r->m->complete = false;
		r->stop = true;		/* reported with the header */
		return;
	}
	if (o->row != NULL && o->row->packing == DNP3_NONE && !sized(o)) {
		o->has_data = false;
		o->has_points = width > 0;
		if (o->row->group == 60)
			return;
		r->m->complete = false;
		lost(r, ANOM_DNP3_VARIATION, header, "this variation cannot carry data");
		return;
	}
	o->has_points = true;
	if (sized(o))
		take_each(r, c, o);
	else if (o->row->packing == DNP3_FIXED)
		take_equal(r, c, o, width + o->row->size, 0);
	else if (o->row->packing == DNP3_BIT && width == 0)
		take_equal(r, c, o, 0, 1);
	else if (o->row->packing == DNP3_BIT_PAIR && width == 0)
		take_equal(r, c, o, 0, 2);
	else if (o->row->packing == DNP3_BIT || o->row->packing == DNP3_BIT_PAIR)
		take_equal(r, c, o, width + 1, 0);
	else if (o->row->packing == DNP3_BY_VARIATION)
		take_equal(r, c, o, width + o->variation, 0);
	else {
		if (o->row->packing == DNP3_BY_PREFIX)
			dn_wrong(r, ANOM_DNP3_QUALIFIER, header, "this object needs a size prefix");
		take_each(r, c, o);
	}
}

static bool
group_known(uint8_t group)
{
	for (size_t i = 0; i < DNP3_N_ROWS; i++)
		if (dnp3_rows[i].group == group)
			return true;
	return false;
}

/* One header and its data.  False: nothing usable. */
static bool
object(struct dn_reader *r, struct cursor *c, struct dnp3_object *o)
{
	const uint8_t *at = c->p, *b = cur_bytes(c, 3);

	if (b == NULL) {
		r->m->complete = false;
		lost(r, ANOM_DNP3_MALFORMED, at, "an object header is cut off");
		return false;
	}
	*o = (struct dnp3_object){ .group = b[0], .variation = b[1], .qualifier = b[2] };
	o->row = dnp3_row_of(o->group, o->variation);
	o->has_data = r->response || dn_carries_data(r->m->function, o->group) || sized(o);
	if (!range(r, c, o) || dnp3_prefix_code(o) == 7 || (o->qualifier & 0x80) != 0) {
		r->m->complete = false;
		lost(r, ANOM_DNP3_QUALIFIER, at, NULL);
		o->has_data = false;
		o->count = 0;
		return true;
	}
	o->data = c->p;
	if (!cur_ok(c)) {
		r->m->complete = false;
		lost(r, ANOM_DNP3_MALFORMED, at, "a range is cut off");
		return false;
	}
	if (o->row == NULL)
		dn_wrong(r, ANOM_DNP3_UNKNOWN_OBJECT, at, group_known(o->group) ?
		    "no such variation" : "no such group");
	if (dnp3_range_code(o) < 6 && o->stop < o->start) {
		/* How much data follows is not known. */
		r->m->complete = false;
		r->stop = o->has_data;
		return true;
	}
	if (dnp3_range_code(o) == 6) {
		if (r->response)
			dn_wrong(r, ANOM_DNP3_QUALIFIER, at, "\"all\" in a response");
		o->has_data = false;
		return true;
	}
	take_data(r, c, o, at);
	return true;
}

/* The objects behind each other into `to`, which has space for what fits into so
 * many bytes, but for no more than DN_OBJECTS_MAX. */
static uint32_t
headers(struct dn_reader *r, struct cursor in, struct dnp3_object *to)
{
	uint32_t n = 0;

	r->stop = false;
	r->m->complete = true;
	while (cur_left(&in) > 0 && !r->stop) {
		struct dnp3_object beyond;

		if (n == DN_OBJECTS_MAX) {
			dn_wrong(r, ANOM_DNP3_TOO_MANY_OBJECTS, in.p, NULL);
			r->m->complete = false;
			break;
		}
		if (!object(r, &in, cur_left(&in) < HEADER_MIN ? &beyond : &to[n]))
			break;
		n++;
	}
	return n;
}

void
dn_read_objects(struct dis_ctx *x, struct cursor in, struct operation *op,
    struct dnp3_message *m, bool response)
{
	struct dn_reader r = { .x = x, .op = op, .m = m, .base = in.base, .response = response };
	size_t capacity = cur_left(&in) / HEADER_MIN, mark;
	struct dnp3_object *objects;
	struct op_item *items;
	uint32_t had = op->n_items;

	for (uint32_t i = 0; i < op->n_params; i++)
		r.params += op->params[i].in_response == response;
	if (capacity > DN_OBJECTS_MAX)
		capacity = DN_OBJECTS_MAX;
	objects = capacity > 0 ? arena_alloc(x->arena, capacity * sizeof(*objects)) : NULL;
	if (capacity > 0 && objects == NULL) {
		count(x->counters, CNT_APP_ARENA_FULL);
		return;
	}
	mark = x->arena->used;
	m->n_objects = headers(&r, in, objects);
	m->objects = objects;
	if (m->n_objects == 0)
		return;
	/* Give back what was not needed, if nothing lies behind it. */
	if (x->arena->used == mark)
		arena_rewind(x->arena, mark - (capacity - m->n_objects) * sizeof(*objects));
	items = arena_alloc(x->arena, (had + m->n_objects) * sizeof(*items));
	if (items == NULL) {
		count(x->counters, CNT_APP_ARENA_FULL);
		return;
	}
	if (had > 0)
		memcpy(items, op->items, had * sizeof(*items));
	op->items = items;
	for (uint32_t i = 0; i < m->n_objects; i++)
		dn_item(&r, &objects[i], &items[had + i]);
	op->n_items = had + m->n_objects;
}

const char *
dn_poll_name(const struct dnp3_message *m)
{
	static const char *const names[16] = {
		[1] = "class 0 poll", [2] = "class 1 poll", [4] = "class 2 poll",
		[8] = "class 3 poll", [6] = "event poll", [10] = "event poll",
		[12] = "event poll", [14] = "event poll", [15] = "integrity poll",
		[3] = "class 0 and event poll", [5] = "class 0 and event poll",
		[7] = "class 0 and event poll", [9] = "class 0 and event poll",
		[11] = "class 0 and event poll", [13] = "class 0 and event poll",
	};
	unsigned classes = 0;

	if (m->function != DN_READ)
		return NULL;
	for (uint32_t i = 0; i < m->n_objects; i++) {
		const struct dnp3_object *o = &m->objects[i];

		if (o->group != 60 || o->variation < 1 || o->variation > 4)
			return NULL;
		classes |= 1u << (o->variation - 1);
	}
	return names[classes];
}
