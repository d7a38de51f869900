/* passing.h - names and systems that devices give away in passing.
 *
 * Traffic that is not control traffic says who somebody is: a DHCP client its host name, a
 * switch its model in LLDP, a web server its software.  This module reads the first bytes
 * of such conversations, and frames straight on Ethernet, and hands out facts: what was
 * said of which address or MAC, and where.  It judges nothing, remembers no device and
 * reads nothing of a flow that a dissector claimed.
 *
 * passing.def is the one list of what is read and how it is found; each of its functions
 * goes from bytes to facts and has no state (parsers.h).
 *
 * What it costs: of a TCP flow the first PASSING_BYTES of each direction are looked at, and
 * of nearly every flow only the first piece; of datagrams PASSING_DATAGRAMS in each
 * direction and PASSING_AGAIN_NS.  All memory is taken by passing_open().
 */
#ifndef PASSING_PASSING_H
#define PASSING_PASSING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "record/addr.h"
#include "record/attribute.h"
#include "record/counters.h"
#include "record/flow.h"
#include "record/operation.h"
#include "record/packet.h"

#define PASSING_BYTES	4096u		/* of each direction of a TCP flow */
#define PASSING_BUFFERS	64u		/* directions whose beginning came in several pieces, at a time */
#define PASSING_DATAGRAMS 16u		/* of a direction of a UDP flow, within */
#define PASSING_AGAIN_NS 10000000000ull	/* 10 s: one flow of DHCP is of all clients */

/* Whom a fact is about: by address, by MAC, or both. */
struct passing_who {
	bool		 has_addr, has_mac;
	struct addr	 addr;
	uint8_t		 mac[6];
};

struct passing_fact {
	struct passing_who who;		/* with an address, where ARP or a message named it before */
	uint16_t	 vlan;		/* of the frame; 0 without */
	enum attribute_key key;
	enum attribute_source source;
	const uint8_t	*value;		/* as sent, or as UTF-8 where it was sent as UTF-16; borrowed, n > 0 */
	size_t		 n;
	uint64_t	 ts_ns;
};

struct passing_sink {
	void	(*learn)(void *arg, const struct passing_fact *f);
	void	*arg;
};

struct passing;		/* opaque; one per worker */

/* NULL when there is no memory.  Flows get a slot.  `key` is of the hash: random, live. */
struct passing	*passing_open(const struct passing_sink *sink, struct flow_slots *slots, uint64_t key, struct counters *c);
void		 passing_close(struct passing *p);	/* NULL is ignored */
size_t		 passing_memory(const struct passing *p);

/* Bytes of a flow that no dissector claimed, as they came. */
void		 passing_bytes(struct passing *p, const struct flow_bytes *b);
/* It ends: what waits for more bytes is read with those that there are. */
void		 passing_flow_ended(struct passing *p, struct flow *f);
/* A packet without IP (ip_v 0). */
void		 passing_frame(struct passing *p, const struct packet *pkt);

/* Is this flow done with, so that its bytes need not be shown? */
struct passing_slot {
	uint8_t		 done;		/* bit of each direction */
	uint8_t		 waits;		/* the same: its beginning is in a buffer */
	uint8_t		 row[2];	/* of passing.def, of the ones that wait */
	uint8_t		 n[2];		/* datagrams read since `since` */
	uint16_t	 buffer[2];
	uint32_t	 since;		/* parts of PASSING_AGAIN_NS */
};

/* The slot's number, for passing_wants(). */
uint32_t	 passing_slot_number(const struct passing *p);

static inline bool
passing_wants(const struct flow *f, uint32_t slot, enum flow_dir dir)
{
	const struct passing_slot *s = flow_slot(f, slot);

	return (s->done >> dir & 1u) == 0;
}

#endif
