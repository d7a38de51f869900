#include "detect/baseline/baseline.h"

#include <stdlib.h>

#include "asset/geoip.h"
#include "asset/maintenance.h"
#include "base/str.h"
#include "detect/baseline/change.h"
#include "detect/baseline/inside.h"
#include "detect/baseline/op_class.h"

/* In the order in which they are asked. */
static const struct model *const models[] = { &model_structure, &model_traffic, &model_value, &model_volume,
    &model_timing, &model_neighbours };
_Static_assert(COUNTOF(models) <= BASELINE_MODELS, "each model has its state");
#define MODELS COUNTOF(models)

#define MEMO_MOST	(1u << 20)	/* entries */
#define ONE_BY_ONE	3u	/* siblings that deviate at the same time */
#define STILL	3u	/* times alerts.merge */
#define SIBLINGS	256u	/* looked at for that */
#define LIVES_OF_FACTS	4u	/* a kind of facts of a device for so many facts */

const struct detect_env *
baseline_env(const struct baseline *b)
{
	return &b->env;
}

struct facts *
baseline_facts(struct baseline *b)
{
	return b->facts;
}

void
baseline_outside(const struct baseline *b, const struct addr *a, char *to, size_t size)
{
	struct strbuf text = strbuf_on(to, size);
	struct location at = { 0 };

	if (!geoip_locate(b->env.geoip, a, &at))
		return;
	strbuf_put(&text, at.country);
	if (at.operator_[0] != '\0') {
		strbuf_put(&text, text.len > 0 ? " " : "");
		strbuf_put(&text, at.operator_);
	}
}

/* ---- what is learned --------------------------------------------------------- */

/* What an operation in hand was made of; numbers, because facts may move. */
static void
note_known(struct baseline *b, const struct fact *f)
{
	if (b->n_seen < MEMO_FACTS)
		b->seen[b->n_seen] = facts_number(b->facts, f);
	b->n_seen++;
}

static void
note_learned(struct baseline *b, struct fact *f, bool review, uint64_t now_ns)
{
	const struct addr *owner;

	count(b->env.counters, CNT_BASELINE_LEARNED);
	for (unsigned i = 0; (owner = fact_owner(&f->key, i)) != NULL; i++) {
		struct life *l = lives_get(b->lives, owner, f->key.kind, now_ns);

		if (l == NULL)
			continue;
		life_fresh(l, now_ns);
		b->lives_changed = true;
	}
	if (review && !b->has_reviewed) {
		b->reviewed = f->key;
		b->has_reviewed = true;
	}
	if (b->last.n < COUNTOF(b->last.keys) && !fact_ranged(f->key.kind))
		b->last.keys[b->last.n++] = f->key;
}

/* How a device is, as often as somebody looks: that it is so still is no news, however seldom that is. */
static bool
is_state_still(const struct baseline *b, const struct fact *f, uint64_t quiet_ns)
{
	const uint32_t states = 1u << FACT_KIND_IDENTITY | 1u << FACT_KIND_STATUS | 1u << FACT_KIND_EXCEPTION;
	uint64_t usual_ns = f->count > 1 && f->last_ns > f->first_ns ? (f->last_ns - f->first_ns) / (f->count - 1) : 0;

	return (states >> f->key.kind & 1u) != 0 && quiet_ns <= STILL * b->merge_ns + 2 * usual_ns;
}

/* It deviates: for the first time, or again after a quiet time?  Then it is reported for a while. */
static void
note_reported(struct baseline *b, struct fact *f, uint64_t now_ns)
{
	struct facts_reported *reported = facts_reported(b->facts, f);

	if (reported->since_ns == 0 || (now_ns - reported->last_ns >= b->merge_ns && !is_state_still(b, f, now_ns - reported->last_ns)))
		reported->since_ns = now_ns;
	reported->last_ns = now_ns;
}

