#include "detect/health/sketch.h"

void
sketch_halve(struct sketch *s)
{
	for (unsigned i = 0; i < SKETCH_BUCKETS; i++)
		s->n[i] /= 2;
}

uint64_t
sketch_quantile(const struct sketch *s, unsigned thousandths)
{
	uint64_t all = 0, below, so_far = 0;

	for (unsigned i = 0; i < SKETCH_BUCKETS; i++)
		all += s->n[i];
	below = all * thousandths / 1000;
	for (unsigned i = 0; i < SKETCH_BUCKETS; i++) {
		if (so_far + s->n[i] > below) {
			const unsigned e = SKETCH_LOW + i / 8;
			const uint64_t low = (UINT64_C(1) << e) + ((uint64_t)(i % 8) << (e - 3)), wide = UINT64_C(1) << (e - 3);

			/* Within a bucket they are taken to be spread evenly. */
			return low + wide * (below - so_far) / s->n[i];
		}
		so_far += s->n[i];
	}
	return 0;
}
