/* rights.h - what a sensor may do beside what any process may: nothing, once its interfaces are open.
 *
 * Only a packet socket takes a right (CAP_NET_RAW), and only to make it: an interface that came back is
 * bound to the socket that there is (capture/iface.h).  So no right is kept, by nobody.
 */
#ifndef ENGINE_RIGHTS_H
#define ENGINE_RIGHTS_H

#include <stdbool.h>

#include "base/err.h"
#include "record/settings.h"

/* Become run.user and run.group with no other group, give all capabilities up, and never get any again
 * (no new privileges).  A replay, or root without run.user, keeps the user and the four capabilities by
 * which root reads and writes files of others.  Before any thread is born.  False with `e`. */
bool	rights_drop(const struct run_settings *s, bool live, struct err *e);

#endif
