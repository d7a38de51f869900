/* windows.h - alerts that were written and still count what is like them.
 *
 * All windows last equally long.  When the table is full, an alert about a
 * conversation that nobody took up (anybody can forge those) is evicted first, the
 * oldest of them; alerts of severity 1 keep a quarter of the table for themselves.
 */
#ifndef ALERT_WINDOWS_H
#define ALERT_WINDOWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/hmap.h"
#include "record/alert.h"
#include "record/counters.h"

#define WINDOW_SENTENCE	320u
#define WINDOW_WHAT	64u
#define WINDOW_FILE	48u

struct window {
	uint64_t	 hash;		/* 0: free */
	uint32_t	 next, prev;	/* in its list, by since_ns */
	uint8_t		 list;
	bool		 pending;	/* what became of the command is not known yet */
	bool		 asked;		/* outcomes[] mean something */
	uint8_t		 best;		/* enum op_outcome: of what was written, the one that came to most */
	uint64_t	 id, count, first_ns, last_ns, last_frame;
	uint64_t	 since_ns;	/* it ends so long after this: when it began, or was last kept open */
	uint64_t	 reported, ends, reported_ends;	/* count as it was written last; outcomes, and as of then */
	uint64_t	 tx, flow_id;	/* the operation that it was written for */
	uint64_t	 outcomes[OP_OUTCOME_COUNT];
	struct finding	 finding;	/* what is borrowed for the call only is NULL, or points into: */
	struct flow	 flow;		/* so that an update has the header of the first */
	struct packet	 packet;
	uint8_t		 mac[2][6];
	char		 what[WINDOW_WHAT], expected[WINDOW_WHAT];
	char		 uid[ALERT_UID_LEN + 1];
	char		 sentence[WINDOW_SENTENCE], file[WINDOW_FILE];
};

#define WINDOW_LISTS 4u		/* urgent or not, proven or not */

struct windows {
	struct window	*all;		/* owned; n */
	uint32_t	 n, in_use, free;	/* free: first of the chain */
	uint32_t	 first[WINDOW_LISTS], last[WINDOW_LISTS], count[WINDOW_LISTS];
	bool		 each;		/* nothing is merged: an operation has its own window */
	uint64_t	 key;		/* of the hash */
	struct hmap	 map;		/* hash -> index */
};

#define WINDOW_NONE UINT32_MAX

/* 0 or -1.  `each`: findings are alike only when they are about one operation. */
int	 windows_open(struct windows *ws, uint32_t n, uint64_t key, bool each);
void	 windows_close(struct windows *ws);
size_t	 windows_memory(const struct windows *ws);

/* The window that a finding belongs to; NULL none. */
struct window *windows_find(const struct windows *ws, const struct finding *f);

/* The one to evict when `in_use == n`. */
struct window *windows_victim(const struct windows *ws);

/* A new one with copies of what an update needs; there must be room. */
struct window *windows_add(struct windows *ws, const struct alert *al, bool proven);

/* Its conversation has been answered. */
void	 windows_prove(struct windows *ws, struct window *w);

/* The one that began first; NULL none. */
struct window *windows_oldest(const struct windows *ws);

/* It goes on from now_ns: what became of its command is not known yet. */
void	 windows_keep(struct windows *ws, struct window *w, uint64_t now_ns);

/* What may have changed since: flow counters, the last frame and time. */
void	 windows_touch(struct window *w, const struct finding *f);

void	 windows_remove(struct windows *ws, struct window *w);

#endif
