#include "store/list.h"

#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "store/db.h"
#include "store/lock.h"
#include "store/parts.h"
#include "store/schema.h"

/* Of each verb its two cells, and the incident of an alert. */
#define VERB(ID, verb, cell, by, is_time, undo, done) { verb, cell, by, is_time, undo },
static const struct { const char *verb, *cell, *by; bool is_time; const char *undo; } verbs[] = {
#include "record/verbs.def"
};
#undef VERB
#define EXTRA	(2 * COUNTOF(verbs) + 1)

/* What actions call a row of this kind; NULL: there are none about such rows.  *id: the column that they name it by. */
static const char *
object_of(enum keep_kind k, const char **id)
{
	*id = k == KEEP_ASSET ? "address" : "uid";
	return k == KEEP_ALERT ? "alert" : k == KEEP_INCIDENT ? "incident" : k == KEEP_ASSET ? "asset" : NULL;
}

static bool
has_column(const struct table *t, const char *name)
{
	for (unsigned i = 0; i < t->n; i++)
		if (strcmp(t->columns[i].name, name) == 0)
			return true;
	return false;
}

/* `what` of the last action with this verb; NULL where it was taken back. */
static void
last_action(sqlite3_str *s, enum keep_kind k, unsigned v, const char *what)
{
	const char *id, *object = object_of(k, &id);

	sqlite3_str_appendf(s, "(SELECT CASE a.verb WHEN %Q THEN a.\"%w\" END FROM actions a WHERE a.object=%Q AND a.id=t.\"%w\" "
	    "AND a.verb IN (%Q,%Q) ORDER BY a.ts_ns DESC LIMIT 1)", verbs[v].verb, what, object, id, verbs[v].verb,
	    verbs[v].undo[0] != '\0' ? verbs[v].undo : verbs[v].verb);
}

/* What operators did to a row, beside its columns. */
static void
operators_words(sqlite3_str *s, enum keep_kind k)
{
	for (unsigned v = 0; v < COUNTOF(verbs); v++) {
		sqlite3_str_appendchar(s, 1, ',');
		last_action(s, k, v, verbs[v].is_time ? "ts_ns" : "text");
		sqlite3_str_appendchar(s, 1, ',');
		last_action(s, k, v, "who");
	}
	sqlite3_str_appendall(s, k == KEEP_ALERT ? ",(SELECT m.incident FROM incident_alerts m WHERE m.alert=t.uid LIMIT 1)" : ",''");
}

/* Any of the columns of this form, between `before` and `is`, with a value and `behind`. */
static void
any_column(sqlite3_str *s, const struct table *t, enum column_form form, const char *before, const char *is, const char *value, const char *behind)
{
	const char *or = "";

	sqlite3_str_appendall(s, " AND (");
	for (unsigned i = 0; i < t->n; i++)
		if (t->columns[i].form == form) {
			sqlite3_str_appendf(s, "%s%st.\"%w\"%s%Q%s", or, before, t->columns[i].name, is, value, behind);
			or = " OR ";
		}
	sqlite3_str_appendall(s, or[0] != '\0' ? ")" : "0)");
}

/* A text within another, for LIKE, to be freed; NULL: no memory. */
static char *
within(const char *text)
{
	sqlite3_str *s = sqlite3_str_new(NULL);

	sqlite3_str_appendchar(s, 1, '%');
	for (; *text != '\0'; text++) {
		if (*text == '%' || *text == '_' || *text == '\\')
			sqlite3_str_appendchar(s, 1, '\\');
		sqlite3_str_appendchar(s, 1, *text);
	}
	sqlite3_str_appendchar(s, 1, '%');
	return sqlite3_str_finish(s);
}

