#include "engine/tags.h"

#include <stdlib.h>
#include <string.h>

#include "base/csv.h"

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
		(void)tags_parse_csv(t, path, text, n, e);
	free(text);
	(void)tags_made(t, path, e);
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
