#include "detect/baseline/facts.h"

#include <stdlib.h>

#include "detect/baseline/facts_table.h"
#include "detect/baseline/worth.h"

#define VICTIMS 8u	/* looked at when the table is full */
#define TRIES 16u	/* times so many */
#define DISPLACED 64u	/* of what deviates, by its like, in a second: each makes what was noted of all facts be looked up anew */
#define REPORTS 1024u	/* facts at least of whose reports is known; else */
#define REPORTS_OF 8u	/* one of so many */
#define SECOND_NS 1000000000u

struct facts *
facts_open(uint64_t n, uint64_t hash_key, struct counters *counters)
{
	struct facts *fs = calloc(1, sizeof(*fs));

	if (fs == NULL)
		return NULL;
	*fs = (struct facts){ .n = (uint32_t)n, .key = hash_key, .counters = counters, .free = NONE, .epoch = 1, .known_epoch = 1,
	    .changed_first = NONE, .changed_last = NONE };
	fs->rows = calloc((size_t)n + 1, sizeof(*fs->rows));
	if (fs->rows == NULL || hmap_open(&fs->exact, fs->n) != 0 || hmap_open(&fs->families, fs->n) != 0 ||
	    dense_open(&fs->reports, fs->n / REPORTS_OF > REPORTS ? fs->n / REPORTS_OF : REPORTS, sizeof(struct report), NULL,
	    CNT_COUNT) != 0) {
		facts_close(fs);
		return NULL;
	}
	return fs;
}

void
facts_close(struct facts *fs)
{
	if (fs == NULL)
		return;
	hmap_close(&fs->exact);
	hmap_close(&fs->families);
	dense_close(&fs->reports);
	free(fs->rows);
	free(fs);
}

size_t
facts_memory(const struct facts *fs)
{
	return sizeof(*fs) + ((size_t)fs->n + 1) * sizeof(*fs->rows) + hmap_memory(&fs->exact) + hmap_memory(&fs->families) +
	    dense_memory(&fs->reports);
}

uint32_t
facts_count(const struct facts *fs)
{
	uint32_t n = 0;

	for (unsigned i = 0; i < FACT_KIND_COUNT; i++)
		n += fs->of_kind[i];
	return n;
}

uint32_t
facts_of_kind(const struct facts *fs, unsigned kind)
{
	return fs->of_kind[kind];
}

uint32_t
facts_ceiling(const struct facts *fs)
{
	return fs->used;
}

struct fact *
facts_at(struct facts *fs, uint32_t i)
{
	return i < fs->used && fs->rows[i].f.state != FACT_NONE ? &fs->rows[i].f : NULL;
}

static struct row *
row_of(struct facts *fs, const struct fact *f)
{
	return &fs->rows[(size_t)((const struct row *)(const void *)f - fs->rows)];
}

uint32_t
facts_number(const struct facts *fs, const struct fact *f)
{
	return number_of(fs, (const struct row *)(const void *)f);
}

uint64_t
facts_epoch(const struct facts *fs)
{
	return fs->epoch;
}

uint64_t
facts_known_epoch(const struct facts *fs)
{
	return fs->known_epoch;
}

/* It goes, or is about to be something else. */
static void
moves(struct facts *fs, const struct fact *f)
{
	fs->epoch++;
	fs->known_epoch += f->state != FACT_OPEN;
}

/* ---- what goes to the store ------------------------------------------------ */

void
facts_keep(struct facts *fs, bool keep)
{
	fs->keep = keep;
}

static void
mark(struct facts *fs, struct row *r)
{
	uint32_t me = number_of(fs, r);

	if (!fs->keep || r->changed != UNCHANGED)
		return;
	r->changed = NONE;
	if (fs->changed_last != NONE)
		fs->rows[fs->changed_last].changed = me;
	else
		fs->changed_first = me;
	fs->changed_last = me;
}

void
facts_touch(struct facts *fs, struct fact *f)
{
	mark(fs, row_of(fs, f));
}

#define SAVE_S	900u

void
facts_seen(struct facts *fs, struct fact *f, uint64_t n, uint64_t now_ns)
{
	struct row *r = row_of(fs, f);
	uint32_t now_s = (uint32_t)(now_ns / SECOND_NS);

	f->count += n;
	if (now_ns > f->last_ns)
		f->last_ns = now_ns;
	f->counted = true;
	if (r->saved_s == 0 || now_s < r->saved_s)	/* it came from the store: its time begins now */
		r->saved_s = now_s;
	if (now_s - r->saved_s < SAVE_S)
		return;
	r->saved_s = now_s;
	mark(fs, r);
}

