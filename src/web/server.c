#include "web/server.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/str.h"
#include "web/listen.h"
#include "web/server_parts.h"

static bool
is_given(const char *text)
{
	return text != NULL && text[0] != '\0';
}

/* The length of the address; 0: a problem. */
static socklen_t
check(const struct web_want *w, union web_where *where, struct err *e)
{
	const int before = e->n;
	socklen_t n = web_where(w->listen, where);
	bool tls = is_given(w->certificate) || is_given(w->key);

	if (n == 0)
		err_add(e, NULL, 0, 0, "console.listen: \"%s\" is no address with a port, as in 127.0.0.1:8642 or [::1]:8642", w->listen);
	else if (!web_is_loopback(where) && !tls)
		err_add(e, NULL, 0, 0, "console.listen: %s is no loopback address, and anybody on the way could read along: set console.certificate and console.key, or listen at 127.0.0.1",
		    w->listen);
	if (tls && (!is_given(w->certificate) || !is_given(w->key)))
		err_add(e, NULL, 0, 0, "console.certificate and console.key belong together");
	if (!is_given(w->tokens) && w->own == NULL)
		err_add(e, NULL, 0, 0, "console.listen: nobody could log in: name a file in console.tokens, and make a token with thermowell console token");
	if (!is_given(w->store))
		err_add(e, NULL, 0, 0, "console.listen: there is nothing to show without store.file");
#ifndef HAVE_MICROHTTPD
	err_add(e, NULL, 0, 0, "console.listen: this program was built without libmicrohttpd");
#endif
	return e->n == before ? n : 0;
}

void
web_check(const struct web_want *w, struct err *e)
{
	union web_where where;

	(void)check(w, &where, e);
}

#ifdef HAVE_MICROHTTPD

#include <microhttpd.h>

#include "base/lib.h"
#include "base/log.h"
#include "base/thread.h"
#include "store/changes.h"
#include "web/static.h"

#define FUNCTIONS(F) \
	F(MHD_create_response_from_buffer) F(MHD_create_response_from_fd) F(MHD_create_response_from_callback) F(MHD_add_response_header) \
	F(MHD_queue_response) F(MHD_destroy_response) F(MHD_lookup_connection_value) F(MHD_get_connection_info) F(MHD_start_daemon) \
	F(MHD_stop_daemon) F(MHD_suspend_connection) F(MHD_resume_connection) F(MHD_run_wait)

static struct { FUNCTIONS(LIB_MEMBER) } lib;
#define LIB_OF lib

#define CONNECTIONS	64u
#define CONNECTION_BYTES (32u * 1024)	/* of a request's head, and of what is sent at once */
#define OF_ONE		32u	/* connections of one address, where others than this machine may ask */
#define QUIET_S		30u	/* a connection on which nothing comes is closed */
#define ASK_NS		(UINT64_C(20) * 1000000000)	/* a request has come as a whole by then, however it drips */
#define READ_NS		(UINT64_C(600) * 1000000000)	/* and its answer has been read */
#define LISTENERS	24u	/* pages that are open and hear of changes */
#define LOOK_NS		(UINT64_C(500) * 1000000)	/* between two looks at the database */
#define ALIVE_NS	(UINT64_C(20) * 1000000000)	/* between two words to who listens */
#define TOKENS_NS	(UINT64_C(5) * 1000000000)	/* between two looks at the file of tokens */
#define PEM_MAX		(64u * 1024)

/* One request. */
struct exchange {
	char		uri[WEB_URI_MAX];
	size_t		n_uri;		/* longer ones are not good */
	char		body[WEB_BODY_MAX + 1];
	size_t		n_body;		/* the same */
	bool		begun;
};

/* A connection. */
struct guest {
	struct MHD_Connection *c;	/* NULL: free */
	uint64_t	 since_ns;	/* it began, its last answer was read, or its request came as a whole */
	bool		 answered;	/* the latter */
	bool		 listens;	/* for as long as it likes */
};

