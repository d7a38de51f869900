#include "base/queue.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define NEAR_LEAST ((size_t)64 << 10)	/* the start of a queue: a 16th of it, or this */

/* Where the consumer really is. */
static size_t
behind_skip(const struct queue *q, size_t tail)
{
	return tail == atomic_load_explicit(&q->skip_from, memory_order_acquire) ?
	    atomic_load_explicit(&q->skip_to, memory_order_relaxed) : tail;
}

int
queue_open(struct queue *q, size_t size, const uint8_t *sixteenths, unsigned classes)
{
	size_t n = QUEUE_CACHE_LINE;

	while (n < size)
		n *= 2;
	*q = (struct queue){ .size = n };
	for (unsigned i = 0; i < classes && i < QUEUE_CLASSES_MAX; i++)
		q->mark[i] = n / 16 * sixteenths[i];
	/* Pages of its own, so that they can be given back. */
	q->bytes = n >= 16 * NEAR_LEAST ? aligned_alloc((size_t)sysconf(_SC_PAGESIZE), n) : malloc(n);
	return q->bytes != NULL ? 0 : -1;
}

void
queue_close(struct queue *q)
{
	free(q->bytes);
	q->bytes = NULL;
}

/* The producer would write behind the first eighth, or not.  false: that is being given back at this very moment. */
static bool
may_write(struct queue *q, size_t head, size_t n)
{
	unsigned how = atomic_load_explicit(&q->giving, memory_order_relaxed);

	if (how == QUEUE_KEEPS)
		return true;
	if ((head & (q->size - 1)) + n <= q->size / 8) {
		if (how == QUEUE_ASKED)
			atomic_store_explicit(&q->giving, QUEUE_AGREED, memory_order_release);
		return true;
	}
	if (how == QUEUE_ASKED)
		return true;
	how = QUEUE_AGREED;
	return atomic_compare_exchange_strong(&q->giving, &how, QUEUE_KEEPS) || how == QUEUE_KEEPS;
}

/* Is there space for `n` bytes of this class behind `head`? */
static bool
has_space(struct queue *q, unsigned class, size_t head, size_t n)
{
	if (!may_write(q, head, n))
		return false;
	if (head - q->tail_seen + n > q->mark[class]) {
		/* The consumer's cache line is only looked at when it matters. */
		q->tail_seen = behind_skip(q, atomic_load_explicit(&q->tail, memory_order_acquire));
		if (head - q->tail_seen + n > q->mark[class])
			return false;
	}
	return true;
}

static void
copy_in(struct queue *q, size_t head, const void *line, size_t n)
{
	size_t at = head & (q->size - 1), first = q->size - at;

	if (n <= first)
		memcpy(q->bytes + at, line, n);
	else {
		memcpy(q->bytes + at, line, first);
		memcpy(q->bytes, (const uint8_t *)line + first, n - first);
	}
}

/* Where the next line goes: to the start when the queue is empty, so that bytes farther on stay untouched. */
static size_t
next_place(struct queue *q)
{
	size_t head = atomic_load_explicit(&q->head, memory_order_relaxed), at = head & (q->size - 1);

	if (at < q->size / 16 || at < NEAR_LEAST || atomic_load_explicit(&q->tail, memory_order_acquire) != head)
		return head;
	/* The consumer sees this when it sees the next head, or finds the queue empty until then. */
	atomic_store_explicit(&q->skip_to, head - at + q->size, memory_order_relaxed);
	atomic_store_explicit(&q->skip_from, head, memory_order_release);
	q->tail_seen = head - at + q->size;
	return q->tail_seen;
}

bool
queue_put(struct queue *q, unsigned class, const void *line, size_t n)
{
	size_t head = next_place(q);

	if (!has_space(q, class, head, n))
		return false;
	copy_in(q, head, line, n);
	atomic_store_explicit(&q->head, head + n, memory_order_release);
	return true;
}

bool
queue_put_behind(struct queue *q, unsigned class, const void *before, size_t n_before, const void *line, size_t n)
{
	size_t head = next_place(q);

	if (!has_space(q, class, head, n_before + n))
		return false;
	copy_in(q, head, before, n_before);
	copy_in(q, head + n_before, line, n);
	atomic_store_explicit(&q->head, head + n_before + n, memory_order_release);
	return true;
}

