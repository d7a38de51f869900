/* remembered.c - reals in two words of which each is known by its least and greatest value alone. */
#include "process/points.h"

#include <math.h>
#include <string.h>

#include "process/decode.h"

/* One end of the range of a real: of the words in the order of their addresses. */
static bool
end_of(uint16_t first, uint16_t second, unsigned order, double *v)
{
	const uint8_t four[4] = { (uint8_t)(first >> 8), (uint8_t)first, (uint8_t)(second >> 8), (uint8_t)second };
	const struct tag_form f = { .type = TAG_FLOAT32, .order = (uint8_t)order };
	const struct op_place nowhere = { .space = SPACE_NONE };

	return decode_bytes(four, 4, &nowhere, &f, v) && fabs(*v) >= 1e-3 && fabs(*v) < 1e7;
}

/* The upper word moves the real as far as the lower one never can: its ends are those of the real.  The upper word of a measurement moves
 * little, while the lower one has any value. */
static void
pair(struct point *x, const struct point *y)
{
	for (unsigned order = TAG_ORDER_BIG; order <= TAG_ORDER_WORD_SWAPPED; order++) {
		const struct point *upper = order == TAG_ORDER_BIG ? x : y, *lower = upper == x ? y : x;
		struct point_pair *r = &x->pair[order];
		double a, b;

		if (upper->max - upper->min > lower->max - lower->min ||
		    !end_of((uint16_t)(order == TAG_ORDER_BIG ? upper->min : lower->min), (uint16_t)(order == TAG_ORDER_BIG ? lower->min : upper->min), order, &a) ||
		    !end_of((uint16_t)(order == TAG_ORDER_BIG ? upper->max : lower->max), (uint16_t)(order == TAG_ORDER_BIG ? lower->max : upper->max), order, &b) ||
		    (a < 0) != (b < 0))
			continue;
		r->min = fmin(a, b);
		r->max = fmax(a, b);
		r->plausible = r->nonzero = r->smooth = 1;
	}
	x->n_pairs = 1;
	x->next_min = (uint16_t)y->min;
	x->next_max = (uint16_t)y->max;
}

void
points_pair_up(struct points *p)
{
	const struct point *at;

	for (uint32_t i = 0; (at = points_at(p, i)) != NULL; i++) {
		struct point next = *at, *x, *y;

		if (at->cell != CELL_WORD || !at->has_value)
			continue;
		next.place.first += protocols[at->proto]->values->address_bits(at->place.space) == 16 ? 1 : 2;
		x = points_find(p, at);
		y = points_find(p, &next);
		if (x != NULL && y != NULL && y->has_value)
			pair(x, y);
	}
}
