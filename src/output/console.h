/* console.h - lines for people, on standard output and standard error.
 *
 * A terminal may be paused, a pipe may have a reader that sleeps.  So lines go into a
 * small queue of fixed slots, without a lock and from any thread, and a thread of its
 * own writes them (one where both are the same file, so that their order stays; else
 * one each).  Live, what finds no slot is dropped, counted, and reported when the terminal
 * goes on; in a replay the putter waits.
 *
 * On a terminal one status line can stand below them, overwritten each time.
 */
#ifndef OUTPUT_CONSOLE_H
#define OUTPUT_CONSOLE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct console;		/* opaque */

enum console_to { CONSOLE_OUT, CONSOLE_ERR };

#define CONSOLE_TEXT 1024u	/* bytes of one slot; longer texts take several */

/* `deadline_ns` as in writer.h.  NULL with a problem in `e`. */
struct console	*console_open(bool lossless, const _Atomic uint64_t *deadline_ns, struct err *e);

/* Start the threads.  Before that nothing may be put; false with a problem in `e`. */
bool		 console_start(struct console *c, struct err *e);

/* A tenth of a second has passed. */
void		 console_tick(struct console *c);

/* Whole lines; false: left out. */
bool		 console_put(struct console *c, enum console_to to, const char *text, size_t n);

/* What stands below the lines where standard error is a terminal; "" takes it away.  It
 * is cut to the terminal's width. */
void		 console_status(struct console *c, const char *text);

/* From now on wait for space rather than drop a line. */
void		 console_last(struct console *c);

/* Lines left out. */
uint64_t	 console_lost(const struct console *c);

size_t		 console_memory(const struct console *c);

/* Write what waits, at most until the deadline, and free.  0; -1: standard output could
 * not be written; 1: a thread hangs there and is left behind with its memory. */
int		 console_close(struct console *c);	/* NULL is ignored */

#endif