/* An open page. */
struct listener {
	struct web	*web;
	struct MHD_Connection *c;
	uint32_t	 changed;	/* what it has not heard of */
	bool		 alive, sleeps, used;
};

struct web {
	struct web_desk		 desk;
	int			 fd;		/* listens; -1: the daemon has it */
	struct MHD_Daemon	*daemon;
	char			*certificate, *key;	/* their text */
	unsigned		 of_one;	/* connections of one address; 0: all */
	struct store_changes	*changes;
	struct listener		 listeners[LISTENERS];
	struct guest		 guests[CONNECTIONS + 8u];
	struct web_request	 request;	/* of the moment */
	uint64_t		 look_ns, alive_ns, tokens_ns;
};

/* ---- open pages ------------------------------------------------------------------------ */

static ssize_t
write_event(void *arg, uint64_t at, char *to, size_t size)
{
	struct listener *l = arg;
	struct strbuf b = strbuf_on(to, size);
	json_t *kinds;
	char *names;

	(void)at;
	if (l->changed == 0 && !l->alive) {
		l->sleeps = true;
		lib.MHD_suspend_connection(l->c);
		return 0;
	}
	kinds = web_kinds(l->changed);
	names = json_dumps(kinds, JSON_COMPACT);
	if (l->changed != 0 && names != NULL)
		strbuf_printf(&b, "event: changed\ndata: %s\n\n", names);
	else
		strbuf_put(&b, ": alive\n\n");
	l->changed = 0;
	l->alive = false;
	json_decref(kinds);
	free(names);
	return (ssize_t)b.len;
}

static void
forget(void *arg)
{
	struct listener *l = arg;

	*l = (struct listener){ 0 };
}

static struct MHD_Response *
stream_to(struct web *web, struct MHD_Connection *c)
{
	for (unsigned i = 0; i < LISTENERS; i++) {
		struct listener *l = &web->listeners[i];

		if (l->used)
			continue;
		*l = (struct listener){ .web = web, .c = c, .alive = true, .used = true };
		return lib.MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, 1024, write_event, l, forget);
	}
	return NULL;
}

static void
notify_all(struct web *web, uint32_t changed, bool alive)
{
	for (unsigned i = 0; i < LISTENERS; i++) {
		struct listener *l = &web->listeners[i];

		if (!l->used)
			continue;
		l->changed |= changed;
		l->alive |= alive;
		if (l->sleeps && (l->changed != 0 || l->alive)) {
			l->sleeps = false;
			lib.MHD_resume_connection(l->c);
		}
	}
}

/* ---- connections ----------------------------------------------------------------------- */

static void
on_connection(void *arg, struct MHD_Connection *c, void **state, enum MHD_ConnectionNotificationCode what)
{
	struct web *web = arg;
	struct guest *g = *state;

	if (what == MHD_CONNECTION_NOTIFY_CLOSED && g != NULL) {
		*g = (struct guest){ 0 };
		*state = NULL;
	}
	if (what != MHD_CONNECTION_NOTIFY_STARTED)
		return;
	for (size_t i = 0; i < COUNTOF(web->guests); i++)
		if (web->guests[i].c == NULL) {
			web->guests[i] = (struct guest){ .c = c, .since_ns = thread_now() };
			*state = &web->guests[i];
			return;
		}
}

static struct guest *
guest_of(struct MHD_Connection *c)
{
	const union MHD_ConnectionInfo *info = lib.MHD_get_connection_info(c, MHD_CONNECTION_INFO_SOCKET_CONTEXT);

	return info != NULL ? info->socket_context : NULL;
}

static void
note_guest(struct MHD_Connection *c, bool answered, bool listens)
{
	struct guest *g = guest_of(c);

	if (g != NULL) {
		g->since_ns = thread_now();
		g->answered = answered;
		g->listens = listens;
	}
}

