#include "detect/match/tails.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"

#define TAILS 512u	/* a power of two */

struct tail {
	uint64_t	flow;		/* id; 0 free */
	uint32_t	gaps;		/* of the flow when this was kept */
	uint16_t	n;
	uint8_t		dir;
	uint8_t		bytes[TAIL_LEN];
};

struct tails {
	uint64_t	secret;
	struct tail	of[TAILS];
};

struct tails *
tails_open(void)
{
	struct tails *t = calloc(1, sizeof(*t));

	if (t != NULL)
		t->secret = hash_key();
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

static uint32_t
place(const struct tails *t, const struct flow *f, enum flow_dir dir)
{
	return (uint32_t)(hash_mix(f->id * 2 + dir + 1, t->secret | 1) >> 16) & (TAILS - 1);
}

const uint8_t *
tails_get(const struct tails *t, const struct flow *f, enum flow_dir dir, uint32_t *n)
{
	const struct tail *x = &t->of[place(t, f, dir)];

	*n = x->n;
	return x->flow == f->id && x->dir == dir && x->gaps == f->gaps[dir] && x->n > 0 ? x->bytes : NULL;
}

void
tails_keep(struct tails *t, const struct flow *f, enum flow_dir dir, const uint8_t *p, uint32_t n)
{
	struct tail *x = &t->of[place(t, f, dir)];
	uint32_t old = x->flow == f->id && x->dir == dir && x->gaps == f->gaps[dir] ? x->n : 0;

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
}
