#include "store/series.h"

#include "store/db.h"
#include "store/history.h"
#include "store/schema.h"

/* Hours, then the minutes behind the last one, then the values behind those: what was not yet made. */
enum source { HOURS, MINUTES, VALUES };

struct reading_series {
	const struct series_query *q;
	sqlite3		*db;
	struct fold	 fold;
	bool		 open;		/* a row is begun */
	bool		 ended;		/* nobody wants more */
	uint64_t	 from_ns;	/* what is before was read */
	int64_t		 rows;
	bool		(*each)(void *to, const struct keep_span *row);
	void		*to;
};

static void
give(struct reading_series *r, const struct keep_span *row)
{
	if (r->ended || row->start_ns + (r->q->step_ns != 0 ? r->q->step_ns - 1 : 0) < r->q->since_ns)
		return;
	r->rows++;
	r->ended = !r->each(r->to, row);
}

static void
end_row(struct reading_series *r)
{
	struct keep_span row;

	if (r->open && fold_end(&r->fold, &row))
		give(r, &row);
	r->open = false;
}

/* The row that a time belongs to is the open one. */
static void
row_at(struct reading_series *r, uint64_t ts_ns)
{
	if (r->open && ts_ns < r->fold.end_ns)
		return;
	end_row(r);
	fold_begin(&r->fold, r->q->series, ts_ns / r->q->step_ns * r->q->step_ns, r->q->step_ns);
	r->open = true;
}

static void
take_value(struct reading_series *r, const struct keep_value *v)
{
	if (r->q->step_ns == 0) {
		give(r, &(struct keep_span){ .series = v->series, .start_ns = v->ts_ns, .min = v->value, .max = v->value, .mean = v->value,
		    .last = v->value, .count = 1, .writes = v->written, .quality = v->quality });
		return;
	}
	row_at(r, v->ts_ns);
	fold_value(&r->fold, v);
	r->from_ns = v->ts_ns + 1;
}

static void
take_span(struct reading_series *r, const struct keep_span *s, uint64_t span_ns)
{
	row_at(r, s->start_ns);
	fold_span(&r->fold, s);
	r->from_ns = s->start_ns + span_ns;
}

static int
read_from(struct reading_series *r, enum source from)
{
	static const enum keep_kind kinds[] = { [HOURS] = KEEP_HOUR, [MINUTES] = KEEP_MINUTE, [VALUES] = KEEP_VALUE };
	const struct table *t = &store_tables[kinds[from]];
	_Alignas(16) uint8_t row[ROW_MAX] = { 0 };
	sqlite3_str *sql = sqlite3_str_new(r->db);
	sqlite3_stmt *s = NULL;
	char *text;
	int rc;

	sqlite3_str_appendall(sql, "SELECT ");
	for (unsigned i = 0; i < t->n; i++)
		sqlite3_str_appendf(sql, "%s\"%w\"", i > 0 ? "," : "", t->columns[i].name);
	sqlite3_str_appendf(sql, " FROM \"%w\" WHERE series=?1 AND \"%w\">=?2 AND \"%w\"<?3 ORDER BY \"%w\"", t->name, t->last, t->last, t->last);
	text = sqlite3_str_finish(sql);
	rc = text == NULL ? SQLITE_NOMEM : sqlite3_prepare_v2(r->db, text, -1, &s, NULL);
	sqlite3_free(text);
	if (rc == SQLITE_OK)
		rc = sqlite3_bind_int64(s, 1, (sqlite3_int64)r->q->series);
	if (rc == SQLITE_OK)
		rc = sqlite3_bind_int64(s, 2, (sqlite3_int64)r->from_ns);
	if (rc == SQLITE_OK)
		rc = sqlite3_bind_int64(s, 3, r->q->until_ns != 0 ? (sqlite3_int64)r->q->until_ns : INT64_MAX);
	while (!r->ended && (rc == SQLITE_OK || rc == SQLITE_ROW) && (rc = sqlite3_step(s)) == SQLITE_ROW)
		if (!row_read(s, 0, kinds[from], row))
			continue;
		else if (from == VALUES)
			take_value(r, (const void *)row);
		else
			take_span(r, (const void *)row, from == HOURS ? HISTORY_HOUR : HISTORY_MINUTE);
	(void)sqlite3_finalize(s);
	return r->ended ? SQLITE_DONE : rc;
}

int64_t
store_series(const char *file, const struct series_query *q, bool (*each)(void *to, const struct keep_span *row), void *to,
    struct err *e)
{
	struct reading_series r = { .q = q, .each = each, .to = to, .from_ns = q->since_ns };
	enum source from = VALUES;
	int rc;

	if (q->step_ns != 0) {
		from = q->step_ns % HISTORY_HOUR == 0 ? HOURS : q->step_ns % HISTORY_MINUTE == 0 ? MINUTES : VALUES;
		r.from_ns = q->since_ns / q->step_ns * q->step_ns;
	}
	r.db = db_open(file, DB_READ, e);
	if (r.db == NULL)
		return -1;
	/* All statements see the same rows, whatever a sensor writes meanwhile. */
	rc = db_run(r.db, "BEGIN");
	for (; rc == SQLITE_OK && from <= VALUES; from++) {
		rc = read_from(&r, from);
		rc = rc == SQLITE_DONE ? SQLITE_OK : rc;
	}
	end_row(&r);
	if (rc != SQLITE_OK)
		db_problem(r.db, file, "the database cannot be read", e);
	(void)db_run(r.db, "COMMIT");
	db_close(r.db);
	return rc == SQLITE_OK ? r.rows : -1;
}
