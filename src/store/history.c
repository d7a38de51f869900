/* history.c - minutes of values, hours of minutes, and how long they are kept. */
#include "store/history.h"

#include <string.h>

#include "base/str.h"
#include "store/db.h"
#include "store/schema.h"

#define AT_ONCE		512u	/* rows of a transaction */
#define LATE_NS		UINT64_C(2000000000)	/* a span is over when a value is so much younger */
#define DAY_NS		UINT64_C(86400000000000)

enum { LEVEL_MINUTE = 1, LEVEL_HOUR = 2 };

static uint64_t
span_of(int level)
{
	return level == LEVEL_MINUTE ? HISTORY_MINUTE : HISTORY_HOUR;
}

/* ---- statements ---------------------------------------------------------------------- */

/* A row that was made of more stays: its values may be gone by now. */
static char *
put_text(enum keep_kind k)
{
	return sqlite3_mprintf("%z WHERE excluded.\"count\">=\"%w\".\"count\"", schema_upsert(k), store_tables[k].name);
}

static int
prepare(struct history *h, enum history_statement which, sqlite3_stmt **to)
{
	static const char *const text[HISTORY_STATEMENTS] = {
		[HISTORY_DUE] = "INSERT OR IGNORE INTO tag_due(level,start_ns,series)VALUES(?,?,?)",
		[HISTORY_LIST] = "SELECT start_ns,series FROM tag_due WHERE level=? AND start_ns<=? ORDER BY start_ns,series LIMIT ?",
		[HISTORY_DONE] = "DELETE FROM tag_due WHERE level=? AND start_ns=? AND series=?",
		[HISTORY_BEFORE] = "SELECT ts_ns,value,quality,written FROM tag_values WHERE series=? AND ts_ns<? ORDER BY ts_ns DESC LIMIT 1",
		[HISTORY_VALUES] = "SELECT ts_ns,value,quality,written FROM tag_values WHERE series=? AND ts_ns>=? AND ts_ns<? ORDER BY ts_ns",
		/* One text, which clang asks about without the brackets. */
		[HISTORY_MINUTES] = ("SELECT start_ns,min,max,mean,last,count,writes,quality,covered_ns FROM tag_minutes "
		    "WHERE series=? AND start_ns>=? AND start_ns<? ORDER BY start_ns"),
	};
	int rc = SQLITE_OK;
	char *made = NULL;

	if (h->s[which] == NULL) {
		if (text[which] == NULL)
			made = put_text(which == HISTORY_PUT_MINUTE ? KEEP_MINUTE : KEEP_HOUR);
		rc = text[which] == NULL && made == NULL ? SQLITE_NOMEM :
		    sqlite3_prepare_v3(h->db, made != NULL ? made : text[which], -1, SQLITE_PREPARE_PERSISTENT, &h->s[which], NULL);
		sqlite3_free(made);
	}
	*to = h->s[which];
	return rc;
}

/* Prepared, with numbers bound to its first parameters. */
static int
with(struct history *h, enum history_statement which, sqlite3_stmt **to, unsigned n, const uint64_t *v)
{
	int rc = prepare(h, which, to);

	for (unsigned i = 0; rc == SQLITE_OK && i < n; i++)
		rc = sqlite3_bind_int64(*to, (int)i + 1, (sqlite3_int64)v[i]);
	return rc;
}

/* A statement without a result. */
static int
run(struct history *h, enum history_statement which, unsigned n, const uint64_t *v)
{
	sqlite3_stmt *s;
	int rc = with(h, which, &s, n, v);

	if (rc != SQLITE_OK)
		return rc;
	(void)sqlite3_step(s);
	return sqlite3_reset(s);
}

void
history_close(struct history *h)
{
	for (unsigned i = 0; i < HISTORY_STATEMENTS; i++)
		(void)sqlite3_finalize(h->s[i]);
	*h = (struct history){ 0 };
}

/* ---- what is due ----------------------------------------------------------------------- */

