/* tunnels.h - which UDP datagrams may carry another packet.
 *
 * A port is only a hint, for what is on it as for what is not: tunnel.c and
 * udp_tunnel.c look at the bytes, and what is no tunnel stays a datagram.
 */
#ifndef DECODE_TUNNELS_H
#define DECODE_TUNNELS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/cursor.h"
#include "record/settings.h"

enum tunnel_kind {
	TUNNEL_NONE,
#define TUNNEL(id, member, name, ports, what) TUNNEL_##id,
#include "record/tunnels.def"
#undef TUNNEL
	TUNNEL_KINDS
};

#define TUNNEL_PORTS 64u	/* of all kinds together */

struct tunnels {
	uint64_t	bits[65536 / 64];	/* ports that are in the list below */
	struct { uint16_t port; uint8_t kind; } of[TUNNEL_PORTS];
	unsigned	n;
};

/* Take the ports of the settings; a member that is NULL has its default.  What is beyond
 * TUNNEL_PORTS is left out (the settings are checked for it). */
void	tunnels_open(struct tunnels *t, const struct tunnel_settings *s);

/* What a port means; the first of two kinds that claim it. */
enum tunnel_kind tunnels_of(const struct tunnels *t, uint16_t port);

/* The shortest payload that is looked at on any port: a header of 8 bytes and one of IP. */
#define TUNNEL_PAYLOAD_MIN 28u

/* May this datagram carry a packet?  By its ports, or because it begins as tunnels do on
 * whatever port: quick, and wrong now and then, for what must then be looked at. */
static inline bool
tunnels_maybe(const struct tunnels *t, uint16_t sport, uint16_t dport, const uint8_t *payload,
    uint32_t len)
{
	uint32_t first;

	if (((t->bits[sport / 64] >> (sport % 64)) | (t->bits[dport / 64] >> (dport % 64))) & 1)
		return true;
	if (len < TUNNEL_PAYLOAD_MIN)
		return false;
	first = be32_of(payload);
	return first == 0x08000000 ||				/* VXLAN */
	    (first & 0xf0ff0000) == 0x30ff0000 ||		/* GTP-U */
	    (first & 0xffff) == 0x6558 ||			/* Geneve */
	    (first >> 28 == 4 && (first & 0xffff) == len) ||	/* IPv4 */
	    (first >> 28 == 6 && be16_of(payload + 4) + 40u == len);	/* IPv6 */
}

#endif
