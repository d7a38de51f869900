/* asset.h - the one table of devices.
 *
 * A row a device: its address, when it was seen, whether it ever answered, its MAC in each
 * segment; the units behind it; the clients that use it.  The row is found once for each
 * flow and kept there, so that packets and operations look nothing up.  Whoever judges hangs
 * its state on rows, units and clients: it asks for a slot when it is opened and takes no
 * table of devices of its own.
 *
 * Two VLANs with the same address are one device, because a mirror of routed ports shows
 * each device in several; `by_vlan` is for plants whose cells are copies of each other.
 *
 * All memory is taken by assets_open().  What is evicted when a table is full: first what
 * never showed an answer or a full handshake, because addresses can be made up by the
 * thousand and answers cannot; of that first what is nothing but an address; of equals what
 * was quiet longest.  A row takes its units and clients with it.  No pointer to a row outlives the
 * call that it was found in: a flow remembers the row's generation, too.
 */
#ifndef ASSET_ASSET_H
#define ASSET_ASSET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/list.h"
#include "record/addr.h"
#include "record/counters.h"
#include "record/flow.h"
#include "record/operation.h"
#include "record/packet.h"
#include "record/zone.h"

#define ASSET_PORTS	4u	/* segments that a device is known in */
#define ASSET_CLIENTS	6u	/* of a device, for each protocol */

#define ASSET_USE_NS	1000000000u	/* the order of use is kept to this precision: a poll that comes a
					 * thousand times a second moves nothing */

/* Of so many devices that have a state (detect.devices): */
#define ASSET_ROWS	8u	/* times as many addresses */
#define ASSET_PAIRS	4u	/* times as many clients of devices */

/* Where it is on the wire: its MAC in one segment, as ARP last said. */
struct asset_port {
	uint64_t	seen_ns;	/* 0: free */
	uint16_t	vlan, source;
	uint8_t		mac[6];
};

struct asset_unit;
struct asset_client;

struct asset {
	/* Of the table alone. */
	struct link		 by_use;
	struct link		 units, clients, servers;	/* heads */
	struct asset_unit	*unit;		/* used last; NULL none */
	struct asset_client	*client;	/* the same */
	uint32_t		 generation;
	uint8_t			 rank;
	bool			 in_flow;	/* it was an end of one, not only named by ARP */

	/* For everybody. */
	struct addr		 addr;
	uint16_t		 vlan;		/* 0 unless VLANs are told apart */
	bool			 proven;	/* an answer or a full handshake of it was seen */
	uint64_t		 first_ns;
	uint64_t		 seen_ns;	/* last, to a second */
	const struct zone	*zone;		/* its zone; NULL: in none (zones.h) */
	uint64_t		 control_ns;	/* since when it takes part in control traffic; 0: it does not */
	struct asset_port	 ports[ASSET_PORTS];
	/* Slots follow. */
};

/* What answers behind an address: a Modbus unit, a DNP3 outstation, a rack and slot of S7. */
struct asset_unit {
	struct link	 by_use, of;
	struct asset	*device;
	uint32_t	 unit;
	uint8_t		 proto;		/* enum op_proto */
	bool		 proven;	/* it answered */
	bool		 obeyed;	/* it once did what it was asked for */
	uint64_t	 seen_ns;	/* last, to a second */
	/* Slots follow. */
};

/* Who asks a device for something, by a protocol. */
struct asset_client {
	struct link	 by_use, of_server, of_client;
	uint64_t	 use_ns;	/* its place in the order of use is from then */
	struct asset	*server, *client;
	uint8_t		 proto;		/* enum op_proto */
	bool		 proven;	/* it was answered: nobody made it up */
	uint64_t	 first_ns, last_ns;
	/* Slots follow. */
};

struct assets;		/* opaque; one per worker */
struct zones;		/* asset/zones.h */

/* Who takes part in an operation; all NULL when its ends have no IP address. */
struct asset_ends {
	struct asset		*client, *server;
	struct asset_unit	*unit;
	/* Of the table alone: whose ends are still to be found; NULL none. */
	const struct operation	*op;
	struct assets		*of;
};

struct assets_want {
	uint64_t	 devices;	/* that have a state; the other tables go by it */
	bool		 by_vlan;	/* the same address in two VLANs is two devices */
	uint64_t	 key;		/* of the hash: random, live */
	struct counters	*counters;
	const struct zones *zones;	/* borrowed; NULL: none are configured */
};

/* Nothing is in it, and only slots can be asked for.  NULL: no memory. */
struct assets	*assets_new(const struct assets_want *w);

/* A slot of `size` bytes on each row of a kind, zeroed when the row is new.  Before
 * assets_open() only.  Returns what asset_slot() takes. */
enum asset_kind { ASSET_DEVICE, ASSET_UNIT, ASSET_CLIENT, ASSET_KINDS };
uint32_t	 assets_slot(struct assets *a, enum asset_kind kind, size_t size);

/* Take all memory.  0 or -1. */
int		 assets_open(struct assets *a);
void		 assets_close(struct assets *a);	/* NULL is ignored */
size_t		 assets_memory(const struct assets *a);

