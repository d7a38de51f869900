#include "engine/control.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/log.h"

#define ASK_MAX		64u	/* bytes of a request */
#define ASK_MS		2000	/* how long one who connects may think */
#define RELOAD_MS	60000	/* how long `rules reload` waits for the answer */

struct control {
	struct worker	*w;
	pthread_t	 thread;
	bool		 running;
	int		 wake[2];	/* a pipe: 'r' reload, 'q' quit */
	int		 listener;	/* -1 none */
	char		 path[sizeof(((struct sockaddr_un *)0)->sun_path)];
	atomic_bool	 ready;
};

static bool
put_all(int fd, const char *p, size_t n)
{
	while (n > 0) {
		ssize_t k = write(fd, p, n);

		if (k < 0 && errno == EINTR)
			continue;
		if (k <= 0)
			return false;
		p += k;
		n -= (size_t)k;
	}
	return true;
}

/* Read again; the problems go to the log and to who asked (fd >= 0). */
static void
reload(struct control *c, int fd)
{
	struct err e = { 0 };
	static const char ok[] = "ok: the rules were read and take over with the next packet\n";
	static const char no[] = "failed: the rules that run stay as they are\n";
	char line[1024];

	if (worker_prepare(c->w, &e) == 0) {
		atomic_store(&c->ready, true);
		log_note("rules", "read again");
		if (fd >= 0)
			(void)put_all(fd, ok, sizeof(ok) - 1);
	} else {
		log_error("rules", "not taken over; the rules that run stay as they are");
		if (fd >= 0)
			(void)put_all(fd, no, sizeof(no) - 1);
	}
	for (const struct err_item *it = e.first; it != NULL; it = it->next) {
		int n = snprintf(line, sizeof(line), "%s:%d:%d: %s\n", it->file != NULL ? it->file : "thermowell",
		    it->line, it->column, it->text);

		if (fd < 0)
			log_error("rules", "%s:%d:%d: %s", it->file != NULL ? it->file : "thermowell", it->line,
			    it->column, it->text);
		else if (n > 0)
			(void)put_all(fd, line, (size_t)n < sizeof(line) ? (size_t)n : sizeof(line) - 1);
	}
	err_free(&e);
}

/* One who connected: a line, and an answer. */
static void
serve(struct control *c)
{
	static const char unknown[] = "failed: the only request is rules-reload\n";
	char text[ASK_MAX + 1];
	size_t have = 0;
	int fd = accept(c->listener, NULL, NULL);

	if (fd < 0)
		return;
	while (have < ASK_MAX) {
		struct pollfd p = { .fd = fd, .events = POLLIN };
		ssize_t n;

		if (poll(&p, 1, ASK_MS) <= 0)
			break;
		n = read(fd, text + have, ASK_MAX - have);
		if (n <= 0)
			break;
		have += (size_t)n;
		if (memchr(text, '\n', have) != NULL)
			break;
	}
	text[have] = '\0';
	text[strcspn(text, "\r\n")] = '\0';
	if (strcmp(text, "rules-reload") == 0)
		reload(c, fd);
	else
		(void)put_all(fd, unknown, sizeof(unknown) - 1);
	(void)close(fd);
}

static void *
run(void *arg)
{
	struct control *c = arg;

	for (;;) {
		struct pollfd p[2] = { { .fd = c->wake[0], .events = POLLIN },
		    { .fd = c->listener, .events = POLLIN } };
		char what[16];
		ssize_t n;

		if (poll(p, c->listener >= 0 ? 2 : 1, -1) < 0 && errno != EINTR)
			return NULL;
		if ((p[0].revents & POLLIN) != 0) {
			n = read(c->wake[0], what, sizeof(what));
			if (n > 0 && memchr(what, 'q', (size_t)n) != NULL)
				return NULL;
			if (n > 0)
				reload(c, -1);
		}
		if (c->listener >= 0 && (p[1].revents & POLLIN) != 0)
			serve(c);
	}
}

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

