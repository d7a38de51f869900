/* csv.h - fields of CSV, as people and spreadsheets write it (RFC 4180; also divided by semicolons), with line and column.
 *
 * The text is changed where it lies: a field is NUL-terminated in place.
 */
#ifndef BASE_CSV_H
#define BASE_CSV_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

struct csv {
	const char	*path;		/* for problems */
	struct err	*e;
	char		*p;		/* the rest */
	int		 line, column;	/* where it is; columns count bytes */
	char		 separator;
	bool		 end_of_line;	/* behind the last field */
};

/* Begin: n bytes and a NUL behind them.  False, with a problem: this is no text of UTF-8. */
bool	csv_open(struct csv *c, const char *path, char *text, size_t n, struct err *e);
/* The next field without blanks and quotation marks around it, and the column where it begins; NULL, with a problem, where it cannot be
 * read. */
char	*csv_field(struct csv *c, int *column);
/* A line is over: what csv_field() gives next is in the following one. */
void	csv_next_line(struct csv *c);

/* A whole file (at most 16 MiB), a NUL behind it, to be freed; NULL with a problem. */
char	*csv_read(const char *path, size_t *n, struct err *e);

#endif
