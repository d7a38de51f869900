/* block.c - a few blocks of memory, lent to whoever puts something together.
 *
 * A number is the index of the block and the serial of its owner, so that a
 * block that went to somebody else is not found any more.
 */
#include <stdlib.h>

#include "dissect/conversation.h"

int
block_open(struct dissect *d, uint32_t n)
{
	list_init(&d->block_by_use);
	d->blocks = calloc(n, sizeof(*d->blocks));
	d->block_bytes = calloc(n, DIS_BLOCK_LEN);
	if (d->blocks == NULL || d->block_bytes == NULL)
		return -1;
	d->n_blocks = n;
	for (uint32_t i = 0; i < n; i++) {
		d->blocks[i].bytes = d->block_bytes + (size_t)i * DIS_BLOCK_LEN;
		list_append(&d->block_by_use, &d->blocks[i].by_use);
	}
	return 0;
}

void
block_close(struct dissect *d)
{
	free(d->blocks);
	free(d->block_bytes);
	d->blocks = NULL;
	d->block_bytes = NULL;
	d->n_blocks = 0;
}

static void
give(struct dissect *d, struct block *b)
{
	b->owner->n_blocks--;
	b->owner = NULL;
	/* To the front: free ones are taken first. */
	list_remove(&b->by_use);
	list_append(d->block_by_use.next, &b->by_use);
}

void
block_release(struct dissect *d, struct conversation *c)
{
	for (uint32_t i = 0; c->n_blocks > 0 && i < d->n_blocks; i++)
		if (d->blocks[i].owner == c)
			give(d, &d->blocks[i]);
}

uint64_t
dis_block_take(struct dis_ctx *x)
{
	struct dissect *d = x->dissect;
	struct block *b = LIST_OWNER(d->block_by_use.next, struct block, by_use);

	if (b->owner != NULL) {
		count(d->counters, CNT_APP_PART_EVICTED);
		b->owner->n_blocks--;
	}
	b->owner = x->conv;
	b->owner->n_blocks++;
	b->serial++;
	list_touch(&d->block_by_use, &b->by_use);
	return (uint64_t)b->serial << 32 | (uint32_t)(b - d->blocks + 1);
}

static struct block *
find(const struct dis_ctx *x, uint64_t number)
{
	uint32_t i = (uint32_t)number;
	struct block *b;

	if (i == 0 || i > x->dissect->n_blocks)
		return NULL;
	b = &x->dissect->blocks[i - 1];
	return b->owner == x->conv && b->serial == (uint32_t)(number >> 32) ? b : NULL;
}

uint8_t *
dis_block(struct dis_ctx *x, uint64_t number)
{
	struct block *b = find(x, number);

	if (b == NULL)
		return NULL;
	list_touch(&x->dissect->block_by_use, &b->by_use);
	return b->bytes;
}

void
dis_block_give(struct dis_ctx *x, uint64_t number)
{
	struct block *b = find(x, number);

	if (b != NULL)
		give(x->dissect, b);
}
