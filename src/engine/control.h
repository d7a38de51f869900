/* control.h - requests to a running sensor: its status, and to read its rules again.
 *
 * A thread of its own waits for SIGHUP and, if a socket is configured, for `thermowell status`
 * and `thermowell rules reload` (control_protocol.h).  It reads and compiles rules while packets
 * go on; the packet thread takes them over, and copies its numbers, between two frames.
 */
#ifndef ENGINE_CONTROL_H
#define ENGINE_CONTROL_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/err.h"
#include "engine/control_protocol.h"
#include "engine/engine.h"
#include "engine/notify.h"
#include "engine/worker.h"

struct control;		/* opaque */

/* `socket`: path of a Unix socket, created here, or NULL or "" for none.  NULL: the problem
 * is in `e`.  `w` is borrowed. */
struct control	*control_open(const char *socket, struct worker *w, struct err *e);

/* Before control_start(): where the configuration is read again from, what was read at the start, and what
 * runs, whose rules change; and whom to tell how we are.  All borrowed. */
void		 control_with(struct control *c, const struct engine_reread *from, const struct settings *started,
		    struct settings *running, const struct notify *notify);

/* Start the thread.  false with the problem in `e`. */
bool		 control_start(struct control *c, struct err *e);

/* From a signal handler: read the rules again. */
void		 control_signal(struct control *c);

/* On the packet thread, between two frames: is there a request for it?  Then
 * serve it: take over rules that are ready, copy the counters.  frame_ns: time of the last
 * frame, 0 none. */
bool		 control_wants(struct control *c);
void		 control_serve(struct control *c, uint64_t frame_ns);

/* Start nothing new. */
void		 control_stop(struct control *c);

/* Wait for what was started, at most until the deadline (thread_now(); 0: none yet), and
 * free.  false: it is not over, and nothing that it may touch may be freed. */
bool		 control_close(struct control *c, const _Atomic uint64_t *deadline_ns);

/* The client: ask the sensor behind this socket and print its answer, as it came (json) or
 * for people.  0 done, -1: the reason is in `e`. */
int		 control_ask(const char *socket, enum control_command command, bool json, FILE *to, struct err *e);
/* Have it keep an action.  The same. */
int		 control_ask_act(const char *socket, const struct keep_action *a, struct err *e);

#endif
