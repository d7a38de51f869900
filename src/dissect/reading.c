/* reading.c - requests that are read once.
 *
 * An answer is told together with its request, and most of what there is to say was
 * said when the request came.  So a short request is read in memory of its own, a
 * `reading`, where all that the dissector made of it stays until it is taken or given
 * up.  There are a few readings for all conversations, because few requests wait at a
 * time: when every one is in use the oldest is forgotten, and its request will be
 * read again from the bytes that pair.c keeps.
 */
#include "dissect/conversation.h"

#include <stdlib.h>

#define REQUESTS	256u	/* a reading for so many that may wait */
#define READINGS_MIN	4u
#define READINGS_MAX	64u
#define READING_LEN	12288u	/* what the longest request makes, see reading_begin()'s callers */

struct reading {
	struct link		 order;		/* d->reading_order: first is free or oldest */
	struct pend		*of;		/* NULL: free */
	struct arena		 arena;
	struct operation	*op;		/* first in the arena */
	/* As the request left them; more may be told of it when it is shown at once. */
	struct op_param		*params;
	uint32_t		 n_params, n_anomalies;
};

int
reading_open(struct dissect *d)
{
	uint64_t n = d->set.max_pending / REQUESTS;

	n = n < READINGS_MIN ? READINGS_MIN : n > READINGS_MAX ? READINGS_MAX : n;
	list_init(&d->reading_order);
	d->readings = calloc(n, sizeof(*d->readings));
	if (d->readings == NULL)
		return -1;
	d->n_readings = (uint32_t)n;
	for (uint32_t i = 0; i < d->n_readings; i++) {
		if (arena_open(&d->readings[i].arena, READING_LEN) != 0)
			return -1;
		list_append(&d->reading_order, &d->readings[i].order);
	}
	return 0;
}

void
reading_close(struct dissect *d)
{
	for (uint32_t i = 0; i < d->n_readings; i++)
		arena_close(&d->readings[i].arena);
	free(d->readings);
	d->readings = NULL;
	d->n_readings = 0;
}

size_t
reading_memory(const struct dissect *d)
{
	return d->n_readings * (sizeof(*d->readings) + READING_LEN);
}

struct operation *
reading_begin(struct dis_ctx *x, size_t size, const uint8_t **bytes, uint32_t len)
{
	struct dissect *d = x->room;
	struct reading *r = LIST_OWNER(d->reading_order.next, struct reading, order);
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
reading_end(struct dis_ctx *x)
{
	struct dissect *d = x->room;
	struct reading *r = LIST_OWNER(d->reading_order.next, struct reading, order);

	x->arena = d->arena;
	if (r->arena.overflow) {
		/* The callers' bounds are wrong: a part was lost.  It is read again. */
		dis_bug(d);
		return;
	}
	r->params = r->op->params;
	r->n_params = r->op->n_params;
	r->n_anomalies = r->op->n_anomalies;
	x->reading = r;
}

void
reading_keep(struct dissect *d, struct reading *r, struct pend *of)
{
	r->of = of;
	list_touch(&d->reading_order, &r->order);
}

struct operation *
reading_take(struct reading *r)
{
	r->op->params = r->params;
	r->op->n_params = r->n_params;
	r->op->n_anomalies = r->n_anomalies;
	return r->op;
}

void
reading_give(struct dissect *d, struct reading *r)
{
	r->of = NULL;
	/* To the front: what was used last is used next, it is still warm. */
	list_remove(&r->order);
	list_append(d->reading_order.next, &r->order);
}
