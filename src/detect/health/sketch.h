/* sketch.h - how times are distributed, in 320 bytes: half of them, one of a hundred.
 *
 * Eight buckets for each power of two from 16 microseconds to 17 seconds: a quantile is at most 7 percent off.  What is
 * shorter or longer is in the first or the last one.  When a bucket is full all are halved, which changes no quantile.
 */
#ifndef DETECT_HEALTH_SKETCH_H
#define DETECT_HEALTH_SKETCH_H

#include <stdint.h>

#define SKETCH_LOW	14u	/* 2^14 ns */
#define SKETCH_HIGH	34u
#define SKETCH_BUCKETS	((SKETCH_HIGH - SKETCH_LOW) * 8u)

struct sketch {
	uint16_t	n[SKETCH_BUCKETS];
};

static inline unsigned
sketch_bucket(uint64_t ns)
{
	unsigned e;

	if (ns < UINT64_C(1) << SKETCH_LOW)
		return 0;
	if (ns >= UINT64_C(1) << SKETCH_HIGH)
		return SKETCH_BUCKETS - 1;
	e = 63u - (unsigned)__builtin_clzll(ns);
	return (e - SKETCH_LOW) * 8u + ((unsigned)(ns >> (e - 3)) & 7u);
}

void	 sketch_halve(struct sketch *s);

static inline void
sketch_add(struct sketch *s, uint64_t ns)
{
	uint16_t *n = &s->n[sketch_bucket(ns)];

	if (++*n == UINT16_MAX)
		sketch_halve(s);
}

/* So many of a thousand are below it, ns; 0: it is empty. */
uint64_t sketch_quantile(const struct sketch *s, unsigned thousandths);

#endif
