/* arena.h - memory that lives until the next packet.
 *
 * One block taken at start, handed out by moving a mark, emptied at the top of
 * the packet loop.  When it is full, arena_alloc() gives NULL and the overflow
 * bit stays set until the reset: callers keep what they have and lose the rest.
 * Under AddressSanitizer freed bytes are poisoned, so a pointer kept across
 * packets is caught.  Not thread safe: one arena belongs to one worker.
 */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena {
	uint8_t	*block;		/* owned */
	size_t	 size;		/* bytes in block */
	size_t	 used;		/* bytes handed out since the reset */
	bool	 overflow;	/* something was refused since the reset */
};

/* Take the block.  0, or -1 when there is no memory. */
int	 arena_open(struct arena *a, size_t size);
void	 arena_close(struct arena *a);

/* Forget everything handed out. */
void	 arena_reset(struct arena *a);

/* Forget what was handed out since `mark`, an earlier value of a->used.  Work
 * that repeats within one packet (a segment of many PDUs) gives back after each
 * round; the overflow bit stays. */
void	 arena_rewind(struct arena *a, size_t mark);

/* n bytes, aligned for any type, not cleared; NULL when the arena is full. */
void	*arena_alloc(struct arena *a, size_t n);

/* n zeroed elements of `size` bytes each; NULL when full or when n*size wraps. */
void	*arena_zalloc(struct arena *a, size_t n, size_t size);

/* A copy of n bytes; NULL when full. */
void	*arena_copy(struct arena *a, const void *from, size_t n);

#endif
