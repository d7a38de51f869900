/* rows.c - a tag file of CSV: a header, then a tag a line.  Lines that begin with # are for people. */
#include "process/tag.h"

#include <string.h>

#include "base/csv.h"

#define COLUMNS	64u

struct rows {
	struct csv	 csv;
	enum tag_column	 columns[COLUMNS];
	unsigned	 n;
};

/* Leave out lines for people and empty ones. */
static void
skip_notes(struct csv *c)
{
	for (;;) {
		size_t n = strspn(c->p, " \t\r");

		if (c->p[n] != '#' && c->p[n] != '\n')
			return;
		c->p += strcspn(c->p, "\n");
		c->p += *c->p == '\n';
		csv_next_line(c);
	}
}

static bool
read_header(struct rows *r)
{
	bool seen[TAG_COLUMN_COUNT] = { false };
	int column;

	do {
		const char *near, *name = csv_field(&r->csv, &column);

		if (name == NULL)
			return false;
		if (r->n == COLUMNS) {
			err_add(r->csv.e, r->csv.path, r->csv.line, column, "more than %u columns", COLUMNS);
			return false;
		}
		r->columns[r->n] = tag_column_find(name, &near);
		if (r->columns[r->n] == TAG_COLUMN_COUNT)
			err_add(r->csv.e, r->csv.path, r->csv.line, column, "there is no column '%s'%s%s%s", name,
			    near != NULL ? "; did you mean '" : "", near != NULL ? near : "", near != NULL ? "'?" : "");
		else if (seen[r->columns[r->n]])
			err_add(r->csv.e, r->csv.path, r->csv.line, column, "the column '%s' is there twice", name);
		else
			seen[r->columns[r->n]] = true;
		r->n++;
	} while (!r->csv.end_of_line);
	for (unsigned i = 0; i <= TAG_COL_ADDRESS; i++)
		if (!seen[i])
			err_add(r->csv.e, r->csv.path, r->csv.line, 1, "the header has no column '%s'", tag_column_name((enum tag_column)i));
	csv_next_line(&r->csv);
	return seen[TAG_COL_NAME] && seen[TAG_COL_ADDRESS];
}

/* False: where it goes on cannot be known. */
static bool
read_row(struct rows *r, struct tags *t)
{
	struct tag_row row = { .at_line = r->csv.line, .at_column = 1 };
	bool any = false;
	int column;

	for (unsigned i = 0; ; i++) {
		int line = r->csv.line;
		const char *text = csv_field(&r->csv, &column);

		if (text == NULL)
			return false;
		any |= text[0] != '\0';
		if (i >= r->n && text[0] != '\0')
			err_add(r->csv.e, r->csv.path, line, column, "the header has no column for this field");
		else if (i < r->n && r->columns[i] != TAG_COLUMN_COUNT) {
			row.text[r->columns[i]] = text;
			row.line[r->columns[i]] = line;
			row.column[r->columns[i]] = column;
		}
		if (r->csv.end_of_line)
			break;
	}
	csv_next_line(&r->csv);
	if (any)
		(void)tags_add(t, r->csv.path, &row, r->csv.e);
	return true;
}

int
tags_parse_csv(struct tags *t, const char *path, char *text, size_t n, struct err *e)
{
	struct rows r = { .n = 0 };
	int before = e->n;

	if (!csv_open(&r.csv, path, text, n, e))
		return -1;
	skip_notes(&r.csv);
	/* Notes may have the other kind of separator. */
	r.csv.separator = strcspn(r.csv.p, ";\n") < strcspn(r.csv.p, ",\n") ? ';' : ',';
	if (*r.csv.p == '\0') {
		err_add(e, path, 0, 0, "there is no header: name, address, type ...");
		return -1;
	}
	if (!read_header(&r))
		return -1;
	for (skip_notes(&r.csv); *r.csv.p != '\0'; skip_notes(&r.csv))
		if (!read_row(&r, t))
			break;
	return e->n == before ? 0 : -1;
}
