/* stream.h - from packets to conversations: flows, TCP order, gaps, names.
 *
 * TCP bytes leave in order and once; what never arrived leaves as a gap.
 * Datagrams leave as they are.  The table, the reordering memory and every
 * flow's share of it are bounded; nothing is allocated after stream_open().
 */
#ifndef STREAM_STREAM_H
#define STREAM_STREAM_H

#include "record/anomaly.h"
#include "record/counters.h"
#include "record/flow.h"
#include "record/packet.h"
#include "record/settings.h"

struct stream;		/* opaque; one per worker */

/* When and where a piece came from: the later of the frame that brought it and
 * the one that brought the bytes before it.  Bytes that waited, for a hole that
 * was given up or for the other direction, keep the time they were sent. */
struct stream_at {
	uint64_t	ts_ns;		/* of the frame, capture clock */
	uint64_t	frame;
	uint16_t	source;
};

struct stream_sink {
	/* Every packet but its bytes, before they go on: its flow (NULL: it has none, or
	 * the table had no place) and from which end of it.  NULL: nobody looks. */
	void	(*packet)(void *arg, const struct packet *p, struct flow *f, enum flow_dir dir);
	/* In-order bytes of a TCP flow from end `dir`; n > 0; borrowed. */
	void	(*data)(void *arg, struct flow *f, enum flow_dir dir, const uint8_t *p,
		    uint32_t n, const struct stream_at *at);
	/* `lost` > 0 bytes from end `dir` will never come. */
	void	(*gap)(void *arg, struct flow *f, enum flow_dir dir, uint64_t lost,
		    const struct stream_at *at);
	/* One datagram of a UDP flow; `truncated`: it was longer on the wire. */
	void	(*datagram)(void *arg, struct flow *f, enum flow_dir dir, const uint8_t *p,
		    uint32_t n, bool truncated, const struct stream_at *at);
	/* The flow is over; dissect must let go of f->dissection now. */
	void	(*closed)(void *arg, struct flow *f, enum flow_end_reason why, uint64_t now_ns);
	void	(*anomaly)(void *arg, const struct anomaly *a);
	void	*arg;
	uint32_t  slots;	/* bytes of flow_slots that each flow carries */
	/* A flow was made for the packet in hand, before anything else is told of it.  NULL:
	 * nobody wants to know. */
	void	(*begun)(void *arg, struct flow *f);
};

struct stream	*stream_open(const struct stream_settings *s, const struct stream_sink *sink,
		    struct counters *c);

/* Prepare now what is otherwise prepared when the first flow wants a name (some 10
 * milliseconds, no memory): for those who cannot wait in the middle of a capture. */
void		 stream_ready(struct stream *st);

void		 stream_packet(struct stream *st, const struct packet *p);

/* Capture time has come to now_ns: end quiet flows, declare gaps that were
 * waited for long enough. */
void		 stream_tick(struct stream *st, uint64_t now_ns);

/* End of the run: deliver what is still waiting (with gaps), close every flow
 * in the order in which they began. */
void		 stream_finish(struct stream *st, uint64_t now_ns);

/* The flow's Community ID (community-id-spec 1.0). */
void		 stream_community_id(const struct flow *f, uint16_t seed, char to[COMMUNITY_ID_MAX]);

/* Name of nDPI risk bit `bit`, or NULL. */
const char	*flow_risk_name(unsigned bit);

/* The i-th name that nDPI gives flows (flow.app_proto, one part of it), built in or not; or
 * NULL. */
const char	*flow_app_name(unsigned i);
/* All names that nDPI itself has, of this version: lower case, one a line, a line's end before
 * the first; for the caller to free.  Takes some 10 milliseconds.  NULL: no nDPI, or no memory. */
char		*flow_app_names(void);

size_t		 stream_memory(const struct stream *st);
void		 stream_close(struct stream *st);	/* NULL is ignored */

#endif
