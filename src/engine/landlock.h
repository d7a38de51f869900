/* landlock.h - which files a process may open from here on (Landlock, Linux 5.13 and later).
 *
 * Whatever is not named here cannot be opened, made or removed, by nobody's rights; TCP connections cannot be made and ports not
 * be bound, where the kernel knows that (6.7).  What is open stays open.
 */
#ifndef ENGINE_LANDLOCK_H
#define ENGINE_LANDLOCK_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

struct landlock_path {
	const char	*path;		/* NULL or "": nothing */
	enum { LANDLOCK_FILE, LANDLOCK_FOLDER, LANDLOCK_OF_FILE } what;	/* the file; all below this folder; all in the folder of this file */
	bool		 write;		/* files may be made, written and removed there, too; no folder, device, link or socket */
};

/* For the calling thread and what it starts; no new privileges must be set (rights.h).  A folder that is not there yet is that
 * of the nearest one above that is.  Returns what is in force: "on", "not supported" by this kernel, "not built"; NULL with the reason in `e`. */
const char *landlock_enter(const struct landlock_path *paths, size_t n, struct err *e);

#endif
