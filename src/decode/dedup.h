/* dedup.h - frames that a mirror port shows more than once.
 *
 * A table of fingerprints of recent packets.  What copies of one packet share
 * is hashed: addresses, protocol, IP identification, traffic class, fragment
 * position and every byte above IP.  What differs between copies is not: MAC
 * addresses, VLAN tags, TTL, IP checksum, PRP trailer, HSR tag, tunnel headers.
 *
 * How far apart copies may be, on the capture clock:
 *   window        the packet has an identification of its own (IPv4, id not 0):
 *                 a retransmission has another one, so equal means copy; also
 *                 when a MAC, a VLAN, the TTL or the interface differs.
 *   window / 4    nothing tells the two apart (IPv6, or id 0, in an otherwise
 *                 identical frame): could be the sender's own repetition.  A
 *                 switch that mirrors both directions needs microseconds, a
 *                 retransmission timer 200 ms, a fast retransmission a round trip.
 *   window x 10   PRP duplicates (one from LAN A, one from LAN B): the two networks
 *                 may differ by many milliseconds, and a repetition by the
 *                 sender would come on both again.
 * With the default of 2 ms that is 2 ms, 0.5 ms and 20 ms: mirror ports under
 * load queue for a millisecond at most, plant polls are 10 ms and more apart.
 * A datagram of the second kind passes, however close the two are, when the last
 * 1,024 packets that have an identification or are TCP came once each: then this
 * mirror makes no copies, and the sender said it twice.
 * The time of the first sighting counts and is not renewed by copies, so an
 * endless row of equal packets is thinned, never silenced.
 */
#ifndef DECODE_DEDUP_H
#define DECODE_DEDUP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "record/packet.h"

struct dedup_bucket;

struct dedup {
	struct dedup_bucket	*buckets;	/* owned; NULL: switched off */
	void			*block;		/* owned; what was allocated */
	uint64_t		 mask;		/* buckets - 1 */
	uint64_t		 key;
	uint64_t		 window_us;
	uint64_t		 single;	/* packets whose copy would be known, since the last copy */
};

enum dedup_result {
	DEDUP_NEW,	/* first sighting */
	DEDUP_FORGOT,	/* first sighting; a fingerprint still in its window was evicted */
	DEDUP_COPY	/* seen before */
};

/* Capacity for at least `slots` fingerprints.  0, or -1 when there is no memory. */
int	dedup_open(struct dedup *t, uint64_t slots, uint64_t window_us);
void	dedup_close(struct dedup *t);
size_t	dedup_memory(const struct dedup *t);

/* Was this packet here already?  `frag` tells fragments of one datagram
 * apart (IPv4: by 16 bits), 0 for a whole packet.  l4 are the bytes above IP: l4_len captured, l4_wire on
 * the wire; when they differ, only what a snap length leaves in any copy counts. */
enum dedup_result	dedup_seen(struct dedup *t, const struct packet *p, uint32_t frag,
			    const uint8_t *l4, uint32_t l4_len, uint32_t l4_wire);

#endif
