/* real.h - the shortest decimal digits that read back as the same real. */
#ifndef BASE_REAL_H
#define BASE_REAL_H

#include <stdbool.h>
#include <stddef.h>

#define REAL_TEXT_MAX 32

/* Writes a finite number as JSON has numbers: "4.6", "-0.001", "1e+20", without a
 * NUL, at most REAL_TEXT_MAX characters; returns the end.  No other number of that
 * precision is nearer to the text, and no shorter text is nearest to it.  A whole number has no
 * point, minus zero keeps its sign. */
char	*real_print(char *p, double v);
char	*real_print_single(char *p, float v);

/* Read such a text of n bytes back; a sign before it and zeros that need not be there are read, too.  false: it is no
 * finite number as JSON has them, or longer than REAL_TEXT_MAX. */
bool	 real_read(const char *p, size_t n, double *to);

#endif
