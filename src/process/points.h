/* points.h - every value that was seen, with what it looked like; for proposing tags.
 *
 * A cell is the smallest thing that has an address and a value: a coil, a register, a DBX, a word of a data block, an element that the
 * message gives a type, a point.  What lies in two words together is judged in each order of the bytes.
 */
#ifndef PROCESS_POINTS_H
#define PROCESS_POINTS_H

#include "process/tag.h"

enum point_cell { CELL_BIT, CELL_WORD, CELL_TYPED };

/* A word and the next one as a real, in one order. */
struct point_pair {
	uint32_t	plausible;	/* of a size that measurements have, or 0 */
	uint32_t	nonzero;
	uint32_t	nice;		/* of these, with few decimal digits */
	uint32_t	smooth;		/* not far from the value before */
	double		last, min, max;
};

struct point {
	struct addr	 addr;		/* of the server */
	uint8_t		 proto, cell;	/* enum op_proto, enum point_cell */
	uint32_t	 unit;
	struct op_place	 place;
	struct tag_form	 form;		/* CELL_TYPED: as the message has it */
	uint8_t		 item_space;	/* as seen last, before it became a place */
	uint32_t	 item_number;

	uint64_t	 reads, writes, changes, ups;	/* ups: changes to more than before */
	uint64_t	 first_ns, last_ns;
	struct addr	 writer, reader;	/* the last ones */
	bool		 several_writers;
	double		 min, max, last;
	bool		 has_value, whole;	/* whole: all values were whole numbers */
	bool		 remembered;	/* out of a database: nobody counted how often it changed */

	/* CELL_WORD */
	uint16_t	 word, ever, always;	/* last; bits that were ever set, always set */
	uint32_t	 single_flips;		/* changes of one bit */
	bool		 bcd, carried;		/* every value is decimal digits; 9 was followed by 0 */
	uint32_t	 n_pairs;		/* samples together with the next word */
	uint16_t	 next_min, next_max, next;
	uint32_t	 carries, breaks;	/* changes of this word with a wrap of the next one, without */
	struct point_pair pair[TAG_ORDER_COUNT];
};

struct points;		/* opaque */

/* At most so many; further ones are counted.  NULL: no memory. */
struct points	*points_open(uint32_t max);
void		 points_close(struct points *p);	/* NULL is ignored */

/* Note the values of an operation that is over. */
void		 points_operation(struct points *p, const struct operation *op);
/* Values that found no space. */
uint64_t	 points_lost(const struct points *p);

/* Sort them by address, unit and place, once, at the end; the i-th, NULL behind the last. */
void		 points_sort(struct points *p);
const struct point *points_at(const struct points *p, uint32_t i);

/* ---- out of what is remembered (remembered.c) ---- */

/* The point at this device, unit, cell and place; a new one is `key`.  NULL: it does not fit, which is counted. */
struct point	*points_get(struct points *p, const struct point *key);
/* The same, or NULL where there is none. */
struct point	*points_find(struct points *p, const struct point *key);
/* All are in, and not yet sorted: what words beside each other are together, by the ranges in which each was. */
void		 points_pair_up(struct points *p);

/* ---- what they are (propose.c) ---- */

#define PROPOSED_NOTE_MAX 256
struct proposed {
	const struct point *of;
	struct tag	 tag;		/* address, place and form; no texts */
	char		 note[PROPOSED_NOTE_MAX];
	uint32_t	 empty;		/* so many words from here on were always 0 and never written: no tag; 0: it is one */
};

/* Each tag that is proposed, in their order; after points_sort(). */
void		 points_propose(const struct points *p, void (*to)(void *arg, const struct proposed *x), void *arg);

#endif
