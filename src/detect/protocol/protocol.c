/* protocol.c - what breaks a specification, what devices refuse, and addresses
 * that cannot be.
 *
 * Dissectors report every oddity as an anomaly.  Which of them is worth an alert,
 * and when, stands here.  Where bytes were lost the sensor is blind, not the
 * device wrong: such flows are not judged by their form.
 */
#include "detect/protocol/protocol.h"

#include <stdlib.h>

#include "detect/emit.h"
#include "detect/slots.h"

struct session {
	struct slot		head;
	struct rate_count	malformed, unsolicited;
	uint64_t		operation;	/* whose message was counted last; 0 none */
	struct steady_things	wrong;		/* what was reported of it */
};

struct conformance {
	struct detect_env		 env;
	const struct detect_settings	*s;
	struct slots			 sessions;	/* by flow and end */
	uint32_t			 of_unit;	/* slot: struct steady_things, what it refuses */
};

/* What an anomaly means. */
enum meaning { NOTHING, COUNT_MALFORMED, COUNT_UNSOLICITED, REPORT_AT_ONCE };

static const struct judgement {
	uint8_t		meaning;	/* enum meaning */
	uint8_t		type;		/* REPORT_AT_ONCE: enum alert_type */
} judgements[ANOMALY_COUNT] = {
#define MALFORMED(id) [ANOM_##id] = { COUNT_MALFORMED, ALERT_MALFORMED },
#define UNSOLICITED(id) [ANOM_##id] = { COUNT_UNSOLICITED, ALERT_UNSOLICITED },
#define AT_ONCE(id, alert) [ANOM_##id] = { REPORT_AT_ONCE, ALERT_##alert },
#include "detect/protocol/anomalies.def"
};

static void *
protocol_open(const struct detect_env *env, struct err *e)
{
	struct conformance *d = calloc(1, sizeof(*d));

	if (d == NULL || slots_open(&d->sessions, &(struct slots_want){ .n = env->settings->detect.devices,
	    .size = sizeof(struct session), .secret = env->key, .counters = env->counters,
	    .evicted = CNT_DETECT_DEVICES }) != 0) {
		err_add(e, NULL, 0, 0, "no memory for the detector of protocols: lower detect.devices");
		free(d);
		return NULL;
	}
	d->env = *env;
	d->s = &env->settings->detect;
	if (d->s->protocol)
		d->of_unit = assets_slot(env->assets, ASSET_UNIT, sizeof(struct steady_things));
	return d;
}

static bool
whole(const struct flow *f)
{
	return f->gaps[0] == 0 && f->gaps[1] == 0 && f->packets[0] > 0 && f->packets[1] > 0 &&
	    (!f->midstream || f->last_ns - f->first_ns > 10 * SECOND);
}

static bool
is_news(struct conformance *d, struct session *s, const struct anomaly *a)
{
	const struct steady_times t = steady_times(&d->env);

	return steady_thing_news(&s->wrong, hash_mix(d->env.key, (uint64_t)a->id + 1), a->ts_ns, &t);
}

static void
count_one(struct conformance *d, const struct anomaly *a, bool unsolicited)
{
	const struct rate_settings *r = unsolicited ? &d->s->unsolicited : &d->s->malformed;
	struct session *s;
	struct rate_count *counted;
	uint32_t n;

	if (a->flow == NULL || (unsolicited && !whole(a->flow)) || a->flow->gaps[0] + a->flow->gaps[1] > 0)
		return;
	s = slots_get(&d->sessions, a->flow->id * 2 + (a->from_end & 1u), a->ts_ns);
	s->head.proven |= a->flow->payload[0] > 0 && a->flow->payload[1] > 0;
	/* One message, however much is wrong with it. */
	if (!unsolicited && a->operation != 0 && a->operation == s->operation)
		return;
	s->operation = unsolicited ? s->operation : a->operation;
	counted = unsolicited ? &s->unsolicited : &s->malformed;
	n = rate_add(counted, a->ts_ns, r->within_s);
	if (n >= r->n && !is_news(d, s, a)) {
		/* A stack that builds one of its messages wrongly goes on for years. */
		rate_clear(counted);
	} else if (n >= r->n) {
		struct finding f = finding_from_anomaly(unsolicited ? ALERT_UNSOLICITED : ALERT_MALFORMED, a);

		f.key = a->flow->id;
		finding_add_rate(&f, n, r);
		emit(&d->env, &f);
		rate_clear(counted);
	}
}

