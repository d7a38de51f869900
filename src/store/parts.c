#include "store/parts.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/log.h"

#define CHECKED_MAX	(64 << 20)	/* bytes: a larger one is found damaged where it is read or written */
#define CACHE_KIB	1024	/* SQLite's, of a database; with 8 MiB learning a large baseline costs 5 % less */

/* ---- open and close ------------------------------------------------------------- */

static bool
open_one(struct database *b, const char *file, const char *socket, struct err *e)
{
	char sql[128];
	struct stat st;

	b->file = strdup(file);
	if (b->file == NULL) {
		err_add(e, NULL, 0, 0, "not enough memory");
		return false;
	}
	b->lock = lock_take(file, true, e);
	if (b->lock < 0 || (b->db = db_open(file, DB_CREATE, e)) == NULL)
		return false;
	/* What is not read at start anyhow; the alerts of years would delay it. */
	for (enum keep_kind k = 0; stat(file, &st) == 0 && st.st_size <= CHECKED_MAX && k < KEEP_KINDS; k++)
		if (store_tables[k].name != NULL && !store_tables[k].of_baseline && !db_is_sound(b->db, file, store_tables[k].name, e))
			return false;
	if (lock_note(b->db, socket) != SQLITE_OK) {
		db_problem(b->db, file, "the database cannot be written", e);
		return false;
	}
	(void)sqlite3_snprintf(sizeof(sql), sql, "PRAGMA temp_store=MEMORY; PRAGMA journal_size_limit=4194304; PRAGMA cache_size=-%d",
	    CACHE_KIB);
	(void)db_run(b->db, sql);
	return true;
}

static void
close_one(struct database *b)
{
	for (unsigned k = 0; k < KEEP_KINDS; k++)
		for (unsigned i = 0; i < 2; i++)
			(void)sqlite3_finalize(b->write[k][i]);
	if (b->db != NULL && b->lock >= 0)
		lock_forget(b->db);
	db_close(b->db);
	/* Not before: see lock.h. */
	lock_release(b->lock);
	free(b->file);
	*b = (struct database){ .lock = -1 };
}

static bool
is_set(const char *text)
{
	return text != NULL && text[0] != '\0';
}

bool
databases_open(struct databases *d, const struct store_settings *s, const struct baseline_settings *b,
    const char *socket, struct err *e)
{
	bool two = is_set(s->file) && is_set(b->file) && strcmp(s->file, b->file) != 0;

	d->all.lock = d->baseline.lock = -1;
	d->s = s;
	d->name = strdup(is_set(b->name) ? b->name : "default");
	d->failed = "";
	for (enum keep_kind k = 0; k < KEEP_KINDS; k++) {
		d->packed[k] = (struct databases_packed){ .form = pack_form(k) };
		d->rows[k] = -1;
	}
	if (d->name == NULL) {
		err_add(e, NULL, 0, 0, "not enough memory");
		return false;
	}
	if (!open_one(&d->all, is_set(s->file) ? s->file : b->file, socket, e) ||
	    (two && !open_one(&d->baseline, b->file, socket, e)))
		return false;
	d->history.db = d->all.db;
	return true;
}

void
databases_close(struct databases *d)
{
	history_close(&d->history);
	close_one(&d->all);
	close_one(&d->baseline);
	free(d->name);
	d->name = NULL;
}

size_t
databases_memory(const struct databases *d)
{
	return CACHE_KIB * 1024u * (d->baseline.file != NULL ? 2 : 1);
}

/* ---- rows ----------------------------------------------------------------------- */

struct database *
databases_home(struct databases *d, enum keep_kind k)
{
	return store_tables[k].of_baseline && d->baseline.db != NULL ? &d->baseline : &d->all;
}

static int
step(struct databases *d, struct database *b, const char *sql)
{
	int rc = b->db != NULL ? db_run(b->db, sql) : SQLITE_OK;

	if (rc != SQLITE_OK)
		d->failed = b->file;
	return rc;
}

int
databases_begin(struct databases *d)
{
	int rc = step(d, &d->all, "BEGIN IMMEDIATE");

	return rc == SQLITE_OK ? step(d, &d->baseline, "BEGIN IMMEDIATE") : rc;
}

int
databases_commit(struct databases *d)
{
	/* Rows that are written again are the same: one of two that failed is made good next time. */
	int rc = step(d, &d->all, "COMMIT");

	return rc == SQLITE_OK ? step(d, &d->baseline, "COMMIT") : rc;
}

void
databases_rollback(struct databases *d)
{
	history_forget(&d->history);
	for (enum keep_kind k = 0; k < KEEP_KINDS; k++)
		d->rows[k] = -1;
	if (d->all.db != NULL && sqlite3_get_autocommit(d->all.db) == 0)
		(void)db_run(d->all.db, "ROLLBACK");
	if (d->baseline.db != NULL && sqlite3_get_autocommit(d->baseline.db) == 0)
		(void)db_run(d->baseline.db, "ROLLBACK");
}

static int
prepare(struct database *b, enum keep_kind k, bool drop, sqlite3_stmt **to)
{
	char *sql;
	int rc = SQLITE_OK;

	if (b->write[k][drop] == NULL) {
		sql = drop ? schema_drop(k) : schema_upsert(k);
		rc = sql == NULL ? SQLITE_NOMEM :
		    sqlite3_prepare_v3(b->db, sql, -1, SQLITE_PREPARE_PERSISTENT, &b->write[k][drop], NULL);
		sqlite3_free(sql);
	}
	*to = b->write[k][drop];
	return rc;
}

int
databases_write(struct databases *d, enum keep_kind k, const void *row, bool drop)
{
	struct database *b = databases_home(d, k);
	struct row_bound bound;
	uint64_t last_ns;
	sqlite3_stmt *s;
	int rc = prepare(b, k, drop, &s);

	if (rc == SQLITE_OK)
		rc = row_bind(s, k, row, &d->packed[k].form, d->name, drop, &bound);
	if (rc == SQLITE_OK) {
		(void)sqlite3_step(s);
		rc = sqlite3_reset(s);
		if (rc == SQLITE_OK && d->rows[k] >= 0)
			d->rows[k] += sqlite3_changes(b->db) > 0;
	}
	if (rc == SQLITE_OK && k == KEEP_VALUE && !drop)
		rc = history_note(&d->history, row);
	/* One row that the database does not take must not stop all others. */
	if (rc == SQLITE_CONSTRAINT || rc == SQLITE_MISMATCH || rc == SQLITE_TOOBIG) {
		log_error("store", "%s: a row of %s is left out: %s", b->file, store_tables[k].name, sqlite3_errmsg(b->db));
		rc = SQLITE_OK;
	}
	if (rc != SQLITE_OK)
		d->failed = b->file;
	d->written[k]++;
	if (store_tables[k].last != NULL && !drop) {
		memcpy(&last_ns, (const uint8_t *)row + store_tables[k].last_at, sizeof(last_ns));
		d->latest[k] = last_ns > d->latest[k] ? last_ns : d->latest[k];
	}
	return rc;
}