static void
conditions(sqlite3_str *s, const struct store_query *q)
{
	const struct table *t = &store_tables[q->kind];
	const char *id;

	if (t->of_baseline)
		sqlite3_str_appendf(s, " AND t.baseline=%Q", q->baseline != NULL ? q->baseline : "default");
	if (q->since_ns != 0 && t->last != NULL)
		sqlite3_str_appendf(s, " AND t.\"%w\">=%lld", t->last, (long long)q->since_ns);
	if (q->until_ns != 0 && (t->last != NULL || has_column(t, "first_ns")))
		sqlite3_str_appendf(s, " AND t.\"%w\"<%lld", has_column(t, "first_ns") ? "first_ns" : t->last, (long long)q->until_ns);
	if (q->severity != 0 && has_column(t, "severity"))
		sqlite3_str_appendf(s, " AND t.severity<=%u", q->severity);
	if (q->asset != NULL)
		any_column(s, t, COLUMN_ADDR, "", "=", q->asset, "");
	if (q->like != NULL) {
		char *pattern = within(q->like);

		/* Three times as fast as instr() and lower(); what is no UTF-8 is kept as bytes, which it would not look at. */
		any_column(s, t, COLUMN_TEXT, "CAST(", " AS TEXT) LIKE ", pattern != NULL ? pattern : "", " ESCAPE '\\'");
		sqlite3_free(pattern);
	}
	if (q->id != NULL)
		sqlite3_str_appendf(s, " AND substr(t.uid,1,%d)=%Q", (int)strlen(q->id), q->id);
	for (unsigned i = 0; i < STORE_IS && q->is[i].column != NULL; i++)
		sqlite3_str_appendf(s, " AND t.\"%w\"=%Q", q->is[i].column, q->is[i].value);
	for (unsigned v = 0; v < COUNTOF(verbs) && q->archived != STORE_ANY && object_of(q->kind, &id) != NULL; v++)
		if (strcmp(verbs[v].verb, "archive") == 0) {
			sqlite3_str_appendall(s, " AND ");
			last_action(s, q->kind, v, "ts_ns");
			sqlite3_str_appendall(s, q->archived == STORE_ARCHIVED ? " IS NOT NULL" : " IS NULL");
		}
	for (unsigned v = 0; v < COUNTOF(verbs) && q->said != NULL && object_of(q->kind, &id) != NULL; v++)
		if (strcmp(verbs[v].verb, q->said) == 0) {
			/* There are few of them: they are looked at first. */
			sqlite3_str_appendf(s, " AND t.\"%w\" IN (SELECT id FROM actions WHERE object=%Q AND verb=%Q) AND ", id, object_of(q->kind, &id), q->said);
			last_action(s, q->kind, v, "ts_ns");
			sqlite3_str_appendall(s, " IS NOT NULL");
		}
	if (q->alone && q->kind == KEEP_ALERT)
		sqlite3_str_appendall(s, " AND NOT EXISTS (SELECT 1 FROM incident_alerts m WHERE m.alert=t.uid)");
	if (q->member_of != NULL && q->kind == KEEP_ALERT)
		sqlite3_str_appendf(s, " AND t.uid IN (SELECT m.alert FROM incident_alerts m WHERE m.incident=%Q)", q->member_of);
}

/* Few rows that are found by their keys are sorted; many are read in the order of an index. */
static const char *
sort(const struct store_query *q)
{
	return q->said != NULL || q->member_of != NULL ? "+" : "";
}

static char *
query_text(const struct store_query *q)
{
	const struct table *t = &store_tables[q->kind];
	sqlite3_str *s = sqlite3_str_new(NULL);
	const char *id;

	sqlite3_str_appendall(s, "SELECT ");
	for (unsigned i = 0; i < t->n; i++)
		sqlite3_str_appendf(s, "%st.\"%w\"", i > 0 ? "," : "", t->columns[i].name);
	if (object_of(q->kind, &id) != NULL && !q->plain)
		operators_words(s, q->kind);
	sqlite3_str_appendf(s, " FROM \"%w\" t WHERE 1", t->name);
	conditions(s, q);
	if (q->newest && t->last != NULL)
		sqlite3_str_appendf(s, " ORDER BY %st.\"%w\" DESC", sort(q), t->last);
	else if (has_column(t, "first_ns") && has_column(t, "uid"))
		sqlite3_str_appendall(s, " ORDER BY t.first_ns,t.id,t.uid");
	if (q->limit != 0)
		sqlite3_str_appendf(s, " LIMIT %u OFFSET %u", q->limit, q->offset);
	return sqlite3_str_finish(s);
}

