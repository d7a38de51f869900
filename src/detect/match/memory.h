/* memory.h - what rules remember between packets: marks on flows (flowbits), marks on
 * addresses (xbits), numbers on flows (flowint), how often a rule matched (threshold,
 * detection_filter), and which operations were reported already.
 *
 * Tables of fixed size (detect/slots.h); what is evicted is counted.
 */
#ifndef DETECT_MATCH_MEMORY_H
#define DETECT_MATCH_MEMORY_H

#include "detect/rules/rule.h"
#include "record/counters.h"

struct match_memory;	/* opaque */

struct match_memory *memory_open(struct counters *c, uint64_t key);
void	memory_close(struct match_memory *m);	/* NULL is ignored */
size_t	memory_size(const struct match_memory *m);

/* Space for so many names of flowbits.  What is known moves along: old name number i
 * becomes to[i] (UINT32_MAX: gone).  0, or -1 when there is no memory, and nothing
 * has changed. */
int	memory_names(struct match_memory *m, uint32_t n, const uint32_t *to, uint32_t n_to);

/* ---- flows ---- */
#define MARK_PASSED UINT32_MAX	/* a pass rule let the whole flow go */
bool	memory_marked(struct match_memory *m, const struct flow *f, uint32_t name);
void	memory_mark(struct match_memory *m, const struct flow *f, uint32_t name, bool on);
void	memory_flow_end(struct match_memory *m, const struct flow *f);

/* ---- addresses ---- */
bool	memory_tagged(struct match_memory *m, uint64_t key, uint64_t now_ns);
void	memory_tag(struct match_memory *m, uint64_t key, bool on, uint32_t expire_s, uint64_t now_ns);

/* ---- numbers, by flow and hash of their name ---- */
bool	memory_number(struct match_memory *m, const struct flow *f, uint64_t name, uint32_t *v);
void	memory_set_number(struct match_memory *m, const struct flow *f, uint64_t name, uint32_t v, uint64_t now_ns);
void	memory_forget_number(struct match_memory *m, const struct flow *f, uint64_t name);

/* ---- counts ---- */
enum match_count {
	COUNT_NO,	/* as if it had not matched */
	COUNT_REPORT,
	COUNT_SILENT	/* it matched, but was reported often enough: passes hold nevertheless */
};
/* One more match under this key.  `port`: for unique_on. */
enum match_count memory_count(struct match_memory *m, uint64_t key, const struct rule_threshold *t,
		    uint16_t port, uint64_t now_ns, uint64_t *count);

/* ---- operations ---- */
/* Is this key seen for the first time? */
bool	memory_first(struct match_memory *m, uint64_t key);

#endif
