/* db.h - a database file of ours: opened, checked, brought to the present version.
 *
 * Inside store only.  WAL, so that readers wait for nobody; synchronous NORMAL: a process that
 * is killed loses nothing that was committed, a machine that loses power at most the last
 * transactions, and neither breaks the file.
 */
#ifndef STORE_DB_H
#define STORE_DB_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

#define DB_BUSY_MS	2000	/* how long another process that writes is waited for */

enum db_access {
	DB_READ,		/* it must be there */
	DB_WRITE,		/* the same; older versions are brought to the present one */
	DB_CREATE		/* a new one where there is none */
};

/* NULL, with a sentence in `e`: it cannot be opened, is no database, another program's, of a later
 * version, damaged, or cannot be written. */
sqlite3	*db_open(const char *file, enum db_access access, struct err *e);
void	 db_close(sqlite3 *db);		/* NULL is ignored */

/* Is every page of it sound?  `table`: only those of this one, and without a look at whether each index has
 * each row; NULL: all. */
bool	 db_is_sound(sqlite3 *db, const char *file, const char *table, struct err *e);

/* Statements without a result.  SQLITE_OK, or the error. */
int	 db_run(sqlite3 *db, const char *sql);

/* The number that a statement answers with; -1: it failed. */
int64_t	 db_number(sqlite3 *db, const char *sql);

/* What an error of SQLite means for this file, as a problem in `e`. */
void	 db_problem(sqlite3 *db, const char *file, const char *what, struct err *e);

#endif
