#include "engine/notify.h"

#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/log.h"
#include "base/thread.h"

#define A_THIRD(us)	((unsigned)((us) / 3000))	/* ms: two may be late */

static int
dial(const char *path)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	size_t n = strlen(path);
	int fd;

	if ((path[0] != '/' && path[0] != '@') || n >= sizeof(a.sun_path))
		return -1;
	memcpy(a.sun_path, path, n);
	if (path[0] == '@')
		a.sun_path[0] = '\0';	/* a name that is not in the file system */
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd >= 0 && connect(fd, (const struct sockaddr *)(const void *)&a, (socklen_t)(offsetof(struct sockaddr_un, sun_path) + n)) == 0)
		return fd;
	if (fd >= 0)
		(void)close(fd);
	return -1;
}

void
notify_open(struct notify *n)
{
	const char *path = getenv("NOTIFY_SOCKET"), *every = getenv("WATCHDOG_USEC"), *pid = getenv("WATCHDOG_PID");

	*n = (struct notify){ .fd = -1 };
	if (path == NULL)
		return;
	n->fd = dial(path);
	if (n->fd < 0)
		log_warn("engine", "NOTIFY_SOCKET: nobody listens there; the service manager will not know how we are");
	else if (every != NULL && (pid == NULL || strtol(pid, NULL, 10) == (long)getpid()))
		n->watchdog_ms = A_THIRD(strtoull(every, NULL, 10));
}

void
notify_report(const struct notify *n, const char *text)
{
	if (n->fd >= 0 && write(n->fd, text, strlen(text)) < 0)
		return;		/* it is gone, or behind */
}

void
notify_reloading(const struct notify *n)
{
	char text[64];

	(void)snprintf(text, sizeof(text), "RELOADING=1\nMONOTONIC_USEC=%" PRIu64, thread_now() / 1000);
	notify_report(n, text);
}

void
notify_close(struct notify *n)
{
	if (n->fd >= 0)
		(void)close(n->fd);
	n->fd = -1;
}
