/* err.h - what went wrong at start-up, for the person who must fix it.
 *
 * Configuration, options and rule files are checked as a whole: every problem
 * is added to one list, the list is printed, and nothing is started.  Not used
 * on the packet path, where bytes give anomalies and losses give counters.
 */
#ifndef BASE_ERR_H
#define BASE_ERR_H

#include <stdarg.h>
#include <stdio.h>

struct err_item {
	const char	*file;	/* owned copy; NULL where there is no file */
	int		 line;	/* 1-based; 0 unknown */
	int		 column; /* 1-based; 0 unknown */
	char		*text;	/* owned; what happened and what to do */
	struct err_item	*next;
};

struct err {
	struct err_item	*first, *last;	/* owned */
	int		 n;
};

/* Add one problem.  `file` may be NULL; the text is copied. */
void	err_add(struct err *e, const char *file, int line, int column,
	    const char *fmt, ...) __attribute__((format(printf, 5, 6)));

/* Print each as `file:line:column: text`, in the order they were found. */
void	err_print(const struct err *e, FILE *to);

void	err_free(struct err *e);

#endif
