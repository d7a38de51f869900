/* value.c - which values a point has, as read and as written.
 *
 * A fact a point and direction: a set of few values or a range (usual.h), which says nothing before it
 * has settled.  What is written inside the range that the point is known to have is a new
 * set-point; outside of it somebody asks for what the process never was.  What is read outside of
 * it is reported unless somebody wrote just that.
 *
 * A poll whose bytes are those of the last one costs one hash.  Otherwise only the values that
 * changed are looked at, and of one block not more often than the process moves.
 */
#include "detect/baseline/model.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "detect/baseline/point.h"
#include "detect/baseline/usual.h"
#include "detect/slots.h"

#define READ_ENOUGH	50u	/* values until a model is judged by */
#define WRITE_ENOUGH	5u
#define CONSTANT_NS	(3600 * SECOND)	/* what never changed is a constant after an hour: of ten minutes many
					 * things are constant */
#define BLOCKS		1024u	/* ranges that are polled */
#define BLOCK_POINTS	128u	/* values of one, the first: all registers of a Modbus request */
#define WROTE		1024u	/* points whose last written value is remembered */
#define ITEMS_READ	4u	/* of one operation; the others have their turn in the next ones */
#define ITEMS_WRITTEN	8u
#define VALUES_WRITTEN	32u	/* of one item */
#define LOOKS		8u	/* at a block that changed, at once; then one each */
#define LOOK_NS		(SECOND / 2)
#define SHARE		4u	/* points that are read take at most this part of all facts */
#define PENDING		64u	/* polls that are counted at the block before they are at its points */
#define FLUSH_TURNS	16u	/* ticks in which every block is counted once */

/* What the numbers of a fact are. */
enum { N_VALUE, N_FRESH = USUAL_FEW, N_REST };

struct block {
	struct slot	 slot;
	uint64_t	 payload;	/* hash of the bytes that were looked at last; 0 none */
	uint64_t	 epoch;		/* in which `fact` was looked up */
	uint64_t	 look_ns;	/* up to when looks are used up */
	uint32_t	 n;		/* points */
	uint32_t	 pending;	/* polls learned from and not counted yet */
	double		 last[BLOCK_POINTS];
	uint32_t	 fact[BLOCK_POINTS];
};

struct wrote {
	struct slot	 slot;
	double		 v;
};

/* Of a unit. */
struct unit_values {
	uint32_t	 id;		/* 0: none yet */
	uint32_t	 turn;
};

struct value {
	struct baseline	*b;
	struct facts	*facts;
	struct slots	 blocks, wrote;
	uint32_t	 of_unit;	/* slot: struct unit_values */
	uint32_t	 ids, flush;
	uint64_t	 key;
};

/* ---- a model in a fact ----------------------------------------------------------- */

