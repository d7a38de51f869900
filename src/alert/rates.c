#include "alert/rates.h"

#include <stdlib.h>

#include "base/hash.h"

#define MINUTE_NS	60000000000ull
#define RULES		512u	/* rules told apart; a power of two */
#define PROBES		8u	/* places looked at for a rule */

struct rate {
	uint64_t		 since_ns;	/* 0: free */
	uint64_t		 n, held;
	enum alert_type		 type;
	const struct rule_card	*rule;
	struct addr		 src, dst;	/* of the last one held */
	uint16_t		 sport, dport, source;
	uint8_t			 proto;
	uint64_t		 ts_ns, frame;
};

struct rates {
	uint64_t		 limit;
	struct rates_sink	 sink;
	struct counters		*counters;
	uint32_t		 open;		/* places in use */
	uint64_t		 first_ns, last_ns;	/* no minute that is open began outside these */
	struct rate		 type[ALERT_TYPE_COUNT];
	struct rate		 rule[RULES];
};

struct rates *
rates_open(uint64_t limit, const struct rates_sink *sink, struct counters *c)
{
	struct rates *r = calloc(1, sizeof(*r));

	if (r == NULL)
		return NULL;
	r->limit = limit;
	r->sink = *sink;
	r->counters = c;
	return r;
}

static void
end(struct rates *r, struct rate *e)
{
	struct rates_held h = { .n = e->held, .last = {
		.type = e->type, .rule = e->rule, .ts_ns = e->ts_ns, .frame = e->frame,
		.source = e->source, .src = e->src, .dst = e->dst, .sport = e->sport,
		.dport = e->dport, .proto = e->proto } };

	if (e->held > 0)
		r->sink.held(r->sink.arg, &h);
	e->since_ns = 0;
	r->open--;
}

static struct rate *
place(struct rates *r, const struct finding *f)
{
	uint64_t key[2];
	uint32_t at;
	struct rate *oldest = NULL;

	if (f->rule == NULL)
		return &r->type[f->type];
	key[0] = f->rule->gid;
	key[1] = f->rule->sid;
	at = (uint32_t)hash_bytes(0, key, sizeof(key));
	for (uint32_t i = 0; i < PROBES; i++) {
		struct rate *e = &r->rule[(at + i) & (RULES - 1)];

		if (e->since_ns != 0 && e->rule == f->rule)
			return e;
		if (oldest == NULL || e->since_ns < oldest->since_ns)
			oldest = e;	/* a free one is the oldest of all */
	}
	if (oldest->since_ns != 0) {
		count(r->counters, CNT_ALERT_LIMIT_EVICTED);
		end(r, oldest);
	}
	return oldest;
}

bool
rates_pass(struct rates *r, const struct finding *f)
{
	struct rate *e;

	if (r->limit == 0)
		return true;
	e = place(r, f);
	if (e->since_ns != 0 && (f->ts_ns < e->since_ns || f->ts_ns - e->since_ns >= MINUTE_NS))
		end(r, e);
	if (e->since_ns == 0) {
		if (r->open++ == 0)
			r->first_ns = r->last_ns = f->ts_ns;
		r->first_ns = f->ts_ns < r->first_ns ? f->ts_ns : r->first_ns;
		r->last_ns = f->ts_ns > r->last_ns ? f->ts_ns : r->last_ns;
		*e = (struct rate){ .since_ns = f->ts_ns > 0 ? f->ts_ns : 1, .type = f->type,
		    .rule = f->rule };
	}
	if (e->n < r->limit) {
		e->n++;
		return true;
	}
	e->held++;
	e->src = f->src;
	e->dst = f->dst;
	e->sport = f->sport;
	e->dport = f->dport;
	e->proto = f->proto;
	e->source = f->source;
	e->ts_ns = f->ts_ns;
	e->frame = f->frame;
	return false;
}

static void
tick_one(struct rates *r, struct rate *e, uint64_t now_ns, bool all)
{
	if (e->since_ns == 0)
		return;
	if (all || now_ns < e->since_ns || now_ns - e->since_ns >= MINUTE_NS) {
		end(r, e);
		return;
	}
	r->first_ns = e->since_ns < r->first_ns ? e->since_ns : r->first_ns;
	r->last_ns = e->since_ns > r->last_ns ? e->since_ns : r->last_ns;
}

void
rates_tick(struct rates *r, uint64_t now_ns, bool all)
{
	/* Nearly every tick: no minute is over, and the clock was not set back. */
	if (r->open == 0 || (!all && now_ns >= r->last_ns && now_ns - r->first_ns < MINUTE_NS))
		return;
	r->first_ns = UINT64_MAX;	/* found anew on the way */
	r->last_ns = 0;
	for (unsigned i = 0; i < ALERT_TYPE_COUNT; i++)
		tick_one(r, &r->type[i], now_ns, all);
	for (unsigned i = 0; i < RULES; i++)
		tick_one(r, &r->rule[i], now_ns, all);
}

size_t
rates_memory(const struct rates *r)
{
	return sizeof(*r);
}

void
rates_close(struct rates *r)
{
	free(r);
}
