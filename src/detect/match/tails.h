/* tails.h - the last bytes of streams that no dissector frames, so that what lies
 * across two segments is found.
 *
 * A table of fixed size; a stream lives in one of the four places that its hash allows,
 * and whoever comes there later takes over the one untouched longest, which is counted:
 * what is lost is a match across two segments, nothing else.
 */
#ifndef DETECT_MATCH_TAILS_H
#define DETECT_MATCH_TAILS_H

#include "record/counters.h"
#include "record/flow.h"

#define TAIL_LEN	256u	/* bytes remembered of a direction */
#define TAIL_AHEAD	1024u	/* bytes of the next piece that they are joined with */

struct tails;		/* opaque */

struct tails	*tails_open(struct counters *c, uint64_t key);
void		 tails_close(struct tails *t);	/* NULL is ignored */
size_t		 tails_memory(void);

/* What is remembered of this direction, *n bytes; NULL: nothing, or bytes were lost
 * since.  *burst: how many bytes this end has sent since the other one spoke, 0 when
 * that was just now; those beyond *n are forgotten. */
const uint8_t	*tails_get(const struct tails *t, const struct flow *f, enum flow_dir dir, uint32_t *n,
		    uint32_t *burst);

/* These bytes came next. */
void		 tails_keep(struct tails *t, const struct flow *f, enum flow_dir dir, const uint8_t *p,
		    uint32_t n);

/* The flow is over. */
void		 tails_forget(struct tails *t, const struct flow *f);

#endif
