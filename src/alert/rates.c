#include "alert/rates.h"

#include <stdlib.h>

#include "base/hash.h"

#define MINUTE_NS	60000000000ull
#define RULES		512u	/* rules told apart; a power of two */
#define PROBES		8u	/* slots looked at for a rule */
#define TARGETS		8192u	/* told apart in this minute; a power of two */
#define WAYS		8u	/* slots looked at for a target */

/* sids of rules that come with the program; see rules/README.md. */
#define SHIPPED_FIRST	5000000u
#define SHIPPED_LAST	5999999u

/* One type or rule. */
struct rate {
	uint64_t		 since_ns;	/* 0: free */
	uint64_t		 n;		/* that passed whoever they were about */
	uint64_t		 shared[2];	/* that passed by their target's share; [1] of proven ones */
	uint64_t		 suppressed, n_targets;
	enum alert_type		 type;
	const struct rule_metadata	*rule;
	struct addr		 src, dst;	/* of the last one suppressed */
	uint16_t		 sport, dport, source;
	uint8_t			 proto;
	uint64_t		 ts_ns, frame;
	uint32_t		 n_named;
	struct alert_target	 named[ALERT_TARGETS];
};

/* One target of one type or rule. */
struct target {
	uint64_t	key;		/* 0: free */
	uint64_t	since_ns;	/* the minute of its type that the numbers are of */
	uint32_t	n[2];		/* alerts; [1] proven */
	bool		suppressed;		/* counted in n_targets */
};

struct rates {
	struct rates_settings	 set;
	struct rates_sink	 sink;
	struct counters		*counters;
	uint32_t		 open;		/* entries in use */
	uint64_t		 first_ns, last_ns;	/* no minute that is open began outside these */
	struct rate		 type[ALERT_TYPE_COUNT];
	struct rate		 rule[RULES];
	struct target		 target[TARGETS];
};

struct rates *
rates_open(const struct rates_settings *s, const struct rates_sink *sink, struct counters *c)
{
	struct rates *r = calloc(1, sizeof(*r));

	if (r == NULL)
		return NULL;
	r->set = *s;
	r->sink = *sink;
	r->counters = c;
	return r;
}

struct alert_target
rates_target(const struct finding *f)
{
	struct alert_target t = { .addr = f->any_dst ? f->src : f->dst };

	if (f->any_dst)
		return t;
	if (f->flow != NULL)
		t.addr = f->flow->addr[flow_server(f->flow)];
	else if (f->to_client)
		t.addr = f->src;
	if (f->op != NULL) {
		t.unit = f->op->unit;
		t.has_unit = true;
	}
	return t;
}

/* What each target may have when the type's limit is used up, and how many of those
 * there may be in all: a stop of another controller is worth a line of its own, a
 * refused read of another register is not. */
static uint64_t
share_of(uint64_t limit, uint8_t severity)
{
	uint64_t share = severity <= 1 ? limit / 10 : severity == 2 ? limit / 20 : 1;

	return share > 0 ? share : 1;
}

static uint64_t
ceiling_of(uint64_t limit, uint8_t severity)
{
	return severity <= 1 ? TARGETS / 2 : severity == 2 ? TARGETS / 8 : 4 * limit;
}

static void
end(struct rates *r, struct rate *e)
{
	struct rates_suppressed h = { .n = e->suppressed, .n_targets = e->n_targets, .n_named = e->n_named,
	    .last = { .type = e->type, .rule = e->rule, .ts_ns = e->ts_ns, .frame = e->frame,
		.source = e->source, .src = e->src, .dst = e->dst, .sport = e->sport,
		.dport = e->dport, .proto = e->proto } };

	for (uint32_t i = 0; i < e->n_named; i++)
		h.named[i] = e->named[i];
	if (e->suppressed > 0)
		r->sink.suppressed(r->sink.arg, &h);
	e->since_ns = 0;
	r->open--;
}

