#include "detect/match/stream_tail.h"

#include <string.h>

#define TAILS	1024u

struct tail {
	struct slot	slot;
	uint64_t	other;		/* bytes that the other end had sent */
	uint32_t	burst;		/* bytes since it last spoke */
	uint32_t	gaps;		/* of the flow when this was kept */
	uint16_t	n;
	uint8_t		bytes[TAIL_LEN];
};

int
stream_tails_open(struct slots *t, struct counters *c, uint64_t key)
{
	return slots_open(t, &(struct slots_want){ .n = TAILS, .size = sizeof(struct tail), .secret = key, .counters = c,
	    .evicted = CNT_RULES_TAILS_EVICTED });
}

static uint64_t
key_of(const struct flow *f, unsigned dir)
{
	return f->id * 4 + dir * 2 + 1;
}

const uint8_t *
stream_tail(struct slots *t, const struct flow *f, enum flow_dir dir, uint32_t *n, uint32_t *burst)
{
	const struct tail *x = slots_find(t, key_of(f, dir));

	*n = x != NULL ? x->n : 0;
	*burst = x != NULL && x->other == f->payload[dir ^ 1] ? x->burst : 0;
	return x != NULL && x->gaps == f->gaps[dir] && x->n > 0 ? x->bytes : NULL;
}

void
stream_tail_keep(struct slots *t, const struct flow *f, enum flow_dir dir, const uint8_t *p, uint32_t n, uint64_t now_ns)
{
	struct tail *x = slots_get(t, key_of(f, dir), now_ns);
	uint32_t old = x->gaps == f->gaps[dir] ? x->n : 0;

	x->burst = old > 0 && x->other == f->payload[dir ^ 1] ? x->burst : 0;
	x->burst = x->burst + n > x->burst ? x->burst + n : UINT32_MAX;
	x->other = f->payload[dir ^ 1];
	if (n >= TAIL_LEN) {
		p += n - TAIL_LEN;
		n = TAIL_LEN;
	}
	if (old > TAIL_LEN - n) {
		memmove(x->bytes, x->bytes + old - (TAIL_LEN - n), TAIL_LEN - n);
		old = TAIL_LEN - n;
	}
	memcpy(x->bytes + old, p, n);
	x->gaps = f->gaps[dir];
	x->n = (uint16_t)(old + n);
}

void
stream_tail_forget(struct slots *t, const struct flow *f)
{
	for (unsigned dir = 0; dir < 2; dir++) {
		struct tail *x = slots_find(t, key_of(f, dir));

		if (x != NULL)
			x->slot.key = 0;
	}
}
