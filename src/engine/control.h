/* control.h - what a running sensor can be told: to read its rules again.
 *
 * A thread of its own waits for SIGHUP and, if a socket is configured, for
 * `thermowell rules reload`.  It reads and compiles while packets go on; the
 * packet thread takes the result over between two frames.
 */
#ifndef ENGINE_CONTROL_H
#define ENGINE_CONTROL_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/err.h"
#include "engine/worker.h"

struct control;		/* opaque */

/* `socket`: path of a Unix socket, or NULL or "" for none.  NULL: the problem is
 * in `e`.  `w` is borrowed. */
struct control	*control_open(const char *socket, struct worker *w, struct err *e);

/* From a signal handler: read the rules again. */
void		 control_signal(struct control *c);

/* Something is ready to be taken over by worker_swap(). */
bool		 control_ready(struct control *c);

/* Begin nothing new. */
void		 control_stop(struct control *c);

/* Wait for what was begun, at most until the deadline (writer_now(); 0: none yet), and
 * free.  false: it is not over, and nothing that it may touch may be freed. */
bool		 control_close(struct control *c, const _Atomic uint64_t *deadline_ns);

/* The other end: ask the sensor behind this socket, print its answer.  0 done, -1:
 * the reason is in `e`. */
int		 control_ask(const char *socket, const char *what, FILE *to, struct err *e);

#endif