void
facts_flush(struct facts *fs)
{
	for (uint32_t i = 0; i < fs->used; i++)
		if (fs->rows[i].f.state != FACT_NONE && fs->rows[i].f.counted)
			mark(fs, &fs->rows[i]);
}

struct facts_reported *
facts_reported(struct facts *fs, struct fact *f)
{
	struct report *r = dense_get(&fs->reports, number_of(fs, row_of(fs, f)) + 1u, f->last_ns);

	return &r->of;
}

const struct fact *
facts_changed(const struct facts *fs)
{
	return fs->changed_first != NONE ? &fs->rows[fs->changed_first].f : NULL;
}

static void
give_back(struct facts *fs, struct row *r)
{
	r->next = fs->free;
	fs->free = number_of(fs, r);
}

void
facts_saved(struct facts *fs)
{
	struct row *r;

	if (fs->changed_first == NONE)
		return;
	r = &fs->rows[fs->changed_first];
	fs->changed_first = r->changed;
	if (fs->changed_first == NONE)
		fs->changed_last = NONE;
	r->changed = UNCHANGED;
	r->f.counted = false;
	if (r->f.state == FACT_NONE)
		give_back(fs, r);
}

/* ---- families --------------------------------------------------------------- */

uint64_t
facts_hash(struct facts *fs, const struct fact_key *k)
{
	return hash_key_of(fs, k) | 1;
}

uint64_t
facts_family_hash(struct facts *fs, const struct fact_key *k)
{
	return family_of(fs, k) | 1;
}

static bool
is_head(const struct facts *fs, const struct row *r)
{
	return fs->rows[r->prev].next == NONE;
}

static void
leave(struct facts *fs, struct row *r)
{
	if (is_head(fs, r)) {
		(void)hmap_remove(&fs->families, r->family, number_of(fs, r));
		if (r->next != NONE) {
			fs->rows[r->next].prev = r->prev;
			(void)hmap_put(&fs->families, r->family, r->next);
		}
		return;
	}
	fs->rows[r->prev].next = r->next;
	fs->rows[r->next != NONE ? r->next : head_of(fs, r->family)].prev = r->prev;
}

struct fact *
facts_sibling(struct facts *fs, const struct fact_key *k, const struct fact *after)
{
	uint32_t i = after != NULL ? row_of(fs, after)->next : head_of(fs, family_of(fs, k));

	return i != NONE ? &fs->rows[i].f : NULL;
}

struct fact *
facts_unknown_sibling(struct facts *fs, const struct fact_key *k, const struct fact *after)
{
	const struct row *r = after != NULL ? row_of(fs, after) : NULL;
	uint32_t head = r == NULL ? head_of(fs, family_of(fs, k)) : NONE;
	struct fact *f;

	if (r == NULL ? head == NONE : is_head(fs, r))
		return NULL;
	f = &fs->rows[r == NULL ? fs->rows[head].prev : r->prev].f;
	return f->state != FACT_LEARNED && f->state != FACT_ACCEPTED ? f : NULL;
}

/* ---- one fact ----------------------------------------------------------------- */

void
facts_remove(struct facts *fs, struct fact *f)
{
	struct row *r = row_of(fs, f);

	leave(fs, r);
	(void)hmap_remove(&fs->exact, hash_key_of(fs, &f->key), number_of(fs, r));
	fs->of_kind[f->key.kind]--;
	moves(fs, f);
	f->state = FACT_NONE;
	mark(fs, r);
	if (r->changed == UNCHANGED)
		give_back(fs, r);
}

/* The worst of a few, when it is worth less than what is to come: what deviates, which an attacker
 * can make as much of as he likes, displaces nothing but its like, and what is learned nothing that
 * was seen again and again: it would come back, displace another and be told as new. */
static void
evict(struct facts *fs, enum fact_state coming)
{
	const unsigned least = coming == FACT_OPEN ? WORTH_EXPIRED : coming == FACT_LEARNED ? WORTH_ONCE : WORTH_LEARNED;
	struct fact *worst = NULL;

	for (unsigned i = 0; i < VICTIMS; i++) {
		struct fact *f;

		fs->hand = fs->hand + 1 < fs->used ? fs->hand + 1 : 0;
		f = &fs->rows[fs->hand].f;
		if (f->state != FACT_NONE && (worst == NULL || fact_worthless(f) > fact_worthless(worst) ||
		    (fact_worthless(f) == fact_worthless(worst) && f->last_ns < worst->last_ns)))
			worst = f;
	}
	if (worst == NULL || fact_worthless(worst) < least)
		return;
	facts_remove(fs, worst);
	count(fs->counters, CNT_BASELINE_EVICTED);
}

