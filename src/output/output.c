#include "output/output.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "output/chain.h"
#include "output/limit.h"
#include "output/sinks.h"
#include "output/types.h"
#include "output/visibility.h"

struct output {
	struct output_env	 env;
	struct counters		*counters;	/* borrowed; lost and limited lines */
	struct limit		*limit;		/* owned */
	struct sinks		 sinks;
	const char		*sandbox;	/* for stats; NULL none */
	struct chain		*chain;		/* owned; of alerts; NULL without */
	uint64_t		 heartbeats, heartbeat_s;
	uint32_t		 types;		/* that any of them wants */
	bool			 too_long;	/* a record did not fit; reported once */
	bool			 started;	/* the start of visibility is known */
	uint64_t		 start_ns, since_ns;
	struct counters		 seen;		/* as in the last visibility record */
	char			*line;		/* owned; OUTPUT_LINE_MAX */
};

#define each_sink(o, k) \
	struct sink *k = (o)->sinks.of; k < (o)->sinks.of + (o)->sinks.n; k++

/* It goes on where the last run ended, as the file says that its alerts went to. */
static void
open_chain(struct output *o, const struct output_settings *s, struct err *e)
{
	struct sink_settings all[SINKS_MAX + 1];
	unsigned n = output_sinks(s, all);
	struct chain_link last;
	char path[OUTPUT_PATH_MAX];

	o->chain = chain_open();
	if (o->chain == NULL)
		err_add(e, NULL, 0, 0, "no memory or no SHA-256 for the chain of alerts (outputs.chain)");
	for (unsigned i = 0; o->chain != NULL && o->env.live && i < n; i++)
		if (all[i].format == OUTPUT_FORMAT_EVE && all[i].transport == OUTPUT_TRANSPORT_FILE && all[i].target != NULL &&
		    output_path(s, all[i].target, path, sizeof(path)) && chain_find(path, &last)) {
			chain_resume(o->chain, &last);
			log_debug("output", "the chain of alerts goes on behind number %" PRIu64 " of %s", last.n, path);
			return;
		}
}

struct output *
output_open(const struct output_settings *s, const struct output_env *env,
    struct counters *c, struct err *e)
{
	struct output *o = calloc(1, sizeof(*o));
	int problems = e->n;

	if (o == NULL || (o->line = malloc(OUTPUT_LINE_MAX)) == NULL ||
	    (o->limit = limit_open(s->anomaly_limit, c)) == NULL) {
		err_add(e, NULL, 0, 0, "no memory for the outputs");
		(void)output_close(o);
		return NULL;
	}
	o->env = *env;
	o->counters = c;
	o->heartbeat_s = s->heartbeat_s;
	if (s->chain == CHAIN_YES || (s->chain == CHAIN_AUTO && env->live))
		open_chain(o, s, e);
	sinks_open(&o->sinks, s, &o->env, c, e);
	if (e->n != problems) {
		(void)output_close(o);
		return NULL;
	}
	for (each_sink(o, k))
		o->types |= k->types;
	return o;
}

void
output_sandbox(struct output *o, const char *how)
{
	o->sandbox = how;
}

bool
output_start(struct output *o, struct err *e)
{
	bool all = true;

	for (each_sink(o, k))
		all = writer_start(k->writer, e) && all;
	return all;
}

void
output_tick(struct output *o)
{
	for (each_sink(o, k))
		writer_tick(k->writer);
}

static bool
wants(const struct sink *k, const struct record *r)
{
	static const uint32_t types[] = {
		[RECORD_ANOMALY] = TYPE_BIT(TYPE_ANOMALY), [RECORD_ALERT] = TYPE_BIT(TYPE_ALERT),
		[RECORD_FLOW] = TYPE_BIT(TYPE_FLOW), [RECORD_STATS] = TYPE_BIT(TYPE_STATS),
		[RECORD_VISIBILITY] = TYPE_BIT(TYPE_VISIBILITY), [RECORD_DEVICE] = TYPE_BIT(TYPE_ASSET),
		[RECORD_HEARTBEAT] = TYPE_BIT(TYPE_HEARTBEAT), [RECORD_HEALTH] = TYPE_BIT(TYPE_HEALTH), [RECORD_PROCESS] = TYPE_BIT(TYPE_PROCESS),
		[RECORD_INCIDENT] = TYPE_BIT(TYPE_INCIDENT),
	};

	if (r->kind == RECORD_OPERATION)
		return types_want(k->types, r->operation);
	return (k->types & types[r->kind]) != 0 &&
	    (r->kind != RECORD_ALERT || r->alert->severity <= k->severity) &&
	    (r->kind != RECORD_INCIDENT || r->incident->severity <= k->severity);
}

