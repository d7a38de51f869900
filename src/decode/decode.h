/* decode.h - from a frame to the innermost IP packet.
 *
 * Follows link headers, tags and tunnels, takes PRP trailers and HSR tags off,
 * puts IP fragments together and drops frames that were seen already.  Knows
 * nothing of flows.  All memory is taken in decode_open().
 */
#ifndef DECODE_DECODE_H
#define DECODE_DECODE_H

#include "record/anomaly.h"
#include "record/counters.h"
#include "record/frame.h"
#include "record/packet.h"
#include "record/settings.h"
#include "record/unfollowed.h"

struct decoder;		/* opaque; one per worker */

/* Called for each packet that came out whole.  `p` is borrowed. */
struct decode_sink {
	void	(*packet)(void *arg, const struct packet *p);
	void	(*anomaly)(void *arg, const struct anomaly *a);
	void	*arg;
	/* Each IP header that is not the innermost packet's, before that: a fragment as it
	 * came (PKT_FRAGMENT: payload is all after its IP header, ports are 0), and what
	 * carries a tunnel (PKT_OUTER: with the ports and payload of its own UDP header).
	 * NULL: nobody wants them.  No flow belongs to them. */
	void	(*header)(void *arg, const struct packet *p);
};

/* NULL when there is no memory. */
struct decoder	*decode_open(const struct decode_settings *s, const struct decode_sink *sink,
		    struct counters *c);

/* One frame in; none or one packet out. */
void		 decode_frame(struct decoder *d, const struct frame *f);

/* Capture time has come to now_ns: give up fragments that never completed. */
void		 decode_tick(struct decoder *d, uint64_t now_ns);

/* Which EtherTypes and IP protocols were not followed, since the start. */
const struct unfollowed *decode_unfollowed(const struct decoder *d);

/* Bytes of memory held. */
size_t		 decode_memory(const struct decoder *d);

/* End of the run: give up what is still incomplete. */
void		 decode_finish(struct decoder *d, uint64_t now_ns);
void		 decode_close(struct decoder *d);	/* NULL is ignored */

#endif
