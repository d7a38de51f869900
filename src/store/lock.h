/* lock.h - who has a database: at most one process that writes for long, a sensor.
 *
 * A lock of the kernel on the file, which goes with the process that holds it, however that ends;
 * a row in the database says who it was.  So a row without a lock is a stale one.  Inside store only.
 *
 * SQLite's own locks are of another kind, but are lost when the process closes any descriptor of
 * the file: the lock is taken before the database is opened and released after it is closed.
 */
#ifndef STORE_LOCK_H
#define STORE_LOCK_H

#include <sqlite3.h>
#include <stdbool.h>

#include "base/err.h"

/* Take it; the file is made (for this user alone) where there is none and `create` is set.  A descriptor for lock_release(),
 * or -1 with the reason in `e`: also who has it. */
int	lock_take(const char *file, bool create, struct err *e);
void	lock_release(int fd);		/* -1 is ignored */

/* Is it taken by a process now? */
bool	lock_taken(const char *file);

/* Note who we are; `socket` NULL or "": none.  SQLITE_OK, or the error. */
int	lock_note(sqlite3 *db, const char *socket);
/* We go. */
void	lock_forget(sqlite3 *db);

struct lock_holder {
	long long	pid;		/* 0: nobody noted */
	char		since[32];	/* UTC */
	char		socket[128];	/* "" none */
};
void	lock_holder(sqlite3 *db, struct lock_holder *to);

#endif
