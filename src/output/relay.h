/* relay.h - from the queue of a sink to its transport, where lines are more than bytes: they are converted,
 * wait on a disk, are given to a transport that says what has arrived, or all of it.
 *
 *	queue -> [converter] -> [spool] -> stage -> transport -> acknowledged -> stage and spool forget
 *
 * A writer without any of these needs no relay and gives its bytes to the transport as they lie in the queue.
 * All but relay_counts() and what is read of its progress belongs to the writer's thread.
 */
#ifndef OUTPUT_RELAY_H
#define OUTPUT_RELAY_H

#include "base/queue.h"
#include "output/convert/convert.h"
#include "output/output.h"
#include "output/spool/spool.h"
#include "output/transport/transport.h"

struct relay;		/* opaque */

struct relay_settings {
	const char			*name;		/* of the sink */
	const struct converter		*converter;	/* NULL: lines stay as they are */
	struct convert_settings		 convert;
	const struct spool_settings	*spool;		/* NULL: lines wait in memory */
	const char			*rejected;	/* path of the file of rejected lines, or NULL */
	uint64_t			 rejected_bytes;
	uint64_t			 batch_lines, batch_bytes;	/* of the transport; 0: it has none */
	uint64_t			 retry_ns;
};

/* NULL with a problem in `e`.  The transport is opened with relay_host() and then handed to relay_join(). */
struct relay	*relay_open(const struct relay_settings *s, struct err *e);
void		 relay_close(struct relay *r);		/* NULL is ignored; the transport was closed before */
const struct transport_host *relay_host(struct relay *r);
void		 relay_join(struct relay *r, const struct transport *t, void *handle);

/* Everything that is due.  Lines in the queue stand behind a struct line_head.  `finish`: nothing more comes. */
enum carry	 relay_run(struct relay *r, struct queue *q, uint64_t now_ns, bool finish);

/* What poll() shall wait for, besides the bell; returns how many, at most TRANSPORT_FDS.  *ms: at most so
 * long, lowered. */
unsigned	 relay_poll(struct relay *r, enum carry how, struct pollfd *to, uint64_t now_ns, unsigned *ms);

/* Up to this position of the queue lines stand in the spool, as far as it can be written; SIZE_MAX: it cannot. */
size_t		 relay_safe_to(const struct relay *r);

/* Whatever was taken from the queue has arrived, or stands in the spool. */
bool		 relay_settled(const struct relay *r);
/* Whatever was taken from the queue has arrived. */
bool		 relay_arrived(const struct relay *r);
/* Grows whenever a line is given or arrives. */
uint64_t	 relay_progress(const struct relay *r);

/* Lines taken from the queue that a close now would lose. */
uint64_t	 relay_left(const struct relay *r);

/* By anybody: what waits in its spool and was not given is dropped soon. */
void		 relay_drop(struct relay *r);

void		 relay_counts(const struct relay *r, struct sink_counts *to);
size_t		 relay_memory(const struct relay *r);

/* Whole lines that lie in a queue of such a writer. */
uint64_t	 relay_queued(struct queue *q);

#endif
