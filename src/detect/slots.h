/* slots.h - bounded memory of the built-in detectors: states by key, and numbers
 * and different things within a sliding time.
 *
 * A key's states share a set of eight.  Which set is hashed with a key that is random
 * in a live sensor, so that nobody can choose addresses that share one; in a replay it
 * is fixed, and the same capture gives the same findings.  Evicted is the one that was
 * quiet longest, of what nobody has answered before of what somebody has: addresses can
 * be made up by the thousand, answers cannot.  It is counted when it could still have
 * mattered.
 */
#ifndef DETECT_SLOTS_H
#define DETECT_SLOTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "record/addr.h"
#include "record/counters.h"
#include "record/settings.h"

/* Every state begins with this. */
struct slot {
	uint64_t	key;		/* 0: free */
	uint64_t	last_ns;
	bool		proven;		/* set by its owner: a handshake or an answer was seen */
};

struct slots {
	uint8_t		*mem;		/* owned */
	uint32_t	 sets;		/* a power of two */
	size_t		 size;		/* bytes of a state */
	uint64_t	 secret;	/* of the hash */
	uint64_t	 matters_ns;	/* a state that was quiet for longer is worth nothing any more */
	struct counters	*counters;
	enum counter_id	 evicted;
};

struct slots_want {
	uint64_t	 n;
	size_t		 size;		/* bytes of a state */
	uint64_t	 secret;
	uint64_t	 matters_s;	/* 0: for ever */
	struct counters	*counters;
	enum counter_id	 evicted;
};

/* 0 or -1. */
int	 slots_open(struct slots *s, const struct slots_want *w);
void	 slots_close(struct slots *s);
size_t	 slots_memory(const struct slots *s);

/* The i-th of all values, free ones too; NULL behind the last. */
void	*slots_at(const struct slots *s, uint64_t i);
/* The state of a key; NULL when there is none. */
void	*slots_find(struct slots *s, uint64_t key);
/* The same, new and zeroed when there was none. */
void	*slots_get(struct slots *s, uint64_t key, uint64_t now_ns);

/* A key for what is known of an address: `kind` tells matters apart.  Never 0. */
uint64_t slots_key(uint64_t secret, uint64_t kind, const struct addr *a);

/* How often within a time: in parts of a tenth of it, the one that runs among them,
 * so that what counts is never older than that time. */
#define RATE_PARTS 10u
struct rate_count {
	uint64_t	part;		/* number of the newest */
	uint16_t	n[RATE_PARTS];
};

/* One more; how many now. */
uint32_t rate_add(struct rate_count *r, uint64_t ts_ns, uint64_t within_s);
/* How many, without one more. */
uint32_t rate_now(const struct rate_count *r, uint64_t ts_ns, uint64_t within_s);
void	 rate_clear(struct rate_count *r);

/* What goes on and on is reported once: at first and while its alert is open (`open_s`, alerts.merge),
 * when it grows to twice of what it came to in its first `settle_s`, and when it comes back after it did
 * not happen for `forget_s`.  Seconds of capture time; zeroed: it never happened. */
struct steady {
	uint32_t	reported_s, last_s;
	uint32_t	level;
};
struct steady_times {
	uint64_t	open_s, settle_s, forget_s;
};

/* It happened once more, at this level (0: it has none): is that to be reported? */
bool	 steady_news(struct steady *k, uint32_t level, uint64_t ts_ns, const struct steady_times *t);

/* The same for several things of one owner: the one that was quiet longest is evicted. */
#define STEADY_THINGS	6u
struct steady_things {
	struct { uint32_t what; struct steady known; } e[STEADY_THINGS];
};
bool	 steady_thing_news(struct steady_things *k, uint64_t what, uint64_t ts_ns, const struct steady_times *t);

/* How many different things within a time. */
#define DISTINCT_MAX 64u
struct distinct {
	uint32_t	n;
	bool		fresh;		/* the last one was not known before */
	struct { uint32_t what, at; } e[DISTINCT_MAX];	/* hash; tenths of a second */
};

/* One more thing, by its hash; how many different ones now. */
uint32_t distinct_add(struct distinct *d, uint64_t what, uint64_t ts_ns, uint64_t within_s);
/* Of those, how many within a shorter time. */
uint32_t distinct_within(const struct distinct *d, uint64_t ts_ns, uint64_t within_s);

#endif
