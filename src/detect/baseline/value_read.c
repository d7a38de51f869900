/* value_read.c - what is read, against the values that its points usually have.
 *
 * A block is what one poll reads of one item.  If its bytes are those of the last one, that costs one
 * hash.  Else each value is compared with the bounds of its point, which are worked out of
 * the facts once in a while; of one block not more often than a process moves.  While learning, only
 * values that changed go to their facts, and how many there were is counted at the block.
 */
#include "detect/baseline/value.h"

#include <math.h>
#include <string.h>

#include "base/hash.h"
#include "detect/baseline/point.h"
#include "detect/baseline/tagged.h"

#define BLOCK_POINTS	128u	/* values of one, the first: all registers of a Modbus request */
#define ITEMS_READ	4u	/* of one operation; the others have their turn in the next ones */
#define LOOKS		8u	/* at a block that changed, at once; then one each */
#define LOOK_NS		(2 * SECOND)
#define STAGE_NS	(10 * SECOND)	/* whether it is still learned is asked so often, whether it is again */
#define KNOWN_NS	(60 * SECOND)	/* so often, */
#define BOUNDS_NS	(10 * SECOND)	/* and where its bounds are, if a fact went or changed its state, */
#define REPORTED_NS	(60 * SECOND)	/* or one deviated */
#define WATCHED_NS	(60 * SECOND)	/* not polled for so long, and for four times as long as before, is a gap */
#define WATCHED_GAPS	4u
#define PENDING		64u	/* polls that are counted at the block before they are at its points */
#define FLUSH_TURNS	16u	/* ticks in which every block is counted once */

/* Blocks of up to so many points lie in a table of their own: one for so many facts, and so many at least. */
static const struct { uint32_t points, of_facts, least; } classes[VALUE_CLASSES] = {
	{ 4, 4, 1024 }, { 16, 16, 1024 }, { 64, 128, 512 }, { BLOCK_POINTS, 128, 512 },
};

struct block {
	struct dense_row row;
	uint64_t	 payload;	/* hash of the bytes that were looked at last; 0 none */
	uint64_t	 poll_ns, gap_ns;	/* the last one, and how long after the one before */
	uint64_t	 look_ns;	/* up to when looks are used up */
	uint64_t	 stage_ns, bounds_ns;	/* when those were found; 0: never */
	uint32_t	 epoch;		/* of the facts (its lower half), when their numbers, or the bounds, were looked up */
	uint32_t	 turns;		/* tagged_turns() then */
	uint16_t	 n;		/* points */
	uint32_t	 pending;	/* polls learned from and not counted yet */
	bool		 learns;
	bool		 widened;	/* bounds were widened by what deviated */
	bool		 unwatched;	/* longer than usual, before this poll */
	struct block_point {
		float	 last;		/* value; single precision is enough to see that it moved */
		union {
			struct { float lo, hi; };	/* bounds, when it is known */
			uint32_t fact;			/* while learning; FACTS_NO_FACT: none */
		};
	}		 of[];
};

static uint32_t
epoch_of(const struct value *m)
{
	return (uint32_t)facts_epoch(m->facts);
}

/* Points that came with an index each: which they were. */
static uint64_t
addresses_of(const struct value *m, const struct op_item *it)
{
	uint32_t n = it->n_values < BLOCK_POINTS ? it->n_values : BLOCK_POINTS;
	uint64_t h = n;

	for (uint32_t i = 0; i < n; i++)
		h = hash_mix(h ^ point_address(it, i), m->key ^ 0x9e3779b97f4a7c15u);
	return h;
}

static struct block *
block_of(struct value *m, const struct unit_values *of, const struct op_item *it, const struct sighting *s)
{
	const uint64_t parts[4] = { (uint64_t)of->id << 32 | it->first, (uint64_t)it->number << 32 | it->n_values,
	    (uint64_t)it->space << 8 | it->form, it->ranged ? 0 : addresses_of(m, it) };
	const uint32_t n = it->n_values < BLOCK_POINTS ? it->n_values : BLOCK_POINTS;
	unsigned class = 0;
	struct block *b;

	while (n > classes[class].points)
		class++;
	b = dense_get_noted(&m->blocks[class], hash_bytes(m->key, parts, sizeof(parts)) | 1u, s->now_ns,
	    s->notes != NULL && s->op->n_items == 1 ? &s->notes->block : NULL);
	if (b->n == 0)
		b->n = (uint16_t)n;
	return b;
}

/* It is polled: as often as usual? */
static void
watch(struct block *b, uint64_t now_ns)
{
	uint64_t gap = now_ns > b->poll_ns ? now_ns - b->poll_ns : 0;

	b->unwatched = b->poll_ns == 0 || (gap > WATCHED_NS && gap > WATCHED_GAPS * b->gap_ns);
	b->gap_ns = b->poll_ns == 0 ? 0 : gap;
	b->poll_ns = now_ns;
}