int
history_note(struct history *h, const struct keep_value *v)
{
	uint64_t minute = v->ts_ns / HISTORY_MINUTE;
	__typeof__(&h->noted[0]) n = &h->noted[v->series & (HISTORY_NOTED - 1)];
	int rc;

	if (n->series == v->series && n->minute == minute)
		return SQLITE_OK;
	rc = run(h, HISTORY_DUE, 3, (const uint64_t[]){ LEVEL_MINUTE, minute * HISTORY_MINUTE, v->series });
	if (rc == SQLITE_OK) {
		n->series = v->series;
		n->minute = minute;
	}
	return rc;
}

void
history_forget(struct history *h)
{
	memset(h->noted, 0, sizeof(h->noted));
}

static struct keep_value
value_at(sqlite3_stmt *s, uint64_t series)
{
	return (struct keep_value){ .series = series, .ts_ns = (uint64_t)sqlite3_column_int64(s, 0), .value = sqlite3_column_double(s, 1),
	    .quality = (uint32_t)sqlite3_column_int64(s, 2), .written = sqlite3_column_int(s, 3) != 0 };
}

static struct keep_span
minute_at(sqlite3_stmt *s, uint64_t series)
{
	return (struct keep_span){ .series = series, .start_ns = (uint64_t)sqlite3_column_int64(s, 0), .min = sqlite3_column_double(s, 1),
	    .max = sqlite3_column_double(s, 2), .mean = sqlite3_column_double(s, 3), .last = sqlite3_column_double(s, 4),
	    .count = (uint64_t)sqlite3_column_int64(s, 5), .writes = (uint64_t)sqlite3_column_int64(s, 6),
	    .quality = (uint32_t)sqlite3_column_int64(s, 7), .covered_ns = (uint64_t)sqlite3_column_int64(s, 8) };
}

/* The value that stood when a minute began; within the fold of the minute before. */
static int
before(struct history *h, uint64_t series, uint64_t start_ns, struct fold *f)
{
	sqlite3_stmt *s;
	int rc = with(h, HISTORY_BEFORE, &s, 2, (const uint64_t[]){ series, start_ns });

	if (rc != SQLITE_OK)
		return rc;
	if (sqlite3_step(s) == SQLITE_ROW) {
		const struct keep_value v = value_at(s, series);

		fold_begin(f, series, v.ts_ns, 1);
		fold_value(f, &v);
	}
	return sqlite3_reset(s);
}

/* All that came in it, into one row; false where nothing did. */
static int
make(struct history *h, int level, uint64_t series, uint64_t start_ns, struct keep_span *to, bool *made)
{
	struct fold f = { 0 };
	sqlite3_stmt *s;
	int rc = level == LEVEL_MINUTE ? before(h, series, start_ns, &f) : SQLITE_OK;

	if (rc == SQLITE_OK)
		rc = with(h, level == LEVEL_MINUTE ? HISTORY_VALUES : HISTORY_MINUTES, &s, 3,
		    (const uint64_t[]){ series, start_ns, start_ns + span_of(level) });
	if (rc != SQLITE_OK)
		return rc;
	fold_begin(&f, series, start_ns, span_of(level));
	while (sqlite3_step(s) == SQLITE_ROW)
		if (level == LEVEL_MINUTE) {
			const struct keep_value v = value_at(s, series);

			fold_value(&f, &v);
		} else {
			const struct keep_span m = minute_at(s, series);

			fold_span(&f, &m);
		}
	*made = fold_end(&f, to);
	return sqlite3_reset(s);
}

static int
put(struct history *h, int level, const struct keep_span *row)
{
	enum keep_kind k = level == LEVEL_MINUTE ? KEEP_MINUTE : KEEP_HOUR;
	struct row_bound bound;
	sqlite3_stmt *s;
	int rc = prepare(h, level == LEVEL_MINUTE ? HISTORY_PUT_MINUTE : HISTORY_PUT_HOUR, &s);

	if (rc == SQLITE_OK)
		rc = row_bind(s, k, row, NULL, "", false, &bound);
	if (rc != SQLITE_OK)
		return rc;
	(void)sqlite3_step(s);
	return sqlite3_reset(s);
}

