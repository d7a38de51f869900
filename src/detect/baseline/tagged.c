#include "detect/baseline/tagged.h"

#include <math.h>
#include <string.h>

#include "base/hash.h"
#include "detect/baseline/point.h"

#define STATES_LEAST	1024u
#define STATES_MOST	(1u << 17)
#define STAGE_NS	(10 * SECOND)	/* whether a tag is still learned is asked so often, whether it is again */
#define KNOWN_NS	(60 * SECOND)	/* so often, */
#define BOUNDS_NS	(10 * SECOND)	/* and where its bounds are, if a fact went or changed its state, */
#define REPORTED_NS	(60 * SECOND)	/* or one deviated */
#define WATCHED_NS	(60 * SECOND)	/* not read for so long, and for four times as long as before, is a gap */
#define PENDING		64u
#define STEP_NS		(10 * SECOND)	/* how far a value went is asked over so long */
#define STEP_MOST_NS	(600 * SECOND)	/* what moved over longer may have done it in any way */
#define STEPS		50u		/* until they are judged by, */
#define STEPS_NS	(3600 * SECOND)	/* and so long */
#define FASTER		3		/* times as fast as ever before, */
#define PART		4		/* and by more than this part of all that it was, is a deviation */

/* What the numbers of a fact TAG_RATE are: per minute, in the unit of the tag. */
enum { N_RISE, N_FALL, N_STEP, N_RISE_SEEN, N_FALL_SEEN, N_SETTLED };

/* Of a tag. */
struct tagged {
	struct slot	 slot;
	uint64_t	 stage_ns, bounds_ns;	/* when those were found; 0: never */
	uint64_t	 seen_ns, gap_ns;	/* the last reading, and how long after the one before */
	uint64_t	 anchor_ns;		/* where a step began; 0: nowhere */
	double		 last, anchor, wrote;
	double		 lo, hi;		/* bounds, when it is known */
	double		 rise, fall, part;	/* faster, and further than this, is a deviation; infinite: nothing is */
	uint32_t	 epoch, fact;		/* of the facts; number of what is read, while it is learned */
	uint32_t	 pending;		/* readings learned from and not counted yet */
	bool		 learns, widened, has_last, has_wrote;
};

/* What one operation goes on with. */
struct look {
	struct value		*m;
	const struct sighting	*s;
	struct deviation	*d;
	bool			 found;
};

/* ---- keys ------------------------------------------------------------------------------- */

/* A tag that means something else is another: its numbers were in another unit. */
static uint32_t
meaning_of(const struct tag *t)
{
	uint64_t parts[6] = { hash_bytes(HASH_REPLAY_KEY, t->name, strlen(t->name)), hash_bytes(HASH_REPLAY_KEY, t->unit, strlen(t->unit)), 0, 0,
	    (uint64_t)t->place.number << 32 | t->place.first,
	    (uint64_t)t->form.type << 48 | (uint64_t)t->form.order << 40 | (uint64_t)t->form.low_bit << 32 | (uint64_t)t->form.n_bits << 24 |
	    (uint64_t)t->proto << 16 | (uint64_t)t->place.space << 8 | t->place.bit };

	memcpy(&parts[2], &t->scale, sizeof(t->scale));
	memcpy(&parts[3], &t->offset, sizeof(t->offset));
	return (uint32_t)hash_bytes(HASH_REPLAY_KEY, parts, sizeof(parts));
}

static struct fact_key
key_of(const struct tag *t, unsigned kind, bool written)
{
	struct fact_key k = { .kind = (uint8_t)kind, .written = written, .server = t->addr, .code = meaning_of(t) };
	size_t n = strlen(t->name);

	memcpy(k.text, t->name, n < FACT_TEXT ? n : FACT_TEXT - 1);
	return k;
}

static uint32_t
epoch_of(const struct value *m)
{
	return (uint32_t)facts_epoch(m->facts);
}

/* ---- how fast it changes ------------------------------------------------------------------ */

static double
most_of(const struct fact *f, unsigned learned, unsigned seen)
{
	return f->state == FACT_ACCEPTED && f->n[seen].d > f->n[learned].d ? f->n[seen].d : f->n[learned].d;
}

double
tagged_rise(const struct fact *f)
{
	return most_of(f, N_RISE, N_RISE_SEEN);
}

double
tagged_fall(const struct fact *f)
{
	return most_of(f, N_FALL, N_FALL_SEEN);
}

bool
tagged_rate_judged(const struct fact *f)
{
	uint64_t fresh = fact_whole(f->n[N_STEP], UINT32_MAX);

	return fact_whole(f->n[N_SETTLED], 1) == 1 || (f->count >= STEPS && f->last_ns > f->first_ns && f->last_ns - f->first_ns >= STEPS_NS &&
	    f->count > fresh && f->count - fresh >= f->count / 3);
}

