/* stream_tail.h - the last bytes of streams that no dissector frames, so that what lies
 * across two segments is found.
 *
 * A table of fixed size (detect/slots.h); what is lost with an eviction, which is counted,
 * is a match across two segments, nothing else.
 */
#ifndef DETECT_MATCH_STREAM_TAIL_H
#define DETECT_MATCH_STREAM_TAIL_H

#include "detect/slots.h"
#include "record/flow.h"

#define TAIL_LEN	256u	/* bytes remembered of a direction */
#define TAIL_AHEAD	1024u	/* bytes of the next piece that they are joined with */

/* 0, or -1 without memory; slots_close() closes it. */
int	stream_tails_open(struct slots *t, struct counters *c, uint64_t key);

/* What is remembered of this direction, *n bytes; NULL: nothing, or bytes were lost
 * since.  *burst: how many bytes this end has sent since the other one spoke, 0 when
 * that was just now; those beyond *n are forgotten. */
const uint8_t	*stream_tail(struct slots *t, const struct flow *f, enum flow_dir dir, uint32_t *n, uint32_t *burst);

/* These bytes came next. */
void	stream_tail_keep(struct slots *t, const struct flow *f, enum flow_dir dir, const uint8_t *p, uint32_t n,
	    uint64_t now_ns);

/* The flow is over. */
void	stream_tail_forget(struct slots *t, const struct flow *f);

#endif
