/* value.c - which values a point has, as read and as written.
 *
 * A fact a point and direction: a set of few values or a range (usual.h), which says nothing before it
 * has settled.  What is written inside the range that the point is known to have is a new
 * set-point; outside of it somebody asks for what the process never was.  What is read outside of
 * it (value_read.c) is reported unless somebody wrote just that.
 */
#include "detect/baseline/value.h"

#include <math.h>
#include <stdlib.h>

#include "detect/baseline/point.h"
#include "detect/baseline/tagged.h"

#define CONSTANT_NS	(3600 * SECOND)
#define LASTED		UINT8_MAX	/* swings of what settled; of a constant, which has none: it lasted */
#define WROTE		1024u	/* points whose last written value is remembered */
#define ITEMS_WRITTEN	8u
#define VALUES_WRITTEN	32u	/* of one item */
#define SCALES		4	/* times the largest value: what is beyond is another scale */
#define RESTS		8u	/* of what was read this part, the last, brought no new limit: it is no counter */
#define SHARE		4u	/* points that are read take at most this part of all facts */

/* What the numbers of a fact are. */
enum { N_VALUE, N_FRESH = USUAL_FEW, N_REST };

struct wrote {
	struct slot	 slot;
	double		 v;
};

/* ---- a model in a fact ----------------------------------------------------------- */

struct usual
value_load(const struct fact *f)
{
	struct usual u = { .n = f->count < UINT32_MAX ? (uint32_t)f->count : UINT32_MAX,
	    .fresh = (uint32_t)fact_whole(f->n[N_FRESH], UINT32_MAX) };
	uint32_t rest = (uint32_t)fact_whole(f->n[N_REST], UINT32_MAX);

	for (uint32_t i = 0; i < USUAL_FEW; i++)
		u.v[i] = f->n[N_VALUE + i].d;
	u.n_few = rest & 0xff;
	u.side = rest >> 8 & 0xff;
	u.swings = rest >> 16 & 0xff;
	return u;
}

static void
save(const struct usual *u, struct fact *f)
{
	for (uint32_t i = 0; i < USUAL_FEW; i++)
		f->n[N_VALUE + i].d = u->v[i];
	f->n[N_FRESH].d = u->fresh;
	f->n[N_REST].d = u->n_few | (uint32_t)u->side << 8 | (uint32_t)u->swings << 16;
}

bool
value_lasted(const struct fact *f)
{
	const struct usual u = value_load(f);

	return (u.n_few == 1 && u.swings == LASTED) || (f->last_ns > f->first_ns && f->last_ns - f->first_ns >= CONSTANT_NS);
}

void
value_stable(struct fact *f)
{
	struct usual u = value_load(f);

	if (!value_judged(f))
		return;
	f->count = u.fresh + u.fresh / 2 + 2;
	if (f->count < VALUE_READ_ENOUGH)
		f->count = VALUE_READ_ENOUGH;
	u.side = 0;
	u.swings = LASTED;
	save(&u, f);
}

bool
value_judged(const struct fact *f)
{
	const struct usual u = value_load(f);

	if (f->key.written)
		return usual_settled(&u, VALUE_WRITE_ENOUGH);
	return usual_settled(&u, VALUE_READ_ENOUGH) && (u.n_few > 1 || value_lasted(f));
}

static bool
has_space(struct value *m, const struct fact_key *k)
{
	const struct detect_env *env = baseline_env(m->b);

	if (k->written || facts_of_kind(m->facts, k->kind) < env->settings->baseline.facts / SHARE)
		return true;
	count(env->counters, CNT_BASELINE_POINTS);
	return false;
}

struct fact *
value_learn(struct value *m, const struct sighting *s, struct fact *f, const struct fact_key *k, double v, uint32_t n)
{
	struct usual u;
	uint32_t swings;

	if (f == NULL) {
		if (!has_space(m, k) || baseline_see(m->b, k, s, &f) == BASELINE_NEW || f == NULL)
			return NULL;
		f->count--;	/* whoever asks counts */
	}
	u = value_load(f);
	u.n = n;
	swings = u.swings;
	if (usual_learn(&u, v) || u.swings != swings)
		facts_touch(m->facts, f);
	f->last_ns = s->now_ns;
	save(&u, f);
	return f;
}

/* ---- what is reported -------------------------------------------------------------- */

uint8_t
value_score(uint32_t n)
{
	uint8_t s = 50;

	for (; n > 1 && s < 95; n >>= 1)
		s += 5;
	return s;
}

