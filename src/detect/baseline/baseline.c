#include "detect/baseline/baseline.h"

#include <stdlib.h>

#include "base/str.h"
#include "detect/baseline/model.h"

/* In the order in which they are asked. */
static const struct model *const models[] = { &model_structure, &model_value, &model_volume, &model_timing };
#define MODELS COUNTOF(models)

struct baseline {
	struct detect_env	 env;
	const struct baseline_settings *s;
	struct facts		*facts;
	void			*each[MODELS];
	uint64_t		 first_ns;	/* capture clock; 0: nothing was seen yet */
	uint64_t		 tick_ns;	/* next tick of the models */
	struct deviation	 next, told;	/* next is zero before a model is asked */
};

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

/* ---- what is learned --------------------------------------------------------- */

bool
baseline_learns(struct baseline *b, const struct fact_key *k, uint64_t now_ns)
{
	(void)k;
	if (b->s->learn_first_s > 0)
		return now_ns - b->first_ns < b->s->learn_first_s * SECOND;
	return b->s->mode == BASELINE_LEARN;
}

static void
seen_again(struct baseline *b, struct fact *f, uint64_t now_ns)
{
	f->count++;
	f->last_ns = now_ns;
	facts_touch(b->facts, f);
}

enum baseline_seen
baseline_see(struct baseline *b, const struct fact_key *k, const struct sighting *s, struct fact **f)
{
	bool learns;

	*f = facts_find(b->facts, k);
	if (*f != NULL && ((*f)->state == FACT_LEARNED || (*f)->state == FACT_ACCEPTED)) {
		seen_again(b, *f, s->now_ns);
		return BASELINE_KNOWN;
	}
	learns = s->may_learn && (*f == NULL || (*f)->state != FACT_REJECTED) && baseline_learns(b, k, s->now_ns);
	if (*f == NULL)
		*f = facts_add(b->facts, k, learns ? FACT_LEARNED : FACT_OPEN, s->now_ns);
	else if (learns)
		*f = facts_set_state(b->facts, *f, FACT_LEARNED);
	if (*f != NULL)
		seen_again(b, *f, s->now_ns);
	if (!learns)
		return BASELINE_NEW;
	count(b->env.counters, CNT_BASELINE_LEARNED);
	return BASELINE_LEARNED;
}

/* ---- what is reported ---------------------------------------------------------- */

static void
fill(struct baseline *b, const struct deviation *d, struct finding *f)
{
	f->what = d->what[0] != '\0' ? d->what : NULL;
	f->expected = d->expected[0] != '\0' ? d->expected : NULL;
	f->key = d->key;
	for (uint32_t i = 0; i < d->n_numbers && i < DEVIATION_NUMBERS; i++)
		finding_add_number(f, d->numbers[i].name, (uint64_t)d->numbers[i].value);
	if (d->score > 0)
		finding_add_number(f, "score", d->score);
	count(b->env.counters, CNT_BASELINE_DEVIATIONS);
}

void
baseline_report(struct baseline *b, const struct deviation *d, struct finding *f)
{
	f->type = d->type;
	fill(b, d, f);
	emit(&b->env, f);
}

/* ---- what is shown -------------------------------------------------------------- */

static void
baseline_finished(void *arg, const struct operation *op)
{
	struct baseline *b = arg;
	const struct op_ends ends = op_ends_of(op);
	struct sighting s = { .op = op, .at = asset_ends(b->env.ends),
	    .now_ns = op->response.seen ? op->response.ts_ns : op->request.ts_ns, .may_learn = true };
	bool deviates = false;

	s.addr[OP_CLIENT] = ends.addr[OP_CLIENT];
	s.addr[OP_SERVER] = ends.addr[OP_SERVER];
	if (b->first_ns == 0)
		b->first_ns = s.now_ns;
	for (unsigned i = 0; i < MODELS; i++) {
		if (models[i]->operation == NULL || !models[i]->operation(b->each[i], &s, &b->next))
			continue;
		if (!deviates || alert_type_row(b->next.type)->severity < alert_type_row(b->told.type)->severity)
			b->told = b->next;
		b->next = (struct deviation){ 0 };
		deviates = true;
	}
	if (deviates) {
		struct finding f = finding_from_operation(&b->env, b->told.type, op, b->told.from_server);

		fill(b, &b->told, &f);
		emit(&b->env, &f);
	}
}

static void
baseline_tick(void *arg, uint64_t now_ns)
{
	struct baseline *b = arg;

	if (b->first_ns == 0)
		b->first_ns = now_ns;
	if (now_ns < b->tick_ns)
		return;
	b->tick_ns = now_ns + SECOND;
	for (unsigned i = 0; i < MODELS; i++)
		if (models[i]->tick != NULL)
			models[i]->tick(b->each[i], now_ns);
	b->env.counters->v[CNT_BASELINE_FACTS] = facts_count(b->facts);
}

static bool
is_off(const struct baseline_settings *s)
{
	return s->mode == BASELINE_OFF && s->learn_first_s == 0;
}

static void
baseline_close(void *arg)
{
	struct baseline *b = arg;

	for (unsigned i = 0; i < MODELS; i++)
		if (b->each[i] != NULL && models[i]->close != NULL)
			models[i]->close(b->each[i]);
	facts_close(b->facts);
	free(b);
}

static void *
baseline_open(const struct detect_env *env, struct err *e)
{
	struct baseline *b = calloc(1, sizeof(*b));

	if (b == NULL)
		return NULL;
	b->env = *env;
	b->s = &env->settings->baseline;
	if (is_off(b->s))
		return b;
	b->facts = facts_open(b->s->facts, env->key, env->counters);
	if (b->facts == NULL) {
		err_add(e, NULL, 0, 0, "no memory for the baseline: lower baseline.facts");
		baseline_close(b);
		return NULL;
	}
	for (unsigned i = 0; i < MODELS; i++) {
		b->each[i] = models[i]->open(b, e);
		if (b->each[i] == NULL) {
			baseline_close(b);
			return NULL;
		}
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
	n += facts_memory(b->facts);
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
	.finished = baseline_finished,
	.tick = baseline_tick,
	.idle = baseline_idle,
	.memory = baseline_memory,
	.close = baseline_close,
};
