/* rotate.h - the old files of a file that is begun anew after so many bytes or so long: "eve.json.20261130T190703Z",
 * compressed to ".gz", and only so many kept.
 *
 * Renaming is done by the writer's thread; compressing and deleting, which take time, by a thread of its own, which
 * ends when there is nothing to do.  What it leaves behind at the end it does the next time.
 */
#ifndef OUTPUT_ROTATE_H
#define OUTPUT_ROTATE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "output/transport/transport.h"

struct rotate;		/* opaque */

/* NULL, without a problem, where nothing is asked for; NULL with one without memory. */
struct rotate	*rotate_open(const struct transport_settings *s, struct err *e);
void		 rotate_close(struct rotate *r);		/* NULL is ignored */

/* The file at its path was opened, or made: its size, and when it was last written (ns since 1970). */
void		 rotate_begun(struct rotate *r, uint64_t bytes, uint64_t written_ns);

/* How many bytes may be put into a file of so many; UINT64_MAX: any number. */
uint64_t	 rotate_space(const struct rotate *r, uint64_t bytes);

/* Is it time for a new file?  `now_ns` since 1970. */
bool		 rotate_is_due(const struct rotate *r, uint64_t bytes, uint64_t now_ns);

/* Give the file its old name; its path is free then.  false: it cannot be renamed (said once). */
bool		 rotate_away(struct rotate *r, uint64_t now_ns);

/* Now and then: old files that are too old go. */
void		 rotate_look(struct rotate *r, uint64_t now_ns);

/* Is `name` an old file of `base`? */
bool		 rotate_is_old(const char *base, const char *name, bool *compressed);

#endif
