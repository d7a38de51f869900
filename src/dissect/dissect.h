/* dissect.h - from bytes to operations: the protocol-independent half.
 *
 * Sits behind a stream_sink; knows the dissectors only through the registry.
 * Chooses a dissector by content (a port is a hint), keeps the rest of a split
 * PDU, resynchronises, pairs requests with answers, and says who the client is.
 */
#ifndef DISSECT_DISSECT_H
#define DISSECT_DISSECT_H

#include "base/arena.h"
#include "record/counters.h"
#include "record/operation.h"
#include "record/settings.h"

struct dissect;		/* opaque; one per worker */

/* NULL when there is no memory.  `arena` is the worker's. */
struct dissect	*dissect_open(const struct dissect_settings *s, const struct op_sink *sink,
		    struct arena *arena, struct counters *c);

/* The same with another registry (NULL-ended, borrowed): for tests. */
struct dissector;
struct dissect	*dissect_open_with(const struct dissector *const *list,
		    const struct dissect_settings *s, const struct op_sink *sink,
		    struct arena *arena, struct counters *c);

void	dissect_data(struct dissect *d, struct flow *f, enum flow_dir dir, const uint8_t *p,
	    uint32_t n, uint64_t ts_ns, uint64_t frame, uint16_t source);
void	dissect_gap(struct dissect *d, struct flow *f, enum flow_dir dir, uint64_t lost,
	    uint64_t ts_ns, uint64_t frame, uint16_t source);
void	dissect_datagram(struct dissect *d, struct flow *f, enum flow_dir dir, const uint8_t *p,
	    uint32_t n, bool truncated, uint64_t ts_ns, uint64_t frame, uint16_t source);

/* The flow ends: report its unanswered requests, give its state back. */
void	dissect_closed(struct dissect *d, struct flow *f, uint64_t now_ns);

/* Does a dissector name one of this flow's ports as its own? */
bool	dissect_hinted(const struct dissect *d, const struct flow *f);

/* Report requests that waited longer than the answer timeout. */
void	dissect_tick(struct dissect *d, uint64_t now_ns);

size_t	dissect_memory(const struct dissect *d);
void	dissect_close(struct dissect *d);	/* NULL is ignored */

#endif