/* One that is due. */
static int
roll_one(struct history *h, int level, uint64_t start_ns, uint64_t series)
{
	struct keep_span row;
	bool made = false;
	int rc = make(h, level, series, start_ns, &row, &made);

	if (rc == SQLITE_OK && made)
		rc = put(h, level, &row);
	if (rc == SQLITE_OK && made && level == LEVEL_MINUTE)
		rc = run(h, HISTORY_DUE, 3, (const uint64_t[]){ LEVEL_HOUR, start_ns / HISTORY_HOUR * HISTORY_HOUR, series });
	if (rc == SQLITE_OK)
		rc = run(h, HISTORY_DONE, 3, (const uint64_t[]){ (uint64_t)level, start_ns, series });
	return rc;
}

/* Some of those that are due; *n: how many. */
static int
roll_some(struct history *h, int level, uint64_t until_ns, unsigned *n)
{
	struct { uint64_t start_ns, series; } due[AT_ONCE];
	sqlite3_stmt *s;
	int rc = with(h, HISTORY_LIST, &s, 3, (const uint64_t[]){ (uint64_t)level, until_ns, AT_ONCE });

	*n = 0;
	if (rc != SQLITE_OK)
		return rc;
	while (*n < AT_ONCE && sqlite3_step(s) == SQLITE_ROW) {
		due[*n].start_ns = (uint64_t)sqlite3_column_int64(s, 0);
		due[(*n)++].series = (uint64_t)sqlite3_column_int64(s, 1);
	}
	rc = sqlite3_reset(s);
	if (rc != SQLITE_OK || *n == 0)
		return rc;
	rc = db_run(h->db, "BEGIN IMMEDIATE");
	for (unsigned i = 0; rc == SQLITE_OK && i < *n; i++)
		rc = roll_one(h, level, due[i].start_ns, due[i].series);
	if (rc == SQLITE_OK)
		rc = db_run(h->db, "COMMIT");
	if (rc != SQLITE_OK && sqlite3_get_autocommit(h->db) == 0)
		(void)db_run(h->db, "ROLLBACK");
	return rc;
}

int
history_roll(struct history *h, uint64_t latest_ns, bool all)
{
	int rc = SQLITE_OK;
	unsigned n;

	/* Nothing can be over that was not. */
	if (!all && latest_ns / HISTORY_MINUTE == h->rolled_ns / HISTORY_MINUTE)
		return rc;
	for (int level = LEVEL_MINUTE; level <= LEVEL_HOUR; level++) {
		/* An hour is over when its last minute was made. */
		uint64_t wait_ns = span_of(level) + LATE_NS + (level == LEVEL_HOUR ? HISTORY_MINUTE : 0);
		uint64_t until_ns = all ? INT64_MAX : latest_ns > wait_ns ? latest_ns - wait_ns : 0;

		do
			rc = roll_some(h, level, until_ns, &n);
		while (rc == SQLITE_OK && n == AT_ONCE);
		if (rc != SQLITE_OK)
			return rc;
	}
	h->rolled_ns = latest_ns;
	/* What comes now for a minute that was made must make it due again. */
	history_forget(h);
	return rc;
}

/* ---- how long they are kept -------------------------------------------------------------- */

struct trim {
	sqlite3		*db;
	sqlite3_stmt	*next, *first, *last, *drop;
	int		 rc;
};

static void
trim_prepare(struct trim *t, sqlite3_stmt **to, char *sql)
{
	int rc = sql != NULL ? sqlite3_prepare_v2(t->db, sql, -1, to, NULL) : SQLITE_NOMEM;

	sqlite3_free(sql);
	if (rc != SQLITE_OK)
		t->rc = rc;
}

static void
trim_open(struct trim *t, const struct table *of)
{
	trim_prepare(t, &t->next, sqlite3_mprintf("SELECT series FROM \"%w\" WHERE series>? ORDER BY series LIMIT 1", of->name));
	trim_prepare(t, &t->first, sqlite3_mprintf("SELECT min(\"%w\") FROM \"%w\" WHERE series=?", of->last, of->name));
	trim_prepare(t, &t->last, sqlite3_mprintf("SELECT max(\"%w\") FROM \"%w\" WHERE series=?", of->last, of->name));
	trim_prepare(t, &t->drop, sqlite3_mprintf("DELETE FROM \"%w\" WHERE series=? AND \"%w\"<?", of->name, of->last));
}

