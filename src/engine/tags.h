/* tags.h - the tag file, from its path to a set. */
#ifndef ENGINE_TAGS_H
#define ENGINE_TAGS_H

#include <stdbool.h>

#include "base/err.h"
#include "process/tag.h"

/* The tags of a file; none (path NULL or "") is an empty set.  NULL, with every problem in `e`. */
struct tags	*tags_open(const char *path, struct err *e);
/* What a file holds, n bytes and a NUL behind them, which are changed: YAML by the end of its path (.yaml, .yml), else CSV. */
void		 tags_parse(struct tags *t, const char *path, char *text, size_t n, struct err *e);
/* The same in a reader. */
struct tag_reader *tags_open_reader(const char *path, struct err *e);
/* In any thread: read it again; the reader takes it over with its next swap.  False, with `e`: nothing changes. */
bool		 tags_prepare(struct tag_reader *r, const char *path, struct err *e);

#endif