static int
listen_at(struct control *c, const char *path, struct err *e)
{
	struct sockaddr_un a;
	struct stat st;
	mode_t mask;
	int r;

	if (address_of(&a, path, e) != 0)
		return -1;
	/* One that was left behind is in the way; anything else is not ours. */
	if (lstat(path, &st) == 0 && S_ISSOCK(st.st_mode))
		(void)unlink(path);
	c->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	mask = umask(0177);
	r = c->listener < 0 ? -1 : bind(c->listener, (const struct sockaddr *)(const void *)&a, sizeof(a));
	(void)umask(mask);
	if (r != 0 || listen(c->listener, 4) != 0) {
		err_add(e, path, 0, 0, "cannot listen there: %s; choose another control.socket or leave it empty",
		    strerror(errno));
		return -1;
	}
	memcpy(c->path, path, strlen(path) + 1);
	return 0;
}

struct control *
control_open(const char *socket, struct worker *w, struct err *e)
{
	struct control *c = calloc(1, sizeof(*c));
	sigset_t all, old;

	if (c == NULL) {
		err_add(e, NULL, 0, 0, "not enough memory");
		return NULL;
	}
	c->w = w;
	c->listener = c->wake[0] = c->wake[1] = -1;
	if (socket != NULL && socket[0] != '\0' && listen_at(c, socket, e) != 0) {
		control_close(c);
		return NULL;
	}
	if (pipe(c->wake) != 0 || fcntl(c->wake[1], F_SETFL, O_NONBLOCK) != 0) {
		err_add(e, NULL, 0, 0, "no pipe for signals: %s", strerror(errno));
		control_close(c);
		return NULL;
	}
	/* Signals are the packet thread's. */
	(void)sigfillset(&all);
	(void)pthread_sigmask(SIG_SETMASK, &all, &old);
	c->running = pthread_create(&c->thread, NULL, run, c) == 0;
	(void)pthread_sigmask(SIG_SETMASK, &old, NULL);
	if (!c->running) {
		err_add(e, NULL, 0, 0, "no thread to read rules again");
		control_close(c);
		return NULL;
	}
	return c;
}

void
control_signal(struct control *c)
{
	int was = errno;

	/* A full pipe holds enough requests. */
	if (c != NULL && write(c->wake[1], "r", 1) < 0)
		errno = was;
}

bool
control_ready(struct control *c)
{
	return atomic_load_explicit(&c->ready, memory_order_relaxed) && atomic_exchange(&c->ready, false);
}

void
control_close(struct control *c)
{
	if (c == NULL)
		return;
	if (c->running) {
		(void)put_all(c->wake[1], "q", 1);
		(void)pthread_join(c->thread, NULL);
	}
	for (int i = 0; i < 2; i++)
		if (c->wake[i] >= 0)
			(void)close(c->wake[i]);
	if (c->listener >= 0)
		(void)close(c->listener);
	if (c->path[0] != '\0')
		(void)unlink(c->path);
	free(c);
}

int
control_ask(const char *socket_path, const char *what, FILE *to, struct err *e)
{
	struct sockaddr_un a;
	char text[1024];
	bool first = true, ok = false;
	int fd;

	if (address_of(&a, socket_path, e) != 0)
		return -1;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || connect(fd, (const struct sockaddr *)(const void *)&a, sizeof(a)) != 0) {
		err_add(e, socket_path, 0, 0, "no sensor listens there: %s; it must run with the same control.socket",
		    strerror(errno));
		if (fd >= 0)
			(void)close(fd);
		return -1;
	}
	if (put_all(fd, what, strlen(what)) && put_all(fd, "\n", 1))
		for (;;) {
			struct pollfd p = { .fd = fd, .events = POLLIN };
			ssize_t n = poll(&p, 1, RELOAD_MS) > 0 ? read(fd, text, sizeof(text)) : -1;

			if (n <= 0)
				break;
			if (first)
				ok = text[0] == 'o';
			first = false;
			(void)fwrite(text, 1, (size_t)n, to);
		}
	(void)close(fd);
	if (first)
		err_add(e, socket_path, 0, 0, "the sensor did not answer");
	else if (!ok)
		err_add(e, NULL, 0, 0, "the rules were not taken over");
	return ok ? 0 : -1;
}
