#include "process/points.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/hmap.h"
#include "process/cells.h"
#include "process/decode.h"

#define DIGITS_FEW	5	/* significant ones of a number that somebody typed in, or an instrument rounded */

struct points {
	struct point	*all;		/* owned */
	uint32_t	 n, max;
	struct hmap	 index;
	uint64_t	 lost;
};

struct points *
points_open(uint32_t max)
{
	struct points *p = calloc(1, sizeof(*p));

	if (p == NULL)
		return NULL;
	p->max = max;
	p->all = calloc(max, sizeof(*p->all));
	if (p->all == NULL || hmap_open(&p->index, max) != 0) {
		points_close(p);
		return NULL;
	}
	return p;
}

void
points_close(struct points *p)
{
	if (p == NULL)
		return;
	hmap_close(&p->index);
	free(p->all);
	free(p);
}

uint64_t
points_lost(const struct points *p)
{
	return p->lost;
}

const struct point *
points_at(const struct points *p, uint32_t i)
{
	return i < p->n ? &p->all[i] : NULL;
}

static bool
same(const struct point *a, const struct point *b)
{
	return addr_same(&a->addr, &b->addr) && a->proto == b->proto && a->unit == b->unit && a->cell == b->cell &&
	    a->place.space == b->place.space && a->place.number == b->place.number && a->place.first == b->place.first &&
	    a->place.has_bit == b->place.has_bit && a->place.bit == b->place.bit && a->place.bytes == b->place.bytes;
}

static uint64_t
hash_of(const struct point *key)
{
	uint64_t h = hash_bytes(HASH_REPLAY_KEY, &key->addr, sizeof(key->addr));

	return hash_mix(h ^ ((uint64_t)key->place.number << 32 | key->place.first),
	    (uint64_t)key->unit << 32 | (uint64_t)key->place.space << 24 | (uint64_t)key->place.bit << 16 | (uint64_t)key->place.bytes << 8 | key->cell);
}

struct point *
points_find(struct points *p, const struct point *key)
{
	uint64_t h = hash_of(key);

	for (uint32_t at = hmap_first(&p->index, h); at != HMAP_END; at = hmap_next(&p->index, h, at))
		if (same(&p->all[hmap_value(&p->index, at)], key))
			return &p->all[hmap_value(&p->index, at)];
	return NULL;
}

struct point *
points_get(struct points *p, const struct point *key)
{
	struct point *x = points_find(p, key);

	if (x != NULL)
		return x;
	if (p->n == p->max || !hmap_put(&p->index, hash_of(key), p->n)) {
		p->lost++;
		return NULL;
	}
	x = &p->all[p->n++];
	*x = *key;
	return x;
}

/* ---- one value -------------------------------------------------------------------------- */

struct sample {
	struct points		*p;
	const struct operation	*op;
	const struct op_item	*it;
	struct op_ends		 ends;
	struct point		 key;
};

static void
value(const struct sample *s, struct point *x, double v)
{
	x->item_space = s->it->space;
	x->item_number = s->it->number;
	x->last_ns = s->op->response.seen ? s->op->response.ts_ns : s->op->request.ts_ns;
	if (x->first_ns == 0)
		x->first_ns = x->last_ns;
	if (s->it->written) {
		x->several_writers |= x->writes > 0 && !addr_same(&x->writer, &s->ends.addr[OP_CLIENT]);
		x->writer = s->ends.addr[OP_CLIENT];
		x->writes++;
	} else {
		x->reader = s->ends.addr[OP_CLIENT];
		x->reads++;
	}
	if (!x->has_value) {
		x->min = x->max = x->last = v;
		x->whole = true;
	}
	x->has_value = true;
	x->whole = x->whole && fpclassify(v - nearbyint(v)) == FP_ZERO;
	x->changes += v < x->last || v > x->last;
	x->ups += v > x->last;
	x->min = fmin(x->min, v);
	x->max = fmax(x->max, v);
	x->last = v;
}

static bool
few_digits(double v)
{
	char text[REAL_TEXT_MAX + 1];
	int n = 0;

	*real_print_single(text, (float)v) = '\0';
	if (strchr(text, 'e') != NULL)
		return false;
	for (const char *p = text + strspn(text, "-0."); *p != '\0'; p++)
		n += *p != '.';
	return n <= DIGITS_FEW;
}

/* Four bytes as a real, in each order. */
static void
pair(struct point *x, const uint8_t *four, uint16_t next)
{
	bool first = x->n_pairs == 0;
	const struct op_place nowhere = { .space = SPACE_NONE };

	x->next_min = first || next < x->next_min ? next : x->next_min;
	x->next_max = first || next > x->next_max ? next : x->next_max;
	x->n_pairs++;
	for (unsigned o = 0; o < TAG_ORDER_COUNT; o++) {
		const struct tag_form f = { .type = TAG_FLOAT32, .order = (uint8_t)o };
		struct point_pair *r = &x->pair[o];
		double v = 0;
		bool real = decode_bytes(four, 4, &nowhere, &f, &v), zero = real && fpclassify(v) == FP_ZERO;

		if (!real || !(zero || (fabs(v) >= 1e-3 && fabs(v) < 1e7)))
			continue;
		r->min = r->plausible == 0 ? v : fmin(r->min, v);
		r->max = r->plausible == 0 ? v : fmax(r->max, v);
		r->smooth += r->plausible == 0 || fabs(v - r->last) <= fmax(fabs(r->last), fabs(v)) / 2;
		r->plausible++;
		r->nonzero += !zero;
		r->nice += !zero && few_digits(v);
		r->last = v;
	}
}

