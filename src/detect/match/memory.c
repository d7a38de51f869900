#include "detect/match/memory.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"

#define WAYS		4u
#define FLOWS		8192u	/* entries of each table: powers of two */
#define TAGS		2048u
#define TALLIES		4096u
#define UNIQUES		512u
#define FIRSTS		4096u
#define PORT_BITS	1024u
#define SECOND		1000000000ull

struct tag {
	uint64_t	key, until_ns, used_ns;
};

struct tally {
	uint64_t	key;		/* 0 free */
	uint64_t	start_ns, used_ns;
	uint64_t	n, next;	/* next: backoff */
	uint32_t	unique;		/* number + 1 in uniques; 0 none */
};

/* Which ports were seen, by hash: exact enough up to some hundred. */
struct unique {
	uint64_t	key;
	uint64_t	seen[PORT_BITS / 64];
};

struct match_memory {
	struct counters	*c;
	uint64_t	 secret;
	/* A flow: id, last use, then words of marks; bit 0 is MARK_PASSED. */
	uint64_t	*flows;		/* owned; NULL: nobody marks flows */
	uint32_t	 words;		/* of one flow, id and last use included */
	uint32_t	 n_names;
	uint64_t	 turn;		/* counts uses, for who was untouched longest */
	struct tag	*tags;		/* owned */
	struct tally	*tallies;	/* owned */
	struct unique	*uniques;	/* owned */
	uint64_t	*firsts;	/* owned */
};

