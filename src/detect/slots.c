#include "detect/slots.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"

#define WAYS	8u
#define SECOND_NS	1000000000u
#define TENTH	100000000ull	/* ns */

int
slots_open(struct slots *s, const struct slots_want *w)
{
	*s = (struct slots){ .sets = 1, .size = w->size, .counters = w->counters, .evicted = w->evicted,
	    .secret = w->secret, .matters_ns = w->matters_s > 0 ? w->matters_s * 10 * TENTH : UINT64_MAX };
	while ((uint64_t)s->sets * WAYS < w->n)
		s->sets *= 2;
	s->mem = calloc((size_t)s->sets * WAYS, w->size);
	return s->mem != NULL ? 0 : -1;
}

void
slots_close(struct slots *s)
{
	free(s->mem);
	s->mem = NULL;
}

size_t
slots_memory(const struct slots *s)
{
	return (size_t)s->sets * WAYS * s->size;
}

void *
slots_at(const struct slots *s, uint64_t i)
{
	return s->mem != NULL && i < (uint64_t)s->sets * WAYS ? s->mem + i * s->size : NULL;
}

static uint8_t *
set_of(const struct slots *s, uint64_t key)
{
	return s->mem + (hash_mix(key ^ s->secret, 0x9e3779b97f4a7c15u) & (s->sets - 1)) * WAYS * s->size;
}

void *
slots_find(struct slots *s, uint64_t key)
{
	uint8_t *at = set_of(s, key);

	for (uint32_t i = 0; i < WAYS; i++, at += s->size) {
		struct slot *w = (struct slot *)(void *)at;

		if (w->key == key)
			return w;
	}
	return NULL;
}

/* Would `a` be missed less than `b`? */
static bool
cheaper(const struct slot *a, const struct slot *b)
{
	if (a->key == 0 || b->key == 0)
		return a->key == 0 && b->key != 0;
	return a->proven != b->proven ? !a->proven : a->last_ns < b->last_ns;
}

void *
slots_get(struct slots *s, uint64_t key, uint64_t now_ns)
{
	struct slot *victim = NULL;
	uint8_t *at, *set;

	if (key == 0)
		key = 1;
	set = at = set_of(s, key);
	for (uint32_t i = 0; i < WAYS; i++, at += s->size) {
		struct slot *w = (struct slot *)(void *)at;

		if (w->key == key) {
			w->last_ns = now_ns;
			return w;
		}
	}
	for (uint32_t i = 0; i < WAYS; i++, set += s->size) {
		struct slot *w = (struct slot *)(void *)set;

		if (victim == NULL || cheaper(w, victim))
			victim = w;
	}
	if (victim->key != 0 && (now_ns < victim->last_ns || now_ns - victim->last_ns < s->matters_ns))
		count(s->counters, s->evicted);
	memset(victim, 0, s->size);
	victim->key = key;
	victim->last_ns = now_ns;
	return victim;
}

uint64_t
slots_key(uint64_t secret, uint64_t kind, const struct addr *a)
{
	uint64_t x[2], h;

	memcpy(x, a->b, sizeof(x));
	h = hash_mix(x[0] ^ kind * 0x9e3779b97f4a7c15u ^ secret, x[1] ^ 0xe7037ed1a0b428dbu);
	return hash_mix(h ^ x[1], kind ^ secret ^ 0x8ebc6af09c88c6e3u) | 1;
}

uint32_t
rate_add(struct rate_count *r, uint64_t ts_ns, uint64_t within_s)
{
	uint64_t part = ts_ns / (within_s * TENTH);	/* a tenth of the window */
	uint32_t all = 0;

	if (part > r->part || part + RATE_PARTS < r->part) {
		uint64_t steps = part > r->part ? part - r->part : RATE_PARTS;

		for (uint64_t i = 1; i <= steps && i <= RATE_PARTS; i++)
			r->n[(r->part + i) % RATE_PARTS] = 0;
		if (steps >= RATE_PARTS)
			memset(r->n, 0, sizeof(r->n));
		r->part = part;
	}
	if (r->n[r->part % RATE_PARTS] < UINT16_MAX)
		r->n[r->part % RATE_PARTS]++;
	for (uint32_t i = 0; i < RATE_PARTS; i++)
		all += r->n[i];
	return all;
}