/* Who says a byte now and then keeps a place that others want. */
static void
see_off(struct web *web, uint64_t now)
{
	for (size_t i = 0; i < COUNTOF(web->guests); i++) {
		const struct guest *g = &web->guests[i];
		const union MHD_ConnectionInfo *info;

		if (g->c == NULL || g->listens || now - g->since_ns < (g->answered ? READ_NS : ASK_NS))
			continue;
		info = lib.MHD_get_connection_info(g->c, MHD_CONNECTION_INFO_CONNECTION_FD);
		if (info != NULL)
			(void)shutdown(info->connect_fd, SHUT_RDWR);
	}
}

/* ---- requests ------------------------------------------------------------------------- */

static const char *
header(struct MHD_Connection *c, const char *name)
{
	const char *text = lib.MHD_lookup_connection_value(c, MHD_HEADER_KIND, name);

	return text != NULL ? text : "";
}

/* An address, of IPv6 its network, which one sender has to itself. */
static uint64_t
from_of(struct MHD_Connection *c)
{
	const union MHD_ConnectionInfo *info = lib.MHD_get_connection_info(c, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
	uint64_t who = 0;

	if (info == NULL || info->client_addr == NULL)
		return 0;
	if (info->client_addr->sa_family == AF_INET)
		memcpy(&who, &((const struct sockaddr_in *)(const void *)info->client_addr)->sin_addr, 4);
	else
		memcpy(&who, &((const struct sockaddr_in6 *)(const void *)info->client_addr)->sin6_addr, 8);
	return who;
}

static void
put_headers(struct MHD_Response *r, const struct web_reply *reply)
{
	static const char *const headers[][2] = {
		{ "Content-Security-Policy", "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'" },
		{ "X-Content-Type-Options", "nosniff" },
		{ "Referrer-Policy", "no-referrer" },
		{ "Cross-Origin-Opener-Policy", "same-origin" },
		{ "Cross-Origin-Resource-Policy", "same-origin" },
		{ "Cache-Control", "no-store" },
	};
	char text[160];

	for (size_t i = 0; i < COUNTOF(headers); i++)
		(void)lib.MHD_add_response_header(r, headers[i][0], headers[i][1]);
	(void)lib.MHD_add_response_header(r, "Content-Type", reply->file != NULL ? reply->file->type : reply->events ? "text/event-stream" :
	    reply->a.type);
	if (reply->a.fd >= 0) {
		(void)snprintf(text, sizeof(text), "attachment; filename=\"%s\"", reply->a.name);
		(void)lib.MHD_add_response_header(r, "Content-Disposition", text);
	}
	if (reply->a.status == MHD_HTTP_UNAUTHORIZED)
		(void)lib.MHD_add_response_header(r, "WWW-Authenticate", "Bearer");
	if (reply->cookie[0] != '\0')
		(void)lib.MHD_add_response_header(r, "Set-Cookie", reply->cookie);
}

/* Takes what `reply` owns. */
static enum MHD_Result
send_reply(struct web *web, struct MHD_Connection *c, struct web_reply *reply)
{
	struct MHD_Response *r = reply->events ? stream_to(web, c) : NULL;
	enum MHD_Result done;
	unsigned status = reply->file != NULL || reply->events ? 200 : reply->a.status;

	if (reply->events && r == NULL) {
		reply->events = false;
		web_answer_error(&reply->a, status = 503, "too many pages are open");
	}
	if (reply->file != NULL)
		r = lib.MHD_create_response_from_buffer(reply->file->n, (void *)(uintptr_t)reply->file->bytes, MHD_RESPMEM_PERSISTENT);
	else if (r == NULL && reply->a.fd >= 0)
		r = lib.MHD_create_response_from_fd(reply->a.n, reply->a.fd);
	else if (r == NULL && reply->a.text != NULL)
		r = lib.MHD_create_response_from_buffer(reply->a.n, reply->a.text, MHD_RESPMEM_MUST_FREE);
	if (r == NULL) {
		free(reply->a.text);
		if (reply->a.fd >= 0)
			(void)close(reply->a.fd);
		return MHD_NO;
	}
	put_headers(r, reply);
	done = lib.MHD_queue_response(c, status, r);
	lib.MHD_destroy_response(r);
	return done;
}

/* The target as it was sent, before anybody decodes it. */
static void *
on_uri(void *arg, const char *uri, struct MHD_Connection *c)
{
	struct exchange *x = calloc(1, sizeof(*x));

	(void)arg, (void)c;
	if (x == NULL)
		return NULL;
	x->n_uri = strlen(uri);
	if (x->n_uri < sizeof(x->uri))
		memcpy(x->uri, uri, x->n_uri + 1);
	return x;
}

/* More than a body may have; no number is for libmicrohttpd to refuse. */
static bool
is_long(const char *length)
{
	return strlen(length) > 9 || strtoul(length, NULL, 10) > WEB_BODY_MAX;
}

static enum MHD_Result
on_request(void *arg, struct MHD_Connection *c, const char *url, const char *method, const char *version, const char *body,
    size_t *n, void **state)
{
	struct web *web = arg;
	struct exchange *x = *state;
	struct web_reply reply;

	(void)url, (void)version;
	if (x == NULL)
		return MHD_NO;
	if (!x->begun) {
		x->begun = true;
		/* What is too long is not waited for. */
		if (!is_long(header(c, "Content-Length")))
			return MHD_YES;
		x->n_body = WEB_BODY_MAX + 1;
	}
	if (*n > 0) {
		if (*n > WEB_BODY_MAX - x->n_body)
			return MHD_NO;
		memcpy(x->body + x->n_body, body, *n);
		x->n_body += *n;
		*n = 0;
		return MHD_YES;
	}
	web_reply(&web->desk, &(struct web_asked){
	    .r = x->n_uri < sizeof(x->uri) && web_request_read(&web->request, method, x->uri, x->n_uri) ? &web->request : NULL,
	    .host = header(c, "Host"), .origin = header(c, "Origin"), .site = header(c, "Sec-Fetch-Site"), .cookie = header(c, "Cookie"),
	    .authorization = header(c, "Authorization"), .content_type = header(c, "Content-Type"), .body = x->body, .n_body = x->n_body,
	    .tls = web->key != NULL, .from = from_of(c), .now = thread_now() }, &reply);
	note_guest(c, true, reply.events);
	return send_reply(web, c, &reply);
}

static void
on_end(void *arg, struct MHD_Connection *c, void **state, enum MHD_RequestTerminationCode why)
{
	struct exchange *x = *state;

	(void)arg, (void)why;
	note_guest(c, false, false);
	if (x != NULL)
		explicit_bzero(x->body, sizeof(x->body));
	free(x);
	*state = NULL;
}

/* ---- start and end ---------------------------------------------------------------------- */

/* A PEM file; NULL with the reason in `e`. */
static char *
read_pem(const char *setting, const char *path, struct err *e)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	char *text = calloc(1, PEM_MAX + 1);
	ssize_t n = fd >= 0 && text != NULL ? read(fd, text, PEM_MAX) : -1;

	if (fd >= 0)
		(void)close(fd);
	if (n > 0)
		return text;
	err_add(e, path, 0, 0, "%s: it cannot be read: %s", setting, n == 0 ? "it is empty" : strerror(errno));
	free(text);
	return NULL;
}

