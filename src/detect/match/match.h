/* match.h - one user of a rule set: its scratch space, what it remembers and counts; and
 * what the files of the detector lend each other.
 *
 * Private to match/.
 */
#ifndef DETECT_MATCH_MATCH_H
#define DETECT_MATCH_MATCH_H

#include <stdatomic.h>

#include "detect/detector.h"
#include "detect/match/case.h"
#include "detect/match/class.h"
#include "detect/match/lists.h"
#include "detect/match/memory.h"
#include "detect/match/stream_tail.h"

#define UNNAMED	512u

/* A rule whose bytes passed before their flow had a name. */
struct unnamed { uint64_t flow, ts_ns, frame; uint32_t rule; uint16_t source; bool to_client; };

struct waiting { uint64_t tx; uint32_t rule; bool to_client; };

struct match {
	struct detect_env	 env;
	uint32_t		 flow_slot;	/* of struct flow_rules */
	const struct match_set	*set;
	struct match_set	*_Atomic next;	/* prepared by whoever, taken by the packet thread */
	uint64_t		*hits;		/* owned; of each rule, by rule.index */
	struct match_memory	*memory;
	struct slots		 tails;
	uint8_t			 joined[TAIL_LEN + TAIL_AHEAD];
	struct match_header	 header;	/* of the last packet, if the set needs it */

	/* Candidates of what is looked at; as many as the set has rules. */
	uint32_t		*cand;		/* owned */
	uint32_t		 n_cand;
	uint32_t		*stamp;		/* owned; turn in which a rule was last taken */
	uint32_t		 turn;
	struct class_table	 classes;

	/* Let go by a pass rule: the rest of this packet. */
	const struct flow	*passed_flow;
	uint64_t		 passed_frame;

	/* Let go for good, but with this message. */
	const struct flow	*marked_flow;
	uint64_t		 marked_frame;

	/* Rules of one PDU whose bytes are still to come: space for two operations that every
	 * rule waits for, and what does not fit is counted. */
	struct waiting		*waiting;	/* owned */
	uint32_t		 n_waiting, waiting_max;
	const struct flow	*waiting_flow;
	struct unnamed		 unnamed[UNNAMED];
	uint32_t		 unnamed_at;
	struct bytes_run	 run;		/* run.re is owned */
	struct patterns_scratch	*scratch;	/* owned; of set->patterns */
};

/* ---- rules.c ---- */
/* Run this set from now on; what is known of flows moves along.  Whose set it is does not
 * change.  0, or -1 without memory, and nothing has changed. */
int	match_use(struct match *d, const struct match_set *s);

/* ---- candidates.c: d->cand is filled between these two ---- */
void	match_begin(struct match *d);
void	match_put_in_order(struct match *d);
/* One more, unless it is there.  `arg` is the struct match. */
void	match_take(void *arg, uint32_t rule);
/* All under one key. */
void	match_take_key(struct match *d, const struct match_index *ix, enum key_kind kind, uint32_t scope,
	    uint64_t value);
/* All that the endpoints, the headers and the name of what is looked at allow. */
void	match_take_by_endpoints(struct match *d, const struct match_index *ix, const struct match_case *k);

/* Could a rule on bytes that hangs on the name or the risks of the flow match this one? */
bool	match_named(struct match *d, const struct flow *f);

/* ---- class.c ---- */
/* What is remembered of the class of this operation. */
const struct class_rules *match_class(struct match *d, const struct operation *op);

/* ---- operations.c ---- */
/* *n rules that this operation of it could match, in order. */
const uint32_t *match_take_by_op(struct match *d, const struct class_rules *e, const struct operation *op, uint32_t *n);

/* ---- state.c ---- */
bool	match_bits_hold(const struct match *d, const struct match_rule *m, const struct match_case *k);
/* The flow is over: what flowint kept on it is free. */
void	match_numbers_end(struct match *d, const struct flow *f);
void	match_bits_change(struct match *d, const struct match_rule *m, const struct match_case *k);
#define MATCH_COUNTS	(FINDING_NUMBERS / 3)
/* Is this match to be reported?  Fills in how often each threshold of the rule was met. */
enum match_count match_counted(struct match *d, const struct match_rule *m, const struct match_case *k,
	    uint64_t matches[MATCH_COUNTS]);
/* The same, for people. */
void	match_count_numbers(const struct match_rule *m, const uint64_t matches[MATCH_COUNTS], struct finding *f);

/* ---- unnamed.c ---- */
/* The rule holds but for the name of the flow, which is not certain yet. */
void	match_unnamed_wait(struct match *d, const struct match_rule *m, const struct match_case *k);
/* It is now. */
void	match_unnamed_judge(struct match *d, struct flow *f);

static inline struct flow_rules *
match_flow_rules(const struct match *d, const struct flow *f)
{
	return flow_slot(f, d->flow_slot);
}

/* ---- judge.c ---- */
/* Ends of a case as end `from` of the flow speaks. */
void	match_case_endpoints(struct match_case *k, struct flow *f, unsigned from);
/* Did a pass rule let this packet or flow go? */
bool	match_passed(const struct match *d, const struct match_case *k);
/* All conditions of a rule; those on the payload itself only if `raw`. */
bool	match_holds(struct match *d, const struct match_rule *m, const struct match_case *k, bool raw);
/* One list of payload options against these bytes; a search that is given up is counted. */
bool	match_steps(struct match *d, const struct match_list *l, const uint8_t *p, uint32_t n);
/* The conditions on the payload of a rule whose others hold. */
bool	match_bytes_hold(struct match *d, const struct match_rule *m, const struct match_case *k);
/* The rule holds: take its action.  True when the rest is let go. */
bool	match_matched(struct match *d, const struct match_rule *m, const struct match_case *k);

/* ---- payload.c, operations.c: calls of struct detector ---- */
void	match_packet(void *arg, const struct packet *p, struct flow *f, enum flow_dir dir);
void	match_header(void *arg, const struct packet *p);
void	match_bytes(void *arg, const struct flow_bytes *b);
void	match_flow_end(void *arg, struct flow *f, enum flow_end_reason why);
void	match_operation(void *arg, const struct operation *op);
void	match_anomaly(void *arg, const struct anomaly *a);

#endif
