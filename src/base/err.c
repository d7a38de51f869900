#include "base/err.h"

#include <stdlib.h>
#include <string.h>

void
err_add(struct err *e, const char *file, int line, int column, const char *fmt, ...)
{
	struct err_item *it = calloc(1, sizeof(*it));
	va_list ap;

	e->n++;
	if (it == NULL)
		return;
	it->file = file != NULL ? strdup(file) : NULL;
	it->line = line;
	it->column = column;
	va_start(ap, fmt);
	if (vasprintf(&it->text, fmt, ap) == -1)
		it->text = NULL;
	va_end(ap);
	if (e->last != NULL)
		e->last->next = it;
	else
		e->first = it;
	e->last = it;
}

void
err_print(const struct err *e, FILE *to)
{
	for (const struct err_item *it = e->first; it != NULL; it = it->next) {
		if (it->file != NULL)
			fprintf(to, "%s:", it->file);
		if (it->file != NULL && it->line > 0)
			fprintf(to, "%d:", it->line);
		if (it->file != NULL && it->line > 0 && it->column > 0)
			fprintf(to, "%d:", it->column);
		fprintf(to, "%s%s\n", it->file != NULL ? " " : "",
		    it->text != NULL ? it->text : "out of memory");
	}
}

void
err_free(struct err *e)
{
	struct err_item *it = e->first, *next;

	for (; it != NULL; it = next) {
		next = it->next;
		free((void *)it->file);
		free(it->text);
		free(it);
	}
	*e = (struct err){ 0 };
}
