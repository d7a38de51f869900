/* control_socket.h - the Unix socket of control.c: accept, read one line, send one answer.
 *
 * No client is waited for longer than a few seconds, whatever it does.
 */
#ifndef ENGINE_CONTROL_SOCKET_H
#define ENGINE_CONTROL_SOCKET_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/* A socket at `path`, for this user alone.  Its descriptor, or -1 with `e`. */
int	 control_listen(const char *path, const char *group, struct err *e);

/* A connection to one; or -1 with `e`. */
int	 control_dial(const char *path, struct err *e);

/* One who connected.  All waiting ends when `quit` is set. */
struct control_client {
	int			 fd;		/* does not block; -1: gone */
	uint64_t		 until_ns;	/* thread_now(): how long it is waited for in all */
	const atomic_bool	*quit;		/* borrowed */
};

enum control_line {
	CONTROL_LINE,		/* a line, or all that came before the client closed its half */
	CONTROL_TOO_LONG,	/* the buffer is full without the end of a line */
	CONTROL_TOO_LATE,	/* no end within the time */
	CONTROL_NOBODY		/* nobody connected, or nothing was sent */
};

/* Take the next client and read its line: *n bytes of `to` without newline, not NUL-terminated. */
enum control_line control_accept(struct control_client *k, int listener, const atomic_bool *quit, char *to,
	    size_t size, size_t *n);

/* Send n bytes; a client that does not read them in time gets no more.  Then close. */
void	 control_answer(struct control_client *k, const char *p, size_t n);
void	 control_hang_up(struct control_client *k);

#endif