/* Is this block to be looked at now? */
static bool
look(struct block *b, uint64_t now_ns)
{
	uint64_t from = now_ns > LOOKS * LOOK_NS ? now_ns - LOOKS * LOOK_NS : 0;

	if (b->look_ns < from)
		b->look_ns = from;
	if (b->look_ns + LOOK_NS > now_ns)
		return false;
	b->look_ns += LOOK_NS;
	return true;
}

/* ---- while it is learned --------------------------------------------------------- */

/* Facts that went have given their numbers to others. */
static void
find_facts(struct value *m, struct block *b, const struct op_item *it, struct fact_key *k)
{
	for (uint32_t i = 0; i < b->n; i++) {
		const struct fact *f;

		k->first = k->last = point_address(it, i);
		f = facts_find(m->facts, k);
		b->of[i].fact = f != NULL ? facts_number(m->facts, f) : FACTS_NO_FACT;
	}
	b->epoch = epoch_of(m);
}

static void
flush(struct value *m, struct block *b)
{
	if (b->epoch != epoch_of(m))
		return;
	for (uint32_t i = 0; i < b->n && b->pending > 0; i++) {
		struct fact *f = b->of[i].fact != FACTS_NO_FACT ? facts_at(m->facts, b->of[i].fact) : NULL;

		if (f != NULL)
			facts_seen(m->facts, f, b->pending, b->row.last_ns);
	}
	b->pending = 0;
}

/* From learning to judging, or back. */
static void
turn(struct value *m, struct block *b, const struct op_item *it, struct fact_key *k, uint64_t now_ns)
{
	bool learns = baseline_learns(m->b, k, now_ns);

	if (b->stage_ns != 0 && learns == b->learns) {
		b->stage_ns = now_ns;
		return;
	}
	b->stage_ns = now_ns;
	if (b->pending > 0) {
		if (b->epoch != epoch_of(m))
			find_facts(m, b, it, k);
		flush(m, b);
	}
	b->learns = learns;
	b->payload = 0;
	b->bounds_ns = 0;
	if (!learns)
		return;
	for (uint32_t i = 0; i < b->n; i++)
		b->of[i].last = NAN;
	find_facts(m, b, it, k);
}

static void
learn(struct value *m, const struct sighting *s, struct block *b, const struct op_item *it, struct fact_key *k,
    const double *v)
{
	for (uint32_t i = 0; i < b->n; i++) {
		struct fact *f = b->of[i].fact != FACTS_NO_FACT ? facts_at(m->facts, b->of[i].fact) : NULL;

		if ((float)v[i] == b->of[i].last || isnan(v[i]))
			continue;
		b->of[i].last = (float)v[i];
		k->first = k->last = point_address(it, i);
		f = value_learn(m, s, f, k, v[i], (f != NULL ? (uint32_t)f->count : 0) + b->pending - 1);
		if (b->epoch != epoch_of(m))
			find_facts(m, b, it, k);
		else if (f != NULL)
			b->of[i].fact = facts_number(m->facts, f);
	}
}

/* ---- when it is known --------------------------------------------------------------- */

static void
find_bounds(struct value *m, const struct sighting *s, struct unit_values *of, struct block *b, const struct op_item *it)
{
	struct fact_key key = point_item_key(FACT_KIND_VALUE, &s->addr[OP_SERVER], s->op, it), *k = &key;

	for (uint32_t i = 0; i < b->n; i++) {
		const struct fact *f;
		struct usual u;

		b->of[i].lo = -INFINITY;
		b->of[i].hi = INFINITY;
		k->first = k->last = point_address(it, i);
		f = facts_find(m->facts, k);
		if (!value_known(f) || !value_judged(f) || tagged_covers(m, s, of, it, i))
			continue;
		u = value_load(f);
		b->of[i].lo = (float)(usual_min(&u) - usual_margin(&u));
		b->of[i].hi = (float)(usual_max(&u) + usual_margin(&u));
	}
	b->epoch = epoch_of(m);
	b->turns = tagged_turns(m);
	b->bounds_ns = s->now_ns;
	b->widened = false;
}

static bool
bounds_are_old(const struct value *m, const struct block *b, uint64_t now_ns)
{
	return b->bounds_ns == 0 || (b->widened && now_ns - b->bounds_ns >= REPORTED_NS) ||
	    ((b->epoch != epoch_of(m) || b->turns != tagged_turns(m)) && now_ns - b->bounds_ns >= BOUNDS_NS);
}

/* Did it jump, before our eyes?  What a process does by itself it does in small steps: a tank that
 * fills leaves the range of an hour, too.  What moved while nobody looked may have done it so. */
static bool
jumped(const struct block *b, const struct deviating *by, const struct usual *u)
{
	return !b->unwatched && !(fabs(by->v - (double)b->of[by->i].last) <= usual_margin(u) / 2);
}