/* Somebody who makes deviations without end must not make everybody else's operations dear. */
static bool
may_displace(struct facts *fs, enum fact_state coming, uint64_t now_ns)
{
	if (coming != FACT_OPEN)
		return true;
	if (now_ns < fs->displaced_ns || now_ns - fs->displaced_ns >= 1000000000u) {
		fs->displaced_ns = now_ns;
		fs->displaced = 0;
	}
	return fs->displaced++ < DISPLACED;
}

/* A free row: of removed ones that still wait for the store the oldest change is lost. */
static struct row *
take(struct facts *fs, enum fact_state coming, uint64_t now_ns)
{
	/* Where nothing was found that may go, there is little: a table full of what is known must not be searched for each. */
	const unsigned most = fs->barren ? 1 : TRIES;
	struct row *r;

	if (fs->free == NONE && fs->used < fs->n) {
		r = &fs->rows[fs->used++];
		fs->linked = fs->used;
		r->changed = UNCHANGED;
		return r;
	}
	for (unsigned tries = 0; fs->free == NONE && tries < most && (tries > 0 || may_displace(fs, coming, now_ns)); tries++)
		evict(fs, coming);
	fs->barren = fs->free == NONE;
	while (fs->free == NONE && fs->changed_first != NONE)
		facts_saved(fs);
	if (fs->free == NONE) {
		count(fs->counters, CNT_BASELINE_REFUSED);
		return NULL;
	}
	r = &fs->rows[fs->free];
	fs->free = r->next;
	return r;
}

static struct row *
find_exact(struct facts *fs, const struct fact_key *k, uint64_t hash)
{
	for (uint32_t i = hmap_first(&fs->exact, hash); i != HMAP_END; i = hmap_next(&fs->exact, hash, i)) {
		struct row *r = &fs->rows[hmap_value(&fs->exact, i)];

		if (memcmp(&r->f.key, k, sizeof(*k)) == 0)
			return r;
	}
	return NULL;
}

/* What is allowed before what is not. */
static bool
rather(const struct fact *a, const struct fact *b)
{
	return b == NULL || (a->state < b->state && b->state >= FACT_OPEN);
}

static struct fact *
find_range(struct facts *fs, const struct fact_key *k)
{
	struct fact *best = NULL;

	for (uint32_t i = head_of(fs, family_of(fs, k)); i != NONE; i = fs->rows[i].next) {
		struct fact *f = &fs->rows[i].f;

		if (f->key.first <= k->first && k->last <= f->key.last && rather(f, best))
			best = f;
	}
	return best;
}

struct fact *
facts_find(struct facts *fs, const struct fact_key *k)
{
	struct row *r = find_exact(fs, k, hash_key_of(fs, k));

	/* What is asked for as it was learned is found at once, however many siblings it has. */
	if (fact_ranged(k->kind) && (r == NULL || r->f.state >= FACT_OPEN))
		return find_range(fs, k);
	return r != NULL ? &r->f : NULL;
}

/* Its row was another fact's. */
static void
forget_report(struct facts *fs, const struct row *r)
{
	struct report *of = fs->reports.used > 0 ? dense_find(&fs->reports, number_of(fs, r) + 1u) : NULL;

	if (of != NULL)
		of->of = (struct facts_reported){ 0 };
}

static struct fact *
new_fact(struct facts *fs, const struct fact_key *k, enum fact_state state, uint64_t now_ns)
{
	struct row *r = take(fs, state, now_ns);

	if (r == NULL)
		return NULL;
	r->f = (struct fact){ .key = *k, .state = (uint8_t)state, .first_ns = now_ns, .last_ns = now_ns };
	r->family = family_of(fs, k);
	r->saved_s = (uint32_t)(now_ns / SECOND_NS);
	r->f.counted = true;
	forget_report(fs, r);
	join(fs, r);
	(void)hmap_put(&fs->exact, hash_key_of(fs, k), number_of(fs, r));
	fs->of_kind[k->kind]++;
	mark(fs, r);
	return &r->f;
}

