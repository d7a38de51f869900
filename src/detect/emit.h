/* emit.h - findings of the built-in detectors: made of what they saw, and handed on. */
#ifndef DETECT_EMIT_H
#define DETECT_EMIT_H

#include "base/hash.h"
#include "detect/detector.h"
#include "detect/slots.h"

#define SECOND 1000000000ull

/* Which device was spoken to: findings about it are alike. */
static inline uint64_t
device_key(const struct detect_env *env, const struct operation *op)
{
	const uint64_t parts[2] = { op->unit, (uint64_t)op->proto };
	uint64_t key = hash_bytes(env->key, parts, sizeof(parts));

	/* Without addresses the device is its MAC. */
	if (op->flow == NULL && op->ends != NULL && !op->ends->has_addr)
		key = hash_bytes(key, op->ends->mac[OP_SERVER], sizeof(op->ends->mac[OP_SERVER]));
	return key;
}

/* A finding about an operation: from the client to the server, or back. */
static inline struct finding
finding_from_operation(const struct detect_env *env, enum alert_type type, const struct operation *op,
    bool from_server)
{
	const struct op_side *at = op->response.seen ? &op->response : &op->request;
	const struct op_ends ends = op_ends_of(op);
	unsigned src = from_server ? OP_SERVER : OP_CLIENT;

	return (struct finding){ .type = type, .ts_ns = at->ts_ns, .frame = at->frame,
	    .source = ends.source, .tx = op->id, .src = ends.addr[src], .dst = ends.addr[src ^ 1u],
	    .sport = ends.port[src], .dport = ends.port[src ^ 1u], .proto = ends.ip_proto,
	    .flow = op->flow, .op = op, .to_client = from_server, .in_response = from_server, .key = device_key(env, op) };
}

/* The request has no answer only because the run ends before its time is over. */
static inline bool
cut_short(const struct detect_env *env, const struct operation *op)
{
	return env->now_ns != NULL && op->flow != NULL && op->flow->shutdown && (*env->now_ns < op->request.ts_ns ||
	    *env->now_ns - op->request.ts_ns < env->settings->dissect.answer_timeout_ms * 1000000u);
}

/* Of a finding that is made in both phases of an operation. */
static inline enum finding_stage
stage_of(const struct operation *op)
{
	return op->phase == OP_REQUESTED ? FINDING_ASKED : op->request.seen ? FINDING_OUTCOME : FINDING_WHOLE;
}

static inline struct finding
finding_from_anomaly(enum alert_type type, const struct anomaly *a)
{
	struct finding f = { .type = type, .ts_ns = a->ts_ns, .frame = a->frame, .source = a->source,
	    .tx = a->operation, .packet = a->packet, .anomaly = a, .key = a->id };
	unsigned src = a->from_end & 1u;

	if (a->flow != NULL) {
		f.flow = a->flow;
		f.src = a->flow->addr[src];
		f.dst = a->flow->addr[src ^ 1u];
		f.sport = a->flow->port[src];
		f.dport = a->flow->port[src ^ 1u];
		f.proto = a->flow->proto;
		f.to_client = src == flow_server(a->flow);
	} else if (a->packet != NULL) {
		f.src = a->packet->src;
		f.dst = a->packet->dst;
		f.sport = a->packet->sport;
		f.dport = a->packet->dport;
		f.proto = a->packet->ip_v != 0 ? a->packet->proto : 0;
	}
	return f;
}

static inline struct finding
finding_from_packet(enum alert_type type, const struct packet *p, struct flow *flow, enum flow_dir dir)
{
	return (struct finding){ .type = type, .ts_ns = p->ts_ns, .frame = p->frame,
	    .source = p->source, .src = p->ip_v != 0 ? p->src : p->arp_src,
	    .dst = p->ip_v != 0 ? p->dst : p->arp_dst, .sport = p->sport, .dport = p->dport,
	    .proto = p->ip_v != 0 ? p->proto : 0, .flow = flow, .packet = p,
	    .to_client = flow != NULL && (unsigned)dir == flow_server(flow) };
}

static inline void
finding_add_number(struct finding *f, const char *name, uint64_t value)
{
	if (f->n_numbers < FINDING_NUMBERS)
		f->numbers[f->n_numbers++] = (struct finding_number){ name, (int64_t)value };
}

/* "21 within 1 hour; 20 is the limit" */
static inline void
finding_add_rate(struct finding *f, uint64_t n, const struct rate_settings *r)
{
	finding_add_number(f, "count", n);
	finding_add_number(f, "limit", r->n);
	finding_add_number(f, "window_s", r->within_s);
}

/* What goes on is reported while its alert is open, and once its first hour shows how much it is. */
#define STEADY_SETTLES_S	3600u
static inline struct steady_times
steady_times(const struct detect_env *env)
{
	return (struct steady_times){ .open_s = env->settings->alert.merge_s, .settle_s = STEADY_SETTLES_S,
	    .forget_s = env->settings->detect.known_forget_s };
}

static inline void
emit(const struct detect_env *env, const struct finding *f)
{
	env->sink.finding(env->sink.arg, f);
}

#endif
