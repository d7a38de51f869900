/* point.h - one addressed value of a device: where it lies, what number it has, how to say it. */
#ifndef DETECT_BASELINE_POINT_H
#define DETECT_BASELINE_POINT_H

#include "base/str.h"
#include "record/fact.h"
#include "record/operation.h"

/* The i-th value of an item as a number.  false: it is none (a single bit, a time, bytes), or not
 * there. */
bool		 point_number(const struct op_item *it, uint32_t i, double *number);

/* Are its values numbers that mean something one by one? */
bool		 point_has_numbers(const struct op_item *it);

/* Two or four bytes that are written at once are one variable: a word, a real if that is plausible, else a
 * double word.  false: they are not; else `whole` is the item with its one value. */
bool		 point_whole(const struct op_item *it, struct op_item *whole);

/* The key of the values of a whole item (kind, server, unit, space, number, type, way), without an address. */
struct fact_key	 point_item_key(unsigned kind, const struct addr *server, const struct operation *op,
		    const struct op_item *it);
/* The form of elements (enum op_item_form) that the code of such a key says; FORM_NONE: it says none. */
unsigned	 point_form(uint32_t code);
/* The address of its i-th value. */
uint32_t	 point_address(const struct op_item *it, uint32_t i);

/* "DB1.DBW4", "analog output 3", "holding register 12". */
void		 point_words(struct strbuf *s, const struct op_item *it, uint32_t i);

#endif
