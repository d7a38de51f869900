#include "detect/health/evictions.h"

#include "detect/say.h"

#define MINUTE_S 60u

static const struct table {
	enum counter_id	 counter;
	uint64_t	 limit;		/* in a minute */
	enum alert_type	 type;
	const char	*what;
} tables[EVICTION_TABLES] = {
	/* A command whose other half is still to come is lost with each of these. */
	{ CNT_APP_PART_EVICTED, 1, ALERT_HALVES_EVICTED, "beginnings of messages" },
	/* One client that never waits for an answer reaches the limit of its own flow. */
	{ CNT_APP_PAIR_EVICTED, 1024, ALERT_STATE_EVICTED, "requests that wait for their answers" },
	{ CNT_APP_CONV_EVICTED, 1, ALERT_STATE_EVICTED, "conversations that are being read" },
	{ CNT_APP_CAND_EVICTED, 64, ALERT_STATE_EVICTED, "conversations that were not recognised yet" },
	{ CNT_FLOW_EVICTED, 64, ALERT_STATE_EVICTED, "conversations" },
	{ CNT_APP_DNP3_STREAMS, 64, ALERT_STATE_EVICTED, "DNP3 stations and unfinished fragments" },
	{ CNT_TCP_SEGMENT_DROP, 64, ALERT_STATE_EVICTED, "TCP segments that came too early" },
	{ CNT_DEFRAG_EVICTED, 64, ALERT_STATE_EVICTED, "IP fragments" },
	/* A plant has as many as it has; more at a time are made up. */
	{ CNT_DETECT_DEVICES, 256, ALERT_STATE_EVICTED, "devices" },
	{ CNT_DETECT_TRACKERS, 1024, ALERT_STATE_EVICTED, "hosts that were watched for scans" },
	{ CNT_ALERT_EVICTED, 256, ALERT_STATE_EVICTED, "open alerts" },
};

static void
report(const struct detect_env *env, const struct table *t, uint64_t n, uint64_t now_ns)
{
	const struct rate_settings r = { .n = t->limit, .within_s = MINUTE_S };
	struct finding f = { .type = t->type, .ts_ns = now_ns, .what = t->what, .key = t->counter };

	say_rate(&f, n, &r);
	say(env, &f);
}

void
evictions_tick(struct evictions *x, const struct detect_env *env, uint64_t now_ns)
{
	for (unsigned i = 0; i < EVICTION_TABLES; i++) {
		uint64_t n = env->counters->v[tables[i].counter], more = n - x->table[i].seen;
		uint64_t since = x->table[i].since_ns;

		if (more == 0)
			continue;
		x->table[i].seen = n;
		if (since == 0 || now_ns < since || now_ns - since >= MINUTE_S * SECOND) {
			x->table[i].since_ns = now_ns > 0 ? now_ns : 1;
			x->table[i].n = 0;
		}
		x->table[i].n += more;
		if (x->table[i].n >= tables[i].limit && x->table[i].n - more < tables[i].limit)
			report(env, &tables[i], x->table[i].n, now_ns);
	}
}
