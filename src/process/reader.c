/* reader.c - which tags an operation touches, and their values.
 *
 * Which tags lie in a range of addresses is found once and remembered by the range: a poll asks for the same one for
 * years.  Of scattered points (events) each is looked for.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "process/decode.h"

#define MEMOS		512u		/* a power of two */

/* Where the tags of a range begin, and how many there are. */
struct range {
	uint32_t	from, n;
};

struct memo {
	uint32_t	generation;	/* 0: free */
	uint32_t	device, unit, number, first, span;
	uint8_t		proto, space;
	struct range	of[2];		/* of this unit, of any */
};

/* The values that a tag had, each from its time to that of the next one; a ring. */
#define PAST_MAX	64u
#define BACK_NS		UINT64_C(1000000000)	/* answers come out of turn by less */
struct past {
	uint32_t	n, last;	/* values, and the newest of them */
	struct { uint64_t ts_ns; double value; } of[PAST_MAX];
};

/* A set, and what is known of it. */
struct known {
	struct tags	*tags;		/* owned */
	struct tag_now	*now;		/* owned; by index */
	struct past	**past;		/* owned; by index: NULL where nobody asks for it */
};

struct tag_reader {
	struct known	 set;
	struct known	 next;		/* prepared, or just exchanged */
	struct memo	*memo;		/* owned */
	uint32_t	 generation;
};

/* What one call of the reader goes on with. */
struct look {
	struct tag_reader	*r;
	const struct tag_device	*d;
	const struct operation	*op;
	const struct op_item	*it;
	const struct protocol_values *values;
	tag_reading_to		*to;
	void			*arg;
	bool			 keep;
};

static void
known_close(struct known *k)
{
	for (uint32_t i = 0; k->past != NULL && i < k->tags->n; i++)
		free(k->past[i]);
	free((void *)k->past);
	free(k->now);
	tags_close(k->tags);
	*k = (struct known){ .tags = NULL };
}

/* Takes the set over only where there is memory. */
static int
known_open(struct known *k, struct tags *t)
{
	*k = (struct known){ .now = calloc(t->n + 1, sizeof(*k->now)), .past = (struct past **)calloc(t->n + 1, sizeof(*k->past)) };
	if (k->now == NULL || k->past == NULL) {
		free(k->now);
		free((void *)k->past);
		*k = (struct known){ .tags = NULL };
		return -1;
	}
	k->tags = t;
	return 0;
}

struct tag_reader *
tag_reader_open(struct tags *t)
{
	struct tag_reader *r = calloc(1, sizeof(*r));

	if (r == NULL)
		return NULL;
	r->memo = calloc(MEMOS, sizeof(*r->memo));
	if (r->memo == NULL || known_open(&r->set, t) != 0) {
		free(r->memo);
		free(r);
		return NULL;
	}
	r->generation = 1;
	return r;
}

void
tag_reader_close(struct tag_reader *r)
{
	if (r == NULL)
		return;
	known_close(&r->set);
	known_close(&r->next);
	free(r->memo);
	free(r);
}

size_t
tag_reader_memory(const struct tag_reader *r)
{
	size_t n = sizeof(*r) + tags_memory(r->set.tags) + (r->set.tags->n + 1) * (sizeof(*r->set.now) + sizeof(*r->set.past)) +
	    MEMOS * sizeof(*r->memo);

	for (uint32_t i = 0; i < r->set.tags->n; i++)
		n += r->set.past[i] != NULL ? sizeof(*r->set.past[i]) : 0;
	return n;
}

const struct tags *
tag_reader_tags(const struct tag_reader *r)
{
	return r->set.tags;
}

const struct tags *
tag_reader_next(const struct tag_reader *r)
{
	return r->next.tags != NULL ? r->next.tags : r->set.tags;
}

uint32_t
tag_reader_generation(const struct tag_reader *r)
{
	return r->generation;
}

struct tag_now
tag_reader_now(const struct tag_reader *r, const struct tag *t)
{
	return r->set.now[t->index];
}

/* ---- what was ---- */

int
tag_reader_keep_past(struct tag_reader *r, uint32_t tag)
{
	struct known *k = r->next.tags != NULL ? &r->next : &r->set;

	if (tag >= k->tags->n || k->past[tag] != NULL)
		return 0;
	k->past[tag] = calloc(1, sizeof(*k->past[tag]));
	return k->past[tag] != NULL ? 0 : -1;
}

static void
remember(struct past *p, double value, uint64_t ts_ns)
{
	/* The clock was set back: what was after this moment was not before it. */
	if (p->n > 0 && ts_ns < p->of[p->last].ts_ns && p->of[p->last].ts_ns - ts_ns > BACK_NS)
		p->n = 0;
	if (p->n > 0 && fpclassify(p->of[p->last].value - value) == FP_ZERO)
		return;
	p->last = p->n > 0 ? (p->last + 1) % PAST_MAX : 0;
	p->n += p->n < PAST_MAX;
	p->of[p->last].value = value;
	p->of[p->last].ts_ns = ts_ns;
}