static void
too_long(struct output *o)
{
	count(o->counters, CNT_OUT_LOST);
	if (!o->too_long)
		log_warn("output", "a record of more than %u bytes was lost; more of "
		    "them are only counted", (unsigned)OUTPUT_LINE_MAX);
	o->too_long = true;
}

/* To every sink that wants it; they share the line. */
static void
emit(struct output *o, const struct record *r, enum queue_class class)
{
	struct line line = { .text = o->line, .size = OUTPUT_LINE_MAX - 1 };	/* the newline */
	enum format_result result = FORMAT_NOT_MINE;
	bool made = false, known = false;
	struct line_head head;
	struct subject about;

	for (unsigned i = 0; i < o->sinks.n; i++) {
		struct sink *k = o->sinks.order[i];

		if (!wants(k, r))
			continue;
		if (!known) {
			known = true;
			subject_of(r, &about);
			head = subject_head(&about, r, class);
		}
		if (!wanted_pass(&k->wanted, k->name, &about, &o->env, class))
			continue;
		if (!made) {
			made = true;
			result = format_eve.write(o->sinks.eve, r, &line);
			if (result == FORMAT_OK && r->kind == RECORD_ALERT && o->chain != NULL && !chain_add(o->chain, &line))
				result = FORMAT_TOO_LONG;
			if (result == FORMAT_OK)
				line.text[line.len++] = '\n';
		}
		if (result == FORMAT_OK)
			(void)writer_put_line(k->writer, &head, line.text, line.len);
		else if (result == FORMAT_TOO_LONG)
			too_long(o);
	}
}

void
output_operation(struct output *o, const struct operation *op)
{
	/* Most are polls, which a sensor does not write. */
	if (types_want(o->types, op))
		emit(o, &(struct record){ .kind = RECORD_OPERATION, .operation = op }, QUEUE_OPERATION);
}

void
output_anomaly(struct output *o, const struct anomaly *a)
{
	struct record r = { .kind = RECORD_ANOMALY, .anomaly.a = a };

	if (o->sinks.n > 0 && limit_pass(o->limit, a, &r.anomaly.suppressed))
		emit(o, &r, QUEUE_ANOMALY);
}

void
output_alert(struct output *o, const struct alert *a)
{
	emit(o, &(struct record){ .kind = RECORD_ALERT, .alert = a },
	    a->severity == 1 || a->severity == 2 ? QUEUE_ALERT : QUEUE_LOW);
}

void
output_health(struct output *o, const struct health_report *r)
{
	emit(o, &(struct record){ .kind = RECORD_HEALTH, .health = r }, QUEUE_STATS);
}

void
output_process(struct output *o, const struct process_value *v)
{
	emit(o, &(struct record){ .kind = RECORD_PROCESS, .process = v }, QUEUE_OPERATION);
}

void
output_device(struct output *o, const struct device *d, uint64_t now_ns)
{
	emit(o, &(struct record){ .kind = RECORD_DEVICE, .device = { d, now_ns } }, QUEUE_STATS);
}

void
output_incident(struct output *o, const struct incident *i)
{
	emit(o, &(struct record){ .kind = RECORD_INCIDENT, .incident = i }, i->severity <= 2 ? QUEUE_ALERT : QUEUE_LOW);
}

void
output_flow(struct output *o, const struct flow *f, enum flow_end_reason why)
{
	uint64_t n[ANOMALY_COUNT];
	const struct record r = { .kind = RECORD_FLOW, .flow = { f, why,
	    limit_flow_end(o->limit, f->id, n) ? n : NULL } };

	emit(o, &r, QUEUE_FLOW);
}

static void
show_visibility(struct output *o, const struct counters *c, uint64_t now_ns, bool last)
{
	struct visibility v;

	if (!last && !visibility_blind(&o->seen, c))
		return;
	v = (struct visibility){ .since_ns = last ? o->start_ns : o->since_ns, .until_ns = now_ns,
	    .total = c, .last = last };
	if (o->env.unfollowed != NULL)
		v.unfollowed = o->env.unfollowed(o->env.arg);
	for (unsigned i = 0; i < CNT_COUNT; i++)
		v.delta.v[i] = last ? c->v[i] : c->v[i] - o->seen.v[i];
	emit(o, &(struct record){ .kind = RECORD_VISIBILITY, .visibility = &v }, QUEUE_STATS);
	o->seen = *c;
	o->since_ns = now_ns;
}

/* By writers, behind their queues. */
static uint64_t
dropped(const struct sink_counts *k, unsigned n)
{
	uint64_t sum = 0;

	for (unsigned i = 0; i < n; i++)
		sum += k[i].dropped_full + k[i].dropped_old + k[i].dropped_damaged + k[i].dropped_format + k[i].rejected;
	return sum;
}