static struct rate *
rate_of(struct rates *r, const struct finding *f)
{
	uint64_t key[2];
	uint32_t at;
	struct rate *oldest = NULL;

	if (f->rule == NULL)
		return &r->type[f->type];
	key[0] = f->rule->gid;
	key[1] = f->rule->sid;
	at = (uint32_t)hash_bytes(r->set.key, key, sizeof(key));
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

/* What a new target costs least: nothing, a minute that is over, one that anybody can
 * have forged, the oldest. */
static unsigned
worth(const struct target *t, uint64_t now_ns)
{
	if (t->key == 0)
		return 0;
	if (now_ns < t->since_ns || now_ns - t->since_ns >= MINUTE_NS)
		return 1;
	return t->n[1] == 0 ? 2 : 3;
}

static struct target *
target_of(struct rates *r, const struct rate *e, const struct finding *f, const struct alert_target *of)
{
	struct { uint64_t what[2], unit; struct addr addr; } id = {
		.what = { f->rule != NULL ? f->rule->gid : 0,
		    f->rule != NULL ? f->rule->sid : (uint64_t)f->type },
		.unit = of->has_unit ? of->unit + UINT64_C(1) : 0, .addr = of->addr };
	uint64_t key = hash_bytes(r->set.key, &id, sizeof(id)) | 1;
	struct target *row = &r->target[key >> 32 & (TARGETS / WAYS - 1)], *best = NULL;

	/* `row` counts sets of WAYS. */
	row = &r->target[(size_t)(row - r->target) * WAYS];
	for (uint32_t i = 0; i < WAYS; i++) {
		struct target *t = &row[i];

		if (t->key == key && t->since_ns == e->since_ns)
			return t;
		if (t->key == key) {
			best = t;
			break;
		}
		if (best == NULL || worth(t, f->ts_ns) < worth(best, f->ts_ns) ||
		    (worth(t, f->ts_ns) == worth(best, f->ts_ns) && t->since_ns < best->since_ns))
			best = t;
	}
	if (best->key != key && worth(best, f->ts_ns) > 1)
		count(r->counters, CNT_ALERT_TARGETS_EVICTED);
	*best = (struct target){ .key = key, .since_ns = e->since_ns };
	return best;
}

/* Whom the report will name: the first ones, those that answered before others. */
static void
name(struct rate *e, const struct alert_target *of, bool proven)
{
	static const struct addr nobody;
	struct alert_target *to = NULL;

	if (addr_same(&of->addr, &nobody))
		return;
	for (uint32_t i = 0; i < e->n_named; i++) {
		struct alert_target *t = &e->named[i];

		if (t->has_unit == of->has_unit && t->unit == of->unit && addr_same(&t->addr, &of->addr)) {
			t->n++;
			t->proven |= proven;
			return;
		}
		if (to == NULL && proven && !t->proven)
			to = t;
	}
	if (e->n_named < ALERT_TARGETS)
		to = &e->named[e->n_named++];
	if (to == NULL)
		return;
	*to = *of;
	to->n = 1;
	to->proven = proven;
}

static void
hold(struct rate *e, const struct finding *f, struct target *t, const struct alert_target *of, bool proven)
{
	e->suppressed++;
	e->n_targets += !t->suppressed;
	t->suppressed = true;
	name(e, of, proven);
	e->src = f->src;
	e->dst = f->dst;
	e->sport = f->sport;
	e->dport = f->dport;
	e->proto = f->proto;
	e->source = f->source;
	e->ts_ns = f->ts_ns;
	e->frame = f->frame;
}

static bool
is_own_rule(const struct rule_metadata *rule)
{
	return rule != NULL && (rule->sid < SHIPPED_FIRST || rule->sid > SHIPPED_LAST);
}

bool
rates_pass(struct rates *r, const struct finding *f, uint8_t severity, bool proven)
{
	uint64_t limit = is_own_rule(f->rule) ? r->set.own_limit : r->set.limit;
	struct alert_target of;
	struct target *t;
	struct rate *e;

	if (limit == 0)
		return true;
	e = rate_of(r, f);
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
	of = rates_target(f);
	t = target_of(r, e, f, &of);
	if (t->n[proven] < limit && e->n < limit)
		e->n++;
	else if (t->n[proven] < share_of(limit, severity) && e->shared[proven] < ceiling_of(limit, severity))
		e->shared[proven]++;
	else {
		hold(e, f, t, &of, proven);
		return false;
	}
	t->n[proven]++;
	return true;
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

void
rates_forget_rules(struct rates *r)
{
	for (unsigned i = 0; i < RULES; i++)
		if (r->rule[i].since_ns != 0)
			end(r, &r->rule[i]);
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
