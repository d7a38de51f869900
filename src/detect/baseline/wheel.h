/* wheel.h - what is due in which second, of things that have a number: a second costs what is due in it, however
 * many there are and however long they wait.
 *
 * Four rings of 64: seconds, and what is due later by the 64, 4,096 and 262,144 of them, which moves on to the finer
 * ring when its turn comes. */
#ifndef DETECT_BASELINE_WHEEL_H
#define DETECT_BASELINE_WHEEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define WHEEL_RINGS	4u
#define WHEEL_SIZE	64u

struct wheel {
	struct wheel_link {
		uint64_t	due_s;
		uint32_t	next;		/* number; the end of its list */
		uint32_t	before;		/* one more than a number, or which list it begins; 0: it is in none */
	}		*of;			/* owned: n */
	uint32_t	 n, waiting;
	uint32_t	 first[WHEEL_RINGS * WHEEL_SIZE + 1];	/* the last one: those that a long time took out of all */
	uint64_t	 soon;			/* a bit for each list of seconds that something was put into */
	uint64_t	 now_s;			/* the second that was looked at last */
};

/* 0 or -1. */
int	 wheel_open(struct wheel *w, uint32_t n);
void	 wheel_close(struct wheel *w);
size_t	 wheel_memory(const struct wheel *w);

/* Number i (below n) is due at due_s, at once: in the next second that is looked at. */
void	 wheel_put(struct wheel *w, uint32_t i, uint64_t due_s);
void	 wheel_remove(struct wheel *w, uint32_t i);	/* if it was in */
bool	 wheel_has(const struct wheel *w, uint32_t i);
static inline uint64_t wheel_due_s(const struct wheel *w, uint32_t i) { return w->of[i].due_s; }	/* if it is in */

/* It is now_s.  Everything that is due goes out and is told, in no order; when the clock was set back, all. */
void	 wheel_turn(struct wheel *w, uint64_t now_s, void (*due)(void *arg, uint32_t i), void *arg);

#endif
