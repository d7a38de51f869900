#include "dissect/candidate.h"

#include <string.h>

static void
evict_longest_unused(struct dissect *d)
{
	count(d->counters, CNT_APP_CONV_EVICTED);
	conv_close(d, LIST_OWNER(d->conv_by_use.next, struct conversation, by_use));
}

static const struct func_index *
index_of(const struct dissect *d, const struct dissector *by)
{
	uint32_t i = 0;

	while (i + 1 < d->n_list && d->list[i] != by)
		i++;
	return &d->index[i];
}

struct conversation *
conv_open(struct dissect *d, struct flow *f, const struct dissector *by)
{
	struct conversation *c;

	if (d->convs.first_free == POOL_NONE)
		evict_longest_unused(d);
	if (by->state_size > STATE_SMALL && d->large.first_free == POOL_NONE) {
		count(d->counters, CNT_APP_CONV_EVICTED);
		conv_close(d, LIST_OWNER(d->large_by_use.next, struct conversation, by_use_large));
	}
	c = pool_get(&d->convs);
	*c = (struct conversation){ .held = HELD_CONVERSATION, .flow = f, .by = by,
	    .index = index_of(d, by), .last_id = f->transactions, .first_id = f->transactions + 1,
	    .large = by->state_size > STATE_SMALL };
	c->state = pool_get(c->large ? &d->large : &d->states);
	memset(c->state, 0, by->state_size);
	if (c->large)
		list_append(&d->large_by_use, &c->by_use_large);
	list_init(&c->waiting);
	list_append(&d->conv_by_use, &c->by_use);
	/* Known again after an eviction: it was counted then. */
	if (f->protocol != by->protocol && by->protocol->counters.flows != 0)
		count(d->counters, by->protocol->counters.flows);
	f->protocol = by->protocol;
	f->dissection = c;
	return c;
}

void
conv_close(struct dissect *d, struct conversation *c)
{
	if (c->shadow != NULL)
		cand_close(d, c->shadow);
	for (int i = 0; i < 2; i++)
		if (c->side[i].part != NULL) {
			conv_blind(d, c, (enum flow_dir)i, c->side[i].have);
			part_close(d, c->side[i].part);
		}
	if (c->by->closed != NULL) {
		struct at at = { .ts_ns = c->flow->last_ns, .source = c->flow->source };
		struct dis_ctx x;

		conv_ctx(&x, d, c, DIR_FROM_0, at);
		c->by->closed(&x);
	}
	pair_close_all(d, c);
	block_release(d, c);
	if (c->large)
		list_remove(&c->by_use_large);
	pool_put(c->large ? &d->large : &d->states, c->state);
	c->flow->dissection = NULL;
	list_remove(&c->by_use);
	pool_put(&d->convs, c);
}

void
conv_blind(struct dissect *d, struct conversation *c, enum flow_dir dir, uint64_t n)
{
	c->flow->blind[dir] += n;
	if (c->by->protocol->counters.blind != 0)
		count_n(d->counters, c->by->protocol->counters.blind, n);
}

void
conv_unblind(struct dissect *d, struct conversation *c, enum flow_dir dir, uint64_t n)
{
	c->flow->blind[dir] -= n;
	if (c->by->protocol->counters.blind != 0)
		d->counters->v[c->by->protocol->counters.blind] -= n;
}

static struct part *
large_part(struct dissect *d)
{
	if (d->parts.first_free == POOL_NONE) {
		struct part *oldest = LIST_OWNER(d->part_by_age.next, struct part, by_age);

		count(d->counters, CNT_APP_PART_EVICTED);
		conv_blind(d, oldest->conv, oldest->dir, oldest->conv->side[oldest->dir].have);
		oldest->conv->side[oldest->dir].lost = true;
		part_close(d, oldest);
	}
	return pool_get(&d->parts);
}

struct part *
part_open(struct dissect *d, struct conversation *c, enum flow_dir dir, uint32_t n)
{
	bool small = n <= SMALL_PART;
	struct part *p = small ? pool_get(&d->small_parts) : large_part(d);

	*p = (struct part){ .conv = c, .dir = dir, .size = small ? SMALL_PART : d->part_len };
	list_init(&p->by_age);
	if (!small)
		list_append(&d->part_by_age, &p->by_age);
	c->side[dir].part = p;
	c->side[dir].have = c->side[dir].want = 0;
	return p;
}

static void
give_back(struct dissect *d, struct part *p)
{
	list_remove(&p->by_age);
	pool_put(p->size == SMALL_PART ? &d->small_parts : &d->parts, p);
}

void
part_grow(struct dissect *d, struct conversation *c, enum flow_dir dir, uint32_t n)
{
	struct side *s = &c->side[dir];
	struct part *old = s->part, *p;
	uint32_t have = s->have, want = s->want;

	if (n <= old->size)
		return;
	p = part_open(d, c, dir, n);
	memcpy(p->bytes, old->bytes, have);
	p->aligned = old->aligned;
	p->doubts = old->doubts;
	p->doubt_off = old->doubt_off;
	p->doubt_at = old->doubt_at;
	s->have = have;
	s->want = want;
	give_back(d, old);
}

void
part_close(struct dissect *d, struct part *p)
{
	struct side *s = &p->conv->side[p->dir];

	s->part = NULL;
	s->have = s->want = 0;
	give_back(d, p);
}