struct match_memory *
memory_open(struct counters *c, uint64_t key)
{
	struct match_memory *m = calloc(1, sizeof(*m));

	if (m == NULL)
		return NULL;
	m->c = c;
	m->secret = key;
	m->tags = calloc(TAGS, sizeof(*m->tags));
	m->tallies = calloc(TALLIES, sizeof(*m->tallies));
	m->uniques = calloc(UNIQUES, sizeof(*m->uniques));
	m->firsts = calloc(FIRSTS, sizeof(*m->firsts));
	if (m->tags == NULL || m->tallies == NULL || m->uniques == NULL || m->firsts == NULL) {
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
	free(m->flows);
	free(m->tags);
	free(m->tallies);
	free(m->uniques);
	free(m->firsts);
	free(m);
}

size_t
memory_size(const struct match_memory *m)
{
	return sizeof(*m) + (m->flows != NULL ? (size_t)FLOWS * m->words * 8 : 0) +
	    TAGS * sizeof(*m->tags) + TALLIES * sizeof(*m->tallies) +
	    UNIQUES * sizeof(*m->uniques) + FIRSTS * sizeof(*m->firsts);
}

/* ---- flows ---------------------------------------------------------- */

static uint32_t
bit_of(uint32_t name)
{
	return name == MARK_PASSED ? 0 : name + 1;
}

static bool
get_bit(const uint64_t *slot, uint32_t bit)
{
	return (slot[2 + bit / 64] >> bit % 64 & 1u) != 0;
}

static void
set_bit(uint64_t *slot, uint32_t bit, bool on)
{
	if (on)
		slot[2 + bit / 64] |= (uint64_t)1 << bit % 64;
	else
		slot[2 + bit / 64] &= ~((uint64_t)1 << bit % 64);
}

int
memory_names(struct match_memory *m, uint32_t n, const uint32_t *to, uint32_t n_to)
{
	uint32_t words = 2 + (n + 1 + 63) / 64;
	uint64_t *flows = calloc((size_t)FLOWS * words, sizeof(*flows));

	if (flows == NULL)
		return -1;
	for (uint32_t i = 0; m->flows != NULL && i < FLOWS; i++) {
		const uint64_t *old = m->flows + (size_t)i * m->words;
		uint64_t *new = flows + (size_t)i * words;

		if (old[0] == 0)
			continue;
		new[0] = old[0];
		new[1] = old[1];
		set_bit(new, 0, get_bit(old, 0));
		for (uint32_t k = 0; k < m->n_names && k < n_to; k++)
			if (to[k] < n && get_bit(old, k + 1))
				set_bit(new, to[k] + 1, true);
	}
	free(m->flows);
	m->flows = flows;
	m->words = words;
	m->n_names = n;
	return 0;
}

static uint64_t *
flow_slots(const struct match_memory *m, const struct flow *f)
{
	uint64_t h = hash_mix(f->id ^ m->secret, 0x9e3779b97f4a7c15u);

	return m->flows + (size_t)((h >> 16) & (FLOWS / WAYS - 1)) * WAYS * m->words;
}

static uint64_t *
flow_slot(const struct match_memory *m, const struct flow *f)
{
	uint64_t *s;

	if (m->flows == NULL || f == NULL)
		return NULL;
	s = flow_slots(m, f);
	for (uint32_t i = 0; i < WAYS; i++, s += m->words)
		if (s[0] == f->id)
			return s;
	return NULL;
}

bool
memory_marked(const struct match_memory *m, const struct flow *f, uint32_t name)
{
	const uint64_t *s = flow_slot(m, f);

	return s != NULL && get_bit(s, bit_of(name));
}

void
memory_mark(struct match_memory *m, const struct flow *f, uint32_t name, bool on)
{
	uint64_t *s = flow_slot(m, f), *least;

	if (m->flows == NULL || f == NULL || (s == NULL && !on))
		return;
	if (s == NULL) {
		least = s = flow_slots(m, f);
		for (uint32_t i = 0; i < WAYS && least[0] != 0; i++, s += m->words)
			if (s[0] == 0 || s[1] < least[1])
				least = s;
		s = least;
		if (s[0] != 0)
			count(m->c, CNT_RULES_MARKS_EVICTED);
		memset(s, 0, m->words * sizeof(*s));
		s[0] = f->id;
	}
	s[1] = ++m->turn;
	set_bit(s, bit_of(name), on);
}

void
memory_flow_end(struct match_memory *m, const struct flow *f)
{
	uint64_t *s = flow_slot(m, f);

	if (s != NULL)
		s[0] = 0;
}

/* ---- addresses ------------------------------------------------------ */

static struct tag *
tag_slots(const struct match_memory *m, uint64_t key)
{
	return m->tags + (size_t)((key >> 16) & (TAGS / WAYS - 1)) * WAYS;
}

bool
memory_tagged(const struct match_memory *m, uint64_t key, uint64_t now_ns)
{
	const struct tag *t = tag_slots(m, key);

	for (uint32_t i = 0; i < WAYS; i++)
		if (t[i].key == key)
			return now_ns < t[i].until_ns;
	return false;
}

void
memory_tag(struct match_memory *m, uint64_t key, bool on, uint32_t expire_s, uint64_t now_ns)
{
	struct tag *t = tag_slots(m, key), *at = t;

	for (uint32_t i = 0; i < WAYS; i++) {
		if (t[i].key == key) {
			at = &t[i];
			break;
		}
		if (at->key != 0 && (t[i].key == 0 || t[i].used_ns < at->used_ns))
			at = &t[i];
	}
	if (!on) {
		if (at->key == key)
			at->key = 0;
		return;
	}
	if (at->key != 0 && at->key != key && now_ns < at->until_ns)
		count(m->c, CNT_RULES_TAGS_EVICTED);
	*at = (struct tag){ key, expire_s != 0 ? now_ns + expire_s * SECOND : UINT64_MAX, now_ns };
}

/* ---- counts --------------------------------------------------------- */

static struct tally *
tally_of(struct match_memory *m, uint64_t key, uint64_t now_ns, bool *new)
{
	struct tally *t = m->tallies + (size_t)((key >> 16) & (TALLIES / WAYS - 1)) * WAYS, *at = t;

	*new = false;
	for (uint32_t i = 0; i < WAYS; i++) {
		if (t[i].key == key) {
			t[i].used_ns = now_ns;
			return &t[i];
		}
		if (at->key != 0 && (t[i].key == 0 || t[i].used_ns < at->used_ns))
			at = &t[i];
	}
	if (at->key != 0)
		count(m->c, CNT_RULES_COUNTS_EVICTED);
	*at = (struct tally){ .key = key, .start_ns = now_ns, .used_ns = now_ns };
	*new = true;
	return at;
}

static bool
new_port(struct match_memory *m, uint64_t key, bool fresh, uint16_t port)
{
	struct unique *u = &m->uniques[(key >> 20) & (UNIQUES - 1)];
	uint32_t bit = (uint32_t)(hash_mix(port ^ m->secret, 0x9e3779b97f4a7c15u) >> 24) & (PORT_BITS - 1);

	if (u->key != key || fresh) {
		if (u->key != 0 && u->key != key)
			count(m->c, CNT_RULES_COUNTS_EVICTED);
		memset(u, 0, sizeof(*u));
		u->key = key;
	}
	if ((u->seen[bit / 64] >> bit % 64 & 1u) != 0)
		return false;
	u->seen[bit / 64] |= (uint64_t)1 << bit % 64;
	return true;
}

enum match_count
memory_count(struct match_memory *m, uint64_t key, const struct rule_threshold *t, uint16_t port,
    uint64_t now_ns, uint64_t *n)
{
	bool new, over;
	struct tally *y = tally_of(m, key | 1, now_ns, &new);

	/* The clock may step back a little: that is still the same window. */
	over = t->type != THRESHOLD_BACKOFF && now_ns > y->start_ns &&
	    now_ns - y->start_ns > t->seconds * SECOND;
	if (over) {
		y->start_ns = now_ns;
		y->n = 0;
	}
	if (t->unique_on != UNIQUE_NONE && !new_port(m, key | 1, new || over, port)) {
		*n = y->n;
		return t->type == THRESHOLD_FILTER && y->n > t->count ? COUNT_TELL : COUNT_NO;
	}
	y->n++;
	*n = y->n;
	switch (t->type) {
	case THRESHOLD_LIMIT:
		return y->n <= t->count ? COUNT_TELL : COUNT_SILENT;
	case THRESHOLD_THRESHOLD:
		if (y->n < t->count)
			return COUNT_NO;
		y->n = 0;
		if (t->unique_on != UNIQUE_NONE)
			(void)new_port(m, key | 1, true, port);
		return COUNT_TELL;
	case THRESHOLD_BOTH:
		return y->n < t->count ? COUNT_NO : y->n == t->count ? COUNT_TELL : COUNT_SILENT;
	case THRESHOLD_FILTER:
		return y->n > t->count ? COUNT_TELL : COUNT_NO;
	case THRESHOLD_BACKOFF:
		if (new)
			y->next = t->count;
		if (y->n != y->next)
			return COUNT_SILENT;
		y->next = y->next * (t->multiplier > 1 ? t->multiplier : 2);
		return COUNT_TELL;
	default:
		return COUNT_TELL;
	}
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
