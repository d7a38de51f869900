#include "engine/tags.h"

#include <stdlib.h>
#include <string.h>

#include "base/csv.h"
#include "config/entries.h"

/* One entry of YAML after the other. */
struct entry {
	struct tags	*t;
	const char	*path;
	struct err	*e;
	struct tag_row	 row;
};

static void
begin(void *arg, int line, int column)
{
	struct entry *x = arg;

	x->row = (struct tag_row){ .at_line = line, .at_column = column };
}

static void
put(void *arg, const char *key, int key_line, int key_column, const char *value, int line, int column)
{
	struct entry *x = arg;
	const char *near;
	enum tag_column c = tag_column_find(key, &near);

	if (c == TAG_COLUMN_COUNT || x->row.text[c] != NULL) {
		err_add(x->e, x->path, key_line, key_column, c == TAG_COLUMN_COUNT ? "a tag has no '%s'%s%s%s" : "'%s' is there twice%s%s%s", key,
		    near != NULL ? "; did you mean '" : "", near != NULL ? near : "", near != NULL ? "'?" : "");
		return;
	}
	x->row.text[c] = value;
	x->row.line[c] = line;
	x->row.column[c] = column;
}

static void
end(void *arg)
{
	struct entry *x = arg;

	(void)tags_add(x->t, x->path, &x->row, x->e);
}

void
tags_parse(struct tags *t, const char *path, char *text, size_t n, struct err *e)
{
	struct entry x = { .t = t, .path = path, .e = e };
	const char *point = strrchr(path, '.');

	if (point != NULL && (strcmp(point, ".yaml") == 0 || strcmp(point, ".yml") == 0))
		(void)config_entries(path, text, n, "tags", &(struct entries_sink){ begin, put, end, &x }, e);
	else
		(void)tags_parse_csv(t, path, text, n, e);
	(void)tags_made(t, path, e);
}

struct tags *
tags_open(const char *path, struct err *e)
{
	struct tags *t = tags_none();
	int before = e->n;
	char *text;
	size_t n;

	if (t == NULL) {
		err_add(e, path, 0, 0, "not enough memory for tags");
		return NULL;
	}
	if (path == NULL || path[0] == '\0')
		return t;
	text = csv_read(path, &n, e);
	if (text != NULL)
		tags_parse(t, path, text, n, e);
	free(text);
	if (e->n == before)
		return t;
	tags_close(t);
	return NULL;
}

struct tag_reader *
tags_open_reader(const char *path, struct err *e)
{
	struct tags *t = tags_open(path, e);
	struct tag_reader *r = t != NULL ? tag_reader_open(t) : NULL;

	if (t != NULL && r == NULL) {
		tags_close(t);
		err_add(e, path, 0, 0, "not enough memory for tags");
	}
	return r;
}

bool
tags_prepare(struct tag_reader *r, const char *path, struct err *e)
{
	struct tags *t = tags_open(path, e);

	if (t != NULL && tag_reader_prepare(r, t) == 0)
		return true;
	if (t != NULL)
		err_add(e, path, 0, 0, "not enough memory for tags");
	tags_close(t);
	return false;
}
