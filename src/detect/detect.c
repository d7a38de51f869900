#include "detect/detect.h"

#include <stdlib.h>

#define DETECTORS_MAX 32u

struct detect {
	struct detect_env		 env;
	const struct detector *const	*list;
	void				*each[DETECTORS_MAX];
	uint32_t			 n;
	/* Numbers of those that have the call. */
	uint8_t				 who[DETECT_CALLS][DETECTORS_MAX];
	uint32_t			 n_who[DETECT_CALLS];
};

static void
want(struct detect *d, enum detect_call what, bool has)
{
	if (has)
		d->who[what][d->n_who[what]++] = (uint8_t)d->n;
}

struct detect *
detect_open_with(const struct detector *const *list, const struct detect_env *env, struct err *e)
{
	struct detect *d = calloc(1, sizeof(*d));
	int before = e->n;

	if (d == NULL) {
		err_add(e, NULL, 0, 0, "no memory for detection");
		return NULL;
	}
	d->env = *env;
	d->list = list;
	for (; list[d->n] != NULL && d->n < DETECTORS_MAX; d->n++) {
		const struct detector *by = list[d->n];

		d->each[d->n] = by->open(&d->env, e);
		if (d->each[d->n] == NULL) {
			if (e->n == before)
				err_add(e, NULL, 0, 0, "no memory for the detector \"%s\"", by->name);
			detect_close(d);
			return NULL;
		}
		/* One that has nothing to do need not be asked. */
		if (by->idle != NULL && by->idle(d->each[d->n]))
			continue;
		want(d, DETECT_PACKET, by->packet != NULL);
		want(d, DETECT_BYTES, by->bytes != NULL);
		want(d, DETECT_OPERATION, by->operation != NULL);
		want(d, DETECT_ANOMALY, by->anomaly != NULL);
		want(d, DETECT_FLOW_END, by->flow_end != NULL);
		want(d, DETECT_TICK, by->tick != NULL);
	}
	return d;
}

const void *
detect_find(const struct detect *d, const struct detector *kind)
{
	for (uint32_t i = 0; i < d->n; i++)
		if (d->list[i] == kind)
			return d->each[i];
	return NULL;
}

bool
detect_wants(const struct detect *d, enum detect_call what)
{
	return d->n_who[what] > 0;
}

#define EACH(call, i) \
	for (const uint8_t *i = d->who[call], *end_ = i + d->n_who[call]; i < end_; i++)

void
detect_packet(struct detect *d, const struct packet *p, struct flow *f, enum flow_dir dir)
{
	EACH(DETECT_PACKET, i)
		d->list[*i]->packet(d->each[*i], p, f, dir);
}

void
detect_bytes(struct detect *d, const struct detect_bytes *b)
{
	EACH(DETECT_BYTES, i)
		d->list[*i]->bytes(d->each[*i], b);
}

void
detect_operation(struct detect *d, const struct operation *op)
{
	EACH(DETECT_OPERATION, i)
		d->list[*i]->operation(d->each[*i], op);
}

void
detect_anomaly(struct detect *d, const struct anomaly *a)
{
	EACH(DETECT_ANOMALY, i)
		d->list[*i]->anomaly(d->each[*i], a);
}

void
detect_flow_end(struct detect *d, struct flow *f, enum flow_end_reason why)
{
	EACH(DETECT_FLOW_END, i)
		d->list[*i]->flow_end(d->each[*i], f, why);
}

void
detect_tick(struct detect *d, uint64_t now_ns)
{
	EACH(DETECT_TICK, i)
		d->list[*i]->tick(d->each[*i], now_ns);
}

int
detect_prepare(struct detect *d, struct err *e)
{
	int r = 0;

	for (uint32_t i = 0; i < d->n; i++)
		if (d->list[i]->prepare != NULL && d->list[i]->prepare(d->each[i], e) != 0)
			r = -1;
	return r;
}

bool
detect_swap(struct detect *d)
{
	bool any = false;

	for (uint32_t i = 0; i < d->n; i++)
		if (d->list[i]->swap != NULL)
			any |= d->list[i]->swap(d->each[i]);
	return any;
}

size_t
detect_memory(const struct detect *d)
{
	size_t n = sizeof(*d);

	for (uint32_t i = 0; i < d->n; i++)
		if (d->list[i]->memory != NULL)
			n += d->list[i]->memory(d->each[i]);
	return n;
}

void
detect_close(struct detect *d)
{
	if (d == NULL)
		return;
	for (uint32_t i = 0; i < d->n; i++)
		if (d->each[i] != NULL)
			d->list[i]->close(d->each[i]);
	free(d);
}