/* A real of single precision has no more than seven digits. */
static void
put_number(struct strbuf *to, double v)
{
	if (!isfinite(v)) {
		strbuf_put(to, isnan(v) ? "no number (NaN)" : v > 0 ? "infinity" : "minus infinity");
		return;
	}
	strbuf_printf(to, v != floor(v) && v == (double)(float)v ? "%.7g" : "%.10g", v);
}

void
value_put(struct strbuf *to, const struct usual *u)
{
	if (u->n_few > USUAL_FEW) {
		put_number(to, usual_min(u));
		strbuf_put(to, " to ");
		put_number(to, usual_max(u));
		return;
	}
	for (uint32_t i = 0; i < u->n_few; i++) {
		strbuf_put(to, i == 0 ? "" : i + 1 == u->n_few ? " or " : ", ");
		put_number(to, u->v[i]);
	}
}

/* Its numbers are the least and the largest value. */
bool
value_deviates(struct value *m, const struct sighting *s, const struct fact_key *point, const struct deviating *by,
    struct deviation *d)
{
	struct fact_key k = *point;
	struct strbuf what = strbuf_on(d->what, sizeof(d->what)), expected = strbuf_on(d->expected, sizeof(d->expected));
	/* What is no number widens nothing, also when it is accepted. */
	const double bound = isfinite(by->v) ? by->v : usual_max(by->usual);
	struct fact *f;

	k.kind = by->tag != NULL ? FACT_KIND_NEW_TAG : FACT_KIND_NEW_VALUE;
	f = facts_find(m->facts, &k);
	if (value_known(f) && by->v >= f->n[0].d && by->v <= f->n[1].d)
		return false;
	if (f == NULL && (f = facts_add(m->facts, &k, FACT_OPEN, s->now_ns)) != NULL)
		f->n[0].d = f->n[1].d = bound;
	if (f != NULL) {
		if (value_known(f))
			f = facts_set_state(m->facts, f, FACT_OPEN);
		f->n[0].d = bound < f->n[0].d ? bound : f->n[0].d;
		f->n[1].d = bound > f->n[1].d ? bound : f->n[1].d;
		f->count++;
		f->last_ns = s->now_ns;
		facts_touch(m->facts, f);
	}
	d->type = by->type;
	d->fact = f;
	d->key = hash_bytes(m->key, &k, sizeof(k));
	d->from_server = !point->written;
	d->score = value_score(by->usual->n);
	d->numbers[d->n_numbers++] = (struct finding_number){ "values", by->usual->n };
	if (by->tag != NULL)
		strbuf_put(&what, by->tag->name);
	else
		point_words(&what, by->it, by->i);
	strbuf_put(&what, point->written ? " to " : " as ");
	put_number(&what, by->v);
	value_put(&expected, by->usual);
	if (by->tag != NULL && by->tag->unit[0] != '\0') {
		strbuf_printf(&what, " %s", by->tag->unit);
		strbuf_printf(&expected, " %s", by->tag->unit);
	}
	return true;
}

/* ---- what is written ---------------------------------------------------------------- */

static uint64_t
wrote_key(const struct value *m, const struct unit_values *of, const struct op_item *it, uint32_t address)
{
	const uint64_t parts[2] = { (uint64_t)of->id << 32 | address, (uint64_t)it->space << 32 | it->number };

	return hash_bytes(m->key, parts, sizeof(parts)) | 1u;
}

/* What is known of a point in one direction. */
struct known {
	struct usual	 u;
	bool		 settled;
	bool		 ranged;	/* and it is more than a constant of a few minutes */
};

static struct known
known_of(struct value *m, const struct fact_key *k, uint32_t enough)
{
	const struct fact *f = facts_find(m->facts, k);
	struct known of = { 0 };

	if (!value_known(f))
		return of;
	of.u = value_load(f);
	of.settled = usual_settled(&of.u, enough);
	of.ranged = of.settled && (of.u.n_few > 1 || value_lasted(f));
	return of;
}

/* Is it beyond all that was ever there by several times of it?  That needs no more than two values. */
static bool
is_of_another_scale(const struct usual *u, double v)
{
	return u->n >= 2 && usual_beyond(u, v) > SCALES * usual_magnitude(u) && usual_magnitude(u) > 0 && !usual_is_mode(u);
}