struct web *
web_open(const struct web_want *w, struct err *e)
{
	union web_where where;
	socklen_t n = check(w, &where, e);
	struct web *web = n > 0 ? calloc(1, sizeof(*web)) : NULL;
	const int before = e->n;

	if (web == NULL)
		return NULL;
	web->desk.w = *w;
	web->fd = -1;
	web->of_one = web_is_loopback(&where) ? 0 : OF_ONE;
	if (is_given(w->key)) {
		web->certificate = read_pem("console.certificate", w->certificate, e);
		web->key = read_pem("console.key", w->key, e);
	}
	web->changes = store_changes_open(w->store);
	if (e->n == before && (web->fd = web_listen(&where, n)) < 0)
		err_add(e, NULL, 0, 0, "console.listen: cannot listen at %s: %s", w->listen, strerror(errno));
	if (e->n == before && web->changes != NULL)
		return web;
	web_close(web);
	return NULL;
}

bool
web_start(struct web *web, struct err *e)
{
	static const struct lib_name names[] = { FUNCTIONS(LIB_NAME) };
	const struct MHD_OptionItem tls[] = {
		{ MHD_OPTION_HTTPS_MEM_CERT, 0, web->certificate },
		{ MHD_OPTION_HTTPS_MEM_KEY, 0, web->key },
		{ MHD_OPTION_HTTPS_PRIORITIES, 0, (void *)(uintptr_t)"NORMAL:-VERS-TLS1.0:-VERS-TLS1.1" },
		{ MHD_OPTION_END, 0, NULL } };
	const struct MHD_OptionItem none[] = { { MHD_OPTION_END, 0, NULL } };

	if (!web_desk_tokens(&web->desk, e) || !lib_load("libmicrohttpd.so.12", "libmicrohttpd12", names, COUNTOF(names), e))
		return false;
	web->daemon = lib.MHD_start_daemon(MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME | (web->key != NULL ? MHD_USE_TLS : 0), 0, NULL, NULL,
	    on_request, web, MHD_OPTION_LISTEN_SOCKET, web->fd, MHD_OPTION_CONNECTION_LIMIT, CONNECTIONS, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
	    (size_t)CONNECTION_BYTES, MHD_OPTION_CONNECTION_TIMEOUT, QUIET_S, MHD_OPTION_URI_LOG_CALLBACK, on_uri, NULL,
	    MHD_OPTION_NOTIFY_COMPLETED, on_end, NULL, MHD_OPTION_NOTIFY_CONNECTION, on_connection, web, MHD_OPTION_PER_IP_CONNECTION_LIMIT,
	    web->of_one, MHD_OPTION_ARRAY, web->key != NULL ? tls : none, MHD_OPTION_END);
	if (web->daemon == NULL) {
		err_add(e, NULL, 0, 0, web->key != NULL ? "console.listen: it does not start: are console.certificate and console.key right, and does libmicrohttpd know TLS?" :
		    "console.listen: it does not start");
		return false;
	}
	web->fd = -1;
	return true;
}

