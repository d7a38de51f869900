/* shown.h - texts of others on a terminal: names from the wire must neither steer it nor hide what they are. */
#ifndef BASE_SHOWN_H
#define BASE_SHOWN_H

#include <stddef.h>

#include "base/str.h"

/* Columns that shown_put() takes for it. */
size_t	shown_width(const char *text);

/* The text with a question mark in place of each control character, of each that turns the direction of writing or has no
 * width, and of each byte that is no UTF-8.  What is wider than `most` columns ends with an ellipsis. */
void	shown_put(struct strbuf *to, const char *text, size_t most);

#endif
