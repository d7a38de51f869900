/* conn.h - a connection that finds its way back: name, address, socket, TLS where asked for; tried again with growing pauses.
 *
 * Everything is done by conn_work(), which never waits.  What is wrong is logged once for each trouble and told to the
 * host; so is its end.
 */
#ifndef OUTPUT_CONN_H
#define OUTPUT_CONN_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"
#include "output/transport/net.h"
#include "output/transport/transport.h"

struct conn;			/* opaque */

struct conn_settings {
	int		 type;		/* SOCK_STREAM, SOCK_DGRAM */
	bool		 tls;
	const char	*default_port;
};

/* Of `s` are used: name, target, retry_ns, timeout_ns, watched, counters, host and what TLS needs; all borrowed for as long as
 * it is open.  NULL with problems in `e`. */
struct conn	*conn_open(const struct conn_settings *how, const struct transport_settings *s, struct err *e);
void		 conn_close(struct conn *c);	/* NULL is ignored */

/* Go on; true: it stands, and what was written can be read from it. */
bool		 conn_work(struct conn *c, uint64_t now_ns);

/* How many connections there have been: another number than before means another connection. */
unsigned	 conn_generation(const struct conn *c);

/* Bytes that were taken; 0: none now.  A loss of the connection is dealt with here: ask conn_is_up(). */
size_t		 conn_write(struct conn *c, const void *data, size_t n);

bool		 conn_is_up(const struct conn *c);

/* It was lost, and nothing has shown yet that the receiver is there again (conn_progress()). */
bool		 conn_is_doubtful(const struct conn *c);

/* Bytes that the kernel has taken and the other end's has not acknowledged; with TLS at least as many as of ours. */
size_t		 conn_unacknowledged(const struct conn *c);

/* The receiver takes something: pauses begin small again, and the trouble is over. */
void		 conn_progress(struct conn *c, uint64_t now_ns);

/* What poll() shall wait for: 0 or 1.  `wants`: there is something to write. */
unsigned	 conn_fds(const struct conn *c, struct pollfd *to, bool wants);

/* When conn_work() wants to be called at the latest. */
uint64_t	 conn_due(const struct conn *c);

/* End it and try anew, files read again, names looked up again. */
void		 conn_again(struct conn *c);

#endif