bool
tag_reader_past(const struct tag_reader *r, const struct tag *t, uint64_t now_ns, uint64_t within_ns, double *low, double *high)
{
	const struct past *p = r->set.past[t->index];
	uint64_t from = now_ns > within_ns ? now_ns - within_ns : 0;

	if (p == NULL || p->n == 0)
		return false;
	*low = *high = p->of[p->last].value;
	for (uint32_t i = 1; i < p->n; i++) {
		uint32_t at = (p->last + PAST_MAX - i) % PAST_MAX;

		/* It was so until the one behind it came. */
		if (p->of[(at + 1) % PAST_MAX].ts_ns < from)
			break;
		*low = p->of[at].value < *low ? p->of[at].value : *low;
		*high = p->of[at].value > *high ? p->of[at].value : *high;
	}
	return true;
}

/* ---- exchange ---- */

int
tag_reader_prepare(struct tag_reader *r, struct tags *t)
{
	struct known k;

	if (known_open(&k, t) != 0)
		return -1;
	known_close(&r->next);
	r->next = k;
	return 0;
}

bool
tag_reader_swap(struct tag_reader *r, const struct tags **before)
{
	const struct known was = r->set;

	if (r->next.tags == NULL)
		return false;
	for (uint32_t i = 0; i < was.tags->n; i++) {
		const struct tag *same = was.now[i].known ? tags_same(r->next.tags, &was.tags->tag[i]) : NULL;

		if (same == NULL)
			continue;
		r->next.now[same->index] = was.now[i];
		if (was.past[i] != NULL && r->next.past[same->index] != NULL)
			*r->next.past[same->index] = *was.past[i];
	}
	r->set = r->next;
	r->next = was;
	r->generation++;
	*before = r->next.tags;
	return true;
}

void
tag_reader_swapped(struct tag_reader *r)
{
	known_close(&r->next);
}

/* ---- which ---- */

static struct range
find(const struct look *l, uint32_t unit, const struct op_place *at, uint64_t span)
{
	const struct tags *t = l->r->set.tags;
	struct range g = { .from = tags_from(t, l->d, (uint8_t)l->op->proto, unit, at, at->first) };

	g.n = tags_from(t, l->d, (uint8_t)l->op->proto, unit, at, at->first + span) - g.from;
	return g;
}

static const struct memo *
remembered(const struct look *l, const struct op_place *at, uint32_t span)
{
	const struct operation *op = l->op;
	uint64_t h = hash_mix((uint64_t)at->first << 32 | op->unit, (uint64_t)at->number << 32 ^ span ^ (uint64_t)at->space << 56 ^ (uint64_t)l->d->from << 16);
	struct memo *m = &l->r->memo[h & (MEMOS - 1)];

	if (m->generation == l->r->generation && m->device == l->d->from && m->unit == op->unit && m->first == at->first &&
	    m->number == at->number && m->span == span && m->space == at->space && m->proto == op->proto)
		return m;
	*m = (struct memo){ .generation = l->r->generation, .device = l->d->from, .unit = op->unit, .number = at->number,
	    .first = at->first, .span = span, .proto = (uint8_t)op->proto, .space = at->space };
	if (l->d->numbered)
		m->of[0] = find(l, op->unit, at, span);
	if (l->d->any)
		m->of[1] = find(l, ANY_UNIT, at, span);
	return m;
}

/* ---- what ---- */

/* Of a write by masks only bits that these determine are known: the result is (current AND and) OR (or AND NOT and). */
static bool
of_masks(const struct operation *op, const struct op_item *it, const struct tag *t, double *value)
{
	const struct op_param *a = op_request_param(op, "and_mask"), *o = op_request_param(op, "or_mask");
	unsigned bits = tag_form_bits(&t->form), mask;
	uint8_t word[2];

	if (a == NULL || o == NULL || t->place.first != it->first || bits > 16)
		return false;
	mask = t->form.type == TAG_BOOL ? 1u << t->place.bit : t->form.type == TAG_BITS ? ((1u << bits) - 1u) << t->form.low_bit : 0xffffu;
	if ((a->value.u & mask) != 0)
		return false;
	word[0] = (uint8_t)(o->value.u >> 8);
	word[1] = (uint8_t)o->value.u;
	return decode_bytes(word, 2, &t->place, &t->form, value);
}

static void
know(struct tag_reader *r, const struct tag *t, const struct tag_reading *x)
{
	r->set.now[t->index] = (struct tag_now){ true, x->value, x->ts_ns };
	if (r->set.past[t->index] != NULL)
		remember(r->set.past[t->index], x->value, x->ts_ns);
}

