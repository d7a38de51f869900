/* queue.h - lines, or rows, between the packet thread and the thread of a writer.
 *
 * A ring of bytes with one producer and one consumer, without a lock: neither
 * ever waits for the other here.  A line is put whole or not at all, and lines
 * leave in the order in which they came, whatever their class.
 *
 * The class decides how full the queue may be for a line to be taken: operations
 * fill half of it, alerts of severity 1 and 2 all of it.  So a queue that nobody
 * empties loses the least important first, and no flood of small talk takes the
 * space that the next alert needs.
 *
 * A queue that is empty whenever somebody looks stays near its start, so that only what really waited for a time
 * costs memory.
 */
#ifndef BASE_QUEUE_H
#define BASE_QUEUE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

#define QUEUE_CLASSES_MAX 8u

#define QUEUE_CACHE_LINE 64

struct queue {
	uint8_t	*bytes;			/* owned; `size` of them, a power of two */
	size_t	 size;
	size_t	 mark[QUEUE_CLASSES_MAX];	/* bytes in the queue with a new line of that class */

	/* Positions only grow; the byte of position p is bytes[p % size].  Each end
	 * has a cache line of its own. */
	char		 apart[QUEUE_CACHE_LINE];
	atomic_size_t	 head;		/* the producer's */
	atomic_size_t	 skip_from, skip_to;	/* the same: nothing lies between, and a tail at the one is at the other */
	atomic_uint	 giving;	/* enum queue_giving */
	size_t		 tail_seen;	/* the producer's: tail when it last looked */
	char		 apart_too[QUEUE_CACHE_LINE];
	atomic_size_t	 tail;		/* the consumer's */
	size_t		 touched;	/* the same: so far bytes lay, since they were last given back */
};

/* Memory behind the first eighth goes back to the system when the consumer asks (ASKED) and the producer, who may take that
 * back, agrees (AGREED) not to write there. */
enum queue_giving { QUEUE_KEEPS, QUEUE_ASKED, QUEUE_AGREED, QUEUE_GIVES };

/* `size` is rounded up to a power of two.  sixteenths: of it, by class, at most QUEUE_CLASSES_MAX
 * of them.  0, or -1 without memory. */
int	queue_open(struct queue *q, size_t size, const uint8_t *sixteenths, unsigned classes);
void	queue_close(struct queue *q);

/* ---- producer ---- */

/* false: no space for a line of this class, nothing happened. */
bool	queue_put(struct queue *q, unsigned class, const void *line, size_t n);
/* The same with something before it. */
bool	queue_put_behind(struct queue *q, unsigned class, const void *before, size_t n_before,
	    const void *line, size_t n);

/* ---- consumer ---- */

/* What lies in the queue: up to two pieces, since the ring goes round.  Returns
 * the bytes of both. */
size_t	queue_peek(struct queue *q, struct iovec at[2]);
/* The same by another thread, when nothing is put any more: to count what was left.  The consumer may still take some of it. */
size_t	queue_look(struct queue *q, struct iovec at[2]);

/* The part from byte `from` of what was seen, at most `most` bytes.  Returns how many pieces
 * it is, 0 to 2. */
int	queue_part(const struct iovec at[2], size_t from, size_t most, struct iovec to[2]);

/* Bytes of whole lines in its first `n`. */
size_t	queue_whole_lines(const struct iovec at[2], size_t n);

/* Bytes of its first line, with the newline; of all where there is none. */
size_t	queue_first_line(const struct iovec at[2]);

/* The first `n` bytes of what was seen are done with. */
void	queue_take(struct queue *q, size_t n);

/* Called now and then by who found it empty, or nearly: a queue that was full once gives its memory back. */
void	queue_give_back(struct queue *q);

/* ---- who is both ---- */

/* If it is empty, begin again at its start: what lies there is still in the
 * processor's cache. */
void	queue_rewind(struct queue *q);

/* ---- either ---- */

/* Positions, which only grow: up to where lines were put, and were taken. */
static inline size_t
queue_put_to(const struct queue *q)
{
	return atomic_load_explicit(&q->head, memory_order_acquire);
}

static inline size_t
queue_taken_to(const struct queue *q)
{
	return atomic_load_explicit(&q->tail, memory_order_acquire);
}

size_t	queue_fill(const struct queue *q);

#endif