enum baseline_seen
baseline_see(struct baseline *b, const struct fact_key *k, const struct sighting *s, struct fact **f)
{
	enum life_stage stage = LIFE_DETECT;

	*f = facts_find(b->facts, k);
	if (*f != NULL && ((*f)->state == FACT_LEARNED || (*f)->state == FACT_ACCEPTED)) {
		facts_seen(b->facts, *f, 1, s->now_ns);
		note_known(b, *f);
		return BASELINE_KNOWN;
	}
	if (*f == NULL || (*f)->state != FACT_REJECTED) {
		stage = baseline_stage(b, k, s->now_ns);
		if (stage == LIFE_DETECT && (fact_row(k->kind)->varies & FACT_FIRST) != 0 &&
		    facts_sibling(b->facts, k, NULL) == NULL)
			stage = LIFE_LEARN;
	}
	/* It would be learned, but for something grave that was reported of it, or maintenance: neither
	 * learned nor new. */
	if (stage <= LIFE_REVIEW && !s->may_learn) {
		*f = NULL;
		b->n_seen = UINT32_MAX / 2;
		return BASELINE_LEARNED;
	}
	/* What memo counted belongs to facts as they are now. */
	memo_flush(&b->memo);
	if (*f == NULL)
		*f = facts_add(b->facts, k, stage <= LIFE_REVIEW ? FACT_LEARNED : FACT_OPEN, s->now_ns);
	else if (stage <= LIFE_REVIEW || (*f)->state == FACT_EXPIRED)
		*f = facts_set_state(b->facts, *f, stage <= LIFE_REVIEW ? FACT_LEARNED : FACT_OPEN);
	if (*f == NULL)
		return stage <= LIFE_REVIEW ? BASELINE_LEARNED : BASELINE_NEW;
	if (stage > LIFE_REVIEW) {
		b->n_seen = UINT32_MAX / 2;	/* such an operation is looked up each time */
		note_reported(b, *f, s->now_ns);
		facts_seen(b->facts, *f, 1, s->now_ns);
		return BASELINE_NEW;
	}
	facts_seen(b->facts, *f, 1, s->now_ns);
	note_known(b, *f);
	note_learned(b, *f, stage == LIFE_REVIEW, s->now_ns);
	return BASELINE_LEARNED;
}

/* ---- what is reported ---------------------------------------------------------- */

/* Did several of its siblings deviate of late? */
static bool
is_one_of_many(struct baseline *b, const struct fact_key *k, uint64_t now_ns)
{
	struct fact *f = facts_unknown_sibling(b->facts, k, NULL);
	unsigned n = 0;

	for (unsigned i = 0; f != NULL && i < SIBLINGS && n < ONE_BY_ONE; i++, f = facts_unknown_sibling(b->facts, k, f)) {
		const struct facts_reported *r = f->state == FACT_OPEN ? facts_reported(b->facts, f) : NULL;

		n += r != NULL && r->last_ns != 0 && now_ns - r->last_ns < b->merge_ns && memcmp(&f->key, k, sizeof(*k)) != 0;
	}
	return n == ONE_BY_ONE;
}

/* Of what nothing is known, all that deviates is one matter: a client that nobody knows tries many
 * functions.  So are ranges: they grow.  And of what is tried one after the other the first few are told
 * one by one. */
static uint64_t
key_of(struct baseline *b, const struct fact_key *k, uint64_t now_ns)
{
	const struct fact *f = facts_sibling(b->facts, k, NULL);

	if (f != NULL && f->state != FACT_LEARNED && f->state != FACT_ACCEPTED)
		f = NULL;
	/* Of intents there are few, and each says more than that it is new. */
	return fact_ranged(k->kind) || (k->kind != FACT_KIND_DEVICE && k->kind != FACT_KIND_INTENT && (f == NULL || is_one_of_many(b, k, now_ns))) ?
	    facts_family_hash(b->facts, k) : facts_hash(b->facts, k);
}

/* A deviation that goes on is one alert until it was quiet for a while. */
static bool
is_over(struct baseline *b, struct fact *f, uint64_t now_ns)
{
	if (f == NULL || b->merge_ns == 0)
		return false;
	if (fact_row(f->key.kind)->model != FACT_MODEL_STRUCTURE)
		note_reported(b, f, now_ns);
	return now_ns - facts_reported(b->facts, f)->since_ns >= b->merge_ns;
}

