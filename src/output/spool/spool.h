/* spool.h - lines of one sink on the disk, until its receiver has them.
 *
 * A folder with a state file and segments; format.h says what stands in them.  Lines are appended to the
 * last segment, read from the oldest that was not read, and forgotten when they have arrived: a segment of
 * which everything is forgotten is deleted.  After a crash or a cut of power reading goes on from the last
 * state that was written, so a line may be given twice, and a line that stood in the spool is never left out.
 *
 * Bounded by size and by age.  When it is full the least important lines go first, of these the oldest, and
 * are counted; a flood of small talk cannot take the space of alerts (the marks of a queue, queue.h).  What is
 * damaged is set aside and counted, and what follows it is read.  A line that is longer than a segment may be
 * is a counted loss.
 *
 * All but spool_count() belongs to the writer's thread.
 */
#ifndef OUTPUT_SPOOL_H
#define OUTPUT_SPOOL_H

#include "output/transport/transport.h"

struct spool;		/* opaque */

struct spool_settings {
	const char	*name;		/* of the sink, for messages */
	const char	*folder;	/* made where it is missing */
	uint64_t	 bytes;		/* of all segments at most */
	uint64_t	 age_ns;	/* what waits longer is dropped; 0: never */
	uint64_t	 sync;		/* enum sink_sync */
};

/* Why lines were dropped. */
enum spool_drop {
	SPOOL_FULL,		/* it was full, and others are more important or newer */
	SPOOL_OLD,		/* they waited longer than was allowed */
	SPOOL_DAMAGED,		/* their bytes were damaged; the lines of one damaged place count as one */
	SPOOL_TOO_LONG,
	SPOOL_DROPS
};

/* Written by the writer's thread, read by anybody. */
struct spool_counts {
	_Atomic uint64_t	lines, bytes;	/* that wait; the lines of an earlier run are first estimated */
	_Atomic uint64_t	dropped[SPOOL_DROPS];
	_Atomic bool		failing;	/* it cannot be written: lines wait in memory */
};

/* Only a look at the state and at the names and sizes of the segments: the start does not depend on what
 * waits.  NULL with a problem in `e`: also when somebody else has it open. */
struct spool	*spool_open(const struct spool_settings *s, struct err *e);

/* The state is written; nothing else is lost without it. */
void		 spool_close(struct spool *s);		/* NULL is ignored */

/* Append a line with its newline; h->len bytes.  false: it cannot be written now (said once). */
bool		 spool_put(struct spool *s, const struct line_head *h, const char *line);

/* The next line that was not read, into `to`, with its newline; *record names it.  false: there is none, or
 * it does not fit into `size` bytes. */
bool		 spool_next(struct spool *s, struct line_head *h, char *to, size_t size, uint64_t *record);

/* Everything that was put was read. */
bool		 spool_caught_up(const struct spool *s);

/* All up to and including this one have arrived; they were `n`. */
void		 spool_forget(struct spool *s, uint64_t record, unsigned n);

/* Whenever the thread wakes: what is due of writing the state, pressing onto the disk, dropping what is old.
 * `now_ns` is monotonic; `grave`: an alert of severity 1 or 2 was put. */
void		 spool_tick(struct spool *s, uint64_t now_ns, bool grave);

/* An operator wants gone what waits: all that was not read, and `taken` lines that were and are dropped by who took them.
 * `nothing_given`: nor is any other line on its way.  Returns how many. */
uint64_t	 spool_drop_all(struct spool *s, uint64_t taken, bool nothing_given);

const struct spool_counts *spool_count(const struct spool *s);

size_t		 spool_memory(const struct spool *s);

/* Only in tests: called at named places ("put", "roll", "state", "forget", "compact", "renamed") when it is set;
 * not 0: as if the system had refused with this errno. */
extern int	(*spool_fault)(const char *place);

/* ---- for commands: read without changing anything, also while a sensor writes ---- */

struct spool_look {
	uint64_t	segments, bytes;
	uint64_t	lines, class_lines[8];	/* that wait, by enum queue_class */
	uint64_t	oldest_ns, newest_ns;	/* capture time */
	uint64_t	damaged;		/* places */
	uint64_t	dropped[SPOOL_DROPS];	/* as the state says */
	bool		running;		/* somebody has it open */
	bool		no_state;		/* both slots are damaged, or there is no state yet */
};

/* `line` is called for each line that waits, in order; NULL: none is wanted.  false with a problem in `e`. */
bool		 spool_show(const char *folder, struct spool_look *to,
		    void (*line)(void *arg, const struct line_head *h, const char *line), void *arg, struct err *e);

/* Delete what waits.  Returns how many lines, -1 with a problem in `e`: also when somebody has it open. */
int64_t		 spool_empty(const char *folder, struct err *e);

#endif
