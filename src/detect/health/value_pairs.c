#include "detect/health/value_pairs.h"

#define ENOUGH		60u	/* windows in which it moved */
#define ALONE_PART	20u	/* a witness is followed in 19 of 20 */
#define USELESS_AT	30u	/* after so many windows, */
#define USELESS_PART	4u	/* if it was alone in more than a quarter */
#define RUN_TIMES	3u
#define RUN_TIMES_MANY	2u	/* where this many witnesses agree */
#define MANY		3u
#define RUN_MORE	5u

bool
value_pair_is_witness(const struct value_pair *p)
{
	return p->who != 0 && p->moved >= ENOUGH && p->alone <= p->moved / ALONE_PART;
}

bool
value_pair_is_useless(const struct value_pair *p)
{
	uint32_t moved = p->moved + p->run, alone = p->alone + p->run;

	return p->who != 0 && !value_pair_is_witness(p) && moved >= USELESS_AT && alone > moved / USELESS_PART;
}

static bool
contradicts(const struct value_pair *p, uint32_t times)
{
	return p->run > times * p->longest + RUN_MORE;
}

/* It moves again.  A run that was far too long is the fault that is looked for, and no example of what is usual. */
static void
run_over(struct value_pair *p)
{
	uint32_t run = p->run, cap = p->longest + RUN_MORE;

	if (value_pair_is_witness(p) && run > cap)
		run = cap;
	if (run > p->longest)
		p->longest = (uint16_t)run;
	if (p->moved < UINT32_MAX - run) {
		p->moved += run;
		p->alone += run;
	}
	p->run = 0;
}

void
value_pair_window(struct value_pair *p, bool neighbour_moved, bool moved)
{
	if (moved) {
		if (p->run > 0)
			run_over(p);
		if (neighbour_moved && p->moved < UINT32_MAX)
			p->moved++;
	} else if (neighbour_moved && p->run < UINT16_MAX)
		p->run++;
}

static uint32_t
witnesses(const struct value_pairs *p, uint32_t times, uint32_t *n_contradict)
{
	uint32_t n = 0;

	*n_contradict = 0;
	for (uint32_t i = 0; i < PAIRS; i++)
		if (value_pair_is_witness(&p->pair[i])) {
			n++;
			*n_contradict += contradicts(&p->pair[i], times);
		}
	return n;
}

uint32_t
value_pairs_witnesses(const struct value_pairs *p, uint32_t *n_contradict)
{
	return witnesses(p, RUN_TIMES, n_contradict);
}

bool
value_pairs_is_frozen(const struct value_pairs *p)
{
	uint32_t of_many, n_contradict, n = witnesses(p, RUN_TIMES, &n_contradict);

	witnesses(p, RUN_TIMES_MANY, &of_many);
	return (n_contradict > 0 && 2 * n_contradict > n) || (of_many >= MANY && 2 * of_many > n);
}
