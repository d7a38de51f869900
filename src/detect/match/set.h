/* set.h - a rule set made ready to run.
 *
 * Private to match/.  Made at start or for a reload, never changed afterwards: any
 * number of users (match.h) may share it.  Rules stand in the order
 * in which they are looked at: passes first, then those that set marks before
 * those that read them, then by priority.
 */
#ifndef DETECT_MATCH_SET_H
#define DETECT_MATCH_SET_H

#include "detect/match/bytes.h"
#include "detect/match/index.h"
#include "detect/match/patterns.h"
#include "detect/rules/rule.h"
#include "record/operation.h"

/* What rules keep about a flow: their slot on it. */
struct flow_rules {
	const char		*app_judged;	/* its app_proto, protocol and app_risks when rules last saw it: a name may */
	const struct protocol	*ot_judged;	/* come late */
	uint64_t		 risks_judged;
	bool			 open;		/* its name was not certain then */
	uint8_t			 unnamed;	/* rules that wait for its name */
	uint32_t		 quiet;		/* set of rules none of which is about bytes of such a flow; 0 none */
	uint32_t		 mark;		/* set of rules that `endpoints` is about; 0 none yet */
	uint32_t		 endpoints[2];	/* what each end sends: filters that fit, a bit each */
};

/* What a rule is looked at with. */
enum match_site {
	SITE_PACKET	= 1u << 0,
	SITE_BYTES	= 1u << 1,	/* PDUs, pieces of streams, datagrams */
	SITE_OP		= 1u << 2,	/* operations */
	SITE_EVENT	= 1u << 3	/* anomalies that belong to no operation */
};

/* Payload options of one buffer, in order. */
struct match_list {
	uint8_t			 buffer;	/* enum rule_buffer */
	uint32_t		 n;
	struct match_step	*steps;		/* owned */
};

/* Options of one sort: a slice of set->opts. */
struct match_opts {
	const struct rule_opt	**of;
	uint32_t		 n;
};

struct match_rule {
	const struct rule	*r;
	uint8_t			 sites;		/* enum match_site */
	uint8_t			 when;		/* enum rule_when but WHEN_MESSAGE */
	uint16_t		 needs;		/* enum class_state without which its words cannot hold */
	uint8_t			 filed;		/* enum key_kind, among the rules about operations */
	uint32_t		 protos;	/* OF_*: operations it can be about */
	bool			 message_side;	/* a word about one message: each side counts for itself */
	bool			 once_a_flow;	/* nothing but who with whom: reported with the first packet */
	bool			 raw;		/* has options on the payload itself */
	bool			 spans;		/* can match across two segments: nothing in it hangs on
						 * where a segment begins or ends */
	bool			 anchored;	/* the same of what begins where one end begins to speak */
	bool			 needs_header;	/* asks for the headers of a packet */
	bool			 has_app;
	bool			 waits_name;	/* asks what the flow is called, but for "unknown" */
	bool			 about_op;	/* has words about operations */
	bool			 counts;	/* threshold or the like */
	bool			 marks;		/* reads or changes marks, numbers or the time of day */
	uint8_t			 filter;	/* in set->filters; SET_FILTERS: not among them */
	uint32_t		 flow;		/* enum rule_flow_bits */
	struct match_opts	 packet, flows, state;
	struct match_opts	 class;		/* words that read nothing but the class of an operation */
	struct match_opts	 tx;		/* those that read more */
	struct match_opts	 item;		/* those that must hold for one item of it */
	struct match_opts	 lists_by;	/* dataset, datarep, iprep, geoip, asset.* */
	const struct rule_modbus *modbus;	/* among `tx`; or NULL */
	struct match_list	*lists;		/* owned */
	uint32_t		 n_lists;
	uint64_t		 name;		/* gid and sid: what is remembered survives a reload */
};

/* Offsets of KEY_FIXED keys: at byte `at`, n bytes. */
#define SET_FIXED_MAX 32u
struct set_fixed { uint16_t at; uint8_t n; };

/* Endpoint filters, the addresses and ports of rules, that are worked out once a flow: a bit
 * each of flow_rules.endpoints. */
#define SET_FILTERS	31u
#define ENDPOINTS_KEYED	(1u << 31)	/* no filter: some rule stands under an address of the flow */

/* Ports that patterns are for; others need not be searched. */
struct set_scope {
	bool		any;
	uint64_t	dport[1024], sport[1024];
};

struct match_set {
	struct rule_set		 rules;		/* owned */
	struct match_rule	*of;		/* owned; in order */
	uint32_t		 n;
	const struct rule_opt	**opts;		/* owned: slices of match_rule */
	struct match_index	 packets, bytes, ops, events;
	struct match_patterns	*patterns;	/* owned; NULL: none */
	struct set_fixed	 fixed[SET_FIXED_MAX];
	uint32_t		 n_fixed;
	const struct rule	*filters[SET_FILTERS];	/* one rule of each */
	uint32_t		 n_filters;
	uint32_t		 n_ops;		/* rules about operations */
	uint32_t		 n_waiters;	/* rules about operations that ask for bytes too */
	uint32_t		 mark;		/* this set's own, never 0 */
	uint64_t		 slow_ns;	/* no rule asks for a latency below */
	struct set_scope	 scope;
	bool			 needs_header;	/* rules on bytes or operations ask for packet headers */
	bool			 needs_marks;	/* flowbits, or passes that hold for a whole flow */
	bool			 any_spans, any_anchored;
	bool			 any_packet, any_bytes, any_op, any_event;
	bool			 named_bytes;	/* rules on bytes hang on the name or risks of the flow, all of them */
	size_t			 memory;
};

/* Take the rules over (also on failure).  NULL: no memory, or a problem in `e`. */
struct match_set *match_set_open(struct rule_set *rules, struct err *e);
/* 0; 1 when it can match nothing here; -1 with the reason in `e`, or none: no memory.
 * *at: options used of set->opts so far. */
int	match_rule_open(struct match_set *s, struct match_rule *m, const struct rule *r, uint32_t *at, struct err *e);
void	match_rule_close(struct match_rule *m);
/* The number of a rule's endpoint filter, which is added while there are less than SET_FILTERS. */
uint8_t	set_filter(struct match_set *s, const struct rule *r);
void	set_scope_add(struct set_scope *s, const struct rule *r);

static inline bool
set_in_scope(const struct set_scope *s, uint16_t sport, uint16_t dport)
{
	return s->any || (s->dport[dport / 64] >> dport % 64 & 1u) != 0 ||
	    (s->sport[sport / 64] >> sport % 64 & 1u) != 0;
}

/* Addresses as keys. */
uint64_t key_of_addr(const struct addr *a);
uint64_t key_of_name(const char *name, size_t n);	/* of what a flow is */

void	match_set_close(const struct match_set *s);	/* NULL is ignored */

#endif
