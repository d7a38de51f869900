#include "base/buddy.h"

#include <stdlib.h>
#include <string.h>

#define NONE UINT32_MAX
#define INSIDE 0xffu	/* not the first smallest block of anything */

/* Chain of a free block, kept in the block itself. */
struct free_block { uint32_t prev, next; };

static struct free_block *
at(const struct buddy *b, uint32_t i)
{
	return (struct free_block *)(void *)(b->block + (size_t)i * BUDDY_MIN);
}

static void
put_free(struct buddy *b, uint32_t i, unsigned order)
{
	struct free_block *f = at(b, i);

	*f = (struct free_block){ NONE, b->free_first[order] };
	if (f->next != NONE)
		at(b, f->next)->prev = i;
	b->free_first[order] = i;
	b->state[i] = (uint8_t)(order << 1);
}

static void
take_free(struct buddy *b, uint32_t i, unsigned order)
{
	struct free_block *f = at(b, i);

	if (f->prev != NONE)
		at(b, f->prev)->next = f->next;
	else
		b->free_first[order] = f->next;
	if (f->next != NONE)
		at(b, f->next)->prev = f->prev;
	b->state[i] = INSIDE;
}

int
buddy_open(struct buddy *b, size_t size)
{
	*b = (struct buddy){ .orders = 1, .size = BUDDY_MIN };
	while (b->size < size && b->orders < BUDDY_ORDERS) {
		b->size <<= 1;
		b->orders++;
	}
	b->block = aligned_alloc(BUDDY_MIN, b->size);
	b->state = malloc(b->size / BUDDY_MIN);
	if (b->block == NULL || b->state == NULL) {
		buddy_close(b);
		return -1;
	}
	memset(b->state, INSIDE, b->size / BUDDY_MIN);
	for (unsigned o = 0; o < BUDDY_ORDERS; o++)
		b->free_first[o] = NONE;
	put_free(b, 0, b->orders - 1);
	return 0;
}

void
buddy_close(struct buddy *b)
{
	free(b->block);
	free(b->state);
	*b = (struct buddy){ 0 };
}

void *
buddy_alloc(struct buddy *b, size_t n)
{
	unsigned want = 0, o;
	uint32_t i;

	if (n > b->size)
		return NULL;
	while (((size_t)BUDDY_MIN << want) < n)
		want++;
	for (o = want; o < b->orders && b->free_first[o] == NONE; o++)
		;
	if (o >= b->orders)
		return NULL;
	i = b->free_first[o];
	take_free(b, i, o);
	while (o > want) {
		o--;
		put_free(b, i + (1u << o), o);
	}
	b->state[i] = (uint8_t)(want << 1 | 1u);
	b->used += (size_t)BUDDY_MIN << want;
	if (b->used > b->high_water)
		b->high_water = b->used;
	return at(b, i);
}

void
buddy_free(struct buddy *b, void *p)
{
	uint32_t i, other;
	unsigned o;

	if (p == NULL)
		return;
	i = (uint32_t)((size_t)((uint8_t *)p - b->block) / BUDDY_MIN);
	if ((b->state[i] & 1u) == 0 || b->state[i] == INSIDE)
		abort();	/* freed twice, or never allocated: memory is not to be trusted */
	o = b->state[i] >> 1;
	b->used -= (size_t)BUDDY_MIN << o;
	b->state[i] = INSIDE;
	for (; o + 1 < b->orders; o++) {
		other = i ^ (1u << o);
		if (b->state[other] != o << 1)
			break;
		take_free(b, other, o);
		i = i < other ? i : other;
	}
	put_free(b, i, o);
}