/* Returns how many there are. */
static unsigned
name_cells(const struct store_query *q, struct store_cell *cells, char (*names)[32])
{
	const struct table *t = &store_tables[q->kind];
	const char *id;
	unsigned n = t->n;

	for (unsigned i = 0; i < t->n; i++) {
		size_t len = strlen(t->columns[i].name);
		bool is_time = len > 3 && len < sizeof(names[i]) && strcmp(t->columns[i].name + len - 3, "_ns") == 0;

		(void)snprintf(names[i], sizeof(names[i]), "%.*s", (int)(is_time ? len - 3 : len), t->columns[i].name);
		cells[i] = (struct store_cell){ .name = names[i], .is_time = is_time };
	}
	if (object_of(q->kind, &id) == NULL || q->plain)
		return n;
	for (unsigned v = 0; v < COUNTOF(verbs); v++) {
		cells[n++] = (struct store_cell){ .name = verbs[v].cell, .is_time = verbs[v].is_time };
		cells[n++] = (struct store_cell){ .name = verbs[v].by };
	}
	cells[n++] = (struct store_cell){ .name = "incident" };
	return n;
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

/* What the caller names is a column of ours. */
static bool
is_right(const char *file, const struct store_query *q, struct err *e)
{
	const struct table *t = &store_tables[q->kind];

	for (unsigned i = 0; t->name != NULL && i < STORE_IS && q->is[i].column != NULL; i++)
		if (!has_column(t, q->is[i].column)) {
			err_add(e, file, 0, 0, "%s have no column %s", t->name, q->is[i].column);
			return false;
		}
	if (t->name == NULL)
		err_add(e, file, 0, 0, "rows of this kind are not kept");
	return t->name != NULL;
}

int64_t
store_list(const char *file, const struct store_query *q,
    bool (*each)(void *to, const struct store_cell *cells, unsigned n), void *to, struct err *e)
{
	struct store_cell cells[COLUMNS_MAX + EXTRA];
	char names[COLUMNS_MAX][32], *sql;
	sqlite3 *db = is_right(file, q, e) ? db_open(file, DB_READ, e) : NULL;
	sqlite3_stmt *s = NULL;
	int64_t rows = 0;
	unsigned n;
	int rc;

	if (db == NULL)
		return -1;
	sql = query_text(q);
	rc = sql != NULL ? sqlite3_prepare_v2(db, sql, -1, &s, NULL) : SQLITE_NOMEM;
	sqlite3_free(sql);
	n = name_cells(q, cells, names);
	while (rc == SQLITE_OK || rc == SQLITE_ROW) {
		rc = sqlite3_step(s);
		if (rc != SQLITE_ROW)
			break;
		rows++;
		if (q->row != NULL && !row_read(s, 0, q->kind, q->row))
			continue;
		fill_cells(s, cells, n);
		if (!each(to, cells, n))
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

int64_t
store_count(const char *file, const struct store_query *q, struct err *e)
{
	sqlite3 *db = is_right(file, q, e) ? db_open(file, DB_READ, e) : NULL;
	sqlite3_str *text = db != NULL ? sqlite3_str_new(NULL) : NULL;
	int64_t n = -1;
	char *sql;

	if (db == NULL)
		return -1;
	sqlite3_str_appendf(text, "SELECT count(*) FROM \"%w\" t WHERE 1", store_tables[q->kind].name);
	conditions(text, q);
	sql = sqlite3_str_finish(text);
	n = sql != NULL ? db_number(db, sql) : -1;
	sqlite3_free(sql);
	if (n < 0)
		db_problem(db, file, "the database cannot be read", e);
	db_close(db);
	return n;
}

/* The columns of an alert, behind four figures of its rule. */
static char *
hits_text(void)
{
	const struct table *t = &store_tables[KEEP_ALERT];
	sqlite3_str *s = sqlite3_str_new(NULL);

	sqlite3_str_appendall(s, "SELECT h.alerts,h.hits,h.first_ns,h.last_ns");
	for (unsigned i = 0; i < t->n; i++)
		sqlite3_str_appendf(s, ",t.\"%w\"", t->columns[i].name);
	sqlite3_str_appendf(s, " FROM (SELECT gid,sid,count(*) AS alerts,sum(count) AS hits,min(first_ns) AS first_ns,max(last_ns) AS last_ns "
	    "FROM \"%w\" GROUP BY gid,sid) h JOIN \"%w\" t ON t.rowid=(SELECT l.rowid FROM \"%w\" l WHERE l.gid=h.gid AND l.sid=h.sid "
	    "ORDER BY l.last_ns DESC LIMIT 1)", t->name, t->name, t->name);
	return sqlite3_str_finish(s);
}

int
store_hits(const char *file, void (*each)(void *to, const struct store_hit *hit), void *to, struct err *e)
{
	sqlite3 *db = db_open(file, DB_READ, e);
	sqlite3_stmt *s = NULL;
	char *sql = db != NULL ? hits_text() : NULL;
	int rc;

	if (db == NULL)
		return -1;
	rc = sql != NULL ? sqlite3_prepare_v2(db, sql, -1, &s, NULL) : SQLITE_NOMEM;
	sqlite3_free(sql);
	while (rc == SQLITE_OK && (rc = sqlite3_step(s)) == SQLITE_ROW) {
		_Alignas(16) uint8_t row[STORE_ROW_MAX] = { 0 };
		struct store_hit hit = { .alerts = (uint64_t)sqlite3_column_int64(s, 0), .hits = (uint64_t)sqlite3_column_int64(s, 1),
		    .first_ns = (uint64_t)sqlite3_column_int64(s, 2), .last_ns = (uint64_t)sqlite3_column_int64(s, 3) };

		rc = SQLITE_OK;
		if (!row_read(s, 4, KEEP_ALERT, row))
			continue;
		memcpy(&hit.last, row, sizeof(hit.last));
		each(to, &hit);
	}
	if (rc != SQLITE_DONE)
		db_problem(db, file, "the database cannot be read", e);
	(void)sqlite3_finalize(s);
	db_close(db);
	return rc == SQLITE_DONE ? 0 : -1;
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

size_t
store_row_size(enum keep_kind kind)
{
	return store_tables[kind].row;
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
	const char *column;

	if (store_list(file, &q, note_uid, &f, e) < 0)
		return -1;
	if (f.n != 1)
		err_add(e, file, 0, 0, f.n == 0 ? "there is no %s %s" : "several of the %ss begin with %s: give more of its id",
		    object_of(kind, &column), id);
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
