#include "detect/match/tails.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"

#define TAILS	1024u	/* a power of two */
#define WAYS	4u

struct tail {
	uint64_t	flow;		/* id; 0 free */
	uint64_t	other;		/* bytes that the other end had sent */
	uint32_t	burst;		/* bytes since it last spoke */
	uint32_t	used;		/* clock of the table */
	uint32_t	gaps;		/* of the flow when this was kept */
	uint16_t	n;
	uint8_t		dir;
	uint8_t		bytes[TAIL_LEN];
};

struct tails {
	uint64_t	secret;
	struct counters	*c;
	uint32_t	clock;
	struct tail	of[TAILS];
};

struct tails *
tails_open(struct counters *c, uint64_t key)
{
	struct tails *t = calloc(1, sizeof(*t));

	if (t != NULL) {
		t->secret = key;
		t->c = c;
	}
	return t;
}

void
tails_close(struct tails *t)
{
	free(t);
}

size_t
tails_memory(void)
{
	return sizeof(struct tails);
}

static struct tail *
slots_of(const struct tails *t, const struct flow *f, unsigned dir)
{
	uint32_t at = (uint32_t)(hash_mix(f->id * 2 + dir + 1, t->secret | 1) >> 16) & (TAILS / WAYS - 1);

	return (struct tail *)(uintptr_t)&t->of[(size_t)at * WAYS];
}

static struct tail *
find(const struct tails *t, const struct flow *f, unsigned dir)
{
	struct tail *x = slots_of(t, f, dir);

	for (unsigned i = 0; i < WAYS; i++)
		if (x[i].flow == f->id && x[i].dir == dir)
			return &x[i];
	return NULL;
}

const uint8_t *
tails_get(const struct tails *t, const struct flow *f, enum flow_dir dir, uint32_t *n, uint32_t *burst)
{
	const struct tail *x = find(t, f, dir);

	*n = x != NULL ? x->n : 0;
	*burst = x != NULL && x->other == f->payload[dir ^ 1] ? x->burst : 0;
	return x != NULL && x->gaps == f->gaps[dir] && x->n > 0 ? x->bytes : NULL;
}

void
tails_keep(struct tails *t, const struct flow *f, enum flow_dir dir, const uint8_t *p, uint32_t n)
{
	struct tail *x = find(t, f, dir);
	uint32_t old;

	if (x == NULL) {
		struct tail *of = slots_of(t, f, dir);

		x = &of[0];
		for (unsigned i = 1; i < WAYS; i++)
			if (x->flow != 0 && (of[i].flow == 0 || t->clock - of[i].used > t->clock - x->used))
				x = &of[i];
		if (x->flow != 0)
			count(t->c, CNT_RULES_TAILS_EVICTED);
		x->flow = 0;
	}
	old = x->flow == f->id && x->gaps == f->gaps[dir] ? x->n : 0;
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
	x->flow = f->id;
	x->dir = (uint8_t)dir;
	x->gaps = f->gaps[dir];
	x->n = (uint16_t)(old + n);
	x->used = ++t->clock;
}

void
tails_forget(struct tails *t, const struct flow *f)
{
	for (unsigned dir = 0; dir < 2; dir++) {
		struct tail *x = find(t, f, dir);

		if (x != NULL)
			x->flow = 0;
	}
}