static void
emit(const struct look *l, const struct tag *t, struct tag_reading *x)
{
	const struct tag_now *now = &l->r->set.now[t->index];

	x->tag = t;
	x->index = t->index;
	x->op = l->op;
	x->written = l->it->written;
	x->unsure = x->written && l->op->outcome != OUTCOME_ANSWERED;
	x->ts_ns = l->op->response.seen ? l->op->response.ts_ns : l->op->request.ts_ns;
	x->value = x->known ? x->value * t->scale + t->offset : 0;
	/* Nothing is as much as this. */
	if (!isfinite(x->value)) {
		x->known = false;
		x->value = 0;
	}
	if (!x->has_quality)
		x->good = true;
	x->has_old = now->known;
	x->old = now->value;
	x->old_ns = now->ts_ns;
	l->to(l->arg, x);
	if (l->keep && x->known && x->good && l->op->outcome != OUTCOME_UNANSWERED)
		know(l->r, t, x);
}

/* What an operation's typed value says beside its number. */
static void
qualify(const struct look *l, const struct op_value *v, struct tag_reading *x)
{
	x->has_quality = v->has_flags && l->values->good != NULL;
	x->quality = v->flags;
	x->good = x->has_quality && l->values->good(l->it, v->flags);
	x->is_bit = v->kind == VALUE_BIT || l->it->point == POINT_BINARY_OUTPUT;
	x->has_time = v->has_time;
	x->time_ms = v->time_ms;
}

static void
each(const struct look *l, const struct range *g)
{
	for (uint32_t i = 0; i < g->n; i++) {
		const struct tag *t = &l->r->set.tags->tag[g->from + i];
		struct tag_reading x = { .known = false };
		struct op_value v;

		if (l->it->n_values > 0) {
			x.known = tag_decode(l->it, (enum op_proto)t->proto, &t->place, &t->form, &x.value, &v);
			/* What was not in it is no reading; what is there and is no number is one. */
			if (!x.known && v.kind == VALUE_NONE)
				continue;
			if (v.kind != VALUE_NONE)
				qualify(l, &v, &x);
		} else
			x.known = of_masks(l->op, l->it, t, &x.value);
		emit(l, t, &x);
	}
}

/* Points whose addresses stand at each of them. */
static void
scattered(const struct look *l, struct op_place at)
{
	for (uint32_t i = 0; i < l->it->n_values; i++) {
		struct op_value v = op_item_value(l->it, i);
		struct range g[2] = { { 0, 0 }, { 0, 0 } };

		at.first = v.index;
		if (l->d->numbered)
			g[0] = find(l, l->op->unit, &at, 1);
		if (l->d->any)
			g[1] = find(l, ANY_UNIT, &at, 1);
		for (unsigned k = 0; k < 2; k++)
			for (uint32_t j = 0; j < g[k].n; j++) {
				struct tag_reading x = { .known = false };

				x.known = decode_value(l->values, l->it, &v, &x.value);
				qualify(l, &v, &x);
				emit(l, &l->r->set.tags->tag[g[k].from + j], &x);
			}
	}
}

/* Does an item hold what happened? */
static bool
counts(const struct operation *op, const struct op_item *it)
{
	if (it->status != 0 || op->outcome == OUTCOME_EXCEPTION || (it->written && op->command == CMD_SELECT))
		return false;
	if (it->n_values == 0)
		return it->written && it->count == 1 && op->n_params > 0;
	return it->written || op->phase == OP_FINISHED;
}

static void
look(struct look *l)
{
	const struct operation *op = l->op;

	l->values = protocols[op->proto]->values;
	if (l->values == NULL)
		return;
	for (uint32_t i = 0; i < op->n_items; i++) {
		const struct op_item *it = l->it = &op->items[i];
		const struct memo *m;
		struct op_place at;

		if (!counts(op, it))
			continue;
		at = l->values->of(it);
		if (at.space == SPACE_NONE)
			continue;
		if (!it->ranged) {
			scattered(l, at);
			continue;
		}
		m = remembered(l, &at, (uint32_t)op_item_span(it));
		each(l, &m->of[0]);
		each(l, &m->of[1]);
	}
}

void
tag_reader_operation(struct tag_reader *r, const struct tag_device *d, const struct operation *op, tag_reading_to *to, void *arg)
{
	struct look l = { .r = r, .d = d, .op = op, .to = to, .arg = arg, .keep = true };

	if (op->phase == OP_FINISHED)
		look(&l);
}

void
tag_reader_look(struct tag_reader *r, const struct tag_device *d, const struct operation *op, tag_reading_to *to, void *arg)
{
	struct look l = { .r = r, .d = d, .op = op, .to = to, .arg = arg };

	look(&l);
}
