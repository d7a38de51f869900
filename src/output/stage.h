/* stage.h - the lines that a transport may have to be given again: in memory, in order, until they have
 * arrived.  Bounded; belongs to the writer's thread.
 */
#ifndef OUTPUT_STAGE_H
#define OUTPUT_STAGE_H

#include "output/transport/transport.h"

struct staged {
	size_t			 at;		/* in the bytes */
	uint32_t		 len;		/* with its newline */
	bool			 repeated;	/* it was given before */
	uint64_t		 record;	/* of the spool; 0: it stands in memory only */
	struct line_head	 head;
};

struct stage {
	char		*bytes;		/* owned; lines, one behind the other, from `from` to `to` */
	size_t		 size, from, to;
	size_t		 touched;	/* so far bytes were written: beyond that they cost no memory */
	struct staged	*of;		/* owned; a ring of `max` */
	unsigned	 max, head, n;
	unsigned	 given;		/* the first so many were given to the transport */
	uint64_t	 first;		/* number of the first: how many were before it */
};

/* Space for `bytes`, and for `max` lines.  false: no memory. */
bool	stage_open(struct stage *s, size_t bytes, unsigned max);
void	stage_close(struct stage *s);

/* false: there is no space now.  `len` with the newline. */
bool	stage_put(struct stage *s, const struct line_head *h, const char *line, size_t len, uint64_t record);

static inline struct staged *
stage_at(const struct stage *s, unsigned i)
{
	return &s->of[(s->head + i) % s->max];
}

/* Those that were not given are forgotten. */
unsigned stage_drop_rest(struct stage *s);

/* The first `n` are done with. */
void	stage_drop(struct stage *s, unsigned n);

/* Those that were given are to be given again.  Returns how many. */
unsigned stage_again(struct stage *s);

#endif