/* The point was never anything else, and now it is.  Somebody may have waited for the first reason to set
 * it, or to switch off what was always switched on; by how much it is more says whether that is likely. */
static enum alert_type
judge_constant(const struct known *written, const struct usual *u, double v)
{
	if (is_of_another_scale(u, v))
		return ALERT_BASELINE_FAR;
	if (!written->settled)
		return ALERT_RULE;
	return usual_is_mode(u) || usual_beyond(u, v) <= usual_magnitude(u) / 2 ? ALERT_BASELINE_SETPOINT : ALERT_BASELINE_WRITTEN;
}

/* Has it stayed as it was, or come back?  A counter goes on and on: each value is a new limit. */
static bool
rests(const struct usual *u, uint32_t part)
{
	return u->n > u->fresh && u->n - u->fresh >= u->n / part;
}

/* Far from a point that is looked at often or was set before, though it has not settled: what is set seldom never settles in
 * the time in which one learns. */
static bool
is_far_from_much(const struct known *written, const struct known *read, const struct usual *u, double v)
{
	if (usual_is_mode(u) || usual_compare(u, v) != USUAL_FAR)
		return false;
	return (read->u.n >= VALUE_READ_ENOUGH && rests(&read->u, RESTS)) || (written->u.n >= VALUE_WRITE_ENOUGH && rests(&written->u, RESTS));
}

/* A watchdog or a total: where it is tomorrow nobody knows. */
static bool
counts(const struct known *written, const struct known *read)
{
	return written->u.n >= VALUE_WRITE_ENOUGH && !rests(&written->u, RESTS) && !(read->u.n >= VALUE_READ_ENOUGH && rests(&read->u, RESTS));
}

/* What of a written value?  ALERT_RULE: nothing.  `u` is what it was compared with. */
static enum alert_type
judge_written(const struct known *written, const struct known *read, double v, struct usual *u)
{
	enum usual_verdict verdict;

	*u = usual_union(&written->u, &read->u);
	/* Not a number, or beyond all: a range of numbers cannot hold it. */
	if (!isfinite(v))
		return u->n >= VALUE_WRITE_ENOUGH ? ALERT_BASELINE_WRITTEN : ALERT_RULE;
	if (written->u.n > 0 && usual_compare(&written->u, v) == USUAL_KNOWN)
		return ALERT_RULE;
	if (!written->settled && !read->settled)
		return (is_of_another_scale(u, v) && !counts(written, read)) || is_far_from_much(written, read, u, v) ?
		    ALERT_BASELINE_WRITTEN : ALERT_RULE;
	if (u->v[0] == u->v[1])
		return judge_constant(written, u, v);
	verdict = usual_compare(u, v);
	if (verdict == USUAL_FAR)
		return usual_is_mode(written->u.n > 0 ? &written->u : &read->u) ? ALERT_BASELINE_WRITTEN : ALERT_BASELINE_FAR;
	if (verdict == USUAL_OUTSIDE)
		return written->settled || read->ranged ? ALERT_BASELINE_WRITTEN : ALERT_RULE;
	if (!written->settled)
		return ALERT_RULE;
	*u = written->u;
	return ALERT_BASELINE_SETPOINT;
}

enum alert_type
value_judge_written(struct value *m, const struct fact_key *written, const struct fact_key *read, double v, struct usual *u)
{
	const struct known w = known_of(m, written, VALUE_WRITE_ENOUGH), r = known_of(m, read, VALUE_READ_ENOUGH);

	return judge_written(&w, &r, v, u);
}

static bool
write_point(struct value *m, const struct sighting *s, struct unit_values *of, const struct op_item *it, uint32_t i,
    struct deviation *d)
{
	struct fact_key k = point_item_key(FACT_KIND_VALUE, &s->addr[OP_SERVER], s->op, it), other;
	struct usual u;
	struct deviating by = { .it = it, .i = i };
	struct wrote *w;

	if (!point_number(it, i, &by.v))
		return false;
	k.first = k.last = point_address(it, i);
	w = slots_get(&m->wrote, wrote_key(m, of, it, k.first), s->now_ns);
	w->v = by.v;
	w->slot.last_ns = s->now_ns;
	if (s->may_learn && baseline_learns(m->b, &k, s->now_ns)) {
		struct fact *f = facts_find(m->facts, &k);

		if (!isfinite(by.v))
			return false;
		f = value_learn(m, s, f, &k, by.v, f != NULL ? (uint32_t)f->count : 0);
		if (f != NULL)
			facts_seen(m->facts, f, 1, s->now_ns);
		return false;
	}
	other = k;
	other.written = 0;
	by.type = value_judge_written(m, &k, &other, by.v, &u);
	by.usual = &u;
	return by.type != ALERT_RULE && !tagged_covers(m, s, of, it, i) && value_deviates(m, s, &k, &by, d);
}

