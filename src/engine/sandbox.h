/* sandbox.h - which system calls a started sensor may make: those of sandbox.def.
 *
 * Two filters of the kernel (seccomp), one upon the other.  The first is set before any thread is born
 * and holds for all of them; with it comes one that refuses whatever could send on the descriptors of the
 * capture.  The second, narrower, is the packet thread's of a live sensor, which sees what others sent: it
 * cannot reach anybody new (HELPERS).
 *
 * A call that is not in the table ends the process at once (SIGSYS; the kernel's audit log and systemd's
 * 31/SYS say so): a sensor that does what it never does is not to go on, and systemd starts it again.
 * In trap mode, for tests, the name of the call is written and the process aborts.
 */
#ifndef ENGINE_SANDBOX_H
#define ENGINE_SANDBOX_H

#include <stdbool.h>

#include "base/err.h"
#include "record/settings.h"

/* For every thread that is born from here on.  `fds`: nothing is to be sent on these.  *how: what is in
 * force, as `stats` says it ("on", "off", "trap", "not built", "not supported").  False with `e`. */
bool	sandbox_enter(const struct run_settings *s, const int *fds, unsigned n_fds, const char **how, struct err *e);

/* The narrower one, for the calling thread alone, once all others run. */
bool	sandbox_enter_packet_thread(const struct run_settings *s, struct err *e);

/* That of the console's process: the calls of sandbox_console.def. */
bool	sandbox_enter_console(const struct run_settings *s, struct err *e);

#endif