static void
word(const struct sample *s, uint32_t first, const uint8_t *p, bool has_next)
{
	struct point key = s->key, *x;
	uint16_t w = (uint16_t)(p[0] << 8 | p[1]), next = (uint16_t)(has_next ? p[2] << 8 | p[3] : 0);
	bool fresh;

	key.cell = CELL_WORD;
	key.place.first = first;
	x = points_get(s->p, &key);
	if (x == NULL)
		return;
	fresh = !x->has_value;
	if (fresh) {
		x->always = 0xffff;
		x->bcd = true;
	}
	if (!fresh && w != x->word) {
		unsigned flipped = w ^ x->word;

		x->single_flips += (flipped & (flipped - 1)) == 0;
		x->carried |= (x->word & 15u) == 9 && (w & 15u) == 0 && w > x->word;
		if (has_next && x->n_pairs > 0) {
			bool up = w == (uint16_t)(x->word + 1) && next < x->next, down = w == (uint16_t)(x->word - 1) && next > x->next;

			x->carries += up || down;
			x->breaks += !up && !down;
		}
	}
	x->bcd = x->bcd && (w & 15u) < 10 && (w >> 4 & 15u) < 10 && (w >> 8 & 15u) < 10 && w >> 12 < 10;
	x->ever |= w;
	x->always &= w;
	x->word = w;
	value(s, x, w);
	if (!has_next)
		return;
	pair(x, p, next);
	x->next = next;
}

static void
typed(struct sample *s, const struct op_place *at, uint8_t type, bool is_bit, double v)
{
	struct point key = s->key, *x;

	key.cell = is_bit ? CELL_BIT : CELL_TYPED;
	key.place = *at;
	key.form.type = type;
	x = points_get(s->p, &key);
	if (x != NULL)
		value(s, x, v);
}

static void
bit(struct sample *s, const struct op_place *at, bool v)
{
	struct point key = s->key, *x;

	key.cell = CELL_BIT;
	key.place = *at;
	key.form.type = TAG_BOOL;
	x = points_get(s->p, &key);
	if (x != NULL)
		value(s, x, v);
}

/* ---- items ------------------------------------------------------------------------------ */

static void
words(struct sample *s, unsigned step, uint64_t n_bytes)
{
	/* Words of bytes lie at even addresses. */
	uint32_t skip = step == 2 ? s->key.place.first & 1u : 0;

	for (uint64_t i = skip; i + 2 <= n_bytes; i += 2)
		word(s, s->key.place.first + (uint32_t)(step == 2 ? i : i / 2), s->it->raw + i, i + 4 <= n_bytes);
}

/* A value that has a type; of what is no number nothing is noted. */
static void
element(void *arg, const struct cell *c)
{
	struct sample *s = arg;

	if (!c->known)
		return;
	if (c->type == TAG_BOOL)
		bit(s, &c->place, c->value != 0);
	else
		typed(s, &c->place, c->type, c->type == TAG_SENT && (c->v.kind == VALUE_BIT || c->it->point == POINT_BINARY_OUTPUT), c->value);
}

void
points_operation(struct points *p, const struct operation *op)
{
	struct sample s = { .p = p, .op = op };

	if (!cells_happened(op))
		return;
	s.ends = op_ends_of(op);
	if (!s.ends.has_addr)
		return;
	s.key = (struct point){ .addr = s.ends.addr[OP_SERVER], .proto = (uint8_t)op->proto, .unit = op->unit };
	for (uint32_t i = 0; i < op->n_items; i++) {
		const struct op_item *it = s.it = &op->items[i];
		unsigned address_bits;

		if (!cells_begin(op, it, &s.key.place))
			continue;
		address_bits = protocols[op->proto]->values->address_bits(s.key.place.space);
		/* Registers; blocks of bytes, in which anything may lie. */
		if (it->step != OP_STEP_BITS && address_bits == 16 && op_item_size(it) == 2)
			words(&s, 1, 2ull * it->n_values);
		else if (it->step != OP_STEP_BITS && address_bits == 8 && it->form == FORM_U8 && it->n_values > 1)
			words(&s, 2, it->n_values);
		else
			cells_of_item(op, it, element, &s);
	}
}

/* ---- order ------------------------------------------------------------------------------ */

#define COMPARE(x, y) if ((x) != (y)) return (x) < (y) ? -1 : 1

static int
by_place(const void *a, const void *b)
{
	const struct point *x = a, *y = b;
	int d = memcmp(x->addr.b, y->addr.b, sizeof(x->addr.b));

	if (d != 0)
		return d;
	COMPARE(x->proto, y->proto);
	COMPARE(x->unit, y->unit);
	COMPARE(x->place.space, y->place.space);
	COMPARE(x->place.number, y->place.number);
	COMPARE(x->place.first, y->place.first);
	COMPARE(x->place.bit, y->place.bit);
	COMPARE(x->cell, y->cell);
	COMPARE(x->place.bytes, y->place.bytes);
	return 0;
}

void
points_sort(struct points *p)
{
	if (p->n > 1)
		qsort(p->all, p->n, sizeof(*p->all), by_place);
}
