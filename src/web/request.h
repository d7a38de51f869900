/* request.h - what a browser asks: bytes from whoever reaches the port, read into flat structs.
 *
 * libmicrohttpd has taken the head of the request apart; everything in it is still hostile.  Nothing here allocates but
 * web_action_read(), which parses JSON.  Fuzzed (tests/fuzz/fuzz_web.c).
 */
#ifndef WEB_REQUEST_H
#define WEB_REQUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "record/keep.h"

#define WEB_URI_MAX	2048u	/* bytes of a request's target */
#define WEB_BODY_MAX	4096u	/* of what is posted */
#define WEB_ARGS	12u

enum web_method { WEB_GET, WEB_POST, WEB_OTHER };	/* HEAD is GET */

struct web_request {
	enum web_method	 method;
	char		 path[WEB_URI_MAX];	/* decoded, begins with '/', without "..", '\\' or bytes below ' ' */
	char		 text[WEB_URI_MAX];	/* names and values of the arguments, decoded */
	unsigned	 n_args;
	struct { const char *name, *value; } args[WEB_ARGS];
};

/* Read a method and a target ("/api/alerts?limit=50&asset=10.0.0.1") of n bytes.  false: it is none that we answer. */
bool	web_request_read(struct web_request *r, const char *method, const char *uri, size_t n);

/* The first argument with this name; NULL: none, or it is empty. */
const char *web_arg(const struct web_request *r, const char *name);
/* Its number, up to `most`; `otherwise` where there is none or it is none. */
uint64_t web_arg_number(const struct web_request *r, const char *name, uint64_t most, uint64_t otherwise);

/* May a request name this host?  A name of our own would do for whoever can make it point here (DNS rebinding): allowed are
 * addresses, "localhost" and `names` (with commas between; NULL: none).  With or without a port. */
bool	web_host_is_ours(const char *host, const char *names);

/* Does what is posted come from a page of ours: is `origin` "https://HOST" (or http, without TLS) with the host of the request? */
bool	web_origin_is_ours(const char *origin, bool tls, const char *host);

/* A cookie's value out of the header, at most size - 1 bytes.  false: it is not there, or too long. */
bool	web_cookie(const char *header, const char *name, char *to, size_t size);

/* What an operator says, as posted: {"verb": "archive", "object": "incident", "id": "...", "text": "..."}; who and when come from
 * elsewhere.  NULL: it is good; else why not, for the operator (static text). */
const char *web_action_read(const char *body, size_t n, struct keep_action *a);

/* The token of a login, {"token": "..."}.  false: there is none. */
bool	web_token_read(const char *body, size_t n, char *to, size_t size);

#endif
