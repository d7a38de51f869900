/* captures.h - files that are written by a writer thread, piece by piece: the capture
 * files of alerts.
 *
 * The packet thread orders what is to be done with which of a few open files and goes
 * on; the thread does it in that order.  A disk that is slow or full costs pieces, and
 * reports that.
 */
#ifndef OUTPUT_CAPTURES_H
#define OUTPUT_CAPTURES_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

#define CAPTURES_OPEN	16u		/* files open at a time; slots 0 to 15 */
#define CAPTURES_PIECE	(64u * 1024)	/* longest piece */
#define CAPTURES_NAME	64u		/* longest name, with its NUL */

struct captures;	/* opaque */

/* Files go into the folder `dir`, which is made if it is not there; `memory` bytes may
 * wait.  `deadline_ns` as in writer.h.  NULL with a problem in `e`. */
struct captures	*captures_open(const char *dir, size_t memory, const _Atomic uint64_t *deadline_ns,
		    struct err *e);

/* Start the thread; what is said before waits for it.  false with a problem in `e`. */
bool		 captures_start(struct captures *c, struct err *e);

/* A tenth of a second has passed. */
void		 captures_tick(struct captures *c);

/* Each takes a struct captures; false: no space in memory, nothing will happen. */
bool		 captures_begin(void *c, unsigned slot, const char *name);
bool		 captures_put(void *c, unsigned slot, const void *p, size_t n);
bool		 captures_end(void *c, unsigned slot);
bool		 captures_remove(void *c, const char *name);

/* Files that could not be made or not be written whole, since it was last asked. */
uint64_t	 captures_failed(void *c);

size_t		 captures_memory(const struct captures *c);

/* Do what waits, at most until the deadline, and free. */
void		 captures_close(struct captures *c);	/* NULL is ignored */

#endif
