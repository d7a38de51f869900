/* buddy.h - malloc and free inside one block taken at start.
 *
 * For libraries that allocate on the packet path: their
 * memory gets a ceiling, and the packet path stays free of malloc.  Blocks are
 * powers of two from 64 bytes and merge when freed, so no size can starve
 * another for good.  Not thread safe: one belongs to one worker.
 */
#ifndef BASE_BUDDY_H
#define BASE_BUDDY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define BUDDY_MIN 64u		/* bytes of the smallest block */
#define BUDDY_ORDERS 20

struct buddy {
	uint8_t		*block;		/* owned; aligned to BUDDY_MIN */
	uint8_t		*state;		/* owned; one per smallest block: order << 1 | used, or inside */
	size_t		 size;		/* bytes; a power of two times BUDDY_MIN */
	size_t		 used;		/* bytes handed out, rounding included */
	size_t		 high_water;
	uint32_t	 free_first[BUDDY_ORDERS];	/* per order: chain of free blocks */
	unsigned	 orders;
};

/* Take `size` bytes, rounded up to a power of two.  0, or -1 without memory. */
int	 buddy_open(struct buddy *b, size_t size);
void	 buddy_close(struct buddy *b);

/* n bytes, aligned for any type, not cleared; NULL when nothing fits. */
void	*buddy_alloc(struct buddy *b, size_t n);

/* Give back what buddy_alloc() gave.  `p` must be one of its blocks. */
void	 buddy_free(struct buddy *b, void *p);

/* Is p inside the block? */
static inline bool
buddy_owns(const struct buddy *b, const void *p)
{
	return (uintptr_t)p - (uintptr_t)b->block < b->size;
}

#endif
