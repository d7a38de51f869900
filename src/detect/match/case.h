/* case.h - what a rule is compared with: one packet, one run of bytes, or one side
 * of an operation, with the endpoints as of the bytes that are looked at. */
#ifndef DETECT_MATCH_CASE_H
#define DETECT_MATCH_CASE_H

#include "detect/match/set.h"

/* Headers of a packet, kept for the rules on its bytes. */
struct match_header {
	uint64_t	 frame;		/* 0: nothing kept */
	uint32_t	 seq, ack;
	uint16_t	 window, ip_id, flags;	/* flags: PKT_* */
	uint8_t		 tcp_flags, ttl, tos, proto;
	uint8_t		 icmp_type, icmp_code;
	bool		 has_icmp_id;
	uint16_t	 icmp_id, icmp_seq;
	uint8_t		 fragbits;	/* MF 1 DF 2 reserved 4 */
	uint16_t	 fragoffset;
};

struct match_case {
	const struct addr	*src, *dst;
	uint16_t		 sport, dport;
	uint8_t			 proto;		/* enum ip_protocol */
	uint8_t			 ip_v;
	bool			 to_client;
	bool			 established;
	bool			 stream;	/* bytes out of a TCP stream */
	struct flow		*flow;		/* or NULL */
	const struct packet	*packet;	/* or NULL */
	const struct match_header *header;	/* or NULL */
	const uint8_t		*p;		/* payload, PDU or piece; NULL: none in hand */
	uint32_t		 n;
	uint32_t		 dsize;
	const struct operation	*op;		/* or NULL */
	bool			 answer;	/* the answer of op, not its request */
	bool			 over;		/* op is finished */
	const struct anomaly	*anomaly;	/* or NULL */
	const struct tag_reader	*tags;		/* what is known of values; or NULL */
	uint64_t		 tx;		/* operation id, 0 none */
	uint64_t		 ts_ns, frame;
	uint16_t		 source;
	bool			 named_late;	/* only rules that ask for the name or risks of the flow */
	bool			 name_open;	/* the flow's name is not certain yet: what rules ask of it holds */
};

/* Is it certain what the conversation is called? */
static inline bool
match_is_named(const struct flow *f)
{
	return f->protocol != NULL || (!f->ot_maybe && (f->app_proto != NULL || !f->app_maybe));
}

void	header_of(struct match_header *h, const struct packet *p);

/* Protocol, ports and addresses, either way round for a rule with <>. */
bool	match_endpoints(const struct match_rule *m, const struct match_case *k);
/* Which endpoint filters of the set fit this flow: into its endpoints. */
void	match_filters(const struct match_set *s, const struct flow *f, struct flow_rules *r);
/* flow:, app-layer-protocol, ndpi-risk. */
bool	match_flow(const struct match_rule *m, const struct match_case *k);
/* Options about packet headers, and dsize. */
bool	match_packet_opts(const struct match_rule *m, const struct match_case *k);
/* Options about operations, of a rule that the operation's class allows (class.h). */
bool	match_tx(const struct match_rule *m, const struct match_case *k);
/* Has it the access that a rule asks for?  `has`: enum modbus_access bits. */
bool	match_modbus_access(const struct rule_modbus *m, uint16_t has);
/* The bytes of a buffer; false: this case has none. */
bool	match_buffer(uint8_t buffer, const struct match_case *k, const uint8_t **p, uint32_t *n);

#endif
