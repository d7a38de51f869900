/* wire.c - how devices answer: how fast, how often not at all, asked twice, refused, damaged on its way.
 *
 * On the packet path sums only; what they mean is asked once an hour (hours.c).
 */
#include "detect/health/wire.h"

#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "detect/emit.h"

#define IMPATIENT_NS	UINT64_C(20000000)	/* no client repeats a request sooner */

const struct wire_judge *
wire_judge_of(unsigned figure)
{
	static const struct wire_judge rows[HEALTH_OF_WIRE] = {
#define HEALTH_JUDGED(figure, alert_, floor_, limit_) [HEALTH_##figure] = { .by = { .floor = floor_, .limit = limit_ }, .alert = ALERT_##alert_ },
#include "record/health.def"
	};

	return &rows[figure];
}

struct norm *
wire_norm(struct wire *d, struct vitals *v, unsigned figure, bool make)
{
	struct norm *n;

	if (v->norm[figure] != 0)
		return pool_at(&d->norms, v->norm[figure] - 1u);
	n = make ? pool_get(&d->norms) : NULL;
	if (n == NULL) {
		if (make)
			count(d->h.env.counters, CNT_HEALTH_NORMS);
		return NULL;
	}
	norm_begin(n, v->hours);
	v->norm[figure] = (uint16_t)(pool_index(&d->norms, n) + 1);
	return n;
}

/* A row goes. */
static void
gone(void *arg, struct asset *x, struct asset_unit *u)
{
	struct wire *d = arg;
	struct vitals *v = u != NULL ? &((struct unit_vitals *)asset_slot(u, d->h.of_unit))->v : asset_slot(x, d->of_device);

	for (unsigned i = 0; i < HEALTH_OF_WIRE; i++) {
		if (v->norm[i] != 0)
			pool_put(&d->norms, pool_at(&d->norms, v->norm[i] - 1u));
		v->norm[i] = 0;
	}
}

static void
wire_close(void *arg)
{
	struct wire *d = arg;

	pool_close(&d->norms);
	free(d->kept);
	free(d);
}

static void *
wire_open(const struct detect_env *env, struct err *e)
{
	struct wire *d = health_open(env, sizeof(*d), sizeof(struct unit_vitals));
	uint64_t n = WIRE_NORMS * env->settings->detect.devices;

	if (d == NULL || d->h.off)
		return d;
	d->of_device = assets_slot(env->assets, ASSET_DEVICE, sizeof(struct vitals));
	d->flow_slot = env->slots != NULL ? flow_slot_reserve(env->slots, sizeof(struct wire_flow)) : UINT32_MAX;
	assets_watch(env->assets, gone, d);
	if (pool_open(&d->norms, n < UINT16_MAX ? (uint32_t)n : UINT16_MAX - 1u, sizeof(struct norm)) != 0 || wire_load(d, e) != 0) {
		wire_close(d);
		return NULL;
	}
	return d;
}

/* ---- an operation ------------------------------------------------------------------- */

static struct wire_flow *
wire_flow_of(const struct wire *d, const struct flow *f)
{
	return d->flow_slot != UINT32_MAX && f->slots != NULL ? flow_slot(f, d->flow_slot) : NULL;
}

/* What was asked: the same again has the same. */
static uint32_t
class_of(const struct operation *op)
{
	uint64_t h = op->function * UINT64_C(0x9e3779b97f4a7c15) ^ op->subfunction ^ op->request.len << 16;

	if (op->n_items > 0)
		h = (h ^ op->items[0].first ^ (uint64_t)op->items[0].number << 32 ^ (uint64_t)op->items[0].count << 20) * UINT64_C(0xe7037ed1a0b428db);
	return (uint32_t)(h >> 32);
}

/* Was it asked while the same waited for its answer?  Nobody repeats what is answered at once; what was never answered
 * is another figure. */
static void
asked_again(struct unit_vitals *u, const struct operation *op)
{
	const uint32_t class = class_of(op);
	__typeof__(&u->last[0]) l = &u->last[class % WIRE_CLASSES];

	if (l->class == class && op->request.ts_ns > l->asked_ns && op->request.ts_ns < l->until_ns)
		u->v.bad[HEALTH_REPEATED]++;
	l->class = class;
	l->asked_ns = op->request.ts_ns;
	l->until_ns = op->response.ts_ns;
}

static void
answered(struct unit_vitals *u, const struct operation *op)
{
	u->answers++;
	u->sum_ns += op->latency_ns;
	if (op->latency_ns > u->worst_ns)
		u->worst_ns = op->latency_ns;
	sketch_add(&u->answer, op->latency_ns);
}

static uint32_t
gaps_of(const struct flow *f)
{
	return f->gaps[0] + f->gaps[1];
}

/* The next operation after one without an answer: the answer may have been in what the sensor itself lost since. */
static void
was_unanswered(struct unit_vitals *u, const struct operation *op)
{
	if (u->lost_flow != op->flow->id || u->lost_gaps == gaps_of(op->flow))
		u->v.bad[HEALTH_UNANSWERED]++;
	u->lost_flow = 0;
}