uint32_t
rate_now(const struct rate_count *r, uint64_t ts_ns, uint64_t within_s)
{
	uint64_t part = ts_ns / (within_s * TENTH), steps = part > r->part ? part - r->part : 0;
	uint32_t all = 0;

	/* As many of the oldest are over as the time went on. */
	for (uint64_t i = 0; i + steps < RATE_PARTS; i++)
		all += r->n[(r->part + RATE_PARTS - i) % RATE_PARTS];
	return all;
}

void
rate_clear(struct rate_count *r)
{
	memset(r->n, 0, sizeof(r->n));
}

bool
steady_news(struct steady *k, uint32_t level, uint64_t ts_ns, const struct steady_times *t)
{
	uint32_t now = (uint32_t)(ts_ns / SECOND_NS), first = k->reported_s, last = k->last_s;

	if (now == 0)
		now = 1;
	if (first == 0 || now < first || now - last >= t->forget_s) {
		*k = (struct steady){ .reported_s = now, .last_s = now, .level = level };
		return true;
	}
	k->last_s = now > last ? now : last;
	if (now - first < t->settle_s)
		k->level = level > k->level ? level : k->level;
	else if (level >= 2 * (uint64_t)k->level && level > 0) {
		k->reported_s = now;
		k->level = level;
		return true;
	}
	return now - first < t->open_s;
}

bool
steady_thing_news(struct steady_things *k, uint64_t what, uint64_t ts_ns, const struct steady_times *t)
{
	uint32_t hash = (uint32_t)(what ^ what >> 32);
	unsigned at = 0;

	for (unsigned i = 0; i < STEADY_THINGS; i++) {
		if (k->e[i].known.reported_s != 0 && k->e[i].what == hash)
			return steady_news(&k->e[i].known, 0, ts_ns, t);
		if (k->e[i].known.last_s < k->e[at].known.last_s)
			at = i;
	}
	k->e[at].what = hash;
	k->e[at].known = (struct steady){ 0 };
	return steady_news(&k->e[at].known, 0, ts_ns, t);
}

static bool
lives(uint32_t at, uint32_t now, uint64_t within_s)
{
	/* A little out of order is the same time. */
	return (int32_t)(now - at) < 0 || now - at <= within_s * 10;
}

uint32_t
distinct_add(struct distinct *d, uint64_t what, uint64_t ts_ns, uint64_t within_s)
{
	uint32_t hash = (uint32_t)(what ^ what >> 32), now = (uint32_t)(ts_ns / TENTH), kept = 0;
	bool known = false;

	for (uint32_t i = 0; i < d->n; i++) {
		if (!lives(d->e[i].at, now, within_s))
			continue;
		if (d->e[i].what == hash) {
			d->e[i].at = now;
			known = true;
		}
		d->e[kept++] = d->e[i];
	}
	if (!known) {
		if (kept == DISTINCT_MAX) {	/* the first one is the oldest, or nearly */
			memmove(d->e, d->e + 1, (DISTINCT_MAX - 1) * sizeof(d->e[0]));
			kept--;
		}
		d->e[kept].what = hash;
		d->e[kept++].at = now;
	}
	d->n = kept;
	d->fresh = !known;
	return kept;
}

uint32_t
distinct_within(const struct distinct *d, uint64_t ts_ns, uint64_t within_s)
{
	uint32_t now = (uint32_t)(ts_ns / TENTH), n = 0;

	for (uint32_t i = 0; i < d->n; i++)
		n += lives(d->e[i].at, now, within_s);
	return n;
}
