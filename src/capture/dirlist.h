/* dirlist.h - from the arguments of a replay to a flat list of files. */
#ifndef CAPTURE_DIRLIST_H
#define CAPTURE_DIRLIST_H

#include <stdbool.h>

#include "base/err.h"

struct dirlist_item {
	char	*path;		/* owned; "-" is standard input */
	bool	 named;		/* given on the command line, not found in a directory */
	bool	 may_grow;	/* named, or the newest of its directory */
};

struct dirlist {
	struct dirlist_item	*items;	/* owned */
	unsigned		 n, max;
};

/* Add files as they are and directories as their regular files, sorted by name,
 * hidden ones left out, without descending.  What cannot be read is added to `e`. */
void	dirlist_add(struct dirlist *l, const char *const *paths, unsigned n, struct err *e);
void	dirlist_free(struct dirlist *l);

#endif