static void
fill(struct baseline *b, struct deviation *d, struct finding *f)
{
	const struct fact_key *k = d->fact != NULL ? &d->fact->key : NULL;

	if (d->expected[0] == '\0' && k != NULL)
		(void)baseline_expected(b, k, d->expected, sizeof(d->expected));
	if (d->score == 0 && k != NULL)
		d->score = baseline_score(b, k);
	f->type = d->type;
	f->what = d->what[0] != '\0' ? d->what : NULL;
	f->expected = d->expected[0] != '\0' ? d->expected : NULL;
	f->key = d->key != 0 || k == NULL ? d->key : key_of(b, k, f->ts_ns);
	for (uint32_t i = 0; i < d->n_numbers && i < DEVIATION_NUMBERS; i++)
		finding_add_number(f, d->numbers[i].name, (uint64_t)d->numbers[i].value);
	if (k != NULL && k->kind == FACT_KIND_DEVICE)
		finding_add_number(f, "known", facts_of_kind(b->facts, FACT_KIND_DEVICE) - 1);
	if (d->score > 0)
		finding_add_number(f, "score", d->score);
}

static void
report(struct baseline *b, struct deviation *d, struct finding *f)
{
	count(b->env.counters, CNT_BASELINE_DEVIATIONS);
	if (is_over(b, d->fact, f->ts_ns))
		return;
	fill(b, d, f);
	emit(&b->env, f);
}

void
baseline_report(struct baseline *b, struct deviation *d, struct finding *f)
{
	/* A device is reported once; what it does is reported for itself. */
	if (d->fact != NULL && d->fact->key.kind == FACT_KIND_DEVICE && d->fact->count > 1)
		return;
	report(b, d, f);
}

/* Learned while it is reviewed: a note. */
static void
report_review(struct baseline *b, const struct operation *op)
{
	struct finding f = finding_from_operation(&b->env, ALERT_BASELINE_REVIEW, op, false);
	char text[FACT_LINE_MAX];

	(void)fact_print_key(&b->reviewed, text, sizeof(text));
	f.what = text;
	f.key = facts_hash(b->facts, &b->reviewed);
	emit(&b->env, &f);
}

/* ---- what is shown -------------------------------------------------------------- */

static uint64_t
hash_of_peer(const struct baseline *b, const struct sighting *s)
{
	const struct { struct addr addr[2]; uint64_t proto; } peer = { { s->addr[0], s->addr[1] }, s->op->proto };

	return hash_bytes(b->env.key, &peer, sizeof(peer)) | 1;
}

/* Its ends, and the number of its peer, kept at its flow. */
static void
find_ends(struct baseline *b, struct sighting *s)
{
	const struct operation *op = s->op;
	struct op_ends ends;
	struct known_flow *x;
	unsigned client;

	if (op->flow == NULL) {
		ends = op_ends_of(op);
		for (unsigned i = 0; i < 2; i++)
			s->addr[i] = ends.has_addr ? ends.addr[i] : addr_of_mac(ends.mac[i]);
		s->peer = hash_of_peer(b, s);
		return;
	}
	client = flow_client(op->flow);
	s->addr[OP_CLIENT] = op->flow->addr[client];
	s->addr[OP_SERVER] = op->flow->addr[client ^ 1u];
	x = flow_slot(op->flow, b->slot);
	if (x->peer == 0 || x->client_end != client || x->proto != op->proto) {
		x->peer = hash_of_peer(b, s);
		x->client_end = (uint8_t)client;
		x->proto = (uint8_t)op->proto;
	}
	s->peer = x->peer;
}

static void
begin(struct baseline *b, const struct sighting *s)
{
	if (b->first_ns == 0)
		b->first_ns = s->now_ns;
	b->alive = true;
	b->n_seen = 0;
	b->has_reviewed = false;
	b->last.n = 0;
	b->last.flow = s->op->flow != NULL ? s->op->flow->id : 0;
	b->last.frame = s->op->response.seen ? s->op->response.frame : s->op->request.frame;
}

/* All models see it, because they count; structure alone only when not all of it is known.  It makes one
 * deviation: the first, unless a later one is graver. */
