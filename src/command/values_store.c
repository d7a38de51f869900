/* values_store.c - `thermowell values propose` out of what a sensor has learned and keeps: which points there are, in what range they were, who
 * writes them.
 */
#include "command/values.h"

#include <string.h>

#include "detect/baseline/point.h"
#include "detect/baseline/value.h"
#include "detect/values/raw.h"
#include "process/cells.h"
#include "record/fact.h"
#include "store/list.h"

#define RANGE_MOST	4096u	/* points of a range that nobody read one by one */

struct remembering {
	struct points	*p;
};

/* Where the first address of a fact is; false: it is no place of a value. */
static bool
place_of(const struct fact_key *k, struct op_place *at)
{
	const struct protocol_values *values = protocols[k->proto]->values;
	const struct op_item it = { .space = k->space, .number = k->number, .ranged = true, .first = k->first };

	if (values == NULL)
		return false;
	*at = values->of(&it);
	return at->space != SPACE_NONE;
}

/* A point of this place, and what its values are; false: a fact says too little. */
static bool
point_of(const struct fact_key *k, const struct op_place *at, struct point *x)
{
	unsigned address_bits = protocols[k->proto]->values->address_bits(at->space), type = cells_type(point_form(k->code));

	*x = (struct point){ .addr = k->server, .proto = k->proto, .unit = k->unit, .place = *at, .cell = CELL_TYPED, .form.type = (uint8_t)type,
	    .item_space = k->space, .item_number = k->number, .remembered = true };
	if (address_bits == 16) {
		x->cell = CELL_WORD;
		x->form.type = TAG_SENT;
		return type == TAG_UINT16;
	}
	if (address_bits == 8) {
		const struct tag_form form = { .type = (uint8_t)type };

		x->place.bytes = (uint8_t)(tag_form_bits(&form) / 8);
	}
	return address_bits == 0 ? k->code == 0 : address_bits == 8 && type != TAG_SENT;
}

static void
widen(struct point *x, double low, double high)
{
	x->min = x->has_value && x->min < low ? x->min : low;
	x->max = x->has_value && x->max > high ? x->max : high;
	x->whole = (!x->has_value || x->whole) && low == (double)(int64_t)low && high == (double)(int64_t)high;
	x->has_value = true;
	x->last = high;
	/* Which bits it was nobody knows; that it was never another than 0 is known. */
	x->ever = x->always = (uint16_t)(x->max > 1 ? 0xffff : x->max > 0 ? 1 : 0);
	x->changes = x->min < x->max;
}

/* Facts have numbers as they were sent; of a command that says "on" the value is another. */
static bool
meant(const struct fact_key *k, double *v)
{
	const struct protocol_values *values = protocols[k->proto]->values;
	const struct op_item it = { .space = k->space, .number = k->number, .ranged = true, .first = k->first };
	const bool whole = *v >= 0 && *v <= UINT32_MAX && *v == (double)(uint32_t)*v;
	struct op_value sent = { .kind = whole ? VALUE_UINT : VALUE_REAL };

	if (whole)
		sent.u = (uint32_t)*v;
	else
		sent.r = *v;
	return values->number == NULL || values->number(&it, &sent, v);
}

static void
one_value(void *arg, const void *row)
{
	const struct fact *f = row;
	struct remembering *r = arg;
	struct point key, *x;
	struct op_place at;
	struct usual u;
	double low, high;

	if (f->key.kind != FACT_KIND_VALUE || !value_known(f) || !place_of(&f->key, &at) || !point_of(&f->key, &at, &key))
		return;
	u = value_load(f);
	low = usual_min(&u);
	high = usual_max(&u);
	if (u.n_few == 0 || !(low >= -1e15 && high <= 1e15) || !meant(&f->key, &low) || !meant(&f->key, &high) || (x = points_get(r->p, &key)) == NULL)
		return;
	widen(x, low < high ? low : high, low < high ? high : low);
	*(f->key.written ? &x->writes : &x->reads) += f->count;
	x->first_ns = x->first_ns == 0 || f->first_ns < x->first_ns ? f->first_ns : x->first_ns;
	x->last_ns = f->last_ns > x->last_ns ? f->last_ns : x->last_ns;
}

/* Ranges: bits and binary points, whose values nobody learns; and who writes what is there. */
static void
one_range(void *arg, const void *row)
{
	const struct fact *f = row;
	const struct fact_key *k = &f->key;
	struct remembering *r = arg;
	static const struct addr nobody;
	unsigned address_bits;
	struct op_place at;

	if ((k->kind != FACT_KIND_RANGE && k->kind != FACT_KIND_REPORTED) || !value_known(f) || !place_of(k, &at))
		return;
	address_bits = protocols[k->proto]->values->address_bits(at.space);
	if (address_bits == 8)
		return;
	for (uint32_t i = 0; i < RANGE_MOST && k->first + i <= k->last; i++) {
		struct point key = { .addr = k->server, .proto = k->proto, .unit = k->unit, .place = at, .remembered = true,
		    .cell = address_bits == 16 ? CELL_WORD : address_bits == 1 ? CELL_BIT : CELL_TYPED };
		struct point *x;

		key.place.first = at.first + i;
		key.form.type = address_bits == 1 ? TAG_BOOL : TAG_SENT;
		x = address_bits == 16 ? points_find(r->p, &key) : points_get(r->p, &key);
		if (x == NULL)
			continue;
		if (!k->written) {
			x->reads += x->has_value ? 0 : f->count;
			continue;
		}
		x->several_writers |= !addr_same(&x->writer, &nobody) && !addr_same(&x->writer, &k->client);
		x->writer = k->client;
		x->writes += x->writes == 0 ? f->count : 0;
	}
}

/* Values without a tag that are kept (process.points). */
static void
one_row(void *arg, const void *row)
{
	const struct keep_tag *k = row;
	struct remembering *r = arg;
	struct raw_point raw;
	struct point key, *x;

	if (!raw_from_row(k, &raw))
		return;
	key = (struct point){ .addr = raw.addr, .proto = raw.proto, .unit = raw.unit, .place = raw.place, .form.type = raw.type, .remembered = true,
	    .cell = raw.type == TAG_BOOL ? CELL_BIT : protocols[raw.proto]->values->address_bits(raw.place.space) == 16 ? CELL_WORD : CELL_TYPED };
	if (key.cell == CELL_WORD)
		key.form.type = TAG_SENT;
	x = points_get(r->p, &key);
	if (x == NULL)
		return;
	if (k->known)
		widen(x, k->value, k->value);
	if (k->known && k->has_old)
		widen(x, k->old < x->min ? k->old : x->min, k->old > x->max ? k->old : x->max);
	if (x->reads + x->writes < k->count) {
		x->reads = k->count - k->writes;
		x->writes = k->writes;
	}
	if (k->written)
		x->writer = k->writer;
}

bool
values_remembered(const struct settings *s, struct points *p, struct err *e)
{
	struct remembering r = { .p = p };

	/* Ranges say who writes what the others brought. */
	if (store_read(&s->store, &s->baseline, KEEP_FACT, one_value, &r, e) != 0 || store_read(&s->store, &s->baseline, KEEP_TAG, one_row, &r, e) != 0 ||
	    store_read(&s->store, &s->baseline, KEEP_FACT, one_range, &r, e) != 0)
		return false;
	if (points_at(p, 0) == NULL) {
		err_add(e, NULL, 0, 0, "it knows no values: a baseline learns them (--learn), process.points keeps them; or give captures with -r");
		return false;
	}
	points_pair_up(p);
	return true;
}
