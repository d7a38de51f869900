#include "store/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "store/db.h"

#define TRIES	10u
#define TRY_MS	30

int
lock_note(sqlite3 *db, const char *socket)
{
	char *sql = sqlite3_mprintf("BEGIN IMMEDIATE;DELETE FROM holder;"
	    "INSERT INTO holder(pid,since,socket)VALUES(%d,datetime('now'),%Q);COMMIT",
	    (int)getpid(), socket != NULL ? socket : "");
	int rc = sql != NULL ? db_run(db, sql) : SQLITE_NOMEM;

	sqlite3_free(sql);
	if (rc != SQLITE_OK && sqlite3_get_autocommit(db) == 0)
		(void)db_run(db, "ROLLBACK");
	return rc;
}

void
lock_forget(sqlite3 *db)
{
	(void)db_run(db, "DELETE FROM holder");
}

void
lock_holder(sqlite3 *db, struct lock_holder *to)
{
	sqlite3_stmt *s = NULL;

	*to = (struct lock_holder){ 0 };
	if (sqlite3_prepare_v2(db, "SELECT pid,since,socket FROM holder", -1, &s, NULL) == SQLITE_OK &&
	    sqlite3_step(s) == SQLITE_ROW) {
		const char *since = (const char *)sqlite3_column_text(s, 1), *socket = (const char *)sqlite3_column_text(s, 2);

		to->pid = sqlite3_column_int64(s, 0);
		(void)snprintf(to->since, sizeof(to->since), "%s", since != NULL ? since : "");
		(void)snprintf(to->socket, sizeof(to->socket), "%s", socket != NULL ? socket : "");
	}
	(void)sqlite3_finalize(s);
}

/* Somebody else has it: who? */
static void
report(const char *file, struct err *e)
{
	struct err ignored = { 0 };
	sqlite3 *db = db_open(file, DB_READ, &ignored);
	struct lock_holder h = { 0 };

	if (db != NULL)
		lock_holder(db, &h);
	db_close(db);
	err_free(&ignored);
	if (h.pid != 0)
		err_add(e, file, 0, 0, "the database is in use: by process %lld since %s UTC%s%s", h.pid, h.since,
		    h.socket[0] != '\0' ? ", whose control socket is " : "", h.socket);
	else
		err_add(e, file, 0, 0, "the database is in use by another process");
}

int
lock_take(const char *file, bool create, struct err *e)
{
	int fd = open(file, O_RDWR | O_CLOEXEC | O_NOCTTY | (create ? O_CREAT : 0), 0600);
	int why = 0;

	if (fd < 0) {
		if (errno == EACCES || errno == EROFS || errno == EPERM)
			err_add(e, file, 0, 0, "the database cannot be written; it and its folder must be writable for this user");
		else
			err_add(e, file, 0, 0, "the database cannot be opened: %s", strerror(errno));
		return -1;
	}
	/* Who looks whether it is taken, or notes an action, has it for a moment. */
	for (unsigned i = 0; i < TRIES; i++) {
		if (flock(fd, LOCK_EX | LOCK_NB) == 0)
			return fd;
		why = errno;
		if (why != EWOULDBLOCK)
			break;
		(void)sqlite3_sleep(TRY_MS);
	}
	if (why == EWOULDBLOCK)
		report(file, e);
	else
		err_add(e, file, 0, 0, "the database cannot be locked: %s", strerror(why));
	(void)close(fd);
	return -1;
}

void
lock_release(int fd)
{
	if (fd >= 0)
		(void)close(fd);
}

bool
lock_taken(const char *file)
{
	int fd = open(file, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	bool taken = fd >= 0 && flock(fd, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK;

	if (fd >= 0)
		(void)close(fd);
	return taken;
}
