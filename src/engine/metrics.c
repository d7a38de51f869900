#include "engine/metrics.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/str.h"
#include "base/thread.h"
#include "base/lib.h"
#include "output/transport/secret.h"
#include "web/listen.h"

#define SECOND		UINT64_C(1000000000)
#define CONNECTIONS	8u
#define QUIET_S		10u	/* a connection on which nothing comes is closed */

static bool
is_given(const char *text)
{
	return text != NULL && text[0] != '\0';
}

/* The length of the address; 0: a problem, or nobody wants any. */
static socklen_t
check(const struct metrics_settings *s, union web_where *w, char token[SECRET_MAX], struct err *e)
{
	char why[256];
	socklen_t n;

	token[0] = '\0';
	if (!is_given(s->listen)) {
		if (is_given(s->token_file))
			err_add(e, NULL, 0, 0, "metrics.token-file is of no use without metrics.listen");
		return 0;
	}
	n = web_where(s->listen, w);
	if (n == 0)
		err_add(e, NULL, 0, 0, "metrics.listen: \"%s\" is no address with a port, as in 127.0.0.1:9464 or [::1]:9464", s->listen);
	else if (!web_is_loopback(w) && !is_given(s->token_file)) {
		err_add(e, NULL, 0, 0, "metrics.listen: %s is no loopback address, and anybody there could read the figures: name a metrics.token-file, or listen at 127.0.0.1",
		    s->listen);
		n = 0;
	}
	if (is_given(s->token_file) && !secret_read(s->token_file, token, why, sizeof(why))) {
		err_add(e, NULL, 0, 0, "metrics.token-file: %s", why);
		n = 0;
	} else if (is_given(s->token_file) && token[0] == '\0') {
		err_add(e, NULL, 0, 0, "metrics.token-file: the first line of %s is empty", s->token_file);
		n = 0;
	}
#ifndef HAVE_MICROHTTPD
	if (n != 0)
		err_add(e, NULL, 0, 0, "metrics.listen: this program was built without libmicrohttpd");
	n = 0;
#endif
	return n;
}

void
metrics_check(const struct metrics_settings *s, struct err *e)
{
	char token[SECRET_MAX];
	union web_where w;

	(void)check(s, &w, token, e);
	explicit_bzero(token, sizeof(token));
}

#ifdef HAVE_MICROHTTPD

#include <microhttpd.h>

#define FUNCTIONS(F) \
	F(MHD_create_response_from_buffer) F(MHD_add_response_header) F(MHD_queue_response) F(MHD_destroy_response) \
	F(MHD_lookup_connection_value) F(MHD_start_daemon) F(MHD_stop_daemon)

static struct { FUNCTIONS(LIB_MEMBER) } lib;
#define LIB_OF lib

struct metrics {
	int			 fd;		/* listens; -1: the daemon has it */
	struct MHD_Daemon	*daemon;
	char			 wanted[SECRET_MAX + 8];	/* "Bearer TOKEN"; "": anybody may ask */
	uint64_t		 next_ns, frame_ns, delay_ns;	/* the packet thread's */
	pthread_mutex_t		 lock;		/* of `last` */
	struct metrics_view	 last;
	struct metrics_view	 shown;		/* the daemon's thread alone: a copy of it */
};

struct metrics *
metrics_open(const struct metrics_settings *s, const struct net_watched *watched, struct err *e)
{
	static const struct lib_name names[] = { FUNCTIONS(LIB_NAME) };
	char token[SECRET_MAX];
	union web_where w;
	char why[256];
	socklen_t n = check(s, &w, token, e);
	bool may = n == 0 || net_may_listen(watched, &w.any, why, sizeof(why));
	bool ready = n > 0 && may && lib_load("libmicrohttpd.so.12", "libmicrohttpd12", names, COUNTOF(names), e);
	struct metrics *m = ready ? calloc(1, sizeof(*m)) : NULL;

	if (m == NULL) {
		if (!may)
			err_add(e, NULL, 0, 0, "metrics.listen: %s", why);
		else if (ready)
			err_add(e, NULL, 0, 0, "not enough memory");
		explicit_bzero(token, sizeof(token));
		return NULL;
	}
	if (token[0] != '\0')
		(void)snprintf(m->wanted, sizeof(m->wanted), "Bearer %s", token);
	explicit_bzero(token, sizeof(token));
	(void)pthread_mutex_init(&m->lock, NULL);
	m->last.start_s = thread_wall() / SECOND;
	m->fd = web_listen(&w, n);
	if (m->fd < 0) {
		err_add(e, NULL, 0, 0, "metrics.listen: cannot listen at %s: %s", s->listen, strerror(errno));
		metrics_close(m);
		return NULL;
	}
	return m;
}

void
metrics_frame(struct metrics *m, uint64_t frame_ns)
{
	uint64_t wall = thread_wall();

	m->frame_ns = frame_ns;
	if (wall > frame_ns && wall - frame_ns > m->delay_ns)
		m->delay_ns = wall - frame_ns;
}

