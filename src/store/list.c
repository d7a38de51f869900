#include "store/list.h"

#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "store/db.h"
#include "store/lock.h"
#include "store/parts.h"
#include "store/schema.h"

#define EXTRA	5u	/* cells behind the columns, see said_cells() */

static const char *
object_of(enum keep_kind k)
{
	return k == KEEP_INCIDENT ? "incident" : "alert";
}

/* What operators did to a row, beside its columns. */
static void
said(sqlite3_str *s, enum keep_kind k)
{
	static const char *const what[] = { "ts_ns", "who", "text", "who" };
	static const char *const verb[] = { "acknowledge", "acknowledge", "label", "label" };

	for (unsigned i = 0; i < COUNTOF(what); i++)
		sqlite3_str_appendf(s, ",(SELECT a.\"%w\" FROM actions a WHERE a.object=%Q AND a.id=t.uid AND a.verb=%Q "
		    "ORDER BY a.ts_ns DESC LIMIT 1)", what[i], object_of(k), verb[i]);
	sqlite3_str_appendall(s, k == KEEP_ALERT ? ",(SELECT m.incident FROM incident_alerts m WHERE m.alert=t.uid LIMIT 1)" : ",''");
}

static char *
query_text(const struct store_query *q)
{
	const struct table *t = &store_tables[q->kind];
	const char *const *ends = q->kind == KEEP_INCIDENT ? (const char *const[]){ "attacker", "target" } :
	    (const char *const[]){ "src", "dst" };
	sqlite3_str *s = sqlite3_str_new(NULL);

	sqlite3_str_appendall(s, "SELECT ");
	for (unsigned i = 0; i < t->n; i++)
		sqlite3_str_appendf(s, "%st.\"%w\"", i > 0 ? "," : "", t->columns[i].name);
	said(s, q->kind);
	sqlite3_str_appendf(s, " FROM \"%w\" t WHERE 1", t->name);
	if (q->since_ns != 0)
		sqlite3_str_appendf(s, " AND t.last_ns>=%lld", (long long)q->since_ns);
	if (q->until_ns != 0)
		sqlite3_str_appendf(s, " AND t.first_ns<%lld", (long long)q->until_ns);
	if (q->severity != 0)
		sqlite3_str_appendf(s, " AND t.severity<=%u", q->severity);
	if (q->asset != NULL)
		sqlite3_str_appendf(s, " AND %Q IN (t.\"%w\",t.\"%w\")", q->asset, ends[0], ends[1]);
	if (q->id != NULL)
		sqlite3_str_appendf(s, " AND substr(t.uid,1,%d)=%Q", (int)strlen(q->id), q->id);
	sqlite3_str_appendall(s, " ORDER BY t.first_ns,t.id,t.uid");
	return sqlite3_str_finish(s);
}

static void
name_cells(const struct table *t, struct store_cell *cells, char (*names)[32])
{
	static const char *const extra[EXTRA] = { "acknowledged", "acknowledged_by", "label", "labelled_by", "incident" };

	for (unsigned i = 0; i < t->n; i++) {
		size_t n = strlen(t->columns[i].name);
		bool is_time = n > 3 && n < sizeof(names[i]) && strcmp(t->columns[i].name + n - 3, "_ns") == 0;

		(void)snprintf(names[i], sizeof(names[i]), "%.*s", (int)(is_time ? n - 3 : n), t->columns[i].name);
		cells[i] = (struct store_cell){ .name = names[i], .is_time = is_time };
	}
	for (unsigned i = 0; i < EXTRA; i++)
		cells[t->n + i] = (struct store_cell){ .name = extra[i], .is_time = i == 0 };
}

static void
fill_cells(sqlite3_stmt *s, struct store_cell *cells, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		bool number = cells[i].is_time || sqlite3_column_type(s, (int)i) == SQLITE_INTEGER;
		const char *text = number ? NULL : (const char *)sqlite3_column_text(s, (int)i);

		cells[i].text = number ? NULL : text != NULL ? text : "";
		cells[i].number = number ? sqlite3_column_int64(s, (int)i) : 0;
	}
}