void
output_stats(struct output *o, const struct counters *c, uint64_t now_ns,
    uint64_t uptime_s, bool last)
{
	uint64_t up_ns = uptime_s * 1000000000u;
	struct sink_counts sinks[SINKS_MAX + 1];
	unsigned n;

	/* Again when the capture's clock was set back. */
	if (!o->started || o->since_ns > now_ns)
		o->start_ns = o->since_ns = now_ns > up_ns ? now_ns - up_ns : 0;
	o->started = true;
	/* With one file a replay has nothing to add to the counters. */
	n = o->env.live || o->sinks.n > 1 ? output_counts(o, sinks) : 0;
	o->counters->v[CNT_OUT_DROPPED] = dropped(sinks, n);
	emit(o, &(struct record){ .kind = RECORD_STATS, .stats = { c, now_ns, uptime_s, sinks, n, o->env.live, o->sandbox } },
	    QUEUE_STATS);
	show_visibility(o, c, now_ns, last);
}

void
output_heartbeat(struct output *o, const struct counters *c, uint64_t now_ns, uint64_t uptime_s, int clock)
{
	const struct heartbeat h = { .n = ++o->heartbeats, .now_ns = now_ns, .uptime_s = uptime_s, .every_s = o->heartbeat_s,
	    .c = c, .last = o->chain != NULL ? chain_last(o->chain) : NULL, .clock = clock };

	emit(o, &(struct record){ .kind = RECORD_HEARTBEAT, .heartbeat = &h }, QUEUE_STATS);
}

unsigned
output_counts(const struct output *o, struct sink_counts to[SINKS_MAX + 1])
{
	for (unsigned i = 0; i < o->sinks.n; i++) {
		writer_counts(o->sinks.of[i].writer, &to[i]);
		to[i].format = o->sinks.of[i].format;
		to[i].filtered = o->sinks.of[i].wanted.filtered;
		to[i].limited = o->sinks.of[i].wanted.limited;
	}
	return o->sinks.n;
}

bool
output_wants_values(const struct output *o)
{
	return (o->types & TYPE_BIT(TYPE_PROCESS)) != 0;
}

bool
output_wants_numbers(const struct output *o)
{
	for (unsigned i = 0; i < o->sinks.n; i++)
		if ((o->sinks.of[i].types & (TYPE_BIT(TYPE_STATS) | TYPE_BIT(TYPE_VISIBILITY))) != 0)
			return true;
	return false;
}

void
output_last(struct output *o)
{
	uint64_t end = o->env.deadline_ns != NULL ? atomic_load(o->env.deadline_ns) : 0, now = thread_now();
	/* One that stands still must leave the others their time. */
	uint64_t patience = !o->env.live || o->sinks.n < 2 || end == 0 ? UINT64_MAX :
	    end > now ? (end - now) / o->sinks.n : 0;

	for (each_sink(o, k))
		writer_lossless(k->writer, patience);
}

bool
output_wait(struct output *o, uint64_t wait_ms)
{
	bool all = true;

	for (each_sink(o, k))
		all = writer_wait(k->writer, wait_ms) && all;
	return all;
}

void
output_reopen(struct output *o)
{
	for (each_sink(o, k))
		writer_reopen(k->writer);
}

size_t
output_memory(const struct output *o)
{
	size_t n = sizeof(*o) + limit_memory() + OUTPUT_LINE_MAX;

	for (unsigned i = 0; i < o->sinks.n; i++)
		n += writer_memory(o->sinks.of[i].writer);
	return n;
}

int
output_close(struct output *o)
{
	int rc;

	if (o == NULL)
		return 0;
	rc = sinks_close(&o->sinks) != 0 || o->too_long ? -1 : 0;
	limit_close(o->limit);
	chain_close(o->chain);
	free(o->line);
	free(o);
	return rc;
}

bool
output_drop(struct output *o, const char *name)
{
	for (each_sink(o, k))
		if (writer_is_spooled(k->writer) && strcmp(k->name, name) == 0) {
			writer_drop(k->writer);
			return true;
		}
	return false;
}

bool
output_deliver(const struct output_settings *s, const struct sink_settings *k, const struct net_watched *watched, struct err *e)
{
	const struct output_env env = { .watched = watched };
	struct output_settings one = *s;
	struct counters c = { { 0 } };
	struct sinks sinks;
	int before = e->n;

	/* What waits has passed its filters already. */
	one.eve = false;
	one.n_sinks = 1;
	one.sinks[0] = *k;
	one.sinks[0].zones = one.sinks[0].assets = one.sinks[0].protocols = one.sinks[0].intents = NULL;
	sinks_open(&sinks, &one, &env, &c, e);
	for (unsigned i = 0; i < sinks.n && e->n == before; i++)
		(void)writer_start(sinks.of[i].writer, e);
	(void)sinks_close(&sinks);
	return e->n == before;
}