void
metrics_publish(struct metrics *m, struct worker *w, uint64_t now_ns)
{
	if (now_ns < m->next_ns || pthread_mutex_trylock(&m->lock) != 0)
		return;
	m->next_ns = now_ns + SECOND;
	snapshot_take(&m->last.snapshot, w, m->frame_ns);
	m->last.delay_ns = m->delay_ns;
	m->delay_ns = 0;
	(void)pthread_mutex_unlock(&m->lock);
}

static enum MHD_Result
say(struct MHD_Connection *c, unsigned status, const char *text)
{
	struct MHD_Response *r = lib.MHD_create_response_from_buffer(strlen(text), (void *)(uintptr_t)text, MHD_RESPMEM_MUST_COPY);
	enum MHD_Result done;

	if (r == NULL)
		return MHD_NO;
	(void)lib.MHD_add_response_header(r, "Content-Type", "text/plain; charset=utf-8");
	if (status == MHD_HTTP_UNAUTHORIZED)
		(void)lib.MHD_add_response_header(r, "WWW-Authenticate", "Bearer");
	done = lib.MHD_queue_response(c, status, r);
	lib.MHD_destroy_response(r);
	return done;
}

static enum MHD_Result
show(struct metrics *m, struct MHD_Connection *c)
{
	char *text = NULL;
	size_t n = 0;
	FILE *to = open_memstream(&text, &n);
	struct MHD_Response *r;
	enum MHD_Result done;

	if (to == NULL)
		return MHD_NO;
	(void)pthread_mutex_lock(&m->lock);
	m->shown = m->last;
	(void)pthread_mutex_unlock(&m->lock);
	metrics_print(&m->shown, to);
	if (fclose(to) != 0 || (r = lib.MHD_create_response_from_buffer(n, text, MHD_RESPMEM_MUST_FREE)) == NULL) {
		free(text);
		return MHD_NO;
	}
	(void)lib.MHD_add_response_header(r, "Content-Type", "text/plain; version=0.0.4; charset=utf-8");
	done = lib.MHD_queue_response(c, MHD_HTTP_OK, r);
	lib.MHD_destroy_response(r);
	return done;
}

static enum MHD_Result
answer(void *arg, struct MHD_Connection *c, const char *url, const char *method, const char *version, const char *body,
    size_t *n, void **state)
{
	struct metrics *m = arg;
	const char *given = lib.MHD_lookup_connection_value(c, MHD_HEADER_KIND, "Authorization");

	(void)version, (void)body, (void)state;
	if (*n > 0) {
		/* A body, which nobody reads. */
		*n = 0;
		return MHD_YES;
	}
	if (m->wanted[0] != '\0' && (given == NULL || !web_is_same(given, m->wanted)))
		return say(c, MHD_HTTP_UNAUTHORIZED, "a bearer token is needed\n");
	if (strcmp(method, "GET") != 0 && strcmp(method, "HEAD") != 0)
		return say(c, MHD_HTTP_METHOD_NOT_ALLOWED, "GET alone\n");
	if (strcmp(url, "/metrics") != 0)
		return say(c, MHD_HTTP_NOT_FOUND, "see /metrics\n");
	return show(m, c);
}

bool
metrics_start(struct metrics *m, struct err *e)
{
	sigset_t all, was;

	if (m == NULL)
		return true;
	/* Signals are the packet thread's. */
	(void)sigfillset(&all);
	(void)pthread_sigmask(SIG_SETMASK, &all, &was);
	m->daemon = lib.MHD_start_daemon(MHD_USE_POLL_INTERNAL_THREAD, 0, NULL, NULL, answer, m, MHD_OPTION_LISTEN_SOCKET, m->fd,
	    MHD_OPTION_CONNECTION_LIMIT, CONNECTIONS, MHD_OPTION_CONNECTION_TIMEOUT, QUIET_S, MHD_OPTION_END);
	(void)pthread_sigmask(SIG_SETMASK, &was, NULL);
	if (m->daemon == NULL) {
		err_add(e, NULL, 0, 0, "metrics.listen: the thread that answers cannot be started");
		return false;
	}
	m->fd = -1;
	return true;
}

void
metrics_close(struct metrics *m)
{
	if (m == NULL)
		return;
	if (m->daemon != NULL)
		lib.MHD_stop_daemon(m->daemon);
	if (m->fd >= 0)
		(void)close(m->fd);
	(void)pthread_mutex_destroy(&m->lock);
	explicit_bzero(m->wanted, sizeof(m->wanted));
	free(m);
}

#else

struct metrics *
metrics_open(const struct metrics_settings *s, const struct net_watched *watched, struct err *e)
{
	(void)watched;
	metrics_check(s, e);
	return NULL;
}

bool
metrics_start(struct metrics *m, struct err *e)
{
	(void)m, (void)e;
	return true;
}

void
metrics_close(struct metrics *m)
{
	(void)m;
}

void
metrics_frame(struct metrics *m, uint64_t frame_ns)
{
	(void)m, (void)frame_ns;
}

void
metrics_publish(struct metrics *m, struct worker *w, uint64_t now_ns)
{
	(void)m, (void)w, (void)now_ns;
}

#endif
