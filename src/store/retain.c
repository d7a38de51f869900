/* retain.c - how much of a kind of rows is kept: by age, then by number; the oldest go. */
#include "store/parts.h"

#include "base/log.h"

#define EVERY_NS	UINT64_C(600000000000)	/* it reads every row of what is kept by number */
#define DAY_NS		INT64_C(86400000000000)

static int64_t
run_bound(sqlite3 *db, char *sql, int64_t value)
{
	sqlite3_stmt *s = NULL;
	int64_t went = -1;

	if (sql != NULL && sqlite3_prepare_v2(db, sql, -1, &s, NULL) == SQLITE_OK &&
	    sqlite3_bind_int64(s, 1, value) == SQLITE_OK) {
		int rc = sqlite3_step(s);

		if (rc == SQLITE_ROW)
			went = sqlite3_column_int64(s, 0);
		else if (rc == SQLITE_DONE)
			went = sqlite3_changes(db);
	}
	(void)sqlite3_finalize(s);
	sqlite3_free(sql);
	return went;
}

int64_t
retain_rows(sqlite3 *db, enum keep_kind k, uint64_t days, uint64_t rows)
{
	const struct table *t = &store_tables[k];
	int64_t went = 0, more = 0, n;

	if (t->name == NULL || t->last == NULL)
		return 0;
	if (days > 0)
		went = run_bound(db, sqlite3_mprintf("DELETE FROM \"%w\" WHERE \"%w\"<(SELECT max(\"%w\") FROM \"%w\")-?",
		    t->name, t->last, t->last, t->name), (int64_t)days * DAY_NS);
	if (went >= 0 && rows > 0) {
		n = run_bound(db, sqlite3_mprintf("SELECT count(*)-? FROM \"%w\"", t->name), (int64_t)rows);
		/* A tenth more than needed, so that the next row does not begin it again. */
		if (n > 0) {
			char *key = schema_key(k);

			more = run_bound(db, sqlite3_mprintf("DELETE FROM \"%w\" WHERE (%s) IN "
			    "(SELECT %s FROM \"%w\" ORDER BY \"%w\",%s LIMIT ?)", t->name, key, key, t->name, t->last, key),
			    n + (int64_t)(rows / 10));
			sqlite3_free(key);
		}
	}
	return went < 0 || more < 0 ? -1 : went + more;
}

static void
retain(struct databases *d, bool by_age)
{
	/* It reads every row that is kept: not where nothing has come. */
	static const struct { enum keep_kind k; size_t at; } kinds[] = {
		{ KEEP_ALERT, offsetof(struct store_settings, alerts) },
		{ KEEP_MEMBER, offsetof(struct store_settings, alerts) },
		{ KEEP_INCIDENT, offsetof(struct store_settings, incidents) },
		{ KEEP_ACTION, offsetof(struct store_settings, actions) },
		{ KEEP_ASSET, offsetof(struct store_settings, assets) },
		{ KEEP_ATTRIBUTE, offsetof(struct store_settings, assets) },
		{ KEEP_FACT, offsetof(struct store_settings, facts) },
	};

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		const struct keep_settings *s = (const void *)((const char *)d->s + kinds[i].at);
		struct database *b = store_tables[kinds[i].k].of_baseline && d->baseline.db != NULL ? &d->baseline : &d->all;
		int64_t went = d->written[kinds[i].k] > 0 ? retain_rows(b->db, kinds[i].k, by_age ? s->days : 0, s->rows) : 0;

		if (went > 0)
			log_note("store", "%s: %lld old rows of %s were removed", b->file, (long long)went, store_tables[kinds[i].k].name);
		d->written[kinds[i].k] = 0;
	}
}

void
databases_retain(struct databases *d, uint64_t now)
{
	if (now < d->retain_ns)
		return;
	d->retain_ns = now + EVERY_NS;
	retain(d, true);
}

void
databases_finish(struct databases *d, bool live)
{
	retain(d, live);
}
