/* retain.c - how much of a kind of rows is kept: by age, then by number; the oldest go. */
#include "store/parts.h"

#include <string.h>

#include "base/log.h"
#include "base/str.h"
#include "store/copy.h"

#define EVERY_NS	UINT64_C(600000000000)	/* it reads every row of what is kept by number */
#define DAY_NS		INT64_C(86400000000000)
#define MUCH		65536u		/* rows of series that came: then it is looked at, in a replay, too */

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
retain_rows(sqlite3 *db, enum keep_kind k, uint64_t days, uint64_t rows, uint64_t latest)
{
	const struct table *t = &store_tables[k];
	const char *goes = t->stays != NULL ? "NOT " : "1", *stays = t->stays != NULL ? t->stays : "";
	int64_t went = 0, more = 0, n;

	if (t->name == NULL || t->last == NULL)
		return 0;
	if (days > 0)
		went = run_bound(db, sqlite3_mprintf("DELETE FROM \"%w\" WHERE \"%w\"<coalesce(nullif(%lld,0),(SELECT max(\"%w\") FROM \"%w\"))-? "
		    "AND %s%s", t->name, t->last, (long long)latest, t->last, t->name, goes, stays), (int64_t)days * DAY_NS);
	if (went >= 0 && rows > 0) {
		n = run_bound(db, sqlite3_mprintf("SELECT count(*)-? FROM \"%w\"", t->name), (int64_t)rows);
		/* A tenth more than needed, so that the next row does not begin it again. */
		if (n > 0) {
			char *key = schema_key(k);

			more = run_bound(db, sqlite3_mprintf("DELETE FROM \"%w\" WHERE (%s) IN "
			    "(SELECT %s FROM \"%w\" WHERE %s%s ORDER BY \"%w\",%s LIMIT ?)", t->name, key, key, t->name, goes, stays, t->last, key),
			    n + (int64_t)(rows / 10));
			sqlite3_free(key);
		}
	}
	return went < 0 || more < 0 ? -1 : went + more;
}

static const struct { enum keep_kind k; size_t at; } kinds[] = {
	{ KEEP_ALERT, offsetof(struct store_settings, alerts) },
	{ KEEP_MEMBER, offsetof(struct store_settings, alerts) },
	{ KEEP_INCIDENT, offsetof(struct store_settings, incidents) },
	{ KEEP_ACTION, offsetof(struct store_settings, actions) },
	{ KEEP_ASSET, offsetof(struct store_settings, assets) },
	{ KEEP_ATTRIBUTE, offsetof(struct store_settings, assets) },
	{ KEEP_FACT, offsetof(struct store_settings, facts) },
	{ KEEP_HEALTH, offsetof(struct store_settings, health) },
	{ KEEP_TAG, offsetof(struct store_settings, tags) },
	{ KEEP_VALUE, offsetof(struct store_settings, values) },
	{ KEEP_MINUTE, offsetof(struct store_settings, minutes) },
	{ KEEP_HOUR, offsetof(struct store_settings, hours) },
	{ KEEP_DEED, offsetof(struct store_settings, deeds) },
	{ KEEP_TALK, offsetof(struct store_settings, talks) },
	{ KEEP_SIGHT, offsetof(struct store_settings, sights) },
};

static const struct keep_settings *
settings_of(const struct store_settings *s, size_t i)
{
	return (const void *)((const char *)s + kinds[i].at);
}

/* Of one kind.  How many rows went, -1: it failed. */
static int64_t
retain_kind(sqlite3 *db, enum keep_kind k, const struct keep_settings *s, uint64_t latest, int64_t *count)
{
	return store_tables[k].of_series ? history_retain(db, k, s->days, s->rows, latest, count) :
	    retain_rows(db, k, s->days, s->rows, latest);
}

/* What is made of others is as young as these. */
static uint64_t
latest_of(const struct databases *d, enum keep_kind k)
{
	return d->latest[store_tables[k].of_series ? KEEP_VALUE : k];
}

static void
retain(struct databases *d, bool of_run)
{
	for (size_t i = 0; i < COUNTOF(kinds); i++) {
		const enum keep_kind k = kinds[i].k;
		const struct keep_settings *s = settings_of(d->s, i);
		struct database *b = databases_home(d, k);
		int64_t went;

		/* It reads every row that is kept: not where nothing has come. */
		if (d->written[store_tables[k].of_series ? KEEP_VALUE : k] == 0)
			continue;
		went = retain_kind(b->db, k, s, of_run ? latest_of(d, k) : 0, &d->rows[k]);
		if (went > 0)
			log_note("store", "%s: %lld old rows of %s were removed", b->file, (long long)went, store_tables[k].name);
	}
	memset(d->written, 0, sizeof(d->written));
	d->looked_at = 0;
}

void
databases_history(struct databases *d)
{
	if (d->written[KEEP_VALUE] == 0 || history_roll(&d->history, d->latest[KEEP_VALUE], false) != SQLITE_OK)
		return;
	for (size_t i = 0; d->written[KEEP_VALUE] >= d->looked_at + MUCH && i < COUNTOF(kinds); i++)
		if (store_tables[kinds[i].k].of_series)
			(void)retain_kind(d->all.db, kinds[i].k, settings_of(d->s, i), latest_of(d, kinds[i].k), &d->rows[kinds[i].k]);
	if (d->written[KEEP_VALUE] >= d->looked_at + MUCH)
		d->looked_at = d->written[KEEP_VALUE];
}

void
databases_retain(struct databases *d, uint64_t now)
{
	if (now < d->retain_ns)
		return;
	d->retain_ns = now + EVERY_NS;
	retain(d, false);
}

void
databases_finish(struct databases *d, bool live)
{
	/* Also what was left by a process that was killed. */
	(void)history_roll(&d->history, d->latest[KEEP_VALUE], true);
	retain(d, !live);
}

int
store_retain(const char *file, const struct store_settings *s, int64_t went[KEEP_KINDS], struct err *e)
{
	int lock = lock_take(file, false, e);
	sqlite3 *db = lock >= 0 ? db_open(file, DB_WRITE, e) : NULL;
	bool good = db != NULL;

	memset(went, 0, KEEP_KINDS * sizeof(went[0]));
	for (size_t i = 0; good && i < COUNTOF(kinds); i++) {
		int64_t count = -1;

		went[kinds[i].k] = retain_kind(db, kinds[i].k, settings_of(s, i), 0, &count);
		good = went[kinds[i].k] >= 0;
	}
	if (good)
		(void)db_run(db, "VACUUM");
	else if (db != NULL)
		db_problem(db, file, "the database cannot be written", e);
	db_close(db);
	lock_release(lock);
	return good ? 0 : -1;
}
