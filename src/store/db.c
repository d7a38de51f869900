#include "store/db.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/schema.h"

#define APPLICATION_ID	0x74776c6c	/* of the file's header: "twll" */

int
db_run(sqlite3 *db, const char *sql)
{
	return sqlite3_exec(db, sql, NULL, NULL, NULL);
}

static void
damaged(const char *file, const char *how, struct err *e)
{
	err_add(e, file, 0, 0, "the database is damaged (%s); restore a backup (thermowell store restore), or move it away", how);
}

void
db_problem(sqlite3 *db, const char *file, const char *what, struct err *e)
{
	switch (sqlite3_errcode(db) & 0xff) {
	case SQLITE_NOTADB:
		err_add(e, file, 0, 0, "this is no database of thermowell; name another file, or move it away");
		break;
	case SQLITE_CORRUPT:
		damaged(file, sqlite3_errmsg(db), e);
		break;
	case SQLITE_READONLY:
	case SQLITE_PERM:
		err_add(e, file, 0, 0, "the database cannot be written; it and its folder must be writable for this user");
		break;
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		err_add(e, file, 0, 0, "the database is in use by another program that does not let go of it");
		break;
	case SQLITE_FULL:
		err_add(e, file, 0, 0, "there is no space left on the disk of the database");
		break;
	default:
		err_add(e, file, 0, 0, "%s: %s", what, sqlite3_errmsg(db));
	}
}

int64_t
db_number(sqlite3 *db, const char *sql)
{
	sqlite3_stmt *s = NULL;
	int64_t n = -1;

	if (sqlite3_prepare_v2(db, sql, -1, &s, NULL) == SQLITE_OK && sqlite3_step(s) == SQLITE_ROW)
		n = sqlite3_column_int64(s, 0);
	(void)sqlite3_finalize(s);
	return n;
}

/* Is it ours, and of a version that we know? */
static bool
check(sqlite3 *db, const char *file, enum db_access access, struct err *e)
{
	int64_t tables = db_number(db, "SELECT count(*) FROM sqlite_master");
	int64_t id = tables < 0 ? -1 : db_number(db, "PRAGMA application_id");
	int64_t version = id < 0 ? -1 : db_number(db, "PRAGMA user_version");

	if (version < 0) {
		db_problem(db, file, "the database cannot be read", e);
		return false;
	}
	if (tables == 0 && id == 0 && access == DB_CREATE)
		return true;
	if (id != APPLICATION_ID) {
		err_add(e, file, 0, 0, tables == 0 ? "this is an empty file, no database of thermowell" :
		    "this is the database of another program; name another file");
		return false;
	}
	if (version > SCHEMA_VERSION) {
		err_add(e, file, 0, 0, "the database was written by a later version of thermowell (form %lld; this one knows up to %d)",
		    (long long)version, SCHEMA_VERSION);
		return false;
	}
	return true;
}

/* One of the present form has every table of it, with every column. */
static bool
is_whole(sqlite3 *db, const char *file, struct err *e)
{
	int rc = schema_look_over(db);

	if (rc == SQLITE_ERROR)
		damaged(file, sqlite3_errmsg(db), e);
	else if (rc != SQLITE_OK)
		db_problem(db, file, "the database cannot be read", e);
	return rc == SQLITE_OK;
}

/* Create what is not there, and bring what is old to the present version: all or nothing. */
static bool
prepare(sqlite3 *db, const char *file, struct err *e)
{
	char sql[96];
	int64_t version;

	if (db_run(db, "PRAGMA journal_mode=WAL") != SQLITE_OK || db_run(db, "PRAGMA synchronous=NORMAL") != SQLITE_OK ||
	    db_run(db, "BEGIN IMMEDIATE") != SQLITE_OK)
		goto failed;
	version = db_number(db, "PRAGMA user_version");
	(void)sqlite3_snprintf(sizeof(sql), sql, "PRAGMA application_id=%d; PRAGMA user_version=%d", APPLICATION_ID, SCHEMA_VERSION);
	if (version != SCHEMA_VERSION && (version < 0 || schema_migrate(db, (int)version) != SQLITE_OK ||
	    db_run(db, sql) != SQLITE_OK))
		goto failed;
	if (db_run(db, "COMMIT") == SQLITE_OK)
		return is_whole(db, file, e);
failed:
	db_problem(db, file, "the database cannot be prepared", e);
	(void)db_run(db, "ROLLBACK");
	return false;
}

/* It is only read: an older one stays what it is, and is shown as a present one. */
static bool
show(sqlite3 *db, const char *file, struct err *e)
{
	int64_t version = db_number(db, "PRAGMA user_version");

	if (version == SCHEMA_VERSION)
		return is_whole(db, file, e);
	if (version > 0 && schema_show_as_present(db) == SQLITE_OK)
		return true;
	db_problem(db, file, "the database cannot be read", e);
	return false;
}

sqlite3 *
db_open(const char *file, enum db_access access, struct err *e)
{
	const int flags = SQLITE_OPEN_NOMUTEX | (access == DB_READ ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE) |
	    (access == DB_CREATE ? SQLITE_OPEN_CREATE : 0);
	sqlite3 *db = NULL;
	struct stat st;

	if (access != DB_CREATE && stat(file, &st) != 0) {
		err_add(e, file, 0, 0, "the database cannot be opened: %s", strerror(errno));
		return NULL;
	}
	if (sqlite3_open_v2(file, &db, flags, NULL) != SQLITE_OK) {
		int why = db != NULL ? sqlite3_system_errno(db) : ENOMEM;

		err_add(e, file, 0, 0, "the database cannot be opened: %s", why != 0 ? strerror(why) : sqlite3_errmsg(db));
		db_close(db);
		return NULL;
	}
	(void)sqlite3_busy_timeout(db, DB_BUSY_MS);
	/* Nothing is written beside it, nor in a folder for temporary files. */
	(void)db_run(db, "PRAGMA temp_store=MEMORY");
	/* What is read from a file that somebody else may have written runs nothing. */
	(void)sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	(void)sqlite3_db_config(db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
	/* A column that is missing is an error, no text with its name. */
	(void)sqlite3_db_config(db, SQLITE_DBCONFIG_DQS_DML, 0, NULL);
	/* Ours are for those who change rows by hand (schema.c). */
	(void)sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL);
	if (access != DB_READ && sqlite3_db_readonly(db, "main") == 1) {
		err_add(e, file, 0, 0, "the database cannot be written; it and its folder must be writable for this user");
		db_close(db);
		return NULL;
	}
	if (check(db, file, access, e) && (access == DB_READ ? show(db, file, e) : prepare(db, file, e)))
		return db;
	db_close(db);
	return NULL;
}

void
db_close(sqlite3 *db)
{
	(void)sqlite3_close_v2(db);
}

bool
db_is_sound(sqlite3 *db, const char *file, const char *table, struct err *e)
{
	sqlite3_stmt *s = NULL;
	const char *text = NULL;
	char sql[96];
	bool sound;

	(void)sqlite3_snprintf(sizeof(sql), sql, table != NULL ? "PRAGMA quick_check(%Q)" : "PRAGMA integrity_check(1)", table);
	sound = sqlite3_prepare_v2(db, sql, -1, &s, NULL) == SQLITE_OK &&
	    sqlite3_step(s) == SQLITE_ROW && (text = (const char *)sqlite3_column_text(s, 0)) != NULL && strcmp(text, "ok") == 0;

	if (!sound)
		damaged(file, text != NULL ? text : sqlite3_errmsg(db), e);
	(void)sqlite3_finalize(s);
	return sound;
}
