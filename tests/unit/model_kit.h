/* model_kit.h - one behaviour model alone: facts and the table of devices are real, whether it
 * learns is a switch, and what it says is kept.  10.0.0.1 asks 10.0.0.2.  Included after cmocka. */
#ifndef TESTS_MODEL_KIT_H
#define TESTS_MODEL_KIT_H

#include <stdlib.h>
#include <string.h>

#include "detect/baseline/model.h"

#define SEC 1000000000ull

static struct settings	 settings;
static struct counters	 counters;
static struct detect_env env = { .settings = &settings, .counters = &counters, .key = 7 };
static struct facts	*facts;
static struct flow	 flow;
static const struct model *model;
static void		*opened;
static bool		 learning;
static struct deviation	 said;		/* last */
static unsigned		 n_said;

const struct detect_env *baseline_env(const struct baseline *b) { (void)b; return &env; }
struct facts *baseline_facts(struct baseline *b) { (void)b; return facts; }

bool
baseline_learns(struct baseline *b, const struct fact_key *k, uint64_t now_ns)
{
	(void)b;
	(void)k;
	(void)now_ns;
	return learning;
}

void
baseline_report(struct baseline *b, struct deviation *d, struct finding *f)
{
	(void)b;
	(void)f;
	said = *d;
	n_said++;
}

enum baseline_seen
baseline_see(struct baseline *b, const struct fact_key *k, const struct sighting *s, struct fact **f)
{
	(void)b;
	*f = facts_find(facts, k);
	if (*f == NULL && (*f = facts_add(facts, k, learning ? FACT_LEARNED : FACT_OPEN, s->now_ns)) == NULL)
		return BASELINE_NEW;
	(*f)->count++;
	return learning ? BASELINE_LEARNED : BASELINE_NEW;
}

static inline struct addr
host(uint8_t last_byte)
{
	const uint8_t four[4] = { 10, 0, 0, last_byte };

	return addr_v4(four);
}

static inline void
close_model(void)
{
	if (opened != NULL)
		model->close(opened);
	opened = NULL;
	facts_close(facts);
	assets_close(env.assets);
	facts = NULL;
	env.assets = NULL;
}

static inline void
open_model(const struct model *m)
{
	struct err e = { 0 };

	close_model();
	memset(&counters, 0, sizeof(counters));
	settings.baseline.facts = 1024;
	env.assets = assets_new(&(struct assets_want){ .devices = 64, .counters = &counters });
	assert_non_null(env.assets);
	env.ends = assets_ends(env.assets);
	facts = facts_open(settings.baseline.facts, env.key, &counters);
	assert_non_null(facts);
	model = m;
	opened = m->open(NULL, &e);
	assert_non_null(opened);
	assert_int_equal(assets_open(env.assets), 0);
	flow = (struct flow){ .id = 7, .addr = { host(1), host(2) }, .port = { 4000, 502 }, .proto = IP_TCP,
	    .packets = { 9, 9 } };
	assets_flow_begun(env.assets, &flow);
	learning = true;
	n_said = 0;
	memset(&said, 0, sizeof(said));
}

static inline struct operation
operation(enum op_intent intent, uint32_t function, uint64_t at_ns)
{
	static uint64_t id = 1;

	return (struct operation){ .id = ++id, .flow = &flow, .phase = OP_FINISHED, .proto = OP_MODBUS,
	    .function = function, .intent = intent, .outcome = OUTCOME_ANSWERED, .unit = 1,
	    .request = { .seen = true, .ts_ns = at_ns, .frame = 1, .len = 6 },
	    .response = { .seen = true, .ts_ns = at_ns + 1, .frame = 2, .len = 9 } };
}

/* Did it deviate? */
static inline bool
show(const struct operation *op)
{
	struct deviation d = { 0 };
	struct sighting s = { .op = op, .now_ns = op->request.ts_ns, .may_learn = true };

	s.addr[OP_CLIENT] = op->flow->addr[0];
	s.addr[OP_SERVER] = op->flow->addr[1];
	assets_operation(env.assets, op);
	s.at = asset_ends(env.ends);
	if (!model->operation(opened, &s, &d))
		return false;
	said = d;
	n_said++;
	return true;
}

#endif