size_t
queue_look(struct queue *q, struct iovec at[2])
{
	size_t head = atomic_load_explicit(&q->head, memory_order_acquire);
	size_t tail = behind_skip(q, atomic_load_explicit(&q->tail, memory_order_relaxed));
	size_t n = tail < head ? head - tail : 0;
	size_t from = tail & (q->size - 1), first = q->size - from < n ? q->size - from : n;

	at[0] = (struct iovec){ .iov_base = q->bytes + from, .iov_len = first };
	at[1] = (struct iovec){ .iov_base = q->bytes, .iov_len = n - first };
	return n;
}

size_t
queue_peek(struct queue *q, struct iovec at[2])
{
	size_t n = queue_look(q, at), end = (size_t)((uint8_t *)at[0].iov_base - (uint8_t *)q->bytes) + n;

	if (end > q->touched)
		q->touched = end;
	return n;
}

int
queue_part(const struct iovec at[2], size_t skip, size_t most, struct iovec to[2])
{
	int n = 0;

	for (int i = 0; i < 2; i++) {
		size_t len = at[i].iov_len, from = skip < len ? skip : len;

		skip -= from;
		len -= from;
		if (len > most)
			len = most;
		most -= len;
		if (len > 0)
			to[n++] = (struct iovec){ .iov_base = (char *)at[i].iov_base + from, .iov_len = len };
	}
	return n;
}

size_t
queue_whole_lines(const struct iovec at[2], size_t n)
{
	size_t first = n < at[0].iov_len ? n : at[0].iov_len;
	const char *nl = n > first ? memrchr(at[1].iov_base, '\n', n - first) : NULL;

	if (nl != NULL)
		return at[0].iov_len + (size_t)(nl - (const char *)at[1].iov_base) + 1;
	nl = first > 0 ? memrchr(at[0].iov_base, '\n', first) : NULL;
	return nl != NULL ? (size_t)(nl - (const char *)at[0].iov_base) + 1 : 0;
}

size_t
queue_first_line(const struct iovec at[2])
{
	const char *nl = at[0].iov_len > 0 ? memchr(at[0].iov_base, '\n', at[0].iov_len) : NULL;

	if (nl != NULL)
		return (size_t)(nl - (const char *)at[0].iov_base) + 1;
	nl = at[1].iov_len > 0 ? memchr(at[1].iov_base, '\n', at[1].iov_len) : NULL;
	return at[0].iov_len + (nl != NULL ? (size_t)(nl - (const char *)at[1].iov_base) + 1 : at[1].iov_len);
}

void
queue_take(struct queue *q, size_t n)
{
	size_t tail = behind_skip(q, atomic_load_explicit(&q->tail, memory_order_relaxed));

	/* An empty queue is the producer's: its tail stays where it is. */
	if (n > 0)
		atomic_store_explicit(&q->tail, tail + n, memory_order_release);
}

void
queue_give_back(struct queue *q)
{
	size_t keep = q->size / 8, head, tail;
	unsigned how = QUEUE_AGREED;

	if (q->touched <= keep || q->size < 16 * NEAR_LEAST)
		return;
	if (atomic_load_explicit(&q->giving, memory_order_relaxed) == QUEUE_KEEPS) {
		if (queue_fill(q) == 0)
			atomic_store_explicit(&q->giving, QUEUE_ASKED, memory_order_release);
		return;
	}
	if (!atomic_compare_exchange_strong(&q->giving, &how, QUEUE_GIVES))
		return;
	/* From here on the producer stays in the first eighth; nothing that was put must lie behind it. */
	head = atomic_load_explicit(&q->head, memory_order_acquire);
	tail = behind_skip(q, atomic_load_explicit(&q->tail, memory_order_relaxed));
	if (tail <= head && head - tail <= (head & (q->size - 1)) && (head & (q->size - 1)) <= keep) {
		(void)madvise(q->bytes + keep, q->size - keep, MADV_DONTNEED);
		q->touched = keep;
	}
	atomic_store_explicit(&q->giving, QUEUE_KEEPS, memory_order_release);
}

void
queue_rewind(struct queue *q)
{
	size_t head = atomic_load_explicit(&q->head, memory_order_relaxed);
	size_t start = (head + q->size - 1) & ~(q->size - 1);

	if (atomic_load_explicit(&q->tail, memory_order_relaxed) != head)
		return;
	atomic_store_explicit(&q->head, start, memory_order_release);
	atomic_store_explicit(&q->tail, start, memory_order_release);
	q->tail_seen = start;
}

size_t
queue_fill(const struct queue *q)
{
	/* The tail first: it never passes the head. */
	size_t tail = behind_skip(q, atomic_load_explicit(&q->tail, memory_order_acquire));
	size_t head = atomic_load_explicit(&q->head, memory_order_acquire);

	return tail < head ? head - tail : 0;
}
