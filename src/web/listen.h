/* listen.h - where something of ours listens for HTTP: its address, its socket, and comparing what a client must know. */
#ifndef WEB_LISTEN_H
#define WEB_LISTEN_H

#include <netinet/in.h>
#include <stdbool.h>
#include <sys/socket.h>

#include "base/err.h"

union web_where {
	struct sockaddr		any;
	struct sockaddr_in	v4;
	struct sockaddr_in6	v6;
};

/* "127.0.0.1:9464", "[::1]:9464".  0: it is neither; else the length of the address. */
socklen_t	web_where(const char *text, union web_where *to);
bool		web_is_loopback(const union web_where *w);

/* A socket that listens there and does not block; -1 with the reason in errno. */
int		web_listen(const union web_where *w, socklen_t n);

/* Takes as long for any text of this length. */
bool		web_is_same(const char *a, const char *b);

#endif