int64_t
store_list(const char *file, const struct store_query *q,
    bool (*each)(void *to, const struct store_cell *cells, unsigned n), void *to, struct err *e)
{
	const struct table *t = &store_tables[q->kind];
	struct store_cell cells[COLUMNS_MAX + EXTRA];
	char names[COLUMNS_MAX][32], *sql;
	sqlite3 *db = db_open(file, DB_READ, e);
	sqlite3_stmt *s = NULL;
	int64_t rows = 0;
	int rc;

	if (db == NULL)
		return -1;
	sql = query_text(q);
	rc = sql != NULL ? sqlite3_prepare_v2(db, sql, -1, &s, NULL) : SQLITE_NOMEM;
	sqlite3_free(sql);
	name_cells(t, cells, names);
	while (rc == SQLITE_OK || rc == SQLITE_ROW) {
		rc = sqlite3_step(s);
		if (rc != SQLITE_ROW)
			break;
		rows++;
		fill_cells(s, cells, t->n + EXTRA);
		if (!each(to, cells, t->n + EXTRA))
			rc = SQLITE_DONE;
	}
	if (rc != SQLITE_DONE) {
		db_problem(db, file, "the database cannot be read", e);
		rows = -1;
	}
	(void)sqlite3_finalize(s);
	db_close(db);
	return rows;
}

int
store_rows(const char *file, enum keep_kind kind, const char *baseline, void (*each)(void *to, const void *row), void *to,
    struct err *e)
{
	sqlite3 *db = db_open(file, DB_READ, e);
	int rc = db != NULL ? database_load(db, file, kind, baseline, each, to, NULL, e) : -1;

	db_close(db);
	return rc;
}

struct found {
	char	*uid;
	unsigned n;
};

static bool
note_uid(void *arg, const struct store_cell *cells, unsigned n)
{
	struct found *f = arg;

	(void)n;
	/* The uid is the first column of both. */
	if (f->n++ == 0)
		(void)snprintf(f->uid, ALERT_UID_LEN + 1, "%s", cells[0].text);
	return f->n < 2;
}

int
store_find(const char *file, enum keep_kind kind, const char *id, char uid[ALERT_UID_LEN + 1], struct err *e)
{
	const struct store_query q = { .kind = kind, .id = id };
	struct found f = { .uid = uid };

	if (store_list(file, &q, note_uid, &f, e) < 0)
		return -1;
	if (f.n != 1)
		err_add(e, file, 0, 0, f.n == 0 ? "there is no %s %s" : "several of the %ss begin with %s: give more of its id",
		    object_of(kind), id);
	return f.n == 1 ? 0 : -1;
}

int
store_act(const char *file, const struct keep_action *a, struct err *e)
{
	int lock = lock_take(file, false, e), rc;
	sqlite3 *db = lock >= 0 ? db_open(file, DB_WRITE, e) : NULL;
	sqlite3_stmt *s = NULL;
	struct row_bound bound;
	char *sql = db != NULL ? schema_upsert(KEEP_ACTION) : NULL;

	if (db == NULL) {
		lock_release(lock);
		return -1;
	}
	rc = sql != NULL ? sqlite3_prepare_v2(db, sql, -1, &s, NULL) : SQLITE_NOMEM;
	sqlite3_free(sql);
	if (rc == SQLITE_OK)
		rc = row_bind(s, KEEP_ACTION, a, NULL, "", false, &bound);
	if (rc == SQLITE_OK) {
		(void)sqlite3_step(s);
		rc = sqlite3_reset(s);
	}
	if (rc != SQLITE_OK)
		db_problem(db, file, "the database cannot be written", e);
	(void)sqlite3_finalize(s);
	db_close(db);
	lock_release(lock);
	return rc == SQLITE_OK ? 0 : -1;
}

bool
store_in_use(const char *file, char *socket, size_t size)
{
	struct err ignored = { 0 };
	struct lock_holder h = { 0 };
	bool taken = lock_taken(file);
	sqlite3 *db = taken ? db_open(file, DB_READ, &ignored) : NULL;

	if (db != NULL)
		lock_holder(db, &h);
	db_close(db);
	err_free(&ignored);
	(void)snprintf(socket, size, "%s", h.socket);
	return taken;
}