void
tagged_stable(struct fact *f)
{
	if (tagged_rate_judged(f))
		f->n[N_SETTLED].d = 1;
	f->n[N_STEP].d = 0;
	f->count = f->count > 1 ? 2 : f->count;
}

static void
learn_step(struct value *m, const struct sighting *s, const struct tag *t, double rate)
{
	const struct fact_key k = key_of(t, FACT_KIND_TAG_RATE, false);
	struct fact *f = facts_find(m->facts, &k);
	unsigned way = rate < 0 ? N_FALL : N_RISE;

	if (f != NULL)
		facts_seen(m->facts, f, 1, s->now_ns);
	else if (baseline_see(m->b, &k, s, &f) == BASELINE_NEW || f == NULL)
		return;
	rate = fabs(rate);
	if (!(rate > f->n[way].d))
		return;
	/* A little faster is no news. */
	if (rate > f->n[way].d * 1.1)
		f->n[N_STEP].d = (double)f->count;
	f->n[way].d = rate;
	facts_touch(m->facts, f);
}

/* It is faster than ever: what was expected stands in the fact. */
static bool
report_step(struct look *l, struct tagged *x, const struct tag *t, double v, double rate)
{
	const struct fact_key k = key_of(t, FACT_KIND_TAG_RATE, false);
	struct fact *f = facts_find(l->m->facts, &k);
	struct strbuf what = strbuf_on(l->d->what, sizeof(l->d->what)), expected = strbuf_on(l->d->expected, sizeof(l->d->expected));
	unsigned seen = rate < 0 ? N_FALL_SEEN : N_RISE_SEEN;
	char text[TAG_VALUE_MAX];

	if (rate < 0)
		x->fall = -rate;
	else
		x->rise = rate;
	x->widened = true;
	if (f == NULL)
		return false;
	if (fabs(rate) > f->n[seen].d) {
		f->n[seen].d = fabs(rate);
		facts_touch(l->m->facts, f);
	}
	tag_value_print(t, x->anchor, text);
	strbuf_printf(&what, "%s from %s ", t->name, text);
	tag_value_print(t, v, text);
	strbuf_printf(&what, "to %s, %.3g%s%s a minute", text, fabs(rate), t->unit[0] != '\0' ? " " : "", t->unit);
	strbuf_printf(&expected, "at most %.3g%s%s a minute", rate < 0 ? tagged_fall(f) : tagged_rise(f), t->unit[0] != '\0' ? " " : "", t->unit);
	l->d->type = ALERT_BASELINE_TAG_RATE;
	l->d->fact = f;
	l->d->key = hash_bytes(l->m->key, &k, sizeof(k));
	l->d->from_server = true;
	l->d->score = value_score((uint32_t)(f->count < UINT32_MAX ? f->count : UINT32_MAX));
	return true;
}

/* A set-point jumps, and what is not a measurement does, too. */
static bool
step(struct look *l, struct tagged *x, const struct tag *t, double v, bool learns)
{
	uint64_t now = l->s->now_ns, took = now - x->anchor_ns;
	bool found = false;
	double rate;

	if (x->anchor_ns != 0 && now >= x->anchor_ns && took < STEP_NS)
		return false;
	if (x->anchor_ns != 0 && now > x->anchor_ns && took <= STEP_MOST_NS && !x->has_wrote) {
		rate = (v - x->anchor) * 60e9 / (double)took;
		if (learns)
			learn_step(l->m, l->s, t, rate);
		else if (!x->learns && (rate > x->rise || -rate > x->fall) && fabs(v - x->anchor) > x->part)
			found = report_step(l, x, t, v, rate);
	}
	x->anchor = v;
	x->anchor_ns = now;
	return found;
}

/* ---- what it is --------------------------------------------------------------------------- */

static void
flush(struct value *m, struct tagged *x, uint64_t now_ns)
{
	if (x->pending > 0 && x->epoch == epoch_of(m) && x->fact != FACTS_NO_FACT)
		facts_seen(m->facts, facts_at(m->facts, x->fact), x->pending, now_ns);
	x->pending = 0;
}

static void
learn(struct value *m, const struct sighting *s, struct tagged *x, const struct tag *t, double v)
{
	const struct fact_key k = key_of(t, FACT_KIND_TAG, false);
	struct fact *f;

	x->pending++;
	if (x->has_last && x->epoch == epoch_of(m) && !(v < x->last || v > x->last)) {
		if (x->pending >= PENDING)
			flush(m, x, s->now_ns);
		return;
	}
	x->pending--;
	flush(m, x, s->now_ns);
	f = facts_find(m->facts, &k);
	f = value_learn(m, s, f, &k, v, f != NULL ? (uint32_t)f->count : 0);
	if (f != NULL)
		facts_seen(m->facts, f, 1, s->now_ns);
	x->fact = f != NULL ? facts_number(m->facts, f) : FACTS_NO_FACT;
	x->epoch = epoch_of(m);
}

