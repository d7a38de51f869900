/* flow.h - one conversation between two endpoints, as every module sees it.
 *
 * The stream module owns flows and keeps its private state behind this struct;
 * dissect hangs its conversation on `dissection`; output reads.  End 0 is the
 * one whose packet was seen first (or that sent the SYN).  Which end is the
 * *client* is a separate question: a mirror port joins sessions midway, so the
 * protocol's content decides (client_end), and until it has, end 0 is assumed.
 */
#ifndef RECORD_FLOW_H
#define RECORD_FLOW_H

#include <stdbool.h>
#include <stdint.h>

#include "record/addr.h"
#include "record/protocol.h"

#define COMMUNITY_ID_MAX 32	/* "1:" + base64 of SHA-1 + NUL is 31 */
#define FLOW_VLANS 3

enum flow_state { FLOW_NEW, FLOW_ESTABLISHED, FLOW_CLOSED };

enum flow_end_reason {
	FLOW_END_CLOSED,	/* FIN on both sides, or a valid RST */
	FLOW_END_TIMEOUT,	/* quiet longer than the timeout, on the capture clock */
	FLOW_END_EVICTED,	/* the table was full */
	FLOW_END_SHUTDOWN	/* the run ended */
};

/* How sure we are that client_end is right; higher wins, never goes down. */
enum role_source { ROLE_FIRST_SEEN, ROLE_PORT, ROLE_SYN, ROLE_CONTENT };

/* Which way: from which end the bytes come. */
enum flow_dir { DIR_FROM_0 = 0, DIR_FROM_1 = 1 };

struct asset;		/* asset/asset.h */

struct flow {
	uint64_t	 id;		/* EVE flow_id: the same for the same capture, fits 53 bits */
	struct addr	 addr[2];
	uint16_t	 port[2];	/* ICMP: type and code of end 0 */
	uint8_t		 proto;		/* enum ip_protocol */
	uint8_t		 ip_v;		/* 4 or 6 */
	uint8_t		 n_vlan;
	uint16_t	 vlan[FLOW_VLANS];
	uint8_t		 mac[2][6];	/* as in the first frame from that end; zero if none */
	bool		 mac_known[2];
	uint16_t	 source;	/* interface or file of the first packet */

	uint8_t		 state;		/* enum flow_state */
	uint8_t		 client_end;	/* 0 or 1 */
	uint8_t		 role_source;	/* enum role_source */
	bool		 midstream;	/* TCP without its SYN */
	bool		 syn[2];	/* the SYN of this end was seen: nothing of it was missed before */
	bool		 shutdown;	/* it ends because the run does */
	uint8_t		 tcp_flags[2];	/* OR of all flags from each end */
	uint8_t		 ttl[2];	/* of the last packet of each end; hop limit of IPv6 */
	uint64_t	 first_ns, last_ns;
	uint64_t	 first_frame;	/* of the first packet */
	uint64_t	 spoke_ns[2];	/* the last packet of each end that was no mere acknowledgement; 0 none */
	uint64_t	 heard_ns[2];	/* the last packet of each end that was no RST; 0 none */
	uint64_t	 packets[2], bytes[2];	/* from each end; bytes are frame lengths on the wire */
	uint64_t	 payload[2];	/* in-order bytes or datagram bytes delivered from each end */
	uint32_t	 gaps[2];	/* gaps announced in each direction */
	uint64_t	 lost[2];	/* bytes lost in them */
	uint32_t	 resent[2];	/* segments of each end whose bytes were all seen before */

	/* Names: static, or NULL. */
	const struct protocol *protocol; /* a dissector claimed it (set by dissect); NULL: none */
	bool		 ot_maybe;	/* its first bytes are kept: a dissector may still claim it */
	bool		 app_maybe;	/* app_proto may still come */
	const char	*app_proto;	/* nDPI's protocol, lower case, "tls.google" style (set by stream) */
	const char	*app_category;	/* nDPI's category */
	uint64_t	 app_risks;	/* nDPI risk bits; names by flow_risk_name() */
	uint64_t	 transactions;	/* operations finished (counted by dissect) */
	/* Where the bytes delivered from each end went (payload[] is their sum when the
	 * flow ends): read as PDUs; of a claimed flow, but nobody could read them; offered
	 * to all dissectors and wanted by none. */
	uint64_t	 read[2], blind[2], unclaimed[2];

	uint32_t	 alerts;	/* findings on it (counted by alert) */

	struct asset	*asset[2];	/* rows of both ends, NULL none yet; see asset_of() */
	uint32_t	 asset_generation[2];	/* of those rows when they were found */
	void		*dissection;	/* dissect's conversation; NULL until it wants one */
	unsigned char	*slots;		/* what other modules keep about it: flow_slot() */
};

/* A module that keeps state about each flow reserves a slot at start, before the first flow, and
 * reads and writes it through one function of its own, which gives it its type; nobody else
 * looks there.  Slots are zero when a flow begins, lie behind it in the same memory and go with it.
 * A copy of a flow has none: its `slots` are NULL. */
struct flow_slots { uint32_t size; };	/* of all so far, bytes; begins as 0 */

/* The number of a new slot of n bytes, aligned for any type. */
static inline uint32_t
flow_slot_reserve(struct flow_slots *s, size_t n)
{
	uint32_t number = s->size;

	s->size += (uint32_t)((n + 15) / 16 * 16);
	return number;
}

static inline void *flow_slot(const struct flow *f, uint32_t number) { return f->slots + number; }

static inline unsigned flow_client(const struct flow *f) { return f->client_end; }
static inline unsigned flow_server(const struct flow *f) { return f->client_end ^ 1u; }

/* Was anything seen of both ends?  A forged packet has no answer. */
static inline bool flow_two_sided(const struct flow *f) { return f->packets[0] > 0 && f->packets[1] > 0; }

static inline uint64_t flow_blind_bytes(const struct flow *f) { return f->blind[0] + f->blind[1]; }

/* Set which end is the client, if this source is more reliable than the last one. */
static inline void
flow_set_client(struct flow *f, unsigned end, enum role_source how)
{
	if (how > f->role_source) {
		f->client_end = (uint8_t)(end & 1u);
		f->role_source = (uint8_t)how;
	}
}

#endif
