/* entries.h - a list of entries in YAML, each with words and single values: - { name: a, unit: bar }. */
#ifndef CONFIG_ENTRIES_H
#define CONFIG_ENTRIES_H

#include <stddef.h>

#include "base/err.h"

struct entries_sink {
	/* An entry begins; a key and its value, NUL-terminated, borrowed until end() has returned; the entry is over. */
	void	(*begin)(void *arg, int line, int column);
	void	(*put)(void *arg, const char *key, int key_line, int key_column, const char *value, int line, int column);
	void	(*end)(void *arg);
	void	*arg;
};

/* n bytes: the list alone, or below the one key `key`.  Problems go to `e` with `path`, line and column.  0, or -1 when there
 * were some. */
int	config_entries(const char *path, const char *text, size_t n, const char *key, const struct entries_sink *to, struct err *e);

#endif
