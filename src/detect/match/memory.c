#include "detect/match/memory.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "detect/slots.h"

#define FLOWS		8192u	/* states of each table */
#define TAGS		2048u
#define NUMBERS		4096u
#define TALLIES		4096u
#define UNIQUES		512u
#define FIRSTS		4096u	/* a power of two */
#define PORT_BITS	1024u
#define SECOND		1000000000ull

struct marks {
	struct slot	slot;
	uint64_t	bits[];		/* bit 0 is MARK_PASSED */
};

struct memory_tag {
	struct slot	slot;
	uint64_t	until_ns;
};

struct number {
	struct slot	slot;
	uint32_t	v;
};

struct tally {
	struct slot	slot;
	uint64_t	start_ns;	/* 0: new */
	uint64_t	n, next;	/* next: backoff */
};

/* Which ports were seen, by hash: exact enough up to some hundred. */
struct unique {
	struct slot	slot;
	uint64_t	seen[PORT_BITS / 64];
};

struct match_memory {
	struct counters	*c;
	uint64_t	 secret;
	struct slots	 marks;		/* no memory: nobody marks flows */
	uint32_t	 n_names;
	struct slots	 tags, numbers, tallies, uniques;
	uint64_t	*firsts;	/* owned */
};

static int
open_table(struct match_memory *m, struct slots *s, uint64_t n, size_t size, enum counter_id evicted)
{
	return slots_open(s, &(struct slots_want){ .n = n, .size = size, .secret = m->secret, .counters = m->c,
	    .evicted = evicted });
}

struct match_memory *
memory_open(struct counters *c, uint64_t key)
{
	struct match_memory *m = calloc(1, sizeof(*m));

	if (m == NULL)
		return NULL;
	m->c = c;
	m->secret = key;
	m->firsts = calloc(FIRSTS, sizeof(*m->firsts));
	if (m->firsts == NULL || open_table(m, &m->tags, TAGS, sizeof(struct memory_tag), CNT_RULES_TAGS_EVICTED) != 0 ||
	    open_table(m, &m->numbers, NUMBERS, sizeof(struct number), CNT_RULES_INTS_EVICTED) != 0 ||
	    open_table(m, &m->tallies, TALLIES, sizeof(struct tally), CNT_RULES_COUNTS_EVICTED) != 0 ||
	    open_table(m, &m->uniques, UNIQUES, sizeof(struct unique), CNT_RULES_COUNTS_EVICTED) != 0) {
		memory_close(m);
		return NULL;
	}
	return m;
}

void
memory_close(struct match_memory *m)
{
	if (m == NULL)
		return;
	slots_close(&m->marks);
	slots_close(&m->tags);
	slots_close(&m->numbers);
	slots_close(&m->tallies);
	slots_close(&m->uniques);
	free(m->firsts);
	free(m);
}

size_t
memory_size(const struct match_memory *m)
{
	return sizeof(*m) + slots_memory(&m->marks) + slots_memory(&m->tags) + slots_memory(&m->numbers) +
	    slots_memory(&m->tallies) + slots_memory(&m->uniques) + FIRSTS * sizeof(*m->firsts);
}

/* ---- flows ---------------------------------------------------------- */

static uint32_t
bit_of(uint32_t name)
{
	return name == MARK_PASSED ? 0 : name + 1;
}

static bool
get_bit(const struct marks *m, uint32_t bit)
{
	return (m->bits[bit / 64] >> bit % 64 & 1u) != 0;
}

static void
set_bit(struct marks *m, uint32_t bit, bool on)
{
	if (on)
		m->bits[bit / 64] |= (uint64_t)1 << bit % 64;
	else
		m->bits[bit / 64] &= ~((uint64_t)1 << bit % 64);
}

int
memory_names(struct match_memory *m, uint32_t n, const uint32_t *to, uint32_t n_to)
{
	const struct marks *old;
	struct slots marks;

	if (open_table(m, &marks, FLOWS, sizeof(struct marks) + (n + 1 + 63) / 64 * sizeof(uint64_t),
	    CNT_RULES_MARKS_EVICTED) != 0)
		return -1;
	for (uint64_t i = 0; (old = slots_at(&m->marks, i)) != NULL; i++) {
		struct marks *new;

		if (old->slot.key == 0)
			continue;
		new = slots_get(&marks, old->slot.key, old->slot.last_ns);
		set_bit(new, 0, get_bit(old, 0));
		for (uint32_t k = 0; k < m->n_names && k < n_to; k++)
			if (to[k] < n && get_bit(old, k + 1))
				set_bit(new, to[k] + 1, true);
	}
	slots_close(&m->marks);
	m->marks = marks;
	m->n_names = n;
	return 0;
}

static struct marks *
marks_of(struct match_memory *m, const struct flow *f)
{
	return m->marks.mem == NULL || f == NULL ? NULL : slots_find(&m->marks, f->id * 2 + 1);
}

bool
memory_marked(struct match_memory *m, const struct flow *f, uint32_t name)
{
	const struct marks *x = marks_of(m, f);

	return x != NULL && get_bit(x, bit_of(name));
}

