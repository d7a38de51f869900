#include "detect/baseline/wheel.h"

#include <stdlib.h>

#define NONE	UINT32_MAX
#define LIST	(1u << 31)	/* of `before`: it begins this list */
#define ASIDE	(WHEEL_RINGS * WHEEL_SIZE)
#define BITS	6u		/* of a ring */
#define LONG_S	(1u << 2 * BITS)	/* a time that is not walked through second by second */
#define FAR_S	((uint64_t)(WHEEL_SIZE - 1) << (WHEEL_RINGS - 1) * BITS)	/* nothing is further away */

int
wheel_open(struct wheel *w, uint32_t n)
{
	*w = (struct wheel){ .n = n, .of = calloc(n, sizeof(*w->of)) };
	for (uint32_t i = 0; i <= ASIDE; i++)
		w->first[i] = NONE;
	return w->of != NULL ? 0 : -1;
}

void
wheel_close(struct wheel *w)
{
	free(w->of);
	w->of = NULL;
}

size_t
wheel_memory(const struct wheel *w)
{
	return w->n * sizeof(*w->of);
}

bool
wheel_has(const struct wheel *w, uint32_t i)
{
	return w->of[i].before != 0;
}

void
wheel_remove(struct wheel *w, uint32_t i)
{
	struct wheel_link *l = &w->of[i];

	if (l->before == 0)
		return;
	if (l->next != NONE)
		w->of[l->next].before = l->before;
	if ((l->before & LIST) != 0)
		w->first[l->before & ~LIST] = l->next;
	else
		w->of[l->before - 1].next = l->next;
	l->before = 0;
	w->waiting--;
}

static void
begin_list(struct wheel *w, uint32_t list, uint32_t i)
{
	struct wheel_link *l = &w->of[i];

	l->next = w->first[list];
	l->before = LIST | list;
	if (l->next != NONE)
		w->of[l->next].before = i + 1;
	w->first[list] = i;
	if (list < WHEEL_SIZE)
		w->soon |= 1ull << list;
	w->waiting++;
}

/* Into the finest ring that reaches so far; it is due now or later. */
static void
place(struct wheel *w, uint32_t i)
{
	uint64_t due_s = w->of[i].due_s, after = due_s - w->now_s;
	unsigned ring = 0;

	while (ring + 1 < WHEEL_RINGS && after >> (ring + 1) * BITS != 0)
		ring++;
	begin_list(w, ring * WHEEL_SIZE + (uint32_t)(due_s >> ring * BITS) % WHEEL_SIZE, i);
}

void
wheel_put(struct wheel *w, uint32_t i, uint64_t due_s)
{
	wheel_remove(w, i);
	w->of[i].due_s = due_s <= w->now_s ? w->now_s + 1 : due_s - w->now_s > FAR_S ? w->now_s + FAR_S : due_s;
	place(w, i);
}

/* What waits in a coarse ring for this time goes into finer ones. */
static void
move_on(struct wheel *w, unsigned ring)
{
	uint32_t list = ring * WHEEL_SIZE + (uint32_t)(w->now_s >> ring * BITS) % WHEEL_SIZE, next;

	for (uint32_t i = w->first[list]; i != NONE; i = next) {
		next = w->of[i].next;
		wheel_remove(w, i);
		place(w, i);
	}
}

static void
tell(struct wheel *w, uint32_t list, void (*due)(void *arg, uint32_t i), void *arg)
{
	for (uint32_t i; (i = w->first[list]) != NONE; ) {
		wheel_remove(w, i);
		due(arg, i);
	}
}

/* Much time, or none: all that waits is looked at. */
static void
leap(struct wheel *w, uint64_t now_s, void (*due)(void *arg, uint32_t i), void *arg)
{
	bool back = now_s < w->now_s;
	uint32_t later = NONE;

	for (uint32_t list = 0; list < ASIDE; list++)
		for (uint32_t i; (i = w->first[list]) != NONE; ) {
			wheel_remove(w, i);
			if (back || w->of[i].due_s <= now_s) {
				begin_list(w, ASIDE, i);
				continue;
			}
			w->of[i].next = later;
			later = i;
		}
	w->now_s = now_s;
	for (uint32_t next; later != NONE; later = next) {
		next = w->of[later].next;
		place(w, later);
	}
	tell(w, ASIDE, due, arg);
}

/* The next one with anything to do: something is due in it, or a coarser ring moves on; at most now_s. */
static uint64_t
next_second(const struct wheel *w, uint64_t now_s)
{
	uint64_t s = w->now_s + 1, at = s % WHEEL_SIZE, ahead = w->soon >> at;

	/* Those behind `at` are of the next turn, which begins with the coarser ring. */
	if (at != 0)
		s += ahead != 0 ? (uint64_t)__builtin_ctzll(ahead) : WHEEL_SIZE - at;
	return s < now_s ? s : now_s;
}

void
wheel_turn(struct wheel *w, uint64_t now_s, void (*due)(void *arg, uint32_t i), void *arg)
{
	if (w->waiting == 0)
		w->now_s = now_s;
	if (now_s < w->now_s || now_s - w->now_s > LONG_S) {
		leap(w, now_s, due, arg);
		return;
	}
	while (w->now_s < now_s) {
		w->now_s = next_second(w, now_s);
		for (unsigned ring = 1; ring < WHEEL_RINGS && (w->now_s & ((1ull << ring * BITS) - 1)) == 0; ring++)
			move_on(w, ring);
		if ((w->soon >> w->now_s % WHEEL_SIZE & 1u) == 0)
			continue;
		tell(w, (uint32_t)w->now_s % WHEEL_SIZE, due, arg);
		w->soon &= ~(1ull << w->now_s % WHEEL_SIZE);
	}
}
