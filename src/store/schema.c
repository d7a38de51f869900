#include "store/schema.h"

#include <stdlib.h>
#include <string.h>

#include "base/str.h"

/* ---- SQL about a table ------------------------------------------------------ */

enum which { EVERY, KEYS, OTHERS };

/* The names of columns with commas between; before each `before`, behind each `after`. */
static void
list(sqlite3_str *to, const struct table *t, enum which which, const char *before, const char *after)
{
	unsigned n = 0;

	if (t->of_baseline && which != OTHERS)
		sqlite3_str_appendf(to, "%s\"baseline\"%s", n++ > 0 ? "," : before, after);
	for (unsigned i = 0; i < t->n; i++) {
		bool key = (t->columns[i].marks & COLUMN_KEY) != 0;

		if (which == EVERY || key == (which == KEYS))
			sqlite3_str_appendf(to, "%s%s\"%w\"%s", n++ > 0 ? "," : "", before, t->columns[i].name, after);
	}
}

static const char *
type_of(const struct column *c)
{
	return c->form == COLUMN_NUMBER ? "INTEGER NOT NULL DEFAULT 0" :
	    c->form == COLUMN_EITHER ? "NOT NULL DEFAULT 0" : c->form == COLUMN_REAL ? "REAL NOT NULL DEFAULT 0" : "TEXT NOT NULL DEFAULT ''";
}

static const char packed_column[] = "\"packed\" BLOB";

char *
schema_create(enum keep_kind k)
{
	const struct table *t = &store_tables[k];
	sqlite3_str *s = sqlite3_str_new(NULL);

	sqlite3_str_appendf(s, "CREATE TABLE \"%w\"(", t->name);
	if (t->of_baseline)
		sqlite3_str_appendall(s, "\"baseline\" TEXT NOT NULL DEFAULT '',");
	for (unsigned i = 0; i < t->n; i++) {
		/* Behind the key, which comes first in the file, too: SQLite steps over all that is before it. */
		if (t->packed && i > 0 && (t->columns[i].marks & COLUMN_KEY) < (t->columns[i - 1].marks & COLUMN_KEY))
			sqlite3_str_appendf(s, "%s,", packed_column);
		sqlite3_str_appendf(s, "\"%w\" %s,", t->columns[i].name, type_of(&t->columns[i]));
	}
	sqlite3_str_appendall(s, "PRIMARY KEY(");
	list(s, t, KEYS, "", "");
	sqlite3_str_appendf(s, "))%s", t->small ? " WITHOUT ROWID" : "");
	return sqlite3_str_finish(s);
}

char *
schema_upsert(enum keep_kind k)
{
	const struct table *t = &store_tables[k];
	sqlite3_str *s = sqlite3_str_new(NULL);
	unsigned n = 0;

	sqlite3_str_appendf(s, "INSERT INTO \"%w\"(", t->name);
	list(s, t, EVERY, "", "");
	sqlite3_str_appendf(s, "%s)VALUES(", t->packed ? ",\"packed\"" : "");
	for (unsigned i = 0; i < t->n + t->of_baseline + t->packed; i++)
		sqlite3_str_appendall(s, i > 0 ? ",?" : "?");
	sqlite3_str_appendall(s, ")ON CONFLICT(");
	list(s, t, KEYS, "", "");
	sqlite3_str_appendall(s, ")DO ");
	for (unsigned i = 0; i < t->n; i++)
		if ((t->columns[i].marks & (COLUMN_KEY | COLUMN_ONCE)) == 0)
			sqlite3_str_appendf(s, "%s\"%w\"=excluded.\"%w\"", n++ > 0 ? "," : "UPDATE SET ", t->columns[i].name,
			    t->columns[i].name);
	if (n == 0)
		sqlite3_str_appendall(s, "NOTHING");
	else if (t->packed)
		sqlite3_str_appendall(s, ",\"packed\"=excluded.\"packed\"");
	return sqlite3_str_finish(s);
}

char *
schema_drop(enum keep_kind k)
{
	const struct table *t = &store_tables[k];
	sqlite3_str *s = sqlite3_str_new(NULL);

	sqlite3_str_appendf(s, "DELETE FROM \"%w\" WHERE ", t->name);
	if (t->of_baseline)
		sqlite3_str_appendall(s, "\"baseline\"=?");
	for (unsigned i = 0, n = t->of_baseline; i < t->n; i++)
		if ((t->columns[i].marks & COLUMN_KEY) != 0)
			sqlite3_str_appendf(s, "%s\"%w\"=?", n++ > 0 ? " AND " : "", t->columns[i].name);
	return sqlite3_str_finish(s);
}