/* Zero and what is no number have the bytes of a whole number; where reals are written they are reals. */
static void
type_as_known(struct value *m, const struct sighting *s, struct op_item *it)
{
	struct op_item real = *it;
	struct fact_key k;

	if (it->form != FORM_U32_BE)
		return;
	real.form = FORM_F32_BE;
	k = point_item_key(FACT_KIND_VALUE, &s->addr[OP_SERVER], s->op, &real);
	k.first = k.last = point_address(&real, 0);
	if (facts_find(m->facts, &k) != NULL)
		*it = real;
}

static bool
written(struct value *m, const struct sighting *s, struct unit_values *of, struct deviation *d)
{
	const struct operation *op = s->op;

	for (uint32_t i = 0; i < op->n_items && i < ITEMS_WRITTEN; i++) {
		const struct op_item *it = &op->items[i];
		struct op_item whole;

		if (it->written && point_whole(it, &whole)) {
			type_as_known(m, s, &whole);
			it = &whole;
		}
		for (uint32_t j = 0; it->written && point_has_numbers(it) && j < it->n_values && j < VALUES_WRITTEN; j++)
			if (write_point(m, s, of, it, j, d))
				return true;
	}
	return false;
}

bool
value_explained(struct value *m, const struct unit_values *of, const struct op_item *it, uint32_t address, double v)
{
	const struct wrote *w = slots_find(&m->wrote, wrote_key(m, of, it, address));

	return w != NULL && w->v == v;
}

/* ---- the model ------------------------------------------------------------------------- */

static bool
value_operation(void *arg, const struct sighting *s, struct deviation *d)
{
	struct value *m = arg;
	const struct operation *op = s->op;
	struct deviation unused = { 0 };
	struct unit_values *of;
	bool tagged;

	if (op->n_items == 0 || op->outcome == OUTCOME_EXCEPTION || s->at == NULL || s->at->unit == NULL)
		return false;
	of = asset_slot(s->at->unit, m->of_unit);
	if (of->id == 0)
		of->id = ++m->ids;
	tagged = tagged_operation(m, s, of, d);
	/* What has a name goes before: it makes one deviation. */
	if (op->intent == INTENT_WRITE || op->intent == INTENT_OPERATE)
		return written(m, s, of, tagged ? &unused : d) || tagged;
	return (op->response.seen && value_read(m, s, of, tagged ? &unused : d)) || tagged;
}

static void
value_tick(void *arg, uint64_t now_ns)
{
	(void)now_ns;
	value_read_tick(arg);
}

static void
value_close(void *arg)
{
	struct value *m = arg;

	for (unsigned c = 0; c < VALUE_CLASSES; c++)
		dense_close(&m->blocks[c]);
	slots_close(&m->wrote);
	tagged_close(m);
	free(m);
}

static void *
value_open(struct baseline *b, struct err *e)
{
	const struct detect_env *env = baseline_env(b);
	struct value *m = calloc(1, sizeof(*m));

	(void)e;
	if (m == NULL)
		return NULL;
	m->b = b;
	m->facts = baseline_facts(b);
	m->key = env->key;
	m->of_unit = assets_slot(env->assets, ASSET_UNIT, sizeof(struct unit_values));
	if (value_read_open(m) != 0 || tagged_open(m) != 0 || slots_open(&m->wrote, &(struct slots_want){ .n = WROTE, .size = sizeof(struct wrote),
	    .secret = env->key, .counters = env->counters, .evicted = CNT_BASELINE_STATES }) != 0) {
		value_close(m);
		return NULL;
	}
	return m;
}

static size_t
value_memory(const void *arg)
{
	const struct value *m = arg;

	size_t n = sizeof(*m) + slots_memory(&m->wrote) + tagged_memory(m);

	for (unsigned c = 0; c < VALUE_CLASSES; c++)
		n += dense_memory(&m->blocks[c]);
	return n;
}

const struct model model_value = {
	.name = "value",
	.open = value_open,
	.operation = value_operation,
	.tick = value_tick,
	.memory = value_memory,
	.close = value_close,
};
