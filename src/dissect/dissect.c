#include "dissect/dissect.h"

#include <stdlib.h>

#include "dissect/candidate.h"
#include "record/packet.h"

static uint32_t
at_least(uint64_t n, uint32_t floor)
{
	return n > floor ? (uint32_t)n : floor;
}

static uint32_t
larger(uint32_t a, uint32_t b)
{
	return a > b ? a : b;
}

struct dissect *
dissect_open_with(const struct dissector *const *list, const struct dissect_settings *s,
    const struct op_sink *sink, struct arena *arena, struct counters *c)
{
	struct dissect *d = calloc(1, sizeof(*d));
	uint32_t n_conv, max_pdu = 16, state_len = 1, small_len = 1;

	if (d == NULL)
		return NULL;
	d->set = *s;
	d->sink = *sink;
	d->arena = arena;
	d->counters = c;
	d->list = list;
	list_init(&d->conv_by_use);
	list_init(&d->large_by_use);
	list_init(&d->part_by_age);
	for (; list[d->n_list] != NULL && d->n_list < DISSECTORS_MAX; d->n_list++) {
		const struct dissector *by = list[d->n_list];

		max_pdu = larger(max_pdu, by->max_pdu);
		state_len = larger(state_len, by->state_size);
		if (by->state_size <= STATE_SMALL)
			small_len = larger(small_len, by->state_size);
		d->big_len = larger(d->big_len, by->max_pending);
		if (func_index_open(&d->index[d->n_list], by->funcs, by->n_funcs) != 0)
			goto no_memory;
	}
	feed_open(d);
	n_conv = at_least(s->max_conversations, 1);
	d->part_len = 2 * max_pdu;
	if (pool_open(&d->convs, n_conv, sizeof(struct conversation)) != 0 ||
	    pool_open(&d->states, n_conv, small_len) != 0 ||
	    (state_len > STATE_SMALL &&
	    pool_open(&d->large, at_least(n_conv / LARGE_SHARE, 1), state_len) != 0) ||
	    block_open(d, at_least(n_conv / BLOCK_SHARE, 4)) != 0 ||
	    pool_open(&d->parts, at_least(n_conv / PART_SHARE, 16),
	    sizeof(struct part) + d->part_len) != 0 ||
	    pool_open(&d->small_parts, 2 * n_conv, sizeof(struct part) + SMALL_PART) != 0 ||
	    choose_open(d) != 0 || pair_open(d) != 0 || request_cache_open(d) != 0)
		goto no_memory;
	return d;
no_memory:
	dissect_close(d);
	return NULL;
}

void
dissect_close(struct dissect *d)
{
	if (d == NULL)
		return;
	for (uint32_t i = 0; i < d->n_list; i++)
		func_index_close(&d->index[i]);
	pool_close(&d->convs);
	pool_close(&d->states);
	pool_close(&d->large);
	block_close(d);
	pool_close(&d->parts);
	pool_close(&d->small_parts);
	pool_close(&d->cands);
	pair_close(d);
	request_cache_close(d);
	free(d);
}

size_t
dissect_memory(const struct dissect *d)
{
	return sizeof(*d) + pool_memory(&d->convs) + pool_memory(&d->states) +
	    pool_memory(&d->large) + pool_memory(&d->parts) + pool_memory(&d->small_parts) +
	    (size_t)d->n_blocks * (sizeof(struct block) + DIS_BLOCK_LEN) +
	    pool_memory(&d->cands) + pair_memory(d) + request_cache_memory(d);
}

/* A conversation that was evicted comes back with its protocol and roles, and looks
 * for its place. */
static struct conversation *
back(struct dissect *d, struct flow *f)
{
	struct conversation *c = NULL;

	for (uint32_t i = 0; c == NULL && i < d->n_list; i++)
		if (d->list[i]->protocol == f->protocol)
			c = conv_open(d, f, d->list[i]);
	if (c != NULL)
		c->side[0].lost = c->side[1].lost = true;
	return c;
}

/* The flow's conversation, marked as used. */
static inline struct conversation *
claimed(struct dissect *d, struct flow *f)
{
	struct conversation *c = flow_conversation(f);

	if (c == NULL && f->protocol != NULL && flow_is_noted(f))
		c = back(d, f);
	if (c == NULL)
		return NULL;
	list_touch(&d->conv_by_use, &c->by_use);
	if (c->large)
		list_touch(&d->large_by_use, &c->by_use_large);
	return c;
}

void
dissect_data(struct dissect *d, struct flow *f, enum flow_dir dir, const uint8_t *p, uint32_t n,
    uint64_t ts_ns, uint64_t frame, uint16_t source)
{
	struct conversation *c = claimed(d, f);
	struct at at = { ts_ns, frame, source };

	if (c != NULL)
		feed_bytes(d, c, dir, p, n, at);
	else
		choose_bytes(d, f, dir, p, n, false, false, at);
}

void
dissect_gap(struct dissect *d, struct flow *f, enum flow_dir dir, uint64_t lost, uint64_t ts_ns,
    uint64_t frame, uint16_t source)
{
	struct conversation *c = claimed(d, f);

	if (c != NULL)
		feed_gap(d, c, dir, lost, (struct at){ ts_ns, frame, source });
	else
		choose_gap(d, f, dir);
}

void
dissect_datagram(struct dissect *d, struct flow *f, enum flow_dir dir, const uint8_t *p,
    uint32_t n, bool truncated, uint64_t ts_ns, uint64_t frame, uint16_t source)
{
	struct conversation *c = claimed(d, f);
	struct at at = { ts_ns, frame, source };

	if (c != NULL)
		feed_datagram(d, c, dir, p, n, truncated, at);
	else
		choose_bytes(d, f, dir, p, n, true, truncated, at);
}

void
dissect_closed(struct dissect *d, struct flow *f, uint64_t now_ns)
{
	struct conversation *c = flow_conversation(f);

	(void)now_ns;
	if (c != NULL)
		conv_close(d, withdraw_last(d, c));
	else
		choose_closed(d, f);
}

bool
dissect_hinted(const struct dissect *d, const struct flow *f)
{
	return (f->proto == IP_TCP || f->proto == IP_UDP) && hinted_by_any(d, f, f->proto == IP_UDP);
}

void
dissect_tick(struct dissect *d, uint64_t now_ns)
{
	pair_expire(d, now_ns);
}