/* Is that there was no answer the device's doing, or the network's? */
static bool
is_unanswered(const struct wire *d, const struct operation *op)
{
	struct wire_flow *f = wire_flow_of(d, op->flow);

	if (op->outcome != OUTCOME_UNANSWERED || op->broadcast || !flow_two_sided(op->flow) || cut_short(&d->h.env, op))
		return false;
	if (f == NULL || f->damaged == 0)
		return true;
	f->damaged--;	/* the answer came, and nobody could read it: that counts for the line */
	return false;
}

static void
refused(struct vitals *v, const struct operation *op)
{
	static const uint8_t figures[OP_REFUSALS] = { HEALTH_REFUSED_FUNCTION, HEALTH_REFUSED_ADDRESS, HEALTH_REFUSED_VALUE,
		HEALTH_REFUSED_FAILURE, HEALTH_REFUSED_BUSY, HEALTH_REFUSED_OTHER, HEALTH_UNREACHED };
	unsigned is = op->refused;

	if ((is & OP_REFUSED_UNREACHED) != 0)
		is = OP_REFUSED_UNREACHED;	/* the device refused nothing */
	for (unsigned bit = 0; bit < OP_REFUSALS; bit++)
		v->bad[figures[bit]] += is >> bit & 1u;
}

/* An answer tells a counter that the device itself keeps. */
static void
counted(struct wire *d, struct unit_vitals *u, const struct operation *op)
{
	uint32_t *last = &u->counted[op->counter % OP_COUNTERS], now = op->counted;
	struct finding f;

	if (op->counter == OP_COUNTS_CLEARED) {
		memset(u->counted, 0, sizeof(u->counted));
		return;
	}
	/* It goes round at 65,536. */
	if (*last != 0 && now + 1 < *last && *last < 0xf000) {
		u->v.bad[HEALTH_RESTARTS]++;
		f = finding_from_operation(&d->h.env, ALERT_HEALTH_RESTARTED, op, true);
		finding_add_number(&f, "counted", now);
		finding_add_number(&f, "counted_before", *last - 1);
		emit(&d->h.env, &f);
		memset(u->counted, 0, sizeof(u->counted));
	} else if (*last != 0 && op->counter == OP_COUNTS_LINE_ERRORS)
		u->v.bad[HEALTH_DAMAGED] += now + 1 >= *last ? now + 1 - *last : now + 1 + 0x10000 - *last;
	*last = now + 1;
}

int64_t
wire_clock_off(int64_t differs_ms)
{
	const int64_t quarter = 900000, unset = INT64_C(30) * 86400000;

	if (differs_ms > unset || differs_ms < -unset)
		return differs_ms;
	return differs_ms - (differs_ms + (differs_ms < 0 ? -quarter / 2 : quarter / 2)) / quarter * quarter;
}

/* A time stamp of the device's own clock. */
static void
clock_seen(struct unit_vitals *u, uint64_t device_ms, uint64_t capture_ns)
{
	int64_t differs;

	if (device_ms > INT64_MAX / 2)
		return;
	differs = (int64_t)device_ms - (int64_t)(capture_ns / 1000000u);
	if (u->clocks++ == 0 || differs > u->clock_ms)
		u->clock_ms = differs;
}

static void
clocks(struct unit_vitals *u, const struct operation *op)
{
	for (uint32_t i = 0; i < op->n_items; i++) {
		const struct op_item *it = &op->items[i];
		struct op_value v;

		if (it->written || it->n_values == 0 || (it->form != FORM_OWN && it->form != FORM_TYPED))
			continue;
		v = op_item_value(it, it->n_values - 1);	/* the newest of them */
		if (v.has_time || (it->point == POINT_CLOCK && v.kind == VALUE_TIME))
			clock_seen(u, v.has_time ? v.time_ms : v.u, op->response.ts_ns);
	}
}

/* All but an answer to an ordinary request. */
static void
unusual(struct wire *d, struct unit_vitals *u, const struct operation *op)
{
	if (is_unanswered(d, op)) {
		u->lost_flow = op->flow->id;
		u->lost_gaps = gaps_of(op->flow);
	}
	if (op->outcome == OUTCOME_EXCEPTION)
		refused(&u->v, op);
	/* Whoever tells a device to do something may have it count anew. */
	if (op->command != CMD_NONE)
		memset(u->counted, 0, sizeof(u->counted));
}

/* What was sent again since the last operation of its flow. */
static void
resent(struct wire *d, struct asset *device, const struct operation *op)
{
	const uint32_t now = op->flow->resent[0] + op->flow->resent[1];
	struct wire_flow *f;

	if (now == 0 || (f = wire_flow_of(d, op->flow)) == NULL || now == f->resent)
		return;
	((struct vitals *)asset_slot(device, d->of_device))->bad[HEALTH_RESENT] += now - f->resent;
	f->resent = now;
}

