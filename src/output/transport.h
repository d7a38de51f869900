/* transport.h - what carries finished lines away; knows nothing of their form.
 *
 * Opened and closed by whoever opens the writer; everything between is called by one
 * thread at a time, the writer's, and may wait there: nobody who sees packets waits
 * with it.  Only in a replay, which waits for its files anyway, the packet thread
 * carries too.
 */
#ifndef OUTPUT_TRANSPORT_H
#define OUTPUT_TRANSPORT_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

#include "base/err.h"

/* Longest line with its newline: 2,000 values with time and flags, or a UDP
 * datagram of bytes that each need six characters, fit. */
#define OUTPUT_LINE_MAX (512u * 1024)

/* Written by whoever carries, read by anybody. */
struct transport_counters {
	_Atomic uint64_t reconnects;	/* times that the target was found again */
	_Atomic uint64_t failures;	/* times that it was lost */
};

struct transport_settings {
	const char	*target;	/* means what the transport makes of it (a path) */
	uint64_t	 reserve;	/* bytes of the disk that are kept for alerts; 0 none */
	uint64_t	 retry_ns;	/* between tries of a target that cannot be reached */
	bool		 fresh;		/* nobody expects lines of earlier runs: report it if there are */
	struct transport_counters *counters;	/* lives longer than what is opened */
};

enum carry {
	CARRY_DONE,		/* everything is away */
	CARRY_MORE,		/* a share is away; it would take more at once */
	CARRY_BUSY,		/* the other end takes nothing now: a pipe is full */
	CARRY_FAILED		/* it cannot be written; the reason was logged */
};

struct transport {
	const char	*name;		/* "file" */

	/* `s` is borrowed for the call.  NULL with a problem in `e`. */
	void	*(*open)(const struct transport_settings *s, struct err *e);

	/* The longest line with its newline that it can carry; NULL: any. */
	size_t	 (*longest)(void *t);

	/* Carry whole lines, in two pieces that follow each other (a line may begin in
	 * one and end in the other).  *done: bytes of the lines that are away, whole;
	 * what it carried of the next one it remembers itself, and that line is offered
	 * again from its start. */
	enum carry (*carry)(void *t, const struct iovec at[2], size_t *done);

	/* Carrying waits for no reader (a file on a disk): in a replay the packet thread may
	 * do it itself.  NULL: it may not. */
	bool	 (*direct)(void *t);

	/* What poll() may wait for (POLLOUT) while it is busy; -1: nothing. */
	int	 (*busy_fd)(void *t);

	/* Ten times a second, also when there is nothing to carry: is the target still
	 * where it was? */
	void	 (*check)(void *t, uint64_t now_ns);

	/* Less space is left than is kept for alerts.  Asked after carry() and check(). */
	bool	 (*scarce)(void *t);

	/* Find the target again by name. */
	void	 (*reopen)(void *t);

	/* Free.  0, or -1 when the last bytes did not arrive. */
	int	 (*close)(void *t);
};

extern const struct transport transport_file;
extern const struct transport transport_unix_stream, transport_unix_dgram;	/* lines; a datagram a line */

#endif
