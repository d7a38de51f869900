/* history.h - the values of the process as series: what came is kept for days, of each minute one row for
 * months, of each hour one row for years.
 *
 * Rows KEEP_VALUE are written as they come, and with each of them, in the same transaction, its minute is noted as due
 * (table tag_due).  The store's thread makes minutes of values and hours of minutes when they are over; a row is always made of
 * all that its time has, under its key, and what was due goes in the same transaction: who is killed between two of them
 * makes a row again, and never counts anything twice.  Inside store only; the reading side is series.h.
 */
#ifndef STORE_HISTORY_H
#define STORE_HISTORY_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>

#include "record/keep.h"

#define HISTORY_MINUTE	UINT64_C(60000000000)
#define HISTORY_HOUR	(60 * HISTORY_MINUTE)

/* ---- many values become one row ------------------------------------------------------ */

struct fold {
	struct keep_span to;
	uint64_t	 end_ns;
	bool		 any;		/* something came in it */
	bool		 range;		/* min and max are set */
	double		 sum;		/* of value times ns */
	/* What stands, and since when. */
	bool		 stands;
	double		 value;
	uint64_t	 since_ns;
};

/* A span begins: what stands from before counts in it, unless that is older than two of it.  f is zero before the first. */
void	fold_begin(struct fold *f, uint64_t series, uint64_t start_ns, uint64_t span_ns);
void	fold_value(struct fold *f, const struct keep_value *v);
void	fold_span(struct fold *f, const struct keep_span *s);
/* false: nothing came, and there is no row of it. */
bool	fold_end(struct fold *f, struct keep_span *to);

/* ---- the store's thread ---------------------------------------------------------------- */

#define HISTORY_NOTED	256u	/* a power of two */
enum history_statement { HISTORY_DUE, HISTORY_LIST, HISTORY_DONE, HISTORY_BEFORE, HISTORY_VALUES, HISTORY_MINUTES, HISTORY_PUT_MINUTE, HISTORY_PUT_HOUR,
	HISTORY_STATEMENTS };

struct history {
	sqlite3		*db;		/* borrowed */
	sqlite3_stmt	*s[HISTORY_STATEMENTS];	/* NULL: not yet prepared */
	/* Minutes that are noted already, by their series. */
	struct { uint64_t series, minute; } noted[HISTORY_NOTED];
	uint64_t	 rolled_ns;	/* of the youngest value when it was last looked for what is due */
};

/* Within the transaction that writes the value: its minute is due.  SQLITE_OK, or the error. */
int	history_note(struct history *h, const struct keep_value *v);
/* That transaction did not hold. */
void	history_forget(struct history *h);
/* Make the rows that are due, of spans that are over at `latest_ns`; `all`: the others, too.  In transactions of its own;
 * SQLITE_OK, or the error: what is due stays due. */
int	history_roll(struct history *h, uint64_t latest_ns, bool all);
void	history_close(struct history *h);

/* Take away rows of a kind that has series: those that are `days` older than `latest_ns` (0: than the youngest), and the oldest of
 * more than `rows`, by whole minutes or hours; 0 is no limit.  What is left is the same however often it was called on the
 * way.  *count: how many there are, -1 is not known yet, and afterwards how many are left.  Returns how many went, -1: it failed. */
int64_t	history_retain(sqlite3 *db, enum keep_kind k, uint64_t days, uint64_t rows, uint64_t latest_ns, int64_t *count);

#endif
