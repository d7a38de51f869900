#include "web/listen.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define BACKLOG	8

socklen_t
web_where(const char *text, union web_where *to)
{
	const struct addrinfo numbers = { .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV, .ai_socktype = SOCK_STREAM };
	const char *colon = strrchr(text, ':');
	char host[INET6_ADDRSTRLEN + 2];
	size_t n = colon != NULL ? (size_t)(colon - text) : 0, digits = colon != NULL ? strspn(colon + 1, "0123456789") : 0;
	unsigned long port = digits > 0 && digits < 6 ? strtoul(colon + 1, NULL, 10) : 0;
	struct addrinfo *got;
	bool v6 = text[0] == '[';
	socklen_t length = 0;

	if (n == 0 || n >= sizeof(host) || port == 0 || port > 65535 || colon[1 + digits] != '\0' || v6 != (colon[-1] == ']'))
		return 0;
	/* Without the brackets. */
	memcpy(host, text + v6, n - v6);
	host[n - 2 * v6] = '\0';
	if (getaddrinfo(host, colon + 1, &numbers, &got) != 0)
		return 0;
	if (got->ai_family == (v6 ? AF_INET6 : AF_INET) && got->ai_addrlen <= sizeof(*to)) {
		length = got->ai_addrlen;
		memcpy(to, got->ai_addr, length);
	}
	freeaddrinfo(got);
	return length;
}

bool
web_is_loopback(const union web_where *w)
{
	return w->any.sa_family == AF_INET ? ((const uint8_t *)&w->v4.sin_addr)[0] == 127 : IN6_IS_ADDR_LOOPBACK(&w->v6.sin6_addr);
}

int
web_listen(const union web_where *w, socklen_t n)
{
	int fd = socket(w->any.sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), on = 1, why;

	if (fd >= 0)
		(void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (fd >= 0 && bind(fd, &w->any, n) == 0 && listen(fd, BACKLOG) == 0)
		return fd;
	why = errno;
	if (fd >= 0)
		(void)close(fd);
	errno = why;
	return -1;
}

bool
web_is_same(const char *a, const char *b)
{
	size_t n = strlen(a);
	unsigned char differ = 0;

	if (strlen(b) != n)
		return false;
	for (size_t i = 0; i < n; i++)
		differ |= (unsigned char)(a[i] ^ b[i]);
	return differ == 0;
}
