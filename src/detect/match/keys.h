/* keys.h - under which keys a rule stands in the indexes of its set.
 *
 * Private to match/.  What returns int is 0, or -1 when there is no memory.
 */
#ifndef DETECT_MATCH_KEYS_H
#define DETECT_MATCH_KEYS_H

#include "base/str.h"
#include "detect/match/set.h"

#define FEW		8u	/* keys of one kind that a rule may stand under */

/* The keys of a group of few addresses; 0: any, or too many. */
uint32_t keys_of_addrs(const struct rule_addrs *g, uint64_t *out);
int	keys_add(struct match_index *ix, enum key_kind kind, uint32_t scope, const uint64_t *v, uint32_t n,
	    uint32_t rule);

/* Rule m, number i of its set, for packets and bytes; operations; lone anomalies. */
int	keys_by_endpoints(struct match_index *ix, const struct match_rule *m, uint32_t i);
int	keys_by_op(struct match_index *ix, struct match_rule *m, uint32_t i);	/* fills in m->filed */
int	keys_by_event(struct match_index *ix, const struct match_rule *m, uint32_t i);

/* What is to be searched for all at once. */
struct key_patterns {
	struct pattern	*of;		/* owned */
	uint32_t	 n;
};
/* By its best content, at its fixed offset or among the patterns. */
int	keys_by_bytes(struct match_set *s, struct key_patterns *fill, const struct match_rule *m, uint32_t i);

#endif
