/* parts.h - the databases of a store: one, or one of its own for the baseline.  Inside store
 * only; each function is called by one thread at a time.
 */
#ifndef STORE_PARTS_H
#define STORE_PARTS_H

#include "base/err.h"
#include "record/settings.h"
#include "store/db.h"
#include "store/history.h"
#include "store/lock.h"
#include "store/schema.h"

struct database {
	char		*file;			/* owned; NULL: there is none */
	sqlite3		*db;
	int		 lock;			/* -1 none */
	sqlite3_stmt	*write[KEEP_KINDS][2];	/* upsert, drop; NULL: not yet prepared */
};

/* Of a kind of rows that stand in a BLOB, too (pack.h). */
struct databases_packed {
	struct pack_form form;
	bool		 stale;		/* some were read from their columns: see databases_repack() */
	long		 at;		/* so many of them are good */
};

struct databases {
	struct database	 all, baseline;		/* baseline.file NULL: it is in `all` */
	const struct store_settings *s;		/* borrowed */
	char		*name;			/* owned; of the active baseline */
	const char	*failed;		/* the file of the last failure */
	struct databases_packed packed[KEEP_KINDS];
	uint64_t	 written[KEEP_KINDS];	/* rows since retention was last looked at */
	uint64_t	 latest[KEEP_KINDS];	/* the youngest of them that this run wrote */
	int64_t		 rows[KEEP_KINDS];	/* of kinds that have series: how many there are; -1 is not known */
	struct history	 history;
	uint64_t	 looked_at;		/* of written[KEEP_VALUE], when databases_history() last took something away */
	uint64_t	 retain_ns;		/* when retention is next looked at; of thread_now() */
};

/* Open and lock.  false, with the reason in `e` (close what is open, then). */
bool	databases_open(struct databases *d, const struct store_settings *s, const struct baseline_settings *b,
	    const char *socket, struct err *e);
void	databases_close(struct databases *d);
size_t	databases_memory(const struct databases *d);

/* One transaction over both.  SQLITE_OK, or the error, and `failed` says where. */
int	databases_begin(struct databases *d);
int	databases_write(struct databases *d, enum keep_kind k, const void *row, bool drop);
int	databases_commit(struct databases *d);
void	databases_rollback(struct databases *d);

/* Where rows of a kind are. */
struct database *databases_home(struct databases *d, enum keep_kind k);

/* As struct keep's load. */
int	databases_load(struct databases *d, enum keep_kind k, void (*each)(void *to, const void *row), void *to, struct err *e);

/* The same of one database.  `stale`, unless NULL, becomes true when rows are not in a BLOB that holds. */
int	database_load(sqlite3 *db, const char *file, enum keep_kind k, const char *baseline,
	    void (*each)(void *to, const void *row), void *to, bool *stale, struct err *e);

/* After a load that found BLOBs that do not hold (an older version wrote the rows, or a hand changed them): write some
 * of them again, in a transaction of its own, so that the next start is quick.  For when there is nothing else to write. */
void	databases_repack(struct databases *d);

/* After a transaction: make the minutes and hours that are over, and take away what is too much of what has series, when it
 * has become much more.  What fails is tried again after the next one. */
void	databases_history(struct databases *d);

/* Every ten minutes of the machine: take away what is too old or too much (retain.c). */
void	databases_retain(struct databases *d, uint64_t now);
/* The same at the end.  In a replay what is too old is older than what it wrote: the capture of another year takes
 * nothing of this year away, nor of itself. */
void	databases_finish(struct databases *d, bool live);

/* Take away rows of a kind that are `days` older than `latest` (0: than the latest of the kind), or more than `rows`; 0
 * is no limit.  Returns how many went, -1: it failed. */
int64_t	retain_rows(sqlite3 *db, enum keep_kind k, uint64_t days, uint64_t rows, uint64_t latest);

#endif