static void
find_bounds(struct value *m, struct tagged *x, const struct tag *t, uint64_t now_ns)
{
	const struct fact_key k = key_of(t, FACT_KIND_TAG, false), w = key_of(t, FACT_KIND_TAG, true), r = key_of(t, FACT_KIND_TAG_RATE, false);
	const struct fact *f = facts_find(m->facts, &k), *rate = facts_find(m->facts, &r);
	struct usual u;

	x->lo = -INFINITY;
	x->hi = x->rise = x->fall = INFINITY;
	x->has_wrote |= value_known(facts_find(m->facts, &w));
	x->epoch = epoch_of(m);
	x->bounds_ns = now_ns;
	x->widened = false;
	if (!value_known(f) || !value_judged(f))
		return;
	u = value_load(f);
	x->lo = usual_min(&u) - usual_margin(&u);
	x->hi = usual_max(&u) + usual_margin(&u);
	/* States jump. */
	if (u.n_few <= USUAL_FEW || !value_known(rate) || !tagged_rate_judged(rate))
		return;
	x->rise = FASTER * tagged_rise(rate);
	x->fall = FASTER * tagged_fall(rate);
	x->part = (usual_max(&u) - usual_min(&u)) / PART;
}

static bool
judge(struct look *l, struct tagged *x, const struct tag *t, double v, bool unwatched)
{
	const struct fact_key k = key_of(t, FACT_KIND_TAG, false);
	struct deviating by = { .type = ALERT_BASELINE_READ, .tag = t, .v = v };
	const struct fact *f = facts_find(l->m->facts, &k);
	struct usual u;

	x->widened = true;
	if (v < x->lo)
		x->lo = v;
	else
		x->hi = v;
	if (!value_known(f))
		return false;
	u = value_load(f);
	by.usual = &u;
	/* As of a point: by itself a process moves in small steps (value_read.c). */
	return usual_judge(&u, v, VALUE_READ_ENOUGH) >= USUAL_OUTSIDE && !unwatched && x->has_last &&
	    fabs(v - x->last) > usual_margin(&u) / 2 && !(x->has_wrote && x->wrote == v) && value_deviates(l->m, l->s, &k, &by, l->d);
}

static void
turn(struct value *m, struct tagged *x, const struct tag *t, uint64_t now_ns)
{
	const struct fact_key k = key_of(t, FACT_KIND_TAG, false);
	bool learns = baseline_learns(m->b, &k, now_ns);

	if (x->stage_ns == 0 || learns != x->learns) {
		flush(m, x, now_ns);
		x->bounds_ns = 0;
		m->tag_turns++;
	}
	x->stage_ns = now_ns;
	x->learns = learns;
}

/* It was read longer after the last time than usual. */
static bool
watch(struct tagged *x, uint64_t now_ns)
{
	uint64_t gap = now_ns > x->seen_ns ? now_ns - x->seen_ns : 0;
	bool unwatched = x->seen_ns == 0 || (gap > WATCHED_NS && gap > 4 * x->gap_ns);

	x->gap_ns = x->seen_ns == 0 ? 0 : gap;
	x->seen_ns = now_ns;
	return unwatched;
}

static bool
take_read(struct look *l, struct tagged *x, const struct tag *t, double v)
{
	struct value *m = l->m;
	uint64_t now = l->s->now_ns;
	bool unwatched = watch(x, now), learns, found = false;

	if (x->stage_ns == 0 || now - x->stage_ns >= (x->learns ? STAGE_NS : KNOWN_NS))
		turn(m, x, t, now);
	learns = x->learns && l->s->may_learn;
	if (learns)
		learn(m, l->s, x, t, v);
	else if (!x->learns) {
		if (x->bounds_ns == 0 || (x->widened && now - x->bounds_ns >= REPORTED_NS) || (x->epoch != epoch_of(m) && now - x->bounds_ns >= BOUNDS_NS))
			find_bounds(m, x, t, now);
		found = !l->found && (v < x->lo || v > x->hi) && judge(l, x, t, v, unwatched);
	}
	x->last = v;
	x->has_last = true;
	if (found || unwatched) {	/* it was said that it jumped; or nobody saw how it came there */
		x->anchor = v;
		x->anchor_ns = now;
		return found;
	}
	return !l->found && step(l, x, t, v, learns);
}