static struct usual
load(const struct fact *f)
{
	struct usual u = { .n = f->count < UINT32_MAX ? (uint32_t)f->count : UINT32_MAX,
	    .fresh = (uint32_t)f->n[N_FRESH].d };
	uint32_t rest = (uint32_t)f->n[N_REST].d;

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

static bool
is_known(const struct fact *f)
{
	return f != NULL && (f->state == FACT_LEARNED || f->state == FACT_ACCEPTED);
}

/* One more value of a point.  Before it came, n were seen.  NULL: there is no space for it. */
static struct fact *
learn(struct value *m, struct fact *f, const struct fact_key *k, double v, uint32_t n, uint64_t now_ns)
{
	struct usual u;
	uint32_t swings;

	if (f == NULL) {
		if (!k->written && facts_of_kind(m->facts, k->kind) >= baseline_env(m->b)->settings->baseline.facts / SHARE) {
			count(baseline_env(m->b)->counters, CNT_BASELINE_POINTS);
			return NULL;
		}
		f = facts_add(m->facts, k, FACT_LEARNED, now_ns);
		if (f == NULL)
			return NULL;
		count(baseline_env(m->b)->counters, CNT_BASELINE_LEARNED);
	}
	u = load(f);
	u.n = n;
	swings = u.swings;
	if (usual_learn(&u, v) || u.swings != swings)
		facts_touch(m->facts, f);
	f->last_ns = now_ns;
	save(&u, f);
	return f;
}

/* ---- what is reported -------------------------------------------------------------- */

static uint8_t
score(uint32_t n)
{
	uint8_t s = 50;

	for (; n > 1 && s < 95; n >>= 1)
		s += 5;
	return s;
}

static void
put_expected(const struct usual *u, struct deviation *d)
{
	struct strbuf s = strbuf_on(d->expected, sizeof(d->expected));

	if (u->n_few <= USUAL_FEW) {
		for (uint32_t i = 0; i < u->n_few; i++)
			strbuf_printf(&s, "%s%.10g", i == 0 ? "" : i + 1 == u->n_few ? " or " : ", ", u->v[i]);
	} else
		strbuf_printf(&s, "%.10g to %.10g", usual_min(u), usual_max(u));
}

struct deviating {
	enum alert_type	 type;
	const struct usual *usual;
	const struct op_item *it;
	uint32_t	 i;
	double		 v;
};

/* The deviation stands as a fact beside the point, to be accepted: its numbers are the least
 * and the largest value.  false: it was accepted. */
static bool
deviates(struct value *m, const struct sighting *s, const struct fact_key *point, const struct deviating *by,
    struct deviation *d)
{
	struct fact_key k = *point;
	struct strbuf what = strbuf_on(d->what, sizeof(d->what));
	struct fact *f;

	k.kind = FACT_KIND_NEW_VALUE;
	f = facts_find(m->facts, &k);
	if (is_known(f) && by->v >= f->n[0].d && by->v <= f->n[1].d)
		return false;
	if (f == NULL && (f = facts_add(m->facts, &k, FACT_OPEN, s->now_ns)) != NULL)
		f->n[0].d = f->n[1].d = by->v;
	if (f != NULL) {
		if (is_known(f))
			f = facts_set_state(m->facts, f, FACT_OPEN);
		f->n[0].d = by->v < f->n[0].d ? by->v : f->n[0].d;
		f->n[1].d = by->v > f->n[1].d ? by->v : f->n[1].d;
		f->count++;
		f->last_ns = s->now_ns;
		facts_touch(m->facts, f);
	}
	d->type = by->type;
	d->fact = f;
	d->key = hash_bytes(m->key, &k, sizeof(k));
	d->from_server = !point->written;
	d->score = score(by->usual->n);
	d->numbers[d->n_numbers++] = (struct finding_number){ "values", by->usual->n };
	point_words(&what, by->it, by->i);
	strbuf_printf(&what, point->written ? " to %.10g" : " as %.10g", by->v);
	put_expected(by->usual, d);
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

static bool
lasted(const struct fact *f)
{
	return f->last_ns - f->first_ns >= CONSTANT_NS;
}

static struct known
known_of(struct value *m, const struct fact_key *k, uint32_t enough)
{
	const struct fact *f = facts_find(m->facts, k);
	struct known of = { 0 };

	if (!is_known(f))
		return of;
	of.u = load(f);
	of.settled = usual_settled(&of.u, enough);
	of.ranged = of.settled && (of.u.n_few > 1 || lasted(f));
	return of;
}

/* What of a written value?  ALERT_RULE: nothing.  `u` is what it was compared with. */
static enum alert_type
judge_written(const struct known *written, const struct known *read, double v, struct usual *u)
{
	enum usual_verdict verdict;

	if (!written->settled && !read->settled)
		return ALERT_RULE;
	if (written->u.n > 0 && usual_compare(&written->u, v) == USUAL_KNOWN)
		return ALERT_RULE;
	*u = usual_union(&written->u, &read->u);
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

static bool
write_point(struct value *m, const struct sighting *s, struct unit_values *of, const struct op_item *it, uint32_t i,
    struct deviation *d)
{
	struct fact_key k = point_item_key(FACT_KIND_VALUE, &s->addr[OP_SERVER], s->op, it), other;
	struct known written, read;
	struct usual u;
	struct deviating by = { .it = it, .i = i };
	struct wrote *w;

	if (!point_number(it, i, &by.v) || !isfinite(by.v))
		return false;
	k.first = k.last = point_address(it, i);
	w = slots_get(&m->wrote, wrote_key(m, of, it, k.first), s->now_ns);
	w->v = by.v;
	w->slot.last_ns = s->now_ns;
	if (s->may_learn && baseline_learns(m->b, &k, s->now_ns)) {
		struct fact *f = facts_find(m->facts, &k);

		f = learn(m, f, &k, by.v, f != NULL ? (uint32_t)f->count : 0, s->now_ns);
		if (f != NULL)
			f->count++;
		return false;
	}
	other = k;
	other.written = 0;
	written = known_of(m, &k, WRITE_ENOUGH);
	read = known_of(m, &other, READ_ENOUGH);
	by.type = judge_written(&written, &read, by.v, &u);
	by.usual = &u;
	return by.type != ALERT_RULE && deviates(m, s, &k, &by, d);
}

static bool
written(struct value *m, const struct sighting *s, struct unit_values *of, struct deviation *d)
{
	const struct operation *op = s->op;

	for (uint32_t i = 0; i < op->n_items && i < ITEMS_WRITTEN; i++) {
		const struct op_item *it = &op->items[i];

		for (uint32_t j = 0; it->written && point_has_numbers(it) && j < it->n_values && j < VALUES_WRITTEN; j++)
			if (write_point(m, s, of, it, j, d))
				return true;
	}
	return false;
}

/* ---- what is read ----------------------------------------------------------------------- */

/* A hash of its bytes; 0: they are not kept as bytes. */
static uint64_t
payload_of(const struct value *m, const struct op_item *it, uint32_t n)
{
	static const uint8_t size[] = { [FORM_U16_BE] = 2, [FORM_U8] = 1, [FORM_I16_BE] = 2, [FORM_U32_BE] = 4,
	    [FORM_I32_BE] = 4, [FORM_F32_BE] = 4, [FORM_OWN] = 0, [FORM_TYPED] = 0 };

	return size[it->form] > 0 ? hash_bytes(m->key, it->raw, (size_t)n * size[it->form]) | 1u : 0;
}

static struct block *
block_of(struct value *m, const struct unit_values *of, const struct op_item *it, uint64_t now_ns)
{
	const uint64_t parts[3] = { (uint64_t)of->id << 32 | it->first, (uint64_t)it->number << 32 | it->n_values,
	    (uint64_t)it->space << 8 | it->form };
	struct block *b = slots_get(&m->blocks, hash_bytes(m->key, parts, sizeof(parts)) | 1u, now_ns);

	b->slot.last_ns = now_ns;
	if (b->n == 0) {
		b->n = it->n_values < BLOCK_POINTS ? it->n_values : BLOCK_POINTS;
		for (uint32_t i = 0; i < b->n; i++)
			b->last[i] = (double)NAN;
	}
	if (b->epoch != facts_epoch(m->facts)) {
		b->epoch = facts_epoch(m->facts);
		memset(b->fact, 0xff, sizeof(b->fact));
	}
	return b;
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

static void
flush(struct value *m, struct block *b)
{
	for (uint32_t i = 0; i < b->n && b->pending > 0 && b->epoch == facts_epoch(m->facts); i++) {
		struct fact *f = b->fact[i] != FACTS_NO_FACT ? facts_at(m->facts, b->fact[i]) : NULL;

		if (f == NULL)
			continue;
		f->count += b->pending;
		f->last_ns = b->slot.last_ns;
		facts_touch(m->facts, f);
	}
	b->pending = 0;
}

static struct fact *
fact_of(struct value *m, struct block *b, uint32_t i, const struct fact_key *k)
{
	struct fact *f = b->fact[i] != FACTS_NO_FACT ? facts_at(m->facts, b->fact[i]) : facts_find(m->facts, k);

	if (f != NULL)
		b->fact[i] = facts_number(m->facts, f);
	return f;
}

/* Somebody wrote just that. */
static bool
explained(struct value *m, const struct unit_values *of, const struct op_item *it, uint32_t address, double v)
{
	const struct wrote *w = slots_find(&m->wrote, wrote_key(m, of, it, address));

	return w != NULL && w->v == v;
}

static bool
read_point(struct value *m, const struct sighting *s, const struct unit_values *of, struct block *b,
    const struct fact_key *k, const struct deviating *by, bool learns, struct deviation *d)
{
	struct fact *f = fact_of(m, b, by->i, k);
	struct deviating found = *by;
	struct usual u;

	if (learns) {
		f = learn(m, f, k, by->v, (f != NULL ? (uint32_t)f->count : 0) + b->pending - 1, s->now_ns);
		if (f != NULL)
			b->fact[by->i] = facts_number(m->facts, f);
		return false;
	}
	if (!is_known(f))
		return false;
	u = load(f);
	if (u.n_few == 1 && !lasted(f))
		return false;
	if (usual_judge(&u, by->v, READ_ENOUGH) < USUAL_OUTSIDE || explained(m, of, by->it, k->first, by->v))
		return false;
	found.usual = &u;
	return deviates(m, s, k, &found, d);
}

static bool
read_item(struct value *m, const struct sighting *s, const struct unit_values *of, const struct op_item *it,
    struct deviation *d)
{
	struct fact_key k = point_item_key(FACT_KIND_VALUE, &s->addr[OP_SERVER], s->op, it);
	struct block *b = block_of(m, of, it, s->now_ns);
	bool learns = s->may_learn && baseline_learns(m->b, &k, s->now_ns);
	uint64_t payload = payload_of(m, it, b->n);
	struct deviating by = { .type = ALERT_BASELINE_READ, .it = it };

	if (learns)
		b->pending++;
	if (b->pending >= PENDING || (!learns && b->pending > 0))
		flush(m, b);
	if ((payload != 0 && payload == b->payload) || !look(b, s->now_ns))
		return false;
	for (; by.i < b->n; by.i++) {
		if (!point_number(it, by.i, &by.v) || by.v == b->last[by.i])
			continue;
		b->last[by.i] = by.v;
		k.first = k.last = point_address(it, by.i);
		if (read_point(m, s, of, b, &k, &by, learns, d)) {
			b->payload = 0;
			return true;
		}
	}
	b->payload = payload;
	return false;
}

static bool
was_read(struct value *m, const struct sighting *s, struct unit_values *of, struct deviation *d)
{
	const struct operation *op = s->op;
	uint32_t n = op->n_items < ITEMS_READ ? op->n_items : ITEMS_READ;
	uint32_t first = op->n_items > ITEMS_READ ? of->turn++ * ITEMS_READ % op->n_items : 0;

	for (uint32_t i = 0; i < n; i++) {
		const struct op_item *it = &op->items[(first + i) % op->n_items];

		if (!it->written && point_has_numbers(it) && read_item(m, s, of, it, d))
			return true;
	}
	return false;
}

/* ---- the model ------------------------------------------------------------------------- */

static bool
value_operation(void *arg, const struct sighting *s, struct deviation *d)
{
	struct value *m = arg;
	const struct operation *op = s->op;
	struct unit_values *of;

	if (op->n_items == 0 || op->outcome == OUTCOME_EXCEPTION || s->at == NULL || s->at->unit == NULL)
		return false;
	of = asset_slot(s->at->unit, m->of_unit);
	if (of->id == 0)
		of->id = ++m->ids;
	if (op->intent == INTENT_WRITE || op->intent == INTENT_OPERATE)
		return written(m, s, of, d);
	return op->response.seen && was_read(m, s, of, d);
}

static void
value_tick(void *arg, uint64_t now_ns)
{
	struct value *m = arg;

	(void)now_ns;
	for (uint32_t i = m->flush; i < BLOCKS; i += FLUSH_TURNS) {
		struct block *b = slots_at(&m->blocks, i);

		if (b != NULL && b->slot.key != 0 && b->pending > 0)
			flush(m, b);
	}
	m->flush = (m->flush + 1) % FLUSH_TURNS;
}

static void
value_close(void *arg)
{
	struct value *m = arg;

	slots_close(&m->blocks);
	slots_close(&m->wrote);
	free(m);
}

static void *
value_open(struct baseline *b, struct err *e)
{
	const struct detect_env *env = baseline_env(b);
	struct slots_want want = { .n = BLOCKS, .size = sizeof(struct block), .secret = env->key,
	    .counters = env->counters, .evicted = CNT_BASELINE_STATES };
	struct value *m = calloc(1, sizeof(*m));

	(void)e;
	if (m == NULL)
		return NULL;
	m->b = b;
	m->facts = baseline_facts(b);
	m->key = env->key;
	m->of_unit = assets_slot(env->assets, ASSET_UNIT, sizeof(struct unit_values));
	if (slots_open(&m->blocks, &want) != 0) {
		free(m);
		return NULL;
	}
	want.n = WROTE;
	want.size = sizeof(struct wrote);
	if (slots_open(&m->wrote, &want) != 0) {
		value_close(m);
		return NULL;
	}
	return m;
}

static size_t
value_memory(const void *arg)
{
	const struct value *m = arg;

	return sizeof(*m) + slots_memory(&m->blocks) + slots_memory(&m->wrote);
}

const struct model model_value = {
	.name = "value",
	.open = value_open,
	.operation = value_operation,
	.tick = value_tick,
	.memory = value_memory,
	.close = value_close,
};
