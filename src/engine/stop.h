/* stop.h - signals: how a run is ended, and that it ends.
 *
 * SIGTERM and SIGINT ask for the end, once: the wire is read to the end of the
 * kernel's ring, what is open is closed and written.  All of that has a time; a second
 * signal neither shortens nor cuts it, and SIGHUP does nothing any more.  Should
 * something hang all the same, a timer ends the process.
 *
 * Signals belong to the process, so this is the one place with state of its own.
 */
#ifndef ENGINE_STOP_H
#define ENGINE_STOP_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "capture/capture.h"
#include "engine/control.h"

/* Catch signals from here to the end of the process. */
void	stop_catch(uint64_t within_s);

/* What a signal acts on; NULL: nothing.  Call in the thread that gets the signals. */
void	stop_notify(struct capture *cap, struct control *control);

/* A stop was asked for. */
bool	stop_asked(void);

/* End now, for a reason of our own, as if a signal had come. */
void	stop_ask(void);

/* SIGHUP came since it was last asked: open the outputs again. */
bool	stop_reopen(void);

/* SIGUSR1 came since it was last asked: write the statistics. */
bool	stop_stats(void);

/* thread_now() at which the kernel's ring is read no further; 0: not known. */
uint64_t stop_frames_until(void);

/* thread_now() at which nobody waits for an output any more; its value is 0 until a stop
 * is asked for. */
const _Atomic uint64_t *stop_deadline(void);

#endif
