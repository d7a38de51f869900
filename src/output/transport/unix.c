/* unix.c - lines to a Unix socket that somebody else listens on, as a stream or a datagram a
 * line; what Suricata calls unix_stream and unix_dgram.
 *
 * Nobody may listen yet, or any more: lines wait in memory, and the socket is looked for again
 * every `retry`.  A line of which the reader that went away had a part only goes whole to
 * the next one; what it left unread in the socket is lost with it.
 */
#include "output/transport/transport.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/log.h"
#include "base/queue.h"

#define CHUNK		(64u * 1024)	/* one write() to a stream: what is away frees space in the queue */
#define LINES		64u		/* datagrams, the same */
#define BUFFER		(1u << 20)	/* for datagrams, asked of the kernel, which may give less */
#define OVERHEAD	64u		/* of a datagram in that buffer */

struct sock {
	struct sockaddr_un	 addr;
	int			 type;		/* SOCK_STREAM, SOCK_DGRAM */
	int			 fd;		/* -1: nobody listens */
	bool			 was_there;	/* at some time */
	int			 reported;		/* errno; 0 none */
	size_t			 sent;		/* of the line that is carried next */
	size_t			 longest;
	uint64_t		 retry_ns, next_ns;
	struct transport_counters *counters;	/* borrowed */
};

static const char *
advice(int error)
{
	switch (error) {
	case ENOENT:
	case ECONNREFUSED:	return "nobody listens there";
	case EPROTOTYPE:	return "it is a socket of the other kind: use the other of unix-stream and unix-dgram";
	case ENOTSOCK:		return "it is no socket";
	default:		return strerror(error);
	}
}

/* 0, or errno. */
static int
reach(struct sock *s)
{
	const int want = BUFFER;
	int fd = socket(AF_UNIX, s->type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), got = 0, error;
	socklen_t len = sizeof(got);

	if (fd < 0)
		return errno;
	/* A stream keeps the kernel's own: what its reader leaves there is lost. */
	if (s->type == SOCK_DGRAM)
		(void)setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &want, sizeof(want));
	if (connect(fd, (const struct sockaddr *)(const void *)&s->addr, sizeof(s->addr)) != 0) {
		error = errno;
		(void)close(fd);
		return error;
	}
	if (s->type == SOCK_DGRAM && getsockopt(fd, SOL_SOCKET, SO_SNDBUF, &got, &len) == 0)
		s->longest = (size_t)got - OVERHEAD;
	s->fd = fd;
	s->sent = 0;
	s->reported = 0;
	s->was_there = true;
	return 0;
}

static void
not_there(struct sock *s, int error)
{
	if (s->reported != error)
		log_note("output", "%s: %s; lines wait in memory until somebody reads them", s->addr.sun_path,
		    advice(error));
	s->reported = error;
}

static void
leave(struct sock *s, int error)
{
	(void)close(s->fd);
	s->fd = -1;
	s->next_ns = 0;
	atomic_fetch_add_explicit(&s->counters->failures, 1, memory_order_relaxed);
	log_note("output", "%s: its reader went away (%s); lines wait in memory until somebody listens again",
	    s->addr.sun_path, error != 0 ? strerror(error) : "closed");
	s->reported = ENOENT;
}

static void *
open_socket(const struct transport_settings *set, int type, struct err *e)
{
	struct sock *s = calloc(1, sizeof(*s));
	int error;

	if (s == NULL) {
		err_add(e, NULL, 0, 0, "no memory for the output %s", set->target);
		return NULL;
	}
	*s = (struct sock){ .addr.sun_family = AF_UNIX, .type = type, .fd = -1, .retry_ns = set->retry_ns,
	    .longest = CHUNK, .counters = set->counters };
	if (strlen(set->target) >= sizeof(s->addr.sun_path)) {
		err_add(e, NULL, 0, 0, "%s: this path is too long for a socket; at most %zu bytes", set->target,
		    sizeof(s->addr.sun_path) - 1);
		free(s);
		return NULL;
	}
	memcpy(s->addr.sun_path, set->target, strlen(set->target) + 1);
	error = reach(s);
	if (error != 0 && set->fresh) {
		/* A replay would wait for ever. */
		err_add(e, NULL, 0, 0, "cannot write to %s: %s; start its reader first", set->target, advice(error));
		free(s);
		return NULL;
	}
	if (error != 0)
		not_there(s, error);
	return s;
}

static void *
stream_open(const struct transport_settings *s, struct err *e)
{
	return open_socket(s, SOCK_STREAM, e);
}