void
memory_mark(struct match_memory *m, const struct flow *f, uint32_t name, bool on)
{
	if (m->marks.mem != NULL && f != NULL && (on || marks_of(m, f) != NULL))
		set_bit(slots_get(&m->marks, f->id * 2 + 1, f->last_ns), bit_of(name), on);
}

void
memory_flow_end(struct match_memory *m, const struct flow *f)
{
	struct marks *x = marks_of(m, f);

	if (x != NULL)
		x->slot.key = 0;
}

/* ---- addresses ------------------------------------------------------ */

bool
memory_tagged(struct match_memory *m, uint64_t key, uint64_t now_ns)
{
	const struct memory_tag *t = slots_find(&m->tags, key | 1);

	return t != NULL && now_ns < t->until_ns;
}

void
memory_tag(struct match_memory *m, uint64_t key, bool on, uint32_t expire_s, uint64_t now_ns)
{
	struct memory_tag *t = on ? slots_get(&m->tags, key | 1, now_ns) : slots_find(&m->tags, key | 1);

	if (on)
		t->until_ns = expire_s != 0 ? now_ns + expire_s * SECOND : UINT64_MAX;
	else if (t != NULL)
		t->slot.key = 0;
}

/* ---- numbers -------------------------------------------------------- */

static uint64_t
number_key(const struct flow *f, uint64_t name)
{
	return hash_mix(f->id * 2 + 1, name | 1) | 1;
}

bool
memory_number(struct match_memory *m, const struct flow *f, uint64_t name, uint32_t *v)
{
	const struct number *x = slots_find(&m->numbers, number_key(f, name));

	*v = x != NULL ? x->v : 0;
	return x != NULL;
}

void
memory_set_number(struct match_memory *m, const struct flow *f, uint64_t name, uint32_t v, uint64_t now_ns)
{
	struct number *x = slots_get(&m->numbers, number_key(f, name), now_ns);

	x->v = v;
}

void
memory_forget_number(struct match_memory *m, const struct flow *f, uint64_t name)
{
	struct number *x = slots_find(&m->numbers, number_key(f, name));

	if (x != NULL)
		x->slot.key = 0;
}

/* ---- counts --------------------------------------------------------- */

static bool
new_port(struct match_memory *m, uint64_t key, bool fresh, uint16_t port, uint64_t now_ns)
{
	struct unique *u = slots_get(&m->uniques, key, now_ns);
	uint32_t bit = (uint32_t)(hash_mix(port ^ m->secret, 0x9e3779b97f4a7c15u) >> 24) & (PORT_BITS - 1);

	if (fresh)
		memset(u->seen, 0, sizeof(u->seen));
	if ((u->seen[bit / 64] >> bit % 64 & 1u) != 0)
		return false;
	u->seen[bit / 64] |= (uint64_t)1 << bit % 64;
	return true;
}

/* One more match of this tally. */
static enum match_count
one_more(struct match_memory *m, struct tally *y, const struct rule_threshold *t, uint16_t port, uint64_t now_ns)
{
	switch (t->type) {
	case THRESHOLD_LIMIT:
		return y->n <= t->count ? COUNT_REPORT : COUNT_SILENT;
	case THRESHOLD_THRESHOLD:
		if (y->n < t->count)
			return COUNT_NO;
		y->n = 0;
		if (t->unique_on != UNIQUE_NONE)
			(void)new_port(m, y->slot.key, true, port, now_ns);
		return COUNT_REPORT;
	case THRESHOLD_BOTH:
		return y->n < t->count ? COUNT_NO : y->n == t->count ? COUNT_REPORT : COUNT_SILENT;
	case THRESHOLD_FILTER:
		return y->n > t->count ? COUNT_REPORT : COUNT_NO;
	case THRESHOLD_BACKOFF:
		if (y->next == 0)
			y->next = t->count;
		if (y->n != y->next)
			return COUNT_SILENT;
		y->next = y->next * (t->multiplier > 1 ? t->multiplier : 2);
		return COUNT_REPORT;
	default:
		return COUNT_REPORT;
	}
}

enum match_count
memory_count(struct match_memory *m, uint64_t key, const struct rule_threshold *t, uint16_t port,
    uint64_t now_ns, uint64_t *n)
{
	struct tally *y = slots_get(&m->tallies, key | 1, now_ns);
	bool anew = y->n == 0 && y->start_ns == 0;

	/* The clock may step back a little: that is still the same window. */
	anew |= t->type != THRESHOLD_BACKOFF && now_ns > y->start_ns && now_ns - y->start_ns > t->seconds * SECOND;
	if (anew) {
		y->start_ns = now_ns;
		y->n = 0;
	}
	if (t->unique_on != UNIQUE_NONE && !new_port(m, key | 1, anew, port, now_ns)) {
		*n = y->n;
		return t->type == THRESHOLD_FILTER && y->n > t->count ? COUNT_REPORT : COUNT_NO;
	}
	*n = ++y->n;
	return one_more(m, y, t, port, now_ns);
}

/* ---- operations ----------------------------------------------------- */

bool
memory_first(struct match_memory *m, uint64_t key)
{
	uint64_t *at = &m->firsts[(key >> 16) & (FIRSTS - 1)];

	if (*at == key)
		return false;
	*at = key;
	return true;
}
