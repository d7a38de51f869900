/* cells.h - each value of an operation at the smallest thing that has an address: a coil, a register, a DBX, an element that the message
 * gives a type, a point.
 */
#ifndef PROCESS_CELLS_H
#define PROCESS_CELLS_H

#include "process/tag.h"

struct cell {
	const struct op_item *it;
	struct op_place	 place;
	uint8_t		 type;		/* enum tag_type: as the message has it; of a register TAG_UINT16 */
	bool		 known;		/* value is a number */
	double		 value;
	const uint8_t	*bytes;		/* as they lay on the wire, n_bytes of them; NULL: they did not lie there */
	unsigned	 n_bytes;
	struct op_value	 v;
};

typedef void cell_to(void *arg, const struct cell *c);

/* Has its protocol values, and did what it asked for happen (or may have: a write that nobody answered)? */
bool	cells_happened(const struct operation *op);
/* Each cell of an item, in its order. */
void	cells_of_item(const struct operation *op, const struct op_item *it, cell_to *to, void *arg);
/* Is the item one of values, and where does it begin? */
bool	cells_begin(const struct operation *op, const struct op_item *it, struct op_place *at);
/* The type of elements of this form (enum op_item_form) that lie in bytes; TAG_SENT: it has none. */
uint8_t	cells_type(unsigned form);
/* A number that lies in bytes as another type of the same size. */
bool	cell_as(const struct cell *c, uint8_t type, double *value);

#endif
