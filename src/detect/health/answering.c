/* answering.c - does a device answer?
 *
 * A unit that takes every request and answers none is unresponsive; an address that once
 * answered and no longer does, whatever is tried, is disconnected.
 */
#include "detect/health/health.h"

#include <stdlib.h>

#include "detect/emit.h"

#define BURST_NS	(5 * SECOND)	/* many attempts within less say nothing of the device */

/* Of a unit, and of an address with all its units. */
struct answers {
	bool		used;		/* an operation with it was seen */
	bool		answered;	/* it once did */
	bool		reported;		/* its silence was reported */
	uint32_t	silent;		/* requests in a row without an answer */
	uint64_t	silent_ns;	/* the first of them */
	uint64_t	heard_ns;	/* its last sign of life */
};

struct answering {
	struct health			 h;
	const struct rate_settings	*unresponsive, *disconnected;
	uint32_t			 of_device;	/* slot: struct answers, as that of a unit */
};

static void *
answering_open(const struct detect_env *env, struct err *e)
{
	struct answering *d = health_open(env, sizeof(*d), sizeof(struct answers));

	(void)e;
	if (d == NULL)
		return NULL;
	d->unresponsive = &d->h.s->unanswered;
	d->disconnected = &d->h.s->disconnected;
	if (!d->h.off)
		d->of_device = assets_slot(env->assets, ASSET_DEVICE, sizeof(struct answers));
	return d;
}

static bool
behind_gateway(const struct operation *op)
{
	return protocols[op->proto]->unit.gateway;
}

static void
heard(struct answers *x, uint64_t ts_ns)
{
	x->silent = 0;
	if (ts_ns > x->heard_ns)
		x->heard_ns = ts_ns;
}

static void
answered(struct answers *x, uint64_t ts_ns)
{
	x->answered = true;
	x->reported = false;
	heard(x, ts_ns);
}

/* That a request had no answer is known late, often when its session ends: it says
 * nothing of a device that gave a sign of life since. */
static uint32_t
unanswered(struct answers *x, uint64_t ts_ns, const struct rate_settings *r)
{
	if (ts_ns <= x->heard_ns)
		return 0;
	if (x->silent == 0 || ts_ns - x->silent_ns > r->within_s * SECOND) {
		x->silent = 0;
		x->silent_ns = ts_ns;
	}
	return ++x->silent;
}

static void
report(struct answering *d, enum alert_type type, const struct operation *op, struct answers *x,
    const struct rate_settings *r)
{
	struct finding f = finding_from_operation(&d->h.env, type, op, false);

	x->reported = true;
	finding_add_rate(&f, x->silent, r);
	emit(&d->h.env, &f);
}

/* Judged unit by unit, so that a new connection does not make it begin anew. */
static void
unit_silent(struct answering *d, const struct operation *op, struct answers *unit)
{
	bool gateway = behind_gateway(op);

	/* A gateway speaks for others.  Elsewhere whoever still
	 * sends is not silent, even if nothing of it is an answer: somebody may have changed
	 * it on its way.  Where packets are missing, the answer may be among them. */
	if (!gateway) {
		const struct flow *f = op->flow;
		unsigned server = flow_server(f);

		if (f->spoke_ns[server] > op->request.ts_ns) {
			unit->silent = 0;
			return;
		}
		if (f->gaps[0] + f->gaps[1] > 0 || f->heard_ns[server] <= op->request.ts_ns)
			return;
	}
	if (unanswered(unit, op->request.ts_ns, d->unresponsive) >= d->unresponsive->n && !unit->reported)
		report(d, gateway ? ALERT_MB_SILENT : ALERT_DEVICE_SILENT, op, unit, d->unresponsive);
}

/* Does an attempt more make the device a disconnected one? */
static bool
host_silent(const struct answering *d, struct answers *host, uint64_t ts_ns)
{
	return unanswered(host, ts_ns, d->disconnected) >= d->disconnected->n && host->answered && !host->reported &&
	    ts_ns - host->silent_ns >= BURST_NS;
}

static void
answering_finished(void *arg, const struct operation *op)
{
	struct answering *d = arg;
	struct answers *host, *unit;
	uint64_t sent_ns;

	if (op->flow == NULL)
		return;
	host = asset_slot(asset_ends(d->h.env.ends)->server, d->of_device);
	unit = asset_slot(asset_ends(d->h.env.ends)->unit, d->h.of_unit);
	host->used = true;
	if (op->response.seen) {
		/* That a session is taken is no answer: a program that hangs above its network does so
		 * at each reconnect. */
		if (op->intent != INTENT_SESSION || behind_gateway(op))
			answered(unit, op->request.ts_ns);	/* a unit is judged request by request */
		answered(host, op->response.ts_ns);
		return;
	}
	/* Whoever still sends is there, even if nothing that it sends is an answer: somebody
	 * may have changed it on its way. */
	sent_ns = op->flow->heard_ns[flow_server(op->flow)];
	if (sent_ns > op->request.ts_ns)
		heard(host, sent_ns);
	if (op->outcome != OUTCOME_UNANSWERED || op->broadcast || !flow_two_sided(op->flow) || cut_short(&d->h.env, op))
		return;
	unit_silent(d, op, unit);
	if (host_silent(d, host, op->request.ts_ns))
		report(d, ALERT_DISCONNECTED, op, host, d->disconnected);
}

static struct answers *
host_of(const struct answering *d, struct asset *x)
{
	struct answers *host = x != NULL ? asset_slot(x, d->of_device) : NULL;

	return host != NULL && host->used ? host : NULL;
}

/* Attempts to connect count, too. */
static void
answering_packet(void *arg, const struct packet *p, struct flow *flow, enum flow_dir dir)
{
	struct answering *d = arg;
	struct answers *host;
	struct finding f;

	if (p->proto != IP_TCP || p->ip_v == 0 || (p->tcp_flags & (TCP_SYN | TCP_RST)) == 0)
		return;
	if (p->tcp_flags != TCP_SYN) {
		/* Taken or refused: it is there.  A session can be cut by others. */
		if ((p->tcp_flags & TCP_RST) != 0 && flow != NULL && flow->heard_ns[dir] != 0)
			return;
		host = host_of(d, assets_sender(d->h.env.assets, p, flow, dir));
		if (host != NULL)
			heard(host, p->ts_ns);
		return;
	}
	host = host_of(d, assets_receiver(d->h.env.assets, p, flow, dir));
	if (host == NULL || !host->answered || !host_silent(d, host, p->ts_ns))
		return;
	host->reported = true;
	f = finding_from_packet(ALERT_DISCONNECTED, p, flow, dir);
	finding_add_rate(&f, host->silent, d->disconnected);
	emit(&d->h.env, &f);
}

const struct detector detector_answering = {
	.name = "answering",
	.open = answering_open,
	.packet = answering_packet,
	.finished = answering_finished,
	.idle = health_idle,
	.memory = health_memory,
	.close = free,
};