void
facts_restore_into_full(struct facts *fs, const struct fact *f)
{
	const bool keep = fs->keep;
	struct fact *to;

	fs->keep = false;
	to = new_fact(fs, &f->key, (enum fact_state)f->state, f->first_ns);
	fs->keep = keep;
	if (to == NULL)
		return;
	*to = *f;
	to->counted = false;
	row_of(fs, to)->saved_s = 0;
}

/* How many addresses lie between two ranges; 0: they touch. */
static uint64_t
between(const struct fact_key *a, const struct fact_key *b)
{
	if (a->first > b->last)
		return (uint64_t)a->first - b->last - 1;
	return b->first > a->last ? (uint64_t)b->first - a->last - 1 : 0;
}

/* A range, with all of its state that it touches: those go, and one takes their place, because in the
 * store a range is found by where it lies. */
static struct fact *
put_range(struct facts *fs, const struct fact *f)
{
	struct fact all = *f, *s, *next, *made;
	struct facts_reported reported = { 0 };

	for (s = facts_sibling(fs, &f->key, NULL); s != NULL; s = next) {
		next = facts_sibling(fs, &f->key, s);
		if (s->state != f->state || between(&s->key, &f->key) > 0)
			continue;
		all.key.first = s->key.first < all.key.first ? s->key.first : all.key.first;
		all.key.last = s->key.last > all.key.last ? s->key.last : all.key.last;
		all.first_ns = s->first_ns < all.first_ns ? s->first_ns : all.first_ns;
		all.last_ns = s->last_ns > all.last_ns ? s->last_ns : all.last_ns;
		all.count += s->count;
		if (s->state != FACT_LEARNED && s->state != FACT_ACCEPTED && facts_reported(fs, s)->last_ns > reported.last_ns)
			reported = *facts_reported(fs, s);
		facts_remove(fs, s);
	}
	made = new_fact(fs, &all.key, (enum fact_state)all.state, all.first_ns);
	if (made != NULL) {
		made->last_ns = all.last_ns;
		made->count = all.count;
		if (reported.last_ns != 0)
			*facts_reported(fs, made) = reported;
	}
	return made;
}

static struct fact *
add_range(struct facts *fs, const struct fact_key *k, enum fact_state state, uint64_t now_ns)
{
	struct fact wide = { .key = *k, .state = (uint8_t)state, .first_ns = now_ns, .last_ns = now_ns };
	const struct fact *nearest = NULL;
	uint32_t n = 0;

	for (struct fact *f = facts_sibling(fs, k, NULL); f != NULL; f = facts_sibling(fs, k, f)) {
		n++;
		if (f->state == state && (nearest == NULL || between(&f->key, k) < between(&nearest->key, k)))
			nearest = f;
	}
	if (n >= FACT_RANGES && nearest != NULL && between(&nearest->key, k) > 0) {
		wide.key.first = nearest->key.first < k->first ? nearest->key.first : k->first;
		wide.key.last = nearest->key.last > k->last ? nearest->key.last : k->last;
		count(fs->counters, CNT_BASELINE_RANGES);
	}
	return put_range(fs, &wide);
}

/* What deviates is reported though nothing can be remembered of it: in a row that nobody finds
 * again.  It stands in no list, as one that waits for the store does not go there twice. */
static struct fact *
spare(struct facts *fs, const struct fact_key *k, uint64_t now_ns)
{
	struct row *r = &fs->rows[fs->n];

	forget_report(fs, r);
	*r = (struct row){ .f = { .key = *k, .state = FACT_OPEN, .first_ns = now_ns, .last_ns = now_ns },
	    .family = family_of(fs, k), .next = NONE, .prev = fs->n, .changed = NONE };
	return &r->f;
}

struct fact *
facts_add(struct facts *fs, const struct fact_key *k, enum fact_state state, uint64_t now_ns)
{
	struct fact *f = fact_ranged(k->kind) ? add_range(fs, k, state, now_ns) : new_fact(fs, k, state, now_ns);

	return f == NULL && state == FACT_OPEN ? spare(fs, k, now_ns) : f;
}

struct fact *
facts_set_state(struct facts *fs, struct fact *f, enum fact_state state)
{
	if (row_of(fs, f) == &fs->rows[fs->n])
		return facts_add(fs, &f->key, state, f->last_ns);
	moves(fs, f);
	if (fact_ranged(f->key.kind)) {
		struct fact moved = *f;

		moved.state = (uint8_t)state;
		facts_remove(fs, f);
		return put_range(fs, &moved);
	}
	leave(fs, row_of(fs, f));
	f->state = (uint8_t)state;
	join(fs, row_of(fs, f));
	facts_touch(fs, f);
	return f;
}
