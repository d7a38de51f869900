#include "base/csv.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"

#define BYTES_FIRST	(64u << 10)
#define BYTES_MAX	(16u << 20)	/* BYTES_FIRST, doubled some times */

bool
csv_open(struct csv *c, const char *path, char *text, size_t n, struct err *e)
{
	static const char mark[] = "\xef\xbb\xbf";	/* as spreadsheets write it */

	*c = (struct csv){ .path = path, .e = e, .p = text, .line = 1, .column = 1 };
	if (strlen(text) != n || !utf8_valid((const uint8_t *)text, n)) {
		err_add(e, path, 0, 0, "this is no text of UTF-8");
		return false;
	}
	if (strncmp(text, mark, 3) == 0)
		c->p += 3;
	/* Spreadsheets of many countries divide by semicolons. */
	c->separator = strcspn(c->p, ";\n") < strcspn(c->p, ",\n") ? ';' : ',';
	return true;
}

char *
csv_field(struct csv *r, int *column)
{
	char *start = r->p, *w;
	int line = r->line;

	*column = r->column;
	if (*r->p == '"') {
		start = w = ++r->p;
		r->column++;
		while (*r->p != '\0' && (*r->p != '"' || r->p[1] == '"')) {
			r->p += *r->p == '"';
			r->column++;
			if (*r->p == '\n') {
				r->line++;
				r->column = 1;
			}
			*w++ = *r->p++;
		}
		if (*r->p == '\0') {
			err_add(r->e, r->path, line, *column, "a quotation mark is not closed");
			return NULL;
		}
		r->p++;
		r->column++;
	} else {
		while (*r->p != '\0' && *r->p != r->separator && *r->p != '\n' && *r->p != '\r') {
			r->p++;
			r->column++;
		}
		w = r->p;
	}
	r->end_of_line = *r->p != r->separator;
	if (*r->p == '\r')
		r->p++;
	if (*r->p != '\0' && *r->p != r->separator && *r->p != '\n') {
		err_add(r->e, r->path, r->line, r->column, "after a quotation mark a comma or the end of the line is missing");
		return NULL;
	}
	r->p += *r->p != '\0';
	r->column++;
	*w = '\0';
	while (*start == ' ')
		start++;
	for (size_t n = strlen(start); n > 0 && start[n - 1] == ' '; n--)
		start[n - 1] = '\0';
	return start;
}

void
csv_next_line(struct csv *c)
{
	c->line++;
	c->column = 1;
}

/* More space for what is read; it doubles, so that a file takes at most twice its size. */
static char *
grown(char *text, size_t *space)
{
	char *more = realloc(text, 2 * *space + 1);

	if (more == NULL)
		free(text);
	else
		*space *= 2;
	return more;
}

char *
csv_read(const char *path, size_t *n, struct err *e)
{
	size_t space = BYTES_FIRST;
	FILE *f = fopen(path, "re");
	char *text = f != NULL ? malloc(space + 1) : NULL;

	if (f == NULL) {
		err_add(e, path, 0, 0, "%s", strerror(errno));
		return NULL;
	}
	*n = 0;
	/* A pipe does not say how long it is. */
	while (text != NULL) {
		*n += fread(text + *n, 1, space - *n, f);
		if (*n < space || space >= BYTES_MAX)
			break;
		text = grown(text, &space);
	}
	if (text == NULL)
		err_add(e, path, 0, 0, "not enough memory");
	else if (ferror(f) || (!feof(f) && fgetc(f) != EOF)) {
		err_add(e, path, 0, 0, "%s", ferror(f) ? strerror(errno) : "it is longer than 16 MiB");
		free(text);
		text = NULL;
	} else
		text[*n] = '\0';
	(void)fclose(f);
	return text;
}