void
web_serve(struct web *web, const volatile sig_atomic_t *stop)
{
	while (!*stop) {
		struct err ignored = { 0 };
		uint64_t now;

		(void)lib.MHD_run_wait(web->daemon, (int32_t)(LOOK_NS / 1000000));
		now = thread_now();
		see_off(web, now);
		if (now >= web->tokens_ns) {
			web->tokens_ns = now + TOKENS_NS;
			(void)web_desk_tokens(&web->desk, &ignored);
			err_free(&ignored);
		}
		if (now >= web->look_ns) {
			web->look_ns = now + LOOK_NS;
			notify_all(web, store_changes_look(web->changes), now >= web->alive_ns);
			if (now >= web->alive_ns)
				web->alive_ns = now + ALIVE_NS;
		}
	}
}

void
web_close(struct web *web)
{
	if (web == NULL)
		return;
	if (web->daemon != NULL) {
		/* What sleeps cannot be ended. */
		notify_all(web, 0, true);
		lib.MHD_stop_daemon(web->daemon);
	}
	if (web->fd >= 0)
		(void)close(web->fd);
	store_changes_close(web->changes);
	if (web->key != NULL)
		explicit_bzero(web->key, strlen(web->key));
	free(web->key);
	free(web->certificate);
	explicit_bzero(&web->desk, sizeof(web->desk));
	free(web);
}

#else

struct web *
web_open(const struct web_want *w, struct err *e)
{
	web_check(w, e);
	return NULL;
}

bool
web_start(struct web *web, struct err *e)
{
	(void)web, (void)e;
	return false;
}

void
web_serve(struct web *web, const volatile sig_atomic_t *stop)
{
	(void)web, (void)stop;
}

void
web_close(struct web *web)
{
	(void)web;
}

#endif