static void
protocol_anomaly(void *arg, const struct anomaly *a)
{
	struct conformance *d = arg;
	const struct judgement *j = &judgements[a->id];
	struct finding f;

	/* The header of a response is the outstation's; masters err elsewhere. */
	if (a->id == ANOM_DNP3_CONTROL) {
		if (a->flow == NULL || (a->from_end & 1u) != flow_server(a->flow))
			return;
		f = finding_from_anomaly(ALERT_DNP3_FORMAT, a);
		emit(&d->env, &f);
		return;
	}
	if (j->meaning == COUNT_MALFORMED || j->meaning == COUNT_UNSOLICITED)
		count_one(d, a, j->meaning == COUNT_UNSOLICITED);
	else if (j->meaning == REPORT_AT_ONCE) {
		f = finding_from_anomaly((enum alert_type)j->type, a);
		emit(&d->env, &f);
	}
}

/* ---- what devices refuse ---------------------------------------------------- */

static void
refused(struct conformance *d, enum alert_type type, const struct operation *op)
{
	struct finding f = finding_from_operation(&d->env, type, op, true);
	struct asset_unit *unit = asset_ends(d->env.ends)->unit;
	const struct steady_times t = steady_times(&d->env);

	f.key ^= hash_bytes(d->env.key ^ op->subfunction, &op->function, sizeof(op->function));
	/* A master with a wrong list of points goes on for years. */
	if (unit != NULL && !steady_thing_news(asset_slot(unit, d->of_unit),
	    hash_bytes(f.key ^ (uint64_t)type, &f.dst, sizeof(f.dst)), f.ts_ns, &t))
		return;
	finding_add_number(&f, "code_exception", op->exception);
	emit(&d->env, &f);
}

/* Which alert tells of a refusal, by the bits of enum op_refusal: protocols have types
 * of their own, with what to check there.  0: none. */
static const uint8_t refusals[OP_PROTO_COUNT][OP_REFUSALS] = {
	[OP_MODBUS] = { ALERT_MB_EXC_FUNCTION, ALERT_MB_EXC_ADDRESS, ALERT_MB_EXC_VALUE, ALERT_MB_EXCEPTION,
	    ALERT_DEVICE_SLOW_BUSY, ALERT_MB_EXCEPTION },
	[OP_DNP3] = { ALERT_DNP3_NO_FUNC, ALERT_DNP3_NO_OBJECT, ALERT_DNP3_PARAMETER },
};

static void
refusals_of(struct conformance *d, const struct operation *op)
{
	for (unsigned bit = 0; bit < OP_REFUSALS; bit++)
		if ((op->refused >> bit & 1u) != 0 && refusals[op->proto][bit] != 0)
			refused(d, (enum alert_type)refusals[op->proto][bit], op);
}

static bool
has_anomaly(const struct operation *op, enum anomaly_id id)
{
	for (uint32_t i = 0; i < op->n_anomalies && i < OP_ANOMALIES; i++)
		if (op->anomalies[i].id == id)
			return true;
	return false;
}

/* Functions that the specification does not have, or keeps for others. */
static void
reserved(struct conformance *d, const struct operation *op)
{
	bool unknown = has_anomaly(op, ANOM_MB_FUNCTION);
	struct finding f;

	/* What a vendor's tools use every day is judged by what it does. */
	if (!unknown && (op->vendor || !has_anomaly(op, ANOM_MB_RESERVED)))
		return;
	f = finding_from_operation(&d->env, unknown && op->function == 0 ? ALERT_MB_ZERO : ALERT_RESERVED_FUNC, op, false);
	f.key ^= op->function;
	emit(&d->env, &f);
}