/* It is beyond its bounds: is there a reason?  Either way they are wider now: it is reported once. */
static bool
judge(struct value *m, const struct sighting *s, const struct unit_values *of, struct block *b,
    const struct deviating *by, struct deviation *d)
{
	struct fact_key k = point_item_key(FACT_KIND_VALUE, &s->addr[OP_SERVER], s->op, by->it);
	struct deviating found = *by;
	const struct fact *f;
	struct usual u;

	b->widened = true;
	if (by->v < (double)b->of[by->i].lo)
		b->of[by->i].lo = (float)by->v;
	else
		b->of[by->i].hi = (float)by->v;
	k.first = k.last = point_address(by->it, by->i);
	f = facts_find(m->facts, &k);
	if (!value_known(f))
		return false;
	u = value_load(f);
	if (usual_judge(&u, by->v, VALUE_READ_ENOUGH) < USUAL_OUTSIDE || !jumped(b, by, &u) ||
	    value_explained(m, of, by->it, k.first, by->v))
		return false;
	found.usual = &u;
	return value_deviates(m, s, &k, &found, d);
}

static bool
compare(struct value *m, const struct sighting *s, struct unit_values *of, struct block *b, const struct op_item *it,
    const double *v, struct deviation *d)
{
	bool found = false;

	if (bounds_are_old(m, b, s->now_ns))
		find_bounds(m, s, of, b, it);
	for (uint32_t i = 0; i < b->n && !found; i++) {
		if (v[i] < (double)b->of[i].lo || v[i] > (double)b->of[i].hi) {
			const struct deviating by = { .type = ALERT_BASELINE_READ, .it = it, .i = i, .v = v[i] };

			found = judge(m, s, of, b, &by, d);
		}
		b->of[i].last = (float)v[i];
	}
	return found;
}

static bool
read_item(struct value *m, const struct sighting *s, struct unit_values *of, const struct op_item *it,
    struct deviation *d)
{
	struct block *b = block_of(m, of, it, s);
	uint32_t size = op_item_size(it);
	uint64_t payload = size > 0 ? hash_bytes(m->key, it->raw, (size_t)b->n * size) | 1u : 0;
	double v[BLOCK_POINTS];
	struct fact_key k;
	bool learns;

	watch(b, s->now_ns);
	if (b->stage_ns == 0 || s->now_ns - b->stage_ns >= (b->learns ? STAGE_NS : KNOWN_NS)) {
		k = point_item_key(FACT_KIND_VALUE, &s->addr[OP_SERVER], s->op, it);
		turn(m, b, it, &k, s->now_ns);
	}
	learns = b->learns && s->may_learn;
	if (learns) {
		m->counting = FLUSH_TURNS;
		if (++b->pending >= PENDING)
			flush(m, b);
	}
	if ((payload != 0 && payload == b->payload) ||
	    (b->learns ? !learns : !look(b, s->now_ns)))
		return false;
	op_item_numbers(it, b->n, v);
	b->payload = 0;
	if (learns) {
		k = point_item_key(FACT_KIND_VALUE, &s->addr[OP_SERVER], s->op, it);
		if (b->epoch != epoch_of(m))
			find_facts(m, b, it, &k);
		learn(m, s, b, it, &k, v);
	} else if (compare(m, s, of, b, it, v, d))
		return true;
	b->payload = payload;
	return false;
}

bool
value_read(struct value *m, const struct sighting *s, struct unit_values *of, struct deviation *d)
{
	const struct operation *op = s->op;
	uint32_t n = op->n_items < ITEMS_READ ? op->n_items : ITEMS_READ;
	uint32_t first = op->n_items > ITEMS_READ ? of->turn++ * ITEMS_READ % op->n_items : 0;

	for (uint32_t i = 0; i < n; i++) {
		const struct op_item *it = &op->items[first + i < op->n_items ? first + i : first + i - op->n_items];

		if (!it->written && point_has_numbers(it) && read_item(m, s, of, it, d))
			return true;
	}
	return false;
}

int
value_read_open(struct value *m)
{
	const struct detect_env *env = baseline_env(m->b);

	for (unsigned c = 0; c < VALUE_CLASSES; c++) {
		const uint64_t n = env->settings->baseline.facts / classes[c].of_facts;

		if (dense_open(&m->blocks[c], n > classes[c].least ? (uint32_t)n : classes[c].least,
		    sizeof(struct block) + classes[c].points * sizeof(struct block_point), env->counters, CNT_BASELINE_STATES) != 0)
			return -1;
	}
	return 0;
}

void
value_read_tick(struct value *m)
{
	if (m->counting == 0)
		return;
	m->counting--;
	for (unsigned c = 0; c < VALUE_CLASSES; c++)
		for (uint32_t i = m->flush; i < m->blocks[c].used; i += FLUSH_TURNS) {
			struct block *b = dense_at(&m->blocks[c], i);

			if (b->pending > 0)
				flush(m, b);
		}
	m->flush = (m->flush + 1) % FLUSH_TURNS;
}
