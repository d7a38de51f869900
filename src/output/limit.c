#include "output/limit.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "record/flow.h"

#define SETS 1024u	/* a power of two */
#define WAYS 16u
#define MINUTE_NS 60000000000u

struct slot {
	uint64_t	flow;	/* 0: free; flows have ids above 0 */
	uint64_t	n;	/* seen */
	uint64_t	stamp;	/* of the last use; grows with every question */
	uint64_t	id;	/* enum anomaly_id */
};

struct below {
	uint64_t	since_ns, n;
};

struct limit {
	uint64_t	 max, stamp, used;
	struct counters	*counters;	/* borrowed */
	struct below	 below[ANOMALY_COUNT];
	struct slot	 slots[SETS][WAYS];
};

struct limit *
limit_open(uint64_t max, struct counters *c)
{
	struct limit *l = calloc(1, sizeof(*l));

	if (l != NULL) {
		l->max = max;
		l->counters = c;
	}
	return l;
}

void
limit_close(struct limit *l)
{
	free(l);
}

size_t
limit_memory(void)
{
	return sizeof(struct limit);
}

static struct slot *
set_of(struct limit *l, uint64_t flow_id)
{
	return l->slots[hash_mix(flow_id ^ 0x9e3779b97f4a7c15u, 0xe7037ed1a0b428dbu) & (SETS - 1)];
}

/* The entry of this flow and id; a free or the oldest one is made it. */
static struct slot *
slot_of(struct limit *l, uint64_t flow_id, enum anomaly_id id)
{
	struct slot *set = set_of(l, flow_id), *oldest = set;

	for (struct slot *s = set; s < set + WAYS; s++) {
		if (s->flow == flow_id && s->id == (uint64_t)id)
			return s;
		if (s->stamp < oldest->stamp)
			oldest = s;
	}
	if (oldest->flow != 0)
		count(l->counters, CNT_OUT_LIMIT_EVICTED);
	else
		l->used++;
	*oldest = (struct slot){ .flow = flow_id, .id = (uint64_t)id };
	return oldest;
}

bool
limit_pass(struct limit *l, const struct anomaly *a, uint64_t *suppressed)
{
	uint64_t n;

	*suppressed = 0;
	if (a->flow != NULL && a->flow->id != 0) {
		struct slot *s = slot_of(l, a->flow->id, a->id);

		s->stamp = ++l->stamp;
		n = ++s->n;
	} else {
		struct below *b = &l->below[a->id];

		/* Files are not always in time order: a step back begins anew too. */
		if (b->n == 0 || a->ts_ns < b->since_ns || a->ts_ns - b->since_ns >= MINUTE_NS) {
			*suppressed = l->max != 0 && b->n > l->max ? b->n - l->max : 0;
			*b = (struct below){ .since_ns = a->ts_ns };
		}
		n = ++b->n;
	}
	if (l->max == 0 || n <= l->max)
		return true;
	count(l->counters, CNT_OUT_LIMITED);
	return false;
}

bool
limit_flow_end(struct limit *l, uint64_t flow_id, uint64_t n[ANOMALY_COUNT])
{
	struct slot *set = set_of(l, flow_id);
	bool any = false;

	if (l->used == 0 || flow_id == 0)
		return false;
	for (struct slot *s = set; s < set + WAYS; s++) {
		if (s->flow != flow_id)
			continue;
		if (!any)
			memset(n, 0, sizeof(*n) * ANOMALY_COUNT);
		any = true;
		n[s->id] += s->n;
		*s = (struct slot){ 0 };
		l->used--;
	}
	return any;
}
