/* request_cache.c - requests that are read once.
 *
 * An answer is reported together with its request, and most of what there is to report
 * was found when the request came.  So a short request is read in memory of its own, a
 * `parsed_request`, where all that the dissector made of it stays until it is taken or
 * given up.  There are a few of them for all conversations, because few requests wait at
 * a time: when every one is in use the oldest is evicted, and its request will be read
 * again from the bytes that pair.c keeps.
 */
#include "dissect/conversation.h"

#include <stdlib.h>

#define REQUESTS	256u	/* a parsed request for so many that may wait */
#define PARSED_MIN	4u
#define PARSED_MAX	64u
#define PARSED_LEN	12288u	/* what the longest request makes, see request_begin()'s callers */

struct parsed_request {
	struct link		 order;		/* d->parsed_order: first is free or oldest */
	struct pend		*of;		/* NULL: free */
	struct arena		 arena;
	struct operation	*op;		/* first in the arena */
	/* As the request left them; more may be told of it when it is shown at once. */
	struct op_param		*params;
	uint32_t		 n_params, n_anomalies;
};

int
request_cache_open(struct dissect *d)
{
	uint64_t n = d->set.max_pending / REQUESTS;

	n = n < PARSED_MIN ? PARSED_MIN : n > PARSED_MAX ? PARSED_MAX : n;
	list_init(&d->parsed_order);
	d->parsed_requests = calloc((size_t)n, sizeof(*d->parsed_requests));
	if (d->parsed_requests == NULL)
		return -1;
	d->n_parsed = (uint32_t)n;
	for (uint32_t i = 0; i < d->n_parsed; i++) {
		if (arena_open(&d->parsed_requests[i].arena, PARSED_LEN) != 0)
			return -1;
		list_append(&d->parsed_order, &d->parsed_requests[i].order);
	}
	return 0;
}

void
request_cache_close(struct dissect *d)
{
	for (uint32_t i = 0; i < d->n_parsed; i++)
		arena_close(&d->parsed_requests[i].arena);
	free(d->parsed_requests);
	d->parsed_requests = NULL;
	d->n_parsed = 0;
}

size_t
request_cache_memory(const struct dissect *d)
{
	return d->n_parsed * (sizeof(*d->parsed_requests) + PARSED_LEN);
}

struct operation *
request_begin(struct dis_ctx *x, size_t size, const uint8_t **bytes, uint32_t len)
{
	struct dissect *d = x->dissect;
	struct parsed_request *r = LIST_OWNER(d->parsed_order.next, struct parsed_request, order);
	const uint8_t *copy;

	if (r->of != NULL)
		pair_unread(r->of);
	r->of = NULL;
	arena_reset(&r->arena);
	r->op = arena_alloc(&r->arena, size);
	copy = arena_copy(&r->arena, *bytes, len);
	if (r->op == NULL || copy == NULL)
		return NULL;
	*bytes = copy;
	x->arena = &r->arena;
	return r->op;
}

void
request_end(struct dis_ctx *x)
{
	struct dissect *d = x->dissect;
	struct parsed_request *r = LIST_OWNER(d->parsed_order.next, struct parsed_request, order);

	x->arena = d->arena;
	if (r->arena.overflow) {
		/* The callers' bounds are wrong: a part was lost.  It is read again. */
		dis_bug(d);
		return;
	}
	r->params = r->op->params;
	r->n_params = r->op->n_params;
	r->n_anomalies = r->op->n_anomalies;
	x->parsed = r;
}

void
request_cache_keep(struct dissect *d, struct parsed_request *r, struct pend *of)
{
	r->of = of;
	list_touch(&d->parsed_order, &r->order);
}

struct operation *
request_cache_take(struct parsed_request *r)
{
	r->op->params = r->params;
	r->op->n_params = r->n_params;
	r->op->n_anomalies = r->n_anomalies;
	return r->op;
}

void
request_cache_give(struct dissect *d, struct parsed_request *r)
{
	r->of = NULL;
	/* To the front: what was used last is used next, it is still warm. */
	list_remove(&r->order);
	list_append(d->parsed_order.next, &r->order);
}