/* A slot of a row, a unit, a client. */
static inline void *
asset_slot(void *row, uint32_t slot)
{
	return (uint8_t *)row + slot;
}

/* Whose state hangs on more than a slot: called before a row goes, for each of its units first (`u`
 * not NULL), then for itself.  Before assets_open(), at most ASSET_WATCHERS times. */
#define ASSET_WATCHERS	4u
void		 assets_watch(struct assets *a, void (*gone)(void *arg, struct asset *x, struct asset_unit *u), void *arg);

/* ---- rows ---- */

/* A flow has begun: find both its ends and keep them at it. */
void		 assets_flow_begun(struct assets *a, struct flow *f);
/* It has ended: was there a full handshake, did it carry a control protocol? */
void		 assets_flow_ended(struct assets *a, struct flow *f);

/* The row of this end of a flow, or NULL: it was evicted since. */
static inline struct asset *
asset_of(const struct flow *f, unsigned end)
{
	struct asset *x = f->asset[end];

	return x != NULL && x->generation == f->asset_generation[end] ? x : NULL;
}

/* An operation is shown.  When it is over, what it shows of its ends is noted: an answer;
 * that they take part in control traffic. */
void		 assets_operation(struct assets *a, const struct operation *op);
/* Who takes part in the operation that was shown last: the same struct each time, read
 * through asset_ends().  Rows that were evicted since they were kept at the flow are made anew. */
struct asset_ends *assets_ends(struct assets *a);
void		 assets_find_ends(struct asset_ends *at);

static inline const struct asset_ends *
asset_ends(struct asset_ends *at)
{
	if (at->op != NULL)	/* most requests are asked about by nobody */
		assets_find_ends(at);
	return at;
}

/* The row of an address; NULL: there is none.  `vlan` counts only where VLANs are told apart. */
struct asset	*assets_find(const struct assets *a, const struct addr *addr, uint16_t vlan);
/* The same, new when there was none. */
struct asset	*assets_get(struct assets *a, const struct addr *addr, uint16_t vlan, uint64_t now_ns);

/* The row of a packet's sender or receiver: the one kept at its flow (`flow` may be NULL), or
 * by its address; NULL: there is none. */
static inline struct asset *
assets_sender(const struct assets *a, const struct packet *p, const struct flow *flow, unsigned dir)
{
	return flow != NULL ? asset_of(flow, dir) : assets_find(a, &p->src, packet_vlan(p));
}

static inline struct asset *
assets_receiver(const struct assets *a, const struct packet *p, const struct flow *flow, unsigned dir)
{
	return flow != NULL ? asset_of(flow, dir ^ 1u) : assets_find(a, &p->dst, packet_vlan(p));
}

/* Each row, in no order that means anything: the one after `x`, the first after NULL; NULL behind the last. */
struct asset	*assets_next(const struct assets *a, const struct asset *x);

/* It answered somebody. */
void		 assets_prove(struct assets *a, struct asset *x);

/* Its port in a segment; NULL: none is known. */
struct asset_port *asset_port(struct asset *x, uint16_t vlan, uint16_t source);
/* The same, new (seen_ns 0) when there was none, in place of the one that was quiet longest. */
struct asset_port *assets_port(struct assets *a, struct asset *x, uint16_t vlan, uint16_t source);

/* ---- units and clients ---- */

/* A unit by the address in front of it; NULL: there is none. */
struct asset_unit *assets_find_unit(const struct assets *a, const struct addr *addr, uint16_t vlan,
		    enum op_proto proto, uint32_t unit);
/* A unit of a device; new when there was none. */
struct asset_unit *assets_unit(struct assets *a, struct asset *device, enum op_proto proto, uint32_t unit,
		    uint64_t now_ns);
/* The client of a device; new when there was none.  To be asked for each time it is seen. */
struct asset_client *assets_find_client(struct assets *a, struct asset *server, struct asset *client,
		    enum op_proto proto, uint64_t now_ns);

static inline struct asset_client *
assets_client(struct assets *a, struct asset *server, struct asset *client, enum op_proto proto, uint64_t now_ns)
{
	struct asset_client *c = server->client;

	if (c == NULL || c->client != client || c->proto != proto || now_ns - c->use_ns >= ASSET_USE_NS)
		c = assets_find_client(a, server, client, proto, now_ns);
	c->last_ns = now_ns;
	return c;
}
/* It was answered. */
void		 assets_prove_client(struct assets *a, struct asset_client *c);

/* Each client of a device, in the order in which they came. */
#define ASSET_EACH_CLIENT(c, device) \
	for (struct link *l_ = (device)->clients.next; l_ != &(device)->clients && \
	    ((c) = LIST_OWNER(l_, struct asset_client, of_server), true); l_ = l_->next)

/* ---- how many ---- */

struct assets_count {
	uint32_t	hosts;		/* ends of flows */
	uint32_t	control;	/* of them, those that take part in control traffic */
	bool		more;		/* there were others, which are forgotten */
};
struct assets_count assets_count(const struct assets *a);

#endif
