/* value_pairs.h - does a measurement move when its neighbours do?
 *
 * Pure arithmetic in constant memory.  Of each of a few neighbours (of the same device, or the same group of the tag file) it
 * is counted, in windows of half a minute or more, how often that one moved, and how often this one stood still meanwhile: the
 * redundancy that a plant has in itself (Frank, Automatica 26, 1990: analytical redundancy), learned and not modelled.  A
 * neighbour that this one does not follow is no witness.  Frozen is what stands still while all its witnesses move, for
 * longer than three times the longest it ever did, twice where three witnesses agree.
 */
#ifndef DETECT_HEALTH_VALUE_PAIRS_H
#define DETECT_HEALTH_VALUE_PAIRS_H

#include <stdbool.h>
#include <stdint.h>

#define PAIRS 4u

struct value_pair {
	uint32_t	who;		/* its index in the set of tags + 1; 0: none */
	uint32_t	moved;		/* windows in which the neighbour moved */
	uint32_t	alone;		/* of those, when this one did not */
	uint16_t	run, longest;	/* of these in a row: now (not yet counted), and ever */
};

struct value_pairs {
	struct value_pair pair[PAIRS];
	uint32_t	 next;		/* neighbour that is tried next */
	bool		 frozen;
};

/* Is this one a witness: does the measurement nearly always move when it does? */
bool	 value_pair_is_witness(const struct value_pair *p);
/* Is it certainly none, so that another one can be tried in its place? */
bool	 value_pair_is_useless(const struct value_pair *p);

/* A window is over: i-th neighbour moved, this one moved. */
void	 value_pair_window(struct value_pair *p, bool neighbour_moved, bool moved);

/* How many witnesses there are, and how many of them show that it should have moved long ago. */
uint32_t value_pairs_witnesses(const struct value_pairs *p, uint32_t *n_contradict);
/* Most witnesses, and one at least, show that. */
bool	 value_pairs_is_frozen(const struct value_pairs *p);

#endif