static bool
deviates(struct baseline *b, struct sighting *s)
{
	bool any = false;

	s->notes = s->op_class != 0 && !s->reported ? memo_hit(&b->memo, s->op_class, s->now_ns) : NULL;
	for (unsigned i = s->notes != NULL ? 1 : 0; i < MODELS; i++) {
		uint64_t epoch = facts_known_epoch(b->facts);

		if (models[i]->operation == NULL)
			continue;
		if (!models[i]->operation(b->each[i], s, &b->next)) {
			if (i == 0 && s->op_class != 0 && s->may_learn && b->n_seen <= MEMO_FACTS && epoch == facts_known_epoch(b->facts))
				s->notes = memo_put(&b->memo, s->op_class, b->seen, b->n_seen, s->now_ns);
			/* What it found and does not report is nothing of the next operation's. */
			if (b->next.fact != NULL)
				b->next = (struct deviation){ 0 };
			continue;
		}
		if (!any || alert_type_row(b->next.type)->severity < alert_type_row(b->best.type)->severity)
			b->best = b->next;
		b->next = (struct deviation){ 0 };
		any = true;
	}
	return any;
}

static void
baseline_finished(void *arg, const struct operation *op)
{
	struct baseline *b = arg;
	struct sighting s = { .op = op, .at = asset_ends(b->env.ends),
	    .now_ns = op->response.seen ? op->response.ts_ns : op->request.ts_ns, .may_learn = true };

	struct operation there;
	uint32_t unit;

	find_ends(b, &s);
	begin(b, &s);
	unit = baseline_unit(b, &s);
	if (unit != op->unit) {
		there = *op;
		there.unit = unit;
		s.op = &there;
	}
	s.op_class = op_class_of(s.op, s.peer);
	if (b->env.maintenance != NULL && maintenance_of(b->env.maintenance, s.now_ns, s.addr, op->intent) != NULL)
		s.may_learn = false;
	if (b->n_graves > 0) {
		const struct grave *g = baseline_grave(b, op);

		s.may_learn = s.may_learn && g == NULL;
		s.reported = g != NULL && !g->response;
	}
	if (deviates(b, &s)) {
		struct finding f = finding_from_operation(&b->env, b->best.type, op, b->best.from_server);

		report(b, &b->best, &f);
	} else if (b->has_reviewed)
		report_review(b, op);
}

static void
baseline_packet(void *arg, const struct packet *p, struct flow *f, enum flow_dir dir)
{
	struct baseline *b = arg;
	unsigned i = 0;

	if (b->first_ns == 0)
		b->first_ns = p->ts_ns;
	b->alive = true;
	for (; i < b->n_of_packet - 1; i++)
		models[b->of_packet[i]]->packet(b->each[b->of_packet[i]], p, f, dir);
	/* Apart, so that nearly every packet costs a jump. */
	models[b->of_packet[i]]->packet(b->each[b->of_packet[i]], p, f, dir);
}

static void
baseline_announcement(void *arg, const struct announcement *s)
{
	struct baseline *b = arg;

	if (b->first_ns == 0)
		b->first_ns = s->packet->ts_ns;
	for (unsigned i = 0; i < MODELS; i++)
		if (models[i]->announcement != NULL)
			models[i]->announcement(b->each[i], s);
}

static void
baseline_flow_end(void *arg, struct flow *f, enum flow_end_reason why)
{
	struct baseline *b = arg;

	(void)why;
	for (unsigned i = 0; i < MODELS; i++)
		if (models[i]->flow_end != NULL)
			models[i]->flow_end(b->each[i], f);
}

static void
baseline_tick(void *arg, uint64_t now_ns)
{
	struct baseline *b = arg;

	if (b->first_ns == 0)
		b->first_ns = now_ns;
	if (now_ns >= b->tick_ns || b->tick_ns - now_ns > 2 * SECOND) {
		b->tick_ns = now_ns + SECOND;
		memo_flush(&b->memo);
		for (unsigned i = 0; i < MODELS; i++)
			if (models[i]->tick != NULL)
				models[i]->tick(b->each[i], now_ns);
		baseline_expire(b, now_ns);
		b->env.counters->v[CNT_BASELINE_FACTS] = facts_count(b->facts);
		(void)baseline_save(b, b->env.keep, now_ns, false);
	}
}

