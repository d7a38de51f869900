/* load.c - rows out of a database: from their BLOB where it holds, else from their columns. */
#include "store/parts.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "store/list.h"

#define REPACK	4096	/* rows of a transaction: a tenth of a second */

/* A statement over the rows of a kind. */
static int
rows_of(sqlite3 *db, enum keep_kind k, const char *baseline, enum schema_select what, long n, long from, sqlite3_stmt **s)
{
	char *sql = schema_select(k, what, n, from);
	int rc = sql == NULL ? SQLITE_NOMEM : sqlite3_prepare_v2(db, sql, -1, s, NULL);

	sqlite3_free(sql);
	if (rc == SQLITE_OK && store_tables[k].of_baseline)
		rc = sqlite3_bind_text(*s, 1, baseline, -1, SQLITE_STATIC);
	return rc;
}

static bool
unpack_column(const struct pack_form *f, sqlite3_stmt *s, void *row)
{
	const void *bytes = sqlite3_column_blob(s, 0);

	return bytes != NULL && unpack(f, bytes, (size_t)sqlite3_column_bytes(s, 0), row);
}

struct load {
	sqlite3		*db;
	enum keep_kind	 k;
	const char	*baseline;
	void		(*each)(void *to, const void *row);
	void		*to;
	long		 n;		/* rows read from their BLOBs */
	uint64_t	 bad;		/* that are not understood */
};

/* Rows up to the first whose BLOB does not hold.  SQLITE_DONE: that was all; SQLITE_OK: the rest is in columns. */
static int
load_packed(struct load *l)
{
	const struct pack_form f = pack_form(l->k);
	_Alignas(16) uint8_t row[ROW_MAX] = { 0 };
	sqlite3_stmt *s = NULL;
	int rc;

	/* A database that an older version wrote, and that is only read, has none. */
	if (f.t == NULL || rows_of(l->db, l->k, l->baseline, SELECT_PACKED, -1, 0, &s) != SQLITE_OK)
		rc = SQLITE_OK;
	else
		while ((rc = sqlite3_step(s)) == SQLITE_ROW) {
			if (!unpack_column(&f, s, row)) {
				rc = SQLITE_OK;
				break;
			}
			l->each(l->to, row);
			l->n++;
		}
	(void)sqlite3_finalize(s);
	return rc;
}

static int
load_columns(struct load *l)
{
	_Alignas(16) uint8_t row[ROW_MAX] = { 0 };
	sqlite3_stmt *s = NULL;
	int rc = rows_of(l->db, l->k, l->baseline, SELECT_COLUMNS, -1, l->n, &s);

	while (rc == SQLITE_OK || rc == SQLITE_ROW) {
		rc = sqlite3_step(s);
		if (rc == SQLITE_ROW && row_read(s, 0, l->k, row))
			l->each(l->to, row);
		else
			l->bad += rc == SQLITE_ROW;
	}
	(void)sqlite3_finalize(s);
	return rc;
}

int
database_load(sqlite3 *db, const char *file, enum keep_kind k, const char *baseline, void (*each)(void *to, const void *row),
    void *to, bool *stale, struct err *e)
{
	struct load l = { .db = db, .k = k, .baseline = baseline, .each = each, .to = to };
	int rc;

	if (store_tables[k].name == NULL)
		return 0;
	/* Both statements see the same rows, whatever a sensor writes meanwhile. */
	rc = db_run(db, "BEGIN");
	if (rc == SQLITE_OK)
		rc = load_packed(&l);
	if (rc == SQLITE_OK) {
		rc = load_columns(&l);
		if (stale != NULL && store_tables[k].packed)
			*stale = true;
	}
	if (rc != SQLITE_DONE)
		db_problem(db, file, "the database cannot be read", e);
	(void)db_run(db, "COMMIT");
	if (l.bad > 0)
		log_warn("store", "%s: %llu rows of %s are not understood by this version and are left as they are", file,
		    (unsigned long long)l.bad, store_tables[k].name);
	return rc == SQLITE_DONE ? 0 : -1;
}

int
databases_load(struct databases *d, enum keep_kind k, void (*each)(void *to, const void *row), void *to, struct err *e)
{
	struct database *b = databases_home(d, k);

	return database_load(b->db, b->file, k, d->name, each, to, &d->packed[k].stale, e);
}

/* *n: rows that were looked at. */
static int
repack(struct databases *d, struct database *b, enum keep_kind k, long *n)
{
	_Alignas(16) uint8_t row[ROW_MAX] = { 0 };
	sqlite3_stmt *s = NULL;
	int rc = rows_of(b->db, k, d->name, SELECT_BOTH, REPACK, d->packed[k].at, &s);

	/* A row that is written again stands where it stood, so that the statement finds the next one. */
	for (*n = 0; rc == SQLITE_OK && (rc = sqlite3_step(s)) == SQLITE_ROW; ++*n) {
		rc = SQLITE_OK;
		if (unpack_column(&d->packed[k].form, s, row))
			continue;
		memset(row, 0, sizeof(row));
		if (row_read(s, 1, k, row))
			rc = databases_write(d, k, row, false);
	}
	(void)sqlite3_finalize(s);
	return rc == SQLITE_DONE ? SQLITE_OK : rc;
}

void
databases_repack(struct databases *d)
{
	enum keep_kind k = 0;
	struct database *b;
	long n;

	while (k < KEEP_KINDS && !d->packed[k].stale)
		k++;
	if (k == KEEP_KINDS)
		return;
	b = databases_home(d, k);
	if (db_run(b->db, "BEGIN IMMEDIATE") == SQLITE_OK && repack(d, b, k, &n) == SQLITE_OK && db_run(b->db, "COMMIT") == SQLITE_OK) {
		d->packed[k].at += n;
		d->packed[k].stale = n == REPACK;
	} else {
		/* It costs time only: not to be told, nor tried again. */
		d->packed[k].stale = false;
		databases_rollback(d);
	}
}

static bool
is_set(const char *text)
{
	return text != NULL && text[0] != '\0';
}

int
store_read(const struct store_settings *s, const struct baseline_settings *b, enum keep_kind kind,
    void (*each)(void *to, const void *row), void *to, struct err *e)
{
	const bool apart = is_set(b->file) && (store_tables[kind].of_baseline || !is_set(s->file));
	const char *file = apart ? b->file : s->file;

	return store_rows(file, kind, is_set(b->name) ? b->name : "default", each, to, e);
}
