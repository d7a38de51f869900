/* addr.h - one form for both kinds of IP address. */
#ifndef RECORD_ADDR_H
#define RECORD_ADDR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* 16 bytes in network order; IPv4 as ::ffff:a.b.c.d (RFC 4291, 2.5.5.2). */
struct addr {
	uint8_t	b[16];
};

#define ADDR_TEXT_MAX 46	/* longest text form with its NUL */

static inline struct addr
addr_v4(const uint8_t four[4])
{
	struct addr a = { { [10] = 0xff, [11] = 0xff } };

	memcpy(a.b + 12, four, 4);
	return a;
}

static inline struct addr
addr_v6(const uint8_t sixteen[16])
{
	struct addr a;

	memcpy(a.b, sixteen, 16);
	return a;
}

static inline bool
addr_is_v4(const struct addr *a)
{
	static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };

	return memcmp(a->b, mapped, sizeof(mapped)) == 0;
}

static inline bool
addr_same(const struct addr *a, const struct addr *b)
{
	uint64_t x[2], y[2];

	memcpy(x, a->b, sizeof(x));
	memcpy(y, b->b, sizeof(y));
	return ((x[0] ^ y[0]) | (x[1] ^ y[1])) == 0;
}

/* Of a device that shows no IP address: its MAC, in a form of our own from a range that nobody may
 * send from (::/8, RFC 4291).  Its text form is the MAC. */
static inline struct addr
addr_of_mac(const uint8_t mac[6])
{
	struct addr a = { { [8] = 0xff, [9] = 0xfe } };

	memcpy(a.b + 10, mac, 6);
	return a;
}

static inline bool
addr_is_mac(const struct addr *a)
{
	static const uint8_t prefix[10] = { [8] = 0xff, [9] = 0xfe };

	return memcmp(a->b, prefix, sizeof(prefix)) == 0;
}

/* Write the text form ("192.168.0.1", "fe80::1") and return its length.
 * `to` has ADDR_TEXT_MAX bytes. */
size_t addr_print(const struct addr *a, char *to);

/* Read "10.1.0.0/16", "fe80::/10" or an address alone; bits: of the prefix, 0 to 128 (IPv4
 * has 96 more).  False: this is none. */
bool addr_net_read(const char *text, struct addr *net, unsigned *bits);
/* Read "00:1b:1b:23:eb:3b", also with -. */
bool addr_mac_read(const char *text, uint8_t mac[6]);
/* The first `bits` of it, zeroes behind them. */
struct addr addr_prefix(const struct addr *a, unsigned bits);

/* RFC 1918, unique local and link-local. */
bool addr_is_private(const struct addr *a);
/* Somebody on the internet can have it. */
bool addr_is_public(const struct addr *a);
/* It stays on one link (also an unknown address, 0.0.0.0, and loopback), or it is of a group
 * or of all: no device of another network has it. */
bool addr_is_local(const struct addr *a);

#endif
