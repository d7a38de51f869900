/* real.h - the shortest decimal digits that read back as the same real. */
#ifndef OUTPUT_REAL_H
#define OUTPUT_REAL_H

#define REAL_TEXT_MAX 32

/* Writes a finite number as JSON has numbers: "4.6", "-0.001", "1e+20", without a
 * NUL, at most REAL_TEXT_MAX characters; returns the end.  No other number of that
 * precision is nearer to the text, and no shorter text is nearest to it.  A whole number has no
 * point, minus zero keeps its sign. */
char	*real_print(char *p, double v);
char	*real_print_single(char *p, float v);

#endif
