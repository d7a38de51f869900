#include "store/changes.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/thread.h"
#include "store/db.h"
#include "store/schema.h"

#define SOON_NS	(UINT64_C(2) * 1000000000)
#define SLOW_NS	(UINT64_C(10) * 1000000000)

struct store_changes {
	char		*file;
	sqlite3		*db;
	sqlite3_stmt	*version, *of[KEEP_KINDS];
	int64_t		 last_version, last[KEEP_KINDS][2];
	uint64_t	 slow_ns;	/* when the others are next reported */
	bool		 slow;		/* they have changed */
	dev_t		 device;	/* the file that is open */
	ino_t		 inode;
};

struct store_changes *
store_changes_open(const char *file)
{
	struct store_changes *c = calloc(1, sizeof(*c));

	if (c != NULL && (c->file = strdup(file)) == NULL) {
		free(c);
		c = NULL;
	}
	return c;
}

static void
let_go(struct store_changes *c)
{
	(void)sqlite3_finalize(c->version);
	c->version = NULL;
	for (enum keep_kind k = 0; k < KEEP_KINDS; k++) {
		(void)sqlite3_finalize(c->of[k]);
		c->of[k] = NULL;
	}
	db_close(c->db);
	c->db = NULL;
}

/* The latest row of a kind, by its index; kinds without one are not looked at. */
static bool
prepare(struct store_changes *c, enum keep_kind k)
{
	const struct table *t = &store_tables[k];
	char *sql = sqlite3_mprintf("SELECT max(\"%w\"),max(rowid) FROM \"%w\"", t->last, t->name);
	int rc = sql != NULL ? sqlite3_prepare_v2(c->db, sql, -1, &c->of[k], NULL) : SQLITE_NOMEM;

	sqlite3_free(sql);
	return rc == SQLITE_OK;
}

static bool
get_hold(struct store_changes *c)
{
	struct err ignored = { 0 };
	bool good = true;

	if (c->db != NULL)
		return true;
	c->db = db_open(c->file, DB_READ, &ignored);
	err_free(&ignored);
	if (c->db == NULL)
		return false;
	good = sqlite3_prepare_v2(c->db, "PRAGMA data_version", -1, &c->version, NULL) == SQLITE_OK;
	for (enum keep_kind k = 0; good && k < KEEP_KINDS; k++)
		good = store_tables[k].name == NULL || !store_tables[k].listed || prepare(c, k);
	if (!good)
		let_go(c);
	return good;
}

static bool
step(sqlite3_stmt *s, int64_t to[2])
{
	bool row = sqlite3_step(s) == SQLITE_ROW;

	for (int i = 0; row && i < sqlite3_column_count(s); i++)
		to[i] = sqlite3_column_int64(s, i);
	(void)sqlite3_reset(s);
	return row;
}

/* Another file may have taken its place (a backup that is restored): all of it is news. */
static void
follow_file(struct store_changes *c)
{
	struct stat st;

	if (stat(c->file, &st) != 0 || (c->device == st.st_dev && c->inode == st.st_ino))
		return;
	let_go(c);
	if (c->inode != 0) {
		c->last_version = -1;
		memset(c->last, 0xff, sizeof(c->last));
	}
	c->device = st.st_dev;
	c->inode = st.st_ino;
}

uint32_t
store_changes_look(struct store_changes *c)
{
	int64_t now[2] = { 0 };
	uint32_t changed = 0;
	uint64_t clock = thread_now();

	follow_file(c);
	if (!get_hold(c))
		return 0;
	if (!step(c->version, now)) {
		let_go(c);
		return 0;
	}
	if (now[0] != c->last_version) {
		c->last_version = now[0];
		c->slow = true;
		for (enum keep_kind k = 0; k < KEEP_KINDS; k++) {
			if (c->of[k] == NULL || !step(c->of[k], now) || memcmp(now, c->last[k], sizeof(now)) == 0)
				continue;
			memcpy(c->last[k], now, sizeof(now));
			changed |= 1u << k;
		}
		/* Facts that an operator accepted are written with the next tick: he is to see it. */
		if ((changed >> KEEP_ACTION & 1) != 0)
			c->slow_ns = clock + SOON_NS;
	}
	if (c->slow && clock >= c->slow_ns) {
		c->slow = false;
		c->slow_ns = clock + SLOW_NS;
		for (enum keep_kind k = 0; k < KEEP_KINDS; k++)
			if (store_tables[k].name != NULL && !store_tables[k].listed)
				changed |= 1u << k;
	}
	return changed;
}

void
store_changes_close(struct store_changes *c)
{
	if (c == NULL)
		return;
	let_go(c);
	free(c->file);
	free(c);
}
