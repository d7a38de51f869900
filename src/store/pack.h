/* pack.h - a whole row in one BLOB, beside its columns: what a sensor reads at start.
 *
 * The columns are what holds: people read them with sqlite3, queries ask for them, and every version of
 * the program knows their names.  But reading 26 of them costs ten times what the row costs in one
 * piece, and a baseline has 100,000.  So a row of a table that has `packed` is written twice, and read from
 * its BLOB where that is known to be good; else from its columns.
 *
 *	bytes	of
 *	4	form: a hash of all that the BLOB depends on (places and sizes of the struct's members, names behind
 *		numbers, byte order).  What another version or machine wrote has another one.
 *	4	hash of form and the rest
 *	4	bit 1 << i: word i of the struct, of 8 bytes, is not 0
 *	n / 2	for each of those n words which of its bytes follow, four bits each (the even ones in the lower half):
 *		1 to 8 the lowest so many, 9 to 15 the highest 1 to 7; the others are 0.  n is rounded up
 *	...	those bytes, in the order in which they lie in memory
 *
 * Integers have zeros on top, addresses and most reals below.  Who changes a column by hand takes the BLOB away, by
 * a trigger (schema.c).  Inside store only.
 */
#ifndef STORE_PACK_H
#define STORE_PACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "record/keep.h"

#define PACK_WORDS	32u	/* of 8 bytes, of the longest struct that is packed */
#define PACK_MAX	(12u + PACK_WORDS / 2 + PACK_WORDS * 8)	/* bytes */
#define PACK_CHECKS	16u

struct table;

/* What is needed for rows of one table. */
struct pack_form {
	const struct table *t;		/* NULL: its rows are not packed */
	uint32_t	 form;
	unsigned	 words;
	uint32_t	 reals;		/* bit 1 << i: word i may hold a double, see struct table */
	unsigned	 n;
	/* What must be below a number: those of names, of one byte, and the last bytes of texts, which are 0. */
	struct { uint16_t at, below; } checks[PACK_CHECKS];
};

/* For a kind of rows; cheap enough to be done for each load, not for each row. */
struct pack_form pack_form(enum keep_kind k);

/* Returns the number of bytes written to `to`, at most PACK_MAX.  What is no number becomes 0, as in columns. */
size_t	 pack(const struct pack_form *f, const void *row, uint8_t *to);

/* The second word of a BLOB of n bytes. */
uint32_t pack_check(const struct pack_form *f, const void *bytes, size_t n);

/* false: these bytes do not hold, and `row` may be anything. */
bool	 unpack(const struct pack_form *f, const void *bytes, size_t n, void *row);

#endif
