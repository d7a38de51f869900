/* store.h - what is remembered over a restart: rows (record/keep.h) into a database, by a thread
 * of its own.
 *
 * The packet thread puts rows into a bounded queue and goes on; the store's thread writes what
 * came in one transaction a second.  A process that is killed loses at most what was put in the
 * last second.  While the database cannot be written (a full disk) rows wait in the queue and are tried
 * again each second; when it is full, live, put says false, and who owns the state keeps it dirty.  In a
 * replay put waits.
 *
 * One database holds everything; with baseline.file and store.file both set, facts and life of
 * the baseline are in the former.  While a sensor runs it holds a lock on its databases, which goes with
 * the process.
 */
#ifndef STORE_STORE_H
#define STORE_STORE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "record/counters.h"
#include "record/keep.h"
#include "record/settings.h"

struct store;		/* opaque; one per worker */

struct store_want {
	const struct store_settings	*store;		/* borrowed, as all here */
	const struct baseline_settings	*baseline;
	const char			*socket;	/* of this sensor, for who finds the database in use; NULL none */
	bool				 live;
	const _Atomic uint64_t		*deadline_ns;	/* monotonic; all waiting ends then; NULL: never */
	struct counters			*counters;	/* written by the packet thread's calls */
};

/* Do the settings name a database at all? */
bool		 store_wanted(const struct store_settings *s, const struct baseline_settings *b);

/* Open the databases, create what is not there, take their locks.  NULL: the reason is in `e`. */
struct store	*store_open(const struct store_want *w, struct err *e);

/* For who puts rows, and loads them before store_start(); NULL for a NULL store. */
const struct keep *store_keep(struct store *s);

/* Start the thread; rows may be put before.  false with the problem in `e`. */
bool		 store_start(struct store *s, struct err *e);

/* A tenth of a second has passed, on the packet thread: the counters follow. */
void		 store_tick(struct store *s);

/* From now on put waits for space as in a replay, at most until the deadline: the last rows. */
void		 store_last(struct store *s);

size_t		 store_memory(const struct store *s);

struct store_state {
	const char	*file, *baseline_file;	/* the latter NULL: the same */
	uint64_t	 rows;		/* written */
	uint64_t	 waiting;	/* bytes in the queue */
	uint64_t	 transactions, failures;
	bool		 failing;	/* now */
	bool		 full;		/* because the disk is full */
};
void		 store_state(const struct store *s, struct store_state *to);

/* Write what is left, at most until the deadline, give the locks back and free.  0, or -1 when
 * rows were lost. */
int		 store_close(struct store *s);	/* NULL is ignored */

#endif