static void
too_long(struct conformance *d, const struct operation *op, bool answer)
{
	struct finding f = finding_from_operation(&d->env, ALERT_LENGTH, op, answer);

	finding_add_number(&f, "bytes", answer ? op->response.len : op->request.len);
	finding_add_number(&f, "limit", d->s->message_bytes);
	emit(&d->env, &f);
}

static void
protocol_operation(void *arg, const struct operation *op)
{
	struct conformance *d = arg;

	/* A request is as long as it was when it came; what is kept of it may be less. */
	if (op->phase == OP_REQUESTED) {
		if (op->request.len > d->s->message_bytes)
			too_long(d, op, false);
		return;
	}
	if (op->phase != OP_FINISHED)
		return;
	if (op->response.len > d->s->message_bytes)
		too_long(d, op, true);
	if (op->refused != 0)
		refusals_of(d, op);
	if (op->n_anomalies > 0)
		reserved(d, op);
	if (op->wants_confirm && op->request.seen) {
		struct finding f = finding_from_operation(&d->env, ALERT_DNP3_CONFIRM, op, false);

		emit(&d->env, &f);
	}
}

/* ---- addresses and ports that cannot be --------------------------------------- */

/* Nearly every packet: between hosts of IPv4 that can be, no loopback, and ports (or what
 * has none: port 0 is looked at again). */
static inline bool
ordinary(const struct packet *p)
{
	const uint8_t s = p->src.b[12], t = p->dst.b[12];

	return p->ip_v == 4 && s - 1u < 223 && s != 127 && t != 0 && t != 127 && p->sport != 0 && p->dport != 0;
}

static const char *
impossible(const struct packet *p)
{
	const uint8_t *s = p->src.b + 12, *t = p->dst.b + 12;

	if (p->ip_v != 4)
		return p->src.b[0] == 0xff ? "a group address cannot send" : NULL;
	if ((s[0] == 127) != (t[0] == 127))
		return "addresses of 127.0.0.0/8 never leave a host";
	if (s[0] >= 224)
		return s[0] >= 240 ? "the sender's address is reserved" : "a group address cannot send";
	/* 0.0.0.0 asks for an address, and speaks to groups. */
	if (s[0] == 0 && t[0] < 224)
		return "the sender has no address";
	if (t[0] == 0)
		return "nobody has this address";
	return NULL;
}

static __attribute__((noinline)) void
bogon_packet(struct conformance *d, const struct packet *p, struct flow *flow, enum flow_dir dir)
{
	const char *why;

	if ((p->sport == 0 || p->dport == 0) && (p->proto == IP_TCP || p->proto == IP_UDP)) {
		struct finding f = finding_from_packet(ALERT_PORT_ZERO, p, flow, dir);

		emit(&d->env, &f);
	}
	why = impossible(p);
	if (why != NULL) {
		struct finding f = finding_from_packet(ALERT_IP_ILLEGAL, p, flow, dir);

		f.what = why;
		emit(&d->env, &f);
	}
}

static void
protocol_packet(void *arg, const struct packet *p, struct flow *flow, enum flow_dir dir)
{
	if (!ordinary(p) && p->ip_v != 0)
		bogon_packet(arg, p, flow, dir);
}

static bool
protocol_idle(const void *arg)
{
	const struct conformance *d = arg;

	return !d->s->protocol;
}

static size_t
protocol_memory(const void *arg)
{
	const struct conformance *d = arg;

	return sizeof(*d) + slots_memory(&d->sessions);
}

static void
protocol_close(void *arg)
{
	struct conformance *d = arg;

	if (d != NULL)
		slots_close(&d->sessions);
	free(d);
}

const struct detector detector_protocol = {
	.name = "protocol",
	.open = protocol_open,
	.packet = protocol_packet,
	.segment = protocol_packet,
	.operation = protocol_operation,
	.anomaly = protocol_anomaly,
	.idle = protocol_idle,
	.memory = protocol_memory,
	.close = protocol_close,
};
