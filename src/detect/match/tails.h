/* tails.h - the last bytes of streams that no dissector frames, so that what lies
 * across two segments is found.
 *
 * A table of fixed size; a stream lives in the one place that its hash allows, and
 * whoever comes there later takes it over: what is lost is a match across two
 * segments, nothing else.
 */
#ifndef DETECT_MATCH_TAILS_H
#define DETECT_MATCH_TAILS_H

#include "record/flow.h"

#define TAIL_LEN	256u	/* bytes remembered of a direction */
#define TAIL_AHEAD	1024u	/* bytes of the next piece that they are joined with */

struct tails;		/* opaque */

struct tails	*tails_open(void);
void		 tails_close(struct tails *t);	/* NULL is ignored */
size_t		 tails_memory(void);

/* What is remembered of this direction, *n bytes; NULL: nothing, or bytes were lost
 * since. */
const uint8_t	*tails_get(const struct tails *t, const struct flow *f, enum flow_dir dir, uint32_t *n);

/* These bytes came next. */
void		 tails_keep(struct tails *t, const struct flow *f, enum flow_dir dir, const uint8_t *p,
		    uint32_t n);

#endif