static bool
take_write(struct look *l, struct tagged *x, const struct tag *t, double v)
{
	const struct fact_key k = key_of(t, FACT_KIND_TAG, true), other = key_of(t, FACT_KIND_TAG, false);
	struct deviating by = { .tag = t, .v = v };
	struct usual u;

	x->wrote = v;
	x->has_wrote = true;
	if (l->s->may_learn && baseline_learns(l->m->b, &k, l->s->now_ns)) {
		struct fact *f = facts_find(l->m->facts, &k);

		f = value_learn(l->m, l->s, f, &k, v, f != NULL ? (uint32_t)f->count : 0);
		if (f != NULL)
			facts_seen(l->m->facts, f, 1, l->s->now_ns);
		return false;
	}
	by.type = value_judge_written(l->m, &k, &other, v, &u);
	by.usual = &u;
	return !l->found && by.type != ALERT_RULE && value_deviates(l->m, l->s, &k, &by, l->d);
}

static void
reading(void *arg, const struct tag_reading *r)
{
	struct look *l = arg;
	struct tagged *x;

	/* Single bits are never judged, and what its device does not vouch for is not learned. */
	if (!r->known || !r->good || r->is_bit || r->tag->form.type == TAG_BOOL)
		return;
	x = slots_get(&l->m->tags, (uint64_t)tag_reader_generation(baseline_env(l->m->b)->tags) << 32 | (r->index + 1u), l->s->now_ns);
	x->slot.last_ns = l->s->now_ns;
	l->found |= r->written ? take_write(l, x, r->tag, r->value) : take_read(l, x, r->tag, r->value);
}

/* ---- whose -------------------------------------------------------------------------------- */

static const struct tag_device *
device_of(const struct value *m, const struct sighting *s, struct unit_values *of)
{
	const struct tag_reader *r = baseline_env(m->b)->tags;
	const struct tags *tags = tag_reader_tags(r);

	if (of->tags_of != tag_reader_generation(r)) {
		const struct tag_device *found = tags_device(tags, &s->addr[OP_SERVER]);

		of->tags_of = tag_reader_generation(r);
		of->device = found != NULL ? (uint32_t)(found - tags->device) + 1 : 0;
	}
	return of->device > 0 ? &tags->device[of->device - 1] : NULL;
}

bool
tagged_operation(struct value *m, const struct sighting *s, struct unit_values *of, struct deviation *d)
{
	struct look l = { .m = m, .s = s, .d = d };
	const struct tag_device *device = baseline_env(m->b)->tags != NULL ? device_of(m, s, of) : NULL;

	if (device != NULL)
		tag_reader_look(baseline_env(m->b)->tags, device, s->op, reading, &l);
	return l.found;
}

bool
tagged_covers(struct value *m, const struct sighting *s, struct unit_values *of, const struct op_item *it, uint32_t i)
{
	const struct protocol_values *values = protocols[s->op->proto]->values;
	const struct tag_device *device = baseline_env(m->b)->tags != NULL && values != NULL ? device_of(m, s, of) : NULL;
	const struct tags *tags = device != NULL ? tag_reader_tags(baseline_env(m->b)->tags) : NULL;
	struct op_place at = device != NULL ? values->of(it) : (struct op_place){ .space = SPACE_NONE };

	if (at.space == SPACE_NONE)
		return false;
	at.first = point_address(it, i);
	at.bytes = (uint8_t)op_item_size(it);
	for (const struct tag *t = NULL; (t = tags_over(tags, device, (uint8_t)s->op->proto, s->op->unit, &at, t)) != NULL; )
		for (unsigned written = 0; written < 2; written++) {
			const struct fact_key k = key_of(t, FACT_KIND_TAG, written);
			const struct fact *f = facts_find(m->facts, &k);

			if ((!written || it->written) && value_known(f) && value_judged(f) && !baseline_learns(m->b, &k, s->now_ns))
				return true;
		}
	return false;
}

uint32_t
tagged_turns(const struct value *m)
{
	return m->tag_turns + (baseline_env(m->b)->tags != NULL ? tag_reader_generation(baseline_env(m->b)->tags) << 16 : 0);
}

/* ---- life --------------------------------------------------------------------------------- */

int
tagged_open(struct value *m)
{
	const struct detect_env *env = baseline_env(m->b);
	uint32_t n = env->tags != NULL ? 2 * tag_reader_tags(env->tags)->n : 0;

	return slots_open(&m->tags, &(struct slots_want){ .n = n < STATES_LEAST ? STATES_LEAST : n > STATES_MOST ? STATES_MOST : n,
	    .size = sizeof(struct tagged), .secret = env->key, .counters = env->counters, .evicted = CNT_BASELINE_STATES });
}

void
tagged_close(struct value *m)
{
	slots_close(&m->tags);
}

size_t
tagged_memory(const struct value *m)
{
	return slots_memory(&m->tags);
}
