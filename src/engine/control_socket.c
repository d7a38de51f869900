#include "engine/control_socket.h"

#include <errno.h>
#include <grp.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/thread.h"

#define ASK_MS		2000	/* how long a client may take to ask */
#define ANSWER_MS	2000	/* how long it may take to read our answer */
#define SLICE_MS	50	/* between two looks at `quit` */
#define MS		UINT64_C(1000000)	/* ns */

static int
address_of(struct sockaddr_un *a, const char *path, struct err *e)
{
	*a = (struct sockaddr_un){ .sun_family = AF_UNIX };
	if (strlen(path) >= sizeof(a->sun_path)) {
		err_add(e, path, 0, 0, "this path is too long for a socket; at most %zu bytes",
		    sizeof(a->sun_path) - 1);
		return -1;
	}
	memcpy(a->sun_path, path, strlen(path) + 1);
	return 0;
}

/* Its members may connect, too. */
static bool
share(const char *path, const char *group, struct err *e)
{
	const struct group *g;

	if (group == NULL || group[0] == '\0')
		return true;
	g = getgrnam(group);
	if (g != NULL && chown(path, (uid_t)-1, g->gr_gid) == 0 && chmod(path, 0660) == 0)
		return true;
	err_add(e, path, 0, 0, "control.group: the socket cannot be given to the group %s: %s", group,
	    g == NULL ? "there is none" : strerror(errno));
	return false;
}

int
control_listen(const char *path, const char *group, struct err *e)
{
	struct sockaddr_un a;
	struct stat st;
	mode_t mask;
	int fd, r;

	if (address_of(&a, path, e) != 0)
		return -1;
	/* A socket that was left behind is in the way; anything else is not ours. */
	if (lstat(path, &st) == 0 && S_ISSOCK(st.st_mode))
		(void)unlink(path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	mask = umask(0177);
	r = fd < 0 ? -1 : bind(fd, (const struct sockaddr *)(const void *)&a, sizeof(a));
	(void)umask(mask);
	if (r == 0 && !share(path, group, e)) {
		(void)close(fd);
		return -1;
	}
	if (r == 0 && listen(fd, 4) == 0)
		return fd;
	err_add(e, path, 0, 0, "cannot listen there: %s; choose another control.socket or leave it empty",
	    strerror(errno));
	if (fd >= 0)
		(void)close(fd);
	return -1;
}

int
control_dial(const char *path, struct err *e)
{
	struct sockaddr_un a;
	int fd;

	if (address_of(&a, path, e) != 0)
		return -1;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd >= 0 && connect(fd, (const struct sockaddr *)(const void *)&a, sizeof(a)) == 0)
		return fd;
	err_add(e, path, 0, 0, "no sensor listens there: %s; it must run with the same control.socket",
	    strerror(errno));
	if (fd >= 0)
		(void)close(fd);
	return -1;
}

/* Wait until `events`; false: time is over, or a stop was asked for. */
static bool
wait_for(const struct control_client *k, short events)
{
	while (!atomic_load(k->quit) && thread_now() < k->until_ns) {
		struct pollfd p = { .fd = k->fd, .events = events };

		if (poll(&p, 1, SLICE_MS) > 0)
			return true;
	}
	return false;
}

static enum control_line
read_line(const struct control_client *k, char *to, size_t size, size_t *n)
{
	const char *newline;

	for (*n = 0; *n < size;) {
		ssize_t got;

		if (!wait_for(k, POLLIN))
			return CONTROL_TOO_LATE;
		got = read(k->fd, to + *n, size - *n);
		if (got < 0 && (errno == EAGAIN || errno == EINTR))
			continue;
		if (got <= 0)
			return *n > 0 ? CONTROL_LINE : CONTROL_NOBODY;
		newline = memchr(to + *n, '\n', (size_t)got);
		*n += (size_t)got;
		if (newline != NULL) {
			*n = (size_t)(newline - to);
			*n -= *n > 0 && to[*n - 1] == '\r';
			return CONTROL_LINE;
		}
	}
	return CONTROL_TOO_LONG;
}

enum control_line
control_accept(struct control_client *k, int listener, const atomic_bool *quit, char *to, size_t size, size_t *n)
{
	*k = (struct control_client){ .fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK),
	    .until_ns = thread_now() + ASK_MS * MS, .quit = quit };
	*n = 0;
	return k->fd >= 0 ? read_line(k, to, size, n) : CONTROL_NOBODY;
}

void
control_answer(struct control_client *k, const char *p, size_t n)
{
	/* What was asked for may have taken long; that was not the client's fault. */
	k->until_ns = thread_now() + ANSWER_MS * MS;
	while (n > 0 && k->fd >= 0) {
		ssize_t w = write(k->fd, p, n);

		if (w > 0) {
			p += w;
			n -= (size_t)w;
		} else if (w < 0 && errno == EINTR)
			continue;
		else if (w == 0 || (errno != EAGAIN && errno != EWOULDBLOCK) || !wait_for(k, POLLOUT))
			control_hang_up(k);
	}
}

void
control_hang_up(struct control_client *k)
{
	char rest[4096];

	if (k->fd < 0)
		return;
	/* Bytes that were not read would make the kernel throw our answer away with a reset. */
	(void)shutdown(k->fd, SHUT_WR);
	for (unsigned i = 0; i < 256 && read(k->fd, rest, sizeof(rest)) > 0; i++)
		continue;
	(void)close(k->fd);
	k->fd = -1;
}