char *
schema_select(enum keep_kind k, enum schema_select what, long n, long from)
{
	const struct table *t = &store_tables[k];
	sqlite3_str *s = sqlite3_str_new(NULL);

	sqlite3_str_appendf(s, "SELECT %s", what == SELECT_COLUMNS ? "" : "\"packed\"");
	for (unsigned i = 0; what != SELECT_PACKED && i < t->n; i++)
		sqlite3_str_appendf(s, "%s\"%w\"", i > 0 || what == SELECT_BOTH ? "," : "", t->columns[i].name);
	sqlite3_str_appendf(s, " FROM \"%w\"%s ORDER BY ", t->name, t->of_baseline ? " WHERE \"baseline\"=?" : "");
	list(s, t, KEYS, "", "");
	sqlite3_str_appendf(s, " LIMIT %ld OFFSET %ld", n, from);
	return sqlite3_str_finish(s);
}

char *
schema_key(enum keep_kind k)
{
	sqlite3_str *s = sqlite3_str_new(NULL);

	list(s, &store_tables[k], KEYS, "", "");
	return sqlite3_str_finish(s);
}

/* ---- versions ----------------------------------------------------------------- */

/* Changes that are more than a new column: run when a database is older than `to`. */
static const struct step {
	int		 to;
	const char	*sql;
} steps[] = {
	{ 0, "" },
};

static int
run_made(sqlite3 *db, char *sql)
{
	int rc = sql != NULL ? sqlite3_exec(db, sql, NULL, NULL, NULL) : SQLITE_NOMEM;

	sqlite3_free(sql);
	return rc;
}

/* What is there of a table: 0 nothing, 1 the column, 2 others. */
static int
look(sqlite3 *db, const char *table, const char *column, unsigned *there)
{
	sqlite3_stmt *s = NULL;
	int rc = sqlite3_prepare_v2(db, "SELECT count(*), coalesce(sum(name=?2),0) FROM pragma_table_info(?1)", -1, &s, NULL);

	*there = 0;
	if (rc == SQLITE_OK && (rc = sqlite3_bind_text(s, 1, table, -1, SQLITE_STATIC)) == SQLITE_OK &&
	    (rc = sqlite3_bind_text(s, 2, column, -1, SQLITE_STATIC)) == SQLITE_OK && (rc = sqlite3_step(s)) == SQLITE_ROW) {
		*there = sqlite3_column_int(s, 1) > 0 ? 1 : sqlite3_column_int(s, 0) > 0 ? 2 : 0;
		rc = SQLITE_OK;
	}
	(void)sqlite3_finalize(s);
	return rc;
}

/* Tables and columns that are not there. */
static int
complete(sqlite3 *db, enum keep_kind k)
{
	const struct table *t = &store_tables[k];
	unsigned there;
	int rc = look(db, t->name, t->columns[0].name, &there);

	if (rc != SQLITE_OK || there == 0)
		return rc != SQLITE_OK ? rc : run_made(db, schema_create(k));
	for (unsigned i = 0; rc == SQLITE_OK && i < t->n; i++) {
		rc = look(db, t->name, t->columns[i].name, &there);
		if (rc == SQLITE_OK && there != 1)
			rc = run_made(db, sqlite3_mprintf("ALTER TABLE \"%w\" ADD COLUMN \"%w\" %s", t->name, t->columns[i].name,
			    type_of(&t->columns[i])));
	}
	if (rc == SQLITE_OK && t->packed)
		rc = look(db, t->name, "packed", &there);
	if (rc == SQLITE_OK && t->packed && there != 1)
		rc = run_made(db, sqlite3_mprintf("ALTER TABLE \"%w\" ADD COLUMN %s", t->name, packed_column));
	return rc;
}

static int
show_as_present(sqlite3 *db, const struct table *t)
{
	sqlite3_str *s = sqlite3_str_new(NULL);
	unsigned there, missing = 0;
	int rc = look(db, t->name, t->columns[0].name, &there);
	const bool none = there == 0;

	sqlite3_str_appendf(s, "CREATE TEMP VIEW \"%w\" AS SELECT ", t->name);
	if (t->of_baseline)
		sqlite3_str_appendall(s, none ? "'' AS \"baseline\"," : "\"baseline\",");
	for (unsigned i = 0; rc == SQLITE_OK && i < t->n; i++) {
		const struct column *c = &t->columns[i];

		rc = none ? SQLITE_OK : look(db, t->name, c->name, &there);
		if (there != 1)
			missing++;
		sqlite3_str_appendf(s, there == 1 ? "%s\"%w\"" : c->form >= COLUMN_NUMBER && c->form <= COLUMN_EITHER ? "%s0 AS \"%w\"" :
		    "%s'' AS \"%w\"", i > 0 ? "," : "", c->name);
	}
	if (none)
		sqlite3_str_appendall(s, " WHERE 0");
	else
		sqlite3_str_appendf(s, " FROM main.\"%w\"", t->name);
	if (rc == SQLITE_OK && missing > 0)
		return run_made(db, sqlite3_str_finish(s));
	sqlite3_free(sqlite3_str_finish(s));
	return rc;
}

