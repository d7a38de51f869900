#include "record/addr.h"

#include <arpa/inet.h>
#include <stdio.h>

static size_t
octet(char *to, unsigned v)
{
	size_t n = 0;

	if (v >= 100)
		to[n++] = (char)('0' + v / 100);
	if (v >= 10)
		to[n++] = (char)('0' + v / 10 % 10);
	to[n++] = (char)('0' + v % 10);
	return n;
}

size_t
addr_print(const struct addr *a, char *to)
{
	size_t n = 0;

	if (addr_is_mac(a))
		return (size_t)snprintf(to, ADDR_TEXT_MAX, "%02x:%02x:%02x:%02x:%02x:%02x", a->b[10], a->b[11],
		    a->b[12], a->b[13], a->b[14], a->b[15]);
	if (!addr_is_v4(a)) {
		if (inet_ntop(AF_INET6, a->b, to, ADDR_TEXT_MAX) == NULL)
			to[0] = '\0';
		return strlen(to);
	}
	/* By hand: this is printed twice for every record. */
	for (int i = 12; i < 16; i++) {
		n += octet(to + n, a->b[i]);
		to[n++] = i < 15 ? '.' : '\0';
	}
	return n - 1;
}
