#include "store/copy.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/str.h"
#include "store/db.h"
#include "store/lock.h"
#include "store/schema.h"

#define PAGES	1024	/* copied at a time, so that a sensor can write in between */

static bool
copy_pages(sqlite3 *from, sqlite3 *to, const char *name, struct err *e)
{
	sqlite3_backup *b = sqlite3_backup_init(to, "main", from, "main");
	int rc = SQLITE_ERROR;

	if (b != NULL) {
		do {
			rc = sqlite3_backup_step(b, PAGES);
			if (rc == SQLITE_BUSY || rc == SQLITE_LOCKED)
				(void)sqlite3_sleep(20);
		} while (rc == SQLITE_OK || rc == SQLITE_BUSY || rc == SQLITE_LOCKED);
		rc = sqlite3_backup_finish(b);
	}
	if (rc != SQLITE_OK)
		err_add(e, name, 0, 0, "the copy cannot be written: %s", sqlite3_errmsg(to));
	return rc == SQLITE_OK;
}

/* A whole copy of `source` in a new file `part`. */
static bool
copy_to(sqlite3 *source, const char *part, struct err *e)
{
	/* For this user alone: it holds what is known of the plant. */
	int fd = open(part, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	sqlite3 *db = NULL;
	bool good = false;

	if (fd < 0) {
		err_add(e, part, 0, 0, "cannot be written: %s", strerror(errno));
		return false;
	}
	(void)close(fd);
	if (sqlite3_open_v2(part, &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL) != SQLITE_OK)
		err_add(e, part, 0, 0, "cannot be written: %s", sqlite3_errmsg(db));
	else if (copy_pages(source, db, part, e)) {
		/* One file, whole: no log beside it, and nobody who had it. */
		if (db_run(db, "PRAGMA journal_mode=DELETE") != SQLITE_OK || db_run(db, "DELETE FROM holder") != SQLITE_OK)
			err_add(e, part, 0, 0, "cannot be written: %s", sqlite3_errmsg(db));
		else
			good = db_is_sound(db, part, NULL, e);
	}
	db_close(db);
	if (!good)
		(void)unlink(part);
	return good;
}

static bool
name_with(char *to, size_t size, const char *file, const char *suffix, struct err *e)
{
	bool fits = (size_t)snprintf(to, size, "%s%s", file, suffix) < size;

	if (!fits)
		err_add(e, file, 0, 0, "the name is too long");
	return fits;
}

static bool
put_in_place(const char *part, const char *to, struct err *e)
{
	if (rename(part, to) == 0)
		return true;
	err_add(e, to, 0, 0, "cannot be written: %s", strerror(errno));
	(void)unlink(part);
	return false;
}

int
store_backup(const char *file, const char *to, struct err *e)
{
	char part[4096];
	sqlite3 *from;
	bool good;

	if (access(to, F_OK) == 0) {
		err_add(e, to, 0, 0, "there is such a file; a backup replaces nothing");
		return -1;
	}
	if (!name_with(part, sizeof(part), to, ".part", e) || (from = db_open(file, DB_READ, e)) == NULL)
		return -1;
	good = copy_to(from, part, e) && put_in_place(part, to, e);
	db_close(from);
	return good ? 0 : -1;
}

/* The copy belongs to whom the file belonged, and nothing of that is left beside it. */
static bool
take_the_place_of(const char *part, const char *file, struct err *e)
{
	static const char *const beside[] = { "-wal", "-shm", "-journal" };
	char name[4096];
	struct stat st;

	if (stat(file, &st) == 0 && (chown(part, st.st_uid, st.st_gid) != 0 || chmod(part, st.st_mode & 0777) != 0)) {
		err_add(e, part, 0, 0, "cannot be given to the owner of %s: %s", file, strerror(errno));
		(void)unlink(part);
		return false;
	}
	/* A log of the former file would be taken for one of the copy. */
	for (size_t i = 0; i < COUNTOF(beside); i++)
		if (!name_with(name, sizeof(name), file, beside[i], e) || (unlink(name) != 0 && errno != ENOENT)) {
			err_add(e, name, 0, 0, "cannot be removed: %s", strerror(errno));
			(void)unlink(part);
			return false;
		}
	return put_in_place(part, file, e);
}

int
store_restore(const char *file, const char *from, struct err *e)
{
	char part[4096];
	sqlite3 *source = db_open(from, DB_READ, e);
	int lock = -1;
	bool good = source != NULL && db_is_sound(source, from, NULL, e) && name_with(part, sizeof(part), file, ".part", e) &&
	    (access(file, F_OK) != 0 || (lock = lock_take(file, false, e)) >= 0) && copy_to(source, part, e) &&
	    take_the_place_of(part, file, e);

	db_close(source);
	lock_release(lock);
	return good ? 0 : -1;
}

int64_t
store_purge(const char *file, enum keep_kind kind, int64_t before_ns, struct err *e)
{
	const struct table *t = &store_tables[kind];
	int lock = lock_take(file, false, e);
	sqlite3 *db = lock >= 0 ? db_open(file, DB_WRITE, e) : NULL;
	int64_t went = -1;
	char *sql;

	if (db != NULL && before_ns != 0 && t->last == NULL)
		err_add(e, file, 0, 0, "rows of %s have no time: purge all of them, or none", t->name);
	else if (db != NULL) {
		sql = before_ns == 0 ? sqlite3_mprintf("DELETE FROM \"%w\"", t->name) :
		    sqlite3_mprintf("DELETE FROM \"%w\" WHERE \"%w\"<%lld", t->name, t->last, (long long)before_ns);
		if (sql != NULL && db_run(db, sql) == SQLITE_OK) {
			went = sqlite3_changes(db);
			(void)db_run(db, "VACUUM");
		} else
			db_problem(db, file, "the database cannot be written", e);
		sqlite3_free(sql);
	}
	db_close(db);
	lock_release(lock);
	return went;
}

enum keep_kind
store_kind(const char *name)
{
	for (enum keep_kind k = 0; k < KEEP_KINDS; k++)
		if (store_tables[k].name != NULL && strcmp(store_tables[k].name, name) == 0)
			return k;
	return KEEP_KINDS;
}

const char *
store_kind_name(enum keep_kind k)
{
	return store_tables[k].name;
}

static bool
figures_of(sqlite3 *db, enum keep_kind k, struct store_figures *to)
{
	const struct table *t = &store_tables[k];
	const char *first = t->first != NULL ? t->first : t->last != NULL && strcmp(t->last, "last_ns") == 0 ? "first_ns" : t->last;
	char *sql = t->last == NULL ? sqlite3_mprintf("SELECT count(*),0,0 FROM \"%w\"", t->name) :
	    sqlite3_mprintf("SELECT count(*),coalesce(min(\"%w\"),0),coalesce(max(\"%w\"),0) FROM \"%w\"", first, t->last, t->name);
	sqlite3_stmt *s = NULL;
	bool good = sql != NULL && sqlite3_prepare_v2(db, sql, -1, &s, NULL) == SQLITE_OK && sqlite3_step(s) == SQLITE_ROW;

	if (good)
		*to = (struct store_figures){ sqlite3_column_int64(s, 0), sqlite3_column_int64(s, 1), sqlite3_column_int64(s, 2) };
	(void)sqlite3_finalize(s);
	sqlite3_free(sql);
	return good;
}

int
store_figures(const char *file, struct store_figures of[KEEP_KINDS], int64_t *bytes, struct err *e)
{
	sqlite3 *db = db_open(file, DB_READ, e);
	struct stat st;
	bool good = db != NULL;

	memset(of, 0, KEEP_KINDS * sizeof(of[0]));
	for (enum keep_kind k = 0; good && k < KEEP_KINDS; k++)
		good = store_tables[k].name == NULL || figures_of(db, k, &of[k]);
	if (db != NULL && !good)
		db_problem(db, file, "the database cannot be read", e);
	*bytes = stat(file, &st) == 0 ? (int64_t)st.st_size : 0;
	db_close(db);
	return good ? 0 : -1;
}