static void
baseline_finish(void *arg, uint64_t now_ns)
{
	struct baseline *b = arg;

	memo_flush(&b->memo);
	/* Who only compares leaves the rows of what is known as they are, but for those that were due. */
	if (b->mode != BASELINE_DETECT)
		facts_flush(b->facts);
	b->env.counters->v[CNT_BASELINE_FACTS] = facts_count(b->facts);
	(void)baseline_save(b, b->env.keep, now_ns, true);
}

static const char *
baseline_act(void *arg, const struct keep_action *a)
{
	struct baseline *b = arg;
	uint32_t n;

	if (strcmp(a->object, "baseline") != 0)
		return NULL;
	if (b->facts == NULL)
		return "the sensor has no baseline: baseline.mode is off";
	return baseline_change(b, a, b->env.now_ns != NULL ? *b->env.now_ns : 0, &n);
}

/* ---- life of the detector ------------------------------------------------------------ */

void
baseline_close_tables(struct baseline *b)
{
	memo_close(&b->memo);
	lives_close(b->lives);
	facts_close(b->facts);
}

static void
baseline_close(void *arg)
{
	struct baseline *b = arg;

	for (unsigned i = 0; i < MODELS; i++)
		if (b->each[i] != NULL && models[i]->close != NULL)
			models[i]->close(b->each[i]);
	baseline_close_tables(b);
	free(b);
}

/* As many as half the facts: a poll has about two of its own. */
static uint32_t
memo_entries(uint64_t facts)
{
	uint32_t n = 1024;

	while (n < facts / 2 && n < MEMO_MOST)
		n *= 2;
	return n;
}

bool
baseline_open_tables(struct baseline *b)
{
	b->facts = facts_open(b->s->facts, b->env.key, b->env.counters);
	b->lives = lives_open(b->s->facts < 64 * LIVES_OF_FACTS ? 64 : b->s->facts / LIVES_OF_FACTS, b->env.key, b->env.counters);
	return b->facts != NULL && b->lives != NULL && memo_open(&b->memo, memo_entries(b->s->facts), b->facts) == 0;
}

static void *
baseline_open(const struct detect_env *env, struct err *e)
{
	struct baseline *b = calloc(1, sizeof(*b));

	if (b == NULL)
		return NULL;
	b->env = *env;
	b->s = &env->settings->baseline;
	b->mode = b->s->mode;
	b->merge_ns = env->settings->alert.merge_s * SECOND;
	if (!baseline_is_on(b->s))
		return b;
	if (!baseline_open_tables(b)) {
		err_add(e, NULL, 0, 0, "no memory for the baseline: lower baseline.facts");
		baseline_close(b);
		return NULL;
	}
	if (baseline_restore(b, env->keep, e) != 0) {
		baseline_close(b);
		return NULL;
	}
	b->slot = flow_slot_reserve(env->slots, sizeof(struct known_flow));
	for (unsigned i = 0; i < MODELS; i++) {
		b->each[i] = models[i]->open(b, e);
		if (b->each[i] == NULL) {
			baseline_close(b);
			return NULL;
		}
		if (models[i]->packet != NULL)
			b->of_packet[b->n_of_packet++] = i;
	}
	return b;
}

static size_t
baseline_memory(const void *arg)
{
	const struct baseline *b = arg;
	size_t n = sizeof(*b);

	if (b->facts == NULL)
		return n;
	n += facts_memory(b->facts) + lives_memory(b->lives) + memory_of_memo(&b->memo);
	for (unsigned i = 0; i < MODELS; i++)
		n += models[i]->memory != NULL ? models[i]->memory(b->each[i]) : 0;
	return n;
}

static bool
baseline_idle(const void *arg)
{
	return ((const struct baseline *)arg)->facts == NULL;
}

const struct detector detector_baseline = {
	.name = "baseline",
	.open = baseline_open,
	.packet = baseline_packet,
	.segment = baseline_packet,
	.finished = baseline_finished,
	.finding = baseline_finding,
	.announcement = baseline_announcement,
	.flow_end = baseline_flow_end,
	.tick = baseline_tick,
	.finish = baseline_finish,
	.act = baseline_act,
	.idle = baseline_idle,
	.memory = baseline_memory,
	.close = baseline_close,
};