static void
trim_close(struct trim *t)
{
	(void)sqlite3_finalize(t->next);
	(void)sqlite3_finalize(t->first);
	(void)sqlite3_finalize(t->last);
	(void)sqlite3_finalize(t->drop);
}

/* The number that a statement gives for `v`; false: none. */
static bool
ask(struct trim *t, sqlite3_stmt *s, int64_t v, int64_t *to)
{
	bool there = false;

	if (t->rc == SQLITE_OK && sqlite3_bind_int64(s, 1, v) == SQLITE_OK && sqlite3_step(s) == SQLITE_ROW &&
	    sqlite3_column_type(s, 0) != SQLITE_NULL) {
		*to = sqlite3_column_int64(s, 0);
		there = true;
	}
	if (sqlite3_reset(s) != SQLITE_OK)
		t->rc = SQLITE_ERROR;
	return there;
}

/* The time of the oldest or youngest of all; 0: there is none. */
static uint64_t
edge(struct trim *t, bool youngest)
{
	int64_t series = INT64_MIN, at, best = 0;

	while (ask(t, t->next, series, &series))
		if (ask(t, youngest ? t->last : t->first, series, &at) && (best == 0 || (youngest ? at > best : at < best)))
			best = at;
	return (uint64_t)best;
}

static int64_t
drop_before(struct trim *t, uint64_t cut_ns)
{
	int64_t series = INT64_MIN, went = 0;

	while (ask(t, t->next, series, &series)) {
		if (sqlite3_bind_int64(t->drop, 1, series) != SQLITE_OK || sqlite3_bind_int64(t->drop, 2, (int64_t)cut_ns) != SQLITE_OK)
			t->rc = SQLITE_ERROR;
		else if (sqlite3_step(t->drop) == SQLITE_DONE)
			went += sqlite3_changes(t->db);
		if (sqlite3_reset(t->drop) != SQLITE_OK)
			t->rc = SQLITE_ERROR;
	}
	return went;
}

static int64_t
count_rows(struct trim *t, const struct table *of)
{
	sqlite3_stmt *s = NULL;
	int64_t n = -1;

	trim_prepare(t, &s, sqlite3_mprintf("SELECT count(*) FROM \"%w\" WHERE series>=?", of->name));
	if (!ask(t, s, INT64_MIN, &n))
		t->rc = SQLITE_ERROR;
	(void)sqlite3_finalize(s);
	return n;
}

int64_t
history_retain(sqlite3 *db, enum keep_kind k, uint64_t days, uint64_t rows, uint64_t latest_ns, int64_t *count)
{
	const struct table *of = &store_tables[k];
	const uint64_t grid = k == KEEP_HOUR ? HISTORY_HOUR : HISTORY_MINUTE;
	struct trim t = { .db = db };
	int64_t went = 0, n = 0;

	trim_open(&t, of);
	if (t.rc == SQLITE_OK)
		t.rc = db_run(db, "BEGIN IMMEDIATE");
	if (t.rc == SQLITE_OK && days > 0) {
		uint64_t last = latest_ns != 0 ? latest_ns : edge(&t, true);

		went = last > days * DAY_NS ? drop_before(&t, last - days * DAY_NS) : 0;
	}
	/* Counting reads all of them: only where it may matter. */
	if (t.rc == SQLITE_OK && rows > 0 && (*count < 0 || *count > (int64_t)rows)) {
		n = count_rows(&t, of);
		while (t.rc == SQLITE_OK && n > (int64_t)rows) {
			int64_t gone = drop_before(&t, (edge(&t, false) / grid + 1) * grid);

			if (gone <= 0)
				break;
			went += gone;
			n -= gone;
		}
		*count = n;
	}
	if (t.rc == SQLITE_OK)
		t.rc = db_run(db, "COMMIT");
	if (t.rc != SQLITE_OK && sqlite3_get_autocommit(db) == 0)
		(void)db_run(db, "ROLLBACK");
	trim_close(&t);
	if (t.rc != SQLITE_OK)
		*count = -1;
	return t.rc == SQLITE_OK ? went : -1;
}