static void *
dgram_open(const struct transport_settings *s, struct err *e)
{
	return open_socket(s, SOCK_DGRAM, e);
}

static size_t
dgram_longest(void *t)
{
	/* Before anybody listens it is not known; every kernel gives this. */
	return ((struct sock *)t)->longest;
}

/* ---- carrying ---------------------------------------------------------------------- */

static enum carry
not_written(struct sock *s, int error)
{
	if (error != EAGAIN && error != EWOULDBLOCK && error != ENOBUFS)
		leave(s, error);
	return CARRY_BUSY;
}

static enum carry
stream_carry(void *t, const struct iovec at[2], size_t *done)
{
	struct sock *s = t;
	struct iovec v[2];
	size_t all = at[0].iov_len + at[1].iov_len, out;
	ssize_t n;

	if (s->fd < 0)
		return CARRY_BUSY;
	do
		n = writev(s->fd, v, queue_part(at, s->sent, CHUNK, v));
	while (n < 0 && errno == EINTR);
	if (n <= 0)
		return not_written(s, errno);
	out = s->sent + (size_t)n;
	*done = queue_whole_lines(at, out);
	s->sent = out - *done;
	return out < all ? CARRY_MORE : CARRY_DONE;
}

/* Bytes of the line that begins at byte `from`, with its newline. */
static size_t
line_at(const struct iovec at[2], size_t from)
{
	struct iovec v[2];
	int n = queue_part(at, from, SIZE_MAX, v);
	size_t len = 0;

	for (int i = 0; i < n; len += v[i].iov_len, i++) {
		const char *nl = memchr(v[i].iov_base, '\n', v[i].iov_len);

		if (nl != NULL)
			return len + (size_t)(nl - (const char *)v[i].iov_base) + 1;
	}
	return len;
}

static enum carry
dgram_carry(void *t, const struct iovec at[2], size_t *done)
{
	struct sock *s = t;
	size_t all = at[0].iov_len + at[1].iov_len;

	for (unsigned k = 0; k < LINES && *done < all; k++) {
		struct iovec v[2];
		size_t len = line_at(at, *done);
		ssize_t n;

		if (s->fd < 0)
			return CARRY_BUSY;
		do
			n = writev(s->fd, v, queue_part(at, *done, len, v));
		while (n < 0 && errno == EINTR);
		if (n < 0)
			return not_written(s, errno);
		*done += len;
	}
	return *done < all ? CARRY_MORE : CARRY_DONE;
}

static int
sock_busy_fd(void *t)
{
	return ((struct sock *)t)->fd;
}

static void
try_again(struct sock *s)
{
	bool before = s->was_there;
	int error = reach(s);

	if (error != 0) {
		not_there(s, error);
		return;
	}
	if (before)
		atomic_fetch_add_explicit(&s->counters->reconnects, 1, memory_order_relaxed);
	log_note("output", "%s: somebody listens%s", s->addr.sun_path, before ? " again" : "");
}

/* Is the reader of a stream still there?  What it sends is thrown away. */
static void
look_at_reader(struct sock *s)
{
	char text[256];
	ssize_t n;

	while ((n = read(s->fd, text, sizeof(text))) > 0)
		continue;
	if (n == 0 || (errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR))
		leave(s, n == 0 ? 0 : errno);
}

static void
sock_check(void *t, uint64_t now_ns)
{
	struct sock *s = t;

	if (s->fd >= 0 && s->type == SOCK_STREAM)
		look_at_reader(s);
	if (s->fd >= 0 || now_ns < s->next_ns)
		return;
	s->next_ns = now_ns + s->retry_ns;
	try_again(s);
}

static bool
sock_scarce(void *t)
{
	(void)t;
	return false;
}

static void
sock_reopen(void *t)
{
	struct sock *s = t;

	if (s->fd < 0)
		try_again(s);
}

static int
sock_close(void *t)
{
	struct sock *s = t;

	if (s->fd >= 0)
		(void)close(s->fd);
	free(s);
	return 0;
}

const struct transport transport_unix_stream = {
	.name = "unix-stream",
	.open = stream_open,
	.carry = stream_carry,
	.busy_fd = sock_busy_fd,
	.check = sock_check,
	.scarce = sock_scarce,
	.reopen = sock_reopen,
	.close = sock_close,
};

const struct transport transport_unix_dgram = {
	.name = "unix-dgram",
	.open = dgram_open,
	.longest = dgram_longest,
	.carry = dgram_carry,
	.busy_fd = sock_busy_fd,
	.check = sock_check,
	.scarce = sock_scarce,
	.reopen = sock_reopen,
	.close = sock_close,
};
