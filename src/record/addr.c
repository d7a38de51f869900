#include "record/addr.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>

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

bool
addr_net_read(const char *text, struct addr *net, unsigned *bits)
{
	const char *slash = strchr(text, '/');
	size_t n = slash != NULL ? (size_t)(slash - text) : strlen(text);
	char one[ADDR_TEXT_MAX];
	uint8_t b[16];
	bool v4;

	if (n == 0 || n >= sizeof(one))
		return false;
	memcpy(one, text, n);
	one[n] = '\0';
	v4 = inet_pton(AF_INET, one, b) == 1;
	if (!v4 && inet_pton(AF_INET6, one, b) != 1)
		return false;
	*net = v4 ? addr_v4(b) : addr_v6(b);
	*bits = 128;
	if (slash == NULL)
		return true;
	n = strspn(slash + 1, "0123456789");
	if (n == 0 || n > 3 || slash[1 + n] != '\0')
		return false;
	*bits = (unsigned)strtoul(slash + 1, NULL, 10) + (v4 ? 96 : 0);
	return *bits <= 128;
}

bool
addr_mac_read(const char *text, uint8_t mac[6])
{
	unsigned v[6];
	char end;

	if (sscanf(text, "%2x%*1[:-]%2x%*1[:-]%2x%*1[:-]%2x%*1[:-]%2x%*1[:-]%2x%c", &v[0], &v[1], &v[2], &v[3], &v[4], &v[5], &end) != 6)
		return false;
	for (unsigned i = 0; i < 6; i++)
		mac[i] = (uint8_t)v[i];
	return true;
}

struct addr
addr_prefix(const struct addr *a, unsigned bits)
{
	struct addr p = *a;

	for (unsigned i = 0; i < 16; i++) {
		unsigned left = bits > 8 * i ? bits - 8 * i : 0;

		if (left < 8)
			p.b[i] &= (uint8_t)(0xff00u >> left);
	}
	return p;
}

bool
addr_is_private(const struct addr *a)
{
	const uint8_t *b = a->b + 12;

	if (!addr_is_v4(a))
		return (a->b[0] & 0xfe) == 0xfc || (a->b[0] == 0xfe && (a->b[1] & 0xc0) == 0x80);
	return b[0] == 10 || (b[0] == 172 && (b[1] & 0xf0) == 16) || (b[0] == 192 && b[1] == 168) ||
	    (b[0] == 169 && b[1] == 254);
}

bool
addr_is_public(const struct addr *a)
{
	const uint8_t *b = a->b + 12;

	if (!addr_is_v4(a))
		return (a->b[0] & 0xe0) == 0x20;
	/* Also none: this host, loopback, RFC 6598, groups and beyond. */
	return !addr_is_private(a) && b[0] != 0 && b[0] != 127 && b[0] < 224 &&
	    !(b[0] == 100 && (b[1] & 0xc0) == 64);
}

bool
addr_is_local(const struct addr *a)
{
	static const struct addr unknown, loopback = { { [15] = 1 } };
	const uint8_t *b = a->b + 12;

	if (!addr_is_v4(a))
		return a->b[0] == 0xff || (a->b[0] == 0xfe && (a->b[1] & 0xc0) == 0x80) ||
		    addr_same(a, &unknown) || addr_same(a, &loopback);
	return b[0] == 0 || b[0] == 127 || b[0] >= 224 || (b[0] == 169 && b[1] == 254);
}
