/* place.h - where one value lies in a device, in one form whichever way it is read or written.
 *
 * An item (struct op_item) says what a message carried; two messages may carry the same value in different
 * spaces, groups or type identifications.  Their places are equal.  What is a place is a matter of the protocol: its
 * descriptor has a struct protocol_values (dissectors/NAME/place.c).
 */
#ifndef RECORD_PLACE_H
#define RECORD_PLACE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"
#include "record/operation.h"

struct op_place {
	uint8_t		 space;		/* enum op_space; SPACE_NONE: none */
	uint8_t		 bit;		/* within the address, where has_bit */
	bool		 has_bit;	/* it is one bit of what has the address */
	uint8_t		 bytes;		/* that its text says itself (DBW: 2); 0: says nothing */
	uint32_t	 number;	/* data block; what groups of points have in common; 0 elsewhere */
	uint32_t	 first;		/* address, 0-based as on the wire */
};

struct protocol_values {
	const char	*unit;		/* what stands before the number of a unit, words with commas: "unit"; NULL: none */
	const char	*example;	/* "holding 0" */
	/* Read a text.  False: with `why` empty it is none of this protocol, else it says what is wrong. */
	bool		(*read)(const char *text, struct op_place *to, struct strbuf *why);
	/* Where an item begins: space, number and first of its first element. */
	struct op_place	(*of)(const struct op_item *it);
	/* Bits of one address in this space; 0: a place is one value, whatever its size. */
	unsigned	(*address_bits)(uint8_t space);
	/* The text of a place, as read() takes it. */
	void		(*print)(const struct op_place *p, char text[OP_ADDRESS_MAX]);
	/* A value as a number where the item's kind gives it another meaning (a command that says "on" is 1).  NULL: as
	 * it stands.  False: it is no number. */
	bool		(*number)(const struct op_item *it, const struct op_value *v, double *to);
	/* Does its quality say that it can be relied on?  NULL: there is no quality. */
	bool		(*good)(const struct op_item *it, uint8_t flags);
};

/* For read(): blanks are left out before each.  A word in upper or lower case, whole; a number in decimal digits;
 * is nothing left?  *p moves on when it was there. */
bool	place_word(const char **p, const char *word);
bool	place_number(const char **p, uint32_t max, uint32_t *to);
bool	place_end(const char *p);

/* Of any protocol: the first that takes the text (of a family the head).  OP_UNKNOWN: none, and `why` says what is wrong, as far as one
 * of them knows the beginning. */
enum op_proto place_read(const char *text, struct op_place *to, struct strbuf *why);

#endif
