/* surroundings.h - what the sensor stands in: the machine's clock and its disks, looked at by a thread of
 * its own, because asking for them is a system call and a disk may hang.
 */
#ifndef ENGINE_SURROUNDINGS_H
#define ENGINE_SURROUNDINGS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

#define SURROUNDINGS_DISKS 3u

struct surroundings;		/* opaque */

/* One disk that the sensor writes to. */
struct disk_state {
	char		path[256];	/* the folder that was asked for; shortened */
	uint64_t	free_bytes;	/* for users without rights */
	unsigned	free_percent;	/* of bytes or of inodes, what is scarcer */
	bool		known;
};

/* `folders` (n, at most SURROUNDINGS_DISKS) are copied.  NULL with a problem in `e`. */
struct surroundings	*surroundings_open(const char *const *folders, unsigned n, struct err *e);
bool			 surroundings_start(struct surroundings *s, struct err *e);

/* The machine's clock: 1 it is synchronised, 0 it is not, -1 not known (NULL, or not yet looked at). */
int			 surroundings_clock(const struct surroundings *s);

/* How often it was set by more than 5 seconds, and by how much the last time (ns, backwards negative). */
uint64_t		 surroundings_jumps(const struct surroundings *s, int64_t *last_ns);

unsigned		 surroundings_disks(const struct surroundings *s, struct disk_state to[SURROUNDINGS_DISKS]);

/* End its thread, and free; what hangs on a disk is left behind.  NULL is ignored. */
void			 surroundings_close(struct surroundings *s);

#endif
