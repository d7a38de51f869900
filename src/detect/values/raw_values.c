/* raw_values.c - values of addresses that nobody named, out of operations. */
#include "detect/values/raw.h"

#include <string.h>

/* What one operation goes on with. */
struct seeing {
	struct values		*d;
	const struct operation	*op;
	const struct tag_device	*tagged;	/* tags of the server; NULL: it has none */
	bool			 asked;		/* whether it has */
	struct sight		 s;
	struct raw_point	 key;
};

/* It gives its place to another: what is known of it stays in the database. */
static void
evicted(void *arg, struct raw_point *x)
{
	struct values *d = arg;
	struct put put = { .most = 1 };
	struct tag t;

	if (!x->value.dirty)
		return;
	raw_as_tag(x, &t);
	if (d->env->keep != NULL)
		(void)values_put_row(d, &x->value, &t, true, &d->raw_dirty, &put);
	d->raw_dirty -= x->value.dirty;
}

static bool
is_named(struct seeing *e, const struct raw_point *x)
{
	const struct tags *tags = tag_reader_tags(e->d->env->tags);

	if (!e->asked)
		e->tagged = tags_device(tags, &x->addr);
	e->asked = true;
	return e->tagged != NULL && tags_over(tags, e->tagged, x->proto, e->op->unit, &x->place, NULL) != NULL;
}

static void
see(void *arg, const struct cell *c)
{
	struct seeing *e = arg;
	struct values *d = e->d;
	const uint32_t generation = d->env->tags != NULL ? tag_reader_generation(d->env->tags) : 1;
	const struct protocol_values *values = protocols[e->op->proto]->values;
	bool has_quality = c->v.has_flags && values->good != NULL, good = !has_quality || values->good(c->it, c->v.flags);
	struct raw_point *x;
	struct tag t;

	e->key.place = c->place;
	e->key.type = c->type;
	x = raw_get(d->raw, &e->key, e->s.ts_ns, evicted, d);
	if (x == NULL)
		return;
	if (x->generation != generation) {
		x->generation = generation;
		x->named = d->env->tags != NULL && is_named(e, x);
	}
	if (x->named)
		return;
	/* One series has one type, in whichever others ask for the same bytes. */
	e->s.known = cell_as(c, x->type, &e->s.value);
	if (!e->s.known && c->type != x->type)
		return;
	e->s.written = c->it->written;
	e->s.source_ns = c->v.has_time ? c->v.time_ms * 1000000u : 0;
	e->s.quality = (has_quality ? PROCESS_HAS_WIRE | c->v.flags : 0u) | (good ? 0u : PROCESS_BAD) |
	    (e->s.written && e->op->outcome != OUTCOME_ANSWERED ? PROCESS_UNSURE : 0u);
	raw_as_tag(x, &t);
	if (x->value.series == 0) {
		char at[TAG_ADDRESS_MAX];

		tag_address_print(&t, at);
		x->value.series = process_series(at);
	}
	d->raw_dirty += values_take(d, &x->value, &t, true, &e->s);
}

void
values_operation(void *own, const struct operation *op)
{
	struct seeing e = { .d = own, .op = op };
	const struct op_ends ends = op_ends_of(op);

	if (!cells_happened(op) || !ends.has_addr)
		return;
	e.s = (struct sight){ .ts_ns = op->response.seen ? op->response.ts_ns : op->request.ts_ns, .op = op };
	e.key = (struct raw_point){ .addr = ends.addr[OP_SERVER], .proto = (uint8_t)op->proto,
	    .unit = protocols[op->proto]->values->unit != NULL ? op->unit : 0 };
	for (uint32_t i = 0; i < op->n_items; i++)
		cells_of_item(op, &op->items[i], see, &e);
}

/* ---- rows -------------------------------------------------------------------------------- */

void
values_put_raw(struct values *d, struct put *put)
{
	uint32_t from = d->raw_from;

	for (uint32_t i = 0; i < d->raw->n && put->most > 0 && (put->all || d->raw_dirty > 0); i++) {
		uint32_t k = (from + i) % d->raw->n;
		struct raw_point *x = &d->raw->of[k];
		struct tag t;

		d->raw_from = k;
		if (!x->value.dirty && !put->all)
			continue;
		raw_as_tag(x, &t);
		/* Since it has a name, the row of that is put. */
		if (!x->named && !values_put_row(d, &x->value, &t, true, &d->raw_dirty, put))
			return;
		d->raw_dirty -= x->value.dirty;
		x->value.dirty = false;
		d->raw_from = (k + 1) % d->raw->n;
	}
}

void
values_restore_raw(struct values *d, const struct keep_tag *row)
{
	struct raw_point key, *x;

	if (d->raw == NULL || !raw_from_row(row, &key))
		return;
	x = raw_get(d->raw, &key, row->last_ns, evicted, d);
	if (x == NULL)
		return;
	x->value.series = row->series;
	value_from_row(&x->value, row);
}
