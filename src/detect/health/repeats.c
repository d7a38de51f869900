/* repeats.c - what happens to a device too often: stops, restarts, refusals; and refusals
 * that count at once: a login, and a failure of a device that worked. */
#include "detect/health/health.h"

#include <stdlib.h>

#include "detect/emit.h"

/* Of a unit. */
struct often {
	struct rate_count	refusals, stops, restarts, reports_off;
	struct steady		refusing;
};

static void *
repeats_open(const struct detect_env *env, struct err *e)
{
	(void)e;
	return health_open(env, sizeof(struct health), sizeof(struct often));
}

static void
once_more(struct health *d, enum alert_type type, const struct operation *op, bool from_server,
    struct rate_count *count, const struct rate_settings *r)
{
	health_once_more(d, type, op, from_server, op->request.seen ? op->request.ts_ns : op->response.ts_ns,
	    count, r);
}

/* A steady device refuses as many each hour. */
static void
too_many(struct health *d, struct often *x, const struct operation *op)
{
	const struct rate_settings *r = &d->s->exceptions;
	const struct steady_times t = steady_times(&d->env);
	uint64_t at = op->request.seen ? op->request.ts_ns : op->response.ts_ns;
	uint32_t n = rate_add(&x->refusals, at, r->within_s);
	struct finding f;

	if (n < r->n || !steady_news(&x->refusing, n, at, &t))
		return;
	f = finding_from_operation(&d->env, ALERT_EXCEPTIONS_MANY, op, true);
	finding_add_rate(&f, n, r);
	emit(&d->env, &f);
}

static void
refused(struct health *d, const struct asset_unit *unit, struct often *x, const struct operation *op)
{
	struct finding f;

	/* Of a device that works; of one that never did, it says only that nobody is there. */
	if ((op->refused & OP_REFUSED_FAILURE) != 0 && unit->obeyed) {
		f = finding_from_operation(&d->env, ALERT_DEVICE_FAILURE, op, true);
		emit(&d->env, &f);
	}
	too_many(d, x, op);
}

static void
login(struct health *d, const struct operation *op)
{
	struct finding f = finding_from_operation(&d->env, ALERT_AUTH_ERROR, op, false);

	f.what = op->login_refused;
	emit(&d->env, &f);
}

static void
repeats_operation(void *arg, const struct operation *op)
{
	struct health *d = arg;
	struct asset_unit *unit = asset_ends(d->env.ends)->unit;
	struct often *x;

	if (unit == NULL)
		return;
	x = asset_slot(unit, d->of_unit);
	/* Each once: when it is asked for, or when its answer is all there is of it. */
	if (op->phase == OP_REQUESTED || !op->request.seen) {
		if (op->command == CMD_STOP)
			once_more(d, ALERT_STOPS_MANY, op, false, &x->stops, &d->s->stops);
		else if (op->command == CMD_RESTART)
			once_more(d, ALERT_RESTARTS_MANY, op, false, &x->restarts, &d->s->restart_commands);
		else if (op->command == CMD_UNSOLICITED_OFF)
			once_more(d, ALERT_REPORTS_OFF_MANY, op, false, &x->reports_off, &d->s->reports_off);
	}
	if (op->phase != OP_FINISHED)
		return;
	if (op->outcome == OUTCOME_EXCEPTION)
		refused(d, unit, x, op);
	if (op->login_refused != NULL)
		login(d, op);
}

const struct detector detector_repeats = {
	.name = "repeats",
	.open = repeats_open,
	.operation = repeats_operation,
	.of = DETECT_OF_COMMAND | DETECT_OF_REFUSED,
	.idle = health_idle,
	.memory = health_memory,
	.close = free,
};