int
schema_show_as_present(sqlite3 *db)
{
	int rc = SQLITE_OK;

	for (enum keep_kind k = 0; rc == SQLITE_OK && k < KEEP_KINDS; k++)
		if (store_tables[k].name != NULL)
			rc = show_as_present(db, &store_tables[k]);
	return rc;
}

int
schema_look_over(sqlite3 *db)
{
	static const char *const others[] = { "SELECT pid,since,socket FROM holder", "SELECT level,start_ns,series FROM tag_due" };
	int rc = SQLITE_OK;

	for (size_t i = 0; rc == SQLITE_OK && i < COUNTOF(others) + KEEP_KINDS; i++) {
		enum keep_kind k = (enum keep_kind)(i - COUNTOF(others));
		sqlite3_stmt *s = NULL;
		char *sql;

		if (i >= COUNTOF(others) && store_tables[k].name == NULL)
			continue;
		sql = i < COUNTOF(others) ? sqlite3_mprintf("%s", others[i]) :
		    schema_select(k, store_tables[k].packed ? SELECT_BOTH : SELECT_COLUMNS, 0, 0);
		/* To be prepared is enough: names are looked up then. */
		rc = sql != NULL ? sqlite3_prepare_v2(db, sql, -1, &s, NULL) : SQLITE_NOMEM;
		(void)sqlite3_finalize(s);
		sqlite3_free(sql);
	}
	return rc;
}

/* Who changes columns and not the BLOB (by hand) would not be heard. */
static int
watch(sqlite3 *db, enum keep_kind k)
{
	const struct table *t = &store_tables[k];
	sqlite3_str *s = sqlite3_str_new(NULL);
	const char *and = "";

	sqlite3_str_appendf(s, "DROP TRIGGER IF EXISTS \"%w_by_hand\";CREATE TRIGGER \"%w_by_hand\" AFTER UPDATE ON \"%w\" WHEN new.packed IS old.packed BEGIN "
	    "UPDATE \"%w\" SET \"packed\"=NULL WHERE ", t->name, t->name, t->name, t->name);
	if (t->of_baseline) {
		sqlite3_str_appendall(s, "\"baseline\"=new.\"baseline\"");
		and = " AND ";
	}
	for (unsigned i = 0; i < t->n; i++)
		if ((t->columns[i].marks & COLUMN_KEY) != 0) {
			sqlite3_str_appendf(s, "%s\"%w\"=new.\"%w\"", and, t->columns[i].name, t->columns[i].name);
			and = " AND ";
		}
	sqlite3_str_appendall(s, ";END");
	return run_made(db, sqlite3_str_finish(s));
}

int
schema_migrate(sqlite3 *db, int from)
{
	int rc = SQLITE_OK;

	for (size_t i = 0; from > 0 && rc == SQLITE_OK && i < COUNTOF(steps); i++)
		if (from < steps[i].to)
			rc = sqlite3_exec(db, steps[i].sql, NULL, NULL, NULL);
	/* Who holds the database (lock.h). */
	if (rc == SQLITE_OK)
		rc = sqlite3_exec(db, "CREATE TABLE IF NOT EXISTS holder(pid INTEGER,since TEXT,socket TEXT)", NULL, NULL, NULL);
	/* Minutes (1) and hours (2) of series that are to be made anew (history.c). */
	if (rc == SQLITE_OK)
		rc = sqlite3_exec(db, "CREATE TABLE IF NOT EXISTS tag_due(level INTEGER NOT NULL,start_ns INTEGER NOT NULL,series INTEGER NOT NULL,"
		    "PRIMARY KEY(level,start_ns,series))WITHOUT ROWID", NULL, NULL, NULL);
	for (enum keep_kind k = 0; rc == SQLITE_OK && k < KEEP_KINDS; k++)
		if (store_tables[k].name != NULL)
			rc = complete(db, k);
	for (enum keep_kind k = 0; rc == SQLITE_OK && k < KEEP_KINDS; k++)
		if (store_tables[k].name != NULL && store_tables[k].packed)
			rc = watch(db, k);
	/* What operators did to an alert is asked for with each alert of a listing; what each rule found is counted over all of them. */
	if (rc == SQLITE_OK)
		rc = sqlite3_exec(db, "CREATE INDEX IF NOT EXISTS actions_of ON actions(object,id);"
		    "CREATE INDEX IF NOT EXISTS alerts_of ON alerts(gid,sid,last_ns,first_ns,count);"
		    "CREATE INDEX IF NOT EXISTS incident_of ON incident_alerts(alert)", NULL, NULL, NULL);
	for (enum keep_kind k = 0; rc == SQLITE_OK && k < KEEP_KINDS; k++)
		if (store_tables[k].name != NULL && store_tables[k].listed)
			rc = run_made(db, sqlite3_mprintf("CREATE INDEX IF NOT EXISTS \"%w_last\" ON \"%w\"(\"%w\")", store_tables[k].name,
			    store_tables[k].name, store_tables[k].last));
	return rc;
}
