/* digits.h - numbers as decimal digits, quickly: for lines that are written for each packet. */
#ifndef BASE_DIGITS_H
#define BASE_DIGITS_H

#include <stdint.h>
#include <string.h>

extern const char digits_of_two[201];	/* "00" to "99" */

/* The last two digits of v. */
static inline void
digits_two(char *p, uint32_t v)
{
	memcpy(p, digits_of_two + v % 100 * 2, 2);
}

/* v, up to 20 characters, without a NUL; returns the end. */
char	*digits_u64(char *p, uint64_t v);

#endif
