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

	/* Names: static, or NULL. */
	const struct protocol *protocol; /* a dissector claimed it (set by dissect); NULL: none */
	const char	*app_judged;	/* app_proto, protocol and app_risks as rules saw them */
	const struct protocol *ot_judged;
	uint64_t	 risks_judged;			/* last: a name may come late */
	bool		 rules_open;	/* its name was not certain when rules last saw it */
	uint8_t		 rules_unnamed;	/* rules that wait for its name */
	uint32_t	 rules_quiet;	/* set of rules none of which is about bytes of such a flow; 0 none */
	uint32_t	 rules_mark;	/* set of rules that rules_ends is about; 0 none yet */
	uint32_t	 rules_ends[2];	/* what each end sends: heads of rules that fit, a bit each */
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

	void		*dissection;	/* dissect's conversation; NULL until it wants one */
	char		 community_id[COMMUNITY_ID_MAX];	/* empty until first asked for */
};

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
