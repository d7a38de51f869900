/* own.h - what the files of the spool share; private to them. */
#ifndef OUTPUT_SPOOL_OWN_H
#define OUTPUT_SPOOL_OWN_H

#include "output/spool/spool.h"
#include "output/spool/read.h"
#include "output/writer.h"

struct segment {
	uint64_t	number, bytes;
	uint64_t	first, last;		/* numbers of records; last 0: not known yet */
	int64_t		written_ns;		/* monotonic, of the last write; of an earlier run below 0 */
	bool		counted;		/* these are known: */
	uint64_t	class_bytes[QUEUE_CLASSES];	/* of records that were not read */
};

struct spool {
	char		*name, *folder;		/* owned */
	int		 dir, state, out;	/* folder; state file, locked; last segment, -1: none is written */
	struct segment	*of;			/* owned; by number */
	unsigned	 n, size;
	unsigned	 reading;		/* index; n: all are read */
	uint64_t	 limit, segment_bytes, age_ns, sync;
	uint64_t	 total;			/* bytes of all segments */
	uint64_t	 forgotten, last_read, next;	/* numbers of records */
	uint64_t	 generation;
	uint64_t	 number;		/* of the last segment ever */
	bool		 at_end;		/* what was put was read */
	struct spool_reader rd, other;		/* of the segment that is read; for looking through another one */
	uint64_t	 now_ns, retry_ns, state_ns, sync_ns, age_look_ns;
	bool		 state_due, data_due;
	bool		 full;			/* lines are being dropped; said once */
	uint64_t	 aside;			/* bytes set aside */
	struct spool_counts counts;
};

int	spool_trouble(const char *place);	/* 0, or the errno of a test */

/* Take a segment out of the table and off the disk. */
void	spool_remove(struct spool *s, unsigned i);

/* Damaged bytes, to the file "damaged". */
void	spool_aside(void *arg, const uint8_t *p, size_t n);

/* No more is put into the last segment. */
void	spool_close_segment(struct spool *s);

/* Drop until `need` bytes of a line of this class fit.  false: everything else is more important. */
bool	spool_make_space(struct spool *s, uint64_t need, unsigned class);

/* Drop segments that are too old. */
void	spool_drop_old(struct spool *s);

static inline void
spool_add(_Atomic uint64_t *to, uint64_t n)
{
	atomic_store_explicit(to, atomic_load_explicit(to, memory_order_relaxed) + n, memory_order_relaxed);
}

static inline void
spool_less(struct spool *s, uint64_t n)
{
	uint64_t have = atomic_load_explicit(&s->counts.lines, memory_order_relaxed);

	atomic_store_explicit(&s->counts.lines, n < have ? have - n : 0, memory_order_relaxed);
}

#endif
