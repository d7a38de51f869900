#include "detect/values/raw.h"

#include <stdio.h>
#include <string.h>

#include "base/hash.h"

#define MINUTE	UINT64_C(60000000000)
#define IDLE_NS	(60 * MINUTE)

static uint64_t
hash_of(const struct raw *r, const struct raw_point *k)
{
	const struct op_place *p = &k->place;
	uint64_t h = hash_bytes(r->key, &k->addr, sizeof(k->addr));

	return hash_mix(h ^ ((uint64_t)p->number << 32 | p->first), (uint64_t)k->unit << 32 ^ (uint64_t)k->proto << 24 ^
	    (uint64_t)p->space << 16 ^ (uint64_t)p->bytes << 8 ^ (uint64_t)p->bit << 1 ^ p->has_bit ^ r->key);
}

static bool
same(const struct raw_point *a, const struct raw_point *b)
{
	return a->place.first == b->place.first && a->place.space == b->place.space && a->unit == b->unit && a->place.number == b->place.number &&
	    a->place.bit == b->place.bit && a->place.has_bit == b->place.has_bit && a->place.bytes == b->place.bytes && a->proto == b->proto &&
	    addr_same(&a->addr, &b->addr);
}

/* The one that was not seen for longest, if that is long; also one that a clock which was set back left in the future. */
static struct raw_point *
idle(struct raw *r, uint64_t now_ns)
{
	struct raw_point *x = LIST_OWNER(r->used.next, struct raw_point, used);
	uint64_t last = x->touched_ns;

	return (now_ns > last ? now_ns - last : last - now_ns) >= IDLE_NS ? x : NULL;
}

static struct raw_point *
make(struct raw *r, const struct raw_point *key, uint64_t h, uint64_t now_ns, raw_evicted *evicted, void *arg)
{
	struct raw_point *x;

	if (r->n < r->max)
		x = &r->of[r->n++];
	else {
		x = idle(r, now_ns);
		if (x == NULL) {
			count(r->counters, CNT_PROCESS_REFUSED);
			return NULL;
		}
		evicted(arg, x);
		count(r->counters, CNT_PROCESS_EVICTED);
		list_remove(&x->used);
		(void)hmap_remove(&r->index, hash_of(r, x), (uint32_t)(x - r->of));
	}
	*x = *key;
	x->touched_ns = now_ns;
	list_append(&r->used, &x->used);
	(void)hmap_put(&r->index, h, (uint32_t)(x - r->of));
	r->counters->v[CNT_PROCESS_POINTS] = r->n;
	return x;
}

static struct raw_point *
find(struct raw *r, const struct raw_point *key, uint64_t h)
{
	for (uint32_t at = hmap_first(&r->index, h); at != HMAP_END; at = hmap_next(&r->index, h, at))
		if (same(&r->of[hmap_value(&r->index, at)], key))
			return &r->of[hmap_value(&r->index, at)];
	return NULL;
}

struct raw_point *
raw_get(struct raw *r, const struct raw_point *key, uint64_t now_ns, raw_evicted *evicted, void *arg)
{
	/* A poll asks for the same ones in the same order for years. */
	struct raw_point *x = r->n > 0 ? &r->of[r->of[r->last].next] : NULL;

	if (x == NULL || !same(x, key)) {
		uint64_t h = hash_of(r, key);

		x = find(r, key, h);
		if (x == NULL)
			x = make(r, key, h, now_ns, evicted, arg);
		if (x == NULL)
			return NULL;
		r->of[r->last].next = (uint32_t)(x - r->of);
	}
	r->last = (uint32_t)(x - r->of);
	if (now_ns - x->touched_ns >= MINUTE) {
		x->touched_ns = now_ns;
		list_touch(&r->used, &x->used);
	}
	return x;
}

/* ---- names ------------------------------------------------------------------------------ */

void
raw_as_tag(const struct raw_point *x, struct tag *to)
{
	*to = (struct tag){ .name = "", .unit = "", .group = "", .addr = x->addr, .proto = x->proto, .any_unit = protocols[x->proto]->values->unit == NULL,
	    .unit_number = x->unit, .place = x->place, .form.type = x->type, .scale = 1 };
}

bool
raw_from_row(const struct keep_tag *row, struct raw_point *to)
{
	char why[256];
	struct strbuf b = strbuf_on(why, sizeof(why));
	unsigned address_bits, bits;
	struct tag t = { .scale = 1 };

	if (strcmp(row->tag, row->at) != 0 || row->unit[0] != '\0' || row->grp[0] != '\0' || !tag_address_read(row->at, &t, &b) ||
	    !tag_form_read(row->type, &t.form, &b))
		return false;
	address_bits = protocols[t.proto]->values->address_bits(t.place.space);
	bits = tag_form_bits(&t.form);
	/* Such as cells have; a tag may be named by its address, too. */
	if (t.form.type == TAG_BITS || t.form.type == TAG_BCD16 || t.form.type == TAG_BCD32 ||
	    t.any_unit != (protocols[t.proto]->values->unit == NULL) || bits != (t.place.has_bit && address_bits == 8 ? 1u : address_bits == 8 ? 8u * t.place.bytes : address_bits))
		return false;
	*to = (struct raw_point){ .addr = t.addr, .unit = t.unit_number, .place = t.place, .proto = t.proto, .type = t.form.type };
	return true;
}
