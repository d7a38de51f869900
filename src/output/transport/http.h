/* http.h - one request after the other over HTTP, HTTPS or SMTP, by libcurl; never waits.
 *
 * Redirects are not followed, answers are bounded, nothing goes where the way leaves by a watched interface.  Proxies of
 * the environment are not used: `proxy` says which.
 */
#ifndef OUTPUT_HTTP_H
#define OUTPUT_HTTP_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "output/transport/net.h"
#include "output/transport/transport.h"

struct http;			/* opaque */

/* Of `s` are used: target, TLS, user (a name without one is no login), proxy, timeout, watched; borrowed for as long as it
 * is open.  `schemes`: "http,https" or "smtp,smtps".  NULL with problems in `e`. */
struct http	*http_open(const struct transport_settings *s, const char *schemes, struct err *e);
void		 http_close(struct http *h);		/* NULL is ignored */

/* The first line of the sink's secret-file, read again by http_reread(); "" when there is none. */
const char	*http_secret(const struct http *h);
bool		 http_reread(struct http *h, char *why, size_t why_size);

#define HTTP_HEADERS_MAX 12u

struct http_request {
	const char	*path;			/* behind the target; "" */
	const char	*headers[HTTP_HEADERS_MAX];	/* "Name: value"; NULL behind the last; copied */
	const char	*body;			/* borrowed until it is over */
	size_t		 n;
	bool		 login;			/* user and secret as Basic, or that of SMTP */
};

/* A mail: the same connection, another way to say it. */
struct http_mail {
	const char	*from;
	const char	*to;			/* comma list */
	const char	*text;			/* headers and body, lines ended by CRLF; borrowed until it is over */
	size_t		 n;
};

/* false: no memory.  Only while none runs. */
bool		 http_begin(struct http *h, const struct http_request *r);
bool		 http_begin_mail(struct http *h, const struct http_mail *m);

enum http_state {
	HTTP_IDLE,
	HTTP_RUNS,
	HTTP_OVER,		/* it was answered; http_answer() */
	HTTP_FAILED		/* it was not; why: http_why() */
};

/* Go on; what is over is told once. */
enum http_state	 http_work(struct http *h);

struct http_answer {
	long		 status;	/* 200; of SMTP 250 */
	const char	*body;		/* borrowed until the next request; NUL behind it */
	size_t		 n;
	bool		 cut;		/* it was longer than HTTP_ANSWER_MAX */
	uint64_t	 retry_after_s;	/* the receiver's wish; 0: none */
};
#define HTTP_ANSWER_MAX (8u << 20)

const struct http_answer *http_answer(const struct http *h);
const char	*http_why(const struct http *h);

/* The receiver's certificate of the last request, or our own if it expires first; seconds since 1970, 0: not known. */
uint64_t	 http_until(const struct http *h);

/* Connections that have been made so far: another number than before means that somebody else may answer now. */
uint64_t	 http_connections(const struct http *h);

unsigned	 http_fds(struct http *h, struct pollfd *to, unsigned most);
/* When http_work() wants to be called at the latest. */
uint64_t	 http_due(const struct http *h);

#endif
