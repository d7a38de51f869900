/* rejected.h - the file of lines that the receiver of a sink will never take, each with the reason: one JSON
 * object a line.  Bounded: when it is half full it becomes NAME.1, and an older one goes away.
 */
#ifndef OUTPUT_REJECTED_H
#define OUTPUT_REJECTED_H

#include "output/transport/transport.h"

struct rejected {
	char		*path;		/* owned; NULL: none is kept */
	uint64_t	 most;		/* bytes of one of the two */
	char		*text;		/* owned; for a line that is made */
	bool		 failing;	/* it cannot be written; said once */
};

/* Nothing is opened yet.  `bytes` 0, or `path` NULL: none is kept.  false: no memory. */
bool	rejected_open(struct rejected *r, const char *path, uint64_t bytes);
void	rejected_close(struct rejected *r);

/* `line` is without its newline. */
void	rejected_put(struct rejected *r, const struct line_head *h, const char *line, size_t len, const char *reason);

#endif
