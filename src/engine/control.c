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
#include "output/writer.h"

#define ASK_MAX		64u	/* bytes of a request */
#define ASK_MS		2000	/* how long one who connects may think */
#define ANSWER_MS	2000	/* how long it may take to read our answer */
#define SLICE_MS	50
#define RELOAD_MS	60000	/* how long `rules reload` waits for the answer */

struct control {
	struct worker	*w;
	pthread_t	 thread;
	bool		 running;
	int		 wake[2];	/* a pipe: 'r' reload, 'q' quit */
	int		 listener;	/* -1 none */
	char		 path[sizeof(((struct sockaddr_un *)0)->sun_path)];
	atomic_bool	 ready;
	atomic_bool	 quit, ended;
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

/* One who connected, and how long we wait for it in all. */
struct client {
	int		 fd;		/* does not block */
	uint64_t	 until_ns;
};

/* Wait until `events`; false: time is over, or a stop was asked for. */
static bool
wait_for(struct control *c, const struct client *k, short events)
{
	while (!atomic_load(&c->quit) && writer_now() < k->until_ns) {
		struct pollfd p = { .fd = k->fd, .events = events };

		if (poll(&p, 1, SLICE_MS) > 0)
			return true;
	}
	return false;
}

/* A client that does not read gets no more: nobody waits for it. */
static void
answer(struct control *c, struct client *k, const char *p, size_t n)
{
	while (n > 0 && k->fd >= 0) {
		ssize_t w = write(k->fd, p, n);

		if (w > 0) {
			p += w;
			n -= (size_t)w;
		} else if (w < 0 && errno == EINTR)
			continue;
		else if (w == 0 || (errno != EAGAIN && errno != EWOULDBLOCK) || !wait_for(c, k, POLLOUT)) {
			(void)close(k->fd);
			k->fd = -1;
		}
	}
}

/* Read again; the problems go to the log or to who asked, where somebody did. */
static void
reload(struct control *c, struct client *k)
{
	struct err e = { 0 };
	static const char ok[] = "ok: the rules were read and take over with the next packet\n";
	static const char no[] = "failed: the rules that run stay as they are\n";
	char line[1024];
	bool taken = worker_prepare(c->w, &e) == 0;

	if (taken) {
		atomic_store(&c->ready, true);
		log_note("rules", "read again");
	} else
		log_error("rules", "not taken over; the rules that run stay as they are");
	if (k != NULL) {
		/* Compiling may have taken long; that was not its fault. */
		k->until_ns = writer_now() + ANSWER_MS * UINT64_C(1000000);
		answer(c, k, taken ? ok : no, strlen(taken ? ok : no));
	}
	for (const struct err_item *it = e.first; it != NULL; it = it->next) {
		int n = snprintf(line, sizeof(line), "%s:%d:%d: %s\n", it->file != NULL ? it->file : "thermowell",
		    it->line, it->column, it->text);

		if (k == NULL)
			log_error("rules", "%s:%d:%d: %s", it->file != NULL ? it->file : "thermowell", it->line,
			    it->column, it->text);
		else if (n > 0)
			answer(c, k, line, (size_t)n < sizeof(line) ? (size_t)n : sizeof(line) - 1);
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
	struct client k = { .fd = accept4(c->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK),
	    .until_ns = writer_now() + ASK_MS * UINT64_C(1000000) };

	if (k.fd < 0)
		return;
	while (have < ASK_MAX && wait_for(c, &k, POLLIN)) {
		ssize_t n = read(k.fd, text + have, ASK_MAX - have);

		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			continue;
		if (n <= 0)
			break;
		have += (size_t)n;
		if (memchr(text, '\n', have) != NULL)
			break;
	}
	text[have] = '\0';
	text[strcspn(text, "\r\n")] = '\0';
	if (strcmp(text, "rules-reload") == 0)
		reload(c, &k);
	else
		answer(c, &k, unknown, sizeof(unknown) - 1);
	if (k.fd >= 0)
		(void)close(k.fd);
}

static void *
run(void *arg)
{
	struct control *c = arg;

	while (!atomic_load(&c->quit)) {
		struct pollfd p[2] = { { .fd = c->wake[0], .events = POLLIN },
		    { .fd = c->listener, .events = POLLIN } };
		char what[16];
		ssize_t n;

		if (poll(p, c->listener >= 0 ? 2 : 1, -1) < 0 && errno != EINTR)
			break;
		if ((p[0].revents & POLLIN) != 0) {
			n = read(c->wake[0], what, sizeof(what));
			if (n > 0 && !atomic_load(&c->quit) && memchr(what, 'r', (size_t)n) != NULL)
				reload(c, NULL);
		}
		if (c->listener >= 0 && (p[1].revents & POLLIN) != 0 && !atomic_load(&c->quit))
			serve(c);
	}
	atomic_store(&c->ended, true);
	return NULL;
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
		(void)control_close(c, NULL);
		return NULL;
	}
	if (pipe(c->wake) != 0 || fcntl(c->wake[1], F_SETFL, O_NONBLOCK) != 0) {
		err_add(e, NULL, 0, 0, "no pipe for signals: %s", strerror(errno));
		(void)control_close(c, NULL);
		return NULL;
	}
	/* Signals are the packet thread's. */
	(void)sigfillset(&all);
	(void)sigdelset(&all, SIGALRM);	/* the last resort of a stop, whoever hangs */
	(void)pthread_sigmask(SIG_SETMASK, &all, &old);
	c->running = pthread_create(&c->thread, NULL, run, c) == 0;
	(void)pthread_sigmask(SIG_SETMASK, &old, NULL);
	if (!c->running) {
		err_add(e, NULL, 0, 0, "no thread to read rules again");
		(void)control_close(c, NULL);
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
control_stop(struct control *c)
{
	atomic_store(&c->quit, true);
	if (c->wake[1] >= 0)
		(void)put_all(c->wake[1], "q", 1);
}

bool
control_close(struct control *c, const _Atomic uint64_t *deadline_ns)
{
	control_stop(c);
	/* Nobody finds it any more, even if it cannot end. */
	if (c->path[0] != '\0')
		(void)unlink(c->path);
	while (c->running && !atomic_load(&c->ended)) {
		uint64_t until = deadline_ns != NULL ? atomic_load(deadline_ns) : 0;

		if (until != 0 && writer_now() >= until)
			return false;
		(void)poll(NULL, 0, 10);
	}
	if (c->running)
		(void)pthread_join(c->thread, NULL);
	for (int i = 0; i < 2; i++)
		if (c->wake[i] >= 0)
			(void)close(c->wake[i]);
	if (c->listener >= 0)
		(void)close(c->listener);
	free(c);
	return true;
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