static void
wire_finished(void *arg, const struct operation *op)
{
	struct wire *d = arg;
	struct asset_unit *unit = asset_ends(d->h.env.ends)->unit;
	struct unit_vitals *u;

	if (unit == NULL || op->flow == NULL)
		return;
	u = asset_slot(unit, d->h.of_unit);
	u->v.asked++;
	resent(d, unit->device, op);
	if (u->lost_flow != 0)
		was_unanswered(u, op);
	if (op->response.seen)
		u->heard_ns = op->response.ts_ns;
	if (op->request.seen && op->response.seen && op->intent == INTENT_READ && op->outcome == OUTCOME_ANSWERED)
		answered(u, op);
	else if (op->request.seen)
		unusual(d, u, op);
	if (op->latency_ns >= IMPATIENT_NS)
		asked_again(u, op);
	if (op->response.seen)
		clocks(u, op);
	if (op->clock_ms != 0 && op->response.seen)
		clock_seen(u, op->clock_ms, op->response.ts_ns);
	if (op->counter != OP_COUNTS_NOTHING && op->response.seen)
		counted(d, u, op);
}

/* ---- all else ----------------------------------------------------------------------- */

static bool
is_damage(enum anomaly_id id)
{
#define HEALTH_DAMAGE(anomaly_) if (id == ANOM_##anomaly_) return true;
#include "record/health.def"
	return false;
}

/* Which device, is not known when its number is damaged: it counts for the address in front. */
static void
wire_anomaly(void *arg, const struct anomaly *a)
{
	struct wire *d = arg;
	struct asset *x = a->flow != NULL && is_damage(a->id) ? asset_of(a->flow, flow_server(a->flow)) : NULL;

	struct wire_flow *f = x != NULL ? wire_flow_of(d, a->flow) : NULL;

	if (x != NULL)
		((struct vitals *)asset_slot(x, d->of_device))->bad[HEALTH_DAMAGED]++;
	if (f != NULL && a->from_end == flow_server(a->flow))
		f->damaged++;
}

static bool
is_silence(unsigned type)
{
#define HEALTH_SILENCE(alert_) if (type == ALERT_##alert_) return true;
#include "record/health.def"
	return false;
}

static void
silent(struct wire *d, const struct finding *f)
{
	const struct asset_ends *ends = f->op != NULL ? asset_ends(d->h.env.ends) : NULL;
	struct asset *x = ends != NULL ? ends->server : assets_find(d->h.env.assets, &f->dst, 0);

	if (f->type != ALERT_DISCONNECTED && ends != NULL && ends->unit != NULL)
		((struct unit_vitals *)asset_slot(ends->unit, d->h.of_unit))->v.silent_ns = f->ts_ns;
	else if (x != NULL)
		((struct vitals *)asset_slot(x, d->of_device))->silent_ns = f->ts_ns;
}

static void
wire_finding(void *arg, const struct finding *f)
{
	static const uint8_t reported[] = {
#define HEALTH_REPORTED(alert_, figure) [ALERT_##alert_] = HEALTH_##figure,
#include "record/health.def"
	};
	struct wire *d = arg;
	struct asset *x;

	if (is_silence(f->type))
		silent(d, f);
	if ((size_t)f->type >= COUNTOF(reported) || reported[f->type] == 0 || f->stage == FINDING_OUTCOME)
		return;
	x = f->op != NULL ? asset_ends(d->h.env.ends)->server : assets_find(d->h.env.assets, &f->dst, 0);
	if (x != NULL)
		((struct vitals *)asset_slot(x, d->of_device))->bad[reported[f->type]]++;
}

static void
wire_flow_end(void *arg, struct flow *f, enum flow_end_reason why)
{
	struct wire *d = arg;
	struct asset *x = f->protocol != NULL && f->proto == IP_TCP && f->transactions > 0 ? asset_of(f, flow_server(f)) : NULL;

	/* One that goes on for as long as the sensor looks is none that is made again and again. */
	if (x != NULL && why == FLOW_END_CLOSED)
		((struct vitals *)asset_slot(x, d->of_device))->bad[HEALTH_CONNECTS]++;
}

static void
wire_tick(void *arg, uint64_t now_ns)
{
	struct wire *d = arg;

	if (now_ns < d->hour_end_ns && d->hour_end_ns - now_ns <= HOUR_NS)
		return;
	if (d->hour_end_ns == 0)
		wire_give(d, now_ns);
	else
		wire_close_hours(d, d->hour_end_ns, false);
	d->hour_end_ns = (now_ns / HOUR_NS + 1) * HOUR_NS;
}

static void
wire_finish(void *arg, uint64_t now_ns)
{
	struct wire *d = arg;

	if (d->hour_end_ns != 0)
		wire_close_hours(d, now_ns, true);
}

static size_t
wire_memory(const void *arg)
{
	const struct wire *d = arg;

	return health_memory(d) + pool_memory(&d->norms) + d->kept_max * sizeof(*d->kept);
}

const struct detector detector_wire = {
	.name = "wire",
	.open = wire_open,
	.finished = wire_finished,
	.anomaly = wire_anomaly,
	.finding = wire_finding,
	.flow_end = wire_flow_end,
	.tick = wire_tick,
	.finish = wire_finish,
	.idle = health_idle,
	.memory = wire_memory,
	.close = wire_close,
};
