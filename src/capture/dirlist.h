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

struct dirlist_seen;

struct dirlist {
	struct dirlist_item	*items;	/* owned */
	unsigned		 n, max;
	struct dirlist_seen	*seen;	/* owned: folders */
	unsigned		 n_seen, max_seen;
};

/* Add files as they are and directories as the regular files in them and below them, sorted
 * by path, hidden ones left out.  A folder that was seen already (a link that leads back) is
 * not entered again, nor what is more than DIRLIST_DEPTH folders down.  What was named and
 * cannot be read is added to `e`; a folder below it is logged. */
#define DIRLIST_DEPTH 32u
void	dirlist_add(struct dirlist *l, const char *const *paths, unsigned n, struct err *e);
void	dirlist_free(struct dirlist *l);

#endif
